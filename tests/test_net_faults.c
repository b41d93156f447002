/* The faults of the network in whole runs: what is counted, what is said, what remains. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/show.h"
#include "tests/lib_sim.h"

/* Each copy of a message is in one place, and each that was lost has one reason. */
static void expect_nothing_vanished(const struct sim_case *c)
{
    const struct run *run = &c->run;
    const struct cluster_stats *stats = &run->cluster.stats;
    uint64_t waiting = 0, lost = 0, plain = 0;

    for (uint32_t i = 0; i < run->scn->nodes; i++)
        waiting += run->cluster.hosts[i].inbox_len;
    for (int fate = 0; fate < NET_FATES; fate++)
        lost += stats->lost[fate];
    for (size_t i = 0; i < c->records_len; i++)
        plain += c->records[i].kind == RECORD_SEND ? c->records[i].b : 0;
    cr_expect(eq(u64, stats->sent + run->net.duplicated,
                 stats->delivered + stats->dropped + run->net.in_flight + waiting));
    cr_expect(eq(u64, lost, stats->dropped));
    cr_expect(eq(u64, plain, stats->bytes));
    cr_expect(eq(u64, stats->lost[NET_ON_ITS_WAY] + stats->lost[NET_DELIVERED], 0));
    cr_expect(eq(u64, stats->lost[NET_UNWRITTEN], 0));
}

#define HEAD "scn 1\nnodes 6\nload 40/s poisson inc 60% dec 40% on all to 2s\n"
#define TAIL "stop 3s\n"

Test(net_faults, every_copy_is_accounted_for)
{
    static const char *const texts[] = {
        HEAD "net dup 30% corrupt 20% reorder 30% loss 5% delay 20ms 10ms normal\n"
             "at 1s hold n1 -> all for 300ms\nat 1s partition halves for 200ms\n" TAIL,
        HEAD "net rate 20kbit queue 1KiB dup 10% loss gemodel 5% 20% 90% 1%\n" TAIL,
        HEAD
        "net dup 50% corrupt 50%\nnode n1 service 20ms inbox 3\nat 1s crash n2 for 300ms\n" TAIL,
        HEAD "net rate 8kbit\nat 1s hold n1 <-> all for 300ms\nat 2s pause n3\n" TAIL,
        HEAD "at 1s dup while 1s all -> n2\nat 1s corrupt while 1s n2 -> all\n" TAIL,
        HEAD "net dup 20% corrupt 20%\nat 500ms memory all fail 30%\n" TAIL,
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sim_case c;

        for (uint64_t seed = 1; seed <= 5; seed++) {
            sim_case_run(&c, texts[i], seed);
            expect_nothing_vanished(&c);
            sim_case_release(&c);
        }
    }
}

static void expect_shown(const struct sim_case *c, const char *line)
{
    char *text = show_text(&c->run, SCN_SHOW_NET);

    cr_expect(strstr(text, line) != NULL, "expected in it:\n%s\nfound:\n%s", line, text);
    free(text);
}

Test(net_faults, show_net_has_them)
{
    struct sim_case c;

    sim_case_run(&c,
                 HEAD "net rate 8kbit queue 200B\nat 1s corrupt next 3 n1 -> all\n"
                      "at 1s dup next 2 n1 -> n2\n" TAIL,
                 1);
    expect_shown(&c, "duplicated 2  corrupted 3\n");
    expect_shown(&c, "not a valid frame ");
    expect_shown(&c, "queue full ");
    sim_case_release(&c);
}
