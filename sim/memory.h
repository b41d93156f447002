/*
 * Memory of a node, as struct mem, that is looked at: how much of it is in use,
 * and whether anything was written behind the end of a block. Both are seen when
 * a block is resized or freed; a node that ends has to give back all of it.
 */
#ifndef DC_SIM_MEMORY_H
#define DC_SIM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

struct memory {
    struct mem mem;  /* to be handed on; it points back here, so the object must not move */
    uint64_t in_use; /* bytes */
    bool spoilt;     /* a block was written to beyond its end, or its size was told wrong */
};

void memory_init(struct memory *memory);

#endif
