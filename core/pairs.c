/*
 * The pairs of a map. Frames of our own come sorted and need no work; others
 * come in the order of somebody's hash table, and are merge-sorted: stable, so
 * that the last of several totals stays the last, and never quadratic, because
 * whoever sent them may mean harm.
 */
#include "core/pairs.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/banned.h"

void pairs_init(struct pairs *pairs, const struct mem *mem)
{
    *pairs = (struct pairs){.mem = mem};
}

void pairs_release(struct pairs *pairs)
{
    if (pairs->items != NULL)
        mem_free(pairs->mem, pairs->items, pairs->cap * sizeof(*pairs->items));
    if (pairs->spare != NULL)
        mem_free(pairs->mem, pairs->spare, pairs->spare_cap * sizeof(*pairs->spare));
    *pairs = (struct pairs){0};
}

/* Makes *items hold @needed; what they held may be lost. */
static int items_reserve(const struct mem *mem, struct pairs_item **items, uint32_t *cap,
                         uint32_t needed)
{
    if (needed <= *cap)
        return 0;
    size_t grown = mem_grow(*cap, needed, DC_ENTRIES_MAX);
    struct pairs_item *fresh = mem_alloc(mem, grown * sizeof(*fresh));
    if (fresh == NULL)
        return DC_ENOMEM;
    if (*items != NULL)
        mem_free(mem, *items, *cap * sizeof(**items));
    *items = fresh;
    *cap = (uint32_t)grown;

    return 0;
}

int pairs_begin(struct pairs *pairs, uint32_t entries)
{
    pairs->len = 0;
    pairs->unsorted = false;
    pairs->zeros = false;
    if (entries > DC_ENTRIES_MAX)
        return DC_ELIMIT;

    return items_reserve(pairs->mem, &pairs->items, &pairs->cap, entries);
}

/* Merges two neighbouring stretches of @from into @to; equal ids keep their order. */
static void merge_stretches(const struct names *names, const struct pairs_item *from, uint32_t low,
                            uint32_t middle, uint32_t high, struct pairs_item *to)
{
    uint32_t left = low;
    uint32_t right = middle;

    for (uint32_t write = low; write < high; write++) {
        bool take_left = right == high || (left < middle && names_compare(names, from[left].id,
                                                                          from[right].id) <= 0);
        to[write] = take_left ? from[left++] : from[right++];
    }
}

static int sort(struct pairs *pairs, const struct names *names)
{
    int rc = items_reserve(pairs->mem, &pairs->spare, &pairs->spare_cap, pairs->len);
    if (rc < 0)
        return rc;

    for (uint32_t width = 1; width < pairs->len; width *= 2) {
        for (uint32_t low = 0; low < pairs->len; low += 2 * width) {
            uint32_t middle = pairs->len - low > width ? low + width : pairs->len;
            uint32_t high = pairs->len - low > 2 * width ? low + 2 * width : pairs->len;
            merge_stretches(names, pairs->items, low, middle, high, pairs->spare);
        }
        struct pairs_item *items = pairs->spare;
        uint32_t cap = pairs->spare_cap;
        pairs->spare = pairs->items;
        pairs->spare_cap = pairs->cap;
        pairs->items = items;
        pairs->cap = cap;
    }

    return 0;
}

int pairs_finish(struct pairs *pairs, const struct names *names)
{
    int rc = pairs->unsorted ? sort(pairs, names) : 0;
    if (rc < 0)
        return rc;
    if (!pairs->unsorted && !pairs->zeros)
        return 0;

    /* Zeros go last: the last total of an id may be one, and then none counts. */
    uint32_t write = 0;
    for (uint32_t read = 0; read < pairs->len; read++) {
        bool superseded =
            read + 1 < pairs->len && pairs->items[read + 1].id == pairs->items[read].id;
        if (!superseded && pairs->items[read].total > 0)
            pairs->items[write++] = pairs->items[read];
    }
    pairs->len = write;
    pairs->unsorted = false;
    pairs->zeros = false;

    return 0;
}

/* How the heads of both maps compare; a pairs that is used up is last. */
static int heads(const struct names *names, const struct pairs *inc, uint32_t i,
                 const struct pairs *dec, uint32_t k)
{
    if (i == inc->len)
        return 1;
    if (k == dec->len)
        return -1;
    return names_compare(names, inc->items[i].id, dec->items[k].id);
}

static uint32_t count_ids(const struct names *names, const struct pairs *inc,
                          const struct pairs *dec)
{
    uint32_t count = 0;

    if (dec->len == 0)
        return inc->len;
    for (uint32_t i = 0, k = 0; i < inc->len || k < dec->len; count++) {
        int order = heads(names, inc, i, dec, k);
        i += order <= 0;
        k += order >= 0;
    }

    return count;
}

int pairs_join(const struct pairs *inc, const struct pairs *dec, struct pncounter *counter)
{
    PRE(counter->len == 0, "the counter is empty");
    PRE(!inc->unsorted && !inc->zeros, "the increments are finished");
    PRE(!dec->unsorted && !dec->zeros, "the decrements are finished");

    int rc = pncounter_reserve(counter, count_ids(counter->names, inc, dec));
    if (rc < 0)
        return rc;

    for (uint32_t i = 0, k = 0; i < inc->len || k < dec->len;) {
        int order = heads(counter->names, inc, i, dec, k);
        dc_name id = order <= 0 ? inc->items[i].id : dec->items[k].id;
        uint64_t inc_total = order <= 0 ? inc->items[i++].total : 0;
        uint64_t dec_total = order >= 0 ? dec->items[k++].total : 0;
        pncounter_append(counter, id, inc_total, dec_total);
    }

    return 0;
}
