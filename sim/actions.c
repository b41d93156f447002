/* Actions: selectors and ranges are drawn, then network, workload or cluster act. */
#include "sim/actions.h"

#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/cluster.h"
#include "sim/fatal.h"
#include "sim/forge.h"
#include "sim/net.h"
#include "sim/select.h"
#include "sim/timeline.h"
#include "sim/workload.h"
#include "sim/world.h"

/* One firing: what its parts share. */
struct firing {
    struct timeline *timeline;
    const struct scn_action *action;
    uint32_t stmt;
    uint64_t key;
    struct select select;
};

/* Which drawn number of a firing; part of its key. */
enum amount {
    AMOUNT_BY = 1,
    AMOUNT_FOR,
    AMOUNT_NEXT,
    AMOUNT_WHILE,
    AMOUNT_LOSS,
    AMOUNT_CUT,
    AMOUNT_DUP,
    AMOUNT_CORRUPT,
    AMOUNT_REORDER,
};

static uint64_t draw(const struct firing *firing, enum amount which, struct scn_range range)
{
    return choose_range(&firing->timeline->world->choose, key_with(firing->key, (uint64_t)which),
                        PURPOSE_AMOUNT, range);
}

static struct nodeset nodes_of(struct firing *firing, const struct scn_sel *sel)
{
    struct nodeset set;

    nodeset_init(&set, firing->timeline->scn->nodes);
    select_nodes(&firing->select, sel, &set);
    return set;
}

static struct net_scope scope_of(struct firing *firing, const struct scn_link *link)
{
    struct net_scope scope = {.both = link->both};

    scope.from = nodes_of(firing, &link->from);
    scope.to = nodes_of(firing, &link->to);
    return scope;
}

static void met_something(const struct firing *firing)
{
    met_add(firing->timeline->net->met, firing->stmt);
}

static void check_limit(const struct firing *firing, int rc)
{
    static const struct world_limit limit = {
        .what = "faults of one kind in force at once",
        .most = NET_IN_FORCE_MAX,
        .where = "NET_IN_FORCE_MAX in sim/net.h",
    };

    if (rc < 0)
        world_limit(firing->timeline->world, &limit, firing->stmt);
}

/* The fault ends by itself after @ns. */
static void end_after(const struct firing *firing, uint32_t fault, uint64_t ns)
{
    struct world *world = firing->timeline->world;
    uint64_t at_ns = dc_time_add(world->now_ns, ns);

    world_push_scripted(world, at_ns, EVENT_CLASS_ACTION, EVENT_FAULT_END,
                        key_with(firing->key, AMOUNT_FOR), event_order_of_end(firing->stmt), fault);
}

static void end_after_for(const struct firing *firing, uint32_t fault)
{
    if (firing->action->has_for)
        end_after(firing, fault, draw(firing, AMOUNT_FOR, firing->action->for_ns));
}

/* ---- clients and peers ---- */

static void fire_client(struct firing *firing)
{
    const struct scn_action *action = firing->action;
    struct nodeset set = nodes_of(firing, &action->sel);

    workload_burst_at(firing->timeline->workload, firing->stmt, firing->key, &set,
                      draw(firing, AMOUNT_BY, action->by));
    nodeset_release(&set);
}

static void fire_meet(struct firing *firing)
{
    struct nodeset who = nodes_of(firing, &firing->action->sel);
    struct nodeset whom = nodes_of(firing, &firing->action->other);

    NODESET_EACH(learner, &who)
    NODESET_EACH(peer, &whom)
    if (cluster_meet(firing->timeline->cluster, learner, peer))
        met_something(firing);
    nodeset_release(&who);
    nodeset_release(&whom);
}

/* ---- partitions ---- */

static int32_t *sides_new(const struct firing *firing, int32_t side)
{
    uint32_t nodes = firing->timeline->scn->nodes;
    int32_t *sides = fatal_realloc_array(NULL, nodes, sizeof(*sides));

    for (uint32_t i = 0; i < nodes; i++)
        sides[i] = side;
    return sides;
}

