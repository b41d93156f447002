/* The event queue: one total order, whatever the order of pushing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sim/choose.h"
#include "sim/evq.h"

static struct event event_at(uint64_t at_ns, enum event_class class, uint64_t order)
{
    return (struct event){.at_ns = at_ns, .class = (uint16_t) class, .order = order};
}

/*
 * The order is (time, class, order, seq). Four events that differ in one part
 * each are pushed backwards and must come out in that order.
 */
Test(evq, time_comes_first_then_class_then_order_then_seq)
{
    struct evq evq = {0};
    struct event got;

    evq_push(&evq, event_at(2, EVENT_CLASS_ACTION, 0));
    evq_push(&evq, event_at(1, EVENT_CLASS_EXPECT, 0));
    evq_push(&evq, event_at(1, EVENT_CLASS_WORLD, 9));
    evq_push(&evq, event_at(1, EVENT_CLASS_WORLD, 5)); /* seq 3 */
    evq_push(&evq, event_at(1, EVENT_CLASS_WORLD, 5)); /* seq 4 */
    evq_push(&evq, event_at(1, EVENT_CLASS_ACTION, 7));

    uint64_t expected[] = {5, 3, 4, 2, 1, 0};
    for (size_t i = 0; i < 6; i++) {
        cr_assert(evq_pop(&evq, &got));
        cr_assert(eq(u64, got.seq, expected[i]), "at place %zu", i);
    }
    cr_assert(not(evq_pop(&evq, &got)));
    evq_release(&evq);
}

/*
 * A queue is right when it always hands out the least of what it holds.
 * Ten thousand pushes and pops in a drawn mix; times from a small range, so
 * that ties are common; each pop is compared with a scan of a plain list.
 */
Test(evq, always_hands_out_the_least_event)
{
    struct evq evq = {0};
    static struct event held[10000];
    size_t len = 0;

    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t bits = mix64(i);

        if (len > 0 && bits % 5 < 2) {
            size_t least = 0;
            struct event got;

            for (size_t k = 1; k < len; k++)
                if (event_before(&held[k], &held[least]))
                    least = k;
            cr_assert(evq_pop(&evq, &got));
            cr_assert(eq(u64, got.seq, held[least].seq));
            held[least] = held[--len];
        } else {
            struct event event =
                event_at(bits >> 8 & 15, (enum event_class)(bits >> 16 & 1), bits >> 24 & 3);

            evq_push(&evq, event);
            event.seq = evq.pushed - 1;
            held[len++] = event;
        }
        cr_assert(eq(sz, evq_len(&evq), len));
    }
    evq_release(&evq);
}

/* peek shows what pop will take, and takes nothing. */
Test(evq, peek_takes_nothing)
{
    struct evq evq = {0};

    cr_assert(eq(ptr, (void *)evq_peek(&evq), NULL));
    evq_push(&evq, event_at(3, EVENT_CLASS_WORLD, 0));
    evq_push(&evq, event_at(1, EVENT_CLASS_WORLD, 0));
    cr_assert(eq(u64, evq_peek(&evq)->at_ns, 1));
    cr_assert(eq(sz, evq_len(&evq), 2));
    evq_release(&evq);
    cr_assert(eq(sz, evq_len(&evq), 0));
    evq_release(&evq); /* a second release does nothing */
}

/* Ends of faults come before all actions, each in the order of the file. */
Test(event, ends_come_before_actions_in_file_order)
{
    cr_assert(lt(u64, event_order_of_end(0), event_order_of_end(1)));
    cr_assert(lt(u64, event_order_of_end(UINT32_MAX), event_order_of_action(0)));
    cr_assert(lt(u64, event_order_of_action(0), event_order_of_action(1)));
}
