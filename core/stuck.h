/*
 * Does gossip get anywhere? A node is stuck when it hears for many rounds of
 * states that differ from its own, and its own does not change. In a cluster that
 * keeps up that does not happen: who differs from others soon hears from them.
 *
 * It happens when nodes are asked more than they can serve. What finds no room is
 * lost then, and when all clocks tick alike it is the same message each time: a
 * node whose questions come just after another's may never be heard again. So who
 * is stuck, and who hears those that are, must ask at other times each round. So must
 * who is alone: it asks, and hears nobody at all.
 */
#ifndef DC_CORE_STUCK_H
#define DC_CORE_STUCK_H

#include <stdbool.h>
#include <stdint.h>

/* In so many rounds another state was heard of, and nothing changed. */
#define STUCK_HEARD 12u
/* Since the first of them so many rounds have passed. */
#define STUCK_ROUNDS 32u
/* In so many rounds in a row nobody was heard. */
#define STUCK_SILENT 12u
/* Rounds without a word of another state, or with a word in each, after which all is well. */
#define STUCK_REST_ROUNDS 1024u

/* Read-only for others. All zero at the start. */
struct stuck {
    uint64_t version; /* of the state, in the last round */
    uint64_t rounds;  /* since another state was heard of first, 0 if it was not */
    uint32_t heard;   /* in how many of them; at most STUCK_HEARD */
    uint32_t rest;    /* rounds since one was heard of last */
    bool differs;     /* one was in this round */
    uint32_t silent;  /* rounds in which nobody was heard; at most STUCK_SILENT */
    uint32_t voiced;  /* rounds since the last of them */
    bool hears;       /* somebody was in this round */
};

static inline bool stuck_is(const struct stuck *stuck)
{
    return stuck->heard == STUCK_HEARD && stuck->rounds >= STUCK_ROUNDS;
}

/* Nobody was heard for many rounds, or it is not long ago. */
static inline bool stuck_is_alone(const struct stuck *stuck)
{
    return stuck->silent == STUCK_SILENT;
}

/* A peer was heard. */
static inline void stuck_voice(struct stuck *stuck)
{
    stuck->hears = true;
}

/* A peer has another state, and it told nothing new. */
static inline void stuck_hear(struct stuck *stuck)
{
    stuck->differs = true;
}

/* As stuck_round(), of any round. */
bool stuck_count(struct stuck *stuck, uint64_t version, bool asks);

/*
 * The next round begins, with the state in this @version; @asks: there is somebody to
 * ask, or somebody was heard. Returns whether the node is stuck.
 */
static inline bool stuck_round(struct stuck *stuck, uint64_t version, bool asks)
{
    if (stuck->differs || !stuck->hears || (stuck->heard | stuck->silent) != 0)
        return stuck_count(stuck, version, asks);
    stuck->version = version; /* most of the time */
    stuck->hears = false;
    return false;
}

#endif
