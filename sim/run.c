/* The loop: one event after the other, in their order, until a verdict. */
#include "sim/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/fatal.h"
#include "sim/predicate.h"
#include "sim/refusals.h"
#include "sim/text.h"
#include "sim/unproved.h"

static const struct world_limit events_limit = {
    .what = "events of one run",
    .most = RUN_EVENTS_MAX,
    .where = "RUN_EVENTS_MAX in sim/run.h",
};

static void decide(struct run *run, enum verdict verdict, enum reason reason, uint32_t stmt,
                   uint64_t at_ns)
{
    if (run->over)
        return;
    run->over = true;
    run->outcome.verdict = verdict;
    run->outcome.reason = reason;
    run->outcome.stmt = stmt;
    run->outcome.at_ns = at_ns;
}

/* Looks for what ends a run at once. */
static void look_for_failure(struct run *run)
{
    const struct violation *violation = &run->checks.violation;
    const struct failure *failure = &run->expects.failure;
    struct outcome *outcome = &run->outcome;

    if (run->options.goes_on && !run->world.limit)
        return;
    if (violation->check) {
        snprintf(outcome->headline, sizeof(outcome->headline), "check '%s': %.480s",
                 violation->check, violation->headline);
        snprintf(outcome->label, sizeof(outcome->label), "%s", violation->label);
        decide(run, VERDICT_BROKE, REASON_CHECK, UINT32_MAX, run->world.now_ns);
    } else if (failure->broke) {
        snprintf(outcome->headline, sizeof(outcome->headline), "%s", failure->headline);
        snprintf(outcome->label, sizeof(outcome->label), "%s", failure->label);
        outcome->pos = failure->pos;
        decide(run, VERDICT_BROKE, REASON_EXPECT, failure->stmt, failure->at_ns);
    } else if (run->world.limit) {
        const struct world_limit *limit = run->world.limit;

        snprintf(outcome->headline, sizeof(outcome->headline), "limit reached: %s (%s)",
                 limit->what, limit->where);
        snprintf(outcome->label, sizeof(outcome->label), "expected at most %" PRIu64 ", found more",
                 limit->most);
        decide(run, VERDICT_UNKNOWN, REASON_LIMIT, run->world.limit_stmt, run->world.now_ns);
    }
}

/* The run has come to its stop: was everything that had to happen seen to happen? */
static void finish(struct run *run)
{
    const struct scenario *scn = run->scn;
    struct outcome *outcome = &run->outcome;
    uint32_t stmt;

    cluster_check_all(&run->cluster);
    expects_stop(&run->expects);
    look_for_failure(run);
    stmt = met_nothing(scn, run->met, 0);
    if (!run->over && stmt < scn->stmts_len) {
        unproved_unfired(run, stmt, outcome);
        decide(run, VERDICT_UNKNOWN, REASON_UNFIRED, stmt, run->world.now_ns);
    }
    if (!run->over && unproved_counts(run, &stmt, outcome))
        decide(run, VERDICT_UNKNOWN, REASON_UNFIRED, stmt, run->world.now_ns);
    if (!run->over && unproved_ends(run, &stmt, outcome))
        decide(run, VERDICT_UNKNOWN, REASON_UNFIRED, stmt, run->world.now_ns);
    stmt = expects_unevaluated(&run->expects);
    if (!run->over && stmt < scn->stmts_len) {
        unproved_unevaluated(run, stmt, outcome);
        decide(run, VERDICT_UNKNOWN, REASON_UNEVALUATED, stmt, run->world.now_ns);
    }
    decide(run, VERDICT_HELD, REASON_NONE, UINT32_MAX, run->world.now_ns);
}

/* A codec that may lack memory has to run each time, or other requests would be refused. */
static bool lacks_memory(const struct scenario *scn)
{
    for (size_t i = 0; i < scn->stmts_len; i++)
        if (scn_acts(&scn->stmts[i]) && scn->stmts[i].action.kind == SCN_MEMORY)
            return true;
    return false;
}

