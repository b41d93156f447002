/*
 * The peers of one node: a list that all nodes share, less the node itself,
 * and the few addresses it knows beyond that list.
 */
#include "core/peers.h"

#include <string.h>

#include "core/contract.h"
#include "core/env.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/banned.h"

/*
 * Where @name is in ascending @names, or where it belongs. By handle, which is
 * no order that anybody sees: it only finds things again.
 */
static uint32_t place_of(const dc_name *names, uint32_t len, dc_name name)
{
    uint32_t low = 0;
    uint32_t high = len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (names[middle] < name)
            low = middle + 1;
        else
            high = middle;
    }

    return low;
}

static bool holds(const dc_name *names, uint32_t len, dc_name name)
{
    uint32_t at = place_of(names, len, name);

    return at < len && names[at] == name;
}

void peers_init(struct peers *peers, const struct mem *mem, dc_name self, const dc_name *shared,
                uint32_t shared_len)
{
    PRE(shared_len <= DC_NAMES_MAX, "a list of peers holds each address once");

    uint32_t at = place_of(shared, shared_len, self);

    *peers = (struct peers){
        .mem = mem,
        .shared = shared,
        .shared_len = shared_len,
        .self_at = at < shared_len && shared[at] == self ? at : shared_len,
        .self = self,
    };
    doubts_init(&peers->doubts, mem);
}

void peers_release(struct peers *peers)
{
    if (peers->own != NULL)
        mem_free(peers->mem, peers->own, peers->own_cap * sizeof(*peers->own));
    doubts_release(&peers->doubts);
    *peers = (struct peers){0};
}

bool peers_know(const struct peers *peers, dc_name address)
{
    if (address == peers->self)
        return false;
    return holds(peers->shared, peers->shared_len, address) ||
           holds(peers->own, peers->own_len, address);
}

int peers_learn(struct peers *peers, dc_name address)
{
    PRE(address != DC_NAME_NONE, "a peer has an address");

    if (address == peers->self || peers_know(peers, address))
        return 0;
    if (peers->own_len == DC_NAMES_MAX)
        return DC_ELIMIT;
    if (peers->own_len == peers->own_cap) {
        size_t cap = mem_grow(peers->own_cap, peers->own_len + 1, DC_NAMES_MAX);
        dc_name *own =
            mem_resize(peers->mem, peers->own, peers->own_cap * sizeof(*own), cap * sizeof(*own));
        if (own == NULL)
            return DC_ENOMEM;
        peers->own = own;
        peers->own_cap = (uint32_t)cap;
    }

    uint32_t at = place_of(peers->own, peers->own_len, address);
    memmove(peers->own + at + 1, peers->own + at, (peers->own_len - at) * sizeof(*peers->own));
    peers->own[at] = address;
    peers->own_len++;

    return 1;
}

uint32_t peers_count(const struct peers *peers)
{
    uint32_t without_self = peers->shared_len - (peers->self_at < peers->shared_len);

    return without_self + peers->own_len;
}

dc_name peers_at(const struct peers *peers, uint32_t index)
{
    PRE(index < peers_count(peers), "there are only so many peers");

    /* Everything behind the node itself moves up by one. */
    if (index >= peers->self_at)
        index++;
    if (index < peers->shared_len)
        return peers->shared[index];

    /* A list without the node has self_at at its end, and index moved there too. */
    uint32_t shared_end =
        peers->self_at < peers->shared_len ? peers->shared_len : peers->shared_len + 1;
    return peers->own[index - shared_end];
}

/*
 * The element of rank @rank among those whose places are not in ascending
 * @out: it lies behind every place that leaves at most @rank others before it.
 */
static uint32_t pass_over(const uint32_t *out, uint32_t len, uint32_t rank)
{
    uint32_t low = 0;
    uint32_t high = len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (out[middle] - middle <= rank)
            low = middle + 1;
        else
            high = middle;
    }

    return rank + low;
}

/* The place of @peer in the order of peers_at(), or UINT32_MAX. */
static uint32_t index_of(const struct peers *peers, dc_name peer)
{
    uint32_t without_self = peers->shared_len - (peers->self_at < peers->shared_len);
    uint32_t at = place_of(peers->shared, peers->shared_len, peer);

    if (at < peers->shared_len && peers->shared[at] == peer)
        return at - (at > peers->self_at);
    at = place_of(peers->own, peers->own_len, peer);
    if (at < peers->own_len && peers->own[at] == peer)
        return without_self + at;
    return UINT32_MAX;
}

/* The places of those to be skipped in this round, ascending. */
static uint32_t skipped(const struct peers *peers, uint32_t ret_out[DOUBTS_MAX])
{
    const struct doubts *doubts = &peers->doubts;
    uint32_t len = 0;

    for (uint32_t i = 0; i < doubts->len; i++) {
        if (doubts->at[i].until <= doubts->round)
            continue;
        uint32_t index = index_of(peers, doubts->at[i].peer);
        if (index == UINT32_MAX)
            continue;
        /* They come nearly in order: those of the list, with those of our own between. */
        uint32_t at = len++;
        for (; at > 0 && ret_out[at - 1] > index; at--)
            ret_out[at] = ret_out[at - 1];
        ret_out[at] = index;
    }

    return len;
}

static bool picked(const dc_name *names, uint32_t len, dc_name name)
{
    for (uint32_t i = 0; i < len; i++) {
        if (names[i] == name)
            return true;
    }

    return false;
}

uint32_t peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                    dc_name *ret_peers)
{
    PRE(want <= DC_FANOUT_MAX, "the fanout has a limit");

    uint32_t out[DOUBTS_MAX];
    uint32_t out_len = doubts_any(&peers->doubts) ? skipped(peers, out) : 0;
    uint32_t count = peers_count(peers) - out_len;
    if (count == 0 && out_len > 0 && want > 0) {
        count = out_len;
        out_len = 0;
        want = 1;
    }

    /*
     * Robert Floyd's sampling (Bentley, "Programming pearls: a sample of
     * brilliance", CACM 30(9), 1987): no copy of the list, one draw a pick.
     * Looking through the picks is quadratic in the fanout, which is small.
     */
    uint32_t len = want < count ? want : count;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t last = count - len + i;
        uint32_t rank = (uint32_t)env_below(env, (uint64_t)last + 1);
        dc_name peer = peers_at(peers, pass_over(out, out_len, rank));
        if (picked(ret_peers, i, peer))
            peer = peers_at(peers, pass_over(out, out_len, last));
        ret_peers[i] = peer;
    }

    return len;
}
