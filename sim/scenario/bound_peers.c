/* Who knows whom once it is quiet, as far as the text shows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/nodeset.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/scenario.h"
#include "sim/select.h"
#include "sim/setup.h"

/* For more nodes nobody looks for paths. */
#define GRAPH_NODES_MAX 1024u

struct graph {
    const struct scn_stmt *stmts;
    size_t stmts_len;
    uint64_t quiet_ns;
    uint32_t nodes;
    struct choose choose; /* decides nothing: what it would decide is refused */
    struct nodeset everyone;
    struct nodeset late;    /* nodes that join: at the start nobody knows them */
    struct nodeset leavers; /* nodes that may say that they leave */
    struct nodeset forgets; /* nodes whose process may end, and with it whom it has met */
    struct setup *setups;   /* by node; owned */
    struct nodeset *knows;  /* by node: whom; owned; NULL while nobody looks for paths */
    bool meets, drawn_meet; /* there is a meet; one of nodes that only the run knows */
    bool forgot;            /* one does not count, for it may be forgotten */
};

static int refuse(char reterr[static BOUND_PROBLEM_MAX], const char *why)
{
    snprintf(reterr, BOUND_PROBLEM_MAX, "%s", why);
    return -1;
}

/* The nodes that statements of such an action may mean: all, if only the run knows. */
static void take_meant(struct graph *graph, enum scn_action_kind kind, struct nodeset *ret)
{
    struct select select;
    struct nodeset set;

    nodeset_init(&set, graph->nodes);
    select_init(&select, &graph->choose, &graph->everyone, 0);
    for (size_t i = 0; i < graph->stmts_len; i++) {
        const struct scn_stmt *stmt = &graph->stmts[i];

        if (!scn_acts(stmt) || stmt->action.kind != kind)
            continue;
        if (select_is_fixed(&stmt->action.sel))
            select_nodes(&select, &stmt->action.sel, &set);
        else
            nodeset_fill(&set);
        nodeset_unite(ret, &set);
    }
    select_release(&select);
    nodeset_release(&set);
}

static int graph_init(struct graph *graph, char reterr[static BOUND_PROBLEM_MAX])
{
    struct scenario scn = {
        .nodes = graph->nodes, .stmts = graph->stmts, .stmts_len = graph->stmts_len};

    for (size_t i = 0; i < graph->stmts_len; i++) {
        const struct scn_stmt *stmt = &graph->stmts[i];

        if (stmt->kind != SCN_STMT_NODE || !(stmt->node.set & SCN_NODE_PEERS))
            continue;
        if (stmt->has_sel && !select_is_fixed(&stmt->sel))
            return refuse(reterr, "which nodes have which 'peers' is open");
        if (stmt->node.peers_count.lo < stmt->node.peers_count.hi)
            return refuse(reterr, "how many 'peers' the nodes have is open");
    }
    nodeset_init(&graph->everyone, graph->nodes);
    nodeset_init(&graph->late, graph->nodes);
    nodeset_init(&graph->leavers, graph->nodes);
    nodeset_init(&graph->forgets, graph->nodes);
    nodeset_fill(&graph->everyone);
    take_meant(graph, SCN_JOIN, &graph->late);
    take_meant(graph, SCN_LEAVE, &graph->leavers);
    take_meant(graph, SCN_CRASH, &graph->forgets);
    take_meant(graph, SCN_STOPNODE, &graph->forgets);
    graph->setups = setup_of_nodes(&scn, &graph->choose, &graph->everyone, NULL);
    return 0;
}

static void graph_release(struct graph *graph)
{
    for (uint32_t i = 0; graph->knows && i < graph->nodes; i++)
        nodeset_release(&graph->knows[i]);
    free(graph->knows);
    free(graph->setups);
    nodeset_release(&graph->everyone);
    nodeset_release(&graph->late);
    nodeset_release(&graph->leavers);
    nodeset_release(&graph->forgets);
}

static bool knows_all(const struct graph *graph, uint32_t node)
{
    const struct setup *setup = &graph->setups[node];
    uint64_t others = graph->nodes - 1;

    switch (setup->peers) {
    case SCN_PEERS_ALL:
        return true;
    case SCN_PEERS_RING:
        return setup->peers_count >= (others + 1) / 2;
    case SCN_PEERS_RANDOM:
        return setup->peers_count >= others;
    case SCN_PEERS_NONE:
        break;
    }
    return false;
}

/* Have all nodes the same peers as the first, of this kind? */
static bool are_all(const struct graph *graph, enum scn_peers peers)
{
    const struct setup *first = &graph->setups[0];

    for (uint32_t i = 0; i < graph->nodes; i++) {
        const struct setup *setup = &graph->setups[i];

        if (setup->peers != peers || setup->peers_count != first->peers_count ||
            setup->peers_fixed != first->peers_fixed)
            return false;
    }
    return true;
}

