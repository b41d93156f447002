/* Who knows whom once it is quiet, as far as the text shows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/nodeset.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/facts.h"
#include "sim/scenario/firings.h"
#include "sim/scenario/scenario.h"
#include "sim/select.h"
#include "sim/setup.h"

/* For more nodes nobody looks for paths. */
#define GRAPH_NODES_MAX 1024u

struct graph {
    const struct scn_stmt *stmts;
    size_t stmts_len;
    uint64_t quiet_ns;
    uint64_t stop_ns; /* so long a node may take to stop; DC_TIME_NEVER: nobody knows */
    uint32_t nodes;
    struct choose choose; /* decides nothing: what it would decide is refused */
    struct nodeset everyone;
    struct nodeset late;      /* nodes that join: who knows all does not know them at the start */
    struct nodeset leavers;   /* nodes that may say that they leave */
    struct nodeset forgets;   /* nodes whose process may end, and with it whom it has met */
    struct nodeset gone;      /* nodes that may be no more, as far as the text names them */
    uint64_t drawn_gone;      /* and so many more, whom only the run knows */
    struct setup *setups;     /* by node; owned */
    struct nodeset *knows;    /* by node: whom; owned; NULL while nobody looks for paths */
    uint64_t *from_ns;        /* by node: when it is there; owned */
    struct last_firing *last; /* by statement; owned */
    bool meets, drawn_meet;   /* there is a meet; one of nodes that only the run knows */
    bool forgot;              /* one does not count, for it may be forgotten */
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

/* How many nodes a selector comes to, at most. */
static uint64_t most_of(const struct scn_sel *sel, uint64_t nodes)
{
    uint64_t most = 0;

    for (size_t i = 0; i < sel->len; i++) {
        const struct scn_term *term = &sel->terms[i];

        if (term->kind == SCN_TERM_NODES && !term->minus)
            most += term->last - term->first + 1;
        else if (term->kind == SCN_TERM_RANDOM && !term->minus && term->count_max > 0)
            most = dc_time_add(most, term->count_max);
        else
            return nodes;
    }
    return most < nodes ? most : nodes;
}

/* ---- who is gone ---- */

/* May a node take longer to stop than its disk does by itself? */
static bool delays_stops(const struct scn_stmt *stmt)
{
    return scn_acts(stmt) && scn_has(&stmt->action, SCN_DELAYS_STOPS);
}

static uint64_t stops_within(const struct graph *graph, uint64_t disk_ns)
{
    for (size_t i = 0; i < graph->stmts_len; i++)
        if (delays_stops(&graph->stmts[i]))
            return DC_TIME_NEVER;
    return disk_ns;
}

/* Those whom a restart starts, if they are down: of drawn ones only all. */
static void take_started(const struct graph *graph, struct select *select,
                         const struct scn_sel *sel, struct nodeset *ret)
{
    struct nodeset set;

    nodeset_init(&set, graph->nodes);
    if (select_is_fixed(sel))
        select_nodes(select, sel, &set);
    else if (sel->len == 1 && sel->terms[0].kind == SCN_TERM_DOWN && !sel->terms[0].minus)
        nodeset_fill(&set);
    nodeset_unite(ret, &set);
    nodeset_release(&set);
}

/*
 * Who is surely started again, before the quiet, each time that the statement at @stop has
 * stopped them: by what comes later than its last time, or later in each of its turns.
 */
static void take_back(const struct graph *graph, struct select *select, size_t stop,
                      struct nodeset *ret)
{
    const struct scn_stmt *stmts = graph->stmts;
    uint64_t stopped_ns = dc_time_add(graph->last[stop].hi_ns, graph->stop_ns);
    struct firings_since since = firings_after(stop);

