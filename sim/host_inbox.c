/* Messages that reach a host: taken at once, or after a wait in its inbox. */
#include <stdlib.h>

#include "core/err.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/forge.h"
#include "sim/hearing.h"
#include "sim/marks.h"
#include "sim/met.h"
#include "sim/world.h"

/* A message that has arrived is lost all the same, because of @stmt. */
static void lose_arrived(struct host *host, struct inbox_item item, enum net_fate fate,
                         uint32_t stmt)
{
    struct cluster *cluster = host->cluster;
    struct net_outcome out = {.fate = fate, .stmt = stmt};

    cluster_tell_fate(cluster, item.from, host->index, item.frame, &out);
    world_record(cluster->world, RECORD_LOST, (uint32_t)fate, item.key, item.from, host->index, 0,
                 cluster_stmt_key(cluster, out.stmt));
    cluster_lose(cluster, item.from, item.frame, fate);
    frames_unref(&cluster->frames, item.frame);
}

/* Which bit of a corrupted copy is flipped. */
static uint64_t bit_of(const struct host *host, struct inbox_item item)
{
    struct cluster *cluster = host->cluster;

    return choose_below(&cluster->world->choose, key_with(item.key, 1), PURPOSE_CORRUPT,
                        frames_at(&cluster->frames, item.frame)->plain_len * 8);
}

/* A frame that is as it was sent. */
static const struct frame *decode(struct host *host, struct inbox_item item)
{
    struct cluster *cluster = host->cluster;
    bool first;
    const struct frame *it = frames_decode(&cluster->frames, item.frame, &first);

    if (first && it->err != DC_ENOMEM)
        checks_frame(cluster->checks, item.from, it->err, it->same, it->sum,
                     it->direct ? NULL : &it->state);
    if (first && it->err == 0 && !it->direct && !it->packed_as_due)
        checks_fail(cluster->checks, CHECK_FRAME, item.from,
                    "sent a frame of another form than due",
                    "expected it compressed just when that is due, found it otherwise");
    return it;
}

/* A push of another state than that of the node, which knows its own digest. */
static bool is_other_push(const struct node *node, const struct message *msg)
{
    return msg->kind == MESSAGE_PUSH && msg->digest != 0 && node->digest_version == node->version &&
           msg->digest != node->digest;
}

/* What the node makes of a message is seen from outside. */
static void hear(struct host *host, uint32_t from, const struct message *msg)
{
    bool matters = hearing_matters(&host->node, msg), is_other = is_other_push(&host->node, msg);
    uint64_t refused = host->memory.refused, version = host->node.version;
    struct hearing hearing;

    if (matters)
        hearing_begin(&hearing, &host->node, from, msg);
    host->seen = (struct hearing_seen){0};
    if (from != host->index) /* of itself it takes no notice */
        asking_heard(&host->asking, from);
    node_on_message(&host->node, from, msg);
    is_other = is_other && !host->seen.unmerged;
    host->seen.starved = host->memory.refused != refused;
    if (host->seen.starved && msg->kind == MESSAGE_PUSH)
        conduct_starved(host, from, msg);
    if (matters) {
        is_other = is_other || (hearing.due != 0 && hearing.due != MESSAGE_ACK);
        hearing_end(&hearing, host->cluster->checks, &host->node, host->index, from, &host->seen);
        if (hearing.is_farewell && host->seen.confirms)
            conduct_hands_over(host);
    }
    if (is_other && host->node.version == version && from != host->index)
        asking_differs(&host->asking);
}

/* Of memory that does not run out by a fault, the simulator has none left itself. */
static void must_be_starved(const struct host *host)
{
    if (host->memory.stmt == MET_NO_STMT)
        fatal_memory(0);
}

/* A frame that nobody should have sent. Of a flipped bit no notice is taken: it is wrong already.
 */
