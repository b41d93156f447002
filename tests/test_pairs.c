/* Maps as they came in a frame, and the counter that two of them make. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/err.h"
#include "core/pairs.h"
#include "tests/lib_core.h"

/* Adds pairs from text like "a=1 b=2", one letter each. */
static void add_all(struct test_world *world, struct pairs *pairs, const char *text)
{
    char id[2] = "";
    unsigned total;
    char last = 0;

    cr_assert(eq(int, pairs_begin(pairs, (uint32_t)strlen(text) / 4 + 1), 0));
    for (; sscanf(text, " %1[a-z]=%u", id, &total) == 2; text += strcspn(text + 1, " ") + 1) {
        pairs_add(pairs, name(world, id), total, last < id[0]);
        last = id[0];
    }
}

static void expect_pairs(const struct test_world *world, const struct pairs *pairs,
                         const char *expected)
{
    char text[128] = "";

    for (uint32_t i = 0; i < pairs->len; i++) {
        uint32_t len;
        const uint8_t *id = names_bytes(&world->names, pairs->items[i].id, &len);
        size_t at = strlen(text);
        snprintf(text + at, sizeof(text) - at, "%s%c=%u", i > 0 ? " " : "", *id,
                 (unsigned)pairs->items[i].total);
    }
    expect_text(text, expected);
}

/* Ids ascending, the last total of each, no zeros: from any order. */
Test(pairs, finishing_leaves_one_total_an_id)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"a=1", "a=1"},
        {"a=0", ""},
        {"a=1 b=2 c=3", "a=1 b=2 c=3"},
        {"a=1 b=0 c=3", "a=1 c=3"},
        {"c=3 b=2 a=1", "a=1 b=2 c=3"},
        {"b=1 b=2", "b=2"},
        {"b=2 a=1 b=1", "a=1 b=1"},
        {"b=2 b=0", ""},
        {"b=0 b=2", "b=2"},
        {"e=5 a=0 d=4 b=2 a=1 c=3 e=0 e=7 f=6 b=0", "a=1 c=3 d=4 e=7 f=6"},
    };
    struct test_world world;
    world_init(&world);
    struct pairs pairs;
    pairs_init(&pairs, &world.mem.mem);
    for (char id = 'f'; id >= 'a'; id--) /* handles descend while bytes ascend */
        (void)name(&world, (char[]){id, '\0'});

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        add_all(&world, &pairs, cases[i][0]);
        cr_assert(eq(int, pairs_finish(&pairs, &world.names), 0));
        expect_pairs(&world, &pairs, cases[i][1]);
    }
    pairs_release(&pairs);
    pairs_release(&pairs);
    expect_world_empty(&world);
}

/* Two finished maps become one counter with the ids of both. */
Test(pairs, two_maps_make_a_counter)
{
    static const char *const cases[][3] = {
        {"", "", ""},
        {"a=1", "", "a:+1-0"},
        {"", "a=1", "a:+0-1"},
        {"a=1 c=3", "a=4 b=5 c=6", "a:+1-4 b:+0-5 c:+3-6"},
        {"c=3", "a=4", "a:+0-4 c:+3-0"},
        {"a=3", "c=4", "a:+3-0 c:+0-4"},
    };
    struct test_world world;
    world_init(&world);
    struct pairs inc;
    struct pairs dec;
    pairs_init(&inc, &world.mem.mem);
    pairs_init(&dec, &world.mem.mem);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pncounter counter = counter_of(&world, "");
        add_all(&world, &inc, cases[i][0]);
        add_all(&world, &dec, cases[i][1]);
        cr_assert(eq(int, pairs_join(&inc, &dec, &counter), 0));
        expect_entries(&counter, cases[i][2]);
        pncounter_release(&counter);
    }
    pairs_release(&inc);
    pairs_release(&dec);
    expect_world_empty(&world);
}

/* A map of more entries than a counter holds gets no room. */
Test(pairs, entries_have_a_limit)
{
    struct test_world world;
    world_init(&world);
    struct pairs pairs;
    pairs_init(&pairs, &world.mem.mem);

    cr_assert(eq(int, pairs_begin(&pairs, DC_ENTRIES_MAX + 1), DC_ELIMIT));
    cr_assert(eq(sz, world.mem.live, 0));

    pairs_release(&pairs);
    expect_world_empty(&world);
}

#ifndef DC_CONTRACTS_DISABLED
/* Room was made for so many: one more is a bug of the reader. */
Test(pairs, one_more_than_begun_breaks_a_contract, .signal = SIGABRT)
{
    struct pairs pairs;
    pairs_init(&pairs, mem_heap());
    cr_assert(eq(int, pairs_begin(&pairs, 8), 0));

    for (int i = 0; i < 9; i++)
        pairs_add(&pairs, 0, 1, true);
}
#endif
