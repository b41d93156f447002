/*
 * Memory that lives and dies together: what belongs to one parsed scenario.
 * Blocks are cleared; nothing is freed one by one.
 */
#ifndef DC_SIM_ARENA_H
#define DC_SIM_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *blocks; /* newest first; owned */
    size_t used;                /* bytes handed out, for limits */
};

/* A zeroed struct arena is empty and ready. Frees all and leaves it zeroed. */
void arena_release(struct arena *arena);

/*
 * @size zeroed bytes, aligned for any type. When there is no memory the process
 * ends with a clear message and exit code 3: the simulator, unlike the node,
 * has nothing better to do (see sim/fatal.h).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* A terminated copy of @len bytes. */
char *arena_text(struct arena *arena, const char *bytes, size_t len);

/*
 * For arrays that grow while parsing: returns @array with room for one more
 * than @len elements of @size bytes; moves it (old memory stays in the arena).
 * *cap is kept by the caller, 0 at first.
 */
void *arena_grow(struct arena *arena, void *array, size_t len, size_t *cap, size_t size);

#endif
