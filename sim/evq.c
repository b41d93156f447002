/*
 * A 4-ary heap: half as deep as a binary one, and the four children of a node
 * lie in adjacent cache lines.
 */
#include "sim/evq.h"

#include <stdlib.h>

#include "sim/fatal.h"

#define ARITY 4u

void evq_release(struct evq *evq)
{
    free(evq->heap);
    *evq = (struct evq){0};
}

void evq_push(struct evq *evq, struct event event)
{
    size_t at = evq->len;

    if (evq->len == evq->cap) {
        evq->cap = evq->cap ? evq->cap * 2 : 64;
        evq->heap = fatal_realloc_array(evq->heap, evq->cap, sizeof(*evq->heap));
    }
    event.seq = evq->pushed++;
    evq->len++;
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;

        if (!event_before(&event, &evq->heap[parent]))
            break;
        evq->heap[at] = evq->heap[parent];
        at = parent;
    }
    evq->heap[at] = event;
}

const struct event *evq_peek(const struct evq *evq)
{
    return evq->len ? &evq->heap[0] : NULL;
}

/* The index of the first among the children of @at, or len when it has none. */
static size_t first_child(const struct evq *evq, size_t at)
{
    size_t child = at * ARITY + 1;
    size_t end = child + ARITY;
    size_t best = child;

    if (end > evq->len)
        end = evq->len;
    if (child >= evq->len)
        return evq->len;
    while (++child < end)
        if (event_before(&evq->heap[child], &evq->heap[best]))
            best = child;
    return best;
}

bool evq_pop(struct evq *evq, struct event *ret_event)
{
    struct event last;
    size_t at = 0;

    if (evq->len == 0)
        return false;
    *ret_event = evq->heap[0];
    last = evq->heap[--evq->len];
    while (true) {
        size_t child = first_child(evq, at);

        if (child >= evq->len || !event_before(&evq->heap[child], &last))
            break;
        evq->heap[at] = evq->heap[child];
        at = child;
    }
    if (evq->len > 0)
        evq->heap[at] = last;
    return true;
}

size_t evq_len(const struct evq *evq)
{
    return evq->len;
}