    nodeset_clear(ret);
    for (size_t i = 0; i < graph->stmts_len; i++)
        if (scn_acts(&stmts[i]) && stmts[i].action.kind == SCN_RESTART && graph->last[i].is_sure &&
            graph->last[i].lo_ns > stopped_ns)
            take_started(graph, select, &stmts[i].action.sel, ret);
    while (stmts[stop].kind != SCN_STMT_EVERY && firings_next(&since, stmts, graph->stmts_len))
        if (stmts[since.at].action.kind == SCN_RESTART && graph->last[since.at].is_sure &&
            since.lo_ns > graph->stop_ns)
            take_started(graph, select, &stmts[since.at].action.sel, ret);
}

/* Who may have left, or been stopped, and so is not there at the quiet. */
static void take_gone(struct graph *graph)
{
    struct select select;
    struct nodeset set, back;

    graph->last = firings_last(graph->stmts, graph->stmts_len, graph->quiet_ns);
    nodeset_init(&set, graph->nodes);
    nodeset_init(&back, graph->nodes);
    select_init(&select, &graph->choose, &graph->everyone, 0);
    for (size_t i = 0; i < graph->stmts_len; i++) {
        const struct scn_stmt *stmt = &graph->stmts[i];
        const struct scn_sel *sel = &stmt->action.sel;

        if (!scn_acts(stmt) ||
            (stmt->action.kind != SCN_LEAVE && stmt->action.kind != SCN_STOPNODE))
            continue;
        nodeset_clear(&back);
        if (stmt->action.kind == SCN_STOPNODE)
            take_back(graph, &select, i, &back);
        if (select_is_fixed(sel)) {
            select_nodes(&select, sel, &set);
            nodeset_subtract(&set, &back);
            nodeset_unite(&graph->gone, &set);
        } else if (nodeset_count(&back) < graph->nodes) {
            bool again = stmt->kind == SCN_STMT_EVERY || stmt->in_repeat;

            graph->drawn_gone =
                dc_time_add(graph->drawn_gone, again ? graph->nodes : most_of(sel, graph->nodes));
        }
    }
    select_release(&select);
    nodeset_release(&set);
    nodeset_release(&back);
}

static uint64_t most_gone(const struct graph *graph)
{
    uint64_t most = dc_time_add(nodeset_count(&graph->gone), graph->drawn_gone);

    return most < graph->nodes ? most : graph->nodes;
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
    nodeset_init(&graph->gone, graph->nodes);
    nodeset_fill(&graph->everyone);
    take_meant(graph, SCN_JOIN, &graph->late);
    take_meant(graph, SCN_LEAVE, &graph->leavers);
    take_meant(graph, SCN_CRASH, &graph->forgets);
    take_meant(graph, SCN_STOPNODE, &graph->forgets);
    take_gone(graph);
    graph->setups = setup_of_nodes(&scn, &graph->choose, &graph->everyone, NULL);
    return 0;
}

static void graph_release(struct graph *graph)
{
    for (uint32_t i = 0; graph->knows && i < graph->nodes; i++)
        nodeset_release(&graph->knows[i]);
    free(graph->knows);
    free(graph->from_ns);
    free(graph->last);
    free(graph->setups);
    nodeset_release(&graph->everyone);
    nodeset_release(&graph->late);
    nodeset_release(&graph->leavers);
    nodeset_release(&graph->forgets);
    nodeset_release(&graph->gone);
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

/* At @at_ns it surely happens, but not to who is not there yet, nor for ever to who forgets. */
static void take_meet(struct graph *graph, const struct scn_stmt *stmt, uint64_t at_ns)
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
    if (graph->from_ns[node] < at_ns)
        nodeset_unite(&graph->knows[node], &whom);
    select_release(&select);
    nodeset_release(&who);
    nodeset_release(&whom);
}

static void take_join(struct graph *graph, const struct scn_stmt *stmt, uint64_t at_ns)
{
    struct select select;
    struct nodeset who;

    if (!graph->knows || !select_is_fixed(&stmt->action.sel))
        return;
    nodeset_init(&who, graph->nodes);
    select_init(&select, &graph->choose, &graph->everyone, 0);
    select_nodes(&select, &stmt->action.sel, &who);
    NODESET_EACH(node, &who)
    if (at_ns < graph->from_ns[node])
        graph->from_ns[node] = at_ns;
    select_release(&select);
    nodeset_release(&who);
}

/* Actions of one kind that surely have happened before the quiet; of repeats, their first turn. */
static void take_sure(struct graph *graph, enum scn_action_kind kind,
                      void (*take)(struct graph *graph, const struct scn_stmt *stmt,
                                   uint64_t at_ns))
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
        if (stmt->action.kind == kind && at_ns < graph->quiet_ns)
            take(graph, stmt, at_ns);
    }
}