/* Nodes not named keep all their links; one that two sides have belongs to the first. */
static int32_t *sides_named(struct firing *firing)
{
    const struct scn_cut *cut = &firing->action->cut;
    int32_t *sides = sides_new(firing, -1);

    for (size_t i = 0; i < cut->sides_len; i++) {
        struct nodeset set = nodes_of(firing, &cut->sides[i]);

        NODESET_EACH(node, &set)
        if (sides[node] < 0)
            sides[node] = (int32_t)i;
        nodeset_release(&set);
    }
    return sides;
}

/* The first @first nodes against the rest. */
static int32_t *sides_split(const struct firing *firing, uint32_t first)
{
    int32_t *sides = sides_new(firing, 1);

    for (uint32_t i = 0; i < first; i++)
        sides[i] = 0;
    return sides;
}

static int32_t *sides_thirds(const struct firing *firing)
{
    int32_t *sides = sides_new(firing, 0);
    uint32_t nodes = firing->timeline->scn->nodes;

    for (uint32_t i = 0; i < nodes; i++)
        sides[i] = (int32_t)((uint64_t)i * 3 / nodes);
    return sides;
}

/* Two halves of the nodes that are not in the bridge; the bridge keeps all links. */
static int32_t *sides_bridge(struct firing *firing)
{
    struct nodeset bridge = nodes_of(firing, &firing->action->cut.sides[0]);
    uint32_t rest = bridge.nodes - nodeset_count(&bridge);
    int32_t *sides = sides_new(firing, -1);
    uint32_t seen = 0;

    for (uint32_t i = 0; i < bridge.nodes; i++)
        if (!nodeset_has(&bridge, i))
            sides[i] = seen++ < (rest + 1) / 2 ? 0 : 1;
    nodeset_release(&bridge);
    return sides;
}

static int32_t *sides_isolate(struct firing *firing)
{
    struct nodeset alone = nodes_of(firing, &firing->action->cut.sides[0]);
    int32_t *sides = sides_new(firing, 0);

    NODESET_EACH(node, &alone)
    sides[node] = (int32_t)node + 1;
    nodeset_release(&alone);
    return sides;
}

static enum scn_cut_kind cut_kind(const struct firing *firing)
{
    static const enum scn_cut_kind drawn[] = {SCN_CUT_HALVES, SCN_CUT_MAJORITY, SCN_CUT_THIRDS,
                                              SCN_CUT_RING};

    if (firing->action->cut.kind != SCN_CUT_RANDOM)
        return firing->action->cut.kind;
    return drawn[choose_below(&firing->timeline->world->choose, key_with(firing->key, AMOUNT_CUT),
                              PURPOSE_KIND, 4)];
}

static int cut(struct firing *firing, uint32_t fault)
{
    struct net *net = firing->timeline->net;
    uint32_t nodes = firing->timeline->scn->nodes, stmt = firing->stmt;
    struct net_scope scope = {0};

    switch (cut_kind(firing)) {
    case SCN_CUT_SIDES:
        return net_cut_sides(net, stmt, fault, sides_named(firing));
    case SCN_CUT_ONE_WAY:
        scope.from = nodes_of(firing, &firing->action->cut.sides[0]);
        scope.to = nodes_of(firing, &firing->action->cut.sides[1]);
        return net_cut_one_way(net, stmt, fault, &scope);
    case SCN_CUT_HALVES:
        return net_cut_sides(net, stmt, fault, sides_split(firing, nodes - nodes / 2));
    case SCN_CUT_MAJORITY:
        return net_cut_sides(net, stmt, fault, sides_split(firing, nodes / 2 + 1));
    case SCN_CUT_THIRDS:
        return net_cut_sides(net, stmt, fault, sides_thirds(firing));
    case SCN_CUT_RING:
        return net_cut_ring(net, stmt, fault);
    case SCN_CUT_BRIDGE:
        return net_cut_sides(net, stmt, fault, sides_bridge(firing));
    case SCN_CUT_ISOLATE:
        return net_cut_sides(net, stmt, fault, sides_isolate(firing));
    case SCN_CUT_RANDOM:
        break; /* cut_kind() has drawn one of the others */
    }
    return 0;
}

