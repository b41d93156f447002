/*
 * The numbers of a statement: where they stand, and what else they might be.
 */
#ifndef DC_SIM_SHRINK_NUMBERS_H
#define DC_SIM_SHRINK_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/scenario/value.h"

/* What happens all the time is no simpler than what happens now and then. */
#define NUMBERS_EVERY_LEAST_NS UINT64_C(10000000)

struct number {
    size_t at, len; /* in the line, unit included */
    struct value value;
};

/* The first one from @from on. Those in quotes and in names, but for the 5 of "x5", are none. */
bool number_find(const char *line, size_t from, struct number *ret);

/* Would "every" come too often with @value in the place of @number? */
bool numbers_too_often(const char *line, const struct number *number, struct value value);

/*
 * Amounts of 0 that say nothing: "for 0s", "loss 0%", "x0". The times at which something
 * happens are none of them, nor is what a claim or a "fix" says.
 */
size_t numbers_idle(const char *line);

#define NUMBERS_SIMPLER 12u
#define NUMBERS_OTHER 12u

/* Rounder and smaller ones, the smallest first. Returns how many. */
size_t numbers_simpler(struct value value, struct value ret[static NUMBERS_SIMPLER]);

/* Larger and smaller ones, and shares that leave nothing to chance. Returns how many. */
size_t numbers_other(struct value value, struct value ret[static NUMBERS_OTHER]);

#endif
