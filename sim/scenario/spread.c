/*
 * Chances of one node are in 2^-48, rounded up where they are misses; those of
 * a distribution in 2^-62. Logarithms are those of the draws, base 2 in 2^-32.
 */
#include "sim/scenario/spread.h"

#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/wide.h"

#define LOG_ONE (UINT64_C(1) << 32)
#define CHANCE_ONE (UINT64_C(1) << 48)
#define MASS_ONE (UINT64_C(1) << 62)
/* The largest weight of a row, and spans of one chain: it has then long been given up. */
#define WEIGHT_MAX (UINT64_C(1) << 60)
#define SPANS_MAX 2000u
/* Picks of one round whose chances are computed one after the other. */
#define PICKS_EXACT_MAX 32u

/* log2(@x) for @x > 0. */
static uint64_t log2_of(uint64_t x)
{
    return (UINT64_C(64) << 32) - log2_inverse(x - 1);
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b > 0);
}

static uint64_t times_saturated(uint64_t a, uint64_t b)
{
    u128 product = (u128)a * b;

    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

static uint64_t root_of(u128 x)
{
    uint64_t root = 0;

    for (int bit = 62; bit >= 0; bit--) {
        uint64_t next = root | (UINT64_C(1) << bit);

        if ((u128)next * next <= x)
            root = next;
    }
    return root;
}

uint64_t spread_ns(const struct spread_input *input, struct spread spread)
{
    return dc_time_add(times_saturated(spread.rounds, input->sync_ns),
                       times_saturated(spread.waits, input->back_ns));
}

/* ---- one node ---- */

/* @chance ^ @times, rounded up. */
static uint64_t power(uint64_t chance, uint64_t times)
{
    uint64_t result = CHANCE_ONE;

    for (; times > 0; times >>= 1) {
        if (times & 1)
            result = (uint64_t)(((u128)result * chance + CHANCE_ONE - 1) >> 48);
        chance = (uint64_t)(((u128)chance * chance + CHANCE_ONE - 1) >> 48);
    }
    return result;
}

/* @chance * @part / @whole, rounded up. */
static uint64_t share_up(uint64_t chance, uint64_t part, uint64_t whole)
{
    return (uint64_t)(((u128)chance * part + whole - 1) / whole);
}

/*
 * That one round brings nothing. Peers are picked without repetition: left[i]
 * is the chance when i of @others are informed, after one pick after the other.
 */
static uint64_t miss_once(const struct spread_input *input, uint64_t informed)
{
    uint64_t others = input->nodes - 1, lost_ppb = SCN_PPB - input->pass_ppb;
    uint64_t left[PICKS_EXACT_MAX + 1];
    uint64_t asks = input->asks;

    if (asks == others)
        return power(share_up(CHANCE_ONE, lost_ppb, SCN_PPB), informed);
    if (asks > PICKS_EXACT_MAX)
        return power(CHANCE_ONE - (uint64_t)((u128)CHANCE_ONE * informed * input->pass_ppb /
                                             SCN_PPB / others),
                     asks);
    for (uint64_t i = 0; i <= asks; i++)
        left[i] = CHANCE_ONE;
    /* left[i]: with informed - i of them, and as many picks fewer as there are passes to come */
    for (uint64_t pick = asks; pick-- > 0;) {
        uint64_t open = others - pick;

        for (uint64_t i = 0; i <= pick; i++) {
            uint64_t some = informed > i ? informed - i : 0;
            uint64_t hit = some > open ? open : some;

            left[i] = share_up(share_up(left[i + 1], lost_ppb, SCN_PPB), hit, open) +
                      share_up(left[i], open - hit, open);
            if (left[i] > CHANCE_ONE)
                left[i] = CHANCE_ONE;
        }
    }
    return left[0];
}

/* That a node stays without in @rounds, while @informed have it; 1..CHANCE_ONE. */
static uint64_t miss_of(const struct spread_input *input, uint64_t informed, uint64_t rounds)
{
    uint64_t miss = power(miss_once(input, informed), rounds);

    return miss > 0 ? miss : 1;
}

/* Rounds in which the last nodes get it, when @informed have it, but for a small chance. */
static uint64_t rounds_to_end(const struct spread_input *input, uint64_t informed)
{
    uint64_t lacking = input->nodes - informed, miss;

    if (lacking == 0)
        return 0;
    miss = miss_of(input, informed, 1);
    if (miss == CHANCE_ONE)
        return UINT64_MAX;
    return divide_up((SPREAD_MISS_LOG2 + 1) * LOG_ONE + log2_of(input->rumours) + log2_of(lacking),
                     (UINT64_C(48) << 32) - log2_of(miss));
}

/* ---- the chain of how many have it ---- */

struct chain {
    const struct spread_input *input;
    uint32_t states;    /* 1..states-1 are followed; as many, or more, are past the end */
    uint64_t rounds;    /* in one span */
    uint64_t *rows;     /* [from][how many more], in 2^-62; owned */
    uint64_t *now, *to; /* the distribution; owned */
};

/*
 * Binomial chances as weights on both sides of the largest, until they vanish;
 * @row has room for @len of them, and the rest only counts in the sum.
 */
static void fill_row(uint64_t *row, uint32_t len, uint64_t trials, uint64_t miss)
{
    uint64_t hit = CHANCE_ONE - miss, weight = WEIGHT_MAX;
    uint64_t mode = (uint64_t)((u128)(trials + 1) * hit >> 48);
    u128 sum = 0;

    if (mode > trials)
        mode = trials;
    for (uint64_t j = mode; weight > 0 && j <= trials; j++) {
        sum += weight;
        if (j < len)
            row[j] = weight;
        weight = (uint64_t)((u128)weight * (trials - j) * hit / ((u128)(j + 1) * miss));
    }
    weight = WEIGHT_MAX;
    for (uint64_t j = mode; weight > 0 && j > 0 && hit > 0; j--) {
        weight = (uint64_t)((u128)weight * j * miss / ((u128)(trials - j + 1) * hit));
        sum += weight;
        if (j - 1 < len)
            row[j - 1] = weight;
    }
    for (uint32_t j = 0; j < len; j++)
        row[j] = (uint64_t)(((u128)row[j] << 62) / sum);
}

static void chain_init(struct chain *chain, const struct spread_input *input, uint64_t rounds)
{
    *chain = (struct chain){.input = input, .rounds = rounds};
    chain->states = input->nodes < SPREAD_EXACT_MAX ? input->nodes : SPREAD_EXACT_MAX;
    chain->rows = fatal_calloc((size_t)chain->states * chain->states, sizeof(*chain->rows));
    chain->now = fatal_calloc(chain->states, sizeof(*chain->now));
    chain->to = fatal_calloc(chain->states, sizeof(*chain->to));
    chain->now[1] = MASS_ONE;
    for (uint32_t i = 1; i < chain->states; i++)
        fill_row(chain->rows + (size_t)i * chain->states, chain->states - i, input->nodes - i,
                 miss_of(input, i, rounds));
}

static void chain_release(struct chain *chain)
{
    free(chain->rows);
    free(chain->now);
    free(chain->to);
}

static void chain_step(struct chain *chain)
{
    uint64_t *swap = chain->now;

    for (uint32_t i = 1; i < chain->states; i++)
        chain->to[i] = 0;
    for (uint32_t i = 1; i < chain->states; i++) {
        const uint64_t *row = chain->rows + (size_t)i * chain->states;

        for (uint32_t j = 0; chain->now[i] > 0 && i + j < chain->states; j++)
            chain->to[i + j] += (uint64_t)((u128)chain->now[i] * row[j] >> 62);
    }
    chain->now = chain->to;
    chain->to = swap;
}

/* So many have it now, but for half of the chance of a miss; for all of it, when it is all. */
static uint32_t chain_informed(const struct chain *chain)
{
    uint64_t spare = (MASS_ONE >> SPREAD_MISS_LOG2) / chain->input->rumours, sum = 0;
    uint32_t informed = 0;

    for (uint32_t i = 1; i < chain->states && sum <= spare; i++) {
        sum += chain->now[i];
        if (informed == 0 && sum > spare / 2)
            informed = i;
    }
    return informed == 0 || (sum <= spare && chain->states == chain->input->nodes) ? chain->states
                                                                                   : informed;
}

/* ---- the way from one node to all ---- */

/* Keeps the one that takes less time. */
static void keep_best(const struct spread_input *input, struct spread *best, uint64_t rounds,
                      uint64_t waits)
{
    struct spread other = {.rounds = rounds, .waits = waits};

    if (rounds != UINT64_MAX && spread_ns(input, other) < spread_ns(input, *best))
        *best = other;
}

/* So many of @lacking still lack it after @rounds, at most, but for e^-@deviate. */
static uint64_t still_lacking(const struct spread_input *input, uint64_t lacking, uint64_t rounds,
                              uint64_t deviate)
{
    uint64_t miss = miss_of(input, input->nodes - lacking, rounds);
    uint64_t stay = share_up(lacking, miss, CHANCE_ONE), go = lacking - stay;
    uint64_t above = stay + deviate / 3 + 1 +
                     root_of((u128)deviate * deviate / 9 + (u128)2 * stay * deviate) + 1;
    uint64_t spare = root_of((u128)2 * go * deviate) + 1;
    uint64_t below = go > spare ? lacking - (go - spare) : lacking;

    return above < below ? above : below;
}

/*
 * From @informed on, when those are many: mean and deviation (Chernoff), span by
 * span, each as long as it takes to get on.
 */
static void grow(const struct spread_input *input, uint64_t informed, uint64_t rounds,
                 struct spread at, struct spread *best)
{
    /* ln of rumours times spans over the chance of a miss; ln 2 is below 45/64. */
    uint64_t deviate =
        ((SPREAD_MISS_LOG2 + 12) * LOG_ONE + log2_of(input->rumours)) / LOG_ONE * 45 / 64;
    uint64_t lacking = input->nodes - informed;

    while (at.waits < SPANS_MAX) {
        uint64_t end = rounds_to_end(input, input->nodes - lacking), span = rounds, next;

        if (end != UINT64_MAX)
            keep_best(input, best, dc_time_add(at.rounds, end), at.waits + 1);
        next = still_lacking(input, lacking, span, deviate);
        while (lacking - next < (input->nodes - lacking) / 4 && next > 16 * deviate &&
               span < UINT64_MAX / 2) {
            span *= 2;
            next = still_lacking(input, lacking, span, deviate);
        }
        if (next == lacking || spread_ns(input, at) >= spread_ns(input, *best))
            return;
        lacking = next;
        at.rounds = dc_time_add(at.rounds, span);
        at.waits++;
    }
}

/* Spans of so many rounds each. */
static void spread_in_spans(const struct spread_input *input, uint64_t rounds, struct spread *best)
{
    struct spread at = {0};
    struct chain chain;
    uint32_t informed = 1;

    chain_init(&chain, input, rounds);
    while (informed < input->nodes && at.waits < SPANS_MAX &&
           spread_ns(input, at) < spread_ns(input, *best)) {
        uint64_t end;

        chain_step(&chain);
        at.rounds = dc_time_add(at.rounds, rounds);
        at.waits++;
        informed = chain_informed(&chain);
        if (informed == input->nodes)
            keep_best(input, best, at.rounds, at.waits);
        else if (informed == SPREAD_EXACT_MAX)
            for (uint64_t times = 1; times <= 8; times *= 2)
                grow(input, informed, times_saturated(rounds, times), at, best);
        else if ((end = rounds_to_end(input, informed)) != UINT64_MAX)
            keep_best(input, best, dc_time_add(at.rounds, end), at.waits + 1);
    }
    chain_release(&chain);
}

struct spread spread_all(const struct spread_input *input)
{
    struct spread best = {.rounds = UINT64_MAX, .waits = UINT64_MAX};
    uint64_t in_flight = divide_up(input->back_ns, input->sync_ns);
    uint64_t asked = times_saturated(input->asks, input->pass_ppb);
    uint64_t first = divide_up(SCN_PPB, asked); /* rounds until somebody gets it */
    uint64_t spans[] = {first, first / 4, 2 * first, in_flight, in_flight / 4, 1};

    keep_best(input, &best, rounds_to_end(input, 1), 1);
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
        if (spans[i] > 0 && spans[i] >= first / 8)
            spread_in_spans(input, spans[i], &best);
    return best;
}

/* ---- along a path ---- */

/*
 * -log2 of the chance that @rounds of @ask_ppb bring less than @hops, at least;
 * negative while they bring less on average.
 */
static i128 path_sure(uint64_t rounds, uint64_t hops, uint64_t ask_ppb)
{
    uint64_t few = hops - 1, rest = rounds - few;
    i128 all = (i128)log2_of(rounds) - (i128)log2_of(SCN_PPB), sure = 0;

    if ((u128)few * SCN_PPB >= (u128)rounds * ask_ppb)
        return -1;
    if (few > 0)
        sure += few * ((i128)log2_of(few) - (i128)log2_of(ask_ppb) - all);
    return sure + rest * ((i128)log2_of(rest) - (i128)log2_of(SCN_PPB - ask_ppb) - all);
}

struct spread spread_path(const struct spread_input *input, uint64_t hops, uint64_t ask_ppb)
{
    i128 wanted = SPREAD_MISS_LOG2 * LOG_ONE + log2_of(input->rumours) + log2_of(input->nodes);
    uint64_t both = (uint64_t)((u128)ask_ppb * input->pass_ppb / SCN_PPB);
    uint64_t low = hops, high = hops;

    if (both == 0)
        both = 1;
    if (both >= SCN_PPB)
        return (struct spread){.rounds = hops, .waits = hops};
    while (high < UINT64_C(1) << 62 && path_sure(high, hops, both) < wanted)
        high *= 2;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (path_sure(middle, hops, both) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct spread){.rounds = low, .waits = hops};
}

uint64_t spread_until(uint64_t places, uint64_t miss_ppb)
{
    if (miss_ppb >= SCN_PPB)
        return UINT64_MAX;
    if (miss_ppb == 0)
        return 1;
    return divide_up(SPREAD_MISS_LOG2 * LOG_ONE + log2_of(places),
                     log2_of(SCN_PPB) - log2_of(miss_ppb));
}
