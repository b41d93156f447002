/* Hosts: from events into nodes, and from nodes back into the world. */
#include "sim/cluster.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "sim/checks.h"
#include "sim/fatal.h"
#include "sim/net.h"
#include "sim/oracle.h"
#include "sim/setup.h"
#include "sim/world.h"

static void touch(struct host *host)
{
    struct cluster *cluster = host->cluster;

    if (host->touched)
        return;
    host->touched = true;
    cluster->touched[cluster->touched_len++] = host->index;
}

/* ---- what a node asks of its host ---- */

static uint64_t on_now(void *ctx)
{
    const struct host *host = ctx;

    return host->cluster->world->now_ns;
}

static uint64_t on_random(void *ctx)
{
    struct host *host = ctx;
    struct world *world = host->cluster->world;

    return choose_bits(&world->choose, key_with(world->key, host->draws++), PURPOSE_NODE);
}

/*
 * The key of a message: its cause, kind, destination, and its number among
 * those that are alike in all three. Not its number among all that the event
 * sends, so that one more peer does not give the others other fates.
 */
static uint64_t send_key(struct cluster *cluster, enum message_kind kind, uint32_t to)
{
    uint64_t alike = key_with(
        key_with(key_with(key_root(CAUSE_MESSAGE), cluster->world->key), (uint64_t)kind), to);
    uint64_t number = 0;

    for (size_t i = 0; i < cluster->send_keys_len; i++)
        number += cluster->send_keys[i] == alike;
    if (cluster->send_keys_len == cluster->send_keys_cap) {
        cluster->send_keys_cap = cluster->send_keys_cap ? cluster->send_keys_cap * 2 : 16;
        cluster->send_keys = fatal_realloc_array(cluster->send_keys, cluster->send_keys_cap,
                                                 sizeof(*cluster->send_keys));
    }
    cluster->send_keys[cluster->send_keys_len++] = alike;
    return key_with(alike, number);
}

/* The frame of @msg, encoded only when the sender's state has changed since the last. */
static uint32_t frame_for(struct host *host, const struct message *msg)
{
    struct cluster *cluster = host->cluster;
    struct fingerprint print = {0};
    uint32_t *cached = &host->frames[msg->kind];
    int rc;

    if (*cached != FRAME_NONE && host->versions[msg->kind] == msg->version)
        return *cached;
    frames_unref(&cluster->frames, *cached);
    *cached = FRAME_NONE;
    if (msg->state) {
        checks_state(cluster->checks, host->index, msg->state);
        print = cluster->checks->prints[host->index];
    }
    rc = frames_encode(&cluster->frames, msg, print, cached);
    if (rc == DC_ENOMEM)
        fatal("out of memory");
    host->versions[msg->kind] = msg->version;
    checks_digest(cluster->checks, host->index, msg->digest, cluster->checks->prints[host->index]);
    return *cached;
}

/* A statement in a record is its key: its place in the file is not part of a run. */
static uint64_t stmt_key(const struct cluster *cluster, uint32_t stmt)
{
    return stmt == NET_NO_STMT ? 0 : cluster->scn->stmts[stmt].key;
}

static void lose(struct cluster *cluster, uint32_t from, enum net_fate fate)
{
    cluster->stats.dropped++;
    cluster->stats.lost[fate]++;
    cluster->hosts[from].stats.dropped++;
}

static void tell_fate(const struct cluster *cluster, uint32_t from, uint32_t to, uint32_t frame,
                      const struct net_outcome *out)
{
    if (cluster->watch.fate)
        cluster->watch.fate(cluster->watch.ctx, from, to, frame, out->fate, out->stmt,
                            out->arrives_ns);
}

static void count_sent(struct host *host, const struct frame *frame)
{
    struct cluster_stats *all = &host->cluster->stats;

    all->sent++;
    all->bytes += frame->plain_len;
    all->wire_bytes += frame->bytes.len;
    host->stats.sent++;
    host->stats.bytes += frame->plain_len;
    if (frame->kind == MESSAGE_PUSH) {
        all->pushes++;
        host->stats.pushes++;
    }
}

