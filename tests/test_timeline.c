/* Faults of a node with an end of their own: what a 'for' began, and what comes in its place. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/clock.h"
#include "sim/scenario/facts.h"
#include "sim/timeline.h"
#include "tests/lib_sim.h"

#define MS UINT64_C(1000000)

#define STORY "scn 1\nnodes 4\nnode sync 50ms fsync 5ms\nnet delay 5ms\n"
#define CLIENTS "every 10ms from 100ms to 6s inc n1,n2\n"

static void start(struct sim_case *c, const char *body)
{
    char text[1024];

    snprintf(text, sizeof(text), STORY "%s\n" CLIENTS "expect value >= 0\nstop 10s\n", body);
    sim_case_start(c, text, 1);
}

/* Up to the first event from @ms on. */
static const struct host *host_at(struct sim_case *c, uint32_t node, uint64_t ms)
{
    while (c->run.world.now_ns < ms * MS && run_step(&c->run))
        ;
    return &c->run.cluster.hosts[node - 1];
}

/* The end of firing @index, in ms; 0: it has none so far. */
static uint64_t end_of(const struct sim_case *c, uint32_t index)
{
    const struct fault *fault = &c->run.timeline.faults[index];

    cr_assert(index < c->run.timeline.faults_len && fault->ends);
    return fault->active ? 0 : fault->end_ns / MS;
}

/* ---- the end ---- */

/* What lasts, and what calls it off. */
static const struct {
    const char *text, *off, *others;
} lasting[] = {
    {"disk n1 full", "disk n1 ok", NULL},
    {"disk n1 slow 20ms", "disk n1 ok", NULL},
    {"disk n1 syncfail 50%", "disk n1 ok", NULL},
    {"disk n1 torn 100%", "disk n1 ok", "every 503ms crash n1 for 100ms"},
    {"disk n1 readfail 50%", "disk n1 ok", "every 503ms crash n1 for 100ms"},
    {"disk n1 bitrot 5%", "disk n1 ok", "every 503ms crash n1 for 100ms"},
    {"disk n1 zeroed 5%", "disk n1 ok", "every 503ms crash n1 for 100ms"},
    {"memory n1 fail 10%", "memory n1 ok", NULL},
    {"clock n1 drift +50%", "clock n1 drift +0%", NULL},
    {"clock n1 drift -50%", "clock n1 drift +0%", NULL},
    {"clock n1 skew +300ms", "clock n1 skew +0s", NULL},
    {"clock n1 skew -1h", "clock n1 skew +0s", NULL},
};

#define LASTING (sizeof(lasting) / sizeof(lasting[0]))

/* Each form that takes a 'for' has a row above, and no other. */
Test(timeline, each_state_of_a_node_that_lasts_is_here)
{
    unsigned parts = 0;

    for (size_t i = 0; i < LASTING; i++) {
        struct sim_case c;
        char body[256];

        snprintf(body, sizeof(body), "at 1s %s for 2s", lasting[i].text);
        start(&c, body);
        cr_expect(c.scn.stmts[2].action.has_for && !scn_once(&c.scn.stmts[2].action));
        parts |= cluster_parts(&c.scn.stmts[2].action);
        sim_case_release(&c);
    }
    /* these two happen at a start, once; the last is of crash and pause */
    parts |= 1u << SCN_DISK_RESTORE | 1u << SCN_DISK_LOSE | 1u << SCN_DISK_BACKUP;
    parts |= 1u << HOST_PART_LIFE;
    cr_assert(eq(u32, parts, (1u << HOST_PARTS) - 1));
}

/* What nodes do: all but what statements are, and which of them it was. */
static size_t records_of_nodes(const struct sim_case *c, struct record *ret)
{
    size_t len = 0;

    for (size_t i = 0; i < c->records_len; i++) {
        const struct record *record = &c->records[i];

        if (record->kind == RECORD_EVENT || record->kind == RECORD_FAULT ||
            record->kind == RECORD_VERDICT)
            continue;
        ret[len++] = *record;
        if (record->b == c->scn.stmts[2].key)
            ret[len - 1].b = 0;
    }
    return len;
}

static size_t run_records(const char *body, struct record **ret)
{
    struct sim_case c;
    char text[1024];
    size_t len;

    snprintf(text, sizeof(text), STORY "%s\n" CLIENTS "expect value >= 0\nstop 7s\n", body);
    sim_case_run(&c, text, 1);
    *ret = calloc(c.records_len + 1, sizeof(**ret));
    len = records_of_nodes(&c, *ret);
    sim_case_release(&c);
    return len;
}

