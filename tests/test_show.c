/* show and its golden lines; delays and what is sometimes, which also only look. */
#include "sim/show.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/delays.h"
#include "sim/nodeset.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

#define HEAD "scn 1\nnodes 4\nnet delay 5ms\nat 100ms inc n1 x5\n"
#define SPLIT "at 500ms partition n1,n2 | n3,n4 for 1s\nat 700ms dec n3 by 2\n"

static void run_golden(struct sim_case *c, const char *text, uint64_t seed)
{
    sim_case_parse(c, text);
    c->compares = true;
    sim_case_rerun(c, seed);
}

static void expect_golden(const char *text, uint64_t seed, const char *verdict)
{
    struct sim_case c;

    run_golden(&c, text, seed);
    expect_verdict(&c, verdict);
    sim_case_release(&c);
}

Test(show, golden_lines_are_compared)
{
    expect_golden(HEAD "show values at 400ms\n| n1..n4  5  n1 +5\nstop 2s\n", 1, "held");
    expect_golden(HEAD "show values at 400ms\n| n1..n4  6  n1 +6\nstop 2s\n", 1,
                  "broke expect: this shows something else | expected this line, found "
                  "'n1..n4  5  n1 +5'");
    expect_golden(HEAD "show values at 400ms\n| n1..n4  5  n1 +5\n| more\nstop 2s\n", 1,
                  "broke expect: this shows something else | expected this line, found no more");
    expect_golden(HEAD SPLIT "show values at 1s\n| n1,n2  5  n1 +5\nstop 3s\n", 1,
                  "broke expect: this shows something else | expected no more lines, found "
                  "'n3,n4  3  n1 +5, n3 -2'");
    expect_golden(HEAD "show values at 400ms\n|n1..n4  5  n1 +5\nstop 2s\n", 1, "broke expect");
}

Test(show, only_for_the_own_seed_and_parameters)
{
    static const char wrong[] = HEAD "show values at 400ms\n| wrong\nstop 2s\n";
    static const char seven[] = HEAD "seed 7\nshow values at 400ms\n| wrong\nstop 2s\n";

    expect_golden(wrong, 1, "broke expect");
    expect_golden(wrong, 2, "held");
    expect_golden(seven, 7, "broke expect");
    expect_golden(seven, 1, "held");
    expect_golden(HEAD "show values at 400ms\nstop 2s\n", 1, "held");
}

Test(show, the_line_that_differs_is_named)
{
    struct sim_case c;

    run_golden(&c, HEAD SPLIT "show values at 1s\n| n1,n2  5  n1 +5\n| n3,n4\nstop 3s\n", 1);
    cr_expect(c.run.outcome.pos.line == 9 && c.run.outcome.pos.col == 1);
    sim_case_release(&c);
}

/* What it shows is the same text whether or not anybody compares, and changes no hash. */
Test(show, looks_and_changes_nothing)
{
    struct sim_case a, b;

    run_golden(&a, HEAD "show values at 400ms\n| n1..n4  5  n1 +5\nstop 2s\n", 1);
    sim_case_run(&b, HEAD "show values at 400ms\nstop 2s\n", 1);
    cr_expect(a.run.world.trace.hash == b.run.world.trace.hash);
    sim_case_release(&a);
    sim_case_release(&b);
}

static void expect_shown(const struct sim_case *c, enum scn_show_what what, const char *expected)
{
    char *text = show_text(&c->run, what);

    cr_expect(strcmp(text, expected) == 0, "expected:\n%sfound:\n%s", expected, text);
    free(text);
}

Test(show, net_and_checks)
{
    struct sim_case c;

    sim_case_run(&c, HEAD SPLIT "stop 1s\n", 1);
    expect_shown(&c, SCN_SHOW_VALUES, "n1,n2  5  n1 +5\nn3,n4  3  n1 +5, n3 -2\n");
    expect_shown(&c, SCN_SHOW_NET,
                 "sent 137  delivered 105  lost 30  held 0  in inboxes 0  on their way 2\n"
                 "lost: partition 30\n"
                 "net delay 5ms: met 110 messages\n"
                 "at 500ms partition n1,n2 | n3,n4 for 1s: met 30 messages, in force\n");
    expect_shown(&c, SCN_SHOW_CHECKS,
                 "fall 10  log 5  invented 10  durable 16  ok 11  digest 25  frame 24  limit 137  "
                 "answer 54  "
                 "member 0  memory 0  value 0  forged 0\n"
                 "oracle 3  open 0\n");
    sim_case_release(&c);
}

