/*
 * The digest of a state. That it agrees with other implementations is shown by
 * test_vectors.c; here is how it is computed.
 */
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <xxhash.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/mem.h"
#include "tests/lib_core.h"

/* Made in pieces; as a whole, for the first time; and with the form that was kept. */
static void expect_hash_of_form(struct test_world *world, const struct pncounter *counter)
{
    struct digest_form *kept = world->names.form;
    struct buf form;
    buf_init(&form, counter->mem, SIZE_MAX / 2);

    cr_assert(eq(int, digest_canonical(counter, &form), 0));
    uint64_t hash = XXH64(form.data, form.len, 0);
    world->names.form = NULL;
    cr_assert(eq(u64, digest_of(counter), hash));
    world->names.form = kept;
    cr_assert(eq(u64, digest_of(counter), hash));
    cr_assert(eq(u64, digest_of(counter), hash));
    buf_release(&form);
}

/* The empty state is an array of two empty arrays. */
Test(digest, the_empty_state_has_a_digest)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "");

    cr_assert(eq(u64, digest_of(&counter), UINT64_C(0xf17fa4daea1251da)));

    pncounter_release(&counter);
    expect_world_empty(&world);
}

/*
 * The hash streams through a chunk; the form is written whole. Both must be
 * the same for ids of every length around a chunk and its rest, and for states
 * of many chunks.
 */
Test(digest, is_the_hash_of_the_canonical_form)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {1};
    static uint8_t bytes[DC_NAME_BYTES_MAX];
    memset(bytes, 'x', sizeof(bytes));

    static const size_t lengths[] = {0,    1,    31,   32,   255,  256,  4030, 4040, 4063, 4064,
                                     4065, 4066, 4080, 4095, 4096, 4097, 8192, 9000, 65535};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct pncounter counter = counter_of(&world, "a:+1-2 z:+3-4");
        dc_name id;
        cr_assert(eq(int, names_intern(&world.names, bytes, lengths[i], &id), 0));
        cr_assert(eq(int, pncounter_add(&counter, id, DC_INC, 7, NULL), 0));
        expect_hash_of_form(&world, &counter);
        pncounter_release(&counter);
    }
    for (int i = 0; i < 200; i++) {
        struct pncounter counter = counter_drawn(&world, &random, 1 + (uint32_t)i * 5);
        expect_hash_of_form(&world, &counter);
        pncounter_release(&counter);
    }
    expect_world_empty(&world);
}

/* Nothing that tells two states apart is lost: order of adding is not one of them. */
Test(digest, tells_states_apart_and_not_their_history)
{
    struct test_world world;
    world_init(&world);
    struct pncounter one = counter_of(&world, "n1:+1-0 n2:+2-0");
    struct pncounter same = counter_of(&world, "n2:+2-0 n1:+1-0");
    struct pncounter side = counter_of(&world, "n1:+0-1 n2:+2-0");
    struct pncounter total = counter_of(&world, "n1:+2-0 n2:+2-0");
    struct pncounter id = counter_of(&world, "n3:+1-0 n2:+2-0");

    cr_assert(eq(u64, digest_of(&one), digest_of(&same)));
    cr_assert(ne(u64, digest_of(&one), digest_of(&side)));
    cr_assert(ne(u64, digest_of(&one), digest_of(&total)));
    cr_assert(ne(u64, digest_of(&one), digest_of(&id)));

    pncounter_release(&one);
    pncounter_release(&same);
    pncounter_release(&side);
    pncounter_release(&total);
    pncounter_release(&id);
    expect_world_empty(&world);
}

/* States with the same ids take turns with others: the form that is kept is not mixed up. */
Test(digest, one_form_serves_all_states)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {5};
    struct pncounter counters[6];

    for (size_t i = 0; i < 6; i++)
        counters[i] = counter_drawn(&world, &random, i < 3 ? 40 : 40 + (uint32_t)i);
    for (int turn = 0; turn < 500; turn++) {
        struct pncounter *counter = &counters[draw_below(&random, 6)];
        uint32_t at = (uint32_t)draw_below(&random, counter->len);

        int rc = pncounter_add(counter, counter->ids[at], (enum dc_side)draw_below(&random, 2),
                               draw_below(&random, 3), NULL);
        cr_assert(rc == 0 || rc == DC_EOVERFLOW);
        expect_hash_of_form(&world, counter);
    }
    for (size_t i = 0; i < 6; i++)
        pncounter_release(&counters[i]);
    expect_world_empty(&world);
}

/* A handle that is given a second time stands for another id. */
Test(digest, a_name_that_is_taken_back_is_forgotten)
{
    struct test_world world;
    world_init(&world);
    struct pncounter counter = counter_of(&world, "a:+1-2");
    uint32_t known = world.names.len;
    dc_name id;

    for (int turn = 0; turn < 3; turn++) {
        char name[] = {'z', (char)('0' + turn)};

        names_forget(&world.names, known);
        cr_assert(eq(int, names_intern(&world.names, name, 2, &id), 0));
        cr_assert(eq(u32, id, known));
        struct pncounter with = counter_of(&world, "a:+1-2");
        cr_assert(eq(int, pncounter_add(&with, id, DC_INC, 7, NULL), 0));
        expect_hash_of_form(&world, &with);
        pncounter_release(&with);
    }
    pncounter_release(&counter);
    expect_world_empty(&world);
}

/* The digest is asked for in every tick: where there is no memory it is made without. */
Test(digest, needs_no_memory)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {2};
    struct pncounter counter = counter_drawn(&world, &random, 3000);
    struct buf form;
    buf_init(&form, mem_heap(), SIZE_MAX / 2);
    cr_assert(eq(int, digest_canonical(&counter, &form), 0));

    test_mem_fail_from(&world.mem, 0);
    cr_assert(eq(u64, digest_of(&counter), XXH64(form.data, form.len, 0)));
    cr_assert(ge(sz, world.mem.failed, 1));

    buf_release(&form);
    pncounter_release(&counter);
    expect_world_empty(&world);
}

struct oom {
    struct test_world world;
    struct pncounter counter;
    struct buf out;
};

static int write_form(void *ctx)
{
    struct oom *oom = ctx;

    return digest_canonical(&oom->counter, &oom->out);
}

static void expect_prefix(void *ctx)
{
    struct oom *oom = ctx;

    cr_assert(eq(sz, oom->out.len, 3));
}

static void back_to_prefix(void *ctx)
{
    struct oom *oom = ctx;

    buf_release(&oom->out);
    buf_init(&oom->out, &oom->world.mem.mem, 1000000);
    cr_assert(eq(int, buf_append(&oom->out, "abc", 3), 0));
}

/* A form that does not fit is not half there: behind other bytes, or past a limit. */
Test(digest, a_form_that_does_not_fit_is_not_written)
{
    struct oom oom;
    world_init(&oom.world);
    struct test_random random = {3};
    oom.counter = counter_drawn(&oom.world, &random, 500);
    buf_init(&oom.out, &oom.world.mem.mem, 1000);

    cr_assert(eq(int, buf_append(&oom.out, "abc", 3), 0));
    cr_assert(eq(int, digest_canonical(&oom.counter, &oom.out), DC_ELIMIT));
    cr_assert(eq(sz, oom.out.len, 3));
    back_to_prefix(&oom);
    expect_survives_no_memory(&oom.world.mem, &(struct oom_case){.op = write_form,
                                                                 .unchanged = expect_prefix,
                                                                 .undo = back_to_prefix,
                                                                 .ctx = &oom});

    buf_release(&oom.out);
    pncounter_release(&oom.counter);
    expect_world_empty(&oom.world);
}
