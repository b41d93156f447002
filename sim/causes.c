/* Causes are kept as long as something refers to them; flights hang in a table by their key. */
#include "sim/causes.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/trace.h"

#define BUCKETS_FIRST 256u

static uint32_t *buckets_new(uint32_t len)
{
    uint32_t *buckets = fatal_realloc_array(NULL, len, sizeof(*buckets));

    for (uint32_t i = 0; i < len; i++)
        buckets[i] = CAUSES_NONE;
    return buckets;
}

void causes_init(struct causes *causes, const struct run *run)
{
    *causes = (struct causes){
        .run = run,
        .kept_free = CAUSES_NONE,
        .flights_free = CAUSES_NONE,
        .buckets = buckets_new(BUCKETS_FIRST),
        .buckets_len = BUCKETS_FIRST,
        .parent = CAUSES_NONE,
        .kept_now = CAUSES_NONE,
    };
}

void causes_release(struct causes *causes)
{
    free(causes->kept);
    free(causes->flights);
    free(causes->buckets);
    free(causes->asking);
    *causes = (struct causes){0};
}

/* ---- causes that are referred to ---- */

static void kept_unref(struct causes *causes, uint32_t at)
{
    while (at != CAUSES_NONE && --causes->kept[at].refs == 0) {
        uint32_t parent = causes->kept[at].parent;

        causes->kept[at].parent = causes->kept_free;
        causes->kept_free = at;
        at = parent;
    }
}

/* The present event, with one reference more. */
static uint32_t kept_of_now(struct causes *causes)
{
    uint32_t at = causes->kept_now;

    if (at != CAUSES_NONE) {
        causes->kept[at].refs++;
        return at;
    }
    at = causes->kept_free;
    if (at != CAUSES_NONE) {
        causes->kept_free = causes->kept[at].parent;
    } else {
        if (causes->kept_len == causes->kept_cap) {
            causes->kept_cap = causes->kept_cap ? causes->kept_cap * 2 : 64;
            causes->kept =
                fatal_realloc_array(causes->kept, causes->kept_cap, sizeof(*causes->kept));
        }
        at = causes->kept_len++;
    }
    if (causes->parent != CAUSES_NONE)
        causes->kept[causes->parent].refs++;
    causes->kept[at] =
        (struct cause_kept){.cause = causes->now, .parent = causes->parent, .refs = 2};
    causes->kept_now = at;
    return at;
}

/* ---- flights ---- */

static uint32_t *bucket_of(const struct causes *causes, uint64_t key)
{
    return &causes->buckets[key & (causes->buckets_len - 1)];
}

static uint32_t flight_find(const struct causes *causes, uint64_t key)
{
    uint32_t at = *bucket_of(causes, key);

    while (at != CAUSES_NONE && causes->flights[at].key != key)
        at = causes->flights[at].next;
    return at;
}

/* Twice as many buckets; the flights that were chained are hung in anew. */
static void buckets_grow(struct causes *causes)
{
    uint32_t *old = causes->buckets, old_len = causes->buckets_len;

    causes->buckets_len *= 2;
    causes->buckets = buckets_new(causes->buckets_len);
    for (uint32_t i = 0; i < old_len; i++) {
        for (uint32_t at = old[i], next; at != CAUSES_NONE; at = next) {
            uint32_t *bucket = bucket_of(causes, causes->flights[at].key);

            next = causes->flights[at].next;
            causes->flights[at].next = *bucket;
            *bucket = at;
        }
    }
    free(old);
}

static void flight_add(struct causes *causes, struct cause_flight flight)
{
    uint32_t at = causes->flights_free, *bucket;

    if (causes->flights_used == causes->buckets_len)
        buckets_grow(causes);
    if (at != CAUSES_NONE) {
        causes->flights_free = causes->flights[at].next;
    } else {
        if (causes->flights_len == causes->flights_cap) {
            causes->flights_cap = causes->flights_cap ? causes->flights_cap * 2 : 64;
            causes->flights =
                fatal_realloc_array(causes->flights, causes->flights_cap, sizeof(*causes->flights));
        }
        at = causes->flights_len++;
    }
    bucket = bucket_of(causes, flight.key);
    flight.next = *bucket;
    causes->flights[at] = flight;
    *bucket = at;
    causes->flights_used++;
}

static void flight_remove(struct causes *causes, uint64_t key)
{
    uint32_t *link = bucket_of(causes, key), at;

    while (*link != CAUSES_NONE && causes->flights[*link].key != key)
        link = &causes->flights[*link].next;
    at = *link;
    if (at == CAUSES_NONE)
        return;
    *link = causes->flights[at].next;
    kept_unref(causes, causes->flights[at].sender);
    causes->flights[at].next = causes->flights_free;
    causes->flights_free = at;
    causes->flights_used--;
}

/* ---- what is seen ---- */

/* The copy that arrives, or that the inbox of the node has done; 0: none. */
static uint64_t copy_of(const struct causes *causes, const struct event *event)
{
    const struct host *host = &causes->run->cluster.hosts[event->node];

    if (event->kind == EVENT_ARRIVE)
        return event->key;
    return event->kind == EVENT_SERVED && event->payload == host->epoch
               ? host->inbox[host->inbox_at].key
               : 0;
}

