/*
 * How long a cluster may take to converge once all is quiet.
 *
 * The node (core/node.h) is a pull gossip: in each round, sync_ns apart, it
 * asks f others at random, and one that has another state pushes it. Asking and
 * answering both arrive with the chance q = (1 - loss)^2. Take one state that a
 * single node holds, of N. It is on its way to all others in three phases:
 *
 *   start    the first to ask that node: nobody does so in R rounds with a
 *            chance of e^(-f q R)
 *   growth   up to half of the nodes: each round the holders become 1 + f q / 2
 *            times as many (at most twice); doubled, for what chance does to few
 *   rest     a node without it stays so in one round with a chance of
 *            (1 - q / 2)^f, as half of those it may ask hold it
 *
 * The rounds of start and rest are chosen such that over all N states, and for
 * the rest over all N nodes too, the chance of a miss is below 2^-30 each. On a
 * ring a state goes from neighbour to neighbour instead: N / 2k hops, each with
 * the chance q f / 2k in a round.
 *
 * Rounds of start and rest are chances that come once every sync; those of
 * growth, and hops, follow each other, so that each also takes the largest
 * service and delay there and back, at a quantile that all but 10^-6 of the
 * messages keep. What a slow node has in its inbox when it gets quiet comes
 * before all that.
 *
 * So the bound errs on the long side: by a factor of 5 to 20 over what is seen.
 */
#ifndef DC_SIM_SCENARIO_BOUND_H
#define DC_SIM_SCENARIO_BOUND_H

#include <stdint.h>

/* What the bound depends on; the worst over all nodes and links. */
struct bound_input {
    uint32_t nodes;
    uint64_t fanout;   /* smallest */
    uint64_t sync_ns;  /* largest */
    uint64_t delay_ns; /* one way, at that quantile, largest */
    uint64_t loss_ppb; /* largest, below 10^9 */
    uint64_t service_ns, inbox;
    uint64_t ring; /* neighbours on each side; 0: everybody knows everybody, or enough of them */
};

struct bound {
    uint64_t rounds;   /* in all */
    uint64_t in_a_row; /* of them, those that follow each other */
    uint64_t sync_ns;  /* from one to the next */
    uint64_t back_ns;  /* there and back, for each that follows another */
    uint64_t total_ns; /* DC_TIME_NEVER when it overflows */
};

struct bound bound_of(const struct bound_input *input);

struct parser;

/*
 * At the end of a file with a quiet and no error: its bound, into the scenario.
 * An error when there is none, or when the stop comes before it.
 */
void bound_check(struct parser *p);

#endif
