/*
 * Ids and addresses, each stored once: the rest of the node holds 4-byte
 * handles (dc_name). Handles are given in order of first sight, from 0, and
 * stay valid until the table is released. A name is any run of 0 to
 * DC_NAME_BYTES_MAX bytes: ids need not be text.
 *
 * One table serves all the nodes of a process. It holds no state of any node:
 * what a node does never depends on which handle a name got.
 */
#ifndef DC_CORE_NAMES_H
#define DC_CORE_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/contract.h"
#include "core/keyed.h"
#include "core/pack.h"
#include "core/types.h"

struct digest_form;
struct mem;

struct name_entry {
    const uint8_t *bytes; /* points into a block of the table */
    uint64_t head;        /* its first eight bytes as a number, zeros behind a short name */
    uint32_t len;
    uint32_t hash;
    uint32_t next; /* in the chain of its slot; handle + 1, 0 is its end */
};

/*
 * A name lies between what stands before and behind it where states are written,
 * so that writing an entry is one copy:
 *
 *     {"NodeID":  header of the string, the name  "Value": cf
 *
 * All of it is the piece of the canonical form (core/digest.h), header and name
 * the string of a frame (core/message.h). NAMES_COPY_BYTES bytes may be read
 * from the beginning of each, whatever its length.
 */
#define NAMES_BEFORE_BYTES 8u
#define NAMES_BEHIND_BYTES 7u
#define NAMES_COPY_BYTES 32u

#define NAMES_HEAD_BYTES 8u

/* The first eight bytes of a name, so that the order of heads is that of names. */
static inline uint64_t names_head(const uint8_t *bytes, size_t len)
{
    uint64_t head = 0;

    for (size_t i = 0; i < NAMES_HEAD_BYTES; i++)
        head = head << 8 | (i < len ? bytes[i] : 0);

    return head;
}

struct names {
    const struct mem *mem;
    struct keyed_key key;       /* of the hash */
    struct name_entry *entries; /* by handle */
    uint32_t len, cap;
    uint32_t *slots;            /* chains by hash; handle + 1 of the first, 0 is none */
    uint32_t slots_len;         /* a power of two above the number of names, or 0 */
    struct names_block *blocks; /* chain of byte blocks; bytes never move */
    struct digest_form *form;   /* what core/digest.c keeps; owned; NULL while there is no name */
};

/*
 * An empty table, whose key everybody knows. Cannot fail. @mem outlives it.
 *
 * That key is right for a simulator, and for a process that only meets friends. Where
 * strangers send frames, names_set_key() must follow: who knows the key can invent
 * names that make each lookup pass all the others.
 */
void names_init(struct names *names, const struct mem *mem);

/*
 * The key of a table that has no names yet: random bits (core/keyed.h), drawn anew for
 * each process, which nobody else ever learns. What core does never depends on it, so
 * it is no part of what a run is told by.
 */
void names_set_key(struct names *names, const struct keyed_key *key);

/* Frees everything and leaves @names zeroed. */
void names_release(struct names *names);

/*
 * The handle of @bytes, which is added if it is new.
 * Returns 0, DC_ENOMEM, or DC_ELIMIT (DC_NAMES_MAX, DC_NAME_BYTES_MAX); on
 * error the table is as before and *ret_name untouched.
 */
int names_intern(struct names *names, const void *bytes, size_t len, dc_name *ret_name);

/*
 * Takes back the names that came after the first @len: nobody must hold their
 * handles. For what a stranger sent and nobody wants.
 */
void names_forget(struct names *names, uint32_t len);

/* The handle of @bytes, or DC_NAME_NONE if it was never interned. */
dc_name names_find(const struct names *names, const void *bytes, size_t len);

/* The bytes of @name (not terminated) and their number. Valid as long as the table. */
const uint8_t *names_bytes(const struct names *names, dc_name name, uint32_t *ret_len);

/* Length of the piece of a name of @len bytes, and where that of @entry begins. */
static inline uint32_t names_piece_len(uint32_t len)
{
    return NAMES_BEFORE_BYTES + pack_str_head_len(len) + len + NAMES_BEHIND_BYTES;
}

static inline const uint8_t *names_piece(const struct name_entry *entry)
{
    return entry->bytes - pack_str_head_len(entry->len) - NAMES_BEFORE_BYTES;
}

/*
 * Copies @len bytes from the beginning of a piece or string. @at has room for
 * NAMES_COPY_BYTES, if @len is less. Returns the end of what counts.
 */
static inline uint8_t *names_copy(uint8_t *at, const uint8_t *from, size_t len)
{
    if (len <= NAMES_COPY_BYTES)
        memcpy(at, from, NAMES_COPY_BYTES); /* of a fixed length: two moves */
    else
        memcpy(at, from, len);
    return at + len;
}

/* The order of two names whose heads are equal. */
int names_compare_tails(const struct name_entry *a, const struct name_entry *b);

/*
 * memcmp order of the bytes, the shorter first when one begins the other: <0, 0,
 * >0. Inline for the names that differ within their heads, which most do.
 */
static inline int names_compare(const struct names *names, dc_name a, dc_name b)
{
    PRE(a < names->len, "a handle comes from its own table");
    PRE(b < names->len, "a handle comes from its own table");

    const struct name_entry *left = &names->entries[a];
    const struct name_entry *right = &names->entries[b];

    if (left->head != right->head)
        return left->head < right->head ? -1 : 1;
    return a == b ? 0 : names_compare_tails(left, right);
}

#endif