/* Where else messages can be, and what else can take them. */
Test(show, held_waiting_and_lost)
{
    struct sim_case c;

    sim_case_run(
        &c,
        "scn 1\nnodes 4\nnode n1 service 2s inbox 3\nnet delay 5ms\nlink n2 -> all loss 20%\n"
        "at 100ms inc n1\nat 300ms hold n4 -> n3\nat 400ms drop next 2 n3 -> n2\n"
        "at 500ms link n3 -> n4 down\nexpect not converged\nexpect value >= 0\nstop 1s\n",
        1);
    expect_shown(&c, SCN_SHOW_NET,
                 "sent 126  delivered 76  lost 40  held 6  in inboxes 3  on their way 1\n"
                 "lost: loss 6, link down 2, drop 2, inbox full 30\n"
                 "net delay 5ms: met 122 messages\n"
                 "link n2 -> all loss 20%: met 41 messages\n"
                 "at 300ms hold n4 -> n3: met 6 messages, in force\n"
                 "at 400ms drop next 2 n3 -> n2: met 2 messages\n"
                 "at 500ms link n3 -> n4 down: met 2 messages, in force\n");
    sim_case_release(&c);
}

static void expect_difference(const char *golden, const char *found, const char *expected)
{
    struct scn_golden lines[64];
    struct scn_show show = {.lines = lines};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    for (; *golden; golden += strcspn(golden, "\n") + 1)
        lines[show.lines_len++] = (struct scn_golden){.text = golden, .len = strcspn(golden, "\n")};
    show_print_difference(out, &show, found);
    fclose(out);
    cr_expect(strcmp(text, expected) == 0, "expected:\n%sfound:\n%s", expected, text);
    free(text);
}

/* Of as many lines each stands beside its own; else what both begin and end with is left out. */
Test(show, expected_and_found_stand_side_by_side)
{
    char many[128] = "", more[1200] = "";

    expect_difference(" a\n b\n c\n d\n", "a\nB\nc\nD\n",
                      "  expected  | b\n  found     | B\n  expected  | d\n  found     | D\n");
    expect_difference(" a\n d\n", "a\nb\nc\nd\n", "  found     | b\n  found     | c\n");
    expect_difference(" a\n b\n c\n", "a\n", "  expected  | b\n  expected  | c\n");
    expect_difference("a\n", "a\n", "  expected  |a\n  found     | a\n");
    expect_difference(" x\n x\n", "x\n", "  expected  | x\n");
    for (int i = 0; i < 22; i++) {
        strcat(many, "y\n");
        strcat(more, i < 20 ? "  found     | y\n" : "");
    }
    strcat(more, "  found     and 2 more lines\n");
    expect_difference("", many, more);
}

Test(show, many_states_are_cut)
{
    char text[128], *shown;
    struct sim_case c;

    snprintf(text, sizeof(text),
             "scn 1\nnodes 30\nnode peers none\nat 1ms inc all\n"
             "expect not converged\nexpect value == 1\nstop 2ms\n");
    sim_case_run(&c, text, 1);
    shown = show_text(&c.run, SCN_SHOW_VALUES);
    cr_expect(strstr(shown, "n20  1  n20 +1\nand 10 more nodes with other states\n") != NULL, "%s",
              shown);
    free(shown);
    sim_case_release(&c);
}

Test(show, mistakes)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"show valuess at 1s", "unknown thing to show 'valuess'; did you mean 'values'?"},
        {"show value at 1s", "expected values, net or checks, found 'value'"},
        {"show values 1s", "expected 'at', found '1s'"},
        {"show values at 11s", "11s is later than the stop at 10s (line 4)"},
        {"| alone",
         "golden lines stand right after a 'show', each with its '|' at the start of the "
         "line"},
        {"show values at end\n | blank",
         "golden lines stand right after a 'show', each with its '|' "
         "at the start of the line"},
        {"show values at end\n| \x01", "control character U+0001"},
        {"show values at ende\n| taken with it", "expected a time such as 2s, or 'end', found "
                                                 "'ende'"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        struct parsed parsed;

        snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\nstop 10s\n", cases[i].body);
        parsed = parsed_of("a.scn", text, strlen(text), NULL);
        if (strstr(cases[i].message, "(line 4)") == NULL || parsed.diags.len == 0)
            cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                          strcmp(parsed.diags.list[0].text, cases[i].message) == 0,
                      "%s\nexpected: %s\nfound:\n%s", cases[i].body, cases[i].message,
                      parsed.errors);
        parsed_release(&parsed);
    }
}

/* ---- delays ---- */

static void expect_rank(const struct delays *delays, const struct nodeset *set, unsigned percent,
                        uint64_t ns)
{
    const struct delay *found = delays_rank(delays, set, percent);

    cr_assert(found != NULL);
    cr_expect(found->ns == ns, "%u%%", percent);
    cr_expect(found->arrived_ns == 1000 - ns); /* it is that very message */
}

Test(delays, nearest_rank)
{
    struct delays delays = {.wanted = true};
    struct nodeset all;

    nodeset_init(&all, 3);
    nodeset_fill(&all);
    cr_expect(delays_rank(&delays, &all, 50) == NULL);
    for (uint32_t i = 0; i < 200; i++) /* 1..200 */
        delays_add(&delays, (struct delay){.ns = 200 - i, .arrived_ns = 800 + i, .from = i % 3});
    expect_rank(&delays, &all, 50, 100);
    expect_rank(&delays, &all, 99, 198);
    expect_rank(&delays, &all, 100, 200);
    expect_rank(&delays, &all, 1, 2);
    nodeset_clear(&all);
    nodeset_add(&all, 1); /* 199, 196, ..., 1 */
    expect_rank(&delays, &all, 100, 199);
    expect_rank(&delays, &all, 50, 100);
    nodeset_release(&all);
    delays_release(&delays);
}

