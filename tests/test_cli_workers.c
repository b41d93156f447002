/*
 * Worker processes: whatever ends one costs its seed, which is told; nothing that is
 * not looked at holds; and no byte of any output depends on how many there are.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib_cli.h"

TestSuite(workers, .init = cli_make_folder, .fini = cli_remove_folder);

static void use_plant(const char *name)
{
    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", name, 1);
}

/* ---- what ends a worker ---- */

#define QUICK "scn 1\nnodes 3\nat 100ms inc n1\nstop 5s\n"

/* Runs in the background; when @file has something in it, a worker gets each of the signals. */
static struct result taken(const char *arguments, const char *file, const char *signals)
{
    char command[1024];

    snprintf(command, sizeof(command),
             "%s >$DCSIM_DIR/out1 & pid=$!; until [ -s $DCSIM_DIR/%s ]; do sleep 0.01; done; "
             "for s in %s; do set -- $(cat /proc/$pid/task/$pid/children); kill -$s $1; "
             "while kill -0 $1 2>/dev/null; do sleep 0.01; done; done; wait $pid",
             arguments, file, signals);
    return dcsim(command);
}

Test(workers, whatever_takes_one_costs_its_seed)
{
    struct result r;
    char *text;

    write_scenario("q.scn", QUICK);
    write_scenario("k", "");
    r = taken("fuzz $DCSIM_DIR/q.scn --seeds 1..6000 -j 2 --jsonl $DCSIM_DIR/j "
              "--seeds-file $DCSIM_DIR/k",
              "j", "TERM INT KILL USR1");
    cr_assert(eq(int, r.code, 4), "%s", r.err);
    text = read_whole("out1");
    expect_part(text, "(Terminated), which was sent from outside\nreproduce:  ");
    expect_part(text, "(Interrupt), which was sent from outside\nreproduce:  ");
    expect_part(text, "(Killed), which was sent from outside\nreproduce:  ");
    expect_part(text, "(User defined signal 1), which was sent from outside\nreproduce:  ");
    expect_part(text, "q.scn seeds 1..6000: held 5996, unknown 4\n");
    expect_part(text, "1 run unknown: signal: taken by a signal (Terminated)\n");
    cr_assert(strstr(text, "minimise") == NULL, "there is nothing to find: %s", text);
    free(text);
    text = read_whole("k");
    cr_assert(eq(str, text, (char *)""), "no seed has failed");
    free(text);
    release(&r);
}

Test(workers, a_seed_of_a_run_is_as_dear)
{
    struct result r;
    char *text;

    write_scenario("q.scn", QUICK);
    r = taken("$DCSIM_DIR/q.scn --seeds 1..4000 -j 2 --junit $DCSIM_DIR/x", "out1", "TERM");
    cr_assert(eq(int, r.code, 4), "%s", r.err);
    text = read_whole("out1");
    expect_part(text, "(Terminated), which was sent from outside\nreproduce:  ");
    expect_part(text, "seeds 1..4000 of ");
    expect_part(text, "q.scn: held 3999, unknown 1\n");
    free(text);
    text = read_whole("x");
    expect_part(text, " tests=\"4000\" failures=\"0\" errors=\"1\">");
    free(text);
    release(&r);
}

/* What has no name is told apart by its number: these are two causes. */
Test(workers, signals_without_a_name_are_told_apart)
{
    struct result r;
    char *text;

    write_scenario("q.scn", QUICK);
    r = taken("fuzz $DCSIM_DIR/q.scn --seeds 1..4000 -j 2 --jsonl $DCSIM_DIR/j", "j", "40 41 40");
    cr_assert(eq(int, r.code, 4), "%s", r.err);
    text = read_whole("out1");
    expect_part(text, "taken by signal 40 (unknown signal), which was sent from outside\n");
    expect_part(text, ": 2 runs unknown: signal: taken by signal 40\n");
    expect_part(text, ": 1 run unknown: signal: taken by signal 41\n");
    free(text);
    release(&r);
}

/* In two of twenty seeds n1 counts 37 when it is merged, which is where the plants wait. */
#define SOME_FALL "scn 1\nnodes 3\nload 37/s poisson inc 100% on n1 to 1s\nstop 4s\n"

