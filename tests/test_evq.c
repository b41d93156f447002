/* The event queue: one total order, whatever the order of pushing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

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

/* How far off the next event is, in the cases below. */
static uint64_t gap_of(unsigned shape, uint64_t bits)
{
    switch (shape) {
    case 0: /* deliveries */
        return 1000000 + bits % 9000000;
    case 1: /* all at one instant, or the next */
        return bits % 2;
    case 2: /* any distance that 64 bits have, within what is left of time */
        return (bits >> 8) >> (bits % 56);
    case 3: /* hours, and now and then a nanosecond */
        return bits % 8 ? UINT64_C(3600000000000) * (bits >> 60) : 1;
    case 4: /* around the edges of slots: 64^k, less one, more one */
        return (UINT64_C(1) << 6 * (bits % 7)) + (bits >> 8) % 3 - 1;
    default: /* far timers beside near messages, bursts of equal times */
        return bits % 16 ? (bits >> 20) % 50 * 1000 : UINT64_C(1) << (bits >> 58) % 40;
    }
}

/*
 * Time only moves on: what is pushed is not before what was taken out last. In
 * shapes that fill and empty the queue many times, up to @pending events; each pop
 * must come behind the one before, and all that went in must come out.
 */
static void expect_order(unsigned shape, size_t pending, uint64_t rounds)
{
    struct evq evq = {0};
    struct event last = {0}, got;
    uint64_t now = 0, popped = 0, sum_in = 0, sum_out = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t bits = mix64(i * 8 + shape);
        bool fills = (i / (2 * pending)) % 2 == 0; /* more in than out, then the other way */
        bool pushes = evq_len(&evq) == 0 || (bits % 8 < (fills ? 5 : 3) && evq_len(&evq) < pending);

        if (pushes) {
            uint64_t gap = gap_of(shape, mix64(bits));
            struct event event = event_at(now > UINT64_MAX - gap ? UINT64_MAX : now + gap,
                                          (enum event_class)(bits >> 8 & 1), bits >> 16 & 3);

            event.key = bits;
            sum_in += bits;
            evq_push(&evq, event);
            if (event_before(&event, &last) && event.at_ns == last.at_ns)
                last = event; /* it may come before what the instant has shown already */
            continue;
        }
        cr_assert(evq_pop(&evq, &got));
        cr_assert(got.at_ns >= now && (popped == 0 || !event_before(&got, &last)),
                  "shape %u, round %llu", shape, (unsigned long long)i);
        last = got;
        now = got.at_ns;
        sum_out += got.key;
        popped++;
    }
    while (evq_pop(&evq, &got)) {
        cr_assert(popped == 0 || !event_before(&got, &last));
        last = got;
        sum_out += got.key;
    }
    cr_assert(eq(u64, sum_in, sum_out));
    evq_release(&evq);
}

Test(evq, every_shape_of_time_comes_out_in_order)
{
    for (unsigned shape = 0; shape < 6; shape++) {
        expect_order(shape, 10, 20000);
        expect_order(shape, 1000, 60000);
        expect_order(shape, 50000, 400000);
    }
}

/* Against a plain list: each pop is the least of all that is pending, over every distance. */
Test(evq, the_least_is_found_wherever_it_lies)
{
    static struct event held[3000];

    for (unsigned shape = 0; shape < 6; shape++) {
        struct evq evq = {0};
        size_t len = 0;
        uint64_t now = 0;

        for (uint64_t i = 0; i < 6000; i++) {
            uint64_t bits = mix64(i * 8 + shape + 1000000);

            if (len > 0 && (bits % 8 < 3 || len == 3000)) {
                size_t least = 0;
                struct event got;

                for (size_t k = 1; k < len; k++)
                    if (event_before(&held[k], &held[least]))
                        least = k;
                cr_assert(eq(u64, evq_peek(&evq)->seq, held[least].seq));
                cr_assert(evq_pop(&evq, &got));
                cr_assert(eq(u64, got.seq, held[least].seq), "shape %u", shape);
                now = got.at_ns;
                held[least] = held[--len];
            } else {
                uint64_t gap = gap_of(shape, mix64(bits));
                struct event event = event_at(now > UINT64_MAX - gap ? UINT64_MAX : now + gap,
                                              (enum event_class)(bits >> 8 & 1), bits >> 16 & 3);

                evq_push(&evq, event);
                event.seq = evq.pushed - 1;
                held[len++] = event;
            }
            cr_assert(eq(sz, evq_len(&evq), len));
        }
        evq_release(&evq);
    }
}

/* For qsort(). */
static int compare_events(const void *a, const void *b)
{
    return event_before(a, b) ? -1 : event_before(b, a);
}

/*
 * Against a sorted list, with a hundred thousand pending: what was pushed is sorted,
 * half of it is taken out, as much is pushed again from there on, and so on.
 */
Test(evq, a_crowd_comes_out_as_a_sorted_list_has_it)
{
    enum {
        CROWD = 100000
    };
    struct event *held = calloc(CROWD, sizeof(*held));

    cr_assert(held != NULL);
    for (unsigned shape = 0; shape < 6; shape++) {
        struct evq evq = {0};
        struct event got = {0};
        size_t len = 0;

        for (uint64_t turn = 0; turn < 4; turn++) {
            for (; len < CROWD; len++) {
                uint64_t bits = mix64(evq.pushed * 8 + shape + 2000000);
                uint64_t gap = gap_of(shape, mix64(bits));
                uint64_t at_ns = got.at_ns > UINT64_MAX - gap ? UINT64_MAX : got.at_ns + gap;

                held[len] = event_at(at_ns, (enum event_class)(bits >> 8 & 1), bits >> 16 & 3);
                held[len].seq = evq.pushed;
                evq_push(&evq, held[len]);
            }
            qsort(held, len, sizeof(*held), compare_events);
            for (size_t i = 0; i < CROWD / 2; i++) {
                bool popped = evq_pop(&evq, &got);

                cr_assert(popped && got.seq == held[i].seq, "shape %u, place %zu", shape, i);
            }
            len = CROWD - CROWD / 2;
            memmove(held, held + CROWD / 2, len * sizeof(*held));
        }
        evq_release(&evq);
    }
    free(held);
}

/*
 * Memory is in proportion to the largest crowd, however long the queue is used: once
 * it has been seen in all its phases, a hundred times as many events ask for no more.
 */
Test(evq, a_steady_crowd_asks_for_no_memory)
{
    struct evq evq = {0};
    struct event event = {0};
    const void *blocks = NULL;
    size_t heap_cap = 0;

    for (uint64_t i = 0; i < 1000; i++)
        evq_push(&evq, event_at(gap_of(0, mix64(i)), EVENT_CLASS_WORLD, i));
    for (uint64_t i = 0; i < 1010000; i++) {
        if (i == 10000) {
            blocks = evq.blocks;
            heap_cap = evq.heap_cap;
        }
        cr_assert(evq_pop(&evq, &event));
        evq_push(&evq, event_at(event.at_ns + gap_of(0, mix64(~i)), EVENT_CLASS_WORLD, i));
    }
    cr_assert(blocks != NULL && evq.blocks == blocks, "chunks are not used again");
    cr_assert(eq(sz, evq.heap_cap, heap_cap));
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
