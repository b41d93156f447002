/* What is said of a run that cannot end by itself, and how soon it ends. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_cli.h"

static void make_folder(void)
{
    cli_make_folder();
    write_scenario("f.scn", "scn 1\nnodes 3\nload 37/s poisson inc 100% on n1 to 1s\nstop 4s\n");
}

TestSuite(lastwords, .init = make_folder, .fini = cli_remove_folder);

static void use_plant(const char *plant)
{
    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", plant, 1);
}

Test(lastwords, a_crash_says_where_and_keeps_its_signal)
{
    struct result r;

    use_plant("signal");
    r = dcsim("scenarios/hello.scn --seed 3");
    cr_expect(eq(int, r.code, 128 + 8), "%s", r.out);
    expect_part(r.out, "broke scenarios/hello.scn  seed 3  at 0.");
    expect_part(r.out, "s\n  died of a signal: Arithmetic error in event ");
    expect_part(r.out, ", arrive of n");
    expect_part(r.out, "reproduce:  ");
    expect_part(r.out, " scenarios/hello.scn --seed 3\n");
    release(&r);
}

/* One event may take 10 s of processor time; who says less gets it earlier. */
Test(lastwords, what_hangs_has_its_limit)
{
    struct result r;

    use_plant("hang");
    r = dcsim("$DCSIM_DIR/f.scn --seed 8 --timeout-per-seed 1s");
    cr_expect(eq(int, r.code, 1));
    expect_part(r.out, "f.scn  seed 8  at 0.995416701s\n  timed out, for --timeout-per-seed, in "
                       "event 234, arrive of n2\nreproduce:  ");
    release(&r);
    r = dcsim("$DCSIM_DIR/f.scn --seed 8 --timeout-per-seed 1s --json");
    cr_expect(eq(int, r.code, 1));
    expect_part(r.out, "\"verdict\":\"broke\",\"reason\":\"timeout\"");
    release(&r);
    r = dcsim("$DCSIM_DIR/f.scn --seeds 7..8 -j 2 --timeout-per-seed 1s");
    cr_expect(eq(int, r.code, 1));
    expect_part(r.out, "f.scn  seed 8  timed out after 1s of processor time\n"
                       "  at 0.995416701s in event 234, arrive of n2\nreproduce:  ");
    release(&r);
    r = dcsim("$DCSIM_DIR/f.scn --timeout-per-seed 0s");
    cr_expect(eq(int, r.code, 2));
    expect_part(r.err, "dcsim: --timeout-per-seed takes a time such as 500ms or 60s, not '0s'");
    release(&r);
    /* Such a run is not taken for one that hangs. */
    use_plant("");
    r = dcsim("scenarios/hello.scn --timeout-per-seed 100s");
    cr_expect(eq(int, r.code, 0));
    release(&r);
}

/*
 * A signal ends a run that does not look up. In the background SIGINT would be ignored. How long
 * that takes is not asked: the command would wait for ever.
 */
Test(lastwords, a_signal_ends_what_hangs)
{
    static const char *const lines[] = {"$DCSIM_DIR/f.scn --seed 8",
                                        "--verify $DCSIM_DIR/f.scn --seed 8"};

    use_plant("hang");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[512];
        struct result r;

        snprintf(command, sizeof(command),
                 "%s >$DCSIM_DIR/got & p=$!; u=0; until [ $u -ge 20 ]; do sleep 0.05; "
                 "u=$(cut -d' ' -f14 /proc/$p/stat); done; kill -TERM $p; wait $p; "
                 "echo code $?; cat $DCSIM_DIR/got",
                 lines[i]);
        r = dcsim(command);
        release(&r);
        r.out = read_whole("got");
        expect_part(r.out, "unknown ");
        expect_part(r.out, "  interrupted, and it did not look up");
        free(r.out);
    }
}

/* ---- memory ---- */

/* All have counted, and each soon holds the counts of all: there is not room enough for that. */
#define HUGE "scn 1\nnodes 20000\nnode sync 10ms\nat 1ms inc all\nstop 1000s\n"

/* A sanitizer has its own in more addresses than a limit could leave. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SHADOW true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW true
#endif
#if !defined(HAS_SHADOW)
#define HAS_SHADOW false
#endif

/* Nothing was seen, so nothing is proved; and it says where it was, and what to do. */
Test(lastwords, a_run_without_memory_is_unknown, .disabled = HAS_SHADOW)
{
    struct result r;

    write_scenario("m.scn", HUGE);
    r = dcsim("--version >/dev/null; (ulimit -v 200000; exec $DCSIM $DCSIM_DIR/m.scn)");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "/m.scn  seed 1  at 0.");
    expect_part(r.out, "\n  ran out of memory, with ");
    expect_part(r.out, " MiB and none for ");
    expect_part(r.out, " in event ");
    expect_part(r.out, "\n  this proves nothing: try it with more memory");
    expect_part(r.out, "\nreproduce:  ");
    release(&r);
    r = dcsim("--version >/dev/null; (ulimit -v 200000; exec $DCSIM --json $DCSIM_DIR/m.scn)");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "\"verdict\":\"unknown\",\"reason\":\"memory\",");
    release(&r);
}

