/*
 * The event queue alone, as in a long run: it holds so many events, and each
 * that is taken out puts in one of 1..10 ms later, a delivery (the hold model);
 * or, for one in ten, of 100 ms later, a tick. One event is a push and a pop.
 *
 * Source: Jones, "An empirical comparison of priority-queue and event-set
 * implementations", CACM 29 (1986), the hold model.
 */
#include <stdlib.h>

#include "sim/choose.h"
#include "sim/evq.h"
#include "sim/fatal.h"

#include "tools/bench/cell.h"

#define MS UINT64_C(1000000)

static uint64_t after_ns(uint64_t bits, bool ticks)
{
    if (ticks && bits % 10 == 0)
        return 100 * MS;
    return MS + (bits >> 32) * (9 * MS) / UINT32_MAX;
}

static void hold(struct evq *evq, uint64_t events, bool ticks)
{
    struct event event;

    for (uint64_t i = 0; i < events; i++) {
        if (!evq_pop(evq, &event))
            fatal("the queue is empty");
        event.key = mix64(event.key + i);
        event.at_ns += after_ns(event.key, ticks);
        event.order = event.key;
        evq_push(evq, event);
    }
}

static void measure(uint64_t pending, const char *column, bool ticks, uint64_t events)
{
    struct evq evq = {0};
    uint64_t began_ns;

    for (uint64_t i = 0; i < pending; i++) {
        uint64_t key = mix64(i + 1);

        evq_push(&evq, (struct event){
                           .at_ns = after_ns(key, ticks),
                           .key = key,
                           .order = key,
                           .class = EVENT_CLASS_WORLD,
                           .kind = EVENT_ARRIVE,
                       });
    }
    hold(&evq, events < 2 * pending ? events : 2 * pending, ticks);
    began_ns = cell_clock_ns();
    hold(&evq, events, ticks);
    cell_since(ticks ? "one in ten is a tick" : "all within 1..10 ms", column, began_ns, events);
    evq_release(&evq);
}

int main(int argc, char **argv)
{
    bool quick = cell_quick(argc, argv);
    uint64_t events = quick ? 20000 : 2000000;

    for (int ticks = 0; ticks <= 1; ticks++) {
        measure(1000, "1,000", ticks, events);
        measure(100000, "100,000", ticks, events);
        measure(quick ? 100000 : 1000000, "1,000,000", ticks, events);
    }
    return 0;
}
