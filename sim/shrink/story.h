/*
 * A scenario as something to cut: its statements as text, in order, each in its
 * canonical form, with all that it includes, without comments and golden lines.
 * Whether a story is a scenario at all, only the parser knows.
 */
#ifndef DC_SIM_SHRINK_STORY_H
#define DC_SIM_SHRINK_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

struct story {
    char **lines; /* statements; the list and each of them are owned */
    size_t len, cap;
};

/*
 * That of @scn, which was parsed from @sources. Statements stand as they are
 * written, for on that their draws depend; a parameter has the value in force.
 * Seeds are left out.
 */
void story_of_scenario(struct story *ret, const struct scenario *scn, const struct diags *sources);

void story_copy(struct story *ret, const struct story *from);
void story_release(struct story *story);

void story_add(struct story *story, const char *text, size_t len);
void story_insert(struct story *story, size_t at, const char *text, size_t len);
void story_set(struct story *story, size_t at, const char *text, size_t len);
/* Lines @at to @at + @len - 1. */
void story_remove(struct story *story, size_t at, size_t len);

/* One statement a line: a scenario, if the parser takes it. */
void story_print(FILE *out, const struct story *story);

/* Statements, "scn 1" and pinned draws not among them. */
size_t story_statements(const struct story *story);

/* Draws that are pinned: "fix". */
size_t story_pins(const struct story *story);

/* Puts the statements into the order in which people read them: by kind, then by time. */
void story_order(struct story *story);

/* Is the first word of the line that one? */
bool line_is(const char *line, const char *word);

/* Is it a claim: expect, always, never, sometimes, or show, which is one about text? */
bool line_claims(const char *line);

/* Does @name stand in it as a word of its own? */
bool line_has_name(const char *line, const char *name, size_t len);

/* What a blank ends: words, some of which are several tokens. */
struct word {
    size_t at, len;
};

#define WORDS_MAX 64u

/* The words of a line, up to WORDS_MAX. Returns how many. */
size_t line_words(const char *line, struct word ret[static WORDS_MAX]);

/* How much there is to read. Of two stories that fail alike the cheaper one is the better. */
struct story_cost {
    uint64_t statements, bytes, digits; /* the last: the sum of all */
};

struct story_cost story_cost(const struct story *story);
bool story_cheaper(const struct story *a, const struct story *b);

#endif
