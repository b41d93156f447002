/* How long a rumour takes: small cases by hand, and what it must not depend on. */
#include "sim/scenario/spread.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#include "sim/scenario/scenario.h"

#define MS UINT64_C(1000000)

static struct spread_input usual(uint32_t nodes, uint64_t asks, uint64_t pass_ppb)
{
    return (struct spread_input){.nodes = nodes,
                                 .rumours = nodes,
                                 .asks = asks,
                                 .pass_ppb = pass_ppb,
                                 .sync_ns = 100 * MS,
                                 .back_ns = 0};
}

static void expect_rounds(uint64_t found, uint64_t expected)
{
    cr_expect(found == expected, "expected %" PRIu64 " rounds, found %" PRIu64, expected, found);
}

/* Who asks all others, and always hears them, needs one round. */
Test(spread, all_are_asked)
{
    expect_rounds(spread_all(&(struct spread_input){2, 2, 1, SCN_PPB, MS, MS}).rounds, 1);
    expect_rounds(spread_all(&(struct spread_input){200, 200, 199, SCN_PPB, MS, MS}).rounds, 1);
}

/*
 * Three nodes that ask one: as long as one has it, both others ask it with 1/2
 * each; when two have it, the third surely asks one of them. So after R rounds it
 * is not everywhere with 4^-R + 2 * 4^-R; 3 rumours make that 9 * 4^-R <= 2^-30.
 */
Test(spread, three_nodes_by_hand)
{
    struct spread_input input = usual(3, 1, SCN_PPB);

    expect_rounds(spread_all(&input).rounds, 17);
}

/* Two nodes and a loss of 1/2: 2 * 2^-R <= 2^-30. */
Test(spread, two_nodes_by_hand)
{
    struct spread_input input = usual(2, 1, SCN_PPB / 2);

    expect_rounds(spread_all(&input).rounds, 31);
}

/* Once the answers take longer than many rounds, those are asked at once. */
Test(spread, late_answers_are_not_waited_for_one_by_one)
{
    struct spread_input input = usual(30, 2, SCN_PPB);
    struct spread near = spread_all(&input), far;

    input.back_ns = 100 * input.sync_ns;
    far = spread_all(&input);
    cr_expect(far.waits < near.waits && far.rounds > near.rounds);
    cr_expect(far.waits <= 2);
}

/* From few nodes to many, over the end of what is computed exactly, by small steps. */
Test(spread, no_jump_from_few_to_many_nodes)
{
    static const uint32_t nodes[] = {200, 250, 255, 256, 257, 260, 300, 400, 600, 1000};

    for (uint64_t pass_ppb = SCN_PPB / 4; pass_ppb <= SCN_PPB; pass_ppb += SCN_PPB / 4) {
        uint64_t before_ns = 0;

        for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
            struct spread_input input = usual(nodes[i], 3, pass_ppb);
            uint64_t ns = spread_ns(&input, spread_all(&input));

            cr_expect(ns >= before_ns, "%" PRIu32 " nodes", nodes[i]);
            cr_expect(before_ns == 0 || ns < before_ns / 10 * 17, "%" PRIu32 " nodes", nodes[i]);
            before_ns = ns;
        }
    }
}

/* A thousandth, and what cannot be reached in any time that counts. */
Test(spread, small_chances)
{
    struct spread_input input = usual(10, 1, SCN_PPB / 1000);
    uint64_t rounds = spread_all(&input).rounds;

    cr_expect(rounds > 25000 && rounds < 60000, "%" PRIu64, rounds);
    input.pass_ppb = 1;
    rounds = spread_all(&input).rounds;
    cr_expect(rounds > UINT64_C(25000000000) && rounds < UINT64_C(60000000000), "%" PRIu64, rounds);
}

Test(spread, sums_do_not_wrap)
{
    struct spread_input input = {100000, 100000, 1024, 1, UINT64_MAX, UINT64_MAX};

    cr_expect(spread_ns(&input, spread_all(&input)) == UINT64_MAX);
    cr_expect(spread_ns(&input, spread_path(&input, 50000, 1)) == UINT64_MAX);
}

/* ---- along a path ---- */

/* One step of 1/2 is 2^-R, of which there are 2^2 pairs; every one sure is one round each. */
Test(spread, a_path_by_hand)
{
    struct spread_input input = usual(2, 1, SCN_PPB / 2);

    expect_rounds(spread_path(&input, 1, SCN_PPB).rounds, 32);
    input.pass_ppb = SCN_PPB;
    expect_rounds(spread_path(&input, 1, SCN_PPB / 2).rounds, 32);
    expect_rounds(spread_path(&input, 7, SCN_PPB).rounds, 7);
    cr_expect(spread_path(&input, 7, SCN_PPB).waits == 7);
}

/* Long paths come near to the mean, short ones are ruled by the chance of a miss. */
Test(spread, a_long_path_takes_its_mean)
{
    struct spread_input input = usual(1000, 1, SCN_PPB);
    uint64_t before = 0;

    for (uint64_t hops = 1; hops < 100000; hops *= 3) {
        uint64_t rounds = spread_path(&input, hops, SCN_PPB / 2).rounds;

        cr_expect(rounds > before && rounds > 2 * hops);
        before = rounds;
    }
    cr_expect(before < 59049 * 2 * 11 / 10, "%" PRIu64, before);
}

Test(spread, until_something_has_happened_everywhere)
{
    expect_rounds(spread_until(5, 0), 1);
    expect_rounds(spread_until(1, SCN_PPB / 2), 30);
    expect_rounds(spread_until(4, SCN_PPB / 2), 32);
    expect_rounds(spread_until(4, SCN_PPB), UINT64_MAX);
}
