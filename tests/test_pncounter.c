/* The PN-counter: its arithmetic, its laws and its limits. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/err.h"
#include "core/pncounter.h"
#include "tests/lib_core.h"

/* ---- Counting ---- */

/* Entries stand in byte order of their ids, whatever came first. */
Test(pncounter, entries_are_in_byte_order)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "n2:+1-0 n10:+2-0 n1:+3-0 N9:+4-0");

    expect_entries(&counter, "N9:+4-0 n1:+3-0 n10:+2-0 n2:+1-0");

    pncounter_release(&counter);
    pncounter_release(&counter); /* a second call does nothing */
    expect_world_empty(&world);
}

/* Adding nothing stores nothing, so that no zero entry ever comes to be. */
Test(pncounter, adding_nothing_stores_nothing)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "");
    dc_name n1 = name(&world, "n1");

    cr_assert(eq(int, pncounter_add(&counter, n1, DC_INC, 0, NULL), 0));
    cr_assert(eq(int, pncounter_raise(&counter, n1, DC_DEC, 0, NULL), 0));
    expect_entries(&counter, "");

    pncounter_release(&counter);
    expect_world_empty(&world);
}

/* Both halves are kept apart; a total is 0 where there is no entry. */
Test(pncounter, halves_add_up_apart)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "");
    dc_name n1 = name(&world, "n1");

    cr_assert(eq(int, pncounter_add(&counter, n1, DC_INC, 5, NULL), 0));
    cr_assert(eq(int, pncounter_add(&counter, n1, DC_DEC, 2, NULL), 0));
    cr_assert(eq(int, pncounter_add(&counter, n1, DC_INC, 1, NULL), 0));

    expect_entries(&counter, "n1:+6-2");
    cr_assert(eq(u64, pncounter_total(&counter, n1, DC_INC), 6));
    cr_assert(eq(u64, pncounter_total(&counter, n1, DC_DEC), 2));
    cr_assert(eq(u64, pncounter_total(&counter, name(&world, "n2"), DC_INC), 0));
    pncounter_release(&counter);
    expect_world_empty(&world);
}

/*
 * A peer may claim 2^64-1 for our own id. The next count must be refused, not
 * wrap to 0, from where a merge would bring the claim back.
 */
Test(pncounter, a_total_never_wraps)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "n1:+18446744073709551615-7");
    dc_name n1 = name(&world, "n1");

    cr_assert(eq(int, pncounter_add(&counter, n1, DC_INC, 1, NULL), DC_EOVERFLOW));
    cr_assert(eq(int, pncounter_add(&counter, n1, DC_DEC, UINT64_MAX - 6, NULL), DC_EOVERFLOW));
    expect_entries(&counter, "n1:+18446744073709551615-7");
    cr_assert(eq(int, pncounter_add(&counter, n1, DC_DEC, UINT64_MAX - 7, NULL), 0));
    expect_entries(&counter, "n1:+18446744073709551615-18446744073709551615");

    pncounter_release(&counter);
    expect_world_empty(&world);
}

/*
 * The value is exact over the whole of int64 and an error outside. Sums pass
 * 64 bits on the way, on both sides, and must still meet in the middle.
 */
Test(pncounter, the_value_is_exact_or_an_error)
{
    static const struct {
        const char *entries;
        int rc;
        int64_t value;
    } cases[] = {
        {"", 0, 0},
        {"a:+5-7", 0, -2},
        {"a:+9223372036854775807-0", 0, INT64_MAX},
        {"a:+9223372036854775808-0", DC_ERANGE, 0},
        {"a:+0-9223372036854775808", 0, INT64_MIN},
        {"a:+0-9223372036854775809", DC_ERANGE, 0},
        {"a:+18446744073709551615-0", DC_ERANGE, 0},
        {"a:+18446744073709551615-0 b:+18446744073709551615-0", DC_ERANGE, 0},
        {"a:+18446744073709551615-0 b:+3-18446744073709551615", 0, 3},
        {"a:+18446744073709551615-18446744073709551615 b:+9-18446744073709551615 "
         "c:+18446744073709551615-0",
         0, 9},
        {"a:+1-18446744073709551615 b:+18446744073709551615-9", 0, -8},
    };

    struct test_world world;
    world_init(&world);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pncounter counter = counter_of(&world, cases[i].entries);
        int64_t value = 77;
        cr_assert(eq(int, pncounter_value(&counter, &value), cases[i].rc), "%s", cases[i].entries);
        cr_assert(eq(i64, value, cases[i].rc < 0 ? 77 : cases[i].value), "%s", cases[i].entries);
        pncounter_release(&counter);
    }
    expect_world_empty(&world);
}

