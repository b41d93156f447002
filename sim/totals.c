/* A sorted list; what is added is mostly its new end. */
#include "sim/totals.h"

#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

void totals_release(struct totals *totals)
{
    free(totals->list);
    *totals = (struct totals){0};
}

/* The first that is not smaller. */
static uint32_t find(const struct totals *totals, uint64_t total)
{
    uint32_t from = 0, to = totals->len;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (totals->list[middle] < total)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool totals_has(const struct totals *totals, uint64_t total)
{
    uint32_t at = find(totals, total);

    return at < totals->len && totals->list[at] == total;
}

void totals_add(struct totals *totals, uint64_t total)
{
    uint32_t at = find(totals, total);

    if (at < totals->len && totals->list[at] == total)
        return;
    if (totals->len == totals->cap) {
        totals->cap = totals->cap ? totals->cap * 2 : 4;
        totals->list = fatal_realloc_array(totals->list, totals->cap, sizeof(*totals->list));
    }
    memmove(&totals->list[at + 1], &totals->list[at], (totals->len - at) * sizeof(*totals->list));
    totals->list[at] = total;
    totals->len++;
}

uint64_t totals_largest(const struct totals *totals)
{
    return totals->len > 0 ? totals->list[totals->len - 1] : 0;
}
