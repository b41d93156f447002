/*
 * The peers of one node, held against a list of who was heard of, and how: whom it knows,
 * what it tells of them, and whom it picks.
 */
#include <stdlib.h>
#include <string.h>

#include "core/env.h"
#include "core/err.h"
#include "core/peers.h"
#include "sim/fatal.h"
#include "sim/models/model_inner.h"

/* By handle, as all addresses here. */
struct member {
    bool listed; /* on the list that all nodes share */
    bool is_peer;
    bool is_claimed; /* something else was heard of it than that it is there */
    struct claim claim;
};

struct members {
    struct model *it;
    struct env env;
    struct peers peers;
    struct member *at; /* one for each id; owned */
    dc_name *list;     /* ascending; owned */
    bool *seen;        /* scratch, likewise one for each; owned */
    uint32_t list_len;
    dc_name self;
    uint32_t incarnation; /* its own */
    bool tells_list, keeps_list;
};

static uint64_t on_random(void *ctx)
{
    return model_draw(((struct members *)ctx)->it, 0, UINT64_MAX);
}

static bool is_own(const struct member *member)
{
    return member->is_peer && !member->listed;
}

/* Is each of those that it knows a peer, and each peer among them, once? */
static void compare(const struct members *members)
{
    const struct model *it = members->it;
    uint32_t count = peers_count(&members->peers), due = 0;

    memset(members->seen, 0, it->len * sizeof(*members->seen));
    for (uint32_t i = 0; i < count; i++) {
        dc_name peer = peers_at(&members->peers, i);

        if (peer >= it->len || !members->at[peer].is_peer || members->seen[peer]) {
            model_wrong(it, CHECK_MEMBER, "has other peers than it heard of", i, peer);
            return;
        }
        members->seen[peer] = true;
    }
    for (dc_name name = 0; name < it->len; name++) {
        const struct member *member = &members->at[name];

        due += member->is_peer;
        if (peers_know(&members->peers, name) != member->is_peer ||
            peers_left(&members->peers, name) != member->claim.left)
            model_wrong(it, CHECK_MEMBER, "knows somebody it should not, or the reverse",
                        member->is_peer, name);
    }
    if (members->peers.claims_cap > 2 * it->len + 8)
        model_wrong(it, CHECK_MEMORY, "has room for more claims than there are addresses", it->len,
                    members->peers.claims_cap);
    if (count != due || members->peers.incarnation != members->incarnation)
        model_wrong(it, CHECK_MEMBER, "has more or fewer peers than it heard of", due, count);
}

/* ---- hearing ---- */

static void learn(struct members *members, dc_name name)
{
    struct model *it = members->it;
    struct member *member = &members->at[name];
    int due = name != members->self && !member->is_peer && !member->claim.left, rc;

    while (model_again(it, rc = peers_learn(&members->peers, name)))
        compare(members);
    if (rc != due)
        model_wrong(it, CHECK_MEMBER, "learns whom it knows, or the reverse", (uint64_t)due, name);
    member->is_peer = member->is_peer || due == 1;
}

/* A claim near to what is known. */
static struct claim draw_claim(struct members *members)
{
    struct model *it = members->it;
    struct claim claim = {.address = (dc_name)model_draw(it, 0, it->len - 1)};
    uint32_t known = claim.address == members->self ? members->incarnation
                                                    : members->at[claim.address].claim.incarnation;

    claim.left = model_draw(it, 0, 1);
    claim.incarnation = known;
    switch (model_draw(it, 0, 7)) {
    case 0:
        claim.incarnation = (uint32_t)model_draw(it, UINT32_MAX - 1, UINT32_MAX);
        break;
    case 1:
    case 2:
    case 3:
        claim.incarnation += known < UINT32_MAX;
        break;
    case 4:
        claim.incarnation -= known > 0;
        break;
    default:
        break;
    }
    return claim;
}

static void hear_of_self(struct members *members, const struct claim *claim)
{
    if (claim->incarnation > members->incarnation)
        members->incarnation = claim->incarnation;
    if (claim->left && claim->incarnation == members->incarnation &&
        members->incarnation < UINT32_MAX)
        members->incarnation++;
}

static bool is_newer(const struct claim *a, const struct claim *b)
{
    return a->incarnation > b->incarnation ||
           (a->incarnation == b->incarnation && a->left && !b->left);
}

