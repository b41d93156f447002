/*
 * Whom a node may talk to: addresses given by the host, those seen as the
 * source of a message, and those that others tell of; less those that left.
 * The list that all nodes of a cluster start with is shared and only read; a
 * node stores what differs from it, and tells only that: who came, who left,
 * who came back. In a cluster where nothing of the kind happened nobody tells
 * anything.
 */
#ifndef DC_CORE_PEERS_H
#define DC_CORE_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/claims.h"
#include "core/doubts.h"
#include "core/types.h"

struct env;
struct mem;
struct names;
struct names_sweep;

struct peers {
    const struct mem *mem;
    const dc_name *shared; /* borrowed, ascending handles, may contain self */
    uint32_t shared_len;
    uint32_t self_at; /* index of self in shared, or shared_len */
    dc_name self;
    dc_name *own; /* owned, ascending handles, disjoint from shared and self */
    uint32_t own_len, own_cap;
    struct doubts doubts; /* who owes an answer */
    uint32_t *gone;       /* owned, ascending: places in shared, self not counted, of who left */
    uint32_t gone_len, gone_cap;
    struct claim *claims; /* owned, ascending handles: of those that left, or have come back */
    uint32_t claims_len, claims_cap;
    uint32_t strangers;   /* claims of those that left and are not in shared */
    uint32_t incarnation; /* our own */
    uint32_t turns[2];    /* whom to tell of next: those who know the list, and others */
    bool tells_list;      /* others have other lists: shared is told to all */
    bool keeps_list;      /* it is told to nobody; otherwise to those who are not on it */
};

/* @shared outlives the object. Cannot fail. */
void peers_init(struct peers *peers, const struct mem *mem, dc_name self, const dc_name *shared,
                uint32_t shared_len);
void peers_release(struct peers *peers);

/*
 * Adds @address. Returns 1 if it is new, 0 if it is known, self or has left,
 * DC_ENOMEM, or DC_ELIMIT when DC_PEERS_MAX were learned.
 */
int peers_learn(struct peers *peers, dc_name address);

enum peers_news {
    PEERS_NOTHING = 0, /* known, older than what is known, or of no interest */
    PEERS_LEARNED = 1, /* it is a peer now */
    PEERS_LOST = 2,    /* it left, and is no peer any more */
};

/*
 * Takes a claim in that others make. Who is unknown is learned if @learns is
 * true, and if it did not leave. A claim that the node itself left is refuted
 * by a higher incarnation of its own.
 * Returns an enum peers_news, DC_ENOMEM or DC_ELIMIT.
 */
int peers_hear(struct peers *peers, const struct claim *claim, bool learns);

/*
 * We leave and hear @claim of ourselves. Returns whether it is our farewell. One of a
 * later incarnation is taken over, or else nobody would believe us.
 */
bool peers_hear_farewell(struct peers *peers, const struct claim *claim);

/* Did it leave, as far as known? */
bool peers_left(const struct peers *peers, dc_name address);

/* Is there anything to tell? */
static inline bool peers_has_news(const struct peers *peers)
{
    return peers->own_len > 0 || peers->claims_len > 0 || peers->incarnation > 0 ||
           (peers->tells_list && !peers->keeps_list);
}

/* What a node is told of itself. */
enum peers_of_it {
    PEERS_OF_IT_LEFT = 0, /* that it left, if it is said to have: perhaps it has not */
    PEERS_OF_IT_ANY,      /* whatever was heard: it leaves, and this is the answer */
    PEERS_OF_IT_ALIVE,    /* only that it has not left */
};

/*
 * What to tell @to, at most DC_CLAIMS_MAX claims: of ourselves if @leaves or if
 * there is something to refute, of @to what @of_it says, and of the others in turn.
 * Returns how many.
 */
uint32_t peers_tell(struct peers *peers, const struct names *names, dc_name to, bool leaves,
                    enum peers_of_it of_it, struct claim ret_claims[DC_CLAIMS_MAX]);

/* Shows all handles but those of shared (core/names.h). */
void peers_show_names(struct peers *peers, struct names_sweep *sweep);

bool peers_know(const struct peers *peers, dc_name address);

/* How many there are. */
uint32_t peers_count(const struct peers *peers);

/* The peer at @index < peers_count(), in an order that only peers_learn() changes. */
dc_name peers_at(const struct peers *peers, uint32_t index);

/*
 * Picks min(@want, count) different peers, each set equally likely, with bits
 * from env->random: one call for each pick. @ret_peers has room for @want <=
 * DC_FANOUT_MAX. Returns how many were picked.
 *
 * Peers that are skipped in this round (core/doubts.h) count as not there; but
 * when all of them are, one of them is picked all the same.
 */
uint32_t peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                    dc_name *ret_peers);

/*
 * The same, of all peers, also those that are skipped. For what is sent unasked:
 * who is silent may hear us all the same, and has no other way to learn.
 */
uint32_t peers_pick_any(const struct peers *peers, const struct env *env, uint32_t want,
                        dc_name *ret_peers);

#endif
