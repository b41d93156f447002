/*
 * Does a predicate hold, and if not, what was expected and what was found?
 */
#ifndef DC_SIM_PREDICATE_H
#define DC_SIM_PREDICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/expect.h"
#include "sim/scenario/scenario.h"
#include "sim/wide.h"

struct cluster;

struct finding {
    uint32_t node; /* the one that does not do what it should; UINT32_MAX: all together */
    char headline[EXPECT_TEXT_MAX];
    char label[EXPECT_TEXT_MAX];
};

/*
 * Does the predicate of @stmt hold now? For a never statement: does it NOT?
 * @key names the evaluation; random selectors hang on it. Where @nodes is not
 * NULL only these @nodes_len nodes have changed since it last held, so that
 * "always value ..." costs what changed. When the answer is no, *ret says why.
 */
bool predicate_holds(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                     const uint32_t *nodes, size_t nodes_len, struct finding *ret);

/*
 * Is there any node that the predicate of @stmt is about? One about nobody
 * ("value == 3 on down" when none is) proves nothing.
 */
bool predicate_has_nodes(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key);
/*
 * Can it change at a node that did not: what is compared with, or whose counts, changes
 * elsewhere?
 */
bool predicate_leans_on_others(const struct scn_pred *pred);
/* Does it speak of each node by itself? Then one that is not there takes nothing from the rest. */
bool predicate_is_of_each(const struct scn_pred *pred);

/* The value [of TERM] that @node shows. */
i128 predicate_value(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                     uint32_t node);

/* Is @node among those that the predicate is about? */
bool predicate_concerns(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                        uint32_t node);

/* Different states among the nodes that are up. */
uint32_t predicate_distinct(const struct cluster *cluster);

/* Is it about what nodes hold, so that those that do not run have no part in it? */
bool predicate_speaks_of_states(const struct scn_pred *pred);

/*
 * What to say of an obligation that was missed, when there were so many states and
 * requests without an answer; and of a value that fell.
 */
void predicate_missed(struct finding *ret, const struct scn_stmt *stmt, uint64_t deadline_ns,
                      uint32_t distinct, uint64_t open);
void predicate_fell(struct finding *ret, uint32_t node, i128 before, i128 now);

#endif
