/*
 * Why a run that reached its stop proves nothing: a statement that met nothing,
 * an expectation that was never evaluated.
 */
#ifndef DC_SIM_UNPROVED_H
#define DC_SIM_UNPROVED_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run.h"

/* Headline and label to ret->headline and ret->label. */
void unproved_unfired(const struct run *run, uint32_t stmt, struct outcome *ret);
/*
 * Were there clients, and was none told ok? Then nothing could be lost, and nothing is known
 * of counts. *ret_stmt: the first whose clients asked.
 */
bool unproved_counts(const struct run *run, uint32_t *ret_stmt, struct outcome *ret);
/* Does a node leave, or stop, and has not yet? *ret_stmt: the first statement of that kind. */
bool unproved_ends(const struct run *run, uint32_t *ret_stmt, struct outcome *ret);
void unproved_unevaluated(const struct run *run, uint32_t stmt, struct outcome *ret);

#endif
