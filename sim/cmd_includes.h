/*
 * The files of a scenario, from disk: the one that was named, and those it
 * includes, which lie in its folder or below and are read once.
 */
#ifndef DC_SIM_CMD_INCLUDES_H
#define DC_SIM_CMD_INCLUDES_H

#include "sim/scenario/scenario.h"

struct cmd_includes;

/* Reads @name, which is borrowed. NULL with a reason when that cannot be done. */
struct cmd_includes *cmd_includes_new(const char *name, char reterr[static SCN_LOAD_PROBLEM_MAX]);
/* Likewise, with a copy of @text in the place of what would be read. */
struct cmd_includes *cmd_includes_of_text(const char *name, const char *text, size_t len);
void cmd_includes_release(struct cmd_includes *files);

/* The file that was named. */
const struct diag_source *cmd_includes_main(const struct cmd_includes *files);

/* What gives the parser the others. Valid as long as @files. */
struct scn_loader cmd_includes_loader(struct cmd_includes *files);

#endif
