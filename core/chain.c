/*
 * A sorted list through the interned ids, grown by what frames bring.
 */
#include "core/chain.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/banned.h"

/*
 * How many ids that others know, but this state lacks, are passed before the
 * hash table is asked, which costs as much as about five steps.
 */
#define STEPS_MAX 6u
#define LINKS_MAX ((size_t)DC_NAMES_MAX + 1)

void chain_init(struct chain *chain, const struct mem *mem, struct names *names)
{
    *chain = (struct chain){.mem = mem, .names = names};
}

void chain_release(struct chain *chain)
{
    if (chain->next != NULL)
        mem_free(chain->mem, chain->next, chain->len * sizeof(*chain->next));
    *chain = (struct chain){0};
}

static int compare(const struct names *names, dc_name id, const uint8_t *bytes, uint32_t len)
{
    const struct name_entry *entry = &names->entries[id];
    uint32_t shorter = entry->len < len ? entry->len : len;
    int order = shorter == 0 ? 0 : memcmp(entry->bytes, bytes, shorter);

    if (order != 0)
        return order;
    return (entry->len > len) - (entry->len < len);
}

static dc_name link_of(const struct chain *chain, dc_name id)
{
    uint32_t at = id + 1; /* DC_NAME_NONE + 1 is 0 */

    return at < chain->len ? chain->next[at] : DC_NAME_NONE;
}

/* Makes room for a link behind every id that there is. */
static int links_reserve(struct chain *chain)
{
    size_t needed = (size_t)chain->names->len + 1;

    if (needed <= chain->len)
        return 0;
    size_t len = mem_grow(chain->len, needed, LINKS_MAX);
    dc_name *next =
        mem_resize(chain->mem, chain->next, chain->len * sizeof(*next), len * sizeof(*next));
    if (next == NULL)
        return DC_ENOMEM;
    for (size_t i = chain->len; i < len; i++)
        next[i] = DC_NAME_NONE;
    chain->next = next;
    chain->len = (uint32_t)len;

    return 0;
}

/* Puts @id between @before and @after, where @after is the first above it. */
static void insert(struct chain *chain, dc_name before, dc_name id, dc_name after)
{
    dc_name *next = &chain->next[id + 1];

    chain->next[before + 1] = id;
    /* It may be on a stretch of its own: the nearer of two successors stays. */
    if (*next == DC_NAME_NONE ||
        (after != DC_NAME_NONE && names_compare(chain->names, after, *next) < 0))
        *next = after;
}

/* The guess did not lead to it: ask the table, and remember for next time. */
static int look_up(struct chain *chain, dc_name last, dc_name before, bool gap,
                   const uint8_t *bytes, uint32_t len, dc_name *ret_id, bool *ret_ascending)
{
    dc_name id;
    int rc = names_intern(chain->names, bytes, len, &id);
    if (rc == 0)
        rc = links_reserve(chain);
    if (rc < 0)
        return rc;

    bool ascending = last == DC_NAME_NONE || names_compare(chain->names, last, id) < 0;
    if (ascending && gap)
        insert(chain, before, id, link_of(chain, before));
    *ret_id = id;
    *ret_ascending = ascending;

    return 0;
}

int chain_follow(struct chain *chain, dc_name last, const uint8_t *bytes, uint32_t len,
                 dc_name *ret_id, bool *ret_ascending)
{
    dc_name before = last;

    for (unsigned step = 0; step < STEPS_MAX; step++) {
        dc_name next = link_of(chain, before);
        int order = next == DC_NAME_NONE ? 1 : compare(chain->names, next, bytes, len);
        if (order == 0) {
            *ret_id = next;
            *ret_ascending = true;
            return 0;
        }
        if (order > 0) /* it lies between the two, and could be linked there */
            return look_up(chain, last, before, true, bytes, len, ret_id, ret_ascending);
        before = next;
    }

    return look_up(chain, last, before, false, bytes, len, ret_id, ret_ascending);
}
