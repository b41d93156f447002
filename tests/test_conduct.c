/* What a node owes besides counts: each check sees one that does not pay, and lets one be that
 * does. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/carried.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/oracle.h"
#include "tests/lib_sim.h"
#include "tests/plants.h"

#define NODES 3u

struct bench {
    struct cluster cluster;
    struct oracle oracle;
    struct checks checks;
    struct cluster_request request;
    dc_name everyone[NODES];
};

static void set_up(struct bench *b)
{
    *b = (struct bench){.request = {.side = DC_DEC, .amount = 7}};
    names_init(&b->cluster.names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->cluster.names, NODES);
    b->cluster.checks = &b->checks;
    b->cluster.nodes = NODES;
    b->cluster.requests = &b->request;
    b->cluster.hosts = calloc(NODES, sizeof(*b->cluster.hosts));
    for (uint32_t i = 0; i < NODES; i++) {
        char name[] = {'n', (char)('1' + i)};

        cr_assert(eq(int, names_intern(&b->cluster.names, name, 2, &b->everyone[i]), 0));
    }
    for (uint32_t i = 0; i < NODES; i++) {
        struct host *host = &b->cluster.hosts[i];

        host->cluster = &b->cluster;
        host->index = i;
        host->state = HOST_UP;
        host->node.phase = NODE_RUNNING;
        peers_init(&host->node.peers, mem_heap(), i, b->everyone, NODES - 1);
    }
    b->cluster.hosts[NODES - 1].joined = true;
}

static void tear_down(struct bench *b)
{
    for (uint32_t i = 0; i < NODES; i++)
        peers_release(&b->cluster.hosts[i].node.peers);
    free(b->cluster.hosts);
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->cluster.names);
}

static void expect_fired(struct bench *b, const char *check, const char *part)
{
    cr_assert(b->checks.violation.check != NULL, "nothing fired");
    cr_assert(eq(str, (char *)b->checks.violation.check, (char *)check));
    cr_assert(strstr(b->checks.violation.headline, part) != NULL, "%s",
              b->checks.violation.headline);
}

static void expect_nothing(const struct bench *b)
{
    cr_assert(b->checks.violation.check == NULL, "%s", b->checks.violation.headline);
}

Test(conduct, a_version_changes_with_the_state_and_only_then)
{
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    conduct_starts(host);
    host->node.version++;
    host->conduct.raised = true;
    conduct_version(host);
    expect_nothing(&b);
    host->node.version++;
    conduct_version(host);
    expect_fired(&b, "log", "n2 has a new version of a state that did not change");
    tear_down(&b);

    set_up(&b);
    host = &b.cluster.hosts[1];
    conduct_starts(host);
    host->conduct.raised = true;
    conduct_version(host);
    expect_fired(&b, "log", "n2 has the old version of a state that changed");
    tear_down(&b);
}

Test(conduct, a_refusal_names_what_was_asked)
{
    struct env_fields right = {.side = DC_DEC, .old = 7, .err = DC_EFULL}, wrong = right;
    struct bench b;
    set_up(&b);

    conduct_refused(&b.cluster.hosts[0], &right);
    expect_nothing(&b);
    wrong.side = DC_INC;
    conduct_refused(&b.cluster.hosts[0], &wrong);
    expect_fired(&b, "answer", "n1 says of a client that it refused what that did not ask");
    tear_down(&b);
}

/* n2 has counts of n1 that are not on its disk; then they are. */
Test(conduct, who_leaves_is_let_go_when_its_counts_are_durable)
{
    struct carried synced = {.refs = 1};
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    pncounter_init(&host->node.counter, mem_heap(), &b.cluster.names);
    pncounter_init(&synced.counter, mem_heap(), &b.cluster.names);
    cr_assert(eq(int, pncounter_add(&host->node.counter, b.everyone[0], DC_DEC, 5, NULL), 0));
    cr_assert(eq(int, pncounter_add(&host->node.counter, b.everyone[1], DC_INC, 5, NULL), 0));
    cr_assert(eq(int, pncounter_add(&synced.counter, b.everyone[0], DC_DEC, 4, NULL), 0));
    host->node.ledger.id = b.everyone[1];
    host->config.durable = b.cluster.looks_at_disks = true;
    host->starts = 2;
    conduct_hands_over(host); /* what it read is not looked at */
    expect_nothing(&b);
    host->starts = 1;
    host->shown.synced = &synced;
    cr_assert(eq(int, pncounter_add(&synced.counter, b.everyone[0], DC_DEC, 1, NULL), 0));
    conduct_hands_over(host);
    expect_nothing(&b);
    cr_assert(eq(int, pncounter_add(&host->node.counter, b.everyone[0], DC_DEC, 1, NULL), 0));
    conduct_hands_over(host);
    expect_fired(&b, "durable", "n2 lets one go whose counts it has not made durable");
    pncounter_release(&host->node.counter);
    pncounter_release(&synced.counter);
    tear_down(&b);
}

