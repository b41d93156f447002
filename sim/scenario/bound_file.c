/* What a file says of its nodes, and what its quiet obliges it to. */
#include <inttypes.h>

#include "core/types.h"
#include "sim/net.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/facts.h"
#include "sim/scenario/parse.h"
#include "sim/setup.h"
#include "sim/wide.h"

static uint64_t times_saturated(uint64_t a, uint64_t b)
{
    u128 product = (u128)a * b;

    return product > UINT64_MAX ? DC_TIME_NEVER : (uint64_t)product;
}

static void take_more(uint64_t *largest, uint64_t value, bool for_all)
{
    if (for_all || value > *largest)
        *largest = value;
}

static void take_less(uint64_t *smallest, uint64_t value, bool for_all)
{
    if (for_all || value < *smallest)
        *smallest = value;
}

static void take_keys(struct bound_input *input, const struct scn_stmt *stmt)
{
    const struct scn_node_keys *keys = &stmt->node;
    bool for_all = !stmt->has_sel;

    if (keys->set & SCN_NODE_SYNC) {
        take_more(&input->sync_ns, keys->sync_ns.hi, for_all);
        take_less(&input->sync_ns_least, keys->sync_ns.lo, for_all);
    }
    if (keys->set & SCN_NODE_FULL) {
        take_more(&input->full_ns, keys->full_ns.hi, for_all);
        take_less(&input->full_ns_least, keys->full_ns.lo, for_all);
    }
    if (keys->set & SCN_NODE_SERVICE)
        take_more(&input->service_ns, keys->service_ns.hi, for_all);
    if (keys->set & SCN_NODE_INBOX)
        take_more(&input->inbox, keys->inbox.hi, for_all);
    if (keys->set & SCN_NODE_FANOUT) {
        take_less(&input->fanout, keys->fanout.lo, for_all);
        take_more(&input->fanout_most, keys->fanout.hi, for_all);
    }
}

static void take_action(struct bound_input *input, const struct scn_stmt *stmt, uint64_t *slow_ns)
{
    const struct scn_action *action = &stmt->action;

    if (scn_has(action, SCN_KEEPS_MESSAGES))
        input->waiting_ns = input->quiet_ns;
    if (action->kind == SCN_DISK && action->disk == SCN_DISK_SLOW)
        take_more(slow_ns, action->disk_amount, false);
    input->moves = input->moves || scn_has(action, SCN_SHORTENS_LOGS);
}

void bound_take_nodes(struct bound_input *input, const struct parser *p, uint64_t quiet_ns)
{
    uint64_t fsync_ns = 0, slow_ns = 0;

    *input = (struct bound_input){
        .nodes = p->scn->nodes,
        .fanout = SETUP_FANOUT,
        .fanout_most = SETUP_FANOUT,
        .sync_ns = SETUP_SYNC_NS,
        .sync_ns_least = SETUP_SYNC_NS,
        .full_ns_least = DC_TIME_NEVER,
        .delay_ns = {NET_DELAY_DEFAULT_NS, NET_DELAY_DEFAULT_NS, NET_DELAY_DEFAULT_NS,
                     NET_DELAY_DEFAULT_NS},
        .inbox = SETUP_INBOX,
        .quiet_ns = quiet_ns,
    };
    for (size_t i = 0; i < p->stmts_len; i++) {
        const struct scn_stmt *stmt = &p->stmts[i];

        if (stmt->kind == SCN_STMT_NODE)
            take_keys(input, stmt);
        if (stmt->kind == SCN_STMT_NODE && (stmt->node.set & SCN_NODE_FSYNC))
            take_more(&fsync_ns, stmt->node.fsync_ns.hi, !stmt->has_sel);
        if (scn_acts(stmt))
            take_action(input, stmt, &slow_ns);
    }
    input->disk_ns = times_saturated(dc_time_add(fsync_ns, slow_ns), 2);
    if (input->full_ns == 0)
        input->full_ns = times_saturated(input->sync_ns, SETUP_FULL_SYNCS);
}

/* Everything. Returns why there is no bound, or NULL. */
static const char *take_all(const struct parser *p, struct bound_input *input, uint64_t quiet_ns,
                            char problem[static BOUND_PROBLEM_MAX])
{
    const char *links;

    bound_take_nodes(input, p, quiet_ns);
    links = bound_take_links(input, p->stmts, p->stmts_len);
    if (links)
        return links;
    return bound_take_peers(input, p->stmts, p->stmts_len, quiet_ns, problem) < 0 ? problem : NULL;
}

static struct scn_stmt *find_quiet(const struct parser *p, uint32_t *ret_at)
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
        .waits = bound->waits,
        .back_ns = bound->back_ns,
        .before_ns = bound->before_ns,
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
    struct bound_input input;
    char end[VALUE_TIME_TEXT_MAX], stop[VALUE_TIME_TEXT_MAX], open[BOUND_PROBLEM_MAX];
    const struct scn_stmt *stmt;
    const char *problem;
    struct bound bound;
    uint32_t at = 0;
    uint64_t end_ns;

    p->scn->quiet.at_ns = DC_TIME_NEVER;
    stmt = find_quiet(p, &at);
    if (!stmt || p->diags->errors > 0 || stmt->when.lo > p->scn->stop_ns)
        return;
    problem = take_all(p, &input, stmt->when.lo, open);
    bound = problem ? (struct bound){0} : bound_of(&input);
    end_ns = dc_time_add(stmt->when.lo, bound.total_ns);
    if (end_ns == DC_TIME_NEVER)
        problem = bound_piles_up(&input)
                      ? "nodes are asked for much more than they can serve: give them "
                        "a longer 'sync', or less 'fanout' or 'service'"
                      : "it may take longer than a run can last";
    if (problem) {
        diag_error(p->diags, stmt->pos,
                   "no bound can be given for this quiet: %s; end the faults one by one, and say "
                   "'expect converged within T of last fault'",
                   problem);
        return;
    }
    if (end_ns > p->scn->stop_ns) {
        diag_error(p->diags, stmt->arg_pos,
                   "after this quiet the cluster may take until %s to converge, and the run stops "
                   "at %s; stop it later, or let it be quiet earlier",
                   value_time_text(end, end_ns), value_time_text(stop, p->scn->stop_ns));
        return;
    }
    oblige(p, at, &bound);
}
