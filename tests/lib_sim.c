/* Scenarios from text, and their runs. */
#include "tests/lib_sim.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_case_parse(struct sim_case *c, const char *text)
{
    *c = (struct sim_case){0};
    c->text = strdup(text);
    diags_init(&c->diags, "test.scn", c->text, strlen(c->text));
    if (scenario_parse(&c->scn, &c->diags, NULL) < 0) {
        diags_print(stderr, &c->diags);
        cr_assert_fail("the scenario of the test has errors");
    }
}

static void keep(void *ctx, const struct record *record)
{
    struct sim_case *c = ctx;

    if (c->records_len == c->records_cap) {
        c->records_cap = c->records_cap ? c->records_cap * 2 : 1024;
        c->records = realloc(c->records, c->records_cap * sizeof(*c->records));
        cr_assert(c->records != NULL);
    }
    c->records[c->records_len++] = *record;
}

static void set_up(struct sim_case *c, uint64_t seed)
{
    struct run_options options = {
        .seed = seed, .until_ns = UINT64_MAX, .compares = c->compares, .codec_sampled = c->sampled};
    struct trace_sink sink = {.record = keep, .ctx = c};

    run_init(&c->run, &c->scn, &options, &sink);
}

void sim_case_start(struct sim_case *c, const char *text, uint64_t seed)
{
    sim_case_parse(c, text);
    set_up(c, seed);
}

void sim_case_rerun(struct sim_case *c, uint64_t seed)
{
    set_up(c, seed);
    run_all(&c->run);
}

void sim_case_run(struct sim_case *c, const char *text, uint64_t seed)
{
    sim_case_start(c, text, seed);
    run_all(&c->run);
}

void sim_case_release(struct sim_case *c)
{
    run_release(&c->run);
    scenario_release(&c->scn);
    diags_release(&c->diags);
    free(c->text);
    free(c->records);
    *c = (struct sim_case){0};
}

const char *sim_case_verdict(const struct sim_case *c)
{
    static char text[2048];
    const struct outcome *outcome = &c->run.outcome;
    const char *reason = reason_text(outcome->reason);

    snprintf(text, sizeof(text), "%s%s%s%s%s%s%s", verdict_text(outcome->verdict),
             reason ? " " : "", reason ? reason : "", outcome->headline[0] ? ": " : "",
             outcome->headline, outcome->label[0] ? " | " : "", outcome->label);
    return text;
}

void expect_verdict(const struct sim_case *c, const char *expected)
{
    const char *found = sim_case_verdict(c);

    if (strncmp(found, expected, strlen(expected)) != 0)
        cr_assert_fail("expected verdict '%s', found '%s'", expected, found);
}

void expect_verdict_in_seeds(const char *story, uint64_t seeds, const char *verdict)
{
    bool found = false;

    for (uint64_t seed = 1; seed <= seeds && !found; seed++) {
        struct sim_case c;

        sim_case_run(&c, story, seed);
        found = c.run.outcome.verdict != VERDICT_HELD;
        if (found)
            expect_verdict(&c, verdict);
        sim_case_release(&c);
    }
    cr_expect(found, "%s", verdict);
}

char *sim_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0, cap = 0;

    cr_assert(file != NULL, "cannot open %s from the root of the source", path);
    do {
        cap = cap ? cap * 2 : 4096;
        text = realloc(text, cap + 1);
        cr_assert(text != NULL);
        len += fread(text + len, 1, cap - len, file);
    } while (len == cap);
    fclose(file);
    text[len] = '\0';
    return text;
}