/* To the last record, it is as if what calls it off stood there; and not as if nothing did. */
Test(timeline, a_for_ends_as_if_it_was_called_off_then)
{
    for (size_t i = 0; i < LASTING; i++) {
        const char *others = lasting[i].others ? lasting[i].others : "";
        struct record *with_for, *called_off, *for_ever;
        size_t with_for_len, called_off_len, for_ever_len;
        char body[512];

        snprintf(body, sizeof(body), "at 1s %s for 2s\n%s", lasting[i].text, others);
        with_for_len = run_records(body, &with_for);
        snprintf(body, sizeof(body), "at 1s %s\nat 3s %s\n%s", lasting[i].text, lasting[i].off,
                 others);
        called_off_len = run_records(body, &called_off);
        snprintf(body, sizeof(body), "at 1s %s\n%s", lasting[i].text, others);
        for_ever_len = run_records(body, &for_ever);

        cr_expect(with_for_len == called_off_len &&
                      memcmp(with_for, called_off, with_for_len * sizeof(*with_for)) == 0,
                  "'%s for 2s' is not as if '%s' stood at its end", lasting[i].text,
                  lasting[i].off);
        cr_expect(with_for_len != for_ever_len ||
                      memcmp(with_for, for_ever, with_for_len * sizeof(*with_for)) != 0,
                  "'%s for 2s' does not end, as far as records go", lasting[i].text);
        free(with_for);
        free(called_off);
        free(for_ever);
    }
}

Test(timeline, a_for_is_a_fault_from_its_beginning_to_its_end)
{
    for (size_t i = 0; i < LASTING; i++) {
        struct sim_case c;
        char body[256];

        snprintf(body, sizeof(body), "at 1s %s for 2s", lasting[i].text);
        start(&c, body);
        host_at(&c, 1, 2990);
        cr_expect(end_of(&c, 0) == 0, "%s", body);
        cr_expect(timeline_unended(&c.run.timeline) == 2, "%s", body);
        host_at(&c, 1, 3005);
        cr_expect(eq(u64, end_of(&c, 0), 3000), "%s", body);
        sim_case_release(&c);
    }
}

/* Each turn is a fault of its own; the time may be drawn. */
Test(timeline, a_for_of_each_turn)
{
    struct sim_case c;

    start(&c, "every 1s from 1s to 4s disk random(1) full for 100ms..200ms");
    host_at(&c, 1, 9000);
    cr_assert(eq(u32, c.run.timeline.faults_len, 3));
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t end = end_of(&c, i), begin = (i + 1) * 1000;

        cr_expect(end >= begin + 100 && end <= begin + 200, "%" PRIu64, end);
    }
    for (uint32_t node = 1; node <= 4; node++)
        cr_expect(not(host_at(&c, node, 0)->disk.faults.full));
    sim_case_release(&c);
}

/* ---- another in its place ---- */

Test(timeline, what_came_in_its_place_outlives_its_end)
{
    struct sim_case c;

    start(&c, "at 1s disk n1 slow 20ms for 2s\nat 2s disk n1 slow 30ms");
    cr_expect(eq(u64, host_at(&c, 1, 1005)->disk.faults.slow_ns, 20 * MS));
    cr_expect(eq(u64, host_at(&c, 1, 9000)->disk.faults.slow_ns, 30 * MS));
    cr_expect(eq(u64, end_of(&c, 0), 2000));
    sim_case_release(&c);
}

/* It does not come back either: what it took the place of is gone. */
Test(timeline, what_it_took_the_place_of_does_not_come_back)
{
    struct sim_case c;

    start(&c, "at 1s disk n1 slow 20ms\nat 2s disk n1 slow 30ms for 1s\n"
              "at 1s clock n2 drift +10%\nat 2s clock n2 drift +20% for 1s");
    cr_expect(eq(u64, host_at(&c, 1, 2500)->disk.faults.slow_ns, 30 * MS));
    cr_expect(eq(u64, host_at(&c, 1, 3005)->disk.faults.slow_ns, 0));
    cr_expect(eq(i64, host_at(&c, 2, 3005)->clock.drift_ppb, 0));
    sim_case_release(&c);
}

