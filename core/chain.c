/*
 * A sorted list through the interned ids, grown by what frames bring.
 */
#include "core/chain.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pack.h"
#include "core/banned.h"

/*
 * How many ids that others know, but this state lacks, are passed before the
 * hash table is asked, which costs as much as some eight steps.
 */
#define STEPS_MAX 8u
#define LINKS_MAX ((size_t)DC_NAMES_MAX + 1)

void chain_init(struct chain *chain, const struct mem *mem, struct names *names)
{
    *chain = (struct chain){
        .mem = mem, .names = names, .sweeps = names->sweeps, .first_new = UINT32_MAX};
}

/* Links, and as many numbers of links. */
static size_t block_bytes(size_t cap)
{
    return cap * (sizeof(struct chain_link) + sizeof(uint32_t));
}

void chain_release(struct chain *chain)
{
    if (chain->links != NULL)
        mem_free(chain->mem, chain->links, block_bytes(chain->cap));
    *chain = (struct chain){0};
}

void chain_restart(struct chain *chain)
{
    const struct mem *mem = chain->mem;
    struct names *names = chain->names;

    MARK(CHAIN_RESTARTED);
    chain_release(chain);
    chain_init(chain, mem, names);
}

/* The same, in one load where the bytes behind the id may be read as well. */
static uint64_t head_before(const uint8_t *bytes, uint32_t len, const uint8_t *end)
{
    if ((size_t)(end - bytes) < NAMES_HEAD_BYTES || len == 0)
        return names_head(bytes, len);

    uint64_t head = (uint64_t)bytes[0] << 56 | (uint64_t)bytes[1] << 48 | (uint64_t)bytes[2] << 40 |
                    (uint64_t)bytes[3] << 32 | (uint64_t)bytes[4] << 24 | (uint64_t)bytes[5] << 16 |
                    (uint64_t)bytes[6] << 8 | (uint64_t)bytes[7];
    if (len < NAMES_HEAD_BYTES)
        head &= UINT64_MAX << (8 * (NAMES_HEAD_BYTES - len));

    return head;
}

/* Order of a linked id and one that was read. */
static int compare(const struct chain *chain, dc_name id, uint64_t head, const uint8_t *bytes,
                   uint32_t len)
{
    const struct chain_link *link = &chain->links[id + 1];

    if (link->head != head)
        return link->head < head ? -1 : 1;
    if (link->len > NAMES_HEAD_BYTES && len > NAMES_HEAD_BYTES) {
        uint32_t shorter = link->len < len ? link->len : len;
        int order = memcmp(chain->names->entries[id].bytes + NAMES_HEAD_BYTES,
                           bytes + NAMES_HEAD_BYTES, shorter - NAMES_HEAD_BYTES);
        if (order != 0)
            return order;
    }

    /* Equal so far, so one begins the other. */
    return (link->len > len) - (link->len < len);
}

static dc_name next_of(const struct chain *chain, dc_name id)
{
    uint32_t at = id + 1; /* DC_NAME_NONE + 1 is 0 */

    return at < chain->len ? chain->links[at].next : DC_NAME_NONE;
}

/* How a short id stands in a frame; through memory, so that the order of bytes is the machine's. */
static void set_wire(struct chain_link *link, const uint8_t *bytes)
{
    uint8_t wire[sizeof(link->wire)] = {0};
    uint8_t mask[sizeof(link->mask)] = {0};

    uint8_t *id = pack_str_head(wire, link->len);
    if (link->len > 0)
        memcpy(id, bytes, link->len);
    memset(mask, 0xff, 1 + link->len);
    memcpy(&link->wire, wire, sizeof(wire));
    memcpy(&link->mask, mask, sizeof(mask));
}

static int links_reserve(struct chain *chain, uint32_t needed)
{
    if (needed <= chain->cap)
        return 0;

    size_t cap = mem_grow(chain->cap, needed, LINKS_MAX);
    struct chain_link *links =
        mem_resize(chain->mem, chain->links, block_bytes(chain->cap), block_bytes(cap));
    if (links == NULL)
        return DC_ENOMEM;
    /* They stand behind as many links as there may be now. */
    uint32_t *changed = (uint32_t *)(void *)(links + cap);
    if (chain->cap > 0)
        memmove(changed, links + chain->cap, chain->cap * sizeof(*changed));
    if (chain->changed_len > chain->cap)
        chain->changed_len = UINT32_MAX; /* some are missing, wherever the end is */
    chain->links = links;
    chain->changed = changed;
    chain->cap = (uint32_t)cap;

    return 0;
}

