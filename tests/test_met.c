/*
 * Every kind of statement that acts: when it meets nothing the run shows nothing
 * of it, and says so; when chance was asked and said no, it has met something.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib_sim.h"

/* In this ring n1 and n3 never talk to each other, n1 and n2 do. */
#define HEAD "scn 1\nnodes 4\nnode peers ring 1 fixed\nnode sync 100ms\n"
#define TAIL "stop 8s\n"

/* The statement at hand is the first that meets nothing. */
struct idle {
    const char *body, *stmt, *what;
};

static void expect_idle(const struct idle *it)
{
    char text[1024], expected[512];
    struct sim_case c;

    snprintf(text, sizeof(text), HEAD "%s\n" TAIL, it->body);
    snprintf(expected, sizeof(expected),
             "unknown unfired: this met nothing: %s | expected %s, found", it->stmt, it->what);
    sim_case_run(&c, text, 7);
    expect_verdict(&c, expected);
    sim_case_release(&c);
}

static void expect_all_idle(const struct idle *idle, size_t len)
{
    for (size_t i = 0; i < len; i++)
        expect_idle(&idle[i]);
}

static void expect_all_held(const char *const *bodies, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char text[1024];
        struct sim_case c;

        snprintf(text, sizeof(text), HEAD "%s\n" TAIL, bodies[i]);
        sim_case_run(&c, text, 7);
        cr_expect(c.run.outcome.verdict == VERDICT_HELD, "%s: %s", bodies[i], sim_case_verdict(&c));
        sim_case_release(&c);
    }
}

#define EXPECT_IDLE(list) expect_all_idle(list, sizeof(list) / sizeof((list)[0]))
#define EXPECT_HELD(list) expect_all_held(list, sizeof(list) / sizeof((list)[0]))

#define A_MESSAGE "a message that it acts on"

/* ---- rules ---- */

Test(met, rules_on_a_link_without_a_message)
{
    static const char *const rules[] = {
        "delay 5ms",   "loss 90%",    "loss 0%",           "loss gemodel 90% 1%", "dup 90%",
        "corrupt 90%", "reorder 90%", "reorder 90% gap 3", "rate 1mbit",          "down",
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        static const char *const forms[] = {"link n1 -> n3 %s", "at 1s link n1 -> n3 %s",
                                            "at 1s link n1 -> n3 %s for 2s",
                                            "every 1s to 5s link n1 -> n3 %s for 2s"};

        for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
            char stmt[128];

            snprintf(stmt, sizeof(stmt), forms[f], rules[i]);
            expect_idle(&(struct idle){stmt, stmt, A_MESSAGE});
        }
    }
}

/* "1ppm" of these few messages is none: chance was asked, and said no. */
Test(met, rules_that_a_message_meets)
{
    static const char *const bodies[] = {
        "link n1 -> n2 delay 5ms",
        "link n1 -> n2 loss 1ppm",
        "link n1 -> n2 loss 0%",
        "link n1 -> n2 loss gemodel 1ppm 50%",
        "link n1 -> n2 dup 1ppm",
        "link n1 -> n2 corrupt 1ppm",
        "link n1 -> n2 reorder 1ppm",
        "link n1 -> n2 reorder 1ppm gap 1000000",
        "link n1 -> n2 rate 1mbit",
        "link n1 -> n2 down",
        "net delay 5ms loss 1ppm dup 1ppm corrupt 1ppm reorder 1ppm",
        "at 1s link n1 -> n2 loss 1ppm",
        "at 1s link n1 -> n2 dup 1ppm for 2s",
        "at 1s link n1 -> n2 corrupt 1ppm for 2s",
        "at 1s net reorder 1ppm for 2s",
        "every 1s to 5s link n1 -> n2 down for 100ms",
    };

    EXPECT_HELD(bodies);
}

/* Another statement has its links, or the message never came so far. */
Test(met, rules_that_others_come_before)
{
    static const struct idle idle[] = {
        {"link n1 -> n2 loss 90%\nat 0s net loss 0%", "link n1 -> n2 loss 90%", A_MESSAGE},
        {"link n1 -> n2 dup 90%\nlink n1 -> n2 down", "link n1 -> n2 dup 90%", A_MESSAGE},
        {"link n1 -> n2 corrupt 90%\nat 0s drop while 8s n1 -> n2", "link n1 -> n2 corrupt 90%",
         A_MESSAGE},
    };

    EXPECT_IDLE(idle);
}