Test(timeline, what_calls_it_off_ends_it)
{
    struct sim_case c;

    start(&c, "at 1s disk n1 full for 3s\nat 1s memory n1 fail 1% for 3s\n"
              "at 1s clock n1 drift +1% for 3s\nat 1s clock n1 skew +1s for 3s\n"
              "at 2s disk n1 ok\nat 2s memory n1 ok\nat 2s clock n1 drift +0%\n"
              "at 2s clock n1 skew +0s");
    host_at(&c, 1, 9000);
    for (uint32_t i = 0; i < 4; i++)
        cr_expect(eq(u64, end_of(&c, i), 2000));
    sim_case_release(&c);
}

Test(timeline, faults_that_overlap)
{
    struct sim_case c;

    /* the second lasts beyond the first; the fourth is over before the third would be */
    start(&c, "at 1s disk n1 full for 2s\nat 2s disk n1 full for 2s\n"
              "at 1s memory n1 fail 1% for 3s\nat 2s memory n1 fail 2% for 1s");
    cr_expect(host_at(&c, 1, 3005)->disk.faults.full);
    cr_expect(eq(u64, host_at(&c, 1, 3005)->memory.fail_ppb, 0));
    cr_expect(not(host_at(&c, 1, 4005)->disk.faults.full));
    cr_expect(eq(u64, end_of(&c, 0), 2000));
    cr_expect(eq(u64, end_of(&c, 1), 2000));
    cr_expect(eq(u64, end_of(&c, 2), 4000));
    cr_expect(eq(u64, end_of(&c, 3), 3000));
    sim_case_release(&c);
}

/* One that ends when the next begins: ends come first. */
Test(timeline, faults_that_follow_each_other)
{
    struct sim_case c;

    start(&c, "at 1s disk n1 slow 20ms for 1s\nat 2s disk n1 slow 30ms for 1s");
    cr_expect(eq(u64, host_at(&c, 1, 2005)->disk.faults.slow_ns, 30 * MS));
    cr_expect(eq(u64, end_of(&c, 0), 2000));
    cr_expect(eq(u64, host_at(&c, 1, 3005)->disk.faults.slow_ns, 0));
    cr_expect(eq(u64, end_of(&c, 1), 3000));
    sim_case_release(&c);
}

/* What is wrong in another way takes the place of nothing. */
Test(timeline, each_way_to_be_wrong_is_by_itself)
{
    struct sim_case c;

    start(&c, "at 1s disk n1 slow 20ms for 3s\nat 2s disk n1 syncfail 1% for 1s\n"
              "at 1s clock n1 drift +1% for 3s\nat 2s clock n1 skew +1s for 1s\n"
              "at 2500ms clock n1 jump +1s");
    cr_expect(eq(u64, host_at(&c, 1, 3005)->disk.faults.slow_ns, 20 * MS));
    cr_expect(eq(u64, host_at(&c, 1, 3005)->disk.faults.syncfail_ppb, 0));
    cr_expect(eq(i64, host_at(&c, 1, 3005)->clock.drift_ppb, 10000000));
    host_at(&c, 1, 9000);
    cr_expect(eq(u64, end_of(&c, 0), 4000));
    cr_expect(eq(u64, end_of(&c, 1), 4000));
    cr_expect(eq(u64, end_of(&c, 2), 3000));
    cr_expect(eq(u64, end_of(&c, 3), 3000));
    sim_case_release(&c);
}

/* Of several nodes, the last that it still has ends it. */
Test(timeline, a_fault_ends_with_the_last_of_its_nodes)
{
    struct sim_case c;

    start(&c, "at 1s disk n1..n3 full for 3s\nat 2s disk n1 ok\nat 2500ms disk n2 full\n"
              "at 1s memory n1,n2 fail 1% for 8s\nat 2s memory n1 ok\nat 3s memory n2 fail 2%");
    cr_expect(not(host_at(&c, 1, 2005)->disk.faults.full));
    cr_expect(host_at(&c, 3, 3990)->disk.faults.full);
    cr_expect(not(host_at(&c, 3, 4005)->disk.faults.full));
    cr_expect(host_at(&c, 2, 9000)->disk.faults.full);
    cr_expect(eq(u64, end_of(&c, 0), 4000));
    cr_expect(eq(u64, end_of(&c, 1), 3000));
    cr_expect(eq(u64, host_at(&c, 2, 9000)->memory.fail_ppb, 20000000));
    sim_case_release(&c);
}

/* ---- the life of its node ---- */