static void fire_partition(struct firing *firing)
{
    uint32_t fault = timeline_fault_begin(firing->timeline, firing->stmt, true);

    check_limit(firing, cut(firing, fault));
    end_after_for(firing, fault);
}

/* Ends the active faults of @kind, or only those of the statement that gave the NAME. */
static void end_faults(struct firing *firing, enum scn_action_kind kind)
{
    struct timeline *timeline = firing->timeline;
    const struct scenario *scn = timeline->scn;
    uint32_t name = firing->action->name;

    for (uint32_t i = timeline->faults_active_from; i < timeline->faults_len; i++) {
        uint32_t stmt = timeline->faults[i].stmt;

        if (!timeline->faults[i].active || scn->stmts[stmt].action.kind != kind)
            continue;
        if (name != SCN_NO_NAME && scn->names[name].stmt != stmt)
            continue;
        timeline_fault_end(timeline, i);
        met_something(firing);
    }
}

/* ---- links ---- */

static void fire_hold(struct firing *firing)
{
    struct net_scope scope = scope_of(firing, &firing->action->link);
    uint32_t fault = timeline_fault_begin(firing->timeline, firing->stmt, true);

    check_limit(firing, net_hold(firing->timeline->net, firing->stmt, fault, &scope));
    end_after_for(firing, fault);
}

static void fire_release(struct firing *firing)
{
    struct timeline *timeline = firing->timeline;
    struct net_scope scope;
    uint32_t *flights;
    size_t len;
    int holds;

    if (!firing->action->has_link) {
        end_faults(firing, SCN_HOLD);
        return;
    }
    scope = scope_of(firing, &firing->action->link);
    holds = net_let_go(timeline->net, &scope, &flights, &len);
    check_limit(firing, holds);
    if (holds > 0)
        met_something(firing);
    cluster_release_flights(timeline->cluster, key_with(key_root(CAUSE_RELEASE), firing->key),
                            flights, len);
    free(flights);
}

static struct net_drawn draw_rules(const struct firing *firing, const struct scn_rules *rules)
{
    return (struct net_drawn){
        .loss_ppb = draw(firing, AMOUNT_LOSS, rules->loss_ppb),
        .dup_ppb = draw(firing, AMOUNT_DUP, rules->dup_ppb),
        .corrupt_ppb = draw(firing, AMOUNT_CORRUPT, rules->corrupt_ppb),
        .reorder_ppb = draw(firing, AMOUNT_REORDER, rules->reorder_ppb),
    };
}

static void fire_rules(struct firing *firing)
{
    const struct scn_action *action = firing->action;
    struct net_drawn drawn = draw_rules(firing, &action->rules);
    struct net_scope scope = {.everywhere = true};
    uint32_t fault = timeline_fault_begin(firing->timeline, firing->stmt, action->has_for);

    if (action->kind == SCN_LINK)
        scope = scope_of(firing, &action->link);
    check_limit(firing, net_lay(firing->timeline->net, firing->stmt, fault, &scope, &action->rules,
                                &drawn, action->has_for));
    end_after_for(firing, fault);
}

static void fire_script(struct firing *firing)
{
    const struct scn_action *action = firing->action;
    uint32_t fault = timeline_fault_begin(firing->timeline, firing->stmt, true);
    struct net_script script = {
        .scope = scope_of(firing, &action->link),
        .deed = action->kind == SCN_DROP    ? NET_DEED_DROP
                : action->kind == SCN_DELAY ? NET_DEED_DELAY
                : action->kind == SCN_DUP   ? NET_DEED_DUP
                                            : NET_DEED_CORRUPT,
        .by_count = action->has_next,
        .stmt = firing->stmt,
        .fault = fault,
    };

    if (action->kind == SCN_DELAY)
        script.delay_ns = draw(firing, AMOUNT_BY, action->by);
    if (action->has_next)
        script.left = draw(firing, AMOUNT_NEXT, action->next);
    else
        end_after(firing, fault, draw(firing, AMOUNT_WHILE, action->while_ns));
    check_limit(firing, net_script(firing->timeline->net, &script));
}

