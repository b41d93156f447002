/* The second run, watched; and a third where a state of an earlier event says more. */
#include "sim/diagnose.h"

#include <string.h>

#include "core/mem.h"
#include "sim/fatal.h"
#include "sim/memory.h"
#include "sim/scenario/facts.h"

const enum message_kind diagnosis_kinds[3] = {MESSAGE_PULL, MESSAGE_PUSH, MESSAGE_ACK};

struct watcher {
    const struct run *run; /* the first */
    struct run again;
    struct diagnosis *found;
    struct causes causes;
    uint64_t stmt_key; /* of the statement that has met nothing, 0: none */
    uint32_t in_force; /* how often that is, now */
    bool idle;         /* the message that is being sent is over its links */
    bool strayed;      /* check log: a state is not what was reported */
};

/* ---- states, kept beyond the run they are of ---- */

/* @ret takes the names of the first run, where every handle means the same. */
static void copy_state(const struct watcher *watcher, const struct pncounter *state,
                       struct pncounter *ret)
{
    pncounter_release(ret);
    pncounter_init(ret, memory_heap(), state->names);
    if (pncounter_copy(ret, state) < 0)
        fatal_memory(0);
    ret->names = &watcher->run->cluster.names;
}

static void look_before(const struct watcher *watcher)
{
    for (size_t i = 0; i < watcher->found->witnesses_len; i++) {
        struct witness *it = &watcher->found->witnesses[i];
        const struct host *host = &watcher->again.cluster.hosts[it->node];

        copy_state(watcher, &host->node.counter, &it->before);
        it->inbox_before = host->inbox_len;
    }
}

static void look_after(const struct watcher *watcher)
{
    for (size_t i = 0; i < watcher->found->witnesses_len; i++) {
        struct witness *it = &watcher->found->witnesses[i];
        const struct host *host = &watcher->again.cluster.hosts[it->node];

        copy_state(watcher, &host->node.counter, &it->after);
        it->inbox_after = host->inbox_len;
    }
}

static void keep_chain(const struct watcher *watcher)
{
    struct diagnosis *found = watcher->found;

    found->chain_len = causes_chain(&watcher->causes, found->chain, DIAGNOSIS_CHAIN_MAX);
}

/* ---- what is seen ---- */

/*
 * What @counter shows of what is lacking. The end of the run may know ids that the
 * run, as far as it has come again, has not met: new incarnations.
 */
static uint64_t total_of(const struct run *again, const struct pncounter *counter,
                         const struct lack *lack)
{
    return lack->id < again->cluster.names.len ? pncounter_total(counter, lack->id, lack->side) : 0;
}

/* A message to @to that was sent, or stopped on its way: note it for what it carries. */
static void note_carried(struct watcher *watcher, uint32_t from, uint32_t to, uint32_t frame,
                         const struct lack *seen)
{
    struct frames *frames = &watcher->again.cluster.frames;
    const struct pncounter *state = NULL;

    if (frames_at(frames, frame)->kind != MESSAGE_PUSH)
        return;
    for (size_t i = 0; i < watcher->found->lacks_len; i++) {
        struct lack *lack = &watcher->found->lacks[i];

        if (lack->node != to)
            continue;
        state = state ? state : frames_look(frames, frame);
        if (!state || total_of(&watcher->again, state, lack) <= lack->has)
            continue;
        lack->carried = true;
        lack->ended_ns = 0;
        lack->from = from;
        lack->sent_ns = watcher->again.world.now_ns;
        lack->fate = seen->fate;
        lack->arrives_ns = seen->arrives_ns;
        lack->stmt = seen->stmt;
    }
}

/*
 * A message that was stopped, to or from a node that lacks something, where the
 * other end held it then: it might have led to a push.
 */
static void note_blocked(struct watcher *watcher, uint32_t from, uint32_t to, uint32_t frame,
                         const struct lack *seen)
{
    const struct run *again = &watcher->again;

    for (size_t i = 0; i < watcher->found->lacks_len; i++) {
        struct lack *lack = &watcher->found->lacks[i];
        uint32_t other = lack->node == from ? to : from;

        if ((lack->node != from && lack->node != to) ||
            total_of(again, &again->cluster.hosts[other].node.counter, lack) <= lack->has)
            continue;
        lack->blocked = (struct blocked){
            .known = true,
            .kind = frames_at(&again->cluster.frames, frame)->kind,
            .from = from,
            .to = to,
            .fate = seen->fate,
            .stmt = seen->stmt,
            .at_ns = again->world.now_ns,
        };
    }
}

