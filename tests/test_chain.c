/* The guess of the next id: fast when right, and never believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/chain.h"
#include "core/err.h"
#include "tests/lib_core.h"

struct fixture {
    struct test_world world;
    struct chain chain;
};

static void fixture_init(struct fixture *fixture)
{
    world_init(&fixture->world);
    chain_init(&fixture->chain, &fixture->world.mem.mem, &fixture->world.names);
}

static void expect_fixture_gone(struct fixture *fixture)
{
    chain_release(&fixture->chain);
    chain_release(&fixture->chain);
    expect_world_empty(&fixture->world);
}

/* Follows one id and asserts what must hold whatever the chain looks like. */
static dc_name follow(struct fixture *fixture, dc_name last, const void *bytes, uint32_t len)
{
    uint8_t *copy = malloc(len + 8);
    memcpy(copy, bytes, len);
    dc_name id = DC_NAME_NONE;
    bool ascending = false;

    /* With and without bytes behind it: the result is the same. */
    for (uint32_t behind = 0; behind <= 8; behind += 8) {
        memset(copy + len, 0xff, behind);
        cr_assert(
            eq(int,
               chain_follow(&fixture->chain, last, copy, len, copy + len + behind, &id, &ascending),
               0));
        cr_assert(eq(u32, id, names_find(&fixture->world.names, bytes, len)));
        cr_assert(eq(int, ascending,
                     last == DC_NAME_NONE || names_compare(&fixture->world.names, last, id) < 0));
    }
    free(copy);
    return id;
}

/*
 * Whatever was read before, and in whatever order, an id leads to its own
 * handle, and "ascending" is true exactly when it is. Ids that share eight
 * bytes and more, that begin each other, and with zeros, in drawn orders and
 * in ascending runs with gaps.
 */
Test(chain, always_finds_the_right_id)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {1};
    static const char *const stems[] = {"",          "n",       "nodenode",
                                        "nodenode-", "nodenod", "zzzzzzzzzzzz"};

    for (int round = 0; round < 400; round++) {
        dc_name last = DC_NAME_NONE;
        for (int i = 0; i < 50; i++) {
            char id[64] = {0};
            const char *stem = stems[draw_below(&random, 6)];
            uint32_t stem_len = (uint32_t)strlen(stem);
            uint32_t zeros = (uint32_t)draw_below(&random, 3);
            memcpy(id, stem, stem_len);
            uint32_t len = stem_len + zeros;
            if (draw_below(&random, 2) == 0)
                len += (uint32_t)snprintf(id + len, 16, "%d",
                                          round % 2 == 0 ? i : (int)draw_below(&random, 30));
            last = follow(&fixture, last, id, len);
        }
    }
    expect_fixture_gone(&fixture);
}

/*
 * A sequence that was seen is followed without hashing: shown by links, which
 * lead from each id to the next. A state that lacks some of the ids does not
 * spoil it, and one that has more is woven in.
 */
Test(chain, a_known_sequence_is_linked)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const char *const reads[][6] = {
        {"b", "d", "f", NULL},
        {"b", "f", NULL},
        {"a", "d", "e", NULL},
        {"f", "b", "c", NULL},
    };
    static const char *const chain = "a b d e f ";
    char text[64] = "";

    for (size_t i = 0; i < 4; i++) {
        dc_name last = DC_NAME_NONE;
        for (size_t k = 0; reads[i][k] != NULL; k++)
            last = follow(&fixture, last, reads[i][k], 1);
        if (i == 2) {
            for (dc_name id = fixture.chain.links[0].next; id != DC_NAME_NONE;
                 id = fixture.chain.links[id + 1].next) {
                uint32_t len;
                const uint8_t *bytes = names_bytes(&fixture.world.names, id, &len);
                strncat(text, (const char *)bytes, len);
                strcat(text, " ");
            }
            expect_text(text, chain);
        }
    }
    expect_fixture_gone(&fixture);
}

struct oom {
    struct test_world world;
    struct chain chain;
};

