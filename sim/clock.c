/* Local time as a line through a base, in exact integers. */
#include "sim/clock.h"

#include "core/contract.h"
#include "core/types.h"
#include "sim/marks.h"

#define PPB 1000000000

/* No clock is set to show more, and no process begins beyond it: so much is left to come. */
#define SHOWN_MAX ((i128)DC_TIME_NEVER / 2)

void clock_init(struct clock *clock)
{
    *clock = (struct clock){0};
}

/* Where the line is, which may be before 0. */
static i128 line_at(const struct clock *clock, uint64_t true_ns)
{
    i128 elapsed = (i128)(true_ns - clock->base_true);

    if (clock->drift_ppb == 0) /* most clocks, and most of the calls */
        return clock->base_local + elapsed;
    return clock->base_local + elapsed * (PPB + clock->drift_ppb) / PPB;
}

/* What would be read. */
static uint64_t shows(const struct clock *clock, uint64_t true_ns)
{
    i128 line = line_at(clock, true_ns);

    if (line > (i128)DC_TIME_NEVER - 1)
        line = (i128)DC_TIME_NEVER - 1;
    return line > (i128)clock->shown ? (uint64_t)line : clock->shown;
}

uint64_t clock_now(struct clock *clock, uint64_t true_ns)
{
    clock->shown = shows(clock, true_ns);
    return clock->shown;
}

/* The first instant at which its line, which is not there yet, is at @local_ns. */
static uint64_t reaches(const struct clock *clock, uint64_t local_ns)
{
    i128 rate = PPB + clock->drift_ppb, way = (i128)local_ns - clock->base_local, elapsed;

    INVARIANT(rate > 0, "a clock goes forward");
    elapsed = (way * PPB + rate - 1) / rate;
    if (elapsed > (i128)(DC_TIME_NEVER - 1 - clock->base_true))
        return DC_TIME_NEVER;
    return clock->base_true + (uint64_t)elapsed;
}

uint64_t clock_when(const struct clock *clock, uint64_t local_ns, uint64_t true_ns)
{
    if (local_ns == DC_TIME_NEVER)
        return DC_TIME_NEVER;
    return shows(clock, true_ns) >= local_ns ? true_ns : reaches(clock, local_ns);
}

uint64_t clock_catches_up(const struct clock *clock, uint64_t true_ns)
{
    return clock_stands(clock, true_ns) ? reaches(clock, clock->shown) : true_ns;
}

static void rebase(struct clock *clock, uint64_t true_ns)
{
    clock->base_local = line_at(clock, true_ns);
    clock->base_true = true_ns;
}

/* What the clock says stays what it is; what is shown of it is counted from @origin. */
static void count_from(struct clock *clock, i128 origin)
{
    clock->base_local += clock->origin - origin;
    clock->origin = origin;
}

static void was_set(struct clock *clock, uint64_t true_ns)
{
    i128 line = line_at(clock, true_ns), shown = (i128)clock->shown;
    i128 most = shown > SHOWN_MAX ? shown : SHOWN_MAX;

    if (line < shown && true_ns == clock->started)
        count_from(clock, clock->origin + line - shown);
    else if (line > most) /* or it would soon stand still where numbers end */
        count_from(clock, clock->origin + line - most);
}

void clock_skew(struct clock *clock, uint64_t true_ns, i128 ns)
{
    rebase(clock, true_ns);
    clock->base_local = (i128)true_ns + ns - clock->origin;
    was_set(clock, true_ns);
}

void clock_drift(struct clock *clock, uint64_t true_ns, int64_t ppb)
{
    PRE(ppb > -PPB, "a clock goes forward");
    rebase(clock, true_ns);
    clock->drift_ppb = ppb;
}

void clock_jump(struct clock *clock, uint64_t true_ns, i128 ns)
{
    rebase(clock, true_ns);
    clock->base_local += ns;
    was_set(clock, true_ns);
}

bool clock_steady(struct clock *clock, uint64_t true_ns)
{
    i128 line = line_at(clock, true_ns);

    if (clock->drift_ppb == 0 && line >= (i128)clock->shown)
        return false;
    SIM_MARK(CLOCK_STANDS);
    clock->base_local = (i128)shows(clock, true_ns);
    clock->base_true = true_ns;
    clock->drift_ppb = 0;
    return true;
}

bool clock_is_true(const struct clock *clock, uint64_t true_ns)
{
    return clock->drift_ppb == 0 && line_at(clock, true_ns) + clock->origin == (i128)true_ns;
}

bool clock_stands(const struct clock *clock, uint64_t true_ns)
{
    return line_at(clock, true_ns) < (i128)clock->shown;
}

void clock_start(struct clock *clock, uint64_t true_ns)
{
    i128 says = line_at(clock, true_ns) + clock->origin;

    count_from(clock, says < 0 || says > SHOWN_MAX ? says : 0);
    clock->shown = 0;
    clock->started = true_ns;
}