/* Each rule of a statement for itself: that another met something says nothing of it. */
Test(met, each_rule_for_itself)
{
    static const struct {
        const char *body, *rule, *stmt;
    } idle[] = {
        {"link n1 -> n2 loss 10% dup 5%\nat 0s net loss 0%", "loss",
         "link n1 -> n2 loss 10% dup 5%"},
        {"link n1 -> n2 delay 5ms down", "delay", "link n1 -> n2 delay 5ms down"},
        {"at 1s link n1 -> n2 loss 100% corrupt 5%", "corrupt",
         "at 1s link n1 -> n2 loss 100% corrupt 5%"},
        {"at 1s net reset dup 5%", "reset", "at 1s net reset dup 5%"},
    };

    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
        char text[1024], expected[512];
        struct sim_case c;

        snprintf(text, sizeof(text), HEAD "%s\n" TAIL, idle[i].body);
        snprintf(expected, sizeof(expected), "unknown unfired: '%s' of this met nothing: %s |",
                 idle[i].rule, idle[i].stmt);
        sim_case_run(&c, text, 7);
        expect_verdict(&c, expected);
        sim_case_release(&c);
    }
}

/* A message counts once for a statement, however many rules that has. */
Test(met, a_message_counts_once)
{
    struct sim_case c;

    sim_case_run(&c, HEAD "net delay 5ms loss 1ppm dup 100% corrupt 1ppm rate 10mbit\n" TAIL, 7);
    expect_verdict(&c, "held");
    cr_assert(ge(u64, c.run.cluster.stats.sent, 1));
    for (size_t i = 0; i < c.scn.stmts_len; i++)
        if (c.scn.stmts[i].kind == SCN_STMT_NET)
            cr_assert(eq(u64, c.run.met[i].count, c.run.cluster.stats.sent));
    sim_case_release(&c);
}

/* ---- partitions, holds, scripts ---- */

Test(met, faults_of_a_link_without_a_message)
{
    static const struct idle idle[] = {
        {"at 1s partition n1 | n3", "at 1s partition n1 | n3", "a message that it stops"},
        {"at 1s partition n1 -> n3 for 1s", "at 1s partition n1 -> n3 for 1s",
         "a message that it stops"},
        {"at 1s partition n1,!n1 | rest", "at 1s partition n1,!n1 | rest",
         "a message that it stops"},
        {"at 1s hold n1 <-> n3 for 1s", "at 1s hold n1 <-> n3 for 1s", "a message that it holds"},
        {"at 1s drop next 1 n1 -> n3", "at 1s drop next 1 n1 -> n3", A_MESSAGE},
        {"at 1s drop while 1s n1 -> n3", "at 1s drop while 1s n1 -> n3", A_MESSAGE},
        {"at 1s dup next 1 n1 -> n3", "at 1s dup next 1 n1 -> n3", A_MESSAGE},
        {"at 1s dup while 1s n1 -> n3", "at 1s dup while 1s n1 -> n3", A_MESSAGE},
        {"at 1s corrupt next 1 n1 -> n3", "at 1s corrupt next 1 n1 -> n3", A_MESSAGE},
        {"at 1s corrupt while 1s n1 -> n3", "at 1s corrupt while 1s n1 -> n3", A_MESSAGE},
        {"at 1s delay next 1 n1 -> n3 by 1s", "at 1s delay next 1 n1 -> n3 by 1s", A_MESSAGE},
        {"at 1s delay while 1s n1 -> n3 by 1s", "at 1s delay while 1s n1 -> n3 by 1s", A_MESSAGE},
    };
    static const char *const held[] = {
        "at 1s partition n1 | n2",           "at 1s hold n1 <-> n2 for 1s",
        "at 1s drop next 1 n1 -> n2",        "at 1s drop while 1s n1 -> n2",
        "at 1s dup next 1 n1 -> n2",         "at 1s dup while 1s n1 -> n2",
        "at 1s corrupt next 1 n1 -> n2",     "at 1s corrupt while 1s n1 -> n2",
        "at 1s delay next 1 n1 -> n2 by 1s", "at 1s delay while 1s n1 -> n2 by 1s",
    };

    EXPECT_IDLE(idle);
    EXPECT_HELD(held);
}

