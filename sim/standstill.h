/*
 * Does gossip of a node get anywhere? As core/stuck.h says it, but kept anew from what
 * the node hears and from the numbers of its rounds. Who is stuck pushes in half of its
 * rounds, and none comes when the last would have made it expect the next. Who is alone
 * does only the latter, and who is neither does neither.
 */
#ifndef DC_SIM_STANDSTILL_H
#define DC_SIM_STANDSTILL_H

#include <stdbool.h>
#include <stdint.h>

struct checks;
struct node;

/* All zero at the start of a process. */
struct standstill {
    uint64_t version;     /* of its state, in the last round */
    uint64_t first, last; /* rounds in which it heard of another state */
    uint32_t heard;       /* rounds that count */
    bool differs;         /* it heard of one in this round */
    bool hears;           /* it heard anybody in this round */
    uint64_t voice;       /* the last round in which it did, or had nobody to ask */
    uint64_t silence;     /* the last one in which it did not */
    bool is_alone;
    bool is_stuck;
    bool told;          /* it pushed in the last round in which it was stuck */
    uint64_t shift_ns;  /* of the next one */
    uint32_t told_row;  /* so many rounds in a row it did the same */
    uint32_t shift_row; /* so many rounds in a row came at the same time */
};

/* A round of @node, of index @index, is done; @told: it pushed. */
void standstill_round(struct standstill *standstill, struct checks *checks, const struct node *node,
                      uint32_t index, bool told);

#endif
