/*
 * Is a recorded run still what comes out? The run is made again from the header
 * of its trace, and compared with it line by line, byte for byte.
 */
#ifndef DC_SIM_REPLAY_H
#define DC_SIM_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

enum replay_result {
    REPLAY_SAME,
    REPLAY_DIFFERS,    /* the first line that does was shown */
    REPLAY_NO_TRACE,   /* not a trace, cut off, or of another schema or model: that was said */
    REPLAY_INTERRUPTED /* nothing was said */
};

struct replay_options {
    const char *name;    /* of the trace, in messages */
    const char *command; /* the program as it was typed */
    bool quiet;          /* say nothing when it is the same */
    bool (*stop)(void);  /* asked now and then; NULL: never stops */
};

/*
 * Replays the trace that @in holds. What came out goes to @out, what is wrong
 * with the trace to @err. @in may be anything: its bytes come from outside.
 */
enum replay_result replay_trace(FILE *out, FILE *err, FILE *in,
                                const struct replay_options *options);

#endif
