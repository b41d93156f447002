/*
 * The gossip protocol of core/node.h: what a node does on each event. Memory,
 * frames, addresses and time are the affair of others; here is only who says
 * what to whom.
 */
#include "core/node.h"

#include <stddef.h>

#include "core/contract.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/message.h"
#include "core/names.h"
#include "core/banned.h"

static struct env_fields no_fields(void)
{
    return (struct env_fields){.name = DC_NAME_NONE, .peer = DC_NAME_NONE};
}

static void log_peer(struct node *node, enum env_level level, enum env_event event, dc_name peer,
                     int err)
{
    struct env_fields fields = no_fields();

    fields.peer = peer;
    fields.err = err;
    node->env.ops->log(node->env.ctx, level, event, &fields);
}

static void log_event(struct node *node, enum env_event event)
{
    log_peer(node, ENV_INFO, event, DC_NAME_NONE, 0);
}

/* The watch of the counter: every half that rises is an event for the host. */
static void log_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct node *node = ctx;
    struct env_fields fields = no_fields();

    ledger_raised(&node->ledger, id);
    fields.name = id;
    fields.side = side;
    fields.old = old;
    fields.now = now;
    node->env.ops->log(node->env.ctx, ENV_DEBUG, ENV_RAISED, &fields);
}

static struct pncounter_watch watch_of(struct node *node)
{
    return (struct pncounter_watch){.raised = log_raised, .ctx = node};
}

uint64_t node_digest(struct node *node)
{
    if (node->digest_version != node->version) {
        node->digest = digest_of(&node->counter);
        node->digest_version = node->version;
    }

    return node->digest;
}

/*
 * Who leaves hears of its farewell only when nothing that is here can be lost any
 * more: it takes that for leave to go.
 */
static enum peers_of_it of_it(const struct node *node, dc_name to)
{
    if (to != node->leaver || to == DC_NAME_NONE)
        return PEERS_OF_IT_LEFT;
    return ledger_is_safe(&node->ledger) ? PEERS_OF_IT_ANY : PEERS_OF_IT_ALIVE;
}

static void send(struct node *node, dc_name to, enum message_kind kind)
{
    struct message msg; /* field by field: most messages carry no claims */

    msg.kind = kind;
    msg.sender = node->ledger.id;
    msg.digest = node_digest(node);
    msg.state = kind == MESSAGE_PUSH ? &node->counter : NULL;
    msg.version = node->version;
    msg.mem_len = 0;
    bool leaves = node->phase == NODE_LEAVING;
    if (kind != MESSAGE_PUSH && (leaves || peers_has_news(&node->peers)))
        msg.mem_len =
            peers_tell(&node->peers, node->ledger.names, to, leaves, of_it(node, to), msg.mem);
    node->env.ops->send(node->env.ctx, to, &msg);
}

/* A pull that wants an answer: who gives none is asked less often. */
static void ask(struct node *node, dc_name to)
{
    doubts_ask(&node->peers.doubts, to);
    send(node, to, MESSAGE_PULL);
}

/* It takes part in gossip. */
static bool is_active(const struct node *node)
{
    return node->phase == NODE_RUNNING || node->phase == NODE_LEAVING;
}

static void learn(struct node *node, dc_name address)
{
    int rc = peers_learn(&node->peers, address);

    if (rc > 0)
        log_peer(node, ENV_INFO, ENV_PEER_LEARNED, address, 0);
    else if (rc < 0)
        log_peer(node, ENV_WARN, ENV_PEER_REFUSED, address, rc);
}

