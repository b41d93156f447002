/* Sums of what clients asked for and what they were told. */
#include "sim/oracle.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

void oracle_init(struct oracle *oracle, uint32_t nodes)
{
    *oracle = (struct oracle){.nodes_len = nodes};
    oracle->nodes = fatal_calloc(nodes, sizeof(*oracle->nodes));
}

void oracle_release(struct oracle *oracle)
{
    free(oracle->nodes);
    *oracle = (struct oracle){0};
}

void oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount)
{
    oracle->nodes[node][side].asked += amount;
    oracle->open++;
}

void oracle_answered(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount,
                     enum env_answer answer)
{
    struct oracle_half *half = &oracle->nodes[node][side];

    PRE(oracle->open > 0, "a request is answered once");
    oracle->open--;
    switch (answer) {
    case ENV_OK:
        half->ok += amount;
        break;
    case ENV_REFUSED:
        half->refused += amount;
        break;
    case ENV_UNKNOWN:
        break;
    }
}

u128 oracle_least(const struct oracle *oracle, uint32_t node, enum dc_side side)
{
    return oracle->nodes[node][side].ok;
}

u128 oracle_most(const struct oracle *oracle, uint32_t node, enum dc_side side)
{
    return oracle->nodes[node][side].asked - oracle->nodes[node][side].refused;
}

void oracle_value(const struct oracle *oracle, const struct nodeset *of, i128 *ret_least,
                  i128 *ret_most)
{
    i128 least = 0, most = 0;

    for (uint32_t node = 0; node < oracle->nodes_len; node++) {
        if (of && !nodeset_has(of, node))
            continue;
        least += (i128)oracle_least(oracle, node, DC_INC) - (i128)oracle_most(oracle, node, DC_DEC);
        most += (i128)oracle_most(oracle, node, DC_INC) - (i128)oracle_least(oracle, node, DC_DEC);
    }
    *ret_least = least;
    *ret_most = most;
}
