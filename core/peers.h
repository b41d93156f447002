/*
 * Whom a node may talk to: addresses given by the host and those seen as the
 * source of a message. The list that all nodes of a cluster start with is
 * shared and only read; a node stores what differs from it.
 */
#ifndef DC_CORE_PEERS_H
#define DC_CORE_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/doubts.h"
#include "core/types.h"

struct env;
struct mem;

struct peers {
    const struct mem *mem;
    const dc_name *shared; /* borrowed, ascending handles, may contain self */
    uint32_t shared_len;
    uint32_t self_at; /* index of self in shared, or shared_len */
    dc_name self;
    dc_name *own; /* owned, ascending handles, disjoint from shared and self */
    uint32_t own_len, own_cap;
    struct doubts doubts; /* who owes an answer */
};

/* @shared outlives the object. Cannot fail. */
void peers_init(struct peers *peers, const struct mem *mem, dc_name self, const dc_name *shared,
                uint32_t shared_len);
void peers_release(struct peers *peers);

/* Adds @address. Returns 1 if it is new, 0 if known or self, DC_ENOMEM, DC_ELIMIT. */
int peers_learn(struct peers *peers, dc_name address);

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

#endif
