/* The cluster, its links and its clients; then the faults, the quiet, and the layout of it all. */
#include "sim/swarm/swarm.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"
#include "sim/scenario/format.h"
#include "sim/scenario/scenario.h"
#include "sim/swarm/calm.h"
#include "sim/swarm/knob.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))
/* Later than any bound: it is replaced by the first whole second after it. */
#define FAR_STOP_S UINT64_C(1000000000)
#define SECOND UINT64_C(1000000000)
#define MS UINT64_C(1000000)
/* Of more nodes each hears too rarely of another when all are asked too much. */
#define OVERLOAD_NODES_MAX 8u

/* ---- the cluster ---- */

static void draw_sync(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "sync");
    uint64_t lo = knob_ms(&knob, 40, 300);
    char times[2 * KNOB_TIME_MAX];

    swarm->sync_ms = lo;
    if (knob_chance(&knob, 25))
        swarm->sync_ms = knob_ms(&knob, lo, 2 * lo);
    fprintf(swarm->out, "node sync %s", knob_times(times, lo, swarm->sync_ms));
}

static void draw_fanout(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "fanout"), full = knob_of(swarm, "full");
    uint64_t most = swarm->nodes < 5 ? swarm->nodes - 1 : 4;

    swarm->fanout = knob_draw(&knob, 1, most);
    fprintf(swarm->out, " fanout %" PRIu64, swarm->fanout);
    if (knob_chance(&full, 40))
        fprintf(swarm->out, " full %" PRIu64 "ms", swarm->sync_ms * knob_draw(&full, 1, 40));
}

static void draw_inbox(struct swarm *swarm)
{
    struct knob inbox = knob_of(swarm, "inbox"), service = knob_of(swarm, "service");

    if (knob_chance(&inbox, 20))
        fprintf(swarm->out, " inbox %" PRIu64, knob_draw(&inbox, 8, 100));
    if (knob_chance(&service, 20))
        fprintf(swarm->out, " service %" PRIu64 "us", knob_draw(&service, 1, 20) * 100);
}

/* Long ids that differ behind, as those of hosts, and of different lengths. */
static void draw_prefix(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "prefix");
    uint64_t lo = knob_draw(&knob, 1, 12), hi;

    if (!knob_chance(&knob, 25))
        return;
    if (knob_chance(&knob, 30)) /* the first 8 bytes are compared at once: it differs behind */
        lo = knob_draw(&knob, 6, 8);
    hi = lo;
    if (knob_chance(&knob, 50))
        hi = knob_draw(&knob, lo, knob_chance(&knob, 80) ? 40 : 200);
    fprintf(swarm->out, " prefix %" PRIu64 "B..%" PRIu64 "B", lo, hi);
}

/* Of a seed that finds them wrong, no story would be told. */
static void draw_models(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "models");

    if (knob_chance(&knob, 12))
        fprintf(swarm->out, " models 1..%" PRIu64, knob_draw(&knob, 1, 20));
}

static void draw_disks(struct swarm *swarm)
{
    struct knob fsync = knob_of(swarm, "fsync"), disk = knob_of(swarm, "disk");
    struct knob segment = knob_of(swarm, "segment"), clients = knob_of(swarm, "clients that wait");
    uint64_t lo_ms;
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(&fsync, 60)) {
        lo_ms = knob_draw(&fsync, 0, 20);
        fprintf(swarm->out, " fsync %s",
                knob_times(times, lo_ms, knob_draw(&fsync, lo_ms, 3 * lo_ms + 10)));
    }
    if (knob_chance(&clients, 15))
        fprintf(swarm->out, " clients 1..%" PRIu64, knob_draw(&clients, 1, 8));
    if (knob_chance(&segment, 30)) { /* so small that a log is many files, one after the other */
        bool tiny = knob_chance(&segment, 20);
        uint64_t lo = tiny ? knob_draw(&segment, 1, 3) : knob_draw(&segment, 100, 3000);

        fprintf(swarm->out, " segment %" PRIu64 "B..%" PRIu64 "B", lo, 2 * lo);
    }
    swarm->disks = !knob_chance(&disk, 6);
    if (!swarm->disks)
        fputs(" disk off", swarm->out);
}

