/* Logarithms are those of the draws: base 2, in 2^-32. */
#include "sim/scenario/bound.h"

#include <inttypes.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/scenario/parse.h"
#include "sim/setup.h"
#include "sim/net.h"
#include "sim/wide.h"

#define ONE (UINT64_C(1) << 32)
#define MS UINT64_C(1000000)
/* log2 of one over the chance of a miss. */
#define MISS_LOG2 (30 * ONE)
/* log2(e). */
#define LOG2_E UINT64_C(6196328019)
/* Deviations, of the jitter, that all but 10^-6 of the messages keep. */
#define QUANTILE_NORMAL 6u
#define QUANTILE_EXP 14u
#define QUANTILE_PARETO 115u

/* log2(@whole / @part), for 0 < @part <= @whole. */
static uint64_t log2_ratio(uint64_t whole, uint64_t part)
{
    u128 bits = ((u128)part << 64) / whole;

    return bits > UINT64_MAX ? 0 : log2_inverse((uint64_t)bits);
}

static uint64_t divide_up(u128 a, u128 b)
{
    if (b == 0) /* a chance too small for the arithmetic */
        b = 1;
    return (uint64_t)((a + b - 1) / b);
}

static uint64_t times_saturated(uint64_t a, uint64_t b)
{
    u128 product = (u128)a * b;

    return product > UINT64_MAX ? DC_TIME_NEVER : (uint64_t)product;
}

/* The chance that a question and its answer arrive, in parts per billion; at least 1. */
static uint64_t exchange_ppb(uint64_t loss_ppb)
{
    uint64_t pass = SCN_PPB - loss_ppb;
    uint64_t both = (uint64_t)((u128)pass * pass / SCN_PPB);

    return both > 0 ? both : 1;
}

/* When everybody may ask everybody. */
static void rounds_of_all(const struct bound_input *input, uint64_t q, struct bound *ret)
{
    uint64_t asked = input->fanout < input->nodes - 1 ? input->fanout : input->nodes - 1;
    uint64_t nodes_log2 = log2_ratio(input->nodes, 1);
    u128 start = (u128)asked * q * LOG2_E / SCN_PPB;
    uint64_t grow = asked * q / 2 < SCN_PPB ? asked * q / 2 : SCN_PPB;
    u128 rest = (u128)asked * log2_ratio(2 * SCN_PPB, 2 * SCN_PPB - q);

    ret->in_a_row = 2 * divide_up(nodes_log2, log2_ratio(SCN_PPB + grow, SCN_PPB)) + 1;
    ret->rounds = ret->in_a_row + divide_up(MISS_LOG2 + nodes_log2, start) +
                  divide_up((u128)MISS_LOG2 + 2 * nodes_log2, rest);
}

/* From neighbour to neighbour: twice the mean and what keeps the chance of more small. */
static void rounds_of_ring(const struct bound_input *input, uint64_t q, struct bound *ret)
{
    uint64_t near = 2 * input->ring, hops = (input->nodes / 2 + input->ring - 1) / input->ring;
    uint64_t asked = input->fanout < near ? input->fanout : near;
    uint64_t spare = divide_up(MISS_LOG2 + log2_ratio(input->nodes, 1), ONE);

    ret->in_a_row = hops + 1;
    ret->rounds = 1 + divide_up((u128)2 * (hops + spare) * near * SCN_PPB, (u128)asked * q);
}

struct bound bound_of(const struct bound_input *input)
{
    uint64_t q = exchange_ppb(input->loss_ppb);
    uint64_t way_ns = dc_time_add(input->delay_ns, input->service_ns);
    struct bound bound = {.sync_ns = input->sync_ns, .back_ns = dc_time_add(way_ns, way_ns)};

    if (input->nodes < 2)
        return bound;
    if (input->ring > 0 && 2 * input->ring < input->nodes - 1)
        rounds_of_ring(input, q, &bound);
    else
        rounds_of_all(input, q, &bound);
    bound.total_ns = dc_time_add(times_saturated(bound.rounds, bound.sync_ns),
                                 times_saturated(bound.in_a_row, bound.back_ns));
    bound.total_ns = dc_time_add(bound.total_ns, times_saturated(input->inbox, input->service_ns));
    if (bound.total_ns % MS > 0) /* whole ms read better */
        bound.total_ns = dc_time_add(bound.total_ns, MS - bound.total_ns % MS);
    return bound;
}

/* ---- what a file says ---- */

static void take_more(uint64_t *largest, uint64_t value, bool for_all)
{
    if (for_all || value > *largest)
        *largest = value;
}

static uint64_t delay_quantile(const struct scn_rules *rules)
{
    static const uint64_t times[] = {
        [SCN_DIST_UNIFORM] = 1,        [SCN_DIST_NORMAL] = QUANTILE_NORMAL,
        [SCN_DIST_EXP] = QUANTILE_EXP, [SCN_DIST_PARETO] = QUANTILE_PARETO,
        [SCN_DIST_RANGE] = 0,
    };

    return dc_time_add(rules->delay.hi, times_saturated(rules->jitter, times[rules->dist]));
}

static void take_rules(struct bound_input *input, const struct scn_stmt *stmt)
{
    bool for_all = stmt->kind == SCN_STMT_NET;

    if (stmt->rules.set & SCN_RULE_DELAY)
        take_more(&input->delay_ns, delay_quantile(&stmt->rules), for_all);
    if (stmt->rules.set & SCN_RULE_LOSS)
        take_more(&input->loss_ppb, stmt->rules.loss_ppb.hi, for_all);
}