/* There is more in the push than in the node. */
Test(conduct, who_cannot_merge_says_so)
{
    struct pncounter given;
    struct message push = {.kind = MESSAGE_PUSH, .state = &given};
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    pncounter_init(&host->node.counter, mem_heap(), &b.cluster.names);
    pncounter_init(&given, mem_heap(), &b.cluster.names);
    cr_assert(eq(int, pncounter_add(&given, b.everyone[0], DC_DEC, 5, NULL), 0));
    host->seen.unmerged = true;
    conduct_starved(host, 0, &push);
    expect_nothing(&b);
    host->seen.unmerged = false;
    host->node.phase = NODE_STOPPING;
    conduct_starved(host, 0, &push);
    expect_nothing(&b);
    host->node.phase = NODE_RUNNING;
    conduct_starved(host, 1, &push); /* it comes from itself */
    expect_nothing(&b);
    conduct_starved(host, 0, &push);
    expect_fired(&b, "log", "n2 does not say 'merge failed', and has not merged");
    pncounter_release(&given);
    tear_down(&b);
}

Test(conduct, each_time_that_a_timer_fires_is_counted)
{
    struct bench b;
    set_up(&b);

    conduct_ticks(&b.cluster.hosts[0], 4, 2);
    expect_fired(&b, "answer", "n1 does not count each time that a timer fires");
    tear_down(&b);
}

Test(conduct, who_leaves_is_woken_for_its_rounds_only)
{
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    host->waiting_first = UINT32_MAX;
    conduct_goes(host, NODE_TIMER_SYNC, 2);
    host->open = 1;
    conduct_goes(host, NODE_TIMER_SYNC, 0);
    expect_nothing(&b);
    conduct_goes(host, NODE_TIMER_SYNC, 1);
    expect_fired(&b, "answer", "n2 hands over what it has while clients wait for more");
    tear_down(&b);

    set_up(&b);
    conduct_goes(&b.cluster.hosts[1], NODE_TIMER_FULL, 0);
    expect_fired(&b, "answer", "n2 leaves, and is woken for full pushes");
    tear_down(&b);
}

Test(conduct, who_came_later_is_told_whom_there_is)
{
    struct message msg = {.kind = MESSAGE_ACK, .mem_len = 1};
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[0];

    cr_assert(eq(int, peers_learn(&host->node.peers, NODES - 1), 1));
    conduct_tells(host, NODES - 1, &msg);
    expect_nothing(&b);
    msg.mem_len = 0;
    conduct_tells(host, 1, &msg); /* one that has the list */
    expect_nothing(&b);
    conduct_tells(host, NODES - 1, &msg);
    expect_fired(&b, "member", "n1 does not tell one that came later whom there is");
    tear_down(&b);
}

