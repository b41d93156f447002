/*
 * What a file expects of all its runs together: "sometimes", which has to hold in
 * one of them, and "expect p99 converged". One run alone is not judged.
 *
 * "sometimes" is about the runs of all combinations of what is swept; a percentile is
 * about those of one, whose values may stand in it.
 */
#ifndef DC_SIM_CMD_TOGETHER_H
#define DC_SIM_CMD_TOGETHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/campaign/summary.h"
#include "sim/report.h"
#include "sim/run.h"

/* Of the runs of one combination. */
struct together {
    uint64_t runs;
    uint64_t seed_last; /* the highest */
    bool *hopes;        /* by number of a "sometimes": it held in some run; owned */
    size_t hopes_len;
    struct summary times; /* when each converged that is known */
    uint64_t unknown;     /* runs of which that is not: they proved nothing */
};

/* @scn NULL: nothing is expected of them. */
void together_init(struct together *ret, const struct scenario *scn);
void together_release(struct together *together);

/* In a worker: what together_add() takes of a run that is over. */
void together_tell(FILE *extra, const struct run *run, int exit_code);

/*
 * A run more, which ended with @code. Returns how much of @told, of @len bytes, it has taken.
 * One that told nothing (0 bytes) never converged, or is unknown, as @code says.
 */
size_t together_add(struct together *together, uint64_t seed, int code, const char *told,
                    size_t len);

struct together_claim {
    const struct scn_stmt *stmt;
    bool held;
    const char *swept; /* "loss=5%": of which combination; "": of all */
    const char *label; /* "expected in at least 1 run, found in 0" */
};

/* Where claims that do not hold are named, and how those runs are repeated. */
struct together_place {
    FILE *out;
    const struct report *report; /* of the combination, or of all of them */
    const char *word;            /* "fuzz " or "": of which command they were */
    uint64_t seed_first;
    uint64_t asked; /* runs of each combination; those that were not made are unknown; 0: any */
    /* Hears of each claim that is judged, and what it came to; NULL: nobody does. */
    void (*judged)(void *ctx, const struct together_claim *claim);
    void *ctx;
};

/*
 * Names the percentiles that do not hold, and those that runs which are unknown leave
 * open. Returns how many do not hold.
 */
unsigned together_judge_times(struct together *together, const struct together_place *place);

/*
 * Names each "sometimes" that held in no run of the @len combinations of @list.
 * Returns how many.
 */
unsigned together_judge_hopes(struct together *const *list, size_t len,
                              const struct together_place *place);

#endif
