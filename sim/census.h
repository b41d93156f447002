/*
 * How many nodes hold which state: a multiset of fingerprints, so that "how
 * many different states are there" costs nothing to ask at any time.
 */
#ifndef DC_SIM_CENSUS_H
#define DC_SIM_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/fingerprint.h"

struct census_slot {
    struct fingerprint print;
    uint32_t count; /* 0: the slot is free */
};

struct census {
    struct census_slot *slots; /* open addressing, linear; owned */
    size_t slots_len;          /* a power of two, at least twice the members */
    uint32_t distinct;
    uint32_t members;
};

/* Room for @members_max members. */
void census_init(struct census *census, uint32_t members_max);
void census_release(struct census *census);

void census_add(struct census *census, struct fingerprint print);
/* @print must be a member. */
void census_remove(struct census *census, struct fingerprint print);

#endif
