/*
 * The runs of one scenario file, as "dcsim run" was asked for them.
 */
#ifndef DC_SIM_CMD_SEEDS_H
#define DC_SIM_CMD_SEEDS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/cmd.h"
#include "sim/cmd_junit.h"
#include "sim/cmd_trace.h"
#include "sim/nodeset.h"
#include "sim/report.h"

/* The command line. */
struct settings {
    struct report_command command;
    struct scn_define *defines; /* owned */
    const char *out;            /* -o */
    bool has_seed, has_seeds;
    struct scn_range seeds; /* lo == hi with --seed; the file's own when neither is given */
    unsigned workers;       /* -j */
    uint64_t until_ns;
    bool color;
    const char *junit_file; /* --junit; NULL */
    struct junit *junit;    /* what goes into it */
    struct cmd_trace_options trace;
    bool rewrite; /* golden text takes the place of being compared */
};

/* Runs every seed that was asked for, in order; prints; returns an exit code. */
int seeds_run(const struct settings *settings, const struct cmd_file *file);

/*
 * Runs the file as it is, once, and writes what its shows come to into it. A
 * run that does not hold is reported, and nothing is written.
 */
int seeds_rewrite(const struct settings *settings, const struct cmd_file *file);

/* The nodes of --dump into @ret_set (initialised here), or -1 after a message. */
int seeds_dump_nodes(const char *dump, uint32_t nodes, struct nodeset *ret_set);

/* From now on Ctrl-C ends the runs, not the process. */
void seeds_catch_interrupt(void);
bool seeds_interrupted(void);

#endif
