/*
 * Commands and options as other programs call them, and what ours are called: one table,
 * asked about what the command line does not know.
 */
#ifndef DC_SIM_CMD_FOREIGN_H
#define DC_SIM_CMD_FOREIGN_H

#include <stdbool.h>

#include "sim/cmd_options.h"

/* argv[1] is the command of another program, and no file: says what to write. Else false. */
bool cmd_foreign_command(int argc, char **argv);

/*
 * @typed is "--name" or "--name=value", and no option of @command; @next is the argument
 * after it, or NULL. Says what to write, if the table has it. Else false.
 */
bool cmd_foreign_option(enum cmd_command command, const char *typed, const char *next);

/* "; write: --until 60s", for a time without unit; "" if it is not that. Returns @ret. */
const char *cmd_foreign_time(const char *option, const char *value, char ret[static 64]);

#endif
