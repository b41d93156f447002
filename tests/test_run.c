/* Whole runs: what statements do, when expectations are asked, which verdict comes out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/lib_sim.h"

static void expect_run(const char *text, const char *verdict)
{
    struct sim_case c;

    sim_case_run(&c, text, 7);
    expect_verdict(&c, verdict);
    sim_case_release(&c);
}

#define THREE "scn 1\nnodes 3\nnet delay 5ms\n"

/* The least that a scenario can be: it converges, because nothing ever happens. */
Test(run, an_idle_cluster_holds)
{
    expect_run("scn 1\nnodes 3\nstop 1s\n", "held");
}

/* Default expectations: convergence and the oracle are required unless the file says else. */
Test(run, a_cluster_that_cannot_agree_breaks_by_default)
{
    expect_run(THREE "node peers none\nat 1s inc n1\nstop 5s\n",
               "broke expect: not converged at end | expected 1 state, found 2");
}

/* "not converged" replaces no default: the end still has to converge. */
Test(run, expecting_a_split_does_not_replace_the_default)
{
    expect_run(THREE "node peers none\nat 1s inc n1\nexpect not converged at 2s\nstop 5s\n",
               "broke expect: not converged at end");
}

/* A number that is wrong is named with what was found and where. */
Test(run, a_wrong_value_says_what_was_found)
{
    expect_run(THREE "at 100ms inc n1 x5\nexpect value == 6 on all at end\nstop 5s\n",
               "broke expect: not value == 6 on all at end | expected == 6, found 5 on n1");
}

/* Expectations of one instant come after all that happens in it. */
Test(run, an_expectation_sees_what_happens_in_its_own_instant)
{
    expect_run(THREE "at 1s inc n1\nexpect value == 1 on n1 at 1s\nstop 5s\n", "held");
}

/* Actions of one instant happen in the order of the file; ends of faults come first. */
Test(run, the_end_of_a_fault_comes_before_actions_of_its_instant)
{
    expect_run("scn 1\nnodes 2\nnode sync 10ms\nnet delay 1ms\n"
               "at 1s partition n1 | n2 for 1s as a\nat 2s partition n1 | n2 for 1s as b\n"
               "at 1.5s inc n1\n"
               "expect value == 0 on n2 at 2.9s\nexpect converged within 1s of b\nstop 5s\n",
               "held");
}

/* Each ending of a named fault obliges on its own. */
Test(run, every_ending_of_a_named_fault_is_an_obligation)
{
    const char *text = "scn 1\nnodes 2\nnode sync 10ms\nnet delay 1ms\n"
                       "every 2s from 1s to 6s partition n1 | n2 for 1s as cut\n"
                       "at 1.5s inc n1\nat 5.999s inc n2\n"
                       "expect converged within 1ms of cut\nstop 9s\n";

    expect_run(text, "broke expect: not converged within 1ms of cut | expected 1 state by 2.001s, "
                     "found 2");
}

/* "of heal" is about the latest heal only: an early miss is forgiven. */
Test(run, within_of_heal_means_the_latest)
{
    const char *text = "scn 1\nnodes 2\nnode sync 50ms\nnet delay 1ms\n"
                       "at 1s partition n1 | n2 as a\nat 1.5s inc n1\nat 2s heal a\n"
                       "at 2.0001s partition n1 | n2 as b\nat 4s heal b\n"
                       "expect converged within 1ms of heal\nstop 9s\n";

    /* after the second heal it is not converged within 1 ms either */
    expect_run(text, "broke expect: not converged within 1ms of heal | expected 1 state by 4.001s");
    expect_run("scn 1\nnodes 2\nnode sync 50ms\nnet delay 1ms\n"
               "at 1s partition n1 | n2 as a\nat 1.5s inc n1\nat 2s heal a\n"
               "at 6s partition n1 | n2 as b\nat 7s heal b\n"
               "expect converged within 1ms of heal\nstop 9s\n",
               "held");
}

