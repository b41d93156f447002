/*
 * What every part of a run shares: the draws, the queue, the trace, and which
 * event is being handled now.
 */
#ifndef DC_SIM_WORLD_H
#define DC_SIM_WORLD_H

#include <stdint.h>

#include "sim/choose.h"
#include "sim/event.h"
#include "sim/evq.h"
#include "sim/trace.h"

/* What a run may not have more of: then it proves nothing. */
struct world_limit {
    const char *what;  /* "faults in force at once" */
    uint64_t most;     /* so many are fine */
    const char *where; /* "NET_IN_FORCE_MAX in sim/net.h" */
};

struct world {
    struct choose choose;
    struct evq evq;
    struct trace trace;
    uint64_t now_ns;
    uint64_t key;                    /* of the event that is being handled */
    uint64_t events;                 /* handled so far */
    const struct world_limit *limit; /* that was reached; NULL: none. The run then ends unknown */
    uint32_t limit_stmt;             /* the statement that wanted more; UINT32_MAX: none */
};

void world_init(struct world *world, uint64_t seed);
void world_release(struct world *world);

/* More than @limit, which outlives the world, was asked for; the first time counts. */
void world_limit(struct world *world, const struct world_limit *limit, uint32_t stmt);

/* An event of network and nodes; its place among those of its instant is drawn. */
void world_push(struct world *world, uint64_t at_ns, enum event_kind kind, uint64_t key,
                uint32_t node, uint64_t payload);

/* The same, at a place among those of its instant that the caller drew. */
void world_push_ordered(struct world *world, uint64_t at_ns, enum event_kind kind, uint64_t key,
                        uint32_t node, uint64_t payload, uint64_t order);

/* An action, the end of a fault, or an expectation. */
void world_push_scripted(struct world *world, uint64_t at_ns, enum event_class class,
                         enum event_kind kind, uint64_t key, uint64_t order, uint64_t payload);

/* Adds a record of what happens now. Inline: there are several for each event. */
static inline void world_record(struct world *world, enum record_kind kind, uint32_t detail,
                                uint64_t key, uint32_t node, uint32_t peer, uint64_t a, uint64_t b)
{
    struct record record = {
        .at_ns = world->now_ns,
        .key = key,
        .a = a,
        .b = b,
        .node = node,
        .peer = peer,
        .kind = (uint32_t)kind,
        .detail = detail,
    };

    trace_add(&world->trace, &record);
}

/* Shows what @node logs now to whoever looks. @level and @event are those of core/env.h. */
void world_note(struct world *world, uint32_t node, uint32_t level, uint32_t event,
                const struct env_fields *fields);

#endif