/* Whose rule holds on the link where that of the idle statement would. */
static uint32_t word_of_other(const struct watcher *watcher, uint32_t from, uint32_t to)
{
    uint32_t idle = watcher->run->outcome.stmt;
    const struct scn_stmt *stmt = &watcher->run->scn->stmts[idle];
    const struct scn_rules *rules = scn_acts(stmt) ? &stmt->action.rules : &stmt->rules;

    return net_word_of_other(&watcher->again.net, rules, idle, from, to);
}

static void on_fate(void *ctx, uint32_t from, uint32_t to, uint32_t frame, enum net_fate fate,
                    uint32_t stmt, uint64_t arrives_ns)
{
    struct watcher *watcher = ctx;
    struct lack seen = {.fate = fate, .stmt = stmt, .arrives_ns = arrives_ns};
    bool forged;

    if (frame == FRAME_NONE) {
        tally_lose(&watcher->found->tally, fate, stmt, to);
        return;
    }
    forged = frames_at(&watcher->again.cluster.frames, frame)->forged != NULL;

    if (!forged)
        note_carried(watcher, from, to, frame, &seen);
    if (!forged && fate != NET_ON_ITS_WAY)
        note_blocked(watcher, from, to, frame, &seen);
    if (watcher->idle)
        watcher->found->idle_other = stmt != NET_NO_STMT ? stmt : word_of_other(watcher, from, to);
    watcher->idle = false;
    causes_fate(&watcher->causes, from, fate, stmt);
    if (!forged && fate != NET_ON_ITS_WAY && fate != NET_HELD)
        tally_lose(&watcher->found->tally, fate, stmt, to);
}

/* check digest: the first message that gave the digest that two states have. */
static void note_digest(const struct watcher *watcher, const struct record *record)
{
    const struct violation *violation = &watcher->run->checks.violation;
    struct other_state *meant = &watcher->found->meant;

    if (meant->number > 0 || record->a != violation->digest)
        return;
    meant->node = record->node;
    meant->at_ns = record->at_ns;
    meant->number = watcher->again.world.events;
}

static void note_send(struct watcher *watcher, const struct record *record)
{
    const struct run *run = watcher->run;

    for (size_t i = 0; i < sizeof(diagnosis_kinds) / sizeof(diagnosis_kinds[0]); i++) {
        if (diagnosis_kinds[i] != (enum message_kind)record->detail)
            continue;
        watcher->found->sent[i].messages++;
        watcher->found->sent[i].bytes += record->b;
    }
    if (run->outcome.reason == REASON_CHECK && run->checks.violation.digest != 0)
        note_digest(watcher, record);
    if (watcher->in_force == 0)
        return;
    watcher->found->idle_sent++;
    watcher->idle =
        net_concerns(&watcher->again.net, run->outcome.stmt, record->node, record->peer);
    watcher->found->idle_met += watcher->idle;
}

/* A process ends: what it took in before, it may have merged and lost. */
static void note_life(struct watcher *watcher, const struct record *record)
{
    enum host_life life = (enum host_life)record->detail;

    if (life != HOST_LIFE_CRASH && life != HOST_LIFE_WIPE && life != HOST_LIFE_GONE)
        return;
    for (size_t i = 0; i < watcher->found->lacks_len; i++)
        if (watcher->found->lacks[i].node == record->node)
            watcher->found->lacks[i].ended_ns = record->at_ns;
}

static void on_asked(void *ctx, uint32_t number, const struct cluster_request *request)
{
    struct watcher *watcher = ctx;

    causes_asked(&watcher->causes, number, request->node);
    tally_ask(&watcher->found->tally, request->stmt, (enum dc_side)request->side, request->node,
              watcher->run->scn->nodes, request->amount);
}

static void on_answered(void *ctx, uint32_t number, const struct cluster_request *request,
                        enum env_answer answer)
{
    struct watcher *watcher = ctx;

    causes_answered(&watcher->causes, number);
    tally_tell(&watcher->found->tally, request->stmt, (enum dc_side)request->side, request->amount,
               answer, watcher->again.world.now_ns);
}

