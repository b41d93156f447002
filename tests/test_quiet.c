/* quiet: everything ends, and the cluster converges within the bound that was computed. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/types.h"
#include "sim/scenario/bound.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

static struct bound_input usual(uint32_t nodes, uint64_t loss_ppb, uint64_t fanout)
{
    return (struct bound_input){
        .nodes = nodes,
        .core = nodes,
        .fanout = fanout,
        .fanout_most = fanout,
        .sync_ns = 100 * MS,
        .sync_ns_least = 100 * MS,
        .full_ns = S,
        .delay_ns = {20 * MS, 20 * MS, 20 * MS, 20 * MS},
        .loss_ppb = loss_ppb,
        .inbox = 10000,
    };
}

static uint64_t bound_ms(struct bound_input input)
{
    return bound_of(&input).total_ns / MS;
}

static void expect_ms(struct bound_input input, uint64_t ms)
{
    uint64_t found = bound_ms(input);

    cr_expect(found == ms, "expected %" PRIu64 ", found %" PRIu64, ms, found);
}

/* The bound itself, so that nobody changes it by accident. */
Test(quiet, the_bound_of_some_clusters)
{
    struct bound_input input = usual(30, SCN_PPB / 10, 2);

    expect_ms(usual(1, 0, 2), 0);
    input = usual(1, 0, 2);
    input.disk_ns = 30000000; /* nobody else, but its own disk */
    expect_ms(input, 30);
    input = usual(30, SCN_PPB / 10, 2);
    expect_ms(usual(2, 0, 2), 1040); /* as long as one may be skipped; a round, there and back */
    expect_ms(usual(5, 0, 4), 1040);
    expect_ms(usual(5, 0, 2), 2240);
    expect_ms(usual(300, 0, 2), 4380);
    expect_ms(usual(300, SCN_PPB / 2, 2), 16380);
    expect_ms(usual(100000, 0, 2), 5440);
    input.peers = BOUND_RING;
    input.known = 2;
    expect_ms(input, 11220);
    input.peers = BOUND_RANDOM;
    expect_ms(input, 14100);
    input.fixed = true;
    expect_ms(input, 36500);
    input.peers = BOUND_GRAPH;
    input.hops = 3;
    input.known = 29;
    expect_ms(input, 62920);
    input.peers = BOUND_ALL;
    input.core = 29;
    expect_ms(input, 6220);
}

/* A share of the slow messages is worth losing, unless they stay slow. */
Test(quiet, the_bound_counts_with_messages_that_are_late)
{
    struct bound_input input = usual(30, 0, 2);

    input.delay_ns[BOUND_LATE_NEVER] = 3600 * S;
    expect_ms(input, 3060);
    input.corr_ppb = SCN_PPB / 10 * 9;
    expect_ms(input, 6180);
    input.corr_ppb = SCN_PPB;
    cr_expect(bound_ms(input) > 3600 * 1000);
}

/* What waits in inboxes: a little, what came before the quiet, or all there is room for. */
Test(quiet, the_bound_of_slow_nodes)
{
    struct bound_input input = usual(5, 0, 2);

    input.service_ns = 3 * MS;
    expect_ms(input, 2582);
    input.waiting_ns = 10 * S;
    expect_ms(input, 4024);
    input.inbox = 20;
    expect_ms(input, 2642);
    input.service_ns = 50 * MS;
    expect_ms(input, 49240);
    input.inbox = 1000000000;
    expect_ms(input, 364444700);
}

/* More loss, less fanout, more delay, many more nodes: it does not get shorter. */
Test(quiet, the_bound_grows_with_what_makes_it_worse)
{
    static const uint32_t nodes[] = {2, 3, 9, 60, 500, 3000};

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        for (uint64_t percent = 0; percent < 80; percent += 26) {
            uint64_t loss = percent * 10000000;

            for (uint64_t fanout = 1; fanout < 6; fanout += 2) {
                struct bound_input input = usual(nodes[i], loss, fanout), worse = input;
                uint64_t ns = bound_of(&input).total_ns;

                worse.loss_ppb += SCN_PPB / 10;
                cr_expect(bound_of(&worse).total_ns >= ns);
                worse = input;
                for (int late = 0; late < BOUND_LATES; late++)
                    worse.delay_ns[late] += 5 * MS;
                cr_expect(bound_of(&worse).total_ns > ns);
                worse = input;
                worse.service_ns = MS;
                cr_expect(bound_of(&worse).total_ns > ns);
                worse = input;
                worse.nodes = worse.core = 4 * input.nodes + 4;
                /* Else it can ask more, or asks the same peer in vain less often. */
                if (fanout < nodes[i] && percent == 0)
                    cr_expect(bound_of(&worse).total_ns > ns);
                input.fanout++;
                cr_expect(bound_of(&input).total_ns <= ns);
            }
        }
    }
}

