/* Cut, judge, keep; until nothing is left to cut. */
#include "sim/shrink/shrink.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/fatal.h"
#include "sim/shrink/numbers.h"

/* What makes a story surer and what makes it smaller may take turns so often. */
#define SURE_ROUNDS 4u

void shrink_init(struct shrink *shrink, const struct shrink_judge *judge, const struct story *story,
                 const struct breach *breach, unsigned fails)
{
    *shrink = (struct shrink){.judge = *judge, .breach = *breach, .fails = fails};
    story_copy(&shrink->best, story);
}

void shrink_release(struct shrink *shrink)
{
    story_release(&shrink->best);
    free(shrink->tried.hashes);
    *shrink = (struct shrink){0};
}

/* ---- what was tried ---- */

static void tried_put(struct tried *tried, uint64_t hash)
{
    size_t at = (size_t)hash & (tried->cap - 1);

    while (tried->hashes[at] != 0 && tried->hashes[at] != hash)
        at = (at + 1) & (tried->cap - 1);
    tried->len += tried->hashes[at] == 0;
    tried->hashes[at] = hash;
}

/* Returns false when it was there already. */
static bool tried_add(struct tried *tried, uint64_t hash)
{
    size_t before = tried->len;

    if (tried->len * 2 >= tried->cap) {
        struct tried grown = {.cap = tried->cap ? tried->cap * 2 : 1024};

        grown.hashes = fatal_calloc(grown.cap, sizeof(*grown.hashes));
        for (size_t i = 0; i < tried->cap; i++)
            if (tried->hashes[i] != 0)
                tried_put(&grown, tried->hashes[i]);
        free(tried->hashes);
        *tried = grown;
        before = tried->len;
    }
    tried_put(tried, hash | 1); /* 0 is what is free */
    return tried->len > before;
}

/* Of the text, and of how many seeds were asked of it: whoever asks more may be told less. */
static uint64_t hash_of(const struct story *story, unsigned need)
{
    uint64_t hash = need;

    for (size_t i = 0; i < story->len; i++)
        hash = XXH64(story->lines[i], strlen(story->lines[i]) + 1, hash);
    return hash;
}

/* ---- one cut ---- */

static size_t idle_amounts(const struct story *story)
{
    size_t count = 0;

    for (size_t i = 0; i < story->len; i++)
        count += numbers_idle(story->lines[i]);
    return count;
}

static bool try_with(struct shrink *shrink, struct story *candidate, unsigned need)
{
    unsigned fails = 0;

    if (!shrink_stops(shrink) && idle_amounts(candidate) <= idle_amounts(&shrink->best) &&
        tried_add(&shrink->tried, hash_of(candidate, need))) {
        shrink->trials++;
        fails = shrink->judge.fails(shrink->judge.ctx, candidate, &shrink->breach, need);
    }
    if (fails < need) {
        story_release(candidate);
        return false;
    }
    story_release(&shrink->best);
    shrink->best = *candidate;
    *candidate = (struct story){0};
    shrink->fails = fails;
    shrink->judge.better(shrink->judge.ctx, shrink);
    return true;
}

/*
 * As many seeds as before. While it is a matter of luck a cut changes with which seeds
 * it fails: then it is enough that most do, and the rest is won back later.
 */
static unsigned enough(const struct shrink *shrink)
{
    unsigned most = shrink->judge.seeds * 2 / 3;

    return shrink->pinned || shrink->fails == shrink->judge.seeds || shrink->fails < most
               ? shrink->fails
               : most;
}

bool shrink_try(struct shrink *shrink, struct story *candidate)
{
    if (!story_cheaper(candidate, &shrink->best)) {
        story_release(candidate);
        return false;
    }
    return try_with(shrink, candidate, enough(shrink));
}

bool shrink_try_surer(struct shrink *shrink, struct story *candidate)
{
    return try_with(shrink, candidate, shrink->fails + 1);
}

/* ---- all of them ---- */