/* One that would give up, but not within a run: it has to go on as if it never did. */
static void draw_patience(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "leave patience");

    if (knob_chance(&knob, 20))
        fprintf(swarm->out, " leave %" PRIu64 "h", knob_draw(&knob, 1000, 10000));
}

/* What makes a graph fall apart in a right cluster too is left out: see swarm.h. */
static void draw_peers(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "peers");
    const char *fixed = knob_chance(&knob, 40) ? " fixed" : "";
    uint64_t others = swarm->nodes - 1;

    switch (knob_draw(&knob, 0, 9)) {
    case 0:
    case 1:
        fprintf(swarm->out, " peers ring %" PRIu64 "%s", knob_draw(&knob, 1, 3), fixed);
        break;
    case 2: /* of fewer than three each, two groups may know nobody outside */
        fprintf(swarm->out, " peers random %" PRIu64 "%s",
                knob_draw(&knob, others < 3 ? others : 3, others < 3 ? others : 5), fixed);
        break;
    default:
        swarm->peers_all = true;
        break;
    }
}

/* Nodes that differ from the others: those that come later, know nobody, or have no disk. */
static void draw_some_nodes(struct swarm *swarm)
{
    struct knob hermits = knob_of(swarm, "hermits"), joiners = knob_of(swarm, "joiners");
    struct knob bare = knob_of(swarm, "no disk"), slow = knob_of(swarm, "slow node");
    uint64_t few = swarm->nodes / 4;

    if (swarm->peers_all && few > 0 && knob_chance(&hermits, 15))
        swarm->hermits = knob_draw(&hermits, 1, few);
    if (few > 0 && knob_chance(&joiners, 25))
        swarm->joiners = knob_draw(&joiners, 1, few);
    for (uint64_t i = 1; i <= swarm->hermits; i++)
        fprintf(swarm->out, "node n%" PRIu64 " peers none\n", i);
    if (swarm->disks && knob_chance(&bare, 10))
        fprintf(swarm->out, "node n%" PRIu64 " disk off\n", knob_draw(&bare, 1, swarm->nodes));
    if (knob_chance(&slow, 10)) {
        uint64_t node = knob_draw(&slow, 1, swarm->nodes), fsync_ms = knob_draw(&slow, 20, 200);

        fprintf(swarm->out, "node n%" PRIu64 " fsync %" PRIu64 "ms service %" PRIu64 "ms\n", node,
                fsync_ms, knob_draw(&slow, 1, 4));
    }
}

/*
 * Nodes that are asked for more than they can serve, all of them: about as long to
 * serve a message as from one round to the next, and little room. As much as a small
 * cluster can bear for which a bound can be given.
 */
static void draw_overload(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "overload");
    uint64_t sync_ms, service_ms;

    if (!swarm->peers_all || swarm->hermits > 0 || swarm->nodes > OVERLOAD_NODES_MAX ||
        !knob_chance(&knob, 10))
        return;
    sync_ms = knob_draw(&knob, 10, 100);
    service_ms = 10 * sync_ms / (swarm->nodes - 1);
    service_ms = knob_draw(&knob, 1, service_ms < 50 ? service_ms : 50);
    fprintf(swarm->out, "node sync %" PRIu64 "ms inbox %" PRIu64 " service %" PRIu64 "ms\n",
            sync_ms, knob_draw(&knob, 1, 8), service_ms);
}