/* A process that ends with 0 in the middle of a run has not done it. */
Test(workers, who_leaves_in_silence_has_not_held)
{
    struct result r;

    use_plant("leave");
    write_scenario("f.scn", SOME_FALL);
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 1..20 -j 2");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.out, "f.scn  seed 8  ended its process with code 0\n");
    expect_part(r.out, "f.scn seeds 1..20: held 18, internal error 2\n");
    release(&r);
    r = dcsim("$DCSIM_DIR/f.scn --seeds 1..20");
    cr_assert(eq(int, r.code, 3), "%s%s", r.out, r.err);
    expect_part(r.out, "f.scn: held 18, internal error 2\n");
    release(&r);
    r = dcsim("--json $DCSIM_DIR/f.scn --seeds 8..9");
    cr_assert(eq(int, r.code, 3));
    expect_part(r.out, "\"seed\":8,\"params\":{},\"verdict\":\"broke\",\"reason\":\"contract\",");
    expect_part(r.out, "\"nodes\":3,\"sim_ns\":null,");
    release(&r);
}

/* What crashed has told nothing: neither that its clock stood at 0, nor that its states agreed. */
Test(workers, who_dies_has_no_figures)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_CONTRACT"), 1);
    setenv("DCSIM_PLANT", "signal", 1);
    r = dcsim("--json scenarios/hello.scn --seeds 1..3 -j 2");
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.out, "\"seed\":3,\"params\":{},\"verdict\":\"broke\",\"reason\":\"signal\",");
    expect_part(r.out, "\"sim_ns\":null,\"events\":null,");
    expect_part(r.out,
                "\"value\":null,\"distinct\":null,\"acknowledged_lost\":null,\"trace_hash\":null,");
    release(&r);
}

/*
 * The command in the background; once it has children, it is killed. They are to be gone
 * then, or to wait for somebody who asks how they ended.
 */
static void expect_gone_with(const char *arguments)
{
    char command[2048];
    struct result r;

    snprintf(command, sizeof(command),
             "%s >/dev/null 2>&1 & pid=$!; children=; until [ -n \"$children\" ]; do sleep 0.01; "
             "children=$(cat /proc/$pid/task/$pid/children); done; kill -KILL $pid; wait $pid; "
             "for c in $children; do n=0; while [ -e /proc/$c ] && [ $n -lt 500 ] && "
             "! grep -q '^State:.Z' /proc/$c/status; do sleep 0.01; n=$((n + 1)); done; "
             "if [ $n -eq 500 ]; then kill -KILL $c; echo left; fi; echo looked; done",
             arguments);
    r = dcsim(command);
    expect_part(r.out, "looked\n");
    cr_assert(strstr(r.out, "left") == NULL, "%s: a child goes on", arguments);
    release(&r);
}

/* Seed 8 hangs: what it is run in would work for ever. */
Test(workers, nobody_outlives_who_is_killed)
{
    use_plant("hang");
    write_scenario("f.scn", SOME_FALL);
    expect_gone_with("fuzz $DCSIM_DIR/f.scn --seeds 8..9 -j 2 --timeout-per-seed 10h");
    expect_gone_with("$DCSIM_DIR/f.scn --seeds 8..9 -j 2 -o $DCSIM_DIR/o");
    expect_gone_with("shrink $DCSIM_DIR/f.scn --seed 8 -o $DCSIM_DIR/o");
}

/* A terminal that is closed is like Ctrl-C: what was done is told. With nohup(1) it is nothing. */
Test(workers, a_closed_terminal_interrupts)
{
    struct result r;
    char *text;

    write_scenario("q.scn", QUICK);
    r = dcsim("fuzz $DCSIM_DIR/q.scn -j 2 --jsonl $DCSIM_DIR/j >$DCSIM_DIR/out1 & pid=$!; "
              "until [ -s $DCSIM_DIR/j ]; do sleep 0.01; done; kill -HUP $pid; wait $pid");
    cr_assert(eq(int, r.code, 130), "%s", r.err);
    text = read_whole("out1");
    expect_part(text, "q.scn seeds 1..: held ");
    free(text);
    release(&r);
    r = dcsim(
        "--version; { trap '' HUP; rm $DCSIM_DIR/j; $DCSIM fuzz $DCSIM_DIR/q.scn -j 2 "
        "--seeds 1..2000 --jsonl $DCSIM_DIR/j & pid=$!; until [ -s $DCSIM_DIR/j ]; do "
        "sleep 0.01; done; kill -HUP $pid $(cat /proc/$pid/task/$pid/children); wait $pid; }");
    cr_assert(eq(int, r.code, 0), "%s", r.err);
    expect_part(r.out, "q.scn seeds 1..2000: held 2000\n");
    release(&r);
}