void node_init(struct node *node, const struct node_config *config, const struct env *env)
{
    PRE(config->sync_ns > 0, "time passes between two pulls");
    PRE(config->full_ns > 0, "time passes between two pushes");
    PRE(config->fanout >= 1, "a node talks to somebody");
    PRE(config->fanout <= DC_FANOUT_MAX, "the fanout has a limit");

    *node = (struct node){
        .env = *env,
        .fanout = config->fanout,
        .peers_fixed = config->peers_fixed,
        .first_start = config->first_start,
        .leave_ns = config->leave_ns,
        .leaver = DC_NAME_NONE,
        .heir = DC_NAME_NONE,
        .phase = NODE_NEW,
        .version = 1, /* above digest_version: no digest is known yet */
        .every_ns = {[NODE_TIMER_SYNC] = config->sync_ns, [NODE_TIMER_FULL] = config->full_ns},
        .due_ns = {DC_TIME_NEVER, DC_TIME_NEVER},
    };
    pncounter_init(&node->counter, config->mem, config->names);
    peers_init(&node->peers, config->mem, config->address, config->peers, config->peers_len);
    node->peers.tells_list = !config->peers_common;
    node->peers.keeps_list = config->peers_fixed;
    ledger_init(&node->ledger, config->mem, &node->env, config->names, config->id, config->durable,
                config->segment_bytes > 0 ? config->segment_bytes : WAL_SEGMENT_BYTES);
    if (config->clients_max > 0)
        node->ledger.waiting_max = config->clients_max;
}

void node_release(struct node *node)
{
    ledger_release(&node->ledger);
    pncounter_release(&node->counter);
    peers_release(&node->peers);
    *node = (struct node){0};
}

int node_start(struct node *node)
{
    PRE(node->phase == NODE_NEW, "a node starts once");

    struct pncounter_watch watch = watch_of(node);
    int rc = ledger_open(&node->ledger, &node->counter, node->first_start, &watch);
    if (rc < 0)
        return rc;
    if (node->counter.len > 0)
        node->version++;

    uint64_t now_ns = node->env.ops->now(node->env.ctx);
    for (int timer = NODE_TIMER_SYNC; timer <= NODE_TIMER_FULL; timer++) {
        uint64_t phase_ns = env_below(&node->env, node->every_ns[timer]);
        node->due_ns[timer] = dc_time_add(now_ns, phase_ns);
    }
    node->phase = NODE_RUNNING;
    log_event(node, ENV_STARTED);

    return 0;
}

static void end(struct node *node, enum node_phase phase)
{
    node->phase = phase;
    log_event(node, phase == NODE_LEFT ? ENV_LEFT : ENV_STOPPED);
}

/* A node that is on its way out: has it done all it had to? */
static void look_for_end(struct node *node)
{
    if (ledger_is_busy(&node->ledger))
        return; /* clients without an answer */
    if (node->phase == NODE_STOPPING)
        end(node, NODE_STOPPED);
    else if (node->phase == NODE_LEAVING && peers_count(&node->peers) == 0 &&
             node->counter.len == 0)
        end(node, NODE_LEFT); /* nothing to give, and nobody to tell */
}

void node_stop(struct node *node)
{
    if (node->phase == NODE_STOPPED || node->phase == NODE_LEFT)
        return;
    node->phase = NODE_STOPPING;
    look_for_end(node);
}

void node_leave(struct node *node)
{
    if (node->phase != NODE_RUNNING)
        return;
    node->phase = NODE_LEAVING;
    node->due_ns[NODE_TIMER_FULL] = DC_TIME_NEVER;
    node->leave_until_ns = node->leave_ns > 0
                               ? dc_time_add(node->env.ops->now(node->env.ctx), node->leave_ns)
                               : DC_TIME_NEVER;
    look_for_end(node);
}

void node_meet(struct node *node, dc_name address)
{
    learn(node, address);
    /* If it is there after all it hears what is said of it, and refutes that. */
    if (is_active(node) && peers_left(&node->peers, address))
        send(node, address, MESSAGE_PULL);
}

struct node_deadline node_deadline(const struct node *node)
{
    uint64_t sync_ns = dc_time_add(node->due_ns[NODE_TIMER_SYNC], node->shift_ns);
    uint64_t full_ns = node->due_ns[NODE_TIMER_FULL];
    enum node_timer timer = full_ns < sync_ns ? NODE_TIMER_FULL : NODE_TIMER_SYNC;