/* Which statement speaks in the event, and whose it is. */
static void read_event(struct causes *causes, const struct event *event)
{
    const struct run *run = causes->run;
    struct cause_event *now = &causes->now;
    const struct host *host;

    switch ((enum event_kind)event->kind) {
    case EVENT_TICK:
        host = &run->cluster.hosts[event->node];
        now->node = event->node;
        now->timer = host->armed.timer;
        now->late = event->payload != host->generation;
        break;
    case EVENT_CLIENT:
        now->node = event->node;
        now->stmt = run->workload.bursts[event->payload].stmt;
        break;
    case EVENT_LOAD:
        now->stmt = run->workload.streams[event->payload].stmt;
        break;
    case EVENT_ARRIVE:
    case EVENT_SERVED:
    case EVENT_WAKE:
    case EVENT_SYNCED:
    case EVENT_START:
        now->node = event->node;
        break;
    case EVENT_FAULT_END:
        if ((uint32_t)event->payload != NET_NO_FAULT) /* else a clock has caught up */
            now->stmt = run->timeline.faults[event->payload].stmt;
        break;
    case EVENT_DEADLINE:
        now->stmt = run->expects.obligations[event->payload].stmt;
        break;
    case EVENT_ACTION:
        now->stmt = timeline_stmt(&run->timeline, event);
        break;
    case EVENT_EXPECT:
    case EVENT_QUIET:
    case EVENT_SHOW:
        now->stmt = (uint32_t)event->payload;
        break;
    case EVENT_STOP:
    case EVENT_KINDS:
        break;
    }
}

void causes_begin(struct causes *causes, const struct event *event, uint64_t number)
{
    uint32_t flight = CAUSES_NONE;

    kept_unref(causes, causes->kept_now);
    kept_unref(causes, causes->parent);
    causes->kept_now = causes->parent = CAUSES_NONE;
    causes->now = (struct cause_event){
        .at_ns = event->at_ns,
        .number = number,
        .kind = (enum event_kind)event->kind,
        .node = CAUSES_NONE,
        .stmt = NET_NO_STMT,
        .from = CAUSES_NONE,
        .held_stmt = NET_NO_STMT,
        .fate_stmt = NET_NO_STMT,
    };
    read_event(causes, event);
    causes->now_key = copy_of(causes, event);
    if (causes->now_key != 0)
        flight = flight_find(causes, causes->now_key);
    if (flight == CAUSES_NONE)
        return;
    causes->parent = causes->flights[flight].sender;
    causes->kept[causes->parent].refs++;
    causes->now.from = causes->flights[flight].from;
    causes->now.kind_of_message = causes->flights[flight].kind;
    causes->now.held_stmt = causes->flights[flight].held_stmt;
    causes->now.sent_ns = causes->kept[causes->parent].cause.at_ns;
}

void causes_record(struct causes *causes, const struct record *record)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_EVENT:
        causes_begin(causes, &causes->run->event, causes->run->world.events);
        break;
    case RECORD_SEND:
        causes->sending = true;
        causes->send_copy = 0;
        causes->send_key = record->key;
        causes->send_kind = (enum message_kind)record->detail;
        break;
    case RECORD_FORGE:
        causes->sending = true;
        causes->send_copy = 0;
        causes->send_key = record->key;
        causes->send_kind = (enum message_kind)0;
        break;
    case RECORD_COPY:
        causes->sending = true;
        causes->send_copy = 1;
        break;
    case RECORD_DELIVER:
    case RECORD_FORGED:
        causes->now.fate = NET_DELIVERED;
        flight_remove(causes, causes->now_key);
        break;
    case RECORD_FATE:
    case RECORD_LOST:
    case RECORD_STATE:
    case RECORD_FAULT:
    case RECORD_REPLY:
    case RECORD_VERDICT:
    case RECORD_LIFE:
    case RECORD_SYNC:
    case RECORD_FLIP:
        break;
    }
}

void causes_fate(struct causes *causes, uint32_t from, enum net_fate fate, uint32_t stmt)
{
    uint32_t flight;

    if (causes->sending) {
        causes->sending = false;
        if (fate == NET_ON_ITS_WAY || fate == NET_HELD)
            flight_add(causes, (struct cause_flight){
                                   .key = net_copy_key(causes->send_key, causes->send_copy),
                                   .sender = kept_of_now(causes),
                                   .from = from,
                                   .held_stmt = fate == NET_HELD ? stmt : NET_NO_STMT,
                                   .kind = causes->send_kind,
                               });
        return;
    }
    causes->now.fate = fate;
    causes->now.fate_stmt = stmt;
    if (fate != NET_HELD) {
        flight_remove(causes, causes->now_key);
        return;
    }
    flight = flight_find(causes, causes->now_key);
    if (flight != CAUSES_NONE)
        causes->flights[flight].held_stmt = stmt;
}

void causes_asked(struct causes *causes, uint32_t request, uint32_t node)
{
    causes->now.node = node;
    if (request >= causes->asking_len) {
        uint32_t len = request * 2 + 16;

        causes->asking = fatal_realloc_array(causes->asking, len, sizeof(*causes->asking));
        while (causes->asking_len < len)
            causes->asking[causes->asking_len++] = CAUSES_NONE;
    }
    causes->asking[request] = kept_of_now(causes);
}

uint32_t causes_answered(struct causes *causes, uint32_t request)
{
    uint32_t at = request < causes->asking_len ? causes->asking[request] : CAUSES_NONE;
    uint32_t stmt;

    if (at == CAUSES_NONE)
        return NET_NO_STMT;
    causes->asking[request] = CAUSES_NONE;
    stmt = causes->kept[at].cause.stmt;
    if (at == causes->kept_now || causes->kept_now != CAUSES_NONE ||
        causes->parent != CAUSES_NONE) {
        kept_unref(causes, at);
        return stmt;
    }
    causes->parent = at; /* the first of those that it answers */
    return stmt;
}

size_t causes_chain(const struct causes *causes, struct cause_event *ret, size_t max)
{
    size_t len = 1;

    ret[0] = causes->now;
    for (uint32_t at = causes->parent; at != CAUSES_NONE; at = causes->kept[at].parent, len++)
        ret[len < max ? len : max - 1] = causes->kept[at].cause;
    return len;
}
