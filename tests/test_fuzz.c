/* dcsim fuzz: a campaign goes on whatever a seed does, and says what it has seen. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/campaign/blame.h"
#include "sim/campaign/cause.h"
#include "sim/campaign/summary.h"
#include "tests/lib_cli.h"

/* ---- causes and sums ---- */

static void expect_cause(const char *headline, uint32_t line, const char *cause)
{
    char buf[RUNINFO_CAUSE_MAX];

    cr_expect(eq(str, cause_of(buf, sizeof(buf), "expect", headline, line), (char *)cause));
}

Test(fuzz_cause, numbers_and_what_hangs_on_them_are_left_out)
{
    char small[16];

    expect_cause("not converged within 2s of split", 0, "expect: not converged within # of split");
    expect_cause("not converged within 2s of split", 14,
                 "expect: not converged within # of split (line 14)");
    expect_cause("n3 lost n1,n2,n4: 5 -> 4", 0, "expect: # lost #: # -> #");
    expect_cause("value == oracle", 0, "expect: value == oracle");
    expect_cause("", 0, "expect: ");
    cr_expect(eq(str, cause_of(small, sizeof(small), "expect", "not converged at all", 7),
                 (char *)"expect: not con"));
}

static struct runinfo run_of(const char *cause, uint64_t ns)
{
    struct runinfo info = {.verdict = cause[0] ? RUNINFO_BROKE : RUNINFO_HELD,
                           .ended = true,
                           .converged = true,
                           .together = true,
                           .converged_ns = ns,
                           .sim_ns = ns};

    snprintf(info.cause, sizeof(info.cause), "%s", cause);
    return info;
}

static size_t add(struct summary *summary, const char *cause, uint64_t ns, uint64_t seed)
{
    struct runinfo info = run_of(cause, ns);

    return summary_add(summary, &info, 0, seed);
}

Test(fuzz_summary, failures_are_grouped_and_the_fastest_are_kept)
{
    struct summary summary = {0};

    cr_expect(eq(sz, add(&summary, "a", 50, 1), 0));
    cr_expect(eq(sz, add(&summary, "b", 10, 2), 1));
    for (uint64_t seed = 3; seed < 40; seed++)
        cr_expect(eq(sz, add(&summary, "a", 100 - seed, seed), 0));
    cr_expect(eq(sz, add(&summary, "", 5, 40), SIZE_MAX));
    cr_assert(eq(sz, summary.causes_len, 2));
    cr_expect(eq(u64, summary.causes[0].runs, 38));
    cr_expect(eq(u64, summary_runs(&summary), 40));
    cr_expect(eq(u64, summary_failed(&summary), 39));
    cr_assert(eq(int, (int)summary.causes[0].seeds_len, (int)SUMMARY_SEEDS_MAX));
    cr_expect(eq(u64, summary.causes[0].seeds[0].seed, 1));
    cr_expect(eq(u64, summary.causes[0].seeds[1].seed, 39));
    cr_expect(eq(u64, summary.causes[0].seeds[7].seed, 33));
    cr_expect(eq(sz, summary_find(&summary, "b"), 1));
    summary_release(&summary);
}

Test(fuzz_summary, percentiles_are_of_what_held)
{
    struct summary summary = {0};
    uint64_t ns = 0;
    bool found = summary_converged(&summary, 50, &ns);

    cr_expect(not(found));
    for (uint64_t i = 1; i <= 200; i++)
        add(&summary, "", 201 - i, i);
    add(&summary, "broke", 100000, 201);
    found = summary_converged(&summary, 50, &ns);
    cr_expect(found);
    cr_expect(eq(u64, ns, 100));
    found = summary_converged(&summary, 99, &ns);
    cr_expect(found);
    cr_expect(eq(u64, ns, 198));
    summary_release(&summary);
}

/* ---- the command ---- */

TestSuite(fuzz, .init = cli_make_folder, .fini = cli_remove_folder);

static void use_plant(const char *name)
{
    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", name, 1);
}

