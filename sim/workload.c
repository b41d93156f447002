/* Client operations as events. */
#include "sim/workload.h"

#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/cluster.h"
#include "sim/fatal.h"
#include "sim/select.h"
#include "sim/wide.h"
#include "sim/world.h"

#define SECOND UINT64_C(1000000000)

void workload_init(struct workload *workload, const struct scenario *scn, struct world *world,
                   struct cluster *cluster)
{
    *workload = (struct workload){
        .world = world, .cluster = cluster, .scn = scn, .bursts_free = UINT32_MAX};
}

void workload_release(struct workload *workload)
{
    free(workload->bursts);
    free(workload->streams);
    *workload = (struct workload){0};
}

/* ---- inc and dec ---- */

static uint32_t burst_new(struct workload *workload)
{
    uint32_t at = workload->bursts_free;

    if (at != UINT32_MAX) {
        workload->bursts_free = workload->bursts[at].next_free;
        return at;
    }
    if (workload->bursts_len == workload->bursts_cap) {
        workload->bursts_cap = workload->bursts_cap ? workload->bursts_cap * 2 : 16;
        workload->bursts =
            fatal_realloc_array(workload->bursts, workload->bursts_cap, sizeof(*workload->bursts));
    }
    return workload->bursts_len++;
}

static void burst_next(struct workload *workload, uint32_t at)
{
    const struct workload_burst *burst = &workload->bursts[at];

    world_push(workload->world, workload->world->now_ns, EVENT_CLIENT,
               key_with(burst->key, burst->number), burst->node, at);
}

void workload_burst_at(struct workload *workload, uint32_t stmt, uint64_t key,
                       const struct nodeset *set, uint64_t amount)
{
    const struct scn_action *action = &workload->scn->stmts[stmt].action;
    uint64_t root = key_with(key_root(CAUSE_CLIENT), key);

    NODESET_EACH(node, set)
    {
        uint32_t at = burst_new(workload);

        workload->bursts[at] = (struct workload_burst){
            .amount = amount,
            .left = action->times,
            .key = key_with(root, node),
            .stmt = stmt,
            .node = node,
            .side = action->kind == SCN_INC ? DC_INC : DC_DEC,
        };
        burst_next(workload, at);
    }
}

void workload_on_client(struct workload *workload, const struct event *event)
{
    uint32_t at = (uint32_t)event->payload;
    struct workload_burst *burst = &workload->bursts[at];

    cluster_client(workload->cluster, burst->node, burst->stmt, (enum dc_side)burst->side,
                   burst->amount);
    burst->number++;
    if (--burst->left > 0) {
        burst_next(workload, at);
    } else {
        burst->next_free = workload->bursts_free;
        workload->bursts_free = at;
    }
}

/* ---- load ---- */

/* The start of operation @number of @stream, or DC_TIME_NEVER. */
static uint64_t even_time(const struct workload_stream *stream, uint64_t rate)
{
    u128 offset = (u128)stream->number * SECOND / rate + stream->phase_ns;

    if (offset > DC_TIME_NEVER - stream->start_ns)
        return DC_TIME_NEVER;
    return stream->start_ns + (uint64_t)offset;
}

static uint64_t poisson_time(struct workload *workload, const struct workload_stream *stream,
                             uint64_t rate, uint64_t after_ns)
{
    uint64_t bits =
        choose_bits(&workload->world->choose, key_with(stream->key, stream->number), PURPOSE_WHEN);
    u128 gap = ((u128)deviate_exp_positive(bits) * SECOND / rate) >> 32;

    return gap > DC_TIME_NEVER - after_ns ? DC_TIME_NEVER : after_ns + (uint64_t)gap;
}

/* Schedules the operation after the one at @after_ns, if it still is before the end. */
static void stream_next(struct workload *workload, size_t at, uint64_t after_ns)
{
    const struct workload_stream *stream = &workload->streams[at];
    const struct scn_load *load = &workload->scn->stmts[stream->stmt].load;
    uint64_t when = load->poisson ? poisson_time(workload, stream, load->rate_per_s, after_ns)
                                  : even_time(stream, load->rate_per_s);

    if (when < stream->end_ns)
        world_push(workload->world, when, EVENT_LOAD,
                   key_with(key_with(key_root(CAUSE_CLIENT), stream->key), stream->number),
                   stream->node, at);
}