/* A fault that no message met proves nothing; so does a rule with a chance (tests/test_met.c). */
Test(run, a_fault_that_meets_nothing_is_unknown)
{
    expect_run("scn 1\nnodes 3\nnode peers none\nat 1s partition halves for 1s\nstop 5s\n",
               "unknown unfired: this met nothing: at 1s partition halves for 1s");
    expect_run("scn 1\nnodes 3\nnode peers none\nat 1s net loss 50% for 1s\nstop 5s\n",
               "unknown unfired: this met nothing: at 1s net loss 50% for 1s");
}

/* An obligation that never comes up was never tested. */
Test(run, an_expectation_of_a_fault_that_never_ends_is_unknown)
{
    expect_run("scn 1\nnodes 3\nnet delay 1ms\nat 1s partition n1 | n2,n3 as cut\n"
               "expect converged within 1s of cut\nexpect converged at 900ms\nstop 5s\n",
               "unknown unevaluated: never evaluated: expect converged within 1s of cut");
}

/* What is said of no node proves nothing. */
Test(run, an_expectation_about_nobody_is_unknown)
{
    expect_run(THREE "expect value == 0 on down\nstop 5s\n",
               "unknown unevaluated: never evaluated: expect value == 0 on down");
}

/* always fails at the first event after which it does not hold. */
Test(run, always_is_asked_after_every_change)
{
    expect_run(THREE "at 1s inc n1\nalways converged\nstop 5s\n",
               "broke expect: not always converged | expected no open request, found 1");
    expect_run(THREE "at 1s inc n1 by 9\nalways value <= 8 on n2\nstop 5s\n",
               "broke expect: not always value <= 8 on n2 | expected <= 8, found 9 on n2");
    expect_run(THREE "at 1s inc n1 by 8\nalways value <= 8\nalways distinct <= 2\nstop 5s\n",
               "held");
}

/* never fails as soon as it holds on any node. */
Test(run, never_fails_when_it_holds_once)
{
    expect_run(THREE "at 1s inc n1 by 9\nnever value > 8\nstop 5s\n",
               "broke expect: value > 8, which must never be | expected never > 8, found 9 on n1");
    expect_run(THREE "at 1s inc n1\nat 2s dec n1\nnever value decrease\nstop 5s\n",
               "broke expect: the value fell, which must never be | expected n1 to stay at 1 or "
               "above, found 0");
    expect_run(THREE "at 1s inc n1\nat 2s inc n2\nnever value decrease\nstop 5s\n", "held");
}

/* Metrics of messages: a silent cluster without peers sends none. */
Test(run, metrics_count_what_was_sent)
{
    expect_run("scn 1\nnodes 3\nnode peers none\nexpect messages == 0\nexpect bytes == 0\n"
               "expect dropped == 0\nexpect pushes == 0\nstop 5s\n",
               "held");
    expect_run(THREE "expect messages > 100\nexpect bytes > 4000\nexpect pushes == 0 on n1\n"
                     "stop 5s\n",
               "held");
}

/* An inbox with room for one and a slow node: it overflows, and the queue never passes 1. */
Test(run, a_full_inbox_drops)
{
    expect_run("scn 1\nnodes 4\nnode sync 10ms fanout 3\nnode n1 inbox 1 service 50ms\n"
               "net delay 1ms\nat 100ms inc n2\nalways queue <= 1\nexpect dropped > 100\n"
               "expect value == 1 on all at end\nstop 5s\n",
               "held");
}

/* A small segment fills again and again; one of the usual size takes all that is here. */
Test(run, a_log_has_segments_of_the_size_that_the_text_gives)
{
    struct sim_case c;

    sim_case_run(&c, THREE "node n2 segment 300B\nevery 10ms to 3s inc all\nstop 5s\n", 7);
    expect_verdict(&c, "held");
    cr_expect(c.run.cluster.hosts[0].node.ledger.wal.segment == 1);
    cr_expect(c.run.cluster.hosts[1].node.ledger.wal.segment > 10);
    sim_case_release(&c);
}

/* "hold" keeps what is sent until the release; the others go on. */
Test(run, hold_and_release)
{
    expect_run("scn 1\nnodes 2\nnode sync 20ms\nnet delay 1ms\nat 10ms hold n1 <-> n2\n"
               "at 50ms inc n1\nat 2s release n1 -> n2\nat 3s release n1 <-> n2\n"
               "expect value == 0 on n2 at 1.9s\nexpect value == 1 on n2 at 2.9s\n"
               "expect converged at 3.1s\nstop 4s\n",
               "held");
}

