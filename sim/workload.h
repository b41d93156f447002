/*
 * What clients ask for: the inc and dec of a statement, and load.
 */
#ifndef DC_SIM_WORKLOAD_H
#define DC_SIM_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "sim/nodeset.h"
#include "sim/scenario/scenario.h"

struct cluster;
struct event;
struct world;

/* inc or dec at one node, so many times; each is an event of its own. */
struct workload_burst {
    uint64_t amount, left, number;
    uint64_t key; /* of (statement, turn, node) */
    uint32_t stmt;
    uint32_t node, side;
    uint32_t next_free;
};

/* One stream of a load statement: all its nodes together, or one of them. */
struct workload_stream {
    uint32_t stmt;
    uint32_t node;     /* index, or UINT32_MAX: drawn anew for each operation */
    uint64_t key;      /* of (statement) or (statement, node) */
    uint64_t start_ns; /* from */
    uint64_t phase_ns; /* even: of the first operation */
    uint64_t end_ns;   /* to: none at or after */
    uint64_t number;   /* of operations so far */
};

struct workload {
    struct world *world;
    struct cluster *cluster;
    const struct scenario *scn;
    struct workload_burst *bursts; /* a pool; owned */
    uint32_t bursts_len, bursts_cap, bursts_free;
    struct workload_stream *streams; /* owned */
    size_t streams_len, streams_cap;
};

void workload_init(struct workload *workload, const struct scenario *scn, struct world *world,
                   struct cluster *cluster);
void workload_release(struct workload *workload);

/* Schedules the first operation of every load statement. */
void workload_start(struct workload *workload);

/*
 * The inc or dec of @stmt at the nodes of @set: as many operations as it says,
 * of @amount, at each, in this instant. @key names the firing.
 */
void workload_burst_at(struct workload *workload, uint32_t stmt, uint64_t key,
                       const struct nodeset *set, uint64_t amount);

void workload_on_client(struct workload *workload, const struct event *event);
void workload_on_load(struct workload *workload, const struct event *event);

#endif