Test(delays, the_largest_is_the_first_that_took_so_long)
{
    struct delays delays = {.wanted = true};
    struct nodeset all;

    nodeset_init(&all, 1);
    nodeset_fill(&all);
    for (uint64_t i = 0; i < 4; i++)
        delays_add(&delays, (struct delay){.ns = 7, .arrived_ns = i});
    cr_expect(delays_rank(&delays, &all, 1)->arrived_ns == 3);
    cr_expect(delays_rank(&delays, &all, 100)->arrived_ns == 0);
    nodeset_release(&all);
    delays_release(&delays);
}

/* Who asks for a delay learns which message had it: kind, link and instant. */
Test(delays, a_failure_names_its_message)
{
    struct sim_case c;

    sim_case_start(&c,
                   "scn 1\nnodes 2\nlink all -> all delay 5ms\nlink n2 -> n1 delay 70ms\n"
                   "node sync 1s\nat 1s inc n1\nexpect max delay < 60ms\nstop 3s\n",
                   1);
    run_all(&c.run);
    cr_expect_str_eq(c.run.outcome.label,
                     "expected < 60ms, found 70ms, a pull n2 -> n1 sent at 0.488014762s");
    sim_case_release(&c);
}

static void expect_run(const char *body, const char *verdict)
{
    char text[512];
    struct sim_case c;

    snprintf(text, sizeof(text), "scn 1\nnodes 4\nat 10ms inc n1\n%s\nstop 2s\n", body);
    sim_case_run(&c, text, 1);
    expect_verdict(&c, verdict);
    sim_case_release(&c);
}

Test(delays, are_compared_with_times)
{
    expect_run("net delay 7ms\nexpect p50 delay == 7ms\nexpect p99 delay == 7ms\n"
               "expect max delay == 7ms at 1s",
               "held");
    expect_run("net delay 7ms\nlink n3 -> all delay 9ms\nexpect max delay == 9ms\n"
               "expect max delay == 7ms on !n3\nexpect p50 delay of n3 == 9ms",
               "held");
    expect_run("net delay 5ms..9ms\nexpect max delay <= 9ms\nexpect p50 delay == 7ms +- 10%",
               "held");
    expect_run("net delay 7.25ms\nexpect max delay < 7ms",
               "broke expect: not max delay < 7ms | expected < 7ms, found 7.25ms");
    /* In the inbox it is delivered; how long it waits there is another matter. */
    expect_run("node service 3ms\nnet delay 7ms\nexpect max delay == 7ms", "held");
}

Test(delays, of_no_message_there_is_none)
{
    expect_run("expect max delay == 1ms at 0s",
               "unknown unevaluated: never evaluated: expect max delay == 1ms at 0s");
}

Test(delays, cost_nothing_unasked)
{
    struct sim_case c;

    sim_case_run(&c, "scn 1\nnodes 3\nat 1s inc n1\nstop 3s\n", 1);
    cr_expect(c.run.cluster.delays.cap == 0);
    sim_case_release(&c);
}

/* ---- sometimes ---- */

static bool held_once(const char *pred)
{
    char text[512];
    struct sim_case c;
    bool held;

    snprintf(text, sizeof(text),
             "scn 1\nnodes 3\nat 100ms inc n1\nat 1s partition n1 | n2,n3 for 1s\n"
             "at 1.5s inc n2 x2\nat 3s hold n1 -> n2 for 500ms\nsometimes %s\nstop 4s\n",
             pred);
    sim_case_run(&c, text, 1);
    expect_verdict(&c, "held");
    held = expects_held_once(&c.run.expects, 4);
    sim_case_release(&c);
    return held;
}

Test(sometimes, is_seen_when_it_was)
{
    cr_expect(held_once("partitioned while converged"));
    cr_expect(held_once("converged while partitioned"));
    cr_expect(held_once("held while converged"));
    cr_expect(!held_once("held while partitioned"));
    cr_expect(held_once("partitioned while partitioned"));
    cr_expect(held_once("value == 1 on n3"));
    cr_expect(!held_once("value == 2 on n1"));
    cr_expect(held_once("value == 2 on n2"), "between two counts of one burst");
    cr_expect(held_once("distinct == 2"));
    cr_expect(!held_once("distinct == 3"));
    cr_expect(held_once("not converged"));
    cr_expect(!held_once("value == 0 on down"), "of nobody nothing holds");
}

Test(sometimes, a_file_without_it_keeps_its_hash)
{
    struct sim_case a, b;

    sim_case_run(&a, "scn 1\nnodes 3\nat 1s inc n1\nsometimes held while held\nstop 3s\n", 1);
    sim_case_run(&b, "scn 1\nnodes 3\nat 1s inc n1\nstop 3s\n", 1);
    cr_expect(a.run.world.trace.hash == b.run.world.trace.hash, "it never held: nothing to say");
    sim_case_release(&a);
    sim_case_release(&b);
}
