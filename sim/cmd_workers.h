/*
 * Many jobs in worker processes: a crash costs one job, not all of them. Jobs
 * are numbered from 0; what each prints is handed over in their order, so the
 * output does not depend on how many workers there are.
 */
#ifndef DC_SIM_CMD_WORKERS_H
#define DC_SIM_CMD_WORKERS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WORKERS_MAX 256u

/* What came of one job. */
struct workers_result {
    uint64_t job;
    int code;    /* what run() returned; unless the worker died */
    int signal;  /* of which the worker died, or 0 */
    bool mute;   /* the worker has ended by itself with @code, and had no last words */
    bool late;   /* the worker was at it for too long, and was killed */
    char *bytes; /* what run() printed; with one worker that is on stdout already, and not here */
    size_t len;
    char *extra; /* what run() wrote beside it, for done(); empty when the worker died */
    size_t extra_len;
};

struct workers {
    unsigned count;  /* 1..WORKERS_MAX; with 1 everything happens in this process */
    bool apart;      /* even one worker is a process of its own */
    uint64_t jobs;   /* UINT64_MAX: there is no end of them */
    uint64_t job_ns; /* wall time that a job may take in a worker; 0: any */
    /* Does @job, prints to @out, writes to @extra, returns an exit code. In a worker. */
    int (*run)(void *ctx, uint64_t job, FILE *out, FILE *extra);
    /* Takes the result, jobs ascending. In this process. */
    void (*done)(void *ctx, const struct workers_result *result);
    void *ctx;
    const volatile sig_atomic_t *stop; /* once set, no further job is begun */
    /* In this process, many times a second, with workers apart: is it time to stop? NULL: never. */
    bool (*enough)(void *ctx);
};

/* Does all jobs. Returns 0, or -1 when processes or pipes cannot be had (errno). */
int workers_all(const struct workers *workers);

/*
 * For a worker that is about to end in the middle of its job: hands over what
 * the job has printed so far, with @code. Does nothing outside of a worker.
 */
void workers_last_words(int code);

#endif
