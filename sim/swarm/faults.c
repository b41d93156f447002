/*
 * The kinds of faults: for each a coin, who it meets, how long and how often. A
 * statement that has to touch something (else the run proves nothing) fires many
 * times; only those whom nothing can hide may fire once.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "sim/swarm/knob.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* Of the nodes, at least one and at most @most. */
static uint64_t some(struct knob *knob, uint64_t most)
{
    return knob_draw(knob, 1, most > 0 ? most : 1);
}

/* ---- when ---- */

/* No fault is shorter: nodes get to ask, in vain. */
static uint64_t least_ms(const struct swarm *swarm)
{
    return 50 + 2 * swarm->sync_ms;
}

static char *lasting(struct knob *knob, char buf[static 2 * KNOB_TIME_MAX])
{
    uint64_t lo = knob_ms(knob, least_ms(knob->swarm), 2 * least_ms(knob->swarm));

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

static void say_at(struct knob *knob, const char *action)
{
    const struct swarm *swarm = knob->swarm;
    char at[KNOB_TIME_MAX];

    knob_time(at, knob_ms(knob, swarm->until_ms / 10, swarm->until_ms * 2 / 3));
    fprintf(swarm->out, "at %s %s\n", at, action);
}

/* The action, again and again. */
__attribute__((format(printf, 2, 3))) static void often(struct knob *knob, const char *format, ...)
{
    char action[KNOB_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(action, sizeof(action), format, args);
    va_end(args);
    say_every(knob, action);
}

/* Or just once. */
__attribute__((format(printf, 2, 3))) static void once_or_often(struct knob *knob,
                                                                const char *format, ...)
{
    char action[KNOB_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(action, sizeof(action), format, args);
    va_end(args);
    if (knob_chance(knob, 30))
        say_at(knob, action);
    else
        say_every(knob, action);
}

/* ---- whom ---- */

/* Nodes that are there, by chance or by number: "random(2) of up", "n3", "n2..n4". */
static char *nodes_up(struct knob *knob, char buf[static KNOB_TEXT_MAX])
{
    uint64_t nodes = knob->swarm->nodes;

    if (knob_chance(knob, 70))
        snprintf(buf, KNOB_TEXT_MAX, "random(1) of up");
    else if (knob_chance(knob, 50))
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 ") of up", some(knob, nodes / 2));
    else
        snprintf(buf, KNOB_TEXT_MAX, "random(%" PRIu64 "%%)", knob_draw(knob, 20, 60));
    return buf;
}

static char *link(struct knob *knob, char buf[static KNOB_TEXT_MAX])
{
    static const char *const arrows[] = {"->", "<->"};
    const char *arrow = knob_word(knob, arrows, LEN(arrows));
    uint64_t nodes = knob->swarm->nodes, from = some(knob, nodes / 2);

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
        snprintf(buf, KNOB_TEXT_MAX, "n%" PRIu64 " %s all", some(knob, nodes), arrow);
        break;
    }
    return buf;
}

/* ---- partitions and holds ---- */

static void partition_random(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];

    often(knob, "partition random for %s", lasting(knob, times));
}

static void partition_shape(struct knob *knob)
{
    static const char *const shapes[] = {"halves", "majority", "thirds", "ring"};
    uint64_t nodes = knob->swarm->nodes;
    bool rings = knob->swarm->peers_all && nodes > 3;
    const char *shape = knob_word(knob, shapes, rings ? LEN(shapes) : LEN(shapes) - 1);
    char times[2 * KNOB_TIME_MAX];

    once_or_often(knob, "partition %s for %s", shape, lasting(knob, times));
}

static void partition_sides(struct knob *knob)
{
    uint64_t nodes = knob->swarm->nodes, first = some(knob, nodes - 1);
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50))
        often(knob, "partition random(%" PRIu64 ") | rest for %s", first, lasting(knob, times));
    else if (first > 1)
        once_or_often(knob, "partition n1..n%" PRIu64 " | rest for %s", first,
                      lasting(knob, times));
    else
        once_or_often(knob, "partition n1 | rest for %s", lasting(knob, times));
}

