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
struct mem;
struct pncounter;

/*
 * The canonical form of the last state that was hashed. Nearly all states of a
 * cluster have the same ids, so the next one mostly differs in totals alone, and
 * these are put where they belong. Each table of names has one, for all the
 * counters that use it (names_init() and names_release() take care of it).
 */
struct digest_form;

/* Returns NULL when there is no memory. */
struct digest_form *digest_form_new(const struct mem *mem);

/* NULL is fine. */
void digest_form_free(struct digest_form *form);

/* Some handles may stand for other ids from now on. NULL is fine. */
void digest_form_forget(struct digest_form *form);

/*
 * The digest of @counter. O(entries). Cannot fail: where there is no memory for
 * the form of so many entries, it is made piece by piece.
 */
uint64_t digest_of(const struct pncounter *counter);

/*
 * Appends the canonical form itself to @out: for tests and for people who
 * compare implementations. Returns 0, DC_ENOMEM or DC_ELIMIT.
 */
int digest_canonical(const struct pncounter *counter, struct buf *out);

#endif
