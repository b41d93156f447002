/*
 * What the clients know: for each node and side how much was asked, answered
 * ok, refused. The truth lies between what was ok and what was asked less what
 * was refused; no node ever tells the oracle anything else.
 */
#ifndef DC_SIM_ORACLE_H
#define DC_SIM_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "sim/nodeset.h"
#include "sim/wide.h"

struct oracle_half {
    u128 asked, ok, refused; /* operations */
};

struct oracle {
    struct oracle_half (*nodes)[2]; /* by node index and side; owned */
    uint32_t nodes_len;
    uint64_t open; /* requests without an answer */
};

void oracle_init(struct oracle *oracle, uint32_t nodes);
void oracle_release(struct oracle *oracle);

void oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount);
/* Exactly once for each request. */
void oracle_answered(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount,
                     enum env_answer answer);

u128 oracle_least(const struct oracle *oracle, uint32_t node, enum dc_side side);
u128 oracle_most(const struct oracle *oracle, uint32_t node, enum dc_side side);

/* The bounds of the value (increments less decrements) over the counts of @of; NULL: all. */
void oracle_value(const struct oracle *oracle, const struct nodeset *of, i128 *ret_least,
                  i128 *ret_most);

#endif