static void partition_bridge(struct knob *knob)
{
    uint64_t bridge = some(knob, knob->swarm->nodes);
    char times[2 * KNOB_TIME_MAX];

    often(knob, "partition bridge n%" PRIu64 " for %s", bridge, lasting(knob, times));
}

static void partition_isolate(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];
    uint64_t count = some(knob, knob->swarm->nodes);

    if (count == knob->swarm->nodes)
        once_or_often(knob, "partition isolate all for %s", lasting(knob, times));
    else
        often(knob, "partition isolate random(%" PRIu64 ") for %s", count, lasting(knob, times));
}

static void partition_one_way(struct knob *knob)
{
    uint64_t count = some(knob, knob->swarm->nodes / 2);
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50))
        often(knob, "partition random(%" PRIu64 ") -> all for %s", count, lasting(knob, times));
    else
        often(knob, "partition all -> random(%" PRIu64 ") for %s", count, lasting(knob, times));
}

/* Cut and healed by name, in turns of one length. */
static void flapping(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t cut = knob_ms(knob, least_ms(swarm), 2 * least_ms(swarm));
    uint64_t whole = knob_ms(knob, least_ms(swarm) / 2, 2 * least_ms(swarm));
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

    link(knob, on);
    often(knob, "hold %s for %s", on, lasting(knob, times));
}

