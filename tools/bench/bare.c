/*
 * W1 (tools/bench/w1.scn) as a bare loop: what the story costs when nothing is
 * simulated but the story. States are plain arrays, handed from node to node
 * without a codec; the digest is kept up by the merge; draws come from one
 * cheap stream; there are no checks, no trace, no faults but loss. So this is
 * the limit that dcsim is measured against, and not a simulator: its runs hang
 * on the order of the draws.
 *
 *   bare NODES     runs it once and prints one line of what happened
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

#define MS UINT64_C(1000000)
#define STOP_NS (20000 * MS)
#define COUNT_UNTIL_NS (5000 * MS)
#define SYNC_NS (100 * MS)
#define FULL_NS (1000 * MS)
#define DELAY_MIN_NS (1 * MS)
#define DELAY_MAX_NS (10 * MS)
#define FANOUT 2
#define NODES_MAX 100000
/* Of 2^32: 1 %. */
#define LOSS (UINT32_MAX / 100)
/* Totals that are compared at once; what a state holds is padded to it. */
#define STRETCH 4u
#define NO_STATE UINT32_MAX

enum kind {
    TICK,
    FULL,
    COUNT,
    PULL,
    ACK,
    PUSH
};

struct event {
    uint64_t at_ns;
    uint64_t digest; /* PULL */
    uint32_t node;   /* to whom it happens */
    uint32_t from;   /* PULL */
    uint32_t state;  /* PUSH: a copy in the pool */
    uint32_t kind;
};

/* A state as it was when it was sent, shared by all messages that carry it. */
struct copy {
    uint64_t *totals;
    uint64_t digest;
    uint32_t uses;
    uint32_t next_free;
};

struct node {
    uint64_t *totals; /* increments of all nodes, then decrements */
    uint64_t digest;
    uint32_t state; /* the copy of this version, NO_STATE: none yet */
};

struct loop {
    struct event *heap;
    size_t len, cap;
    struct copy *copies;
    uint32_t copies_len, copies_cap, copies_free;
    struct node *nodes;
    uint64_t *weights; /* of each total in the digest */
    uint32_t nodes_len;
    size_t totals_len; /* of one state */
    uint64_t random;
    uint64_t now_ns;
    uint64_t events, sent, pushes;
};

/* ---- draws: SplitMix64, Steele, Lea, Flood, OOPSLA 2014 ---- */

