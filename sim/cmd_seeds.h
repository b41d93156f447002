/*
 * One run in a process, and what is printed of it; the runs of one scenario file, as
 * "dcsim run" was asked for them (cmd_runs.c).
 */
#ifndef DC_SIM_CMD_SEEDS_H
#define DC_SIM_CMD_SEEDS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/cmd.h"
#include "sim/cmd_settings.h"
#include "sim/cmd_workers.h"
#include "sim/nodeset.h"
#include "sim/report.h"

/*
 * Before any of them: could the traces of all these runs be made? A file of somebody else in their
 * places is found now, not hours later. Returns 0, or -1 after a message.
 */
int seeds_check_traces(const struct settings *settings, const struct cmd_file *file);

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

/* One run, which is printed as @settings say; what together_add() takes comes first on @extra. */
int seeds_print(const struct settings *settings, const struct report *report, uint64_t seed,
                FILE *out, FILE *extra, bool many);

int seeds_exit_of(const struct outcome *outcome);

/*
 * What a run comes to whose worker ended before it had told: it broke if it did that
 * by itself, and is unknown if somebody else took it.
 */
#define SEEDS_LOST_MAX 96u
/* What ended it is no part of the run: nobody knows what that would have come to. */
bool seeds_lost_outside(const struct workers_result *result);
enum verdict seeds_lost_verdict(const struct workers_result *result);
enum reason seeds_lost_reason(const struct workers_result *result);
int seeds_lost_code(const struct workers_result *result);

/* "died of signal 11 (Segmentation fault)"; "timed out after 30s of processor time" for @job_ns. */
char *seeds_lost_text(char buf[static SEEDS_LOST_MAX], const struct workers_result *result,
                      uint64_t job_ns);
/* That without what is only of this run: "died of a signal (Segmentation fault)". */
char *seeds_lost_cause(char buf[static SEEDS_LOST_MAX], const struct workers_result *result,
                       uint64_t job_ns);
void seeds_print_lost(FILE *out, const struct report *report, uint64_t seed,
                      const struct workers_result *result, uint64_t job_ns);

/* From now on Ctrl-C, SIGTERM and SIGHUP end the runs, not the process. */
void seeds_catch_interrupt(void);
bool seeds_interrupted(void);

/* @exit_code of what failed, or EXIT_INTERRUPTED, if it did so for an interruption. */
int seeds_failed(int exit_code);
/* What struct workers looks at for that. */
const volatile sig_atomic_t *seeds_stop(void);

#endif
