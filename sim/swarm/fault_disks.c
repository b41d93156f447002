/* What happens to disks. */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdio.h>

/* What is wrong with a disk lasts until it is made good, or the quiet. */
static void disk_fault(struct knob *knob, const char *fault)
{
    uint64_t nodes = knob->swarm->nodes;

    fault_often(knob, "disk random(%" PRIu64 ") %s", fault_some(knob, nodes), fault);
    if (knob_chance(knob, 60))
        fault_often(knob, "disk random(%" PRIu64 ") ok", fault_some(knob, nodes));
}

static void torn(struct knob *knob)
{
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "torn %" PRIu64 "%%", knob_draw(knob, 10, 100));
    disk_fault(knob, fault);
}

/*
 * Of what a node counted last there are two copies in its log. When both rot, the
 * end looks torn, and nobody can tell: a right node, cut off, counts these again.
 */
#define ROT_PERCENT_MAX 8

static void rot(struct knob *knob)
{
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "bitrot %" PRIu64 "%%", knob_draw(knob, 1, ROT_PERCENT_MAX));
    disk_fault(knob, fault);
}

/*
 * One that starts again and again from a disk that rots: hardly a log is read
 * otherwise. It counts one by one, which makes many small records, so that a bit
 * that flips may meet any part of one.
 */
static void rot_and_starts(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes), count = knob_draw(knob, 1, 30);
    uint64_t every_ms = knob_draw(knob, 1, 8);
    char times[2 * KNOB_TIME_MAX], to[KNOB_TIME_MAX];
    bool one_by_one = knob_chance(knob, 70);

    fault_often(knob, "disk n%" PRIu64 " bitrot %" PRIu64 "%%", node,
                knob_draw(knob, 1, ROT_PERCENT_MAX));
    fault_often(knob, "crash n%" PRIu64 " for %s", node, fault_lasting(knob, times));
    if (one_by_one)
        fprintf(swarm->out, "every %" PRIu64 "ms to %s inc n%" PRIu64 "\n", every_ms,
                knob_time(to, swarm->until_ms), node);
    else
        fault_often(knob, "inc n%" PRIu64 " x%" PRIu64, node, count);
}

/*
 * One that counts so much that its log begins new segments, while counts wait for a
 * slow disk, and crashes now and then. Decrements are few: the next one would say again
 * what a segment left out.
 */
static void busy(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes), rate = 100 * knob_draw(knob, 12, 25);
    uint64_t from_ms = knob_ms(knob, swarm->until_ms / 6, swarm->until_ms / 2);
    uint64_t to_ms = from_ms + knob_ms(knob, 900, 1400), slow_ms = knob_ms(knob, 10, 150);
    uint64_t crash_ms = knob_ms(knob, 300, 600), dec = knob_draw(knob, 1, 9);
    char from[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    knob_time(from, from_ms);
    knob_time(to, to_ms);
    fprintf(swarm->out, "at %s disk n%" PRIu64 " slow %" PRIu64 "ms\n", from, node, slow_ms);
    fprintf(swarm->out,
            "load %" PRIu64 "/s even inc 99%% dec 0.%" PRIu64 "%% on n%" PRIu64 " from %s to %s\n",
            rate, dec, node, from, to);
    fprintf(swarm->out,
            "every %" PRIu64 "ms..%" PRIu64 "ms from %s to %s crash n%" PRIu64 " for 1ms..30ms\n",
            crash_ms, 2 * crash_ms, from, to, node);
}

static void failing_syncs(struct knob *knob)
{
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "syncfail %" PRIu64 "%%", knob_draw(knob, 5, 100));
    disk_fault(knob, fault);
}

static void full_disks(struct knob *knob)
{
    disk_fault(knob, "full");
}

static void slow_disks(struct knob *knob)
{
    char fault[KNOB_TIME_MAX];

    snprintf(fault, sizeof(fault), "slow %" PRIu64 "ms", knob_draw(knob, 5, 800));
    disk_fault(knob, fault);
}

/* ---- all of them ---- */

const struct fault_kind fault_disks[] = {
    {"torn", NEED_DISKS, torn},
    {"bitrot", NEED_DISKS, rot},
    {"rot and starts", NEED_DISKS, rot_and_starts},
    {"syncfail", NEED_DISKS, failing_syncs},
    {"full", NEED_DISKS, full_disks},
    {"slow", NEED_DISKS, slow_disks},
    {"busy", NEED_DISKS, busy},
    {0},
};