/* The local value is that of one id alone. */
Test(pncounter, the_local_value_is_of_one_id)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "n1:+5-7 n2:+100-0 n3:+18446744073709551615-0");
    int64_t value = 77;

    cr_assert(eq(int, pncounter_local_value(&counter, name(&world, "n1"), &value), 0));
    cr_assert(eq(i64, value, -2));
    cr_assert(eq(int, pncounter_local_value(&counter, name(&world, "n4"), &value), 0));
    cr_assert(eq(i64, value, 0));
    cr_assert(eq(int, pncounter_local_value(&counter, name(&world, "n3"), &value), DC_ERANGE));
    cr_assert(eq(i64, value, 0));

    pncounter_release(&counter);
    expect_world_empty(&world);
}

/* ---- Merging ---- */

/* The larger of each half, ids of both; 1 when something rose, 0 when not. */
Test(pncounter, a_merge_keeps_the_larger_of_each_half)
{
    struct test_world world;
    world_init(&world);
    struct pncounter ours = counter_of(&world, "n1:+5-0 n3:+1-9");
    struct pncounter theirs = counter_of(&world, "n0:+1-0 n1:+3-2 n2:+4-0 n3:+2-1 n4:+0-1");

    cr_assert(eq(int, pncounter_merge(&ours, &theirs, NULL), 1));
    expect_entries(&ours, "n0:+1-0 n1:+5-2 n2:+4-0 n3:+2-9 n4:+0-1");
    cr_assert(eq(int, pncounter_merge(&ours, &theirs, NULL), 0));
    cr_assert(eq(int, pncounter_merge(&ours, &ours, NULL), 0));
    expect_entries(&ours, "n0:+1-0 n1:+5-2 n2:+4-0 n3:+2-9 n4:+0-1");
    expect_entries(&theirs, "n0:+1-0 n1:+3-2 n2:+4-0 n3:+2-1 n4:+0-1");

    pncounter_release(&ours);
    pncounter_release(&theirs);
    expect_world_empty(&world);
}

/*
 * Most pushes bring what is known already: a merge of what is contained asks
 * for no memory, and neither does one that only raises.
 */
Test(pncounter, a_merge_without_new_ids_needs_no_memory)
{
    struct test_world world;
    world_init(&world);
    struct pncounter ours = counter_of(&world, "n1:+5-0 n2:+5-5 n3:+5-0");
    struct pncounter contained = counter_of(&world, "n1:+5-0 n3:+4-0");
    struct pncounter higher = counter_of(&world, "n2:+6-0 n3:+5-1");

    test_mem_fail_from(&world.mem, 0);
    cr_assert(eq(int, pncounter_merge(&ours, &contained, NULL), 0));
    cr_assert(eq(int, pncounter_merge(&ours, &higher, NULL), 1));
    expect_entries(&ours, "n1:+5-0 n2:+6-5 n3:+5-1");

    pncounter_release(&ours);
    pncounter_release(&contained);
    pncounter_release(&higher);
    expect_world_empty(&world);
}

/* At most one allocation, whatever number of ids is new. */
Test(pncounter, a_merge_asks_for_memory_once)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {5};
    struct pncounter ours = counter_drawn(&world, &random, 50);
    struct pncounter theirs = counter_drawn(&world, &random, 2000);
    size_t requests = world.mem.requests;

    cr_assert(eq(int, pncounter_merge(&ours, &theirs, NULL), 1));
    cr_assert(le(sz, world.mem.requests - requests, 1));

    pncounter_release(&ours);
    pncounter_release(&theirs);
    expect_world_empty(&world);
}

struct heard {
    struct test_world *world;
    char said[512];
};

static void hear(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct heard *heard = ctx;
    uint32_t len;
    const uint8_t *bytes = names_bytes(&heard->world->names, id, &len);
    size_t at = strlen(heard->said);

    snprintf(heard->said + at, sizeof(heard->said) - at, "%.*s%c%u>%u ", (int)len,
             (const char *)bytes, side == DC_INC ? '+' : '-', (unsigned)old, (unsigned)now);
}

/*
 * The watch hears of each half that rose and of no other, ids ascending and
 * increments first, in every path through the merge: new ids in front, between
 * and behind, rises among them, and the same ids on both sides.
 */