/* A process that has ended is there until somebody has asked how. */
static bool group_is_there(pid_t group)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return kill(-group, 0) == 0;
}

/*
 * A campaign without an end is started by a test that is killed. Its group has the number of
 * the shell, which that has written.
 */
Test(workers, nobody_outlives_a_test_that_is_killed)
{
    const struct timespec wait = {.tv_nsec = 10000000};
    char path[512];
    long group = 0;
    pid_t test;
    FILE *file;

    cr_assert(eq(int, prctl(PR_SET_CHILD_SUBREAPER, 1), 0));
    snprintf(path, sizeof(path), "%s/group", cli_folder());
    test = fork();
    cr_assert(ge(int, test, 0));
    if (test == 0) {
        dcsim("--version; echo $$ >$DCSIM_DIR/n; mv $DCSIM_DIR/n $DCSIM_DIR/group; "
              "$DCSIM fuzz --swarm -j 2 >/dev/null 2>&1 & wait");
        _exit(1);
    }
    while (access(path, R_OK) < 0)
        nanosleep(&wait, NULL);
    file = fopen(path, "r");
    cr_assert(eq(int, fscanf(file, "%ld", &group), 1));
    fclose(file);
    cr_assert(group_is_there((pid_t)group));
    kill(test, SIGKILL);
    while (group_is_there((pid_t)group))
        nanosleep(&wait, NULL); /* for ever, if it fails */
    cr_assert(eq(int, kill(-(pid_t)group, 0), -1));
}

/* Who held the pipe of another worker would hide from that that nobody reads it any more. */
Test(workers, each_has_one_pipe)
{
    struct result r;

    use_plant("block");
    write_scenario("b.scn", "scn 1\nnodes 3\nat 1s inc n1 by 37\nstop 4s\n");
    r = dcsim("fuzz $DCSIM_DIR/b.scn --seeds 1..4 -j 4 >/dev/null 2>&1 & pid=$!; n=0; "
              "until [ $n -eq 4 ]; do sleep 0.05; c=$(cat /proc/$pid/task/$pid/children); "
              "n=$(echo $c | wc -w); done; for p in $c; do ls -l /proc/$p/fd | "
              "grep -o 'pipe:.*' >$DCSIM_DIR/own; ls -l /proc/$$/fd >$DCSIM_DIR/shell; "
              "for fd in $(cat $DCSIM_DIR/own); do grep -q -F $fd $DCSIM_DIR/shell || "
              "echo one; done; echo .; kill -KILL $p; done");
    cr_assert(eq(str, r.out, (char *)"one\n.\none\n.\none\n.\none\n.\n"));
    release(&r);
}

/* ---- time ---- */

/*
 * A campaign whose seeds have 1 s, in the background; once it has begun, @who of
 * "$pid $workers" is stopped for longer than that. Its output is in out1.
 */
static struct result stopped(const char *who)
{
    char command[1024];

    snprintf(command, sizeof(command),
             "fuzz $DCSIM_DIR/q.scn --seeds 1..4000 -j 2 --timeout-per-seed 1s --jsonl "
             "$DCSIM_DIR/j >$DCSIM_DIR/out1 & pid=$!; until [ -s $DCSIM_DIR/j ]; do sleep 0.01; "
             "done; workers=$(cat /proc/$pid/task/$pid/children); set -- $workers; "
             "kill -STOP %s; sleep 3; kill -CONT %s; wait $pid",
             who, who);
    return dcsim(command);
}

static void expect_held_though_stopped(const char *who)
{
    struct result r;
    char *text;

    write_scenario("q.scn", QUICK);
    r = stopped(who);
    text = read_whole("out1");
    cr_assert(eq(int, r.code, 0), "%s%s", text, r.err);
    expect_part(text, "q.scn seeds 1..4000: held 4000\n");
    free(text);
    release(&r);
}

