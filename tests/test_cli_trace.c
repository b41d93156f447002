/* Traces as files: their names, their errors, and what replays them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib_cli.h"

TestSuite(cli_trace, .init = cli_make_folder, .fini = cli_remove_folder);

#define SWEPT                                                                                      \
    "scn 1\nsweep loss = 0%, 5%\nsweep n = 3, 5\nparam many = 1\nseeds 4..5\nnodes $n\n"           \
    "net loss $loss\nat 100ms inc n1 by $many\nstop 2s\n"

static void expect_exit(int code, const char *arguments)
{
    struct result r = dcsim(arguments);

    cr_assert(eq(int, r.code, code), "%s: %s%s", arguments, r.out, r.err);
    release(&r);
}

/* The run with a trace prints what the run without prints, and its trace is the same again. */
Test(cli_trace, a_trace_is_written_and_replayed)
{
    struct result plain = dcsim("scenarios/partition.scn --seed 9 -D nodes=7 --until 5s");
    struct result traced = dcsim("scenarios/partition.scn --seed 9 -D nodes=7 --until 5s "
                                 "--trace $DCSIM_DIR/t.jsonl");
    struct result r;

    cr_assert(eq(int, traced.code, 4));
    cr_assert(eq(str, plain.out, traced.out));
    r = dcsim("replay $DCSIM_DIR/t.jsonl");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "same  /");
    expect_part(r.out, "/t.jsonl  scenarios/partition.scn  seed 9  events ");
    release(&r);
    expect_exit(0, "replay - <$DCSIM_DIR/t.jsonl");
    r = dcsim("replay -q $DCSIM_DIR/t.jsonl");
    cr_assert(eq(int, r.code, 0));
    cr_assert(eq(str, r.out, (char *)""));
    release(&r);
    release(&plain);
    release(&traced);
}

/* Nothing but the trace is needed: the scenario and what it includes are gone. */
Test(cli_trace, a_trace_stands_alone)
{
    write_scenario("part.scn", "scn 1\ngroup east = n1,n2\n");
    write_scenario("main.scn", "scn 1\nnodes 4\ninclude \"part.scn\"\nat 100ms inc @east by 3\n"
                               "at 500ms partition @east | rest as wall\nat 900ms heal wall\n"
                               "expect value == 6\nstop 3s\n");
    expect_exit(0, "$DCSIM_DIR/main.scn --trace $DCSIM_DIR/t.jsonl");
    write_scenario("part.scn", "nonsense\n");
    write_scenario("main.scn", "nonsense\n");
    expect_exit(0, "replay $DCSIM_DIR/t.jsonl");
}

/* What differs is shown with both sides, the line of the trace and that of the scenario. */
Test(cli_trace, an_edited_trace_stops_at_the_edit)
{
    struct result r;

    expect_exit(0, "scenarios/partition.scn --trace $DCSIM_DIR/t.jsonl");
    expect_exit(0, "--version; sed -E '0,/\"from\":3,\"to\":5(.*lost)/s//\"from\":4,"
                   "\"to\":5\\1/' $DCSIM_DIR/t.jsonl "
                   ">$DCSIM_DIR/u.jsonl; true");
    r = dcsim("replay $DCSIM_DIR/u.jsonl");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.out, "  scenarios/partition.scn  seed 1: event ");
    expect_part(r.out, "s did not come out as recorded\n");
    expect_part(r.out, "\n    field           recorded                    replayed\n");
    expect_part(r.out, "\n  * from            n4                          n3\n");
    expect_part(r.out, "\n    to              n5                          n5\n");
    release(&r);
}

/* A name for each run, or an error before anything runs. */
Test(cli_trace, several_runs_need_several_files)
{
    struct result r = dcsim("scenarios/hello.scn --seeds 1..3 --trace $DCSIM_DIR/t.jsonl");

    cr_assert(eq(int, r.code, 2));
    cr_assert(eq(str, r.out, (char *)""));
    expect_part(r.err, "t.jsonl': put {seed} into the name");
    release(&r);
    write_scenario("s.scn", SWEPT);
    r = dcsim("$DCSIM_DIR/s.scn --trace $DCSIM_DIR/t-{seed}.jsonl");
    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "put {run} into the name");
    release(&r);
    expect_exit(2, "scenarios/hello.scn scenarios/hold.scn --trace $DCSIM_DIR/t-{seed}.jsonl");
    expect_exit(2, "scenarios/hello.scn --seeds 1..2 --trace -");
    expect_exit(0, "scenarios/hello.scn --seeds 1..3 -j 2 --trace $DCSIM_DIR/t-{seed}.jsonl");
    expect_exit(0, "replay $DCSIM_DIR/t-1.jsonl");
    expect_exit(0, "replay $DCSIM_DIR/t-3.jsonl");
    expect_exit(0, "$DCSIM_DIR/s.scn -j 2 -D many=3 --trace $DCSIM_DIR/{run}.jsonl");
    expect_exit(0, "replay $DCSIM_DIR/${DCSIM_PLUS}s-4-many=3-loss=0%-n=3.jsonl");
    expect_exit(0, "replay $DCSIM_DIR/${DCSIM_PLUS}s-5-many=3-loss=5%-n=5.jsonl");
    expect_exit(0, "$DCSIM_DIR/s.scn --seed 4 -D n=5 -D loss=5% --trace $DCSIM_DIR/t.jsonl");
    expect_exit(0, "replay $DCSIM_DIR/t.jsonl");
}