void shrink_more_seeds(struct shrink *shrink, unsigned seeds, unsigned fails)
{
    free(shrink->tried.hashes);
    shrink->tried = (struct tried){0};
    shrink->judge.seeds = seeds;
    shrink->fails = fails;
}

/* What makes a story smaller, cheap and thorough cuts first, as long as one of them works. */
static void make_smaller(struct shrink *shrink)
{
    bool found;

    do {
        found = shrink_drop(shrink);
        if (!breach_is_general(&shrink->breach))
            continue; /* it is about the rest as it stands */
        found = shrink_nodes(shrink) || found;
        found = shrink_trim(shrink) || found;
    } while (found && !shrink_stops(shrink));
}

static void make_sure(struct shrink *shrink)
{
    for (unsigned i = 0; i < SURE_ROUNDS && shrink->fails < shrink->judge.seeds; i++) {
        if (!breach_is_general(&shrink->breach) || !shrink_sure(shrink))
            return;
        make_smaller(shrink);
    }
}

/* Goes a way that begins with a story that is worse, and comes back if it ends with none better. */
static void try_way(struct shrink *shrink, bool (*first_step)(struct shrink *shrink))
{
    struct story before;
    unsigned fails = shrink->fails;

    story_copy(&before, &shrink->best);
    if (first_step(shrink)) {
        while (shrink_drop(shrink) && !shrink_stops(shrink))
            ;
    }
    if (shrink->best.len <= before.len + SHRINK_WAY_LINES_MAX) {
        make_smaller(shrink);
        make_sure(shrink);
    }
    if (shrink->fails < fails || shrink->best.len > before.len + SHRINK_WAY_LINES_MAX ||
        (shrink->fails == fails && !story_cheaper(&shrink->best, &before))) {
        story_release(&shrink->best);
        shrink->best = before;
        shrink->fails = fails;
    } else {
        story_release(&before);
    }
}

void shrink_all(struct shrink *shrink)
{
    if (!shrink->breach.sober && !shrink_sober(shrink))
        shrink_generalise(shrink);
    make_smaller(shrink);
    make_sure(shrink);
    if (shrink->fails < shrink->judge.seeds && breach_is_general(&shrink->breach))
        try_way(shrink, shrink_unroll);
    if (shrink->fails < shrink->judge.seeds && breach_is_general(&shrink->breach))
        try_way(shrink, shrink_drops);
}

/* With all draws pinned nothing is left to luck: a step that leaves it so can be taken at once. */
static void step_if_sure(struct shrink *shrink, bool (*step)(struct shrink *shrink))
{
    struct story before;

    story_copy(&before, &shrink->best);
    if (step(shrink) && shrink->fails < shrink->judge.seeds) {
        story_release(&shrink->best);
        shrink->best = before;
        shrink->fails = shrink->judge.seeds;
    } else {
        story_release(&before);
    }
}

static void cut_pinned(struct shrink *shrink)
{
    shrink->pinned = true;
    if (breach_is_general(&shrink->breach) && shrink->fails == shrink->judge.seeds) {
        step_if_sure(shrink, shrink_drops); /* plain statements say more than draws */
        step_if_sure(shrink, shrink_unroll);
    }
    make_smaller(shrink);
    if (breach_is_general(&shrink->breach))
        try_way(shrink, shrink_unroll); /* fewer draws may matter now */
}

void shrink_pins(struct shrink *shrink)
{
    struct story before;
    unsigned fails = shrink->fails;

    if (fails == shrink->judge.seeds)
        return;
    story_copy(&before, &shrink->best);
    if (shrink_pin(shrink))
        cut_pinned(shrink);
    /* Hundreds of draws that a stop has left are worse than some luck. */
    if (shrink_stops(shrink) && shrink->best.len > before.len + SHRINK_WAY_LINES_MAX) {
        story_release(&shrink->best);
        shrink->best = before;
        shrink->fails = fails;
    } else {
        story_release(&before);
    }
}
