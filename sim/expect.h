/*
 * What must hold: expectations at their time, always and never after every
 * change, and the obligations that "converged within T of X" makes each time
 * X ends.
 */
#ifndef DC_SIM_EXPECT_H
#define DC_SIM_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"
#include "sim/wide.h"

struct cluster;
struct event;
struct finding;
struct timeline;
struct world;

#define EXPECT_TEXT_MAX 512u

/* The first thing that did not hold. */
struct failure {
    bool broke;
    bool after_event; /* it held before the event, which made the difference: always, never */
    uint32_t stmt;
    struct scn_pos pos; /* what of it is meant; line 0: all of it */
    uint32_t node;      /* concerned; UINT32_MAX: all together */
    uint64_t at_ns;
    uint64_t event; /* the number of the event in which it was judged; 0: the present one */
    uint64_t hash;  /* of the trace, then */
    char headline[EXPECT_TEXT_MAX]; /* "not converged within 2s of split" */
    char label[EXPECT_TEXT_MAX];    /* "expected 1 state by 5.000s, found 3" */
};

/* To be converged at some instant from begin to deadline. */
struct obligation {
    uint64_t begin_ns, deadline_ns;
    uint32_t stmt;
    uint32_t distinct; /* states at the deadline, when it was missed; requests without an answer */
    uint64_t open;
    uint64_t event, hash; /* its number, and of the trace, when it was missed */
    bool met;
    bool missed;
    bool void_; /* a later ending took its place */
};

struct expects {
    const struct scenario *scn;
    struct world *world;
    struct cluster *cluster;
    uint64_t *evaluated; /* by statement; owned */
    i128 **previous;     /* by statement, then node: of "value decrease"; owned */
    struct obligation *obligations;
    size_t obligations_len, obligations_cap;
    size_t *open; /* numbers of those that may be met yet, and of some that no longer; owned */
    size_t open_len, open_cap;
    bool stopped;      /* nothing begins or ends any more, and that has been looked at */
    uint32_t *watches; /* always and never statements; owned */
    size_t watches_len;
    uint32_t *hopes; /* sometimes statements, those that have not held yet first; owned */
    size_t hopes_len, hopes_open;
    uint32_t *withins; /* "converged within" statements; owned */
    size_t withins_len;
    uint32_t partitions, holds;      /* in force */
    bool asks_last;                  /* somebody asks of the last fault */
    const struct timeline *timeline; /* knows which are in force; borrowed */
    bool converged;                  /* at the last settled instant */
    bool ever;                       /* there was such a span */
    uint64_t since_ns;               /* start of the last span in which the cluster was converged */
    struct failure failure;
};

void expects_init(struct expects *expects, const struct scenario *scn, struct world *world,
                  struct cluster *cluster);
void expects_release(struct expects *expects);

/* Schedules every expectation, and looks at always and never for the first time. */
void expects_start(struct expects *expects);

/* After an event: always and never, on what changed (cluster->touched). */
void expects_event_done(struct expects *expects);

/* Nothing more happens at @at_ns but expectations. Once an instant. */
void expects_settle(struct expects *expects, uint64_t at_ns);

/* A fault of @stmt, which can end, began now; it ended now. */
void expects_fault_began(struct expects *expects, uint32_t stmt);
void expects_fault_ended(struct expects *expects, uint32_t stmt);

/* If .asks_last: a fault has ended, of whatever kind. It may be the last. */
void expects_last_ended(struct expects *expects);

/* Did sometimes statement @stmt hold at some instant of this run? */
bool expects_held_once(const struct expects *expects, uint32_t stmt);

/* The golden text of show statement @stmt is not what it shows: line @pos. The first failure. */
void expects_fail_show(struct expects *expects, uint32_t stmt, struct scn_pos pos,
                       const struct finding *finding);

void expects_on_expect(struct expects *expects, const struct event *event);
void expects_on_deadline(struct expects *expects, const struct event *event);

/* The run has reached its stop: what the last ending of heal and last fault left open. */
void expects_stop(struct expects *expects);

/* The first expectation that was never evaluated; stmts_len when there is none. */
uint32_t expects_unevaluated(const struct expects *expects);

#endif
