/* Local time: moved, stretched, set back; and the instant at which it shows what is waited for. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/types.h"
#include "lib_core.h"
#include "sim/clock.h"

#define MS UINT64_C(1000000)

Test(clock, shows_the_true_time)
{
    struct clock clock;

    clock_init(&clock);
    cr_assert(eq(u64, clock_now(&clock, 0), 0));
    cr_assert(eq(u64, clock_now(&clock, 5 * MS), 5 * MS));
    cr_assert(eq(u64, clock_when(&clock, 9 * MS, 5 * MS), 9 * MS));
    cr_assert(eq(u64, clock_when(&clock, DC_TIME_NEVER, 5 * MS), DC_TIME_NEVER));
}

Test(clock, set_back_it_stands_still_until_it_has_caught_up)
{
    struct clock clock;

    clock_init(&clock);
    clock_now(&clock, 100 * MS);
    clock_skew(&clock, 100 * MS, -(i128)(30 * MS));
    cr_assert(eq(u64, clock_now(&clock, 100 * MS), 100 * MS));
    cr_assert(eq(u64, clock_now(&clock, 129 * MS), 100 * MS));
    cr_assert(eq(u64, clock_now(&clock, 131 * MS), 101 * MS));
    cr_assert(eq(u64, clock_when(&clock, 110 * MS, 131 * MS), 140 * MS));
}

/* Before 0 it shows 0. */
Test(clock, set_back_behind_the_start)
{
    struct clock clock;

    clock_init(&clock);
    clock_jump(&clock, 10 * MS, -(i128)(50 * MS));
    cr_assert(eq(u64, clock_now(&clock, 10 * MS), 0));
    cr_assert(eq(u64, clock_when(&clock, 1, 10 * MS), 50 * MS + 1));
}

Test(clock, a_jump_adds_up_and_a_skew_does_not)
{
    struct clock clock;

    clock_init(&clock);
    clock_jump(&clock, 10 * MS, 5 * MS);
    clock_jump(&clock, 10 * MS, 5 * MS);
    cr_assert(eq(u64, clock_now(&clock, 20 * MS), 30 * MS));
    clock_skew(&clock, 30 * MS, 50 * MS);
    clock_skew(&clock, 30 * MS, 50 * MS);
    cr_assert(eq(u64, clock_now(&clock, 40 * MS), 90 * MS));
}

/* From now on only: the past stays as it was. */
Test(clock, drift_is_exact)
{
    struct clock clock;

    clock_init(&clock);
    clock_drift(&clock, 1000, 100000000); /* 10 % faster */
    cr_assert(eq(u64, clock_now(&clock, 1000), 1000));
    cr_assert(eq(u64, clock_now(&clock, 1009), 1009)); /* 9.9, rounded down */
    cr_assert(eq(u64, clock_now(&clock, 1010), 1011));
    clock_drift(&clock, 2000, -500000000); /* half as fast */
    cr_assert(eq(u64, clock_now(&clock, 2000), 2100));
    cr_assert(eq(u64, clock_now(&clock, 2003), 2101));
    cr_assert(eq(u64, clock_when(&clock, 2102, 2003), 2004));
}

/* The first instant, neither earlier nor later, whatever was done to the clock. */
Test(clock, when_is_the_first_instant)
{
    struct test_random random = {.state = 7};

    for (int i = 0; i < 20000; i++) {
        struct clock clock;
        uint64_t now = draw_below(&random, 1000000), local, at;

        clock_init(&clock);
        clock_now(&clock, now);
        clock_drift(&clock, now, (int64_t)draw_below(&random, 1999999999) - 999999999);
        clock_jump(&clock, now, (i128)draw_below(&random, 2000000) - 1000000);
        now += draw_below(&random, 1000);
        local = clock_now(&clock, now) + draw_below(&random, 5000);
        at = clock_when(&clock, local, now);
        cr_assert(at >= now);
        if (at == DC_TIME_NEVER)
            continue;
        if (at > now) {
            struct clock before = clock;

            cr_assert(lt(u64, clock_now(&before, at - 1), local));
        }
        cr_assert(ge(u64, clock_now(&clock, at), local));
    }
}

