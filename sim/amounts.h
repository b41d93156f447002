/* What requests ask for, equal amounts together: a bag of numbers above 0. */
#ifndef DC_SIM_AMOUNTS_H
#define DC_SIM_AMOUNTS_H

#include <stdint.h>

#include "sim/sums.h"
#include "sim/wide.h"

/* Different amounts of which sums are kept exactly. */
#define AMOUNTS_EXACT_MAX 64u

struct amount {
    uint64_t amount, count;
};

struct amounts {
    struct amount *list; /* ascending; owned */
    uint32_t len, cap;
    u128 total;
    u128 step; /* divides all of them */
};

void amounts_release(struct amounts *amounts);

/* One more, one less; 0 is none. What is taken is there. */
void amounts_put(struct amounts *amounts, uint64_t amount);
void amounts_take(struct amounts *amounts, uint64_t amount);

/* To every number of @sums, any of the amounts may be added. */
void amounts_join(const struct amounts *amounts, struct sums *sums);

#endif
