/* From a story that fails to the smallest one: what may be cut, and what is left. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/shrink/edit.h"
#include "sim/shrink/numbers.h"
#include "sim/shrink/shrink.h"
#include "tests/lib_cli.h"

TestSuite(shrink, .init = cli_make_folder, .fini = cli_remove_folder);

/* ---- numbers ---- */

static void expect_number(const char *line, size_t from, const char *expected)
{
    struct number number;
    bool found = number_find(line, from, &number);
    char text[64] = "";

    if (found)
        snprintf(text, sizeof(text), "%.*s", (int)number.len, line + number.at);
    cr_assert(eq(str, text, (char *)expected), "%s from %zu", line, from);
}

Test(shrink, numbers_are_found_where_they_stand)
{
    expect_number("at 1500ms inc n3 x20", 0, "1500ms");
    expect_number("at 1500ms inc n3 x20", 4, "20");
    expect_number("every 1s..2s heal", 8, "2s");
    expect_number("net loss 0.25%", 0, "0.25%");
    expect_number("load 40/s even", 0, "40/s");
    expect_number("fix \"loss 12\" = 1", 0, "1");
    expect_number("crash n1, n12", 0, "");
    expect_number("clock n1 skew +2h", 0, "2h");
}

Test(shrink, simpler_numbers_are_rounder_or_smaller)
{
    struct value values[NUMBERS_SIMPLER], value = {.type = VALUE_TIME, .amount = 1234000000};
    size_t count = numbers_simpler(value, values);
    bool second = false, round = false;

    for (size_t i = 0; i < count; i++) {
        second = second || values[i].amount == 1000000000;
        round = round || values[i].amount == 1200000000;
        cr_assert(ne(u64, values[i].amount, value.amount));
    }
    cr_assert(second && round);
    value = (struct value){.type = VALUE_NUMBER, .amount = UINT64_MAX};
    cr_assert(ge(sz, numbers_simpler(value, values), 1)); /* without an overflow */
}

/* ---- a judge that needs no run ---- */

/* Fails as long as all of these are in it, with so many seeds of four. */
struct fake {
    const char *parts[4];
    unsigned (*fails)(const char *text);
    unsigned betters, stop_after;
};

static char *text_of(const struct story *story)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    story_print(out, story);
    fclose(out);
    return text;
}

static unsigned fake_fails(void *ctx, const struct story *story, const struct breach *breach,
                           unsigned need)
{
    struct fake *fake = ctx;
    char *text = text_of(story);
    unsigned fails = fake->fails ? fake->fails(text) : 4;

    (void)breach;
    (void)need;
    for (size_t i = 0; i < 4 && fake->parts[i]; i++)
        if (!strstr(text, fake->parts[i]))
            fails = 0;
    free(text);
    return fails;
}

static bool fake_breaks(void *ctx, const struct story *story, struct breach *ret)
{
    (void)ctx;
    (void)story;
    (void)ret;
    return false;
}

static int fake_look(void *ctx, const struct story *story, const struct breach *breach,
                     enum shrink_look look, FILE *out)
{
    (void)ctx;
    (void)story;
    (void)breach;
    (void)look;
    (void)out;
    return -1;
}

static bool fake_stops(void *ctx)
{
    struct fake *fake = ctx;

    return fake->stop_after > 0 && fake->betters >= fake->stop_after;
}

static void fake_better(void *ctx, const struct shrink *shrink)
{
    struct fake *fake = ctx;

    (void)shrink;
    fake->betters++;
}

/* What is left of @text, to be freed. */
static char *shrunk(const char *text, struct fake *fake, enum breach_kind kind)
{
    struct shrink_judge judge = {
        .fails = fake_fails,
        .seeds = 4,
        .breaks = fake_breaks,
        .look = fake_look,
        .stops = fake_stops,
        .better = fake_better,
        .ctx = fake,
    };
    struct breach breach = {.kind = kind};
    struct story story = {0};
    struct shrink shrink;
    char *ret;

    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
        story_add(&story, text, (size_t)(end - text));
    if (kind == BREACH_OWN)
        snprintf(breach.text, sizeof(breach.text), "%s", story.lines[story.len - 1]);
    shrink_init(&shrink, &judge, &story, &breach, fake_fails(fake, &story, &breach, 1));
    shrink_all(&shrink);
    ret = text_of(&shrink.best);
    shrink_release(&shrink);
    story_release(&story);
    return ret;
}

