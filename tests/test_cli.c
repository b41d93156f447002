/*
 * The command as a script sees it: options, exit codes, what goes to which
 * stream. Runs the program named by $DCSIM.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib_cli.h"
#include "tests/lib_sim.h"

TestSuite(cli, .init = cli_make_folder, .fini = cli_remove_folder);

#define BROKEN                                                                                     \
    "scn 1\nparam count = 5\nnodes 3\nat 100ms inc n1 x$count\n"                                   \
    "expect value == 6 on all at end\nstop 2s\n"

/* A run that holds: exit 0, two lines on stdout, nothing on stderr. */
Test(cli, a_run_that_holds_exits_with_0)
{
    struct result r = dcsim("scenarios/partition.scn");

    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "held  scenarios/partition.scn  seed 1  simulated 10s");
    expect_part(r.out, "value 28  trace_hash ");
    cr_assert(eq(str, r.err, (char *)""));
    release(&r);
}

/* The same command prints the same bytes; another seed another hash. */
Test(cli, the_same_command_prints_the_same_bytes)
{
    struct result a = dcsim("scenarios/partition.scn --seed 42");
    struct result b = dcsim("scenarios/partition.scn --seed 42");
    struct result c = dcsim("scenarios/partition.scn --seed 43");

    cr_assert(eq(str, a.out, b.out));
    cr_assert(ne(str, strstr(a.out, "trace_hash"), strstr(c.out, "trace_hash")));
    release(&a);
    release(&b);
    release(&c);
}

/* A broken expectation: exit 1, the line, expected and found, who lacks what, how to repeat. */
Test(cli, a_broken_expectation_exits_with_1_and_says_why)
{
    struct result r;

    write_scenario("broken.scn", BROKEN);
    r = dcsim("$DCSIM_DIR/broken.scn -D count=4 -s 9 -o $DCSIM_DIR/out.d");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "broke ");
    expect_part(r.out, "broken.scn:5:8: error: not value == 6 on all at end\n");
    expect_part(r.out, "    5 | expect value == 6 on all at end\n");
    expect_part(r.out, "      |        ^~~~~ expected == 6, found 4 on n1\n");
    expect_part(r.out, "  n1..n3 4\n");
    expect_part(r.out, "+broken-9-count=4/\n");
    expect_part(r.out, "broken.scn --seed 9 -D count=4\n");
    release(&r);
}

/* The reproduce line, pasted, prints the same bytes. */
Test(cli, the_reproduce_line_repeats_the_run)
{
    struct result first, second;
    char *line, *end;

    write_scenario("broken.scn", BROKEN);
    first = dcsim("$DCSIM_DIR/broken.scn -D count=4 -s 9 -v --dump all --until 1500ms");
    cr_assert(eq(int, first.code, 4));
    line = strstr(first.out, "reproduce:  ");
    cr_assert(line != NULL);
    line = strdup(line + strlen("reproduce:  ") + strlen(getenv("DCSIM")));
    end = strchr(line, '\n');
    cr_assert(end != NULL);
    *end = '\0';
    second = dcsim(line);
    cr_assert(eq(str, first.out, second.out));
    free(line);
    release(&first);
    release(&second);
}

/* Behind "--" and "run" it is a file; alone it would be an option, or a command. */
Test(cli, a_name_that_looks_like_a_word_is_repeated_as_a_file)
{
    static const char *const names[] = {"-x.scn", "check"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char arguments[256], line[256];
        struct result r;

        write_scenario(names[i], BROKEN);
        snprintf(arguments, sizeof(arguments),
                 "--version >$DCSIM_DIR/v; cd $DCSIM_DIR; $DCSIM run -s 9 -- %s", names[i]);
        r = dcsim(arguments);
        cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
        snprintf(line, sizeof(line), "reproduce:  %s ./%s --seed 9\n", getenv("DCSIM"), names[i]);
        expect_part(r.out, line);
        snprintf(line, sizeof(line), "minimise:   %s shrink ./%s --seed 9\n", getenv("DCSIM"),
                 names[i]);
        expect_part(r.out, line);
        release(&r);
    }
}

