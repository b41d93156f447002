/* Whom a node may talk to, and the draw that picks among them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/err.h"
#include "core/peers.h"
#include "tests/lib_core.h"

/* ---- Drawing below a bound ---- */

static uint64_t fixed_bits(void *ctx)
{
    const uint64_t *bits = ctx;

    return *bits;
}

static uint64_t below(uint64_t bits, uint64_t bound)
{
    static const struct env_ops ops = {.random = fixed_bits};

    return env_below(&(struct env){.ops = &ops, .ctx = &bits}, bound);
}

/*
 * The number is the upper half of bits times bound. Bounds of 1 and 2^64-1 are
 * where a product in parts goes wrong, so they are here with bits at both ends.
 */
Test(env, a_draw_is_the_upper_half_of_the_product)
{
    cr_assert(eq(u64, below(0, 1), 0));
    cr_assert(eq(u64, below(UINT64_MAX, 1), 0));
    cr_assert(eq(u64, below(0, UINT64_MAX), 0));
    cr_assert(eq(u64, below(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1));
    cr_assert(eq(u64, below(UINT64_MAX, UINT64_C(1) << 63), (UINT64_C(1) << 63) - 1));
    cr_assert(eq(u64, below(UINT64_C(1) << 63, 10), 5));
    cr_assert(eq(u64, below(UINT64_MAX, 10), 9));
    cr_assert(eq(u64, below(UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543210)),
                 UINT64_C(0x121fa00ad77d7422)));
}

#ifndef DC_CONTRACTS_DISABLED
Test(env, there_is_no_number_below_0, .signal = SIGABRT)
{
    (void)below(1, 0);
}
#endif

/* What a host prints for events and answers it was given. */
Test(env, events_and_answers_have_texts)
{
    for (int event = ENV_RAISED; event <= ENV_STOPPED; event++)
        cr_assert(ne(str, (char *)env_event_text((enum env_event)event), (char *)"?"));
    expect_text(env_answer_text(ENV_OK), "ok");
    expect_text(env_answer_text(ENV_REFUSED), "refused");
    expect_text(env_answer_text(ENV_UNKNOWN), "unknown");
}

/* ---- The list ---- */

static const dc_name shared[] = {2, 4, 6, 8};

/*
 * The shared list less the node itself, then what was learned: the same
 * whether the node is on the list, first, last, between, or not at all.
 */
Test(peers, are_all_but_the_node_itself)
{
    static const struct {
        dc_name self;
        uint32_t count;
        dc_name at[5];
    } cases[] = {
        {2, 4, {4, 6, 8, 5}},    {6, 4, {2, 4, 8, 5}},    {8, 4, {2, 4, 6, 5}},
        {1, 5, {2, 4, 6, 8, 5}}, {7, 5, {2, 4, 6, 8, 5}}, {9, 5, {2, 4, 6, 8, 5}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct test_mem mem;
        test_mem_init(&mem);
        struct peers peers;
        peers_init(&peers, &mem.mem, cases[i].self, shared, 4);
        cr_assert(eq(int, peers_learn(&peers, 5), 1));

        cr_assert(eq(u32, peers_count(&peers), cases[i].count));
        for (uint32_t k = 0; k < cases[i].count; k++) {
            cr_assert(eq(u32, peers_at(&peers, k), cases[i].at[k]), "case %zu, %u", i, k);
            cr_assert(peers_know(&peers, cases[i].at[k]));
        }
        cr_assert(not(peers_know(&peers, cases[i].self)));

        peers_release(&peers);
        peers_release(&peers);
        cr_assert(eq(sz, mem.live, 0));
    }
}

/* Learning what is known, or oneself, changes nothing and needs no memory. */
Test(peers, a_peer_is_learned_once)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct peers peers;
    peers_init(&peers, &mem.mem, 4, shared, 4);

    test_mem_fail_from(&mem, 0);
    cr_assert(eq(int, peers_learn(&peers, 4), 0));
    cr_assert(eq(int, peers_learn(&peers, 8), 0));
    test_mem_fail_never(&mem);
    cr_assert(eq(int, peers_learn(&peers, 9), 1));
    cr_assert(eq(int, peers_learn(&peers, 9), 0));
    cr_assert(eq(u32, peers_count(&peers), 4));

    peers_release(&peers);
    cr_assert(eq(sz, mem.live, 0));
}

