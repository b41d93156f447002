/*
 * The peers of one node: a list that all nodes share, less the node itself,
 * and the few addresses it knows beyond that list.
 */
#include "core/peers.h"

#include <string.h>

#include "core/contract.h"
#include "core/env.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/banned.h"

/*
 * Where @name is in ascending @names, or where it belongs. By handle, which is
 * no order that anybody sees: it only finds things again.
 */
static uint32_t place_of(const dc_name *names, uint32_t len, dc_name name)
{
    uint32_t low = 0;
    uint32_t high = len;

    /* A host that names its peers first, each once, gives them the handles 0, 1, 2... */
    if (name < len && names[name] == name)
        return name;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (names[middle] < name)
            low = middle + 1;
        else
            high = middle;
    }

    return low;
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
    peers->turns[1] = peers->self_at; /* so that not all begin with the same */
    doubts_init(&peers->doubts, mem);
}

void peers_release(struct peers *peers)
{
    if (peers->own != NULL)
        mem_free(peers->mem, peers->own, peers->own_cap * sizeof(*peers->own));
    if (peers->gone != NULL)
        mem_free(peers->mem, peers->gone, peers->gone_cap * sizeof(*peers->gone));
    if (peers->claims != NULL)
        mem_free(peers->mem, peers->claims, peers->claims_cap * sizeof(*peers->claims));
    doubts_release(&peers->doubts);
    *peers = (struct peers){0};
}

/* ---- the list, and what differs from it ---- */

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

static uint32_t without_self(const struct peers *peers)
{
    return peers->shared_len - (peers->self_at < peers->shared_len);
}

/* The place of @address in shared, self not counted; UINT32_MAX if it is not there, or self. */
static uint32_t shared_place(const struct peers *peers, dc_name address)
{
    uint32_t at = place_of(peers->shared, peers->shared_len, address);

    if (at == peers->shared_len || peers->shared[at] != address || at == peers->self_at)
        return UINT32_MAX;
    return at - (at > peers->self_at);
}

/* The place of @address in the order of peers_at(), or UINT32_MAX if it is no peer. */
static uint32_t index_of(const struct peers *peers, dc_name address)
{
    uint32_t at = shared_place(peers, address);

    if (at != UINT32_MAX) {
        /* Places and handles are both 32 bits: one search does for either. */
        uint32_t before = place_of(peers->gone, peers->gone_len, at);
        bool gone = before < peers->gone_len && peers->gone[before] == at;
        return gone ? UINT32_MAX : at - before;
    }
    at = place_of(peers->own, peers->own_len, address);
    if (at < peers->own_len && peers->own[at] == address)
        return without_self(peers) - peers->gone_len + at;
    return UINT32_MAX;
}

bool peers_know(const struct peers *peers, dc_name address)
{
    return index_of(peers, address) != UINT32_MAX;
}

/* Room for one more number in a list of our own. */
static int reserve(const struct mem *mem, uint32_t **list, uint32_t len, uint32_t *cap)
{
    if (len < *cap)
        return 0;

    size_t more = mem_grow(*cap, (size_t)len + 1, DC_NAMES_MAX);
    uint32_t *moved = mem_resize(mem, *list, *cap * sizeof(*moved), more * sizeof(*moved));
    if (moved == NULL)
        return DC_ENOMEM;
    *list = moved;
    *cap = (uint32_t)more;
    return 0;
}

static void insert(uint32_t *list, uint32_t *len, uint32_t number)
{
    uint32_t at = place_of(list, *len, number);

    memmove(list + at + 1, list + at, (*len - at) * sizeof(*list));
    list[at] = number;
    (*len)++;
}

static void take_out(uint32_t *list, uint32_t *len, uint32_t number)
{
    uint32_t at = place_of(list, *len, number);

    (*len)--;
    memmove(list + at, list + at + 1, (*len - at) * sizeof(*list));
}

int peers_learn(struct peers *peers, dc_name address)
{
    PRE(address != DC_NAME_NONE, "a peer has an address");

    if (address == peers->self || peers_know(peers, address) || peers_left(peers, address))
        return 0;
    if (peers->own_len + peers->strangers >= DC_PEERS_MAX) {
        MARK(PEERS_FULL);
        return DC_ELIMIT;
    }

    int rc = reserve(peers->mem, &peers->own, peers->own_len, &peers->own_cap);
    if (rc < 0)
        return rc;
    insert(peers->own, &peers->own_len, address);

    return 1;
}

uint32_t peers_count(const struct peers *peers)
{
    return without_self(peers) - peers->gone_len + peers->own_len;
}

dc_name peers_at(const struct peers *peers, uint32_t index)
{
    PRE(index < peers_count(peers), "there are only so many peers");

    uint32_t listed = without_self(peers) - peers->gone_len;
    if (index >= listed)
        return peers->own[index - listed];
    index = pass_over(peers->gone, peers->gone_len, index);

    /* Everything behind the node itself moves up by one. */
    return peers->shared[index + (index >= peers->self_at)];
}