static void stream_add(struct workload *workload, struct workload_stream stream)
{
    const struct scn_load *load = &workload->scn->stmts[stream.stmt].load;
    uint64_t gap = SECOND / load->rate_per_s;

    if (gap > 0)
        stream.phase_ns = choose_below(&workload->world->choose, stream.key, PURPOSE_WHEN, gap);
    if (workload->streams_len == workload->streams_cap) {
        workload->streams_cap = workload->streams_cap ? workload->streams_cap * 2 : 16;
        workload->streams = fatal_realloc_array(workload->streams, workload->streams_cap,
                                                sizeof(*workload->streams));
    }
    workload->streams[workload->streams_len] = stream;
    stream_next(workload, workload->streams_len++, stream.start_ns);
}

static void load_start(struct workload *workload, uint32_t index)
{
    const struct scn_stmt *stmt = &workload->scn->stmts[index];
    struct choose *choose = &workload->world->choose;
    struct workload_stream stream = {
        .stmt = index,
        .node = UINT32_MAX,
        .key = key_with(key_root(CAUSE_STATEMENT), stmt->key),
        .end_ns = workload->scn->stop_ns,
    };
    struct select select;
    struct nodeset set;

    if (stmt->has_from)
        stream.start_ns = choose_range(choose, key_with(stream.key, 1), PURPOSE_WHEN, stmt->from);
    if (stmt->has_to)
        stream.end_ns = choose_range(choose, key_with(stream.key, 2), PURPOSE_WHEN, stmt->to);
    if (stream.end_ns > workload->scn->quiet.at_ns)
        stream.end_ns = workload->scn->quiet.at_ns;
    if (!stmt->load.each) {
        stream_add(workload, stream);
        return;
    }
    nodeset_init(&set, workload->scn->nodes);
    select_init(&select, choose, &workload->cluster->up, stream.key);
    select_nodes(&select, &stmt->load.on, &set);
    NODESET_EACH(node, &set)
    {
        struct workload_stream own = stream;

        own.node = node;
        own.key = key_with(key_with(stream.key, 3), node);
        stream_add(workload, own);
    }
    select_release(&select);
    nodeset_release(&set);
}

void workload_start(struct workload *workload)
{
    for (uint32_t i = 0; i < workload->scn->stmts_len; i++)
        if (workload->scn->stmts[i].kind == SCN_STMT_LOAD)
            load_start(workload, i);
}

/* The node of an operation: uniform among those of the selector, now. */
static uint32_t pick_node(struct workload *workload, const struct scn_load *load, uint64_t key)
{
    struct choose *choose = &workload->world->choose;
    uint32_t node = UINT32_MAX, count;
    struct select select;
    struct nodeset set;

    nodeset_init(&set, workload->scn->nodes);
    select_init(&select, choose, &workload->cluster->up, key);
    select_nodes(&select, &load->on, &set);
    count = nodeset_count(&set);
    if (count > 0)
        node = nodeset_at(&set, (uint32_t)choose_below(choose, key, PURPOSE_SELECT, count));
    select_release(&select);
    nodeset_release(&set);
    return node;
}

void workload_on_load(struct workload *workload, const struct event *event)
{
    size_t at = (size_t)event->payload;
    struct workload_stream *stream = &workload->streams[at];
    const struct scn_load *load = &workload->scn->stmts[stream->stmt].load;
    uint32_t node = stream->node;
    uint64_t kind;

    if (node == UINT32_MAX)
        node = pick_node(workload, load, event->key);
    kind = load->inc_ppb == SCN_PPB
               ? 0
               : choose_below(&workload->world->choose, event->key, PURPOSE_KIND, SCN_PPB);
    if (node != UINT32_MAX && kind < load->inc_ppb)
        cluster_client(workload->cluster, node, stream->stmt, DC_INC, 1);
    else if (node != UINT32_MAX && kind < load->inc_ppb + load->dec_ppb)
        cluster_client(workload->cluster, node, stream->stmt, DC_DEC, 1);
    stream->number++;
    stream_next(workload, at, event->at_ns);
}