/* What comes of it for others than the node itself. */
static int hear_of(struct members *members, const struct claim *claim, bool learns)
{
    struct member *member = &members->at[claim->address];
    bool was_left = member->claim.left;

    if (!member->is_peer && !member->is_claimed && (!learns || claim->left))
        return PEERS_NOTHING;
    if (!member->is_peer && !member->is_claimed) {
        member->is_claimed = claim->incarnation > 0;
        member->claim = *claim;
        member->is_peer = true;
        return PEERS_LEARNED;
    }
    if (!is_newer(claim, &member->claim))
        return PEERS_NOTHING;
    member->is_claimed = true;
    member->claim = *claim;
    member->is_peer = !claim->left;
    return claim->left == was_left ? PEERS_NOTHING : claim->left ? PEERS_LOST : PEERS_LEARNED;
}

static void hear(struct members *members)
{
    struct model *it = members->it;
    struct claim claim = draw_claim(members);
    bool learns = model_draw(it, 0, 1);
    int rc, due = PEERS_NOTHING;

    while (model_again(it, rc = peers_hear(&members->peers, &claim, learns)))
        compare(members);
    if (claim.address == members->self)
        hear_of_self(members, &claim);
    else
        due = hear_of(members, &claim, learns);
    if (rc != due)
        model_wrong(it, CHECK_MEMBER, "makes something else of a claim than it says", (uint64_t)due,
                    (uint64_t)rc);
}

static void hear_farewell(struct members *members)
{
    struct claim claim = draw_claim(members);
    bool is_self = claim.address == members->self;
    bool found = peers_hear_farewell(&members->peers, &claim);

    if (is_self && claim.incarnation > members->incarnation)
        members->incarnation = claim.incarnation;
    if (found != (is_self && claim.left && claim.incarnation == members->incarnation))
        model_wrong(members->it, CHECK_MEMBER,
                    "takes for its farewell what is none, or the reverse", claim.address, found);
}

/* ---- telling ---- */

static bool is_told(const struct members *members, dc_name name, dc_name to, bool list)
{
    const struct member *member = &members->at[name];

    return name != members->self && name != to && claims_can_tell(&members->it->names, name) &&
           (member->is_claimed || is_own(member) || (list && member->listed));
}

static bool tells_of_it(const struct members *members, dc_name to, enum peers_of_it of_it)
{
    const struct member *member = &members->at[to];
    bool left = member->claim.left;

    return member->is_claimed && claims_can_tell(&members->it->names, to) &&
           (of_it == PEERS_OF_IT_ANY || left == (of_it == PEERS_OF_IT_LEFT));
}

static bool is_true(const struct members *members, const struct claim *claim, bool leaves)
{
    const struct claim *known = &members->at[claim->address].claim;

    if (claim->address == members->self)
        return claim->incarnation == members->incarnation && claim->left == leaves;
    return claim->incarnation == known->incarnation && claim->left == known->left;
}

/* One after the other to the same: all is told before long, each time what is so. */
static void tell(struct members *members, dc_name to)
{
    struct model *it = members->it;
    bool leaves = model_draw(it, 0, 1);
    enum peers_of_it of_it = (enum peers_of_it)model_draw(it, 0, PEERS_OF_IT_ALIVE);
    bool list = !members->keeps_list && (members->tells_list || !members->at[to].listed);
    bool of_self =
        (leaves || members->incarnation > 0) && claims_can_tell(&it->names, members->self);

    memset(members->seen, 0, it->len * sizeof(*members->seen));
    for (uint32_t turns = 2 * it->len / (DC_CLAIMS_MAX - 2) + 2; turns > 0; turns--) {
        struct claim claims[DC_CLAIMS_MAX];
        uint32_t len = peers_tell(&members->peers, &it->names, to, leaves, of_it, claims);
        bool has_self = false, has_it = false;

        for (uint32_t i = 0; i < len; i++) {
            dc_name name = claims[i].address;

            has_self = has_self || name == members->self;
            has_it = has_it || name == to;
            members->seen[name] = true;
            for (uint32_t j = 0; j < i; j++)
                if (claims[j].address == name)
                    model_wrong(it, CHECK_MEMBER, "tells of somebody twice", i, name);
            if (!is_true(members, &claims[i], leaves))
                model_wrong(it, CHECK_MEMBER, "tells of somebody what is not so", i, name);
        }
        if (has_self != of_self || has_it != tells_of_it(members, to, of_it))
            model_wrong(it, CHECK_MEMBER, "tells of itself, or of whom it tells, or does not",
                        of_self, has_self);
    }
    for (dc_name name = 0; name < it->len; name++)
        if (name != members->self && name != to &&
            members->seen[name] != is_told(members, name, to, list))
            model_wrong(it, CHECK_MEMBER, "never tells what it knows, or tells what it must not",
                        !members->seen[name], name);
}