static void draw_cluster(struct swarm *swarm)
{
    draw_sync(swarm);
    draw_fanout(swarm);
    draw_inbox(swarm);
    draw_disks(swarm);
    draw_patience(swarm);
    draw_prefix(swarm);
    draw_models(swarm);
    draw_peers(swarm);
    fputc('\n', swarm->out);
    draw_some_nodes(swarm);
    draw_overload(swarm);
}

/* ---- links ---- */

static void draw_delay(struct swarm *swarm)
{
    static const char *const dists[] = {"uniform", "normal", "exp", "pareto"};
    struct knob knob = knob_of(swarm, "net delay");
    uint64_t delay_ms = knob_draw(&knob, 1, knob_chance(&knob, 80) ? 30 : 200), jitter_ms;
    char times[2 * KNOB_TIME_MAX];

    if (knob_chance(&knob, 40)) {
        fprintf(swarm->out, " delay %s",
                knob_times(times, delay_ms, knob_draw(&knob, delay_ms, 4 * delay_ms)));
        return;
    }
    jitter_ms = knob_draw(&knob, 1, delay_ms);
    fprintf(swarm->out, " delay %" PRIu64 "ms %" PRIu64 "ms", delay_ms, jitter_ms);
    if (knob_chance(&knob, 20))
        fprintf(swarm->out, " %" PRIu64 "%%", knob_draw(&knob, 5, 60));
    fprintf(swarm->out, " %s", knob_word(&knob, dists, LEN(dists)));
}

static void draw_chance(struct swarm *swarm, const char *rule, uint64_t most_percent)
{
    struct knob knob = knob_of(swarm, rule);

    if (knob_chance(&knob, 25)) /* the knob is called "net loss", the rule "loss" */
        fprintf(swarm->out, "%s %" PRIu64 "%%", rule + 3, knob_draw(&knob, 1, most_percent));
}

/* These stay in the quiet too; so they are such that a cluster can live with. */
static void draw_links(struct swarm *swarm)
{
    struct knob far = knob_of(swarm, "far");

    fputs("net", swarm->out);
    draw_delay(swarm);
    draw_chance(swarm, "net loss", 15);
    draw_chance(swarm, "net dup", 30);
    draw_chance(swarm, "net corrupt", 10);
    draw_chance(swarm, "net reorder", 30);
    fputc('\n', swarm->out);
    if (knob_chance(&far, 15)) {
        uint64_t delay_ms = knob_draw(&far, 20, 200);

        fprintf(swarm->out, "link n1 <-> all delay %" PRIu64 "ms loss %" PRIu64 "%%\n", delay_ms,
                knob_draw(&far, 1, 20));
    }
}

/* ---- clients ---- */

static const char *clients_of(struct knob *knob)
{
    static const char *const who[] = {"all",       "all",         "up", "random(1)",
                                      "random(2)", "random(30%)", "n1"};

    return knob_word(knob, who, LEN(who));
}

static void draw_load(struct swarm *swarm, const char *name)
{
    struct knob knob = knob_of(swarm, name);
    uint64_t rate = knob_draw(&knob, 3, 60), inc = knob_draw(&knob, 10, 100);
    bool even = knob_chance(&knob, 40), each = knob_chance(&knob, 10);
    const char *on = each ? "all" : clients_of(&knob);
    char from[KNOB_TIME_MAX], to[KNOB_TIME_MAX];

    fprintf(swarm->out, "load %" PRIu64 "/s %s%s inc %" PRIu64 "%%", each ? 1 + rate / 10 : rate,
            even ? "even" : "poisson", each ? " each" : "", inc);
    if (inc < 100 && knob_chance(&knob, 60))
        fprintf(swarm->out, " dec %" PRIu64 "%%", knob_draw(&knob, 1, 100 - inc));
    fprintf(swarm->out, " on %s", on);
    if (knob_chance(&knob, 30))
        fprintf(swarm->out, " from %s", knob_time(from, knob_ms(&knob, 1, swarm->until_ms / 2)));
    fprintf(swarm->out, " to %s\n", knob_time(to, swarm->until_ms));
}

