/* The network: what becomes of a message, by rule, partition, hold and script. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "sim/choose.h"
#include "sim/net.h"

#define NODES 6u
#define STMTS 32u

struct world_of_net {
    struct choose choose;
    struct net net;
    struct met met[STMTS];
    uint64_t keys;
};

static void set_up(struct world_of_net *w)
{
    *w = (struct world_of_net){0};
    choose_init(&w->choose, 1);
    net_init(&w->net, &w->choose, NODES, w->met);
}

/* The scope of one link, nodes counted from 0. */
static struct net_scope link_of(uint32_t from, uint32_t to, bool both)
{
    struct net_scope scope = {.both = both};

    nodeset_init(&scope.from, NODES);
    nodeset_init(&scope.to, NODES);
    nodeset_add(&scope.from, from);
    nodeset_add(&scope.to, to);
    return scope;
}

static struct net_outcome send(struct world_of_net *w, uint32_t from, uint32_t to)
{
    struct net_message msg = {.key = key_with(99, w->keys++), .from = from, .to = to, .bytes = 100};
    struct net_outcome out[NET_COPIES_MAX];

    cr_assert(eq(int, net_send(&w->net, 1000, &msg, out), 1));
    return out[0];
}

static enum net_fate fate(struct world_of_net *w, uint32_t from, uint32_t to)
{
    return send(w, from, to).fate;
}

static const struct net_drawn none_drawn;
static const struct scn_rules rules_down = {.set = SCN_RULE_DOWN};

static struct scn_rules rules_delay(uint64_t ns)
{
    return (struct scn_rules){.set = SCN_RULE_DELAY, .delay = {ns, ns}};
}

/* Without any rule a message takes the default delay and arrives. */
Test(net, a_message_takes_the_default_delay)
{
    struct world_of_net w;
    set_up(&w);

    struct net_outcome out = send(&w, 0, 1);
    cr_assert(eq(int, out.fate, NET_ON_ITS_WAY));
    cr_assert(eq(u64, out.arrives_ns, 1000 + NET_DELAY_DEFAULT_NS));
    cr_assert(eq(int, net_arrive(&w.net, out.flight).fate, NET_DELIVERED));
    cr_assert(eq(u32, w.net.in_flight, 0));
    net_release(&w.net);
}

/* A partition of sides stops what passes between two of them and nothing else. */
Test(net, sides_cut_only_between_themselves)
{
    struct world_of_net w;
    set_up(&w);
    int32_t *side = malloc(NODES * sizeof(*side));
    int32_t sides[NODES] = {0, 0, 1, 1, -1, 2};
    for (size_t i = 0; i < NODES; i++)
        side[i] = sides[i];

    cr_assert(eq(int, net_cut_sides(&w.net, 3, 0, side), 0));
    cr_assert(eq(int, fate(&w, 0, 1), NET_ON_ITS_WAY));
    cr_assert(eq(int, fate(&w, 0, 2), NET_LOST_PARTITION));
    cr_assert(eq(int, fate(&w, 2, 5), NET_LOST_PARTITION));
    cr_assert(eq(int, fate(&w, 4, 0), NET_ON_ITS_WAY)); /* not named: keeps its links */
    cr_assert(eq(int, fate(&w, 5, 4), NET_ON_ITS_WAY));
    cr_assert(eq(u64, w.met[3].count, 2));
    net_release(&w.net);
}

/* What was sent before the partition is stopped when it would arrive. */
Test(net, a_partition_stops_what_is_on_its_way)
{
    struct world_of_net w;
    set_up(&w);
    struct net_outcome out = send(&w, 0, 1);
    struct net_scope scope = link_of(0, 1, false);

    cr_assert(eq(int, net_cut_one_way(&w.net, 2, 0, &scope), 0));
    struct net_outcome arrival = net_arrive(&w.net, out.flight);
    cr_assert(eq(int, arrival.fate, NET_LOST_PARTITION));
    cr_assert(eq(u32, arrival.stmt, 2));
    cr_assert(eq(int, fate(&w, 1, 0), NET_ON_ITS_WAY)); /* the other way is open */
    net_release(&w.net);
}

/* In a ring each node reaches its two neighbours, across the end as well. */
Test(net, a_ring_leaves_only_neighbours)
{
    struct world_of_net w;
    set_up(&w);

    cr_assert(eq(int, net_cut_ring(&w.net, 1, 0), 0));
    for (uint32_t from = 0; from < NODES; from++)
        for (uint32_t to = 0; to < NODES; to++) {
            if (from == to)
                continue;
            bool neighbours = (from + 1) % NODES == to || (to + 1) % NODES == from;
            cr_assert(eq(int, net_reaches(&w.net, from, to), neighbours));
        }
    net_release(&w.net);
}

