/*
 * How far a long run is, on stderr: in place on a terminal, else a line now
 * and then. It measures wall time, so nothing of it may reach the results.
 */
#ifndef DC_SIM_CMD_PROGRESS_H
#define DC_SIM_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run.h"

struct progress {
    const char *file;
    bool quiet;
    bool terminal;    /* stderr is one */
    bool shown;       /* a line stands there that is to be wiped */
    uint64_t next_ns; /* wall time of the next look */
};

/* Wall time from some fixed point, in ns: to measure with, never to decide with. */
uint64_t progress_wall_ns(void);

/* Nothing is shown for a run of under a second. */
void progress_begin(struct progress *progress, const char *file, bool quiet);
/* Cheap enough to be called every thousand events. */
void progress_look(struct progress *progress, const struct run *run);
/* Wipes what stands on the terminal. */
void progress_end(struct progress *progress);

#endif
