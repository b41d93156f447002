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

/* One firing of a statement that changes the network. Its index is its number. */
struct fault {
    uint32_t stmt;
    bool ends;   /* it is a fault that can end, not a lasting change of rules */
    bool active; /* it has begun, can end, and has not */
};

struct timeline {
    const struct scenario *scn;
    struct world *world;
    struct net *net;
    struct cluster *cluster;
    struct workload *workload;
    struct expects *expects;
    uint64_t *fired;    /* by statement: how often; owned */
    uint64_t *until_ns; /* by statement: of an every; owned */
    struct fault *faults;
    uint32_t faults_len, faults_cap;
    uint32_t faults_active_from; /* none before this index is active */
};

void timeline_init(struct timeline *timeline, const struct scenario *scn, struct world *world,
                   struct net *net, struct cluster *cluster, struct workload *workload,
                   struct expects *expects);
void timeline_release(struct timeline *timeline);

/* Lays the file's own rules and schedules the first firing of every statement. */
void timeline_start(struct timeline *timeline);

void timeline_on_action(struct timeline *timeline, const struct event *event);
void timeline_on_fault_end(struct timeline *timeline, const struct event *event);

/* Ends the faults that the network reports as done. After every event. */
void timeline_event_done(struct timeline *timeline);

/*
 * The first statement whose fault never touched a message, as @touched (by
 * statement) counts them; stmts_len when there is none. Rules with a chance
 * are exempt.
 */
uint32_t timeline_unfired(const struct scenario *scn, const uint64_t *touched);

/* Shared with sim/actions.c. */
uint32_t timeline_fault_begin(struct timeline *timeline, uint32_t stmt, bool ends);
void timeline_fault_end(struct timeline *timeline, uint32_t fault);

#endif