/* ---- meet ---- */

static void take_meet(struct graph *graph, const struct scn_stmt *stmt)
{
    const struct scn_action *action = &stmt->action;
    struct select select;
    struct nodeset who, whom;

    graph->meets = true;
    if (!select_is_fixed(&action->sel) || !select_is_fixed(&action->other)) {
        graph->drawn_meet = true;
        return;
    }
    if (!graph->knows)
        return;
    nodeset_init(&who, graph->nodes);
    nodeset_init(&whom, graph->nodes);
    select_init(&select, &graph->choose, &graph->everyone, 0);
    select_nodes(&select, &action->sel, &who);
    select_nodes(&select, &action->other, &whom);
    graph->forgot = graph->forgot || nodeset_meet(&who, &graph->forgets);
    nodeset_subtract(&who, &graph->forgets);
    NODESET_EACH(node, &who)
    nodeset_unite(&graph->knows[node], &whom);
    select_release(&select);
    nodeset_release(&who);
    nodeset_release(&whom);
}

/* Those that surely have fired before the quiet; of repeats, their first turn. */
static void take_meets(struct graph *graph)
{
    uint64_t last_ns = 0;

    for (size_t i = 0; i < graph->stmts_len; i++) {
        const struct scn_stmt *stmt = &graph->stmts[i];
        uint64_t at_ns = stmt->when.hi;

        if (stmt->kind == SCN_STMT_AFTER)
            at_ns = dc_time_add(last_ns, at_ns);
        else if (stmt->kind == SCN_STMT_EVERY)
            at_ns = dc_time_add(stmt->in_repeat ? last_ns : 0, stmt->from.hi);
        else if (stmt->kind != SCN_STMT_AT)
            continue;
        if (stmt->kind != SCN_STMT_EVERY)
            last_ns = at_ns;
        if (stmt->action.kind == SCN_MEET && at_ns < graph->quiet_ns)
            take_meet(graph, stmt);
    }
}

/* ---- paths ---- */

static void take_known(struct graph *graph)
{
    graph->knows = fatal_calloc(graph->nodes, sizeof(*graph->knows));
    for (uint32_t i = 0; i < graph->nodes; i++) {
        uint32_t len;
        dc_name *peers = setup_peers(&graph->setups[i], &graph->choose, 0, i, graph->nodes, &len);

        nodeset_init(&graph->knows[i], graph->nodes);
        if (!peers && len > 0)
            nodeset_fill(&graph->knows[i]);
        for (uint32_t at = 0; peers && at < len; at++)
            nodeset_add(&graph->knows[i], peers[at]);
        nodeset_subtract(&graph->knows[i], &graph->late);
        free(peers);
    }
    take_meets(graph);
    for (uint32_t i = 0; i < graph->nodes; i++)
        nodeset_remove(&graph->knows[i], i);
}

/*
 * A node also asks those that have asked it, unless its peers are fixed. Returns
 * whether there are such: then each step may first have to be made known.
 */
static bool learn_back(struct graph *graph)
{
    bool learned = false;

    for (uint32_t i = 0; i < graph->nodes; i++) {
        NODESET_EACH(peer, &graph->knows[i])
        {
            if (graph->setups[peer].peers_fixed || nodeset_has(&graph->knows[peer], i))
                continue;
            nodeset_add(&graph->knows[peer], i);
            learned = true;
        }
    }
    return learned;
}

/* Steps from @node to whom it can hear from last; @ret_far is one it cannot hear from, or none. */
static uint64_t steps_from(const struct graph *graph, uint32_t node, uint32_t *ret_far)
{
    struct nodeset heard, edge, next;
    uint64_t steps = 0;

    nodeset_init(&heard, graph->nodes);
    nodeset_init(&edge, graph->nodes);
    nodeset_init(&next, graph->nodes);
    nodeset_add(&heard, node);
    nodeset_add(&edge, node);
    for (; nodeset_count(&edge) > 0; steps++) {
        nodeset_clear(&next);
        NODESET_EACH(from, &edge)
        nodeset_unite(&next, &graph->knows[from]);
        nodeset_subtract(&next, &heard);
        nodeset_unite(&heard, &next);
        nodeset_copy(&edge, &next);
    }
    *ret_far = 0;
    while (*ret_far < graph->nodes && nodeset_has(&heard, *ret_far))
        (*ret_far)++;
    nodeset_release(&heard);
    nodeset_release(&edge);
    nodeset_release(&next);
    return steps - 1;
}

