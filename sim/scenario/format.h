/*
 * The canonical layout of a scenario file: what "dcsim fmt" prints.
 *
 * Each statement is its canonical text (canonical.h), as written: parameters
 * are not filled in, so that neither a key nor the hash of the scenario
 * changes. Around it:
 *
 * - Statements between "repeat" and its "end" are indented by four blanks a level.
 * - Of adjacent "at" and "+" lines the actions begin in one column, and so do
 *   the comments of adjacent lines that each have one.
 * - Comments keep their place: on a line of their own, indented like the
 *   statements around them, or two blanks behind their statement.
 * - Runs of empty lines become one, and none stands at the start or the end.
 * - A statement is one line; over 100 columns, it goes on after a backslash in
 *   the next one, four blanks further in.
 * - Golden lines of a "show", whose first character is '|', stay as they are.
 * - No byte order mark, CR, tab, or blank at the end of a line; a line feed at
 *   the end of the file.
 *
 * All of this depends on the tokens and comments alone, not on how they were
 * laid out before: formatting twice changes nothing.
 */
#ifndef DC_SIM_SCENARIO_FORMAT_H
#define DC_SIM_SCENARIO_FORMAT_H

#include <stdio.h>

#include "sim/scenario/diag.h"

/*
 * Prints the first file of @diags to @out. Only its tokens need to be sound,
 * and golden lines to stand behind a "show": words that no statement begins with, parameters that
 * no one declares and nodes that do not exist are none of a layout's business, and a file for
 * "include" is one like any other.
 *
 * Returns 0, or -1 when there is an error; all of them are then in @diags,
 * and nothing was printed.
 */
int format_scenario(FILE *out, struct diags *diags);

#endif