static size_t count_of_part(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Each line is an object by itself, to the last byte. */
static size_t expect_jsonl(const char *text)
{
    size_t lines = 0;

    for (const char *at = text; *at; lines++) {
        const char *end = strchr(at, '\n');

        cr_assert(end != NULL, "the last line is not whole: %s", at);
        cr_assert(strncmp(at, "{\"schema\":1,\"scenario\":\"", 24) == 0, "%s", at);
        cr_assert(end[-1] == '}', "%s", at);
        at = end + 1;
    }
    return lines;
}

Test(fuzz, files_take_turns_and_workers_change_nothing)
{
    struct result one, two;
    char *a, *b;

    one = dcsim("fuzz scenarios/hello.scn scenarios/partition.scn --seeds 1..30 --jsonl "
                "$DCSIM_DIR/a.jsonl");
    cr_assert(eq(int, one.code, 0), "%s%s", one.out, one.err);
    expect_part(one.out, "scenarios/hello.scn scenarios/partition.scn seeds 1..30: held 60\n"
                         "passed 100.00% of 60 runs; converged: p50 ");
    expect_part(one.err, "fuzz: elapsed ");
    expect_part(one.err, ", seeds 60 (");
    two = dcsim("fuzz scenarios/hello.scn scenarios/partition.scn --seeds 1..30 -j 3 --jsonl "
                "$DCSIM_DIR/b.jsonl");
    cr_expect(eq(str, one.out, two.out));
    a = read_whole("a.jsonl");
    b = read_whole("b.jsonl");
    cr_expect(eq(str, a, b));
    cr_expect(eq(sz, expect_jsonl(a), 60));
    expect_part(a, "\"seed\":30,\"verdict\":\"held\",\"reason\":null,\"cause\":null,");
    free(a);
    free(b);
    release(&one);
    release(&two);
}

Test(fuzz, a_hash_of_a_record_is_that_of_the_run)
{
    struct result r = dcsim("fuzz scenarios/partition.scn --seed 7 -q --jsonl -"), run;
    const char *hash = strstr(r.out, "\"trace_hash\":");
    char part[40];

    cr_assert(hash != NULL, "%s%s", r.out, r.err);
    snprintf(part, sizeof(part), "%.31s", hash);
    run = dcsim("--json scenarios/partition.scn --seed 7");
    expect_part(run.out, part);
    cr_expect(eq(str, r.err, (char *)""));
    release(&r);
    release(&run);
}

/* In two of twenty seeds n1 counts 37 when it is merged, which is where the plants wait. */
#define SOME_FALL "scn 1\nnodes 3\nload 37/s poisson inc 100% on n1 to 1s\nstop 4s\n"

/* The campaign goes on, and each seed that fell is named; with any number of workers. */
static void expect_falls(const char *plant, int code, const char *first)
{
    struct result one, two;

    use_plant(plant);
    write_scenario("f.scn", SOME_FALL);
    one = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 1..20 --timeout-per-seed 2s -o $DCSIM_DIR/o");
    cr_assert(eq(int, one.code, code), "%s%s", one.out, one.err);
    expect_part(one.out, first);
    expect_part(one.out, "f.scn  seed 10  cause 1\n");
    expect_part(one.out, "cause 1: 2 runs ");
    expect_part(one.out, "f.scn seeds 1..20: held 18, ");
    expect_part(one.out, "f.scn --seed 8\n");
    cr_expect(eq(sz, count_of_part(one.out, "reproduce:  "), 2));
    two = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 1..20 --timeout-per-seed 2s -o $DCSIM_DIR/o -j 2");
    cr_expect(eq(str, one.out, two.out));
    release(&one);
    release(&two);
}

Test(fuzz, a_crash_costs_one_seed)
{
    expect_falls("segv", 1, "f.scn  seed 8  died of signal 11 ");
}

Test(fuzz, a_hang_costs_one_seed)
{
    expect_falls("hang", 1, "f.scn  seed 8  timed out after 2s of processor time\n");
}

Test(fuzz, a_contract_costs_one_seed)
{
    expect_falls("contract", 3, "error: broken precondition: planted (false)");
}

/* It had held by then, and what it had told does not count. */
Test(fuzz, a_contract_that_breaks_when_a_run_is_over_is_found)
{
    struct result r;

    use_plant("encode-leaks");
    write_scenario("f.scn", "scn 1\nnodes 3\nat 100ms inc n1\nstop 2s\n");
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 1..3 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.err, "dcsim: broken invariant: zstd, states and frames give back all");
    expect_part(r.out, "f.scn seeds 1..3: held 0, internal error 3\n");
    expect_part(r.out, "contract: broken when the run was over\n");
    release(&r);
    r = dcsim("$DCSIM_DIR/f.scn");
    cr_expect(eq(int, r.code, 3), "%s%s", r.out, r.err);
    release(&r);
}

