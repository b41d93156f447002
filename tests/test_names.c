/* Interned names. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <xxhash.h>

#include "core/err.h"
#include "core/names.h"
#include "tests/lib_core.h"

/*
 * A handle stands for the bytes: the same bytes give the same handle, and
 * handles are given in the order of first sight.
 */
Test(names, equal_bytes_have_one_handle)
{
    struct test_world world;
    world_init(&world);

    cr_assert(eq(u32, name(&world, "b"), 0));
    cr_assert(eq(u32, name(&world, "a"), 1));
    cr_assert(eq(u32, name(&world, "b"), 0));
    cr_assert(eq(u32, names_find(&world.names, "a", 1), 1));
    cr_assert(eq(u32, names_find(&world.names, "c", 1), DC_NAME_NONE));

    expect_world_empty(&world);
}

/* A name is any run of bytes: none at all, and zeros and what is no text. */
Test(names, a_name_is_any_run_of_bytes)
{
    struct test_world world;
    world_init(&world);
    dc_name empty;
    dc_name zero;
    dc_name two_zeros;
    uint32_t len;

    cr_assert(eq(u32, names_find(&world.names, NULL, 0), DC_NAME_NONE));
    cr_assert(eq(int, names_intern(&world.names, NULL, 0, &empty), 0));
    cr_assert(eq(int, names_intern(&world.names, "\0", 1, &zero), 0));
    cr_assert(eq(int, names_intern(&world.names, "\0\0", 2, &two_zeros), 0));

    cr_assert(ne(u32, zero, two_zeros));
    cr_assert(eq(u32, names_find(&world.names, "", 0), empty));
    cr_assert(ne(ptr, (void *)names_bytes(&world.names, empty, &len), NULL));
    cr_assert(eq(u32, len, 0));
    expect_world_empty(&world);
}

/*
 * Order is that of memcmp, bytes without sign, and a name comes after its own
 * beginning. Zero bytes count.
 */
Test(names, order_is_by_bytes)
{
    struct test_world world;
    world_init(&world);
    static const struct {
        const char *bytes;
        size_t len;
    } ascending[] = {{"", 0},    {"\0", 1}, {"N", 1},        {"a", 1},
                     {"a\0", 2}, {"ab", 2}, {"\xc3\xa9", 2}, {"\xff", 1}};
    dc_name ids[8];

    for (size_t i = 8; i-- > 0;) /* handles descend while bytes ascend */
        cr_assert(
            eq(int, names_intern(&world.names, ascending[i].bytes, ascending[i].len, &ids[i]), 0));

    for (size_t i = 0; i < 8; i++) {
        for (size_t k = 0; k < 8; k++) {
            int order = names_compare(&world.names, ids[i], ids[k]);
            cr_assert(eq(int, (order > 0) - (order < 0), (i > k) - (i < k)));
        }
    }
    expect_world_empty(&world);
}

/*
 * Thousands of names of many lengths through several growths: every handle
 * still leads to its bytes, which never moved, and every name to its handle.
 */
Test(names, many_names_stay_where_they_are)
{
    enum {
        LEN = 20000
    };
    struct test_world world;
    world_init(&world);
    static const uint8_t *bytes[LEN];
    char text[300];

    for (uint32_t i = 0; i < LEN; i++) {
        uint32_t len;
        dc_name id;
        int text_len = snprintf(text, sizeof(text), "%u-%0*d", i, (int)(i % 200), 0);
        cr_assert(eq(int, names_intern(&world.names, text, (size_t)text_len, &id), 0));
        cr_assert(eq(u32, id, i));
        bytes[i] = names_bytes(&world.names, id, &len);
    }

    for (uint32_t i = 0; i < LEN; i++) {
        uint32_t len;
        int text_len = snprintf(text, sizeof(text), "%u-%0*d", i, (int)(i % 200), 0);
        cr_assert(eq(u32, names_find(&world.names, text, (size_t)text_len), i));
        cr_assert(eq(ptr, (void *)names_bytes(&world.names, i, &len), (void *)bytes[i]));
        cr_assert(eq(int, memcmp(bytes[i], text, len), 0));
    }
    expect_world_empty(&world);
}

