/*
 * A kind of fault: a coin, and what it says when that came up. A statement that has
 * to touch something (else the run proves nothing) fires many times; only those whom
 * nothing can hide may fire once.
 */
#ifndef DC_SIM_SWARM_FAULT_H
#define DC_SIM_SWARM_FAULT_H

#include <stdint.h>

#include "sim/swarm/knob.h"

enum fault_need {
    NEED_NOTHING,
    NEED_THREE, /* nodes */
    NEED_KNOWN, /* everybody knows everybody, without a hermit, and there are enough to lose some */
    NEED_MANY,  /* likewise, and some more */
    NEED_PLENTY,
    NEED_DISKS,
    NEED_JOINERS, /* which have had their coin */
    NEED_HERMITS,
};

/* What the draws of a kind hang on is its name. */
struct fault_kind {
    const char *name; /* NULL ends a list */
    enum fault_need need;
    void (*write)(struct knob *knob);
};

/* In the order of the text. */
extern const struct fault_kind fault_comings[]; /* of nodes that come later */
extern const struct fault_kind fault_links[];
extern const struct fault_kind fault_nodes[];
extern const struct fault_kind fault_disks[];
extern const struct fault_kind fault_logs[];
extern const struct fault_kind fault_rare[]; /* that take long, or much */

/* ---- how kinds say what they do ---- */

/* Of the nodes, at least one and at most @most. */
uint64_t fault_some(struct knob *knob, uint64_t most);

/* No fault is shorter: nodes get to ask, in vain. */
uint64_t fault_least_ms(const struct swarm *swarm);
char *fault_lasting(struct knob *knob, char buf[static 2 * KNOB_TIME_MAX]);

/* Once. */
void fault_at(struct knob *knob, const char *action);
/* The action, again and again. */
__attribute__((format(printf, 2, 3))) void fault_often(struct knob *knob, const char *format, ...);
void fault_densely(struct knob *knob, const char *action);
/* Or just once. */
__attribute__((format(printf, 2, 3))) void fault_once_or_often(struct knob *knob,
                                                               const char *format, ...);

/* Nodes that are there, by chance or by number: "random(2) of up", "n3", "n2..n4". */
char *fault_nodes_up(struct knob *knob, char buf[static KNOB_TEXT_MAX]);
/* "random(2) -> all" */
char *fault_link(struct knob *knob, char buf[static KNOB_TEXT_MAX]);

/* The quiet is not before that time. */
void fault_lasts_to(struct knob *knob, uint64_t ms);

/* A message from before the quiet may be late by so much for what the knob does, at most. */
void fault_note_late(struct knob *knob, uint64_t ms);

#endif
