/*
 * Does a run repeat itself? Two runs of the same scenario and seed, in one
 * process, stepped side by side and compared after every event.
 */
#ifndef DC_SIM_VERIFY_H
#define DC_SIM_VERIFY_H

#include <signal.h>
#include <stdio.h>

#include "sim/report.h"
#include "sim/run.h"

/*
 * Returns 0 when both came out the same to the trace hash, the draws and the
 * verdict. Else 3, after showing the first event that differs on @out, with
 * the line that repeats the run. Looks at *@stop now and then and gives up,
 * with 0 and nothing printed, once it is set.
 */
int verify_run(FILE *out, const struct report *report, const struct run_options *options,
               const volatile sig_atomic_t *stop);

/* The same for two runs that are already set up; says nothing when they are the same. */
int verify_runs(FILE *out, const struct report *report, struct run *first, struct run *second,
                const volatile sig_atomic_t *stop);

#endif
