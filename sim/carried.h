/*
 * States that came in frames. Each node keeps its last push for as long as its
 * state stays the same, so a cluster of N nodes that agree would keep the same
 * state N times: equal ones are kept once, and counted by reference. They are
 * never changed.
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
    uint64_t digest; /* that came with it */
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

/*
 * @it, which came with @digest, is complete. Returns it, or an equal one that was
 * there before, with a reference in its place.
 */
struct carried *carried_settle(struct carried_pool *pool, struct carried *it, uint64_t digest);

/* One that is equal to @state, which has @digest, with a reference; NULL when none is known. */
struct carried *carried_find(struct carried_pool *pool, const struct pncounter *state,
                             uint64_t digest);

/* NULL is fine. */
void carried_unref(struct carried_pool *pool, struct carried *it);

#endif
