/*
 * Ids and addresses, each stored once: the rest of the node holds 4-byte
 * handles (dc_name). Handles are given in order of first sight, from 0, and
 * stay valid until the table is swept or released. A name is any run of 0 to
 * DC_NAME_BYTES_MAX bytes: ids need not be text.
 *
 * Strangers invent names, so a table has a limit in bytes, and a host that meets
 * strangers gives back what nobody holds (names_sweep()). What is left moves up: there
 * are no gaps, and handles keep their order.
 *
 *   a name      32 bytes, 8 to 16 of slots, and its piece (below), which lies in a
 *               block that is at least half full with its neighbour
 *   the limit   one name for each 128 bytes of it, at most DC_NAMES_MAX, and 15/64 of it
 *               for pieces. So all that the table holds, also while it grows, stays
 *               within the limit, and what fits does not depend on the order in which
 *               it came. Only the form of core/digest.h is not counted.
 *   shares      what strangers send may fill the table up to a share (enum names_share).
 *               The last sixteenth is for what the host names, and for new ids of its own
 *               nodes.
 *
 * One table serves all the nodes of a process. It holds no state of any node:
 * what a node does never depends on which handle a name got.
 */
#ifndef DC_CORE_NAMES_H
#define DC_CORE_NAMES_H

#include <stdbool.h>
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
    uint32_t next;  /* in the chain of its slot; handle + 1, 0 is its end */
    uint32_t moved; /* in a sweep: its handle behind it, + 1; else, and if nobody holds it, 0 */
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
    uint32_t len, cap, len_max;
    uint32_t sweeps;         /* how often it was swept: handles from before mean nothing */
    uint32_t len_swept;      /* len behind the last sweep */
    size_t bytes, bytes_max; /* of all pieces */
    size_t bytes_swept;
    uint32_t *slots;            /* chains by hash; handle + 1 of the first, 0 is none */
    uint32_t slots_len;         /* a power of two above the number of names, or 0 */
    struct names_block *blocks; /* chain of byte blocks; only a sweep moves bytes */
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

/*
 * How many bytes the table may take, DC_NAMES_BYTES_MIN at least. Before the first name. A
 * node that starts again needs no less than before: its log brings the names back.
 */
void names_set_limit(struct names *names, size_t bytes);

/* Frees everything and leaves @names zeroed. */
void names_release(struct names *names);

/*
 * The handle of @bytes, which is added if it is new.
 * Returns 0, DC_ENOMEM, or DC_ELIMIT (that of the table, DC_NAME_BYTES_MAX); on
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

/*
 * How full a table may be, in sixteenths, for a new name of a stranger to find room. What is
 * least worth comes first: who tells of a thousand addresses shuts out no count, and who
 * sends a thousand counts nobody who asks.
 */
enum names_share {
    NAMES_OF_CLAIMS = 8,   /* addresses that others tell of */
    NAMES_OF_STATES = 14,  /* ids of counts */
    NAMES_OF_SOURCES = 15, /* addresses that a host has a message from */
};

/* Is there room? Who is to intern a name of a stranger asks before. */
static inline bool names_has_room(const struct names *names, enum names_share share)
{
    return names->len < names->len_max / 16 * (uint32_t)share &&
           names->bytes < names->bytes_max / 16 * (size_t)share;
}

/* ---- giving back ---- */

struct names_sweep {
    struct names *names;
    bool moves; /* the second time: handles are put right */
};

/* Shows all variables with handles of the table, each once, through names_show(). */
typedef void names_holders(void *ctx, struct names_sweep *sweep);

/*
 * Somebody holds *held, which may be DC_NAME_NONE. It is another number behind the sweep,
 * if names before it went.
 */
void names_show(struct names_sweep *sweep, dc_name *held);

/*
 * Gives back all names that @holders does not show. It is called twice, and must show the
 * same; a variable that is left out afterwards holds some other name, or none. For a node
 * there is node_show_names(). Between two events of all nodes, while no message is
 * decoded: what message_decode() gave is void. A codec (core/message.h) and the digests
 * see to themselves.
 *
 * O(names and their bytes). Cannot fail, needs no memory, gives some back. The order of
 * handles stays, so what is sorted by it is still; a name that was given back and comes again
 * is the last. Pointers to bytes of names are void.
 */
void names_sweep(struct names *names, names_holders *holders, void *ctx);

/*
 * Is it time to? When as much came since the last sweep as was left by that, or 1/32 of the
 * limit: so a sweep costs a name that comes no more than a constant, and what nobody holds
 * takes no more than 1/32 of the limit, and what one message brought.
 */
bool names_crowded(const struct names *names);

/*
 * The bytes of @name (not terminated) and their number. Valid until the table is swept or
 * released.
 */
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