/* Options that print a line more leave one less to the cause. */
Test(cli, a_first_screen_has_twelve_lines)
{
    static const char *const options[] = {"", "--verify", "--artifacts 0", "--seeds 9..9",
                                          "--verify --artifacts 0 --seeds 9..9"};

    write_scenario("many.scn", "scn 1\nnodes 40\nload 200/s poisson inc 100% on all\n"
                               "net loss 10%\nstop 3s\n");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        char arguments[256];
        struct result r;
        unsigned lines = 0;

        snprintf(arguments, sizeof(arguments), "-o $DCSIM_DIR/o $DCSIM_DIR/many.scn %s",
                 options[i]);
        r = dcsim(arguments);
        cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
        for (const char *at = r.out; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        cr_expect(eq(uint, lines, 12), "%s:\n%s", options[i], r.out);
        expect_part(r.out, " more lines");
        expect_part(r.out, "still adds operations");
        release(&r);
    }
}

/* Artifacts: the scenario as it was, the report, the JSON, the command. */
Test(cli, a_broken_run_leaves_artifacts)
{
    struct result r;
    char *text;

    write_scenario("broken.scn", BROKEN);
    r = dcsim("$DCSIM_DIR/broken.scn -o $DCSIM_DIR/a/b");
    cr_assert(eq(int, r.code, 1));
    text = read_made("a/b", "broken-1/scenario.scn");
    cr_assert(eq(str, text, (char *)BROKEN));
    free(text);
    text = read_made("a/b", "broken-1/report.txt");
    expect_part(text, "expected == 6, found 5");
    free(text);
    text = read_made("a/b", "broken-1/run.json");
    expect_part(text, "\"verdict\":\"broke\"");
    free(text);
    text = read_made("a/b", "broken-1/command");
    expect_part(text, "broken.scn --seed 1");
    free(text);
    release(&r);
}

/* A folder that cannot be written costs the artifacts, not the verdict. */
Test(cli, artifacts_that_cannot_be_written_are_not_fatal)
{
    struct result r;

    write_scenario("broken.scn", BROKEN);
    r = dcsim("$DCSIM_DIR/broken.scn -o /dev/null/x");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.err, "dcsim: no artifacts: cannot write '/dev/null/x/+tmp+dcsim-cli-");
    expect_part(r.err, "+broken-1/': Not a directory\n");
    release(&r);
}

/* A scenario with errors runs nothing, not even the good file beside it; exit 2. */
Test(cli, a_file_with_an_error_runs_nothing)
{
    struct result r;

    write_scenario("bad.scn", "scn 1\nnodes 3\nat 1s partiton halves\nat 2s inc n9\nstop 2s\n");
    r = dcsim("scenarios/hello.scn $DCSIM_DIR/bad.scn");
    cr_assert(eq(int, r.code, 2));
    cr_assert(eq(str, r.out, (char *)""));
    expect_part(r.err, "bad.scn:3:7: error: ");
    expect_part(r.err, "did you mean 'partition'?");
    expect_part(r.err, "bad.scn:4:11: error: ");
    release(&r);
}

/* check says ok, or shows the errors; it runs nothing. */
Test(cli, check_looks_and_does_not_run)
{
    struct result r = dcsim("check scenarios/hello.scn scenarios/partition.scn");

    cr_assert(eq(int, r.code, 0));
    cr_assert(eq(str, r.out, (char *)"scenarios/hello.scn: ok\nscenarios/partition.scn: ok\n"));
    release(&r);
    write_scenario("bad.scn", "scn 1\n");
    r = dcsim("check $DCSIM_DIR/bad.scn scenarios/hello.scn");
    cr_assert(eq(int, r.code, 2));
    cr_assert(eq(str, r.out, (char *)"scenarios/hello.scn: ok\n"));
    release(&r);
}