Test(timeline, whatever_becomes_of_its_node)
{
    static const char *const lives[] = {
        "at 2s crash n1 for 500ms",
        "at 2s crash n1",
        "at 2s crash n1 lose state for 500ms",
        "at 2s pause n1 for 3s",
        "at 2s stopnode n1\nat 2500ms restart n1",
        "at 2s leave n1",
        "at 500ms crash n1\nat 4s restart n1",
        "at 4s join n1",
    };

    for (size_t life = 0; life < sizeof(lives) / sizeof(lives[0]); life++)
        for (size_t i = 0; i < LASTING; i++) {
            const struct disk_faults none = {0};
            const struct host *host;
            struct sim_case c;
            uint32_t fault = 0;
            char body[256];

            snprintf(body, sizeof(body), "at 1s %s for 2s\n%s", lasting[i].text, lives[life]);
            start(&c, body);
            host_at(&c, 2, 1005);
            fault = c.run.timeline.faults_len - 1;
            host_at(&c, 2, 2990);
            cr_expect(end_of(&c, fault) == 0, "%s", body);
            host = host_at(&c, 1, 9000);
            cr_expect(end_of(&c, fault) == 3000, "%s", body);
            cr_expect(memcmp(&host->disk.faults, &none, sizeof(none)) == 0, "%s", body);
            cr_expect(host->memory.fail_ppb == 0 && host->clock.drift_ppb == 0, "%s", body);
            for (unsigned part = 0; part < HOST_PART_LIFE; part++)
                cr_expect(c.run.cluster.wrongs[0].faults[part] == HOST_NO_FAULT, "%s", body);
            sim_case_release(&c);
        }
}

/* A node that cannot start because of it does so, at its next try. */
Test(timeline, a_node_that_could_not_start_starts_behind_the_end)
{
    struct sim_case c;

    start(&c, "at 1s memory n1 fail 100% for 4s\nat 2s crash n1 for 500ms as gone");
    cr_expect(host_at(&c, 1, 4990)->state == HOST_DOWN);
    cr_expect(host_at(&c, 1, 6600)->state == HOST_UP);
    cr_expect(eq(u64, end_of(&c, 0), 5000));
    cr_expect(end_of(&c, 1) > 5000);
    sim_case_release(&c);
}

/* ---- who asks for ends ---- */

struct row {
    const char *body, *verdict;
};

static void expect_rows(const struct row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct sim_case c;
        char text[1024];

        snprintf(text, sizeof(text), "scn 1\nnodes 3\n%s\n", rows[i].body);
        sim_case_run(&c, text, 1);
        expect_verdict(&c, rows[i].verdict);
        sim_case_release(&c);
    }
}

#define BROKE(of, by)                                                                              \
    "broke expect: not converged within 1us of " of " | expected no open request by " by