static void on_record(void *ctx, const struct record *record)
{
    struct watcher *watcher = ctx;

    causes_record(&watcher->causes, record);
    switch ((enum record_kind)record->kind) {
    case RECORD_SEND:
        note_send(watcher, record);
        break;
    case RECORD_FAULT:
        if (watcher->stmt_key != 0 && record->a == watcher->stmt_key)
            watcher->in_force += record->detail ? 1u : UINT32_MAX;
        break;
    case RECORD_LIFE:
        note_life(watcher, record);
        break;
    case RECORD_EVENT:
    case RECORD_REPLY:
    case RECORD_FATE:
    case RECORD_COPY:
    case RECORD_FLIP:
    case RECORD_DELIVER:
    case RECORD_LOST:
    case RECORD_STATE:
    case RECORD_VERDICT:
    case RECORD_SYNC:
    case RECORD_FORGE:
    case RECORD_FORGED:
        break;
    }
}

/* ---- whom it concerns ---- */

static void add_witness(struct diagnosis *found, uint32_t node)
{
    if (found->witnesses_len < DIAGNOSIS_NODES_MAX)
        found->witnesses[found->witnesses_len++] = (struct witness){.node = node};
}

/* The nodes that the last event changed. */
static void add_changed(const struct run *run, struct diagnosis *found)
{
    for (size_t i = 0; i < run->cluster.touched_len; i++)
        if (run->cluster.hosts[run->cluster.touched[i]].changed)
            add_witness(found, run->cluster.touched[i]);
}

static void find_witnesses(const struct run *run, struct diagnosis *found)
{
    const struct failure *failure = &run->expects.failure;
    enum reason reason = run->outcome.reason;

    found->has_event = reason == REASON_CHECK || reason == REASON_CONTRACT ||
                       (reason == REASON_EXPECT && failure->after_event);
    found->started = run->world.events > 0;
    found->before_only = reason == REASON_CONTRACT;
    if (!found->has_event)
        return;
    if (reason == REASON_CHECK)
        add_witness(found, run->checks.violation.node);
    else if (reason == REASON_EXPECT && failure->node != UINT32_MAX)
        add_witness(found, failure->node);
    else if (reason == REASON_EXPECT)
        add_changed(run, found);
    else if (run->event.kind == EVENT_TICK || run->event.kind == EVENT_CLIENT ||
             run->event.kind == EVENT_ARRIVE || run->event.kind == EVENT_SERVED)
        add_witness(found, run->event.node);
}

/* ---- the runs ---- */

/* The run once more: with the same options, but nobody else is to see it. */
static void start_again(const struct run *run, struct run *ret, const struct trace_sink *sink)
{
    struct run_options options = run->options;

    options.draws = (struct choose_watch){0};
    options.shows = (struct show_sink){0};
    run_init(ret, run->scn, &options, sink);
}

/* check log: is the state of the witness still what it reported? Until then its state is kept. */
static void look_for_stray(struct watcher *watcher)
{
    uint32_t node = watcher->run->checks.violation.node;
    const struct host *host = &watcher->again.cluster.hosts[node];

    if (watcher->strayed || !host->touched)
        return;
    if (fingerprint_equal(fingerprint_of(&host->node.counter),
                          watcher->again.checks.prints[node])) {
        look_before(watcher);
        return;
    }
    watcher->strayed = true;
    look_after(watcher);
    keep_chain(watcher);
}

static bool is_check(const struct run *run, const char *check)
{
    return run->outcome.reason == REASON_CHECK && strcmp(run->checks.violation.check, check) == 0;
}

/* Steps to the last event of the first run; into it, unless that event never ended. */
static void step_to_end(struct watcher *watcher)
{
    const struct run *run = watcher->run;
    uint64_t last = run->world.events;
    bool is_log = is_check(run, "log"), more = !watcher->again.over;

    while (more && watcher->again.world.events + 1 < last) {
        more = run_step(&watcher->again);
        if (is_log)
            look_for_stray(watcher);
    }
    if (!watcher->strayed)
        look_before(watcher);
    if (watcher->found->before_only) {
        causes_begin(&watcher->causes, &run->event, last);
        watcher->causes.now.fate = NET_DELIVERED;
    } else if (last > 0) {
        run_step(&watcher->again);
    }
    if (watcher->strayed)
        return;
    look_after(watcher);
    keep_chain(watcher);
}