/* The longest name fits; one byte more is refused, and the table is as before. */
Test(names, a_name_has_a_limit)
{
    struct test_world world;
    world_init(&world);
    static char bytes[DC_NAME_BYTES_MAX + 1];
    dc_name id = 77;

    cr_assert(eq(int, names_intern(&world.names, bytes, DC_NAME_BYTES_MAX + 1, &id), DC_ELIMIT));
    cr_assert(eq(u32, id, 77));
    cr_assert(eq(u32, world.names.len, 0));
    cr_assert(eq(u32, names_find(&world.names, bytes, DC_NAME_BYTES_MAX + 1), DC_NAME_NONE));
    cr_assert(eq(int, names_intern(&world.names, bytes, DC_NAME_BYTES_MAX, &id), 0));

    expect_world_empty(&world);
}

/*
 * The number of names is bounded, because whoever can send frames can invent
 * ids. Three bytes make 2^24 names, more than the limit.
 */
Test(names, the_table_has_a_limit)
{
    struct names names;
    names_init(&names, mem_heap());
    dc_name id;

    for (uint32_t i = 0; i < DC_NAMES_MAX; i++) {
        uint8_t bytes[3] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16)};
        if (names_intern(&names, bytes, 3, &id) != 0)
            cr_fatal("name %u is within the limit", i);
    }
    cr_assert(eq(int, names_intern(&names, "one more", 8, &id), DC_ELIMIT));
    cr_assert(eq(int, names_intern(&names, "\0\0\0", 3, &id), 0), "a known one still is");

    names_release(&names);
    names_release(&names);
}

struct oom {
    struct test_world world;
    uint32_t len;
    char text[16];
};

static int intern_new(void *ctx)
{
    struct oom *oom = ctx;
    dc_name id = 77;
    int rc = names_intern(&oom->world.names, oom->text, strlen(oom->text), &id);

    cr_assert(eq(int, id == 77, rc < 0), "the output is untouched on failure");
    return rc;
}

static void expect_unknown(void *ctx)
{
    struct oom *oom = ctx;

    cr_assert(eq(u32, oom->world.names.len, oom->len));
    cr_assert(eq(u32, names_find(&oom->world.names, oom->text, strlen(oom->text)), DC_NAME_NONE));
}

static void back(void *ctx)
{
    struct oom *oom = ctx;

    oom->text[0] = 'z'; /* the second sweep adds another name */
    oom->len++;
}

/*
 * Each of the parts of the table may be the one that cannot grow. Tables of
 * every size up to 40 meet all of them.
 */
Test(names, out_of_memory_adds_no_name)
{
    for (uint32_t len = 0; len < 40; len++) {
        struct oom oom = {.len = len};
        world_init(&oom.world);
        for (uint32_t i = 0; i < len; i++) {
            snprintf(oom.text, sizeof(oom.text), "name %u", i);
            (void)name(&oom.world, oom.text);
        }
        snprintf(oom.text, sizeof(oom.text), "new");

        expect_survives_no_memory(&oom.world.mem, &(struct oom_case){.op = intern_new,
                                                                     .unchanged = expect_unknown,
                                                                     .undo = back,
                                                                     .ctx = &oom});

        expect_world_empty(&oom.world);
    }
}

#ifndef DC_CONTRACTS_DISABLED
/* A handle of nothing is a bug of the caller, not a missing name. */
Test(names, a_handle_from_nowhere_breaks_a_contract, .signal = SIGABRT)
{
    struct test_world world;
    world_init(&world);
    uint32_t len;

    (void)names_bytes(&world.names, 0, &len);
}
#endif