/* "-" is standard output: then the trace is all that is there. */
Test(cli_trace, a_trace_on_standard_output)
{
    struct result r = dcsim("scenarios/hello.scn --trace -"), file;
    char *text;

    cr_assert(eq(int, r.code, 0));
    expect_part(r.err, "held  scenarios/hello.scn  seed 1");
    file = dcsim("scenarios/hello.scn --trace $DCSIM_DIR/t.jsonl");
    text = read_whole("t.jsonl");
    cr_assert(eq(str, r.out, text));
    free(text);
    release(&r);
    release(&file);
    expect_exit(2, "scenarios/hello.scn --trace - --json");
}

/* Lines are never lost in silence: a full disk and a reader that goes away are errors. */
Test(cli_trace, a_trace_that_cannot_be_written_is_an_error)
{
    struct result r = dcsim("scenarios/partition.scn --trace $DCSIM_DIR/none/t.jsonl");

    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "dcsim: cannot write the trace '/");
    release(&r);
    if (access("/dev/full", W_OK) != 0)
        return;
    r = dcsim("scenarios/partition.scn --trace /dev/full");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.err, "dcsim: the trace '/dev/full' is not complete: No space left on device");
    expect_part(r.out, "held  scenarios/partition.scn"); /* the run was a run all the same */
    release(&r);
    expect_exit(3, "scenarios/partition.scn --trace /dev/full --trace-last 5");
}

/* The status of dcsim itself, at the head of a pipe, goes to a file. */
Test(cli_trace, a_reader_that_goes_away_is_an_error)
{
    struct result r = dcsim("--version; { $DCSIM scenarios/partition.scn --trace -; "
                            "echo $? >$DCSIM_DIR/status; } 2>$DCSIM_DIR/said | head -c 10");
    char *status = read_whole("status"), *said = read_whole("said");

    cr_assert(eq(str, status, (char *)"3\n"));
    expect_part(said, "dcsim: the trace '-' is not complete: Broken pipe");
    free(status);
    free(said);
    release(&r);
}

Test(cli_trace, options_that_do_not_go_together)
{
    expect_exit(2, "scenarios/hello.scn --trace-last 5");
    expect_exit(2, "scenarios/hello.scn --trace $DCSIM_DIR/t --trace-last 0");
    expect_exit(2, "scenarios/hello.scn --trace $DCSIM_DIR/t --trace-last x");
    expect_exit(2, "replay");
    expect_exit(2, "replay $DCSIM_DIR/a $DCSIM_DIR/b");
    expect_exit(2, "replay $DCSIM_DIR/none");
    expect_exit(2, "replay --json $DCSIM_DIR/none");
}

/* What a broken run leaves behind can be replayed. */
Test(cli_trace, a_broken_run_leaves_a_trace)
{
    write_scenario("b.scn", "scn 1\nnodes 3\nat 100ms inc n1 x5\nexpect value == 6\nstop 2s\n");
    expect_exit(1, "$DCSIM_DIR/b.scn -o $DCSIM_DIR/o");
    expect_exit(0, "replay $DCSIM_DIR/o/${DCSIM_PLUS}b-1/trace.jsonl");
}

/* Ctrl-C: the trace ends where the run did, and so does its replay. */
Test(cli_trace, an_interrupted_run_leaves_a_whole_trace)
{
    struct result r;

    write_scenario("long.scn", "scn 1\nnodes 20\nload 100/s poisson inc 100% on all\nstop 10h\n");
    r = dcsim("$DCSIM_DIR/long.scn --trace $DCSIM_DIR/t.jsonl --trace-last 500 >$DCSIM_DIR/o & "
              "pid=$!; until grep -q '^SigCgt.*[2367abef]$' /proc/$pid/status; do sleep 0.1; "
              "done; sleep 0.5; kill -INT $pid; wait $pid");
    cr_assert(eq(int, r.code, 130), "%s%s", r.out, r.err);
    release(&r);
    expect_exit(0, "replay $DCSIM_DIR/t.jsonl");
}

/* A broken contract ends the process, and before that the trace. */
Test(cli_trace, a_broken_contract_leaves_a_whole_trace)
{
    char *program = strdup(getenv("DCSIM"));
    struct result r;
    char *text;

    setenv("DCSIM", getenv("DCSIM_CONTRACT"), 1);
    expect_exit(3, "scenarios/hello.scn --trace $DCSIM_DIR/t.jsonl -o $DCSIM_DIR/o");
    text = read_whole("t.jsonl");
    expect_part(text,
                "\"ev\":\"end\",\"verdict\":\"broke\",\"reason\":\"contract\",\"headline\":\"");
    cr_assert(eq(int, text[strlen(text) - 1], '\n'));
    free(text);
    r = dcsim("replay $DCSIM_DIR/t.jsonl");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.err, "dcsim: broken precondition: planted");
    release(&r);
    /* The program without the plant goes on where that one broke. */
    setenv("DCSIM", program, 1);
    r = dcsim("replay $DCSIM_DIR/t.jsonl");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.out, "\n  * ev              end  ");
    release(&r);
    free(program);
}
