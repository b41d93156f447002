/* What a file says of its runs: seeds, swept parameters, fixed draws. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/choose.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

static struct parsed parsed_text(const char *text)
{
    return parsed_of("a.scn", text, strlen(text), NULL);
}

static void expect_error(const char *statement, const char *message)
{
    char text[1024];
    struct parsed parsed;

    snprintf(text, sizeof(text), "scn 1\nnodes 2\n%s\nstop 10s\n", statement);
    parsed = parsed_text(text);
    cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                  strcmp(parsed.diags.list[0].text, message) == 0,
              "%s\nexpected: %s\nfound:\n%s", statement, message, parsed.errors);
    parsed_release(&parsed);
}

/* ---- seeds ---- */

Test(campaign, seeds)
{
    struct parsed none = parsed_body(""), one = parsed_body("seed 7"),
                  many = parsed_body("seeds 5..2k");

    cr_expect(none.scn.seeds.lo == 1 && none.scn.seeds.hi == 1);
    cr_expect(one.scn.seeds.lo == 7 && one.scn.seeds.hi == 7);
    cr_expect(many.scn.seeds.lo == 5 && many.scn.seeds.hi == 2000);
    parsed_release(&none);
    parsed_release(&one);
    parsed_release(&many);
    expect_error("seeds 5", "'seeds' takes a range such as 1..100; for one seed: seed 5");
    expect_error("seeds 5..4", "the range is reversed: the smaller end comes first");
    expect_error("seed 1\nseeds 1..2", "a second 'seeds'; the first is in line 3");
    expect_error("seed 1..2", "'seed' takes no range, only one value");
    expect_error("seeds 0..18446744073709551615", "these are more than 2^64-1 seeds");
}

/* ---- sweeps ---- */

static void expect_values(const char *sweep, const char *expected)
{
    char body[256], found[512] = "";
    struct parsed parsed;

    snprintf(body, sizeof(body), "sweep x = %s", sweep);
    parsed = parsed_body(body);
    cr_assert(parsed.scn.sweeps_len == 1);
    for (size_t i = 0; i < parsed.scn.sweeps[0].len; i++) {
        strcat(found, i ? " " : "");
        strcat(found, parsed.scn.sweeps[0].values[i]);
    }
    cr_expect(strcmp(found, expected) == 0, "%s: expected '%s', found '%s'", sweep, expected,
              found);
    cr_expect(strcmp(parsed.scn.params[0].value, parsed.scn.sweeps[0].values[0]) == 0);
    cr_expect(parsed.scn.own_params);
    parsed_release(&parsed);
}

Test(campaign, values_of_sweeps)
{
    expect_values("1, 2,3", "1 2 3");
    expect_values("5ms", "5ms");
    expect_values("halves, ring", "halves ring");
    expect_values("\"a b\", \"\"", "a b ");
    expect_values("1..10 step 4", "1 5 9");
    expect_values("1..9 step 4", "1 5 9");
    expect_values("7..7 step 1", "7");
    expect_values("0..18446744073709551615 step 10000000000000000000", "0 10000000000000000000");
    expect_values("10ms..2s step 995ms", "10ms 1005ms 2s");
    expect_values("0%..1% step 0.25%", "0% 0.25% 0.5% 0.75% 1%");
    expect_values("1ppm..3ppm step 1ppm", "0.0001% 0.0002% 0.0003%");
    expect_values("1KiB..2KiB step 512B", "1024B 1536B 2048B");
    expect_values("10/s..30/s step 10/s", "10/s 20/s 30/s");
    expect_values("1kbit..2kbit step 0.5kbit", "1kbit 1.5kbit 2kbit");
}

