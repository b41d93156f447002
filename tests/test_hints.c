/*
 * Hints: each where it is due, and silence where it would only just be. What
 * has no hint has no word said about it at all.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_scenario.h"

/* All that is said of it, "line:col: text" a line; for free(). */
static char *said_with(const char *body, const char *const *defines)
{
    char text[8192], *said = NULL;
    struct parsed parsed;
    size_t said_len;
    FILE *out;

    snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\nstop 10s\n", body);
    parsed = parsed_of("a.scn", text, strlen(text), defines);
    cr_assert(parsed.rc == 0, "%s\nhas errors:\n%s", body, parsed.errors);
    out = open_memstream(&said, &said_len);
    cr_assert(out != NULL);
    for (size_t i = 0; i < parsed.diags.len; i++) {
        const struct diag *diag = &parsed.diags.list[i];

        cr_expect(diag->warning);
        fprintf(out, "%u:%u: %s\n", diag->pos.line, diag->pos.col, diag->text);
    }
    fclose(out);
    parsed_release(&parsed);
    return said;
}

static char *said_of(const char *body)
{
    return said_with(body, NULL);
}

/* "scn 1", "nodes 5", @body from line 3 on, "stop 10s". */
static void expect_said(const char *body, const char *const *defines, const char *expected)
{
    char *said = said_with(body, defines);

    cr_expect(strcmp(said, expected) == 0, "%s\nexpected:\n%s\nsaid:\n%s", body, expected, said);
    free(said);
}

static void expect_hint(const char *body, const char *expected)
{
    char line[512];

    snprintf(line, sizeof(line), "%s\n", expected);
    expect_said(body, NULL, line);
}

static void expect_silence(const char *body)
{
    expect_said(body, NULL, "");
}

/* ---- loads ---- */

#define HARDLY(WHAT)                                                                               \
    "this hardly ever holds: the " WHAT " of line 3 goes on, with %s operations a second, and "    \
    "each parts the nodes until all know of it; end it before, with 'to TIME'"

/* What is said of the expectation of line 4; @end: also of that at the end, which is implied. */
static void expect_hardly(const char *load, const char *expect, const char *rate, bool end)
{
    char body[256], said[1024], first[256];

    snprintf(first, sizeof(first),
             strncmp(load, "load", 4) == 0 ? HARDLY("load") : HARDLY("'every'"), rate);
    snprintf(body, sizeof(body), "%s\n%s", load, expect);
    if (end)
        snprintf(said, sizeof(said), "4:8: %s\n5:1: %s\n", first, first);
    else
        snprintf(said, sizeof(said), "4:8: %s\n", first);
    expect_said(body, NULL, said);
}

#define LATER "expect converged within 3s of 5s\n"

/* Two rounds of 100 ms, until 5 nodes know of an operation: 16 in that time are many. */
Test(hints, nodes_that_are_to_agree_under_load)
{
    expect_hardly("load 80/s poisson inc 100% on all", "expect converged at 5s", "80", true);
    expect_hardly("load 80/s even inc 100% on all to 6s", "expect converged at 5s", "80", false);
    expect_hardly("load 128/s even each inc 50% on all to 8s", LATER, "320", false);
    expect_hardly("load 3200/s even inc 10% dec 5% on n1 from 4.8s to 8s", LATER, "480", false);
    expect_silence("load 79/s poisson inc 100% on all\nexpect converged at 5s");
    expect_silence("load 80/s poisson inc 100% on all to 4s\nexpect converged at 5s");
    expect_silence("load 80/s poisson inc 100% on all from 6s to 8s\nexpect converged at 5s");
    expect_silence("load 80/s poisson inc 100% on all to 9s\nexpect not converged at 5s");
    expect_silence("load 319/s poisson inc 100% on all to 8s\n" LATER);
    expect_silence("load 320/s poisson inc 100% on all to 7s\n" LATER);
    expect_silence("load 320/s poisson inc 100% on all from 6s to 9s\n" LATER);
    expect_silence("load 800/s poisson inc 1% on all\nexpect converged at 5s");
    /* when it begins, nothing parts the nodes yet */
    expect_silence("load 800/s even inc 100% on n1 from 4.9s to 8s\n" LATER);
    expect_silence("load 800/s even inc 100% on n1 from 5s to 8s\nexpect converged at 5.1s");
    expect_silence("node sync 10ms\nload 80/s poisson inc 100% on all");
    expect_silence("load 80/s poisson inc 100% on all\nquiet 5s");
}

