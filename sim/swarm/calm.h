/* Of some seeds, a cluster in which nothing goes wrong: see calm.c. */
#ifndef DC_SIM_SWARM_CALM_H
#define DC_SIM_SWARM_CALM_H

#include <stdbool.h>

#include "sim/swarm/knob.h"

bool swarm_is_calm(struct swarm *swarm);

/* All statements behind "nodes", but the stop. */
void swarm_calm(struct swarm *swarm);

#endif
