/* Predicates and when they are asked. */
#include "sim/expect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/cluster.h"
#include "sim/event.h"
#include "sim/fatal.h"
#include "sim/predicate.h"
#include "sim/text.h"
#include "sim/timeline.h"
#include "sim/world.h"

static void watch_add(struct expects *expects, uint32_t stmt)
{
    expects->watches[expects->watches_len++] = stmt;
    if (expects->scn->stmts[stmt].pred.kind == SCN_PRED_DECREASE)
        expects->previous[stmt] =
            fatal_calloc(expects->scn->nodes, sizeof(*expects->previous[stmt]));
}

static bool is_within(const struct scn_stmt *stmt)
{
    return (stmt->kind == SCN_STMT_EXPECT || stmt->kind == SCN_STMT_QUIET) &&
           stmt->pred.kind == SCN_PRED_WITHIN;
}

static bool asks_last(const struct scn_stmt *stmt)
{
    return is_within(stmt) && stmt->pred.of_kind == SCN_OF_LAST_FAULT;
}

void expects_init(struct expects *expects, const struct scenario *scn, struct world *world,
                  struct cluster *cluster)
{
    *expects = (struct expects){.scn = scn, .world = world, .cluster = cluster};
    expects->evaluated = fatal_calloc(scn->stmts_len, sizeof(*expects->evaluated));
    expects->previous = fatal_calloc(scn->stmts_len, sizeof(*expects->previous));
    expects->watches = fatal_calloc(scn->stmts_len, sizeof(*expects->watches));
    expects->hopes = fatal_calloc(scn->stmts_len, sizeof(*expects->hopes));
    expects->withins = fatal_calloc(scn->stmts_len, sizeof(*expects->withins));
    for (uint32_t i = 0; i < scn->stmts_len; i++) {
        if (scn->stmts[i].kind == SCN_STMT_ALWAYS || scn->stmts[i].kind == SCN_STMT_NEVER)
            watch_add(expects, i);
        if (scn->stmts[i].kind == SCN_STMT_SOMETIMES)
            expects->hopes[expects->hopes_len++] = i;
        if (is_within(&scn->stmts[i]))
            expects->withins[expects->withins_len++] = i;
        expects->asks_last = expects->asks_last || asks_last(&scn->stmts[i]);
    }
    expects->hopes_open = expects->hopes_len;
}

void expects_release(struct expects *expects)
{
    for (size_t i = 0; expects->scn && i < expects->scn->stmts_len; i++)
        free(expects->previous[i]);
    free(expects->evaluated);
    free(expects->previous);
    free(expects->obligations);
    free(expects->open);
    free(expects->watches);
    free(expects->hopes);
    free(expects->withins);
    *expects = (struct expects){0};
}

static void fail(struct expects *expects, uint32_t stmt, uint64_t at_ns,
                 const struct finding *finding)
{
    struct failure *failure = &expects->failure;

    if (failure->broke)
        return;
    failure->broke = true;
    failure->stmt = stmt;
    failure->after_event = expects->scn->stmts[stmt].kind == SCN_STMT_ALWAYS ||
                           expects->scn->stmts[stmt].kind == SCN_STMT_NEVER;
    failure->node = finding->node;
    failure->at_ns = at_ns;
    snprintf(failure->headline, sizeof(failure->headline), "%s", finding->headline);
    snprintf(failure->label, sizeof(failure->label), "%s", finding->label);
}

static void verdict(struct expects *expects, uint32_t stmt, bool holds)
{
    expects->evaluated[stmt]++;
    world_record(expects->world, RECORD_VERDICT, holds, expects->world->key, RECORD_NO_NODE,
                 RECORD_NO_NODE, expects->scn->stmts[stmt].key, 0);
}

static uint64_t eval_key(const struct expects *expects, uint32_t stmt)
{
    return key_with(key_with(key_root(CAUSE_STATEMENT), expects->scn->stmts[stmt].key),
                    expects->evaluated[stmt]);
}

