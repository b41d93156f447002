/*
 * Linear probing; removal shifts later entries back, so no tombstones pile up.
 * Never walked: its order means nothing.
 */
#include "sim/census.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

void census_init(struct census *census, uint32_t members_max)
{
    *census = (struct census){.slots_len = 16};
    while (census->slots_len < 2 * ((size_t)members_max + 1))
        census->slots_len *= 2;
    census->slots = fatal_calloc(census->slots_len, sizeof(*census->slots));
}

void census_release(struct census *census)
{
    free(census->slots);
    *census = (struct census){0};
}

static size_t slot_of(const struct census *census, struct fingerprint print)
{
    size_t at = (size_t)print.lo & (census->slots_len - 1);

    while (census->slots[at].count && !fingerprint_equal(census->slots[at].print, print))
        at = (at + 1) & (census->slots_len - 1);
    return at;
}

void census_add(struct census *census, struct fingerprint print)
{
    size_t at = slot_of(census, print);

    PRE(2 * (size_t)(census->members + 1) <= census->slots_len, "room for every node");
    if (census->slots[at].count++ == 0) {
        census->slots[at].print = print;
        census->distinct++;
    }
    census->members++;
}

/* Is the home of the entry at @at cyclically in (hole, at]? Then it may stay. */
static bool stays(const struct census *census, size_t hole, size_t at)
{
    size_t mask = census->slots_len - 1;
    size_t home = (size_t)census->slots[at].print.lo & mask;

    return ((at - home) & mask) < ((at - hole) & mask);
}

void census_remove(struct census *census, struct fingerprint print)
{
    size_t mask = census->slots_len - 1;
    size_t hole = slot_of(census, print);

    PRE(census->slots[hole].count > 0, "only members leave");
    census->members--;
    if (--census->slots[hole].count > 0)
        return;
    census->distinct--;
    for (size_t at = (hole + 1) & mask; census->slots[at].count; at = (at + 1) & mask) {
        if (stays(census, hole, at))
            continue;
        census->slots[hole] = census->slots[at];
        census->slots[at].count = 0;
        hole = at;
    }
}