    return (struct node_deadline){
        .at_ns = !is_active(node)           ? DC_TIME_NEVER
                 : timer == NODE_TIMER_FULL ? full_ns
                                            : sync_ns,
        .timer = timer,
        .number = node->fired[timer],
    };
}

/* The first tick after now that is a whole number of periods after the last. */
static uint64_t next_due(uint64_t due_ns, uint64_t every_ns, uint64_t now_ns)
{
    uint64_t missed = (now_ns - due_ns) / every_ns;

    if (missed > 0)
        MARK(NODE_MISSED_TICK);
    /* missed * every_ns lies between due and now; only one more may overflow. */
    return dc_time_add(due_ns + missed * every_ns, every_ns);
}

static void tick_sync(struct node *node)
{
    dc_name peers[DC_FANOUT_MAX];
    uint32_t len;

    doubts_round(&node->peers.doubts);
    len = peers_pick(&node->peers, &node->env, node->fanout, peers);
    for (uint32_t i = 0; i < len; i++)
        ask(node, peers[i]);
}

/* Pushes to anybody, also to who is silent. */
static void tell(struct node *node, uint32_t want)
{
    dc_name peers[DC_FANOUT_MAX];
    uint32_t len = peers_pick_any(&node->peers, &node->env, want, peers);

    for (uint32_t i = 0; i < len; i++)
        send(node, peers[i], MESSAGE_PUSH);
}

/*
 * Who is stuck has one round a period as ever, but at a time in it that chance
 * decides anew: whatever keeps this node from being heard must not meet it each time.
 * In half of them it tells what it has. An answer comes when others get to it, and
 * may meet a full inbox each time. Who is alone asks as ever, at chance times too.
 */
static void tick_round(struct node *node)
{
    bool asks = node->stuck.hears || peers_count(&node->peers) > 0;
    bool is_stuck = stuck_round(&node->stuck, node->version, asks);
    bool shifts = is_stuck || stuck_is_alone(&node->stuck);

    if (is_stuck && node->counter.len > 0 && env_below(&node->env, 2) == 0)
        tell(node, node->fanout);
    else
        tick_sync(node);
    node->shift_ns = shifts ? env_below(&node->env, node->every_ns[NODE_TIMER_SYNC]) : 0;
}

/*
 * A node that leaves gives away what it has, says that it leaves, and asks for the
 * answer that both have arrived. While clients wait for the disk there is more to come.
 * When that does not get it anywhere, it does one or the other, at chance times: of
 * two messages at once a full inbox may always lose the same.
 */
static void tick_leave(struct node *node, uint64_t now_ns)
{
    dc_name peers[DC_FANOUT_MAX];
    uint32_t len;

    if (ledger_is_busy(&node->ledger))
        return;
    if (now_ns >= node->leave_until_ns) {
        MARK(NODE_LEAVE_ALONE);
        end(node, NODE_LEFT);
        return;
    }
    doubts_round(&node->peers.doubts);
    len = peers_pick(&node->peers, &node->env, node->fanout, peers);
    bool is_late = node->leave_rounds == STUCK_HEARD;
    for (uint32_t i = 0; i < len; i++) {
        bool tells = node->counter.len > 0 && (!is_late || env_below(&node->env, 2) == 0);
        if (tells)
            send(node, peers[i], MESSAGE_PUSH);
        if (!tells || !is_late)
            ask(node, peers[i]);
    }
    node->shift_ns = is_late ? env_below(&node->env, node->every_ns[NODE_TIMER_SYNC]) : 0;
    node->leave_rounds += !is_late;
}

static void tick_full(struct node *node)
{
    uint32_t want = node->fanout / 2;

    ledger_flush(&node->ledger, &node->counter);
    if (node->counter.len == 0) {
        MARK(NODE_PUSH_NOBODY);
        return;
    }
    tell(node, want > 0 ? want : 1);
}