/* ---- obligations ---- */

/* The latest ending counts alone for "of heal" and "of last fault": all before are void already. */
static void replace_earlier(struct expects *expects, uint32_t stmt)
{
    for (size_t i = expects->obligations_len; i-- > 0;) {
        if (expects->obligations[i].stmt != stmt)
            continue;
        if (expects->obligations[i].void_)
            return;
        expects->obligations[i].void_ = true;
    }
}

static void oblige(struct expects *expects, uint32_t stmt, uint64_t begin_ns)
{
    uint64_t within_ns = expects->scn->stmts[stmt].pred.within_ns;
    size_t at = expects->obligations_len;

    if (at == expects->obligations_cap) {
        expects->obligations_cap = expects->obligations_cap ? expects->obligations_cap * 2 : 16;
        expects->obligations = fatal_realloc_array(expects->obligations, expects->obligations_cap,
                                                   sizeof(*expects->obligations));
    }
    expects->obligations_len++;
    expects->obligations[at] = (struct obligation){
        .begin_ns = begin_ns,
        .deadline_ns = dc_time_add(begin_ns, within_ns),
        .stmt = stmt,
    };
    if (expects->open_len == expects->open_cap) {
        expects->open_cap = expects->open_cap ? expects->open_cap * 2 : 16;
        expects->open =
            fatal_realloc_array(expects->open, expects->open_cap, sizeof(*expects->open));
    }
    expects->open[expects->open_len++] = at;
    world_push_scripted(expects->world, expects->obligations[at].deadline_ns, EVENT_CLASS_EXPECT,
                        EVENT_DEADLINE, expects->scn->stmts[stmt].key, stmt, at);
}

/* Is the end of a fault of @ended an ending of what @pred speaks of? */
static bool speaks_of(const struct expects *expects, const struct scn_pred *pred, uint32_t ended)
{
    if (pred->of_kind == SCN_OF_NAME)
        return expects->scn->names[pred->of_name].stmt == ended;
    return pred->of_kind == SCN_OF_HEAL && expects->scn->stmts[ended].action.kind == SCN_PARTITION;
}

/* What is in force that "A while B" can speak of. */
static uint32_t *in_force(struct expects *expects, uint32_t stmt)
{
    enum scn_action_kind kind = expects->scn->stmts[stmt].action.kind;

    return kind == SCN_PARTITION ? &expects->partitions : kind == SCN_HOLD ? &expects->holds : NULL;
}

void expects_fault_began(struct expects *expects, uint32_t began)
{
    uint32_t *count = in_force(expects, began);

    if (count)
        (*count)++;
}

void expects_fault_ended(struct expects *expects, uint32_t ended)
{
    uint32_t *count = in_force(expects, ended);

    if (count)
        (*count)--;
    for (size_t i = 0; i < expects->withins_len; i++) {
        const struct scn_stmt *stmt = &expects->scn->stmts[expects->withins[i]];

        if (!speaks_of(expects, &stmt->pred, ended))
            continue;
        if (stmt->pred.of_kind != SCN_OF_NAME)
            replace_earlier(expects, expects->withins[i]);
        oblige(expects, expects->withins[i], expects->world->now_ns);
    }
}

void expects_last_ended(struct expects *expects)
{
    for (size_t i = 0; i < expects->withins_len; i++) {
        if (!asks_last(&expects->scn->stmts[expects->withins[i]]))
            continue;
        replace_earlier(expects, expects->withins[i]);
        oblige(expects, expects->withins[i], expects->world->now_ns);
    }
}

/* Those that can be met no more are taken off the list when it is walked. */
static void meet_open(struct expects *expects, uint64_t begun_by_ns)
{
    size_t kept = 0;

    for (size_t i = 0; i < expects->open_len; i++) {
        struct obligation *it = &expects->obligations[expects->open[i]];

        if (it->missed || it->void_)
            continue;
        it->met = it->begin_ns <= begun_by_ns;
        if (!it->met)
            expects->open[kept++] = expects->open[i];
    }
    expects->open_len = kept;
}

