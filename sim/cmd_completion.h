/*
 * What makes a shell complete the words of dcsim, made of the tables of commands and
 * options (sim/cmd_options.h): commands, the options of each, values that are words out
 * of a list, and files, of which a command that takes scenarios gets those.
 */
#ifndef DC_SIM_CMD_COMPLETION_H
#define DC_SIM_CMD_COMPLETION_H

/*
 * Prints the script for @shell, which is one of the words of --completion, to stdout: what
 * lies in a folder of its completions, or is read by it at its start.
 */
void completion_print(const char *shell);

#endif