Test(met, what_ends_faults)
{
    static const struct idle idle[] = {
        {"at 1s heal", "at 1s heal", "a partition that it ends"},
        {"at 1s partition halves for 1s as cut\nat 3s heal cut", "at 3s heal cut",
         "a partition that it ends"},
        {"at 1s hold n1 -> n2 for 1s as jam\nat 3s release jam", "at 3s release jam",
         "a hold that it ends, or links of one"},
        {"at 1s release n1 -> n2", "at 1s release n1 -> n2",
         "a hold that it ends, or links of one"},
        {"at 1s hold n1 -> n2 for 3s\nat 2s release n2 -> n1", "at 2s release n2 -> n1",
         "a hold that it ends, or links of one"},
        {"at 1s hold n1 -> n2,n4 for 4s\nat 2s release n1 -> n2\nat 3s release n1 -> n2",
         "at 3s release n1 -> n2", "a hold that it ends, or links of one"},
        {"at 1s net reset", "at 1s net reset", "a rule that was laid over those of the file"},
        {"at 1s net delay 5ms for 1s\nat 3s net reset", "at 3s net reset",
         "a rule that was laid over those of the file"},
        {"at 1s net delay 5ms\nat 2s net reset\nat 3s net reset", "at 3s net reset",
         "a rule that was laid over those of the file"},
        {"at 1s link n1 -> n2 delay 5ms\nat 2s link n2 -> n1 reset", "at 2s link n2 -> n1 reset",
         "a rule that was laid over those of the file"},
    };
    static const char *const held[] = {
        "at 1s partition halves\nat 2s heal",
        "at 1s hold n1 -> n2 as jam\nat 2s release jam",
        "at 1s hold n1 -> n2,n4\nat 2s release n1 -> n2\nat 3s release all -> all",
        "at 1s net delay 5ms\nat 2s net reset",
        "at 1s net delay 5ms\nat 2s link n1 -> n2 reset",
    };

    EXPECT_IDLE(idle);
    EXPECT_HELD(held);
}

/* ---- nodes ---- */

Test(met, processes)
{
    static const char ends[] = "a node that is up and does not end yet";
    static const struct idle idle[] = {
        {"at 1s crash n2\nat 2s crash n2", "at 2s crash n2", "a node that runs"},
        {"at 1s crash n2\nat 2s crash n2 lose state for 1s", "at 2s crash n2 lose state for 1s",
         "a node that runs"},
        {"at 1s crash down", "at 1s crash down", "a node that runs"},
        {"at 1s restart n2", "at 1s restart n2", "a node that is down"},
        {"at 1s pause n2\nat 2s pause n2 for 1s\nat 4s resume n2", "at 2s pause n2 for 1s",
         "a node that is up"},
        {"at 1s resume n2", "at 1s resume n2", "a node that is paused"},
        {"at 1s join n4\nat 2s join n4", "at 2s join n4", "a node that has not joined yet"},
        {"at 1s leave n2\nat 5s leave n2", "at 5s leave n2", ends},
        {"at 1s crash n2\nat 2s stopnode n2", "at 2s stopnode n2", ends},
        {"at 1s meet n1 n1", "at 1s meet n1 n1",
         "a node that runs, and another for it to learn of"},
        {"at 1s crash n2\nat 2s meet n2 n1", "at 2s meet n2 n1",
         "a node that runs, and another for it to learn of"},
        {"at 1s leave n2\nat 5s clock n2 jump +1s", "at 5s clock n2 jump +1s",
         "a node that runs, then or later"},
        {"at 1s crash n2\nat 5s clock n2 skew +1s", "at 5s clock n2 skew +1s",
         "a node that runs, then or later"},
        {"node down sync 50ms", "node down sync 50ms", "a node"},
    };
    static const char *const held[] = {
        "at 1s crash n2\nat 2s restart n2",
        "at 1s pause n2\nat 2s resume n2",
        "at 1s join n4",
        "at 1s leave n2",
        "at 1s stopnode n2\nat 2s restart n2",
        "at 1s meet n1 n2",
        "at 1s clock n2 skew +1s",
        "at 1s clock n2 drift +1ppm",
        ("at 0s clock n4 skew +1s\nat 0s clock n4 drift +1ppm\nat 0s clock n4 jump +1s\n"
         "at 1s join n4"),
        "every 1s to 5s crash random(1) for 500ms",
        "node random(1) sync 50ms",
    };

    EXPECT_IDLE(idle);
    EXPECT_HELD(held);
}

