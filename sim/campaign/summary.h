/*
 * What the runs of a campaign come to together: counts, convergence times, and
 * failures by cause. It depends on the runs alone, not on their order in time.
 */
#ifndef DC_SIM_CAMPAIGN_SUMMARY_H
#define DC_SIM_CAMPAIGN_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/campaign/runinfo.h"

/* Seeds that are remembered of a cause, the fastest. */
#define SUMMARY_SEEDS_MAX 8u

struct summary_seed {
    uint64_t sim_ns, events; /* UINT64_MAX of a run that did not come to its end */
    uint64_t seed;
    uint32_t subject; /* the caller's: which scenario */
};

struct summary_cause {
    char *text; /* owned */
    enum runinfo_verdict verdict;
    bool outside, shrinks; /* as its runs are */
    uint64_t runs;
    struct summary_seed seeds[SUMMARY_SEEDS_MAX]; /* fastest first */
    unsigned seeds_len;
};

/* A zeroed one is empty. */
struct summary {
    uint64_t of[RUNINFO_VERDICTS];
    uint64_t *converged; /* ns, one for each run that held; owned */
    size_t converged_len, converged_cap;
    struct summary_cause *causes; /* in the order of their first runs; owned */
    size_t causes_len, causes_cap;
};

void summary_release(struct summary *summary);

/* A run more. Returns the number of its cause, or SIZE_MAX when it held. */
size_t summary_add(struct summary *summary, const struct runinfo *info, uint32_t subject,
                   uint64_t seed);

/* The number of the cause with that text, or SIZE_MAX. */
size_t summary_find(const struct summary *summary, const char *cause);

/* A convergence time more, and nothing else; UINT64_MAX: it never did. */
void summary_add_time(struct summary *summary, uint64_t ns);

uint64_t summary_runs(const struct summary *summary);
/* Those that did not hold. */
uint64_t summary_failed(const struct summary *summary);

/* The times that were added, ascending; borrowed until the next is. */
const uint64_t *summary_times(struct summary *summary, size_t *ret_len);

/*
 * The convergence time that @percent of 100 runs did not pass (nearest rank).
 * Of those that held. False when none converged. Sorts what it has.
 */
bool summary_converged(struct summary *summary, unsigned percent, uint64_t *ret_ns);

#endif
