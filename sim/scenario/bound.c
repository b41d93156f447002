/* From what is known of a cluster to what the arithmetic of sim/scenario/spread.h needs, and back.
 */
#include "sim/scenario/bound.h"

#include "core/doubts.h"
#include "core/stuck.h"
#include "core/types.h"
#include "sim/net.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/spread.h"
#include "sim/wide.h"

#define MS UINT64_C(1000000)
/* From this load on an inbox is taken to be full. */
#define LOAD_MAX_PPB (SCN_PPB / 20 * 19)
/* Served before it gets too late, in an inbox that does not overflow: all but e^-10. */
#define SERVED_PPB (SCN_PPB - 45400)
/*
 * Who is stuck pushes in half of its rounds, and what reaches nobody by i pushes,
 * (1 - x)^i <= e^-ix, is at most 1 - (1 - 1/e) ix.
 */
#define TELLS_PPB (SCN_PPB / 1000 * 316)
/* Of so many rounds one is counted, at least. */
#define EVERY_MAX (UINT64_C(1) << 16)

static uint64_t times_saturated(uint64_t a, uint64_t b)
{
    u128 product = (u128)a * b;

    return product > UINT64_MAX ? DC_TIME_NEVER : (uint64_t)product;
}

/* Whole us read better. */
static uint64_t whole_us(uint64_t ns)
{
    return dc_time_add(ns, (1000 - ns % 1000) % 1000);
}

