/*
 * A trace on its way to a file: the header, the lines of a run or the latest of
 * them, and the end. Written in whole buffers.
 */
#ifndef DC_SIM_TRACEFILE_H
#define DC_SIM_TRACEFILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/report.h"
#include "sim/tracelines.h"

/* Lines that --trace-last may ask for: they are kept in memory. */
#define TRACEFILE_LAST_MAX UINT64_C(100000000)

struct tracefile {
    struct tracelines lines;
    FILE *out;         /* borrowed */
    uint64_t last;     /* lines to keep; 0: all */
    uint64_t previous; /* the last line of the generation before this one */
    char *old;         /* that generation, of at least @last lines; owned */
    size_t old_len, old_cap;
    int err; /* errno of the first write that failed, 0 */
};

/*
 * Begins the trace of @run, a run of report->scn with @options that is not set
 * up yet, on @out. Afterwards run_init() is given tracefile_sink(). All outlive
 * the object.
 */
void tracefile_init(struct tracefile *file, FILE *out, const struct report *report,
                    const struct run *run, const struct run_options *options, uint64_t last);
struct trace_sink tracefile_sink(struct tracefile *file);

/*
 * The run is over: writes what was kept and the last line, and flushes. Returns
 * 0, or the errno of the first write that failed: then lines are missing.
 */
int tracefile_end(struct tracefile *file);
void tracefile_release(struct tracefile *file);

#endif
