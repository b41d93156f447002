/*
 * Swarm testing: from a seed to a scenario. The seed draws a cluster, a workload
 * and a mix of faults, and what comes of it is a text like any other, which holds
 * if the node is right: all faults end in a quiet, after which the cluster must
 * converge within the bound that dcsim computes, to what clients were told.
 *
 * Each kind of fault has a coin of its own, and so is absent from many seeds: a
 * mix of everything hides what one kind alone would show. What a seed draws is
 * keyed by seed and knob (sim/swarm/knob.h), so that one knob more or less leaves
 * the others as they are.
 *
 * What is expected of a run must be what a right node keeps, whatever is drawn:
 *
 * - "value == oracle": the oracle itself knows of lost, rotten and absent disks,
 *   of nodes that left, of clients that never heard.
 * - A node that was stopped is started again: what only its disk holds is not lost.
 * - Nobody leaves, or stops, where peers are not all known to all: a ring would
 *   fall apart.
 * - Nor where somebody is a hermit: one that says that it leaves, and crashes, has
 *   forgotten all whom it knew, and they think that it left.
 * - "converged" is asked for when the bound has passed after the last message from
 *   before the quiet: it may bring counts back whose disks are all lost by then.
 * - Disks rot so little that both copies of what a node counted last hardly ever do
 *   (once in a million seeds): nobody can tell that from a torn end.
 * - Nodes that start in one instant do not ask in step: within 10 us of 40 ms or more
 *   at least one of six has not (all of them do in less than one in 10^9 seeds).
 * - One seed in eight is calm, without any fault; there exact laws hold (calm.c).
 * - Some faults last beyond all others, and then so does the time before the quiet.
 * - A fault that has to touch something gets many occasions, or a long one.
 *
 * Source: Groce, Zhang, Eide, Chen, Regehr, "Swarm testing", ISSTA 2012.
 */
#ifndef DC_SIM_SWARM_SWARM_H
#define DC_SIM_SWARM_SWARM_H

#include <stdint.h>
#include <stdio.h>

/* More nodes are for scenarios that mean it: a mix of faults of so many takes minutes. */
#define SWARM_NODES_MAX 1000u
#define SWARM_NODES_LEAST 2u

struct swarm_input {
    uint64_t seed;
    uint32_t nodes_min, nodes_max; /* SWARM_NODES_LEAST..SWARM_NODES_MAX, ascending */
};

/*
 * Writes the scenario that @input stands for to @out: the same bytes each time,
 * laid out as "dcsim fmt" lays out, without an error or a hint. It says its seed,
 * and means this run with this seed only.
 */
void swarm_write(FILE *out, const struct swarm_input *input);

/* What that scenario has, a line each: its kinds of faults, "nodes 5", "fanout 2", "calm". */
void swarm_traits(FILE *out, const struct swarm_input *input);

#endif