/* @a * @b / @c, saturated. */
static uint64_t scaled(uint64_t a, uint64_t b, uint64_t c)
{
    u128 result = (u128)a * b / c;

    return result > UINT64_MAX ? DC_TIME_NEVER : (uint64_t)result;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A chance too small for the arithmetic is still one. */
static uint64_t at_least_one(uint64_t ppb)
{
    return ppb > 0 ? ppb : 1;
}

static uint64_t root_of(u128 x)
{
    uint64_t root = 0;

    for (int bit = 63; bit >= 0; bit--) {
        uint64_t next = root | (UINT64_C(1) << bit);

        if ((u128)next * next <= x)
            root = next;
    }
    return root;
}

/* Of a share of @miss_ppb, the part that is left after @times. */
static uint64_t power_ppb(uint64_t miss_ppb, uint64_t times)
{
    uint64_t result = SCN_PPB;

    for (; times > 0 && result > 0; times--) {
        uint64_t next = (uint64_t)(((u128)result * miss_ppb + SCN_PPB - 1) / SCN_PPB);

        if (next == result) /* it rounds up to the same from here on */
            break;
        result = next;
    }
    return result;
}

/* ---- inboxes ---- */

/* What a node that takes its time makes of the messages for it. */
struct service {
    uint64_t wait_ns;   /* of a message, its own time included */
    uint64_t pass_ppb;  /* that there is room, and that it waits no longer */
    uint64_t before_ns; /* what may be waiting when it gets quiet */
    bool overflows;     /* there may be no room, each time for the same message */
};

/* Messages for one node while it does one, in parts per billion. */
static uint64_t load_of(const struct bound_input *input)
{
    uint64_t asks = least(input->fanout_most, input->nodes - 1), asked = asks, sum;

    if (input->peers == BOUND_ALL) /* those who know few may all know the same one */
        asked += input->nodes - input->core;
    else if (input->peers == BOUND_RANDOM)
        asked = asks * (2 * input->known + 6) / input->known + 1;
    else if (input->peers == BOUND_GRAPH)
        asked = input->known;
    sum = asked + asks; /* questions and answers; and the pushes that nobody asked for: */
    sum = dc_time_add(times_saturated(sum, SCN_PPB),
                      scaled(times_saturated(asked, SCN_PPB), input->sync_ns, input->full_ns));
    sum = scaled(sum, SCN_PPB + input->dup_ppb, SCN_PPB);
    return scaled(sum, input->service_ns, input->sync_ns_least);
}

/*
 * What has piled up after @ns, when more comes than can be done: the mean, and six
 * deviations of what chance sends.
 */
static uint64_t piled_up(const struct bound_input *input, uint64_t load, uint64_t ns)
{
    uint64_t came = scaled(ns, load, SCN_PPB), mean = came > ns ? came - ns : 0;
    uint64_t deviation = root_of((u128)36 * input->service_ns * came);

    return dc_time_add(dc_time_add(mean, deviation), input->service_ns);
}

/* While the time from the start is at most @horizon_ns. */
static struct service service_of(const struct bound_input *input, uint64_t horizon_ns)
{
    struct service service = {.pass_ppb = SCN_PPB};
    uint64_t full_ns = times_saturated(input->inbox, input->service_ns), load, piled_ns;

    if (input->service_ns == 0)
        return service;
    load = load_of(input);
    if (load >= LOAD_MAX_PPB) {
        piled_ns = piled_up(input, load, horizon_ns);
        service.wait_ns = whole_us(least(full_ns, piled_ns));
        service.overflows = piled_ns >= full_ns;
        if (service.overflows)
            service.pass_ppb = scaled(SCN_PPB / 10 * 9, SCN_PPB, load);
        return service;
    }
    service.wait_ns = whole_us(
        dc_time_add(input->service_ns, scaled(input->service_ns, 5 * SCN_PPB, SCN_PPB - load)));
    service.pass_ppb = SERVED_PPB;
    if (service.wait_ns > full_ns) { /* with room for a single one it takes at least so many */
        service.wait_ns = full_ns;
        service.pass_ppb = scaled(SCN_PPB, SCN_PPB, SCN_PPB + load);
        service.overflows = true;
    }
    service.before_ns = whole_us(least(full_ns, scaled(input->waiting_ns, load, SCN_PPB - load)));
    return service;
}

bool bound_piles_up(const struct bound_input *input)
{
    return input->service_ns > 0 && load_of(input) >= LOAD_MAX_PPB;
}

/* ---- the bound ---- */

/*
 * The share of messages that are not later than that, whatever was before: a
 * link may still have the jitter that it had when it was used last.
 */
static uint64_t kept_of(const struct bound_input *input, enum bound_late late)
{
    static const uint64_t late_ppb[] = {SCN_PPB / 16, SCN_PPB / 256 + 1, 954};
    uint64_t slots = input->sync_ns_least / NET_SLOT_NS, still;

    if (late == BOUND_LATE_NEVER)
        return SCN_PPB;
    still = late_ppb[late] + (input->corr_ppb > 0 ? power_ppb(input->corr_ppb, slots) : 0);
    return still < SCN_PPB ? SCN_PPB - still : 0;
}

/* Rounds, or unasked pushes, until each node has told somebody of itself. */
static uint64_t until_known(const struct bound_input *input, uint64_t way_ppb, uint64_t asks)
{
    uint64_t lost_ppb = SCN_PPB - way_ppb, pushes = input->fanout > 1 ? input->fanout / 2 : 1;

    if (!input->fixed)
        return times_saturated(spread_until(input->nodes, power_ppb(lost_ppb, asks)),
                               input->sync_ns);
    /* Whom it tells may be known to nobody else, and has to tell others in its turn. */
    return times_saturated(
        dc_time_add(times_saturated(2, spread_until(input->nodes, power_ppb(lost_ppb, pushes))), 1),
        input->full_ns);
}

/* Rounds until each node outside of the core is found by it, and then is answered. */
static uint64_t until_found(const struct bound_input *input, const struct spread_input *spread)
{
    uint64_t outside = input->nodes - input->core;
    uint64_t asked_ppb = scaled(spread->pass_ppb, spread->asks, input->nodes - 1);
    uint64_t found = spread_until(outside, power_ppb(SCN_PPB - asked_ppb, input->core));

    return dc_time_add(found, spread_until(outside, SCN_PPB - spread->pass_ppb / outside));
}

static struct spread sooner(const struct spread_input *input, struct spread a, struct spread b)
{
    return spread_ns(input, a) < spread_ns(input, b) ? a : b;
}

/*
 * On a ring any known + 1 neighbours know each other, and pick each other with at
 * least half of what they ask. Such an arc is filled, then one that begins in its
 * middle, until half of the ring is; on both sides.
 */
static struct spread arc_by_arc(const struct bound_input *input, const struct spread_input *spread)
{
    uint64_t arcs = 1 + input->nodes / 2 / ((input->known + 1) / 2);
    struct spread_input arc = *spread;
    struct spread one;

    arc.nodes = (uint32_t)input->known + 1;
    arc.asks = least(spread->asks, input->known);
    arc.pass_ppb = at_least_one(spread->pass_ppb / 2);
    arc.rumours = 2 * arcs * input->nodes;
    one = spread_all(&arc);
    return (struct spread){.rounds = times_saturated(one.rounds, arcs),
                           .waits = times_saturated(one.waits, arcs)};
}

static struct spread spread_on_ring(const struct bound_input *input,
                                    const struct spread_input *spread)
{
    uint64_t hops = (input->nodes / 2 + input->known - 1) / input->known;
    uint64_t ask_ppb = least(SCN_PPB, spread->asks * SCN_PPB / (2 * input->known));
    struct spread path = spread_path(spread, hops, at_least_one(ask_ppb));

    return sooner(spread, path, arc_by_arc(input, spread));
}

/* @way_ppb: that a message arrives in time. */
static struct spread spread_of(const struct bound_input *input, uint64_t way_ppb,
                               struct spread_input *spread, struct bound *bound)
{
    struct spread result;

    switch (input->peers) {
    case BOUND_RING:
        return spread_on_ring(input, spread);
    case BOUND_GRAPH:
        return spread_path(spread, input->hops,
                           least(SCN_PPB, spread->asks * SCN_PPB / input->known));
    case BOUND_RANDOM:
        spread->asks = least(spread->asks, input->known);
        bound->before_ns = dc_time_add(bound->before_ns, until_known(input, way_ppb, spread->asks));
        spread->pass_ppb =
            at_least_one(scaled(spread->pass_ppb, input->known, 2 * input->known + 6));
        return spread_all(spread);
    case BOUND_ALL:
        break;
    }
    if (input->core == input->nodes)
        return spread_all(spread);
    bound->before_ns =
        dc_time_add(bound->before_ns, times_saturated(until_found(input, spread), input->sync_ns));
    spread->pass_ppb = at_least_one(scaled(spread->pass_ppb, input->core, input->nodes - 1));
    result = spread_all(spread);
    result.waits += 2; /* to be found, and to be answered */
    return result;
}

/* Others that a node picks among, at least. */
static uint64_t known_of(const struct bound_input *input)
{
    switch (input->peers) {
    case BOUND_ALL:
        break;
    case BOUND_RING:
        return least(2 * input->known, input->nodes - 1);
    case BOUND_RANDOM:
    case BOUND_GRAPH:
        return least(input->known, input->nodes - 1);
    }
    return input->nodes - 1;
}

/*
 * How much of the time a peer is not skipped: a question that fails and is at
 * least the third in a row to do so costs it at most DOUBTS_SKIP_MAX rounds, and
 * it is asked once in known / asks rounds.
 */
static uint64_t not_skipped_ppb(const struct bound_input *input, const struct spread_input *spread)
{
    uint64_t third_ppb = power_ppb(SCN_PPB - spread->pass_ppb, DOUBTS_PATIENCE);
    uint64_t asked_ppb = least(SCN_PPB, scaled(SCN_PPB, spread->asks, known_of(input)));

    if (known_of(input) == 1) /* who is skipped with all others is asked all the same */
        return SCN_PPB;
    return scaled(SCN_PPB, SCN_PPB,
                  SCN_PPB + DOUBTS_SKIP_MAX * scaled(third_ppb, asked_ppb, SCN_PPB));
}

/*
 * Until who has what others lack is stuck, and asks and tells at times of its own:
 * when it has heard of them often enough, and in the round after. DC_TIME_NEVER when
 * they may be heard so rarely that it takes that for rest.
 */
static uint64_t until_stuck_ns(const struct bound_input *input, const struct spread_input *spread)
{
    uint64_t ask_ppb = least(SCN_PPB, scaled(SCN_PPB, spread->asks, known_of(input)));
    uint64_t heard_ppb = scaled(ask_ppb, spread->pass_ppb, SCN_PPB);
    uint64_t rounds;

    if (heard_ppb == 0 || spread_until(1, SCN_PPB - heard_ppb) > STUCK_REST_ROUNDS)
        return DC_TIME_NEVER;
    rounds = spread_path(spread, STUCK_HEARD, ask_ppb).rounds;
    rounds = rounds > STUCK_ROUNDS ? rounds : STUCK_ROUNDS;
    return times_saturated(rounds + STUCK_SILENT + 1, input->sync_ns);
}

/* As if of all rounds each @every-th were the only one: what is left of a burst by then? */
static struct bound_input thinned(const struct bound_input *input, uint64_t every)
{
    struct bound_input rounds = *input;
    uint64_t slots = times_saturated(every, input->sync_ns_least) / NET_SLOT_NS;
    uint64_t left_ppb = power_ppb(input->lasting_ppb, slots);

    rounds.sync_ns = times_saturated(every, input->sync_ns);
    if (rounds.full_ns < rounds.sync_ns)
        rounds.full_ns = rounds.sync_ns;
    rounds.loss_ppb = least(input->loss_ppb + scaled(input->burst_ppb, left_ppb, SCN_PPB), SCN_PPB);
    return rounds;
}

/*
 * With each @every-th round, and messages that are later than that taken for lost,
 * within @horizon_ns of the start.
 */
static struct bound bound_when(const struct bound_input *all, uint64_t every, enum bound_late late,
                               uint64_t horizon_ns)
{
    struct service service = service_of(all, horizon_ns);
    struct bound_input rounds = thinned(all, every);
    const struct bound_input *input = &rounds;
    uint64_t way_ns = dc_time_add(input->delay_ns[late], service.wait_ns);
    uint64_t way_ppb =
        scaled(scaled(SCN_PPB - input->loss_ppb, SCN_PPB - input->corrupt_ppb, SCN_PPB),
               kept_of(input, late), SCN_PPB);
    struct spread_input spread_input = {
        .nodes = input->nodes,
        .rumours = input->nodes,
        .asks = least(input->fanout, input->nodes - 1),
        .sync_ns = input->sync_ns,
        .back_ns = dc_time_add(way_ns, way_ns),
    };
    struct bound bound = {
        .sync_ns = input->sync_ns,
        .back_ns = spread_input.back_ns,
        .before_ns = dc_time_add(service.before_ns, input->disk_ns),
    };
    /* Who was alone asks later in its round, until it hears somebody in the first. */
    uint64_t skipped_ns = times_saturated(DOUBTS_SKIP_MAX + 1, all->sync_ns);
    struct spread spread;

    if (input->burst_ppb > 0)
        bound.before_ns = dc_time_add(bound.before_ns, input->sync_ns);

    way_ppb = scaled(way_ppb, service.pass_ppb, SCN_PPB);
    bound.before_ns = dc_time_add(bound.before_ns, skipped_ns);
    if (service.overflows) {
        spread_input.pass_ppb = at_least_one(way_ppb);
        bound.before_ns = dc_time_add(bound.before_ns, until_stuck_ns(input, &spread_input));
        spread_input.pass_ppb = at_least_one(scaled(way_ppb, TELLS_PPB, SCN_PPB));
    } else {
        spread_input.pass_ppb = at_least_one(scaled(way_ppb, way_ppb, SCN_PPB));
        spread_input.pass_ppb = at_least_one(
            scaled(spread_input.pass_ppb, not_skipped_ppb(input, &spread_input), SCN_PPB));
    }
    if (input->gone > 0)
        spread_input.pass_ppb = at_least_one(
            scaled(spread_input.pass_ppb, input->nodes - 1 - input->gone, input->nodes - 1));
    spread = spread_of(input, way_ppb, &spread_input, &bound);
    bound.rounds = spread.rounds;
    bound.waits = spread.waits;
    bound.total_ns = dc_time_add(spread_ns(&spread_input, spread), bound.before_ns);
    return bound;
}

static struct bound bound_every(const struct bound_input *input, uint64_t every,
                                uint64_t horizon_ns)
{
    struct bound best = {.sync_ns = input->sync_ns, .total_ns = DC_TIME_NEVER};

    for (int late = BOUND_LATES - 1; late >= 0; late--) {
        struct bound bound;

        if (late < BOUND_LATE_NEVER && input->delay_ns[late] == input->delay_ns[BOUND_LATE_NEVER])
            continue; /* nothing to be won */
        if (kept_of(input, (enum bound_late)late) == 0)
            continue;
        bound = bound_when(input, every, (enum bound_late)late, horizon_ns);
        if (bound.total_ns < best.total_ns)
            best = bound;
    }
    return best;
}

static struct bound bound_within(const struct bound_input *input, uint64_t horizon_ns)
{
    struct bound best = bound_every(input, 1, horizon_ns);

    for (uint64_t every = 2; input->burst_ppb > 0 && every <= EVERY_MAX; every *= 2) {
        struct bound bound = bound_every(input, every, horizon_ns);

        if (bound.total_ns < best.total_ns)
            best = bound;
    }
    return best;
}

struct bound bound_of(const struct bound_input *input)
{
    struct bound best = {.sync_ns = input->sync_ns};

    if (input->nodes < 2) { /* nobody to hear from, but its disk may still be at it */
        best.before_ns = best.total_ns = input->disk_ns;
        return best;
    }
    best = bound_within(input, DC_TIME_NEVER);
    /* Less piles up in less time, which counts if that time is enough. */
    for (uint64_t ns = input->sync_ns; bound_piles_up(input) && ns < best.total_ns;
         ns = times_saturated(ns, 2)) {
        struct bound bound = bound_within(input, dc_time_add(input->quiet_ns, ns));

        if (bound.total_ns > ns)
            continue;
        best = bound;
        break;
    }
    if (input->moves) { /* and all over again */
        best.before_ns = dc_time_add(best.before_ns, best.total_ns);
        best.total_ns = times_saturated(best.total_ns, 2);
    }
    if (best.total_ns % MS > 0) /* whole ms read better */
        best.total_ns = dc_time_add(best.total_ns, MS - best.total_ns % MS);
    return best;
}
