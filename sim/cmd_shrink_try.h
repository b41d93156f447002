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

#include "sim/shrink/breach.h"
#include "sim/shrink/shrink.h"
#include "sim/shrink/story.h"

#define TRY_SEEDS_MAX 256u

struct try_options {
    uint64_t seeds[TRY_SEEDS_MAX]; /* in the order in which they are tried */
    unsigned seeds_len;
    uint64_t events_max; /* a run that takes more has not failed */
    unsigned hang_s;     /* seconds of processor time after which a run counts as one that hangs */
    /* Once set, no run is begun, those that go on are ended, and none has failed. */
    const volatile sig_atomic_t *stop;
    FILE *words; /* for what a run says before it dies: a file of nobody else's */
};

/* What came of one run. */
struct try_result {
    struct breach breach;
    uint64_t events; /* 0: it died */
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