static void expect_shrunk(const char *text, struct fake *fake, enum breach_kind kind,
                          const char *expected)
{
    char *left = shrunk(text, fake, kind);

    cr_assert(eq(str, left, (char *)expected));
    free(left);
}

Test(shrink, statements_that_do_not_matter_go)
{
    struct fake fake = {.parts = {"crash", "nodes", "stop"}};

    expect_shrunk("scn 1\nnodes 9\nnet loss 5%\nat 1s inc n1\nat 2s crash n2 for 300ms\n"
                  "repeat 3\n+1s heal\nend\nstop 9s\n",
                  &fake, BREACH_CHECK, "scn 1\nnodes\nat crash\nstop\n");
}

/* Far apart, and only together. */
Test(shrink, what_belongs_together_stays)
{
    struct fake fake = {.parts = {"pause n1", "meet n1", "stop"}};
    char *left = shrunk("scn 1\nnodes 2\nat 1s pause n1\nat 2s inc n1\nat 3s inc n2\nat 4s heal\n"
                        "at 5s meet n1 n2\nstop 9s\n",
                        &fake, BREACH_CHECK);

    expect_part(left, "pause n1\n");
    expect_part(left, "meet n1\n");
    cr_assert(strstr(left, "inc") == NULL && strstr(left, "heal") == NULL, "%s", left);
    free(left);
}

/* What a file expects of itself would fail at once without its operations. */
Test(shrink, only_faults_go_when_an_expectation_of_the_file_broke)
{
    struct fake fake = {.parts = {"n1 x5"}};

    expect_shrunk("scn 1\nnodes 3\nnet loss 5%\nat 1s inc n1 x5\nat 2s crash n2 for 300ms\n"
                  "at 3s crash n3\nat 4s restart n3\nexpect value == 5\nstop 9s\n"
                  "expect value of n1 == 6\n",
                  &fake, BREACH_OWN,
                  "scn 1\nnodes 3\nat 1s inc n1 x5\nat 3s crash n3\nat 4s restart n3\nstop 9s\n"
                  "expect value of n1 == 6\n");
}

/* With how many seeds it fails depends on a number. */
static unsigned by_loss(const char *text)
{
    if (strstr(text, "loss 100%"))
        return 4;
    return strstr(text, "net loss") && strchr(text, '%') ? 2 : 0;
}

Test(shrink, a_story_becomes_sure)
{
    struct fake fake = {.parts = {"stop", "nodes"}, .fails = by_loss};
    char *left =
        shrunk("scn 1\nnodes 2\nnet loss 7%\nat 1s inc n1\nstop 9s\n", &fake, BREACH_CHECK);

    expect_part(left, "loss 100%\n");
    free(left);
}

Test(shrink, a_stop_leaves_the_best_so_far)
{
    struct fake fake = {.parts = {"crash", "stop", "nodes"}, .stop_after = 1};
    char *left = shrunk("scn 1\nnodes 2\nat 1s inc n1\nat 2s inc n2\nat 3s crash n1\nstop 9s\n",
                        &fake, BREACH_CHECK);

    expect_part(left, "crash");
    cr_assert(eq(u32, fake.betters, 1));
    free(left);
}

/* ---- the command ---- */

/* Fails with every seed: nobody counts to 6. */
#define OWN                                                                                        \
    "scn 1\nparam n = 4\nnodes $n\nnet delay 5ms loss 3%\ninclude \"more.scn\"\n"                  \
    "at 500ms inc n1 x5\nat 1s partition n1 | rest for 1s as split\nat 1s crash n3 for 300ms\n"    \
    "expect converged\nexpect value == 6 on n1 at 3s\nstop 9s\n"

