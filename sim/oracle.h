/*
 * What the clients know: for each id that a node counts under, and each side,
 * how much was asked, answered ok, refused. The truth lies between what was ok,
 * less what a lost disk took, and what was asked less what was refused; no node
 * ever tells the oracle anything else.
 *
 * A node has one id after the other: its own, and one for each incarnation that
 * it became. The counts of a node are those of all its ids.
 */
#ifndef DC_SIM_ORACLE_H
#define DC_SIM_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "sim/nodeset.h"
#include "sim/wide.h"

#define ORACLE_NOBODY UINT32_MAX

struct oracle_half {
    u128 asked, ok, refused; /* operations */
    u128 unsynced;           /* of those asked and not refused: no sync has covered them */
    u128 lost;               /* of those that were ok: perhaps gone with a disk */
    u128 excused;            /* of those left: others hold them, their node itself need not */
};

struct oracle_id {
    struct oracle_half half[2]; /* by side */
    uint32_t owner;             /* node index; ORACLE_NOBODY: no id of the cluster */
};

/* The most that may be shown of each half, as far as 64 bits can show it. */
struct oracle_top {
    uint64_t half[2];
};

struct oracle {
    struct oracle_id *ids;   /* by handle; owned */
    struct oracle_top *tops; /* likewise, as long: what is asked for at each rise; owned */
    uint32_t ids_len, ids_cap;
    dc_name *current; /* by node index: the id under which it counts; owned */
    bool *waits;      /* by node index: it has a disk, to be waited for; owned */
    uint32_t nodes;
    uint64_t open; /* requests without an answer */
};

/* Handle i is the first id of node i. */
void oracle_init(struct oracle *oracle, uint32_t nodes);
void oracle_release(struct oracle *oracle);

/* @node has a disk: what it is asked from now on is to be shown once a sync has covered it. */
void oracle_waits(struct oracle *oracle, uint32_t node);

/* From now on @node counts under @id. */
void oracle_incarnation(struct oracle *oracle, uint32_t node, dc_name id);

/* Whose id is that? ORACLE_NOBODY when it is no node's. */
uint32_t oracle_owner(const struct oracle *oracle, dc_name id);

/* Returns the id under which @node is asked, which the answer is to be told for. */
dc_name oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount);
/* Exactly once for each request; @covered: oracle_covered() has been told of it. */
void oracle_answered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                     enum env_answer answer, bool covered);
/* A sync has covered what a node with a disk was asked, and has not refused; once. */
void oracle_covered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount);

/* A disk is lost: of the counts under @id no more than @held are sure to be somewhere. */
void oracle_lower(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t held);

/* Its node has lost them too: it shows @found itself, and need not show more. */
void oracle_excuse(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t found);

/* Bounds of what is counted under @id; 0 for one that is no node's. */
u128 oracle_least(const struct oracle *oracle, dc_name id, enum dc_side side);
u128 oracle_most(const struct oracle *oracle, dc_name id, enum dc_side side);
/* Of the most, what no sync keeps from being shown; as far as 64 bits can show it. Fast. */
static inline uint64_t oracle_top(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    return id < oracle->ids_len ? oracle->tops[id].half[side] : 0;
}
/* What its own node is to show of it. */
u128 oracle_own(const struct oracle *oracle, dc_name id, enum dc_side side);

/* The bounds of the value (increments less decrements) over the counts of @of; NULL: all. */
void oracle_value(const struct oracle *oracle, const struct nodeset *of, i128 *ret_least,
                  i128 *ret_most);

#endif