/* A large run goes by lengths that no frame was made for: they are those of frames. */
/* Also one that breaks before the run begins. */
Test(fuzz, a_contract_that_breaks_at_once_costs_each_seed)
{
    struct result r;

    use_plant("encode-contract");
    write_scenario("f.scn", SOME_FALL);
    for (unsigned workers = 1; workers <= 2; workers++) {
        char command[128];

        snprintf(command, sizeof(command),
                 "fuzz $DCSIM_DIR/f.scn --seeds 1..3 -j %u -o $DCSIM_DIR/o", workers);
        r = dcsim(command);
        cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
        expect_part(r.out, "held 0, internal error 3");
        release(&r);
    }
}

Test(fuzz, a_length_that_is_not_that_of_the_frame_is_found)
{
    struct result r;

    use_plant("encode-miscounts");
    write_scenario("f.scn", "scn 1\nnodes 3\nat 100ms inc n1\nstop 2s\n");
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 1..2 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.out, "broken invariant: the length is known beforehand");
    release(&r);
}

Test(fuzz, a_seed_that_differs_when_it_is_repeated_is_found)
{
    struct result r;

    use_plant("merge-skips");
    r = dcsim("fuzz scenarios/partition.scn --seeds 95..110 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.out, "unrepeatable scenarios/partition.scn  seed 98: two runs differ in event ");
    expect_part(r.out, "--seed 98 --verify");
    expect_part(r.out, "cause 1: 2 runs internal: unrepeatable: ");
    release(&r);
}

Test(fuzz, it_ends_after_so_many_failures)
{
    struct result one, two;

    use_plant("merge-nothing");
    one = dcsim("fuzz --swarm --max-failures 3 -o $DCSIM_DIR/o --jsonl $DCSIM_DIR/j");
    cr_assert(eq(int, one.code, 1), "%s%s", one.out, one.err);
    expect_part(one.out, ", broke 3\n");
    expect_part(one.out, "swarm seeds 1..: held ");
    two = dcsim("fuzz --swarm --max-failures 3 -j 3 -o $DCSIM_DIR/o --jsonl $DCSIM_DIR/j");
    cr_expect(eq(str, one.out, two.out));
    release(&one);
    release(&two);
}

Test(fuzz, time_ends_it)
{
    struct result r = dcsim("fuzz --swarm --time 1500ms -j 2");

    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "swarm seeds 1..: held ");
    release(&r);
}

/* Each of a pair of signals, sent to the command alone, ends all of it in order. */
static void expect_interrupted(const char *name, const char *and)
{
    char arguments[256];
    struct result r;
    char *text;

    snprintf(arguments, sizeof(arguments),
             "fuzz scenarios/partition.scn -j 2 --jsonl $DCSIM_DIR/i.jsonl >$DCSIM_DIR/i.out & "
             "pid=$!; until [ -s $DCSIM_DIR/i.jsonl ]; do sleep 0.02; done; kill -%s $pid"
             "%s; wait $pid",
             name, and);
    r = dcsim(arguments);
    cr_assert(eq(int, r.code, 130), "%s%s", r.out, r.err);
    text = read_whole("i.out");
    expect_part(text, "scenarios/partition.scn seeds 1..: held ");
    expect_part(text, "passed 100.00% of ");
    free(text);
    text = read_whole("i.jsonl");
    cr_expect(ge(sz, expect_jsonl(text), 1));
    free(text);
    release(&r);
}

Test(fuzz, an_interruption_leaves_what_was_seen)
{
    expect_interrupted("TERM", "");
}

/* The shell gives what it starts in the background no SIGINT, and dcsim takes it back. */
Test(fuzz, ctrl_c_leaves_what_was_seen)
{
    expect_interrupted("INT", "");
}

/* timeout(1) tells the process, and then all of its group. */
Test(fuzz, being_told_twice_at_once_is_being_told_once)
{
    expect_interrupted("TERM", "; kill -TERM $pid; kill -TERM $pid");
}

