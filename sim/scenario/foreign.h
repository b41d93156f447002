/*
 * What a person wrote in the words of another tool (tc-netem, Jepsen, toxiproxy, Chaos
 * Mesh, turmoil, ...) or of plain English, in those of this language. One table says
 * which words stand for which; it is asked only about statements that have an error.
 */
#ifndef DC_SIM_SCENARIO_FOREIGN_H
#define DC_SIM_SCENARIO_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/* Longer statements are nobody's habit. */
#define FOREIGN_BYTES_MAX 400u
#define FOREIGN_TEXT_MAX 1024u

struct foreign_help {
    char lines[FOREIGN_TEXT_MAX]; /* to be written instead; empty when there is nothing like it */
    char text[FOREIGN_TEXT_MAX];  /* for a message: "write: at 1s crash n1", and why */
};

/*
 * What to write in place of @len bytes at @text, one statement, with the values of the
 * text. Whether that has no error is for others to try. Returns false, with nothing
 * written, when no word of it is known to be foreign.
 */
bool foreign_help(const char *text, size_t len, struct foreign_help *ret);

/* A row of the table. */
struct foreign_row {
    /*
     * Words with a blank between them. V, W, X, Y: one word that begins like a value, or is
     * a parameter, and behind a sign if the row has it; M, N: one that begins like nodes; S, U:
     * any one; *: any words, also none. Other words fit in capitals, too. "~%" at the end of a
     * word of @to is a unit for a value that has none; "V!" is what is missing of V to 100 %;
     * "W-V" how much later the time W is, which has to be later. ";" begins a second statement.
     */
    const char *from;
    const char *to;
    const char *note; /* what else is to be said, or NULL */
};

/* Of whole statements; of actions, which stand after their time or without one; of rules. */
extern const struct foreign_row foreign_statements[];
extern const struct foreign_row foreign_actions[];
extern const struct foreign_row foreign_rules[];

#endif