/* ---- sometimes ---- */

static bool condition_holds(const struct expects *expects, enum scn_condition condition)
{
    switch (condition) {
    case SCN_PARTITIONED:
        return expects->partitions > 0;
    case SCN_HELD:
        return expects->holds > 0;
    case SCN_CONVERGED:
        return expects->converged;
    case SCN_CRASHED:
        return expects->cluster->tally.crashed > 0;
    case SCN_RESTARTED:
        return expects->cluster->tally.restarted > 0;
    case SCN_PAUSED:
        return expects->cluster->tally.paused > 0;
    case SCN_JOINED:
        return expects->cluster->tally.joined > 0;
    case SCN_LEFT:
        return expects->cluster->tally.left > 0;
    }
    return false;
}

/* @nodes: those that have changed since it did not hold; NULL: all may have. */
static bool hope_holds(struct expects *expects, uint32_t stmt, const uint32_t *nodes, size_t len)
{
    const struct scn_stmt *it = &expects->scn->stmts[stmt];
    uint64_t key = eval_key(expects, stmt);
    struct finding ignored;

    if (it->pred.kind == SCN_PRED_WHILE)
        return condition_holds(expects, it->pred.while_a) &&
               condition_holds(expects, it->pred.while_b);
    /* What holds must hold on those that changed: mostly it does not, and that is all it takes. */
    if (nodes && !predicate_holds(expects->cluster, it, key, nodes, len, &ignored))
        return false;
    return predicate_has_nodes(expects->cluster, it, key) &&
           predicate_holds(expects->cluster, it, key, NULL, 0, &ignored);
}

/* @whiles: those that speak of conditions, which are known when an instant is settled. */
static void look_for_hopes(struct expects *expects, bool whiles, const uint32_t *nodes, size_t len)
{
    for (size_t i = 0; i < expects->hopes_open; i++) {
        uint32_t stmt = expects->hopes[i];

        if ((expects->scn->stmts[stmt].pred.kind == SCN_PRED_WHILE) != whiles ||
            !hope_holds(expects, stmt, nodes, len))
            continue;
        verdict(expects, stmt, true);
        /* The last one that is open takes its place, and is looked at next. */
        expects->hopes[i--] = expects->hopes[--expects->hopes_open];
        expects->hopes[expects->hopes_open] = stmt;
    }
}

bool expects_held_once(const struct expects *expects, uint32_t stmt)
{
    for (size_t i = 0; i < expects->hopes_open; i++)
        if (expects->hopes[i] == stmt)
            return false;
    return true;
}

/* ---- instants ---- */

void expects_settle(struct expects *expects, uint64_t at_ns)
{
    bool converged = cluster_converged(expects->cluster);

    /* What was converged until now was so when an obligation began in between. */
    if (expects->converged && at_ns > 0)
        meet_open(expects, at_ns - 1);
    if (converged && !expects->converged) {
        expects->since_ns = at_ns;
        expects->ever = true;
    }
    expects->converged = converged;
    if (converged)
        meet_open(expects, at_ns);
    if (expects->hopes_open > 0)
        look_for_hopes(expects, true, NULL, 0);
}

static void fail_obligation(struct expects *expects, const struct obligation *it)
{
    const struct scn_stmt *stmt = &expects->scn->stmts[it->stmt];
    struct finding finding;

    predicate_missed(&finding, stmt, it->deadline_ns, it->distinct, it->open);
    if (expects->failure.broke)
        return;
    fail(expects, it->stmt, it->deadline_ns, &finding);
    expects->failure.event = it->event;
    expects->failure.hash = it->hash;
}

