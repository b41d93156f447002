/* Chains of causes: what is on its way is remembered, what is over is forgotten. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sim/causes.h"
#include "tests/lib_sim.h"

/* A run with every way in which a message can end, or wait. */
#define LOSSY                                                                                      \
    "scn 1\nnodes 6\nnode sync 50ms\nnode n2 inbox 3 service 30ms\nnet delay 1ms..30ms loss 10%\n" \
    "load 20/s poisson inc 100% on all\nat 500ms partition n1 | n3 for 1s\n"                       \
    "at 700ms hold all -> n4 for 500ms\nat 900ms drop next 9 all -> n5\n"                          \
    "at 1s link n1 <-> n6 down for 300ms\n"                                                        \
    "stop 2s\n"

struct watched {
    struct causes causes;
    uint64_t delivered, rooted;
};

static void on_record(void *ctx, const struct record *record)
{
    struct watched *watched = ctx;
    struct cause_event chain[8];
    size_t len;

    causes_record(&watched->causes, record);
    if (record->kind != RECORD_DELIVER)
        return;
    len = causes_chain(&watched->causes, chain, 8);
    watched->delivered++;
    /* What a node takes in comes from a tick of somebody, sooner or later. */
    watched->rooted += len > 1 && len <= 8 && chain[len - 1].kind == EVENT_TICK &&
                       chain[0].from == record->peer && chain[1].node == record->peer &&
                       chain[0].sent_ns == chain[1].at_ns;
}

static void on_fate(void *ctx, uint32_t from, uint32_t to, uint32_t frame, enum net_fate fate,
                    uint32_t stmt, uint64_t arrives_ns)
{
    struct watched *watched = ctx;

    (void)to;
    (void)frame;
    (void)arrives_ns;
    causes_fate(&watched->causes, from, fate, stmt);
}

static uint32_t kept_in_use(const struct causes *causes)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < causes->kept_len; i++)
        used += causes->kept[i].refs > 0;
    return used;
}

/*
 * After every event there is one flight remembered for each message that is on
 * its way, held, or in an inbox; and every message that is taken in has a chain
 * that leads from its sender to a tick.
 */
Test(causes, remember_what_is_on_its_way_and_nothing_else)
{
    struct sim_case c;
    struct watched watched = {0};
    uint32_t most = 0;
    bool more = true;

    sim_case_start(&c, LOSSY, 1);
    causes_init(&watched.causes, &c.run);
    c.run.world.trace.sink = (struct trace_sink){.record = on_record, .ctx = &watched};
    c.run.cluster.watch = (struct cluster_watch){.fate = on_fate, .ctx = &watched};
    while (more) {
        uint32_t waiting = 0, kept;

        more = run_step(&c.run);
        for (uint32_t i = 0; i < c.run.cluster.nodes; i++)
            waiting += c.run.cluster.hosts[i].inbox_len;
        cr_assert(eq(u32, watched.causes.flights_used, c.run.net.in_flight + waiting));
        kept = kept_in_use(&watched.causes);
        most = kept > most ? kept : most;
    }

    cr_assert(ge(u64, watched.delivered, 500));
    cr_assert(eq(u64, watched.rooted, watched.delivered));
    cr_assert(lt(u32, most, 400)); /* chains are short, and end with their messages */
    causes_release(&watched.causes);
    sim_case_release(&c);
}

/* A chain longer than there is room for keeps its last place for the first cause of all. */
Test(causes, a_long_chain_keeps_its_root)
{
    struct sim_case c;
    struct watched watched = {0};
    struct cause_event all[8], two[2];
    size_t len = 0;

    sim_case_start(&c, LOSSY, 1);
    causes_init(&watched.causes, &c.run);
    c.run.world.trace.sink = (struct trace_sink){.record = on_record, .ctx = &watched};
    c.run.cluster.watch = (struct cluster_watch){.fate = on_fate, .ctx = &watched};
    while (len < 3 && run_step(&c.run))
        len = causes_chain(&watched.causes, all, 8);

    cr_assert(eq(sz, causes_chain(&watched.causes, two, 2), 3));
    cr_assert(eq(u64, two[0].number, all[0].number));
    cr_assert(eq(u64, two[1].number, all[2].number));
    causes_release(&watched.causes);
    sim_case_release(&c);
}
