/* The heap, the wheels, and the way from one to the other. */
#include "sim/evq.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

/* Children of a heap node: they lie in adjacent cache lines. */
#define ARITY 4u
/* A slot with no more events goes to the heap as it is. */
#define FEW 32u
#define CHUNK_EVENTS 21u /* a KiB */
#define BLOCK_CHUNKS_MIN 8u
#define BLOCK_CHUNKS_MAX 1024u

struct evq_chunk {
    struct evq_chunk *next;
    uint32_t len;
    struct event events[CHUNK_EVENTS];
};

struct block {
    struct block *next;
    size_t chunks;
    struct evq_chunk chunk[];
};

void evq_release(struct evq *evq)
{
    struct block *block = evq->blocks;

    while (block) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    free(evq->heap);
    free(evq->slots);
    *evq = (struct evq){0};
}

/* ---- chunks ---- */

/* Twice as many as the last time: the memory stays in proportion to what is pending. */
static void chunks_make(struct evq *evq)
{
    const struct block *last = evq->blocks;
    size_t count = last ? last->chunks * 2 : BLOCK_CHUNKS_MIN;
    struct block *block;

    if (count > BLOCK_CHUNKS_MAX)
        count = BLOCK_CHUNKS_MAX;
    block = fatal_realloc_array(NULL, sizeof(*block) + count * sizeof(block->chunk[0]), 1);
    block->next = evq->blocks;
    block->chunks = count;
    evq->blocks = block;
    for (size_t i = count; i-- > 0;) {
        block->chunk[i].next = evq->spare;
        evq->spare = &block->chunk[i];
    }
}

static struct evq_chunk *chunk_take(struct evq *evq)
{
    struct evq_chunk *chunk;

    if (!evq->spare)
        chunks_make(evq);
    chunk = evq->spare;
    evq->spare = chunk->next;
    chunk->len = 0;
    return chunk;
}

static void chunk_give(struct evq *evq, struct evq_chunk *chunk)
{
    chunk->next = evq->spare;
    evq->spare = chunk;
}

/* ---- the heap ---- */

static struct event *heap_room(struct evq *evq)
{
    if (evq->heap_len == evq->heap_cap) {
        evq->heap_cap = evq->heap_cap ? evq->heap_cap * 2 : 64;
        evq->heap = fatal_realloc_array(evq->heap, evq->heap_cap, sizeof(*evq->heap));
    }
    return &evq->heap[evq->heap_len++];
}

void evq_sift_up(struct evq *evq)
{
    size_t at = evq->heap_len - 1;
    struct event event;

    if (at == 0 || !event_before(&evq->heap[at], &evq->heap[(at - 1) / ARITY]))
        return; /* it is where it belongs: nothing is moved */
    event = evq->heap[at];
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;

        if (!event_before(&event, &evq->heap[parent]))
            break;
        evq->heap[at] = evq->heap[parent];
        at = parent;
    }
    evq->heap[at] = event;
}

/* The index of the first among the children of @at, or heap_len when it has none. */
static size_t first_child(const struct evq *evq, size_t at)
{
    size_t child = at * ARITY + 1;
    size_t end = child + ARITY;
    size_t best = child;

    if (end > evq->heap_len)
        end = evq->heap_len;
    if (child >= evq->heap_len)
        return evq->heap_len;
    while (++child < end)
        if (event_before(&evq->heap[child], &evq->heap[best]))
            best = child;
    return best;
}

/* The first one is gone: the last one goes down from its place. */
static void heap_close(struct evq *evq)
{
    const struct event *last = &evq->heap[--evq->heap_len];
    size_t at = 0;

    while (true) {
        size_t child = first_child(evq, at);

        if (child >= evq->heap_len || !event_before(&evq->heap[child], last))
            break;
        evq->heap[at] = evq->heap[child];
        at = child;
    }
    if (at < evq->heap_len)
        evq->heap[at] = *last;
}

/* ---- the wheels ---- */