void expects_on_deadline(struct expects *expects, const struct event *event)
{
    struct obligation *it = &expects->obligations[event->payload];

    if (it->void_)
        return;
    verdict(expects, it->stmt, it->met);
    if (it->met)
        return;
    it->missed = true;
    it->distinct = predicate_distinct(expects->cluster);
    it->open = expects->cluster->open;
    it->event = expects->world->events;
    it->hash = expects->world->trace.hash;
    /* A later heal may still take the place of this one. */
    if (expects->scn->stmts[it->stmt].pred.of_kind == SCN_OF_NAME ||
        expects->scn->stmts[it->stmt].pred.of_kind == SCN_OF_TIME)
        fail_obligation(expects, it);
}

/* Nothing ends any more: what was missed stays so. The first of it is the failure. */
static void fail_missed(struct expects *expects)
{
    for (size_t i = 0; i < expects->obligations_len; i++)
        if (expects->obligations[i].missed && !expects->obligations[i].void_) {
            fail_obligation(expects, &expects->obligations[i]);
            return;
        }
}

/* "of heal" and "of last fault" speak of the latest end, if it is known which that is. */
static bool is_open(const struct expects *expects, const struct scn_stmt *stmt, bool last_open)
{
    return is_within(stmt) && ((stmt->pred.of_kind == SCN_OF_HEAL && expects->partitions > 0) ||
                               (stmt->pred.of_kind == SCN_OF_LAST_FAULT && last_open));
}

/* All of the last instant has happened but what is expected: which ends there were is known. */
static void stop(struct expects *expects)
{
    bool last_open;

    if (expects->stopped)
        return;
    expects->stopped = true;
    last_open = expects->asks_last && timeline_unended(expects->timeline) != MET_NO_STMT;
    for (size_t i = 0; i < expects->obligations_len; i++) {
        struct obligation *it = &expects->obligations[i];

        if (is_open(expects, &expects->scn->stmts[it->stmt], last_open)) {
            it->void_ = true;
            expects->evaluated[it->stmt] = 0;
        }
    }
    fail_missed(expects);
}

void expects_stop(struct expects *expects)
{
    stop(expects);
    fail_missed(expects); /* at the stop */
    for (size_t i = 0; i < expects->obligations_len; i++) {
        const struct obligation *it = &expects->obligations[i];

        if (it->met && !it->void_ && it->deadline_ns > expects->scn->stop_ns)
            expects->evaluated[it->stmt]++;
    }
}

static bool must_be_evaluated(const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_EXPECT || stmt->kind == SCN_STMT_ALWAYS ||
           stmt->kind == SCN_STMT_NEVER;
}

uint32_t expects_unevaluated(const struct expects *expects)
{
    uint32_t i = 0;

    /* An obligation that the stop cut short has not been evaluated either. */
    for (size_t o = 0; o < expects->obligations_len; o++) {
        const struct obligation *it = &expects->obligations[o];

        if (!it->met && !it->missed && !it->void_)
            return it->stmt;
    }
    while (i < expects->scn->stmts_len &&
           (!must_be_evaluated(&expects->scn->stmts[i]) || expects->evaluated[i] > 0))
        i++;
    return i;
}

/* ---- always and never ---- */

/* Did the value that one of @nodes shows fall? Remembers what it shows now. */
static bool decreased(struct expects *expects, uint32_t index, const uint32_t *nodes, size_t len,
                      struct finding *finding)
{
    const struct scn_stmt *stmt = &expects->scn->stmts[index];
    bool fell = false;

    for (size_t i = 0; i < len; i++) {
        i128 *previous = &expects->previous[index][nodes[i]];
        i128 now;

        if (!cluster_is_there(expects->cluster, nodes[i]))
            continue; /* it shows nothing */
        now = predicate_value(expects->cluster, stmt, eval_key(expects, index), nodes[i]);

        if (now < *previous && !fell &&
            predicate_concerns(expects->cluster, stmt, eval_key(expects, index), nodes[i])) {
            fell = true;
            predicate_fell(finding, nodes[i], *previous, now);
        }
        *previous = now;
    }
    return fell;
}