/* Wrong use: exit 2, a line that says what to do. */
Test(cli, wrong_use_exits_with_2)
{
    static const struct {
        const char *arguments, *error;
    } cases[] = {
        {"", "dcsim: no scenario file given; try 'dcsim --help'"},
        {"run", "no scenario file given"},
        {"check", "check needs at least one scenario file"},
        {"scenarios/hello.scn --seed x", "--seed takes a number from 0 to 2^64-1, not 'x'"},
        {"scenarios/hello.scn --seed 18446744073709551616", "--seed takes a number"},
        {"scenarios/hello.scn --seed -1", "--seed takes a number"},
        {"scenarios/hello.scn --until 5", "--until takes a time such as 500ms or 2s, not '5'"},
        {"scenarios/hello.scn -D nodes", "-D takes name=value, not 'nodes'"},
        {"scenarios/hello.scn -D =5", "-D takes name=value"},
        {"scenarios/hello.scn -D ghost=5", "ghost"},
        {"scenarios/hello.scn --seeds 5", "--seeds takes a range such as 1..100, not '5'"},
        {"scenarios/hello.scn --seeds 5..4", "--seeds takes a range"},
        {"scenarios/hello.scn --seeds 0..18446744073709551615", "--seeds takes a range"},
        {"scenarios/hello.scn --seeds 1..2 -s 1", "either --seed or --seeds"},
        {"scenarios/hello.scn -j 0", "-j takes a number of workers from 1 to 256, not '0'"},
        {"scenarios/hello.scn --codec half", "--codec takes full or sampled, not 'half'"},
        {"scenarios/hello.scn --color maybe", "--color takes auto, always or never, not 'maybe'"},
        {"--completion tcsh", "--completion takes bash, zsh or fish, not 'tcsh'"},
        {"scenarios/hello.scn --json -v", "--json prints nothing else"},
        {"scenarios/hello.scn --dump n9", "--dump takes nodes"},
        {"scenarios/hello.scn --frobnicate", "'--frobnicate' is not an option of 'run'"},
        {"no-such-file.scn", "dcsim: cannot read 'no-such-file.scn': No such file or directory"},
        {"scenarios", "dcsim: cannot read 'scenarios': Is a directory"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r = dcsim(cases[i].arguments);

        cr_assert(eq(int, r.code, 2), "dcsim %s: %d\n%s", cases[i].arguments, r.code, r.err);
        expect_part(r.err, cases[i].error);
        release(&r);
    }
}

/* What other programs call it. */
Test(cli, foreign_commands_and_options)
{
    static const struct {
        const char *arguments, *error;
    } cases[] = {
        {"verify x.scn", "'verify' is no command; write: dcsim --verify x.scn;"},
        {"test x.scn", "'test' is no command; write: dcsim run x.scn;"},
        {"lint x.scn y.scn", "write: dcsim check x.scn y.scn;"},
        {"format x.scn", "write: dcsim fmt x.scn;"},
        {"help", "'help' is no command; write: dcsim --help;"},
        {"version", "write: dcsim --version;"},
        {"minimize x.scn", "write: dcsim shrink x.scn;"},
        {"swarm", "write: dcsim fuzz --swarm;"},
        {"--seed=1..10 x.scn", "not '1..10'; write: --seeds 1..10;"},
        {"-s 1..10 x.scn", "not '1..10'; write: --seeds 1..10;"},
        {"--seed x x.scn", "2^64-1, not 'x'; try"},
        {"--seeds 5 x.scn", "not '5'; write: --seed 5;"},
        {"--time 60 x.scn", "'--time' is not an option of 'run'; write: --until 60s;"},
        {"x.scn --time=60", "'--time' is not an option of 'run'; write: --until 60s;"},
        {"fuzz x.scn --time 60", "not '60'; write: --time 60s;"},
        {"fuzz x.scn --duration 60s", "write: --time 60s;"},
        {"x.scn --until 60", "not '60'; write: --until 60s;"},
        {"x.scn --timeout 60", "write: --timeout-per-seed 60s;"},
        {"x.scn --timeout-per-seed 60", "not '60'; write: --timeout-per-seed 60s;"},
        {"--quiet x.scn", "'--quiet' is not an option of 'run'; write: -q;"},
        {"--verbose x.scn", "'--verbose' is not an option of 'run'; write: -v;"},
        {"--jobs 4 x.scn", "write: -j 4;"},
        {"--runs=100 x.scn", "write: --seeds 1..100;"},
        {"--param nodes=5 x.scn", "write: -D nodes=5;"},
        {"--output", "write: -o N;"},
        {"fmt --write x.scn", "'--write' is not an option of 'fmt'; write: -i;"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result r = dcsim(cases[i].arguments);

        cr_expect(eq(int, r.code, 2), "dcsim %s: %d\n%s", cases[i].arguments, r.code, r.err);
        expect_part(r.err, cases[i].error);
        release(&r);
    }
}

/* What every command prints, and where it cannot. */
static void expect_unwritable(const char *where, const char *why)
{
    static const char *const commands[] = {
        "scenarios/hello.scn",
        "--seeds 1..3 -j 2 scenarios/hello.scn",
        "check $DCSIM_DIR/o.scn",
        "fmt scenarios/hello.scn",
        "fmt --check $DCSIM_DIR/o.scn",
        "fuzz scenarios/hello.scn --seeds 1..3",
        "--help",
        "--version",
    };

    write_scenario("o.scn", "scn 1\nnodes   2\nat 1s inc n1\nstop 5s\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        char command[512], *text;
        struct result r;

        snprintf(command, sizeof(command), "%s %s 2>$DCSIM_DIR/e; echo $?", commands[i], where);
        r = dcsim(command);
        cr_expect(eq(str, r.out, (char *)"3\n"), "%s", command);
        text = read_whole("e");
        expect_part(text, why);
        free(text);
        release(&r);
    }
}

/* Results that cannot be written are an error, not a silent success. */
Test(cli, a_full_disk_is_not_a_pass)
{
    expect_unwritable(">/dev/full", "dcsim: cannot write the results: No space left on device\n");
}

Test(cli, a_closed_output_is_not_a_pass)
{
    expect_unwritable(">&-", "dcsim: cannot write the results: Bad file descriptor\n");
}

/* A file that is opened takes the lowest number that is free, which may be that of an output. */
Test(cli, no_file_takes_the_place_of_what_is_closed)
{
    static const struct {
        const char *closed;
        char end;
    } given[] = {{">&-", '3'}, {"2>&-", '0'}, {"<&- >&- 2>&-", '3'}};
    char *right, *text;
    struct result r;

    r = dcsim("fuzz scenarios/hello.scn --seeds 1..3 --jsonl $DCSIM_DIR/j");
    cr_assert(eq(int, r.code, 0));
    release(&r);
    right = read_whole("j");
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        char command[256];

        snprintf(command, sizeof(command),
                 "fuzz scenarios/hello.scn --seeds 1..3 --jsonl $DCSIM_DIR/j %s; echo $?",
                 given[i].closed);
        r = dcsim(command);
        cr_expect(eq(int, r.out[strlen(r.out) - 2], given[i].end), "%s: %s", command, r.out);
        release(&r);
        text = read_whole("j");
        cr_expect(eq(str, text, right), "%s", command);
        free(text);
    }
    free(right);
}

/* In a swarm a run holds although a fault of it met nothing: no line is to blame for that. */
Test(cli, what_held_has_no_line)
{
    struct result r = dcsim("fuzz --swarm --seeds 5001..5003 -q --jsonl $DCSIM_DIR/j");
    char *text;

    cr_assert(eq(int, r.code, 0));
    release(&r);
    text = read_whole("j");
    expect_part(text, "\"verdict\":\"held\",\"reason\":null,\"cause\":null,\"line\":null,");
    cr_expect(strstr(text, "\"cause\":null,\"line\":1") == NULL);
    cr_expect(strstr(text, "\"cause\":null,\"line\":2") == NULL);
    free(text);
}

/* Help and version go to stdout and exit with 0. */
Test(cli, help_and_version)
{
    struct result r = dcsim("--help");

    cr_assert(eq(int, r.code, 0));
    expect_part(r.out, "usage: dcsim");
    release(&r);
    r = dcsim("--version");
    cr_assert(eq(int, r.code, 0));
    expect_part(r.out, "dcsim 0.");
    expect_part(r.out, " model 3\nbuilt: ");
    expect_part(r.out, "\nhardened: ");
    release(&r);
}

/* One JSON object with every field, and nothing else on stdout. */
Test(cli, json_has_every_field)
{
    static const char *const fields[] = {
        "schema",     "scenario",     "scenario_hash", "model",    "seed",
        "params",     "verdict",      "reason",        "file",     "line",
        "nodes",      "sim_ns",       "events",        "sent",     "delivered",
        "dropped",    "duplicated",   "corrupted",     "pushes",   "bytes",
        "wire_bytes", "converged_ns", "value",         "distinct", "trace_hash",
        "unseed",     "wall_ns",      "build",         "command",  "acknowledged_lost",
    };
    struct result r = dcsim("--json scenarios/partition.scn -D nodes=6");
    json_t *root = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);

    cr_assert(root != NULL, "%s", r.out);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        cr_assert(json_object_get(root, fields[i]) != NULL, "no field '%s'", fields[i]);
    cr_assert(eq(sz, json_object_size(root), sizeof(fields) / sizeof(fields[0])));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(root, "nodes")), 6));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(root, "value")), 28));
    bool no_reason = json_is_null(json_object_get(root, "reason"));
    cr_assert(no_reason);
    cr_assert(eq(sz, json_string_length(json_object_get(root, "trace_hash")), 16));
    json_decref(root);
    release(&r);
}

