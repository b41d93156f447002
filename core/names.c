/*
 * Interned names: bytes in blocks that never move, entries by handle, and chains
 * of handles by hash. The table is only ever asked, never walked in an order that
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
}

void names_set_key(struct names *names, const struct keyed_key *key)
{
    PRE(names->len == 0, "names lie where the key put them");

    names->key = *key;
}

void names_release(struct names *names)
{
    struct names_block *block = names->blocks;

    while (block != NULL) {
        struct names_block *older = block->older;
        mem_free(names->mem, block, block_size(block->size));
        block = older;
    }
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
    for (dc_name name = 0; name < names->len; name++)
        chain_name(names, name);

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

    size_t cap = mem_grow(names->cap, names->len + 1, DC_NAMES_MAX);
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
    if (names->len == DC_NAMES_MAX)
        return DC_ELIMIT;

    /* Room for all three first: what follows cannot fail half-way. */
    rc = slots_reserve(names);
    if (rc == 0)
        rc = entries_reserve(names);
    if (rc == 0)
        rc = block_reserve(names, names_piece_len((uint32_t)len));
    if (rc < 0)
        return rc;

    names->entries[names->len] = (struct name_entry){
        .bytes = block_add(names->blocks, bytes, (uint32_t)len),
        .head = names_head(bytes, len),
        .len = (uint32_t)len,
        .hash = hash,
    };
    chain_name(names, names->len);
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
        names->len--;
    }
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
