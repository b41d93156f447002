/*
 * The digest of a state, made anew from what core/digest.h says of its form and
 * without a line of core's own: what all nodes of a cluster get wrong in the same
 * way breaks nothing among them, but no other implementation would agree.
 */
#ifndef DC_SIM_PLAIN_DIGEST_H
#define DC_SIM_PLAIN_DIGEST_H

#include <stdint.h>

struct pncounter;

/* O(entries), and slow. */
uint64_t plain_digest(const struct pncounter *state);

#endif