Test(lastwords, a_worker_without_memory_costs_its_seed, .disabled = HAS_SHADOW)
{
    struct result r;

    write_scenario("m.scn", HUGE);
    r = dcsim("--version >/dev/null; (ulimit -v 200000; exec $DCSIM fuzz -o $DCSIM_DIR/o "
              "$DCSIM_DIR/m.scn --seeds 1..2 --seeds-file $DCSIM_DIR/k)");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.out, "/m.scn  seed 1  ran out of memory, with ");
    expect_part(r.out, " in event ");
    expect_part(r.out, ": 2 runs unknown: memory: ran out of memory\n");
    release(&r);
}

/* What has no verdict for want of memory has nothing that could be shrunk. */
Test(lastwords, a_shrink_without_memory_says_so, .disabled = HAS_SHADOW)
{
    struct result r;

    write_scenario("m.scn", HUGE);
    r = dcsim("--version >/dev/null; (ulimit -v 200000; exec $DCSIM shrink -o $DCSIM_DIR/o "
              "--seed 1 $DCSIM_DIR/m.scn)");
    cr_assert(eq(int, r.code, 4), "%s%s", r.out, r.err);
    expect_part(r.err, "dcsim: seed 1 of ");
    expect_part(r.err, "/m.scn ran out of memory, with ");
    release(&r);
}

/* ---- the verdict is there ---- */

static const char *const sizes[] = {
    "scn 1\nnodes 2\nat 100ms inc n1\nexpect value == 3 at end\nstop 1s\n",
    "scn 1\nnodes 8\nnode sync 2ms\nat 100ms inc n1\nexpect value == 3 at end\nstop 2s\n",
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Whatever becomes of those who explain it, and make its artifacts, it stays. */
static void expect_still_broke(const char *plant, const char *options, const char *how)
{
    char command[256], words[160];
    struct result r;

    setenv("DCSIM_TELLING", plant, 1);
    snprintf(command, sizeof(command), "$DCSIM_DIR/b.scn -o $DCSIM_DIR/o %s", options);
    r = dcsim(command);
    unsetenv("DCSIM_TELLING");
    cr_assert(eq(int, r.code, 1), "%s: %s%s", command, r.out, r.err);
    expect_part(r.out, "broke ");
    expect_part(r.out, "error: not value == 3 at end\n");
    expect_part(r.out, "\nreproduce:  ");
    cr_expect(eq(int, strstr(r.out, "unknown") || strstr(r.out, "artifacts: "), 0), "%s", r.out);
    snprintf(words, sizeof(words), "  what led to it is not known: looking for it %s\n", how);
    expect_part(r.out, words);
    expect_part(r.err, "dcsim: no artifacts of ");
    snprintf(words, sizeof(words), "/b.scn, seed 1: making them %s\n", how);
    expect_part(r.err, words);
    release(&r);
}

static void expect_campaign_goes_on(void)
{
    static const char *const plants[] = {"memory", "crash", "contract"};
    struct result r;

    for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
        setenv("DCSIM_TELLING", plants[i], 1);
        r = dcsim("fuzz $DCSIM_DIR/b.scn --seeds 1..2 -o $DCSIM_DIR/o");
        cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
        expect_part(r.out, ": held 0, broke 2\n");
        release(&r);
    }
    setenv("DCSIM_TELLING", "hang", 1);
    r = dcsim("fuzz $DCSIM_DIR/b.scn --seeds 1..3 --timeout-per-seed 200ms -o $DCSIM_DIR/o");
    unsetenv("DCSIM_TELLING");
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.out, "looking for it took more than 1.6s of processor time\n");
    expect_part(r.out, ": held 0, broke 3\n");
    release(&r);
}

