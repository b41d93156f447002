/* What happens to processes, their clocks and their memory. */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdio.h>

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* ---- processes ---- */

static void crashes(struct knob *knob)
{
    char who[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    fault_nodes_up(knob, who);
    fault_often(knob, "crash %s for %s", who, fault_lasting(knob, times));
}

static void wipes(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];

    fault_often(knob, "crash random(1) of up lose state for %s", fault_lasting(knob, times));
}

/* All at once; some come back sooner than others. */
static void power_cuts(struct knob *knob)
{
    bool wiped = knob_chance(knob, 10);
    char times[2 * KNOB_TIME_MAX];

    fault_often(knob, "crash all%s for %s", wiped ? " lose state" : "", fault_lasting(knob, times));
    if (knob_chance(knob, 50))
        fault_often(knob, "restart random(1) of down");
}

/* So short that nobody notices, and what was on its way arrives. */
static void blinks(struct knob *knob)
{
    fault_often(knob, "crash random(1) of up for 1ms..30ms");
}

static void pauses(struct knob *knob)
{
    char who[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    fault_nodes_up(knob, who);
    fault_often(knob, "pause %s for %s", who, fault_lasting(knob, times));
}

static void pauses_until_told(struct knob *knob)
{
    fault_often(knob, "pause random(1) of up");
    fault_often(knob, "resume all");
}

/* The last ones. */
static void joins(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;

    for (uint64_t i = 0; i < swarm->joiners; i++) {
        char action[KNOB_TEXT_MAX];

        snprintf(action, sizeof(action), "join n%" PRIu64, swarm->nodes - i);
        fault_at(knob, action);
    }
}

/* Those that find nobody by themselves. */
static void meets(struct knob *knob)
{
    for (uint64_t i = 0; i < knob->swarm->hermits; i++) {
        char action[KNOB_TEXT_MAX];

        snprintf(action, sizeof(action), "meet n%" PRIu64 " n%" PRIu64, i + 1,
                 knob_draw(knob, 1, knob->swarm->nodes));
        if (knob_chance(knob, 50))
            fault_at(knob, action);
    }
}

static void leaves(struct knob *knob)
{
    uint64_t nodes = knob->swarm->nodes, count = fault_some(knob, nodes / 4);

    for (uint64_t i = 0; i < count; i++)
        fault_at(knob, "leave random(1) of up");
}

/*
 * One that is about to leave, and has said so, crashes and comes back as it was: it
 * has to object, or else nobody asks for what it counts from now on.
 */
static void leaves_undone(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes);
    uint64_t after_ms = knob_ms(knob, 1, 4 * swarm->sync_ms);
    char action[KNOB_TEXT_MAX], after[KNOB_TIME_MAX], times[2 * KNOB_TIME_MAX];

    snprintf(action, sizeof(action), "leave n%" PRIu64, node);
    fault_at(knob, action);
    fprintf(swarm->out, "+%s crash n%" PRIu64 " for %s\n", knob_time(after, after_ms), node,
            fault_lasting(knob, times));
    fault_often(knob, "inc n%" PRIu64, node);
}

/*
 * It leaves again, and is back again: each time it has to object more strongly. It
 * does not hear that others have taken it for granted, so that the crash meets it.
 */
static void leaves_undone_again(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes), turns = knob_draw(knob, 2, 3);
    uint64_t at_ms = knob_ms(knob, swarm->until_ms / 10, swarm->until_ms / 4);
    char at[KNOB_TIME_MAX], deaf[KNOB_TIME_MAX], after[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    for (uint64_t i = 0; i < turns; i++) {
        uint64_t after_ms = knob_ms(knob, swarm->sync_ms, 3 * swarm->sync_ms);

        knob_time(deaf, after_ms + 10);
        knob_time(after, after_ms);
        fprintf(swarm->out, "at %s partition all -> n%" PRIu64 " for %s\n", knob_time(at, at_ms),
                node, deaf);
        fprintf(swarm->out, "+1ms leave n%" PRIu64 "\n", node);
        fprintf(swarm->out, "+%s crash n%" PRIu64 " for 20ms\n", after, node);
        at_ms += after_ms + knob_ms(knob, 2 * swarm->sync_ms, 5 * swarm->sync_ms);
    }
    fault_lasts_to(knob, at_ms + 100);
    fprintf(swarm->out, "every 150ms to %s inc n%" PRIu64 "\n", knob_time(to, swarm->until_ms),
            node);
}