/* Rules are laid key by key, the last wins, and what was laid for a time goes away. */
Test(net, rules_are_layers)
{
    struct world_of_net w;
    set_up(&w);
    struct net_scope all = {.everywhere = true};
    struct scn_rules ten = rules_delay(10), hundred = rules_delay(100);
    struct scn_rules reset = {.set = SCN_RULE_RESET};
    uint32_t *flights;
    size_t len;

    net_lay(&w.net, 0, NET_NO_FAULT, &all, &ten, &none_drawn, false);
    cr_assert(eq(u64, send(&w, 0, 1).arrives_ns, 1010));
    struct net_scope one = link_of(0, 1, false);
    net_lay(&w.net, 1, 7, &one, &hundred, &none_drawn, true);
    cr_assert(eq(u64, send(&w, 0, 1).arrives_ns, 1100));
    cr_assert(eq(u64, send(&w, 1, 0).arrives_ns, 1010));
    one = link_of(0, 1, true);
    net_lay(&w.net, 2, 8, &one, &rules_down, &none_drawn, true);
    cr_assert(eq(int, fate(&w, 0, 1), NET_LOST_DOWN));
    cr_assert(eq(int, fate(&w, 1, 0), NET_LOST_DOWN));
    net_end(&w.net, 8, &flights, &len);
    cr_assert(eq(u64, send(&w, 0, 1).arrives_ns, 1100)); /* the layer below shows again */
    all = (struct net_scope){.everywhere = true};
    net_lay(&w.net, 3, 9, &all, &reset, &none_drawn, false);
    cr_assert(eq(u64, send(&w, 0, 1).arrives_ns, 1010));
    net_release(&w.net);
}

/* Changing one rule again and again must not pile up layers. */
Test(net, a_rule_changed_often_stays_one_layer)
{
    struct world_of_net w;
    set_up(&w);

    for (uint32_t i = 0; i < 3 * NET_IN_FORCE_MAX; i++) {
        struct net_scope all = {.everywhere = true};
        struct scn_rules rules = rules_delay(i);

        cr_assert(eq(int, net_lay(&w.net, 0, i, &all, &rules, &none_drawn, false), 0));
    }
    cr_assert(eq(sz, w.net.layers_len, 1));
    net_release(&w.net);
}

/* The limit on what is in force is an answer, not a crash. */
Test(net, too_many_faults_at_once_are_refused)
{
    struct world_of_net w;
    set_up(&w);

    for (uint32_t i = 0; i < NET_IN_FORCE_MAX; i++)
        cr_assert(eq(int, net_cut_ring(&w.net, 0, i), 0));
    cr_assert(eq(int, net_cut_ring(&w.net, 0, NET_IN_FORCE_MAX), -1));
    net_release(&w.net);
}

/* A hold keeps messages, new and arriving, and gives them back in order of sending. */
Test(net, held_messages_come_back_in_the_order_of_sending)
{
    struct world_of_net w;
    set_up(&w);
    struct net_outcome early = send(&w, 0, 1);
    struct net_scope scope = link_of(0, 1, false);
    uint32_t *flights;
    size_t len;

    cr_assert(eq(int, net_hold(&w.net, 4, 5, &scope), 0));
    struct net_outcome late = send(&w, 0, 1);
    cr_assert(eq(int, late.fate, NET_HELD));
    cr_assert(eq(int, net_arrive(&w.net, early.flight).fate, NET_HELD));
    net_end(&w.net, 5, &flights, &len);
    cr_assert(eq(sz, len, 2));
    cr_assert(eq(u32, flights[0], early.flight));
    cr_assert(eq(u32, flights[1], late.flight));
    cr_assert(eq(u64, w.met[4].count, 2));
    cr_assert(eq(int, net_arrive(&w.net, flights[0]).fate, NET_DELIVERED));
    free(flights);
    net_release(&w.net);
}

/* Releasing one link of a hold leaves the others held; the last one ends it. */
Test(net, a_hold_is_over_when_its_last_link_is_let_go)
{
    struct world_of_net w;
    set_up(&w);
    struct net_scope scope = link_of(0, 1, true);
    uint32_t *flights;
    size_t len;

    net_hold(&w.net, 4, 5, &scope);
    struct net_outcome there = send(&w, 0, 1);
    struct net_outcome back = send(&w, 1, 0);
    scope = link_of(0, 1, false);
    cr_assert(eq(int, net_let_go(&w.net, &scope, &flights, &len), 1)); /* hold */
    cr_assert(eq(sz, len, 1));
    cr_assert(eq(u32, flights[0], there.flight));
    free(flights);
    cr_assert(eq(int, fate(&w, 0, 1), NET_ON_ITS_WAY));
    cr_assert(eq(int, fate(&w, 1, 0), NET_HELD));
    cr_assert(eq(u32, net_done(&w.net), NET_NO_FAULT));
    scope = link_of(1, 0, false);
    net_let_go(&w.net, &scope, &flights, &len);
    cr_assert(eq(sz, len, 2));
    cr_assert(eq(u32, flights[0], back.flight));
    free(flights);
    cr_assert(eq(u32, net_done(&w.net), 5));
    net_release(&w.net);
}

