/* repeat ... end: what stands in it, and when its turns fire. */
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

/* "1.500 2, 2.000 2": when which line fired an action, in ms. */
static char *firings(const char *text)
{
    struct sim_case c;
    char *found = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&found, &len);

    sim_case_run(&c, text, 1);
    for (size_t i = 0; i < c.records_len; i++) {
        const struct record *record = &c.records[i];
        uint32_t line = 0;

        if (record->kind != RECORD_EVENT || record->detail != EVENT_ACTION)
            continue;
        for (size_t s = 0; s < c.scn.stmts_len; s++)
            if (c.scn.stmts[s].key == record->a)
                line = c.scn.stmts[s].pos.line;
        fprintf(out, "%s%" PRIu64 ":%" PRIu32, ftell(out) > 0 ? " " : "", record->at_ns / 1000000,
                line);
    }
    fclose(out);
    sim_case_release(&c);
    return found;
}

static void expect_firings(const char *script, const char *expected)
{
    char text[512], *found;

    snprintf(text, sizeof(text), "scn 1\nnodes 2\n%s\nstop 10s\n", script);
    found = firings(text);
    cr_expect(strcmp(found, expected) == 0, "%s\nexpected: %s\nfound:    %s", script, expected,
              found);
    free(found);
}

Test(blocks, turns_follow_each_other)
{
    expect_firings("repeat 3\n+1s inc n1\n+500ms inc n2\nend", "1000:4 1500:5 2500:4 3000:5 4000:4 "
                                                               "4500:5");
    expect_firings("at 2s inc n1\nrepeat 2\n+1s inc n1\nend\n+1s inc n2",
                   "2000:3 3000:5 4000:5 5000:7");
    expect_firings("repeat 1\n+1s inc n1\nend", "1000:4");
}

Test(blocks, stand_in_each_other)
{
    expect_firings("repeat 2\n+1s inc n1\nrepeat 2\n+100ms inc n2\nend\nend",
                   "1000:4 1100:6 1200:6 2200:4 2300:6 2400:6");
    expect_firings("repeat 3\nend\nrepeat 2\nrepeat 2\n+1s inc n1\nend\nend",
                   "1000:7 2000:7 3000:7 4000:7");
}

Test(blocks, at_one_instant_in_the_order_of_the_script)
{
    expect_firings("repeat 2\n+0s inc n1\n+0s inc n2\nend\nat 0s dec n1", "0:4 0:5 0:4 0:5 0:7");
}

Test(blocks, every_counts_from_the_time_its_turn_has_reached)
{
    expect_firings("repeat 2\n+1s inc n1\nevery 100ms to 250ms inc n2\nend",
                   "1000:4 1000:5 1100:5 1200:5 2000:4 2000:5 2100:5 2200:5");
    expect_firings(
        "at 1s inc n1\nrepeat 2\nevery 100ms from 200ms to 300ms inc n2\n+1s inc n1\nend",
        "1000:3 1200:5 2000:6 2200:5 3000:6");
    expect_firings("every 4s from 1s inc n2\nrepeat 1\nevery 4s from 1s inc n2\nend",
                   "1000:3 1000:5 5000:3 5000:5 9000:3 9000:5");
}

Test(blocks, each_turn_draws_anew)
{
    char *found = firings("scn 1\nnodes 2\nrepeat 4\n+0s..1s inc n1\nend\nstop 10s\n");
    uint64_t at[4];

    cr_assert(sscanf(found, "%" SCNu64 ":4 %" SCNu64 ":4 %" SCNu64 ":4 %" SCNu64 ":4", &at[0],
                     &at[1], &at[2], &at[3]) == 4,
              "%s", found);
    cr_expect(at[1] - at[0] != at[2] - at[1] || at[2] - at[1] != at[3] - at[2], "%s", found);
    free(found);
}

/* A repeat of one turn is its text, to the last draw. */
Test(blocks, one_turn_changes_no_key)
{
    static const char head[] = "scn 1\nnodes 5\nnet loss 5%\n", tail[] = "stop 4s\n";
    static const char body[] = "+0s..1s inc random(2)\n+0s..1s inc n1 by 1..9\n";
    char with[512], without[512];
    struct sim_case a, b;

    snprintf(with, sizeof(with), "%srepeat 1\n%send\n%s", head, body, tail);
    snprintf(without, sizeof(without), "%s%s%s", head, body, tail);
    sim_case_run(&a, with, 3);
    sim_case_run(&b, without, 3);
    /* Only the place among other actions differs, and there it makes no difference. */
    cr_expect(a.run.world.trace.hash == b.run.world.trace.hash);
    sim_case_release(&a);
    sim_case_release(&b);
}

static void expect_error(const char *script, const char *message)
{
    char text[1024];
    struct parsed parsed;

    snprintf(text, sizeof(text), "scn 1\nnodes 2\n%s\nstop 10s\n", script);
    parsed = parsed_of("a.scn", text, strlen(text), NULL);
    cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                  strcmp(parsed.diags.list[0].text, message) == 0,
              "%s\nexpected: %s\nfound:\n%s", script, message, parsed.errors);
    parsed_release(&parsed);
}

Test(blocks, mistakes)
{
    expect_error("repeat 0\n+1s inc n1\nend", "'repeat' cannot be 0");
    expect_error("repeat\n+1s inc n1\nend",
                 "expected a number after 'repeat', found the end of the "
                 "line");
    expect_error("repeet 2\n+1s inc n1\nend", "unknown statement 'repeet'; did you mean 'repeat'?");
    expect_error("repeat 2\n+1s inc n1", "this 'repeat' has no 'end' in its file");
    expect_error("repeat 2\nat 1s inc n1\nexpect value == 1", "this 'repeat' has no 'end' in its "
                                                              "file");
    expect_error("+1s inc n1\nend", "this 'end' has no 'repeat' before it");
    expect_error("repeat 2\n+1s inc n1\nend 2", "expected the end of the statement, found '2'");
    expect_error("repeat 2\nat 1s inc n1\nend",
                 "only '+', 'every' and 'repeat' stand in a repeat (here from line 3 on); write "
                 "+TIME");
    expect_error("repeat 2\nexpect value == 1\nend",
                 "only '+', 'every' and 'repeat' stand in a repeat (here from line 3 on)");
    expect_error("repeat 2..3\n+1s inc n1\nend", "'repeat' takes no range, only one value");
}

Test(blocks, limits)
{
    char deep[1024] = "";

    expect_error("repeat 2M\nend", "'repeat' is over the limit of 1000000");
    expect_error("repeat 2k\nrepeat 1k\nend\nend",
                 "with the repeats around it, this comes to more than 1000000 turns");
    expect_error("repeat 600k\n+0s inc n1\n+0s inc n2\nend",
                 "the repeats of this file come to more than 1000000 firings with this statement");
    expect_error("repeat 1k\n+600000h inc n1\nend",
                 "the turns of this repeat come to a time over 2^64-1 ns");
    expect_error("repeat 1k\n+5124h inc n1\n+0s hold n1 -> n2 for 100h\nend",
                 "the turns of this repeat come to a time over 2^64-1 ns");
    for (unsigned i = 0; i <= SCN_REPEAT_DEPTH_MAX; i++)
        strcat(deep, "repeat 1\n");
    for (unsigned i = 0; i <= SCN_REPEAT_DEPTH_MAX; i++)
        strcat(deep, "end\n");
    expect_error(deep, "repeats stand at most 16 deep");
}
