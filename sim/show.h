/*
 * What "show" looks at, as lines of text: the same whenever the run is, and
 * short enough to stand in a scenario file as golden text.
 *
 *   values  groups of nodes that hold the same: which, their value, the entries
 *   net     where messages are, and what took those that were lost; each fault
 *           or rule that met some or is in force, in file order
 *   checks  how often each built-in check was asked, and what the oracle allows
 */
#ifndef DC_SIM_SHOW_H
#define DC_SIM_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

struct finding;
struct run;

/* Groups of states that are listed; entries of one. */
#define SHOW_GROUPS_MAX 20u
#define SHOW_ENTRIES_MAX 16u
/* Lines of each side of a difference. */
#define SHOW_LINES_MAX 20u

/* Given the text that a show statement comes to; for -v and --rewrite. */
struct show_sink {
    /* @text: lines, each with its end; borrowed. */
    void (*shown)(void *ctx, uint32_t stmt, const char *text);
    void *ctx;
};

/* The text now; the caller frees. */
char *show_text(const struct run *run, enum scn_show_what what);

/*
 * Is @text what the golden lines of @show say? If not, *ret_pos is the line of
 * the file that differs (line 0: the first that is missing comes after all) and
 * *ret what was expected and found.
 */
bool show_matches(const struct scn_show *show, const char *text, struct scn_pos *ret_pos,
                  struct finding *ret);

/*
 * The lines in which both differ, with the same behind and before them left out:
 *
 *     expected  | n1..n3  6
 *     found     | n1..n3  5  n1 +5
 */
void show_print_difference(FILE *out, const struct scn_show *show, const char *text);

#endif