/* As if they had never been: handles, bytes and lookups, over several growths. */
Test(names, what_is_taken_back_never_was)
{
    struct names names;
    dc_name handle;

    names_init(&names, mem_heap());
    for (uint32_t kept = 0; kept < 40; kept++) {
        char text[300];

        for (uint32_t i = 0; i < 100 + kept * 10; i++) {
            int len = snprintf(text, sizeof(text), "stranger %u %0*u", i, (int)(i % 200), i);

            cr_assert(eq(int, names_intern(&names, text, (size_t)len, &handle), 0));
            cr_assert(eq(u32, handle, kept + i));
        }
        names_forget(&names, kept);
        cr_assert(eq(u32, names.len, kept));
        cr_assert(eq(u32, names_find(&names, "stranger 0 0", 12), DC_NAME_NONE));
        snprintf(text, sizeof(text), "kept %u", kept);
        cr_assert(eq(int, names_intern(&names, text, strlen(text), &handle), 0));
        for (uint32_t i = 0; i <= kept; i++) {
            snprintf(text, sizeof(text), "kept %u", i);
            cr_assert(eq(u32, names_find(&names, text, strlen(text)), i));
        }
    }
    names_release(&names);
}

/* ---- names that mean harm ---- */

/* Names that are looked at until each one is found once. */
static uint64_t steps_of_all(const struct names *names)
{
    uint64_t steps = 0;

    for (uint32_t at = 0; at < names->slots_len; at++) {
        uint64_t before = 0;
        for (uint32_t slot = names->slots[at]; slot != 0; slot = names->entries[slot - 1].next)
            steps += ++before;
    }
    return steps;
}

/* Some bits of a word, from the top down, are those of it shifted: what it was before. */
static uint64_t without_shift(uint64_t word, unsigned bits)
{
    uint64_t was = word;

    for (unsigned known = bits; known < 64; known += bits)
        was = word ^ was >> bits;
    return was;
}

/* The odd number that takes back a multiplication by @odd. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t number = odd;

    for (int i = 0; i < 6; i++)
        number *= 2 - odd * number;
    return number;
}

/* The eight bytes whose XXH64 with seed 0 is @hash: each step of it can be taken back. */
static void name_of_xxh64(uint64_t hash, uint8_t ret_bytes[8])
{
    const uint64_t p1 = UINT64_C(0x9e3779b185ebca87), p2 = UINT64_C(0xc2b2ae3d27d4eb4f),
                   p3 = UINT64_C(0x165667b19e3779f9), p4 = UINT64_C(0x85ebca77c2b2ae63),
                   p5 = UINT64_C(0x27d4eb2f165667c5);
    uint64_t word = without_shift(hash, 32) * inverse(p3);

    word = without_shift(word, 29) * inverse(p2);
    word = (without_shift(word, 33) - p4) * inverse(p1);
    word = (word >> 27 | word << 37) ^ (p5 + 8);
    word *= inverse(p1);
    word = (word >> 31 | word << 33) * inverse(p2);
    for (size_t i = 0; i < 8; i++)
        ret_bytes[i] = (uint8_t)(word >> (8 * i));
    cr_assert(eq(u64, XXH64(ret_bytes, 8, 0), hash));
}

/*
 * A frame of half a megabyte can bring 50000 ids. These are made for a table that asks a
 * hash which everybody can compute, and of which it keeps 32 bits: all are equal in them.
 * Asked one after the other each would pass all that came before.
 */
Test(names, ids_that_collide_elsewhere_cost_no_more_than_others)
{
    enum {
        LEN = 50000
    };
    struct names names;
    dc_name id;

    names_init(&names, mem_heap());
    for (uint32_t i = 0; i < LEN; i++) {
        uint8_t bytes[8];

        name_of_xxh64((uint64_t)i << 32 | 77, bytes);
        cr_assert(eq(int, names_intern(&names, bytes, 8, &id), 0));
        cr_assert(eq(u32, id, i));
    }
    cr_expect(le(u64, steps_of_all(&names), UINT64_C(2) * LEN));
    names_release(&names);
}

/*
 * Who knows the key makes names that begin at one place, as everybody can in a table
 * without one: the lookups pass each other. In a table with another key they lie apart.
 * All this is found by trying, as a stranger would.
 */