Test(fuzz, a_hope_that_never_came_true_is_unknown)
{
    struct result r;

    write_scenario("h.scn", "scn 1\nnodes 3\nat 100ms inc n1 x5\n"
                            "sometimes crashed while converged\nstop 2s\n");
    r = dcsim("fuzz $DCSIM_DIR/h.scn --seeds 1..5");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "in none of 5 runs");
    release(&r);
}

Test(fuzz, junit_has_a_case_for_each_seed)
{
    struct result r;
    char *text;

    use_plant("segv");
    write_scenario("f.scn", SOME_FALL);
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 8..9 --junit $DCSIM_DIR/j.xml");
    cr_expect(eq(int, r.code, 1));
    text = read_whole("j.xml");
    expect_part(text, "<testsuites name=\"dcsim\" tests=\"2\" failures=\"0\" errors=\"1\">");
    expect_part(text, "f.scn seed 9\"/>");
    free(text);
    release(&r);
}

static void expect_usage(const char *arguments, const char *message)
{
    struct result r = dcsim(arguments);

    cr_expect(eq(int, r.code, 2), "%s: %s", arguments, r.out);
    expect_part(r.err, message);
    release(&r);
}

Test(fuzz, wrong_use_is_told)
{
    expect_usage("fuzz", "fuzz takes --swarm, or scenario files");
    expect_usage("fuzz --swarm a.scn", "not both");
    expect_usage("fuzz a.scn --print --seed 1", "--print is of --swarm");
    expect_usage("fuzz --swarm -D a=1", "no parameters");
    expect_usage("fuzz --swarm --time 0s", "--time takes a time");
    expect_usage("fuzz --swarm --timeout-per-seed x", "--timeout-per-seed takes a time");
    expect_usage("fuzz --swarm --max-failures 0", "--max-failures takes a number");
    expect_usage("fuzz --swarm --seed 1 --jsonl /nowhere/x", "cannot write '/nowhere/x'");
    expect_usage("fuzz /nowhere/a.scn --seed 1", "/nowhere/a.scn");
}

/* ---- what is expected of all runs together ---- */

#define SLOW                                                                                       \
    "scn 1\nparam most = 1100ms\nnodes 3\nnet delay 5ms loss 10%\nat 1s inc n1\n"                  \
    "expect converged\nexpect p50 converged < $most\nexpect p99 converged <= 2s\n"                 \
    "expect p99 converged > 1s\nstop 5s\n"

Test(fuzz, percentiles_are_judged_over_all_runs)
{
    struct result r;

    write_scenario("p.scn", SLOW);
    r = dcsim("fuzz $DCSIM_DIR/p.scn --seeds 1..100 -q");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
    r = dcsim("fuzz $DCSIM_DIR/p.scn --seeds 1..100 -D most=1001ms");
    cr_assert(eq(int, r.code, 1), "%s", r.out);
    expect_part(r.out, "p.scn:7:8: error: not in 100 runs\n");
    expect_part(r.out, "expected p50 < 1.001s, found 1.0");
    release(&r);
    r = dcsim("$DCSIM_DIR/p.scn -D most=1ms"); /* one run says nothing of it */
    cr_assert(eq(int, r.code, 0), "%s", r.out);
    release(&r);
}

#define SWEPT                                                                                      \
    "scn 1\nsweep loss = 0%, 60%\nnodes 3\nnode sync 40ms\nnet delay 5ms loss $loss\nat 1s inc "   \
    "n1\n"                                                                                         \
    "expect converged\nexpect p99 converged < 1100ms\nsometimes value == 2\n"                      \
    "sometimes value == 1\nstop 9s\n"