/* Amounts that no load has, and many at one instant. */
static void draw_bursts(struct swarm *swarm)
{
    static const char *const amounts[] = {
        "1", "2..9", "1000", "1000000000M", "18446744073709551615", "9223372036854775808"};
    struct knob knob = knob_of(swarm, "clients at once");
    uint64_t count = knob_chance(&knob, 40) ? knob_draw(&knob, 1, 4) : 0;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t at_ms = knob_ms(&knob, 1, swarm->until_ms - 1);
        const char *what = knob_chance(&knob, 70) ? "inc" : "dec", *who = clients_of(&knob);
        const char *by = knob_word(&knob, amounts, LEN(amounts));
        char at[KNOB_TIME_MAX];

        fprintf(swarm->out, "at %s %s %s by %s x%" PRIu64 "\n", knob_time(at, at_ms), what, who, by,
                knob_draw(&knob, 1, 20));
    }
}

static void draw_clients(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "second load");

    draw_load(swarm, "load");
    if (knob_chance(&knob, 40))
        draw_load(swarm, "another load");
    draw_bursts(swarm);
}

/* ---- what is expected ---- */

/* So many timers hardly ever fall within STARTS_WITHIN of each other. */
#define STARTS_MIN 6u
#define STARTS_WITHIN "10us"

/*
 * Nodes that start in one instant do not ask in step: each at a time of its own,
 * 40 ms or more being to choose from. So within a moment not all have asked as many
 * as they may.
 */
static void expect_own_times(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "own times");
    uint64_t starters = swarm->nodes - swarm->hermits - swarm->joiners;

    if (swarm->peers_all && starters >= STARTS_MIN && knob_chance(&knob, 40))
        fprintf(swarm->out, "expect messages < %" PRIu64 " at " STARTS_WITHIN "\n",
                starters * swarm->fanout);
}

/* ---- all of it ---- */

static void draw_times(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "until"), storm = knob_of(swarm, "storm");
    struct knob coin = knob_of(swarm, "coin");
    static const unsigned percents[] = {5, 10, 20, 40};
    uint64_t least_ms = 12 * swarm->sync_ms;

    swarm->until_ms = knob_ms(&knob, 3000, 8000);
    if (swarm->until_ms < least_ms)
        swarm->until_ms = least_ms;
    swarm->quiet_ms = swarm->until_ms;
    swarm->storm_ms = knob_ms(&storm, swarm->until_ms / 4, swarm->until_ms / 2);
    swarm->storm_end_ms = swarm->storm_ms + knob_ms(&storm, 800, swarm->until_ms / 3);
    swarm->coin_percent = percents[knob_draw(&coin, 0, LEN(percents) - 1)];
}

/* A text that grows. */
struct text {
    char *bytes; /* owned */
    size_t len;
};

/* The first comment: which kinds of faults there are, in lines of a length that can be read. */
static void say_kinds(struct swarm *swarm, FILE *out)
{
    const char *name, *between = "# ";
    int columns = 0;
    bool on;

    for (size_t i = 0; (name = swarm_fault_name(swarm, i, &on)) != NULL; i++) {
        if (!on)
            continue;
        columns += fprintf(out, "%s%s", between, name);
        between = columns > 75 ? ",\n# " : ", ";
        columns = columns > 75 ? 0 : columns;
    }
    fputs(*between == '#' ? "# No faults.\n" : ".\n", out);
}

/* All statements but the stop. */
static void say_statements(struct swarm *swarm, const struct swarm_input *input)
{
    struct knob nodes = knob_of(swarm, "nodes");
    char quiet[KNOB_TIME_MAX];

    swarm->nodes = (uint32_t)knob_draw(&nodes, input->nodes_min, input->nodes_max);
    fprintf(swarm->out, "scn 1\nseed %" PRIu64 "\nnodes %" PRIu32 "\n", input->seed, swarm->nodes);
    if (swarm_is_calm(swarm)) {
        swarm_calm(swarm);
        return;
    }
    draw_cluster(swarm);
    draw_links(swarm);
    draw_times(swarm);
    draw_clients(swarm);
    swarm_faults(swarm);
    fprintf(swarm->out, "quiet %s\nexpect converged\nexpect value == oracle\n",
            knob_time(quiet, swarm->quiet_ms));
    expect_own_times(swarm);
}

