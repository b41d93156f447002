/*
 * Interned names: bytes in blocks that only a sweep moves, entries by handle, and chains
 * of handles by hash. In the blocks, from the oldest to the newest, names lie in the order
 * of their handles. The table is only ever asked, never walked in an order that
 * could matter.
 *
 * Strangers invent names, so the hash has a key that they do not know. With that
 * and with chains the expected work of a lookup has a bound whatever the names
 * are: half another name, and the bytes of the name itself. (With open
 * addressing, where names of many hashes get into each other's way, it would take
 * more of the hash than is proved.) The key is the host's affair, because core
 * knows no randomness.
 */
#include "core/names.h"

#include <string.h>

#include "core/contract.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/pack.h"
#include "core/banned.h"

/* The first block is small, for tables of a few names; later ones are not. */
#define BLOCK_BYTES_MIN 1024u
#define BLOCK_BYTES_MAX 65536u
#define SLOTS_MIN 16u
#define ENTRIES_MIN 8u
/* Of the limit of a table, for each name that it may hold; at most half is entry and slots. */
#define BYTES_A_NAME 128u
/* So little is not worth a sweep. */
#define CROWD_NAMES 1024u
#define CROWD_BYTES BLOCK_BYTES_MAX

_Static_assert(sizeof(struct name_entry) <= 32, "an entry is half a cache line at most");
_Static_assert(DC_NAMES_BYTES_MAX / BYTES_A_NAME == DC_NAMES_MAX, "two words for one limit");

static const uint8_t before[NAMES_BEFORE_BYTES] = {0x82, 0xa6, 'N', 'o', 'd', 'e', 'I', 'D'};
static const uint8_t behind[NAMES_BEHIND_BYTES] = {0xa5, 'V', 'a', 'l', 'u', 'e', 0xcf};

struct names_block {
    struct names_block *older;
    uint32_t size; /* bytes behind this header, without NAMES_COPY_BYTES that are only read */
    uint32_t used;
};

static size_t block_size(uint32_t size)
{
    return sizeof(struct names_block) + size + NAMES_COPY_BYTES;
}

static uint8_t *block_bytes(struct names_block *block)
{
    return (uint8_t *)(block + 1);
}

void names_init(struct names *names, const struct mem *mem)
{
    *names = (struct names){.mem = mem};
    keyed_key_public(&names->key);
    names_set_limit(names, DC_NAMES_BYTES_MAX);
}

/*
 * Entries take a quarter at most, and while they move an eighth more; slots an eighth; and
 * blocks, of which any two neighbours hold more than one of them could, twice their pieces
 * and one block.
 */
void names_set_limit(struct names *names, size_t bytes)
{
    PRE(names->len == 0, "a limit is set before there is something to limit");
    PRE(bytes >= DC_NAMES_BYTES_MIN, "a table of some size");

    size_t len_max = bytes / BYTES_A_NAME;
    names->len_max = len_max < DC_NAMES_MAX ? (uint32_t)len_max : DC_NAMES_MAX;
    names->bytes_max = bytes / 64 * 15;
}

void names_set_key(struct names *names, const struct keyed_key *key)
{
    PRE(names->len == 0, "names lie where the key put them");

    names->key = *key;
}

static void blocks_free(struct names *names, struct names_block *block)
{
    while (block != NULL) {
        struct names_block *older = block->older;
        mem_free(names->mem, block, block_size(block->size));
        block = older;
    }
}

void names_release(struct names *names)
{
    blocks_free(names, names->blocks);
    if (names->entries != NULL)
        mem_free(names->mem, names->entries, names->cap * sizeof(*names->entries));
    if (names->slots != NULL)
        mem_free(names->mem, names->slots, names->slots_len * sizeof(*names->slots));
    digest_form_free(names->form);
    *names = (struct names){0};
}

static dc_name find(const struct names *names, uint32_t hash, const void *bytes, size_t len)
{
    if (names->slots_len == 0)
        return DC_NAME_NONE;

    uint32_t slot = names->slots[hash & (names->slots_len - 1)];
    while (slot != 0) {
        const struct name_entry *entry = &names->entries[slot - 1];
        if (entry->hash == hash && entry->len == len &&
            (len == 0 || memcmp(entry->bytes, bytes, len) == 0))
            return slot - 1;
        slot = entry->next;
    }

    return DC_NAME_NONE;
}

/* Puts @name in front of its chain: the newest of each comes first. */
static void chain_name(struct names *names, dc_name name)
{
    struct name_entry *entry = &names->entries[name];
    uint32_t *slot = &names->slots[entry->hash & (names->slots_len - 1)];

    entry->next = *slot;
    *slot = name + 1;
}

/* Into empty slots. */
static void chain_all(struct names *names)
{
    for (dc_name name = 0; name < names->len; name++)
        chain_name(names, name);
}

