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
