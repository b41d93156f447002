/* The memory of a node: what is seen of it, and what happens when it runs out. */
#include "sim/memory.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/names.h"
#include "sim/choose.h"
#include "sim/poison.h"
#include "tests/lib_sim.h"

#define CERTAIN UINT64_C(1000000000)

struct fixture {
    struct choose choose;
    struct met met[2];
    struct memory memory;
};

static void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    choose_init(&fixture->choose, 1);
    memory_init(&fixture->memory, &fixture->choose, fixture->met, key_root(CAUSE_MEMORY));
}

Test(memory, only_requests_for_more_are_refused)
{
    struct fixture f;

    set_up(&f);
    uint8_t *block = mem_alloc(&f.memory.mem, 100);
    cr_assert(block != NULL);
    memory_fail(&f.memory, CERTAIN, 1);
    cr_expect(mem_alloc(&f.memory.mem, 1) == NULL);
    cr_expect(mem_resize(&f.memory.mem, block, 100, 101) == NULL);
    cr_expect(eq(u64, f.memory.refused, 2));
    cr_expect(eq(u64, f.met[1].count, 2));
    block = mem_resize(&f.memory.mem, block, 100, 50);
    cr_assert(block != NULL);
    mem_free(&f.memory.mem, block, 50);
    cr_expect(eq(u64, f.memory.refused, 2));
    cr_expect(eq(u64, f.memory.in_use, 0));
    cr_expect(memory_ok(&f.memory));
    cr_expect(not(memory_ok(&f.memory)));
    block = mem_alloc(&f.memory.mem, 1);
    cr_expect(block != NULL);
    mem_free(&f.memory.mem, block, 1);
    cr_expect(not(f.memory.spoilt));
}

/* What it was told is counted, sizes and all. */
Test(memory, what_the_simulator_takes_for_itself_is_counted)
{
    struct memory_own own;
    void *block;

    memory_init_own(&own);
    block = mem_alloc(&own.mem, 100);
    cr_assert(block != NULL);
    block = mem_resize(&own.mem, block, 100, 40);
    cr_expect(eq(u64, own.in_use, 40));
    block = mem_resize(&own.mem, block, 40, 400);
    cr_expect(eq(u64, own.in_use, 400));
    mem_free(&own.mem, block, 400);
    cr_expect(eq(u64, own.in_use, 0));
}

/* A chance that was asked and said no has met something. */
Test(memory, chance_decides_by_the_number_of_the_request)
{
    struct fixture a, b;
    uint64_t refused = 0;

    set_up(&a);
    set_up(&b);
    memory_fail(&a.memory, CERTAIN / 4, 1);
    memory_fail(&b.memory, CERTAIN / 4, 1);
    for (int i = 0; i < 1000; i++) {
        void *one = mem_alloc(&a.memory.mem, 8), *other = mem_alloc(&b.memory.mem, 300);

        cr_assert(eq(int, one == NULL, other == NULL), "whatever is asked for");
        refused += one == NULL;
        mem_free(&a.memory.mem, one, 8);
        mem_free(&b.memory.mem, other, 300);
    }
    cr_expect(refused > 180 && refused < 320);
    cr_expect(eq(u64, a.met[1].count, 1000));
}

Test(memory, what_all_share_is_refused_to_the_one_that_acts)
{
    struct fixture f;
    struct memory shared;

    set_up(&f);
    memory_init_shared(&shared);
    memory_fail(&f.memory, CERTAIN, 0);
    void *block = mem_alloc(&shared.mem, 10);
    cr_assert(block != NULL, "nobody acts");
    shared.of = &f.memory;
    cr_expect(mem_alloc(&shared.mem, 10) == NULL);
    cr_expect(eq(u64, f.memory.refused, 1));
    mem_free(&shared.mem, block, 10);
    cr_expect(eq(u64, shared.in_use, 0));
}

Test(memory, a_block_moves_and_nothing_stays_behind)
{
    struct fixture f;

    set_up(&f);
    uint8_t *block = mem_alloc(&f.memory.mem, 4);
    cr_assert(block != NULL);
    cr_expect(block[0] == 0xa5 && block[3] == 0x5b, "nobody may rely on zeros");
    memcpy(block, "abcd", 4);
    uint8_t *longer = mem_resize(&f.memory.mem, block, 4, 8);
    cr_assert(longer != NULL);
    cr_expect(memcmp(longer, "abcd\xa5\xa5\x5b\x5b", 8) == 0);
    mem_free(&f.memory.mem, longer, 8);
}

Test(memory, a_write_behind_a_block_is_seen)
{
    struct fixture f;

    set_up(&f);
    uint8_t *block = mem_alloc(&f.memory.mem, 4);
    cr_assert(block != NULL);
    unpoison(block + 4, 1);
    block[4]++;
    mem_free(&f.memory.mem, block, 4);
    cr_expect(f.memory.spoilt);
}

/* ---- runs ---- */

#define THREE "scn 1\nnodes 3\nnode sync 50ms\n"

static void expect_run(const char *text, const char *expected)
{
    struct sim_case c;

    sim_case_run(&c, text, 7);
    expect_verdict(&c, expected);
    sim_case_release(&c);
}

Test(memory_runs, a_node_without_memory_starts_once_there_is_some)
{
    expect_run(THREE "at 1s inc all x5\nat 2s memory n1 fail 100%\nat 3s crash n1 for 100ms\n"
                     "at 7s memory n1 ok\nexpect value of n1 == 5 at 6s\n"
                     "at 9s inc n1 x2\nexpect value == 17\nstop 12s\n",
               "held");
}

Test(memory_runs, quiet_ends_it)
{
    expect_run(THREE "at 1s inc all x5\nat 2s memory all fail 100%\n"
                     "at 3s crash all lose state for 100ms\nquiet 5s\nstop 30s\n",
               "held");
}

Test(memory_runs, what_meets_nothing_proves_nothing)
{
    expect_run(THREE "at 1s inc all\nat 5s memory n1 ok\nstop 8s\n",
               "unknown unfired: this met nothing: at 5s memory n1 ok | expected a node whose "
               "requests for memory may fail, found none");
    expect_run(THREE "at 1s inc all\nat 7s memory n1 fail 100%\nstop 8s\n",
               "unknown unfired: this met nothing: at 7s memory n1 fail 100% | expected a request "
               "for memory, found none");
    expect_run(THREE "at 1s memory n1 fail 0%\nat 2s inc all\nstop 8s\n", "held");
}

/* ---- long ids ---- */

Test(memory_runs, ids_begin_as_the_text_says)
{
    struct sim_case c;
    uint32_t len, other;

    sim_case_run(&c, THREE "node n2 prefix 40B\nat 1s inc all\nexpect value == 3\nstop 5s\n", 7);
    expect_verdict(&c, "held");
    const struct names *names = &c.run.cluster.names;
    const uint8_t *id = names_bytes(names, 1, &len);
    cr_expect(eq(u32, len, 42));
    cr_expect(memcmp(id + 40, "n2", 2) == 0);
    id = names_bytes(names, 0, &other);
    cr_expect(eq(u32, other, 2));
    cr_expect(memcmp(id, "n1", 2) == 0);
    sim_case_release(&c);
}