/* The end is when its time is over, when another comes, or when it is called off. */
Test(timeline, within_of_a_name)
{
    static const struct row rows[] = {
        {"at 1s disk n1 slow 5s for 2s as a\nat 2s inc n1\n"
         "expect converged within 1us of a\nstop 20s",
         BROKE("a", "3.000001s")},
        {"at 1s disk n1 slow 5s for 2s as a\nat 2500ms disk n1 slow 1s\nat 2s inc n1\n"
         "expect converged within 1us of a\nstop 20s",
         BROKE("a", "2.500001s")},
        {"at 1s disk n1 slow 5s for 2s as a\nat 2500ms disk n1 ok\nat 2s inc n1\n"
         "expect converged within 1us of a\nstop 20s",
         BROKE("a", "2.500001s")},
        {"at 500ms disk n1 slow 5s\nat 1s memory n2 fail 1% for 2s as a\nat 2s inc n1\n"
         "expect converged within 1us of a\nstop 20s",
         BROKE("a", "3.000001s")},
        {"at 500ms disk n1 slow 5s\nat 1s clock n2 drift +1% for 2s as a\nat 2s inc n1\n"
         "expect converged within 1us of a\nstop 20s",
         BROKE("a", "3.000001s")},
        {"at 1s disk n1 slow 100ms for 2s as a\nat 2s inc n1\n"
         "expect converged within 2s of a\nstop 20s",
         "held"},
        {"at 1s disk n1 slow 100ms for 30s as a\nat 2s inc n1\n"
         "expect converged within 2s of a\nstop 20s",
         "unknown unevaluated: never evaluated: expect converged within 2s of a"},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

#define IN_FORCE(line)                                                                             \
    "unknown unevaluated: never evaluated: expect converged within 1s of last fault | expected "   \
    "the last fault to end, found one in force at the stop, that of line " #line

Test(timeline, within_of_the_last_fault)
{
    static const struct row rows[] = {
        {"at 1s disk n1 slow 5s for 2s\nat 2s inc n1\n"
         "expect converged within 1us of last fault\nstop 20s",
         BROKE("last fault", "3.000001s")},
        {"at 500ms disk n1 slow 5s\nat 1s clock n2 drift +1% for 2s\nat 2s inc n1\n"
         "expect converged within 1us of last fault\nstop 20s",
         BROKE("last fault", "3.000001s")},
        {"at 500ms disk n1 slow 5s\nat 1s memory n2 fail 1% for 2s\nat 2s inc n1\n"
         "expect converged within 1us of last fault\nstop 20s",
         BROKE("last fault", "3.000001s")},
        /* the clock is wrong from then on, but runs as time does: that is how things are */
        {"at 1s clock n2 drift -50% for 2s\nat 2s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         "held"},
        /* not over at the stop */
        {"at 1s disk n1 slow 1ms for 30s\nat 2s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         IN_FORCE(3)},
        {"at 1s disk n1 slow 1ms for 2s\nat 2s inc n1\nat 3s disk n2 slow 1ms\n"
         "at 4s inc n2\nexpect converged within 1s of last fault\nstop 20s",
         IN_FORCE(5)},
        /* the clock stands still: until it has caught up, and here until the stop */
        {"at 1s clock all skew +3s for 500ms\nat 1200ms inc n1\n"
         "expect converged within 2s of last fault\nstop 30s",
         "held"},
        {"at 1s inc n1\nat 1s clock all skew +1h for 1s\n"
         "expect converged within 1s of last fault\nstop 20s",
         IN_FORCE(4)},
        /* the other in its place lasts, or is none */
        {"at 1s disk n1 slow 5s for 2s\nat 2500ms disk n1 slow 1ms\nat 2s inc n1\n"
         "at 9s inc n1\nexpect converged within 1s of last fault\nstop 20s",
         IN_FORCE(4)},
        {"at 1s disk n1 slow 5s for 2s\nat 2500ms disk n1 slow 0s\nat 2s inc n1\n"
         "at 9s inc n1\nexpect converged within 1us of last fault\nstop 20s",
         BROKE("last fault", "2.500001s")},
        /* what stood still before does so because of another */
        {"at 500ms inc n1\nat 1s clock n3 jump -1h\nat 2s clock n3 drift +1% for 1s\n"
         "expect converged within 1s of last fault\nstop 20s",
         "held"},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(timeline, the_quiet_ends_it)
{
    for (size_t i = 0; i < LASTING; i++) {
        struct sim_case c;
        char text[1024];

        snprintf(text, sizeof(text),
                 STORY "at 1s %s for 2s\nat 2s %s for 40s\n%s\nevery 10ms from 100ms to 3900ms inc "
                       "n1,n2\nquiet 4s\nstop 60s\n",
                 lasting[i].text, lasting[i].text, lasting[i].others ? lasting[i].others : "");
        sim_case_run(&c, text, 1);
        cr_expect(c.run.outcome.verdict != VERDICT_BROKE, "%s: %s", text, sim_case_verdict(&c));
        cr_expect(timeline_unended(&c.run.timeline) == MET_NO_STMT, "%s", text);
        for (uint32_t k = 0; k < c.run.timeline.faults_len; k++)
            if (scn_has(&c.scn.stmts[c.run.timeline.faults[k].stmt].action, SCN_LASTS))
                cr_expect(end_of(&c, k) ==
                              (c.run.timeline.faults[k].begin_ns == 1000 * MS ? 2000 : 4000),
                          "%s", text);
        sim_case_release(&c);
    }
}

/* A fault that is over before anybody could see it has met nothing. */
Test(timeline, what_nobody_saw_has_met_nothing)
{
    static const struct row rows[] = {
        {"at 500ms inc n2\nat 1s crash n1 for 5s\nat 2s clock n1 skew +1s for 1s\nstop 10s",
         "unknown unfired: this met nothing: at 2s clock n1 skew +1s for 1s | expected a node that "
         "runs, then or later, found none from 2.000s to 3.000s"},
        {"at 500ms inc n2\nat 1s crash n1 for 5s\nat 2s clock n1 drift +1% for 1s\nstop 10s",
         "held"}, /* it has left the clock wrong */
        {"at 500ms inc n2\nat 2s disk n1 full for 1s\nat 4s inc n1\nstop 10s",
         "unknown unfired: this met nothing: at 2s disk n1 full for 1s | expected a write, found "
         "none from 2.000s to 3.000s"},
        {"at 500ms inc n2\nat 2s disk n1 full for 1s\nat 2500ms inc n1\nstop 10s", "held"},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}
