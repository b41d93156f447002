/*
 * The queue of pending events, ordered as sim/event.h says. seq is taken from
 * one counter at push, so no two events are equal and the order does not
 * depend on how the queue is built.
 *
 * Shape: a heap for what comes next, and wheels for all that comes later. Level L
 * of the wheels has 64 slots, each as wide as a whole turn of level L - 1, and
 * level 0 has one for each nanosecond: so a time has its place on the highest
 * level on which it differs from where the queue has come to, whatever times
 * there are, near or far, many or few. When the heap is empty the first slot is
 * opened: a few events go to the heap, many are spread over the level below.
 * Nothing is sized beforehand, nothing is ever rebuilt, and an event moves at
 * most once a level; in between it lies in a chunk with its neighbours in time.
 * The bad case: the heap takes all up to the latest of the few in the slot that
 * was opened; so a crowd between two lonely timers far apart is in the heap.
 *
 * Source: Varghese, Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987; as
 * a queue of exact order it is a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, 1990).
 */
#ifndef DC_SIM_EVQ_H
#define DC_SIM_EVQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

#define EVQ_DIGIT_BITS 6u
#define EVQ_SLOTS (1u << EVQ_DIGIT_BITS)
#define EVQ_LEVELS 11u /* of 6 bits, for 64 */

struct evq_chunk;

struct evq_slot {
    struct evq_chunk *chunks; /* the one that is being filled first */
    size_t len;
};

struct evq {
    struct event *heap; /* all events up to near_ns; owned */
    size_t heap_len, heap_cap;
    uint64_t near_ns;
    uint64_t origin_ns; /* what the places on the wheels are counted from; <= near_ns */
    uint32_t levels;    /* bit L: level L holds something */
    uint64_t used[EVQ_LEVELS];
    struct evq_slot *slots;  /* EVQ_LEVELS times EVQ_SLOTS; owned; NULL before the first push */
    struct evq_chunk *spare; /* empty chunks */
    void *blocks;            /* what chunks are cut from; owned */
    size_t len;
    uint64_t pushed; /* the seq counter */
};

/* A zeroed struct evq is empty and ready. Frees and leaves it zeroed. */
void evq_release(struct evq *evq);

/*
 * The two halves of a push: room for an event of that time, which the caller
 * fills in; then, if it is in the heap, its place among the others.
 */
struct event *evq_room(struct evq *evq, uint64_t at_ns);
void evq_sift_up(struct evq *evq);

/* Inline, so that the event is written once, where it belongs. Sets seq. */
static inline void evq_push(struct evq *evq, struct event event)
{
    event.seq = evq->pushed++;
    *evq_room(evq, event.at_ns) = event;
    if (event.at_ns <= evq->near_ns)
        evq_sift_up(evq);
}

/* The first event, or NULL; valid until the next call. */
const struct event *evq_peek(struct evq *evq);
/* Takes out the first event; false when there is none. */
bool evq_pop(struct evq *evq, struct event *ret_event);
size_t evq_len(const struct evq *evq);

/*
 * What will probably come next, or NULL: a hint for fetching what it needs. Others
 * may still be pushed before it.
 */
static inline const struct event *evq_hint(const struct evq *evq)
{
    return evq->heap_len > 0 ? &evq->heap[0] : NULL;
}

#endif
