/* The totals that one half of an entry has had on its own node: a set of numbers that mostly rise.
 */
#ifndef DC_SIM_TOTALS_H
#define DC_SIM_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

struct totals {
    uint64_t *list; /* ascending; owned */
    uint32_t len, cap;
};

void totals_release(struct totals *totals);
void totals_add(struct totals *totals, uint64_t total);
bool totals_has(const struct totals *totals, uint64_t total);
/* 0 when there is none. */
uint64_t totals_largest(const struct totals *totals);

#endif
