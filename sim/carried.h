/*
 * States that are kept as they once were: those that came in frames, and those
 * that nodes showed when they wrote. A cluster of N nodes that agree would keep the
 * same state N times: equal ones are kept once, and counted by reference. They
 * are never changed.
 */
#ifndef DC_SIM_CARRIED_H
#define DC_SIM_CARRIED_H

#include <stdint.h>

#include "core/pncounter.h"

struct mem;
struct names;

/* States that a new one is compared with: those that came last. */
#define CARRIED_RECENT 16u

struct carried {
    struct pncounter counter;
    uint64_t digest; /* or another sum, the same for equal states */
    uint32_t refs;   /* 0: on the free list, with its memory */
    struct carried *next_free;
};

struct carried_pool {
    const struct mem *mem;     /* borrowed */
    const struct names *names; /* borrowed */
    struct carried **list;     /* all there are; owned, they do not move */
    uint32_t len, cap;
    struct carried *free;
    struct carried *recent[CARRIED_RECENT]; /* no references; NULL: none */
    uint32_t turn;                          /* the next of them to be replaced */
};

void carried_init(struct carried_pool *pool, const struct mem *mem, const struct names *names);
void carried_release(struct carried_pool *pool);

/* An empty one with one reference, to be filled and then given to carried_settle(). */
struct carried *carried_new(struct carried_pool *pool);

/* One like @state, which has @digest, with a reference; NULL when there is no memory. */
struct carried *carried_copy(struct carried_pool *pool, const struct pncounter *state,
                             uint64_t digest);

/*
 * @it, which came with @digest, is complete. Returns it, or an equal one that was
 * there before, with a reference in its place.
 */
struct carried *carried_settle(struct carried_pool *pool, struct carried *it, uint64_t digest);

/* One more reference to @it; NULL is fine, and returned. */
struct carried *carried_ref(struct carried *it);

/* One that is equal to @state, which has @digest, with a reference; NULL when none is known. */
struct carried *carried_find(struct carried_pool *pool, const struct pncounter *state,
                             uint64_t digest);

/* NULL is fine. */
void carried_unref(struct carried_pool *pool, struct carried *it);

#endif
