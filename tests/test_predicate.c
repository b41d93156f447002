/* When predicates are asked, and whether they were about anything. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/lib_sim.h"

struct row {
    const char *body, *verdict;
    uint64_t at_ns; /* in which it is decided; 0: not looked at */
};

static void expect_rows(const struct row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct sim_case c;
        char text[512];

        snprintf(text, sizeof(text), "scn 1\nnodes 2\n%s\n", rows[i].body);
        sim_case_run(&c, text, 1);
        expect_verdict(&c, rows[i].verdict);
        if (rows[i].at_ns > 0)
            cr_expect(eq(u64, c.run.outcome.at_ns, rows[i].at_ns), "%s", rows[i].body);
        sim_case_release(&c);
    }
}

#define SECOND UINT64_C(1000000000)

/* What a node is compared with, or whose counts its value is of, changes at others. */
Test(predicate_runs, what_leans_on_others_is_asked_when_they_change)
{
    static const struct row rows[] = {
        {"node sync 1m\nat 1s inc n2\nalways value == oracle on n1\nstop 2s",
         "broke expect: not always value == oracle on n1 | expected == 1, found 0 on n1", SECOND},
        {"node sync 1m\nat 1s inc n2\nnever value != oracle on n1\nstop 2s",
         "broke expect: value != oracle on n1, which must never be | expected never != 1, found 0 "
         "on "
         "n1",
         SECOND},
        {"at 1s inc n2 x5\nat 3s crash n2 for 10ms\nnever value of down > 3 on n1\nstop 6s",
         "broke expect: value of down > 3 on n1, which must never be | expected never > 3, found 5 "
         "on n1",
         3 * SECOND},
        {"at 1s inc n1 x5\nalways value == oracle\nstop 5s",
         "broke expect: not always value == oracle | expected == 1, found 0 on n2", SECOND},
        {"at 1s inc n1 x5\nalways value == oracle on n1\nstop 5s", "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* A value of nobody's counts is not 0: it is not there. */
Test(predicate_runs, a_value_of_nobody_proves_nothing)
{
    static const struct row rows[] = {
        {"at 1s inc n1\nalways value of down == 0\nstop 5s",
         "unknown unevaluated: never evaluated: always value of down == 0 | expected at least 1 "
         "node "
         "that it speaks of, found none of them there at any time",
         0},
        {"at 1s inc n1\nexpect value of down == oracle\nstop 5s",
         "unknown unevaluated: never evaluated: expect value of down == oracle | expected at least "
         "1 "
         "node that it speaks of, found none of them there at 5.000s",
         0},
        {"at 1s inc n1\nat 2s crash n2 for 1s\nalways value of down == 0\nstop 5s", "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Where a fault that has no end of its own began behind the last end, and lasts, none is known. */
Test(predicate_runs, a_fault_without_an_end_leaves_the_last_one_open)
{
#define IN_FORCE(line)                                                                             \
    "unknown unevaluated: never evaluated: expect converged within 1s of last fault | expected "   \
    "the last fault to end, found one in force at the stop, that of line " #line
    static const struct row rows[] = {
        {"at 1s partition n1 | rest for 1s\nat 3s link n1 <-> all down\nat 4s inc n1\n"
         "at 8s link n2 -> n1 reset\nexpect converged within 1s of last fault\n"
         "expect not converged at end\nexpect value >= 0\nstop 20s",
         IN_FORCE(4), 0},
        {"at 1s partition n1 | rest for 1s\nat 3s disk n1 slow 1ms\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         IN_FORCE(4), 0},
        {"at 1s partition n1 | rest for 1s\nat 3s memory n1 fail 10%\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nexpect value >= 0\nstop 20s",
         IN_FORCE(4), 0},
        {"at 1s partition n1 | rest for 1s\nat 3s clock n1 skew +1s\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         IN_FORCE(4), 0},
        /* the end before was missed */
        {"at 1s partition n1 | rest for 2s\nat 3100ms disk n1 slow 1ms\nat 1500ms inc n1\n"
         "every 10ms from 3s to 5s inc n1\nexpect converged within 1s of last fault\nstop 20s",
         IN_FORCE(4), 0},
        /* another amount is another fault */
        {"at 1s disk n1 slow 1ms\nat 2s inc n1\nat 3s crash n2 for 1s\nat 5s disk n1 slow 2ms\n"
         "at 6s inc n1\nexpect converged within 1s of last fault\nstop 20s",
         IN_FORCE(6), 0},
        /* it comes back when what was laid over it ends */
        {"at 1s net down\nat 1500ms inc n1\nat 3s net reset for 2s\nat 6s inc n2\n"
         "expect converged within 1s of last fault\nexpect not converged at end\n"
         "expect value >= 0\nstop 10s",
         IN_FORCE(3), 0},
        {"at 1s net down for 9s\nat 1500ms inc n1\n"
         "expect converged within 1s of last fault\nexpect not converged at end\n"
         "expect value >= 0\nstop 5s",
         IN_FORCE(3), 0},
        /* it stands still until the stop */
        {"at 1s inc n1\nat 2s partition n1 | rest for 1s\nat 5s clock all skew +1h\n"
         "at 6s clock all skew +0s\nexpect converged within 1s of last fault\nstop 60s",
         IN_FORCE(6), 0},
        /* what lasts from before is how things are */
        {"at 0s disk n1 slow 1ms\nat 500ms inc n1\nat 1s partition n1 | rest for 1s\n"
         "at 1500ms inc n1\nexpect converged within 3s of last fault\nstop 20s",
         "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
#undef IN_FORCE
}

/* What has no end of its own ends when nothing of it is left. */
Test(predicate_runs, a_fault_without_an_end_ends_when_it_is_called_off)
{
#define BROKE(within, by)                                                                          \
    "broke expect: not converged within " within " of last fault | expected 1 state by " by
    static const struct row rows[] = {
        {"at 1s partition n1 | rest for 1s\nat 3s link n1 <-> all down\nat 4s inc n1\n"
         "at 8s link n1 <-> all reset\nexpect converged within 1s of last fault\nstop 20s",
         "held", 0},
        {"at 1s partition n1 | rest for 1s\nat 3s link n1 <-> all down\nat 4s inc n1\n"
         "at 8s net reset\nexpect converged within 2s of last fault\nstop 20s",
         "held", 0},
        {"at 3s disk n1 slow 5s\nat 4s inc n1\nat 5s disk n1 ok\n"
         "expect converged within 1s of last fault\nstop 20s",
         "broke expect: not converged within 1s of last fault | expected no open request by 6.000s",
         0},
        {"at 1s partition n1 | rest for 1s\nat 3s disk n1 slow 5s\nat 4s inc n1\nat 5s disk n1 "
         "ok\nexpect converged within 1s of last fault\nstop 20s",
         "broke expect: not converged within 1s of last fault | expected no open request by 6.000s",
         0},
        {"at 3s disk n1 slow 1ms\nat 4s inc n1\nquiet 5s\n"
         "expect converged within 2s of last fault\nstop 20s",
         "held", 0},
        {"at 1s partition n1 | rest for 1s\nat 3s net down\nat 4s inc n1\nquiet 6s\n"
         "expect converged within 1us of last fault\nstop 20s",
         BROKE("1us", "6.000001s"), 0},
        {"at 500ms disk n1 slow 1ms\nat 600ms inc n1\nat 1s partition n1 | rest for 1s\n"
         "quiet 10s\nexpect converged within 1s of last fault\nstop 40s",
         "held", 0},
        /* a rule with a time of its own ends with the reset */
        {"node sync 1500ms\nat 1s net down for 9s\nat 1500ms inc n1\nat 3s net reset\n"
         "expect converged within 200ms of last fault\nstop 15s",
         BROKE("200ms", "3.200s"), 0},
        {"at 1s net down for 5s\nat 1500ms inc n1\nat 3s net reset\n"
         "every 5ms from 5900ms to 8s inc random(1)\n"
         "expect converged within 500ms of last fault\nstop 15s",
         "held", 0},
        {"at 1s net down for 20s\nat 1500ms inc n1\nat 3s net reset\n"
         "expect converged within 1s of last fault\nstop 10s",
         "held", 0},
        /* the end that is certainly the last */
        {"node sync 100ms\nat 1s net down\nat 1500ms inc n1\nat 2s crash n2 for 500ms\n"
         "at 4s net reset\nexpect converged within 1s of last fault\nstop 10s",
         "held", 0},
        {"at 500ms inc n1\nat 1s memory n2 fail 100%\nat 2s crash n1 for 500ms\n"
         "at 4s memory n2 ok\nexpect converged within 1s of last fault\nstop 10s",
         "held", 0},
        {"at 500ms inc n1\nat 1s clock n2 skew +1s\nat 2s crash n1 for 500ms\n"
         "at 4s clock n2 skew +0s\nexpect converged within 1s of last fault\nstop 10s",
         "held", 0},
        /* a clock that was set back stands still until it has caught up: that is the end */
        {"at 1s clock all skew +10s\nat 1500ms clock all skew +0s\nat 1500ms inc n1\n"
         "expect converged within 2s of last fault\nstop 30s",
         "held", 0},
        {"at 1s clock all skew +10s\nat 1500ms clock all jump -10s\nat 1500ms inc n1\n"
         "expect converged within 1us of last fault\nstop 30s",
         BROKE("1us", "11.49"), 0},
        /* what another covered for a time has not begun anew */
        {"every 100ms to 2s inc all\nat 0s net delay 30ms\nat 1s net delay 200ms for 1s\n"
         "expect converged within 3s of last fault\nstop 10s",
         "held", 0},
        {"at 1s inc n1\nat 1s net reorder 10% for 1s\nat 2500ms net reorder 0%\n"
         "expect converged within 2s of last fault\nstop 6s",
         "held", 0},
        /* no loss is no fault */
        {"at 500ms inc n1\nat 1s net loss 30%\nat 2s crash n1 for 500ms\n"
         "at 4s net loss 0%\nexpect converged within 1s of last fault\nstop 10s",
         "held", 0},
        /* what waits for a start ends with it, or with the quiet */
        {"at 500ms inc n1\nat 1s stopnode n1\nat 2s disk n1 lose 1\nat 3s restart n1\n"
         "expect converged within 1s of last fault\nstop 10s",
         "held", 0},
        {"at 500ms inc n1 x9\nevery 1s from 1s to 3s disk n1 lose 1\n"
         "at 1500ms crash n1 for 100ms\nquiet 4s\n"
         "expect converged within 3s of last fault\nstop 20s",
         "held", 0},
        /* both ends were missed, in whatever order the lines stand */
        {"net delay 20ms\nat 1s disk n1 slow 1ms\nat 2s disk n1 ok\nat 2200ms disk n1 slow 1ms\n"
         "at 2500ms disk n1 ok\nevery 10ms from 1s inc n1\nexpect not converged at end\n"
         "expect value >= 0\nexpect converged within 1500ms of last fault\nstop 4s",
         "broke expect: not converged within 1500ms of last fault", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
#undef BROKE
}

/* What calls off nothing ends nothing. */
Test(predicate_runs, nothing_ends_where_nothing_was)
{
    static const struct row rows[] = {
        {"node sync 500ms\nat 1s inc n1\nat 1001ms disk n1 ok\n"
         "expect converged within 10ms of last fault\nstop 5s",
         "unknown", 0},
        {"node sync 5s\nat 1s partition n1 | rest for 5s\nat 5500ms inc n1\n"
         "at 15s disk n2 slow 0ms\nat 18s inc n2\n"
         "expect converged within 10s of last fault\nstop 30s",
         "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* One that was missed is not the last while another is in force. */
Test(predicate_runs, an_end_that_was_missed_is_not_the_last_while_a_fault_is_in_force)
{
    static const struct row rows[] = {
        {"at 1s partition n1 | rest for 1s\nat 1500ms inc n1\nat 3s partition n1 | rest\n"
         "expect converged within 1us of last fault\nstop 9s",
         "unknown unevaluated: never evaluated: expect converged within 1us of last fault", 0},
        {"at 1s partition n1 | rest for 1s\nat 1500ms inc n1\nat 3s partition n1 | rest\n"
         "expect converged within 1us of heal\nstop 9s",
         "unknown unevaluated: never evaluated: expect converged within 1us of heal", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* The latest fault has not ended while one is in force, whatever ended before it. */
Test(predicate_runs, a_last_fault_that_does_not_end_proves_nothing)
{
    static const struct row rows[] = {
        {"at 1s partition n1 | n2 for 1s\nat 3s partition n1 | n2\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nexpect not converged at end\nexpect value >= "
         "0\nstop 9s",
         "unknown unevaluated: never evaluated: expect converged within 1s of last fault | "
         "expected "
         "the last fault to end, found one in force at the stop",
         0},
        {"at 1s partition n1 | n2 for 1s\nat 3s partition n1 | n2\nat 4s inc n1\n"
         "expect converged within 1s of heal\nexpect not converged at end\nexpect value >= 0\nstop "
         "9s",
         "unknown unevaluated: never evaluated: expect converged within 1s of heal | expected the "
         "last partition to end, found one in force at the stop",
         0},
        {"at 500ms inc n1\nat 1s partition n1 | n2 for 1s\nat 3s hold all -> all\n"
         "expect converged within 1s of heal\nstop 9s",
         "held", 0},
        {"at 1s partition n1 | n2 for 1s\nat 1500ms inc n1\nat 3s partition n1 | n2 for 1s\n"
         "expect converged within 1s of last fault\nstop 9s",
         "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}
