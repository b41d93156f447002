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

/*
 * One run of the scenario of @report, in a campaign of somebody else: what is to
 * be said of it goes to @out, how its hopes fared to @extra. Returns an exit code.
 */
int seeds_one(const struct settings *settings, const struct report *report, uint64_t seed,
              FILE *out, FILE *extra);

/* What is said, on stdout, of a run whose worker died. */
void seeds_print_death(const struct report *report, uint64_t seed, int signal_number);

/* Likewise, on stderr, of one that ended by itself after an internal error that it has named. */
void seeds_print_mute(const struct report *report, uint64_t seed);

/* From now on Ctrl-C ends the runs, not the process. */
void seeds_catch_interrupt(void);
bool seeds_interrupted(void);
/* What struct workers looks at for that. */
const volatile sig_atomic_t *seeds_stop(void);

#endif