static const struct world_limit flights_limit = {
    .what = "messages on their way at once",
    .most = NET_FLIGHTS_MAX,
    .where = "NET_FLIGHTS_MAX in sim/net.h",
};

static void on_send(void *ctx, dc_name to, const struct message *msg)
{
    struct host *host = ctx;
    struct cluster *cluster = host->cluster;
    struct world *world = cluster->world;
    uint64_t key = send_key(cluster, msg->kind, to);
    uint32_t handle = frame_for(host, msg);
    const struct frame *frame;
    struct net_outcome out;

    PRE(to < cluster->nodes, "addresses are those of the cluster");
    if (handle == FRAME_NONE) { /* it cannot be encoded: logged, and lost */
        world_record(world, RECORD_LOST, NET_LOST_CODEC, key, host->index, to, 0, 0);
        lose(cluster, host->index, NET_LOST_CODEC);
        return;
    }
    frame = frames_at(&cluster->frames, handle);
    checks_limit(cluster->checks, host->index, "a frame", frame->bytes.len, DC_MESSAGE_BYTES_MAX);
    count_sent(host, frame);
    if (net_send(cluster->net, world->now_ns, host->index, to, key, handle, &out) < 0) {
        world_limit(world, &flights_limit, UINT32_MAX);
        return;
    }
    world_record(world, RECORD_SEND, (uint32_t)msg->kind, key, host->index, to, msg->digest,
                 frame->plain_len);
    world_record(world, RECORD_FATE, (uint32_t)out.fate, key, host->index, to, out.arrives_ns,
                 stmt_key(cluster, out.stmt));
    tell_fate(cluster, host->index, to, handle, &out);
    switch (out.fate) {
    case NET_ON_ITS_WAY:
        frames_ref(&cluster->frames, handle);
        world_push(world, out.arrives_ns, EVENT_ARRIVE, net_flight(cluster->net, out.flight)->key,
                   to, out.flight);
        break;
    case NET_HELD:
        frames_ref(&cluster->frames, handle);
        break;
    case NET_DELIVERED:
    case NET_LOST_LOSS:
    case NET_LOST_DOWN:
    case NET_LOST_PARTITION:
    case NET_LOST_DROP:
    case NET_LOST_INBOX:
    case NET_LOST_STOPPED:
    case NET_LOST_CODEC:
        lose(cluster, host->index, out.fate);
        break;
    }
}

static void on_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    struct host *host = ctx;
    struct cluster *cluster = host->cluster;
    struct cluster_request *request = &cluster->requests[client];

    world_record(cluster->world, RECORD_REPLY, (uint32_t)answer, cluster->world->key, host->index,
                 RECORD_NO_NODE, request->side, request->amount);
    oracle_answered(cluster->oracle, host->index, (enum dc_side)request->side, request->amount,
                    answer);
    if (answer == ENV_OK)
        checks_ok(cluster->checks, host->index, &host->node.counter);
    request->next_free = cluster->requests_free;
    cluster->requests_free = (uint32_t)client;
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct host *host = ctx;

    world_note(host->cluster->world, host->index, (uint32_t)level, (uint32_t)event, fields);
    switch (event) {
    case ENV_RAISED:
        checks_raised(host->cluster->checks, host->index, fields->name, fields->side, fields->old,
                      fields->now);
        host->changed = true;
        touch(host);
        break;
    case ENV_MERGE_FAILED:
    case ENV_CLIENT_REFUSED:
    case ENV_PEER_LEARNED:
    case ENV_PEER_REFUSED:
    case ENV_STARTED:
    case ENV_STOPPED:
    case ENV_LOG_EMPTY:
    case ENV_LOG_TORN:
    case ENV_LOG_DAMAGED:
    case ENV_COUNTS_LOST:
    case ENV_INCARNATION:
    case ENV_DISK_FAILED:
        break;
    }
}

static const struct env_ops ops = {
    .now = on_now,
    .random = on_random,
    .send = on_send,
    .reply = on_reply,
    .log = on_log,
};

