/* Requests of clients: asked, perhaps waiting, answered once. */
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/oracle.h"
#include "sim/world.h"

/* A slot that is free, with its next turn. */
static uint32_t request_new(struct cluster *cluster)
{
    uint32_t at = cluster->requests_free;

    if (at != UINT32_MAX) {
        cluster->requests_free = cluster->requests[at].next;
        cluster->requests[at].turn++;
        return at;
    }
    if (cluster->requests_len == cluster->requests_cap) {
        cluster->requests_cap = cluster->requests_cap ? cluster->requests_cap * 2 : 16;
        cluster->requests = fatal_realloc_array(cluster->requests, cluster->requests_cap,
                                                sizeof(*cluster->requests));
    }
    cluster->requests[cluster->requests_len].turn = 0;
    return cluster->requests_len++;
}

/* The oracle hears of an answer; and was a sync waited for? */
static void told(struct host *host, const struct cluster_request *request, enum env_answer answer)
{
    bool covered = !host->config.durable || durable_covers(&host->durable, request->number);

    oracle_answered(host->cluster->oracle, request->id, (enum dc_side)request->side,
                    request->amount, answer, covered);
    durable_answered(&host->durable, request->number, answer);
    if (answer == ENV_OK && request->amount > 0 && host->config.durable)
        checks_durable(host->cluster->checks, host->index, covered);
}

void host_request_answered(struct host *host, uint32_t at, enum env_answer answer)
{
    struct cluster *cluster = host->cluster;
    struct cluster_request *request = &cluster->requests[at];

    world_record(cluster->world, RECORD_REPLY, (uint32_t)answer, cluster->world->key, host->index,
                 RECORD_NO_NODE, request->side, request->amount);
    cluster->stats.answers[answer]++;
    told(host, request, answer);
    if (cluster->watch.answered)
        cluster->watch.answered(cluster->watch.ctx, at, request, answer);
    host->open--;
    if (host->state == HOST_UP)
        cluster->open--;
    request->open = false;
    request->next = cluster->requests_free;
    cluster->requests_free = at;
}

/*
 * What a node knows a client by: a slot, and which request of that slot it is. So
 * an answer to one that has been answered never reaches the one that came after it.
 */
static uint64_t token_of(const struct cluster *cluster, uint32_t at)
{
    return (uint64_t)cluster->requests[at].turn << 32 | at;
}

void host_client_answered(struct host *host, uint64_t client, enum env_answer answer)
{
    struct cluster *cluster = host->cluster;
    uint32_t at = (uint32_t)client, turn = (uint32_t)(client >> 32);
    bool known = at < cluster->requests_len && turn <= cluster->requests[at].turn;
    bool waits = known && turn == cluster->requests[at].turn && cluster->requests[at].open;

    if (!waits || cluster->requests[at].node != host->index) {
        checks_reply(cluster->checks, host->index, known, waits);
        return;
    }
    if (answer != ENV_OK)
        conduct_answers(host, &cluster->requests[at], answer);
    host->asked--;
    host_request_answered(host, at, answer);
    if (answer != ENV_UNKNOWN)
        checks_ok(cluster->checks, host->index, &host->node.counter);
}

void host_requests_lost(struct host *host)
{
    struct cluster *cluster = host->cluster;

    for (uint32_t i = 0; host->open > 0 && i < cluster->requests_len; i++)
        if (cluster->requests[i].open && cluster->requests[i].node == host->index)
            host_request_answered(host, i, ENV_UNKNOWN);
    host->waiting_first = UINT32_MAX;
    host->asked = 0;
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
    struct cluster_request *request = &host->cluster->requests[at];

    met_add(host->cluster->met, request->stmt);
    if (host->config.durable)
        request->number = durable_handed(&host->durable, request->id, (enum dc_side)request->side,
                                         request->amount);
    host_enter(host);
    host->conduct.request = at;
    host->asked++;
    node_on_client(&host->node, token_of(host->cluster, at), (enum dc_side)request->side,
                   request->amount);
    if (host->asked > conduct_clients_max(host))
        checks_over(host->cluster->checks, host->index, "the number of clients that wait",
                    host->asked, conduct_clients_max(host));
}

void host_requests_seen(struct host *host)
{
    while (host->waiting_first != UINT32_MAX) {
        uint32_t at = host->waiting_first;

        host->waiting_first = host->cluster->requests[at].next;
        ask(host, at);
    }
}

void cluster_client(struct cluster *cluster, uint32_t node, uint32_t stmt, enum dc_side side,
                    uint64_t amount)
{
    struct host *host = &cluster->hosts[node];
    uint32_t at = request_new(cluster);

    cluster->requests[at] = (struct cluster_request){
        .amount = amount,
        .number = DURABLE_NEVER,
        .node = node,
        .stmt = stmt,
        .id = oracle_asked(cluster->oracle, node, side, amount),
        .side = (uint32_t)side,
        .turn = cluster->requests[at].turn,
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
