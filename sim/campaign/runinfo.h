/*
 * What a campaign keeps of one run. A worker hands it over as it is: it is of
 * the same program, and has no pointers in it.
 */
#ifndef DC_SIM_CAMPAIGN_RUNINFO_H
#define DC_SIM_CAMPAIGN_RUNINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/run.h"

/* Room for a cause, with its 0. */
#define RUNINFO_CAUSE_MAX (EXPECT_TEXT_MAX + 64)

enum runinfo_verdict {
    RUNINFO_HELD,
    RUNINFO_BROKE,
    RUNINFO_UNKNOWN,
    RUNINFO_INTERNAL, /* dcsim itself came to no verdict, or to two */
    RUNINFO_VERDICTS
};

struct runinfo {
    enum runinfo_verdict verdict;
    char reason[24]; /* "expect"; "": none */
    /* What runs that failed alike have in common; "": it held. */
    char cause[RUNINFO_CAUSE_MAX];
    bool outside;  /* what ended it is no part of it: run once more, it may come to anything */
    uint32_t line; /* of the statement concerned; 0: none */
    uint32_t nodes;
    /* The rest is valid when ended is set: a run that died has told nothing. */
    bool ended, converged; /* some time */
    bool together;         /* converged at the end */
    uint64_t sim_ns, events, converged_ns, trace_hash, unseed;
    uint64_t lost; /* counts that were ok and are gone with disks; at most 2^64-1 */
};

/* "held", "broke", "unknown", "internal". */
const char *runinfo_verdict_text(enum runinfo_verdict verdict);

/*
 * Of a run that is over. The cause names the line of the statement only when
 * @lines is set: where each seed has a text of its own, lines say nothing.
 */
void runinfo_of(struct runinfo *ret, const struct run *run, enum runinfo_verdict verdict,
                bool lines);

/*
 * Of one that has not come to its end, for @reason, such as "signal". Runs with the same
 * @cause failed alike: its numbers are not of one seed.
 */
void runinfo_lost(struct runinfo *ret, enum runinfo_verdict verdict, const char *reason,
                  const char *cause);

/* Did it fail in a way that dcsim shrink can look for? */
bool runinfo_shrinks(const struct runinfo *info);

/*
 * One JSON object and a newline: the record of the seed. Nothing in it was
 * measured. @command repeats the run; NULL when nobody needs that.
 */
void runinfo_json(FILE *out, const struct runinfo *info, const char *scenario, uint64_t seed,
                  const char *command);

#endif
