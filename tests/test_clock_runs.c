/* Nodes with wrong clocks in whole runs. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/lib_sim.h"

static void expect_all_held(const char *text, uint64_t seeds)
{
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct sim_case c;

        sim_case_run(&c, text, seed);
        expect_verdict(&c, "held");
        sim_case_release(&c);
    }
}

/* A clock is wrong by an hour before its process starts: neither way does that matter. */
Test(clock_runs, a_node_that_starts_with_a_wrong_clock_is_one_of_them)
{
    static const char *const skews[] = {"-1h", "+1h", "-1ns", "-300000h", "+5000000h"};

    for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++) {
        char text[256];

        snprintf(text, sizeof(text),
                 "scn 1\nnodes 2\nat 0s clock n2 skew %s\nat 1s join n2\nat 2s inc n1\nstop 10s\n",
                 skews[i]);
        expect_all_held(text, i < 2 ? 300 : 20);
    }
}