/* A percentile is about the runs of one combination, "sometimes" about those of all. */
static void expect_swept(const char *arguments, const char *word, int code)
{
    struct result r, again;
    char part[256], command[256];

    r = dcsim(arguments);
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.out, "s.scn:8:8: error: not in 20 runs with loss=60%\n");
    expect_part(r.out, "expected p99 < 1.100s, found ");
    snprintf(part, sizeof(part), "%s%s/s.scn --seeds 1..20 -D loss=60%%\n", word, cli_folder());
    expect_part(r.out, part);
    expect_part(r.out, ": in none of 40 runs\n");
    expect_part(r.out, "s.scn:9:11: ");
    snprintf(part, sizeof(part), "%s%s/s.scn --seeds 1..20\n", word, cli_folder());
    expect_part(r.out, part);
    cr_assert(strstr(r.out, "runs with loss=0%") == NULL && strstr(r.out, "s.scn:10:") == NULL,
              "%s", r.out);
    snprintf(command, sizeof(command), "%s$DCSIM_DIR/s.scn --seeds 1..20 -D loss=60%%", word);
    again = dcsim(command);
    cr_assert(eq(int, again.code, 1));
    expect_part(again.out, "s.scn:8:8: error: not in 20 runs\n");
    release(&again);
    snprintf(command, sizeof(command), "%s$DCSIM_DIR/s.scn --seeds 1..20 -D loss=0%%", word);
    again = dcsim(command);
    cr_assert(eq(int, again.code, code), "%s", again.out);
    release(&again);
    release(&r);
}

Test(fuzz, what_is_expected_of_swept_runs_says_of_which)
{
    struct result r;
    char *text;

    write_scenario("s.scn", SWEPT);
    expect_swept("fuzz $DCSIM_DIR/s.scn --seeds 1..20", "fuzz ", 4);
    expect_swept("$DCSIM_DIR/s.scn --seeds 1..20", "", 4);
    r = dcsim("fuzz $DCSIM_DIR/s.scn --seeds 1..20 --junit $DCSIM_DIR/x");
    expect_part(r.out, "s.scn seeds 1..20: held 40\nall runs together: broke 1, unknown 1\n");
    text = read_whole("x");
    expect_part(text, "tests=\"44\" failures=\"2\"");
    expect_part(text, "name=\"expect p99 converged &lt; 1100ms, loss=60%\">");
    free(text);
    release(&r);
    r = dcsim("$DCSIM_DIR/s.scn --seeds 1..20 -q --junit $DCSIM_DIR/x");
    expect_part(r.out, "s.scn together: broke 1, unknown 1\n");
    text = read_whole("x");
    expect_part(text, "tests=\"44\" failures=\"2\"");
    free(text);
    release(&r);
}

