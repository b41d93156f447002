/*
 * The clock of one node: the true time, moved and stretched. What it shows to one
 * process never goes back: set back while that runs, it stands still until it has
 * caught up. A process that starts begins at whatever the clock says, be it before
 * the true 0: what is shown is counted from there.
 *
 *   local = base_local + floor((true - base_true) * (10^9 + drift) / 10^9)
 */
#ifndef DC_SIM_CLOCK_H
#define DC_SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/wide.h"

struct clock {
    uint64_t base_true;
    i128 base_local;   /* less origin; may lie before 0, what is shown does not */
    i128 origin;       /* what is shown counts from there: 0 where that can be shown */
    uint64_t started;  /* the true time at which it began */
    int64_t drift_ppb; /* above -10^9 */
    uint64_t shown;    /* the latest time that was read */
};

/* Shows the true time. */
void clock_init(struct clock *clock);

/* Reads it. */
uint64_t clock_now(struct clock *clock, uint64_t true_ns);

/*
 * The first instant from @true_ns on at which the clock, left alone, shows
 * @local_ns or more; DC_TIME_NEVER when that is beyond all times.
 */
uint64_t clock_when(const struct clock *clock, uint64_t local_ns, uint64_t true_ns);

/* From now on: the true time and @ns; running @ppb faster; @ns later than without this. */
void clock_skew(struct clock *clock, uint64_t true_ns, i128 ns);
void clock_drift(struct clock *clock, uint64_t true_ns, int64_t ppb);
void clock_jump(struct clock *clock, uint64_t true_ns, i128 ns);

/* From now on it runs as time does, from what it shows. Returns whether that changes anything. */
bool clock_steady(struct clock *clock, uint64_t true_ns);

/* Does it say the true time, and run as time does? */
bool clock_is_true(const struct clock *clock, uint64_t true_ns);

/* Does it stand still, because it was set back? */
bool clock_stands(const struct clock *clock, uint64_t true_ns);
/* The first instant from @true_ns on at which it, left alone, does not. */
uint64_t clock_catches_up(const struct clock *clock, uint64_t true_ns);

/*
 * A process starts, which has not read it yet. When it is set back in that very
 * instant, the process has begun with it set back.
 */
void clock_start(struct clock *clock, uint64_t true_ns);

#endif
