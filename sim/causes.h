/*
 * Why an event happened: a message on its way remembers the event that sent
 * it, so a chain leads from any event back to the tick, the client or the
 * action that it came from.
 *
 * Looks at a run from outside, through its trace and cluster_watch. Costs
 * memory for what is on its way or held, and for what led there; what is over
 * is forgotten.
 */
#ifndef DC_SIM_CAUSES_H
#define DC_SIM_CAUSES_H

#include <stddef.h>
#include <stdint.h>

#include "core/message.h"
#include "core/node.h"
#include "sim/event.h"
#include "sim/net.h"

struct record;
struct run;

#define CAUSES_NONE UINT32_MAX

/* One event, as a person needs it. */
struct cause_event {
    uint64_t at_ns;
    uint64_t number; /* of the event in its run, from 1 */
    enum event_kind kind;
    uint32_t node;         /* whose it is: CAUSES_NONE for a statement's */
    uint32_t stmt;         /* that speaks, or spoke when it began: NET_NO_STMT */
    enum node_timer timer; /* EVENT_TICK */
    bool late;             /* EVENT_TICK: the node no longer waited for it */
    uint32_t from;         /* of what arrives or is served: the sender, CAUSES_NONE if unknown */
    enum message_kind kind_of_message;
    uint64_t sent_ns;
    uint32_t held_stmt; /* that kept it on the way: NET_NO_STMT */
    enum net_fate fate; /* what became of it in this event; ON_ITS_WAY: it waits in the inbox */
    uint32_t fate_stmt;
};

/* A cause that something on its way, or a later cause, refers to. */
struct cause_kept {
    struct cause_event cause;
    uint32_t parent; /* index, CAUSES_NONE ends the chain */
    uint32_t refs;   /* 0: free, and parent is the next that is */
};

struct cause_flight {
    uint64_t key;    /* of the copy */
    uint32_t sender; /* index of the cause that sent it */
    uint32_t from;
    uint32_t held_stmt;
    enum message_kind kind;
    uint32_t next; /* in its bucket, or among the free ones */
};

struct causes {
    const struct run *run; /* that is looked at */
    struct cause_kept *kept;
    uint32_t kept_len, kept_cap, kept_free;
    struct cause_flight *flights;
    uint32_t flights_len, flights_cap, flights_free, flights_used;
    uint32_t *buckets;      /* by key: first flight */
    uint32_t buckets_len;   /* a power of two */
    struct cause_event now; /* of the present event */
    uint32_t parent;        /* of now; counted among its refs */
    uint32_t kept_now;      /* now, once something was sent; counted among its refs */
    uint64_t now_key;       /* of the copy that arrives or is served now, 0: none */
    bool sending;           /* a send was recorded, its fate is not known yet */
    uint64_t send_key;
    uint32_t send_copy; /* of it, from 0 */
    enum message_kind send_kind;
    uint32_t *asking; /* by number of a request: the cause that asked; CAUSES_NONE */
    uint32_t asking_len;
};

/* Of @run, before its first step. */
void causes_init(struct causes *causes, const struct run *run);
void causes_release(struct causes *causes);

/* Each record of the run. */
void causes_record(struct causes *causes, const struct record *record);

/* Each fate, as cluster_watch tells it. */
void causes_fate(struct causes *causes, uint32_t from, enum net_fate fate, uint32_t stmt);

/*
 * A client of @node asks, as cluster_watch tells it; the request is answered.
 * The event that answers it came from the one that asked. Returns the statement
 * that made the client ask; NET_NO_STMT when that is not known.
 */
void causes_asked(struct causes *causes, uint32_t request, uint32_t node);
uint32_t causes_answered(struct causes *causes, uint32_t request);

/* @event, of @number, begins: for one whose record is not seen. */
void causes_begin(struct causes *causes, const struct event *event, uint64_t number);

/*
 * Stores at most @max causes in @ret: the present event, then what it came
 * from. When there are more, the last stored is the first of all. Returns how
 * many there are.
 */
size_t causes_chain(const struct causes *causes, struct cause_event *ret, size_t max);

#endif