/* --until ends early and says so; it proves nothing. */
Test(run, until_ends_a_run_as_unknown)
{
    struct sim_case c;
    sim_case_parse(&c, "scn 1\nnodes 2\nstop 5s\n");
    struct run_options options = {.seed = 1, .until_ns = 1000000000};

    run_init(&c.run, &c.scn, &options, NULL);
    run_all(&c.run);
    expect_verdict(&c, "unknown unevaluated");
    cr_assert(eq(u64, c.run.world.now_ns, 1000000000));
    sim_case_release(&c);
}

/* The start of the last converged span: here the instant at which the count has spread. */
Test(run, the_last_converged_span_is_known)
{
    struct sim_case c;

    sim_case_run(&c, THREE "at 1s inc n1\nstop 5s\n", 3);
    expect_verdict(&c, "held");
    cr_assert(c.run.expects.ever);
    cr_assert(ge(u64, c.run.expects.since_ns, 1000000000));
    cr_assert(lt(u64, c.run.expects.since_ns, 2000000000));
    sim_case_release(&c);
}

/*
 * Counts that clients were told are done, and that disks took with them. No node did
 * wrong, so the run holds; but it says so.
 */
Test(run, acknowledged_counts_that_are_gone_are_told)
{
    static const struct {
        const char *body;
        uint64_t lost;
    } cases[] = {
        {"at 1s inc n1 x5", 0},
        {"at 1s inc n1 x5\nat 2s crash all for 1s", 0},
        {"at 1s inc n1 x5\nat 2s crash n1", 0}, /* others have it */
        {"at 1s partition isolate n1\nat 2s inc n1 x5\nat 3s crash n1\nexpect value == 0",
         0}, /* it is on its disk */
        {"node disk off\nat 1s inc n2 x5\nat 2s crash all for 1s\nat 4s inc n1", 5},
        {"node disk off\nat 1s inc n2 x5\nat 1s dec n2 x3\nat 2s crash all for 1s", 8},
        {"at 1s partition n1 | rest for 4s\nat 2s inc n1 x5\n"
         "at 3s crash n1 lose state for 100ms\nat 3.5s inc n1 x2",
         5},
        {"at 1s inc n1 x5\nat 2s disk n1 backup\nat 3s partition n1 | rest for 4s\n"
         "at 4s inc n1 x3\nat 5s disk n1 restore\nat 5s crash n1 for 100ms\nat 6s inc n1 x4",
         3},
        {"at 1s inc n1 x5\nat 2s disk n1 backup\nat 3s inc n1 x3\nat 5s disk n1 restore\n"
         "at 5s crash n1 for 100ms\nat 6s inc n1 x4", /* others know, and it moves on */
         0},
        {"at 1s partition n1 | rest\nat 2s inc n1 x5\nat 3s crash n1 lose state\n"
         "expect converged at end", /* it does not come back */
         5},
        {"at 1s inc n1 x5\nat 2s disk n1 backup\nat 3s partition n1 | rest\nat 4s inc n1 x3\n"
         "at 5s disk n1 restore\nat 5s crash n1 for 100ms\nat 6s crash n1", /* nor does this one */
         3},
        {"at 1s partition n1,n2 | n3 for 9s\nat 2s inc n1 x5\nat 5s crash n2\n"
         "at 6s crash n1 lose state\nexpect value == 0", /* on the disk of one that is down */
         0},
        {"at 1s partition n1,n2 | n3 for 5s\nat 2s inc n2 x5\nat 3s leave n2\n"
         "at 5s crash n1 lose state for 1s", /* the heir loses its disk */
         5},
        {"node n1 disk off\nat 1s partition n3 | rest for 3s\nat 1s inc n2 x5\nat 2s leave n2\n"
         "at 3s crash n1 for 1s", /* the heir has none */
         5},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sim_case c;
        char text[512];

        snprintf(text, sizeof(text), "scn 1\nnodes 3\n%s\nstop 20s\n", cases[i].body);
        sim_case_run(&c, text, 1);
        expect_verdict(&c, "held");
        cr_expect(eq(u64, (uint64_t)cluster_lost(&c.run.cluster), cases[i].lost), "%s", text);
        sim_case_release(&c);
    }
}

