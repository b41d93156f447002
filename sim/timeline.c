/* Times of statements, and the life of faults. */
#include "sim/timeline.h"

#include <stdlib.h>

#include "core/types.h"
#include "sim/actions.h"
#include "sim/choose.h"
#include "sim/cluster.h"
#include "sim/expect.h"
#include "sim/fatal.h"
#include "sim/net.h"
#include "sim/world.h"

void timeline_init(struct timeline *timeline, const struct scenario *scn, struct world *world,
                   struct net *net, struct cluster *cluster, struct workload *workload,
                   struct expects *expects)
{
    *timeline = (struct timeline){
        .scn = scn,
        .world = world,
        .net = net,
        .cluster = cluster,
        .workload = workload,
        .expects = expects,
        .firings = fatal_calloc(scn->stmts_len + 1, sizeof(*timeline->firings)),
    };
    expects->timeline = timeline;
}

void timeline_release(struct timeline *timeline)
{
    free(timeline->plan);
    free(timeline->firings);
    free(timeline->faults);
    *timeline = (struct timeline){0};
}

static uint64_t firing_root(const struct scn_stmt *stmt)
{
    return key_with(key_root(CAUSE_STATEMENT), stmt->key);
}

static uint64_t draw_time(struct timeline *timeline, uint64_t key, struct scn_range range)
{
    return choose_range(&timeline->world->choose, key, PURPOSE_WHEN, range);
}

static uint32_t plan_add(struct timeline *timeline, uint32_t stmt, uint64_t key)
{
    uint32_t at = timeline->plan_len;

    if (at == timeline->plan_cap) {
        timeline->plan_cap = timeline->plan_cap ? timeline->plan_cap * 2 : 16;
        timeline->plan =
            fatal_realloc_array(timeline->plan, timeline->plan_cap, sizeof(*timeline->plan));
    }
    timeline->plan_len++;
    timeline->plan[at] = (struct firing_plan){.stmt = stmt, .key = key};
    return at;
}

/* An action later than the stop never fires, nor one when it is quiet. */
static void schedule(struct timeline *timeline, uint32_t plan, uint64_t at_ns)
{
    if (at_ns > timeline->scn->stop_ns || at_ns >= timeline->scn->quiet.at_ns)
        return;
    world_push_scripted(timeline->world, at_ns, EVENT_CLASS_ACTION, EVENT_ACTION,
                        timeline->plan[plan].key, event_order_of_action(plan), plan);
}

/*
 * The every of turn @turn of the repeats around it, whose times count from
 * @base_ns. The first keeps the keys that it would have without a repeat.
 */
static void plan_every(struct timeline *timeline, uint32_t stmt, uint64_t turn, uint64_t base_ns)
{
    const struct scn_stmt *it = &timeline->scn->stmts[stmt];
    uint64_t root = firing_root(it), key;
    uint64_t from = it->in_repeat ? base_ns : 0;
    struct firing_plan *plan;
    uint32_t at;

    if (turn > 0)
        root = key_with(key_with(root, UINT64_MAX - 1), turn);
    key = key_with(root, UINT64_MAX); /* of the statement, not of a turn */
    at = plan_add(timeline, stmt, key_with(root, 0));
    plan = &timeline->plan[at];
    plan->root = root;
    plan->until_ns = timeline->scn->stop_ns;
    if (it->has_to)
        plan->until_ns = dc_time_add(from, draw_time(timeline, key_with(key, 2), it->to));
    if (it->has_from)
        from = dc_time_add(from, draw_time(timeline, key_with(key, 1), it->from));
    if (from < plan->until_ns)
        schedule(timeline, at, from);
}

/* net and link statements hold from the start. */
static void lay_own_rules(struct timeline *timeline, enum scn_stmt_kind kind)
{
    for (uint32_t i = 0; i < timeline->scn->stmts_len; i++)
        if (timeline->scn->stmts[i].kind == kind)
            actions_lay_own(timeline, i, key_with(firing_root(&timeline->scn->stmts[i]), 0));
}

