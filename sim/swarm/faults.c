/* All kinds of faults, one after the other, each with its coin. */
#include "sim/swarm/fault.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

static const struct {
    const struct fault_kind *kinds; /* up to one without a name */
    unsigned rarity;                /* the coin comes up that much less often, but at times */
} lists[] = {{fault_comings, 1}, {fault_links, 1}, {fault_nodes, 1},
             {fault_disks, 1},   {fault_logs, 1},  {fault_rare, 6}};

static bool is_on(struct knob *knob, enum fault_need need, unsigned rarity)
{
    const struct swarm *swarm = knob->swarm;

    switch (need) {
    case NEED_NOTHING:
        break;
    case NEED_THREE:
        if (swarm->nodes < 3)
            return false;
        break;
    case NEED_KNOWN:
        if (!swarm->peers_all || swarm->hermits > 0 || swarm->nodes < 4)
            return false;
        break;
    case NEED_MANY:
        if (!swarm->peers_all || swarm->hermits > 0 || swarm->nodes < 6)
            return false;
        break;
    case NEED_PLENTY:
        if (!swarm->peers_all || swarm->hermits > 0 || swarm->nodes < 9)
            return false;
        break;
    case NEED_DISKS:
        if (!swarm->disks)
            return false;
        break;
    case NEED_JOINERS:
        return swarm->joiners > 0;
    case NEED_HERMITS:
        return swarm->hermits > 0;
    }
    return knob_chance(knob, (swarm->coin_percent + rarity - 1) / rarity);
}

const char *swarm_fault_name(struct swarm *swarm, size_t number, bool *ret_on)
{
    for (size_t i = 0; i < LEN(lists); i++)
        for (const struct fault_kind *it = lists[i].kinds; it->name; it++) {
            struct knob knob = knob_of(swarm, it->name);

            if (number-- > 0)
                continue;
            *ret_on = is_on(&knob, it->need, lists[i].rarity);
            return it->name;
        }
    return NULL; /* behind the last */
}

void swarm_faults(struct swarm *swarm)
{
    for (size_t i = 0; i < LEN(lists); i++)
        for (const struct fault_kind *it = lists[i].kinds; it->name; it++) {
            struct knob knob = knob_of(swarm, it->name);

            if (is_on(&knob, it->need, lists[i].rarity))
                it->write(&knob);
        }
}
