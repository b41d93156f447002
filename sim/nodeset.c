/* Sets of nodes as bits. Bits at and above the number of nodes are always 0. */
#include "sim/nodeset.h"

#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "sim/fatal.h"

static size_t word_count(const struct nodeset *set)
{
    return ((size_t)set->nodes + 63) / 64;
}

void nodeset_init(struct nodeset *set, uint32_t nodes)
{
    set->nodes = nodes;
    set->words = fatal_calloc(word_count(set), sizeof(*set->words));
}

void nodeset_release(struct nodeset *set)
{
    free(set->words);
    *set = (struct nodeset){0};
}

void nodeset_clear(struct nodeset *set)
{
    memset(set->words, 0, word_count(set) * sizeof(*set->words));
}

void nodeset_fill(struct nodeset *set)
{
    memset(set->words, 0xFF, word_count(set) * sizeof(*set->words));
    if (set->nodes % 64)
        set->words[word_count(set) - 1] = (UINT64_C(1) << (set->nodes % 64)) - 1;
}

void nodeset_copy(struct nodeset *dst, const struct nodeset *src)
{
    PRE(dst->nodes == src->nodes, "sets of one cluster");
    memcpy(dst->words, src->words, word_count(src) * sizeof(*src->words));
}

void nodeset_unite(struct nodeset *dst, const struct nodeset *src)
{
    PRE(dst->nodes == src->nodes, "sets of one cluster");
    for (size_t i = 0; i < word_count(src); i++)
        dst->words[i] |= src->words[i];
}

void nodeset_subtract(struct nodeset *dst, const struct nodeset *src)
{
    PRE(dst->nodes == src->nodes, "sets of one cluster");
    for (size_t i = 0; i < word_count(src); i++)
        dst->words[i] &= ~src->words[i];
}

uint32_t nodeset_count(const struct nodeset *set)
{
    uint32_t count = 0;

    for (size_t i = 0; i < word_count(set); i++)
        count += (uint32_t)__builtin_popcountll(set->words[i]);
    return count;
}

bool nodeset_equal(const struct nodeset *a, const struct nodeset *b)
{
    return a->nodes == b->nodes &&
           memcmp(a->words, b->words, word_count(a) * sizeof(*a->words)) == 0;
}

bool nodeset_meet(const struct nodeset *a, const struct nodeset *b)
{
    for (size_t i = 0; i < word_count(a); i++)
        if (a->words[i] & b->words[i])
            return true;
    return false;
}

uint32_t nodeset_next(const struct nodeset *set, uint32_t from)
{
    size_t word = from / 64;
    uint64_t bits;

    if (from >= set->nodes)
        return set->nodes;
    bits = set->words[word] & (UINT64_MAX << (from % 64));
    while (bits == 0) {
        if (++word >= word_count(set))
            return set->nodes;
        bits = set->words[word];
    }
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}

uint32_t nodeset_at(const struct nodeset *set, uint32_t rank)
{
    size_t word = 0;
    uint64_t bits;

    while (true) {
        uint32_t here = (uint32_t)__builtin_popcountll(set->words[word]);

        if (rank < here)
            break;
        rank -= here;
        word++;
        INVARIANT(word < word_count(set), "the rank is below the count");
    }
    bits = set->words[word];
    while (rank-- > 0)
        bits &= bits - 1;
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}