Test(pncounter, the_watch_hears_of_every_rise_in_order)
{
    struct test_world world;
    world_init(&world);
    struct heard heard = {.world = &world};
    struct pncounter_watch watch = {.raised = hear, .ctx = &heard};
    struct pncounter ours = counter_of(&world, "n1:+5-0 n3:+1-9 n5:+1-1");
    struct pncounter theirs = counter_of(&world, "n0:+1-0 n1:+3-2 n2:+4-4 n3:+2-1 n6:+0-1");
    struct pncounter same_ids =
        counter_of(&world, "n0:+1-0 n1:+6-2 n2:+4-4 n3:+2-9 n5:+2-2 n6:+0-1");

    cr_assert(eq(int, pncounter_merge(&ours, &theirs, &watch), 1));
    expect_text(heard.said, "n0+0>1 n1-0>2 n2+0>4 n2-0>4 n3+1>2 n6-0>1 ");
    heard.said[0] = '\0';
    cr_assert(eq(int, pncounter_merge(&ours, &same_ids, &watch), 1));
    expect_text(heard.said, "n1+5>6 n5+1>2 n5-1>2 ");
    heard.said[0] = '\0';
    cr_assert(eq(int, pncounter_merge(&ours, &same_ids, &watch), 0));
    cr_assert(eq(int, pncounter_add(&ours, name(&world, "n7"), DC_DEC, 3, &watch), 0));
    cr_assert(eq(int, pncounter_raise(&ours, name(&world, "n7"), DC_DEC, 2, &watch), 0));
    cr_assert(eq(int, pncounter_raise(&ours, name(&world, "n7"), DC_DEC, 4, &watch), 1));
    expect_text(heard.said, "n7-0>3 n7-3>4 ");

    pncounter_release(&ours);
    pncounter_release(&theirs);
    pncounter_release(&same_ids);
    expect_world_empty(&world);
}

/* ---- Laws, over drawn states ---- */

enum {
    LAW_STATES = 5000,
    LAW_IDS = 12
};

static struct pncounter copy_of(const struct pncounter *counter)
{
    struct pncounter copy;

    pncounter_init(&copy, counter->mem, counter->names);
    cr_assert(eq(int, pncounter_copy(&copy, counter), 0));
    return copy;
}

static struct pncounter join_of(const struct pncounter *a, const struct pncounter *b)
{
    struct pncounter joined = copy_of(a);

    cr_assert(ge(int, pncounter_merge(&joined, b, NULL), 0));
    expect_canonical(&joined);
    return joined;
}

static void expect_equal(const struct pncounter *a, const struct pncounter *b)
{
    cr_assert(eq(u32, a->len, b->len));
    for (uint32_t i = 0; i < a->len; i++) {
        cr_assert(eq(u32, a->ids[i], b->ids[i]));
        cr_assert(eq(u64, a->inc[i], b->inc[i]));
        cr_assert(eq(u64, a->dec[i], b->dec[i]));
    }
    cr_assert(eq(int, pncounter_compare(a, b), PNCOUNTER_EQUAL));
}

/* a + b == b + a: who sends to whom does not matter. */
Test(pncounter_laws, a_merge_commutes)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {1};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter a = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter b = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter ab = join_of(&a, &b);
        struct pncounter ba = join_of(&b, &a);
        expect_equal(&ab, &ba);
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&ab);
        pncounter_release(&ba);
    }
    expect_world_empty(&world);
}

/* (a + b) + c == a + (b + c): what travelled together does not matter. */
Test(pncounter_laws, a_merge_associates)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {2};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter states[] = {
            counter_drawn(&world, &random, LAW_IDS),
            counter_drawn(&world, &random, LAW_IDS),
            counter_drawn(&world, &random, LAW_IDS),
        };
        struct pncounter ab = join_of(&states[0], &states[1]);
        struct pncounter bc = join_of(&states[1], &states[2]);
        struct pncounter left = join_of(&ab, &states[2]);
        struct pncounter right = join_of(&states[0], &bc);
        expect_equal(&left, &right);
        for (int k = 0; k < 3; k++)
            pncounter_release(&states[k]);
        pncounter_release(&ab);
        pncounter_release(&bc);
        pncounter_release(&left);
        pncounter_release(&right);
    }
    expect_world_empty(&world);
}

