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
    };
    timeline->fired = fatal_calloc(scn->stmts_len, sizeof(*timeline->fired));
    timeline->until_ns = fatal_calloc(scn->stmts_len, sizeof(*timeline->until_ns));
}

void timeline_release(struct timeline *timeline)
{
    free(timeline->fired);
    free(timeline->until_ns);
    free(timeline->faults);
    *timeline = (struct timeline){0};
}

static uint64_t firing_key(const struct scn_stmt *stmt, uint64_t turn)
{
    return key_with(key_with(key_root(CAUSE_STATEMENT), stmt->key), turn);
}

static uint64_t draw_time(struct timeline *timeline, uint32_t index, uint64_t turn,
                          struct scn_range range)
{
    return choose_range(&timeline->world->choose, firing_key(&timeline->scn->stmts[index], turn),
                        PURPOSE_WHEN, range);
}

/* An action later than the stop never fires. */
static void schedule(struct timeline *timeline, uint32_t index, uint64_t turn, uint64_t at_ns)
{
    if (at_ns > timeline->scn->stop_ns)
        return;
    world_push_scripted(timeline->world, at_ns, EVENT_CLASS_ACTION, EVENT_ACTION,
                        firing_key(&timeline->scn->stmts[index], turn),
                        event_order_of_action(index), index);
}

static void schedule_every(struct timeline *timeline, uint32_t index)
{
    const struct scn_stmt *stmt = &timeline->scn->stmts[index];
    struct choose *choose = &timeline->world->choose;
    uint64_t key = firing_key(stmt, UINT64_MAX); /* of the statement, not of a turn */
    uint64_t from = 0;

    timeline->until_ns[index] = timeline->scn->stop_ns;
    if (stmt->has_from)
        from = choose_range(choose, key_with(key, 1), PURPOSE_WHEN, stmt->from);
    if (stmt->has_to)
        timeline->until_ns[index] = choose_range(choose, key_with(key, 2), PURPOSE_WHEN, stmt->to);
    if (from < timeline->until_ns[index])
        schedule(timeline, index, 0, from);
}

/* net and link statements hold from the start. */
static void lay_own_rules(struct timeline *timeline, enum scn_stmt_kind kind)
{
    for (uint32_t i = 0; i < timeline->scn->stmts_len; i++)
        if (timeline->scn->stmts[i].kind == kind)
            actions_lay_own(timeline, i, firing_key(&timeline->scn->stmts[i], 0));
}

void timeline_start(struct timeline *timeline)
{
    uint64_t last = 0; /* time of the at or + before */

    /* A link statement is laid over the default, wherever it stands in the file. */
    lay_own_rules(timeline, SCN_STMT_NET);
    lay_own_rules(timeline, SCN_STMT_LINK);
    for (uint32_t i = 0; i < timeline->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &timeline->scn->stmts[i];

        if (stmt->kind == SCN_STMT_EVERY)
            schedule_every(timeline, i);
        if (stmt->kind != SCN_STMT_AT && stmt->kind != SCN_STMT_AFTER)
            continue;
        last = dc_time_add(stmt->kind == SCN_STMT_AFTER ? last : 0,
                           draw_time(timeline, i, 0, stmt->when));
        schedule(timeline, i, 0, last);
    }
}

void timeline_on_action(struct timeline *timeline, const struct event *event)
{
    uint32_t index = (uint32_t)event->payload;
    const struct scn_stmt *stmt = &timeline->scn->stmts[index];
    uint64_t turn = timeline->fired[index]++;

    actions_fire(timeline, index, event->key);
    if (stmt->kind == SCN_STMT_EVERY) {
        uint64_t next = dc_time_add(event->at_ns, draw_time(timeline, index, turn, stmt->when));

        if (next < timeline->until_ns[index])
            schedule(timeline, index, turn + 1, next);
    }
}

/* ---- faults ---- */

uint32_t timeline_fault_begin(struct timeline *timeline, uint32_t stmt, bool ends)
{
    uint32_t at = timeline->faults_len;

    if (at == timeline->faults_cap) {
        timeline->faults_cap = timeline->faults_cap ? timeline->faults_cap * 2 : 16;
        timeline->faults =
            fatal_realloc_array(timeline->faults, timeline->faults_cap, sizeof(*timeline->faults));
    }
    timeline->faults_len++;
    timeline->faults[at] = (struct fault){.stmt = stmt, .active = ends, .ends = ends};
    world_record(timeline->world, RECORD_FAULT, 1, timeline->world->key, RECORD_NO_NODE,
                 RECORD_NO_NODE, timeline->scn->stmts[stmt].key, 0);
    return at;
}

void timeline_fault_end(struct timeline *timeline, uint32_t fault)
{
    struct fault *it = &timeline->faults[fault];
    uint64_t stmt_key = timeline->scn->stmts[it->stmt].key;
    uint32_t *flights;
    size_t len;

    if (!it->active)
        return;
    it->active = false;
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
    expects_fault_ended(timeline->expects, it->stmt);
}

void timeline_on_fault_end(struct timeline *timeline, const struct event *event)
{
    timeline_fault_end(timeline, (uint32_t)event->payload);
}

void timeline_event_done(struct timeline *timeline)
{
    uint32_t done;

    while ((done = net_done(timeline->net)) != NET_NO_FAULT)
        timeline_fault_end(timeline, done);
}

/* Is @stmt a fault that a message should have met, come what may? */
static bool must_touch(const struct scn_stmt *stmt)
{
    if (stmt->kind != SCN_STMT_AT && stmt->kind != SCN_STMT_AFTER && stmt->kind != SCN_STMT_EVERY)
        return false;
    switch (stmt->action.kind) {
    case SCN_PARTITION:
    case SCN_HOLD:
    case SCN_DROP:
    case SCN_DELAY:
        return true;
    case SCN_NET:
    case SCN_LINK:
        return !(stmt->action.rules.set & (SCN_RULE_LOSS | SCN_RULE_RESET));
    case SCN_INC:
    case SCN_DEC:
    case SCN_MEET:
    case SCN_HEAL:
    case SCN_RELEASE:
        return false;
    }
    return false;
}

uint32_t timeline_unfired(const struct scenario *scn, const uint64_t *touched)
{
    uint32_t i = 0;

    while (i < scn->stmts_len && (touched[i] > 0 || !must_touch(&scn->stmts[i])))
        i++;
    return i;
}