Test(names, whoever_does_not_know_the_key_cannot_make_names_collide)
{
    enum {
        LEN = 1000
    };
    struct test_random random = {3};
    struct keyed_key known, secret;
    struct names names[2];
    dc_name id;

    for (size_t i = 0; i < KEYED_WORDS; i++) {
        known.words[i] = draw(&random);
        secret.words[i] = draw(&random);
    }
    for (int i = 0; i < 2; i++)
        names_init(&names[i], mem_heap());
    names_set_key(&names[0], &known);
    names_set_key(&names[1], &secret);
    for (uint32_t number = 0; names[0].len < LEN; number++) {
        char text[16];
        size_t len = (size_t)snprintf(text, sizeof(text), "%u", number);

        if ((keyed_hash(&known, text, len) & 0xfff) != 77)
            continue;
        for (int i = 0; i < 2; i++)
            cr_assert(eq(int, names_intern(&names[i], text, len, &id), 0));
    }
    cr_expect(ge(u64, steps_of_all(&names[0]), UINT64_C(100) * LEN), "the work can be seen");
    cr_expect(le(u64, steps_of_all(&names[1]), UINT64_C(2) * LEN));
    for (int i = 0; i < 2; i++)
        names_release(&names[i]);
}

#ifndef DC_CONTRACTS_DISABLED
/* With another key nobody would find the names that are there. */
Test(names, a_key_that_comes_late_breaks_a_contract, .signal = SIGABRT)
{
    struct test_world world;
    world_init(&world);
    static const struct keyed_key key = {{1, 2}};

    (void)name(&world, "early");
    names_set_key(&world.names, &key);
}
#endif

/* ---- a limit in bytes ---- */

/* Names of @len bytes until no more fits. How many, in *ret_names. */
static void fill(struct test_world *world, const uint32_t *lens, size_t lens_len,
                 uint32_t *ret_names)
{
    static char bytes[DC_NAME_BYTES_MAX];
    dc_name id;
    uint32_t i = 0;
    int rc = 0;

    memset(bytes, 'x', sizeof(bytes));
    for (; rc == 0; i++) {
        memcpy(bytes, &i, sizeof(i));
        rc = names_intern(&world->names, bytes, lens[i % lens_len], &id);
    }
    cr_assert(eq(int, rc, DC_ELIMIT));
    *ret_names = i - 1;
}

/*
 * Whatever names come, short or long, or such that each block is left half empty: all that
 * the table ever takes, also while it grows, is within its limit, and what was refused is
 * not there.
 */
Test(names, the_table_stays_within_its_bytes)
{
    static const uint32_t mixes[][4] = {
        {4, 4, 4, 4},
        {16, 16, 16, 16},
        {60, 60, 60, 60},
        {300, 300, 300, 300},
        {33000, 33000, 33000, 33000},
        {65535, 65535, 65535, 65535},
        {40000, 4, 40000, 4},
        {4, 65535, 200, 20000},
    };

    for (size_t mix = 0; mix < sizeof(mixes) / sizeof(mixes[0]); mix++) {
        for (size_t limit = DC_NAMES_BYTES_MIN; limit <= 4 * DC_NAMES_BYTES_MIN; limit *= 2) {
            struct test_world world;
            uint32_t len;

            world_init(&world);
            names_set_limit(&world.names, limit);
            fill(&world, mixes[mix], 4, &len);
            cr_assert(eq(u32, world.names.len, len));
            cr_expect(le(sz, world.mem.peak, limit), "mix %zu, limit %zu: %zu", mix, limit,
                      world.mem.peak);
            cr_expect(len == limit / 128 || world.names.bytes > limit / 64 * 15 - 66000,
                      "mix %zu: as much as there may be", mix);
            expect_world_empty(&world);
        }
    }
}

/* What fits does not depend on the order in which it comes: a log brings it in another. */
Test(names, what_fits_fits_in_any_order)
{
    static const uint32_t lens[] = {40000, 30000, 4, 65535, 3000, 50000, 9, 20000};
    struct test_world first, second;
    uint32_t len;

    world_init(&first);
    world_init(&second);
    names_set_limit(&first.names, DC_NAMES_BYTES_MIN);
    names_set_limit(&second.names, DC_NAMES_BYTES_MIN);
    fill(&first, lens, 8, &len);
    for (uint32_t step = 0; step < 2; step++) {
        for (uint32_t i = len; i-- > 0;) {
            uint32_t name_len;
            const uint8_t *bytes = names_bytes(&first.names, i, &name_len);
            dc_name id;
            if ((i % 2 == 0) == (step == 0))
                cr_assert(eq(int, names_intern(&second.names, bytes, name_len, &id), 0));
        }
    }
    expect_world_empty(&first);
    expect_world_empty(&second);
}