/* a + a == a, and a + b + b == a + b: a repeated message does no harm. */
Test(pncounter_laws, a_merge_is_idempotent)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {3};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter a = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter b = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter aa = join_of(&a, &a);
        struct pncounter ab = join_of(&a, &b);
        expect_equal(&aa, &a);
        cr_assert(eq(int, pncounter_merge(&ab, &b, NULL), 0));
        cr_assert(eq(int, pncounter_merge(&ab, &a, NULL), 0));
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&aa);
        pncounter_release(&ab);
    }
    expect_world_empty(&world);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/*
 * The merge does what its definition says: each half of each id is the larger
 * of the two, so none ever falls. Asked id by id, which knows nothing of
 * sorted columns.
 */
Test(pncounter_laws, a_merge_is_the_maximum_of_each_half)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {4};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter a = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter b = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter ab = join_of(&a, &b);
        for (dc_name id = 0; id < world.names.len; id++) {
            for (int side = DC_INC; side <= DC_DEC; side++) {
                uint64_t ours = pncounter_total(&a, id, (enum dc_side)side);
                uint64_t theirs = pncounter_total(&b, id, (enum dc_side)side);
                uint64_t joined = pncounter_total(&ab, id, (enum dc_side)side);
                cr_assert(eq(u64, joined, larger(ours, theirs)));
            }
        }
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&ab);
    }
    expect_world_empty(&world);
}

/*
 * A merge and its watch tell the same story: replaying the rises that were
 * heard onto the old state gives the new one, and each old total is right.
 */
struct replay {
    struct pncounter *counter;
    dc_name last;
    int last_side;
};

static void replay(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct replay *replay = ctx;

    cr_assert(lt(u64, old, now));
    cr_assert(eq(u64, pncounter_total(replay->counter, id, side), old));
    cr_assert(eq(int, pncounter_raise(replay->counter, id, side, now, NULL), 1));
    if (replay->last != DC_NAME_NONE) {
        int order = names_compare(replay->counter->names, replay->last, id);
        cr_assert(order < 0 || (order == 0 && replay->last_side < (int)side));
    }
    replay->last = id;
    replay->last_side = (int)side;
}

Test(pncounter_laws, the_rises_that_are_heard_are_the_merge)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {6};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter a = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter b = counter_drawn(&world, &random, LAW_IDS);
        struct pncounter told = copy_of(&a);
        struct replay ctx = {.counter = &told, .last = DC_NAME_NONE};
        struct pncounter_watch watch = {.raised = replay, .ctx = &ctx};
        cr_assert(ge(int, pncounter_merge(&a, &b, &watch), 0));
        expect_equal(&a, &told);
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&told);
    }
    expect_world_empty(&world);
}

static enum pncounter_order naive_compare(const struct test_world *world, const struct pncounter *a,
                                          const struct pncounter *b)
{
    bool ahead = false;
    bool behind = false;

    for (dc_name id = 0; id < world->names.len; id++) {
        for (int side = DC_INC; side <= DC_DEC; side++) {
            uint64_t ours = pncounter_total(a, id, (enum dc_side)side);
            uint64_t theirs = pncounter_total(b, id, (enum dc_side)side);
            ahead |= ours > theirs;
            behind |= ours < theirs;
        }
    }
    if (ahead && behind)
        return PNCOUNTER_CONCURRENT;
    if (ahead)
        return PNCOUNTER_AHEAD;
    return behind ? PNCOUNTER_BEHIND : PNCOUNTER_EQUAL;
}

/*
 * Comparing agrees with asking id by id. Two drawn states are nearly always
 * concurrent, so each is also compared with the join, which it cannot exceed.
 */
Test(pncounter_laws, comparing_agrees_with_every_half)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {7};
    int seen[4] = {0};

    for (int i = 0; i < LAW_STATES; i++) {
        struct pncounter a = counter_drawn(&world, &random, 4);
        struct pncounter b = counter_drawn(&world, &random, 4);
        struct pncounter ab = join_of(&a, &b);
        enum pncounter_order order = pncounter_compare(&a, &b);
        seen[order]++;
        cr_assert(eq(int, order, naive_compare(&world, &a, &b)));
        cr_assert(eq(int, pncounter_compare(&a, &ab), naive_compare(&world, &a, &ab)));
        cr_assert(eq(int, pncounter_compare(&ab, &b), naive_compare(&world, &ab, &b)));
        cr_assert(eq(int, pncounter_compare(&a, &a), PNCOUNTER_EQUAL));
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&ab);
    }
    for (int order = 0; order < 4; order++)
        cr_assert(ge(int, seen[order], 20), "every answer was given");
    expect_world_empty(&world);
}

