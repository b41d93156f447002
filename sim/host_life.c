/*
 * The life of a host: starts, crashes, pauses, ends. The one place that says
 * when a node is there, and what goes when it is not.
 */
#include <inttypes.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/marks.h"
#include "sim/memory.h"
#include "sim/oracle.h"
#include "sim/sayings.h"
#include "sim/world.h"

const char *host_life_text(enum host_life life)
{
    static const char *const texts[HOST_LIVES] = {
        [HOST_LIFE_CRASH] = "crash",
        [HOST_LIFE_WIPE] = "crash, disk lost",
        [HOST_LIFE_RESTART] = "restart",
        [HOST_LIFE_PAUSE] = "pause",
        [HOST_LIFE_RESUME] = "resume",
        [HOST_LIFE_JOIN] = "join",
        [HOST_LIFE_LEAVE] = "leaving",
        [HOST_LIFE_STOP] = "stopping",
        [HOST_LIFE_GONE] = "gone",
        [HOST_LIFE_FAILED] = "cannot read its log",
        [HOST_LIFE_HUNGRY] = "gets no memory to start",
    };

    return life < HOST_LIVES ? texts[life] : "?";
}

/* ---- what is counted ---- */

static void tally(struct host *host, uint32_t by)
{
    struct cluster_tally *tally = &host->cluster->tally;
    bool runs = host->state == HOST_UP || host->state == HOST_PAUSED;

    tally->crashed += host->state == HOST_DOWN && host->crashed ? by : 0;
    tally->restarted += runs && host->starts > 1 ? by : 0;
    tally->paused += host->state == HOST_PAUSED ? by : 0;
    tally->joined += runs && host->joined ? by : 0;
    tally->left += host->state == HOST_LEFT ? by : 0;
}

/* The node is one of those that count now, or is no more. */
static void count(struct host *host, bool up)
{
    struct cluster *cluster = host->cluster;

    if (up) {
        nodeset_add(&cluster->up, host->index);
        checks_up(cluster->checks, host->index);
        cluster->open += host->open;
    } else {
        nodeset_remove(&cluster->up, host->index);
        checks_down(cluster->checks, host->index);
        cluster->open -= host->open;
    }
}

void host_set_state(struct host *host, enum host_state state)
{
    bool was_up = host->state == HOST_UP, is_up = state == HOST_UP;

    if (was_up && !is_up)
        count(host, false);
    tally(host, UINT32_MAX); /* -1 */
    host->state = state;
    tally(host, 1);
    if (!was_up && is_up)
        count(host, true);
}

bool cluster_is_there(const struct cluster *cluster, uint32_t node)
{
    return host_is_there(&cluster->hosts[node]);
}

static void record(struct host *host, enum host_life life)
{
    world_record(host->cluster->world, RECORD_LIFE, (uint32_t)life, host->cluster->world->key,
                 host->index, RECORD_NO_NODE, host->starts > 0 ? host->starts - 1 : 0, 0);
}

/* ---- timers ---- */

void host_arm(struct host *host)
{
    struct node_deadline want = node_deadline(&host->node);
    struct world *world = host->cluster->world;
    uint64_t at_ns, key;

    if (host->state != HOST_UP)
        return; /* when it is again, this is asked again */
    if (want.at_ns == host->armed.at_ns && want.timer == host->armed.timer &&
        want.number == host->armed.number)
        return;
    host->armed = want;
    host->generation++; /* a tick that is still pending for something else is void */
    at_ns = clock_when(&host->clock, want.at_ns, world->now_ns);
    if (at_ns == DC_TIME_NEVER)
        return;
    key = key_with(key_with(key_with(key_root(CAUSE_TICK), host->start_key), (uint64_t)want.timer),
                   want.number);
    world_push(world, at_ns, EVENT_TICK, key, host->index, host->generation);
}

/* The tick that is pending, if there is one, comes to nothing. */
static void disarm(struct host *host)
{
    host->armed.at_ns = DC_TIME_NEVER;
    host->generation++;
}

void cluster_on_tick(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];

    if (event->payload != host->generation)
        return;
    struct node_deadline fired = host->armed;

    host->armed.at_ns = DC_TIME_NEVER;
    host_enter(host);
    asking_tick_begins(&cluster->tick);
    node_on_timer(&host->node);
    if (host->node.phase == NODE_LEAVING) {
        conduct_goes(host, fired.timer, cluster->tick.sent);
        leaving_round(&host->leaving, cluster->checks, &host->node, host->index, &cluster->tick,
                      &host->asking);
    }
    if (host->node.fired[fired.timer] != fired.number + 1)
        conduct_ticks(host, fired.number + 1, host->node.fired[fired.timer]);
    if (host->memory.stmt != MET_NO_STMT)
        asking_blind(&host->asking); /* whom it asked may be forgotten */
    asking_tick_ends(&cluster->tick, &host->asking, cluster->checks, &host->node, host->index,
                     fired.timer);
    host_touch(host);
}