Test(quiet, the_bound_does_not_wrap)
{
    struct bound_input input = usual(100000, SCN_PPB - 1, 1);

    input.sync_ns = UINT64_MAX;
    cr_expect(bound_of(&input).total_ns == DC_TIME_NEVER);
    input.sync_ns = input.sync_ns_least = 1;
    input.service_ns = UINT64_MAX / 2;
    input.inbox = UINT64_MAX;
    cr_expect(bound_of(&input).total_ns == DC_TIME_NEVER);
}

/* ---- in a run ---- */

#define EVERYTHING                                                                                 \
    "load 40/s poisson inc 80% dec 20% on random(1)\n"                                             \
    "at 500ms partition halves\n"                                                                  \
    "at 600ms hold n1 -> all\n"                                                                    \
    "at 700ms net loss 95%\n"                                                                      \
    "at 800ms link n2 -> all delay 2s\n"                                                           \
    "at 900ms drop while 1h n3 -> all\n"                                                           \
    "every 300ms inc n2\n"

Test(quiet, ends_what_was_begun)
{
    struct sim_case c;
    uint64_t quiet_ns = 5 * S;

    sim_case_run(&c, "scn 1\nnodes 5\n" EVERYTHING "quiet 5s\nstop 40s\n", 1);
    expect_verdict(&c, "held");
    for (size_t i = 0; i < c.records_len; i++) {
        const struct record *record = &c.records[i];

        if (record->at_ns < quiet_ns)
            continue;
        cr_expect(record->kind != RECORD_EVENT ||
                      (record->detail != EVENT_ACTION && record->detail != EVENT_LOAD &&
                       record->detail != EVENT_CLIENT),
                  "an event of kind %" PRIu32 " at %" PRIu64, record->detail, record->at_ns);
        if (record->kind == RECORD_FATE && record->at_ns > quiet_ns)
            cr_expect(record->detail == NET_ON_ITS_WAY && record->a <= record->at_ns + MS);
    }
    cr_expect(c.run.expects.since_ns > quiet_ns - 2 * S);
    sim_case_release(&c);
}

/* A node that hears nobody, planted here as rules that no scenario could have. */
Test(quiet, a_cluster_that_does_not_converge_breaks)
{
    struct sim_case c;
    struct scn_rules down = {.set = SCN_RULE_DOWN};
    struct net_scope everywhere = {.everywhere = true};

    sim_case_start(&c, "scn 1\nnodes 5\nat 100ms inc n1\nquiet 1s\nstop 40s\n", 1);
    cr_assert(net_lay(&c.run.net, NET_NO_STMT, NET_NO_FAULT, &everywhere, &down,
                      &(struct net_drawn){0}, false) == 0);
    run_all(&c.run);
    expect_verdict(&c, "broke expect: not converged within 1920ms of the quiet | expected 1 state "
                       "by 2.920s, found 2");
    sim_case_release(&c);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

#define SEEDS 25

/* From the quiet until all agree: the longest and the median of so many seeds. */
static void measure(const struct sim_case *c, uint64_t *ret_longest, uint64_t *ret_median)
{
    const struct scn_quiet *quiet = &c->scn.quiet;
    uint64_t took[SEEDS];

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run_options options = {.seed = seed, .until_ns = UINT64_MAX};
        struct run run;

        run_init(&run, &c->scn, &options, NULL);
        while (run.world.now_ns <= quiet->at_ns || !cluster_converged(&run.cluster))
            if (run.world.now_ns > quiet->at_ns + quiet->bound_ns || !run_step(&run))
                break;
        took[seed - 1] = run.world.now_ns - quiet->at_ns;
        run_release(&run);
    }
    qsort(took, SEEDS, sizeof(*took), compare);
    *ret_longest = took[SEEDS - 1];
    *ret_median = took[SEEDS / 2];
}

/*
 * Every kind of peers and bad networks, from the worst that can be: until it is
 * quiet nobody has heard anything, and each has counted. The bound is kept, and
 * it is no more than so many times the median.
 */
