/*
 * The digest of a state: XXH64 with seed 0 over its canonical form, so that
 * two nodes compare eight bytes instead of their states.
 *
 * Canonical form (msgpack): an array of two arrays, one for increments, one for
 * decrements; each holds, ids ascending, a map {"NodeID": id, "Value": total}
 * for every entry, zeros included on the side that has none; totals always
 * take nine bytes. It is the form that other implementations of the protocol
 * hash, byte for byte.
 *
 * Source: xxHash, XXH64, https://github.com/Cyan4973/xxHash (specification).
 */
#ifndef DC_CORE_DIGEST_H
#define DC_CORE_DIGEST_H

#include <stdint.h>

struct buf;
struct pncounter;

/* The digest of @counter. Allocates nothing, cannot fail. O(entries). */
uint64_t digest_of(const struct pncounter *counter);

/*
 * Appends the canonical form itself to @out: for tests and for people who
 * compare implementations. Returns 0, DC_ENOMEM or DC_ELIMIT.
 */
int digest_canonical(const struct pncounter *counter, struct buf *out);

#endif
