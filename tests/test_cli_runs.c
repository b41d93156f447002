/* Many runs of one file: swept values, seeds, files that it includes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib_cli.h"

TestSuite(cli_runs, .init = cli_make_folder, .fini = cli_remove_folder);

#define SWEPT                                                                                      \
    "scn 1\nsweep loss = 0%..10% step 5%\nsweep n = 3, 5\nseeds 4..5\nnodes $n\nnet loss $loss\n"  \
    "at 100ms inc n1\nstop 2s\n"

/* One run for each combination and seed, the last sweep changing fastest; workers change nothing.
 */
Test(cli_runs, every_combination_with_every_seed)
{
    struct result one, three, none;

    write_scenario("s.scn", SWEPT);
    one = dcsim("$DCSIM_DIR/s.scn");
    three = dcsim("$DCSIM_DIR/s.scn -j 3");
    cr_assert(eq(int, one.code, 0), "%s%s", one.out, one.err);
    cr_assert(eq(str, one.out, three.out));
    expect_part(one.out, "s.scn  seeds 4..5  loss=0% n=3\nheld");
    expect_part(one.out, "s.scn  seeds 4..5  loss=10% n=5\nheld");
    expect_part(one.out, "s.scn, loss=0% n=3: held 2\nseeds 4..5 of");
    expect_part(one.out, "s.scn, loss=5% n=5: held 2\n");
    release(&one);
    one = dcsim("$DCSIM_DIR/s.scn --seed 7 -D n=4");
    expect_part(one.out, "s.scn  seed 7  loss=10% n=4\nheld");
    expect_part(one.out, "\nseed 7 of ");
    expect_part(one.out, "s.scn, loss=10%: held 1\n");
    none = dcsim("$DCSIM_DIR/s.scn --seed 7 -D n=4 -D loss=0%");
    cr_assert(strstr(none.out, "seed 7 of") == NULL, "%s", none.out);
    release(&one);
    release(&three);
    release(&none);
}

