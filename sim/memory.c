/* What follows each block has to stay as it is. */
#include "sim/memory.h"

#include <string.h>

static const uint8_t guard[8] = {0xde, 0xad, 0xfa, 0x11, 0x0f, 0xf5, 0xb1, 0x0c};

static void *resize(void *ctx, void *ptr, size_t old, size_t size)
{
    const struct mem *heap = mem_heap();
    struct memory *memory = ctx;
    uint8_t *block;

    if (ptr && memcmp((uint8_t *)ptr + old, guard, sizeof(guard)) != 0)
        memory->spoilt = true;
    if (size == 0) {
        memory->in_use -= old;
        return heap->resize(heap->ctx, ptr, old, 0);
    }
    block = heap->resize(heap->ctx, ptr, old, size + sizeof(guard));
    if (!block)
        return NULL;
    memcpy(block + size, guard, sizeof(guard));
    memory->in_use += size - old;
    return block;
}

void memory_init(struct memory *memory)
{
    *memory = (struct memory){.mem = {.resize = resize, .ctx = memory}};
}