static int read_two(void *ctx)
{
    struct oom *oom = ctx;
    static const uint8_t ab[] = {'a', 'b'};
    dc_name id = DC_NAME_NONE;
    bool ascending;
    int rc = 0;

    for (int i = 0; i < 2 && rc == 0; i++)
        rc = chain_follow(&oom->chain, id, ab + i, 1, ab + 2, &id, &ascending);
    return rc;
}

static void back(void *ctx)
{
    struct oom *oom = ctx;

    chain_release(&oom->chain);
    names_release(&oom->world.names);
    names_init(&oom->world.names, &oom->world.mem.mem);
    chain_init(&oom->chain, &oom->world.mem.mem, &oom->world.names);
}

/* A guess is the id that stands there, whole, whatever follows; anything else is no guess. */
Test(chain, a_guess_is_right_or_none)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const char *const ids[] = {"", "a", "ab", "abc", "abcdefg", "abcdefgh", "b"};
    dc_name handles[7], last = DC_NAME_NONE;

    for (size_t i = 0; i < 7; i++) {
        last = follow(&fixture, last, ids[i], (uint32_t)strlen(ids[i]));
        handles[i] = last;
    }
    for (size_t at = 0; at < 7; at++) {
        for (size_t k = 0; k < 7; k++) {
            size_t len = strlen(ids[k]);
            uint8_t string[24];
            memset(string, 'x', sizeof(string));
            string[0] = (uint8_t)(0xa0 | len);
            memcpy(string + 1, ids[k], len);
            dc_name before = at == 0 ? DC_NAME_NONE : handles[at - 1];
            dc_name expected = k == at && len <= CHAIN_GUESS_BYTES ? handles[k] : DC_NAME_NONE;
            cr_assert(eq(u32, chain_guess(&fixture.chain, before, string), expected),
                      "'%s' where '%s' is guessed", ids[k], ids[at]);
            string[0] ^= 0x40; /* another type than a short string */
            cr_assert(eq(u32, chain_guess(&fixture.chain, before, string), DC_NAME_NONE));
        }
    }
    cr_assert(eq(u32, chain_guess(&fixture.chain, handles[6], (const uint8_t *)"\xa1zxxxxxx"),
                 DC_NAME_NONE));
    expect_fixture_gone(&fixture);
}

/* Without memory for a link there is no id; trying again finds it. */
Test(chain, out_of_memory_is_an_error)
{
    struct oom oom;
    world_init(&oom.world);
    chain_init(&oom.chain, &oom.world.mem.mem, &oom.world.names);

    expect_survives_no_memory(&oom.world.mem,
                              &(struct oom_case){.op = read_two, .undo = back, .ctx = &oom});

    chain_release(&oom.chain);
    expect_world_empty(&oom.world);
}

/* ---- ids that are taken back ---- */

static void forget(struct fixture *fixture, uint32_t len)
{
    names_forget(&fixture->world.names, len);
    chain_forget(&fixture->chain, len);
    for (uint32_t i = 0; i < fixture->chain.len; i++) {
        dc_name next = fixture->chain.links[i].next;
        cr_assert(next == DC_NAME_NONE || next < len, "link %u leads to nowhere", i);
    }
}

/*
 * Frames of drawn ids, in ascending runs and in any order, half of which are taken back
 * with all that they brought: then no link leads to one of them, and whatever comes next
 * is found as ever.
 */
Test(chain, what_is_taken_back_leaves_no_link)
{
    struct test_random random = {31};

    for (int round = 0; round < 300; round++) {
        struct fixture fixture;
        fixture_init(&fixture);

        for (int frame = 0; frame < 12; frame++) {
            uint32_t known = fixture.world.names.len;
            uint64_t bound = 1 + draw_below(&random, 60), len = draw_below(&random, 60);
            dc_name last = DC_NAME_NONE;

            for (uint64_t i = 0; i < len; i++) {
                char text[16];
                uint64_t number = draw_below(&random, 2) == 0 ? i : draw_below(&random, bound);
                int text_len = snprintf(text, sizeof(text), "%02u", (unsigned)(number % bound));
                last = follow(&fixture, draw_below(&random, 9) == 0 ? DC_NAME_NONE : last, text,
                              (uint32_t)text_len);
            }
            if (draw_below(&random, 2) == 0)
                forget(&fixture, known);
            else
                chain_keep(&fixture.chain);
        }
        expect_fixture_gone(&fixture);
    }
}

