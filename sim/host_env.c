/* What a node asks of its host: time, chance, messages, answers, a log. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/oracle.h"
#include "sim/sayings.h"
#include "sim/world.h"

/* ---- what a node asks of its host ---- */

static uint64_t on_now(void *ctx)
{
    struct host *host = ctx;

    return clock_now(&host->clock, host->cluster->world->now_ns);
}

static uint64_t on_random(void *ctx)
{
    struct host *host = ctx;
    struct world *world = host->cluster->world;

    host->drawn = choose_bits(&world->choose, key_with(world->key, host->draws++), PURPOSE_NODE);
    return host->drawn;
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

/* Does @msg, which goes to @to, say that it has left? */
static bool confirms(const struct message *msg, uint32_t to)
{
    for (uint32_t i = 0; i < msg->mem_len; i++)
        if (msg->mem[i].address == to && msg->mem[i].left)
            return true;
    return false;
}

/*
 * The frame of @msg, encoded only when it says something else than the last of its kind;
 * FRAME_NONE when it could not be.
 */
static uint32_t frame_for(struct host *host, uint32_t to, const struct message *msg, uint64_t key)
{
    struct cluster *cluster = host->cluster;
    uint64_t sum = 0;
    uint32_t *cached = &host->frames[msg->kind];
    int rc;

    if (*cached != FRAME_NONE && msg->mem_len == 0 && host->versions[msg->kind] == msg->version)
        return *cached;
    host->seen.confirms = host->seen.confirms || confirms(msg, to);
    frames_unref(&cluster->frames, *cached);
    *cached = FRAME_NONE;
    if (msg->state) {
        checks_state(cluster->checks, host->index, msg->state);
        sum = cluster->checks->sums[host->index];
    }
    rc = frames_encode(&cluster->frames, msg, sum, key, cached);
    if (rc == DC_ENOMEM && host->memory.stmt == MET_NO_STMT)
        fatal_memory(0);
    host->unwritten_stmt = rc == DC_ENOMEM ? host->memory.stmt : NET_NO_STMT;
    host->versions[msg->kind] = msg->mem_len == 0 ? msg->version : 0; /* claims go in turn */
    checks_digest(cluster->checks, host->index, msg->digest, cluster->checks->prints[host->index]);
    return *cached;
}

void host_drop_stale(struct host *host)
{
    uint32_t *push = &host->frames[MESSAGE_PUSH];

    if (*push == FRAME_NONE || host->versions[MESSAGE_PUSH] == host->node.version)
        return;
    frames_unref(&host->cluster->frames, *push);
    *push = FRAME_NONE;
}

uint64_t cluster_stmt_key(const struct cluster *cluster, uint32_t stmt)
{
    return stmt == NET_NO_STMT ? 0 : cluster->scn->stmts[stmt].key;
}

void cluster_lose(struct cluster *cluster, uint32_t from, uint32_t frame, enum net_fate fate)
{
    if (frames_at(&cluster->frames, frame)->forged) {
        cluster->stats.forged_lost++;
        return;
    }
    cluster->stats.dropped++;
    cluster->stats.lost[fate]++;
    cluster->hosts[from].stats.dropped++;
}

void cluster_tell_fate(const struct cluster *cluster, uint32_t from, uint32_t to, uint32_t frame,
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
    all->wire_bytes += frame->wire_len;
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

static inline int send_out(struct host *host, const struct net_message *msg,
                           struct net_outcome ret[static NET_COPIES_MAX])
{
    struct world *world = host->cluster->world;
    int copies = net_send(host->cluster->net, world->now_ns, msg, ret);

    if (copies < 0)
        world_limit(world, &flights_limit, UINT32_MAX);
    return copies;
}

static inline void send_copy(struct host *host, uint32_t copy, const struct net_message *msg,
                             const struct net_outcome *out)
{
    struct cluster *cluster = host->cluster;
    struct world *world = cluster->world;
    uint32_t to = msg->to, frame = msg->frame;

    world_record(world, copy == 0 ? RECORD_FATE : RECORD_COPY, (uint32_t)out->fate, msg->key,
                 host->index, to, out->arrives_ns, cluster_stmt_key(cluster, out->stmt));
    cluster_tell_fate(cluster, host->index, to, frame, out);
    switch (out->fate) {
    case NET_ON_ITS_WAY:
        frames_ref(&cluster->frames, frame);
        world_push(world, out->arrives_ns, EVENT_ARRIVE, net_flight(cluster->net, out->flight)->key,
                   to, out->flight);
        break;
    case NET_HELD:
        frames_ref(&cluster->frames, frame);
        break;
    case NET_DELIVERED:
    case NET_LOST_LOSS:
    case NET_LOST_DOWN:
    case NET_LOST_PARTITION:
    case NET_LOST_DROP:
    case NET_LOST_INBOX:
    case NET_LOST_STOPPED:
    case NET_LOST_CODEC:
    case NET_LOST_QUEUE:
    case NET_LOST_MEMORY:
        cluster_lose(cluster, host->index, frame, out->fate);
        break;
    case NET_UNWRITTEN: /* such a message never comes here */
        break;
    }
}

int host_send_out(struct host *host, const struct net_message *msg,
                  struct net_outcome ret[static NET_COPIES_MAX])
{
    return send_out(host, msg, ret);
}

void host_send_copy(struct host *host, uint32_t copy, const struct net_message *msg,
                    const struct net_outcome *out)
{
    send_copy(host, copy, msg, out);
}

/* The message with @key to @to was never sent: there is no frame of it. */
static void tell_unwritten(struct host *host, uint32_t to, uint64_t key)
{
    struct cluster *cluster = host->cluster;
    struct net_outcome out = {.fate = NET_UNWRITTEN, .stmt = host->unwritten_stmt};

    cluster->stats.unwritten++;
    cluster_tell_fate(cluster, host->index, to, FRAME_NONE, &out);
    world_record(cluster->world, RECORD_LOST, NET_UNWRITTEN, key, host->index, to, 0,
                 cluster_stmt_key(cluster, out.stmt));
}

static void on_send(void *ctx, dc_name to, const struct message *msg)
{
    struct host *host = ctx;
    struct cluster *cluster = host->cluster;
    struct world *world = cluster->world;
    uint64_t key = send_key(cluster, msg->kind, to);
    uint32_t handle = frame_for(host, to, msg, key);
    struct net_outcome out[NET_COPIES_MAX];
    struct net_message sent = {.key = key, .from = host->index, .to = to, .frame = handle};
    const struct frame *frame;
    int copies;

    PRE(to < cluster->nodes, "addresses are those of the cluster");
    host->seen.sent = msg->kind;
    host->seen.messages++;
    asking_tick_sent(&cluster->tick, msg->kind, to);
    if ((host->node.peers.own_len | msg->mem_len) > 0)
        conduct_tells(host, to, msg);
    if (handle == FRAME_NONE) {
        tell_unwritten(host, to, key);
        return;
    }
    frame = frames_at(&cluster->frames, handle);
    checks_limit(cluster->checks, host->index, "a frame", frame->wire_len, DC_MESSAGE_BYTES_MAX);
    count_sent(host, frame);
    sent.bytes = frame->plain_len;
    copies = send_out(host, &sent, out);
    if (copies < 0)
        return;
    world_record(world, RECORD_SEND, (uint32_t)msg->kind, key, host->index, to, msg->digest,
                 frame->plain_len);
    for (int copy = 0; copy < copies; copy++)
        send_copy(host, (uint32_t)copy, &sent, &out[copy]);
}

static void on_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    host_client_answered(ctx, client, answer);
}

/* Is @id the name of the node, and behind it all of what it drew? (core/ledger.h) */
static bool is_drawn(const struct host *host, dc_name id)
{
    const struct names *names = &host->cluster->names;
    uint32_t id_len, len;
    const uint8_t *bytes = names_bytes(names, id, &id_len);
    const uint8_t *name = names_bytes(names, host->index, &len);
    char behind[24];
    int behind_len = snprintf(behind, sizeof(behind), "#%016" PRIx64, host->drawn);

    return id_len == len + (uint32_t)behind_len && memcmp(bytes, name, len) == 0 &&
           memcmp(bytes + len, behind, (size_t)behind_len) == 0;
}

/* A merge failed when the id for what would come after it was there already. */
static void note_foreseen(struct host *host)
{
    if (host->node.ledger.next != DC_NAME_NONE && is_drawn(host, host->node.ledger.next))
        host->foreseen = host->node.ledger.next;
}

/* It goes on under @id; what it counted under an id that others know better comes along. */
static void host_new_id(struct host *host, dc_name id)
{
    struct oracle *oracle = host->cluster->oracle;

    oracle_incarnation(oracle, host->index, id);
    for (int side = DC_INC; host->leaves_id != DC_NAME_NONE && side <= DC_DEC; side++)
        oracle_move(oracle, host->leaves_id, id, (enum dc_side)side,
                    pncounter_total(&host->node.counter, host->leaves_id, (enum dc_side)side));
    host->moves_base = host->book.segment + 1;
    host->foreseen = DC_NAME_NONE;
    if (!host->config.durable)
        oracle_moved(oracle, host->index);
    host->leaves_id = DC_NAME_NONE;
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct host *host = ctx;

    world_note(host->cluster->world, host->index, (uint32_t)level, (uint32_t)event, fields);
    if (event != ENV_RAISED)
        sayings_hear(host, level, event, fields);
    switch (event) {
    case ENV_RAISED:
        checks_raised(host->cluster->checks, host->index, fields->name, fields->side, fields->old,
                      fields->now);
        host->changed = host->conduct.raised = true;
        host_touch(host);
        break;
    case ENV_COUNTS_LOST:
        host->failures++;
        conduct_counts_lost(host, fields->name);
        host->leaves_id = fields->name;
        break;
    case ENV_INCARNATION:
        host->renamed = true;
        logbook_cut(host); /* what waited under the last id was given up */
        checks_new_id(host->cluster->checks, host->index, fields->name,
                      fields->name == host->foreseen || is_drawn(host, fields->name));
        host_new_id(host, fields->name);
        break;
    case ENV_CLIENT_REFUSED:
        conduct_refused(host, fields);
        break;
    case ENV_STARTED:
    case ENV_STOPPED:
    case ENV_LOG_EMPTY:
    case ENV_LOG_TORN:
    case ENV_LOG_DAMAGED:
    case ENV_LOG_UNREADABLE:
    case ENV_DISK_FAILED:
    case ENV_LEFT:
        break;
    case ENV_MERGE_FAILED:
        note_foreseen(host);
        host->seen.unmerged = true;
        break;
    case ENV_PEER_REFUSED:
        host->seen.refused++;
        break;
    case ENV_PEER_LEARNED:
        host->seen.learned++;
        break;
    case ENV_PEER_LEFT:
        host->seen.left++;
        asking_heard(&host->asking, fields->peer);
        break;
    }
}

const struct env_ops host_ops = {
    .now = on_now,
    .random = on_random,
    .send = on_send,
    .reply = on_reply,
    .log = on_log,
    .disk_append = host_disk_append,
    .disk_sync = host_disk_sync,
    .disk_read = host_disk_read,
    .disk_truncate = host_disk_truncate,
    .disk_remove = host_disk_remove,
    .disk_list = host_disk_list,
};