Test(quiet, the_bound_is_kept)
{
    static const struct {
        const char *body;
        uint64_t medians;
    } cases[] = {
        {"nodes 2", 14},
        {"nodes 5\nnode fanout 4\nnet delay 60ms 60ms 80% uniform", 4},
        {"nodes 3\nnode fanout 1\nnet delay 10ms 20ms exp", 18},
        {"nodes 30\nnode fanout 1\nnet loss 50%", 9},
        {"nodes 30\nnode fanout 5\nnet delay 20ms 5ms normal loss 10%", 7},
        {"nodes 60\nnet delay 10ms 10ms 50% pareto", 7},
        {"nodes 10\nnode sync 1ms\nnet delay 100ms loss 60%", 3},
        {"nodes 10\nnode sync 50ms..400ms fanout 1..3\nnet delay 1ms..200ms loss 1%..20%", 35},
        {"nodes 30\nnode peers ring 1\nnet loss 30%", 25},
        {"nodes 30\nnode fanout 1 peers ring 2 fixed", 12},
        {"nodes 60\nnode peers ring 12\nnet loss 10%", 40},
        {"nodes 30\nnode fanout 1 peers random 2\nnet loss 30%", 50},
        {"nodes 30\nnode peers random 3 fixed", 25},
        {"nodes 6\nnode n5,n6 peers none\nnet loss 30%", 40},
        {"nodes 20\nnode peers none\nat 500ms meet n1 n2..n20\nnet loss 20%", 70},
        {"nodes 12\nnode peers ring 1\nat 500ms meet n1 n7\nnet loss 10%", 24},
        {"nodes 3\nat 0s join n2..n3\nat 500ms leave n3\n+1ms crash n3 for 10ms", 30},
        {"nodes 12\nnode sync 20ms peers ring 1 fixed\nnet loss gemodel 2% 2%", 320},
        {"nodes 3\nnet loss gemodel 1% 2% 90% 5%", 260},
        {"nodes 30\nnet delay 5ms 2ms normal loss gemodel 5% 25% corrupt 5% reorder 20%", 9},
        {"nodes 5\nnode service 3ms\nnet dup 50%", 12},
        {"nodes 5\nnode service 3ms", 12},
        {"nodes 5\nnode service 40ms inbox 20", 60},
        {"nodes 10\nnode service 15ms inbox 100\nat 600ms hold all -> all", 25},
        {"nodes 5\nnode sync 50ms fanout 4 inbox 4 service 20ms", 60},
        {"nodes 2\nnode sync 10ms fanout 1 inbox 2 service 25ms", 60},
        {"nodes 2\nnode inbox 1 service 50ms", 60},
        {"nodes 8\nnode sync 20ms fanout 3 inbox 1 service 50ms\nnet loss 5%", 60},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t longest, median;
        struct sim_case c;
        char text[512];

        snprintf(text, sizeof(text),
                 "scn 1\n%s\nat 0s partition isolate all\nat 1s inc all\nquiet 2s\nstop 10000s\n",
                 cases[i].body);
        sim_case_parse(&c, text);
        measure(&c, &longest, &median);
        printf("# bound %" PRIu64 " ms, longest %" PRIu64 " ms, median %" PRIu64 " ms: %s\n",
               c.scn.quiet.bound_ns / MS, longest / MS, median / MS, cases[i].body);
        cr_expect(longest <= c.scn.quiet.bound_ns, "%s", text);
        cr_expect(c.scn.quiet.bound_ns <= median * cases[i].medians, "%s", text);
        sim_case_release(&c);
    }
}

#define SO_MANY_GONE                                                                               \
    "so many nodes may leave or stop that fewer than two are left: let 'leave' and 'stopnode' "    \
    "name fewer, by number"

static void expect_error(const char *body, const char *message)
{
    char text[512];
    struct parsed parsed;

    snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\n", body);
    parsed = parsed_of("a.scn", text, strlen(text), NULL);
    cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                  strcmp(parsed.diags.list[0].text, message) == 0,
              "%s\nexpected: %s\nfound:\n%s", body, message, parsed.errors);
    parsed_release(&parsed);
}

