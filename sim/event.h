/*
 * What can happen, and in which order. The way of one event:
 *
 *   evq_pop -> cluster_step: now = at_ns, key = the event's key, a trace record
 *     -> the handler of its kind (below) -> perhaps into a node (node_on_*)
 *        -> out again through struct env: sends go to net, answers to the oracle
 *     -> checks, then always / never on what changed
 *   and when the last event of an instant is done: convergence, expectations.
 *
 * The order is total: (at_ns, class, order, seq).
 */
#ifndef DC_SIM_EVENT_H
#define DC_SIM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

enum event_class {
    EVENT_CLASS_ACTION = 0, /* ends of faults, then actions; order is the place in the file */
    EVENT_CLASS_WORLD = 1,  /* network and nodes; order is drawn from the seed */
    EVENT_CLASS_EXPECT = 2, /* expectations; order is the place in the file */
};

enum event_kind {
    EVENT_FAULT_END = 0, /* payload: firing */
    EVENT_ACTION,        /* payload: place in the unrolled script, sim/timeline.h */
    EVENT_TICK,          /* node; payload: generation */
    EVENT_CLIENT,        /* payload: operation in the workload's pool */
    EVENT_LOAD,          /* payload: stream of the workload */
    EVENT_ARRIVE,        /* node: receiver; payload: flight */
    EVENT_SERVED,        /* node: whose inbox has a message done */
    EVENT_EXPECT,        /* payload: statement */
    EVENT_DEADLINE,      /* payload: obligation of a "within" */
    EVENT_STOP,
    EVENT_QUIET,  /* payload: statement */
    EVENT_SHOW,   /* payload: statement */
    EVENT_WAKE,   /* node: goes on after a pause; payload: epoch */
    EVENT_SYNCED, /* node: its sync has ended; payload: number of the sync */
    EVENT_START,  /* node: tries to start again; payload: epoch */
    EVENT_KINDS,
};

struct event {
    uint64_t at_ns;
    uint64_t order;
    uint64_t seq;     /* set by evq_push() */
    uint64_t key;     /* names the cause; draws hang on it (sim/choose.h) */
    uint64_t payload; /* by kind, above */
    uint32_t node;    /* index, from 0; by kind, above */
    uint16_t class;   /* enum event_class */
    uint16_t kind;    /* enum event_kind */
};

/* Does @a come before @b? The one place that says what the order is. */
static inline bool event_before(const struct event *a, const struct event *b)
{
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns;
    if (a->class != b->class)
        return a->class < b->class;
    if (a->order != b->order)
        return a->order < b->order;
    return a->seq < b->seq;
}

/* Ends of faults come before actions, each in file order. */
static inline uint64_t event_order_of_end(uint32_t stmt)
{
    return stmt;
}

static inline uint64_t event_order_of_action(uint32_t stmt)
{
    return (UINT64_C(1) << 32) + stmt;
}

#endif
