/*
 * Who looks at a run: records and notes reach every sink, and no sink changes
 * the run.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/env.h"
#include "tests/lib_sim.h"

#define STORY                                                                                      \
    "scn 1\nnodes 3\nnode sync 100ms\nnet delay 5ms\nat 500ms inc n2 by 7\n"                       \
    "expect converged at end\nstop 2s\n"

struct seen {
    uint64_t records, notes, raised;
    uint64_t last_ns;
    uint64_t top; /* the highest count that rose */
};

static void on_record(void *ctx, const struct record *record)
{
    struct seen *seen = ctx;

    seen->records++;
    seen->last_ns = record->at_ns;
}

static void on_note(void *ctx, const struct note *note)
{
    struct seen *seen = ctx;

    seen->notes++;
    cr_assert(note->at_ns >= seen->last_ns, "a note comes in the order of the run");
    if (note->event != ENV_RAISED)
        return;
    cr_assert(eq(u32, note->level, ENV_DEBUG));
    cr_assert(eq(u32, note->fields->name, 1 /* n2 */));
    seen->raised++;
    if (note->fields->now > seen->top)
        seen->top = note->fields->now;
}

static uint64_t hash_with(const struct trace_sink *sink)
{
    struct run_options options = {.seed = 5, .until_ns = UINT64_MAX};
    struct sim_case c;
    uint64_t hash;

    sim_case_parse(&c, STORY);
    run_init(&c.run, &c.scn, &options, sink);
    run_all(&c.run);
    expect_verdict(&c, "held");
    hash = c.run.world.trace.hash;
    sim_case_release(&c);
    return hash;
}

/* Three nodes start, and each of them learns of the seven once. */
Test(trace, a_sink_is_shown_what_nodes_log)
{
    struct seen seen = {0};
    struct trace_sink sink = {.record = on_record, .note = on_note, .ctx = &seen};

    cr_assert(eq(u64, hash_with(&sink), hash_with(NULL)), "looking changes nothing");
    cr_assert(eq(u64, seen.raised, 3));
    cr_assert(eq(u64, seen.notes, 6 /* started, raised */));
    cr_assert(eq(u64, seen.top, 7));
    cr_assert(ge(u64, seen.records, 100));
}

/* Several look at one run; who does not want notes or records gets none. */
Test(trace, a_tee_shows_everything_to_everyone)
{
    struct seen both = {0}, notes = {0}, records = {0};
    struct trace_tee tee = {0};
    struct trace_sink sink;

    sink = trace_tee_sink(&tee);
    cr_assert(sink.record == NULL && sink.note == NULL, "nobody looks");
    trace_tee_add(&tee, (struct trace_sink){.record = on_record, .ctx = &records});
    sink = trace_tee_sink(&tee);
    cr_assert(sink.record != NULL && sink.note == NULL, "nobody wants notes");
    trace_tee_add(&tee, (struct trace_sink){.note = on_note, .ctx = &notes});
    trace_tee_add(&tee, (struct trace_sink){.record = on_record, .note = on_note, .ctx = &both});
    sink = trace_tee_sink(&tee);
    hash_with(&sink);
    cr_assert(eq(u64, both.notes, 6));
    cr_assert(eq(u64, notes.notes, 6));
    cr_assert(eq(u64, notes.records, 0));
    cr_assert(eq(u64, both.records, records.records));
    cr_assert(eq(u64, records.notes, 0));
}