/* Its clock is another one than it was, and a node that runs goes by it. */
static void clocks_meet(struct host *host)
{
    for (uint32_t i = 0; i < host->clock_stmts_len; i++)
        met_add(host->cluster->met, host->clock_stmts[i]);
    host->clock_stmts_len = 0;
}

static void clock_note(struct host *host, uint32_t stmt)
{
    for (uint32_t i = 0; i < host->clock_stmts_len; i++)
        if (host->clock_stmts[i] == stmt)
            return;
    if (host->clock_stmts_len == host->clock_stmts_cap) {
        host->clock_stmts_cap = host->clock_stmts_cap ? host->clock_stmts_cap * 2 : 4;
        host->clock_stmts = fatal_realloc_array(host->clock_stmts, host->clock_stmts_cap,
                                                sizeof(*host->clock_stmts));
    }
    host->clock_stmts[host->clock_stmts_len++] = stmt;
}

static void blame_clock(struct host *host, uint32_t stmt, uint64_t now_ns, bool stood)
{
    if (!stood && clock_stands(&host->clock, now_ns)) {
        host->back_stmt = stmt;
        host->back_ns = now_ns;
    }
    if (host->cluster->scn->stmts[stmt].action.clock == SCN_CLOCK_DRIFT) {
        host->drift_stmt = stmt;
        host->drift_ns = now_ns;
    }
}

/* By @stmt. */
static void set_clock(struct host *host, uint32_t stmt, i128 amount)
{
    struct cluster *cluster = host->cluster;
    uint64_t now_ns = cluster->world->now_ns;
    bool stood = clock_stands(&host->clock, now_ns);

    switch (cluster->scn->stmts[stmt].action.clock) {
    case SCN_CLOCK_SKEW:
        clock_skew(&host->clock, now_ns, amount);
        break;
    case SCN_CLOCK_DRIFT:
        clock_drift(&host->clock, now_ns, (int64_t)amount);
        break;
    case SCN_CLOCK_JUMP:
        clock_jump(&host->clock, now_ns, amount);
        break;
    }
    cluster->wrongs[host->index].clock = !clock_is_true(&host->clock, now_ns);
    blame_clock(host, stmt, now_ns, stood);
    disarm(host); /* what it waits for comes at another time */
    host_touch(host);
}

void cluster_clock(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    const struct scn_action *action = &cluster->scn->stmts[stmt].action;
    struct host *host = &cluster->hosts[node];

    set_clock(host, stmt,
              action->clock_back ? -(i128)action->clock_amount : (i128)action->clock_amount);
    clock_note(host, stmt);
    host_note_wrongs(host, stmt);
    if (cluster_is_there(cluster, node))
        clocks_meet(host);
}

/* What it is wrong by from then on is how things are, unless that makes it stand still. */
static void give_back_clock(struct host *host, uint32_t stmt)
{
    uint64_t now_ns = host->cluster->world->now_ns;
    bool stood = clock_stands(&host->clock, now_ns), stands;

    set_clock(host, stmt, 0);
    stands = clock_stands(&host->clock, now_ns);
    host_note_wrongs(host, stands && !stood ? stmt : MET_NO_STMT);
    if (clock_is_true(&host->clock, now_ns))
        host->clock_stmts_len = 0; /* a node that did not run meanwhile has met nothing */
}

void cluster_memory(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    const struct scn_action *action = &cluster->scn->stmts[stmt].action;
    struct memory *memory = &cluster->hosts[node].memory;

    if (action->memory == SCN_MEMORY_FAIL)
        memory_fail(memory, action->memory_ppb, stmt);
    else if (memory_ok(memory))
        met_add(cluster->met, stmt);
    host_note_wrongs(&cluster->hosts[node], stmt);
}

unsigned cluster_parts(const struct scn_action *action)
{
    switch (action->kind) {
    case SCN_CRASH:
    case SCN_PAUSE:
        return 1u << HOST_PART_LIFE;
    case SCN_MEMORY:
        return 1u << HOST_PART_MEMORY;
    case SCN_DISK:
        return action->disk == SCN_DISK_OK ? (1u << SCN_DISK_OK) - 1 : 1u << action->disk;
    case SCN_CLOCK:
        return action->clock == SCN_CLOCK_SKEW    ? 1u << HOST_PART_SKEW
               : action->clock == SCN_CLOCK_DRIFT ? 1u << HOST_PART_DRIFT
                                                  : 0;
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
    case SCN_RESTART:
    case SCN_RESUME:
    case SCN_JOIN:
    case SCN_LEAVE:
    case SCN_STOPNODE:
        break;
    }
    return 0;
}

