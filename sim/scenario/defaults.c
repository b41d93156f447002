/* What must hold at the end when the file says nothing about it. */
#include <string.h>

#include "sim/nodeset.h"
#include "sim/scenario/parse.h"
#include "sim/select.h"

/* So many expectations may share out the nodes between them: a bound on the work. */
#define SHARES_MAX 64u

/* Is it asked at the stop, and not before? One about a span, or of all runs, is not. */
static bool is_of_the_end(const struct parser *p, const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_EXPECT &&
           (stmt->pred.kind == SCN_PRED_CONVERGED || stmt->pred.kind == SCN_PRED_METRIC) &&
           (stmt->pred.at_end || stmt->pred.at_ns == p->scn->stop_ns);
}

/* No "on", or "on up": a predicate speaks of nodes that are up in any case */
static bool is_on_all(const struct scn_pred *pred)
{
    const struct scn_term *term = pred->on && pred->on->len == 1 ? &pred->on->terms[0] : NULL;

    return !pred->on || (term && term->kind == SCN_TERM_UP && !term->minus);
}

/* Adds the nodes of which @pred speaks whatever the run comes to. False: all that are up. */
static bool add_nodes(const struct scn_pred *pred, const struct nodeset *everyone,
                      struct nodeset *sum)
{
    struct select select;
    struct nodeset set;

    if (is_on_all(pred))
        return false;
    if (!select_is_fixed(pred->on))
        return true; /* none for sure */
    nodeset_init(&set, everyone->nodes);
    select_init(&select, NULL, everyone, 0);
    select_nodes(&select, pred->on, &set);
    nodeset_unite(sum, &set);
    select_release(&select);
    nodeset_release(&set);
    return true;
}

typedef bool about_fn(const struct scn_pred *pred);

static bool is_about_agreement(const struct scn_pred *pred)
{
    return pred->kind == SCN_PRED_CONVERGED;
}

/* The whole value: "of n3" says nothing about the counts of others. */
static bool is_about_value(const struct scn_pred *pred)
{
    return pred->kind == SCN_PRED_METRIC && pred->metric == SCN_METRIC_VALUE && !pred->of;
}

/*
 * Do the expectations of the end that are @about it leave no node out? What
 * some nodes agree on is not what all do, so that each of those stands alone.
 */
static bool speaks_of_all(const struct parser *p, about_fn *about, bool alone)
{
    struct nodeset everyone, sum;
    unsigned shares = 0;
    bool all = false;

    nodeset_init(&everyone, p->scn->nodes);
    nodeset_init(&sum, p->scn->nodes);
    nodeset_fill(&everyone);
    for (size_t i = 0; !all && i < p->stmts_len && shares < SHARES_MAX; i++) {
        const struct scn_stmt *stmt = &p->stmts[i];

        if (!is_of_the_end(p, stmt) || !about(&stmt->pred))
            continue;
        if (alone)
            nodeset_clear(&sum);
        shares++;
        all = !add_nodes(&stmt->pred, &everyone, &sum) || nodeset_equal(&sum, &everyone);
    }
    nodeset_release(&everyone);
    nodeset_release(&sum);
    return all;
}

static void add(struct parser *p, const char *text, struct scn_pred pred)
{
    size_t len = strlen(text);

    pred.at_end = true;
    pred.of_name = SCN_NO_NAME;
    p->stmts = arena_grow(p->arena, p->stmts, p->stmts_len, &p->stmts_cap, sizeof(*p->stmts));
    p->stmts[p->stmts_len++] = (struct scn_stmt){
        .kind = SCN_STMT_EXPECT,
        .pos = p->scn->stop_pos,
        .arg_pos = p->scn->stop_pos,
        .text = arena_text(p->arena, text, len),
        .key = canonical_key(&p->canonical, p->arena, text, len),
        .implied = true,
        .pred = pred,
    };
}

void defaults_add(struct parser *p)
{
    if (!speaks_of_all(p, is_about_agreement, true))
        add(p, "expect converged at end", (struct scn_pred){.kind = SCN_PRED_CONVERGED});
    if (!speaks_of_all(p, is_about_value, false))
        add(p, "expect value == oracle at end",
            (struct scn_pred){.kind = SCN_PRED_METRIC,
                              .metric = SCN_METRIC_VALUE,
                              .cmp = SCN_EQ,
                              .oracle = true});
}