static uint64_t draw(struct loop *loop)
{
    uint64_t z = loop->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Of 32 bits; the bias does not matter here. */
static uint32_t below(uint32_t bits, uint32_t bound)
{
    return (uint32_t)((uint64_t)bits * bound >> 32);
}

/* ---- a binary heap ---- */

static void push(struct loop *loop, const struct event *event)
{
    struct event *heap;
    size_t at = loop->len++;

    if (loop->len > loop->cap) {
        loop->cap = loop->cap ? loop->cap * 2 : 1024;
        loop->heap = fatal_realloc_array(loop->heap, loop->cap, sizeof(*loop->heap));
    }
    heap = loop->heap;
    while (at > 0 && event->at_ns < heap[(at - 1) / 2].at_ns) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = *event;
}

static struct event pop(struct loop *loop)
{
    struct event *heap = loop->heap;
    struct event first = heap[0], last = heap[--loop->len];
    size_t len = loop->len, at = 0, child;

    while ((child = 2 * at + 1) < len) {
        child += child + 1 < len && heap[child + 1].at_ns < heap[child].at_ns;
        if (last.at_ns <= heap[child].at_ns)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

/* ---- states ---- */

static uint32_t copy_take(struct loop *loop)
{
    uint32_t state = loop->copies_free;

    if (state != NO_STATE) {
        loop->copies_free = loop->copies[state].next_free;
        return state;
    }
    if (loop->copies_len == loop->copies_cap) {
        loop->copies_cap = loop->copies_cap ? loop->copies_cap * 2 : 64;
        loop->copies = fatal_realloc_array(loop->copies, loop->copies_cap, sizeof(*loop->copies));
    }
    state = loop->copies_len++;
    loop->copies[state] = (struct copy){.totals = fatal_calloc(loop->totals_len, sizeof(uint64_t))};
    return state;
}

static void copy_drop(struct loop *loop, uint32_t state)
{
    if (state == NO_STATE || --loop->copies[state].uses > 0)
        return;
    loop->copies[state].next_free = loop->copies_free;
    loop->copies_free = state;
}

/* The copy of what @node holds now: made once for each version. */
static uint32_t copy_of(struct loop *loop, struct node *node)
{
    struct copy *copy;

    if (node->state == NO_STATE) {
        node->state = copy_take(loop);
        copy = &loop->copies[node->state];
        memcpy(copy->totals, node->totals, loop->totals_len * sizeof(uint64_t));
        copy->digest = node->digest;
        copy->uses = 1;
    }
    return node->state;
}

/*
 * Most totals are equal, and in stretches; where they are not, which of them is
 * larger cannot be foretold, so no branch hangs on it. Returns by how much the
 * digest rises.
 */
static uint64_t join(uint64_t *restrict ours, const uint64_t *restrict theirs,
                     const uint64_t *restrict weights, size_t len)
{
    uint64_t rise = 0;

    for (size_t i = 0; i < len; i += STRETCH) {
        uint64_t differs = 0;

        for (size_t k = i; k < i + STRETCH; k++)
            differs |= ours[k] ^ theirs[k];
        if (!differs)
            continue;
        for (size_t k = i; k < i + STRETCH; k++) {
            uint64_t more = theirs[k] > ours[k] ? theirs[k] - ours[k] : 0;

            ours[k] += more;
            rise += more * weights[k];
        }
    }
    return rise;
}

static void changed(struct loop *loop, struct node *node, uint64_t digest)
{
    copy_drop(loop, node->state);
    node->state = NO_STATE;
    node->digest = digest;
}

static void merge(struct loop *loop, struct node *node, const struct copy *copy)
{
    uint64_t digest;

    if (copy->digest == node->digest)
        return;
    digest = node->digest + join(node->totals, copy->totals, loop->weights, loop->totals_len);
    if (digest != node->digest)
        changed(loop, node, digest);
}

/* ---- the story ---- */

static void send(struct loop *loop, struct event message)
{
    uint64_t bits = draw(loop);

    loop->sent++;
    if ((uint32_t)bits < LOSS)
        return;
    message.at_ns =
        loop->now_ns + DELAY_MIN_NS + below((uint32_t)(bits >> 32), DELAY_MAX_NS - DELAY_MIN_NS);
    if (message.kind == PUSH)
        loop->copies[message.state].uses++;
    push(loop, &message);
}

static void send_push(struct loop *loop, uint32_t from, uint32_t to)
{
    loop->pushes++;
    send(loop,
         (struct event){.kind = PUSH, .node = to, .state = copy_of(loop, &loop->nodes[from])});
}

static uint32_t peer_of(struct loop *loop, uint32_t node, uint32_t bits)
{
    uint32_t peer = below(bits, loop->nodes_len - 1);

    return peer + (peer >= node);
}

static void again(struct loop *loop, const struct event *event, uint64_t after_ns)
{
    push(loop, &(struct event){
                   .at_ns = loop->now_ns + after_ns, .kind = event->kind, .node = event->node});
}

static void tick(struct loop *loop, const struct event *event)
{
    uint64_t bits = draw(loop);
    uint32_t first = peer_of(loop, event->node, (uint32_t)bits), second;

    /* Two different peers: among those left, counted on from the first. */
    second = below((uint32_t)(bits >> 32), loop->nodes_len - 2);
    second += second >= (first < event->node ? first : event->node);
    second += second >= (first < event->node ? event->node : first);
    for (int i = 0; i < FANOUT; i++)
        send(loop, (struct event){
                       .kind = PULL,
                       .node = i ? second : first,
                       .from = event->node,
                       .digest = loop->nodes[event->node].digest,
                   });
    again(loop, event, SYNC_NS);
}

static void count(struct loop *loop, const struct event *event)
{
    struct node *node = &loop->nodes[event->node];

    node->totals[event->node]++;
    changed(loop, node, node->digest + loop->weights[event->node]);
    if (loop->now_ns + FULL_NS < COUNT_UNTIL_NS)
        again(loop, event, FULL_NS);
}

static void pull(struct loop *loop, const struct event *event)
{
    if (loop->nodes[event->node].digest == event->digest)
        send(loop, (struct event){.kind = ACK, .node = event->from});
    else
        send_push(loop, event->node, event->from);
}

static void handle(struct loop *loop, const struct event *event)
{
    switch ((enum kind)event->kind) {
    case TICK:
        tick(loop, event);
        break;
    case FULL:
        if (loop->nodes[event->node].digest != 0)
            send_push(loop, event->node, peer_of(loop, event->node, (uint32_t)draw(loop)));
        again(loop, event, FULL_NS);
        break;
    case COUNT:
        count(loop, event);
        break;
    case PULL:
        pull(loop, event);
        break;
    case ACK:
        break;
    case PUSH:
        merge(loop, &loop->nodes[event->node], &loop->copies[event->state]);
        copy_drop(loop, event->state);
        break;
    }
}

static void start(struct loop *loop, uint32_t nodes)
{
    size_t len = ((size_t)nodes * 2 + STRETCH - 1) / STRETCH * STRETCH;
    uint64_t *totals = fatal_calloc(nodes * len, sizeof(*totals));

    *loop = (struct loop){.nodes_len = nodes, .totals_len = len, .copies_free = NO_STATE};
    loop->nodes = fatal_calloc(nodes, sizeof(*loop->nodes));
    loop->weights = fatal_calloc(len, sizeof(*loop->weights));
    for (size_t i = 0; i < len; i++)
        loop->weights[i] = draw(loop);
    for (uint32_t i = 0; i < nodes; i++) {
        loop->nodes[i] = (struct node){totals + i * len, 0, NO_STATE};
        push(loop, &(struct event){.kind = TICK, .node = i, .at_ns = draw(loop) % SYNC_NS});
        push(loop, &(struct event){.kind = FULL, .node = i, .at_ns = draw(loop) % FULL_NS});
        /* "even": the turns of all nodes follow each other in equal steps. */
        push(loop, &(struct event){.kind = COUNT, .node = i, .at_ns = FULL_NS / nodes * i});
    }
}

static void release(struct loop *loop)
{
    for (uint32_t i = 0; i < loop->copies_len; i++)
        free(loop->copies[i].totals);
    free(loop->copies);
    free(loop->nodes[0].totals);
    free(loop->nodes);
    free(loop->weights);
    free(loop->heap);
}

/* How many states there are in the end, and what the first of them comes to. */
static uint32_t distinct(const struct loop *loop, uint64_t *ret_value)
{
    uint32_t others = 0;

    *ret_value = 0;
    for (uint32_t i = 0; i < loop->nodes_len; i++) {
        *ret_value += loop->nodes[0].totals[i];
        others += loop->nodes[i].digest != loop->nodes[0].digest;
    }
    return 1 + others;
}

int main(int argc, char **argv)
{
    unsigned long nodes = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    struct loop loop;
    uint64_t value;
    uint32_t states;

    if (nodes < 3 || nodes > NODES_MAX) {
        fprintf(stderr, "usage: bare NODES, from 3 to %d\n", NODES_MAX);
        return 2;
    }
    start(&loop, (uint32_t)nodes);
    while (loop.heap[0].at_ns <= STOP_NS) {
        struct event event = pop(&loop);

        loop.now_ns = event.at_ns;
        loop.events++;
        handle(&loop, &event);
    }
    states = distinct(&loop, &value);
    printf("events %" PRIu64 "  messages %" PRIu64 "  pushes %" PRIu64 "  value %" PRIu64
           "  states %" PRIu32 "\n",
           loop.events, loop.sent, loop.pushes, value, states);
    release(&loop);
    return states == 1 && value == 5 * nodes ? 0 : 1;
}