/* ---- paths ---- */

static void take_known(struct graph *graph)
{
    graph->knows = fatal_calloc(graph->nodes, sizeof(*graph->knows));
    graph->from_ns = fatal_calloc(graph->nodes, sizeof(*graph->from_ns));
    NODESET_EACH(node, &graph->late)
    graph->from_ns[node] = DC_TIME_NEVER;
    take_sure(graph, SCN_JOIN, take_join);
    for (uint32_t i = 0; i < graph->nodes; i++) {
        uint32_t len;
        dc_name *peers = setup_peers(&graph->setups[i], &graph->choose, 0, i, graph->nodes, &len);

        nodeset_init(&graph->knows[i], graph->nodes);
        if (!peers && len > 0) { /* all that are there at the start */
            nodeset_fill(&graph->knows[i]);
            nodeset_subtract(&graph->knows[i], &graph->late);
        }
        for (uint32_t at = 0; peers && at < len; at++)
            nodeset_add(&graph->knows[i], peers[at]);
        free(peers);
    }
    take_sure(graph, SCN_MEET, take_meet);
    for (uint32_t i = 0; i < graph->nodes; i++)
        nodeset_remove(&graph->knows[i], i);
}

/*
 * A node also asks those that have asked it, unless its peers are fixed. Returns
 * whether there are such: then each step may first have to be made known. Nobody
 * asks who has left, as far as others know, and is back after a crash.
 */
static bool learn_back(struct graph *graph)
{
    bool learned = false;

    for (uint32_t i = 0; i < graph->nodes; i++) {
        NODESET_EACH(peer, &graph->knows[i])
        {
            if (graph->setups[peer].peers_fixed || nodeset_has(&graph->knows[peer], i) ||
                (nodeset_has(&graph->leavers, peer) && nodeset_has(&graph->forgets, peer)))
                continue;
            nodeset_add(&graph->knows[peer], i);
            learned = true;
        }
    }
    return learned;
}

/*
 * Steps from @node to whom it can hear from last, by nodes that are there for sure;
 * @ret_far is one it cannot hear from, or none.
 */
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
        nodeset_subtract(&edge, &graph->gone);
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
            snprintf(reterr, BOUND_PROBLEM_MAX,
                     "n%" PRIu32 " need not hear what n%" PRIu32
                     " holds: they know too few peers%s%s",
                     i + 1, far + 1, nodeset_count(&graph->gone) > 0 ? " that stay" : "",
                     graph->forgot ? ", and who crashes forgets whom it has met" : "");
            return -1;
        }
        input->hops = steps > input->hops ? steps : input->hops;
        input->known = known > input->known ? known : input->known;
    }
    input->hops *= learned ? 2 : 1;
    return 0;
}

/* ---- who stays ---- */

/* Those that know all at the start, are there then, and stay. */
static bool core_stays(const struct graph *graph)
{
    uint64_t stay = 0;

    for (uint32_t i = 0; i < graph->nodes; i++)
        stay +=
            knows_all(graph, i) && !nodeset_has(&graph->late, i) && !nodeset_has(&graph->gone, i);
    return stay > graph->drawn_gone;
}

/*
 * A process that dies while it leaves may run again when all others know that it left.
 * Nobody asks it any more, so it must know one that stays.
 */
