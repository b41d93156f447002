/*
 * Why a run broke. A run pays nothing for this: when one broke, it is run
 * again, with the same seed, up to the event in which it broke, and this time
 * it is watched: what every message carried that is missing somewhere, what
 * took messages away, what clients were told, and what led to the last event.
 */
#ifndef DC_SIM_DIAGNOSE_H
#define DC_SIM_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pncounter.h"
#include "sim/causes.h"
#include "sim/net.h"
#include "sim/run.h"
#include "sim/tally.h"

/* A message between a node and one that held what it lacks, which was stopped. */
struct blocked {
    bool known;
    enum message_kind kind;
    uint32_t from, to;
    enum net_fate fate;
    uint32_t stmt;
    uint64_t at_ns;
};

/* One half of an entry that @node lacks, and the last message that carried it there. */
struct lack {
    uint32_t node;
    uint32_t group; /* the caller's */
    dc_name id;
    enum dc_side side;
    uint64_t has; /* what the node holds of it */
    uint64_t all; /* what it could hold */
    /* Filled in by diagnose(): */
    bool carried;           /* some push to the node held more than it has */
    uint32_t from;          /* its sender */
    uint64_t sent_ns;       /* when it was sent, or lost or held on the way */
    enum net_fate fate;     /* what became of it, last */
    uint64_t arrives_ns;    /* ON_ITS_WAY */
    uint64_t ended_ns;      /* when the node ended after it was sent; 0: it did not */
    uint32_t stmt;          /* whose doing that was, NET_NO_STMT */
    struct blocked blocked; /* not carried: the last of these */
};

struct sent {
    uint64_t messages, bytes; /* plain */
};

/* What nodes send; in the order in which it is told. */
extern const enum message_kind diagnosis_kinds[3];

#define DIAGNOSIS_NODES_MAX 4u
/* Before the end of the run: how often clients asked then is how often they ask. */
#define DIAGNOSIS_LATELY_NS UINT64_C(1000000000)
#define DIAGNOSIS_CHAIN_MAX 8u

/* A node before and after the event. */
struct witness {
    uint32_t node;
    struct pncounter before, after;
    uint32_t inbox_before, inbox_after;
};

/* A state that explains another: of a frame, or with the same digest. */
struct other_state {
    bool known;
    uint32_t node;   /* whose it was */
    uint64_t number; /* after this event */
    uint64_t at_ns;
    struct pncounter state;
};

struct diagnosis {
    struct lack *lacks; /* the caller's; may be none */
    size_t lacks_len;
    bool same;        /* the second run was the first; else nothing below is filled in */
    bool has_event;   /* the run broke because of what one event did */
    bool started;     /* there was an event: false when it broke before the first */
    bool before_only; /* that event never ended */
    struct cause_event chain[DIAGNOSIS_CHAIN_MAX]; /* that event first: causes_chain() */
    size_t chain_len;
    struct witness witnesses[DIAGNOSIS_NODES_MAX]; /* the nodes concerned */
    size_t witnesses_len;
    bool is_frame;              /* the check of that name fired */
    struct other_state meant;   /* check frame: by the sender. check digest: the first */
    struct other_state decoded; /* check frame: what the frame says, if it can be read */
    struct tally tally;
    struct sent sent[3]; /* by place in diagnosis_kinds */
    uint64_t idle_sent;  /* reason unfired: messages sent while the statement was in force, */
    uint64_t idle_met;   /* and those of them over its links, */
    uint32_t idle_other; /* on which this one acted instead; NET_NO_STMT: none */
};

/*
 * A run may be judged by an instant before its end: a "within T of heal" by its
 * deadline, although a later heal could still have taken its place. Then *ret is
 * the run at that instant, with the outcome of @run; it is to be released. Returns
 * false when there is no such instant, or the run does not repeat itself up to it.
 */
bool diagnose_judged(const struct run *run, struct run *ret);

/*
 * Repeats @run, which is over, and fills in *ret and what carried each of
 * @lacks. Returns ret->same: false when the repetition came out differently,
 * so that the run does not repeat itself.
 */
bool diagnose(const struct run *run, struct lack *lacks, size_t len, struct diagnosis *ret);
void diagnosis_release(struct diagnosis *diagnosis);

#endif
