/* A pool of states; what comes back keeps its memory for the next. */
#include "sim/carried.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

void carried_init(struct carried_pool *pool, const struct mem *mem, const struct names *names)
{
    *pool = (struct carried_pool){.mem = mem, .names = names};
}

void carried_release(struct carried_pool *pool)
{
    for (uint32_t i = 0; i < pool->len; i++) {
        pncounter_release(&pool->list[i]->counter);
        free(pool->list[i]);
    }
    free(pool->list);
    *pool = (struct carried_pool){0};
}

struct carried *carried_new(struct carried_pool *pool)
{
    struct carried *it = pool->free;

    if (it) {
        pool->free = it->next_free;
        pncounter_clear(&it->counter);
    } else {
        if (pool->len == pool->cap) {
            pool->cap = pool->cap ? pool->cap * 2 : 16;
            pool->list = fatal_realloc_array(pool->list, pool->cap, sizeof(struct carried *));
        }
        it = fatal_calloc(1, sizeof(*it));
        pncounter_init(&it->counter, pool->mem, pool->names);
        pool->list[pool->len++] = it;
    }
    it->refs = 1;
    return it;
}

struct carried *carried_find(struct carried_pool *pool, const struct pncounter *state,
                             uint64_t digest)
{
    for (uint32_t i = 0; i < CARRIED_RECENT; i++) {
        struct carried *it = pool->recent[i];

        /* Two states may have one digest: that is for the checks to find. */
        if (!it || it->digest != digest ||
            pncounter_compare(&it->counter, state) != PNCOUNTER_EQUAL)
            continue;
        it->refs++;
        return it;
    }
    return NULL;
}

struct carried *carried_settle(struct carried_pool *pool, struct carried *it, uint64_t digest)
{
    struct carried *known = carried_find(pool, &it->counter, digest);

    if (known) {
        carried_unref(pool, it);
        return known;
    }
    it->digest = digest;
    pool->recent[pool->turn] = it;
    pool->turn = (pool->turn + 1) % CARRIED_RECENT;
    return it;
}

struct carried *carried_copy(struct carried_pool *pool, const struct pncounter *state,
                             uint64_t digest)
{
    struct carried *it = carried_find(pool, state, digest);

    if (it)
        return it;
    it = carried_new(pool);
    if (pncounter_copy(&it->counter, state) == 0)
        return carried_settle(pool, it, digest);
    carried_unref(pool, it);
    return NULL;
}

struct carried *carried_ref(struct carried *it)
{
    if (it)
        it->refs++;
    return it;
}

void carried_unref(struct carried_pool *pool, struct carried *it)
{
    if (!it)
        return;
    PRE(it->refs > 0, "the state is in use");
    if (--it->refs > 0)
        return;
    for (uint32_t i = 0; i < CARRIED_RECENT; i++)
        if (pool->recent[i] == it)
            pool->recent[i] = NULL;
    it->next_free = pool->free;
    pool->free = it;
}
