/*
 * Helpers for tests of the simulator: a scenario from text, a run of it, and
 * the records of a run.
 */
#ifndef DC_TESTS_LIB_SIM_H
#define DC_TESTS_LIB_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "sim/run.h"
#include "sim/scenario/scenario.h"

struct sim_case {
    char *text; /* owned; what diags point into */
    struct diags diags;
    struct scenario scn;
    struct run run;
    struct record *records; /* owned */
    size_t records_len, records_cap;
    bool compares; /* golden text */
    bool sampled;  /* the codec */
};

/* Parses @text ("scn 1\n..."); the test fails, with the errors shown, when it has any. */
void sim_case_parse(struct sim_case *c, const char *text);

/* Parses and runs with @seed to the end. Records are kept. */
void sim_case_run(struct sim_case *c, const char *text, uint64_t seed);

/* Runs what sim_case_parse() has parsed. */
void sim_case_rerun(struct sim_case *c, uint64_t seed);

/* Sets the run up, without a step. */
void sim_case_start(struct sim_case *c, const char *text, uint64_t seed);

void sim_case_release(struct sim_case *c);

/*
 * The verdict, as "held", "broke expect: <headline> | <label>",
 * "unknown unfired: ...". Static buffer.
 */
const char *sim_case_verdict(const struct sim_case *c);

/* The test fails unless the verdict begins with @expected. */
void expect_verdict(const struct sim_case *c, const char *expected);

/* Likewise of the first of the seeds 1..@seeds that does not hold; there must be one. */
void expect_verdict_in_seeds(const char *story, uint64_t seeds, const char *verdict);

/* A whole file below the root of the source; the test fails when it is not there. */
char *sim_read_file(const char *path);

#endif
