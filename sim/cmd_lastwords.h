/*
 * What is said of a run in this process that cannot end by itself: it crashes, one of its
 * events does not come to an end, or somebody interrupts it and it does not look up. That is
 * said from within a signal handler, so it is prepared before, and nothing is asked for then but
 * write(). A child has a parent who says it: it only notes where the run is, in memory that
 * both have.
 */
#ifndef DC_SIM_CMD_LASTWORDS_H
#define DC_SIM_CMD_LASTWORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/report.h"

struct run;

/* What to do about a run that had not enough memory, which proves nothing. */
#define LASTWORDS_MEMORY_HELP                                                                      \
    "this proves nothing: try it with more memory (ulimit -v), fewer workers (-j), fewer nodes "   \
    "or a shorter run"

/* Of processor time that one event may take. */
#define LASTWORDS_EVENT_SECONDS 10u
/* An event that has taken less is not said to be the one that does not end. */
#define LASTWORDS_STUCK_NS UINT64_C(300000000)
/* Who interrupts a run that does not look up waits no longer. */
#define LASTWORDS_PATIENCE_US 600000

/* Where a run was when it died, or when it was looked at last. All 0: nobody knows. */
struct lastwords_place {
    uint64_t at_ns;    /* simulated */
    uint64_t event;    /* its number, from 1 */
    uint64_t taken_ns; /* the processor time of this event so far */
    uint64_t had_kib;  /* of memory, when there was no more; else 0 */
    uint32_t kind;     /* enum event_kind */
    uint32_t node;     /* from 1; 0: of none */
    bool crashed;
    bool waits; /* for others, so the time is not its own */
};

/*
 * From now on: the run of @report with @seed. It may take @limit_ns of processor time,
 * 0: any. @on_stdout: the lines of a report go there, else to standard error.
 */
void lastwords_begin(const struct report *report, uint64_t seed, uint64_t limit_ns, bool on_stdout);

/*
 * Likewise, in a child, whose parent reads @place, which both share. It may take @limit_ns, and
 * one event of it @event_ns, 0: any; then the process dies of SIGPROF.
 */
void lastwords_watch(struct lastwords_place *place, uint64_t event_ns, uint64_t limit_ns);

/* Where that run is; NULL: nobody knows. Borrowed, and read at any time. */
void lastwords_place(const struct run *run);

/*
 * The verdict is there, and stays: the limits of the run are over, and there is some memory
 * for telling it that the run could not have.
 */
void lastwords_judged(void);

/*
 * What there is to say of it is said. What it has is given back, which its nodes do: that may
 * crash or hang as the run may, and has the same limits once more.
 */
void lastwords_told(void);

void lastwords_end(void);

/* Is it known where it crashed, or which event it was that did not end? */
bool lastwords_knows_place(const struct lastwords_place *place);

/* Then: "at 0.995416701s in event 234, arrive of n2". */
void lastwords_print_place(FILE *out, const struct lastwords_place *place);

/* From a signal handler: the run has been told to stop. Does nothing where there is none. */
void lastwords_interrupted(void);

#endif