/* Who is stopped and surely runs again before the quiet is there. */
Test(quiet, who_is_started_again_is_not_gone)
{
    static const char *const bodies[] = {
        "at 500ms stopnode n1..n4\nat 600ms restart n1..n4",
        "at 500ms stopnode n1..n4\n+1ms restart n2..n4",
        "at 500ms stopnode all\nat 600ms restart all",
        "at 500ms stopnode random(4)\nat 600ms restart down",
        "at 500ms stopnode n1..n4\nat 600ms restart n1,n2\nat 700ms restart n3,n4",
        "at 500ms..550ms stopnode n1..n4\nat 600ms..700ms restart n1..n4",
        "node fsync 60ms\nat 500ms stopnode n1..n4\nat 650ms restart n1..n4",
        "node peers ring 1 fixed\nat 500ms stopnode n2,n5\nat 600ms restart n2",
        /* one after the other, in all forms */
        ("at 100ms stopnode n1\n+50ms restart n1\n+50ms stopnode n2\n+50ms restart n2\n"
         "+50ms stopnode n3\n+50ms restart n3\n+50ms stopnode n4\n+50ms restart n4"),
        "repeat 5\n+100ms stopnode random(1)\n+50ms restart down\nend",
        "repeat 5\n+100ms..120ms stopnode random(1)\n+20ms..40ms restart down\nend",
        "repeat 2\n+100ms stopnode n1..n4\nrepeat 2\n+50ms restart all\nend\nend",
        "repeat 2\n+100ms stopnode n1..n4\nend\n+1ms restart n1..n4",
        "at 500ms..700ms stopnode n1..n4\n+1ms restart n1..n4",
        "every 100ms to 800ms stopnode n1..n4\nat 800ms restart all",
        "every 200ms to 500ms stopnode n1..n4\nevery 30ms restart all",
        "every 150ms to 700ms stopnode random(1)\nevery 150ms from 50ms restart down",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct sim_case c;
        char text[512];

        snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\nat 0s inc all\nquiet 1s\nstop 100s\n",
                 bodies[i]);
        sim_case_run(&c, text, 7);
        cr_expect(c.run.outcome.verdict == VERDICT_HELD, "%s: %s", bodies[i], sim_case_verdict(&c));
        sim_case_release(&c);
    }
}

