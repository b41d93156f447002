/* Draws are pure functions of (seed, key, purpose), fair, and made of integers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sim/choose.h"
#include "sim/wide.h"

#define DRAWS 200000

/* The same cause draws the same value, however many draws came before. */
Test(choose, a_draw_does_not_depend_on_those_before_it)
{
    struct choose a, b;

    choose_init(&a, 42);
    choose_init(&b, 42);
    for (uint64_t key = 0; key < 1000; key++)
        choose_bits(&b, key, PURPOSE_DELAY);
    cr_assert(eq(u64, choose_bits(&a, 7, PURPOSE_LOSS), choose_bits(&b, 7, PURPOSE_LOSS)));
}

/* Seed, key and purpose each make a different draw. */
Test(choose, seed_key_and_purpose_all_matter)
{
    struct choose a, b;

    choose_init(&a, 1);
    choose_init(&b, 2);
    uint64_t value = choose_bits(&a, 7, PURPOSE_LOSS);
    cr_assert(ne(u64, value, choose_bits(&b, 7, PURPOSE_LOSS)));
    cr_assert(ne(u64, value, choose_bits(&a, 8, PURPOSE_LOSS)));
    cr_assert(ne(u64, value, choose_bits(&a, 7, PURPOSE_DELAY)));
}

/* Golden values: another compiler, processor or library must draw the same. */
Test(choose, draws_are_the_same_on_every_machine)
{
    struct choose choose;

    choose_init(&choose, 42);
    cr_assert(eq(u64, mix64(1), UINT64_C(0x5692161D100B05E5)));
    uint64_t first = choose_bits(&choose, key_root(CAUSE_TICK), PURPOSE_ORDER);
    uint64_t second = choose_below(&choose, key_with(1, 2), PURPOSE_SELECT, 1000);
    cr_assert(eq(u64, first, UINT64_C(0x6D86BD6262C1D2B3)));
    cr_assert(eq(u64, second, 932));
    cr_assert(eq(u64, choose.unseed, UINT64_C(0x9DC299C15CD49E0A)));
}

/* unseed sums over draws, so their order does not matter, but each one does. */
Test(choose, unseed_sees_every_draw_in_any_order)
{
    struct choose a, b, c;

    choose_init(&a, 1);
    choose_init(&b, 1);
    choose_init(&c, 1);
    choose_bits(&a, 5, PURPOSE_LOSS);
    choose_bits(&a, 6, PURPOSE_LOSS);
    choose_bits(&b, 6, PURPOSE_LOSS);
    choose_bits(&b, 5, PURPOSE_LOSS);
    choose_bits(&c, 5, PURPOSE_LOSS);
    cr_assert(eq(u64, a.unseed, b.unseed));
    cr_assert(ne(u64, a.unseed, c.unseed));
}

/* The ends of below and range: bounds of 1, of 2^64-1, and the whole range. */
Test(choose, bounds_are_kept)
{
    struct choose choose;

    choose_init(&choose, 3);
    for (uint64_t key = 0; key < 1000; key++) {
        cr_assert(eq(u64, choose_below(&choose, key, PURPOSE_KIND, 1), 0));
        cr_assert(lt(u64, choose_below(&choose, key, PURPOSE_KIND, UINT64_MAX), UINT64_MAX));
        uint64_t drawn = choose_range(&choose, key, PURPOSE_AMOUNT, (struct scn_range){10, 12});
        cr_assert(ge(u64, drawn, 10));
        cr_assert(le(u64, drawn, 12));
        choose_range(&choose, key, PURPOSE_AMOUNT, (struct scn_range){0, UINT64_MAX});
    }
    cr_assert(eq(u64, choose_range(&choose, 1, PURPOSE_AMOUNT, (struct scn_range){9, 9}), 9));
}

/* Both ends of a range come up; each of three values about a third of the time. */
Test(choose, a_range_is_uniform_with_both_ends)
{
    struct choose choose;
    uint64_t count[3] = {0};

    choose_init(&choose, 4);
    for (uint64_t key = 0; key < DRAWS; key++)
        count[choose_range(&choose, key, PURPOSE_AMOUNT, (struct scn_range){0, 2})]++;
    for (int i = 0; i < 3; i++) {
        cr_assert(ge(u64, count[i], DRAWS / 3 - DRAWS / 100));
        cr_assert(lt(u64, count[i], DRAWS / 3 + DRAWS / 100));
    }
}

