/*
 * A set of sums that are possible: of amounts of which each may count or not. Kept
 * exactly, as spans of numbers a step apart, as long as these are few; beyond that
 * as one range with a step, which holds all that is possible and perhaps more.
 *
 * The step is the greatest common divisor of the amounts: every sum of the set is
 * the smallest one and a multiple of it.
 */
#ifndef DC_SIM_SUMS_H
#define DC_SIM_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/wide.h"

/* Spans that a set has before it becomes a range. */
#define SUMS_SPANS_MAX 256u
#define SUMS_TEXT_MAX 384u

/* All numbers from lo to hi that are a step apart. */
struct sums_span {
    i128 lo, hi;
};

struct sums {
    struct sums_span *spans; /* ascending, more than a step between them; owned */
    uint32_t len;            /* at least 1 */
    uint32_t spans_max;
    u128 step;  /* 0 for a single number */
    bool exact; /* else one range, of which each step may be possible or not */
};

/* The set of one number. */
void sums_init(struct sums *sums, uint32_t spans_max, i128 number);
void sums_copy(struct sums *sums, const struct sums *from);
void sums_release(struct sums *sums);

/* The set of all that lies between @least and @most, a @step apart from @least on. */
void sums_range(struct sums *sums, i128 least, i128 most, u128 step);

/* Every number of it and @by. */
void sums_shift(struct sums *sums, i128 by);

/* Without those above @most, which is not below the least. */
void sums_cap(struct sums *sums, i128 most);

/* @number becomes -@number. */
void sums_negate(struct sums *sums);

/* Every number of it and 0 to @count times @amount. */
void sums_add(struct sums *sums, u128 amount, u128 count);

/* Every number of it and every number of @other. */
void sums_join(struct sums *sums, const struct sums *other);

bool sums_has(const struct sums *sums, i128 number);
i128 sums_least(const struct sums *sums);
i128 sums_most(const struct sums *sums);

/* "28", "11 or 111", "1..111 in steps of 10"; "some of 1..70" when it is not exact. */
char *sums_text(char buf[static SUMS_TEXT_MAX], const struct sums *sums);

u128 sums_gcd(u128 a, u128 b);

#endif
