/*
 * --trace FILE: the file of one run.
 */
#ifndef DC_SIM_CMD_TRACE_H
#define DC_SIM_CMD_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_outfile.h"
#include "sim/cmd_places.h"
#include "sim/report.h"
#include "sim/tracefile.h"

/* What was asked for. A zeroed one: no trace. */
struct cmd_trace_options {
    const char *path; /* as typed, with {seed} and {run} in it; "-": standard output */
    uint64_t last;    /* --trace-last; 0: all */
};

/* A zeroed one is closed. */
struct cmd_trace {
    struct tracefile file;
    struct outfile to; /* unless it goes to standard output */
    FILE *out;
    char *path; /* filled in; owned */
    bool open;
};

/* Options that do not go with each other. Returns -1 when all is well, else an exit code. */
int cmd_trace_check(const struct cmd_trace_options *options, const struct report_command *command);

/* Is it "-"? What would be printed there goes to standard error then. */
bool cmd_trace_to_stdout(const struct cmd_trace_options *options);

/*
 * Would every run be written to a file of its own, if there are several seeds,
 * or several files or combinations of swept values? Returns 0, or -1 after a
 * message.
 */
int cmd_trace_check_runs(const struct cmd_trace_options *options, bool many_seeds,
                         bool many_scenarios);

/*
 * Before any run: could the file of this one be made, and is it none of @places? Returns 0, or -1
 * after a message.
 */
int cmd_trace_may_open(const struct cmd_trace_options *options, const struct places *places,
                       const struct report *report, uint64_t seed);

/*
 * Opens the file for @run, which is not set up yet, and adds its sink to @tee.
 * Does nothing without --trace. Returns 0, or -1 after a message.
 */
int cmd_trace_open(struct cmd_trace *trace, const struct cmd_trace_options *options,
                   const struct report *report, const struct run *run,
                   const struct run_options *run_options, struct trace_tee *tee);

/* The run is over. Returns 0, or -1 after a message when not all could be written. */
int cmd_trace_close(struct cmd_trace *trace);

#endif