Test(clock, goes_on_from_what_it_shows_when_all_is_quiet)
{
    struct clock clock;

    clock_init(&clock);
    cr_assert(not(clock_steady(&clock, 5 * MS)));
    clock_now(&clock, 100 * MS);
    clock_jump(&clock, 100 * MS, -(i128)(50 * MS));
    clock_drift(&clock, 100 * MS, 500000000);
    cr_assert(clock_steady(&clock, 110 * MS));
    cr_assert(eq(u64, clock_now(&clock, 110 * MS), 100 * MS));
    cr_assert(eq(u64, clock_now(&clock, 120 * MS), 110 * MS));
}

/* Another process has its own memory of what it was shown. */
Test(clock, a_new_process_may_see_an_earlier_time)
{
    struct clock clock;

    clock_init(&clock);
    clock_now(&clock, 100 * MS);
    clock_skew(&clock, 100 * MS, -(i128)(30 * MS));
    clock_start(&clock, 101 * MS);
    cr_assert(eq(u64, clock_now(&clock, 101 * MS), 71 * MS));
}

/* Before the true 0, and where numbers end: what is shown is counted from the start. */
Test(clock, a_new_process_begins_at_whatever_it_says)
{
    static const i128 moved[] = {-(i128)3600000 * MS, (i128)DC_TIME_NEVER - 1, 0};

    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct clock clock;
        uint64_t first;

        clock_init(&clock);
        clock_skew(&clock, 1, moved[i]);
        clock_start(&clock, 10 * MS);
        first = clock_now(&clock, 10 * MS);
        cr_assert(eq(u64, clock_now(&clock, 11 * MS), first + MS));
        cr_assert(eq(u64, clock_when(&clock, first + 5 * MS, 11 * MS), 15 * MS));
        cr_assert(not(clock_stands(&clock, 11 * MS)));
        /* The next one once more, and nothing was forgotten of what was set. */
        clock_jump(&clock, 20 * MS, -moved[i]);
        clock_start(&clock, 20 * MS);
        cr_assert(eq(u64, clock_now(&clock, 21 * MS), 21 * MS));
    }
}

/* What is set back in the instant of the start was so at the start; later it stands still. */
Test(clock, set_back_in_the_instant_of_the_start)
{
    struct clock clock;
    uint64_t first;

    clock_init(&clock);
    clock_start(&clock, 10 * MS);
    first = clock_now(&clock, 10 * MS);
    clock_jump(&clock, 10 * MS, -(i128)(50 * MS));
    clock_skew(&clock, 10 * MS, -(i128)(60 * MS));
    cr_assert(eq(u64, clock_now(&clock, 10 * MS), first));
    cr_assert(eq(u64, clock_now(&clock, 12 * MS), first + 2 * MS));
    cr_assert(not(clock_stands(&clock, 12 * MS)));
    clock_jump(&clock, 12 * MS, -(i128)(5 * MS));
    cr_assert(clock_stands(&clock, 12 * MS));
    cr_assert(eq(u64, clock_now(&clock, 16 * MS), first + 2 * MS));
    cr_assert(not(clock_stands(&clock, 17 * MS)));
    cr_assert(eq(u64, clock_now(&clock, 18 * MS), first + 3 * MS));
}

/* However often it is set forward, it goes on. */
Test(clock, never_comes_to_where_numbers_end)
{
    struct clock clock;
    uint64_t before = 0;

    clock_init(&clock);
    clock_start(&clock, 0);
    for (uint64_t at = MS; at < 10 * MS; at += MS) {
        clock_jump(&clock, at, (i128)DC_TIME_NEVER - 1);
        cr_assert(ge(u64, clock_now(&clock, at), before));
        before = clock_now(&clock, at);
        cr_assert(eq(u64, clock_when(&clock, before + 100, at), at + 100));
    }
}