Test(conduct, whom_the_host_brings_back_is_asked)
{
    struct claim left = {.address = 1, .left = true};
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[0];

    conduct_meets(host, 1, true, 0);
    cr_assert(eq(int, peers_hear(&host->node.peers, &left, true), PEERS_LOST));
    conduct_meets(host, 1, true, 1);
    conduct_meets(host, 1, false, 0);
    expect_nothing(&b);
    conduct_meets(host, 1, true, 0);
    expect_fired(&b, "member", "n1 does not ask whom it was told of, and takes for gone");
    tear_down(&b);
}

Test(conduct, who_leaves_goes_when_somebody_is_there_to_hear_it)
{
    struct bench b;
    set_up(&b);

    b.cluster.hosts[0].node.phase = NODE_LEAVING;
    b.cluster.hosts[1].node.phase = NODE_LEAVING;
    conduct_leaver(&b.cluster, 0); /* n1 does not know n3, and n2 leaves as well */
    expect_nothing(&b);
    b.cluster.hosts[1].node.phase = NODE_RUNNING;
    conduct_leaver(&b.cluster, 1);
    expect_nothing(&b);
    conduct_leaver(&b.cluster, 0);
    expect_fired(&b, "member", "n1 leaves, and does not go");
    tear_down(&b);
}

Test(conduct, who_has_nothing_and_knows_nobody_goes_at_once)
{
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    host->node.phase = NODE_LEAVING;
    conduct_leaves(host); /* it has to tell its peers */
    expect_nothing(&b);
    peers_release(&host->node.peers);
    peers_init(&host->node.peers, mem_heap(), 1, NULL, 0);
    host->open = 1;
    conduct_leaves(host); /* and clients wait */
    expect_nothing(&b);
    host->open = 0;
    host->node.phase = NODE_LEFT;
    conduct_leaves(host);
    expect_nothing(&b);
    host->node.phase = NODE_LEAVING;
    conduct_leaves(host);
    expect_fired(&b, "member", "n2 leaves, has nothing to give and nobody to tell");
    tear_down(&b);
}

Test(conduct, a_segment_that_is_not_needed_goes)
{
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[0];

    disk_init(&host->disk, NULL, 0);
    cr_assert(eq(int, disk_append(&host->disk, "log.0000000000000001", "x", 1), 0));
    logbook_sync_ended(host, true, 1);
    logbook_sync_ended(host, false, 2);
    expect_nothing(&b);
    logbook_sync_ended(host, true, 2);
    expect_fired(&b, "log", "n1 keeps a segment that it does not need");
    disk_release(&host->disk);
    tear_down(&b);
}

/* ---- in runs ---- */

#define TORN                                                                                       \
    "scn 1\nnodes 3\nnode fsync 20ms\nload 200/s even inc 80% dec 20% on all to 3s\n"              \
    "every 100ms from 100ms to 3s crash random(1) for 50ms\nquiet 3s\nstop 30s\n"

static void expect_planted(enum plant planted, const char *verdict)
{
    struct sim_case c;

    plant = planted;
    sim_case_run(&c, TORN, 1);
    expect_verdict(&c, verdict);
    sim_case_release(&c);
    plant = PLANT_NONE;
}

Test(conduct, what_a_right_node_writes_and_reads_is_right)
{
    expect_planted(PLANT_NONE, "held");
}

Test(conduct, a_record_claims_what_is_durable)
{
    expect_planted(PLANT_OPEN_CLAIMS, "broke check: check 'log': n");
}

Test(conduct, a_segment_is_left_when_it_is_full)
{
    expect_planted(PLANT_SYNC_BREAKS, "broke check: check 'log': n");
}

Test(conduct, orders_are_those_of_totals)
{
    expect_planted(PLANT_COMPARE_EQUAL,
                   "broke check: check 'value': n3 compares its state wrongly with another");
}