/* The level of a time after origin_ns: that of the highest digit in which they differ. */
static unsigned level_of(const struct evq *evq, uint64_t at_ns)
{
    uint64_t differs = (at_ns ^ evq->origin_ns) | 1;

    return (63 - (unsigned)__builtin_clzll(differs)) / EVQ_DIGIT_BITS;
}

static struct event *wheel_room(struct evq *evq, uint64_t at_ns)
{
    unsigned level = level_of(evq, at_ns);
    unsigned digit = (unsigned)(at_ns >> (level * EVQ_DIGIT_BITS)) % EVQ_SLOTS;
    struct evq_slot *slot = &evq->slots[level * EVQ_SLOTS + digit];

    if (!slot->chunks || slot->chunks->len == CHUNK_EVENTS) {
        struct evq_chunk *chunk = chunk_take(evq);

        chunk->next = slot->chunks;
        slot->chunks = chunk;
        evq->levels |= 1u << level;
        evq->used[level] |= UINT64_C(1) << digit;
    }
    slot->len++;
    return &slot->chunks->events[slot->chunks->len++];
}

struct event *evq_room(struct evq *evq, uint64_t at_ns)
{
    evq->len++;
    if (at_ns <= evq->near_ns)
        return heap_room(evq);
    if (!evq->slots)
        evq->slots = fatal_calloc(EVQ_LEVELS * EVQ_SLOTS, sizeof(*evq->slots));
    return wheel_room(evq, at_ns);
}

/* Takes the first slot off its wheel. All that is left lies behind its end. */
static struct evq_slot open_first(struct evq *evq, unsigned *ret_level)
{
    unsigned level = (unsigned)__builtin_ctz(evq->levels);
    unsigned digit = (unsigned)__builtin_ctzll(evq->used[level]);
    unsigned shift = level * EVQ_DIGIT_BITS;
    struct evq_slot *slot = &evq->slots[level * EVQ_SLOTS + digit];
    struct evq_slot opened = *slot;
    uint64_t above = shift + EVQ_DIGIT_BITS < 64 ? UINT64_MAX << (shift + EVQ_DIGIT_BITS) : 0;

    *slot = (struct evq_slot){0};
    evq->used[level] &= ~(UINT64_C(1) << digit);
    if (evq->used[level] == 0)
        evq->levels &= ~(1u << level);
    evq->origin_ns = (evq->origin_ns & above) | (uint64_t)digit << shift;
    *ret_level = level;
    return opened;
}

/* An event of the opened slot to the heap, which holds all up to the latest of them. */
static void to_heap(struct evq *evq, const struct event *event)
{
    if (event->at_ns > evq->near_ns)
        evq->near_ns = event->at_ns;
    *heap_room(evq) = *event;
    evq_sift_up(evq);
}

/* The heap is empty, and something is pending: what comes next goes to the heap. */
static void refill(struct evq *evq)
{
    while (evq->heap_len == 0) {
        unsigned level;
        struct evq_slot slot = open_first(evq, &level);
        bool few = slot.len <= FEW || level == 0; /* one instant cannot be spread */

        while (slot.chunks) {
            struct evq_chunk *chunk = slot.chunks;

            slot.chunks = chunk->next;
            for (uint32_t i = 0; i < chunk->len; i++) {
                if (few)
                    to_heap(evq, &chunk->events[i]);
                else
                    *wheel_room(evq, chunk->events[i].at_ns) = chunk->events[i];
            }
            chunk_give(evq, chunk);
        }
    }
}

const struct event *evq_peek(struct evq *evq)
{
    if (evq->len == 0)
        return NULL;
    if (evq->heap_len == 0)
        refill(evq);
    return &evq->heap[0];
}

bool evq_pop(struct evq *evq, struct event *ret_event)
{
    if (evq->len == 0)
        return false;
    if (evq->heap_len == 0)
        refill(evq);
    INVARIANT(evq->heap_len > 0, "what is pending is in the heap or on a wheel");
    evq->len--;
    *ret_event = evq->heap[0];
    heap_close(evq);
    return true;
}

size_t evq_len(const struct evq *evq)
{
    return evq->len;
}