Test(hints, an_every_that_parts_the_nodes)
{
    expect_hardly("every 10ms inc n1", "expect converged at 5s", "100", true);
    expect_hardly("every 10ms dec up x3", "expect converged at 5s", "100", true);
    expect_hardly("every 10ms from 4s to 6s inc random(1)", "expect converged at 5s", "100", false);
    expect_hardly("every 5ms..12.5ms to 6s inc n1", "expect converged at 5s", "80", false);
    expect_silence("every 13ms inc n1\nexpect converged at 5s");
    expect_silence("every 100ms inc n1 x100\nexpect converged at 5s");
    expect_silence("every 10ms to 4s inc n1\nexpect converged at 5s");
    expect_silence("every 10ms to 6s meet n1 n2\nexpect converged at 5s");
    expect_silence("every 10ms inc n1\nquiet 5s");
    expect_silence("repeat 2\n+1s inc n1\nevery 10ms to 5s inc n1\nend\nexpect converged at 5s");
}

#define ON_N1 "load 400/s poisson inc 100% on n1 to 9s\n"

/* Who is asked: one node agrees with itself, and so do those that the load leaves out. */
Test(hints, nodes_that_a_load_does_not_part)
{
    expect_silence(ON_N1 "expect converged on n1 at 5s");
    expect_silence(ON_N1 "expect converged on n2..n5 at 5s");
    expect_silence(ON_N1 "expect converged on up,!n1 at 5s");
    expect_silence(ON_N1 "expect converged on random(3) at 5s");
    expect_silence(ON_N1 "expect converged on down at 5s");
    expect_hardly("load 160/s poisson inc 100% on n1 to 9s", "expect converged on n1,n2,n3 at 5s",
                  "160", false);
    expect_hardly("load 160/s poisson inc 100% on n1 to 9s", "expect converged on !n5 at 5s", "160",
                  false);
    expect_hardly("load 100/s poisson inc 100% on n1 to 9s", "expect converged on all at 5s", "100",
                  false);
    expect_silence("load 100/s poisson inc 100% on up to 9s\nexpect converged on n1..n4 at 5s");
    /* they agree after each round */
    expect_silence("node fanout 4\nload 9000/s poisson inc 100% on n1 to 9s\n" LATER);
    /* what is pushed unasked is soon everywhere */
    expect_silence("node full 1ms\nload 9000/s poisson inc 100% on n1 to 9s\n" LATER);
    /* three know of it after one */
    expect_silence("load 159/s poisson inc 100% on n1 to 9s\nexpect converged on n1..n3 at 5s");
}

/* Where nodes of the load may not run, or hear of nothing, and it is not over long before. */
Test(hints, a_load_on_nodes_that_may_not_count)
{
    static const char *const faults[] = {
        "crash n1",
        "crash random(1)",
        "pause n1",
        "stopnode n1",
        "leave n1",
        "crash n2..n5",
        "partition n1 | rest",
        "partition n2..n5 | rest",
        "partition halves",
        "partition isolate n1",
        "partition random",
        "hold n1 -> n2",
        "link n1 -> n2 down",
        "net down",
        "net loss 100%",
        "drop next 9 all -> n1",
        "disk n1 full",
        "memory n1 fail 5%",
        "crash n1 for 900ms",
        "pause n1 for 2s",
        "hold all -> all for 1s",
        "net down for 1s",
        "drop while 1s n1 -> n2",
        "partition n2,n1 | n3 for 1s",
    };
    char body[512];

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        char *said = NULL;

        snprintf(body, sizeof(body), "node disk on\n%sat 4s %s\nexpect converged at 5s", ON_N1,
                 faults[i]);
        said = said_of(body);
        cr_expect(!strstr(said, "hardly ever"), "%s\n%s", body, said);
        free(said);
    }
}

static bool says_hardly(const char *body)
{
    char *said = said_of(body);
    bool hardly = strstr(said, "hardly ever") != NULL;

    free(said);
    return hardly;
}