/* ---- clients ---- */

/* Who is not there takes no request; one that is there may well say no, and has met it. */
Test(met, clients)
{
    static const char takes[] = "a node that takes its request";
    static const struct idle idle[] = {
        {"at 1s crash n2\nat 2s inc n2 x5", "at 2s inc n2 x5", takes},
        {"at 1s crash n2\nat 2s dec n2", "at 2s dec n2", takes},
        {"at 1s leave n2\nat 4s inc n2", "at 4s inc n2", takes},
        {"at 1s inc down", "at 1s inc down", takes},
        {"at 1s pause n2\nat 2s inc n2", "at 2s inc n2", takes}, /* for good */
        {"at 1s crash n2\nload 10/s even inc 100% on n2 from 2s",
         "load 10/s even inc 100% on n2 from 2s", takes},
        {"load 10/s even inc 0% on all", "load 10/s even inc 0% on all", takes},
        {"load 1/s even inc 100% on all from 1s to 1000000001ns",
         "load 1/s even inc 100% on all from 1s to 1000000001ns", takes},
    };
    static const char *const held[] = {
        "at 1s inc n1,n2\nat 2s crash n2\nat 3s inc n1,n2",
        "at 1s disk n2 full\nat 2s inc n1,n2",
        "at 1s pause n2\nat 2s inc n2\nat 3s resume n2",
        "load 10/s even inc 100% on all to 5s",
        "load 10/s even inc 0% dec 100% on n2 to 5s\nat 3s crash n2 for 100ms",
    };

    EXPECT_IDLE(idle);
    EXPECT_HELD(held);
}

/* ---- disks ---- */

Test(met, disks)
{
    static const char torn[] = "a crash with writes that no sync has covered";
    static const char rot[] = "a start of a node that has something on its disk";
    static const struct idle idle[] = {
        {"at 1s disk n2 full", "at 1s disk n2 full", "a write"},
        {"at 1s disk n2 slow 1ms", "at 1s disk n2 slow 1ms", "a sync"},
        {"at 1s disk n2 syncfail 100%", "at 1s disk n2 syncfail 100%", "a sync"},
        {"at 1s disk n2 syncfail 100%\nat 2s disk n2 ok\nat 3s inc n2",
         "at 1s disk n2 syncfail 100%", "a sync"},
        {"at 1s disk n2 torn 100%\nat 2s inc n2", "at 1s disk n2 torn 100%", torn},
        {"at 1s disk n2 torn 100%\nat 2s crash n2 for 1s", "at 1s disk n2 torn 100%", torn},
        {"at 1s disk n2 torn 100%\nat 2s inc n2\nat 3s stopnode n2", "at 1s disk n2 torn 100%",
         torn},
        {"at 1s inc n2\nat 2s disk n2 bitrot 100%", "at 2s disk n2 bitrot 100%", rot},
        {"node n2 disk off\nat 1s inc n2\nat 2s disk n2 bitrot 100%\nat 3s crash n2 for 1s",
         "at 2s disk n2 bitrot 100%", rot},
        {"at 1s disk n2 ok", "at 1s disk n2 ok", "a disk with something wrong"},
        {"at 1s disk n2 slow 1ms\nat 2s inc n2\nat 3s disk n2 ok\nat 4s disk n2 ok",
         "at 4s disk n2 ok", "a disk with something wrong"},
    };
    static const char *const held[] = {
        "at 1s disk n2 full\nat 2s inc n1,n2",
        "at 1s disk n2 slow 1ms\nat 2s inc n2",
        "at 1s disk n2 syncfail 1ppm\nat 2s inc n2",
        "node fsync 100ms\nat 1s disk n2 torn 1ppm\nat 2s inc n1,n2\nat 2050ms crash n2 for 1s",
        "at 1s inc n2\nat 2s disk n2 bitrot 1ppm\nat 3s crash n2 for 1s",
        "at 1s disk n2 slow 1ms\nat 2s inc n2\nat 3s disk n2 ok",
    };

    EXPECT_IDLE(idle);
    EXPECT_HELD(held);
}

