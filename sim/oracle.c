/* Sums of what clients asked for and what they were told. */
#include "sim/oracle.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

/* Ids are those of nodes first; between them and incarnations lie names that are no ids. */
static void ids_reserve(struct oracle *oracle, uint32_t len)
{
    if (len > oracle->ids_cap) {
        oracle->ids_cap = len > oracle->ids_cap * 2 ? len : oracle->ids_cap * 2;
        oracle->ids = fatal_realloc_array(oracle->ids, oracle->ids_cap, sizeof(*oracle->ids));
        oracle->tops = fatal_realloc_array(oracle->tops, oracle->ids_cap, sizeof(*oracle->tops));
    }
    for (; oracle->ids_len < len; oracle->ids_len++) {
        oracle->ids[oracle->ids_len] = (struct oracle_id){.owner = ORACLE_NOBODY};
        oracle->tops[oracle->ids_len] = (struct oracle_top){0};
    }
}

/* What was asked, refused or covered under @id has changed. */
static void top_follows(struct oracle *oracle, dc_name id, enum dc_side side)
{
    u128 top = oracle_most(oracle, id, side) - oracle->ids[id].half[side].unsynced;

    oracle->tops[id].half[side] = top > UINT64_MAX ? UINT64_MAX : (uint64_t)top;
}

void oracle_init(struct oracle *oracle, uint32_t nodes)
{
    *oracle = (struct oracle){.nodes = nodes};
    oracle->current = fatal_calloc(nodes, sizeof(*oracle->current));
    oracle->waits = fatal_calloc(nodes, sizeof(*oracle->waits));
    ids_reserve(oracle, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        oracle_incarnation(oracle, i, i);
}

void oracle_release(struct oracle *oracle)
{
    free(oracle->ids);
    free(oracle->tops);
    free(oracle->current);
    free(oracle->waits);
    *oracle = (struct oracle){0};
}

void oracle_waits(struct oracle *oracle, uint32_t node)
{
    oracle->waits[node] = true;
}

void oracle_incarnation(struct oracle *oracle, uint32_t node, dc_name id)
{
    ids_reserve(oracle, id + 1);
    oracle->ids[id].owner = node;
    oracle->current[node] = id;
}

uint32_t oracle_owner(const struct oracle *oracle, dc_name id)
{
    return id < oracle->ids_len ? oracle->ids[id].owner : ORACLE_NOBODY;
}

dc_name oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount)
{
    dc_name id = oracle->current[node];

    oracle->ids[id].half[side].asked += amount;
    if (oracle->waits[node])
        oracle->ids[id].half[side].unsynced += amount;
    top_follows(oracle, id, side);
    oracle->open++;
    return id;
}

void oracle_answered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                     enum env_answer answer, bool covered)
{
    struct oracle_half *half = &oracle->ids[id].half[side];

    PRE(oracle->open > 0, "a request is answered once");
    oracle->open--;
    switch (answer) {
    case ENV_OK:
        half->ok += amount;
        break;
    case ENV_REFUSED:
        half->refused += amount;
        if (!covered)
            half->unsynced -= amount;
        top_follows(oracle, id, side);
        break;
    case ENV_UNKNOWN:
        break;
    }
}

void oracle_covered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount)
{
    oracle->ids[id].half[side].unsynced -= amount;
    top_follows(oracle, id, side);
}

void oracle_lower(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t held)
{
    struct oracle_half *half = &oracle->ids[id].half[side];

    if (half->ok - half->lost > held)
        half->lost = half->ok - held;
}

void oracle_excuse(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t found)
{
    u128 least = oracle_least(oracle, id, side);

    oracle->ids[id].half[side].excused = least > found ? least - found : 0;
}

u128 oracle_own(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    u128 least = oracle_least(oracle, id, side), excused = oracle->ids[id].half[side].excused;

    return least > excused ? least - excused : 0;
}

u128 oracle_least(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    if (oracle_owner(oracle, id) == ORACLE_NOBODY)
        return 0;
    return oracle->ids[id].half[side].ok - oracle->ids[id].half[side].lost;
}

u128 oracle_most(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    if (oracle_owner(oracle, id) == ORACLE_NOBODY)
        return 0;
    return oracle->ids[id].half[side].asked - oracle->ids[id].half[side].refused;
}

void oracle_value(const struct oracle *oracle, const struct nodeset *of, i128 *ret_least,
                  i128 *ret_most)
{
    i128 least = 0, most = 0;

    for (dc_name id = 0; id < oracle->ids_len; id++) {
        uint32_t owner = oracle->ids[id].owner;

        if (owner == ORACLE_NOBODY || (of && !nodeset_has(of, owner)))
            continue;
        least += (i128)oracle_least(oracle, id, DC_INC) - (i128)oracle_most(oracle, id, DC_DEC);
        most += (i128)oracle_most(oracle, id, DC_INC) - (i128)oracle_least(oracle, id, DC_DEC);
    }
    *ret_least = least;
    *ret_most = most;
}