/* "drop next 2" takes two messages of the link and then is done. */
Test(net, a_script_drops_so_many_and_is_done)
{
    struct world_of_net w;
    set_up(&w);
    struct net_script script = {.scope = link_of(0, 1, false),
                                .deed = NET_DEED_DROP,
                                .by_count = true,
                                .left = 2,
                                .stmt = 6,
                                .fault = 3};

    cr_assert(eq(int, net_script(&w.net, &script), 0));
    cr_assert(eq(int, fate(&w, 1, 0), NET_ON_ITS_WAY));
    cr_assert(eq(int, fate(&w, 0, 1), NET_LOST_DROP));
    cr_assert(eq(u32, net_done(&w.net), NET_NO_FAULT));
    cr_assert(eq(int, fate(&w, 0, 1), NET_LOST_DROP));
    cr_assert(eq(u32, net_done(&w.net), 3));
    cr_assert(eq(int, fate(&w, 0, 1), NET_ON_ITS_WAY));
    cr_assert(eq(u64, w.met[6].count, 2));
    net_release(&w.net);
}

/* A delaying script adds to the delay of the link; two of them add up. */
Test(net, delaying_scripts_add_up)
{
    struct world_of_net w;
    set_up(&w);
    struct net_script script = {
        .scope = link_of(0, 1, false), .deed = NET_DEED_DELAY, .delay_ns = 50, .fault = 1};

    net_script(&w.net, &script);
    script.scope = link_of(0, 1, false);
    script.delay_ns = 7;
    net_script(&w.net, &script);
    cr_assert(eq(u64, send(&w, 0, 1).arrives_ns, 1057 + NET_DELAY_DEFAULT_NS));
    net_release(&w.net);
}

static uint64_t delay_drawn(struct world_of_net *w, struct scn_rules rules)
{
    struct net_scope all = {.everywhere = true};

    net_lay(&w->net, 0, 1, &all, &rules, &none_drawn, false);
    struct net_outcome out = send(w, 0, 1);
    net_arrive(&w->net, out.flight);
    return out.arrives_ns - 1000;
}

/* No jitter makes a delay negative; a range keeps to its ends. */
Test(net, delays_stay_within_what_is_possible)
{
    static const enum scn_dist dists[] = {SCN_DIST_UNIFORM, SCN_DIST_NORMAL, SCN_DIST_EXP,
                                          SCN_DIST_PARETO};
    struct world_of_net w;
    set_up(&w);

    for (int i = 0; i < 4000; i++) {
        struct scn_rules rules = {
            .set = SCN_RULE_DELAY, .dist = dists[i % 4], .delay = {1000, 1000}, .jitter = 5000};
        struct scn_rules range = {
            .set = SCN_RULE_DELAY, .dist = SCN_DIST_RANGE, .delay = {100, 200}};

        cr_assert(lt(u64, delay_drawn(&w, rules), UINT64_C(1) << 62));
        uint64_t drawn = delay_drawn(&w, range);
        cr_assert(ge(u64, drawn, 100));
        cr_assert(le(u64, drawn, 200));
    }
    net_release(&w.net);
}

/* Full correlation: one jitter for ever on a link; none: another each message. */
Test(net, correlation_holds_the_jitter_of_a_link)
{
    struct world_of_net w;
    set_up(&w);
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY, .delay = {1000000, 1000000}, .jitter = 500000, .corr_ppb = SCN_PPB};

    uint64_t first = delay_drawn(&w, rules);
    for (int i = 0; i < 10; i++)
        cr_assert(eq(u64, delay_drawn(&w, rules), first));
    rules.corr_ppb = 0;
    cr_assert(ne(u64, delay_drawn(&w, rules), delay_drawn(&w, rules)));
    net_release(&w.net);
}

/* Loss is drawn by message: about one in ten here, and never what a rule of 0 % says. */
Test(net, loss_takes_its_share)
{
    struct world_of_net w;
    set_up(&w);
    struct net_scope all = {.everywhere = true};
    struct scn_rules rules = {.set = SCN_RULE_LOSS};
    int lost = 0;

    net_lay(&w.net, 2, 1, &all, &rules, &(struct net_drawn){.loss_ppb = SCN_PPB / 10}, false);
    for (int i = 0; i < 20000; i++) {
        struct net_outcome out = send(&w, 0, 1);

        lost += out.fate == NET_LOST_LOSS;
        if (out.fate == NET_ON_ITS_WAY)
            net_arrive(&w.net, out.flight);
    }
    cr_assert(ge(int, lost, 1800));
    cr_assert(lt(int, lost, 2200));
    net_release(&w.net);
}