static int check_leavers(struct graph *graph, char reterr[static BOUND_PROBLEM_MAX])
{
    uint64_t gone = most_gone(graph);

    NODESET_EACH(node, &graph->leavers)
    {
        const struct setup *setup = &graph->setups[node];
        uint32_t len;

        if (knows_all(graph, node) || !nodeset_has(&graph->forgets, node))
            continue;
        free(setup_peers(setup, &graph->choose, 0, node, graph->nodes, &len));
        if (len >= gone) /* it is one of those */
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

/* What is computed where each node is looked at. */
static int take_each(struct graph *graph, struct bound_input *input, bool drawn,
                     char reterr[static BOUND_PROBLEM_MAX])
{
    if (drawn)
        return refuse(reterr, "with 'peers random' for some nodes only it is open who hears what");
    if (graph->drawn_gone > 0)
        return refuse(reterr, "which nodes leave or stop is open, and those that stay need not "
                              "know each other: name them, or give all nodes 'peers all'");
    if (graph->nodes > GRAPH_NODES_MAX)
        return refuse(reterr, "so many nodes with different 'peers' are beyond what is computed");
    return take_paths(graph, input, reterr);
}

/* All know that many others, whoever these are. */
static int take_random(struct graph *graph, struct bound_input *input,
                       char reterr[static BOUND_PROBLEM_MAX])
{
    uint64_t known = graph->setups[0].peers_count, gone = most_gone(graph);

    input->peers = BOUND_RANDOM;
    if (known < 2) /* two pairs may know only each other */
        return refuse(reterr, "with 'peers random 1' parts of the cluster may know nobody outside");
    if (known < gone + 2)
        return refuse(reterr, "so many nodes may leave or stop that of their 'peers random' fewer "
                              "than two stay");
    return 0;
}

static int take_kind(struct graph *graph, struct bound_input *input,
                     char reterr[static BOUND_PROBLEM_MAX])
{
    const struct setup *first = &graph->setups[0];
    uint64_t core = 0;
    bool fixed = false, drawn = false, late = false;

    for (uint32_t i = 0; i < graph->nodes; i++) {
        bool all = knows_all(graph, i);

        core += all;
        fixed = fixed || (!all && graph->setups[i].peers_fixed);
        drawn = drawn || (!all && graph->setups[i].peers == SCN_PEERS_RANDOM);
        late = late || (!all && nodeset_has(&graph->late, i));
    }
    input->core = core;
    input->known = first->peers_count;
    input->fixed = first->peers_fixed;
    input->peers = BOUND_ALL;
    if (core == graph->nodes)
        return core_stays(graph) || graph->nodes == 1
                   ? 0
                   : refuse(reterr, "nobody is sure to be there from the start to the quiet, and "
                                    "who joins knows nobody else");
    if (!fixed && !late && core * 2 >= graph->nodes && core_stays(graph))
        return check_leavers(graph, reterr);
    take_sure(graph, SCN_MEET, take_meet);
    if (are_all(graph, SCN_PEERS_RING) && !graph->meets && most_gone(graph) == 0) {
        input->peers = BOUND_RING;
        return 0;
    }
    if (are_all(graph, SCN_PEERS_RANDOM))
        return take_random(graph, input, reterr);
    return take_each(graph, input, drawn, reterr);
}

int bound_take_peers(struct bound_input *input, const struct scn_stmt *stmts, size_t stmts_len,
                     uint64_t quiet_ns, char reterr[static BOUND_PROBLEM_MAX])
{
    struct graph graph = {
        .stmts = stmts, .stmts_len = stmts_len, .quiet_ns = quiet_ns, .nodes = input->nodes};
    int rc;

    graph.stop_ns = stops_within(&graph, input->disk_ns);
    choose_init(&graph.choose, 0);
    rc = graph_init(&graph, reterr);
    if (rc == 0) {
        input->gone = most_gone(&graph);
        rc = input->gone > 0 && input->gone + 2 > input->nodes
                 ? refuse(reterr, "so many nodes may leave or stop that fewer than two are left: "
                                  "let 'leave' and 'stopnode' name fewer, by number")
                 : take_kind(&graph, input, reterr);
    }
    graph_release(&graph);
    return rc;
}
