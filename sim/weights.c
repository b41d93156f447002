/* Weights are a hash of (id, side), looked up instead of computed. */
#include "sim/weights.h"

#include <stdlib.h>

#include "core/names.h"
#include "core/pncounter.h"
#include "sim/choose.h"
#include "sim/fatal.h"

void weights_release(struct weights *weights)
{
    free(weights->of);
    *weights = (struct weights){0};
}

void weights_extend(struct weights *weights, uint32_t len)
{
    if (len > weights->cap) {
        weights->cap = len > weights->cap * 2 ? len : weights->cap * 2;
        weights->of = fatal_realloc_array(weights->of, weights->cap, sizeof(*weights->of));
    }
    for (; weights->len < len; weights->len++)
        for (uint64_t side = DC_INC; side <= DC_DEC; side++)
            weights->of[weights->len][side] = mix64(((uint64_t)weights->len << 1 | side) + 1) | 1;
}

uint64_t weights_sum(struct weights *weights, const struct pncounter *state)
{
    uint64_t sum = 0;

    if (state->len > 0 && weights->len < state->names->len)
        weights_extend(weights, state->names->len);
    for (uint32_t i = 0; i < state->len; i++) {
        const uint64_t *of = weights->of[state->ids[i]];

        sum += state->inc[i] * of[DC_INC] + state->dec[i] * of[DC_DEC];
    }
    return sum;
}