/* What is least worth is refused first, and names that the host gives never by a share. */
Test(names, strangers_have_shares)
{
    struct test_world world;
    char text[32];

    world_init(&world);
    names_set_limit(&world.names, DC_NAMES_BYTES_MIN);
    for (uint32_t i = 0; i < DC_NAMES_BYTES_MIN / 128; i++) {
        cr_assert(eq(int, names_has_room(&world.names, NAMES_OF_CLAIMS), i < 32768 / 16 * 8));
        cr_assert(eq(int, names_has_room(&world.names, NAMES_OF_STATES), i < 32768 / 16 * 14));
        cr_assert(eq(int, names_has_room(&world.names, NAMES_OF_SOURCES), i < 32768 / 16 * 15));
        snprintf(text, sizeof(text), "%u", i);
        cr_assert(eq(u32, name(&world, text), i));
    }
    expect_world_empty(&world);

    /* The same with few that are long. */
    static const uint32_t lens[] = {60000};
    uint32_t len;
    world_init(&world);
    names_set_limit(&world.names, DC_NAMES_BYTES_MIN);
    fill(&world, lens, 1, &len);
    cr_assert(not(names_has_room(&world.names, NAMES_OF_SOURCES)));
    names_forget(&world.names, len - len / 11);
    cr_assert(names_has_room(&world.names, NAMES_OF_SOURCES));
    cr_assert(not(names_has_room(&world.names, NAMES_OF_CLAIMS)));
    expect_world_empty(&world);
}

/* ---- giving back ---- */

#define HELD_MAX 400

/* Some of the names that there are, each with its text. */
struct held {
    dc_name ids[HELD_MAX];
    char *texts[HELD_MAX];
    uint32_t len;
};

static void show_held(void *ctx, struct names_sweep *sweep)
{
    struct held *held = ctx;
    dc_name none = DC_NAME_NONE;

    names_show(sweep, &none);
    for (uint32_t i = 0; i < held->len; i++)
        names_show(sweep, &held->ids[i]);
}

static void hold(struct held *held, dc_name id, const char *text)
{
    held->ids[held->len] = id;
    held->texts[held->len++] = strdup(text);
}

static void let_go(struct held *held, uint32_t at)
{
    free(held->texts[at]);
    held->texts[at] = held->texts[--held->len];
    held->ids[at] = held->ids[held->len];
}

static void expect_held(const struct names *names, const struct held *held)
{
    for (uint32_t i = 0; i < held->len; i++) {
        uint32_t len;
        const uint8_t *bytes = names_bytes(names, held->ids[i], &len);
        cr_assert(eq(sz, len, strlen(held->texts[i])));
        cr_assert(eq(int, memcmp(bytes, held->texts[i], len), 0));
        cr_assert(eq(u32, names_find(names, held->texts[i], len), held->ids[i]));
    }
}

/*
 * Names of all lengths come, some are held and let go, and some are taken back by
 * names_forget(). Behind a sweep there are those that are held and no others, with handles
 * without gaps in the order of before; each is found, no other is, and new ones come as ever.
 */
