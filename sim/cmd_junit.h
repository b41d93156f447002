/*
 * --junit FILE: all runs of the command as one JUnit XML file, which CI systems
 * read. A suite for each scenario file, a case for each run. There is no wall
 * time in it: it is the same, byte for byte, whenever the runs are.
 */
#ifndef DC_SIM_CMD_JUNIT_H
#define DC_SIM_CMD_JUNIT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_outfile.h"

struct junit_suite {
    char *name; /* owned */
    uint64_t tests, failures, errors;
    char *cases; /* owned; XML */
    size_t len;
    FILE *out; /* of cases, while it is open */
};

/* A zeroed one is empty, and goes nowhere. */
struct junit {
    const char *path;           /* borrowed; as typed */
    struct outfile to;          /* open from the beginning to the end */
    struct junit_suite *suites; /* owned */
    size_t len, cap;
};

/* What a case came to. */
enum junit_result {
    JUNIT_PASSED,
    JUNIT_FAILED, /* the scenario did not hold */
    JUNIT_ERROR,  /* dcsim itself did not come to a verdict */
};

struct junit_case {
    const char *name; /* "seed 5, loss=5%" */
    enum junit_result result;
    const char *type; /* "broke", "unknown", ...; of one that did not pass */
    const char *text; /* the report, @text_len bytes of anything */
    size_t text_len;
};

/* What comes is of the scenario @name. */
void junit_suite_begin(struct junit *junit, const char *name);
void junit_suite_end(struct junit *junit);

void junit_add(struct junit *junit, const struct junit_case *it);

/* Before the first run: could @path be written? Returns 0, or -1 after a message. */
int junit_open(struct junit *junit, const char *path);

/* Writes it, at once. Returns 0, or -1 after a message. */
int junit_write(struct junit *junit);

void junit_release(struct junit *junit);

#endif
