/*
 * A set of nodes by index, as bits: what a selector comes to.
 */
#ifndef DC_SIM_NODESET_H
#define DC_SIM_NODESET_H

#include <stdbool.h>
#include <stdint.h>

struct nodeset {
    uint64_t *words; /* owned */
    uint32_t nodes;  /* indices 0..nodes-1 */
};

/* Empty. Released with nodeset_release(), which leaves it zeroed. */
void nodeset_init(struct nodeset *set, uint32_t nodes);
void nodeset_release(struct nodeset *set);

void nodeset_clear(struct nodeset *set);
void nodeset_fill(struct nodeset *set);
void nodeset_copy(struct nodeset *dst, const struct nodeset *src);
void nodeset_unite(struct nodeset *dst, const struct nodeset *src);
void nodeset_subtract(struct nodeset *dst, const struct nodeset *src);

uint32_t nodeset_count(const struct nodeset *set);
bool nodeset_equal(const struct nodeset *a, const struct nodeset *b);
/* Have they a member in common? */
bool nodeset_meet(const struct nodeset *a, const struct nodeset *b);
/* The first member at or after @from, or set->nodes when there is none. */
uint32_t nodeset_next(const struct nodeset *set, uint32_t from);
/* The member with @rank members before it; rank < count. */
uint32_t nodeset_at(const struct nodeset *set, uint32_t rank);

static inline bool nodeset_has(const struct nodeset *set, uint32_t node)
{
    return set->words[node / 64] >> (node % 64) & 1;
}

static inline void nodeset_add(struct nodeset *set, uint32_t node)
{
    set->words[node / 64] |= UINT64_C(1) << (node % 64);
}

static inline void nodeset_remove(struct nodeset *set, uint32_t node)
{
    set->words[node / 64] &= ~(UINT64_C(1) << (node % 64));
}

#define NODESET_EACH(node, set)                                                                    \
    for (uint32_t node = nodeset_next((set), 0); node < (set)->nodes;                              \
         node = nodeset_next((set), node + 1))

#endif