/* Without an end of its own: let go at chance, link by link, or at the quiet. */
static void hold_release(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t hold_ms = knob_ms(knob, swarm->until_ms / 16, swarm->until_ms / 8);
    char hold[KNOB_TIME_MAX], release[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    knob_time(hold, hold_ms);
    knob_time(release, knob_ms(knob, least_ms(swarm), 3 * least_ms(swarm)));
    knob_time(to, swarm->until_ms);
    fprintf(swarm->out, "every %s to %s hold random(1) <-> all\n", hold, to);
    fprintf(swarm->out, "every %s to %s release all <-> random(50%%)\n", release, to);
}

/* ---- rules ---- */

/* A message from before the quiet may be late by so much for what the knob does, at most. */
static void note_late(struct knob *knob, uint64_t ms)
{
    knob->swarm->late_ms += ms; /* by several kinds, one after the other */
}

/* On all links, or some. */
__attribute__((format(printf, 2, 3))) static void rule(struct knob *knob, const char *format, ...)
{
    char rules[KNOB_TEXT_MAX / 2], on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(rules, sizeof(rules), format, args);
    va_end(args);
    if (knob_chance(knob, 40)) {
        often(knob, "net %s for %s", rules, lasting(knob, times));
        return;
    }
    link(knob, on);
    often(knob, "link %.60s %s for %s", on, rules, lasting(knob, times));
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

    note_late(knob, 300);
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
    note_late(knob, delay_ms + 6 * jitter_ms); /* no normal deviate is larger (sim/choose.h) */
}

static void rates(struct knob *knob)
{
    uint64_t kbits = knob_draw(knob, 8, 400), wait_ms = knob_draw(knob, 100, 3000);
    uint64_t kib = kbits * wait_ms / 8192;

    kib = kib > 0 ? kib : 1;
    rule(knob, "rate %" PRIu64 "kbit queue %" PRIu64 "KiB", kbits, kib);
    note_late(knob, (kib + 8) * 8192 / kbits); /* and a message that just fits */
}

static void links_down(struct knob *knob)
{
    char on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    link(knob, on);
    often(knob, "link %s down for %s", on, lasting(knob, times));
}

/* ---- scripts ---- */

static void script(struct knob *knob, const char *deed)
{
    char on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    if (knob_chance(knob, 50)) {
        uint64_t most = some(knob, 20);

        often(knob, "%s next 1..%" PRIu64 " %s", deed, most, link(knob, on));
        return;
    }
    lasting(knob, times);
    often(knob, "%s while %s %s", deed, times, link(knob, on));
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
    uint64_t by_ms = knob_ms(knob, 50, 3000), count = some(knob, 3);
    char by[2 * KNOB_TIME_MAX], on[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];
    char action[2 * KNOB_TEXT_MAX];

    knob_times(by, by_ms / 2, by_ms);
    for (uint64_t i = 0; i < count; i++) {
        if (knob_chance(knob, 50)) {
            uint64_t most = some(knob, 20);

            snprintf(action, sizeof(action), "delay next 1..%" PRIu64 " %s by %s", most,
                     link(knob, on), by);
        } else {
            lasting(knob, times);
            snprintf(action, sizeof(action), "delay while %s %s by %s", times, link(knob, on), by);
        }
        say_at(knob, action);
        note_late(knob, by_ms);
    }
}

/* ---- processes ---- */

static void crashes(struct knob *knob)
{
    char who[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    nodes_up(knob, who);
    often(knob, "crash %s for %s", who, lasting(knob, times));
}

static void wipes(struct knob *knob)
{
    char times[2 * KNOB_TIME_MAX];

    often(knob, "crash random(1) of up lose state for %s", lasting(knob, times));
}

/* All at once; some come back sooner than others. */
static void power_cuts(struct knob *knob)
{
    bool wiped = knob_chance(knob, 10);
    char times[2 * KNOB_TIME_MAX];

    often(knob, "crash all%s for %s", wiped ? " lose state" : "", lasting(knob, times));
    if (knob_chance(knob, 50))
        often(knob, "restart random(1) of down");
}

/* So short that nobody notices, and what was on its way arrives. */
static void blinks(struct knob *knob)
{
    often(knob, "crash random(1) of up for 1ms..30ms");
}

static void pauses(struct knob *knob)
{
    char who[KNOB_TEXT_MAX], times[2 * KNOB_TIME_MAX];

    nodes_up(knob, who);
    often(knob, "pause %s for %s", who, lasting(knob, times));
}

static void pauses_until_told(struct knob *knob)
{
    often(knob, "pause random(1) of up");
    often(knob, "resume all");
}

/* The last ones. */
static void joins(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;

    for (uint64_t i = 0; i < swarm->joiners; i++) {
        char action[KNOB_TEXT_MAX];

        snprintf(action, sizeof(action), "join n%" PRIu64, swarm->nodes - i);
        say_at(knob, action);
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
            say_at(knob, action);
    }
}

static void leaves(struct knob *knob)
{
    uint64_t nodes = knob->swarm->nodes, count = some(knob, nodes / 4);

    for (uint64_t i = 0; i < count; i++)
        say_at(knob, "leave random(1) of up");
}

/*
 * A node that ends in order may take long, and nobody may hear it out: then what
 * it counted is on its disk alone. So in the end it runs again, whatever it was at.
 */
static void stops(struct knob *knob)
{
    const struct swarm *swarm = knob->swarm;
    uint64_t node = some(knob, swarm->nodes);
    char at[KNOB_TIME_MAX], action[KNOB_TEXT_MAX];

    snprintf(action, sizeof(action), "stopnode n%" PRIu64, node);
    say_at(knob, action);
    if (knob_chance(knob, 50)) {
        snprintf(action, sizeof(action), "restart n%" PRIu64, node);
        often(knob, "%s", action);
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

    often(knob, "clock random(1) skew %s", knob_word(knob, amounts, LEN(amounts)));
}

static void drifts(struct knob *knob)
{
    static const char *const amounts[] = {"+100ppm", "+100000ppm", "+1000000ppm",
                                          "-100ppm", "-100000ppm", "-500000ppm"};

    often(knob, "clock random(1) drift %s", knob_word(knob, amounts, LEN(amounts)));
}

static void jumps(struct knob *knob)
{
    static const char *const amounts[] = {"+1ms", "+500ms", "+1h", "-1ms", "-200ms", "-2s"};

    often(knob, "clock random(1) jump %s", knob_word(knob, amounts, LEN(amounts)));
}

/* ---- disks ---- */

/* What is wrong with a disk lasts until it is made good, or the quiet. */
static void disk_fault(struct knob *knob, const char *fault)
{
    uint64_t nodes = knob->swarm->nodes;

    often(knob, "disk random(%" PRIu64 ") %s", some(knob, nodes), fault);
    if (knob_chance(knob, 60))
        often(knob, "disk random(%" PRIu64 ") ok", some(knob, nodes));
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

/* One that starts again and again from a disk that rots: hardly a log is read otherwise. */
static void rot_and_starts(struct knob *knob)
{
    uint64_t node = some(knob, knob->swarm->nodes);
    char times[2 * KNOB_TIME_MAX];

    often(knob, "disk n%" PRIu64 " bitrot %" PRIu64 "%%", node,
          knob_draw(knob, 1, ROT_PERCENT_MAX));
    often(knob, "crash n%" PRIu64 " for %s", node, lasting(knob, times));
    often(knob, "inc n%" PRIu64 " x%" PRIu64, node, knob_draw(knob, 1, 30));
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

enum need {
    NEED_NOTHING,
    NEED_THREE, /* nodes */
    NEED_KNOWN, /* everybody knows everybody, and there are enough to lose some */
    NEED_DISKS,
    NEED_JOINERS, /* which have had their coin */
    NEED_HERMITS,
};

/* The order is that of the text; a name is what its draws hang on. */
static const struct kind {
    const char *name;
    enum need need;
    void (*write)(struct knob *knob);
} kinds[] = {
    {"join", NEED_JOINERS, joins},
    {"meet", NEED_HERMITS, meets},
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
    {"crash", NEED_NOTHING, crashes},
    {"lose state", NEED_NOTHING, wipes},
    {"crash all", NEED_NOTHING, power_cuts},
    {"blink", NEED_NOTHING, blinks},
    {"pause", NEED_NOTHING, pauses},
    {"pause resume", NEED_NOTHING, pauses_until_told},
    {"leave", NEED_KNOWN, leaves},
    {"stopnode", NEED_KNOWN, stops},
    {"skew", NEED_NOTHING, skews},
    {"drift", NEED_NOTHING, drifts},
    {"jump", NEED_NOTHING, jumps},
    {"torn", NEED_DISKS, torn},
    {"bitrot", NEED_DISKS, rot},
    {"rot and starts", NEED_DISKS, rot_and_starts},
    {"syncfail", NEED_DISKS, failing_syncs},
    {"full", NEED_DISKS, full_disks},
    {"slow", NEED_DISKS, slow_disks},
};

static bool is_on(struct knob *knob, enum need need)
{
    const struct swarm *swarm = knob->swarm;

    switch (need) {
    case NEED_NOTHING:
        break;
    case NEED_THREE:
        if (swarm->nodes < 3)
            return false;
        break;
    case NEED_KNOWN:
        if (!swarm->peers_all || swarm->nodes < 4)
            return false;
        break;
    case NEED_DISKS:
        if (!swarm->disks)
            return false;
        break;
    case NEED_JOINERS:
        return swarm->joiners > 0;
    case NEED_HERMITS:
        return swarm->hermits > 0;
    }
    return knob_chance(knob, swarm->coin_percent);
}

const char *swarm_fault_name(struct swarm *swarm, size_t number, bool *ret_on)
{
    struct knob knob;

    if (number >= LEN(kinds))
        return NULL;
    knob = knob_of(swarm, kinds[number].name);
    *ret_on = is_on(&knob, kinds[number].need);
    return kinds[number].name;
}

void swarm_faults(struct swarm *swarm)
{
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct knob knob = knob_of(swarm, kinds[i].name);

        if (is_on(&knob, kinds[i].need))
            kinds[i].write(&knob);
    }
}
