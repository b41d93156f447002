/*
 * W2: actors that do nothing but pass on what they receive, each message to
 * another actor that is drawn, with a delay of 1..10 ms; as many messages are on
 * their way as there are actors. What is measured is the engine: the queue, the
 * draws and the network, then the same with the records that a run adds for each
 * delivery. Of the cluster there is nothing here.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/net.h"
#include "sim/world.h"

#include "tools/bench/cell.h"

#define MS UINT64_C(1000000)

struct w2 {
    struct world world;
    struct net net;
    uint64_t *received; /* by actor */
    uint32_t actors;
    bool traced;
};

static void w2_send(struct w2 *w2, uint32_t from)
{
    struct world *world = &w2->world;
    uint64_t drawn = choose_below(&world->choose, world->key, PURPOSE_NODE, w2->actors - 1);
    uint32_t to = (uint32_t)drawn + (drawn >= from);
    struct net_message message = {
        .key = key_with(key_with(key_root(CAUSE_MESSAGE), world->key), to),
        .from = from,
        .to = to,
    };
    struct net_outcome out[NET_COPIES_MAX];

    if (net_send(&w2->net, world->now_ns, &message, out) != 1 || out[0].fate != NET_ON_ITS_WAY)
        fatal("a message did not go on its way");
    if (w2->traced) {
        world_record(world, RECORD_SEND, 1, message.key, from, to, 0, 64);
        world_record(world, RECORD_FATE, NET_ON_ITS_WAY, message.key, from, to, out[0].arrives_ns,
                     0);
    }
    world_push(world, out[0].arrives_ns, EVENT_ARRIVE, net_flight(&w2->net, out[0].flight)->key, to,
               out[0].flight);
}

static void w2_deliver(struct w2 *w2)
{
    struct world *world = &w2->world;
    const struct event *next;
    struct event event;

    if (!evq_pop(&world->evq, &event))
        fatal("nothing is on its way");
    next = evq_hint(&world->evq);
    if (next)
        net_prefetch(&w2->net, (uint32_t)next->payload);
    world->now_ns = event.at_ns;
    world->key = event.key;
    world->events++;
    if (w2->traced)
        world_record(world, RECORD_EVENT, event.kind, event.key, event.node, RECORD_NO_NODE, 0, 0);
    if (net_arrive(&w2->net, (uint32_t)event.payload).fate != NET_DELIVERED)
        fatal("a message did not arrive");
    if (w2->traced)
        world_record(world, RECORD_DELIVER, 1, event.key, event.node, 0, 0, 64);
    w2->received[event.node]++;
    w2_send(w2, event.node);
}

static void w2_start(struct w2 *w2, uint32_t actors, bool traced)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY,
        .dist = SCN_DIST_RANGE,
        .delay = {.lo = 1 * MS, .hi = 10 * MS},
    };
    struct net_scope everywhere = {.everywhere = true};

    *w2 = (struct w2){.actors = actors, .traced = traced};
    world_init(&w2->world, 1);
    w2->received = fatal_calloc(actors, sizeof(*w2->received));
    net_init(&w2->net, &w2->world.choose, actors, NULL);
    if (net_lay(&w2->net, NET_NO_STMT, NET_NO_FAULT, &everywhere, &rules, &(struct net_drawn){0},
                false) < 0)
        fatal("no rule could be laid");
    for (uint32_t actor = 0; actor < actors; actor++) {
        w2->world.key = key_with(key_root(CAUSE_TICK), actor);
        w2_send(w2, actor);
    }
}

static void w2_release(struct w2 *w2)
{
    net_release(&w2->net);
    world_release(&w2->world);
    free(w2->received);
}

static void measure(uint32_t actors, const char *column, bool traced, uint64_t deliveries)
{
    struct w2 w2;
    uint64_t began_ns;

    w2_start(&w2, actors, traced);
    /* The queue as it is after a while, not as it was filled. */
    for (uint64_t i = 0; i < deliveries / 10; i++)
        w2_deliver(&w2);
    began_ns = cell_clock_ns();
    for (uint64_t i = 0; i < deliveries; i++)
        w2_deliver(&w2);
    cell_since(traced ? "with the records of a run" : "queue, draws, network", column, began_ns,
               deliveries);
    w2_release(&w2);
}

int main(int argc, char **argv)
{
    uint64_t deliveries = cell_quick(argc, argv) ? 20000 : 2000000;

    for (int traced = 0; traced <= 1; traced++) {
        measure(1000, "1,000", traced, deliveries);
        measure(100000, "100,000", traced, deliveries);
    }
    return 0;
}
