/*
 * A campaign: many seeds of one or several scenarios, in workers, until
 * something says that it is enough; and what they come to together.
 */
#ifndef DC_SIM_CMD_CAMPAIGN_H
#define DC_SIM_CMD_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/campaign/summary.h"
#include "sim/cmd.h"
#include "sim/cmd_settings.h"
#include "sim/cmd_source.h"
#include "sim/cmd_together.h"
#include "sim/cmd_variants.h"
#include "sim/marks.h"

/* One scenario, with one combination of what it sweeps; or the swarm. */
struct subject {
    struct source source;
    struct variants variants; /* of a file */
    struct together together; /* what its runs are to come to together */
};

/* One run. */
struct job {
    uint32_t subject;
    uint64_t seed;
};

struct job_list {
    struct job *jobs; /* owned */
    size_t len;
};

/* A zeroed one has no subjects. */
struct campaign {
    /* What was asked for; the caller's. */
    const struct settings *settings;
    bool endless; /* nobody asked for an end of the seeds: more than can be run are no failure */
    bool quiet;
    bool coverage;          /* the whole table of marks */
    bool has_files;         /* results go to more than standard output */
    const char *jsonl_file; /* NULL; "-" is standard output */
    uint64_t time_ns;       /* wall time for all; 0: any */
    uint64_t job_ns;        /* and for one; 0: any */
    uint64_t max_failures;  /* 0: any number */

    struct subject **subjects; /* owned */
    uint32_t subjects_len, subjects_cap;
    uint32_t turns;    /* so many of them take turns; 0: all */
    struct job *first; /* what comes before; owned */
    size_t first_len, first_cap;
    uint64_t *early; /* places in the turns of what came before already, ascending; owned */
    size_t early_len;

    /* How far it is. */
    struct summary summary;
    struct marks_sum marks;
    struct job_list failed, held; /* the first of each */
    uint64_t jobs, done;
    uint64_t beside;            /* of those done: known seeds that nobody asked for */
    bool late;                  /* the time for all is over */
    uint64_t start_ns, next_ns; /* wall time; the latter of the next line of progress */
    bool terminal, shown;
    FILE *out;               /* for people */
    struct outfile jsonl_to; /* unless it goes to standard output */
    int jsonl;               /* file descriptor; -1 */
    bool unread;             /* standard output took no line of that */
    int exit_code;
};

/* Every combination of @file. It and @command outlive the campaign. Returns 0, or -1 after errors.
 */
int campaign_add_file(struct campaign *campaign, const struct cmd_file *file,
                      const struct report_command *command);

void campaign_add_swarm(struct campaign *campaign, struct scn_range nodes,
                        const struct report_command *command);

bool campaign_is_swarm(const struct subject *subject);

/* A run that comes before all that are asked for, and not once more among them. */
void campaign_add_first(struct campaign *campaign, uint32_t subject, uint64_t seed);

/* Runs and prints. Returns an exit code. */
int campaign_run(struct campaign *campaign);

void campaign_release(struct campaign *campaign);

#endif