/* A share of 1 % comes true one time in a hundred; 0 and 100 % without a draw. */
Test(choose, a_share_is_fair_and_its_ends_are_certain)
{
    struct choose choose;
    uint64_t hits = 0;

    choose_init(&choose, 5);
    for (uint64_t key = 0; key < DRAWS; key++)
        hits += choose_share(&choose, key, PURPOSE_LOSS, SCN_PPB / 100);
    cr_assert(ge(u64, hits, DRAWS / 100 - 250));
    cr_assert(lt(u64, hits, DRAWS / 100 + 250));
    uint64_t before = choose.unseed;
    cr_assert(choose_share(&choose, 1, PURPOSE_LOSS, SCN_PPB));
    cr_assert(not(choose_share(&choose, 1, PURPOSE_LOSS, 0)));
    cr_assert(eq(u64, choose.unseed, before));
}

/* -log2 at its corners: u = 1, 1/2, 2^-64; and one value between. */
Test(deviate, logarithm_is_exact_where_it_is_whole)
{
    cr_assert(eq(u64, log2_inverse(UINT64_MAX), 0));
    cr_assert(eq(u64, log2_inverse((UINT64_C(1) << 63) - 1), UINT64_C(1) << 32));
    cr_assert(eq(u64, log2_inverse(0), UINT64_C(64) << 32));
    /* u = 3/4: -log2 is 0.41503749927884 */
    uint64_t near = log2_inverse(UINT64_C(0xBFFFFFFFFFFFFFFF));
    cr_assert(ge(u64, near, UINT64_C(1782572486)));
    cr_assert(lt(u64, near, UINT64_C(1782572489)));
}

static void expect_moments(int64_t (*deviate)(uint64_t bits), int64_t mean_milli,
                           int64_t variance_milli, int64_t slack_milli)
{
    /* In 2^-16, so that squares of many fit into 128 bits easily. */
    i128 sum = 0, squares = 0;

    for (uint64_t i = 0; i < DRAWS; i++) {
        int64_t value = deviate(mix64(i + 1)) >> 16;

        sum += value;
        squares += (i128)value * value;
    }
    int64_t mean = (int64_t)(sum * 1000 / DRAWS / 65536);
    int64_t variance = (int64_t)(squares * 1000 / DRAWS / 65536 / 65536);
    cr_assert(ge(i64, mean, mean_milli - slack_milli));
    cr_assert(le(i64, mean, mean_milli + slack_milli));
    cr_assert(ge(i64, variance, variance_milli - 4 * slack_milli));
    cr_assert(le(i64, variance, variance_milli + 4 * slack_milli));
}

/* Mean and variance in thousandths: uniform 0 and 1/3, the others 0 and 1. */
Test(deviate, distributions_have_their_mean_and_spread)
{
    expect_moments(deviate_uniform, 0, 333, 5);
    expect_moments(deviate_normal, 0, 1000, 8);
    expect_moments(deviate_exp, 0, 1000, 10);
    expect_moments(deviate_pareto, 0, 1000, 60); /* a heavy tail converges slowly */
}

static uint64_t sum_of(int64_t (*deviate)(uint64_t bits))
{
    uint64_t sum = 0;

    for (uint64_t i = 1; i <= DRAWS; i++)
        sum += mix64((uint64_t)deviate(mix64(i)) ^ i);
    return sum;
}

/* Golden sums: the last bit of every deviate is the same on every machine. */
Test(deviate, distributions_are_the_same_on_every_machine)
{
    cr_assert(eq(u64, sum_of(deviate_uniform), UINT64_C(0x69122A0517A021C8)));
    cr_assert(eq(u64, sum_of(deviate_normal), UINT64_C(0xEB796172B7E634D7)));
    cr_assert(eq(u64, sum_of(deviate_exp), UINT64_C(0x52E6965CC57196A0)));
    cr_assert(eq(u64, sum_of(deviate_pareto), UINT64_C(0x5C3BDD205E0157F4)));
}

/* A scaled deviate keeps its sign, is rounded towards zero and saturates. */
Test(deviate, scaling_rounds_towards_zero_and_saturates)
{
    cr_assert(eq(i64, deviate_scale(1000, DEVIATE_ONE), 1000));
    cr_assert(eq(i64, deviate_scale(1000, -DEVIATE_ONE / 2), -500));
    cr_assert(eq(i64, deviate_scale(3, -DEVIATE_ONE / 2), -1));
    cr_assert(eq(i64, deviate_scale(UINT64_MAX, 2 * DEVIATE_ONE), INT64_MAX));
    cr_assert(eq(i64, deviate_scale(UINT64_MAX, -2 * DEVIATE_ONE), INT64_MIN));
}
