/*
 * Processes that are made to run something in: how they begin, and what they take.
 */
#ifndef DC_SIM_CMD_CHILD_H
#define DC_SIM_CMD_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    int fd; /* where the parent reads and the child writes; -1: closed */
};

/*
 * Forks. Returns 1 in the parent and 0 in the child, or -1 with errno. Whatever ends the
 * parent, the child ends as well; and it holds no pipe of another one, so whoever writes to
 * a parent that is gone is told.
 */
int child_start(struct child *ret);

/* In the parent: reads no more from it. */
void child_close(struct child *child);

/* How long a child has been at what it does. All times in ns. */
struct child_clock {
    uint64_t begun_ns; /* processor time when that began */
    uint64_t used_ns;  /* and at the last look */
    uint64_t idle_ns;  /* that passed while it used none, and could have */
    bool stopped;      /* by somebody who has not made it go on yet */
};

/* It begins with something now. */
void child_clock_begin(struct child_clock *clock, pid_t pid);

/* Looks at it; @step_ns have passed since the last time. */
void child_clock_look(struct child_clock *clock, pid_t pid, uint64_t step_ns);

/*
 * Processor time that the child @pid has used, in ns. Unlike what a clock on the wall
 * shows, it stands still while the process is stopped or waits for others to get theirs.
 * False: it cannot be had.
 */
bool child_used_ns(pid_t pid, uint64_t *ret_ns);

/* Takes note in @stopped when somebody has stopped the child @pid, or made it go on. */
void child_look_stopped(pid_t pid, bool *stopped);

/* Memory that this process and all that it starts share, 0 at first; or NULL with errno. */
void *child_try_share(size_t bytes);

/* The same, or fatal(). */
void *child_share(size_t bytes);
void child_unshare(void *memory, size_t bytes);

#endif
