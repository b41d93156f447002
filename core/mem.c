/*
 * The allocator of the process, and the few things all allocators share. The
 * only file of core that knows malloc().
 */
#include "core/mem.h"

#include <stdlib.h>

#include "core/contract.h"
#include "core/banned.h"

/* Small enough to cost nothing, large enough that small tables grow once. */
#define GROW_MIN 8u

static void *heap_resize(void *ctx, void *ptr, size_t old, size_t size)
{
    (void)ctx;
    (void)old;
    if (size == 0) {
        /* realloc(ptr, 0) may or may not free: say it. */
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

const struct mem *mem_heap(void)
{
    static const struct mem heap = {.resize = heap_resize, .ctx = NULL};

    return &heap;
}

void *mem_alloc(const struct mem *mem, size_t size)
{
    PRE(size > 0, "an allocation of no bytes");

    return mem->resize(mem->ctx, NULL, 0, size);
}

void mem_free(const struct mem *mem, void *ptr, size_t size)
{
    if (ptr != NULL)
        (void)mem->resize(mem->ctx, ptr, size, 0);
}

void *mem_resize(const struct mem *mem, void *ptr, size_t old, size_t size)
{
    PRE((ptr == NULL) == (old == 0), "the old size belongs to the pointer");

    return mem->resize(mem->ctx, ptr, old, size);
}

size_t mem_grow(size_t cap, size_t needed, size_t max)
{
    PRE(needed <= max, "more was asked for than the limit allows");

    /* In this order nothing can overflow, whatever max is. */
    size_t doubled = cap > max / 2 ? max : cap * 2;
    if (doubled < GROW_MIN)
        doubled = GROW_MIN < max ? GROW_MIN : max;

    return doubled > needed ? doubled : needed;
}
