/*
 * Why a count is missing: the last message that carried it, and what became of
 * that. One story for each way in which a message can fail to bring it.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/diagnose.h"
#include "sim/report.h"
#include "tests/lib_sim.h"

/* The whole report of a run of @scenario must hold @part. */
static void expect_cause(const char *scenario, const char *part)
{
    struct sim_case c;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct report_command command = {.program = "dcsim", .file = "test.scn"};

    sim_case_run(&c, scenario, 1);
    struct report report = {.command = &command, .scn = &c.scn, .source = &c.diags};
    report_verdict(out, &report, &c.run);
    fclose(out);
    cr_assert(strstr(text, part) != NULL, "expected '%s' in:\n%s", part, text);
    free(text);
    sim_case_release(&c);
}

#define TWO "scn 1\nnodes 2\nnode sync 100ms\nnet delay 5ms\n"

/* n1 counts 5; n2 must not learn of it, for a reason that each test plants. */
#define COUNT "at 1s inc n1 by 5\nexpect converged at 3s\nstop 4s\n"

Test(diagnose, lost_by_a_partition)
{
    expect_cause(TWO "at 500ms partition n1 | n2 as wall\n" COUNT,
                 "  n1 5   n2 0\n  n2 lacks n1 +5: last carried by n1 -> n2 at ");
    expect_cause(TWO "at 500ms partition n1 | n2 as wall\n" COUNT,
                 ", lost (partition) by line 5: at 500ms partition n1 | n2 as wall\n");
}

Test(diagnose, lost_by_chance)
{
    expect_cause(TWO "link n1 -> n2 loss 100%\n" COUNT,
                 ", lost (loss) by line 5: link n1 -> n2 loss 100%\n");
}

Test(diagnose, lost_because_a_link_is_down)
{
    expect_cause(TWO "at 900ms link n1 <-> n2 down\n" COUNT,
                 ", lost (link down) by line 5: at 900ms link n1 <-> n2 down\n");
}

/* What is lacking is of an incarnation, whose id did not exist when the first pushes went out. */
Test(diagnose, of_an_id_that_came_late)
{
    expect_cause(TWO "at 500ms inc n1 by 2\nat 1s crash n1 lose state for 100ms\n"
                     "at 2s partition n1 | n2 as wall\nat 2500ms inc n1 by 5\n"
                     "expect converged at 3s\nstop 4s\n",
                 " +5: no push to n2 ever carried it; a p");
}

Test(diagnose, taken_by_a_script)
{
    expect_cause(TWO "at 900ms drop while 3s n1 -> n2\n" COUNT,
                 ", lost (drop) by line 5: at 900ms drop while 3s n1 -> n2\n");
}

Test(diagnose, held_for_ever)
{
    expect_cause(TWO "at 900ms hold n1 -> n2\n" COUNT,
                 ", held by line 5: at 900ms hold n1 -> n2\n");
}

Test(diagnose, still_on_its_way)
{
    expect_cause(TWO "link n1 -> n2 delay 1h\n" COUNT, ", on its way, to arrive at 3602.");
}

Test(diagnose, lost_because_the_inbox_is_full)
{
    expect_cause(
        "scn 1\nnodes 3\nnode sync 400ms\nnode n2 inbox 1 service 1h\nnet delay 5ms\n" COUNT,
        ", lost (inbox full)\n");
}

Test(diagnose, nobody_ever_sent_it)
{
    expect_cause(
        "scn 1\nnodes 2\nnode peers none\n" COUNT,
        "  n2 lacks n1 +5: no push to n2 ever carried it; n2 knows no peer; nobody who holds it "
        "knows n2\n");
}

/* Each side of a split lacks what the other has, decrements included. */
Test(diagnose, both_sides_lack_something)
{
    expect_cause(TWO "at 500ms partition n1 | n2\nat 1s inc n1 by 5\nat 1s dec n2 by 3\n"
                     "expect converged at 3s\nstop 4s\n",
                 "  n2 lacks n1 +5: ");
    expect_cause(TWO "at 500ms partition n1 | n2\nat 1s inc n1 by 5\nat 1s dec n2 by 3\n"
                     "expect converged at 3s\nstop 4s\n",
                 "  n1 lacks n2 -3: ");
}

/* Many counts at once: eight are named, the rest counted. */
Test(diagnose, a_long_list_is_cut)
{
    expect_cause("scn 1\nnodes 20\nnode peers none\nat 1s inc n1..n19\nat 1s meet n1 n2..n19\n"
                 "at 1s meet n2..n19 n1\nexpect converged at 5s\nstop 6s\n",
                 "  n20 lacks 11 more totals\n");
}

/* A clock that has caught up is an event, and no statement speaks in it. */
Test(diagnose, past_a_clock_that_has_caught_up)
{
    expect_cause("scn 1\nnodes 3\nnet delay 50ms\nat 2s clock n3 skew +3s\n"
                 "at 3s clock n3 skew +0s\nevery 20ms from 1s to 9s inc n1\n"
                 "expect converged within 1ns of last fault\nstop 20s\n",
                 "  n3 lacks n1 +");
}

/* Looking again changes nothing: the watched run has the hash of the first. */
Test(diagnose, the_watched_run_is_the_same_run)
{
    struct sim_case c;
    struct diagnosis found;
    struct lack lack = {.node = 1, .id = 0, .side = DC_INC, .all = 5};

    sim_case_run(&c, TWO "at 500ms partition n1 | n2\n" COUNT, 1);
    cr_assert(diagnose(&c.run, &lack, 1, &found));
    diagnosis_release(&found);
    cr_assert(lack.carried);
    cr_assert(eq(u32, lack.from, 0));
    c.run.world.trace.hash ^= 1; /* as if it had not repeated itself */
    cr_assert(not(diagnose(&c.run, &lack, 1, &found)));
    diagnosis_release(&found);
    cr_assert(not(lack.carried));
    sim_case_release(&c);
}