/* What was not encoded has no compressed length; all else is as with the whole codec. */
Test(cli, a_sampled_codec_makes_the_same_run)
{
    struct result full = dcsim("--json scenarios/everything.scn");
    struct result sampled = dcsim("--json --codec sampled scenarios/everything.scn");
    json_t *a = json_loads(full.out, 0, NULL), *b = json_loads(sampled.out, 0, NULL);
    const char *key;
    json_t *value;

    cr_assert(eq(int, sampled.code, 0));
    cr_assert(a != NULL && b != NULL);
    json_object_foreach(a, key, value)
    {
        bool same = json_equal(value, json_object_get(b, key));
        bool may_differ = strcmp(key, "wire_bytes") == 0 || strcmp(key, "wall_ns") == 0 ||
                          strcmp(key, "command") == 0;
        cr_assert(same || may_differ, "%s differs", key);
    }
    bool unknown = json_is_null(json_object_get(b, "wire_bytes"));
    cr_assert(unknown);
    expect_part(json_string_value(json_object_get(b, "command")), "--codec sampled");
    json_decref(a);
    json_decref(b);
    release(&full);
    release(&sampled);
}

/* JSON of a broken run: verdict, reason and line; the exit code is the same. */
Test(cli, json_of_a_broken_run)
{
    struct result r;
    json_t *root;

    write_scenario("broken.scn", BROKEN);
    r = dcsim("--json $DCSIM_DIR/broken.scn");
    cr_assert(eq(int, r.code, 1));
    root = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL);
    cr_assert(
        eq(str, (char *)json_string_value(json_object_get(root, "verdict")), (char *)"broke"));
    cr_assert(
        eq(str, (char *)json_string_value(json_object_get(root, "reason")), (char *)"expect"));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(root, "line")), 5));
    json_decref(root);
    release(&r);
}

