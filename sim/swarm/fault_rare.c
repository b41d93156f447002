/* What takes long or much, and so has a coin that comes up less often. */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdio.h>

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/*
 * The longest that a silent peer is left alone for takes eighteen rounds. After more
 * than that it is found again all the same, and gets what was counted meanwhile.
 */
#define SILENCE_ROUNDS 24u
#define SILENCE_MS 5500u

static void silence(struct knob *knob)
{
    static const char *const before[] = {
        "partition isolate ",
        "partition ",
        "partition ",
        "partition all -> ",
        "crash ",
        "pause ",
        "link ",
    };
    static const char *const behind[LEN(before)] = {
        "", " | rest", " -> all", "", " of up", " of up", " <-> all down",
    };
    struct swarm *swarm = knob->swarm;
    uint64_t shape = knob_draw(knob, 0, LEN(before) - 1);
    uint64_t rounds = knob_draw(knob, SILENCE_ROUNDS, 2 * (uint64_t)SILENCE_ROUNDS);
    uint64_t from_ms = knob_ms(knob, swarm->until_ms / 4, swarm->until_ms / 2);
    uint64_t count = fault_some(knob, swarm->nodes / 2), lasts_ms = rounds * swarm->sync_ms;
    char from[KNOB_TIME_MAX], lasts[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    if (lasts_ms < SILENCE_MS)
        lasts_ms = SILENCE_MS;
    fault_lasts_to(knob, from_ms + lasts_ms + 1000);
    fprintf(swarm->out, "at %s %srandom(%" PRIu64 ")%s for %s", knob_time(from, from_ms),
            before[shape], count, behind[shape], knob_time(lasts, lasts_ms));
    fprintf(swarm->out, "\nevery %" PRIu64 "ms from %s to %s inc random(1)\n",
            knob_draw(knob, 300, 900), from, knob_time(to, from_ms + lasts_ms + 1000));
}

/*
 * Life after life, each under an id of its own: states get large, and pushes so long
 * that they are compressed.
 */
static void many_lives(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t count = 1 + swarm->nodes / 3, every_ms = knob_ms(knob, 40, 100);
    char to[KNOB_TIME_MAX];

    knob_time(to, swarm->until_ms);
    fprintf(swarm->out,
            "every %" PRIu64 "ms to %s crash random(%" PRIu64 ") of up lose state for 1ms..10ms\n",
            every_ms, to, count);
    fprintf(swarm->out, "load 400/s even inc 70%% dec 30%% on up to %s\n", to);
}

/*
 * Thousands at once, time and again while those before wait for a slow disk; and
 * perhaps for a node that stands still.
 */
static void crowd(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = fault_some(knob, swarm->nodes), slow_ms = knob_ms(knob, 100, 600);
    uint64_t from_ms = knob_ms(knob, swarm->until_ms / 6, swarm->until_ms / 2);
    uint64_t turns = knob_draw(knob, 2, 6), many = knob_draw(knob, 200, 1500);
    uint64_t pause_ms = knob_chance(knob, 30) ? knob_ms(knob, 100, 900) : 0;
    char from[KNOB_TIME_MAX];

    knob_time(from, from_ms);
    fprintf(swarm->out, "at %s disk n%" PRIu64 " slow %" PRIu64 "ms\n", from, node, slow_ms);
    if (pause_ms > 0)
        fprintf(swarm->out, "+5ms pause n%" PRIu64 " for %" PRIu64 "ms\n", node, pause_ms);
    fprintf(swarm->out, "repeat %" PRIu64 "\n+%" PRIu64 "ms inc n%" PRIu64 " x%" PRIu64 "\n", turns,
            1 + slow_ms / knob_draw(knob, 1, 4), node, many);
    fprintf(swarm->out, "+1ms dec n%" PRIu64 " x%" PRIu64 "\nend\n", node, 1 + many / 3);
}

/* ---- all of them ---- */

const struct fault_kind fault_rare[] = {
    {"silence", NEED_NOTHING, silence},
    {"many lives", NEED_NOTHING, many_lives},
    {"crowd", NEED_DISKS, crowd},
    {0},
};