Test(campaign, mistakes_in_sweeps)
{
    expect_error(
        "sweep x = 1, 2ms",
        "the values of a sweep are of one type: this is a time, those before are a number");
    expect_error("sweep x =", "expected a number, time, size, share, rate, word or \"text\", found "
                              "the end of the line");
    expect_error("sweep x = 1,", "expected a number, time, size, share, rate, word or \"text\", "
                                 "found the end of the line");
    expect_error("sweep x = 3..1 step 1", "the range is reversed: the smaller end comes first");
    expect_error("sweep x = 1..3 step 0", "'step' cannot be 0");
    expect_error("sweep x = 1..3", "expected 'step', found the end of the line");
    expect_error("sweep x = 1..3ms step 1", "'..' takes a number, and '3ms' is a time");
    expect_error("sweep x = a..b step 1", "a range goes from a number to a number");
    expect_error("sweep x = 1..20k step 1", "the sweeps of a file have at most 10000 values");
    expect_error("sweep x = 1..200 step 1\nsweep y = 1..200 step 1",
                 "with this one, the sweeps of the file come to more than 10000 combinations");
    expect_error("param x = 1\nsweep x = 1, 2", "parameter 'x' is already declared in line 3");
}

Test(campaign, a_define_takes_the_place_of_a_sweep)
{
    static const char text[] = "scn 1\nsweep n = 2, 3\nnodes $n\nstop 1s\n";
    static const char *const defines[] = {"n=9", NULL}, *const wrong[] = {"n=9ms", NULL};
    struct parsed parsed = parsed_of("a.scn", text, strlen(text), defines);

    cr_expect(parsed.rc == 0 && parsed.scn.sweeps_len == 0 && parsed.scn.nodes == 9);
    cr_expect(!parsed.scn.own_params);
    parsed_release(&parsed);
    parsed = parsed_of("a.scn", text, strlen(text), wrong);
    cr_expect(strcmp(parsed.errors, "a.scn: error: -D n=9ms: 'n' is a number in line 2, this is a "
                                    "time\n") == 0,
              "%s", parsed.errors);
    parsed_release(&parsed);
}

Test(campaign, the_first_combination_is_the_file_itself)
{
    static const char text[] = "scn 1\nsweep n = 2, 3\nnodes $n\nstop 1s\n";
    struct scn_define define = {.name = "n=2", .name_len = 1, .value = "2", .swept = true};
    struct scn_options options = {.defines = &define, .defines_len = 1};
    struct diags diags;
    struct scenario scn;

    diags_init(&diags, "a.scn", text, strlen(text));
    cr_assert(scenario_parse(&scn, &diags, &options) == 0);
    cr_expect(scn.own_params && scn.sweeps_len == 0);
    scenario_release(&scn);
    define.value = "3";
    cr_assert(scenario_parse(&scn, &diags, &options) == 0);
    cr_expect(!scn.own_params && scn.nodes == 3);
    scenario_release(&scn);
    diags_release(&diags);
}

/* ---- fixed draws ---- */

Test(campaign, fixes_are_sorted)
{
    struct parsed parsed = parsed_body("fix \"loss 00000000000000ff\" = 1\n"
                                       "fix \"delay 00000000000000ff\" = 20M\n"
                                       "fix \"when 0123456789abcdef\" = 18446744073709551615\n"
                                       "fix \"loss 0000000000000001\" = 0");
    const struct scn_fix *fixes = parsed.scn.fixes;

    cr_assert(parsed.scn.fixes_len == 4);
    cr_expect(fixes[0].key == 1 && fixes[0].purpose == PURPOSE_LOSS && fixes[0].value == 0);
    cr_expect(fixes[1].key == 255 && fixes[1].purpose == PURPOSE_LOSS && fixes[1].value == 1);
    cr_expect(fixes[2].key == 255 && fixes[2].purpose == PURPOSE_DELAY);
    cr_expect(fixes[2].value == 20000000);
    cr_expect(fixes[3].key == UINT64_C(0x0123456789abcdef) && fixes[3].value == UINT64_MAX);
    parsed_release(&parsed);
}

Test(campaign, mistakes_in_fixes)
{
    static const char no_key[] =
        "this is no key of a draw; -vv prints them, such as \"loss 0123456789abcdef\"";

    expect_error("fix \"loss 0123\" = 1", no_key);
    expect_error("fix \"los 0123456789abcdef\" = 1", no_key);
    expect_error("fix \"loss 0123456789ABCDEF\" = 1", no_key);
    expect_error("fix \"loss  0123456789abcde\" = 1", no_key);
    expect_error("fix \"\" = 1", no_key);
    expect_error("fix loss = 1", "expected the key of a draw in double quotes, found 'loss'");
    expect_error("fix \"loss 0123456789abcdef\" = 1ms",
                 "'fix' takes a number, and '1ms' is a time");
    expect_error("fix \"loss 0123456789abcdef\" = 1..2", "'fix' takes no range, only one value");
    expect_error("fix \"loss 0123456789abcdef\" = 1\nfix \"loss 0123456789abcdef\" = 0",
                 "this draw is already fixed in line 3");
}

