/* What can be judged only at the end of the file, and what is added there. */
#include <inttypes.h>

#include "sim/scenario/hints.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/parse.h"

static void check_missing(struct parser *p)
{
    static const struct scn_pos nowhere = {0};

    if (p->nodes_pos.line == 0)
        diag_error(p->diags, nowhere, "no 'nodes' says how many nodes there are: nodes 5");
    if (p->stop_pos.line == 0)
        diag_error(p->diags, nowhere, "no 'stop' says when the run ends: stop 10s");
}

static void check_nodes(struct parser *p)
{
    for (size_t i = 0; p->nodes_known && i < p->node_uses_len; i++) {
        const struct node_use *use = &p->node_uses[i];

        if (use->last > p->scn->nodes)
            diag_error(p->diags, use->pos,
                       "node n%" PRIu64 " does not exist: nodes go from n1 to n%" PRIu32, use->last,
                       p->scn->nodes);
    }
}

static void check_deadlines(struct parser *p)
{
    char time[VALUE_TIME_TEXT_MAX], stop[VALUE_TIME_TEXT_MAX], place[DIAG_PLACE_MAX];

    for (size_t i = 0; p->stop_known && i < p->deadlines_len; i++) {
        const struct deadline *deadline = &p->deadlines[i];

        if (deadline->ns <= p->scn->stop_ns)
            continue;
        diag_error(p->diags, deadline->pos,
                   deadline->is_sum ? "this ends at %s, later than the stop at %s (%s)"
                                    : "%s is later than the stop at %s (%s)",
                   value_time_text(time, deadline->ns), value_time_text(stop, p->scn->stop_ns),
                   diags_place(place, p->diags, p->stop_pos, deadline->pos));
    }
}

void finish_check(struct parser *p)
{
    check_missing(p);
    check_nodes(p);
    check_deadlines(p);
    names_check(p);
    overlap_check(p);
    fixes_check(p);
    bound_check(p);
    params_check_defines(&p->params);
}

/* ---- what is not written ---- */

/* Times that mean the stop. */
static void fill_stop(struct parser *p)
{
    uint64_t stop_ns = p->scn->stop_ns;

    for (size_t i = 0; i < p->stmts_len; i++) {
        struct scn_stmt *stmt = &p->stmts[i];

        if (stmt->kind == SCN_STMT_EXPECT && stmt->pred.at_end)
            stmt->pred.at_ns = stop_ns;
        if (stmt->kind == SCN_STMT_SHOW && stmt->show.at_end)
            stmt->show.at_ns = stop_ns;
        if ((stmt->kind == SCN_STMT_EVERY || stmt->kind == SCN_STMT_LOAD) && !stmt->has_to)
            stmt->to = (struct scn_range){.lo = stop_ns, .hi = stop_ns};
    }
}

static void list_params(struct parser *p)
{
    size_t len = p->params.len;
    struct scn_param *list = arena_alloc(p->arena, len * sizeof(*list));

    for (size_t i = 0; i < len; i++)
        list[i] = (struct scn_param){
            .name = p->params.list[i].name,
            .value = p->params.list[i].value,
            .overridden = p->params.list[i].overridden,
        };
    p->scn->params = list;
    p->scn->params_len = len;
}

static void list_names(struct parser *p)
{
    struct scn_name *list = arena_alloc(p->arena, p->names_len * sizeof(*list));

    for (size_t i = 0; i < p->names_len; i++)
        list[i] = (struct scn_name){.name = p->names[i].text, .stmt = p->names[i].stmt};
    p->scn->names = list;
    p->scn->names_len = p->names_len;
}

void finish_scenario(struct parser *p)
{
    defaults_add(p);
    fill_stop(p);
    list_params(p);
    list_names(p);
    campaign_finish(p);
    p->scn->stmts = p->stmts;
    p->scn->stmts_len = p->stmts_len;
    p->scn->hash = canonical_hash(&p->canonical);
    hints_say(p);
}
