/* Hosts: from events into nodes, and from nodes back into the world. */
#include "sim/cluster_inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "sim/checks.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/models/models.h"
#include "sim/net.h"
#include "sim/oracle.h"
#include "sim/plain_digest.h"
#include "sim/scenario/facts.h"
#include "sim/select.h"
#include "sim/setup.h"
#include "sim/world.h"

/* In a larger cluster it may take longer to tell of all than to converge. */
#define KNOWN_NODES_MAX 32u

/* ---- set-up ---- */

/* The id of a node: a beginning that others share, and its number. */
static void intern_name(struct cluster *cluster, uint32_t node, size_t prefix)
{
    static const char shared[] = "counter-node-of-a-large-cluster.";
    char name[SCN_PREFIX_MAX + 16];
    dc_name handle;

    for (size_t i = 0; i < prefix; i++)
        name[i] = shared[i % (sizeof(shared) - 1)];
    int len = snprintf(name + prefix, sizeof(name) - prefix, "n%" PRIu32, node + 1);
    if (names_intern(&cluster->names, name, prefix + (size_t)len, &handle) < 0)
        fatal_memory(0);
    INVARIANT(handle == node, "ids are interned first, in order");
}

/* Whom @sel may mean when it comes to it: without draws, or else anybody. */
static void add_mortal(struct cluster *cluster, const struct scn_sel *sel)
{
    struct select select;
    struct nodeset set;

    cluster->looks_at_disks = true;
    if (!select_is_fixed(sel)) {
        nodeset_fill(&cluster->mortal);
        return;
    }
    nodeset_init(&set, cluster->nodes);
    select_init(&select, &cluster->world->choose, &cluster->up, 0);
    select_nodes(&select, sel, &set);
    nodeset_unite(&cluster->mortal, &set);
    select_release(&select);
    nodeset_release(&set);
}

/* Who is there at the start: all but those that a join names. And whose disk can matter? */
static void read_script(struct cluster *cluster)
{
    struct select select;
    struct nodeset set;

    nodeset_init(&set, cluster->nodes);
    nodeset_fill(&cluster->up);
    select_init(&select, &cluster->world->choose, &cluster->up, 0);
    for (size_t i = 0; i < cluster->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &cluster->scn->stmts[i];

        if (!scn_acts(stmt))
            continue;
        if (scn_has(&stmt->action, SCN_ON_DISKS))
            add_mortal(cluster, &stmt->action.sel);
        if (stmt->action.kind == SCN_DISK && stmt->action.disk == SCN_DISK_LOSE)
            cluster->loses_writes = true;
        if (stmt->action.kind != SCN_JOIN)
            continue;
        select_nodes(&select, &stmt->action.sel, &set); /* by number: nothing is drawn */
        nodeset_subtract(&cluster->up, &set);
    }
    NODESET_EACH(node, &cluster->up)
    cluster->everyone[cluster->everyone_len++] = node;
    /* Behind them stands one that is none of them: who reads too far is led astray. */
    cluster->everyone[cluster->everyone_len] =
        cluster->everyone_len > 0 ? cluster->everyone[cluster->everyone_len - 1] + 1 : 0;
    select_release(&select);
    nodeset_release(&set);
}

static void host_init(struct host *host, struct cluster *cluster, uint32_t index,
                      const struct setup *setup)
{
    uint64_t start_key = key_with(key_with(key_root(CAUSE_START), index), 0);

    memory_init(&host->memory, &cluster->world->choose, cluster->met,
                key_with(key_root(CAUSE_MEMORY), index));
    host->config = (struct node_config){
        .mem = &host->memory.mem,
        .names = &cluster->names,
        .id = index,
        .address = index,
        .sync_ns = setup->sync_ns,
        .full_ns = setup->full_ns,
        .fanout = (uint32_t)setup->fanout,
        .leave_ns = setup->leave_ns,
        .peers_fixed = setup->peers_fixed,
        .durable = setup->disk,
        .segment_bytes = setup->segment_bytes,
        .clients_max = (uint32_t)setup->clients,
    };
    host->cluster = cluster;
    host->index = index;
    for (unsigned part = 0; part < HOST_PARTS; part++)
        cluster->wrongs[index].faults[part] = HOST_NO_FAULT;
    host->waiting_first = UINT32_MAX;
    host->leaves_id = DC_NAME_NONE;
    clock_init(&host->clock);
    host_disk_init(host);
    host->inbox_max = setup->inbox;
    host->service_ns = setup->service_ns;
    host->fsync_ns = setup->fsync_ns;
    for (int fault = 0; fault < SCN_DISK_OK; fault++)
        host->disk_stmts[fault] = MET_NO_STMT;
    host->back_stmt = host->drift_stmt = NET_NO_STMT;
    host->armed.at_ns = DC_TIME_NEVER;
    for (int kind = 0; kind < 4; kind++)
        host->frames[kind] = FRAME_NONE;
    host->peers = setup_peers(setup, &cluster->world->choose, key_with(start_key, 0), index,
                              cluster->nodes, &host->config.peers_len);
    host->config.peers_common = !host->peers;
    host->config.peers = host->peers ? host->peers : cluster->everyone;
    if (!host->peers && host->config.peers_len > 0)
        host->config.peers_len = cluster->everyone_len;
}