Test(shrink, a_file_that_expects_too_much)
{
    struct result r, again;

    write_scenario("own.scn", OWN);
    write_scenario("more.scn", "scn 1\nat 700ms drop next 2 n1 -> all\n");
    r = dcsim("shrink $DCSIM_DIR/own.scn --seed 3 -D n=3 -q -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "# not value == 6 on n1 at 3s\n");
    expect_part(r.out, "it fails with 200 of 200 seeds.\nscn 1\n");
    expect_part(r.out, "at 500ms  inc n1 x5\n");
    expect_part(r.out, "expect value == 6 on n1 at 3s\n");
    cr_assert(strstr(r.out, "partition") == NULL && strstr(r.out, "crash") == NULL &&
                  strstr(r.out, "drop") == NULL && strstr(r.out, "net") == NULL,
              "%s", r.out);
    again = dcsim("shrink $DCSIM_DIR/own.scn --seed 3 -D n=3 -q -o $DCSIM_DIR/o");
    cr_assert(eq(str, r.out, again.out));
    release(&again);
    again = dcsim("fmt --check $DCSIM_DIR/o/${DCSIM_PLUS}own-3-n=3-expectation.scn");
    cr_assert(eq(int, again.code, 0));
    release(&again);
    again = dcsim(
        "-q -o $DCSIM_DIR/o $DCSIM_DIR/o/${DCSIM_PLUS}own-3-n=3-expectation.scn --seeds 500..510");
    cr_assert(eq(int, again.code, 1));
    expect_part(again.out, ": held 0, broke 11\n");
    release(&again);
    release(&r);
}

Test(shrink, what_does_not_break_is_not_shrunk)
{
    struct result r = dcsim("shrink scenarios/hello.scn -o $DCSIM_DIR/o");

    cr_assert(eq(int, r.code, 4));
    expect_part(r.err, "seed 1 of scenarios/hello.scn does not break: there is nothing to shrink");
    cr_assert(eq(str, r.out, (char *)""));
    release(&r);
    r = dcsim("shrink");
    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "shrink takes one scenario file");
    release(&r);
    r = dcsim("shrink $DCSIM_DIR/none.scn");
    cr_assert(eq(int, r.code, 2));
    release(&r);
}

