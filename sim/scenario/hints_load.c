/*
 * Nodes that are to agree while clients go on: each operation parts them until all have
 * heard of it, so that with many of them there is hardly an instant at which nobody lacks
 * one. Nothing is said where a node that counts is not asked, may not run, or is cut off.
 */
#include "sim/scenario/hints.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/types.h"
#include "sim/fatal.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/parse.h"
#include "sim/wide.h"

/*
 * So many operations while one spreads. It is often several times as fast as counted here, and
 * of the many instants of a span one is enough; where all hear in one round, they agree after
 * each, so that nothing is said of a span. Measured with 5 nodes and a load on one of them: no
 * run of 80 agrees at a time, none of 40 within 3s.
 */
#define OPERATIONS_AT_ONCE 16u
#define OPERATIONS_IN_SPAN 64u

#define SECOND_NS UINT64_C(1000000000)

/* A bound on the work: more loads and expectations are not looked at; with more faults nothing is
 * said. */
#define LOADS_MAX 64u
#define FAULTS_MAX 64u
#define EXPECTS_MAX 1000u

/* What may keep operations from nodes, or from others. */
struct fault {
    const struct scn_stmt *stmt;
    uint64_t first_ns,
        over_ns;  /* when it begins, at the earliest; when it is over, at the latest */
    bool is_down; /* nodes do not run, or may not be there yet */
};

struct load {
    const struct scn_stmt *stmt;
    const struct scn_sel *on;
    u128 rate_per_s;      /* operations that part the nodes, at least */
    uint64_t meets;       /* a bit for each fault that may have to do with it */
    uint64_t hidden_from; /* a bit for each that all of its nodes may have */
};

struct loads {
    const struct parser *p;
    const struct scenario *scn;
    const struct hints_window *windows;
    struct load list[LOADS_MAX];
    size_t len;
    struct fault faults[FAULTS_MAX];
    size_t faults_len;
    bool too_much;
    uint64_t fanout, sync_ns; /* the most of any node, and the least, of pushes unasked as well */
};

/* When an expectation looks at the nodes. */
struct look {
    uint64_t first_ns, last_ns;
    bool known; /* else only a run tells, and it is at some time before the stop */
    enum scn_of_kind of;
    const struct scn_stmt *of_fault; /* SCN_OF_NAME */
};

/* ---- loads ---- */

/* At one instant an 'every' counts once. */
static u128 rate_of(const struct loads *loads, const struct scn_stmt *stmt)
{
    const struct scn_load *load = &stmt->load;
    bool each = load->each && strcmp(load->on.text, "all") == 0;

    if (stmt->kind == SCN_STMT_EVERY)
        return SECOND_NS / (stmt->when.hi > 0 ? stmt->when.hi : 1);
    return (u128)load->rate_per_s * (each ? loads->scn->nodes : 1) *
           (load->inc_ppb + load->dec_ppb) / SCN_PPB;
}

static bool counts(const struct scn_stmt *stmt)
{
    if (stmt->kind == SCN_STMT_EVERY)
        return !stmt->in_repeat && (stmt->action.kind == SCN_INC || stmt->action.kind == SCN_DEC);
    return stmt->kind == SCN_STMT_LOAD;
}

static void find_loads(struct loads *loads)
{
    for (size_t i = 0; i < loads->scn->stmts_len && loads->len < LOADS_MAX; i++) {
        const struct scn_stmt *stmt = &loads->scn->stmts[i];
        const struct scn_sel *on = stmt->kind == SCN_STMT_LOAD ? &stmt->load.on : &stmt->action.sel;

        if (counts(stmt) && !loads->windows[i].never && !hints_may_be_down(on))
            loads->list[loads->len++] =
                (struct load){.stmt = stmt, .on = on, .rate_per_s = rate_of(loads, stmt)};
    }
}

/* ---- faults ---- */

