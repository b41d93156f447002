/*
 * Totals as a log says them: id by id in any order, again and again, each larger or
 * smaller than before. The first few go into a counter as they come. To do that with
 * many would move all entries behind each new id: whoever writes ids in falling order
 * would make it quadratic. So these are kept by handle, and put into the counter,
 * sorted, all at once.
 */
#ifndef DC_CORE_FOUND_H
#define DC_CORE_FOUND_H

#include <stdint.h>

#include "core/types.h"

struct mem;
struct names;
struct pncounter;
struct pncounter_watch;

struct found_row {
    uint64_t totals[2]; /* by side */
    dc_name id;
};

struct found {
    const struct mem *mem;     /* borrowed */
    const struct names *names; /* borrowed */
    struct found_row *rows;    /* owned, in order of first sight */
    uint32_t len, cap;
    uint32_t *places; /* owned, by handle: number in rows + 1, or 0 */
    uint32_t places_len;
};

/* Nothing. Cannot fail. Both outlive it. */
void found_init(struct found *found, const struct mem *mem, const struct names *names);
void found_release(struct found *found);

/* So many entries a counter may have for one more to go into it at once. */
#define FOUND_FEW 64u

/*
 * One half of @id stands at @total or above. @watch (may be NULL) hears of it if that is
 * more than was found, or is in @state, which is the same each time, and which nobody else
 * changes until found_join(). Returns 1 if it rose, 0 if not, DC_ELIMIT or DC_ENOMEM.
 * O(1), and one search in @state for each id, on average over many.
 */
int found_raise(struct found *found, struct pncounter *state, dc_name id, enum dc_side side,
                uint64_t total, const struct pncounter_watch *watch);

/*
 * Joins all that was found into @state, of which nobody is told again, and forgets it.
 * Returns 0, or DC_ELIMIT, DC_ENOMEM with @state as it was. O(n log n).
 */
int found_join(struct found *found, struct pncounter *state);

#endif