/* What broke is repeated by the line that is printed, and keeps artifacts of its own. */
Test(cli_runs, a_combination_that_breaks_can_be_repeated)
{
    struct result r;

    write_scenario("b.scn", "scn 1\nsweep n = 3, 5\nnodes $n\nat 100ms inc all\n"
                            "expect value == 3\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/b.scn -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "b.scn --seed 1 -D n=5\n");
    expect_part(r.out, "b.scn, n=3: held 1\n");
    expect_part(r.out, "b.scn, n=5: held 0, broke 1\n");
    expect_part(r.out, "+b-1-n=5/\n");
    release(&r);
    r = dcsim("$DCSIM_DIR/b.scn --seed 1 -D n=5 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "expected == 3, found 5 on n1");
    release(&r);
}

/* All combinations are read before any runs; the message says which one has the error. */
Test(cli_runs, an_error_in_one_combination_runs_nothing)
{
    struct result r;

    write_scenario("e.scn", "scn 1\nsweep n = 3, 2\nnodes $n\nat 100ms inc n3\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/e.scn");
    cr_assert(eq(int, r.code, 2));
    cr_assert(eq(str, r.out, (char *)""));
    expect_part(r.err, "node n3 does not exist");
    expect_part(r.err, "e.scn: note: with n=2\n");
    release(&r);
    r = dcsim("check $DCSIM_DIR/e.scn");
    cr_assert(eq(int, r.code, 2));
    release(&r);
}

/* Included files are read from the folder of the scenario, whatever links say. */
Test(cli_runs, includes_stay_in_their_folder)
{
    struct result r;

    write_scenario("a.scn", "scn 1\nat 100ms inc n1 x5\n");
    write_scenario("m.scn", "scn 1\nnodes 3\ninclude \"a.scn\"\nexpect value == 5\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/m.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
    r = dcsim("--version; cd $DCSIM_DIR && mkdir d && ln -s ../a.scn d/in.scn && "
              "ln -s /etc/hostname d/out.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
    write_scenario("in.scn", "scn 1\nnodes 3\ninclude \"d/in.scn\"\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/in.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
    write_scenario("out.scn", "scn 1\nnodes 3\ninclude \"d/out.scn\"\ninclude \"d\"\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/out.scn");
    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "cannot read 'd/out.scn': it is a link that leads out of the folder");
    expect_part(r.err, "cannot read 'd': it is no regular file");
    release(&r);
}

/* What is left behind of a scenario in several files can be run where it lies. */
Test(cli_runs, artifacts_hold_all_files)
{
    struct result r;

    write_scenario("a.scn", "scn 1\nat 100ms inc n1 x5\n");
    write_scenario("m.scn", "scn 1\nnodes 3\ninclude \"a.scn\"\nexpect value == 6\nstop 2s\n");
    r = dcsim("$DCSIM_DIR/m.scn -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    release(&r);
    r = dcsim("$DCSIM_DIR/o/${DCSIM_PLUS}m-1/files/m.scn -o $DCSIM_DIR/p");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "expected == 6, found 5 on n1");
    release(&r);
}

/* -vv prints draws as "fix" takes them, and a fixed draw is what it says. */
Test(cli_runs, a_draw_that_was_printed_can_be_fixed)
{
    char text[256], *fix, *end;
    struct result r;

    write_scenario("f.scn", "scn 1\nnodes 2\nat 1s..2s inc n1\nstop 4s\n");
    r = dcsim("-vv $DCSIM_DIR/f.scn");
    fix = strstr(r.out, "fix \"when ");
    cr_assert(fix != NULL);
    end = strstr(fix, " = ");
    snprintf(text, sizeof(text), "scn 1\nnodes 2\nat 1s..2s inc n1\n%.*s = 1234567890\nstop 4s\n",
             (int)(end - fix), fix);
    release(&r);
    write_scenario("f.scn", text);
    r = dcsim("-v $DCSIM_DIR/f.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "     1.234567890  action");
    release(&r);
}

/* --rewrite writes golden text into every file, and keeps everything else as it is. */
Test(cli_runs, golden_text_is_written_where_it_stands)
{
    struct result r;
    char *text;

    write_scenario("part.scn",
                   "scn 1\r\nshow values at 1s  # here\r\n| old\r\n| older\r\n# after\r\n");
    write_scenario("main.scn", "scn 1\nnodes 2\nat 100ms   inc n1   # kept\ninclude \"part.scn\"\n"
                               "stop 2s\nshow values at end");
    r = dcsim("$DCSIM_DIR/main.scn");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "part.scn:3:1: error: this shows something else\n");
    expect_part(r.out, "expected this line, found 'n1,n2  1  n1 +1'\n");
    release(&r);
    r = dcsim("run --rewrite $DCSIM_DIR/main.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "/main.scn\nrewrote ");
    release(&r);
    text = read_whole("part.scn");
    cr_assert(eq(str, text,
                 (char *)"scn 1\r\nshow values at 1s  # here\r\n| n1,n2  1  n1 +1\r\n"
                         "# after\r\n"));
    free(text);
    text = read_whole("main.scn");
    cr_assert(eq(str, text,
                 (char *)"scn 1\nnodes 2\nat 100ms   inc n1   # kept\n"
                         "include \"part.scn\"\nstop 2s\nshow values at end\n"
                         "| n1,n2  1  n1 +1\n"));
    free(text);
    r = dcsim("$DCSIM_DIR/main.scn");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
    r = dcsim("--rewrite $DCSIM_DIR/main.scn");
    cr_assert(eq(str, r.out, (char *)""), "nothing changes: %s", r.out);
    release(&r);
}

/* A run that does not hold is no golden one. */
Test(cli_runs, golden_text_of_a_broken_run_is_left_alone)
{
    static const char text[] = "scn 1\nnodes 2\nat 100ms inc n1\nshow values at 1s\n| old\n"
                               "expect value == 2\nstop 2s\n";
    struct result r;
    char *after;

    write_scenario("b.scn", text);
    r = dcsim("--rewrite $DCSIM_DIR/b.scn");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "expected == 2, found 1 on n1");
    release(&r);
    after = read_whole("b.scn");
    cr_assert(eq(str, after, (char *)text));
    free(after);
    r = dcsim("--rewrite --seed 2 $DCSIM_DIR/b.scn");
    cr_assert(eq(int, r.code, 2));
    release(&r);
}

/* What must be sometimes: in one run of several, from any number of workers. */
Test(cli_runs, sometimes_is_for_all_runs_together)
{
    struct result one, two;

    write_scenario("s.scn", "scn 1\nnodes 3\nat 1s..2s inc n1\nat 1.5s partition n1 | rest for 1s\n"
                            "sometimes distinct > 1\nsometimes value == 2\nstop 5s\n");
    one = dcsim("$DCSIM_DIR/s.scn --seeds 1..8");
    two = dcsim("$DCSIM_DIR/s.scn --seeds 1..8 -j 3");
    cr_assert(eq(int, one.code, 4), "what never was says nothing");
    cr_assert(eq(str, one.out, two.out));
    expect_part(one.out, "s.scn:6:11: unknown: in none of 8 runs\n");
    expect_part(one.out, "s.scn together: unknown 1\n");
    expect_part(one.out, "expected in at least 1 run, found in 0\n");
    cr_assert(strstr(one.out, "s.scn:5:") == NULL, "%s", one.out);
    release(&one);
    release(&two);
    one = dcsim("$DCSIM_DIR/s.scn");
    cr_assert(eq(int, one.code, 0), "one run says nothing of many");
    release(&one);
    one = dcsim("--json $DCSIM_DIR/s.scn --seeds 1..3");
    cr_assert(eq(int, one.code, 4));
    expect_part(one.err, "unknown: in none of 3 runs\n");
    release(&one);
}
