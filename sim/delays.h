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

#include "core/message.h"
#include "sim/scenario/scenario.h"

struct nodeset;

struct delay {
    uint64_t ns;
    uint64_t arrived_ns;
    uint32_t from, to; /* indices of nodes */
    enum message_kind kind;
};

struct delays {
    bool wanted;
    struct delay *list; /* in order of delivery; owned */
    size_t len, cap;
};

/* Does a predicate of @scn ask for delays? Only then are they kept. */
void delays_init(struct delays *delays, const struct scenario *scn);
void delays_release(struct delays *delays);

/* Only if delays->wanted. */
void delays_add(struct delays *delays, struct delay delay);

/*
 * The message with the delay that @percent of 100 messages from the nodes of @set did
 * not pass: the smallest for which that is so (nearest rank; 100 is the largest). Of
 * equal delays the one that arrived last is the smallest, so that the largest is the
 * first that took so long. Borrowed until the next delays_add(); NULL when they delivered
 * none.
 */
const struct delay *delays_rank(const struct delays *delays, const struct nodeset *set,
                                unsigned percent);

/* 50, 99 or 100; 0 for a metric that is no delay. */
unsigned delays_percent(enum scn_metric metric);

#endif
