/*
 * The words of the language with which something happens, all in one row, and which
 * of them a scenario uses: for tests that go through all of them.
 */
#ifndef DC_TESTS_LIB_WORDS_H
#define DC_TESTS_LIB_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/scenario/scenario.h"

#define WORDS_MAX 256u

/* Words that stand for one enum. */
struct word_list {
    const char *what;         /* "action", "disk" */
    const char *const *words; /* ends with NULL */
    const char *section;      /* of docs/dcsim-scenario.5.scd that explains them */
};

/* Ends with a .what of NULL. */
extern const struct word_list word_lists[];

struct words_used {
    bool of[WORDS_MAX]; /* by number: list by list, in the order of its words */
};

/* The number of the first word of the list that is called @what. */
size_t words_first(const char *what);

/* Adds what @scn has. */
void words_note(struct words_used *used, const struct scenario *scn);

#endif