/* A node may start alone, without any list. */
Test(peers, a_node_may_start_alone)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    struct peers peers;
    dc_name picks[4];
    peers_init(&peers, &mem.mem, 1, NULL, 0);

    cr_assert(eq(u32, peers_count(&peers), 0));
    cr_assert(eq(u32, peers_pick(&peers, &env.env, 4, picks), 0));
    cr_assert(eq(sz, env.draws, 0));
    cr_assert(eq(int, peers_learn(&peers, 0), 1));
    cr_assert(eq(u32, peers_pick(&peers, &env.env, 4, picks), 1));
    cr_assert(eq(u32, picks[0], 0));

    peers_release(&peers);
}

static int learn_seven(void *ctx)
{
    return peers_learn(ctx, 7);
}

static void expect_four(void *ctx)
{
    const struct peers *peers = ctx;

    cr_assert(eq(u32, peers_count(peers), 3));
    cr_assert(not(peers_know(peers, 7)));
}

static void forget(void *ctx)
{
    struct peers *peers = ctx;
    const struct mem *mem = peers->mem;

    peers_release(peers);
    peers_init(peers, mem, 4, shared, 4);
}

/* Without memory a peer is not learned, and all others stay. */
Test(peers, out_of_memory_learns_nothing)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct peers peers;
    peers_init(&peers, &mem.mem, 4, shared, 4);

    expect_survives_no_memory(
        &mem, &(struct oom_case){
                  .op = learn_seven, .unchanged = expect_four, .undo = forget, .ctx = &peers});

    peers_release(&peers);
    cr_assert(eq(sz, mem.live, 0));
}

/* ---- Picking ---- */

/*
 * Picks are different peers, known ones, as many as asked for or as there are,
 * with one draw for each: whatever the sizes.
 */
Test(peers, picks_are_different_and_known)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    struct peers peers;
    peers_init(&peers, &mem.mem, 6, shared, 4);
    for (dc_name address = 100; address < 120; address++)
        cr_assert(eq(int, peers_learn(&peers, address), 1));
    dc_name picks[DC_FANOUT_MAX];

    for (int round = 0; round < 2000; round++) {
        uint32_t want = (uint32_t)round % 30;
        size_t draws = env.draws;
        uint32_t len = peers_pick(&peers, &env.env, want, picks);
        cr_assert(eq(u32, len, want < 23 ? want : 23));
        cr_assert(eq(sz, env.draws - draws, len));
        for (uint32_t i = 0; i < len; i++) {
            cr_assert(peers_know(&peers, picks[i]));
            for (uint32_t k = 0; k < i; k++)
                cr_assert(ne(u32, picks[i], picks[k]));
        }
    }
    peers_release(&peers);
}

/*
 * Each set is equally likely: 2 of 6 peers make 15 sets, so of 30,000 picks
 * each should come 2,000 times. 6 standard deviations (43) are allowed, which
 * chance passes once in 30 million seeds, and this seed is fixed.
 */
Test(peers, each_set_is_equally_likely)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    static const dc_name six[] = {0, 1, 2, 3, 4, 5, 6};
    struct peers peers;
    peers_init(&peers, &mem.mem, 3, six, 7);
    int seen[7][7] = {{0}};
    dc_name picks[2];

    for (int round = 0; round < 30000; round++) {
        cr_assert(eq(u32, peers_pick(&peers, &env.env, 2, picks), 2));
        dc_name low = picks[0] < picks[1] ? picks[0] : picks[1];
        dc_name high = picks[0] < picks[1] ? picks[1] : picks[0];
        seen[low][high]++;
    }

    for (int low = 0; low < 7; low++) {
        for (int high = low + 1; high < 7; high++) {
            if (low != 3 && high != 3)
                cr_assert(lt(int, abs(seen[low][high] - 2000), 6 * 43), "%d,%d", low, high);
        }
    }
    peers_release(&peers);
}

#ifndef DC_CONTRACTS_DISABLED
Test(peers, a_peer_beyond_the_last_breaks_a_contract, .signal = SIGABRT)
{
    struct peers peers;
    peers_init(&peers, mem_heap(), 4, shared, 4);

    (void)peers_at(&peers, 3);
}
#endif
