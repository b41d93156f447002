/*
 * Numbers and nodes as other tools and languages write them, in the form that scenarios
 * have: 1e3 is 1000, 2min is 2m, 1MB/s is 8mbit, .5% is 0.5%.
 */
#ifndef DC_SIM_SCENARIO_FOREIGN_VALUE_H
#define DC_SIM_SCENARIO_FOREIGN_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#define FOREIGN_VALUE_MAX 64u

/*
 * The value of @len bytes at @text in @ret, which has to be a form that scenarios do not
 * have. Returns false, with nothing written, when it is one that they have, or no number
 * at all. *ret_note becomes what has to be said about it ("tc's kbps is kilobytes ..."),
 * a text that lives for ever, or NULL.
 */
bool foreign_value(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX],
                   const char **ret_note);

/* Is it a unit, ours or of others, that could be glued to the number before it? */
bool foreign_is_unit(const char *text, size_t len);

/*
 * Likewise of a range: "10ms-20ms", "10..20ms" and "1e3..2e3". The unit of its end is also
 * that of a beginning without one, unless it only multiplies ("1..3k").
 */
bool foreign_range(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX],
                   const char **ret_note);

/* Likewise of nodes: "node1", "N1", "node-1,n2", "node1..node3". */
bool foreign_nodes(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX]);

/*
 * @len bytes at @text as a share when it is a bare number: "5" is 5%, and "0.1" is 10%, or
 * 0.1% when @percent, as in tc.
 */
bool foreign_share(const char *text, size_t len, bool percent, char ret[static FOREIGN_VALUE_MAX]);

/* How much later @to is than @from. False when they are no times, or it is not later. */
bool foreign_later(const char *from, const char *to, char ret[static FOREIGN_VALUE_MAX]);

/* "1%" is "99%". False when it is no share up to 100 %. */
bool foreign_complement(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX]);

#endif