/* One frame over each of the links. */
static void fire_forge(struct firing *firing)
{
    const struct scn_action *action = firing->action;
    struct net_scope scope = scope_of(firing, &action->link);
    struct forge_order order = {.kind = action->forge,
                                .nodes = firing->timeline->scn->nodes,
                                .names = &firing->timeline->cluster->names,
                                .stmt = firing->stmt};

    struct nodeset ends[2];

    for (int i = 0; i < 2; i++) {
        nodeset_init(&ends[i], order.nodes);
        nodeset_copy(&ends[i], i == 0 ? &scope.from : &scope.to);
        if (scope.both)
            nodeset_unite(&ends[i], i == 0 ? &scope.to : &scope.from);
    }
    NODESET_EACH(from, &ends[0])
    NODESET_EACH(to, &ends[1])
    if (from != to && net_scope_has(&scope, from, to)) {
        order.from = from;
        order.key = key_with(key_with(key_with(key_root(CAUSE_FORGE), firing->key), from), to);
        cluster_forge(firing->timeline->cluster, &order, to);
    }
    nodeset_release(&ends[0]);
    nodeset_release(&ends[1]);
    net_scope_release(&scope);
}

/* ---- processes and clocks ---- */

/* crash, pause: a fault that lasts until the last of its nodes runs again */
static void fire_halt(struct firing *firing)
{
    const struct scn_action *action = firing->action;
    struct timeline *timeline = firing->timeline;
    struct nodeset set = nodes_of(firing, &action->sel);
    uint32_t fault = HOST_NO_FAULT;

    NODESET_EACH(node, &set)
    {
        bool done = action->kind == SCN_CRASH
                        ? cluster_crash(timeline->cluster, node, action->lose_state)
                        : cluster_pause(timeline->cluster, node);

        if (!done)
            continue; /* there is nothing to halt */
        if (fault == HOST_NO_FAULT)
            fault = timeline_fault_begin(timeline, firing->stmt, true);
        timeline_fault_take(timeline, fault, node, cluster_parts(action));
        met_something(firing);
    }
    if (fault != HOST_NO_FAULT)
        end_after_for(firing, fault);
    nodeset_release(&set);
}

static void act_on_parts(struct firing *firing, uint32_t node)
{
    struct cluster *cluster = firing->timeline->cluster;

    if (firing->action->kind == SCN_CLOCK)
        cluster_clock(cluster, node, firing->stmt);
    else if (firing->action->kind == SCN_DISK)
        cluster_disk(cluster, node, firing->stmt);
    else
        cluster_memory(cluster, node, firing->stmt);
}

/*
 * clock, disk, memory: they meet what uses them. With a 'for' it is a fault, until the last of
 * its nodes has another in its place.
 */
static void fire_on_parts(struct firing *firing)
{
    struct timeline *timeline = firing->timeline;
    struct nodeset set = nodes_of(firing, &firing->action->sel);
    uint32_t fault = HOST_NO_FAULT;

    if (firing->action->has_for && nodeset_count(&set) > 0)
        fault = timeline_fault_begin(timeline, firing->stmt, true);
    NODESET_EACH(node, &set)
    {
        act_on_parts(firing, node);
        timeline_fault_take(timeline, fault, node, cluster_parts(firing->action));
    }
    if (fault != HOST_NO_FAULT)
        end_after_for(firing, fault);
    nodeset_release(&set);
}