/*
 * A node that ends in order may take long, and nobody may hear it out: then what
 * it counted is on its disk alone. So in the end it runs again, whatever it was at.
 */
static void stops(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes);
    char at[KNOB_TIME_MAX], action[KNOB_TEXT_MAX];

    snprintf(action, sizeof(action), "stopnode n%" PRIu64, node);
    fault_at(knob, action);
    if (knob_chance(knob, 50)) {
        snprintf(action, sizeof(action), "restart n%" PRIu64, node);
        fault_often(knob, "%s", action);
    }
    knob_time(at, swarm->until_ms - 20);
    fprintf(swarm->out, "at %s restart n%" PRIu64 "\n", at, node);
    fprintf(swarm->out, "at %s crash n%" PRIu64 " for 10ms  # it runs on, wherever it was\n", at,
            node);
}

/* ---- clocks ---- */

static void skews(struct knob *knob)
{
    static const char *const amounts[] = {"+5m", "+2h", "+10s", "-1s", "-200ms"};

    fault_often(knob, "clock random(1) skew %s", knob_word(knob, amounts, LEN(amounts)));
}

static void drifts(struct knob *knob)
{
    static const char *const amounts[] = {"+100ppm", "+100000ppm", "+1000000ppm",
                                          "-100ppm", "-100000ppm", "-500000ppm"};

    fault_often(knob, "clock random(1) drift %s", knob_word(knob, amounts, LEN(amounts)));
}

static void jumps(struct knob *knob)
{
    static const char *const amounts[] = {"+1ms", "+500ms", "+1h", "-1ms", "-200ms", "-2s"};

    fault_often(knob, "clock random(1) jump %s", knob_word(knob, amounts, LEN(amounts)));
}

/* ---- memory ---- */

/*
 * A node asks for more of it when it starts and when it learns of others: so some
 * start, and come back under new ids.
 */
static void memories(struct knob *knob)
{
    uint64_t count = fault_some(knob, knob->swarm->nodes);
    char times[2 * KNOB_TIME_MAX];

    fault_often(knob, "memory random(%" PRIu64 ") fail %" PRIu64 "%%", count,
                knob_draw(knob, 1, knob_chance(knob, 50) ? 10 : 80));
    if (knob_chance(knob, 50))
        fault_often(knob, "memory all ok");
    if (knob_chance(knob, 50))
        fault_often(knob, "crash random(1) of up lose state for %s", fault_lasting(knob, times));
}

/* ---- all of them ---- */

const struct fault_kind fault_comings[] = {
    {"join", NEED_JOINERS, joins},
    {"meet", NEED_HERMITS, meets},
    {0},
};

const struct fault_kind fault_nodes[] = {
    {"crash", NEED_NOTHING, crashes},
    {"lose state", NEED_NOTHING, wipes},
    {"crash all", NEED_NOTHING, power_cuts},
    {"blink", NEED_NOTHING, blinks},
    {"pause", NEED_NOTHING, pauses},
    {"pause resume", NEED_NOTHING, pauses_until_told},
    {"leave", NEED_KNOWN, leaves},
    {"stopnode", NEED_KNOWN, stops},
    {"leave undone", NEED_MANY, leaves_undone},
    {"leave undone again", NEED_PLENTY, leaves_undone_again},
    {"skew", NEED_NOTHING, skews},
    {"drift", NEED_NOTHING, drifts},
    {"jump", NEED_NOTHING, jumps},
    {"memory", NEED_NOTHING, memories},
    {0},
};