Test(names, a_sweep_gives_back_what_nobody_holds)
{
    struct test_random random = {3};
    struct test_world world;
    struct held held = {.len = 0};
    static char text[70000];
    uint64_t number = 0;
    dc_name id;

    world_init(&world);
    for (int round = 0; round < 120; round++) {
        uint32_t before = world.names.len;

        for (uint64_t i = draw_below(&random, 200); i > 0; i--) {
            uint64_t width =
                draw_below(&random, 40) == 0 ? draw_below(&random, 65000) : draw_below(&random, 60);
            int len = snprintf(text, sizeof(text), "%u-%0*d", (unsigned)number++, (int)width, 0);
            cr_assert(eq(int, names_intern(&world.names, text, (size_t)len, &id), 0));
            if (draw_below(&random, 4) == 0 && held.len < HELD_MAX)
                hold(&held, id, text);
        }
        snprintf(text, sizeof(text), "never held");
        cr_assert(eq(int, names_intern(&world.names, text, strlen(text), &id), 0));
        names_forget(&world.names, world.names.len - (world.names.len > before));
        for (uint64_t i = draw_below(&random, 100); i > 0 && held.len > 0; i--)
            let_go(&held, (uint32_t)draw_below(&random, held.len));
        if (draw_below(&random, 10) == 0)
            while (held.len > 0)
                let_go(&held, 0);
        struct held old = held;
        expect_held(&world.names, &held);

        names_sweep(&world.names, show_held, &held);

        cr_assert(eq(u32, world.names.len, held.len));
        cr_assert(eq(u32, names_find(&world.names, text, strlen(text)), DC_NAME_NONE));
        expect_held(&world.names, &held);
        for (uint32_t i = 0; i < held.len; i++)
            for (uint32_t k = 0; k < held.len; k++)
                cr_assert(eq(int, old.ids[i] < old.ids[k], held.ids[i] < held.ids[k]));
    }
    while (held.len > 0)
        let_go(&held, 0);
    expect_world_empty(&world);
}

/* Memory goes back as well, but for what a table of few names has. */
Test(names, a_sweep_gives_memory_back)
{
    static const uint32_t lens[] = {20, 40000, 20, 20};
    struct test_world world;
    struct held held = {.len = 0};
    uint32_t len;

    world_init(&world);
    names_set_limit(&world.names, DC_NAMES_BYTES_MIN);
    fill(&world, lens, 4, &len);
    cr_assert(ge(sz, world.mem.live, DC_NAMES_BYTES_MIN / 4));
    size_t requests = world.mem.requests;
    names_sweep(&world.names, show_held, &held);
    cr_assert(eq(sz, world.mem.requests, requests), "it needs none");
    cr_assert(lt(sz, world.mem.live, 2000));
    fill(&world, lens, 4, &held.len);
    cr_assert(eq(u32, held.len, len), "as much finds room again");
    expect_world_empty(&world);
}

/*
 * When it is time: a host that sweeps then, of a table where @alive names are held, looks
 * at no more names in all than a constant times those that came. And it never waits so long
 * that what nobody holds takes more than its part.
 */
Test(names, sweeps_are_seldom)
{
    for (uint32_t alive = 0; alive <= 300; alive += 100) {
        struct test_world world;
        struct held held = {.len = 0};
        uint64_t looked = 0, came = 200000;
        char text[32];

        world_init(&world);
        names_set_limit(&world.names, DC_NAMES_BYTES_MIN);
        for (uint32_t i = 0; i < came; i++) {
            snprintf(text, sizeof(text), "%u", i);
            dc_name id = name(&world, text);
            if (i < alive)
                hold(&held, id, text);
            cr_assert(le(u32, world.names.len, alive + 32768 / 32 + 1));
            if (!names_crowded(&world.names))
                continue;
            looked += world.names.len;
            names_sweep(&world.names, show_held, &held);
            cr_assert(not(names_crowded(&world.names)));
        }
        cr_assert(lt(u64, looked, 2 * came));
        while (held.len > 0)
            let_go(&held, 0);
        expect_world_empty(&world);
    }
}

#ifndef DC_CONTRACTS_DISABLED
static void show_once(void *ctx, struct names_sweep *sweep)
{
    struct held *held = ctx;

    if (held->len++ > 0)
        names_show(sweep, &held->ids[0]);
}

/* A holder that is forgotten the first time would get some other name. */
Test(names, who_holds_a_name_shows_it_both_times, .signal = SIGABRT)
{
    struct test_world world;
    struct held held = {.len = 0};

    world_init(&world);
    held.ids[0] = name(&world, "a");
    names_sweep(&world.names, show_once, &held);
}
#endif