/* Ctrl-Z and fg: what the clock shows meanwhile, nobody could use. */
Test(workers, a_campaign_that_is_stopped_takes_no_time)
{
    expect_held_though_stopped("$pid $workers");
}

Test(workers, a_worker_that_is_stopped_takes_no_time)
{
    expect_held_though_stopped("$1");
}

/* What waits takes no time of a processor, so the clock has to say when it is enough. */
Test(workers, who_waits_for_ever_costs_its_seed)
{
    struct result r;

    use_plant("block");
    write_scenario("f.scn", SOME_FALL);
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 8..9 --timeout-per-seed 150ms");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "f.scn  seed 8  blocked: used no processor for 1.5s\n");
    expect_part(r.out, "f.scn seeds 8..9: held 1, unknown 1\n");
    expect_part(r.out, "1 run unknown: timeout: blocked: used no processor for 1.5s\n");
    release(&r);
}

/* A run takes a while; when the time is over it has begun, and is not thrown away. */
Test(workers, what_has_begun_in_time_comes_to_its_end)
{
    struct result r;

    write_scenario("l.scn", "scn 1\nnodes 20\nnode sync 1ms\nat 1s inc n1\nstop 60s\n");
    r = dcsim("fuzz $DCSIM_DIR/l.scn --time 500ms --timeout-per-seed 10m");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "l.scn seeds 1..: held ");
    release(&r);
}

Test(workers, what_hangs_when_the_time_is_over_has_its_limit)
{
    struct result r;

    use_plant("hang");
    write_scenario("f.scn", SOME_FALL);
    r = dcsim("fuzz $DCSIM_DIR/f.scn --seeds 8.. --time 1s --timeout-per-seed 2s");
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.out, "f.scn  seed 8  timed out after 2s of processor time\n");
    expect_part(r.out, "f.scn seeds 8..: held 0, broke 1\n");
    release(&r);
}

/* ---- what is not looked at ---- */

Test(workers, no_run_is_unknown)
{
    struct result r = dcsim("fuzz --swarm --time 1ns");

    cr_assert(eq(int, r.code, 4), "%s", r.out);
    expect_part(r.out, "unknown: --time was over before any run of swarm\n");
    expect_part(r.out, "swarm seeds 1..: held 0\n");
    cr_assert(strstr(r.out, "passed") == NULL, "%s", r.out);
    release(&r);
    write_scenario("s.scn", "scn 1\nsweep n = 2, 3\nnodes $n\nat 1s inc n1\nstop 3s\n");
    r = dcsim("fuzz -q $DCSIM_DIR/s.scn --time 1ns --junit $DCSIM_DIR/x");
    cr_assert(eq(int, r.code, 4), "%s", r.out);
    expect_part(r.out, "/s.scn, n=2\n");
    expect_part(r.out, "/s.scn, n=3\n");
    release(&r);
    char *text = read_whole("x");
    expect_part(text, " errors=\"1\"");
    free(text);
}

/* Seeds that were named are all to be run; without an end, the time is the end. */
Test(workers, a_range_that_time_ends_is_unknown)
{
    struct result r = dcsim("fuzz --swarm --seeds 1..100000000 --time 300ms");

    cr_assert(eq(int, r.code, 4), "%s", r.out);
    expect_part(r.out, "unknown: --time was over after ");
    expect_part(r.out, " of 100000000 runs\n");
    release(&r);
    r = dcsim("fuzz --swarm --seeds 1000.. --time 1500ms");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "swarm seeds 1000..: held ");
    release(&r);
    r = dcsim("--seeds 1000.. scenarios/hello.scn");
    cr_assert(eq(int, r.code, 2));
    release(&r);
}

/* What is expected of the runs that were asked for is not asked of those that are known. */
Test(workers, what_is_known_stands_beside_what_was_asked_for)
{
    char line[256];
    struct result r;

    write_scenario("s.scn", "scn 1\nnodes 3\nat 1s inc n1\nsometimes value == 9\nstop 3s\n");
    snprintf(line, sizeof(line), "%s/s.scn 999 3\n%s/s.scn 3 3\n", cli_folder(), cli_folder());
    write_scenario("k", line);
    r = dcsim("fuzz $DCSIM_DIR/s.scn --seeds 1..5 --seeds-file $DCSIM_DIR/k -j 2");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "unknown: in none of 5 runs\n");
    expect_part(r.out, "s.scn --seeds 1..5\n");
    expect_part(r.out, "s.scn seeds 1..5, and 1 known: held 6\n");
    cr_assert(strstr(r.out, "999") == NULL, "%s", r.out);
    release(&r);
}

