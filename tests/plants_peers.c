/* Of plants.h: what is spoilt between a node and its peers. */
#include <string.h>

#include "core/claims.h"
#include "core/doubts.h"
#include "core/env.h"
#include "core/peers.h"
#include "core/stuck.h"
#include "tests/plants.h"

int __real_peers_hear(struct peers *peers, const struct claim *claim, bool learns);
int __wrap_peers_hear(struct peers *peers, const struct claim *claim, bool learns);
int __real_peers_learn(struct peers *peers, dc_name address);
int __wrap_peers_learn(struct peers *peers, dc_name address);
bool __real_peers_hear_farewell(struct peers *peers, const struct claim *claim);
bool __wrap_peers_hear_farewell(struct peers *peers, const struct claim *claim);
bool __real_peers_know(const struct peers *peers, dc_name address);
bool __wrap_peers_know(const struct peers *peers, dc_name address);
uint32_t __real_peers_count(const struct peers *peers);
uint32_t __wrap_peers_count(const struct peers *peers);
dc_name __real_peers_at(const struct peers *peers, uint32_t index);
dc_name __wrap_peers_at(const struct peers *peers, uint32_t index);
uint32_t __real_peers_tell(struct peers *peers, const struct names *names, dc_name to, bool leaves,
                           enum peers_of_it of_it, struct claim ret_claims[DC_CLAIMS_MAX]);
uint32_t __wrap_peers_tell(struct peers *peers, const struct names *names, dc_name to, bool leaves,
                           enum peers_of_it of_it, struct claim ret_claims[DC_CLAIMS_MAX]);
uint32_t __real_peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                           dc_name *ret_peers);
uint32_t __wrap_peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                           dc_name *ret_peers);
uint32_t __real_peers_pick_any(const struct peers *peers, const struct env *env, uint32_t want,
                               dc_name *ret_peers);
uint32_t __wrap_peers_pick_any(const struct peers *peers, const struct env *env, uint32_t want,
                               dc_name *ret_peers);
bool __real_stuck_count(struct stuck *stuck, uint64_t version, bool asks);
bool __wrap_stuck_count(struct stuck *stuck, uint64_t version, bool asks);
void __real_doubts_ask(struct doubts *doubts, dc_name peer);
void __wrap_doubts_ask(struct doubts *doubts, dc_name peer);
void __real_doubts_drop(struct doubts *doubts, uint32_t index);
void __wrap_doubts_drop(struct doubts *doubts, uint32_t index);

bool __wrap_stuck_count(struct stuck *stuck, uint64_t version, bool asks)
{
    bool found = __real_stuck_count(stuck, version, asks);

    if (plant == PLANT_ALONE_NEVER)
        stuck->silent = 0;
    return found && plant != PLANT_STUCK_NEVER;
}

void __wrap_doubts_ask(struct doubts *doubts, dc_name peer)
{
    __real_doubts_ask(doubts, peer);
    if (plant == PLANT_SKIPS_NONE)
        doubts->until = 0;
}

void __wrap_doubts_drop(struct doubts *doubts, uint32_t index)
{
    if (plant != PLANT_DOUBTS_ALL)
        __real_doubts_drop(doubts, index);
}

int __wrap_peers_hear(struct peers *peers, const struct claim *claim, bool learns)
{
    int rc = __real_peers_hear(peers, claim, learns && plant != PLANT_KNOWS_NOBODY);

    return rc > 0 && plant == PLANT_HEAR_SILENT ? 0 : rc;
}

int __wrap_peers_learn(struct peers *peers, dc_name address)
{
    int rc = plant == PLANT_KNOWS_NOBODY ? 0 : __real_peers_learn(peers, address);

    if (plant == PLANT_LEARN_NEWS && !peers_has_news(peers))
        peers->tells_list = true;
    return rc > 0 && plant == PLANT_LEARN_SILENT ? 0 : rc;
}

bool __wrap_peers_hear_farewell(struct peers *peers, const struct claim *claim)
{
    return __real_peers_hear_farewell(peers, claim) && plant != PLANT_FAREWELL_NONE;
}

bool __wrap_peers_know(const struct peers *peers, dc_name address)
{
    return plant == PLANT_KNOWS_ALL || __real_peers_know(peers, address);
}

uint32_t __wrap_peers_count(const struct peers *peers)
{
    uint32_t count = __real_peers_count(peers);

    return count > 0 && plant == PLANT_PEERS_FEWER ? count - 1 : count;
}

dc_name __wrap_peers_at(const struct peers *peers, uint32_t index)
{
    return __real_peers_at(peers, plant == PLANT_PEERS_SAME ? 0 : index);
}

uint32_t __wrap_peers_tell(struct peers *peers, const struct names *names, dc_name to, bool leaves,
                           enum peers_of_it of_it, struct claim ret_claims[DC_CLAIMS_MAX])
{
    uint32_t len = __real_peers_tell(peers, names, to, leaves, of_it, ret_claims), kept = 0;

    if (len > 1 && plant == PLANT_TELLS_TWICE)
        ret_claims[1] = ret_claims[0];
    if (len > 0 && plant == PLANT_TELLS_OTHER)
        ret_claims[0].incarnation++;
    for (uint32_t i = 0; i < len; i++) {
        bool is_self = ret_claims[i].address == peers->self;
        bool is_other = !is_self && ret_claims[i].address != to;

        if (!(is_self && plant == PLANT_TELLS_NOT_ITSELF) &&
            !(is_other && plant == PLANT_TELLS_NO_OTHERS))
            ret_claims[kept++] = ret_claims[i];
    }
    return kept;
}

static uint32_t spoil_picks(dc_name *peers, uint32_t len)
{
    if (len > 1 && plant == PLANT_PICKS_TWICE)
        peers[1] = peers[0];
    return len > 0 && plant == PLANT_PICKS_FEWER ? len - 1 : len;
}

uint32_t __wrap_peers_pick(const struct peers *peers, const struct env *env, uint32_t want,
                           dc_name *ret_peers)
{
    return spoil_picks(ret_peers, __real_peers_pick(peers, env, want, ret_peers));
}

uint32_t __wrap_peers_pick_any(const struct peers *peers, const struct env *env, uint32_t want,
                               dc_name *ret_peers)
{
    return spoil_picks(ret_peers, __real_peers_pick_any(peers, env, want, ret_peers));
}
