/*
 * From a story that fails to the smallest one that fails the same way.
 *
 * A story is cut, somebody else judges what is left (by running it with a list of
 * seeds), and a cut that still fails with at least as many of them as before, and
 * is cheaper to read, is kept. That repeats until no cut is left to try. So a
 * story can only get smaller and less a matter of luck:
 *
 *   drop     statements, many at once and then fewer (delta debugging), those of
 *            one name together
 *   nodes    fewer of them
 *   trim     words, ranges, numbers, ways of saying it
 *   sure     what makes it fail with more seeds, until it does with all
 *   unroll   what happens every now and then, into what happens at a time, if that
 *            leads to a smaller or a surer story
 *   drops    a chance of loss, into the messages that were lost, likewise
 *   pin      draws, if that is not enough: all of a run that fails, of which then
 *            those are dropped that do not matter
 *
 * All cuts and their order are fixed; nothing here depends on a clock or on chance.
 * Source of the first: Zeller, Hildebrandt, "Simplifying and isolating
 * failure-inducing input", IEEE TSE 2002.
 */
#ifndef DC_SIM_SHRINK_SHRINK_H
#define DC_SIM_SHRINK_SHRINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/shrink/breach.h"
#include "sim/shrink/story.h"

struct shrink;

/* Runs with more draws are not pinned: nobody would wait for it. */
#define SHRINK_PINS_MAX 20000u

/* More lines than before that a way may have left when all has been dropped that can be. */
#define SHRINK_WAY_LINES_MAX 20u

enum shrink_look {
    SHRINK_LOOK_DRAWS,   /* all of them, as "fix" statements, in any order */
    SHRINK_LOOK_FIRINGS, /* "LINE NS": when "every" statements fired */
    SHRINK_LOOK_LOSSES,  /* "NS FROM TO": messages lost by chance, and when they were sent */
    SHRINK_LOOK_IDLE,    /* "LINE", ascending: statements that met nothing */
};

struct shrink_judge {
    /*
     * With how many of its seeds does @story break @breach? Counts no further than it
     * takes to say that there are fewer than @need. 0 for what is no scenario.
     */
    unsigned (*fails)(void *ctx, const struct story *story, const struct breach *breach,
                      unsigned need);
    unsigned seeds; /* how many it has */
    /* What @story breaks with the first seed that breaks anything; false: with none. */
    bool (*breaks)(void *ctx, const struct story *story, struct breach *ret);
    /* What a run of @story that breaks @breach was like, a line each. Returns 0 or -1. */
    int (*look)(void *ctx, const struct story *story, const struct breach *breach,
                enum shrink_look look, FILE *out);
    bool (*stops)(void *ctx); /* enough: what is best so far is the result */
    void (*better)(void *ctx, const struct shrink *shrink);
    void *ctx;
};

/* Stories that were tried and are not to be tried again. */
struct tried {
    uint64_t *hashes; /* open addressing; 0: free; owned */
    size_t len, cap;
};

struct shrink {
    struct shrink_judge judge;
    struct breach breach;
    struct story best;
    unsigned fails; /* with how many seeds */
    bool pinned;    /* some of its draws are: nothing that matters is left to luck */
    uint64_t trials;
    struct tried tried;
};

/* @story, which fails with @fails seeds, is copied. */
void shrink_init(struct shrink *shrink, const struct shrink_judge *judge, const struct story *story,
                 const struct breach *breach, unsigned fails);
void shrink_release(struct shrink *shrink);

/* All that leaves draws alone. shrink->best is the result, also after a stop. */
void shrink_all(struct shrink *shrink);

/* Then, if it still fails with some seeds only. */
void shrink_pins(struct shrink *shrink);

/* The judge has more seeds now, of which the best story fails with @fails. */
void shrink_more_seeds(struct shrink *shrink, unsigned seeds, unsigned fails);

/* The order of time, in which people read: as far as it fails as well then. For the end. */
void shrink_order(struct shrink *shrink);

/* ---- for the passes ---- */

/*
 * Keeps @candidate, which is taken over, if it is cheaper and fails in as many
 * seeds. Returns whether it was kept. What nobody would write is never kept: a statement
 * with an amount of 0 does nothing, and if that is enough it can go as a whole.
 */
bool shrink_try(struct shrink *shrink, struct story *candidate);

/* Likewise, when it fails with more seeds, whatever it costs. */
bool shrink_try_surer(struct shrink *shrink, struct story *candidate);

static inline bool shrink_stops(const struct shrink *shrink)
{
    return shrink->judge.stops(shrink->judge.ctx);
}

/* Each: did it find anything? */
bool shrink_drop(struct shrink *shrink);
bool shrink_nodes(struct shrink *shrink);
bool shrink_trim(struct shrink *shrink);
bool shrink_sure(struct shrink *shrink);
bool shrink_pin(struct shrink *shrink);
/* Puts an "at" in the place of each time that an "every" fired. It is up to the others to cut it.
 */
bool shrink_unroll(struct shrink *shrink);
/* Puts "drop next 1" in the place of each loss by chance, and takes the chance away. */
bool shrink_drops(struct shrink *shrink);

/*
 * An expectation of the file itself gives way to "quiet" and what must hold after
 * it, if that fails as well: then the rest of the story can be cut freely.
 */
bool shrink_generalise(struct shrink *shrink);

/* Makes the story a sober one, if it is but for faults that touch nothing. */
bool shrink_sober(struct shrink *shrink);

#endif
