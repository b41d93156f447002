/*
 * How long a rumour takes, at most, to be everywhere. The node (core/node.h) is
 * a pull gossip: once every sync_ns it asks some of its peers, and one that
 * knows more answers with all it knows. So who asks a node that has the rumour,
 * and hears the answer, has it too.
 *
 * All results keep this: over all rumours (mostly one for each node: what it alone
 * holds) the chance that one of them misses somebody is below 2^-30, about
 * 10^-9. They are upper bounds, made of integers only.
 */
#ifndef DC_SIM_SCENARIO_SPREAD_H
#define DC_SIM_SCENARIO_SPREAD_H

#include <stdint.h>

/* log2 of one over the chance of a miss. */
#define SPREAD_MISS_LOG2 30u

struct spread_input {
    uint32_t nodes;    /* at least 2 */
    uint64_t rumours;  /* at least 1: mostly as many as nodes */
    uint64_t asks;     /* peers in one round, 1..nodes-1 */
    uint64_t pass_ppb; /* that a question and its answer arrive, both in time; at least 1 */
    uint64_t sync_ns;  /* from one round to the next; at least 1 */
    uint64_t back_ns;  /* what there and back takes */
};

/* rounds * sync_ns + waits * back_ns, saturated, is what it takes. */
struct spread {
    uint64_t rounds; /* how often a node must get to ask */
    uint64_t waits;  /* how often an answer must be there before a question can profit */
};

uint64_t spread_ns(const struct spread_input *input, struct spread spread);

/*
 * Everybody may ask everybody, uniformly.
 *
 * Cut time into spans of k * sync_ns + back_ns. In each, a node that lacks the
 * rumour asks k times, and whom it asks among those that had it when the span
 * began answers within the span. With i of N informed it stays without, by
 *
 *   m(i) <= (1 - pass * i / (N - 1)) ^ (asks * k)
 *
 * (peers are picked without repetition, which is no worse: Hoeffding 1963),
 * and nodes do so independently of each other. So the number of informed nodes
 * at the end of each span is at least the Markov chain i -> i + Bin(N - i,
 * 1 - m(i)), whose distribution is computed span by span, from i = 1. For few
 * nodes (SPREAD_EXACT_MAX) that is all. For more, the chain is left at so many
 * informed ones, and from there each span brings at least the mean less the
 * deviation that Chernoff's inequality allows. Once enough are informed the
 * others no longer wait for each other: one asks j times in a row and stays
 * without with m^j, which ends it. k, and where to end, are chosen for the
 * smallest time.
 */
struct spread spread_all(const struct spread_input *input);

#define SPREAD_EXACT_MAX 256u

/*
 * The rumour goes along a path of at most @hops; the next on it asks the one
 * before in each round with a chance of @ask_ppb / 10^9, at least 1. Rounds are
 * independent, so R of them fall short with P(Bin(R, ask * pass) < hops) <=
 * 2^(-R KL(hops - 1 / R : ask * pass)), for each rumour at each node.
 */
struct spread spread_path(const struct spread_input *input, uint64_t hops, uint64_t ask_ppb);

/*
 * Rounds until something has happened at each of @places, which does not in a
 * round with a chance of at most @miss_ppb / 10^9. UINT64_MAX when that is 1.
 */
uint64_t spread_until(uint64_t places, uint64_t miss_ppb);

#endif
