/* msgpack, byte by byte, as its specification has it. */
#include "sim/plain_digest.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "core/names.h"
#include "core/pncounter.h"
#include "sim/fatal.h"

struct plain {
    uint8_t *bytes;
    size_t len, cap;
};

static void put(struct plain *plain, const void *bytes, size_t len)
{
    if (plain->cap - plain->len < len) {
        plain->cap = plain->cap * 2 + len;
        plain->bytes = fatal_realloc_array(plain->bytes, plain->cap, 1);
    }
    if (len > 0)
        memcpy(plain->bytes + plain->len, bytes, len);
    plain->len += len;
}

/* A first byte, and @width bytes of @number, the highest first. */
static void put_number(struct plain *plain, uint8_t first, uint64_t number, int width)
{
    uint8_t bytes[9] = {first};

    for (int at = 0; at < width; at++)
        bytes[width - at] = (uint8_t)(number >> (8 * at) & 0xff);
    put(plain, bytes, (size_t)width + 1);
}

static void put_text(struct plain *plain, const void *text, uint32_t len)
{
    if (len < 32)
        put_number(plain, (uint8_t)(0xa0 + len), 0, 0);
    else if (len < 256)
        put_number(plain, 0xd9, len, 1);
    else
        put_number(plain, 0xda, len, 2);
    put(plain, text, len);
}

static void put_list(struct plain *plain, const struct pncounter *state, const uint64_t *totals)
{
    if (state->len < 16)
        put_number(plain, (uint8_t)(0x90 + state->len), 0, 0);
    else if (state->len < 65536)
        put_number(plain, 0xdc, state->len, 2);
    else
        put_number(plain, 0xdd, state->len, 4);
    for (uint32_t i = 0; i < state->len; i++) {
        uint32_t len;
        const uint8_t *id = names_bytes(state->names, state->ids[i], &len);

        put_number(plain, 0x82, 0, 0);
        put_text(plain, "NodeID", 6);
        put_text(plain, id, len);
        put_text(plain, "Value", 5);
        put_number(plain, 0xcf, totals[i], 8);
    }
}

uint64_t plain_digest(const struct pncounter *state)
{
    struct plain plain = {0};
    uint64_t digest;

    put_number(&plain, 0x92, 0, 0);
    put_list(&plain, state, state->inc);
    put_list(&plain, state, state->dec);
    digest = XXH64(plain.bytes, plain.len, 0);
    free(plain.bytes);
    return digest;
}