/* Did it meet something? */
static bool act_on(struct firing *firing, uint32_t node)
{
    struct cluster *cluster = firing->timeline->cluster;

    switch (firing->action->kind) {
    case SCN_RESTART:
        return cluster_restart(cluster, node);
    case SCN_RESUME:
        return cluster_resume(cluster, node);
    case SCN_JOIN:
        return cluster_join(cluster, node);
    case SCN_LEAVE:
        return cluster_leave(cluster, node, firing->stmt);
    case SCN_STOPNODE:
        return cluster_stop(cluster, node, firing->stmt);
    case SCN_CLOCK:
    case SCN_DISK:
    case SCN_MEMORY:
    case SCN_INC:
    case SCN_DEC:
    case SCN_MEET:
    case SCN_PARTITION:
    case SCN_HEAL:
    case SCN_HOLD:
    case SCN_RELEASE:
    case SCN_NET:
    case SCN_LINK:
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
    case SCN_FORGE:
    case SCN_CRASH:
    case SCN_PAUSE:
        break; /* not of this function */
    }
    return false;
}

/* For the report: who ends already cannot be told to once more. */
static void note_ending(const struct firing *firing, uint32_t node)
{
    const struct host *host = &firing->timeline->cluster->hosts[node];
    struct firings *firings = &firing->timeline->firings[firing->stmt];

    if (host->state != HOST_UP || !host->ends)
        return;
    firings->ending = node + 1;
    firings->leaving = host->leaves;
}

static void fire_on_nodes(struct firing *firing)
{
    struct nodeset set = nodes_of(firing, &firing->action->sel);

    NODESET_EACH(node, &set)
    {
        if (!act_on(firing, node)) {
            note_ending(firing, node);
            continue;
        }
        met_something(firing);
        if (firing->action->kind == SCN_RESTART || firing->action->kind == SCN_RESUME)
            timeline_node_runs(firing->timeline, node);
    }
    nodeset_release(&set);
}

/* ---- */

static struct firing firing_of(struct timeline *timeline, uint32_t index, uint64_t key)
{
    struct firing firing = {
        .timeline = timeline,
        .action = &timeline->scn->stmts[index].action,
        .stmt = index,
        .key = key,
    };

    select_init(&firing.select, &timeline->world->choose, &timeline->cluster->up, key);
    return firing;
}

void actions_fire(struct timeline *timeline, uint32_t index, uint64_t key)
{
    struct firing firing = firing_of(timeline, index, key);

    switch (firing.action->kind) {
    case SCN_INC:
    case SCN_DEC:
        fire_client(&firing);
        break;
    case SCN_MEET:
        fire_meet(&firing);
        break;
    case SCN_PARTITION:
        fire_partition(&firing);
        break;
    case SCN_HEAL:
        end_faults(&firing, SCN_PARTITION);
        break;
    case SCN_HOLD:
        fire_hold(&firing);
        break;
    case SCN_RELEASE:
        fire_release(&firing);
        break;
    case SCN_NET:
    case SCN_LINK:
        fire_rules(&firing);
        break;
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
        fire_script(&firing);
        break;
    case SCN_FORGE:
        fire_forge(&firing);
        break;
    case SCN_CRASH:
    case SCN_PAUSE:
        fire_halt(&firing);
        break;
    case SCN_RESTART:
    case SCN_RESUME:
    case SCN_JOIN:
    case SCN_LEAVE:
    case SCN_STOPNODE:
        fire_on_nodes(&firing);
        break;
    case SCN_CLOCK:
    case SCN_DISK:
    case SCN_MEMORY:
        fire_on_parts(&firing);
        break;
    }
    select_release(&firing.select);
}

void actions_lay_own(struct timeline *timeline, uint32_t index, uint64_t key)
{
    const struct scn_stmt *stmt = &timeline->scn->stmts[index];
    struct firing firing = firing_of(timeline, index, key);
    struct net_drawn drawn = draw_rules(&firing, &stmt->rules);
    struct net_scope scope = {.everywhere = true};

    if (stmt->kind == SCN_STMT_LINK)
        scope = scope_of(&firing, &stmt->link);
    check_limit(&firing,
                net_lay(timeline->net, index, NET_NO_FAULT, &scope, &stmt->rules, &drawn, false));
    select_release(&firing.select);
}
