/*
 * What happens to logs while no node runs. Each is aimed at one node that counts and
 * starts again and again: hardly a log is read otherwise.
 */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdio.h>

/* One node, and when its disk is meddled with. */
struct aim {
    uint64_t node;
    char period[KNOB_TIME_MAX], from[KNOB_TIME_MAX], to[KNOB_TIME_MAX];
};

/*
 * From @least_ms on, and so often that some start must follow: the crash comes in the
 * same instant, and who is down just then starts later.
 */
static struct aim take_aim(struct knob *knob, uint64_t least_ms)
{
    const struct swarm *swarm = knob->swarm;
    struct aim aim = {.node = fault_some(knob, swarm->nodes)};
    uint64_t period_ms = knob_ms(knob, 2 * fault_least_ms(swarm), 6 * fault_least_ms(swarm));

    knob_time(aim.period, period_ms);
    knob_time(aim.from, knob_ms(knob, least_ms, least_ms + swarm->until_ms / 3));
    knob_time(aim.to, swarm->until_ms);
    return aim;
}

static void every(const struct knob *knob, const struct aim *aim, const char *action)
{
    fprintf(knob->swarm->out, "every %s from %s to %s %s\n", aim->period, aim->from, aim->to,
            action);
}

/* The disk is made so, and its node crashes: and again. It counts in between, or not. */
static void meddle(struct knob *knob, const struct aim *aim, const char *fault)
{
    char action[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];
    uint64_t rate = knob_draw(knob, 20, 400);

    snprintf(action, sizeof(action), "disk n%" PRIu64 " %s", aim->node, fault);
    every(knob, aim, action);
    snprintf(action, sizeof(action), "crash n%" PRIu64 " for %s", aim->node,
             fault_lasting(knob, times));
    every(knob, aim, action);
    if (knob_chance(knob, 70))
        fprintf(knob->swarm->out,
                "load %" PRIu64 "/s even inc 80%% dec 20%% on n%" PRIu64 " to %s\n", rate,
                aim->node, aim->to);
    if (knob_chance(knob, 40)) /* so that it counts before it hears what others hold */
        fault_often(knob, "partition isolate n%" PRIu64 " for %s", aim->node,
                    fault_lasting(knob, times));
}

static void restores(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t first_ms = knob_ms(knob, swarm->until_ms / 10, swarm->until_ms / 3);
    struct aim aim = take_aim(knob, first_ms);
    char at[KNOB_TIME_MAX];

    fprintf(swarm->out, "at %s disk n%" PRIu64 " backup\n", knob_time(at, first_ms), aim.node);
    if (knob_chance(knob, 50))
        fault_often(knob, "disk n%" PRIu64 " backup", aim.node);
    meddle(knob, &aim, "restore");
}

static void lost_writes(struct knob *knob)
{
    struct aim aim = take_aim(knob, knob->swarm->until_ms / 6);
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "lose %" PRIu64, knob_draw(knob, 1, 30));
    meddle(knob, &aim, fault);
}

static void zeroed(struct knob *knob)
{
    struct aim aim = take_aim(knob, knob->swarm->until_ms / 6);
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "zeroed %" PRIu64 "%%", knob_draw(knob, 1, 60));
    meddle(knob, &aim, fault);
}

static void failing_reads(struct knob *knob)
{
    struct aim aim = take_aim(knob, knob->swarm->until_ms / 6);
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "readfail %" PRIu64 "%%", knob_draw(knob, 20, 100));
    meddle(knob, &aim, fault);
    if (knob_chance(knob, 60))
        fault_often(knob, "disk n%" PRIu64 " ok", aim.node);
}

const struct fault_kind fault_logs[] = {
    {"restore", NEED_DISKS, restores},
    {"lose writes", NEED_DISKS, lost_writes},
    {"zeroed", NEED_DISKS, zeroed},
    {"readfail", NEED_DISKS, failing_reads},
    {0},
};