void cluster_init(struct cluster *cluster, const struct scenario *scn, struct world *world,
                  struct net *net, struct oracle *oracle, struct checks *checks)
{
    struct setup *setups;

    *cluster = (struct cluster){
        .scn = scn,
        .world = world,
        .net = net,
        .met = net->met,
        .oracle = oracle,
        .checks = checks,
        .nodes = scn->nodes,
        .requests_free = UINT32_MAX,
    };
    delays_init(&cluster->delays, scn);
    memory_init_shared(&cluster->shared);
    memory_init_own(&cluster->own);
    asking_tick_init(&cluster->tick, cluster->nodes);
    names_init(&cluster->names, &cluster->shared.mem);
    cluster->everyone = fatal_realloc_array(NULL, cluster->nodes + 1, sizeof(*cluster->everyone));
    carried_init(&cluster->shown, &cluster->own.mem, &cluster->names);
    frames_init(&cluster->frames, &cluster->own.mem, &cluster->shared.mem, &cluster->names);
    nodeset_init(&cluster->up, cluster->nodes);
    nodeset_init(&cluster->mortal, cluster->nodes);
    read_script(cluster);
    cluster->touched = fatal_realloc_array(NULL, cluster->nodes, sizeof(*cluster->touched));
    cluster->hosts = fatal_calloc(cluster->nodes, sizeof(*cluster->hosts));
    cluster->wrongs = fatal_calloc(cluster->nodes, sizeof(*cluster->wrongs));
    setups = setup_of_nodes(scn, &world->choose, &cluster->up, net->met);
    for (uint32_t i = 0; i < cluster->nodes; i++)
        models_ask(checks, i, world->choose.seed, setups[i].models);
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        intern_name(cluster, i, (size_t)setups[i].prefix);
        host_init(&cluster->hosts[i], cluster, i, &setups[i]);
        cluster->some_fixed = cluster->some_fixed || setups[i].peers_fixed;
        cluster->some_common = cluster->some_common || setups[i].peers == SCN_PEERS_ALL;
        if (setups[i].disk)
            oracle_waits(oracle, i);
    }
    for (uint32_t i = 0; i < cluster->nodes; i++)
        cluster->hosts[i].joined = !nodeset_has(&cluster->up, i);
    free(setups);
}

void cluster_release(struct cluster *cluster)
{
    delays_release(&cluster->delays);
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        node_release(&cluster->hosts[i].node);
        host_disk_release(&cluster->hosts[i]);
        asking_release(&cluster->hosts[i].asking);
        free(cluster->hosts[i].peers);
        free(cluster->hosts[i].clock_stmts);
        free(cluster->hosts[i].inbox);
    }
    free(cluster->hosts);
    free(cluster->wrongs);
    asking_tick_release(&cluster->tick);
    free(cluster->everyone);
    free(cluster->requests);
    free(cluster->send_keys);
    nodeset_release(&cluster->up);
    nodeset_release(&cluster->mortal);
    free(cluster->touched);
    frames_release(&cluster->frames);
    carried_release(&cluster->shown);
    names_release(&cluster->names);
    INVARIANT(cluster->shared.in_use == 0 && !cluster->shared.spoilt,
              "names and codec give back all, and write within their blocks");
    INVARIANT(cluster->own.in_use == 0, "zstd, states and frames give back all");
    *cluster = (struct cluster){0};
}

/* ---- events ---- */

void cluster_start(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++)
        if (!cluster->hosts[i].joined)
            host_start(&cluster->hosts[i]);
}