static bool stops_all(const struct scn_rules *rules)
{
    return (rules->set & SCN_RULE_DOWN) ||
           ((rules->set & SCN_RULE_LOSS) && rules->loss_ppb.hi == SCN_PPB);
}

static bool is_down_kind(const struct scn_action *action)
{
    return action->kind == SCN_CRASH || action->kind == SCN_STOPNODE || action->kind == SCN_LEAVE ||
           action->kind == SCN_PAUSE || action->kind == SCN_JOIN || action->kind == SCN_MEMORY ||
           (action->kind == SCN_DISK && action->disk != SCN_DISK_BACKUP);
}

static bool is_fault(const struct scn_action *action)
{
    if (action->kind == SCN_NET || action->kind == SCN_LINK)
        return stops_all(&action->rules);
    return action->kind == SCN_PARTITION || action->kind == SCN_HOLD || action->kind == SCN_DROP ||
           is_down_kind(action);
}

/* Does @ender surely end what @action began, when it comes after it? */
static bool ends(const struct loads *loads, const struct scn_action *ender,
                 const struct scn_action *action)
{
    bool by_name = ender->name != SCN_NO_NAME && ender->name == action->name;

    if (action->kind == SCN_PARTITION)
        return ender->kind == SCN_HEAL && (ender->name == SCN_NO_NAME || by_name);
    if (action->kind == SCN_HOLD)
        return ender->kind == SCN_RELEASE && !ender->has_link && by_name;
    if (action->kind == SCN_PAUSE)
        return ender->kind == SCN_RESUME && hints_covers(loads->p, &ender->sel, &action->sel);
    if (action->kind == SCN_CRASH || action->kind == SCN_STOPNODE)
        return ender->kind == SCN_RESTART && hints_covers(loads->p, &ender->sel, &action->sel);
    return false;
}

/* By the first statement that ends it, if it has no 'for'. */
static uint64_t over_ns(const struct loads *loads, size_t fault)
{
    const struct scn_stmt *stmts = loads->scn->stmts;
    const struct scn_action *action = &stmts[fault].action;
    uint64_t last_ns = loads->windows[fault].last_ns, over = DC_TIME_NEVER;

    if (action->has_for)
        return dc_time_add(last_ns, action->for_ns.hi);
    if (action->kind == SCN_DROP && !action->has_next)
        return dc_time_add(last_ns, action->while_ns.hi);
    if (action->kind == SCN_JOIN)
        return last_ns;
    for (size_t i = 0; i < loads->scn->stmts_len; i++) {
        const struct hints_window *window = &loads->windows[i];
        bool later = window->first_ns > last_ns || (window->first_ns == last_ns && i > fault);

        if (scn_acts(&stmts[i]) && !window->never && later && window->last_ns < over &&
            ends(loads, &stmts[i].action, action))
            over = window->last_ns;
    }
    return over;
}

static void add_fault(struct loads *loads, struct fault fault)
{
    if (loads->faults_len == FAULTS_MAX)
        loads->too_much = true;
    else
        loads->faults[loads->faults_len++] = fault;
}

static void find_faults(struct loads *loads)
{
    for (size_t i = 0; i < loads->scn->stmts_len && !loads->too_much; i++) {
        const struct scn_stmt *stmt = &loads->scn->stmts[i];
        bool is_rule = stmt->kind == SCN_STMT_NET || stmt->kind == SCN_STMT_LINK;

        if (is_rule && stops_all(&stmt->rules))
            add_fault(loads, (struct fault){.stmt = stmt, .over_ns = DC_TIME_NEVER});
        if (!scn_acts(stmt) || loads->windows[i].never || !is_fault(&stmt->action))
            continue;
        add_fault(loads,
                  (struct fault){
                      .stmt = stmt,
                      .first_ns = stmt->action.kind == SCN_JOIN ? 0 : loads->windows[i].first_ns,
                      .over_ns = over_ns(loads, i),
                      .is_down = is_down_kind(&stmt->action),
                  });
    }
}