/* Behind the last seed that there is, none comes; also when no end was asked for. */
Test(workers, the_last_seed_is_the_last)
{
    static const struct {
        const char *seeds, *runs;
    } given[] = {
        {"--seeds 18446744073709551614..18446744073709551615",
         "seeds 18446744073709551614..18446744073709551615: held 2\npassed 100.00% of 2 runs;"},
        {"--seeds 18446744073709551614..",
         "seeds 18446744073709551614..: held 2\npassed 100.00% of 2 runs;"},
        {"--seed 18446744073709551615",
         "seeds 18446744073709551615..18446744073709551615: held 1\npassed 100.00% of 1 run;"},
    };

    write_scenario("q.scn", QUICK);
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        for (unsigned workers = 1; workers <= 3; workers++) {
            char command[256];
            struct result r;

            snprintf(command, sizeof(command), "fuzz $DCSIM_DIR/q.scn --time 10m %s -j %u",
                     given[i].seeds, workers);
            r = dcsim(command);
            cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
            expect_part(r.out, given[i].runs);
            release(&r);
        }
    }
}

/* Two runs of each of 2^64-1 seeds have no number here, so nobody could say that they are all. */
Test(workers, more_runs_than_can_be_counted)
{
    struct result r;

    write_scenario("s.scn", "scn 1\nsweep n = 2, 3\nnodes $n\nat 1s inc n1\nstop 3s\n");
    r = dcsim("fuzz $DCSIM_DIR/s.scn --time 1s --seeds 1..18446744073709551615");
    cr_assert(eq(int, r.code, 2), "%s%s", r.out, r.err);
    expect_part(r.err, "these are more than 2^64-1 runs");
    release(&r);
    r = dcsim("fuzz $DCSIM_DIR/s.scn --time 1s --seeds 1..");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    release(&r);
}

#define LOSSY                                                                                      \
    "scn 1\nparam n = 3\nnodes $n\nnet loss 20%\nat 1s inc n1 x5\nexpect converged at 1100ms\n"    \
    "stop 3s\n"

/* Those that are known come first, and each seed comes once. */
Test(workers, a_known_seed_of_the_range_counts_once)
{
    char line[512], *text;
    struct result r;
    size_t lines = 0;

    write_scenario("a.scn", LOSSY);
    snprintf(line, sizeof(line), "%s/a.scn 25 %s\n%s/a.scn 7 %s\n%s/a.scn 25 %s\n%s/a.scn 99 %s\n",
             cli_folder(), "3", cli_folder(), "3", cli_folder(), "3", cli_folder(), "3");
    write_scenario("k", line);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seeds 1..30 -o $DCSIM_DIR/o --jsonl $DCSIM_DIR/j "
              "--seeds-file $DCSIM_DIR/k -j 3");
    cr_assert(eq(int, r.code, 1), "%s", r.err);
    expect_part(r.out, " of 31 runs");
    text = read_whole("j");
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    cr_assert(eq(sz, lines, 31));
    for (unsigned seed = 1; seed <= 30; seed++) {
        char part[32];

        snprintf(part, sizeof(part), "\"seed\":%u,", seed);
        expect_part(text, part);
        cr_assert(strstr(strstr(text, part) + 1, part) == NULL, "seed %u comes twice", seed);
    }
    cr_assert(strstr(text, "\"seed\":7,") < strstr(text, "\"seed\":1,"));
    free(text);
    release(&r);
}

/* ---- any number of workers ---- */

/* All that the command leaves, but for what is measured, as one text; to be freed. */
static char *all_of(const char *arguments, const char *workers)
{
    char command[2048];
    struct result r;
    char *text;

    snprintf(command, sizeof(command),
             "%s -j %s -o $DCSIM_DIR/o --junit $DCSIM_DIR/x >$DCSIM_DIR/a; echo exit $? "
             ">>$DCSIM_DIR/a; cd $DCSIM_DIR; touch x j k; "
             "(cat a x j; sed 's/20..-..-..//' k; [ ! -d o ] || for f in $(find o -type f | "
             "LC_ALL=C sort); do echo \"== $f\"; cat $f; done) | "
             "sed 's/\"wall_ns\":[0-9]*//' >all; rm -rf o a x j k",
             arguments, workers);
    r = dcsim(command);
    release(&r);
    text = read_whole("all");
    return text;
}

