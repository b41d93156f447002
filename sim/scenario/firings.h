/*
 * When the statements of a script fire, as far as the text says it: repeats and
 * 'every' included, without unrolling them.
 */
#ifndef DC_SIM_SCENARIO_FIRINGS_H
#define DC_SIM_SCENARIO_FIRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/* The last time before the quiet that a statement fires. */
struct last_firing {
    uint64_t lo_ns, hi_ns; /* not before, not after */
    bool is_sure;          /* all its firings, of which there is one, come before the quiet */
};

/* By statement, of those that act; the caller frees. */
struct last_firing *firings_last(const struct scn_stmt *stmts, size_t stmts_len, uint64_t quiet_ns);

/* What is walked over from one statement on, in the turn of its repeat. */
struct firings_since {
    size_t at;      /* the statement that is looked at; stmts_len: no more of that turn */
    uint64_t lo_ns; /* no sooner than so long after the first one it fires, in each turn */
};

/* From statement @from, an 'at' or '+'; then to each '+' after it that the same turn comes to. */
struct firings_since firings_after(size_t from);
bool firings_next(struct firings_since *since, const struct scn_stmt *stmts, size_t stmts_len);

#endif
