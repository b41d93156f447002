/*
 * The fingerprint of a state: the sum, over all halves of all entries that are
 * not 0, of a 128-bit hash of (id, side, total). A sum, so that it is kept up
 * with each half that rises at the cost of that half alone.
 */
#ifndef DC_SIM_FINGERPRINT_H
#define DC_SIM_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"

struct pncounter;

struct fingerprint {
    uint64_t lo, hi; /* both 0: the empty state */
};

/* A half of an entry rises from @old to @now. */
void fingerprint_raise(struct fingerprint *print, dc_name id, enum dc_side side, uint64_t old,
                       uint64_t now);

/* From scratch. */
struct fingerprint fingerprint_of(const struct pncounter *counter);

static inline bool fingerprint_equal(struct fingerprint a, struct fingerprint b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

#endif