void node_on_timer(struct node *node)
{
    struct node_deadline deadline = node_deadline(node);
    enum node_timer timer = deadline.timer;
    uint64_t now_ns = node->env.ops->now(node->env.ctx);

    if (now_ns < deadline.at_ns)
        return;
    node->fired[timer]++;
    node->due_ns[timer] = next_due(node->due_ns[timer], node->every_ns[timer], now_ns);

    if (node->phase == NODE_LEAVING)
        tick_leave(node, now_ns);
    else if (timer == NODE_TIMER_SYNC)
        tick_round(node);
    else
        tick_full(node);
}

/* A peer tells its digest and asks for what it lacks. */
static void answer_pull(struct node *node, dc_name from, uint64_t digest)
{
    if (from == DC_NAME_NONE)
        return; /* nobody to answer */
    if (digest == node_digest(node))
        send(node, from, MESSAGE_ACK);
    else if (node->counter.len == 0)
        send(node, from, MESSAGE_PULL); /* nothing to give: ask instead */
    else
        send(node, from, MESSAGE_PUSH);
}

static void take_push(struct node *node, dc_name from, const struct message *msg)
{
    PRE(msg->state != NULL, "a push carries a state");

    /*
     * Most pushes of a cluster at rest bring what is here already. Not worth a
     * digest of our own, which costs as much as a merge: only if it is known.
     */
    bool known = node->digest_version == node->version;
    if (known && msg->digest != 0 && msg->digest == node->digest) {
        MARK(NODE_PUSH_KNOWN);
        return;
    }

    struct pncounter_watch watch = watch_of(node);
    int rc = ledger_foresee(&node->ledger, &node->counter, msg->state);
    if (rc == 0)
        rc = pncounter_merge(&node->counter, msg->state, &watch);
    if (rc < 0)
        log_peer(node, ENV_ERROR, ENV_MERGE_FAILED, from, rc);
    if (rc == 0 && known && msg->digest != 0)
        stuck_hear(&node->stuck);
    if (rc <= 0)
        return;
    node->version++;
    ledger_check_own(&node->ledger, &node->counter, &watch);
}

/* What a peer says of others, and of ourselves. */
static void take_claims(struct node *node, const struct message *msg)
{
    for (uint32_t i = 0; i < msg->mem_len; i++) {
        const struct claim *claim = &msg->mem[i];
        if (claim->address == node->peers.self && node->phase == NODE_LEAVING)
            continue; /* it is true */
        int rc = peers_hear(&node->peers, claim, !node->peers_fixed);
        if (rc == PEERS_LEARNED)
            log_peer(node, ENV_INFO, ENV_PEER_LEARNED, claim->address, 0);
        else if (rc == PEERS_LOST)
            log_peer(node, ENV_INFO, ENV_PEER_LEFT, claim->address, 0);
        else if (rc < 0)
            log_peer(node, ENV_WARN, ENV_PEER_REFUSED, claim->address, rc);
    }
}

/* Does it say of itself that it leaves? */
static bool says_farewell(dc_name from, const struct message *msg)
{
    for (uint32_t i = 0; i < msg->mem_len; i++)
        if (msg->mem[i].address == from && msg->mem[i].left)
            return true;
    return false;
}

/*
 * Somebody who is said to have left asks, and does not say so itself: it was cut off
 * on its way out, and is back. A push does not tell it what is said of it, and nobody
 * picks it: it would be heard of when it pushes by itself, much later.
 */
static bool is_back(const struct node *node, dc_name from, const struct message *msg)
{
    return from != DC_NAME_NONE && peers_left(&node->peers, from) && !says_farewell(from, msg);
}

/*
 * Who leaves waits for a message with claims, and may get a push in answer to its
 * pull: so it is asked in addition. What it gave must be durable here before.
 */
static void take_farewell(struct node *node, dc_name from, uint64_t digest)
{
    if (!ledger_is_safe(&node->ledger)) {
        MARK(NODE_LEAVER_WAITS);
        ledger_flush(&node->ledger, &node->counter);
    } else if (digest != node_digest(node) && node->counter.len > 0) {
        send(node, from, MESSAGE_PULL);
    }
}