static void expect_same(const char *arguments, const char *part)
{
    static const char *const numbers[] = {"1", "2", "7"};
    char *first = all_of(arguments, numbers[0]);

    expect_part(first, part);
    for (size_t i = 1; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char *other = all_of(arguments, numbers[i]);

        cr_assert(eq(str, first, other), "-j %s", numbers[i]);
        free(other);
    }
    free(first);
}

#define FUZZ "fuzz --coverage --jsonl $DCSIM_DIR/j --seeds-file $DCSIM_DIR/k "

Test(workers, any_number_comes_to_the_same_when_all_hold)
{
    expect_same(FUZZ "scenarios/disk-torn.scn scenarios/partition.scn --seeds 1..15", "held 30\n");
    expect_same(FUZZ "--swarm --seeds 1..24", "held 24\n");
    expect_same("scenarios/partition.scn --seeds 1..9 -v", "held 9\n");
    expect_same("scenarios/partition.scn --seeds 1..40 --json", "exit 0\n");
}

Test(workers, any_number_comes_to_the_same_when_some_break)
{
    write_scenario("a.scn", "scn 1\nsweep loss = 10%, 30%\nnodes 3\nnet loss $loss\nat 1s inc n1\n"
                            "at 1s inc n2 x5\nexpect converged on n1,n2 at 1020ms\n"
                            "expect converged at 1100ms\nexpect p50 converged < 1s\n"
                            "sometimes crashed while converged\nstop 3s\n");
    expect_same(FUZZ "$DCSIM_DIR/a.scn --seeds 1..30", "== o/");
    expect_same(FUZZ "$DCSIM_DIR/a.scn --seeds 1..60 --max-failures 5", ", broke 5\n");
    expect_same("$DCSIM_DIR/a.scn --seeds 1..20", "== o/");
    expect_same("$DCSIM_DIR/a.scn --seeds 1..20 --json", "\"reason\":\"expect\"");
}

Test(workers, any_number_comes_to_the_same_when_some_are_unknown)
{
    write_scenario("u.scn", "scn 1\nnodes 3\nat 1s inc n1\nnet loss 2%\nlink n1 -> n2 dup 3%\n"
                            "stop 3s\n");
    expect_same(FUZZ "$DCSIM_DIR/u.scn --seeds 1..60", "unknown");
}

Test(workers, any_number_comes_to_the_same_when_some_die)
{
    static const char *const plants[] = {"segv", "contract", "leave"};

    write_scenario("f.scn", SOME_FALL);
    for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
        use_plant(plants[i]);
        expect_same(FUZZ "$DCSIM_DIR/f.scn --seeds 1..20", "seed 10");
        expect_same("$DCSIM_DIR/f.scn --seeds 1..20", "held 18");
        expect_same("$DCSIM_DIR/f.scn --seeds 1..20 --json", "\"seed\":20,");
    }
    use_plant("hang");
    expect_same(FUZZ "--timeout-per-seed 2s $DCSIM_DIR/f.scn --seeds 8..10",
                "seed 8  timed out after 2s of processor time\n");
}

Test(workers, any_number_comes_to_the_same_when_all_fail)
{
    use_plant("merge-nothing");
    expect_same(FUZZ "--swarm --seeds 1..30", "== o/");
    expect_same(FUZZ "--swarm --max-failures 3", ", broke 3\n");
}

/* Whatever its nodes do: the workers are looked at, also between two signals. */
Test(workers, a_stop_ends_a_campaign_that_hangs)
{
    struct result r;

    use_plant("hang");
    write_scenario("f.scn", SOME_FALL);
    r = dcsim("--version >/dev/null; timeout -s TERM -k 60 1 $DCSIM fuzz $DCSIM_DIR/f.scn --seeds "
              "8..9 -j 2 --timeout-per-seed 100s");
    cr_assert(eq(int, r.code, 124), "%s%s", r.out, r.err);
    release(&r);
}