Test(hints, a_load_whose_faults_are_over_or_elsewhere)
{
    static const char *const bodies[] = {
        ON_N1 "at 2s crash n1 for 1s\nexpect converged at 5s",
        ON_N1 "at 2s crash n1\nat 3s restart n1\nexpect converged at 5s",
        ON_N1 "at 2s crash n1..n3\nat 3s restart all\nexpect converged at 5s",
        ON_N1 "at 2s stopnode n1\nat 3s restart n1\nexpect converged at 5s",
        ON_N1 "at 2s pause n1\nat 3s resume n1\nexpect converged at 5s",
        ON_N1 "at 2s partition halves\nat 3s heal\nexpect converged at 5s",
        ON_N1 "at 2s partition halves as a\nat 3s heal a\nexpect converged at 5s",
        ON_N1 "at 2s hold all -> all as a\nat 3s release a\nexpect converged at 5s",
        ON_N1 "at 2s drop while 1s all -> all\nexpect converged at 5s",
        ON_N1 "at 4s partition n2 | n3\nexpect converged at 5s",
        ON_N1 "at 4s hold n2 -> n3\nexpect converged at 5s",
        ON_N1 "at 4s link n2 -> n3 down\nexpect converged at 5s",
        ON_N1 "link n2 -> n3 down\nexpect converged at 5s",
        ON_N1 "at 4s net loss 50%\nexpect converged at 5s",
        ON_N1 "at 4s clock n1 skew +1s\nexpect converged at 5s",
        ON_N1 "at 6s crash n1\nexpect converged at 5s",
        "load 320/s poisson inc 100% on all\nat 1s crash n2 for 1s\n"
        "expect converged within 3s of last fault",
        "load 320/s poisson inc 100% on all\nat 1s partition halves for 1s\n"
        "expect converged within 3s of heal",
        "load 320/s poisson inc 100% on all\nat 1s crash n2 for 1s as a\n"
        "expect converged within 3s of a",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        cr_expect(says_hardly(bodies[i]), "%s", bodies[i]);
}

Test(hints, a_load_whose_faults_are_not_over)
{
    static const char *const bodies[] = {
        ON_N1 "at 3s restart n1\nat 3s crash n1\nexpect converged at 5s",
        ON_N1 "at 2s crash n1,n2\nat 3s restart n1\nexpect converged at 5s",
        ON_N1 "at 2s crash n1\nat 3s restart random(1)\nexpect converged at 5s",
        ON_N1 "at 2s pause n1\nat 3s restart n1\nexpect converged at 5s",
        ON_N1 "at 2s partition halves as a\nat 2s partition n1 | n2 as b\nat 3s heal a\n"
              "at 7s heal b\nexpect converged at 5s",
        ON_N1 "at 2s hold all -> all\nat 3s release n1 -> n2\nexpect converged at 5s",
        ON_N1 "link n1 -> n2 down\nexpect converged at 5s",
        ON_N1 "net down\nexpect converged at 5s",
        ON_N1 "every 1s from 2s crash n1 for 500ms\nexpect converged at 5s",
        ON_N1 "repeat 3\n+1s crash n1 for 600ms\n+1s inc n2\nend\nexpect converged at 5s",
        ON_N1 "at 7s join n1\nexpect converged at 5s",
        /* right after its start it has told nothing yet */
        ON_N1 "at 1s crash n1 for 1s as a\nexpect converged within 3s of a",
        ON_N1 "at 1s crash n1 for 1s\nexpect converged within 3s of last fault",
        ON_N1 "at 1s crash n1 for 1s\nat 1s partition halves for 1s\n"
              "expect converged within 3s of heal",
        ON_N1 "at 1s crash n1\nat 2s hold n2 -> n3 for 1s as a\n"
              "expect converged within 3s of a",
        "load 100/s poisson inc 100% on down to 9s\nexpect converged at 5s",
        "load 100/s poisson inc 100% on n1,down to 9s\nexpect converged at 5s",
        "group g = down\nload 100/s poisson inc 100% on @g to 9s\nexpect converged at 5s",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        cr_expect(!says_hardly(bodies[i]), "%s", bodies[i]);
}

/* Another bound on the work: where there is more, nothing is said. */
Test(hints, more_faults_than_are_looked_at)
{
    char body[4000] = ON_N1 "expect converged at 5s\n";

    cr_expect(says_hardly(body));
    for (size_t i = 0; i < 64; i++)
        strcat(body, "at 1s hold n2 -> n3 for 1s\n");
    cr_expect(says_hardly(body));
    strcat(body, "at 1s hold n2 -> n3 for 1s\n");
    cr_expect(!says_hardly(body));
}

/* ---- delays ---- */

#define BELOW(WHERE, NS)                                                                           \
    WHERE ": this cannot hold once a message has come: no link has a delay below " NS              \
          "; say more "                                                                            \
          "here, or give the links less"

Test(hints, a_delay_below_that_of_any_link)
{
    expect_hint("net delay 3s\nexpect max delay < 1s at 9s", BELOW("4:8", "3s"));
    expect_hint("net delay 3s\nexpect max delay < 3s at 9s", BELOW("4:8", "3s"));
    expect_hint("net delay 3s\nexpect p50 delay <= 2999ms at 9s", BELOW("4:8", "3s"));
    expect_hint("net delay 3s\nexpect p99 delay < 1s on n1", BELOW("4:8", "3s"));
    expect_hint("net delay 3s 1s\nexpect max delay < 2s", BELOW("4:8", "2s"));
    expect_hint("net delay 3s 1s exp\nexpect max delay < 2s", BELOW("4:8", "2s"));
    expect_hint("net delay 1s..3s\nexpect max delay < 1s", BELOW("4:8", "1s"));
    expect_hint("net delay 3s\nlink n1 -> n2 delay 2s\nexpect max delay < 2s", BELOW("5:8", "2s"));
    expect_hint("net delay 3s\nat 1s net delay 2s\nexpect max delay < 2s", BELOW("5:8", "2s"));
    expect_silence("net delay 3s\nexpect max delay <= 3s");
    expect_silence("net delay 3s\nexpect max delay > 1s");
    expect_silence("net delay 3s 1s\nexpect max delay < 2001ms");
    expect_silence("net delay 3s 1s normal\nexpect max delay < 1s");
    expect_silence("net delay 3s 4s\nexpect max delay < 1ms");
    expect_silence("net delay 3s reorder 5%\nexpect max delay < 1s");
    expect_silence("net delay 3s\nlink n1 -> n2 delay 1ms\nexpect max delay < 1s");
    expect_silence("net delay 3s\nat 1s link n1 -> n2 delay 1ms for 1s\nexpect max delay < 1s");
    expect_silence("link n1 -> all delay 3s\nexpect max delay < 1s");
    expect_silence("at 1s net delay 3s for 1s\nexpect max delay < 1s");
}

/* The end is that of a fault, which only a run knows. */
Test(hints, a_load_that_outlasts_each_fault)
{
    expect_said("load 160/s even inc 100% on all\nload 170/s even inc 100% on all\n"
                "at 1s partition halves for 1s as p\nexpect converged within 3s of p",
                NULL,
                "6:8: this hardly ever holds: the load of line 4 goes on, with 330 operations a "
                "second, and each parts the nodes until all know of it; end it before, with "
                "'to TIME'\n"
                "7:1: this hardly ever holds: the load of line 4 goes on, with 330 operations a "
                "second, and each parts the nodes until all know of it; end it before, with "
                "'to TIME'\n");
    expect_silence("load 330/s even inc 100% on all to 9s\n"
                   "at 1s partition halves for 1s as p\nexpect converged within 3s of p");
}

/* ---- cost ---- */

#define MAY_DIFFER "expect not converged at end"

Test(hints, a_run_without_an_end)
{
    expect_hint(
        "every 1ns inc n1\n" MAY_DIFFER,
        "3:11: this run has 10000 million events or more, most of them because of this: at "
        "a million a second that takes 166 minutes; let it fire less often, or stop earlier");
    expect_hint(
        "load 100000000/s even inc 100% on n1 to 7s",
        "3:1: this run has 700 million events or more, most of them because of this: at "
        "a million a second that takes 11 minutes; let it fire less often, or stop earlier");
    expect_hint("node sync 10us\nevery 17ns inc n1\n" MAY_DIFFER,
                "4:12: this run has 613 million events or more, most of them because of this: at "
                "a million a second that takes 10 minutes; let it fire less often, or stop "
                "earlier");
    expect_silence("every 1ns from 9.5s inc n1\n" MAY_DIFFER);
    expect_silence("every 17ns inc n1\n" MAY_DIFFER);
}

Test(hints, more_memory_than_a_machine_has)
{
    static const char body[] = "scn 1\nnodes %u\nat 1s inc %s\nstop 2s\n";
    char text[256];

    for (unsigned i = 0; i < 3; i++) {
        struct parsed parsed;

        snprintf(text, sizeof(text), body, i == 0 ? 7000 : 10000, i < 2 ? "all" : "random(100)");
        parsed = parsed_of("a.scn", text, strlen(text), NULL);
        cr_assert(parsed.rc == 0);
        cr_expect(parsed.diags.len == (i == 1), "%s", text);
        if (i == 1)
            cr_expect_str_eq(parsed.diags.list[0].text,
                             "each of 10000 nodes counts, and holds the counts of all: that takes "
                             "3814 MiB of memory or more; let some of them count, such as "
                             "'random(100)'");
        parsed_release(&parsed);
    }
}

/* ---- times ---- */

Test(hints, an_action_after_the_stop)
{
    expect_hint("at 12s inc n1", "3:8: this never happens: it comes at 12s, and the run stops at "
                                 "10s (line 4); let it come earlier");
    expect_silence("at 10s inc n1");
    expect_hint("at 10001ms..12s inc n1", "3:17: this never happens: it comes at 10001ms, and the "
                                          "run stops at 10s (line 4); let it come earlier");
    expect_silence("at 9s..12s inc n1");
    expect_hint("at 9s inc n1\n+2s inc n2", "4:5: this never happens: it comes at 11s, and the run "
                                            "stops at 10s (line 5); let it come earlier");
    expect_silence("at 9s inc n1\n+0s..2s inc n2");
    expect_silence("+9s inc n1");
}

Test(hints, an_action_in_a_repeat_of_which_no_turn_is_in_time)
{
    expect_hint("at 9s inc n1\nrepeat 3\n+2s inc n2\nend",
                "5:5: this never happens: it comes at 11s, and the run stops at 10s (line 7); let "
                "it come earlier");
    expect_silence("at 5s inc n1\nrepeat 9\n+2s inc n2\nend");
    /* what follows comes after all turns */
    expect_hint("repeat 3\nrepeat 2\n+1s inc n2\nend\n+1s inc n1\nend\n+2s inc n3",
                "9:5: this never happens: it comes at 11s, and the run stops at 10s (line 10); let "
                "it come earlier");
    expect_silence("repeat 3\nrepeat 2\n+1s inc n2\nend\n+1s inc n1\nend\n+1s inc n3");
}

Test(hints, an_action_after_the_quiet)
{
    expect_hint("quiet 5s\nat 5s inc n1", "4:7: this never happens: it comes at 5s, and the quiet "
                                          "begins at 5s (line 3); let it come earlier");
    expect_silence("quiet 5s\nat 4999ms inc n1");
    expect_hint("load 1/s even inc 1% on all from 6s\nquiet 5s",
                "3:1: this never happens: it comes at 6s, and the quiet begins at 5s (line 4); let "
                "it come earlier");
    expect_hint("quiet 5s\nat 12s inc n1", "4:8: this never happens: it comes at 12s, and the "
                                           "quiet begins at 5s (line 3); let it come earlier");
}

Test(hints, what_ends_when_it_begins)
{
    expect_hint("every 1s from 2s to 2s inc n1",
                "3:24: this never happens: it ends at 2s, when it begins; give it a later 'to'");
    expect_silence("every 1s from 2s to 2001ms inc n1");
    expect_hint("load 1/s even inc 1% on all from 2s to 2s",
                "3:1: this never happens: it ends at 2s, when it begins; give it a later 'to'");
    expect_silence("load 1/s even inc 1% on all from 2s to 3s");
    expect_hint("every 1s from 10s inc n1", "3:19: this never happens: it comes at 10s, and the "
                                            "run stops at 10s (line 4); let it come earlier");
    expect_silence("every 1s from 9s inc n1");
    expect_hint("load 1/s even inc 1% on all from 20s to 30s",
                "3:1: this never happens: it comes at 20s, and the run stops at 10s (line 4); let "
                "it come earlier");
    expect_silence("load 1/s even inc 1% on all from 9s to 30s");
    expect_hint("at 9s inc n1\nrepeat 2\nevery 1s from 2s inc n1\nend",
                "5:18: this never happens: it comes at 11s, and the run stops at 10s (line 7); let "
                "it come earlier");
    expect_silence("at 7s inc n1\nrepeat 2\nevery 1s from 2s inc n1\nend");
}

/* ---- heal and release ---- */

Test(hints, a_heal_with_nothing_to_heal)
{
    expect_hint(
        "at 1s heal",
        "3:7: nothing to heal: no partition ever begins; add one before this, or leave this out");
    expect_silence("at 1s partition halves\nat 1s heal");
    expect_hint("at 1s heal\nat 2s partition halves for 1s",
                "3:7: nothing to heal yet: the first partition begins at 2s; let this come later");
    expect_silence("at 1s..2s heal\nat 2s partition halves for 1s");
    expect_hint("at 1s partition halves for 1s\nat 2s heal",
                "4:7: nothing left to heal: the last partition ends at 2s by its 'for'; leave one "
                "of them out");
    expect_silence("at 1s partition halves for 1s..2s\nat 2s heal");
    expect_silence("every 1s partition halves for 100ms\nat 5s heal");
    expect_silence("at 5s inc n1\nrepeat 2\n+1s heal\n+1s partition halves\nend");
}

Test(hints, a_restore_with_nothing_to_restore)
{
    expect_hint("at 1s disk n1 restore",
                "3:7: nothing to restore: no backup is ever made; add 'at TIME disk SEL backup' "
                "before this, or leave this out");
    expect_silence("at 1s disk n1 backup\nat 1s disk n1 restore");
    expect_hint("at 1s disk n1 restore\nat 2s disk n1 backup",
                "3:7: nothing to restore yet: the first backup is made at 2s; let this come later");
    expect_silence("at 1s..2s disk n1 restore\nat 2s disk n1 backup");
    expect_silence("every 1s disk n1 restore\nat 5s disk n1 backup");
}

Test(hints, a_heal_of_a_name_that_has_nothing_to_heal)
{
    expect_hint("at 1s heal a\nat 2s partition halves as a\nat 3s heal",
                "3:7: nothing to heal yet: the partition begins at 2s; let this come later");
    expect_silence("at 2s heal a\nat 2s partition halves as a");
    expect_hint(
        "at 1s partition halves for 1s as a\nat 1s partition ring as b\nat 3s heal a\n"
        "at 4s heal b",
        "5:7: nothing left to heal: the partition ends at 2s by its 'for'; leave one of them out");
    expect_silence("at 1s partition halves for 3s as a\nat 3s heal a");
}

Test(hints, a_release_with_nothing_to_release)
{
    expect_hint(
        "at 1s release n1 -> n2",
        "3:7: nothing to release: no hold ever begins; add one before this, or leave this out");
    expect_silence("at 1s hold n1 -> n2\nat 1s release n1 -> n2");
    expect_hint("at 1s release a\nat 2s hold n1 -> n2 for 1s as a",
                "3:7: nothing to release yet: the hold begins at 2s; let this come later");
    expect_hint(
        "at 1s partition halves\nat 2s release n1 -> n2",
        "4:7: nothing to release: no hold ever begins; add one before this, or leave this out");
    expect_hint(
        "at 1s hold n1 -> n2 for 1s as a\nat 3s release a",
        "4:7: nothing left to release: the hold ends at 2s by its 'for'; leave one of them out");
    expect_silence("at 1s hold n1 -> n2 for 2s as a\nat 2s release a");
}

/* ---- what is never evaluated ---- */

Test(hints, within_of_what_never_ends)
{
    expect_hint("at 1s partition halves as a\nexpect converged within 1s of a",
                "4:8: this is never evaluated: 'a' never ends; give it 'for TIME', or add 'at TIME "
                "heal a'");
    expect_silence("at 1s partition halves as a\nat 2s heal\nexpect converged within 1s of a");
    expect_silence("at 1s partition halves as a\nat 2s heal a\nexpect converged within 1s of a");
    expect_silence("at 1s partition halves as a\nquiet 5s\nexpect converged within 1s of a");
    expect_hint("at 3s partition halves as a\nat 1s partition ring\nat 2s heal\n"
                "expect converged within 1s of a",
                "6:8: this is never evaluated: 'a' never ends; give it 'for TIME', or add 'at TIME "
                "heal a'");
    expect_hint("at 3s partition halves for 8s as a\nexpect converged within 1s of a",
                "4:8: this is never evaluated: 'a' does not end before the run stops; give it a "
                "shorter 'for', or stop later");
    expect_silence("at 3s partition halves for 7s as a\nexpect converged within 1s of a");
    expect_hint("at 1s hold n1 -> n2 as a\nexpect converged within 1s of a",
                "4:8: this is never evaluated: 'a' never ends; give it 'for TIME', or add 'at TIME "
                "release a'");
    expect_silence("at 1s hold n1 -> n2 as a\nat 2s release n1 -> n2\n"
                   "expect converged within 1s of a");
}

/* Of a disk, a memory and a clock: the end is that of the 'for', or another comes. */
Test(hints, within_of_what_is_wrong_with_a_node)
{
    static const char *const faults[] = {"disk n1 full", "memory n1 fail 1%", "clock n1 skew +1s",
                                         "clock n1 drift +1%"};

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        char body[256];

        snprintf(body, sizeof(body), "at 3s %s for 8s as a\nexpect converged within 1s of a",
                 faults[i]);
        expect_hint(body, "4:8: this is never evaluated: 'a' does not end before the run stops; "
                          "give it a shorter 'for', or stop later");
        snprintf(body, sizeof(body), "at 3s %s for 8s\nexpect converged within 1s of last fault",
                 faults[i]);
        expect_hint(body, "4:8: this is never evaluated: no fault ends in this run; heal a "
                          "partition, or give a fault 'for TIME'");
        snprintf(body, sizeof(body), "at 3s %s for 7s as a\nexpect converged within 1s of a",
                 faults[i]);
        expect_silence(body);
        snprintf(body, sizeof(body), "at 3s %s for 7s\nexpect converged within 1s of last fault",
                 faults[i]);
        expect_silence(body);
        snprintf(body, sizeof(body),
                 "at 3s %s for 8s as a\nat 4s %s\nexpect converged within 1s of a", faults[i],
                 faults[i]);
        expect_silence(body);
        snprintf(body, sizeof(body),
                 "every 3s from 1s %s for 8s as a\nexpect converged within 1s of a", faults[i]);
        expect_silence(body);
        snprintf(body, sizeof(body),
                 "at 3s %s for 8s as a\nquiet 5s\nexpect converged within 1s of a", faults[i]);
        expect_silence(body);
    }
}

/* That it never begins is said where it would; one mistake, one hint. */
Test(hints, within_of_what_never_begins)
{
    expect_hint("at 12s partition halves for 1s as a\nexpect converged within 1s of a",
                "3:8: this never happens: it comes at 12s, and the run stops at 10s (line 5); let "
                "it come earlier");
}

Test(hints, within_of_heal_and_of_the_last_fault)
{
    expect_hint("expect converged within 1s of heal",
                "3:8: this is never evaluated: no partition ends in this run; heal one, or give "
                "one 'for TIME'");
    expect_hint("at 1s hold n1 -> n2 for 1s\nexpect converged within 1s of heal",
                "4:8: this is never evaluated: no partition ends in this run; heal one, or give "
                "one 'for TIME'");
    expect_hint("at 1s partition halves\nexpect converged within 1s of heal",
                "4:8: this is never evaluated: no partition ends in this run; heal one, or give "
                "one 'for TIME'");
    expect_silence("at 1s partition halves for 1s\nexpect converged within 1s of heal");
    expect_silence("at 1s partition halves\nat 2s heal\nexpect converged within 1s of heal");
    expect_hint("at 1s net delay 5ms\nexpect converged within 1s of last fault",
                "4:8: this is never evaluated: no fault ends in this run; heal a partition, or "
                "give a fault 'for TIME'");
    expect_silence("at 1s net delay 5ms for 1s\nexpect converged within 1s of last fault");
    expect_silence("at 1s drop next 3 n1 -> n2\nexpect converged within 1s of last fault");
    expect_silence("at 1s drop while 3s n1 -> n2\nexpect converged within 1s of last fault");
    expect_hint("at 1s drop while 30s n1 -> n2\nexpect converged within 1s of last fault",
                "4:8: this is never evaluated: no fault ends in this run; heal a partition, or "
                "give a fault 'for TIME'");
}

Test(hints, sometimes_without_what_it_speaks_of)
{
    expect_hint("seeds 1..9\nsometimes partitioned while converged",
                "4:11: this never holds: no partition ever begins; add one, or leave this out");
    expect_silence("seeds 1..9\nat 1s partition halves for 1s\n"
                   "sometimes partitioned while converged");
    expect_hint("seeds 1..9\nat 1s partition halves for 1s\nsometimes partitioned while held",
                "5:11: this never holds: no hold ever begins; add one, or leave this out");
}

/* ---- nobody ---- */

Test(hints, an_expectation_about_nobody)
{
    expect_hint("expect value == 0 on n1,!n1 at 5s",
                "3:22: this comes to no node: all that it names is taken away again, and the "
                "expectation is never evaluated; take away less");
    expect_silence("expect value == 0 on n1,n2,!n1 at 5s");
    expect_hint("group g = n1..n3\nexpect value == 0 on @g,!n1..n2,!n3 at 5s",
                "4:22: this comes to no node: all that it names is taken away again, and the "
                "expectation is never evaluated; take away less");
    expect_silence("group g = n1..n3\nexpect value == 0 on @g,!n1,!n3 at 5s");
    expect_hint("expect converged on !all at 5s",
                "3:21: this comes to no node: all that it names is taken away again, and the "
                "expectation is never evaluated; take away less");
    expect_silence("expect converged on !n1 at 5s");
    /* whether these are all nodes, only the run knows */
    expect_silence("expect converged on up,!random(5) at 5s");
    expect_silence("expect converged on all,!up,!down at 5s");
    expect_hint("expect converged on random(2) of (n1,!n1) at 5s",
                "3:21: this comes to no node: all that it names is taken away again, and the "
                "expectation is never evaluated; take away less");
    expect_hint(
        "expect value of (n1,!n1) == 0 at 5s",
        "3:18: this comes to no node: all that it names is taken away again; take away less");
}

Test(hints, an_action_on_nobody)
{
    expect_hint(
        "at 1s inc n2..n4,!n1..n5",
        "3:11: this comes to no node: all that it names is taken away again; take away less");
    expect_silence("at 1s inc n2..n4,!n1..n3,!n5");
    expect_hint(
        "at 1s partition n1 | n2,!n2 for 1s",
        "3:22: this comes to no node: all that it names is taken away again; take away less");
    expect_hint(
        "link n1 -> n2,!all down",
        "3:12: this comes to no node: all that it names is taken away again; take away less");
    expect_hint(
        "load 1/s even inc 1% on !*",
        "3:25: this comes to no node: all that it names is taken away again; take away less");
    expect_hint(
        "node !n1..n5 fanout 3",
        "3:6: this comes to no node: all that it names is taken away again; take away less");
    expect_silence("node !n1..n4 fanout 3");
}

/* ---- values ---- */

Test(hints, loss_of_everything)
{
    expect_hint("net loss 100%", "3:1: loss 100% lets nothing through; say 'down', of which a run "
                                 "tells you when it never met a message");
    expect_silence("net loss 99.9%");
    expect_hint("at 1s link n1 <-> n2 loss 100% for 1s",
                "3:7: loss 100% lets nothing through; say 'down', of which a run tells you when it "
                "never met a message");
    expect_silence("at 1s link n1 <-> n2 loss 50%..100% for 1s");
}

Test(hints, damage_to_everything)
{
    expect_hint("net corrupt 100%",
                "3:1: corrupt 100% leaves hardly a frame that anybody can read; give a smaller "
                "share");
    expect_silence("net corrupt 99%");
}

Test(hints, a_sync_that_is_longer_than_the_run)
{
    expect_hint("node sync 11s",
                "3:1: a sync of 11s is longer than the run, which stops at 10s (line 4), so that "
                "hardly any node asks a peer; give a shorter one");
    expect_silence("node sync 10s");
    expect_silence("node n1 sync 11s");
    expect_silence("node sync 11s full 1s");
}

/* ---- names ---- */

Test(hints, names_that_are_never_used)
{
    expect_hint("param k = 3",
                "3:7: the parameter 'k' is never used; say $k where it is meant, or leave it out");
    expect_silence("param k = 3\nat 1s inc n$k");
    expect_hint("sweep k = 3, 4",
                "3:7: the parameter 'k' is never used; say $k where it is meant, or leave it out");
    expect_hint("group g = n1",
                "3:7: the group 'g' is never used; say @g where it is meant, or leave it out");
    expect_silence("group g = n1\nat 1s inc @g");
    expect_silence("group g = n1\ngroup h = @g,n2\nat 1s inc @h");
    expect_hint("at 1s partition halves for 1s as a",
                "3:34: the NAME 'a' is never used; leave out 'as a'");
    expect_silence("at 1s partition halves as a\nat 2s heal a");
    expect_silence("at 1s hold n1 -> n2 for 1s as a\nexpect converged within 1s of a");
}

Test(hints, a_parameter_that_is_given_twice)
{
    static const char *const twice[] = {"k=4", "j=1", "k=5", NULL};
    static const char *const once[] = {"k=4", "j=1", NULL};

    expect_said("param k = 3\nparam j = 3\nat 1s inc n$k,n$j", twice,
                "0:0: -D k=4 does not count: a later -D gives 5; leave one of them out\n");
    expect_said("param k = 3\nparam j = 3\nat 1s inc n$k,n$j", once, "");
}