Test(quiet, what_has_no_bound_is_an_error)
{
    static const char advice[] = "; end the faults one by one, and say 'expect converged within T "
                                 "of last fault'";
    static const char nobody_from_the_start[] =
        "nobody is sure to be there from the start to the quiet, and who joins knows nobody else";
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"net loss 100%", "the file's own rules lose every message"},
        {"link n1 -> n2 loss 100%", "the file's own rules lose every message"},
        {"net corrupt 100%", "the file's own rules lose every message"},
        {"net loss gemodel 1% 0%", "the file's own rules lose every message"},
        {"link n1 -> n2 rate 1mbit",
         "the file's own rules limit a rate, and how much is sent is open"},
        {"link n1 -> n2 down", "the file's own rules keep links down"},
        {"node peers none", "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers none\nat 500ms meet n1 n2..n4",
         "n1 need not hear what n5 holds: they know too few peers"},
        {"node peers none\nat 1s meet n1 all", /* it is quiet then */
         "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers none\nat 500ms meet random(1) all",
         "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers none\nnode n1 peers ring 1 fixed",
         "n1 need not hear what n3 holds: they know too few peers"},
        {"node peers ring 0", "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers random 0", "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers none\nat 500ms meet n1 all\n+1ms crash n1 for 10ms",
         "n1 need not hear what n2 holds: they know too few peers, and who crashes forgets whom it "
         "has met"},
        {"node peers none\nat 500ms meet n1 all\n+1ms crash random(1) for 10ms",
         "n1 need not hear what n2 holds: they know too few peers, and who crashes forgets whom it "
         "has met"},
        {"at 0s join n2..n5\nat 500ms leave n1\n+1ms crash n1 for 10ms", nobody_from_the_start},
        {"at 0s join n3..n5\nat 500ms leave random(2)\n+1ms crash all for 10ms",
         nobody_from_the_start},
        {"at 500ms leave n1..n3\nat 600ms join n4..n5", nobody_from_the_start},
        {"at 0s join n1..n5\nat 500ms inc n1", nobody_from_the_start},
        {"at 0s join n5\nat 500ms stopnode n1..n2\n+1ms leave n3\n+1ms crash n5 for 10ms\n"
         "every 1ms from 500ms to 600ms leave n3\nat 1ms leave random(1)",
         "so many nodes may leave or stop that fewer than two are left: let 'leave' and 'stopnode' "
         "name fewer, by number"},
        {"at 500ms stopnode n1..n4\nat 500ms restart n1..n4", /* not down yet */
         SO_MANY_GONE},
        {"at 500ms stopnode n1..n4\nat 1s restart n1..n4", SO_MANY_GONE}, /* it is quiet then */
        {"at 500ms stopnode n1..n4\nat 600ms restart random(4)", SO_MANY_GONE},
        {"at 500ms..700ms stopnode n1..n4\nat 600ms restart n1..n4", SO_MANY_GONE},
        {"at 500ms stopnode n1..n4\nat 600ms restart n1..n4\n+1ms stopnode n1..n4", SO_MANY_GONE},
        {"every 100ms stopnode n1..n4\nat 950ms restart n1..n4", SO_MANY_GONE},
        {"repeat 20\n+50ms stopnode n1..n4\n+1ms restart n1..n4\nend", SO_MANY_GONE},
        {"repeat 2\n+50ms stopnode n1..n4\nend\nrepeat 2\n+0s restart n1..n4\nend", SO_MANY_GONE},
        {"repeat 2\n+1ms restart n1..n4\n+50ms stopnode n1..n4\nend", SO_MANY_GONE},
        {"at 50ms stopnode n1..n4\nat 40ms inc n1\n+5ms restart n1..n4", SO_MANY_GONE},
        {"every 100ms to 900ms stopnode n1..n4\nevery 300ms to 850ms restart all", SO_MANY_GONE},
        {"every 100ms to 900ms stopnode n1..n4\nevery 90ms to 901ms restart all", SO_MANY_GONE},
        {"every 100ms to 900ms stopnode n1..n4\nevery 10ms from 950ms to 950ms restart all",
         SO_MANY_GONE},
        {"node fsync 60ms\nat 500ms stopnode n1..n4\nat 600ms restart n1..n4", SO_MANY_GONE},
        {"at 0s pause n1\nat 500ms stopnode n1..n4\nat 600ms restart n1..n4", SO_MANY_GONE},
        {"at 500ms leave n1..n4\nat 600ms restart n1..n4", SO_MANY_GONE},
        {"at 0s join n3..n5\nat 500ms leave random(2)\n+1ms stopnode all",
         "so many nodes may leave or stop that fewer than two are left: let 'leave' and 'stopnode' "
         "name fewer, by number"},
        {"node n3..n5 peers ring 1\nnode n4 peers none\nat 500ms leave n4\n+1ms crash n4 for 10ms",
         "n4 need not hear what n1 holds: they know too few peers that stay"},
        {"node n4 peers none\nat 500ms leave n4\n+1ms crash n4 for 10ms",
         "n4 may crash while it leaves, and run again when all take it for gone: it need not know "
         "anybody who stays"},
        {"node peers ring 1 fixed\nat 500ms leave n2\nat 500ms leave n5",
         "n1 need not hear what n3 holds: they know too few peers that stay"},
        {"node peers ring 1\nat 500ms leave random(1)",
         "which nodes leave or stop is open, and those that stay need not know each other: name "
         "them, or give all nodes 'peers all'"},
        {"node peers random 2 fixed\nat 500ms leave n2",
         "so many nodes may leave or stop that of their 'peers random' fewer than two stay"},
        {"node peers none\nat 500ms meet n2..n5 n1\n+1ms leave n1",
         "n2 need not hear what n3 holds: they know too few peers that stay"},
        {"node n4..n5 peers none\nat 500ms leave n1..n3",
         "n4 need not hear what n5 holds: they know too few peers that stay"},
        {"node n4..n5 peers none\nat 500ms join n4\nat 500ms meet n4 n5",
         "n1 need not hear what n4 holds: they know too few peers"},
        {"node n1 peers none\nat 0s join n1",
         "n1 need not hear what n2 holds: they know too few peers"},
        {"node peers random 1",
         "with 'peers random 1' parts of the cluster may know nobody outside"},
        {"node n1..n4 peers random 2",
         "with 'peers random' for some nodes only it is open who hears what"},
        {"node sync 1000000h\nnet loss 99.9999999%", "it may take longer than a run can last"},
        {"node sync 10ms inbox 1 service 500ms",
         "nodes are asked for much more than they can serve: give them a longer 'sync', or less "
         "'fanout' or 'service'"},
        {"node random(2) peers ring 1", "which nodes have which 'peers' is open"},
        {"node peers ring 1..2", "how many 'peers' the nodes have is open"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[512], message[512];

        snprintf(body, sizeof(body), "%s\nquiet 1s\nstop 100s", cases[i].body);
        snprintf(message, sizeof(message), "no bound can be given for this quiet: %s%s",
                 cases[i].why, advice);
        expect_error(body, message);
    }
    expect_error(
        "quiet 1s\nstop 2s",
        "after this quiet the cluster may take until 2920ms to converge, and the run stops "
        "at 2s; stop it later, or let it be quiet earlier");
    expect_error("quiet 4s\nstop 3s", "4s is later than the stop at 3s (line 4)");
    expect_error("quiet 1s\nquiet 2s\nstop 30s", "a second 'quiet'; the first is in line 3");
}