bool cluster_give_back(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    const struct scn_action *action = &cluster->scn->stmts[stmt].action;
    struct host *host = &cluster->hosts[node];

    if (cluster_parts(action) & 1u << HOST_PART_LIFE) {
        if (!cluster_restart(cluster, node))
            cluster_resume(cluster, node);
        return cluster_is_there(cluster, node);
    }
    if (action->kind == SCN_CLOCK) {
        give_back_clock(host, stmt);
        return true;
    }
    if (action->kind == SCN_DISK)
        host_disk_mend(host, action->disk);
    else
        (void)memory_ok(&host->memory);
    host_note_wrongs(host, MET_NO_STMT);
    return true;
}

/* ---- start and end ---- */

/* The process is gone, and all that was only in its memory. */
static void end(struct host *host, enum host_state state, bool lose_state)
{
    struct cluster *cluster = host->cluster;

    sayings_look_back(host);
    host_touch(host);
    host_set_state(host, state);
    host->epoch++;
    disarm(host);
    host_inbox_lose(host);
    host_requests_lost(host);
    for (int kind = 0; kind < 4; kind++) {
        frames_unref(&cluster->frames, host->frames[kind]);
        host->frames[kind] = FRAME_NONE;
        host->versions[kind] = 0;
    }
    node_release(&host->node);
    checks_memory(cluster->checks, host->index, &host->memory);
    oracle_ends(cluster->oracle, host->index);
    if (state == HOST_LEFT)
        host_disk_gone(host);
    else
        host_disk_end(host, host->crashed, lose_state);
    checks_forget(cluster->checks, host->index);
}

/*
 * It counts under the id that its log says, which is an older one when it never
 * got to write down the last. What its disk lost of that it may learn from others.
 */
static void count_on(struct host *host, bool kept)
{
    struct oracle *oracle = host->cluster->oracle;
    dc_name id = host->node.ledger.id;

    enum oracle_log log = kept                 ? ORACLE_LOG_KEPT
                          : host->is_log_short ? ORACLE_LOG_SHORT
                                               : ORACLE_LOG_HURT;

    host->is_log_short = false;
    oracle_incarnation(oracle, host->index, id);
    for (int side = DC_INC; side <= DC_DEC; side++)
        oracle_begins(oracle, id, (enum dc_side)side,
                      pncounter_total(&host->node.counter, id, (enum dc_side)side), log);
}

/*
 * Its log cannot be read, or there is no memory, perhaps only now: nothing of it is to
 * be taken for lost.
 */
static void start_failed(struct host *host, bool kept, enum host_life why)
{
    struct world *world = host->cluster->world;

    SIM_MARK(HOST_START_FAILED);
    if (why == HOST_LIFE_FAILED)
        sayings_due(host, ENV_LOG_UNREADABLE);
    host->crashed = true;
    end(host, HOST_DOWN, false);
    host->bare = host->bare || !kept;
    host->retries = true;
    record(host, why);
    world_push(world, dc_time_add(world->now_ns, HOST_RETRY_NS), EVENT_START,
               key_with(host->start_key, UINT64_MAX), host->index, host->epoch);
}

