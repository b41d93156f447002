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
    for (int event = ENV_RAISED; event <= ENV_PEER_LEFT; event++)
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

/* ---- Those that do not answer ---- */

/* How many rounds from now @peer is not picked, though every other one is asked for. */
static uint32_t rounds_skipped(struct peers *peers, const struct env *env, dc_name peer)
{
    for (uint32_t rounds = 0;; rounds++) {
        dc_name picks[8];
        doubts_round(&peers->doubts);
        uint32_t len = peers_pick(peers, env, 8, picks);
        for (uint32_t i = 0; i < len; i++) {
            if (picks[i] == peer)
                return rounds;
        }
    }
}

/*
 * Who does not answer is skipped for 1, 2, 4, ... rounds, up to a bound that
 * 500 pulls do not pass (lesson 15: five failures were an end). One word of it
 * makes it as good as new.
 */
Test(peers, who_does_not_answer_is_asked_less_often)
{
    static const uint32_t expected[] = {0, 0, 1, 2, 4, 8, 8, 8};
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    struct peers peers;
    peers_init(&peers, &mem.mem, 4, shared, 4);

    for (int life = 0; life < 2; life++) {
        for (uint32_t pull = 0; pull < 500; pull++) {
            doubts_ask(&peers.doubts, 6);
            uint32_t skipped = rounds_skipped(&peers, &env.env, 6);
            cr_assert(eq(u32, skipped, pull < 8 ? expected[pull] : DOUBTS_SKIP_MAX), "%u", pull);
        }
        doubts_ask(&peers.doubts, 6);
        doubts_hear(&peers.doubts, 6);
        doubts_hear(&peers.doubts, 6);
        doubts_hear(&peers.doubts, 2); /* never asked */
        cr_assert(eq(u32, peers.doubts.len, 0));
        cr_assert(eq(u32, rounds_skipped(&peers, &env.env, 6), 0));
    }
    cr_assert(eq(u32, peers_count(&peers), 3));

    peers_release(&peers);
    cr_assert(eq(sz, mem.live, 0));
}

/* Among those that are not skipped the draw is as fair as among all. */
Test(peers, each_of_those_not_skipped_is_equally_likely)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    static const dc_name six[] = {0, 1, 2, 3, 4, 5, 6};
    struct peers peers;
    peers_init(&peers, &mem.mem, 3, six, 7);
    cr_assert(eq(int, peers_learn(&peers, 9), 1));
    static const dc_name silent[] = {9, 1, 4};
    int seen[10] = {0};
    dc_name pick;

    for (int pull = 0; pull < 10; pull++) {
        for (int i = 0; i < 3; i++)
            doubts_ask(&peers.doubts, silent[i]);
    }
    for (int round = 0; round < 8000; round++) {
        cr_assert(eq(u32, peers_pick(&peers, &env.env, 1, &pick), 1));
        seen[pick]++;
    }

    for (int peer = 0; peer < 7; peer++) {
        if (peer == 3 || peer == 1 || peer == 4)
            cr_assert(eq(int, seen[peer], 0));
        else
            cr_assert(lt(int, abs(seen[peer] - 2000), 6 * 39), "%d", peer);
    }
    cr_assert(eq(int, seen[9], 0));

    /* What is sent unasked goes to the silent as well: they may hear. */
    int all[10] = {0};
    for (int round = 0; round < 7000; round++) {
        cr_assert(eq(u32, peers_pick_any(&peers, &env.env, 1, &pick), 1));
        all[pick]++;
    }
    for (int i = 0; i < 3; i++)
        cr_assert(lt(int, abs(all[silent[i]] - 1000), 6 * 30), "%u", silent[i]);
    peers_release(&peers);
}

/* When nobody answers somebody is asked all the same: one of all, by chance. */
Test(peers, when_all_are_skipped_one_is_picked)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    struct peers peers;
    peers_init(&peers, &mem.mem, 4, shared, 4);
    int seen[9] = {0};

    for (int pull = 0; pull < 10; pull++) {
        for (uint32_t i = 0; i < 3; i++)
            doubts_ask(&peers.doubts, peers_at(&peers, i));
    }
    for (int round = 0; round < 3000; round++) {
        dc_name picks[2];
        cr_assert(eq(u32, peers_pick(&peers, &env.env, 0, picks), 0));
        cr_assert(eq(u32, peers_pick(&peers, &env.env, 2, picks), 1));
        seen[picks[0]]++;
    }

    for (uint32_t i = 0; i < 3; i++)
        cr_assert(ge(int, seen[peers_at(&peers, i)], 800));
    peers_release(&peers);
}

/*
 * The table has a bound: of more silent peers than that the one asked longest
 * ago counts as healthy. Without memory nobody is noted, and nothing else fails.
 */
Test(peers, the_table_of_doubts_is_bounded)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct doubts doubts;
    doubts_init(&doubts, &mem.mem);

    test_mem_fail_from(&mem, 0);
    doubts_ask(&doubts, 7);
    cr_assert(eq(u32, doubts.len, 0));
    test_mem_fail_never(&mem);
    for (dc_name peer = 3 * DOUBTS_MAX; peer > 0; peer--) {
        doubts_ask(&doubts, peer);
        doubts_round(&doubts);
    }

    cr_assert(eq(u32, doubts.len, DOUBTS_MAX));
    for (uint32_t i = 0; i < doubts.len; i++)
        cr_assert(eq(u32, doubts.at[i].peer, i + 1));
    doubts_release(&doubts);
    doubts_release(&doubts);
    cr_assert(eq(sz, mem.live, 0));
}

#ifndef DC_CONTRACTS_DISABLED
Test(peers, a_peer_beyond_the_last_breaks_a_contract, .signal = SIGABRT)
{
    struct peers peers;
    peers_init(&peers, mem_heap(), 4, shared, 4);

    (void)peers_at(&peers, 3);
}
#endif
