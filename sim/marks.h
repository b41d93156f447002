/*
 * Which rare branches were reached, and how often: the marks of core
 * (core/mark.h) and those of the simulator itself, which are listed here.
 *
 * The counters of the process are one array, the only variable of its kind.
 * They are output only: nothing of a run reads one, so a run cannot depend on
 * what ran before it; marks_take() empties them, so each run counts its own.
 */
#ifndef DC_SIM_MARKS_H
#define DC_SIM_MARKS_H

#include <stdint.h>
#include <stdio.h>

#include "core/mark.h"

/* X(name, what it says), by module; tests/layering/marks.sh wants each placed. */
#define SIM_MARKS(X)                                                                               \
    X(CLOCK_STANDS, "a clock is made steady, without a jump")                                      \
    X(DISK_CUT_OFF, "the last writes of a disk are gone")                                          \
    X(DISK_FULL, "a full disk takes nothing")                                                      \
    X(DISK_READ_FAILED, "a read fails")                                                            \
    X(DISK_REMOVED_BACK, "a crash brings a removed file back")                                     \
    X(DISK_RESTORED, "a backup takes the place of what was on a disk")                             \
    X(DISK_ROTTEN, "a bit on a disk turns over")                                                   \
    X(DISK_SYNC_FAILED, "a sync ends with an error")                                               \
    X(DISK_TORN, "a crash leaves a part of a write")                                               \
    X(DISK_ZEROED, "a sector of a disk is zeros")                                                  \
    X(HOST_START_FAILED, "a node does not start: no log or no memory")                             \
    X(HOST_SYNC_LATE, "a sync ends while its node is paused")                                      \
    X(HOST_SYNC_LOST, "a sync ends after its node crashed")                                        \
    X(INBOX_FLIP_PASSED, "a flipped bit that changes nothing that is checked")                     \
    X(INBOX_FULL, "a message meets a full inbox")                                                  \
    X(INBOX_GONE, "a message meets a node that is not there")                                      \
    X(INBOX_STALE, "a service ends after its node was paused, or crashed")                         \
    X(MEMORY_REFUSED, "a request for memory is refused")                                           \
    X(NET_BURST, "a message meets a link in a burst")                                              \
    X(NET_CUT_IN_FLIGHT, "a message is stopped on its way")                                        \
    X(NET_DUP, "a message is doubled")                                                             \
    X(NET_HELD, "a message is held")                                                               \
    X(NET_HELD_IN_FLIGHT, "a message is held on its way")                                          \
    X(NET_HURRIED, "the rate of a link changes")                                                   \
    X(NET_QUEUE_FULL, "a message meets a full queue")                                              \
    X(NET_REORDERED, "a message overtakes others")

enum sim_mark {
    SIM_MARKS_FIRST = CORE_MARKS_COUNT - 1,
#define SIM_MARK_NAME(name, text) SIM_MARK_##name,
    SIM_MARKS(SIM_MARK_NAME)
#undef SIM_MARK_NAME
    MARKS_COUNT
};

#ifdef DC_MARKS_DISABLED
#define SIM_MARK(name) ((void)sizeof(SIM_MARK_##name))
#else
#define SIM_MARK(name) mark_reached(SIM_MARK_##name)
#endif

/* What one run reached. */
struct marks {
    uint64_t times[MARKS_COUNT];
};

/* What many runs reached. */
struct marks_sum {
    uint64_t times[MARKS_COUNT];
    uint64_t runs[MARKS_COUNT]; /* in how many of them */
    uint64_t all_runs;
};

/* "wal_sync_failed" is shown for WAL_SYNC_FAILED. @name has to be MARKS_NAME_MAX long. */
#define MARKS_NAME_MAX 40u
const char *marks_name(unsigned mark, char name[static MARKS_NAME_MAX]);
const char *marks_text(unsigned mark);

/* What was reached since the last call. */
struct marks marks_take(void);

void marks_add(struct marks_sum *sum, const struct marks *run);
unsigned marks_reached_count(const struct marks_sum *sum);

/* "marks: 61 of 84 reached; never: wal_uncut, ..." */
void marks_print_short(FILE *out, const struct marks_sum *sum);
/* One line a mark: name, times, runs, what it says; those never reached say so. */
void marks_print_table(FILE *out, const struct marks_sum *sum);

#endif
