/*
 * Which id comes after which: a guess, for reading states fast. All states of
 * a cluster hold nearly the same ids in the same order, so the id that follows
 * is nearly always known, and comparing it is cheaper than hashing it.
 *
 * The links run upwards in byte order. They are checked on each use: a wrong
 * or a missing one costs time and never changes a result.
 */
#ifndef DC_CORE_CHAIN_H
#define DC_CORE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/names.h"
#include "core/types.h"

struct mem;

/*
 * One id. The copies of its beginning save the way to its bytes: as a number, to
 * tell the order, and as the eight bytes that begin with the header of its string
 * in a frame, to recognise it in one comparison.
 */
struct chain_link {
    uint64_t head; /* its first eight bytes as a number, zeros behind a short id */
    uint64_t wire; /* in the order of memory; zeros behind the id */
    uint64_t mask; /* which bits of those eight bytes are of the id; 0: it is too long for that */
    uint32_t len;  /* of the whole id */
    dc_name next;  /* the id after it, or DC_NAME_NONE */
};

struct chain {
    const struct mem *mem;    /* borrowed */
    struct names *names;      /* borrowed */
    struct chain_link *links; /* owned; by handle + 1, and 0 stands before all ids */
    uint32_t *changed;        /* in the block of links: those of older ids that lead to new ones */
    uint32_t len;             /* links in use */
    uint32_t cap;             /* of both */
    uint32_t changed_len;     /* above cap: more than could be written down */
    uint32_t sweeps;          /* of names, when the links were made */
    uint32_t first_new;       /* handle of the first id since chain_keep(); UINT32_MAX: none */
};

void chain_init(struct chain *chain, const struct mem *mem, struct names *names);
void chain_release(struct chain *chain);

/* Forgets all links. */
void chain_restart(struct chain *chain);

/* Before the first id of a frame: links from before a sweep lead to other names. */
static inline void chain_begin(struct chain *chain)
{
    if (chain->sweeps != chain->names->sweeps)
        chain_restart(chain);
}

/* The names that came are there to stay. */
void chain_keep(struct chain *chain);

/*
 * The names that came after the first @len, all of them since chain_keep(), are taken
 * back (names_forget()). Takes no longer than it took to follow them, however many ids
 * there are.
 */
void chain_forget(struct chain *chain, uint32_t len);

/* Ids that chain_guess() knows have at most as many bytes. */
#define CHAIN_GUESS_BYTES 7u

/*
 * The id after @last, if it is what stands at @string: the header of a short
 * string and the string, eight bytes of which may be read whatever it is.
 * DC_NAME_NONE when it is another one, or cannot be told.
 */
static inline dc_name chain_guess(const struct chain *chain, dc_name last, const uint8_t *string)
{
    uint32_t at = last + 1; /* DC_NAME_NONE + 1 is 0 */
    dc_name next = at < chain->len ? chain->links[at].next : DC_NAME_NONE;
    uint64_t bytes;

    if (next == DC_NAME_NONE)
        return DC_NAME_NONE;
    const struct chain_link *link = &chain->links[next + 1];
    memcpy(&bytes, string, sizeof(bytes));
    return link->mask != 0 && (bytes & link->mask) == link->wire ? next : DC_NAME_NONE;
}

/*
 * The handle of the id at @bytes that was read after @last (DC_NAME_NONE for
 * the first); new ids are interned. @bytes may be read up to @end, for speed
 * and without meaning. *ret_ascending is whether the id lies above @last.
 * Returns 0, DC_ENOMEM or DC_ELIMIT.
 */
int chain_follow(struct chain *chain, dc_name last, const uint8_t *bytes, uint32_t len,
                 const uint8_t *end, dc_name *ret_id, bool *ret_ascending);

#endif
