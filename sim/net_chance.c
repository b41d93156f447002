/* What chance makes of a link: how late, how lossy now; and links that have a history. */
#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/net_inner.h"

/* ---- delays ---- */

/*
 * The value of a correlated process at @slot: uniform in every slot, and the
 * same as in the slot before with a chance of @corr_ppb. A pure function of
 * (link, slot), so a message more on the link changes nothing for the others.
 */
static uint64_t correlated_bits(struct choose *choose, uint32_t from, uint32_t to, uint64_t slot,
                                uint64_t corr_ppb)
{
    uint64_t link = key_with(key_with(key_root(CAUSE_LINK), from), to);

    if (corr_ppb == SCN_PPB)
        slot = 0;
    for (uint32_t back = 0; slot > 0 && back < NET_SLOTS_BACK_MAX; back++, slot--)
        if (!choose_share(choose, key_with(link, slot), PURPOSE_KEEP, corr_ppb))
            break;
    return choose_bits(choose, key_with(link, slot), PURPOSE_DELAY);
}

/* Bits in, ns out: @bits is what this message, or its slot, drew. */
static uint64_t delay_of_bits(const struct net_rule *rule, uint64_t bits)
{
    uint64_t base = rule->delay.lo;
    int64_t deviate = 0, offset;

    switch (rule->dist) {
    case SCN_DIST_UNIFORM:
    case SCN_DIST_RANGE:
        deviate = deviate_uniform(bits);
        break;
    case SCN_DIST_NORMAL:
        deviate = deviate_normal(bits);
        break;
    case SCN_DIST_EXP:
        deviate = deviate_exp(bits);
        break;
    case SCN_DIST_PARETO:
        deviate = deviate_pareto(bits);
        break;
    }
    offset = deviate_scale(rule->jitter_ns, deviate);
    if (offset < 0)
        return base > 0 - (uint64_t)offset ? base - (0 - (uint64_t)offset) : 0;
    return base > UINT64_MAX - (uint64_t)offset ? UINT64_MAX : base + (uint64_t)offset;
}

uint64_t net_delay_of(const struct net *net, const struct net_rule *rule, uint64_t now_ns,
                      uint32_t from, uint32_t to, uint64_t key)
{
    struct choose *choose = net->choose;
    uint64_t delay_ns;

    if (rule->dist == SCN_DIST_RANGE)
        return choose_range(choose, key, PURPOSE_DELAY, rule->delay);
    if (rule->jitter_ns == 0)
        return rule->delay.lo;
    if (choose_fixed(choose, key, PURPOSE_DELAY, &delay_ns))
        ;
    else if (rule->corr_ppb)
        delay_ns = delay_of_bits(
            rule, correlated_bits(choose, from, to, now_ns / NET_SLOT_NS, rule->corr_ppb));
    else
        delay_ns = delay_of_bits(rule, choose_bits_of(choose, key, PURPOSE_DELAY));
    choose_tell(choose, key, PURPOSE_DELAY, delay_ns);
    return delay_ns;
}

/* ---- bursts ---- */

/*
 * Two states, and in each slot a draw that may change the one or the other. Below
 * p the good one becomes bad, from 1 - r on the bad one good: so a draw in both
 * decides whatever was before, or turns it over, and nobody need look back further
 * than to the last that decides.
 */
bool net_is_bad(const struct net *net, const struct scn_bursts *bursts, uint64_t now_ns,
                uint32_t from, uint32_t to)
{
    uint64_t link = key_with(key_with(key_root(CAUSE_LINK), from), to);
    uint64_t slot = now_ns / NET_SLOT_NS, stays_ppb = SCN_PPB - bursts->to_good;
    bool turned = false;

    for (uint32_t back = 0; slot > 0 && back < NET_SLOTS_BACK_MAX; back++, slot--) {
        uint64_t drawn = choose_below(net->choose, key_with(link, slot), PURPOSE_BURST, SCN_PPB);
        bool to_bad = drawn < bursts->to_bad, to_good = drawn >= stays_ppb;

        if (to_bad && to_good)
            turned = !turned;
        else if (to_bad || to_good)
            return to_bad != turned;
    }
    return turned; /* good, at the start */
}

/* ---- histories ---- */

static struct net_link *slot_of(struct net_link *links, uint32_t cap, uint32_t from, uint32_t to)
{
    uint32_t at = (uint32_t)key_with(from, to) & (cap - 1);

    while (links[at].from != links[at].to && (links[at].from != from || links[at].to != to))
        at = (at + 1) & (cap - 1);
    return &links[at];
}

static void links_grow(struct net *net)
{
    uint32_t cap = net->links_cap ? net->links_cap * 2 : 64;
    struct net_link *links = fatal_calloc(cap, sizeof(*links));

    for (uint32_t i = 0; i < net->links_cap; i++)
        if (net->links[i].from != net->links[i].to)
            *slot_of(links, cap, net->links[i].from, net->links[i].to) = net->links[i];
    free(net->links);
    net->links = links;
    net->links_cap = cap;
}

struct net_link *net_link_of(struct net *net, uint32_t from, uint32_t to)
{
    struct net_link *link;

    if (net->links_len * 2 >= net->links_cap)
        links_grow(net);
    link = slot_of(net->links, net->links_cap, from, to);
    if (link->from == link->to) {
        *link = (struct net_link){.from = from, .to = to};
        net->links_len++;
    }
    return link;
}