bool cluster_meet(struct cluster *cluster, uint32_t who, uint32_t whom)
{
    struct host *host = &cluster->hosts[who];
    uint32_t sent = host->seen.messages;
    bool is_active;

    if (who == whom || !cluster_is_there(cluster, who))
        return false;
    is_active = host->node.phase == NODE_RUNNING || host->node.phase == NODE_LEAVING;
    host_enter(host);
    node_meet(&host->node, whom);
    conduct_meets(host, whom, is_active, host->seen.messages - sent);
    host_touch(host);
    return true;
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

        host_look_for_end(host);
        if (host->conduct.raised || host->node.version != host->conduct.version)
            conduct_version(host);
        if (host->open > 0)
            conduct_waits(host);
        host_arm(host);
        if (host->changed) {
            struct fingerprint print = cluster->checks->prints[host->index];

            host_drop_stale(host);
            if (host->state == HOST_UP)
                checks_moved(cluster->checks, host->index);
            world_record(cluster->world, RECORD_STATE, 0, cluster->world->key, host->index,
                         RECORD_NO_NODE, print.lo, print.hi);
        }
    }
}

bool cluster_converged(const struct cluster *cluster)
{
    return cluster->checks->census.distinct == 1 && cluster->open == 0;
}

/* Is it the id of one of these nodes, or of a later incarnation? */
static bool is_of(const struct cluster *cluster, const struct nodeset *of, dc_name id)
{
    uint32_t owner = oracle_owner(cluster->oracle, id);

    return owner != ORACLE_NOBODY && nodeset_has(of, owner);
}

i128 cluster_value(const struct cluster *cluster, uint32_t node, const struct nodeset *of)
{
    const struct pncounter *state = &cluster->hosts[node].node.counter;
    i128 value = 0;

    for (uint32_t i = 0; i < state->len; i++)
        if (!of || is_of(cluster, of, state->ids[i]))
            value += (i128)state->inc[i] - (i128)state->dec[i];
    return value;
}

/* What the node itself makes of its state. */
static void check_value(struct cluster *cluster, uint32_t node)
{
    const struct pncounter *state = &cluster->hosts[node].node.counter;
    dc_name id = cluster->hosts[node].node.ledger.id;
    i128 own = (i128)pncounter_total(state, id, DC_INC) - (i128)pncounter_total(state, id, DC_DEC);
    int64_t found = 0;
    int rc = pncounter_value(state, &found);

    checks_value(cluster->checks, node, "all", rc, found, cluster_value(cluster, node, NULL));
    found = 0;
    rc = pncounter_local_value(state, id, &found);
    checks_value(cluster->checks, node, "its own", rc, found, own);
}

static bool is_active(const struct cluster *cluster, uint32_t node)
{
    return cluster->hosts[node].state == HOST_UP && cluster->hosts[node].node.phase == NODE_RUNNING;
}

/*
 * Who could have learned of whom, and has had the time. With fixed peers nobody tells
 * others, and whose first list is of all takes it that all know it.
 */
static void check_known(struct cluster *cluster, uint32_t node)
{
    const struct host *host = &cluster->hosts[node];

    if (cluster->some_fixed || host->config.peers_len == 0 ||
        (cluster->some_common && !host->config.peers_common))
        return;
    for (uint32_t i = 0; i < cluster->nodes; i++) {
        if (i == node || !is_active(cluster, i))
            continue;
        checks_asked(cluster->checks, CHECK_MEMBER);
        if (!peers_know(&host->node.peers, cluster->hosts[i].config.address))
            checks_unknown(cluster->checks, node, i);
    }
}

/* The digest that a state has: made once for nodes that follow each other with the same. */
struct form {
    bool is_known;
    struct fingerprint print;
    uint64_t digest;
};

static uint64_t form_of(struct form *form, const struct cluster *cluster, uint32_t node)
{
    struct fingerprint print = cluster->checks->prints[node];

    if (!form->is_known || !fingerprint_equal(form->print, print))
        *form = (struct form){.is_known = true,
                              .print = print,
                              .digest = plain_digest(&cluster->hosts[node].node.counter)};
    return form->digest;
}

void cluster_check_all(struct cluster *cluster)
{
    struct form form = {0};
    const struct scn_quiet *quiet = &cluster->scn->quiet;
    bool knows = cluster->nodes <= KNOWN_NODES_MAX && quiet->at_ns != DC_TIME_NEVER &&
                 cluster->world->now_ns - quiet->at_ns >= quiet->bound_ns;

    for (uint32_t i = 0; i < cluster->nodes; i++) {
        if (!cluster_is_there(cluster, i))
            continue;
        checks_state(cluster->checks, i, &cluster->hosts[i].node.counter);
        check_value(cluster, i);
        checks_form(cluster->checks, i, node_digest(&cluster->hosts[i].node),
                    form_of(&form, cluster, i));
        if (knows)
            conduct_leaver(cluster, i);
        if (knows && is_active(cluster, i))
            check_known(cluster, i);
    }
}
