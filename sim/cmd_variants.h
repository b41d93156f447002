/*
 * The combinations of what a scenario sweeps, one at hand at a time: the file
 * is parsed once more for each, with its values as if -D gave them. A scenario
 * that sweeps nothing has one, itself.
 */
#ifndef DC_SIM_CMD_VARIANTS_H
#define DC_SIM_CMD_VARIANTS_H

#include <stdint.h>

#include "sim/cmd.h"
#include "sim/report.h"

struct variants {
    const struct cmd_file *file;          /* as the command line has it; borrowed */
    const struct report_command *command; /* likewise */
    uint64_t count;
    /* The one at hand. */
    uint64_t number;
    bool taken;
    struct cmd_file again;      /* when there is more than one */
    struct scn_define *defines; /* those of the command line, then one for each sweep; owned */
    char *texts;                /* "name=value" of the latter; owned */
    struct report_command of;   /* the command that repeats it */
};

/* @file and @command outlive the object. */
void variants_init(struct variants *variants, const struct cmd_file *file,
                   const struct report_command *command);
void variants_release(struct variants *variants);

/*
 * Makes number @number, from 0, the one at hand, the last sweep changing
 * fastest. Returns its file, or NULL after all its errors were shown.
 */
const struct cmd_file *variants_take(struct variants *variants, uint64_t number);

/* "loss=5% n=3" of the one at hand: the values that are swept. */
void variants_print(FILE *out, const struct variants *variants);

/* Can all of them be parsed? Returns 0, or -1 after all errors of the first that cannot. */
int variants_check(const struct cmd_file *file, const struct report_command *command);

#endif