/* When the quiet must have led to convergence, by the bound of the parser. */
static uint64_t converged_ns(const struct text *statements)
{
    struct text text = {0};
    FILE *out = fatal_memstream(&text.bytes, &text.len);
    struct scenario scn;
    struct diags diags;
    uint64_t ns;

    fwrite(statements->bytes, 1, statements->len, out);
    fprintf(out, "stop %" PRIu64 "s\n", FAR_STOP_S);
    fatal_memstream_close(out, &text.bytes);
    diags_init(&diags, "swarm.scn", text.bytes, text.len);
    if (scenario_parse(&scn, &diags, NULL) < 0) {
        diags_print(stderr, &diags);
        fatal("a swarm scenario has errors");
    }
    ns = scn.quiet.at_ns + scn.quiet.bound_ns;
    scenario_release(&scn);
    diags_release(&diags);
    free(text.bytes);
    return ns;
}

void swarm_write(FILE *out, const struct swarm_input *input)
{
    struct text statements = {0}, all = {0};
    struct swarm swarm = {.out = fatal_memstream(&statements.bytes, &statements.len)};
    struct diags diags;
    uint64_t stop_ns;
    FILE *raw;

    PRE(input->nodes_min >= SWARM_NODES_LEAST, "a cluster has two nodes");
    PRE(input->nodes_max <= SWARM_NODES_MAX, "a cluster of a swarm has a limit");
    PRE(input->nodes_min <= input->nodes_max, "a range runs upwards");
    choose_init(&swarm.choose, input->seed);
    say_statements(&swarm, input);
    fatal_memstream_close(swarm.out, &statements.bytes);
    raw = fatal_memstream(&all.bytes, &all.len);
    fprintf(raw, "# Swarm: seed %" PRIu64 " of model %u, %" PRIu32 "..%" PRIu32 " nodes.\n",
            input->seed, DCSIM_MODEL, input->nodes_min, input->nodes_max);
    say_kinds(&swarm, raw);
    fwrite(statements.bytes, 1, statements.len, raw);
    stop_ns = converged_ns(&statements) + swarm.late_ms * MS;
    fprintf(raw, "stop %" PRIu64 "s\n", (stop_ns + SECOND - 1) / SECOND);
    fatal_memstream_close(raw, &all.bytes);
    diags_init(&diags, "swarm.scn", all.bytes, all.len);
    if (format_scenario(out, &diags) < 0)
        fatal("a swarm scenario cannot be laid out");
    diags_release(&diags);
    free(all.bytes);
    free(statements.bytes);
}

void swarm_traits(FILE *out, const struct swarm_input *input)
{
    struct text statements = {0};
    struct swarm swarm = {.out = fatal_memstream(&statements.bytes, &statements.len)};
    const char *name;
    bool on, calm;

    choose_init(&swarm.choose, input->seed);
    say_statements(&swarm, input);
    fatal_memstream_close(swarm.out, &statements.bytes);
    free(statements.bytes);
    calm = swarm_is_calm(&swarm);
    fprintf(out, "nodes %" PRIu32 "\n", swarm.nodes);
    if (swarm.fanout > 0)
        fprintf(out, "fanout %" PRIu64 "\n", swarm.fanout);
    if (calm)
        fputs("calm\n", out);
    for (size_t i = 0; !calm && (name = swarm_fault_name(&swarm, i, &on)) != NULL; i++)
        if (on)
            fprintf(out, "%s\n", name);
}