/* ---- set-up ---- */

static void intern_names(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "n%" PRIu32, i + 1);
        dc_name handle;

        if (names_intern(&cluster->names, name, (size_t)len, &handle) < 0)
            fatal("out of memory");
        INVARIANT(handle == i, "ids are interned first, in order");
        cluster->everyone[i] = handle;
    }
}

static void host_init(struct host *host, struct cluster *cluster, uint32_t index,
                      const struct setup *setup)
{
    struct node_config config = {
        .mem = mem_heap(),
        .names = &cluster->names,
        .id = index,
        .address = index,
        .sync_ns = setup->sync_ns,
        .full_ns = setup->full_ns,
        .fanout = (uint32_t)setup->fanout,
        .first_start = true,
    };
    struct env env = {.ops = &ops, .ctx = host};

    host->cluster = cluster;
    host->index = index;
    host->start_key = key_with(key_with(key_root(CAUSE_START), index), 0);
    host->inbox_max = setup->inbox;
    host->service_ns = setup->service_ns;
    host->armed.at_ns = DC_TIME_NEVER;
    for (int kind = 0; kind < 4; kind++)
        host->frames[kind] = FRAME_NONE;
    config.peers_fixed = setup->peers_fixed;
    host->peers = setup_peers(setup, &cluster->world->choose, key_with(host->start_key, 0), index,
                              cluster->nodes, &config.peers_len);
    config.peers = host->peers ? host->peers : cluster->everyone;
    node_init(&host->node, &config, &env);
}

void cluster_init(struct cluster *cluster, const struct scenario *scn, struct world *world,
                  struct net *net, struct oracle *oracle, struct checks *checks)
{
    struct setup *setups;

    *cluster = (struct cluster){
        .scn = scn,
        .world = world,
        .net = net,
        .oracle = oracle,
        .checks = checks,
        .nodes = scn->nodes,
        .requests_free = UINT32_MAX,
    };
    delays_init(&cluster->delays, scn);
    names_init(&cluster->names, mem_heap());
    cluster->everyone = fatal_realloc_array(NULL, cluster->nodes, sizeof(*cluster->everyone));
    intern_names(cluster);
    frames_init(&cluster->frames, mem_heap(), &cluster->names);
    nodeset_init(&cluster->up, cluster->nodes);
    nodeset_fill(&cluster->up);
    cluster->touched = fatal_realloc_array(NULL, cluster->nodes, sizeof(*cluster->touched));
    cluster->hosts = fatal_calloc(cluster->nodes, sizeof(*cluster->hosts));
    setups = setup_of_nodes(scn, &world->choose, &cluster->up);
    for (uint32_t i = 0; i < cluster->nodes; i++)
        host_init(&cluster->hosts[i], cluster, i, &setups[i]);
    free(setups);
}

void cluster_release(struct cluster *cluster)
{
    delays_release(&cluster->delays);
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        node_release(&cluster->hosts[i].node);
        free(cluster->hosts[i].peers);
        free(cluster->hosts[i].inbox);
    }
    free(cluster->hosts);
    free(cluster->everyone);
    free(cluster->requests);
    free(cluster->send_keys);
    nodeset_release(&cluster->up);
    free(cluster->touched);
    frames_release(&cluster->frames);
    names_release(&cluster->names);
    *cluster = (struct cluster){0};
}

/* ---- events ---- */

/* Keeps one tick pending for what the node wants to be woken for next. */
static void arm(struct host *host)
{
    struct node_deadline want = node_deadline(&host->node);
    struct world *world = host->cluster->world;
    uint64_t key;

    if (want.at_ns == host->armed.at_ns && want.timer == host->armed.timer &&
        want.number == host->armed.number)
        return;
    host->armed = want;
    host->generation++; /* a tick that is still pending for something else is void */
    if (want.at_ns == DC_TIME_NEVER)
        return;
    key = key_with(key_with(key_with(key_root(CAUSE_TICK), host->start_key), (uint64_t)want.timer),
                   want.number);
    world_push(world, want.at_ns, EVENT_TICK, key, host->index, host->generation);
}

