/*
 * Work in a process of its own: it may take more time or memory than there is, or crash, and
 * what was known before it stays as it was.
 */
#ifndef DC_SIM_CMD_APART_H
#define DC_SIM_CMD_APART_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define APART_TEXT_MAX 128u

struct apart_work {
    /* In the child. What it writes to @out comes to the parent; so does what it returns. */
    bool (*run)(void *ctx, FILE *out);
    void *ctx;
    uint64_t limit_ns;                 /* of processor time; 0: any */
    const volatile sig_atomic_t *stop; /* once set, it is ended soon */
};

enum apart_end {
    APART_DONE,
    APART_LATE,
    APART_BLOCKED, /* it waited for something outside of it, and used no time */
    APART_MEMORY,  /* it had not enough */
    APART_DIED,    /* of a signal, or it ended its process itself */
    APART_STOPPED, /* for work->stop */
    APART_NONE,    /* there was no process to be had */
};

/* What came of it. */
struct apart {
    enum apart_end end;
    bool ok;    /* what run() returned; false: it did not come to that */
    char *text; /* what it wrote, with a 0 behind it; owned */
    size_t len;
    int number; /* of the signal, or 0; of APART_NONE: an errno */
};

void apart_run(struct apart *ret, const struct apart_work *work);
void apart_release(struct apart *apart);

/* How it ended, if it is not done: "ran out of memory", for a subject before it. */
const char *apart_text(char buf[static APART_TEXT_MAX], const struct apart *apart,
                       const struct apart_work *work);

#endif
