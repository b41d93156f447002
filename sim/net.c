/*
 * What becomes of a message. The order of questions when it is sent: does a
 * script take it, is the link cut or down, does chance take it, is it held,
 * how long does it take? When it would arrive, the link is asked again.
 */
#include "sim/net_inner.h"

#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"

void net_init(struct net *net, struct choose *choose, uint32_t nodes, uint64_t *touched)
{
    *net = (struct net){
        .choose = choose,
        .nodes = nodes,
        .touched = touched,
        .uniform = true,
        .plain = net_rule_default,
        .flights_free = UINT32_MAX,
    };
}

void net_release(struct net *net)
{
    for (size_t i = 0; i < net->layers_len; i++)
        net_scope_release(&net->layers[i].scope);
    free(net->layers);
    net_faults_release(net);
    free(net->flights);
    *net = (struct net){0};
}

static uint32_t flight_new(struct net *net)
{
    uint32_t at = net->flights_free;

    if (at != UINT32_MAX) {
        net->flights_free = net->flights[at].next_free;
    } else {
        if (net->flights_len == NET_FLIGHTS_MAX)
            return UINT32_MAX;
        if (net->flights_len == net->flights_cap) {
            net->flights_cap = net->flights_cap ? net->flights_cap * 2 : 64;
            net->flights =
                fatal_realloc_array(net->flights, net->flights_cap, sizeof(*net->flights));
        }
        at = net->flights_len++;
    }
    net->in_flight++;
    return at;
}

static void flight_free(struct net *net, uint32_t at)
{
    net->flights[at].next_free = net->flights_free;
    net->flights_free = at;
    net->in_flight--;
}

static void touch(struct net *net, uint32_t stmt)
{
    if (stmt != NET_NO_STMT)
        net->touched[stmt]++;
}

static struct net_outcome outcome(enum net_fate fate, uint32_t stmt)
{
    return (struct net_outcome){.fate = fate, .stmt = stmt};
}

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

