/* What follows each block has to stay as it is. */
#include "sim/memory.h"

#include <string.h>

#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/marks.h"
#include "sim/poison.h"

static const uint8_t guard[8] = {0xde, 0xad, 0xfa, 0x11, 0x0f, 0xf5, 0xb1, 0x0c};

/* A request for more: is it refused? */
static bool is_refused(struct memory *memory)
{
    uint64_t key;

    if (memory->of)
        memory = memory->of;
    if (memory->stmt == MET_NO_STMT)
        return false;
    met_add(memory->met, memory->stmt);
    key = key_with(memory->key, ++memory->requests);
    if (!choose_share(memory->choose, key, PURPOSE_MEMORY, memory->fail_ppb))
        return false;
    SIM_MARK(MEMORY_REFUSED);
    memory->refused++;
    return true;
}

/*
 * What was never written, and what was given back, is not to be relied on. Not the same
 * all over: one total less another of it must not come to nothing.
 */
static void spoil(uint8_t *bytes, size_t len)
{
    memset(bytes, 0xa5, len / 2);
    memset(bytes + len / 2, 0x5b, len - len / 2);
}

static void guard_put(uint8_t *at)
{
    memcpy(at, guard, sizeof(guard));
    poison(at, sizeof(guard));
}

static bool guard_is_whole(uint8_t *at)
{
    unpoison(at, sizeof(guard));
    return memcmp(at, guard, sizeof(guard)) == 0;
}

/* Nobody's doing: a node that met it would be judged for it, and so would whoever asks of one. */
static void *resize_or_end(void *ctx, void *ptr, size_t old, size_t size)
{
    const struct mem *heap = mem_heap();
    void *block = heap->resize(ctx, ptr, old, size);

    if (!block && size > 0)
        fatal_memory(size);
    return block;
}

const struct mem *memory_heap(void)
{
    static const struct mem heap = {.resize = resize_or_end};

    return &heap;
}

/* A block always moves, so that who still points to the old one is seen. */
static void *resize(void *ctx, void *ptr, size_t old, size_t size)
{
    const struct mem *heap = memory_heap();
    struct memory *memory = ctx;
    size_t kept = old < size ? old : size;
    uint8_t *block = NULL;

    if (size > old && is_refused(memory))
        return NULL;
    if (ptr && !guard_is_whole((uint8_t *)ptr + old))
        memory->spoilt = true;
    if (size > 0) {
        block = mem_alloc(heap, size + sizeof(guard));
        if (kept > 0)
            memcpy(block, ptr, kept);
        spoil(block + kept, size - kept);
        guard_put(block + size);
    }
    if (ptr) {
        spoil(ptr, old);
        mem_free(heap, ptr, old);
    }
    memory->in_use += size - old;
    return block;
}

static void *resize_own(void *ctx, void *ptr, size_t old, size_t size)
{
    const struct mem *heap = memory_heap();
    struct memory_own *own = ctx;
    void *block = heap->resize(heap->ctx, ptr, old, size);

    own->in_use += size - old;
    return block;
}

void memory_init_own(struct memory_own *own)
{
    *own = (struct memory_own){.mem = {.resize = resize_own, .ctx = own}};
}

void memory_init(struct memory *memory, struct choose *choose, struct met *met, uint64_t key)
{
    *memory = (struct memory){
        .mem = {.resize = resize, .ctx = memory},
        .stmt = MET_NO_STMT,
        .choose = choose,
        .met = met,
        .key = key,
    };
}

void memory_init_shared(struct memory *memory)
{
    memory_init(memory, NULL, NULL, 0);
}

void memory_fail(struct memory *memory, uint64_t ppb, uint32_t stmt)
{
    memory->fail_ppb = ppb;
    memory->stmt = stmt;
}

bool memory_ok(struct memory *memory)
{
    bool was = memory->stmt != MET_NO_STMT;

    memory->fail_ppb = 0;
    memory->stmt = MET_NO_STMT;
    return was;
}
