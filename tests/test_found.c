/* Totals in any order, and a counter of them. */
#include "core/found.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "tests/lib_core.h"

/* What a watch hears, in order, as one number. */
struct heard {
    uint64_t print;
    size_t count;
};

static void hear(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t total)
{
    struct heard *heard = ctx;
    const uint64_t numbers[] = {id, side, old, total};

    cr_assert(lt(u64, old, total));
    for (size_t i = 0; i < 4; i++)
        heard->print = (heard->print ^ numbers[i]) * UINT64_C(0x100000001b3);
    heard->count++;
}

/*
 * The same totals are found, and raised one by one in a counter: both come to the same
 * state, whatever it held before, and both tell the same rises in the same order. The ids
 * are drawn, so that they come in any order and again and again.
 */
Test(found, is_what_raising_one_by_one_comes_to)
{
    struct test_random random = {5};
    size_t heard_all = 0;

    for (int round = 0; round < 500; round++) {
        struct test_world world;
        world_init(&world);
        struct pncounter state = counter_drawn(&world, &random, round % 2 == 0 ? 30 : 200);
        struct pncounter one_by_one;
        struct heard heard[2] = {{0}, {0}};
        struct pncounter_watch watch[2] = {{.raised = hear, .ctx = &heard[0]},
                                           {.raised = hear, .ctx = &heard[1]}};
        struct found found;

        found_init(&found, &world.mem.mem, &world.names);
        pncounter_init(&one_by_one, &world.mem.mem, &world.names);
        cr_assert(eq(int, pncounter_copy(&one_by_one, &state), 0));
        for (uint64_t i = draw_below(&random, 400); i-- > 0;) {
            char text[16];
            snprintf(text, sizeof(text), "n%" PRIu64, draw_below(&random, 240));
            dc_name id = name(&world, text);
            enum dc_side side = (enum dc_side)draw_below(&random, 2);
            uint64_t total = 1 + draw_below(&random, 8);
            cr_assert(eq(int, found_raise(&found, &state, id, side, total, &watch[0]),
                         pncounter_raise(&one_by_one, id, side, total, &watch[1])));
        }
        cr_assert(eq(int, found_join(&found, &state), 0));
        expect_canonical(&state);
        cr_assert(eq(int, pncounter_compare(&state, &one_by_one), PNCOUNTER_EQUAL));
        cr_assert(eq(u64, heard[0].print, heard[1].print));
        heard_all += heard[0].count;
        cr_assert(eq(int, found_join(&found, &state), 0), "once more is nothing");

        found_release(&found);
        pncounter_release(&state);
        pncounter_release(&one_by_one);
        expect_world_empty(&world);
    }
    cr_expect(ge(sz, heard_all, (size_t)5000));
}

/* A counter with as many entries as go into it at once. */
static struct pncounter counter_of_few(struct test_world *world)
{
    struct pncounter counter = counter_of(world, "");
    char text[16];

    for (uint32_t i = 0; i < FOUND_FEW; i++) {
        snprintf(text, sizeof(text), "n%02" PRIu32, i);
        cr_assert(eq(int, pncounter_raise(&counter, name(world, text), DC_INC, 1, NULL), 1));
    }
    return counter;
}

/* The first go into the counter at once, and all others when they are joined. */
Test(found, few_need_no_rows)
{
    struct test_world world;
    world_init(&world);
    struct pncounter state = counter_of_few(&world), few = counter_of(&world, "");
    struct found found;

    found_init(&found, &world.mem.mem, &world.names);
    for (uint32_t i = 0; i < state.len; i++)
        cr_assert(eq(int, found_raise(&found, &few, state.ids[i], DC_INC, 1, NULL), 1));
    cr_assert(eq(u32, found.len, 0));
    cr_assert(eq(int, pncounter_compare(&few, &state), PNCOUNTER_EQUAL));
    cr_assert(eq(int, found_raise(&found, &few, name(&world, "a"), DC_INC, 1, NULL), 1));
    cr_assert(eq(u32, found.len, 1));
    cr_assert(eq(int, pncounter_compare(&few, &state), PNCOUNTER_EQUAL));
    cr_assert(eq(int, found_join(&found, &few), 0));
    cr_assert(eq(int, pncounter_compare(&few, &state), PNCOUNTER_AHEAD));
    found_release(&found);
    pncounter_release(&state);
    pncounter_release(&few);
    expect_world_empty(&world);
}

/* A row for each id, and no more than a counter has entries. */
Test(found, has_a_limit)
{
    struct test_world world;
    world_init(&world);
    struct pncounter state = counter_of_few(&world);
    struct found found;

    found_init(&found, &world.mem.mem, &world.names);
    cr_assert(eq(int, found_raise(&found, &state, name(&world, "a"), DC_INC, 1, NULL), 1));
    uint32_t cap = found.cap;
    found.len = found.cap = DC_ENTRIES_MAX; /* as if they were there */
    cr_assert(eq(int, found_raise(&found, &state, name(&world, "b"), DC_INC, 1, NULL), DC_ELIMIT));
    cr_assert(eq(int, found_raise(&found, &state, name(&world, "a"), DC_INC, 2, NULL), 1));
    found.len = 1;
    found.cap = cap;
    found_release(&found);
    found_release(&found);
    pncounter_release(&state);
    expect_world_empty(&world);
}

struct oom {
    struct test_world world;
    struct pncounter state;
    struct found found;
};

/* Enough that each list grows more than once. */
static int find_and_join(void *ctx)
{
    struct oom *oom = ctx;
    int rc = 0;

    for (dc_name id = FOUND_FEW + 20; rc >= 0 && id-- > FOUND_FEW;)
        rc = found_raise(&oom->found, &oom->state, id, DC_DEC, id + 1, NULL);
    return rc < 0 ? rc : found_join(&oom->found, &oom->state);
}

static void back(void *ctx)
{
    struct oom *oom = ctx;

    found_release(&oom->found);
    found_init(&oom->found, &oom->world.mem.mem, &oom->world.names);
    pncounter_release(&oom->state);
    oom->state = counter_of_few(&oom->world);
}

static void expect_nothing(void *ctx)
{
    struct oom *oom = ctx;

    cr_assert(eq(u32, oom->state.len, FOUND_FEW));
    back(ctx);
}

Test(found, out_of_memory_leaves_the_state_as_it_was)
{
    struct oom oom;
    char text[16];

    world_init(&oom.world);
    oom.state = counter_of_few(&oom.world);
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "m%02d", i);
        (void)name(&oom.world, text);
    }
    found_init(&oom.found, &oom.world.mem.mem, &oom.world.names);
    expect_survives_no_memory(&oom.world.mem, &(struct oom_case){.op = find_and_join,
                                                                 .unchanged = expect_nothing,
                                                                 .undo = back,
                                                                 .ctx = &oom});
    found_release(&oom.found);
    pncounter_release(&oom.state);
    expect_world_empty(&oom.world);
}
