/*
 * dcsim run --rewrite: what the show statements of a scenario come to takes the
 * place of their golden lines, in every file they stand in.
 */
#ifndef DC_SIM_CMD_REWRITE_H
#define DC_SIM_CMD_REWRITE_H

#include "sim/run.h"

struct diags;

/* What each show came to in a run: hang rewrite_shows() into its options. */
struct rewrite {
    char **texts; /* by statement; owned; NULL: not shown */
    size_t len;
};

void rewrite_init(struct rewrite *rewrite, const struct scenario *scn);
void rewrite_release(struct rewrite *rewrite);
struct show_sink rewrite_shows(struct rewrite *rewrite);

/*
 * Writes the files of @sources that change, each at once, and names them on
 * @out. Returns 0, or -1 after a message.
 */
int rewrite_files(FILE *out, const struct rewrite *rewrite, const struct scenario *scn,
                  const struct diags *sources);

#endif
