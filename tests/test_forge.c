/*
 * Forged frames: that each kind is wrong in the way that it says, that core refuses
 * it for that, and that a run with them is else the run without.
 */
#include "sim/forge.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/choose.h"
#include "sim/frames.h"
#include "tests/lib_sim.h"

struct reader {
    struct names names;
    struct codec *codec;
    struct pncounter state;
    struct choose choose;
};

static void reader_init(struct reader *reader)
{
    names_init(&reader->names, mem_heap());
    reader->codec = codec_new(mem_heap(), &reader->names);
    cr_assert(reader->codec != NULL);
    pncounter_init(&reader->state, mem_heap(), &reader->names);
    choose_init(&reader->choose, 1);
    for (int i = 1; i <= 9; i++) {
        char name[8];
        dc_name id;
        int len = snprintf(name, sizeof(name), "n%d", i);

        cr_assert(names_intern(&reader->names, name, (size_t)len, &id) == 0);
    }
}

static void reader_release(struct reader *reader)
{
    pncounter_release(&reader->state);
    codec_free(reader->codec);
    names_release(&reader->names);
}

static struct forged *forged_of(struct reader *reader, enum scn_forge kind, uint64_t key)
{
    struct forge_order order = {.kind = kind,
                                .key = key,
                                .from = (uint32_t)(key % 9),
                                .nodes = 9,
                                .names = &reader->names,
                                .stmt = 3};

    return forge_new(&reader->choose, &order);
}

/* All draws of a kind come up in so many frames of it; those that take long have fewer. */
static uint64_t times_of(enum scn_forge kind)
{
    return kind == SCN_FORGE_INFLATE || kind == SCN_FORGE_LARGE ? 3 : 400;
}

Test(forge, each_kind_is_refused_for_what_is_wrong_and_leaves_nothing)
{
    struct reader reader;

    reader_init(&reader);
    for (int kind = SCN_FORGE_RANDOM + 1; kind < SCN_FORGES; kind++)
        for (uint64_t key = 0; key < times_of((enum scn_forge)kind); key++) {
            struct forged *forged = forged_of(&reader, (enum scn_forge)kind, key);
            uint32_t known = reader.names.len;
            struct message msg;
            int rc = message_decode(reader.codec, forged->bytes, forged->len, &msg, &reader.state);

            cr_assert(rc == forged->err, "%s, key %llu: expected %s, found %s",
                      scn_forge_text((enum scn_forge)kind), (unsigned long long)key,
                      err_name(forged->err), err_name(rc));
            cr_assert(eq(u32, reader.names.len, known));
            if (forged->says != 0)
                cr_assert(eq(u64, frames_says(&msg, &reader.state), forged->says));
            else
                cr_assert(eq(u32, reader.state.len, 0));
            cr_assert(forged->stmt == 3 && (int)forged->kind == kind);
            forge_free(forged);
        }
    reader_release(&reader);
}

