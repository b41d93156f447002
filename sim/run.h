/*
 * One run: a scenario, a seed, a verdict. A run holds all its state, so any
 * number of runs may live in one process, and two can be stepped side by side.
 */
#ifndef DC_SIM_RUN_H
#define DC_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/checks.h"
#include "sim/cluster.h"
#include "sim/expect.h"
#include "sim/net.h"
#include "sim/oracle.h"
#include "sim/show.h"
#include "sim/timeline.h"
#include "sim/workload.h"
#include "sim/world.h"

/* A run that takes more events than this ends unknown. */
#define RUN_EVENTS_MAX UINT64_C(10000000000)

enum verdict {
    VERDICT_HELD,
    VERDICT_BROKE,
    VERDICT_UNKNOWN
};

enum reason {
    REASON_NONE = 0,
    REASON_EXPECT,   /* an expectation did not hold */
    REASON_CHECK,    /* a built-in check fired */
    REASON_CONTRACT, /* core or sim broke a contract of its own */
    REASON_SIGNAL,
    REASON_TIMEOUT,      /* it took more processor time than it may */
    REASON_MEMORY,       /* the process had no more memory */
    REASON_UNREPEATABLE, /* the same run came out differently */
    REASON_UNEVALUATED,  /* an expectation was never evaluated */
    REASON_UNFIRED,      /* a statement has met nothing that it could act on */
    REASON_LIMIT,        /* a limit was reached */
};

struct outcome {
    enum verdict verdict;
    enum reason reason;
    uint32_t stmt;      /* the statement concerned; UINT32_MAX: none */
    struct scn_pos pos; /* what of it is meant; line 0: all of it */
    uint64_t at_ns;     /* when it was decided */
    char headline[EXPECT_TEXT_MAX];
    char label[EXPECT_TEXT_MAX];
};

struct run_options {
    uint64_t seed;
    uint64_t until_ns;      /* stop looking then; DC_TIME_NEVER: at the scenario's stop */
    struct show_sink shows; /* given what show statements come to; .shown may be NULL */
    bool compares;          /* golden text with it, if it is for this seed and these parameters */
    bool goes_on;           /* to the stop, whatever breaks on the way: then that is not said */
    bool codec_sampled;     /* frames are encoded and decoded for a sample only (sim/frames.h) */
    struct choose_watch draws; /* shown every draw; .drawn is NULL when nobody looks */
};

struct run {
    const struct scenario *scn;
    struct run_options options;
    struct world world;
    struct net net;
    struct oracle oracle;
    struct checks checks;
    struct cluster cluster;
    struct workload workload;
    struct timeline timeline;
    struct expects expects;
    struct met *met;     /* by statement; owned */
    char *shown;         /* what the show that broke the run came to; owned; NULL */
    struct event event;  /* that is being handled, or was last; none before world.events is 1 */
    uint64_t settled_ns; /* the instant that expects_settle() has seen last */
    bool settled;
    bool over;
    struct outcome outcome; /* valid when over */
};

/*
 * Sets up and starts all nodes at time 0. @scn is borrowed and only read.
 * @sink (may be NULL) is shown every record.
 */
void run_init(struct run *run, const struct scenario *scn, const struct run_options *options,
              const struct trace_sink *sink);
void run_release(struct run *run);

/* Handles the next event. Returns false, and run->outcome is valid, when the run is over. */
bool run_step(struct run *run);

/* All steps. */
void run_all(struct run *run);

/* Ends a run early, unknown: the reason is not the scenario's. */
void run_abandon(struct run *run, enum reason reason);

/* Ends a run as broken, for a reason that lies outside of it; the headline is the caller's. */
void run_fail(struct run *run, enum reason reason);

/* "held", "broke", "unknown"; "expect", "check", ... or NULL for REASON_NONE. */
const char *verdict_text(enum verdict verdict);
const char *reason_text(enum reason reason);

#endif