void run_init(struct run *run, const struct scenario *scn, const struct run_options *options,
              const struct trace_sink *sink)
{
    struct world *world = &run->world;

    *run = (struct run){.scn = scn, .options = *options};
    run->outcome.stmt = UINT32_MAX;
    run->met = fatal_calloc(scn->stmts_len + 1, sizeof(*run->met));
    world_init(world, options->seed);
    world->choose.fixes = scn->fixes;
    world->choose.fixes_len = scn->fixes_len;
    world->choose.watch = options->draws;
    if (sink)
        world->trace.sink = *sink;
    net_init(&run->net, &world->choose, scn->nodes, run->met);
    oracle_init(&run->oracle, scn->nodes);
    checks_init(&run->checks, &run->oracle, &run->cluster.names, scn->nodes);
    refusals_ask(&run->checks, options->seed);
    cluster_init(&run->cluster, scn, world, &run->net, &run->oracle, &run->checks);
    run->cluster.frames.sampled = options->codec_sampled && !lacks_memory(scn);
    workload_init(&run->workload, scn, world, &run->cluster);
    expects_init(&run->expects, scn, world, &run->cluster);
    timeline_init(&run->timeline, scn, world, &run->net, &run->cluster, &run->workload,
                  &run->expects);
    timeline_start(&run->timeline);
    cluster_start(&run->cluster);
    workload_start(&run->workload);
    cluster_event_done(&run->cluster);
    cluster_event_begin(&run->cluster);
    expects_start(&run->expects);
    world_push_scripted(world, scn->stop_ns, EVENT_CLASS_EXPECT, EVENT_STOP, 0, UINT64_MAX, 0);
    look_for_failure(run);
}

void run_release(struct run *run)
{
    if (!run->scn)
        return;
    timeline_release(&run->timeline);
    expects_release(&run->expects);
    workload_release(&run->workload);
    cluster_release(&run->cluster);
    checks_release(&run->checks);
    oracle_release(&run->oracle);
    net_release(&run->net);
    world_release(&run->world);
    free(run->met);
    free(run->shown);
    *run = (struct run){0};
}

/* Golden text is for the file's own seed and parameters. */
static bool is_golden(const struct run *run, const struct scn_show *show)
{
    return run->options.compares && show->lines_len > 0 && run->scn->own_params &&
           run->options.seed == run->scn->seeds.lo;
}

static void show(struct run *run, uint32_t stmt)
{
    const struct scn_show *show = &run->scn->stmts[stmt].show;
    const struct show_sink *sink = &run->options.shows;
    struct scn_pos pos = {0};
    struct finding finding;
    char *text;

    if (!sink->shown && !is_golden(run, show))
        return;
    text = show_text(run, show->what);
    if (sink->shown)
        sink->shown(sink->ctx, stmt, text);
    if (is_golden(run, show) && !run->expects.failure.broke &&
        !show_matches(show, text, &pos, &finding)) {
        expects_fail_show(&run->expects, stmt, pos, &finding);
        run->shown = text;
        return;
    }
    free(text);
}

static void dispatch(struct run *run, const struct event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_FAULT_END:
        timeline_on_fault_end(&run->timeline, event);
        break;
    case EVENT_ACTION:
        timeline_on_action(&run->timeline, event);
        break;
    case EVENT_TICK:
        cluster_on_tick(&run->cluster, event);
        break;
    case EVENT_CLIENT:
        workload_on_client(&run->workload, event);
        break;
    case EVENT_LOAD:
        workload_on_load(&run->workload, event);
        break;
    case EVENT_ARRIVE:
        cluster_on_arrive(&run->cluster, event);
        break;
    case EVENT_SERVED:
        cluster_on_served(&run->cluster, event);
        break;
    case EVENT_EXPECT:
        expects_on_expect(&run->expects, event);
        break;
    case EVENT_DEADLINE:
        expects_on_deadline(&run->expects, event);
        break;
    case EVENT_STOP:
        finish(run);
        break;
    case EVENT_QUIET:
        timeline_on_quiet(&run->timeline);
        break;
    case EVENT_SHOW:
        show(run, (uint32_t)event->payload);
        break;
    case EVENT_WAKE:
        cluster_on_wake(&run->cluster, event);
        break;
    case EVENT_SYNCED:
        cluster_on_synced(&run->cluster, event);
        break;
    case EVENT_START:
        cluster_on_start(&run->cluster, event);
        timeline_on_started(&run->timeline, event->node);
        break;
    case EVENT_KINDS:
        break;
    }
}