void host_start(struct host *host)
{
    struct world *world = host->cluster->world;
    struct env env = {.ops = &host_ops, .ctx = host};
    dc_name id = host->cluster->oracle->current[host->index];
    uint64_t key = world->key;
    bool kept = host->starts > 0 && host_disk_begin(host);
    bool has_log = host->config.durable && !host->disk.blank;
    struct pncounter nothing;
    struct logread log = {.found = LOGREAD_NONE};

    pncounter_init(&nothing, memory_heap(), &host->cluster->names);
    host->start_key = key_with(key_with(key_root(CAUSE_START), host->index), host->starts);
    host->config.first_start = host->starts == 0;
    host->starts++;
    host->crashed = host->retries = host->renamed = host->ends = false;
    host->foreseen = DC_NAME_NONE;
    host->epoch++;
    clock_start(&host->clock, world->now_ns);
    host_note_wrongs(host, MET_NO_STMT);
    clocks_meet(host);
    disarm(host);
    node_init(&host->node, &host->config, &env);
    conduct_starts(host);
    logbook_starts(host);
    asking_starts(&host->asking);
    host->leaving = (struct leaving){0};
    host_set_state(host, HOST_UP);
    /* What it draws hangs on its start, not on who starts with it. */
    world->key = host->start_key;
    checks_starting(host->cluster->checks, host->index);
    host_enter(host);
    if (has_log)
        logread_all(&log, &host->disk, &host->cluster->names);
    int rc = node_start(&host->node);
    if (rc == DC_EIO || (rc == DC_ENOMEM && host->memory.stmt != MET_NO_STMT)) {
        world->key = key;
        checks_starting(host->cluster->checks, UINT32_MAX);
        start_failed(host, kept, rc == DC_EIO ? HOST_LIFE_FAILED : HOST_LIFE_HUNGRY);
        pncounter_release(&nothing);
        logread_release(&log);
        return;
    }
    if (rc < 0)
        fatal("n%" PRIu32 " cannot start: %s", host->index + 1, err_text(rc));
    world->key = key;
    count_on(host, kept);
    checks_started(host->cluster->checks, host->index, &host->node.counter, kept);
    if (kept)
        checks_restart(host->cluster->checks, host->index, id, &host->node.counter,
                       host->shown.synced ? &host->shown.synced->counter : &nothing);
    else if (host->shown.synced)
        checks_kept(host->cluster->checks, host->index, &host->node.counter,
                    &host->shown.synced->counter);
    /* Without a sync there is an empty log, which is one that was lost for all the node knows. */
    if (kept && host->shown.synced)
        checks_same_id(host->cluster->checks, host->index, host->renamed);
    if (has_log)
        logbook_started(host, &log);
    sayings_started(host, has_log ? &log : NULL);
    logread_release(&log);
    host_touch(host);
}

bool cluster_crash(struct cluster *cluster, uint32_t node, bool lose_state)
{
    struct host *host = &cluster->hosts[node];

    if (!cluster_is_there(cluster, node))
        return false;
    record(host, lose_state ? HOST_LIFE_WIPE : HOST_LIFE_CRASH);
    host->crashed = true;
    host->leaves = false; /* it was not gone yet, and comes back as it was */
    end(host, HOST_DOWN, lose_state);
    return true;
}

bool cluster_restart(struct cluster *cluster, uint32_t node)
{
    struct host *host = &cluster->hosts[node];

    if (host->state != HOST_DOWN)
        return false;
    host_start(host);
    if (host->state == HOST_UP)
        record(host, HOST_LIFE_RESTART);
    return true;
}

void cluster_on_start(struct cluster *cluster, const struct event *event)
{
    if (event->payload == cluster->hosts[event->node].epoch)
        cluster_restart(cluster, event->node);
}

bool cluster_join(struct cluster *cluster, uint32_t node)
{
    struct host *host = &cluster->hosts[node];

    if (host->state != HOST_ABSENT)
        return false;
    host->joined = true;
    host_start(host);
    record(host, HOST_LIFE_JOIN);
    return true;
}

/* A paused node cannot end in order: it would not hear of it; nor can one that does already. */
bool cluster_leave(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    struct host *host = &cluster->hosts[node];

    if (host->state != HOST_UP || host->ends)
        return false;
    record(host, HOST_LIFE_LEAVE);
    host->leaves = host->ends = true;
    host->ends_stmt = stmt;
    host->lost_before = host->cluster->disks_lost;
    host_enter(host);
    node_leave(&host->node);
    conduct_leaves(host);
    host_touch(host);
    return true;
}

bool cluster_stop(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    struct host *host = &cluster->hosts[node];

    if (host->state != HOST_UP || (host->ends && !host->leaves))
        return false;
    record(host, HOST_LIFE_STOP);
    host->leaves = false; /* as with a crash: it was not gone yet, and keeps what it has */
    host->ends = true;
    host->ends_stmt = stmt;
    host_enter(host);
    node_stop(&host->node);
    host_touch(host);
    return true;
}

void host_look_for_end(struct host *host)
{
    if (host->state != HOST_UP ||
        (host->node.phase != NODE_STOPPED && host->node.phase != NODE_LEFT))
        return;
    sayings_due(host, host->node.phase == NODE_LEFT ? ENV_LEFT : ENV_STOPPED);
    record(host, HOST_LIFE_GONE);
    if (host->leaves)
        host_disk_leaves(host);
    end(host, host->leaves ? HOST_LEFT : HOST_DOWN, host->leaves);
}

