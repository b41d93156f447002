/* When a fault fires, how long it lasts and whom it meets. */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* Of the nodes, at least one and at most @most. */
uint64_t fault_some(struct knob *knob, uint64_t most)
{
    return knob_draw(knob, 1, most > 0 ? most : 1);
}

/* ---- when ---- */

/* No fault is shorter: nodes get to ask, in vain. */
uint64_t fault_least_ms(const struct swarm *swarm)
{
    return 50 + 2 * swarm->sync_ms;
}

char *fault_lasting(struct knob *knob, char buf[static 2 * KNOB_TIME_MAX])
{
    uint64_t lo = knob_ms(knob, fault_least_ms(knob->swarm), 2 * fault_least_ms(knob->swarm));

    return knob_times(buf, lo, knob_ms(knob, lo, 3 * lo));
}

/* In a storm all that fires then fires at short notice, and at the same time as others. */
static void say_every(struct knob *knob, const char *action)
{
    const struct swarm *swarm = knob->swarm;
    char period[2 * KNOB_TIME_MAX], from[KNOB_TIME_MAX], to[KNOB_TIME_MAX];
    bool storm = knob_chance(knob, 30);
    uint64_t most = storm ? 200 : swarm->until_ms / 8;
    uint64_t lo = knob_ms(knob, storm ? 30 : swarm->until_ms / 40, most);
    uint64_t from_ms = storm ? swarm->storm_ms : knob_ms(knob, 0, swarm->until_ms / 3);

    knob_times(period, lo, knob_ms(knob, lo, 2 * lo));
    fprintf(swarm->out, "every %s from %s to %s %s\n", period, knob_time(from, from_ms),
            knob_time(to, storm ? swarm->storm_end_ms : swarm->until_ms), action);
}

void fault_at(struct knob *knob, const char *action)
{
    const struct swarm *swarm = knob->swarm;
    char at[KNOB_TIME_MAX];

    knob_time(at, knob_ms(knob, swarm->until_ms / 10, swarm->until_ms * 2 / 3));
    fprintf(swarm->out, "at %s %s\n", at, action);
}

/* The action, again and again. */
void fault_often(struct knob *knob, const char *format, ...)
{
    char action[KNOB_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(action, sizeof(action), format, args);
    va_end(args);
    say_every(knob, action);
}

/* Hundreds of times. */
void fault_densely(struct knob *knob, const char *action)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t lo = knob_ms(knob, 2, 8);
    char period[2 * KNOB_TIME_MAX], from[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    knob_times(period, lo, knob_ms(knob, lo, 2 * lo));
    fprintf(swarm->out, "every %s from %s to %s %s\n", period,
            knob_time(from, knob_ms(knob, 0, swarm->until_ms / 3)), knob_time(to, swarm->until_ms),
            action);
}

/* Or just once. */
void fault_once_or_often(struct knob *knob, const char *format, ...)
{
    char action[KNOB_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(action, sizeof(action), format, args);
    va_end(args);
    if (knob_chance(knob, 30))
        fault_at(knob, action);
    else
        say_every(knob, action);
}

/* ---- whom ---- */

/* Nodes that are there, by chance or by number: "random(2) of up", "n3", "n2..n4". */
char *fault_nodes_up(struct knob *knob, char buf[static KNOB_TEXT_MAX])
{
    uint64_t nodes = knob->swarm->nodes;

    if (knob_chance(knob, 70))
        snprintf(buf, KNOB_TEXT_MAX, "random(1) of up");
    else if (knob_chance(knob, 50))
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 ") of up", fault_some(knob, nodes / 2));
    else
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 "%%)", knob_draw(knob, 20, 60));
    return buf;
}

char *fault_link(struct knob *knob, char buf[static KNOB_TEXT_MAX])
{
    static const char *const arrows[] = {"->", "<->"};
    const char *arrow = knob_word(knob, arrows, LEN(arrows));
    uint64_t nodes = knob->swarm->nodes, from = fault_some(knob, nodes / 2);

    switch (knob_draw(knob, 0, 3)) {
    case 0:
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 ") %s all", from, arrow);
        break;
    case 1:
        snprintf(buf, KNOB_TEXT_MAX, "all %s random(%" PRIu64 ")", arrow, from);
        break;
    case 2:
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 ") %s rest", from, arrow);
        break;
    default:
        snprintf(buf, KNOB_TEXT_MAX, "n%" PRIu64 " %s all", fault_some(knob, nodes), arrow);
        break;
    }
    return buf;
}

void fault_lasts_to(struct knob *knob, uint64_t ms)
{
    if (ms > knob->swarm->quiet_ms)
        knob->swarm->quiet_ms = ms;
}

void fault_note_late(struct knob *knob, uint64_t ms)
{
    knob->swarm->late_ms += ms; /* by several kinds, one after the other */
}