static void handle_forged(struct host *host, struct inbox_item item)
{
    struct cluster *cluster = host->cluster;
    const struct forged *forged = frames_at(&cluster->frames, item.frame)->forged;
    uint32_t names = cluster->names.len;
    const struct frame *it = frames_decode_forged(&cluster->frames, item.frame);
    struct checks_forged seen = {
        .wrong = forge_wrong(forged->kind), .due = forged->err, .found = it->err};
    uint64_t version = host->node.version;

    if (it->err == DC_ENOMEM) {
        must_be_starved(host);
        cluster->stats.forged_lost++;
        frames_unref(&cluster->frames, item.frame);
        return;
    }
    cluster->stats.forged_seen++;
    met_add(cluster->met, forged->stmt);
    world_record(cluster->world, RECORD_FORGED, (uint32_t)forged->kind, cluster->world->key,
                 host->index, item.from, (uint64_t)-it->err,
                 cluster_stmt_key(cluster, forged->stmt));
    if (!it->steady)
        checks_unsteady(cluster->checks, host->index, item.from);
    if (!it->tidy)
        checks_untidy(cluster->checks, host->index, item.from);
    seen.left_names = cluster->names.len != names;
    if (it->err == 0 && forged->says != 0) {
        seen.misread = frames_says(&it->message, &it->state) != forged->says;
    } else if (it->err == 0 && forged->err == 0) {
        hear(host, item.from, &it->message);
        seen.changed = host->node.version != version || host->seen.messages > 0;
    }
    checks_forged(cluster->checks, host->index, item.from, &seen);
    host_touch(host);
    frames_unref(&cluster->frames, item.frame);
}

/* There is no memory to read it, and so nobody sees if it was corrupted. */
static void lose_unread(struct host *host, struct inbox_item item)
{
    must_be_starved(host);
    lose_arrived(host, item, NET_LOST_MEMORY, host->memory.stmt);
}

static inline void record_delivered(const struct host *host, struct inbox_item item,
                                    const struct frame *it)
{
    struct world *world = host->cluster->world;

    world_record(world, RECORD_DELIVER, (uint32_t)it->kind, world->key, host->index, item.from,
                 it->digest, it->plain_len);
}

/* The node gets what was read of a message. */
static inline void take_in(struct host *host, struct inbox_item item, const struct frame *it)
{
    struct cluster *cluster = host->cluster;

    if (it->err == 0) {
        cluster->stats.delivered++;
        hear(host, item.from, &it->message);
    } else {
        cluster_lose(cluster, item.from, item.frame, NET_LOST_CODEC);
    }
    host_touch(host);
    frames_unref(&cluster->frames, item.frame);
}

/* A bit of it was flipped on its way: what is read all the same is taken in. */
static void handle_flipped(struct host *host, struct inbox_item item)
{
    struct cluster *cluster = host->cluster;
    uint64_t bit = bit_of(host, item);
    const struct frame *it = frames_decode_flipped(&cluster->frames, item.frame, bit);
    bool lost = it->err < 0;

    if (it->err == DC_ENOMEM) {
        lose_unread(host, item);
        return;
    }
    if (!it->steady)
        checks_unsteady(cluster->checks, host->index, item.from);
    if (!it->tidy)
        checks_untidy(cluster->checks, host->index, item.from);
    if (lost)
        lose_arrived(host, item, NET_LOST_CODEC, item.corrupt_stmt);
    else
        record_delivered(host, item, it);
    world_record(cluster->world, RECORD_FLIP, !lost, item.key, host->index, item.from, bit,
                 cluster_stmt_key(cluster, item.corrupt_stmt));
    if (lost)
        return;
    SIM_MARK(INBOX_FLIP_PASSED);
    take_in(host, item, it);
}