static int slots_reserve(struct names *names)
{
    if (names->slots_len / 2 > names->len)
        return 0;

    uint32_t slots_len = names->slots_len == 0 ? SLOTS_MIN : names->slots_len * 2;
    uint32_t *slots = mem_alloc(names->mem, slots_len * sizeof(*slots));
    if (slots == NULL)
        return DC_ENOMEM;
    memset(slots, 0, slots_len * sizeof(*slots));

    if (names->slots != NULL)
        mem_free(names->mem, names->slots, names->slots_len * sizeof(*slots));
    names->slots = slots;
    names->slots_len = slots_len;
    chain_all(names);

    return 0;
}

static int entries_reserve(struct names *names)
{
    if (names->len < names->cap)
        return 0;
    if (names->form == NULL)
        names->form = digest_form_new(names->mem);
    if (names->form == NULL)
        return DC_ENOMEM;

    size_t cap = mem_grow(names->cap, names->len + 1, names->len_max);
    struct name_entry *entries = mem_resize(names->mem, names->entries,
                                            names->cap * sizeof(*entries), cap * sizeof(*entries));
    if (entries == NULL)
        return DC_ENOMEM;
    names->entries = entries;
    names->cap = (uint32_t)cap;

    return 0;
}

/* Makes the newest block one that has room for @len bytes. */
static int block_reserve(struct names *names, uint32_t len)
{
    struct names_block *block = names->blocks;

    if (block != NULL && block->size - block->used >= len)
        return 0;

    uint32_t size = block == NULL ? BLOCK_BYTES_MIN : block->size * 2;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    if (size < len)
        size = len;
    block = mem_alloc(names->mem, block_size(size));
    if (block == NULL)
        return DC_ENOMEM;
    *block = (struct names_block){.older = names->blocks, .size = size};
    memset(block_bytes(block) + size, 0, NAMES_COPY_BYTES);
    names->blocks = block;

    return 0;
}

/* Writes the piece of a name, for which there is room. Returns where the name is. */
static const uint8_t *block_add(struct names_block *block, const void *bytes, uint32_t len)
{
    uint8_t *at = block_bytes(block) + block->used;

    memcpy(at, before, sizeof(before));
    uint8_t *copy = pack_str_head(at + sizeof(before), len);
    if (len > 0)
        memcpy(copy, bytes, len);
    memcpy(copy + len, behind, sizeof(behind));
    block->used += names_piece_len(len);

    return copy;
}

int names_intern(struct names *names, const void *bytes, size_t len, dc_name *ret_name)
{
    int rc;

    if (len > DC_NAME_BYTES_MAX) {
        MARK(NAMES_LONG);
        return DC_ELIMIT;
    }

    uint32_t hash = keyed_hash(&names->key, bytes, len);
    dc_name known = find(names, hash, bytes, len);
    if (known != DC_NAME_NONE) {
        *ret_name = known;
        return 0;
    }
    uint32_t piece_len = names_piece_len((uint32_t)len);
    if (names->len == names->len_max || piece_len > names->bytes_max - names->bytes) {
        MARK(NAMES_FULL);
        return DC_ELIMIT;
    }

    /* Room for all three first: what follows cannot fail half-way. */
    rc = slots_reserve(names);
    if (rc == 0)
        rc = entries_reserve(names);
    if (rc == 0)
        rc = block_reserve(names, piece_len);
    if (rc < 0)
        return rc;

    names->entries[names->len] = (struct name_entry){
        .bytes = block_add(names->blocks, bytes, (uint32_t)len),
        .head = names_head(bytes, len),
        .len = (uint32_t)len,
        .hash = hash,
    };
    chain_name(names, names->len);
    names->bytes += piece_len;
    *ret_name = names->len++;

    return 0;
}

void names_forget(struct names *names, uint32_t len)
{
    PRE(len <= names->len, "what is taken back was there");

    digest_form_forget(names->form); /* their handles will be given again */
    while (names->len > len) {
        const struct name_entry *entry = &names->entries[names->len - 1];
        struct names_block *block = names->blocks;
        uint32_t *slot = &names->slots[entry->hash & (names->slots_len - 1)];

        INVARIANT(*slot == names->len, "the newest name is the first of its chain");
        *slot = entry->next;
        if (block->used == 0) { /* its bytes are in the block before */
            MARK(NAMES_BLOCK_BACK);
            names->blocks = block->older;
            mem_free(names->mem, block, block_size(block->size));
            block = names->blocks;
        }
        block->used -= names_piece_len(entry->len);
        names->bytes -= names_piece_len(entry->len);
        names->len--;
    }
}

/* ---- giving back ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool names_crowded(const struct names *names)
{
    size_t len = smaller(names->len_swept + CROWD_NAMES, names->len_max / 32);
    size_t bytes = smaller(names->bytes_swept + CROWD_BYTES, names->bytes_max / 32);

    return names->len > names->len_swept + len || names->bytes > names->bytes_swept + bytes;
}

void names_show(struct names_sweep *sweep, dc_name *held)
{
    if (*held == DC_NAME_NONE)
        return;
    PRE(*held < sweep->names->len, "a handle comes from its own table");

    struct name_entry *entry = &sweep->names->entries[*held];
    if (!sweep->moves) {
        entry->moved = 1;
        return;
    }
    PRE(entry->moved > 0, "who holds a name shows it both times");
    *held = entry->moved - 1;
}

/* The handles that those have behind the sweep that somebody holds. */
static void number(struct names *names)
{
    uint32_t len = 0;

    for (dc_name name = 0; name < names->len; name++)
        if (names->entries[name].moved > 0)
            names->entries[name].moved = ++len;
}

