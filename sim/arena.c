/* Memory that lives and dies together: a list of blocks, each cut from the front. */
#include "sim/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

/* Small enough to be cheap for a scenario of ten lines, and a page run for malloc. */
#define ARENA_BLOCK_BYTES ((size_t)16 << 10)
/* What is larger than this gets a block of its own, so that no block is left half empty. */
#define ARENA_LARGE_BYTES (ARENA_BLOCK_BYTES / 4)

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* of bytes[] */
    alignas(max_align_t) unsigned char bytes[];
};

void arena_release(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (struct arena){0};
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block;

    if (size > SIZE_MAX - sizeof(*block))
        fatal("no memory for %zu bytes", size);
    block = fatal_calloc(1, sizeof(*block) + size);
    block->size = size;
    return block;
}

/* The first block is the one that is cut from; a large one goes behind it. */
static struct arena_block *block_for(struct arena *arena, size_t size)
{
    struct arena_block *first = arena->blocks, *block;

    if (first && size <= first->size - first->used)
        return first;
    block = block_new(size > ARENA_LARGE_BYTES ? size : ARENA_BLOCK_BYTES);
    if (first && size > ARENA_LARGE_BYTES) {
        block->next = first->next;
        first->next = block;
    } else {
        block->next = first;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct arena_block *block;
    void *memory;

    if (size > SIZE_MAX - align)
        fatal("no memory for %zu bytes", size);
    size = size == 0 ? align : (size + align - 1) / align * align;
    block = block_for(arena, size);
    memory = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return memory;
}

char *arena_text(struct arena *arena, const char *bytes, size_t len)
{
    char *copy;

    if (len == SIZE_MAX)
        fatal("no memory for a text");
    copy = arena_alloc(arena, len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

void *arena_grow(struct arena *arena, void *array, size_t len, size_t *cap, size_t size)
{
    size_t more = *cap < 8 ? 8 : *cap * 2;
    void *moved;

    if (len < *cap)
        return array;
    if (more <= len || more > SIZE_MAX / size)
        fatal("no memory for %zu times %zu bytes", more, size);
    moved = arena_alloc(arena, more * size);
    if (len > 0)
        memcpy(moved, array, len * size);
    *cap = more;
    return moved;
}