static int take_paths(struct graph *graph, struct bound_input *input,
                      char reterr[static BOUND_PROBLEM_MAX])
{
    bool learned;

    take_known(graph);
    learned = learn_back(graph);
    input->peers = BOUND_GRAPH;
    input->hops = 1;
    input->known = graph->drawn_meet ? graph->nodes - 1 : 1;
    for (uint32_t i = 0; i < graph->nodes; i++) {
        uint64_t known = nodeset_count(&graph->knows[i]), steps;
        uint32_t far;

        steps = steps_from(graph, i, &far);
        if (far < graph->nodes) {
            snprintf(
                reterr, BOUND_PROBLEM_MAX,
                "n%" PRIu32 " need not hear what n%" PRIu32 " holds: they know too few peers%s",
                i + 1, far + 1, graph->forgot ? ", and who crashes forgets whom it has met" : "");
            return -1;
        }
        input->hops = steps > input->hops ? steps : input->hops;
        input->known = known > input->known ? known : input->known;
    }
    input->hops *= learned ? 2 : 1;
    return 0;
}

/* ---- who comes back ---- */

/* How many others @node knows when its process begins, at least. */
static uint64_t known_at_start(struct graph *graph, uint32_t node)
{
    uint64_t late = nodeset_count(&graph->late);
    uint32_t others = graph->nodes - 1, len;
    const struct setup *setup = &graph->setups[node];

    if (knows_all(graph, node))
        return others - (late - nodeset_has(&graph->late, node));
    free(setup_peers(setup, &graph->choose, 0, node, graph->nodes, &len));
    return len > late ? len - late : 0;
}

/*
 * A process that dies while it leaves may run again when all others know that it left.
 * Nobody asks it any more, so it must know one that stays. @gone: how many may leave.
 */
static int check_leavers(struct graph *graph, uint64_t gone, char reterr[static BOUND_PROBLEM_MAX])
{
    NODESET_EACH(node, &graph->leavers)
    {
        if (!nodeset_has(&graph->forgets, node) || known_at_start(graph, node) >= gone)
            continue;
        snprintf(reterr, BOUND_PROBLEM_MAX,
                 "n%" PRIu32 " may crash while it leaves, and run again when all take it for gone: "
                 "it need not know anybody who stays",
                 node + 1);
        return -1;
    }
    return 0;
}

/* ---- which kind of graph it is ---- */

static int take_kind(struct graph *graph, struct bound_input *input,
                     char reterr[static BOUND_PROBLEM_MAX])
{
    const struct setup *first = &graph->setups[0];
    uint64_t core = 0;
    bool fixed = false, drawn = false, alone = false;

    for (uint32_t i = 0; i < graph->nodes; i++) {
        bool all = knows_all(graph, i);

        core += all;
        fixed = fixed || (!all && graph->setups[i].peers_fixed);
        drawn = drawn || (!all && graph->setups[i].peers == SCN_PEERS_RANDOM);
        alone = alone || (graph->setups[i].peers == SCN_PEERS_NONE && nodeset_has(&graph->late, i));
    }
    input->core = core;
    input->known = first->peers_count;
    input->fixed = first->peers_fixed;
    if (core == graph->nodes || (!fixed && !alone && core * 2 >= graph->nodes)) {
        input->peers = BOUND_ALL;
        return 0;
    }
    take_meets(graph);
    if (are_all(graph, SCN_PEERS_RING) && !graph->meets) {
        input->peers = BOUND_RING;
        return 0;
    }
    if (are_all(graph, SCN_PEERS_RANDOM)) {
        input->peers = BOUND_RANDOM;
        /* Two pairs may know only each other. */
        return first->peers_count > 1
                   ? 0
                   : refuse(reterr, "with 'peers random 1' parts of the cluster may know nobody "
                                    "outside");
    }
    if (drawn)
        return refuse(reterr, "with 'peers random' for some nodes only it is open who hears what");
    if (graph->nodes > GRAPH_NODES_MAX)
        return refuse(reterr, "so many nodes with different 'peers' are beyond what is computed");
    return take_paths(graph, input, reterr);
}

int bound_take_peers(struct bound_input *input, const struct scn_stmt *stmts, size_t stmts_len,
                     uint64_t quiet_ns, char reterr[static BOUND_PROBLEM_MAX])
{
    struct graph graph = {
        .stmts = stmts, .stmts_len = stmts_len, .quiet_ns = quiet_ns, .nodes = input->nodes};
    int rc;

    choose_init(&graph.choose, 0);
    rc = graph_init(&graph, reterr);
    if (rc == 0)
        rc = check_leavers(&graph, input->gone, reterr);
    if (rc == 0)
        rc = take_kind(&graph, input, reterr);
    graph_release(&graph);
    return rc;
}