/* Does it speak of anybody now? What it says of each of its nodes, it says of those there are. */
static bool speaks(const struct expects *expects, uint32_t index)
{
    const struct scn_stmt *stmt = &expects->scn->stmts[index];

    return (expects->evaluated[index] > 0 && predicate_is_of_each(&stmt->pred) && !stmt->pred.of) ||
           predicate_has_nodes(expects->cluster, stmt, eval_key(expects, index));
}

static void look(struct expects *expects, uint32_t index, const uint32_t *nodes, size_t len)
{
    const struct scn_stmt *stmt = &expects->scn->stmts[index];
    bool never = stmt->kind == SCN_STMT_NEVER;
    struct finding finding;
    bool holds;

    if (!speaks(expects, index))
        return;
    if (stmt->pred.kind == SCN_PRED_DECREASE)
        holds = !decreased(expects, index, nodes, len, &finding);
    else
        holds =
            predicate_holds(expects->cluster, stmt, eval_key(expects, index), nodes, len, &finding);
    expects->evaluated[index]++;
    if (!holds) {
        world_record(expects->world, RECORD_VERDICT, 0, expects->world->key, RECORD_NO_NODE,
                     RECORD_NO_NODE, stmt->key, never);
        fail(expects, index, expects->world->now_ns, &finding);
    }
}

void expects_event_done(struct expects *expects)
{
    const struct cluster *cluster = expects->cluster;

    if (cluster->touched_len == 0 || expects->watches_len + expects->hopes_open == 0)
        return;
    for (size_t w = 0; w < expects->watches_len; w++) {
        uint32_t stmt = expects->watches[w];

        if (predicate_leans_on_others(&expects->scn->stmts[stmt].pred))
            look(expects, stmt, NULL, 0);
        else
            look(expects, stmt, cluster->touched, cluster->touched_len);
    }
    if (expects->hopes_open > 0)
        look_for_hopes(expects, false, cluster->touched, cluster->touched_len);
}

/* ---- expectations at a time ---- */

void expects_start(struct expects *expects)
{
    for (uint32_t i = 0; i < expects->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &expects->scn->stmts[i];

        if (stmt->kind == SCN_STMT_SHOW)
            world_push_scripted(expects->world, stmt->show.at_ns, EVENT_CLASS_EXPECT, EVENT_SHOW,
                                stmt->key, i, i);
        if (stmt->kind != SCN_STMT_EXPECT && stmt->kind != SCN_STMT_QUIET)
            continue;
        if (is_within(stmt)) {
            if (stmt->pred.of_kind == SCN_OF_TIME)
                oblige(expects, i, stmt->pred.of_ns);
            continue;
        }
        world_push_scripted(expects->world,
                            stmt->pred.at_end ? expects->scn->stop_ns : stmt->pred.at_ns,
                            EVENT_CLASS_EXPECT, EVENT_EXPECT, stmt->key, i, i);
    }
    for (size_t w = 0; w < expects->watches_len; w++)
        look(expects, expects->watches[w], NULL, 0);
    look_for_hopes(expects, false, NULL, 0);
}

void expects_fail_show(struct expects *expects, uint32_t stmt, struct scn_pos pos,
                       const struct finding *finding)
{
    fail(expects, stmt, expects->world->now_ns, finding);
    expects->failure.pos = pos;
}

void expects_on_expect(struct expects *expects, const struct event *event)
{
    uint32_t index = (uint32_t)event->payload;
    const struct scn_stmt *stmt = &expects->scn->stmts[index];
    uint64_t key = eval_key(expects, index);
    struct finding finding;
    bool holds;

    if (expects->world->now_ns == expects->scn->stop_ns)
        stop(expects); /* what went wrong before comes first */
    if (!predicate_has_nodes(expects->cluster, stmt, key))
        return; /* stays unevaluated */
    holds = predicate_holds(expects->cluster, stmt, key, NULL, 0, &finding);
    verdict(expects, index, holds);
    if (!holds)
        fail(expects, index, expects->world->now_ns, &finding);
}
