/* What happens to links and messages: partitions, holds, rules, scripts. */
#include "sim/swarm/fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* ---- partitions and holds ---- */

static void partition_random(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];

    fault_often(knob, "partition random for %s", fault_lasting(knob, times));
}

static void partition_shape(struct knob *knob)
{
    static const char *const shapes[] = {"halves", "majority", "thirds", "ring"};
    uint64_t nodes = knob->swarm->nodes;
    bool rings = knob->swarm->peers_all && nodes > 3;
    const char *shape = knob_word(knob, shapes, rings ? LEN(shapes) : LEN(shapes) - 1);
    char times[2 * KNOB_TIME_MAX];

    fault_once_or_often(knob, "partition %s for %s", shape, fault_lasting(knob, times));
}

static void partition_sides(struct knob *knob)
{
    uint64_t nodes = knob->swarm->nodes, first = fault_some(knob, nodes - 1);
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50))
        fault_often(knob, "partition random(%" PRIu64 ") | rest for %s", first,
                    fault_lasting(knob, times));
    else if (first > 1)
        fault_once_or_often(knob, "partition n1..n%" PRIu64 " | rest for %s", first,
                            fault_lasting(knob, times));
    else
        fault_once_or_often(knob, "partition n1 | rest for %s", fault_lasting(knob, times));
}

static void partition_bridge(struct knob *knob)
{
    uint64_t bridge = fault_some(knob, knob->swarm->nodes);
    char times[2 * KNOB_TIME_MAX];

    fault_often(knob, "partition bridge n%" PRIu64 " for %s", bridge, fault_lasting(knob, times));
}

static void partition_isolate(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];
    uint64_t count = fault_some(knob, knob->swarm->nodes);

    if (count == knob->swarm->nodes)
        fault_once_or_often(knob, "partition isolate all for %s", fault_lasting(knob, times));
    else
        fault_often(knob, "partition isolate random(%" PRIu64 ") for %s", count,
                    fault_lasting(knob, times));
}

static void partition_one_way(struct knob *knob)
{
    uint64_t count = fault_some(knob, knob->swarm->nodes / 2);
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50))
        fault_often(knob, "partition random(%" PRIu64 ") -> all for %s", count,
                    fault_lasting(knob, times));
    else
        fault_often(knob, "partition all -> random(%" PRIu64 ") for %s", count,
                    fault_lasting(knob, times));
}

/* Cut and healed by name, in turns of one length. */
static void flapping(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t cut = knob_ms(knob, fault_least_ms(swarm), 2 * fault_least_ms(swarm));
    uint64_t whole = knob_ms(knob, fault_least_ms(swarm) / 2, 2 * fault_least_ms(swarm));
    uint64_t turns = swarm->until_ms / (cut + whole);
    char cut_text[KNOB_TIME_MAX], whole_text[KNOB_TIME_MAX];

    fprintf(swarm->out, "at 0ms inc n1\n");
    fprintf(swarm->out, "repeat %" PRIu64 "\n", turns > 0 ? turns : 1);
    fprintf(swarm->out, "+%s partition random as flap\n", knob_time(whole_text, whole));
    fprintf(swarm->out, "+%s heal flap\n", knob_time(cut_text, cut));
    fprintf(swarm->out, "end\n");
}

static void holds(struct knob *knob)
{
    char on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    fault_link(knob, on);
    fault_often(knob, "hold %s for %s", on, fault_lasting(knob, times));
}