static bool meets_link(const struct loads *loads, const struct scn_sel *on,
                       const struct scn_link *link)
{
    return hints_meet(loads->p, on, &link->from) || hints_meet(loads->p, on, &link->to);
}

/* What stops nodes has to do with all: who is left may agree with itself. */
static bool meets(const struct loads *loads, const struct scn_sel *on, const struct fault *fault)
{
    const struct scn_cut *cut = &fault->stmt->action.cut;

    if (fault->stmt->kind == SCN_STMT_LINK)
        return meets_link(loads, on, &fault->stmt->link);
    if (fault->is_down || fault->stmt->kind == SCN_STMT_NET || fault->stmt->action.kind == SCN_NET)
        return true;
    if (fault->stmt->action.kind != SCN_PARTITION)
        return meets_link(loads, on, &fault->stmt->action.link);
    if (cut->kind != SCN_CUT_SIDES && cut->kind != SCN_CUT_ONE_WAY && cut->kind != SCN_CUT_ISOLATE)
        return true;
    for (size_t i = 0; i < cut->sides_len; i++)
        if (hints_meet(loads->p, on, &cut->sides[i]))
            return true;
    return false;
}

static void find_meetings(struct loads *loads)
{
    for (size_t i = 0; i < loads->len; i++) {
        struct load *load = &loads->list[i];

        for (size_t k = 0; k < loads->faults_len; k++) {
            const struct fault *fault = &loads->faults[k];

            if (meets(loads, load->on, fault))
                load->meets |= UINT64_C(1) << k;
            if (fault->is_down && !hints_leaves(loads->p, load->on, &fault->stmt->action.sel))
                load->hidden_from |= UINT64_C(1) << k;
        }
    }
}

/* ---- expectations ---- */

static bool is_of_agreement(const struct scn_stmt *stmt)
{
    const struct scn_pred *pred = &stmt->pred;

    return stmt->kind == SCN_STMT_EXPECT && !pred->negated &&
           (pred->kind == SCN_PRED_CONVERGED || pred->kind == SCN_PRED_WITHIN);
}

static struct look look_of(const struct loads *loads, const struct scn_pred *pred)
{
    const struct scenario *scn = loads->scn;
    uint64_t at_ns = pred->at_end ? scn->stop_ns : pred->at_ns;
    struct look look = {.last_ns = scn->stop_ns, .of = pred->of_kind};

    if (pred->kind == SCN_PRED_CONVERGED)
        return (struct look){.first_ns = at_ns, .last_ns = at_ns, .known = true};
    if (pred->of_kind == SCN_OF_TIME)
        return (struct look){.first_ns = pred->of_ns,
                             .last_ns = dc_time_add(pred->of_ns, pred->within_ns),
                             .known = true};
    if (pred->of_kind == SCN_OF_NAME) {
        size_t fault = scn->names[pred->of_name].stmt;

        look.of_fault = &scn->stmts[fault];
        look.first_ns = loads->windows[fault].first_ns;
    }
    return look;
}

static bool is_over(const struct loads *loads, const struct fault *fault, struct look look,
                    uint64_t spread_ns)
{
    bool in_run = fault->over_ns <= loads->scn->stop_ns;

    if (fault->first_ns > look.last_ns)
        return true;
    if (!look.known && look.of == SCN_OF_LAST_FAULT)
        return in_run;
    if (!look.known && look.of == SCN_OF_HEAL)
        return in_run && fault->stmt->action.kind == SCN_PARTITION;
    if (fault->stmt == look.of_fault)
        return in_run;
    return dc_time_add(fault->over_ns, spread_ns) <= look.first_ns;
}

/* Bits as of load.meets. */
static uint64_t faults_of(const struct loads *loads, struct look look, uint64_t spread_ns)
{
    uint64_t unended = 0;

    for (size_t i = 0; i < loads->faults_len; i++)
        if (!is_over(loads, &loads->faults[i], look, spread_ns))
            unended |= UINT64_C(1) << i;
    return unended;
}

