/*
 * A table from texts to numbers, for parameters, groups and NAMEs. It is never
 * walked: what has an order is in an array beside it.
 */
#ifndef DC_SIM_SCENARIO_SYMBOLS_H
#define DC_SIM_SCENARIO_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"

#define SYMBOL_NONE UINT32_MAX

/* A zeroed table is empty. Its memory is the arena's. */
struct symbols {
    struct symbol *root;
};

/*
 * The number kept for @len bytes at @text, SYMBOL_NONE when they are new. They
 * are kept then, and *ret can be set; it stays valid as long as the arena.
 * Texts may hold any bytes.
 */
uint32_t *symbols_at(struct symbols *symbols, struct arena *arena, const char *text, size_t len);

/* Likewise, without keeping the text. */
uint32_t symbols_find(const struct symbols *symbols, const char *text, size_t len);

#endif