/*
 * An instant is settled once: when only expectations are left in it, or when
 * time moves on.
 */
static void settle_before(struct run *run, const struct event *next)
{
    uint64_t now_ns = run->world.now_ns;

    if (next->at_ns > now_ns) {
        if (!run->settled || run->settled_ns < now_ns)
            expects_settle(&run->expects, now_ns);
        run->settled = true;
        run->settled_ns = now_ns;
    }
    if (next->class == EVENT_CLASS_EXPECT && (!run->settled || run->settled_ns < next->at_ns)) {
        expects_settle(&run->expects, next->at_ns);
        run->settled = true;
        run->settled_ns = next->at_ns;
    }
}

/* The key of the statement that speaks in a scripted event; 0 for others. */
static uint64_t stmt_key_of(const struct run *run, const struct event *event)
{
    if (event->kind == EVENT_ACTION)
        return run->scn->stmts[timeline_stmt(&run->timeline, event)].key;
    if (event->kind == EVENT_EXPECT || event->kind == EVENT_QUIET || event->kind == EVENT_SHOW)
        return run->scn->stmts[event->payload].key;
    return 0;
}

/* With many messages on their way the next one is in no cache: fetch it while this one is handled.
 */
static void fetch_ahead(const struct run *run)
{
    const struct event *next = evq_hint(&run->world.evq);

    if (next && next->kind == EVENT_ARRIVE)
        net_prefetch(&run->net, (uint32_t)next->payload);
}

bool run_step(struct run *run)
{
    struct world *world = &run->world;
    char stop[TEXT_TIME_MAX], until[TEXT_TIME_MAX];
    struct event event;

    if (run->over)
        return false;
    if (!evq_pop(&world->evq, &event))
        fatal("the queue is empty before the stop");
    fetch_ahead(run);
    settle_before(run, &event);
    if (event.at_ns > run->options.until_ns) {
        world->now_ns = run->options.until_ns;
        snprintf(run->outcome.headline, sizeof(run->outcome.headline),
                 "ended by --until before the stop");
        snprintf(run->outcome.label, sizeof(run->outcome.label),
                 "expected to reach the stop at %s, found the end at %s",
                 text_time(stop, run->scn->stop_ns), text_time(until, run->options.until_ns));
        decide(run, VERDICT_UNKNOWN, REASON_UNEVALUATED, UINT32_MAX, world->now_ns);
        return false;
    }
    world->now_ns = event.at_ns;
    world->key = event.key;
    run->event = event;
    if (++world->events > RUN_EVENTS_MAX)
        world_limit(world, &events_limit, UINT32_MAX);
    world_record(world, RECORD_EVENT, event.kind, event.key, event.node, RECORD_NO_NODE,
                 stmt_key_of(run, &event), 0);
    cluster_event_begin(&run->cluster);
    dispatch(run, &event);
    timeline_event_done(&run->timeline);
    cluster_event_done(&run->cluster);
    if (!run->over) {
        expects_event_done(&run->expects);
        look_for_failure(run);
    }
    return !run->over;
}

void run_all(struct run *run)
{
    while (run_step(run))
        ;
}

void run_abandon(struct run *run, enum reason reason)
{
    decide(run, VERDICT_UNKNOWN, reason, UINT32_MAX, run->world.now_ns);
}

void run_fail(struct run *run, enum reason reason)
{
    decide(run, VERDICT_BROKE, reason, UINT32_MAX, run->world.now_ns);
}

const char *verdict_text(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_HELD:
        return "held";
    case VERDICT_BROKE:
        return "broke";
    case VERDICT_UNKNOWN:
        return "unknown";
    }
    return "?";
}

const char *reason_text(enum reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return NULL;
    case REASON_EXPECT:
        return "expect";
    case REASON_CHECK:
        return "check";
    case REASON_CONTRACT:
        return "contract";
    case REASON_SIGNAL:
        return "signal";
    case REASON_MEMORY:
        return "memory";
    case REASON_UNREPEATABLE:
        return "unrepeatable";
    case REASON_UNEVALUATED:
        return "unevaluated";
    case REASON_UNFIRED:
        return "unfired";
    case REASON_TIMEOUT:
        return "timeout";
    case REASON_LIMIT:
        return "limit";
    }
    return "?";
}