/* Where the unrolling of the script stands. */
struct cursor {
    uint64_t *turns;  /* by statement: how often it was met; of a repeat: turns that are done */
    uint64_t last_ns; /* time of the at or + before */
};

/* Returns the statement that comes next. */
static uint32_t unroll(struct timeline *timeline, struct cursor *cursor, uint32_t stmt)
{
    const struct scn_stmt *it = &timeline->scn->stmts[stmt];
    uint64_t key;

    switch (it->kind) {
    case SCN_STMT_AT:
    case SCN_STMT_AFTER:
        key = key_with(firing_root(it), cursor->turns[stmt]++);
        cursor->last_ns = dc_time_add(it->kind == SCN_STMT_AFTER ? cursor->last_ns : 0,
                                      draw_time(timeline, key, it->when));
        schedule(timeline, plan_add(timeline, stmt, key), cursor->last_ns);
        break;
    case SCN_STMT_EVERY:
        plan_every(timeline, stmt, cursor->turns[stmt]++, cursor->last_ns);
        break;
    case SCN_STMT_END:
        if (++cursor->turns[it->block] < timeline->scn->stmts[it->block].turns)
            return it->block + 1;
        cursor->turns[it->block] = 0; /* a repeat around it may begin it again */
        break;
    case SCN_STMT_NODE:
    case SCN_STMT_NET:
    case SCN_STMT_LINK:
    case SCN_STMT_LOAD:
    case SCN_STMT_EXPECT:
    case SCN_STMT_ALWAYS:
    case SCN_STMT_NEVER:
    case SCN_STMT_SOMETIMES:
    case SCN_STMT_REPEAT:
    case SCN_STMT_QUIET:
    case SCN_STMT_SHOW:
    case SCN_STMT_CAMPAIGN:
        break;
    }
    return stmt + 1;
}

/* It comes with the ends of faults: before what happens at that instant. */
static void schedule_quiet(struct timeline *timeline)
{
    const struct scn_quiet *quiet = &timeline->scn->quiet;

    if (quiet->at_ns == DC_TIME_NEVER)
        return;
    world_push_scripted(timeline->world, quiet->at_ns, EVENT_CLASS_ACTION, EVENT_QUIET,
                        key_with(firing_root(&timeline->scn->stmts[quiet->stmt]), 0),
                        event_order_of_end(quiet->stmt), quiet->stmt);
}

void timeline_start(struct timeline *timeline)
{
    struct cursor cursor = {
        .turns = fatal_calloc(timeline->scn->stmts_len + 1, sizeof(*cursor.turns)),
    };

    /* A link statement is laid over the default, wherever it stands in the file. */
    lay_own_rules(timeline, SCN_STMT_NET);
    lay_own_rules(timeline, SCN_STMT_LINK);
    for (uint32_t i = 0; i < timeline->scn->stmts_len;)
        i = unroll(timeline, &cursor, i);
    schedule_quiet(timeline);
    free(cursor.turns);
}

uint32_t timeline_stmt(const struct timeline *timeline, const struct event *event)
{
    return timeline->plan[event->payload].stmt;
}

/* ---- faults ---- */

/* Rules are in force as long as they show on a link, whatever the time of their firing. */
static bool is_of_rules(const struct timeline *timeline, uint32_t fault)
{
    enum scn_action_kind kind = timeline->scn->stmts[timeline->faults[fault].stmt].action.kind;

    return kind == SCN_NET || kind == SCN_LINK;
}

