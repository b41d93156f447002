/*
 * Runs a program and says what it took: for the table (tools/bench/table.c).
 */
#ifndef DC_TOOLS_BENCH_MEASURE_H
#define DC_TOOLS_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#define MEASURE_ROUNDS_MAX 32u
#define MEASURE_OUT_MAX 8192u

struct measure {
    int exit_code;             /* -1: it did not run, or a signal ended it */
    uint64_t cpu_ns;           /* of the process, in user and system mode */
    uint64_t peak_kib;         /* resident memory at its most */
    char out[MEASURE_OUT_MAX]; /* what it printed, cut off there */
};

/* What several rounds came to. */
struct series {
    double values[MEASURE_ROUNDS_MAX];
    size_t len;
};

/* Runs @argv (NULL ends it) and waits for its end. Its stderr is ours. */
void measure_run(const char *const argv[], struct measure *ret);

/* One more value; more than MEASURE_ROUNDS_MAX are dropped. */
void series_add(struct series *series, double value);
/* 0 when there is none. Sorts. */
double series_median(struct series *series);

#endif
