/*
 * Whom a node asks, and how many (core/node.h, core/doubts.h): at each sync as many
 * different peers as its fanout says, less those that have not answered for a while;
 * at each full push half as many. Kept anew from what the node is seen to send and
 * hear, so that its own table of doubts may be wrong.
 */
#ifndef DC_SIM_ASKING_H
#define DC_SIM_ASKING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/message.h"
#include "core/node.h"
#include "core/types.h"
#include "sim/standstill.h"

struct checks;

/* A peer that owes an answer. */
struct asking_owes {
    uint32_t peer;
    uint32_t unanswered; /* pulls since it was heard */
    uint64_t until;      /* it is left alone in the rounds before this one */
};

struct asking {
    struct asking_owes *owes; /* in no order that matters; owned */
    uint32_t len, cap;
    uint64_t round;
    bool is_blind; /* what is known of this life is not enough to tell */
    struct standstill standstill;
};

/* What the node that ticks at present has sent; one for all nodes. */
struct asking_tick {
    bool runs;
    uint64_t number;  /* of the tick */
    uint64_t *stamps; /* by peer: the last tick that sent it a message of the first kind; owned */
    uint32_t *to;     /* who got it, each once; owned */
    uint32_t to_len;
    uint32_t sent;          /* messages */
    enum message_kind kind; /* of the first */
    uint32_t other;         /* who got the last one of another kind, in this tick or before */
};

void asking_tick_init(struct asking_tick *tick, uint32_t nodes);
void asking_tick_release(struct asking_tick *tick);

void asking_release(struct asking *asking);

/* The process starts: nobody owes it anything. */
void asking_starts(struct asking *asking);

/* From now on nothing can be said of this life: it lacks memory, or leaves and gets nowhere. */
void asking_blind(struct asking *asking);

/* Something is heard of @peer. */
void asking_heard(struct asking *asking, uint32_t peer);

/* It has heard of a state that is not its own, and that brought it nothing. */
static inline void asking_differs(struct asking *asking)
{
    asking->standstill.differs = true;
}

/* A timer fires, and in that the node sends a message. */
void asking_tick_begins(struct asking_tick *tick);
void asking_tick_notes(struct asking_tick *tick, enum message_kind kind, uint32_t to);
static inline void asking_tick_sent(struct asking_tick *tick, enum message_kind kind, uint32_t to)
{
    if (tick->runs) /* most messages are answers */
        asking_tick_notes(tick, kind, to);
}

/*
 * A round in which the node leaves, and each that it picked got the first kind of message,
 * and a pull: are they as many as in a round of pulls?
 */
void asking_picks(const struct asking_tick *tick, struct asking *asking, struct checks *checks,
                  const struct node *node, uint32_t index);

/* Who got the last message of another kind than the first one got one of that, too. */
bool asking_tick_has_both(const struct asking_tick *tick);

/* @timer of @node, of index @index, has fired. */
void asking_tick_ends(struct asking_tick *tick, struct asking *asking, struct checks *checks,
                      const struct node *node, uint32_t index, enum node_timer timer);

#endif