void cluster_start(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        struct host *host = &cluster->hosts[i];

        cluster->world->key = host->start_key;
        if (node_start(&host->node) < 0)
            fatal("out of memory");
        touch(host);
    }
}

void cluster_on_tick(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];

    if (event->payload != host->generation)
        return;
    host->armed.at_ns = DC_TIME_NEVER;
    node_on_timer(&host->node);
    touch(host);
}

/* The node takes a message in. The reference to the frame is given back. */
static void handle(struct host *host, uint32_t frame, uint32_t from)
{
    struct cluster *cluster = host->cluster;
    bool first;
    const struct frame *it = frames_decode(&cluster->frames, frame, &first);

    if (first) {
        if (it->err == DC_ENOMEM)
            fatal("out of memory");
        checks_frame(cluster->checks, from, it->err, it->print, fingerprint_of(&it->state));
    }
    world_record(cluster->world, RECORD_DELIVER, (uint32_t)it->kind, cluster->world->key,
                 host->index, from, it->digest, it->plain_len);
    if (it->err == 0) {
        cluster->stats.delivered++;
        node_on_message(&host->node, from, &it->message);
    } else {
        lose(cluster, from, NET_LOST_CODEC);
    }
    touch(host);
    frames_unref(&cluster->frames, frame);
}

static bool inbox_put(struct host *host, struct inbox_item item)
{
    if (host->inbox_len >= host->inbox_max)
        return false;
    if (host->inbox_len == host->inbox_cap) {
        uint32_t cap = host->inbox_cap ? host->inbox_cap * 2 : 8;
        struct inbox_item *ring = fatal_realloc_array(NULL, cap, sizeof(*ring));

        for (uint32_t i = 0; i < host->inbox_len; i++)
            ring[i] = host->inbox[(host->inbox_at + i) % host->inbox_cap];
        free(host->inbox);
        host->inbox = ring;
        host->inbox_cap = cap;
        host->inbox_at = 0;
    }
    host->inbox[(host->inbox_at + host->inbox_len) % host->inbox_cap] = item;
    host->inbox_len++;
    return true;
}

/* The message at the head of the inbox will be done after the service time. */
static void serve(struct host *host)
{
    struct world *world = host->cluster->world;
    uint64_t copy = host->inbox[host->inbox_at].key;
    uint64_t done = dc_time_add(world->now_ns, host->service_ns);

    world_push(world, done, EVENT_SERVED, key_with(key_root(CAUSE_SERVICE), copy), host->index, 0);
}

static void receive(struct host *host, const struct event *event, struct inbox_item item,
                    uint64_t delay_ns)
{
    struct cluster *cluster = host->cluster;

    if (host->service_ns == 0) {
        delays_add(&cluster->delays, item.from, delay_ns);
        handle(host, item.frame, item.from);
        return;
    }
    if (!inbox_put(host, item)) {
        struct net_outcome out = {.fate = NET_LOST_INBOX, .stmt = NET_NO_STMT};

        tell_fate(cluster, item.from, host->index, item.frame, &out);
        world_record(cluster->world, RECORD_LOST, NET_LOST_INBOX, event->key, item.from,
                     host->index, 0, 0);
        lose(cluster, item.from, out.fate);
        frames_unref(&cluster->frames, item.frame);
        return;
    }
    delays_add(&cluster->delays, item.from, delay_ns);
    checks_limit(cluster->checks, host->index, "its inbox", host->inbox_len, host->inbox_max);
    touch(host);
    if (host->inbox_len == 1)
        serve(host);
}

