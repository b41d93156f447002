/* The hash with a key. */
#include "core/keyed.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/lib_core.h"

static struct keyed_key key_drawn(struct test_random *random)
{
    struct keyed_key key;

    for (size_t i = 0; i < KEYED_WORDS; i++)
        key.words[i] = draw(random);
    return key;
}

/* The same number, the slow way: 32 bits of the sum of products, word by word. */
static uint32_t plain_hash(const struct keyed_key *key, const uint8_t *bytes, size_t len)
{
    const uint64_t prime = (UINT64_C(1) << 61) - 1;
    uint64_t row = 0, sum = key->words[0] + key->words[1] * len;
    size_t at = 0;

    for (; len - at >= KEYED_BLOCK_BYTES; at += KEYED_BLOCK_BYTES) {
        uint64_t block = 0, product = 0;

        for (size_t i = 0; i < KEYED_BLOCK_BYTES / 4; i++) {
            uint32_t half;
            memcpy(&half, bytes + at + 4 * i, 4);
            block += key->words[5 + i] * half;
        }
        /* row * place, bit by bit */
        for (int bit = 31; bit >= 0; bit--) {
            product = product * 2 % prime;
            if ((key->words[4] >> bit & 1) != 0)
                product = (product + row) % prime;
        }
        row = (product + (block >> 32)) % prime;
    }
    if (at > 0)
        sum += key->words[2] * (row & UINT32_MAX) + key->words[3] * (row >> 32);
    for (size_t next = 5; at < len;) {
        size_t left = len - at;
        uint32_t half = 0;

        if (left >= 8 || left == 4) {
            memcpy(&half, bytes + at, 4);
            sum += key->words[next++] * half;
            at += 4;
            memcpy(&half, bytes + (left == 4 ? at - 4 : at), 4);
            sum += key->words[next++] * half;
            at += left == 4 ? 0 : 4;
        } else if (left > 4) {
            memcpy(&half, bytes + at, 4);
            sum += key->words[next++] * half;
            memcpy(&half, bytes + len - 4, 4);
            sum += key->words[next++] * half;
            at = len;
        } else {
            half = (uint32_t)bytes[at] | (uint32_t)bytes[at + left / 2] << 8 |
                   (uint32_t)bytes[len - 1] << 16;
            sum += key->words[next++] * half;
            at = len;
        }
    }

    uint32_t hash = (uint32_t)(sum >> 32);
    hash = (hash ^ hash >> 16) * UINT32_C(0x85ebca6b);
    hash = (hash ^ hash >> 13) * UINT32_C(0xc2b2ae35);
    return hash ^ hash >> 16;
}

/* Of every length up to three blocks and more, and the longest name, at any address. */
Test(keyed, is_the_sum_that_it_says)
{
    enum {
        LONG = 65535
    };
    struct test_random random = {7};
    uint8_t *bytes = malloc(LONG + 3);

    cr_assert(bytes != NULL);
    for (size_t i = 0; i < LONG + 3; i++)
        bytes[i] = (uint8_t)draw(&random);
    for (size_t len = 0; len < 400; len++) {
        struct keyed_key key = key_drawn(&random);
        cr_assert(eq(u32, keyed_hash(&key, bytes + len % 3, len),
                     plain_hash(&key, bytes + len % 3, len)));
    }
    memset(bytes, 0xff, LONG); /* as large as numbers get */
    for (size_t times = 0; times < 10; times++) {
        struct keyed_key key = key_drawn(&random);
        if (times == 0)
            memset(&key, 0xff, sizeof(key));
        cr_assert(eq(u32, keyed_hash(&key, bytes, LONG), plain_hash(&key, bytes, LONG)));
    }
    cr_assert(eq(u32, keyed_hash(&(struct keyed_key){{0}}, NULL, 0), 0));
    free(bytes);
}

/* How often two inputs share one of 256 chains, under so many keys. */
#define KEYS 20000u

static uint32_t shared(const uint8_t *left, size_t left_len, const uint8_t *right, size_t right_len)
{
    struct test_random random = {left_len * 1000 + right_len};
    uint32_t count = 0;

    for (uint32_t i = 0; i < KEYS; i++) {
        struct keyed_key key = key_drawn(&random);
        count +=
            ((keyed_hash(&key, left, left_len) ^ keyed_hash(&key, right, right_len)) & 0xff) == 0;
    }
    return count;
}

/*
 * Two inputs that differ in anything share a chain with one key of 256, whatever they are:
 * one bit at any place, of the top or the bottom, or a length with nothing but zeros. The
 * expected number is 78, and 150 is more than eight deviations away.
 */
Test(keyed, two_inputs_seldom_share_a_chain)
{
    static const size_t lens[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 103, 104, 105, 207, 208, 300};
    uint8_t left[301] = {0}, right[301] = {0};

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        size_t len = lens[i];

        cr_expect(lt(u32, shared(left, len, right, len + 1), 150), "%zu and a zero", len);
        cr_expect(lt(u32, shared(left, len, right, 0), 150), "%zu zeros", len);
        for (size_t at = 0; at < len; at += at < 12 || at + 12 > len ? 1 : 23) {
            right[at] = at % 2 == 0 ? 0x80 : 1;
            cr_expect(lt(u32, shared(left, len, right, len), 150), "byte %zu of %zu", at, len);
            right[at] = 0;
        }
    }
}

/* It is a constant, so that runs of a simulator are the same everywhere, and it hashes. */
Test(keyed, a_public_key_is_a_key)
{
    struct keyed_key key;

    keyed_key_public(&key);
    cr_assert(eq(u64, key.words[0], UINT64_C(0xe220a8397b1dcdaf)), "as SplitMix64 begins");
    for (size_t i = 0; i < KEYED_WORDS; i++)
        for (size_t k = 0; k < i; k++)
            cr_assert(ne(u64, key.words[i], key.words[k]));
}