/* Two clusters in one process do not see each other. */
Test(run, two_runs_live_side_by_side)
{
    struct sim_case a, b;

    sim_case_start(&a, THREE "at 1s inc n1\nstop 5s\n", 3);
    sim_case_start(&b, THREE "at 1s inc n1\nstop 5s\n", 3);
    while (run_step(&a.run))
        run_step(&b.run);
    run_all(&b.run);
    cr_assert(eq(u64, a.run.world.trace.hash, b.run.world.trace.hash));
    cr_assert(eq(u64, a.run.world.choose.unseed, b.run.world.choose.unseed));
    sim_case_release(&a);
    sim_case_release(&b);
}

/* A predicate on some nodes asks for their clients, not for those of others. */
Test(run, converged_on_nodes_asks_for_their_clients_only)
{
    static const char head[] = THREE "at 1s inc n3\nat 2s disk n1 slow 3s\nat 2500ms inc n1\n";
    char text[512];

    snprintf(text, sizeof(text), "%sexpect converged on n2..n3 at 4s\nstop 9s\n", head);
    expect_run(text, "held");
    snprintf(text, sizeof(text), "%sexpect converged on n1 at 4s\nstop 9s\n", head);
    expect_run(text, "broke expect: not converged on n1 at 4s | expected no open request, found 1");
    snprintf(text, sizeof(text), "%sexpect converged on up at 4s\nstop 9s\n", head);
    expect_run(text, "broke expect: not converged on up at 4s | expected no open request, found 1");
}

/* While a node is not there nothing is said of it; of a node that never is, nothing is known. */
Test(run, always_and_never_are_not_asked_about_nobody)
{
    expect_run(THREE "at 2s crash n3 for 1s\nalways distinct == 1 on n3\n"
                     "always converged on n3\nnever distinct == 0 on n3\nstop 5s\n",
               "held");
    expect_run(THREE "at 2s crash all for 1s\nalways distinct == 1\nstop 5s\n", "held");
    expect_run(THREE "always value == 3 on down\nstop 5s\n",
               "unknown unevaluated: never evaluated: always value == 3 on down | expected at "
               "least 1 node that it speaks of, found none of them there at any time");
    expect_run(THREE "never distinct > 1 on down\nstop 5s\n",
               "unknown unevaluated: never evaluated: never distinct > 1 on down | expected at "
               "least 1 node that it speaks of, found none of them there at any time");
    expect_run(THREE "at 4s join n3\nnever value decrease on n3\nstop 5s\n", "held");
}

/* A crash ends when its nodes run again, which may be later than its time. */
Test(run, a_crash_lasts_until_its_node_can_start)
{
    static const char text[] =
        THREE "at 500ms disk n3 readfail 100%\nat 3s crash n3 for 1s as c\nat 5s inc n1\n";
    char all[512];

    snprintf(all, sizeof(all), "%sexpect converged within 10s of c\nstop 9s\n", text);
    expect_run(all, "unknown unevaluated: never evaluated: expect converged within 10s of c | "
                    "expected 'c' to end, found it in force at the stop");
    snprintf(all, sizeof(all),
             "%sat 5500ms disk n3 ok\nexpect converged within 1ms of c\nstop 9s\n", text);
    expect_run(all, "broke expect: not converged within 1ms of c | expected 1 state by 6.001s");
    snprintf(all, sizeof(all), "%sat 5500ms disk n3 ok\nat 5600ms restart n3\n%s", text,
             "expect converged within 1ms of c\nstop 9s\n");
    expect_run(all, "broke expect: not converged within 1ms of c | expected 1 state by 5.601s");
    snprintf(all, sizeof(all), "%squiet 5500ms\nexpect converged within 1ms of c\nstop 90s\n",
             text);
    expect_run(all, "broke expect: not converged within 1ms of c | expected 1 state by 5.501s");
}
