/*
 * The few pieces of msgpack that are written once for each entry of a state.
 * They go straight to memory that the caller has made room for: a packer that
 * asks for room at each byte takes ten times as long.
 */
#ifndef DC_CORE_PACK_H
#define DC_CORE_PACK_H

#include <stdint.h>

/* Bytes of a total: cf and 64 bits. */
#define PACK_TOTAL_BYTES 9u

/* Writes the low @bytes bytes of @number, most significant first. Returns the end. */
static inline uint8_t *pack_number(uint8_t *at, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
    return at + bytes;
}

static inline uint8_t *pack_u64(uint8_t *at, uint64_t number)
{
    at[0] = (uint8_t)(number >> 56);
    at[1] = (uint8_t)(number >> 48);
    at[2] = (uint8_t)(number >> 40);
    at[3] = (uint8_t)(number >> 32);
    at[4] = (uint8_t)(number >> 24);
    at[5] = (uint8_t)(number >> 16);
    at[6] = (uint8_t)(number >> 8);
    at[7] = (uint8_t)number;
    return at + 8;
}

/* Length of the header of a string of @len <= DC_NAME_BYTES_MAX bytes. */
static inline uint32_t pack_str_head_len(uint32_t len)
{
    if (len < 32)
        return 1;
    return len < 256 ? 2 : 3;
}

/* The header of a string of @len <= DC_NAME_BYTES_MAX bytes. Returns its end. */
static inline uint8_t *pack_str_head(uint8_t *at, uint32_t len)
{
    if (len < 32) {
        *at = (uint8_t)(0xa0 | len);
        return at + 1;
    }
    if (len < 256) {
        at[0] = 0xd9;
        at[1] = (uint8_t)len;
        return at + 2;
    }
    at[0] = 0xda;
    return pack_number(at + 1, len, 2);
}

#endif