uint32_t timeline_fault_begin(struct timeline *timeline, uint32_t stmt, bool ends)
{
    uint32_t at = timeline->faults_len;

    if (at == timeline->faults_cap) {
        timeline->faults_cap = timeline->faults_cap ? timeline->faults_cap * 2 : 16;
        timeline->faults =
            fatal_realloc_array(timeline->faults, timeline->faults_cap, sizeof(*timeline->faults));
    }
    timeline->faults_len++;
    timeline->faults[at] = (struct fault){
        .stmt = stmt, .begin_ns = timeline->world->now_ns, .active = ends, .ends = ends};
    if (ends)
        expects_fault_began(timeline->expects, stmt);
    world_record(timeline->world, RECORD_FAULT, 1, timeline->world->key, RECORD_NO_NODE,
                 RECORD_NO_NODE, timeline->scn->stmts[stmt].key, 0);
    return at;
}

static uint32_t *fault_of(struct timeline *timeline, uint32_t node, unsigned part)
{
    return &timeline->cluster->wrongs[node].faults[part];
}

/* Nothing has @part of @node any more. */
static void release(struct timeline *timeline, uint32_t node, unsigned part)
{
    uint32_t *it = fault_of(timeline, node, part), fault = *it;

    *it = HOST_NO_FAULT;
    if (fault != HOST_NO_FAULT && --timeline->faults[fault].nodes == 0)
        timeline_fault_end(timeline, fault);
}

/* Nodes get back what the fault has of them; one that cannot start yet does not. */
static void give_back(struct timeline *timeline, uint32_t fault)
{
    struct cluster *cluster = timeline->cluster;
    uint32_t stmt = timeline->faults[fault].stmt;
    unsigned parts = cluster_parts(&timeline->scn->stmts[stmt].action), part = 0;

    while (part < HOST_PARTS && !(parts >> part & 1)) /* what begins a fault has one */
        part++;
    for (uint32_t i = 0; timeline->faults[fault].nodes > 0 && i < cluster->nodes; i++) {
        if (*fault_of(timeline, i, part) != fault || !cluster_give_back(cluster, i, stmt))
            continue;
        *fault_of(timeline, i, part) = HOST_NO_FAULT;
        timeline->faults[fault].nodes--;
    }
}

void timeline_fault_take(struct timeline *timeline, uint32_t fault, uint32_t node, unsigned parts)
{
    for (unsigned part = 0; part < HOST_PARTS; part++) {
        if (!(parts >> part & 1))
            continue;
        release(timeline, node, part);
        *fault_of(timeline, node, part) = fault;
        if (fault != HOST_NO_FAULT)
            timeline->faults[fault].nodes++;
    }
}

void timeline_node_runs(struct timeline *timeline, uint32_t node)
{
    if (timeline->cluster->hosts[node].state == HOST_UP)
        release(timeline, node, HOST_PART_LIFE);
}

void timeline_fault_end(struct timeline *timeline, uint32_t fault)
{
    struct fault *it = &timeline->faults[fault];
    uint64_t stmt_key = timeline->scn->stmts[it->stmt].key;
    uint32_t *flights;
    size_t len;

    if (!it->active)
        return;
    give_back(timeline, fault);
    if (it->nodes > 0)
        return; /* it ends with the start of the last of them */
    it->active = false;
    it->end_ns = timeline->world->now_ns;
    while (timeline->faults_active_from < timeline->faults_len &&
           !timeline->faults[timeline->faults_active_from].active)
        timeline->faults_active_from++;
    world_record(timeline->world, RECORD_FAULT, 0, timeline->world->key, RECORD_NO_NODE,
                 RECORD_NO_NODE, stmt_key, 0);
    net_end(timeline->net, fault, &flights, &len);
    cluster_release_flights(
        timeline->cluster,
        key_with(key_with(key_root(CAUSE_RELEASE), stmt_key), timeline->world->now_ns), flights,
        len);
    free(flights);
    timeline->ended = timeline->ended || !is_of_rules(timeline, fault);
    expects_fault_ended(timeline->expects, it->stmt);
}

