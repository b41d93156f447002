/*
 * What the programs of the table share: a clock, and how they say a figure.
 * One line each, its three parts divided by tabs: row, column, value.
 */
#ifndef DC_TOOLS_BENCH_CELL_H
#define DC_TOOLS_BENCH_CELL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* CPU time of this process so far. */
static inline uint64_t cell_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline void cell_print(const char *row, const char *column, double value)
{
    printf("%s\t%s\t%.3f\n", row, column, value);
}

/* What took from @began_ns until now was done @times: ns for one. */
static inline void cell_since(const char *row, const char *column, uint64_t began_ns,
                              uint64_t times)
{
    cell_print(row, column, (double)(cell_clock_ns() - began_ns) / (double)times);
}

/*
 * --quick is the only option: fewer turns. How many is never up to the clock, so
 * that instructions can be counted.
 */
static inline bool cell_quick(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "--quick") == 0;
}

#endif
