/* Requests of clients: asked, perhaps waiting, answered once. */
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/fatal.h"
#include "sim/oracle.h"
#include "sim/world.h"

static uint32_t request_new(struct cluster *cluster)
{
    uint32_t at = cluster->requests_free;

    if (at != UINT32_MAX) {
        cluster->requests_free = cluster->requests[at].next;
        return at;
    }
    if (cluster->requests_len == cluster->requests_cap) {
        cluster->requests_cap = cluster->requests_cap ? cluster->requests_cap * 2 : 16;
        cluster->requests = fatal_realloc_array(cluster->requests, cluster->requests_cap,
                                                sizeof(*cluster->requests));
    }
    return cluster->requests_len++;
}

void host_request_answered(struct host *host, uint32_t at, enum env_answer answer)
{
    struct cluster *cluster = host->cluster;
    struct cluster_request *request = &cluster->requests[at];

    world_record(cluster->world, RECORD_REPLY, (uint32_t)answer, cluster->world->key, host->index,
                 RECORD_NO_NODE, request->side, request->amount);
    oracle_answered(cluster->oracle, request->id, (enum dc_side)request->side, request->amount,
                    answer);
    if (cluster->watch.answered)
        cluster->watch.answered(cluster->watch.ctx, at, request, answer);
    host->open--;
    if (host->state == HOST_UP)
        cluster->open--;
    if (answer == ENV_OK)
        checks_ok(cluster->checks, host->index, &host->node.counter);
    request->open = false;
    request->next = cluster->requests_free;
    cluster->requests_free = at;
}

void host_requests_lost(struct host *host)
{
    struct cluster *cluster = host->cluster;

    for (uint32_t i = 0; host->open > 0 && i < cluster->requests_len; i++)
        if (cluster->requests[i].open && cluster->requests[i].node == host->index)
            host_request_answered(host, i, ENV_UNKNOWN);
    host->waiting_first = UINT32_MAX;
}

static void wait(struct host *host, uint32_t at)
{
    struct cluster_request *requests = host->cluster->requests;

    requests[at].next = UINT32_MAX;
    if (host->waiting_first == UINT32_MAX)
        host->waiting_first = at;
    else
        requests[host->waiting_last].next = at;
    host->waiting_last = at;
}

static void ask(struct host *host, uint32_t at)
{
    const struct cluster_request *request = &host->cluster->requests[at];

    node_on_client(&host->node, at, (enum dc_side)request->side, request->amount);
}

void host_requests_seen(struct host *host)
{
    while (host->waiting_first != UINT32_MAX) {
        uint32_t at = host->waiting_first;

        host->waiting_first = host->cluster->requests[at].next;
        ask(host, at);
    }
}

void cluster_client(struct cluster *cluster, uint32_t node, enum dc_side side, uint64_t amount)
{
    struct host *host = &cluster->hosts[node];
    uint32_t at = request_new(cluster);

    cluster->requests[at] = (struct cluster_request){
        .amount = amount,
        .node = node,
        .id = oracle_asked(cluster->oracle, node, side, amount),
        .side = (uint32_t)side,
        .open = true,
    };
    if (cluster->watch.asked)
        cluster->watch.asked(cluster->watch.ctx, at, &cluster->requests[at]);
    host->open++;
    if (host->state == HOST_UP)
        cluster->open++;
    if (!cluster_is_there(cluster, node))
        host_request_answered(host, at, ENV_REFUSED); /* nobody takes the call */
    else if (host->state == HOST_PAUSED || host->waiting_first != UINT32_MAX)
        wait(host, at);
    else
        ask(host, at);
    host_touch(host);
}