/* From so long before that nodes differ already, to the end. */
static bool goes_on(const struct loads *loads, const struct scn_stmt *load, struct look look,
                    uint64_t spread_ns)
{
    uint64_t from_ns = dc_time_add(load->has_from ? load->from.hi : 0, spread_ns);
    uint64_t to_ns = load->has_to ? load->to.lo : loads->scn->stop_ns;
    uint64_t last_ns = look.last_ns < loads->scn->stop_ns ? look.last_ns : loads->scn->stop_ns;

    return (!look.known || from_ns <= look.first_ns) && to_ns >= last_ns;
}

/* The shortest time in which @nodes can hear of something from one of them, about. */
static uint64_t spread_ns(const struct loads *loads, uint32_t nodes)
{
    uint64_t rounds = 0;
    u128 ns;

    for (u128 know = 1; know < nodes; know *= loads->fanout + 1)
        rounds++;
    ns = (u128)loads->sync_ns * rounds;
    return ns < DC_TIME_NEVER ? (uint64_t)ns : DC_TIME_NEVER;
}

static void say(const struct loads *loads, const struct scn_stmt *stmt)
{
    uint64_t ns = spread_ns(loads, hints_count(loads->p, stmt->pred.on));
    const struct load *largest = NULL;
    struct look look = look_of(loads, &stmt->pred);
    uint64_t unended = faults_of(loads, look, ns);
    bool at_once = look.known && look.first_ns == look.last_ns;
    uint64_t many = at_once ? OPERATIONS_AT_ONCE : OPERATIONS_IN_SPAN;
    char place[DIAG_PLACE_MAX];
    u128 rate = 0;

    for (size_t i = 0; i < loads->len; i++) {
        const struct load *load = &loads->list[i];

        if (!goes_on(loads, load->stmt, look, ns) || (load->meets & unended) ||
            (!look.known && load->hidden_from) || !hints_covers(loads->p, stmt->pred.on, load->on))
            continue;
        rate += load->rate_per_s;
        if (!largest || load->rate_per_s > largest->rate_per_s)
            largest = load;
    }
    if (!at_once && ns <= loads->sync_ns)
        return;
    if (!largest || rate * ns < (u128)many * SECOND_NS)
        return;
    diag_warning(loads->p->diags, stmt->arg_pos,
                 "this hardly ever holds: the %s of %s goes on, with %" PRIu64
                 " operations a second, and each parts the nodes until all know of it; end "
                 "it before, with 'to TIME'",
                 largest->stmt->kind == SCN_STMT_LOAD ? "load" : "'every'",
                 diags_place(place, loads->p->diags, largest->stmt->pos, stmt->arg_pos),
                 rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate);
}

void hints_say_load(const struct parser *p, const struct hints_window *windows)
{
    const struct scenario *scn = p->scn;
    struct loads *loads = fatal_calloc(1, sizeof(*loads));
    struct bound_input nodes;
    size_t expects = 0;

    loads->p = p;
    loads->scn = scn;
    loads->windows = windows;
    if (scn->quiet.at_ns == DC_TIME_NEVER)
        find_loads(loads);
    if (loads->len > 0) {
        bound_take_nodes(&nodes, p, scn->stop_ns);
        loads->fanout = nodes.fanout_most;
        loads->sync_ns =
            nodes.sync_ns_least < nodes.full_ns_least ? nodes.sync_ns_least : nodes.full_ns_least;
        find_faults(loads);
    }
    if (loads->too_much)
        loads->len = 0;
    find_meetings(loads);
    for (size_t i = 0; i < scn->stmts_len && loads->len > 0 && expects < EXPECTS_MAX; i++) {
        if (!is_of_agreement(&scn->stmts[i]))
            continue;
        say(loads, &scn->stmts[i]);
        expects++;
    }
    free(loads);
}
