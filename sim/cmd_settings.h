/*
 * What the command line asks of runs.
 */
#ifndef DC_SIM_CMD_SETTINGS_H
#define DC_SIM_CMD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/cmd.h"
#include "sim/cmd_junit.h"
#include "sim/cmd_places.h"
#include "sim/cmd_trace.h"
#include "sim/report.h"

/* Runs that broke and leave artifacts, when nobody says how many. */
#define SETTINGS_ARTIFACTS 20u
#define SETTINGS_ARTIFACTS_MAX 1000000u

/* The command line. */
struct settings {
    struct report_command command;
    struct scn_define *defines; /* owned */
    const char *out;            /* -o; NULL: OUTDIR_DEFAULT */
    bool has_seed, has_seeds;
    struct scn_range seeds; /* lo == hi with --seed; the file's own when neither is given */
    unsigned workers;       /* -j */
    uint64_t until_ns;
    uint64_t job_ns; /* --timeout-per-seed; 0: not given */
    bool color;
    uint32_t artifacts_max; /* so many runs that broke leave artifacts; */
    uint32_t *artifacts; /* so many did, and one more when that has been said; workers_number() */
    const char *junit_file; /* --junit; NULL */
    struct junit *junit;    /* what goes into it */
    struct cmd_trace_options trace;
    struct places places; /* the files of this command line */
    bool may_miss;        /* a run holds although one of its statements has met nothing */
    bool rewrite;         /* golden text takes the place of being compared */
};

/*
 * Takes one option (sim/cmd_options.h) that several commands have. Returns -1 to
 * go on, else an exit code.
 */
int settings_option(struct settings *settings, int option, const char *value);

#endif