/* ---- claims ---- */

static uint32_t claim_place(const struct peers *peers, dc_name address)
{
    uint32_t low = 0;
    uint32_t high = peers->claims_len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (peers->claims[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }

    return low;
}

static struct claim *claim_of(const struct peers *peers, dc_name address)
{
    uint32_t at = claim_place(peers, address);

    return at < peers->claims_len && peers->claims[at].address == address ? &peers->claims[at]
                                                                          : NULL;
}

bool peers_left(const struct peers *peers, dc_name address)
{
    const struct claim *claim = peers->claims_len > 0 ? claim_of(peers, address) : NULL;

    return claim != NULL && claim->left;
}

static int claims_reserve(struct peers *peers)
{
    if (peers->claims_len < peers->claims_cap)
        return 0;

    size_t cap = mem_grow(peers->claims_cap, (size_t)peers->claims_len + 1, DC_NAMES_MAX);
    struct claim *claims = mem_resize(peers->mem, peers->claims,
                                      peers->claims_cap * sizeof(*claims), cap * sizeof(*claims));
    if (claims == NULL)
        return DC_ENOMEM;
    peers->claims = claims;
    peers->claims_cap = (uint32_t)cap;
    return 0;
}

/* Writes a claim down; there is room. */
static void keep(struct peers *peers, const struct claim *claim)
{
    uint32_t at = claim_place(peers, claim->address);

    if (at == peers->claims_len || peers->claims[at].address != claim->address) {
        memmove(peers->claims + at + 1, peers->claims + at,
                (peers->claims_len - at) * sizeof(*claim));
        peers->claims_len++;
    }
    peers->claims[at] = *claim;
}

/* What others say of ourselves. */
static void hear_of_self(struct peers *peers, const struct claim *claim)
{
    if (claim->incarnation >= peers->incarnation)
        peers->incarnation = claim->incarnation;
    if (claim->left && claim->incarnation == peers->incarnation &&
        claim->incarnation < UINT32_MAX) {
        MARK(PEERS_REFUTED);
        if (claim->incarnation > 0)
            MARK(PEERS_REFUTED_AGAIN);
        peers->incarnation++;
    }
}

/* A peer has left. It fails only before anything is done. */
static int lose(struct peers *peers, const struct claim *claim)
{
    uint32_t at = shared_place(peers, claim->address);
    int rc = claims_reserve(peers);

    if (rc == 0 && at != UINT32_MAX)
        rc = reserve(peers->mem, &peers->gone, peers->gone_len, &peers->gone_cap);
    if (rc < 0)
        return rc;
    if (at != UINT32_MAX) {
        insert(peers->gone, &peers->gone_len, at);
    } else {
        take_out(peers->own, &peers->own_len, claim->address);
        peers->strangers++;
        MARK(PEERS_LOST_STRANGER);
    }
    doubts_hear(&peers->doubts, claim->address); /* it owes nothing any more */
    keep(peers, claim);

    return PEERS_LOST;
}

/* One that left is there again; its claim says so, and has its place already. */
static int find_again(struct peers *peers, const struct claim *claim)
{
    uint32_t at = shared_place(peers, claim->address);

    if (at != UINT32_MAX) {
        take_out(peers->gone, &peers->gone_len, at);
    } else {
        int rc = reserve(peers->mem, &peers->own, peers->own_len, &peers->own_cap);
        if (rc < 0)
            return rc;
        insert(peers->own, &peers->own_len, claim->address);
        peers->strangers--;
    }
    keep(peers, claim);
    MARK(PEERS_FOUND_AGAIN);

    return PEERS_LEARNED;
}

/* Nothing was known of it. */
static int hear_first(struct peers *peers, const struct claim *claim, bool learns)
{
    int rc;

    if (!learns || claim->left)
        return PEERS_NOTHING;
    rc = claim->incarnation > 0 ? claims_reserve(peers) : 0;
    if (rc == 0)
        rc = peers_learn(peers, claim->address);
    if (rc <= 0)
        return rc;
    if (claim->incarnation > 0)
        keep(peers, claim);

    return PEERS_LEARNED;
}

int peers_hear(struct peers *peers, const struct claim *claim, bool learns)
{
    if (claim->address == peers->self) {
        hear_of_self(peers, claim);
        return PEERS_NOTHING;
    }

    struct claim known = {.address = claim->address}; /* who is only on the list is alive */
    const struct claim *kept = claim_of(peers, claim->address);
    if (kept != NULL)
        known = *kept;
    else if (!peers_know(peers, claim->address))
        return hear_first(peers, claim, learns);
    if (!claim_newer(claim, &known))
        return PEERS_NOTHING;
    if (claim->left && !known.left)
        return lose(peers, claim);
    if (!claim->left && known.left)
        return find_again(peers, claim);

    int rc = claims_reserve(peers);
    if (rc == 0)
        keep(peers, claim);
    return rc;
}

bool peers_hear_farewell(struct peers *peers, const struct claim *claim)
{
    if (claim->address != peers->self)
        return false;
    if (claim->incarnation > peers->incarnation) {
        MARK(PEERS_OLDER_FAREWELL);
        peers->incarnation = claim->incarnation;
    }
    return claim->left && claim->incarnation == peers->incarnation;
}

void peers_show_names(struct peers *peers, struct names_sweep *sweep)
{
    names_show(sweep, &peers->self);
    for (uint32_t i = 0; i < peers->own_len; i++)
        names_show(sweep, &peers->own[i]);
    for (uint32_t i = 0; i < peers->claims_len; i++)
        names_show(sweep, &peers->claims[i].address);
    for (uint32_t i = 0; i < peers->doubts.len; i++)
        names_show(sweep, &peers->doubts.at[i].peer);
}

/* ---- telling ---- */

/* How far a search for something to tell goes: most of what is there can be told. */
#define TELL_STEPS_MAX (4 * DC_CLAIMS_MAX)

/* The @index-th of all that there is to tell: claims first. False when it stands elsewhere. */
static bool told_at(const struct peers *peers, uint32_t index, struct claim *ret)
{
    if (index < peers->claims_len) {
        *ret = peers->claims[index];
        return true;
    }
    index -= peers->claims_len;
    *ret = (struct claim){
        .address =
            index < peers->own_len ? peers->own[index] : peers->shared[index - peers->own_len],
    };

    return ret->address != peers->self && claim_of(peers, ret->address) == NULL;
}

/* Is @to told of itself? Into @ret what. */
static bool of_itself(const struct peers *peers, dc_name to, enum peers_of_it of_it,
                      struct claim *ret)
{
    const struct claim *claim = peers->claims_len > 0 ? claim_of(peers, to) : NULL;

    if (claim == NULL)
        return false;
    *ret = *claim;
    switch (of_it) {
    case PEERS_OF_IT_LEFT:
        return claim->left;
    case PEERS_OF_IT_ANY:
        return true;
    case PEERS_OF_IT_ALIVE:
        break;
    }
    return !claim->left;
}

uint32_t peers_tell(struct peers *peers, const struct names *names, dc_name to, bool leaves,
                    enum peers_of_it of_it, struct claim ret_claims[DC_CLAIMS_MAX])
{
    bool all_of_it =
        !peers->keeps_list && (peers->tells_list || shared_place(peers, to) == UINT32_MAX);
    uint32_t all = peers->claims_len + peers->own_len + (all_of_it ? peers->shared_len : 0);
    uint32_t *turn = &peers->turns[all_of_it];
    uint32_t steps = all < TELL_STEPS_MAX ? all : TELL_STEPS_MAX;
    uint32_t len = 0;

    if (leaves || peers->incarnation > 0)
        ret_claims[len++] = (struct claim){
            .address = peers->self, .incarnation = peers->incarnation, .left = leaves};
    if (len > 0 && !claims_can_tell(names, peers->self))
        len = 0;
    if (of_itself(peers, to, of_it, &ret_claims[len]) && claims_can_tell(names, to))
        len++;

    for (uint32_t i = 0; i < steps && len < DC_CLAIMS_MAX; i++) {
        if (*turn >= all)
            *turn = 0;
        bool is_told = told_at(peers, (*turn)++, &ret_claims[len]);
        if (is_told && ret_claims[len].address != to &&
            claims_can_tell(names, ret_claims[len].address))
            len++;
    }
    if (len == DC_CLAIMS_MAX && steps > DC_CLAIMS_MAX)
        MARK(PEERS_TOLD_PART);

    return len;
}

/* ---- picking ---- */

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

/* Of those that are not in @out, which is ascending by place. */
static uint32_t pick(const struct peers *peers, const struct env *env, uint32_t want,
                     const uint32_t *out, uint32_t out_len, dc_name *ret_peers)
{
    uint32_t count = peers_count(peers) - out_len;

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

uint32_t peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                    dc_name *ret_peers)
{
    PRE(want <= DC_FANOUT_MAX, "the fanout has a limit");

    uint32_t out[DOUBTS_MAX];
    uint32_t out_len = doubts_any(&peers->doubts) ? skipped(peers, out) : 0;
    if (out_len > 0 && out_len == peers_count(peers) && want > 0) {
        MARK(PEERS_ALL_SKIPPED);
        return pick(peers, env, 1, out, 0, ret_peers);
    }

    return pick(peers, env, want, out, out_len, ret_peers);
}

uint32_t peers_pick_any(const struct peers *peers, const struct env *env, uint32_t want,
                        dc_name *ret_peers)
{
    PRE(want <= DC_FANOUT_MAX, "the fanout has a limit");

    return pick(peers, env, want, NULL, 0, ret_peers);
}
