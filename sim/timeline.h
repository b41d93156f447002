/*
 * What the statements do, and when: fires actions at their times, keeps the
 * faults they begin and ends them.
 */
#ifndef DC_SIM_TIMELINE_H
#define DC_SIM_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

struct cluster;
struct event;
struct expects;
struct net;
struct select;
struct workload;
struct world;

/* How often a statement fired, and when it did first. */
struct firings {
    uint64_t count, first_ns;
    uint32_t ending; /* a node that it found on its way out already, from 1; 0: none */
    bool leaving;    /* for good */
};

/* One firing of a statement that changes network or nodes. Its index is its number. */
struct fault {
    uint32_t stmt;
    uint32_t nodes;            /* of which it has something: that they run, their disk */
    uint64_t begin_ns, end_ns; /* end: valid when it ends and is not active */
    bool ends;                 /* it is a fault that can end, not a lasting change of rules */
    bool active;               /* it has begun, can end, and has not */
};

/*
 * A statement as it stands in the script with all repeats unrolled: it fires
 * once, or, for an every, again and again. Its index is its place.
 */
struct firing_plan {
    uint32_t stmt;
    uint64_t key;      /* of its next firing */
    uint64_t turn;     /* every: how often it has fired */
    uint64_t root;     /* every: what the keys of its turns hang on */
    uint64_t until_ns; /* every */
};

struct timeline {
    const struct scenario *scn;
    struct world *world;
    struct net *net;
    struct cluster *cluster;
    struct workload *workload;
    struct expects *expects;
    struct firing_plan *plan; /* owned */
    uint32_t plan_len, plan_cap;
    struct firings *firings; /* by statement; owned */
    struct fault *faults;
    uint32_t faults_len, faults_cap;
    uint32_t faults_active_from; /* none before this index is active */
    bool ended;                  /* since the last event, a fault that is no rule of the network */
    uint64_t catch_up_ns; /* for which there is an event: a clock that stands has caught up */
    uint64_t last_end_ns; /* of faults of any kind; only if somebody asks of the last */
};

void timeline_init(struct timeline *timeline, const struct scenario *scn, struct world *world,
                   struct net *net, struct cluster *cluster, struct workload *workload,
                   struct expects *expects);
void timeline_release(struct timeline *timeline);

/* Lays the file's own rules, unrolls the script, and schedules the first firing of each statement.
 */
void timeline_start(struct timeline *timeline);

void timeline_on_action(struct timeline *timeline, const struct event *event);
/* The statement that an EVENT_ACTION fires. */
uint32_t timeline_stmt(const struct timeline *timeline, const struct event *event);
/* Everything that was begun ends. */
void timeline_on_quiet(struct timeline *timeline);
void timeline_on_fault_end(struct timeline *timeline, const struct event *event);
/* @node, which could not start when it was to, was tried again. */
void timeline_on_started(struct timeline *timeline, uint32_t node);

/* Ends the faults that the network reports as done. After every event. */
void timeline_event_done(struct timeline *timeline);

/*
 * The statement of a fault that leaves open which was the last: one that is to end and has
 * not, or one that may last, and began when another ended for the last time, or later. What lasts
 * from before that is how things are. MET_NO_STMT: there is none.
 */
uint32_t timeline_unended(const struct timeline *timeline);

/* Shared with sim/actions.c. */
uint32_t timeline_fault_begin(struct timeline *timeline, uint32_t stmt, bool ends);
/* Its time is over. It ends now, or when the last node that it keeps from running can start. */
void timeline_fault_end(struct timeline *timeline, uint32_t fault);
/*
 * @fault has @parts of @node (cluster_parts()), instead of what had them before; HOST_NO_FAULT:
 * nothing has them that ends. A fault that has nothing any more has ended.
 */
void timeline_fault_take(struct timeline *timeline, uint32_t fault, uint32_t node, unsigned parts);
/* @node may have begun to run: then nothing keeps it from that any more. */
void timeline_node_runs(struct timeline *timeline, uint32_t node);

#endif