/* ---- Copying ---- */

/* A copy is equal and apart: changing one leaves the other; memory is reused. */
Test(pncounter, a_copy_stands_on_its_own)
{
    struct test_world world;
    world_init(&world);
    struct pncounter source = counter_of(&world, "n1:+1-0 n2:+0-2");
    struct pncounter copy = counter_of(&world, "n7:+1-0");

    cr_assert(eq(int, pncounter_copy(&copy, &source), 0));
    cr_assert(eq(int, pncounter_add(&source, name(&world, "n1"), DC_INC, 1, NULL), 0));
    expect_entries(&copy, "n1:+1-0 n2:+0-2");
    test_mem_fail_from(&world.mem, 0);
    cr_assert(eq(int, pncounter_copy(&copy, &source), 0));
    expect_entries(&copy, "n1:+2-0 n2:+0-2");
    cr_assert(eq(int, pncounter_copy(&copy, &copy), 0));
    pncounter_clear(&copy);
    expect_entries(&copy, "");

    pncounter_release(&source);
    pncounter_release(&copy);
    expect_world_empty(&world);
}

/* ---- Limits and memory ---- */

/* Fills @counter to DC_ENTRIES_MAX with ids of three bytes, ascending. */
static void fill(struct test_world *world, struct pncounter *counter)
{
    cr_assert(eq(int, pncounter_reserve(counter, DC_ENTRIES_MAX), 0));
    for (uint32_t i = 0; i < DC_ENTRIES_MAX; i++) {
        uint8_t bytes[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        if (names_intern(&world->names, bytes, 3, &counter->ids[i]) != 0)
            cr_fatal("there is room for the name");
        counter->inc[i] = 1;
        counter->dec[i] = 0;
    }
    counter->len = DC_ENTRIES_MAX;
}

/*
 * A counter has a largest size. One entry more is refused by each way in, and
 * a merge that only raises still works.
 */
Test(pncounter, entries_have_a_limit)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "");
    fill(&world, &counter);
    struct pncounter more = counter_of(&world, "zzzz:+1-0");

    cr_assert(eq(int, pncounter_reserve(&counter, DC_ENTRIES_MAX + 1), DC_ELIMIT));
    cr_assert(eq(int, pncounter_add(&counter, name(&world, "zzzz"), DC_INC, 1, NULL), DC_ELIMIT));
    cr_assert(eq(int, pncounter_raise(&counter, name(&world, "z"), DC_DEC, 1, NULL), DC_ELIMIT));
    cr_assert(eq(int, pncounter_merge(&counter, &more, NULL), DC_ELIMIT));
    cr_assert(eq(u32, counter.len, DC_ENTRIES_MAX));
    cr_assert(eq(int, pncounter_add(&counter, counter.ids[77], DC_DEC, 5, NULL), 0));

    pncounter_release(&counter);
    pncounter_release(&more);
    expect_world_empty(&world);
}

/*
 * A merge that runs out of memory must leave the counter usable and unchanged,
 * because gossip will simply deliver the same state again. The allocator fails
 * on its first request; the second attempt is allowed through.
 */
Test(pncounter, out_of_memory_in_a_merge_changes_nothing)
{
    struct test_world world;
    world_init(&world);
    struct heard heard = {.world = &world};
    struct pncounter_watch watch = {.raised = hear, .ctx = &heard};
    struct pncounter ours = counter_of(&world, "n1:+5-0");
    struct pncounter theirs =
        counter_of(&world, "n1:+6-0 n2:+7-3 n3:+1-0 n4:+1-0 n5:+1-0 n6:+1-0 n7:+1-0 n8:+1-0 "
                           "n9:+1-0");

    test_mem_fail_after(&world.mem, 0);
    cr_assert(eq(int, pncounter_merge(&ours, &theirs, &watch), DC_ENOMEM));
    expect_entries(&ours, "n1:+5-0");
    expect_text(heard.said, "");

    test_mem_fail_never(&world.mem);
    cr_assert(eq(int, pncounter_merge(&ours, &theirs, &watch), 1));
    cr_assert(eq(int, pncounter_compare(&ours, &theirs), PNCOUNTER_EQUAL));

    pncounter_release(&ours);
    pncounter_release(&theirs);
    expect_world_empty(&world);
}

