/*
 * How a node leaves, round by round (core/node.c, tick_leave), as its messages show it:
 * whom it picks gets all that it has and a question, until that has got it nowhere for
 * a while; from then on one of the two, by chance, and the next round at a chance time.
 */
#ifndef DC_SIM_LEAVING_H
#define DC_SIM_LEAVING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/message.h"

struct asking;
struct asking_tick;
struct checks;
struct node;

/* All zero at the start of a process. */
struct leaving {
    uint64_t rounds;        /* in which it sent something */
    bool is_unsure;         /* it may have had more: in one it knew nobody */
    enum message_kind kind; /* first in its last round */
    uint64_t shift_ns;      /* of the next one */
    uint32_t kind_row;      /* so many late rounds in a row began with the same kind */
    uint32_t shift_row;     /* so many in a row came at the same time */
};

/* A round of @node, of index @index, which leaves and is still there, is done: @tick. */
void leaving_round(struct leaving *leaving, struct checks *checks, const struct node *node,
                   uint32_t index, const struct asking_tick *tick, struct asking *asking);

#endif
