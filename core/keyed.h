/*
 * A hash with a secret key, for tables that strangers fill. Of any two inputs that
 * were chosen without the key, the chance that they fall into the same of 2^k chains
 * is at most 2^-k + (2 + n) / 2^32, n their length in KEYED_BLOCK_BYTES; k is up to
 * 32, and a chain is given by any k bits of the hash. It holds for every two, so no
 * set of inputs is bad for a table. It is cheaper than most hashes without a key.
 *
 * Shape: words of 32 bits, each times a key of 64 bits, and the upper half of the sum.
 * A long input begins with a row of blocks, each of which is hashed like that, and the
 * row is a polynomial modulo 2^61-1 at a secret place. At the end comes a step that
 * everybody can take back. It changes nothing of the above, and leaves nothing linear
 * for somebody who measures how long it takes to find what he sent.
 *
 * The hash is another on machines with another order of bytes: nothing may depend on
 * it but the time it takes to find something. It signs nothing.
 *
 * Source: Carter and Wegman, "Universal classes of hash functions", JCSS 18 (1979);
 * Thorup, "High speed hashing for integers and strings", arXiv:1504.06804 (2015), of
 * vectors and strings; the last step: Appleby, MurmurHash3, fmix32.
 */
#ifndef DC_CORE_KEYED_H
#define DC_CORE_KEYED_H

#include <stddef.h>
#include <stdint.h>

#define KEYED_WORDS 31u
#define KEYED_BLOCK_BYTES 104u

/* Each bit of it drawn. No more than the 256 bytes that a system gives at once. */
struct keyed_key {
    uint64_t words[KEYED_WORDS];
};

/* A key that everybody knows. */
void keyed_key_public(struct keyed_key *ret_key);

/* The hash of @len bytes at @bytes, which may be NULL when there are none. Cannot fail. */
uint32_t keyed_hash(const struct keyed_key *key, const void *bytes, size_t len);

#endif
