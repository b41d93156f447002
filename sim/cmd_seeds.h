/*
 * The runs of one scenario file, as "dcsim run" was asked for them.
 */
#ifndef DC_SIM_CMD_SEEDS_H
#define DC_SIM_CMD_SEEDS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/cmd.h"
#include "sim/cmd_settings.h"
#include "sim/nodeset.h"
#include "sim/report.h"

/* Runs every seed that was asked for, in order; prints; returns an exit code. */
int seeds_run(const struct settings *settings, const struct cmd_file *file);

/*
 * Runs the file as it is, once, and writes what its shows come to into it. A
 * run that does not hold is reported, and nothing is written.
 */
int seeds_rewrite(const struct settings *settings, const struct cmd_file *file);

/* The nodes of --dump into @ret_set (initialised here), or -1 after a message. */
int seeds_dump_nodes(const char *dump, uint32_t nodes, struct nodeset *ret_set);

/* Somebody else's campaign, of which a run is a part. */
struct seeds_watch {
    /*
     * Is shown a run when it is over, with the exit code that it would have, and
     * returns what it has. It may print to @out and @extra; the report of the run
     * follows on @out when *ret_report is set.
     */
    int (*over)(void *ctx, const struct run *run, int code, FILE *out, FILE *extra,
                bool *ret_report);
    void *ctx;
};

/* One run of the scenario of @report for @watch. Returns an exit code. */
int seeds_one(const struct settings *settings, const struct report *report, uint64_t seed,
              FILE *out, FILE *extra, const struct seeds_watch *watch);

/* What is said of a run whose worker died. */
void seeds_print_death(FILE *out, const struct report *report, uint64_t seed, int signal_number);

/* Likewise of one that ended by itself after an internal error that it has named. */
void seeds_print_mute(FILE *out, const struct report *report, uint64_t seed);

/* From now on Ctrl-C and SIGTERM end the runs, not the process. */
void seeds_catch_interrupt(void);
bool seeds_interrupted(void);
/* What struct workers looks at for that. */
const volatile sig_atomic_t *seeds_stop(void);

#endif
