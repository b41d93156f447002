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

/* Where a fault that has no end of its own may last, nobody knows which end was the last. */
Test(predicate_runs, a_fault_without_an_end_leaves_the_last_one_open)
{
#define LATER                                                                                      \
    "unknown unevaluated: never evaluated: expect converged within 1s of last fault | expected "   \
    "to know which end was the last, found that line 4 came later"
    static const struct row rows[] = {
        {"at 1s partition n1 | rest for 1s\nat 3s link n1 <-> all down\nat 4s inc n1\n"
         "at 8s link n1 <-> all reset\nexpect converged within 1s of last fault\nstop 20s",
         LATER, 0},
        {"at 1s partition n1 | rest for 1s\nat 3s disk n1 slow 1ms\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         LATER, 0},
        {"at 1s partition n1 | rest for 1s\nat 3s memory n1 fail 10%\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nexpect value >= 0\nstop 20s",
         LATER, 0},
        {"at 1s partition n1 | rest for 1s\nat 3s clock n1 skew +1s\nat 4s inc n1\n"
         "expect converged within 1s of last fault\nstop 20s",
         LATER, 0},
        /* the end before was missed */
        {"at 1s partition n1 | rest for 2s\nat 3100ms disk n1 slow 1ms\nat 1500ms inc n1\n"
         "every 10ms from 3s to 5s inc n1\nexpect converged within 1s of last fault\nstop 20s",
         LATER, 0},
        /* how things were before does not matter */
        {"at 0s disk n1 slow 1ms\nat 500ms inc n1\nat 1s partition n1 | rest for 1s\n"
         "at 1500ms inc n1\nexpect converged within 3s of last fault\nstop 20s",
         "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
#undef LATER
}

/* What is called off may have been the last: each end that may be is asked. */
Test(predicate_runs, each_end_that_may_be_the_last_is_asked)
{
#define SEVERAL                                                                                    \
    "unknown unevaluated: never evaluated: expect converged within 1s of last fault | expected "   \
    "to know which end was the last, found several that may be, one met and one missed"
    static const struct row rows[] = {
        {"at 1s partition n1 | rest for 1s\nat 3s link n1 <-> all down\nat 4s inc n1\n"
         "at 8s net reset\nexpect converged within 2s of last fault\nstop 20s",
         "held", 0},
        {"at 1s partition n1 | rest for 1s\nat 3s disk n1 slow 5s\nat 4s inc n1\nat 5s disk n1 "
         "ok\nexpect converged within 1s of last fault\nstop 20s",
         SEVERAL, 0},
        {"at 3s disk n1 slow 5s\nat 4s inc n1\nat 5s disk n1 ok\n"
         "expect converged within 1s of last fault\nstop 20s",
         "broke expect: not converged within 1s of last fault | expected no open request by 6.000s",
         0},
        /* it calls off what was never there */
        {"node sync 5s\nat 1s partition n1 | rest for 5s\nat 5500ms inc n1\n"
         "at 15s disk n2 slow 0ms\nat 18s inc n2\n"
         "expect converged within 1s of last fault\nstop 30s",
         SEVERAL, 0},
        {"at 3s disk n1 slow 1ms\nat 4s inc n1\nquiet 5s\n"
         "expect converged within 2s of last fault\nstop 20s",
         "held", 0},
        {"at 1s partition n1 | rest for 1s\nat 3s net down\nat 4s inc n1\nquiet 6s\n"
         "expect converged within 1us of last fault\nstop 20s",
         "broke expect: not converged within 1us of last fault | expected 1 state by 6.000001s", 0},
        {"at 500ms link n1 <-> rest down\nat 600ms inc n1\nat 1s partition n1 | rest for 1s\n"
         "quiet 10s\nexpect converged within 1s of last fault\nstop 40s",
         SEVERAL, 0},
        {"at 500ms disk n1 slow 1ms\nat 600ms inc n1\nat 1s partition n1 | rest for 1s\n"
         "quiet 10s\nexpect converged within 1s of last fault\nstop 40s",
         "held", 0},
    };

    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
#undef SEVERAL
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
