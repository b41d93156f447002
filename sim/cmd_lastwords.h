/*
 * What is said of a run in this process that cannot end by itself: it crashes, one of its
 * events does not come to an end, or somebody interrupts it and it does not look up. That is
 * said from within a signal handler, so it is prepared before, and nothing is asked for then but
 * write(). A worker has a parent who says it.
 */
#ifndef DC_SIM_CMD_LASTWORDS_H
#define DC_SIM_CMD_LASTWORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/report.h"

struct run;

/* Of processor time that one event may take. */
#define LASTWORDS_EVENT_SECONDS 10u
/* Who interrupts a run that does not look up waits no longer. */
#define LASTWORDS_PATIENCE_US 600000

/*
 * From now on: the run of @report with @seed. It may take @limit_s seconds of processor time,
 * 0: any. @on_stdout: the lines of a report go there, else to standard error.
 */
void lastwords_begin(const struct report *report, uint64_t seed, uint64_t limit_s, bool on_stdout);

/* Where that run is; NULL: nobody knows. Borrowed, and read at any time. */
void lastwords_place(const struct run *run);

void lastwords_end(void);

/* From a signal handler: the run has been told to stop. Does nothing where there is none. */
void lastwords_interrupted(void);

#endif