/* The same key is the same frame; another key is another. */
Test(forge, a_frame_hangs_on_its_key)
{
    struct reader reader;

    reader_init(&reader);
    for (int kind = SCN_FORGE_RANDOM + 1; kind < SCN_FORGES; kind++) {
        struct forged *a = forged_of(&reader, (enum scn_forge)kind, 7);
        struct forged *b = forged_of(&reader, (enum scn_forge)kind, 7);

        cr_assert(a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
        forge_free(a);
        forge_free(b);
    }
    reader_release(&reader);
}

Test(forge, random_is_any_of_them)
{
    bool seen[SCN_FORGES] = {false};
    struct reader reader;

    reader_init(&reader);
    for (uint64_t key = 0; key < 3000; key++) {
        struct forged *forged = forged_of(&reader, SCN_FORGE_RANDOM, key);

        seen[forged->kind] = true;
        forge_free(forged);
    }
    for (int kind = SCN_FORGE_RANDOM + 1; kind < SCN_FORGES; kind++)
        cr_expect(seen[kind], "never %s", scn_forge_text((enum scn_forge)kind));
    cr_expect_not(seen[SCN_FORGE_RANDOM]);
    reader_release(&reader);
}

/* ---- runs ---- */

#define STORY                                                                                      \
    "scn 1\nnodes 4\nnet delay 5ms loss 5%\nnode n2 service 2ms\n"                                 \
    "load 20/s even inc 100% on all to 2s\nstop 5s\n"

/* Nothing of a run is changed but the trace: no count of messages, no state, no time. */
Test(forge, a_run_with_forged_frames_is_else_the_run_without)
{
    struct sim_case with, without;

    sim_case_run(&without, STORY, 3);
    sim_case_run(&with, STORY "every 37ms to 3s forge digest all -> n1,n3\n", 3);
    expect_verdict(&with, "held");
    cr_expect(with.run.cluster.stats.forged > 100);
    cr_expect(with.run.cluster.stats.forged_lost > 0);
    cr_expect(with.run.cluster.stats.forged ==
              with.run.cluster.stats.forged_seen + with.run.cluster.stats.forged_lost);
    cr_assert(eq(u64, with.run.cluster.stats.sent, without.run.cluster.stats.sent));
    cr_assert(eq(u64, with.run.cluster.stats.bytes, without.run.cluster.stats.bytes));
    cr_assert(eq(u64, with.run.cluster.stats.dropped, without.run.cluster.stats.dropped));
    cr_assert(eq(u64, with.run.cluster.stats.delivered, without.run.cluster.stats.delivered));
    cr_assert(eq(u64, with.run.expects.since_ns, without.run.expects.since_ns));
    cr_assert(ne(u64, with.run.world.trace.hash, without.run.world.trace.hash));
    sim_case_release(&with);
    sim_case_release(&without);
}

/* They go through the codec also where messages do not, and the network damages and doubles them.
 */
Test(forge, the_codec_makes_no_difference)
{
    const char *text = STORY "net dup 30% corrupt 30%\n"
                             "every 20ms to 3s forge random random(2) <-> random(2)\n";
    struct sim_case full, sampled;

    sim_case_run(&full, text, 3);
    sim_case_parse(&sampled, text);
    sampled.sampled = true;
    sim_case_rerun(&sampled, 3);
    expect_verdict(&full, "held");
    cr_assert(eq(u64, full.run.world.trace.hash, sampled.run.world.trace.hash));
    sim_case_release(&full);
    sim_case_release(&sampled);
}

/* A forger needs no node that runs, but somebody who hears. */
Test(forge, one_that_nobody_hears_proves_nothing)
{
    struct sim_case c;

    sim_case_run(&c, STORY "at 1s crash n1 for 1s\nat 1500ms forge sum n1 -> n2\n", 3);
    expect_verdict(&c, "held");
    sim_case_release(&c);
    sim_case_run(&c, STORY "at 1s crash n2 for 1s\nat 1500ms forge sum n1 -> n2\n", 3);
    expect_verdict(&c, "unknown unfired");
    sim_case_release(&c);
}

static bool ends_with(const struct forged *forged, const char *text)
{
    size_t len = strlen(text);

    return forged->len > len && memcmp(forged->bytes + forged->len - len, text, len) == 0;
}

Test(forge, a_message_is_also_cut_where_a_map_or_a_number_begins)
{
    struct reader reader;
    unsigned maps = 0, numbers = 0;

    reader_init(&reader);
    for (uint64_t key = 0; key < 400; key++) {
        struct forged *forged = forged_of(&reader, SCN_FORGE_SHORT, key);

        maps += ends_with(forged, "inc");
        numbers += ends_with(forged, "dig");
        forge_free(forged);
    }
    cr_expect(ge(uint, maps, 20));
    cr_expect(ge(uint, numbers, 20));
    reader_release(&reader);
}
