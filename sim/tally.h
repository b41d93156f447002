/*
 * Sums over a run, by who brought them about: what took messages away, and
 * what clients were told of the operations of each statement.
 */
#ifndef DC_SIM_TALLY_H
#define DC_SIM_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "sim/net.h"
#include "sim/nodeset.h"
#include "sim/wide.h"

/* Messages that were lost in one way. */
struct tally_lost {
    enum net_fate fate;
    uint32_t stmt; /* whose doing that was, NET_NO_STMT */
    uint32_t node; /* NET_LOST_INBOX: whose inbox was full; else UINT32_MAX */
    uint64_t count;
};

/* Operations of one side that clients asked for because of one statement. */
struct tally_told {
    uint32_t stmt;
    enum dc_side side;
    u128 asked;           /* operations */
    u128 told[3];         /* of these, by enum env_answer; the rest waits for its answer */
    struct nodeset nodes; /* that were asked; owned */
    u128 lately;          /* of told[ENV_OK]: operations from tally->lately_ns on, */
    uint64_t times;       /* at so many instants, */
    uint64_t last_ns;     /* the last of which was this */
};

struct tally {
    struct tally_lost *lost; /* owned */
    size_t lost_len, lost_cap;
    struct tally_told *told; /* owned */
    size_t told_len, told_cap;
    uint64_t lately_ns; /* what is done from then on is counted apart */
};

/* A zeroed tally is empty. */
void tally_release(struct tally *tally);

/* A message to @to was lost. */
void tally_lose(struct tally *tally, enum net_fate fate, uint32_t stmt, uint32_t to);

/* @stmt made a client of @node, one of @nodes, ask for @amount; it had its answer to that at
 * @at_ns.
 */
void tally_ask(struct tally *tally, uint32_t stmt, enum dc_side side, uint32_t node, uint32_t nodes,
               uint64_t amount);
void tally_tell(struct tally *tally, uint32_t stmt, enum dc_side side, uint64_t amount,
                enum env_answer answer, uint64_t at_ns);

/*
 * Operations since tally->lately_ns of a @stmt that, at @now_ns, goes on with it: more than one
 * was done, and the last not much longer ago than they were apart. Else 0.
 */
u128 tally_goes_on(const struct tally *tally, uint32_t stmt, uint64_t now_ns);

/* The largest loss first; what was told in the order of the file, increments first. */
void tally_sort(struct tally *tally);

#endif
