/* --junit and --log: what CI systems and people read beside the results. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_cli.h"

TestSuite(junit, .init = cli_make_folder, .fini = cli_remove_folder);
TestSuite(node_log, .init = cli_make_folder, .fini = cli_remove_folder);

#define BROKEN "scn 1\nnodes 3\nat 100ms inc n1 x5\nexpect value == 6 on all at end\nstop 2s\n"

static char *junit_of(const char *arguments, int code)
{
    char all[512];
    struct result r;

    snprintf(all, sizeof(all), "%s --junit $DCSIM_DIR/j.xml -o $DCSIM_DIR/o", arguments);
    r = dcsim(all);
    cr_assert(eq(int, r.code, code), "%s%s", r.out, r.err);
    release(&r);
    return read_whole("j.xml");
}

Test(junit, a_case_for_each_run_and_a_suite_for_each_file)
{
    char *text;

    write_scenario("b.scn", BROKEN);
    text = junit_of("scenarios/hello.scn $DCSIM_DIR/b.scn --seeds 4..5", 1);
    expect_part(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<testsuites name=\"dcsim\" tests=\"4\" failures=\"2\" errors=\"0\">\n"
                      "  <testsuite name=\"scenarios/hello.scn\" tests=\"2\" failures=\"0\" "
                      "errors=\"0\">\n"
                      "    <testcase classname=\"scenarios/hello.scn\" name=\"seed 4\"/>\n");
    expect_part(text, "name=\"seed 5\">\n      <failure type=\"broke\" message=\"broke ");
    expect_part(text, "error: not value == 6 on all at end\n");
    expect_part(text, "^~~~~ expected == 6, found 5 on n1\n");
    expect_part(text, "</failure>\n    </testcase>\n  </testsuite>\n</testsuites>\n");
    free(text);
}

/* Neither the number of workers nor what stdout shows changes a byte but the command line. */
Test(junit, is_the_same_from_any_number_of_workers)
{
    char *one, *three;

    write_scenario("b.scn", BROKEN);
    one = junit_of("$DCSIM_DIR/b.scn --seeds 1..9", 1);
    three = junit_of("$DCSIM_DIR/b.scn --seeds 1..9 -j 3", 1);
    cr_assert(eq(str, one, three));
    free(one);
    free(three);
    one = junit_of("--json $DCSIM_DIR/b.scn", 1);
    expect_part(one, "expected == 6, found 5 on n1\n");
    free(one);
}

Test(junit, holds_what_is_unknown_and_what_dies)
{
    char *text;

    write_scenario("u.scn", "scn 1\nnodes 3\nat 1s drop next 1 n1 -> n1\nstop 2s\n");
    text = junit_of("$DCSIM_DIR/u.scn", 4);
    expect_part(text, "failures=\"1\" errors=\"0\"");
    expect_part(text, "<failure type=\"unknown\" message=\"unknown ");
    free(text);
    setenv("DCSIM", getenv("DCSIM_CONTRACT"), 1);
    setenv("DCSIM_PLANT", "signal", 1);
    text = junit_of("scenarios/hello.scn --seeds 1..2 -j 2", 1);
    expect_part(text, "failures=\"0\" errors=\"2\"");
    expect_part(text, "<error type=\"signal\" message=\"died of signal 8 (Arithmetic error)\">");
    free(text);
}

Test(junit, what_is_swept_and_what_is_sometimes)
{
    char *text;

    write_scenario("s.scn", "scn 1\nsweep n = 2, 3\nnodes $n\nat 1s inc n1\nsometimes value == 1\n"
                            "sometimes value > 1\nstop 3s\n");
    text = junit_of("$DCSIM_DIR/s.scn", 4);
    expect_part(text, "name=\"seed 1, n=2\"/>\n");
    expect_part(text, "name=\"seed 1, n=3\"/>\n");
    expect_part(text, "name=\"sometimes value == 1\"/>\n");
    expect_part(text, "name=\"sometimes value &gt; 1\">\n      <failure type=\"sometimes\"");
    free(text);
}

Test(junit, names_are_escaped)
{
    char *text;

    write_scenario("a&<\"\x01\xFF>.scn", "scn 1\nnodes 2\nstop 1s\n");
    text = junit_of("$DCSIM_DIR/a*.scn", 0);
    expect_part(text, "/a&amp;&lt;&quot;\xEF\xBF\xBD\xEF\xBF\xBD&gt;.scn\" tests=\"1\"");
    free(text);
}

Test(junit, that_cannot_be_written_is_an_error)
{
    struct result r = dcsim("-q scenarios/hello.scn --junit $DCSIM_DIR/no/j.xml");

    cr_assert(eq(int, r.code, 2)); /* before the first run */
    expect_part(r.err, "dcsim: cannot write '");
    release(&r);
    r = dcsim("-q scenarios/hello.scn --junit /dev/full");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.err, "dcsim: cannot write '/dev/full': No space left on device\n");
    release(&r);
}

/* ---- --log ---- */

static size_t lines_with(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

Test(node_log, up_to_the_level)
{
    struct result error = dcsim("scenarios/hello.scn --log error");
    struct result info = dcsim("scenarios/hello.scn --log info");
    struct result debug = dcsim("scenarios/hello.scn --log debug");

    cr_assert(eq(sz, lines_with(error.out, "    log  "), 0));
    cr_assert(eq(sz, lines_with(info.out, "    log  "), 3));
    expect_part(info.out, "     0.000000000    log         n1       info   started\n");
    expect_part(debug.out,
                "     0.100000000    log         n1       debug  raised  n1 +  0 -> 1\n");
    cr_assert(eq(sz, lines_with(debug.out, "    log  "), 6));
    expect_part(debug.out, strstr(error.out, "held  "));
    release(&error);
    release(&info);
    release(&debug);
}

Test(node_log, goes_with_v_and_not_with_json)
{
    struct result r = dcsim("scenarios/hello.scn -v --log debug");

    expect_part(r.out, "  client");
    expect_part(r.out, "debug  raised  n1 +  0 -> 1\n");
    release(&r);
    r = dcsim("scenarios/hello.scn --json --log debug");
    cr_assert(eq(int, r.code, 2));
    release(&r);
    r = dcsim("scenarios/hello.scn --log loud");
    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "--log takes error, warn, info or debug, not 'loud'");
    release(&r);
}