/* Returns a text that says why there is no bound, or NULL. */
static const char *take_peers(struct bound_input *input, const struct scn_stmt *stmt)
{
    const struct scn_node_keys *keys = &stmt->node;

    switch (keys->peers) {
    case SCN_PEERS_ALL:
        input->ring = 0;
        return NULL;
    case SCN_PEERS_RING:
        input->ring = keys->peers_count.lo;
        return stmt->has_sel ? "not all nodes have the same 'peers'" : NULL;
    case SCN_PEERS_RANDOM:
        return "with 'peers random' it is open who can reach whom";
    case SCN_PEERS_NONE:
        break;
    }
    return "with 'peers none' it is open who can reach whom";
}

static const char *take_keys(struct bound_input *input, const struct scn_stmt *stmt)
{
    const struct scn_node_keys *keys = &stmt->node;
    bool for_all = !stmt->has_sel;

    if (keys->set & SCN_NODE_SYNC)
        take_more(&input->sync_ns, keys->sync_ns.hi, for_all);
    if (keys->set & SCN_NODE_SERVICE)
        take_more(&input->service_ns, keys->service_ns.hi, for_all);
    if (keys->set & SCN_NODE_INBOX)
        take_more(&input->inbox, keys->inbox.hi, for_all);
    if ((keys->set & SCN_NODE_FANOUT) && (for_all || keys->fanout.lo < input->fanout))
        input->fanout = keys->fanout.lo;
    return keys->set & SCN_NODE_PEERS ? take_peers(input, stmt) : NULL;
}

/* The rules of all links, then of some. Returns why there is no bound, or NULL. */
static const char *take_links(const struct parser *p, struct bound_input *input,
                              enum scn_stmt_kind kind)
{
    const char *problem = NULL;

    for (size_t i = 0; i < p->stmts_len; i++) {
        if (p->stmts[i].kind != kind)
            continue;
        take_rules(input, &p->stmts[i]);
        if (p->stmts[i].rules.set & SCN_RULE_DOWN)
            problem = "the file's own rules keep links down";
    }
    if (input->loss_ppb >= SCN_PPB)
        problem = "the file's own rules lose every message";
    return problem;
}

/* Likewise, of the nodes. The last word on peers counts. */
static const char *take_nodes(const struct parser *p, struct bound_input *input)
{
    const char *problem = NULL;

    for (size_t i = 0; i < p->stmts_len; i++) {
        const struct scn_stmt *stmt = &p->stmts[i];
        const char *why = stmt->kind == SCN_STMT_NODE ? take_keys(input, stmt) : NULL;

        if (stmt->kind == SCN_STMT_NODE && (stmt->node.set & SCN_NODE_PEERS))
            problem = why;
    }
    return problem;
}

/* The worst of all nodes and links. */
static const char *take_all(const struct parser *p, struct bound_input *input)
{
    const char *nodes = take_nodes(p, input);
    const char *net = take_links(p, input, SCN_STMT_NET);
    const char *link = take_links(p, input, SCN_STMT_LINK);

    return nodes ? nodes : net ? net : link;
}

static const struct scn_stmt *find_quiet(const struct parser *p, uint32_t *ret_at)
{
    for (uint32_t i = 0; i < p->stmts_len; i++) {
        if (p->stmts[i].kind == SCN_STMT_QUIET) {
            *ret_at = i;
            return &p->stmts[i];
        }
    }
    return NULL;
}

static void oblige(struct parser *p, uint32_t at, const struct bound *bound)
{
    struct scn_stmt *stmt = &p->stmts[at];

    p->scn->quiet = (struct scn_quiet){
        .at_ns = stmt->when.lo,
        .stmt = at,
        .rounds = bound->rounds,
        .sync_ns = bound->sync_ns,
        .bound_ns = bound->total_ns,
    };
    stmt->pred = (struct scn_pred){
        .kind = SCN_PRED_WITHIN,
        .within_ns = bound->total_ns,
        .of_kind = SCN_OF_TIME,
        .of_ns = stmt->when.lo,
        .of_name = SCN_NO_NAME,
    };
}

void bound_check(struct parser *p)
{
    struct bound_input input = {
        .nodes = p->scn->nodes,
        .fanout = SETUP_FANOUT,
        .sync_ns = SETUP_SYNC_NS,
        .delay_ns = NET_DELAY_DEFAULT_NS,
        .inbox = SETUP_INBOX,
    };
    char end[VALUE_TIME_TEXT_MAX], stop[VALUE_TIME_TEXT_MAX];
    const struct scn_stmt *stmt;
    const char *problem;
    struct bound bound;
    uint32_t at = 0;
    uint64_t end_ns;

    p->scn->quiet.at_ns = DC_TIME_NEVER;
    stmt = find_quiet(p, &at);
    if (!stmt || !p->nodes_known || !p->stop_known || stmt->when.lo > p->scn->stop_ns)
        return;
    problem = take_all(p, &input);
    if (problem) {
        diag_error(p->diags, stmt->pos,
                   "no bound can be given for this quiet: %s; end the faults one by one, and say "
                   "'expect converged within T of last fault'",
                   problem);
        return;
    }
    bound = bound_of(&input);
    end_ns = dc_time_add(stmt->when.lo, bound.total_ns);
    if (end_ns > p->scn->stop_ns) {
        diag_error(p->diags, stmt->arg_pos,
                   "after this quiet the cluster may take until %s to converge, and the run stops "
                   "at %s; stop it later, or let it be quiet earlier",
                   value_time_text(end, end_ns), value_time_text(stop, p->scn->stop_ns));
        return;
    }
    oblige(p, at, &bound);
}