struct oom {
    struct test_world world;
    struct pncounter counter;
    struct pncounter other;
};

static int add_new(void *ctx)
{
    struct oom *oom = ctx;

    return pncounter_add(&oom->counter, names_find(&oom->world.names, "n0", 2), DC_INC, 3, NULL);
}

static int merge_other(void *ctx)
{
    struct oom *oom = ctx;

    return pncounter_merge(&oom->counter, &oom->other, NULL);
}

static int copy_other(void *ctx)
{
    struct oom *oom = ctx;

    return pncounter_copy(&oom->counter, &oom->other);
}

static int reserve_more(void *ctx)
{
    struct oom *oom = ctx;

    return pncounter_reserve(&oom->counter, 100);
}

#define EIGHT "n1:+5-1 n2:+5-2 n3:+5-3 n4:+5-4 n5:+5-5 n6:+5-6 n7:+5-7 n8:+5-8"

static void expect_eight(void *ctx)
{
    struct oom *oom = ctx;

    expect_entries(&oom->counter, EIGHT);
}

static void back_to_eight(void *ctx)
{
    struct oom *oom = ctx;

    pncounter_release(&oom->counter);
    oom->counter = counter_of(&oom->world, EIGHT);
}

/* Every operation that may need memory, at the point where the columns are full. */
Test(pncounter, out_of_memory_changes_nothing)
{
    int (*const ops[])(void *) = {add_new, merge_other, copy_other, reserve_more};
    struct oom oom;
    world_init(&oom.world);
    (void)name(&oom.world, "n0");
    oom.counter = counter_of(&oom.world, EIGHT);
    oom.other = counter_of(&oom.world, EIGHT " n9:+1-0 n0:+0-1 m:+1-1");
    cr_assert(eq(u32, oom.counter.cap, 8));

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        expect_survives_no_memory(&oom.world.mem, &(struct oom_case){.op = ops[i],
                                                                     .unchanged = expect_eight,
                                                                     .undo = back_to_eight,
                                                                     .ctx = &oom});

    pncounter_release(&oom.counter);
    pncounter_release(&oom.other);
    expect_world_empty(&oom.world);
}

#ifndef DC_CONTRACTS_DISABLED
/* Handles of two tables say nothing about each other. */
Test(pncounter, merging_across_tables_breaks_a_contract, .signal = SIGABRT)
{
    struct test_world one;
    struct test_world two;
    world_init(&one);
    world_init(&two);
    struct pncounter a = counter_of(&one, "n1:+1-0");
    struct pncounter b = counter_of(&two, "n2:+1-0");

    (void)pncounter_merge(&a, &b, NULL);
}
#endif

/* What is kept of each side is what counting it would give, whatever made the state. */
Test(pncounter, extents_follow_the_totals)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {77};

    for (int turn = 0; turn < 300; turn++) {
        struct pncounter a = counter_drawn(&world, &random, 1 + (uint32_t)turn / 10);
        struct pncounter b = counter_drawn(&world, &random, 1 + (uint32_t)turn / 7);
        struct pncounter c = counter_of(&world, turn % 2 ? "q:+1-0 r:+0-1" : "");
        cr_assert(ge(int, pncounter_merge(&a, &b, NULL), 0));
        cr_assert(eq(int, pncounter_copy(&c, &a), 0));
        for (int side = DC_INC; side <= DC_DEC; side++) {
            struct pncounter_extent extent = {0};
            for (uint32_t i = 0; i < a.len; i++) {
                uint32_t len = world.names.entries[a.ids[i]].len;
                bool counts = (side == DC_INC ? a.inc[i] : a.dec[i]) > 0;
                extent.entries += counts;
                extent.bytes += counts ? len + 1 : 0; /* short ids */
            }
            cr_assert(eq(u32, a.extents[side].entries, extent.entries));
            cr_assert(eq(sz, a.extents[side].bytes, extent.bytes));
            cr_assert(eq(u32, c.extents[side].entries, extent.entries));
            cr_assert(eq(sz, c.extents[side].bytes, extent.bytes));
        }
        pncounter_clear(&c);
        cr_assert(eq(u32, c.extents[DC_INC].entries + c.extents[DC_DEC].entries, 0));
        pncounter_release(&a);
        pncounter_release(&b);
        pncounter_release(&c);
    }
    expect_world_empty(&world);
}
