/*
 * Many jobs in worker processes: whatever ends one of them costs one job, not all
 * of them. Jobs are numbered from 0; what each prints is handed over in their
 * order, so the output does not depend on how many workers there are.
 */
#ifndef DC_SIM_CMD_WORKERS_H
#define DC_SIM_CMD_WORKERS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_lastwords.h"

#define WORKERS_MAX 256u
/* A job may wait so many times as long as it may run. */
#define WORKERS_IDLE_TIMES 10u

/* How the worker of a job ended, if it did before it had told what came of that. */
enum workers_end {
    WORKERS_TOLD = 0, /* it had */
    WORKERS_DIED,     /* of a signal that comes from what the job did, such as SIGSEGV */
    WORKERS_TAKEN,    /* of one that others send, such as SIGTERM: the job is no part of that */
    WORKERS_LEFT,     /* by itself, without last words */
    WORKERS_MEMORY,   /* there was no more memory: place says how much it had */
    WORKERS_LATE,     /* the job took more than its time, and the worker was killed */
    WORKERS_BLOCKED,  /* likewise, but it waited, for whatever that was */
};

/* What came of one job. */
struct workers_result {
    uint64_t job;
    enum workers_end end;
    int code;    /* what run() returned, or last words had; when it left, its exit code */
    int signal;  /* of which it died, or was taken; else 0 */
    char *bytes; /* what run() printed; not in a process of its own, then that is on stdout */
    size_t len;
    char *extra; /* what run() wrote beside it, for done(); empty unless it told */
    size_t extra_len;
    struct lastwords_place place; /* where the run of a worker that told nothing was */
};

struct workers {
    unsigned count; /* 1..WORKERS_MAX */
    bool apart;     /* even one worker is a process of its own; else it is this one */
    uint64_t jobs;
    uint64_t job_ns; /* processor time that a job may take in a worker; 0: any */
    /* Does @job, prints to @out, writes to @extra, returns an exit code. In a worker. */
    int (*run)(void *ctx, uint64_t job, FILE *out, FILE *extra);
    /* Takes the result, jobs ascending. In this process. */
    void (*done)(void *ctx, const struct workers_result *result);
    void *ctx;
    const volatile sig_atomic_t *stop; /* once set, no further job is begun */
    /* In a worker, and before one is made: may one more job begin? NULL: always. */
    bool (*begins)(void *ctx);
    /* In this process, many times a second, with workers apart: is it time to stop? NULL: never. */
    bool (*enough)(void *ctx);
};

/*
 * Does all jobs, but for those that are left when it is told to stop. A worker that
 * ends before is replaced. Returns 0, or -1 when processes or pipes cannot be had
 * (errno); then there are jobs of which done() has not heard.
 */
int workers_all(const struct workers *workers);

/*
 * For a worker that is about to end in the middle of its job: hands over what
 * the job has printed so far, with @code. Does nothing outside of a worker.
 */
void workers_last_words(int code);

/* Is this process a worker? */
bool workers_inside(void);

/* In a worker: where its parent looks up what a job that tells nothing was at; else NULL. */
struct lastwords_place *workers_place(void);

/* In a worker: from now on, or no longer, it waits for others, which costs its job no time. */
void workers_wait(bool waits);

/* In a process that a worker has made: it is none. */
void workers_leave(void);

/*
 * For a worker in its job: waits until done() has heard of all jobs before it, so that what
 * it does then is done in the order of the jobs. False: it was told to stop. Outside of a
 * worker it is always one's turn.
 */
bool workers_turn(void);

/* A number that this process and all that it starts share, 0 at first. */
uint32_t *workers_number(void);
void workers_number_release(uint32_t *number);

#endif
