/*
 * Does a run repeat itself? Two runs of the same scenario and seed, in one
 * process, stepped side by side and compared after every event.
 */
#ifndef DC_SIM_VERIFY_H
#define DC_SIM_VERIFY_H

#include <stdio.h>

#include "sim/report.h"
#include "sim/run.h"

/*
 * Returns 0 when both came out the same to the trace hash, the draws and the
 * verdict. Else 3, after showing the first event that differs on @out, with
 * the line that repeats the run.
 */
int verify_run(FILE *out, const struct report *report, const struct run_options *options);

/* The same for two runs that are already set up; both end up over or stopped. */
int verify_runs(FILE *out, const struct report *report, struct run *first, struct run *second);

#endif