uint32_t timeline_unended(const struct timeline *timeline)
{
    const struct net *net = timeline->net;
    uint64_t end_ns = timeline->last_end_ns;

    for (uint32_t i = timeline->faults_active_from; i < timeline->faults_len; i++)
        if (timeline->faults[i].active && !is_of_rules(timeline, i))
            return timeline->faults[i].stmt;
    for (size_t i = net->layers_base; i < net->layers_len; i++) {
        const struct net_layer *layer = &net->layers[i];

        if (layer->off && (layer->off_ns >= end_ns || timeline->faults[layer->fault].ends))
            return layer->stmt;
    }
    return cluster_wrong(timeline->cluster, end_ns);
}

/* A clock that was set back and stands still ends that by itself, and nobody else would notice. */
static void wait_for_clocks(struct timeline *timeline)
{
    uint64_t at_ns = cluster_catches_up(timeline->cluster), now_ns = timeline->world->now_ns;

    if (at_ns == timeline->catch_up_ns || at_ns > timeline->scn->stop_ns || at_ns <= now_ns)
        return;
    timeline->catch_up_ns = at_ns;
    world_push_scripted(timeline->world, at_ns, EVENT_CLASS_ACTION, EVENT_FAULT_END,
                        key_with(key_root(CAUSE_STATEMENT), at_ns), event_order_of_end(0),
                        NET_NO_FAULT);
}

/* Behind all that may begin or end a fault: has one ended, of whatever kind? */
static void look_for_ends(struct timeline *timeline)
{
    bool rules, hosts, others = timeline->ended;

    if (!timeline->expects->asks_last)
        return;
    wait_for_clocks(timeline);
    rules = net_rules_look(timeline->net, timeline->world->now_ns);
    hosts = cluster_ceased(timeline->cluster);
    timeline->ended = false;
    if (!rules && !hosts && !others)
        return;
    timeline->last_end_ns = timeline->world->now_ns;
    expects_last_ended(timeline->expects);
}

/* ---- events ---- */

void timeline_on_action(struct timeline *timeline, const struct event *event)
{
    uint32_t at = (uint32_t)event->payload;
    struct firing_plan *plan = &timeline->plan[at];
    const struct scn_stmt *stmt = &timeline->scn->stmts[plan->stmt];
    uint64_t next_ns;

    if (timeline->firings[plan->stmt].count++ == 0)
        timeline->firings[plan->stmt].first_ns = event->at_ns;
    actions_fire(timeline, plan->stmt, event->key);
    look_for_ends(timeline);
    if (stmt->kind != SCN_STMT_EVERY)
        return;
    next_ns = dc_time_add(event->at_ns, draw_time(timeline, plan->key, stmt->when));
    plan->key = key_with(plan->root, ++plan->turn);
    if (next_ns < plan->until_ns)
        schedule(timeline, at, next_ns);
}

void timeline_on_fault_end(struct timeline *timeline, const struct event *event)
{
    if ((uint32_t)event->payload != NET_NO_FAULT) /* else a clock has caught up */
        timeline_fault_end(timeline, (uint32_t)event->payload);
    look_for_ends(timeline);
}

void timeline_on_quiet(struct timeline *timeline)
{
    for (uint32_t i = timeline->faults_active_from; i < timeline->faults_len; i++)
        timeline_fault_end(timeline, i);
    net_rules_reset(timeline->net); /* also those that were to last */
    cluster_quiet(timeline->cluster);
    for (uint32_t i = 0; i < timeline->cluster->nodes; i++)
        timeline_node_runs(timeline, i);
    look_for_ends(timeline);
}

void timeline_on_started(struct timeline *timeline, uint32_t node)
{
    timeline_node_runs(timeline, node);
    look_for_ends(timeline);
}

/* Not part of what is done after every event, which is to be short. */
__attribute__((noinline)) static void end_done(struct timeline *timeline, uint32_t done)
{
    for (; done != NET_NO_FAULT; done = net_done(timeline->net)) {
        timeline_fault_end(timeline, done);
        look_for_ends(timeline);
    }
}

void timeline_event_done(struct timeline *timeline)
{
    uint32_t done = net_done(timeline->net);

    if (done != NET_NO_FAULT)
        end_done(timeline, done);
}
