/*
 * One map of a state as it came in a frame: pairs of id and total, in any
 * order, with any repetitions; and how two of them become a counter.
 */
#ifndef DC_CORE_PAIRS_H
#define DC_CORE_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/contract.h"
#include "core/types.h"

struct mem;
struct names;
struct pncounter;

struct pairs_item {
    uint64_t total;
    dc_name id;
};

struct pairs {
    const struct mem *mem;    /* borrowed */
    struct pairs_item *items; /* owned, in the order of arrival */
    struct pairs_item *spare; /* owned, for sorting, or NULL */
    uint32_t len;
    uint32_t cap;
    uint32_t spare_cap;
    bool unsorted; /* some id was not above the one before it */
    bool zeros;    /* some total is 0 */
};

void pairs_init(struct pairs *pairs, const struct mem *mem);
void pairs_release(struct pairs *pairs);

/* Empty, with room for @entries. Returns 0, DC_ELIMIT or DC_ENOMEM. */
int pairs_begin(struct pairs *pairs, uint32_t entries);

/* Adds a pair; @ascending is whether @id is above the last. There is room. */
static inline void pairs_add(struct pairs *pairs, dc_name id, uint64_t total, bool ascending)
{
    INVARIANT(pairs->len < pairs->cap, "room was made for all of them");

    pairs->items[pairs->len++] = (struct pairs_item){.total = total, .id = id};
    pairs->unsorted |= !ascending;
    pairs->zeros |= total == 0;
}

/*
 * Ids ascending, each once (of several totals the last one stays), no zeros.
 * O(len) when they came in order, else O(len log len). Returns 0 or DC_ENOMEM.
 */
int pairs_finish(struct pairs *pairs, const struct names *names);

/*
 * Adds the entries of two finished maps to @counter, which is empty.
 * Returns 0, DC_ELIMIT or DC_ENOMEM; on error @counter stays empty.
 */
int pairs_join(const struct pairs *inc, const struct pairs *dec, struct pncounter *counter);

#endif