static uint64_t delay_of(struct net *net, const struct net_rule *rule, uint64_t now_ns,
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

/*
 * Lets the scripts have the message. Returns true when one drops it; else adds
 * what the delaying ones add. A script that has done its last stays, without
 * effect, until net_done() has been asked.
 */
static bool run_scripts(struct net *net, uint32_t from, uint32_t to, struct net_outcome *out,
                        uint64_t *ret_delay_ns)
{
    for (size_t i = 0; i < net->scripts_len; i++) {
        struct net_script *script = &net->scripts[i];

        if ((script->by_count && script->left == 0) || !net_scope_has(&script->scope, from, to))
            continue;
        touch(net, script->stmt);
        if (script->by_count)
            script->left--;
        if (script->drop) {
            out->fate = NET_LOST_DROP;
            out->stmt = script->stmt;
            return true;
        }
        *ret_delay_ns = dc_time_add(*ret_delay_ns, script->delay_ns);
    }
    return false;
}

/* Does the link, as it is now, let anything through? Fate and statement go to @out. */
static bool link_passes(struct net *net, const struct net_rule *rule, uint32_t from, uint32_t to,
                        struct net_outcome *out)
{
    const struct net_cut *cut = net_cut_between(net, from, to);

    if (cut) {
        out->fate = NET_LOST_PARTITION;
        out->stmt = cut->stmt;
    } else if (rule->down) {
        out->fate = NET_LOST_DOWN;
        out->stmt = rule->down_stmt;
    } else {
        return true;
    }
    touch(net, out->stmt);
    return false;
}

uint64_t net_copy_key(uint64_t key)
{
    return key_with(key_with(key_root(CAUSE_COPY), key), 0);
}

int net_send(struct net *net, uint64_t now_ns, uint32_t from, uint32_t to, uint64_t key,
             uint32_t frame, struct net_outcome *ret)
{
    struct net_rule rule = net_rule_of(net, from, to);
    struct net_hold *hold;
    uint64_t delay_ns = 0;

    PRE(from < net->nodes && to < net->nodes && from != to, "between two nodes of the cluster");
    *ret = outcome(NET_ON_ITS_WAY, NET_NO_STMT);
    net->sent++;
    if (run_scripts(net, from, to, ret, &delay_ns) || !link_passes(net, &rule, from, to, ret))
        return 0;
    touch(net, rule.delay_stmt);
    if (rule.loss_stmt != rule.delay_stmt) /* a message meets a statement once */
        touch(net, rule.loss_stmt);
    if (choose_share(net->choose, key, PURPOSE_LOSS, rule.loss_ppb)) {
        ret->fate = NET_LOST_LOSS;
        ret->stmt = rule.loss_stmt;
        return 0;
    }
    ret->flight = flight_new(net);
    if (ret->flight == UINT32_MAX)
        return -1;
    net->flights[ret->flight] = (struct net_flight){
        .key = net_copy_key(key),
        .sent_ns = now_ns,
        .number = net->sent,
        .from = from,
        .to = to,
        .frame = frame,
    };
    hold = net_hold_over(net, from, to);
    if (hold) {
        touch(net, hold->stmt);
        ret->fate = NET_HELD;
        ret->stmt = hold->stmt;
        net_hold_keep(hold, ret->flight);
        return 0;
    }
    delay_ns = dc_time_add(delay_ns, delay_of(net, &rule, now_ns, from, to, key));
    ret->arrives_ns = dc_time_add(now_ns, delay_ns);
    return 0;
}

struct net_outcome net_arrive(struct net *net, uint32_t flight)
{
    const struct net_flight *it = &net->flights[flight];
    struct net_outcome out = outcome(NET_DELIVERED, NET_NO_STMT);
    struct net_rule rule = net_rule_of(net, it->from, it->to);
    struct net_hold *hold;

    out.flight = flight;
    if (link_passes(net, &rule, it->from, it->to, &out)) {
        hold = net_hold_over(net, it->from, it->to);
        if (hold) {
            touch(net, hold->stmt);
            out.fate = NET_HELD;
            out.stmt = hold->stmt;
            net_hold_keep(hold, flight);
            return out;
        }
    }
    flight_free(net, flight);
    return out;
}

const struct net_flight *net_flight(const struct net *net, uint32_t flight)
{
    return &net->flights[flight];
}

bool net_reaches(const struct net *net, uint32_t from, uint32_t to)
{
    return !net_cut_between(net, from, to) && !net_rule_of(net, from, to).down;
}

const char *net_fate_text(enum net_fate fate)
{
    switch (fate) {
    case NET_ON_ITS_WAY:
        return "on its way";
    case NET_DELIVERED:
        return "delivered";
    case NET_HELD:
        return "held";
    case NET_LOST_LOSS:
        return "lost (loss)";
    case NET_LOST_DOWN:
        return "lost (link down)";
    case NET_LOST_PARTITION:
        return "lost (partition)";
    case NET_LOST_DROP:
        return "lost (drop)";
    case NET_LOST_INBOX:
        return "lost (inbox full)";
    case NET_LOST_STOPPED:
        return "lost (node not running)";
    case NET_LOST_CODEC:
        return "lost (not a valid frame)";
    }
    return "?";
}

const char *net_loss_text(enum net_fate fate)
{
    switch (fate) {
    case NET_LOST_LOSS:
        return "loss";
    case NET_LOST_DOWN:
        return "link down";
    case NET_LOST_PARTITION:
        return "partition";
    case NET_LOST_DROP:
        return "drop";
    case NET_LOST_INBOX:
        return "inbox full";
    case NET_LOST_STOPPED:
        return "node not running";
    case NET_LOST_CODEC:
        return "not a valid frame";
    case NET_ON_ITS_WAY:
    case NET_DELIVERED:
    case NET_HELD:
        break;
    }
    return "?";
}
