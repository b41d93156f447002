/*
 * Golden traces: small clusters whose every record is known. A change here is a
 * change of what a seed means, and asks for a new model number.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report.h"
#include "tests/lib_golden.h"
#include "tests/lib_sim.h"

static char *trace_of(const char *scenario, uint64_t seed)
{
    struct sim_case c;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct report_command command = {.program = "dcsim", .file = "test.scn"};

    sim_case_run(&c, scenario, seed);
    struct report report = {.command = &command, .scn = &c.scn, .source = &c.diags};
    for (size_t i = 0; i < c.records_len; i++)
        report_record(out, &report, &c.records[i]);
    for (uint32_t node = 0; node < c.scn.nodes; node++) {
        fprintf(out, "n%" PRIu32 "  ", node + 1);
        report_state(out, &c.run, node);
        fputc('\n', out);
    }
    fprintf(out, "trace_hash %016" PRIx64 " unseed %016" PRIx64 "\n", c.run.world.trace.hash,
            c.run.world.choose.unseed);
    fclose(out);
    sim_case_release(&c);
    return text;
}

static void expect_trace(const char *name, const char *scenario, uint64_t seed)
{
    char path[128], *found = trace_of(scenario, seed);

    snprintf(path, sizeof(path), "tests/golden/%s.trace", name);
    expect_golden(path, found, strlen(found));
    free(found);
}

/* Two nodes: pulls, an ack, a count, a push. */
Test(golden, two_nodes_and_one_count)
{
    expect_trace("two-nodes",
                 "scn 1\nnodes 2\nnode sync 100ms fanout 1\nnet delay 10ms\nat 150ms inc n1 by 5\n"
                 "stop 500ms\n",
                 1);
}

/* Three nodes, a split, counts on both sides, loss and jitter. */
Test(golden, three_nodes_and_a_split)
{
    expect_trace("split",
                 "scn 1\nnodes 3\nnode sync 100ms\nnet delay 10ms 4ms normal loss 10%\n"
                 "at 100ms partition n1 | n2,n3 for 300ms as split\nat 200ms inc n1 x2\n"
                 "at 250ms dec n2 by 3\nexpect converged within 500ms of split\nstop 1s\n",
                 7);
}

/* A hold, its release, a script that drops and one that delays, a slow node. */
Test(golden, held_dropped_and_delayed)
{
    expect_trace("held",
                 "scn 1\nnodes 3\nnode sync 100ms\nnode n3 inbox 2 service 15ms\n"
                 "net delay 5ms..9ms\nat 0ns hold n1 -> n2 as jam\nat 50ms inc n1\n"
                 "at 60ms drop next 1 n3 -> n1\nat 70ms delay next 1 n2 -> n3 by 40ms\n"
                 "at 300ms release jam\nstop 700ms\n",
                 3);
}

/* A quiet: a hold lets go, a partition and a lasting rule end, an every fires no more. */
Test(golden, a_quiet_ends_it_all)
{
    expect_trace("quiet",
                 "scn 1\nnodes 3\nnode sync 50ms\nnet delay 10ms\nat 0s hold n1 -> n2\n"
                 "at 10ms partition n1,n2 | n3\nat 20ms net delay 30ms\nevery 60ms inc n1\n"
                 "sometimes partitioned while held\nquiet 200ms\nshow values at 210ms\n"
                 "show values at end\nstop 800ms\n",
                 5);
}