/* ---- when ---- */

Test(met, what_never_fires_never_began)
{
    static const char *const bodies[] = {
        "at 9s inc n1",
        "at 9s heal",
        "every 1s from 9s restart n1",
        "at 9s link n1 -> n2 loss 1%",
        "at 9s disk n2 ok",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        char text[256], expected[256];
        struct sim_case c;

        snprintf(text, sizeof(text), HEAD "%s\n" TAIL, bodies[i]);
        snprintf(expected, sizeof(expected),
                 "unknown unfired: this never began: %s | expected it to begin before the stop at "
                 "8.000s",
                 bodies[i]);
        sim_case_run(&c, text, 7);
        expect_verdict(&c, expected);
        sim_case_release(&c);
    }
}

static void expect_found(const char *body, const char *found)
{
    char text[512];
    struct sim_case c;

    snprintf(text, sizeof(text), HEAD "%s\n" TAIL, body);
    sim_case_run(&c, text, 7);
    cr_expect(strstr(sim_case_verdict(&c), found) != NULL, "%s: %s", body, sim_case_verdict(&c));
    sim_case_release(&c);
}

Test(met, the_report_says_when_it_was_looked_for)
{
    expect_found("link n1 -> n3 loss 9%", "found none in all the run");
    expect_found("at 1s restart n1", "found none at 1.000s");
    expect_found("at 1s disk n1 torn 9%", "found none while it was in force, from 1.000s on");
    expect_found("at 1s link n1 -> n3 loss 9%", "found none from 1.000s to the stop");
    expect_found("at 1s partition n1 | n3 for 2s", "found none from 1.000s to 3.000s");
    expect_found("every 2s from 1s restart n1", "found none in 4 firings, the first at 1.000s");
    expect_found("node down sync 1s", "found none at the start");
}

/* What has not come to its end when the run stops has proved nothing, whatever was expected. */
Test(met, a_node_that_is_still_on_its_way_out_is_unknown)
{
    static const struct {
        const char *body, *verdict;
    } cases[] = {
        {"at 1s partition n1 | rest\nat 3s leave n1\nexpect converged on n2,n3 at end",
         "unknown unfired: n1 has not left, so nothing is known of that"},
        {"at 1s disk n1 slow 1h\nat 2s inc n1\nat 3s stopnode n1\nexpect not converged at end",
         "unknown unfired: n1 has not stopped, so nothing is known of that"},
        {"at 3s leave n1\nat 3s pause n1",
         "unknown unfired: n1 has not left, so nothing is known of that"},
        {"at 3s leave n2\nat 4s leave n1,n3\nat 4s pause n1,n3",
         "unknown unfired: n1,n3 have not left, so nothing is known of that"},
        {"at 3s leave n1", "held"},
        {"at 3s stopnode n1", "held"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sim_case c;
        char text[256];

        snprintf(text, sizeof(text), "scn 1\nnodes 3\nat 500ms inc n2\n%s\nstop 6s\n",
                 cases[i].body);
        sim_case_run(&c, text, 1);
        expect_verdict(&c, cases[i].verdict);
        sim_case_release(&c);
    }
}

/* The statement that is shown is the one that told the node so, not the first of its kind. */
Test(met, a_node_that_is_still_on_its_way_out_names_who_told_it_to)
{
    struct sim_case c;

    sim_case_run(&c,
                 "scn 1\nnodes 4\nat 500ms inc n2\nat 1s leave n2\nat 2s partition n1 | rest\n"
                 "at 3s leave n4\nat 4s leave n1\nstop 6s\n",
                 1);
    expect_verdict(&c, "unknown unfired: n1 has not left, so nothing is known of that");
    cr_expect(eq(u32, c.scn.stmts[c.run.outcome.stmt].pos.line, 7));
    sim_case_release(&c);
}
