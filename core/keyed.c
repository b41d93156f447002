/*
 * Sums of products, in 64 bits that go round. What needs 128 bits elsewhere, the
 * polynomial, has a place of 32 bits: the products of a number of 61 bits with it
 * are two of 64.
 *
 * Why it is what it says, of two inputs of one length (of two lengths it is the key of
 * the length that tells them apart): where they differ in a block, the hashes of that
 * differ but for a chance of 2^-31, and then the rows but for n / 2^32; where rows
 * differ the keys of the row tell them apart, which are used for nothing else. Where
 * all blocks are the same, so are the rows, and the rest has keys that no row depends
 * on any more.
 */
#include "core/keyed.h"

#include <string.h>

#include "core/banned.h"

/* Where the keys of the parts are. */
enum {
    AT_SUM = 0, /* times 1 */
    AT_LEN = 1,
    AT_ROW = 2, /* of its two halves */
    AT_PLACE = 4,
    AT_BLOCK = 5, /* and all behind it */
};

_Static_assert(KEYED_BLOCK_BYTES == (KEYED_WORDS - AT_BLOCK) * 4, "a key for each four bytes");

#define PRIME ((UINT64_C(1) << 61) - 1)

/* Four bytes in the order of the machine. */
static inline uint64_t half_at(const uint8_t *at)
{
    uint32_t half;

    memcpy(&half, at, sizeof(half));
    return half;
}

/* The part of a sum that is of eight bytes. */
static inline uint64_t part(const uint64_t *keys, const uint8_t *at)
{
    return keys[0] * half_at(at) + keys[1] * half_at(at + 4);
}

/*
 * The part that is of the @len < 8 bytes at @at, without a loop, because most names are
 * no longer than that. What is taken twice is of the same length both times.
 */
static inline uint64_t part_of_rest(const uint64_t *keys, const uint8_t *at, size_t len)
{
    uint64_t few;

    if (len == 0)
        return 0;
    if (len >= 4)
        return keys[0] * half_at(at) + keys[1] * half_at(at + len - 4);
    few = (uint64_t)at[0] | (uint64_t)at[len / 2] << 8 | (uint64_t)at[len - 1] << 16;
    return keys[0] * few;
}

/* @row * @place modulo PRIME, but for a multiple of it: below 2^62, as @row is. */
static inline uint64_t times(uint64_t row, uint64_t place)
{
    uint64_t low = (row & UINT32_MAX) * place;
    uint64_t high = (row >> 32) * place; /* of 2^32; below 2^62 */

    return (low & PRIME) + (low >> 61) + (high >> 29) + ((high & ((1u << 29) - 1)) << 32);
}

/* A row of whole blocks as one number, below PRIME. */
static uint64_t row_of(const uint64_t *keys, const uint8_t *at, size_t blocks)
{
    uint64_t row = 0;

    for (; blocks > 0; blocks--) {
        uint64_t sum = 0;

        for (size_t i = 0; i < KEYED_BLOCK_BYTES / 8; i++, at += 8)
            sum += part(keys + AT_BLOCK + 2 * i, at);
        row = times(row, keys[AT_PLACE] & UINT32_MAX) + (sum >> 32);
        row = (row & PRIME) + (row >> 61);
    }

    return row >= PRIME ? row - PRIME : row;
}

/* Spreads what is in some bits over all of them; each number comes of one other. */
static inline uint32_t spread(uint32_t hash)
{
    hash ^= hash >> 16;
    hash *= UINT32_C(0x85ebca6b);
    hash ^= hash >> 13;
    hash *= UINT32_C(0xc2b2ae35);
    return hash ^ hash >> 16;
}

uint32_t keyed_hash(const struct keyed_key *key, const void *bytes, size_t len)
{
    const uint64_t *keys = key->words;
    const uint64_t *next = keys + AT_BLOCK;
    const uint8_t *at = bytes;
    uint64_t sum = keys[AT_SUM] + keys[AT_LEN] * len;

    if (len >= KEYED_BLOCK_BYTES) {
        uint64_t row = row_of(keys, at, len / KEYED_BLOCK_BYTES);
        sum += keys[AT_ROW] * (row & UINT32_MAX) + keys[AT_ROW + 1] * (row >> 32);
        at += len - len % KEYED_BLOCK_BYTES;
        len %= KEYED_BLOCK_BYTES;
    }
    for (; len >= 8; len -= 8, at += 8, next += 2)
        sum += part(next, at);

    return spread((uint32_t)((sum + part_of_rest(next, at, len)) >> 32));
}

void keyed_key_public(struct keyed_key *ret_key)
{
    /* SplitMix64 from 0 on (Steele, Lea, Flood, OOPSLA 2014). */
    uint64_t state = 0;

    for (size_t i = 0; i < KEYED_WORDS; i++) {
        uint64_t word = state += UINT64_C(0x9e3779b97f4a7c15);
        word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
        ret_key->words[i] = word ^ word >> 31;
    }
}