void cluster_quiet(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        struct host *host = &cluster->hosts[i];

        host_disk_ok(host, MET_NO_STMT);
        (void)memory_ok(&host->memory);
        cluster->wrongs[i].clock = false;
        if (host->retries)
            cluster_restart(cluster, i);
        if (clock_steady(&host->clock, cluster->world->now_ns)) {
            disarm(host);
            host_touch(host);
        }
        host_note_wrongs(host, MET_NO_STMT);
    }
}

static bool is_wrong(const struct host *host, unsigned what)
{
    if (what == HOST_WRONG_MEMORY)
        return host->memory.fail_ppb > 0;
    if (what == HOST_WRONG_CLOCK)
        return host->cluster->wrongs[host->index].clock ||
               clock_stands(&host->clock, host->cluster->world->now_ns);
    return host_disk_is_wrong(host, (enum scn_disk)what);
}

/* Which of them @action begins, or changes; HOST_WRONGS: none. */
static unsigned wrong_of(const struct scn_action *action)
{
    if (action->kind == SCN_MEMORY)
        return HOST_WRONG_MEMORY;
    if (action->kind == SCN_CLOCK)
        return HOST_WRONG_CLOCK;
    return action->disk == SCN_DISK_OK ? HOST_WRONGS : (unsigned)action->disk;
}

void host_note_wrongs(struct host *host, uint32_t stmt)
{
    const struct cluster *cluster = host->cluster;
    unsigned what = stmt == MET_NO_STMT ? HOST_WRONGS : wrong_of(&cluster->scn->stmts[stmt].action);

    for (unsigned i = 0; i < HOST_WRONGS; i++) {
        struct host_wrong *it = &cluster->wrongs[host->index].of[i];
        bool was = it->is;

        it->is = is_wrong(host, i);
        if (it->is && i == what) /* another in its place, if there was one */
            *it = (struct host_wrong){true, cluster->world->now_ns, stmt};
        host->cluster->ceased = cluster->ceased || (was && !it->is);
    }
}

bool cluster_ceased(struct cluster *cluster)
{
    bool ceased;

    for (uint32_t i = 0; i < cluster->nodes; i++)
        if (cluster->wrongs[i].of[HOST_WRONG_CLOCK].is) /* it may have caught up */
            host_note_wrongs(&cluster->hosts[i], MET_NO_STMT);
    ceased = cluster->ceased;
    cluster->ceased = false;
    return ceased;
}

uint64_t cluster_catches_up(const struct cluster *cluster)
{
    uint64_t now_ns = cluster->world->now_ns, first_ns = DC_TIME_NEVER;

    for (uint32_t i = 0; i < cluster->nodes; i++) {
        const struct clock *clock = &cluster->hosts[i].clock;
        uint64_t at_ns = clock_catches_up(clock, now_ns);

        if (clock_stands(clock, now_ns) && at_ns < first_ns)
            first_ns = at_ns;
    }
    return first_ns;
}

uint32_t cluster_wrong(const struct cluster *cluster, uint64_t since_ns)
{
    for (uint32_t i = 0; i < cluster->nodes; i++)
        for (unsigned k = 0; k < HOST_WRONGS; k++) {
            const struct host_wrong *it = &cluster->wrongs[i].of[k];

            if (it->is && it->since_ns >= since_ns)
                return it->stmt;
        }
    return MET_NO_STMT;
}

/* ---- pauses ---- */

bool cluster_pause(struct cluster *cluster, uint32_t node)
{
    struct host *host = &cluster->hosts[node];

    if (host->state != HOST_UP)
        return false;
    record(host, HOST_LIFE_PAUSE);
    host->pauses++;
    host->epoch++; /* the message it is busy with is begun again */
    disarm(host);
    host_set_state(host, HOST_PAUSED);
    host_touch(host);
    return true;
}

bool cluster_resume(struct cluster *cluster, uint32_t node)
{
    struct host *host = &cluster->hosts[node];
    uint64_t key = key_with(key_with(key_root(CAUSE_WAKE), host->start_key), host->pauses);

    if (host->state != HOST_PAUSED)
        return false;
    record(host, HOST_LIFE_RESUME);
    host_set_state(host, HOST_UP);
    host_touch(host);
    world_push(cluster->world, cluster->world->now_ns, EVENT_WAKE, key, node, host->epoch);
    return true;
}

void cluster_on_wake(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];

    if (event->payload != host->epoch)
        return;
    host->epoch++; /* what came in this instant, before this, is served in its turn */
    if (host->sync_late)
        host_disk_answer(host);
    host_requests_seen(host);
    host_inbox_serve(host);
    host_touch(host);
}
