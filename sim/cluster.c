/* Hosts: from events into nodes, and from nodes back into the world. */
#include "sim/cluster_inner.h"

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
    struct env env = {.ops = &host_ops, .ctx = host};

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
        host_touch(host);
    }
}

void cluster_on_tick(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];

    if (event->payload != host->generation)
        return;
    host->armed.at_ns = DC_TIME_NEVER;
    node_on_timer(&host->node);
    host_touch(host);
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
    host_touch(host);
}

void cluster_meet(struct cluster *cluster, uint32_t who, uint32_t whom)
{
    if (who == whom)
        return;
    node_meet(&cluster->hosts[who].node, whom);
    host_touch(&cluster->hosts[who]);
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
