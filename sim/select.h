/*
 * Selectors, evaluated: which nodes "random(3) of @eu,!n4" means now.
 */
#ifndef DC_SIM_SELECT_H
#define DC_SIM_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/nodeset.h"
#include "sim/scenario/scenario.h"

struct choose;

/* What a selector may depend on, and what it has used up in this statement. */
struct select {
    struct choose *choose;
    const struct nodeset *up; /* borrowed: which nodes are up */
    uint64_t key;             /* of the firing; draws hang on it */
    uint64_t number;          /* random(...) terms evaluated so far */
    struct nodeset named;     /* by the selectors of this statement so far, for "rest" */
};

/* @key names the firing. Released with select_release(). */
void select_init(struct select *select, struct choose *choose, const struct nodeset *up,
                 uint64_t key);
void select_release(struct select *select);

/*
 * The nodes of @sel into @ret_set (initialised, overwritten), which then count
 * as named. A random term gives each node a priority drawn from (key, term,
 * node) and takes the smallest: another node changes the choice only where it
 * is itself chosen.
 */
void select_nodes(struct select *select, const struct scn_sel *sel, struct nodeset *ret_set);

/* Does @sel mean the same nodes at all times: no up, down, random? */
bool select_is_fixed(const struct scn_sel *sel);

#endif
