/*
 * A trie over the bits of a 64-bit hash, two bits a level: no table to grow, and
 * hashes that agree in their first bits cost levels, not a walk over all.
 */
#include "sim/scenario/symbols.h"

#include <string.h>

#include <xxhash.h>

struct symbol {
    struct symbol *children[4];
    const char *text;
    size_t len;
    uint64_t hash;
    uint32_t number;
};

static struct symbol *const *find(struct symbol *const *at, const char *text, size_t len,
                                  uint64_t hash)
{
    for (uint64_t bits = hash; *at; bits <<= 2) {
        if ((*at)->hash == hash && (*at)->len == len && memcmp((*at)->text, text, len) == 0)
            break;
        at = &(*at)->children[bits >> 62];
    }
    return at;
}

uint32_t symbols_find(const struct symbols *symbols, const char *text, size_t len)
{
    struct symbol *const *at = find(&symbols->root, text, len, XXH64(text, len, 0));

    return *at ? (*at)->number : SYMBOL_NONE;
}

uint32_t *symbols_at(struct symbols *symbols, struct arena *arena, const char *text, size_t len)
{
    uint64_t hash = XXH64(text, len, 0);
    struct symbol **at = (struct symbol **)find(&symbols->root, text, len, hash);

    if (!*at) {
        *at = arena_alloc(arena, sizeof(**at));
        (*at)->text = arena_text(arena, text, len);
        (*at)->len = len;
        (*at)->hash = hash;
        (*at)->number = SYMBOL_NONE;
    }
    return &(*at)->number;
}
