/*
 * Where the runs of a campaign come from: for each seed a scenario. That of a
 * file is the same for all; the swarm has one for each.
 */
#ifndef DC_SIM_CMD_SOURCE_H
#define DC_SIM_CMD_SOURCE_H

#include <stdint.h>

#include "sim/cmd.h"
#include "sim/report.h"

struct source {
    const char *name; /* "lossy.scn", "swarm": what its runs are called together */
    /* What belongs to the seed at hand. */
    const struct cmd_file *file;
    struct report_command command; /* the one that repeats it */

    /* Of the swarm. */
    struct scn_range nodes;
    struct cmd_file own; /* what file is */
    char *text, *made_by;
};

/* Of @file; both outlive the object. */
void source_of_file(struct source *source, const struct cmd_file *file,
                    const struct report_command *command);

/* Of the swarm, whose scenarios have so many nodes. @command has no file; it is borrowed likewise.
 */
void source_of_swarm(struct source *source, struct scn_range nodes,
                     const struct report_command *command);

void source_release(struct source *source);

/* Makes @seed the one at hand. */
void source_take(struct source *source, uint64_t seed);

/* The scenario of a seed of the swarm, as text. */
void source_print(FILE *out, const struct source *source, uint64_t seed);

#endif
