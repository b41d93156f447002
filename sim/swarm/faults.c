/* All kinds of faults, one after the other, each with its coin. */
#include "sim/swarm/fault.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* Each ends with a kind without a name. */
static const struct fault_kind *const lists[] = {fault_comings, fault_links, fault_nodes,
                                                 fault_disks, fault_logs};

static bool is_on(struct knob *knob, enum fault_need need)
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
    case NEED_DISKS:
        if (!swarm->disks)
            return false;
        break;
    case NEED_JOINERS:
        return swarm->joiners > 0;
    case NEED_HERMITS:
        return swarm->hermits > 0;
    }
    return knob_chance(knob, swarm->coin_percent);
}

/* NULL behind the last. */
static const struct fault_kind *kind_at(size_t number)
{
    for (size_t i = 0; i < LEN(lists); i++)
        for (const struct fault_kind *it = lists[i]; it->name; it++)
            if (number-- == 0)
                return it;
    return NULL;
}

const char *swarm_fault_name(struct swarm *swarm, size_t number, bool *ret_on)
{
    const struct fault_kind *kind = kind_at(number);
    struct knob knob;

    if (!kind)
        return NULL;
    knob = knob_of(swarm, kind->name);
    *ret_on = is_on(&knob, kind->need);
    return kind->name;
}

void swarm_faults(struct swarm *swarm)
{
    for (size_t i = 0; i < LEN(lists); i++)
        for (const struct fault_kind *it = lists[i]; it->name; it++) {
            struct knob knob = knob_of(swarm, it->name);

            if (is_on(&knob, it->need))
                it->write(&knob);
        }
}