/* Without an end of its own: let go at chance, link by link, or at the quiet. */
static void hold_release(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t hold_ms = knob_ms(knob, swarm->until_ms / 16, swarm->until_ms / 8);
    char hold[KNOB_TIME_MAX], release[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    knob_time(hold, hold_ms);
    knob_time(release, knob_ms(knob, fault_least_ms(swarm), 3 * fault_least_ms(swarm)));
    knob_time(to, swarm->until_ms);
    fprintf(swarm->out, "every %s to %s hold random(1) <-> all\n", hold, to);
    fprintf(swarm->out, "every %s to %s release all <-> random(50%%)\n", release, to);
}

/* ---- rules ---- */

/* On all links, or some. */
__attribute__((format(printf, 2, 3))) static void rule(struct knob *knob, const char *format, ...)
{
    char rules[KNOB_TEXT_MAX / 2], on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(rules, sizeof(rules), format, args);
    va_end(args);
    if (knob_chance(knob, 40)) {
        fault_often(knob, "net %s for %s", rules, fault_lasting(knob, times));
        return;
    }
    fault_link(knob, on);
    fault_often(knob, "link %.60s %s for %s", on, rules, fault_lasting(knob, times));
}

static void loss(struct knob *knob)
{
    uint64_t lo = knob_draw(knob, 10, 90);

    if (knob_chance(knob, 50))
        rule(knob, "loss %" PRIu64 "%%", lo);
    else
        rule(knob, "loss %" PRIu64 "%%..%" PRIu64 "%%", lo, knob_draw(knob, lo, 95));
}

static void bursts(struct knob *knob)
{
    uint64_t to_bad = knob_draw(knob, 1, 30), to_good = knob_draw(knob, 5, 60);
    uint64_t bad = knob_draw(knob, 50, 100), good = knob_draw(knob, 0, 10);

    rule(knob, "loss gemodel %" PRIu64 "%% %" PRIu64 "%% %" PRIu64 "%% %" PRIu64 "%%", to_bad,
         to_good, bad, good);
}

static void duplicates(struct knob *knob)
{
    rule(knob, "dup %" PRIu64 "%%", knob_draw(knob, 5, 100));
}

static void corruption(struct knob *knob)
{
    rule(knob, "corrupt %" PRIu64 "%%", knob_draw(knob, 2, 60));
}

static void overtaking(struct knob *knob)
{
    uint64_t percent = knob_draw(knob, 5, 90);

    fault_note_late(knob, 300);
    if (knob_chance(knob, 50))
        rule(knob, "delay 30ms..300ms reorder %" PRIu64 "%%", percent);
    else
        rule(knob, "delay 50ms reorder %" PRIu64 "%% gap %" PRIu64, percent, knob_draw(knob, 2, 6));
}

static void slow_links(struct knob *knob)
{
    static const char *const dists[] = {"uniform", "normal"};
    uint64_t delay_ms = knob_draw(knob, 20, 900), jitter_ms = knob_draw(knob, 1, delay_ms);

    rule(knob, "delay %" PRIu64 "ms %" PRIu64 "ms %s", delay_ms, jitter_ms,
         knob_word(knob, dists, LEN(dists)));
    fault_note_late(knob,
                    delay_ms + 6 * jitter_ms); /* no normal deviate is larger (sim/choose.h) */
}

static void rates(struct knob *knob)
{
    uint64_t kbits = knob_draw(knob, 8, 400), wait_ms = knob_draw(knob, 100, 3000);
    uint64_t kib = kbits * wait_ms / 8192;

    kib = kib > 0 ? kib : 1;
    rule(knob, "rate %" PRIu64 "kbit queue %" PRIu64 "KiB", kbits, kib);
    fault_note_late(knob, (kib + 8) * 8192 / kbits); /* and a message that just fits */
}

static void links_down(struct knob *knob)
{
    char on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    fault_link(knob, on);
    fault_often(knob, "link %s down for %s", on, fault_lasting(knob, times));
}

/* ---- scripts ---- */

static void script(struct knob *knob, const char *deed)
{
    char on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50)) {
        uint64_t most = fault_some(knob, 20);

        fault_often(knob, "%s next 1..%" PRIu64 " %s", deed, most, fault_link(knob, on));
        return;
    }
    fault_lasting(knob, times);
    fault_often(knob, "%s while %s %s", deed, times, fault_link(knob, on));
}

