/*
 * How long messages were on their way, from sending to the inbox of the
 * receiver: kept one by one, so that a percentile is exact, and only when the
 * scenario asks for one.
 */
#ifndef DC_SIM_DELAYS_H
#define DC_SIM_DELAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

struct nodeset;

struct delay {
    uint64_t ns;
    uint32_t from; /* index of the sender */
};

struct delays {
    bool wanted;
    struct delay *list; /* in order of delivery; owned */
    size_t len, cap;
};

/* Does a predicate of @scn ask for delays? Only then are they kept. */
void delays_init(struct delays *delays, const struct scenario *scn);
void delays_release(struct delays *delays);

void delays_add(struct delays *delays, uint32_t from, uint64_t ns);

/*
 * The delay that @percent of 100 messages from the nodes of @set did not pass:
 * the smallest for which that is so (nearest rank; 100 is the largest).
 * False when they delivered none.
 */
bool delays_rank(const struct delays *delays, const struct nodeset *set, unsigned percent,
                 uint64_t *ret_ns);

/* 50, 99 or 100; 0 for a metric that is no delay. */
unsigned delays_percent(enum scn_metric metric);

#endif
