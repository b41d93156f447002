/*
 * Stories are run in processes of their own: what crashes, hangs or breaks a
 * contract is one more way to fail.
 */
#ifndef DC_SIM_CMD_SHRINK_TRY_H
#define DC_SIM_CMD_SHRINK_TRY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_lastwords.h"
#include "sim/shrink/breach.h"
#include "sim/shrink/shrink.h"
#include "sim/shrink/story.h"

#define TRY_SEEDS_MAX 256u

struct try_options {
    uint64_t seeds[TRY_SEEDS_MAX]; /* in the order in which they are tried */
    unsigned seeds_len;
    uint64_t events_max; /* a run that takes more has not failed */
    uint64_t limit_ns;   /* of processor time; a run that takes more hangs, */
    uint64_t event_ns;   /* and so does one of which a single event takes that */
    /* Once set, no run is begun, those that go on are ended, and none has failed. */
    const volatile sig_atomic_t *stop;
    uint64_t until_ns;             /* likewise, once progress_wall_ns() comes to that; 0: never */
    FILE *words;                   /* for what a run says before it dies: a file of nobody else's */
    struct lastwords_place *place; /* for where it was then; of child_share() */
    uint64_t *work;                /* counts up: what all runs have cost, in events */
};

/* Runs cost their events. Beginning one costs as many as these, and so does a second of waiting
 * for one that does not end. */
#define TRY_EVENTS_A_RUN UINT64_C(1000)
#define TRY_EVENTS_A_SECOND UINT64_C(1000000)

/* Is it to stop, or is the time over? */
bool try_stops(const struct try_options *options);

/* What came of one run. */
struct try_result {
    struct breach breach;
    uint64_t events; /* 0: it died */
    uint64_t cost;   /* in events */
    bool blocked;    /* it waited for something outside of it, until it was ended */
};

/* Runs @scn with the first seed. */
void try_first(const struct try_options *options, const struct scenario *scn,
               struct try_result *ret);

/*
 * With how many of the seeds does @story break @breach? Counts no further than it takes
 * to say that there are fewer than @need. 0 for what is no scenario, or not sober if that
 * is asked for.
 */
unsigned try_fails(const struct try_options *options, const struct story *story,
                   const struct breach *breach, unsigned need);

/*
 * With which of the seeds does it not hold? Into @ret, one for each, until it holds with @most of
 * them; one whose run was blocked or had no memory has not held. Returns how many were tried: 0
 * of what is no scenario.
 */
unsigned try_each(const struct try_options *options, const struct story *story,
                  const struct breach *breach, unsigned most, bool *ret);

/* The first seed with which it does. False: with none. */
bool try_finds(const struct try_options *options, const struct story *story,
               const struct breach *breach, uint64_t *ret);

/* What @story breaks with the first seed that breaks anything; false: with none. */
bool try_breach(const struct try_options *options, const struct story *story, struct breach *ret);

/* What a run of @story that breaks @breach was like. Returns 0 or -1. */
int try_look(const struct try_options *options, const struct story *story,
             const struct breach *breach, enum shrink_look look, FILE *out);

/*
 * What is to be said of it: what did not hold, and what led to it; with lines as they are
 * in a file that has @before lines before the story.
 */
void try_tell(const struct try_options *options, const struct story *story, size_t before,
              const struct breach *breach, FILE *out);

#endif