/* -q is silent about runs that hold, and only about those. */
Test(cli, quiet_is_silent_about_what_holds)
{
    struct result r = dcsim("-q scenarios/hello.scn");

    cr_assert(eq(int, r.code, 0));
    cr_assert(eq(str, r.out, (char *)""));
    release(&r);
    write_scenario("broken.scn", BROKEN);
    r = dcsim("-q $DCSIM_DIR/broken.scn -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "broke ");
    release(&r);
}

/* Of several runs the worst counts: broke (1) over unknown (4) over held (0). */
Test(cli, the_worst_of_several_runs_decides)
{
    struct result r;

    write_scenario("broken.scn", BROKEN);
    write_scenario("unknown.scn",
                   "scn 1\nnodes 2\nnode peers none\nat 1s partition halves for 1s\nstop 3s\n");
    r = dcsim("scenarios/hello.scn $DCSIM_DIR/unknown.scn");
    cr_assert(eq(int, r.code, 4));
    release(&r);
    r = dcsim("$DCSIM_DIR/unknown.scn $DCSIM_DIR/broken.scn scenarios/hello.scn -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    release(&r);
}

/* -v shows one line an event, virtual time first; -vv adds states; the run is the same. */
Test(cli, verbose_only_looks)
{
    struct result plain = dcsim("scenarios/hello.scn");
    struct result verbose = dcsim("-vv scenarios/hello.scn");

    expect_part(verbose.out, "     0.100000000  client");
    expect_part(verbose.out, "  n1 +1");
    expect_part(verbose.out, strstr(plain.out, "held  "));
    release(&plain);
    release(&verbose);
}

/* Color only when asked for, and NO_COLOR is heard. */
Test(cli, color_is_for_terminals)
{
    struct result r = dcsim("scenarios/hello.scn");

    cr_assert(eq(ptr, strchr(r.out, '\033'), NULL));
    release(&r);
    r = dcsim("--color always scenarios/hello.scn");
    expect_part(r.out, "\033[32mheld\033[0m");
    release(&r);
}

/* A broken contract: exit 3, the contract, and the line that repeats it; in JSON as well. */
Test(cli, a_broken_contract_exits_with_3)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_CONTRACT"), 1);
    r = dcsim("scenarios/hello.scn --seed 5 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.err, "dcsim: broken precondition: planted (counter == (void *)0) at "
                       "tests/plant_contract.c:24");
    expect_part(r.out, "broke scenarios/hello.scn  seed 5  at ");
    expect_part(r.out, "error: broken precondition: planted");
    expect_part(r.out, "scenarios/hello.scn --seed 5\n");
    release(&r);
    r = dcsim("--json scenarios/hello.scn --seed 5");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.out, "\"verdict\":\"broke\",\"reason\":\"contract\"");
    release(&r);
}