Test(campaign, a_fixed_value_takes_the_place_of_the_draw)
{
    static const struct scn_fix fixes[] = {{5, PURPOSE_NODE, 77},  {5, PURPOSE_LOSS, 1},
                                           {6, PURPOSE_LOSS, 0},   {7, PURPOSE_AMOUNT, 1000},
                                           {8, PURPOSE_AMOUNT, 0}, {9, PURPOSE_KIND, 4}};
    struct choose choose, plain;
    struct scn_range range = {10, 20};

    choose_init(&choose, 1);
    choose_init(&plain, 1);
    choose.fixes = fixes;
    choose.fixes_len = sizeof(fixes) / sizeof(fixes[0]);
    cr_expect(choose_bits(&choose, 5, PURPOSE_NODE) == 77);
    cr_expect(choose_share(&choose, 5, PURPOSE_LOSS, 1));
    cr_expect(!choose_share(&choose, 6, PURPOSE_LOSS, SCN_PPB - 1));
    cr_expect(choose_range(&choose, 7, PURPOSE_AMOUNT, range) == 20, "clamped from above");
    cr_expect(choose_range(&choose, 8, PURPOSE_AMOUNT, range) == 10, "and from below");
    cr_expect(choose_below(&choose, 9, PURPOSE_KIND, 3) == 2);
    cr_expect(choose_below(&choose, 9, PURPOSE_KIND, 9) == 4);
    /* What is not fixed is drawn as ever. */
    for (uint64_t key = 0; key < 100; key++)
        cr_expect(choose_bits(&choose, key, PURPOSE_DELAY) ==
                  choose_bits(&plain, key, PURPOSE_DELAY));
}

struct seen {
    uint64_t key, value;
    bool found;
};

static void first_loss(void *ctx, uint64_t key, enum purpose purpose, uint64_t value)
{
    struct seen *seen = ctx;

    if (purpose != PURPOSE_LOSS || seen->found || value != 1)
        return;
    *seen = (struct seen){.key = key, .value = value, .found = true};
}

/* What a run shows of its draws can be written back as fix: the message then arrives. */
Test(campaign, a_draw_of_a_run_can_be_fixed)
{
    static const char text[] = "scn 1\nnodes 3\nnet loss 20%%\nat 100ms inc n1\n%sstop 2s\n";
    char plain[256], fixed[256], fix[64];
    struct seen seen = {0};
    struct sim_case a, b;

    snprintf(plain, sizeof(plain), text, "");
    sim_case_start(&a, plain, 4);
    a.run.world.choose.watch = (struct choose_watch){.drawn = first_loss, .ctx = &seen};
    run_all(&a.run);
    cr_assert(seen.found);
    snprintf(fix, sizeof(fix), "fix \"loss %016" PRIx64 "\" = 0\n", seen.key);
    snprintf(fixed, sizeof(fixed), text, fix);
    sim_case_run(&b, fixed, 4);
    cr_expect(b.run.world.trace.hash != a.run.world.trace.hash);
    cr_expect(b.run.world.choose.unseed != a.run.world.choose.unseed);
    for (size_t i = 0; i < b.records_len; i++)
        if (b.records[i].kind == RECORD_FATE && b.records[i].key == seen.key)
            cr_expect(b.records[i].detail == NET_ON_ITS_WAY);
    sim_case_release(&a);
    sim_case_release(&b);
}

Test(campaign, purposes_have_names)
{
    for (uint32_t purpose = PURPOSE_ORDER; purpose <= PURPOSE_CONFIG; purpose++) {
        const char *text = choose_purpose_text((enum purpose)purpose);

        cr_expect(choose_purpose_of_text(text, strlen(text)) == purpose, "%s", text);
    }
    cr_expect(choose_purpose_of_text("", 0) == 0);
}
