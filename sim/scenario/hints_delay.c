/*
 * Delays that are to be shorter than that of any link, whatever is drawn: that holds only
 * until the first message has come.
 */
#include "sim/scenario/hints.h"

#include "core/types.h"
#include "sim/scenario/parse.h"

/* The shortest that @rules can come to. */
static uint64_t shortest_of(const struct scn_rules *rules)
{
    if (rules->dist == SCN_DIST_RANGE || rules->jitter == 0)
        return rules->delay.lo;
    if (rules->dist == SCN_DIST_NORMAL) /* it has a tail on both sides */
        return 0;
    return rules->delay.lo > rules->jitter ? rules->delay.lo - rules->jitter : 0;
}

/* What is reordered may overtake all delay. */
static void take_rules(const struct scn_rules *rules, uint64_t *ns)
{
    if ((rules->set & SCN_RULE_DELAY) && shortest_of(rules) < *ns)
        *ns = shortest_of(rules);
    if (rules->set & SCN_RULE_REORDER)
        *ns = 0;
}

/* The shortest delay that a link can have at any time; 0 when the file gives none to all links. */
static uint64_t shortest_delay(const struct scenario *scn)
{
    uint64_t ns = DC_TIME_NEVER;
    bool for_all = false;

    for (size_t i = 0; i < scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &scn->stmts[i];

        for_all = for_all || (stmt->kind == SCN_STMT_NET && (stmt->rules.set & SCN_RULE_DELAY));
        take_rules(scn_acts(stmt) ? &stmt->action.rules : &stmt->rules, &ns);
        if (scn_acts(stmt) && stmt->action.kind == SCN_FORGE) /* it comes when it comes */
            ns = 0;
    }
    return for_all ? ns : 0;
}

/* With all delays @ns or longer, does it fail as soon as there is one? */
static bool fails(const struct scn_pred *pred, uint64_t ns)
{
    if (pred->cmp == SCN_LT)
        return pred->value <= ns;
    if (pred->cmp == SCN_LE || (pred->cmp == SCN_EQ && pred->tolerance_ppb == 0))
        return pred->value < ns;
    return false;
}

/* Only expectations speak of delays. */
static bool is_of_delay(const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_EXPECT && stmt->pred.kind == SCN_PRED_METRIC &&
           (stmt->pred.metric == SCN_METRIC_P50_DELAY ||
            stmt->pred.metric == SCN_METRIC_P99_DELAY || stmt->pred.metric == SCN_METRIC_MAX_DELAY);
}

void hints_say_delay(const struct parser *p)
{
    uint64_t ns = shortest_delay(p->scn);
    char shortest[VALUE_TIME_TEXT_MAX];

    for (size_t i = 0; i < p->scn->stmts_len && ns > 0; i++) {
        const struct scn_stmt *stmt = &p->scn->stmts[i];

        if (is_of_delay(stmt) && fails(&stmt->pred, ns))
            diag_warning(p->diags, stmt->arg_pos,
                         "this cannot hold once a message has come: no link has a delay below %s; "
                         "say more here, or give the links less",
                         value_time_text(shortest, ns));
    }
}