/* Every seed of a range, in order, and a summary; the same bytes from any number of workers. */
Test(cli, seeds_print_the_same_from_any_number_of_workers)
{
    struct result one = dcsim("scenarios/partition.scn --seeds 1..40");
    struct result three = dcsim("scenarios/partition.scn --seeds 1..40 -j 3");
    struct result many = dcsim("scenarios/partition.scn --seeds 1..40 -j 64");
    struct result single = dcsim("scenarios/partition.scn --seed 17");

    cr_assert(eq(int, one.code, 0));
    expect_part(one.out, "  seeds 1..40  nodes=5 fanout=2\n");
    expect_part(one.out, "\nseeds 1..40 of scenarios/partition.scn: held 40\n");
    expect_part(one.out, strchr(single.out, '\n') + 1);
    cr_assert(eq(str, one.out, three.out));
    cr_assert(eq(str, one.out, many.out));
    release(&one);
    release(&three);
    release(&many);
    release(&single);
}

/* The worst seed decides; each broken one has its own reproduce line. */
Test(cli, seeds_that_break_are_each_reported)
{
    struct result r;

    write_scenario("broken.scn", BROKEN);
    r = dcsim("$DCSIM_DIR/broken.scn --seeds 7..9 -j 2 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "broken.scn --seed 7\n");
    expect_part(r.out, "broken.scn --seed 8\n");
    expect_part(r.out, "broken.scn --seed 9\n");
    expect_part(r.out, "broken.scn: held 0, broke 3\n");
    release(&r);
    r = dcsim("--json --seeds 7..9 -j 2 $DCSIM_DIR/broken.scn");
    size_t objects = 0;
    for (char *line = r.out; *line; line = strchr(line, '\n') + 1) {
        json_t *root = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);

        cr_assert(root != NULL);
        cr_assert(
            eq(int, (int)json_integer_value(json_object_get(root, "seed")), 7 + (int)objects++));
        json_decref(root);
    }
    cr_assert(eq(sz, objects, 3));
    release(&r);
}