static void ask_news(const struct members *members)
{
    bool due = members->incarnation > 0 || (members->tells_list && !members->keeps_list);

    for (dc_name name = 0; name < members->it->len; name++)
        due = due || members->at[name].is_claimed || is_own(&members->at[name]);
    if (peers_has_news(&members->peers) != due)
        model_wrong(members->it, CHECK_MEMBER, "has nothing to tell, or says so", due, !due);
}

/* ---- picking ---- */

static void pick(struct members *members)
{
    struct model *it = members->it;
    uint32_t want = (uint32_t)model_draw(it, 0, it->len + 1), count = peers_count(&members->peers);
    dc_name picked[MODEL_IDS_MAX + 1];
    uint32_t len = model_draw(it, 0, 1)
                       ? peers_pick(&members->peers, &members->env, want, picked)
                       : peers_pick_any(&members->peers, &members->env, want, picked);

    if (len != (want < count ? want : count))
        model_wrong(it, CHECK_MEMBER, "picks more peers than it should, or fewer", want, len);
    memset(members->seen, 0, it->len * sizeof(*members->seen));
    for (uint32_t i = 0; i < len; i++) {
        if (picked[i] >= it->len || !members->at[picked[i]].is_peer || members->seen[picked[i]])
            model_wrong(it, CHECK_MEMBER, "picks who is no peer, or one twice", i, picked[i]);
        else
            members->seen[picked[i]] = true;
    }
}

/* ---- all of it ---- */

/* Nobody, everybody, or some: also itself. */
static void make(struct members *members)
{
    struct model *it = members->it;
    uint64_t kind = model_draw(it, 0, 3);

    members->at = fatal_calloc(it->len, sizeof(*members->at));
    members->list = fatal_calloc(it->len, sizeof(*members->list));
    members->seen = fatal_calloc(it->len, sizeof(*members->seen));
    members->self = (dc_name)model_draw(it, 0, it->len - 1);
    for (dc_name name = 0; name < it->len; name++) {
        bool listed = kind == 0 || (kind > 1 && model_draw(it, 0, 1));

        members->at[name].claim.address = name;
        if (!listed)
            continue;
        members->list[members->list_len++] = name;
        members->at[name].listed = members->at[name].is_peer = name != members->self;
    }
    peers_init(&members->peers, &it->memory.mem, members->self, members->list, members->list_len);
    members->peers.tells_list = members->tells_list = model_draw(it, 0, 1);
    members->peers.keeps_list = members->keeps_list = model_draw(it, 0, 3) == 0;
}

static void step(struct members *members)
{
    struct model *it = members->it;
    dc_name name = (dc_name)model_draw(it, 0, it->len - 1);

    switch (model_draw(it, 0, 15)) {
    case 0:
        if (name != members->self)
            tell(members, name);
        break;
    case 1:
        pick(members);
        break;
    case 2:
        hear_farewell(members);
        break;
    case 3:
    case 4:
    case 5:
        learn(members, name);
        break;
    default:
        hear(members);
    }
    ask_news(members);
    compare(members);
}

void model_ask_members(struct model *it)
{
    static const struct env_ops ops = {.random = on_random};
    struct members members = {.it = it};
    uint64_t steps = model_draw(it, 0, 2 * (uint64_t)it->len + 8);

    members.env = (struct env){.ops = &ops, .ctx = &members};
    make(&members);
    model_starve(it, model_draw(it, 0, 1));
    for (uint64_t i = 0; i < steps && !model_is_wrong(it); i++)
        step(&members);
    model_starve(it, false);
    peers_release(&members.peers);
    free(members.at);
    free(members.list);
    free(members.seen);
}