static void drops(struct knob *knob)
{
    script(knob, "drop");
}

static void repeats(struct knob *knob)
{
    script(knob, "dup");
}

static void flips(struct knob *knob)
{
    script(knob, "corrupt");
}

/*
 * Delays of scripts in force at once add up. So these come by and by: what is late
 * by their sum is still to be waited for.
 */
static void late_messages(struct knob *knob)
{
    uint64_t by_ms = knob_ms(knob, 50, 3000), count = fault_some(knob, 3);
    char by[2 * KNOB_TIME_MAX], on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];
    char action[2 * KNOB_TEXT_MAX];

    knob_times(by, by_ms / 2, by_ms);
    for (uint64_t i = 0; i < count; i++) {
        if (knob_chance(knob, 50)) {
            uint64_t most = fault_some(knob, 20);

            snprintf(action, sizeof(action), "delay next 1..%" PRIu64 " %s by %s", most,
                     fault_link(knob, on), by);
        } else {
            fault_lasting(knob, times);
            snprintf(action, sizeof(action), "delay while %s %s by %s", times, fault_link(knob, on),
                     by);
        }
        fault_at(knob, action);
        fault_note_late(knob, by_ms);
    }
}

/* Many things can be wrong about a frame: at times there are hundreds. */
static void say_forge(struct knob *knob, const char *kind, uint64_t from, uint64_t to)
{
    char action[KNOB_TEXT_MAX];
    bool many = knob_chance(knob, 40);

    snprintf(action, sizeof(action), "forge %s random(%" PRIu64 ") -> random(%" PRIu64 ")", kind,
             many ? 1 : from, many ? 1 : to);
    if (many)
        fault_densely(knob, action);
    else
        fault_often(knob, "%s", action);
}

/* Frames that are wrong, in one way or any: a right node does nothing at all about them. */
static void forgeries(struct knob *knob)
{
    uint64_t kind = knob_draw(knob, SCN_FORGE_RANDOM + 1, SCN_FORGES - 1);
    uint64_t from = fault_some(knob, 3), to = fault_some(knob, 3);

    if (knob_chance(knob, 70))
        kind = SCN_FORGE_RANDOM;
    say_forge(knob, scn_forge_text((enum scn_forge)kind), from, to);
}

/* Frames that are right, and written as no node of ours writes them. */
static void other_frames(struct knob *knob)
{
    uint64_t from = fault_some(knob, 4), to = fault_some(knob, 4);

    say_forge(knob, "other", from, to);
}

/* ---- all of them ---- */

const struct fault_kind fault_links[] = {
    {"partition random", NEED_NOTHING, partition_random},
    {"partition shape", NEED_NOTHING, partition_shape},
    {"partition sides", NEED_NOTHING, partition_sides},
    {"partition bridge", NEED_THREE, partition_bridge},
    {"partition isolate", NEED_NOTHING, partition_isolate},
    {"partition one way", NEED_NOTHING, partition_one_way},
    {"flapping", NEED_NOTHING, flapping},
    {"hold", NEED_NOTHING, holds},
    {"hold release", NEED_NOTHING, hold_release},
    {"loss", NEED_NOTHING, loss},
    {"bursts", NEED_NOTHING, bursts},
    {"dup", NEED_NOTHING, duplicates},
    {"corrupt", NEED_NOTHING, corruption},
    {"reorder", NEED_NOTHING, overtaking},
    {"delay", NEED_NOTHING, slow_links},
    {"rate", NEED_NOTHING, rates},
    {"down", NEED_NOTHING, links_down},
    {"drop next", NEED_NOTHING, drops},
    {"dup next", NEED_NOTHING, repeats},
    {"corrupt next", NEED_NOTHING, flips},
    {"delay next", NEED_NOTHING, late_messages},
    {"forge", NEED_NOTHING, forgeries},
    {"other frames", NEED_NOTHING, other_frames},
    {0},
};