/* The node takes a message in. The reference to the frame is given back. */
static void handle(struct host *host, struct inbox_item item)
{
    const struct frame *it;

    host_enter(host);
    if (item.forged) {
        handle_forged(host, item);
        return;
    }
    if (item.corrupted) {
        handle_flipped(host, item);
        return;
    }
    it = decode(host, item);
    if (it->err == DC_ENOMEM) {
        lose_unread(host, item);
        return;
    }
    record_delivered(host, item, it);
    take_in(host, item, it);
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

    world_push(world, done, EVENT_SERVED, key_with(key_root(CAUSE_SERVICE), copy), host->index,
               host->epoch);
}

void host_inbox_serve(struct host *host)
{
    if (host->inbox_len > 0)
        serve(host);
}

static struct inbox_item inbox_take(struct host *host)
{
    struct inbox_item item = host->inbox[host->inbox_at];

    host->inbox_at = (host->inbox_at + 1) % host->inbox_cap;
    host->inbox_len--;
    return item;
}

void host_inbox_lose(struct host *host)
{
    while (host->inbox_len > 0)
        lose_arrived(host, inbox_take(host), NET_LOST_STOPPED, NET_NO_STMT);
}

static void note_delay(struct host *host, const struct inbox_item *item, uint64_t delay_ns)
{
    struct cluster *cluster = host->cluster;

    if (!cluster->delays.wanted || item->forged)
        return;
    delays_add(&cluster->delays, (struct delay){
                                     .ns = delay_ns,
                                     .arrived_ns = cluster->world->now_ns,
                                     .from = item->from,
                                     .to = host->index,
                                     .kind = frames_at(&cluster->frames, item->frame)->kind,
                                 });
}

static void receive(struct host *host, struct inbox_item item, uint64_t delay_ns)
{
    struct cluster *cluster = host->cluster;

    if (!host_is_there(host)) {
        SIM_MARK(INBOX_GONE);
        lose_arrived(host, item, NET_LOST_STOPPED, NET_NO_STMT);
        return;
    }
    if (host->service_ns == 0 && host->state == HOST_UP && host->inbox_len == 0) {
        note_delay(host, &item, delay_ns);
        handle(host, item);
        return;
    }
    if (!inbox_put(host, item)) {
        SIM_MARK(INBOX_FULL);
        lose_arrived(host, item, NET_LOST_INBOX, NET_NO_STMT);
        return;
    }
    note_delay(host, &item, delay_ns);
    checks_limit(cluster->checks, host->index, "its inbox", host->inbox_len, host->inbox_max);
    host_touch(host);
    if (host->inbox_len == 1 && host->state == HOST_UP)
        serve(host);
}

void cluster_on_arrive(struct cluster *cluster, const struct event *event)
{
    struct net_outcome out = net_arrive(cluster->net, (uint32_t)event->payload);
    const struct net_flight *flight = net_flight(cluster->net, out.flight);
    struct inbox_item item = {
        .key = event->key,
        .frame = flight->frame,
        .from = flight->from,
        .corrupted = flight->corrupted,
        .corrupt_stmt = flight->corrupt_stmt,
        .forged = frames_at(&cluster->frames, flight->frame)->forged != NULL,
    };

    if (out.fate == NET_DELIVERED) {
        receive(&cluster->hosts[flight->to], item, cluster->world->now_ns - flight->sent_ns);
        return;
    }
    cluster_tell_fate(cluster, flight->from, flight->to, flight->frame, &out);
    world_record(cluster->world, out.fate == NET_HELD ? RECORD_FATE : RECORD_LOST,
                 (uint32_t)out.fate, event->key, flight->from, flight->to, 0,
                 cluster_stmt_key(cluster, out.stmt));
    if (out.fate != NET_HELD) {
        cluster_lose(cluster, item.from, item.frame, out.fate);
        frames_unref(&cluster->frames, item.frame);
    }
}

void cluster_on_served(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];
    struct inbox_item item;

    if (event->payload != host->epoch) {
        SIM_MARK(INBOX_STALE);
        return; /* it was busy with that before it was paused, or crashed */
    }
    item = inbox_take(host);
    if (host->inbox_len > 0)
        serve(host);
    handle(host, item);
}