/* Makes a link, to nothing yet, for every id that there is. */
static int links_extend(struct chain *chain)
{
    uint32_t needed = chain->names->len + 1;
    int rc = links_reserve(chain, needed);

    if (rc < 0)
        return rc;
    if (chain->len == 0)
        chain->links[chain->len++] = (struct chain_link){.next = DC_NAME_NONE};
    for (; chain->len < needed; chain->len++) {
        uint32_t len;
        const uint8_t *bytes = names_bytes(chain->names, chain->len - 1, &len);
        chain->links[chain->len] =
            (struct chain_link){.head = names_head(bytes, len), .len = len, .next = DC_NAME_NONE};
        if (len <= CHAIN_GUESS_BYTES)
            set_wire(&chain->links[chain->len], bytes);
    }

    return 0;
}

void chain_keep(struct chain *chain)
{
    chain->changed_len = 0;
    chain->first_new = UINT32_MAX;
}

/* Leads to nothing if it led to an id that is taken back: the next lookup finds another. */
static void cut(struct chain *chain, uint32_t link, uint32_t len)
{
    dc_name *next = &chain->links[link].next;

    if (*next != DC_NAME_NONE && *next >= len)
        *next = DC_NAME_NONE;
}

void chain_forget(struct chain *chain, uint32_t len)
{
    INVARIANT(chain->len <= len + 1 || chain->first_new >= len, "what stays was kept");

    MARK(CHAIN_FORGOTTEN);
    if (chain->len > len + 1)
        chain->len = len + 1;
    if (chain->changed_len <= chain->cap) {
        for (uint32_t i = 0; i < chain->changed_len; i++)
            cut(chain, chain->changed[i], len);
    } else { /* there are fewer links than ids that were read */
        for (uint32_t i = 0; i < chain->len; i++)
            cut(chain, i, len);
    }
    chain_keep(chain);
}

/* The link at @link leads to @next from now on. */
static void lead(struct chain *chain, uint32_t link, dc_name next)
{
    bool is_new = next != DC_NAME_NONE && next >= chain->first_new;

    chain->links[link].next = next;
    if (!is_new || link > chain->first_new || chain->changed_len > chain->cap)
        return; /* links of what is new go with it */
    if (chain->changed_len < chain->cap)
        chain->changed[chain->changed_len] = link;
    chain->changed_len++;
}

/* Puts @id between @before and @after, where @after is the first above it. */
static void insert(struct chain *chain, dc_name before, dc_name id, dc_name after)
{
    dc_name next = chain->links[id + 1].next;

    lead(chain, before + 1, id);
    /* It may be on a stretch of its own: the nearer of two successors stays. */
    if (next == DC_NAME_NONE ||
        (after != DC_NAME_NONE && names_compare(chain->names, after, next) < 0))
        lead(chain, id + 1, after);
}

/*
 * The guess did not lead to it: ask the table. If it lies in the gap behind
 * @before, remember that for the next time.
 */
static int look_up(struct chain *chain, dc_name last, dc_name before, bool gap,
                   const uint8_t *bytes, uint32_t len, dc_name *ret_id, bool *ret_ascending)
{
    dc_name id;
    uint32_t known = chain->names->len;
    int rc = names_intern(chain->names, bytes, len, &id);
    if (chain->names->len > known && chain->first_new == UINT32_MAX)
        chain->first_new = known;
    if (rc == 0)
        rc = links_extend(chain);
    if (rc < 0)
        return rc;

    bool ascending = last == DC_NAME_NONE || names_compare(chain->names, last, id) < 0;
    if (ascending && gap)
        insert(chain, before, id, next_of(chain, before));
    *ret_id = id;
    *ret_ascending = ascending;

    return 0;
}

int chain_follow(struct chain *chain, dc_name last, const uint8_t *bytes, uint32_t len,
                 const uint8_t *end, dc_name *ret_id, bool *ret_ascending)
{
    uint64_t head = head_before(bytes, len, end);
    dc_name before = last;

    for (unsigned step = 0; step < STEPS_MAX; step++) {
        dc_name next = next_of(chain, before);
        int order = next == DC_NAME_NONE ? 1 : compare(chain, next, head, bytes, len);
        if (order == 0) {
            *ret_id = next;
            *ret_ascending = true;
            return 0;
        }
        if (order > 0)
            return look_up(chain, last, before, true, bytes, len, ret_id, ret_ascending);
        before = next;
    }

    MARK(CHAIN_FAR);
    return look_up(chain, last, before, false, bytes, len, ret_id, ret_ascending);
}
