/*
 * Whom a node has asked without an answer, and whom it therefore leaves alone
 * for a while. A peer is here from the pull that it is sent until anything is
 * heard of it; who answers is not here. So in a healthy cluster the table
 * holds the pulls that are on their way, whatever the number of peers.
 *
 * A pull counts when it is sent, and an answer takes back all of them, however
 * late: a lost message, or a delay of several rounds, costs nothing. The wait
 * doubles up to a bound, so nobody is ever given up.
 */
#ifndef DC_CORE_DOUBTS_H
#define DC_CORE_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"

struct mem;

/* Pulls without an answer, in a row, before a peer is skipped for a round. */
#define DOUBTS_PATIENCE 3u
/* Rounds for which a peer is skipped at most: after one pull more it is 2, 4, and then this. */
#define DOUBTS_SKIP_MAX 8u
/* Peers in the table. When it is full the one that was asked first is taken for healthy. */
#define DOUBTS_MAX 256u

struct doubt {
    dc_name peer;
    uint32_t unanswered; /* pulls since something was heard of it, > 0 */
    uint64_t asked;      /* round of the last */
    uint64_t until;      /* it is skipped in the rounds before this one */
};

/* Read-only for others. */
struct doubts {
    const struct mem *mem;
    uint64_t round;   /* the present one, from 1 */
    uint64_t until;   /* nobody is skipped in this round or later */
    struct doubt *at; /* owned, ascending handles */
    uint32_t len, cap;
};

/* Cannot fail. */
void doubts_init(struct doubts *doubts, const struct mem *mem);
void doubts_release(struct doubts *doubts);

/* The next round has begun. */
void doubts_round(struct doubts *doubts);

/*
 * @peer is sent a pull. Without memory that is forgotten at once: the peer is
 * then asked more often than it would be.
 */
void doubts_ask(struct doubts *doubts, dc_name peer);

/* Removes the @index-th. */
void doubts_drop(struct doubts *doubts, uint32_t index);

/* Where @peer is in the table, or where it belongs. */
uint32_t doubts_place(const struct doubts *doubts, dc_name peer);

/* Something was heard of @peer: it is as good as any other. */
static inline void doubts_hear(struct doubts *doubts, dc_name peer)
{
    if (doubts->len == 0)
        return;

    uint32_t at = doubts_place(doubts, peer);
    if (at < doubts->len && doubts->at[at].peer == peer)
        doubts_drop(doubts, at);
}

/* May anybody have to be skipped in this round? */
static inline bool doubts_any(const struct doubts *doubts)
{
    return doubts->round < doubts->until;
}

#endif