Test(lastwords, a_verdict_stays_whatever_comes_after_it)
{
    static const char *const options[] = {"", "--seeds 1..2 -j 2", "--junit $DCSIM_DIR/j"};
    char *text;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    for (size_t i = 0; i < SIZES * sizeof(options) / sizeof(options[0]); i++) {
        write_scenario("b.scn", sizes[i % SIZES]);
        expect_still_broke("memory", options[i / SIZES], "ran out of memory");
        expect_still_broke("crash", options[i / SIZES], "died of signal 6 (Aborted)");
        expect_still_broke("contract", options[i / SIZES], "ended its process");
    }
    expect_campaign_goes_on();
    expect_still_broke("hang", "--timeout-per-seed 200ms", "took more than 1.6s of processor time");
    expect_still_broke("hang", "--timeout-per-seed 200ms --seeds 1..1 -j 2",
                       "took more than 1.6s of processor time");
    text = read_whole("j");
    expect_part(text, "tests=\"1\" failures=\"1\" errors=\"0\"");
    free(text);
}

/* Ctrl-C ends who explains it. */
Test(lastwords, a_verdict_can_be_had_without_its_explanation)
{
    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    for (size_t i = 0; i < SIZES; i++) {
        struct result r;

        setenv("DCSIM_TELLING", "hang", 1);
        write_scenario("b.scn", sizes[i]);
        r = dcsim("--version >/dev/null; timeout -s INT 3 $DCSIM $DCSIM_DIR/b.scn -o $DCSIM_DIR/o");
        unsetenv("DCSIM_TELLING");
        expect_part(r.out, "error: not value == 3 at end\n");
        expect_part(r.out, "looking for it was interrupted\n");
        expect_part(r.err, ", seed 1: making them was interrupted\n");
        release(&r);
    }
}

/* Whoever starts dcsim may have blocked the signals that its clocks and its stops are. */
Test(lastwords, blocked_signals_are_heard)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", "hang", 1);
    write_scenario("f.scn", "scn 1\nnodes 3\nload 37/s poisson inc 100% on n1 to 1s\nstop 4s\n");
    r = dcsim("--version >/dev/null; env --block-signal=PROF,ALRM,CHLD $DCSIM $DCSIM_DIR/f.scn "
              "--seed 8 --timeout-per-seed 500ms");
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.out, "timed out, for --timeout-per-seed,");
    release(&r);
    r = dcsim("--version >/dev/null; timeout -s INT -k 9 2 env --block-signal=INT,ALRM $DCSIM "
              "$DCSIM_DIR/f.scn --seed 8");
    cr_assert(eq(int, r.code, 124), "%s%s", r.out, r.err);
    expect_part(r.out, "interrupted, and it did not look up");
    release(&r);
}

/* Without descriptors there may be no report, but not without a word. */
Test(lastwords, a_report_that_is_missing_is_told)
{
    static const char *const sizes_of[] = {"4", "5", "6", "7", "8", "9", "10", "12"};
    unsigned missing = 0;

    write_scenario("b.scn", sizes[0]);
    for (size_t i = 0; i < sizeof(sizes_of) / sizeof(sizes_of[0]); i++) {
        char command[256];
        struct result r;

        snprintf(command, sizeof(command),
                 "--version >/dev/null; (ulimit -n %s; $DCSIM fuzz -j 2 --seeds 1..2 -o "
                 "$DCSIM_DIR/o%zu $DCSIM_DIR/b.scn)",
                 sizes_of[i], i);
        r = dcsim(command);
        if (strstr(r.out, "held 0, broke 2") && !strstr(r.out, "artifacts: ")) {
            missing++;
            cr_expect(strstr(r.err, "dcsim: no ") != NULL, "-n %s: %s%s", sizes_of[i], r.out,
                      r.err);
        }
        release(&r);
    }
    cr_expect(ge(uint, missing, 1));
}

/* The nodes of a run give back what they have when its verdict is told: that stays. */
Test(lastwords, a_release_is_watched_too)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    write_scenario("h.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    setenv("DCSIM_TELLING", "crashes-behind", 1);
    r = dcsim("$DCSIM_DIR/h.scn");
    cr_expect(ge(int, r.code, 128), "%s%s", r.out, r.err);
    expect_part(r.out, "\nheld ");
    expect_part(r.err, "after its verdict, it died of a signal: Aborted\n");
    release(&r);
    setenv("DCSIM_TELLING", "hangs-behind", 1);
    r = dcsim("$DCSIM_DIR/h.scn --timeout-per-seed 300ms --json");
    cr_expect(eq(int, r.code, 3), "%s%s", r.out, r.err);
    cr_expect(eq(int, strstr(r.out, "\"verdict\":\"held\"") != NULL, 1), "%s", r.out);
    expect_part(r.err, "after its verdict, it did not end within --timeout-per-seed\n");
    release(&r);
    r = dcsim("--version >/dev/null; timeout -s INT -k 60 1 $DCSIM $DCSIM_DIR/h.scn");
    cr_expect(eq(int, r.code, 124), "%s%s", r.out, r.err);
    expect_part(r.err, "after its verdict, it did not look up when it was interrupted\n");
    release(&r);
}