/* A process that dies, or that a contract ends, is one more way to fail. */
Test(shrink, crashes_and_contracts_are_shrunk)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", "signal", 1);
    r = dcsim("shrink scenarios/hello.scn --seed 3 -q -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "# died of signal 8 (Arithmetic error)\n");
    expect_part(r.out, "it fails with 200 of 200 seeds.\nscn 1\nnodes 2\n");
    free(read_whole("o/scenarios+hello-3-signal-8.scn"));
    release(&r);
    setenv("DCSIM_PLANT", "merge-contract", 1);
    r = dcsim("shrink scenarios/partition.scn --seed 3 -q -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "# dcsim: broken ");
    expect_part(r.out, "it fails with 200 of 200 seeds.\nscn 1\nnodes 2\n");
    free(read_whole("o/scenarios+partition-3-contract.scn"));
    release(&r);
}

/* Ends itself in each run, as if all were well. */
#define FALL "scn 1\nnodes 3\nat 1s inc n1 by 37\nat 2s crash n2 for 300ms\nstop 4s\n"

Test(shrink, who_leaves_in_silence_has_failed)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", "leave", 1);
    write_scenario("f.scn", FALL);
    r = dcsim("shrink $DCSIM_DIR/f.scn -q -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 0), "%s%s", r.out, r.err);
    expect_part(r.out, "# ended its process without a result\n");
    expect_part(r.out, "it fails with 200 of 200 seeds.\nscn 1\nnodes 2\n");
    release(&r);
}

/* A run that hangs has 10 s, and there are dozens of them: the stop does not wait for one. */
Test(shrink, a_stop_waits_for_no_run)
{
    struct result r;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    setenv("DCSIM_PLANT", "hang", 1);
    write_scenario("f.scn", FALL);
    r = dcsim("shrink $DCSIM_DIR/f.scn -o $DCSIM_DIR/o 2>$DCSIM_DIR/err2 & pid=$!; c=; "
              "until [ -n \"$c\" ]; do sleep 0.01; c=$(cat /proc/$pid/task/$pid/children); done; "
              "kill -TERM $pid; n=0; while kill -0 $pid && [ $n -lt 900 ]; do sleep 0.01; "
              "n=$((n + 1)); done; kill -KILL $pid; wait $pid");
    cr_assert(eq(int, r.code, 130), "%s%s", r.out, r.err);
    release(&r);
    char *text = read_whole("err2");
    expect_part(text, "dcsim: interrupted before there was a smaller story\n");
    free(text);
}

/* Seed 1 holds; what is left of the others does too, until its draws are pinned. */
#define LUCKY                                                                                      \
    "scn 1\nnodes 3\nnet loss 20%\nat 1s inc n1 x5\nat 2s crash n3 for 300ms\n"                    \
    "at 3s pause n2 for 300ms\nexpect converged at 1100ms\nstop 20s\n"

/* When there is a first story in the file, a signal comes. What the file holds is to fail. */
static void expect_story_after(const char *signal, int code, const char *part)
{
    char arguments[512];
    struct result r;
    char *text;

    snprintf(arguments, sizeof(arguments),
             "shrink $DCSIM_DIR/l.scn --seed 25 -q -o $DCSIM_DIR/o >$DCSIM_DIR/story & pid=$!; "
             "until [ -e $DCSIM_DIR/o/${DCSIM_PLUS}l-25-expectation.scn ]; do sleep 0.01; done; "
             "kill -%s $pid; wait $pid",
             signal);
    r = dcsim(arguments);
    cr_assert(eq(int, r.code, code), "%s", r.err);
    release(&r);
    text = read_made("o", "l-25-expectation.scn");
    expect_part(text, part);
    expect_part(text, "\nscn 1\nseed 25\nnodes 3\n");
    free(text);
    r = dcsim("-q -o $DCSIM_DIR/p $DCSIM_DIR/o/${DCSIM_PLUS}l-25-expectation.scn");
    cr_assert(eq(int, r.code, 1), "%s", r.out);
    expect_part(r.out, "seed 25  at 1.100s\n");
    release(&r);
    r = dcsim("fmt --check $DCSIM_DIR/o/${DCSIM_PLUS}l-25-expectation.scn");
    cr_assert(eq(int, r.code, 0));
    release(&r);
}

Test(shrink, a_story_is_in_the_file_at_once)
{
    write_scenario("l.scn", LUCKY);
    expect_story_after("KILL", 137, "# Shrunk so far from ");
}

/* The comment names the line of "net loss" as it is in the file. */
static void expect_net_line(const char *text)
{
    const char *net = strstr(text, "\nnet loss 20%");
    unsigned line = 2;
    char part[32];

    cr_assert(net != NULL, "%s", text);
    for (const char *at = text; at < net; at++)
        line += *at == '\n';
    snprintf(part, sizeof(part), " loss (line %u)\n", line);
    expect_part(text, part);
}

Test(shrink, a_story_fails_as_its_file_stands)
{
    struct result r;
    char *text;

    write_scenario("l.scn", LUCKY);
    r = dcsim("-q $DCSIM_DIR/l.scn");
    cr_assert(eq(int, r.code, 0), "seed 1 is to hold: %s", r.out);
    release(&r);
    expect_story_after("INT", 130, "# Shrunk so far from ");
    r = dcsim("shrink $DCSIM_DIR/l.scn --seed 25 -q -o $DCSIM_DIR/o");
    cr_assert(eq(int, r.code, 0));
    text = read_made("o", "l-25-expectation.scn");
    cr_assert(eq(str, r.out, text));
    cr_assert(strstr(text, "\nseed ") == NULL, "it fails with any: %s", text);
    expect_net_line(text);
    free(text);
    release(&r);
    r = dcsim("-q -o $DCSIM_DIR/p $DCSIM_DIR/o/${DCSIM_PLUS}l-25-expectation.scn");
    cr_assert(eq(int, r.code, 1));
    release(&r);
}
