/*
 * What core owes its own callers, and no right node ever asks for: messages that must
 * not be written, names and addresses that are too long, a draw from known bits, words. It is
 * asked once in each run, with what the seed draws, of a table of names and a codec
 * that nobody else uses. A built-in check (frame, sim/checks.h).
 */
#ifndef DC_SIM_REFUSALS_H
#define DC_SIM_REFUSALS_H

#include <stdint.h>

struct checks;

/* Before a run begins. What core marks because of it is forgotten: it is no part of the run. */
void refusals_ask(struct checks *checks, uint64_t seed);

#endif
