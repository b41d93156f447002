/*
 * Processes that are made to run something in, and what they take.
 */
#ifndef DC_SIM_CMD_CHILD_H
#define DC_SIM_CMD_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Processor time that the child @pid has used, in ns. Unlike what a clock on the wall
 * shows, it stands still while the process is stopped or waits for others to get theirs.
 * False: it cannot be had.
 */
bool child_used_ns(pid_t pid, uint64_t *ret_ns);

/* Takes note in @stopped when somebody has stopped the child @pid, or made it go on. */
void child_look_stopped(pid_t pid, bool *stopped);

/* In a child: SIGPROF ends it when it has used so many seconds more. 0: never. */
void child_limit(unsigned seconds);

#endif