Test(fuzz, a_run_that_failed_never_converged)
{
    struct result r;

    write_scenario("p.scn", "scn 1\nnodes 2\nnet delay 5ms loss 100%\nat 1s inc n1\n"
                            "expect p50 converged < 9s\nexpect converged\nstop 2s\n");
    r = dcsim("fuzz $DCSIM_DIR/p.scn --seeds 1..5 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "expected p50 < 9.000s, found never");
    release(&r);
}

/* What a campaign that ended early did not run may decide it either way. */
Test(fuzz, a_percentile_of_a_campaign_that_ended_early)
{
    struct result r;

    write_scenario("p.scn", "scn 1\nnodes 3\nnode sync 500ms\nat 1s net loss 30% for 1s\n"
                            "at 1500ms inc n1\nexpect converged within 500ms of 1500ms\n"
                            "expect p50 converged < 2s\nstop 10s\n");
    r = dcsim("fuzz $DCSIM_DIR/p.scn --seeds 40..200 --max-failures 2 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "p.scn:7:8: unknown: not decided by 3 runs\n");
    expect_part(r.out, "expected p50 < 2.000s, found 158 runs that are unknown, with those that "
                       "were not made\n");
    expect_part(r.out, "p.scn --seeds 40..200\n");
    cr_assert(strstr(r.out, "all runs together") == NULL, "%s", r.out);
    release(&r);
    r = dcsim("fuzz $DCSIM_DIR/p.scn --seeds 40..42 -o $DCSIM_DIR/o");
    expect_part(r.out, "p.scn:7:8: error: not in 3 runs\n");
    release(&r);
    /* More than half of them converged in time: nothing else can change that. */
    write_scenario("q.scn", "scn 1\nnodes 3\nat 1s inc n1\nsometimes restarted while crashed\n"
                            "expect p50 converged < 9s\nstop 10s\n");
    r = dcsim("fuzz $DCSIM_DIR/q.scn --seeds 1..18446744073709551615 --time 1s");
    cr_assert(eq(int, r.code, 4));
    expect_part(r.out, "unknown: not decided by ");
    release(&r);
}

/* It was together once, which was not the last time that it had to be. */
Test(fuzz, a_run_that_has_parted_at_its_stop_never_converged)
{
    struct result r;

    write_scenario("p.scn", "scn 1\nnodes 3\nat 1s inc n1\nat 2s partition n1 | rest\n"
                            "at 3s inc n1\nexpect p99 converged < 9s\nexpect not converged\n"
                            "expect value >= 0\nstop 5s\n");
    r = dcsim("$DCSIM_DIR/p.scn --seeds 1..4 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "expected p99 < 9.000s, found never");
    release(&r);
}

/* One that is unknown did not fail: what hangs on it is not decided. */
Test(fuzz, a_run_that_is_unknown_decides_no_percentile)
{
    struct result r;

    write_scenario("p.scn", "scn 1\nparam most = 2s\nnodes 2\nat 1s inc n1\n"
                            "at 2s partition n1 | n2 for 1ns\n"
                            "expect p99 converged < $most\nstop 5s\n");
    r = dcsim("--seeds 1..2 $DCSIM_DIR/p.scn");
    cr_assert(eq(int, r.code, 4), "%s", r.out);
    expect_part(r.out, "p.scn:6:8: unknown: not decided by 2 runs\n");
    expect_part(r.out, "expected p99 < 2.000s, found 2 runs that are unknown\n");
    release(&r);
    r = dcsim("fuzz --seeds 1..2 $DCSIM_DIR/p.scn");
    cr_assert(eq(int, r.code, 4), "%s", r.out);
    expect_part(r.out, "p.scn:6:8: unknown: not decided by 2 runs\n");
    release(&r);
}

/* ---- blame, and marks ---- */

Test(fuzz_blame, what_is_more_frequent_among_failures_is_named)
{
    struct blame blame = {0};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (unsigned i = 0; i < 100; i++) {
        bool failed = i % 10 == 0;

        /* Torn in half of those that failed and in a sixth of the others; loss in half of either.
         */
        blame_add(&blame, failed || i % 3 == 0 ? "torn\nnodes 5\n" : "nodes 5\n", failed);
        blame_add(&blame, i % 20 < 10 ? "loss\n" : "", failed);
    }
    blame_print(out, &blame);
    fclose(out);
    cr_expect(eq(str, text,
                 (char *)"goes with failure       of 20 failed  of 180 held\n"
                         "  torn                        10        30\n"));
    free(text);
    blame_release(&blame);
    out = open_memstream(&text, &len);
    for (unsigned i = 0; i < 90; i++)
        blame_add(&blame, i < 10 ? "b\na\nx\n" : i < 30 ? "a\nb\n" : "x\n", i < 10);
    blame_print(out, &blame);
    fclose(out);
    expect_part(text, "goes with failure       of 10 failed  of 80 held\n"
                      "  a                           10        20\n"
                      "  b                           10        20\n");
    /* x: in all that failed, and in three quarters of the others, which is just enough. */
    expect_part(text, "  x                           10        60\n");
    free(text);
    blame_release(&blame);
}

/* Which value of a sweep is to blame; which marks were reached, and which never. */
Test(fuzz, the_summary_blames_and_counts_marks)
{
    struct result r;

    write_scenario("b.scn", "scn 1\nsweep loss = 0%, 60%\nnodes 3\nnet loss $loss\nat 1s inc n1\n"
                            "expect converged at 1200ms\nstop 3s\n");
    r = dcsim("fuzz $DCSIM_DIR/b.scn --seeds 1..30 -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, "goes with failure       of ");
    expect_part(r.out, "of 17 failed  of 43 held\n");
    expect_part(r.out, "\n  loss=60%  ");
    cr_assert(strstr(r.out, "loss=0%  ") == NULL, "%s", r.out);
    expect_part(r.out, "\nmarks: ");
    expect_part(r.out, " of them never (--coverage lists them)\n");
    release(&r);
    r = dcsim("fuzz scenarios/disk-torn.scn --seeds 1..3 --coverage");
    cr_assert(eq(int, r.code, 0), "%s", r.out);
    expect_part(r.out, "disk_torn");
    expect_part(r.out, "never          -  ");
    release(&r);
}