/* The frame that the last event of the run took in. */
static uint32_t frame_taken(const struct run *again, const struct event *event)
{
    const struct host *host = &again->cluster.hosts[event->node];

    if (event->kind == EVENT_ARRIVE)
        return net_flight(&again->net, (uint32_t)event->payload)->frame;
    return host->inbox[host->inbox_at].frame;
}

/* A third run, to the events whose states say more than those of the last. */
static void look_for_others(const struct watcher *watcher)
{
    const struct run *run = watcher->run;
    struct diagnosis *found = watcher->found;
    struct other_state *meant = &found->meant;
    const struct pncounter *carried;
    struct run third;
    bool is_frame = is_check(run, "frame");

    found->is_frame = is_frame;
    if (is_frame && found->chain_len > 1)
        *meant = (struct other_state){.node = run->checks.violation.node,
                                      .number = found->chain[1].number,
                                      .at_ns = found->chain[1].at_ns};
    if (meant->number == 0)
        return;
    start_again(run, &third, NULL);
    while (third.world.events < meant->number && run_step(&third))
        ;
    copy_state(watcher, &third.cluster.hosts[meant->node].node.counter, &meant->state);
    meant->known = true;
    while (is_frame && third.world.events + 1 < run->world.events && run_step(&third))
        ;
    if (is_frame) {
        carried = frames_look(&third.cluster.frames, frame_taken(&third, &run->event));
        found->decoded.known = carried != NULL;
        if (carried)
            copy_state(watcher, carried, &found->decoded.state);
    }
    run_release(&third);
}

bool diagnose_judged(const struct run *run, struct run *ret)
{
    const struct failure *failure = &run->expects.failure;
    bool same = false;

    if (run->outcome.reason != REASON_EXPECT || failure->event == 0 ||
        failure->event == run->world.events)
        return false;
    start_again(run, ret, NULL);
    while (ret->world.events < failure->event && run_step(ret))
        ;
    for (size_t i = 0; i < ret->expects.obligations_len; i++)
        same = same || (ret->expects.obligations[i].event == failure->event &&
                        ret->expects.obligations[i].hash == failure->hash);
    if (!same) {
        run_release(ret);
        return false;
    }
    ret->over = true;
    ret->outcome = run->outcome;
    ret->expects.failure = *failure;
    return true;
}

bool diagnose(const struct run *run, struct lack *lacks, size_t len, struct diagnosis *ret)
{
    struct watcher watcher = {.run = run, .found = ret};
    struct trace_sink sink = {.record = on_record, .ctx = &watcher};

    *ret = (struct diagnosis){.lacks = lacks, .lacks_len = len, .idle_other = NET_NO_STMT};
    if (run->world.now_ns > DIAGNOSIS_LATELY_NS)
        ret->tally.lately_ns = run->world.now_ns - DIAGNOSIS_LATELY_NS;
    find_witnesses(run, ret);
    if (run->outcome.reason == REASON_UNFIRED) {
        const struct scn_stmt *idle = &run->scn->stmts[run->outcome.stmt];
        bool is_rule = idle->kind == SCN_STMT_NET || idle->kind == SCN_STMT_LINK;

        watcher.in_force = is_rule;
        if (is_rule || (scn_acts(idle) && scn_has(&idle->action, SCN_ON_MESSAGES)))
            watcher.stmt_key = idle->key;
    }
    causes_init(&watcher.causes, &watcher.again);
    start_again(run, &watcher.again, &sink);
    watcher.again.cluster.watch = (struct cluster_watch){
        .fate = on_fate, .asked = on_asked, .answered = on_answered, .ctx = &watcher};
    step_to_end(&watcher);
    ret->same = ret->before_only || watcher.again.world.trace.hash == run->world.trace.hash;
    for (size_t i = 0; !ret->same && i < len; i++)
        lacks[i].carried = lacks[i].blocked.known = false;
    if (ret->same)
        look_for_others(&watcher);
    tally_sort(&ret->tally);
    causes_release(&watcher.causes);
    run_release(&watcher.again);
    return ret->same;
}

void diagnosis_release(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->witnesses_len; i++) {
        pncounter_release(&diagnosis->witnesses[i].before);
        pncounter_release(&diagnosis->witnesses[i].after);
    }
    pncounter_release(&diagnosis->meant.state);
    pncounter_release(&diagnosis->decoded.state);
    tally_release(&diagnosis->tally);
    *diagnosis = (struct diagnosis){0};
}
