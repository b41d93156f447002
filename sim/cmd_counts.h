/*
 * How many runs came to what, for summaries.
 */
#ifndef DC_SIM_CMD_COUNTS_H
#define DC_SIM_CMD_COUNTS_H

#include <stdint.h>
#include <stdio.h>

enum count {
    COUNT_HELD,
    COUNT_BROKE,
    COUNT_UNKNOWN,
    COUNT_INTERNAL,
    COUNT_INTERRUPTED,
    COUNTS
};

/* A zeroed one is empty. */
struct counts {
    uint64_t of[COUNTS];
};

/* Which of them an exit code is. */
enum count count_of(int code);

/* "held 19, broke 1" and a newline. */
void counts_print(FILE *out, const struct counts *counts);

/* Likewise without what held. */
void counts_print_failed(FILE *out, const struct counts *counts);

#endif