Test(conduct, who_writes_again_shows_no_less_than_before)
{
    struct pncounter earlier, later;
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    pncounter_init(&earlier, mem_heap(), &b.cluster.names);
    pncounter_init(&later, mem_heap(), &b.cluster.names);
    cr_assert(ge(int, pncounter_raise(&earlier, b.everyone[0], DC_INC, 5, NULL), 0));
    cr_assert(ge(int, pncounter_raise(&later, b.everyone[0], DC_INC, 5, NULL), 0));
    conduct_order(host, &earlier, &later);
    expect_nothing(&b);
    cr_assert(ge(int, pncounter_raise(&earlier, b.everyone[0], DC_DEC, 1, NULL), 0));
    conduct_order(host, &earlier, &later);
    expect_fired(&b, "fall", "n2 shows less than when it wrote last");
    pncounter_release(&earlier);
    pncounter_release(&later);
    tear_down(&b);
}

Test(conduct, who_leaves_with_nothing_to_give_is_gone_at_once)
{
    struct bench b;
    set_up(&b);
    struct host *host = &b.cluster.hosts[1];

    host->node.phase = NODE_LEAVING;
    conduct_leaves(host); /* there are peers to tell */
    expect_nothing(&b);
    peers_release(&host->node.peers);
    peers_init(&host->node.peers, mem_heap(), 1, NULL, 0);
    host->open = 1; /* and here a client waits */
    conduct_leaves(host);
    expect_nothing(&b);
    host->open = 0;
    conduct_leaves(host);
    expect_fired(&b, "member",
                 "n2 leaves, has nothing to give and nobody to tell, and does not go");
    tear_down(&b);
}

Test(conduct, only_what_rose_is_written)
{
    expect_planted(PLANT_RAISED_ALL, "broke check: check 'log': n");
}

Test(conduct, a_torn_log_is_said_to_be_torn)
{
    expect_planted(PLANT_OPEN_SILENT, "broke check: check 'log': n");
}

/* ---- answers ---- */

/* Each says no, or that it does not know, and has a reason. The last clients get an ok. */
Test(conduct, an_answer_with_a_reason_is_right)
{
    static const char *const bodies[] = {
        "at 1s disk n1 full\nat 2s inc n1\nat 3s disk n1 ok",
        "at 1s disk n1 syncfail 100%\nat 2s inc n1 x3\nat 3s disk n1 ok",
        "at 1s inc n1 by 18446744073709551615\nat 2s inc n1\nat 3s dec n1",
        "at 1s memory n1 fail 100%\nat 2s inc n1 x1000\nat 3s memory n1 ok",
        "at 1s pause n1\nat 1s inc n1 x65538\nat 2s resume n1",
        "node fsync 500ms\nat 1s inc n1\nat 1.1s stopnode n1\nat 1.2s inc n1\nat 3s restart n1",
        "at 1s partition n1 | rest for 5s\nat 2s leave n1\nat 3s inc n1",
        ("at 1s inc n1 x3\nat 2s disk n1 backup\nat 3s inc n1 x3\nat 4s disk n1 restore\n"
         "at 5s crash n1 for 100ms\nat 5.1s disk n1 slow 1s\nat 5.1s inc n1"),
        "at 2s crash n1 for 1s\nat 2.5s inc n1,n2",
        "node fsync 50ms clients 2\nat 1s inc n1 x3",
        "node clients 1 fsync 50ms\nat 1s pause n1\nat 1s inc n1 x5\nat 2s resume n1",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct sim_case c;
        char text[512];

        snprintf(text, sizeof(text), "scn 1\nnodes 3\n%s\nat 9s inc n2\nstop 20s\n", bodies[i]);
        sim_case_run(&c, text, 1);
        cr_expect(c.run.outcome.verdict == VERDICT_HELD, "%s: %s", bodies[i], sim_case_verdict(&c));
        cr_expect(c.run.cluster.stats.answers[ENV_REFUSED] > 0 ||
                      c.run.cluster.stats.answers[ENV_UNKNOWN] > 0,
                  "%s: all are ok", bodies[i]);
        sim_case_release(&c);
    }
}
