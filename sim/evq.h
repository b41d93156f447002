/*
 * The queue of pending events, ordered as sim/event.h says. seq is taken from
 * one counter at push, so no two events are equal and the order does not
 * depend on how the queue is built.
 *
 * A 4-ary heap behind four functions; replace it here and nowhere else.
 */
#ifndef DC_SIM_EVQ_H
#define DC_SIM_EVQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

struct evq {
    struct event *heap;
    size_t len, cap;
    uint64_t pushed; /* the seq counter */
};

/* A zeroed struct evq is empty and ready. Frees and leaves it zeroed. */
void evq_release(struct evq *evq);

void evq_push(struct evq *evq, struct event event);
/* The first event, or NULL; valid until the next call. */
const struct event *evq_peek(const struct evq *evq);
/* Takes out the first event; false when there is none. */
bool evq_pop(struct evq *evq, struct event *ret_event);
size_t evq_len(const struct evq *evq);

#endif
