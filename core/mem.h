/*
 * Memory as an argument: whoever owns an object decides where its memory comes
 * from, so a test can make any single request fail and count what is live.
 */
#ifndef DC_CORE_MEM_H
#define DC_CORE_MEM_H

#include <stddef.h>

struct mem {
    /*
     * realloc() with the old size. @old is 0 and @ptr NULL for a new block;
     * @size 0 frees @ptr and returns NULL. Returns NULL when there is no memory,
     * and then @ptr is still valid and unchanged.
     */
    void *(*resize)(void *ctx, void *ptr, size_t old, size_t size);
    void *ctx;
};

/* Memory from malloc(). The returned object is constant and needs no release. */
const struct mem *mem_heap(void);

/* A new block of @size > 0 bytes, not cleared, or NULL. */
void *mem_alloc(const struct mem *mem, size_t size);

/* Frees @ptr of @size bytes; NULL is fine. */
void mem_free(const struct mem *mem, void *ptr, size_t size);

/* mem->resize() by its name. */
void *mem_resize(const struct mem *mem, void *ptr, size_t old, size_t size);

/*
 * The capacity to grow to when @needed elements must fit and @cap fit now:
 * at least doubled, never above @max. Requires needed <= max.
 */
size_t mem_grow(size_t cap, size_t needed, size_t max);

#endif