/* A question is answered, and some are more than that. */
static void take_pull(struct node *node, dc_name from, const struct message *msg)
{
    if (msg->digest != node_digest(node))
        stuck_hear(&node->stuck);
    if (is_back(node, from, msg)) {
        MARK(NODE_BACK);
        send(node, from, MESSAGE_PULL); /* this tells it, and it has something to answer */
    } else if (from != DC_NAME_NONE && says_farewell(from, msg)) {
        node->leaver = from;
        take_farewell(node, from, msg->digest);
    }
    answer_pull(node, from, msg->digest);
    node->leaver = DC_NAME_NONE;
}

/*
 * A peer that stays has heard that we leave. It says so when all that it has is
 * durable there; and when that is what we have, we may go. Its digest and its state
 * may come one after the other.
 */
static void take_leave(struct node *node, dc_name from, const struct message *msg)
{
    bool is_heard = !claims_can_tell(node->ledger.names, node->peers.self);

    for (uint32_t i = 0; i < msg->mem_len; i++)
        is_heard = peers_hear_farewell(&node->peers, &msg->mem[i]) || is_heard;
    if (from == DC_NAME_NONE || peers_left(&node->peers, from))
        return; /* it leaves as well */
    if (is_heard) {
        node->heard = true;
        node->heard_digest = msg->digest;
        node->heir = from;
    }
    if (node->heard && !ledger_is_busy(&node->ledger) && msg->digest == node->heard_digest &&
        msg->digest == node_digest(node)) {
        MARK(NODE_LEFT_CONFIRMED);
        end(node, NODE_LEFT);
    }
}

void node_on_message(struct node *node, dc_name from, const struct message *msg)
{
    if (!is_active(node))
        return;
    /* What comes from our own address is an echo or a forgery. */
    if (from == node->peers.self) {
        MARK(NODE_OWN_ECHO);
        return;
    }
    if (from != DC_NAME_NONE) {
        doubts_hear(&node->peers.doubts, from);
        if (!node->peers_fixed)
            learn(node, from);
    }
    take_claims(node, msg);
    stuck_voice(&node->stuck);

    switch (msg->kind) {
    case MESSAGE_PUSH:
        take_push(node, from, msg);
        break;
    case MESSAGE_PULL:
        take_pull(node, from, msg);
        break;
    case MESSAGE_ACK:
        break; /* we agree: nothing to do */
    }
    if (node->phase == NODE_LEAVING)
        take_leave(node, from, msg);
}

/* Returns 1 when it is done, 0 when it waits, or an error. */
static int count(struct node *node, uint64_t client, enum dc_side side, uint64_t amount)
{
    struct pncounter_watch watch = watch_of(node);

    if (node->phase != NODE_RUNNING) {
        MARK(NODE_CLIENT_STOPPED);
        return DC_ESTOPPED;
    }
    if (amount == 0)
        return 1;

    int rc = ledger_ask(&node->ledger, &node->counter, client, side, amount, &watch);
    if (rc > 0)
        node->version++;
    return rc;
}

void node_on_client(struct node *node, uint64_t client, enum dc_side side, uint64_t amount)
{
    int rc = count(node, client, side, amount);

    if (rc < 0) {
        struct env_fields fields = no_fields();
        fields.side = side;
        fields.old = amount;
        fields.err = rc;
        node->env.ops->log(node->env.ctx, ENV_WARN, ENV_CLIENT_REFUSED, &fields);
    }
    if (rc != 0)
        node->env.ops->reply(node->env.ctx, client, rc < 0 ? ENV_REFUSED : ENV_OK);
}

void node_on_sync(struct node *node, uint64_t token, bool ok)
{
    struct pncounter_watch watch = watch_of(node);

    if (!is_active(node) && node->phase != NODE_STOPPING)
        return;
    if (ledger_on_sync(&node->ledger, &node->counter, token, ok, &watch))
        node->version++;
    look_for_end(node);
}

void node_show_names(struct node *node, struct names_sweep *sweep)
{
    pncounter_show_names(&node->counter, sweep);
    peers_show_names(&node->peers, sweep);
    ledger_show_names(&node->ledger, sweep);
    names_show(sweep, &node->heir);
    names_show(sweep, &node->leaver);
}
