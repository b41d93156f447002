/*
 * A reader of msgpack over bytes in memory: bounded, without objects, without
 * memory, without recursion. It takes what it is asked for, in any width, and
 * refuses all else.
 *
 * Every function returns 0, or DC_EMSG_UNMARSHAL when the bytes do not hold
 * what was asked for; then the reader is of no further use.
 *
 * By hand, because the parser of msgpack-c turns floats into floats (core has
 * none), gives each value a trip through a state machine, and bounds neither
 * depth nor count by what the caller says.
 *
 * Source: msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef DC_CORE_UNPACK_H
#define DC_CORE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/err.h"

struct unpack {
    const uint8_t *at;  /* the next byte */
    const uint8_t *end; /* one past the last */
};

/* The rest of the interface is for values in any form. */
int unpack_bytes_any(struct unpack *unpack, const uint8_t **ret_bytes, uint32_t *ret_len);
int unpack_uint_any(struct unpack *unpack, uint64_t *ret_number);

/*
 * Takes a nil if there is one. False, and nothing taken, when there is none.
 */
bool unpack_nil(struct unpack *unpack);

/*
 * Takes the header of a map; *ret_len pairs follow. A map that claims more
 * pairs than there are bytes is refused here, before anybody makes room.
 */
int unpack_map(struct unpack *unpack, uint32_t *ret_len);

/* The same for an array; *ret_len values follow. */
int unpack_array(struct unpack *unpack, uint32_t *ret_len);

/* Takes one value of any kind, nested at most DC_NESTING_MAX deep. */
int unpack_skip(struct unpack *unpack);

static inline uint64_t unpack_big_endian_64(const uint8_t *at)
{
    return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 |
           (uint64_t)at[3] << 32 | (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 |
           (uint64_t)at[6] << 8 | (uint64_t)at[7];
}

/*
 * Takes a string or binary; *ret_bytes points into the input. Inline for the
 * form that nearly all ids have.
 */
static inline int unpack_bytes(struct unpack *unpack, const uint8_t **ret_bytes, uint32_t *ret_len)
{
    if (unpack->at < unpack->end && (*unpack->at & 0xe0) == 0xa0) {
        uint32_t len = *unpack->at & 0x1f;
        if ((size_t)(unpack->end - unpack->at) > len) {
            *ret_bytes = unpack->at + 1;
            *ret_len = len;
            unpack->at += 1 + len;
            return 0;
        }
    }
    return unpack_bytes_any(unpack, ret_bytes, ret_len);
}

/*
 * Takes an integer that is not negative, or returns DC_ERANGE for one that is
 * (then it was taken). Inline for the form that our own counts have.
 */
static inline int unpack_uint(struct unpack *unpack, uint64_t *ret_number)
{
    if (unpack->end - unpack->at >= 9 && *unpack->at == 0xcf) {
        *ret_number = unpack_big_endian_64(unpack->at + 1);
        unpack->at += 9;
        return 0;
    }
    return unpack_uint_any(unpack, ret_number);
}

#endif