void cluster_on_arrive(struct cluster *cluster, const struct event *event)
{
    struct net_outcome out = net_arrive(cluster->net, (uint32_t)event->payload);
    const struct net_flight *flight = net_flight(cluster->net, out.flight);
    struct inbox_item item = {.key = event->key, .frame = flight->frame, .from = flight->from};

    if (out.fate == NET_DELIVERED) {
        receive(&cluster->hosts[flight->to], event, item, cluster->world->now_ns - flight->sent_ns);
        return;
    }
    tell_fate(cluster, flight->from, flight->to, flight->frame, &out);
    world_record(cluster->world, out.fate == NET_HELD ? RECORD_FATE : RECORD_LOST,
                 (uint32_t)out.fate, event->key, flight->from, flight->to, 0,
                 stmt_key(cluster, out.stmt));
    if (out.fate != NET_HELD) {
        lose(cluster, item.from, out.fate);
        frames_unref(&cluster->frames, item.frame);
    }
}

void cluster_on_served(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];
    struct inbox_item item = host->inbox[host->inbox_at];

    host->inbox_at = (host->inbox_at + 1) % host->inbox_cap;
    host->inbox_len--;
    if (host->inbox_len > 0)
        serve(host);
    handle(host, item.frame, item.from);
}

void cluster_client(struct cluster *cluster, uint32_t node, enum dc_side side, uint64_t amount)
{
    struct host *host = &cluster->hosts[node];
    uint32_t at = cluster->requests_free;

    if (at != UINT32_MAX) {
        cluster->requests_free = cluster->requests[at].next_free;
    } else {
        if (cluster->requests_len == cluster->requests_cap) {
            cluster->requests_cap = cluster->requests_cap ? cluster->requests_cap * 2 : 16;
            cluster->requests = fatal_realloc_array(cluster->requests, cluster->requests_cap,
                                                    sizeof(*cluster->requests));
        }
        at = cluster->requests_len++;
    }
    cluster->requests[at] = (struct cluster_request){.amount = amount, .side = (uint32_t)side};
    oracle_asked(cluster->oracle, node, side, amount);
    node_on_client(&host->node, at, side, amount);
    touch(host);
}

void cluster_meet(struct cluster *cluster, uint32_t who, uint32_t whom)
{
    if (who == whom)
        return;
    node_meet(&cluster->hosts[who].node, whom);
    touch(&cluster->hosts[who]);
}

void cluster_release_flights(struct cluster *cluster, uint64_t key, const uint32_t *flights,
                             size_t len)
{
    struct world *world = cluster->world;
    uint64_t order = choose_bits(&world->choose, key, PURPOSE_ORDER);

    /* One place in the instant for all of them: among themselves seq decides. */
    for (size_t i = 0; i < len; i++) {
        const struct net_flight *flight = net_flight(cluster->net, flights[i]);

        world_push_ordered(world, world->now_ns, EVENT_ARRIVE, flight->key, flight->to, flights[i],
                           order);
    }
}

void cluster_event_begin(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->touched_len; i++) {
        struct host *host = &cluster->hosts[cluster->touched[i]];

        host->touched = false;
        host->changed = false;
        host->draws = 0;
    }
    cluster->touched_len = 0;
    cluster->send_keys_len = 0;
}

void cluster_event_done(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->touched_len; i++) {
        struct host *host = &cluster->hosts[cluster->touched[i]];

        arm(host);
        if (host->changed) {
            struct fingerprint print = cluster->checks->prints[host->index];

            world_record(cluster->world, RECORD_STATE, 0, cluster->world->key, host->index,
                         RECORD_NO_NODE, print.lo, print.hi);
        }
    }
}

bool cluster_converged(const struct cluster *cluster)
{
    return cluster->checks->census.distinct == 1 && cluster->oracle->open == 0;
}

i128 cluster_value(const struct cluster *cluster, uint32_t node, const struct nodeset *of)
{
    const struct pncounter *state = &cluster->hosts[node].node.counter;
    i128 value = 0;

    for (uint32_t i = 0; i < state->len; i++)
        if (!of || (state->ids[i] < of->nodes && nodeset_has(of, state->ids[i])))
            value += (i128)state->inc[i] - (i128)state->dec[i];
    return value;
}

void cluster_check_all(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++)
        checks_state(cluster->checks, i, &cluster->hosts[i].node.counter);
}
