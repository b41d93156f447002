/*
 * Who agrees with whom, and who lacks what: the nodes grouped by their state.
 */
#ifndef DC_SIM_GROUPS_H
#define DC_SIM_GROUPS_H

#include <stdint.h>
#include <stdio.h>

#include "sim/run.h"

/* Groups shown, and ids shown of what one group lacks. */
#define GROUPS_SHOWN 8u
#define GROUPS_LACKS_SHOWN 8u

/*
 * "  n1..n296 28   n297,n299 23   n298 20", largest group first, then for each
 * what it lacks of all that any node that is up holds, and which message last
 * carried that, and what became of it (sim/diagnose.h: this repeats the run).
 */
void groups_print(FILE *out, const struct run *run);

#endif
