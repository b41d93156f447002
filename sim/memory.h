/*
 * Memory of a node, as struct mem, that is looked at: how much of it is in use,
 * and whether anything was written behind the end of a block. Both are seen when
 * a block is resized or freed; a node that ends has to give back all of it. It can
 * run out by chance: what is given back, or made smaller, is never refused.
 */
#ifndef DC_SIM_MEMORY_H
#define DC_SIM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"
#include "sim/met.h"

struct choose;

struct memory {
    struct mem mem;  /* to be handed on; it points back here, so the object must not move */
    uint64_t in_use; /* bytes */
    bool spoilt;     /* a block was written to beyond its end, or its size was told wrong */

    uint64_t fail_ppb; /* chance that a request for more is refused */
    uint64_t refused;  /* requests so far */
    uint64_t requests; /* while fail_ppb was above 0 */
    uint32_t stmt;     /* whose doing that is; MET_NO_STMT: nobody's */

    struct choose *choose; /* borrowed */
    struct met *met;       /* borrowed, by statement */
    uint64_t key;          /* names the node */
    struct memory *of;     /* whose refusals these are: of memory that all nodes share */
};

/*
 * The heap of the process, for what the simulator keeps: it never refuses. Without memory
 * that is the end, in fatal_memory(), and no verdict.
 */
const struct mem *memory_heap(void);

/* Memory of the process, for what the simulator asks of core for itself: only counted. */
struct memory_own {
    struct mem mem;  /* as above */
    uint64_t in_use; /* bytes; 0 when all was given back with the size that it had */
};

void memory_init_own(struct memory_own *own);

/* @choose and @met outlive it. */
void memory_init(struct memory *memory, struct choose *choose, struct met *met, uint64_t key);

/* The same for what all nodes share; .of is the one that acts, NULL: nobody. */
void memory_init_shared(struct memory *memory);

/* From now on a request for more is refused with a chance of @ppb, by @stmt. */
void memory_fail(struct memory *memory, uint64_t ppb, uint32_t stmt);

/* None is refused any more. Returns whether one could have been. */
bool memory_ok(struct memory *memory);

#endif
