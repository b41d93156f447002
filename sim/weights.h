/*
 * The weighted sum of a state: each total times a fixed odd number of (id,
 * side), modulo 2^64. What a single half adds is known from how much it rose, so
 * the sum is kept up at the cost of what changed; and over a whole state it
 * takes one multiplication a half, which is a tenth of a fingerprint. It tells
 * whether a state is what it should be, and is no part of any record.
 *
 * A state with one wrong half never has the right sum; one with several has it
 * with a chance of about 2^-64.
 */
#ifndef DC_SIM_WEIGHTS_H
#define DC_SIM_WEIGHTS_H

#include <stdint.h>

#include "core/types.h"

struct pncounter;

struct weights {
    uint64_t (*of)[2]; /* by handle and side; owned */
    uint32_t len, cap;
};

/* A zeroed one is empty. */
void weights_release(struct weights *weights);

/* Makes those of all handles below @len. */
void weights_extend(struct weights *weights, uint32_t len);

static inline uint64_t weights_at(struct weights *weights, dc_name id, enum dc_side side)
{
    if (id >= weights->len)
        weights_extend(weights, id + 1);
    return weights->of[id][side];
}

/* 0 for the empty state. O(entries). */
uint64_t weights_sum(struct weights *weights, const struct pncounter *state);

#endif
