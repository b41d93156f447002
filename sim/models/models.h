/*
 * Parts of core held against models that are plain and slow: what names, states,
 * digests, frames, values, peers and logs come to is made anew from lists of a few ids and totals.
 * A cluster asks core for what its nodes happen to need; here ids are long or alike,
 * states of over a hundred entries, totals at their limits, memory and disk fail at
 * any time. The objects are nobody else's. A built-in check (digest, value, frame, log,
 * member, memory and what they stand for, sim/checks.h).
 *
 * Source: Claessen and Hughes, "QuickCheck", ICFP 2000 (properties of drawn input).
 */
#ifndef DC_SIM_MODELS_MODELS_H
#define DC_SIM_MODELS_MODELS_H

#include <stdint.h>

struct checks;

/*
 * Before a run begins, @times, in the name of @node. What core marks because of it is
 * forgotten: it is no part of the run.
 */
void models_ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t times);

#endif