/* A worker that dies, or breaks a contract, costs its seed; the others go on. */
Test(cli, a_worker_that_dies_costs_one_seed)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_CONTRACT"), 1);
    r = dcsim("scenarios/hello.scn --seeds 1..5 -j 2 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.out, "scenarios/hello.scn --seed 5\n");
    expect_part(r.out, "seeds 1..5 of scenarios/hello.scn: held 0, internal error 5\n");
    release(&r);
    setenv("DCSIM_PLANT", "signal", 1);
    r = dcsim("scenarios/hello.scn --seeds 1..5 -j 2");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "broke scenarios/hello.scn  seed 3  died of signal 8 (Arithmetic error)\n");
    expect_part(r.out, "scenarios/hello.scn --seed 3\n");
    expect_part(r.out, "seeds 1..5 of scenarios/hello.scn: held 0, broke 5\n");
    release(&r);
}

/*
 * Ctrl-C ends the run with what was found so far, and exits with 130. It comes when
 * the runs have begun, however long that took: when there is something in their traces.
 */
Test(cli, interrupt_prints_what_was_found)
{
    struct result r;
    char *text;

    write_scenario("long.scn", "scn 1\nnodes 100\nload 1k/s poisson inc 100% on all\nstop 10h\n");
    r = dcsim("$DCSIM_DIR/long.scn --trace $DCSIM_DIR/t >$DCSIM_DIR/o & pid=$!; "
              "until [ -s $DCSIM_DIR/t ]; do sleep 0.02; done; kill -INT $pid; wait $pid");
    cr_assert(eq(int, r.code, 130));
    text = read_whole("o");
    expect_part(text, "unknown ");
    expect_part(text, "interrupted");
    expect_part(text, "reproduce:  ");
    free(text);
    release(&r);
    r = dcsim("$DCSIM_DIR/long.scn --seeds 1..9 -j 2 --trace $DCSIM_DIR/t{seed} >$DCSIM_DIR/o & "
              "pid=$!; until [ -s $DCSIM_DIR/t1 ] && [ -s $DCSIM_DIR/t2 ]; do sleep 0.02; done; "
              "kill -INT $pid; wait $pid");
    cr_assert(eq(int, r.code, 130));
    text = read_whole("o");
    expect_part(text, "long.scn --seed 2\n");
    expect_part(text, "long.scn: held 0, interrupted 2\n");
    free(text);
    release(&r);
}

/* Hints go to stderr, of check and run alike, change no exit code, and are silent with -q. */
Test(cli, hints_are_said_and_change_nothing)
{
    static const char hint[] =
        "/hint.scn:3:7: warning: the parameter 'late' is never used; say $late where it is meant, "
        "or leave it out\n"
        "    3 | param late = 9s\n"
        "      |       ^~~~\n";
    struct result r;

    write_scenario("hint.scn", "scn 1\nnodes 3\nparam late = 9s\nstop 2s\n");
    r = dcsim("check $DCSIM_DIR/hint.scn");
    cr_assert(eq(int, r.code, 0));
    expect_part(r.err, hint);
    expect_part(r.out, "hint.scn: ok\n");
    release(&r);
    r = dcsim("--seeds 1..3 $DCSIM_DIR/hint.scn");
    cr_assert(eq(int, r.code, 0));
    expect_part(r.err, hint);
    cr_assert(strstr(strstr(r.err, hint) + 1, hint) == NULL, "said more than once:\n%s", r.err);
    release(&r);
    r = dcsim("-q $DCSIM_DIR/hint.scn");
    cr_assert(eq(int, r.code, 0));
    cr_assert(eq(str, r.err, (char *)""));
    release(&r);
    r = dcsim("check -q $DCSIM_DIR/hint.scn");
    cr_assert(eq(str, r.err, (char *)""));
    release(&r);
}

/* No false alarm: nothing is said about a scenario that we show. */
Test(cli, there_is_no_hint_about_our_own_scenarios)
{
    struct result r = dcsim("check $(find scenarios tools/bench -name '*.scn')");

    cr_assert(eq(int, r.code, 0));
    cr_assert(eq(str, r.err, (char *)""));
    release(&r);
}
