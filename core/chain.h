/*
 * Which id comes after which: a guess, for reading states fast. All states of
 * a cluster hold nearly the same ids in the same order, so the id that follows
 * is nearly always known, and comparing its bytes is cheaper than hashing them.
 *
 * The links run upwards in byte order. They are checked on each use: a wrong
 * or a missing one costs time and never changes a result.
 */
#ifndef DC_CORE_CHAIN_H
#define DC_CORE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"

struct mem;
struct names;

struct chain {
    const struct mem *mem; /* borrowed */
    struct names *names;   /* borrowed */
    dc_name *next;         /* by handle + 1; 0 stands before all ids */
    uint32_t len;          /* links allocated */
};

void chain_init(struct chain *chain, const struct mem *mem, struct names *names);
void chain_release(struct chain *chain);

/*
 * The handle of the id that was read after @last (DC_NAME_NONE for the first);
 * new ids are interned. *ret_ascending is whether it lies above @last.
 * Returns 0, DC_ENOMEM or DC_ELIMIT.
 */
int chain_follow(struct chain *chain, dc_name last, const uint8_t *bytes, uint32_t len,
                 dc_name *ret_id, bool *ret_ascending);

#endif