/* The same blocks in the other order. */
static struct names_block *turned(struct names_block *block)
{
    struct names_block *last = NULL;

    while (block != NULL) {
        struct names_block *older = block->older;
        block->older = last;
        last = block;
        block = older;
    }

    return last;
}

/*
 * Moves @entry to the end of what is used of @block, or of the first behind it with room
 * for it: at the latest that is the block where it is, and there nothing behind it was
 * written. Blocks are turned. Returns the block where it is now.
 */
static struct names_block *slide(struct names_block *block, struct name_entry *entry)
{
    uint32_t len = names_piece_len(entry->len);
    const uint8_t *piece = names_piece(entry);

    while (block->size - block->used < len) {
        block = block->older;
        block->used = 0;
    }
    uint8_t *at = block_bytes(block) + block->used;
    size_t before_len = (size_t)(entry->bytes - piece);
    memmove(at, piece, len);
    entry->bytes = at + before_len;
    block->used += len;

    return block;
}

/* Names that are held move up, entries and bytes. The rest of the blocks goes. */
static void compact(struct names *names)
{
    struct names_block *first = turned(names->blocks), *block = first;
    uint32_t len = 0;
    size_t bytes = 0;

    if (first != NULL)
        first->used = 0;
    for (dc_name name = 0; name < names->len; name++) {
        struct name_entry *entry = &names->entries[name];
        if (entry->moved == 0)
            continue;
        block = slide(block, entry);
        bytes += names_piece_len(entry->len);
        entry->moved = 0;
        names->entries[len++] = *entry;
    }
    names->len = len;
    names->bytes = bytes;
    if (len == 0) {
        blocks_free(names, first);
        names->blocks = NULL;
        return;
    }
    blocks_free(names, block->older);
    block->older = NULL;
    names->blocks = turned(first);
}

/* Entries and slots that many names have left behind. Who has no memory for less keeps more. */
static void shrink(struct names *names)
{
    size_t cap = (size_t)names->len * 2 > ENTRIES_MIN ? (size_t)names->len * 2 : ENTRIES_MIN;
    uint32_t slots_len = names->slots_len;

    if (cap <= names->cap / 2) {
        struct name_entry *entries = mem_resize(
            names->mem, names->entries, names->cap * sizeof(*entries), cap * sizeof(*entries));
        names->entries = entries != NULL ? entries : names->entries;
        names->cap = entries != NULL ? (uint32_t)cap : names->cap;
    }
    while (slots_len > SLOTS_MIN && slots_len / 8 > names->len)
        slots_len /= 2;
    if (slots_len < names->slots_len) {
        uint32_t *slots = mem_resize(names->mem, names->slots, names->slots_len * sizeof(*slots),
                                     slots_len * sizeof(*slots));
        names->slots = slots != NULL ? slots : names->slots;
        names->slots_len = slots != NULL ? slots_len : names->slots_len;
    }
}

void names_sweep(struct names *names, names_holders *holders, void *ctx)
{
    struct names_sweep sweep = {.names = names};

    holders(ctx, &sweep);
    number(names);
    sweep.moves = true;
    holders(ctx, &sweep);
    if (names->len > 0) {
        uint32_t len = names->len;
        compact(names);
        shrink(names);
        memset(names->slots, 0, names->slots_len * sizeof(*names->slots));
        chain_all(names);
        if (names->len < len)
            MARK(NAMES_SWEPT);
    }
    names->len_swept = names->len;
    names->bytes_swept = names->bytes;
    names->sweeps++;
    digest_form_forget(names->form);
}

dc_name names_find(const struct names *names, const void *bytes, size_t len)
{
    if (names->len == 0 || len > DC_NAME_BYTES_MAX)
        return DC_NAME_NONE;

    return find(names, keyed_hash(&names->key, bytes, len), bytes, len);
}

const uint8_t *names_bytes(const struct names *names, dc_name name, uint32_t *ret_len)
{
    PRE(name < names->len, "a handle comes from its own table");

    *ret_len = names->entries[name].len;
    return names->entries[name].bytes;
}

int names_compare_tails(const struct name_entry *a, const struct name_entry *b)
{
    uint32_t shorter = a->len < b->len ? a->len : b->len;

    if (shorter > NAMES_HEAD_BYTES) {
        int order = memcmp(a->bytes + NAMES_HEAD_BYTES, b->bytes + NAMES_HEAD_BYTES,
                           shorter - NAMES_HEAD_BYTES);
        if (order != 0)
            return order;
    }

    /* Equal so far (behind the end of a short one there are zeros), so one begins the other. */
    return (a->len > b->len) - (a->len < b->len);
}