/*
 * Who sends a frame that is none must not make a node look through all that it knows. A
 * thousand ids are known, one more comes between two of them and is taken back. Links far
 * from it are made wrong, by hand: whoever looks at one of them would put it right.
 */
Test(chain, taking_back_an_id_looks_at_no_other)
{
    enum {
        LEN = 1000
    };
    struct fixture fixture;
    fixture_init(&fixture);
    dc_name last = DC_NAME_NONE, before = DC_NAME_NONE;
    char text[16];

    for (uint32_t i = 0; i < LEN; i++) {
        int len = snprintf(text, sizeof(text), "n%03u", i);
        last = follow(&fixture, last, text, (uint32_t)len);
        before = i == LEN / 2 ? last : before;
    }
    chain_keep(&fixture.chain);
    for (uint32_t i = 0; i < LEN; i++)
        if (i != before + 1)
            fixture.chain.links[i].next = LEN + 7;

    (void)follow(&fixture, before, "n500+", 5);
    cr_assert(eq(u32, fixture.chain.links[before + 1].next, LEN));
    names_forget(&fixture.world.names, LEN);
    chain_forget(&fixture.chain, LEN);
    cr_expect(eq(u32, fixture.chain.links[before + 1].next, DC_NAME_NONE));
    for (uint32_t i = 0; i < LEN; i++)
        if (i != before + 1)
            cr_assert(eq(u32, fixture.chain.links[i].next, LEN + 7), "link %u", i);
    expect_fixture_gone(&fixture);
}

/*
 * Of more changes than there are links none are written down: then all links are looked
 * at, also when there are more of them by then. It is hard to come to, so it is set by hand.
 */
Test(chain, taking_back_looks_at_all_where_too_much_changed)
{
    for (int grows = 0; grows < 2; grows++) {
        struct fixture fixture;
        fixture_init(&fixture);
        dc_name first = follow(&fixture, DC_NAME_NONE, "a", 1);

        chain_keep(&fixture.chain);
        fixture.chain.changed_len = fixture.chain.cap;
        (void)follow(&fixture, first, "b", 1);
        cr_assert(eq(u32, fixture.chain.changed_len, fixture.chain.cap + 1));
        for (uint8_t i = 'c'; grows && i < 'z'; i++)
            (void)follow(&fixture, DC_NAME_NONE, &i, 1);
        forget(&fixture, 1);
        cr_assert(eq(u32, fixture.chain.links[first + 1].next, DC_NAME_NONE));
        expect_fixture_gone(&fixture);
    }
}

/* ---- names that move ---- */

struct kept {
    dc_name ids[200];
    uint32_t len;
};

static void show_kept(void *ctx, struct names_sweep *sweep)
{
    struct kept *kept = ctx;

    for (uint32_t i = 0; i < kept->len; i++)
        names_show(sweep, &kept->ids[i]);
}

/*
 * Runs of ids, and between them sweeps that keep some of them: behind each, an id leads to
 * its own handle, and a guess is none of an id that stood under that handle before.
 */
Test(chain, begins_anew_behind_a_sweep)
{
    struct test_random random = {7};
    struct fixture fixture;
    fixture_init(&fixture);

    for (int round = 0; round < 200; round++) {
        struct kept kept = {.len = 0};
        dc_name last = DC_NAME_NONE;

        chain_begin(&fixture.chain);
        for (uint64_t i = 0; i < 100; i++) {
            char text[16];
            int len = snprintf(text, sizeof(text), "%02u", (unsigned)draw_below(&random, 60));
            dc_name id = follow(&fixture, last, text, (uint32_t)len);
            uint8_t string[24] = {(uint8_t)(0xa0 | len)};
            memcpy(string + 1, text, (size_t)len);
            dc_name guess = chain_guess(&fixture.chain, last, string);
            cr_assert(guess == id || guess == DC_NAME_NONE);
            last = id;
            if (draw_below(&random, 3) == 0)
                kept.ids[kept.len++] = id;
        }
        chain_keep(&fixture.chain);
        names_sweep(&fixture.world.names, show_kept, &kept);
    }
    expect_fixture_gone(&fixture);
}
