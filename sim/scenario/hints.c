/* Hints about times, faults, rules and names. */
#include "sim/scenario/hints.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/types.h"
#include "sim/fatal.h"
#include "sim/scenario/facts.h"
#include "sim/scenario/parse.h"
#include "sim/wide.h"

/* What statements of one kind do to faults: partitions or holds. */
struct ends {
    bool any;         /* one of them ends faults without their NAME */
    uint64_t last_ns; /* at the latest */
};

/* All faults of one kind that fire. */
struct begins {
    bool any;
    bool lasting;      /* one of them has no 'for' */
    uint64_t first_ns; /* at the earliest */
    uint64_t over_ns;  /* by then, at the latest, the 'for' of each has ended it */
};

struct hints {
    const struct parser *p;
    const struct scenario *scn;
    struct diags *diags;
    const struct scn_stmt *quiet; /* NULL: there is none */
    struct hints_window *windows; /* by statement, owned */
    struct ends heals, releases, restarts, resumes;
    uint32_t fires;       /* a bit for each kind of action: some statement has it */
    struct ends *by_name; /* what ends the fault of a NAME by that NAME, owned */
    struct begins partitions, holds, backups;
    uint32_t lasting; /* firings of what lasts, with a 'for' or without, two at most of each */
    bool fault_ends, partition_ends; /* some do */
};

static bool is_rule(const struct scn_stmt *stmt)
{
    return scn_acts(stmt) && (stmt->action.kind == SCN_NET || stmt->action.kind == SCN_LINK);
}

/* ---- when statements fire ---- */

/* The times that the script can have reached. */
struct cursor {
    uint64_t lo, hi;
};

static uint64_t times(uint64_t ns, uint64_t count)
{
    u128 product = (u128)ns * count;

    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

/* At the end of a repeat, which began at @start: all its other turns. */
static void add_turns(struct hints *hints, struct cursor *cursor, struct cursor start, size_t end)
{
    size_t begin = hints->scn->stmts[end].block;
    uint64_t more = hints->scn->stmts[begin].turns - 1;
    uint64_t span = times(cursor->hi - start.hi, more);

    for (size_t i = begin; i < end; i++)
        hints->windows[i].last_ns = dc_time_add(hints->windows[i].last_ns, span);
    cursor->lo = dc_time_add(cursor->lo, times(cursor->lo - start.lo, more));
    cursor->hi = dc_time_add(cursor->hi, span);
}

static struct hints_window window_of_every(const struct hints *hints, const struct scn_stmt *stmt,
                                           struct cursor cursor)
{
    struct hints_window window = {
        .first_ns = dc_time_add(stmt->in_repeat ? cursor.lo : 0, stmt->from.lo),
        .last_ns = dc_time_add(stmt->in_repeat ? cursor.hi : 0, stmt->to.hi),
    };

    if (stmt->has_to)
        window.never = stmt->from.lo >= stmt->to.hi;
    else
        window.never = window.first_ns >= hints->scn->stop_ns;
    return window;
}

/* Nothing of the script fires after the stop, or from the quiet on. */
static bool is_too_late(const struct hints *hints, uint64_t at_ns)
{
    return at_ns > hints->scn->stop_ns || (hints->quiet && at_ns >= hints->quiet->when.lo);
}

static void find_windows(struct hints *hints)
{
    struct cursor cursor = {0}, starts[SCN_REPEAT_DEPTH_MAX];
    size_t depth = 0;

    for (size_t i = 0; i < hints->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &hints->scn->stmts[i];
        bool is_at = stmt->kind == SCN_STMT_AT;

        if (is_at || stmt->kind == SCN_STMT_AFTER) {
            cursor.lo = dc_time_add(is_at ? 0 : cursor.lo, stmt->when.lo);
            cursor.hi = dc_time_add(is_at ? 0 : cursor.hi, stmt->when.hi);
            hints->windows[i] = (struct hints_window){.first_ns = cursor.lo, .last_ns = cursor.hi};
        } else if (stmt->kind == SCN_STMT_EVERY) {
            hints->windows[i] = window_of_every(hints, stmt, cursor);
        } else if (stmt->kind == SCN_STMT_LOAD) {
            hints->windows[i] = window_of_every(hints, stmt, (struct cursor){0});
        } else if (stmt->kind == SCN_STMT_REPEAT) {
            starts[depth++] = cursor;
        } else if (stmt->kind == SCN_STMT_END) {
            add_turns(hints, &cursor, starts[--depth], i);
        }
        if (is_too_late(hints, hints->windows[i].first_ns))
            hints->windows[i].never = true;
    }
}

/* ---- faults, and what ends them ---- */

static void add_end(struct ends *ends, const struct hints_window *window)
{
    ends->any = true;
    if (window->last_ns > ends->last_ns)
        ends->last_ns = window->last_ns;
}

static void add_begin(struct begins *begins, const struct scn_action *action,
                      const struct hints_window *window)
{
    uint64_t over_ns = dc_time_add(window->last_ns, action->for_ns.hi);

    if (!begins->any || window->first_ns < begins->first_ns)
        begins->first_ns = window->first_ns;
    if (over_ns > begins->over_ns)
        begins->over_ns = over_ns;
    begins->any = true;
    begins->lasting = begins->lasting || !action->has_for;
}

static void find_begins_and_ends(struct hints *hints)
{
    for (size_t i = 0; i < hints->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &hints->scn->stmts[i];
        const struct hints_window *window = &hints->windows[i];
        const struct scn_action *action = &stmt->action;

        if (!scn_acts(stmt) || window->never)
            continue;
        if (action->kind == SCN_PARTITION)
            add_begin(&hints->partitions, action, window);
        if (action->kind == SCN_HOLD)
            add_begin(&hints->holds, action, window);
        if (action->kind == SCN_DISK && action->disk == SCN_DISK_BACKUP)
            add_begin(&hints->backups, action, window);
        if (scn_is_unended(action) || scn_has(action, SCN_LASTS))
            hints->lasting += window->last_ns > window->first_ns ? 2 : 1;
        if (action->kind == SCN_RESTART || action->kind == SCN_RESUME)
            add_end(action->kind == SCN_RESTART ? &hints->restarts : &hints->resumes, window);
        hints->fires |= 1u << action->kind;
        if (action->kind != SCN_HEAL && action->kind != SCN_RELEASE)
            continue;
        if (action->name != SCN_NO_NAME)
            add_end(&hints->by_name[action->name], window);
        else
            add_end(action->kind == SCN_HEAL ? &hints->heals : &hints->releases, window);
    }
}

/* Is one of them no earlier than the first beginning? */
static bool comes_after(const struct ends *ends, const struct hints_window *window)
{
    return ends->any && ends->last_ns >= window->first_ns;
}

/* Something wrong with a node ends when another takes its place, which is not looked for. */
static bool may_be_replaced(const struct hints *hints, const struct scn_action *action)
{
    return scn_has(action, SCN_LASTS) && hints->lasting > 1;
}

/* Can the fault that statement @i begins end in this run? */
static bool can_end(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];
    const struct scn_action *action = &stmt->action;
    const struct hints_window *window = &hints->windows[i];
    const struct ends *ends = action->kind == SCN_PARTITION ? &hints->heals
                              : action->kind == SCN_HOLD    ? &hints->releases
                              : action->kind == SCN_CRASH   ? &hints->restarts
                                                            : &hints->resumes;

    switch (action->kind) {
    case SCN_PARTITION:
    case SCN_HOLD:
    case SCN_CRASH:
    case SCN_PAUSE:
        if (hints->quiet || comes_after(ends, window))
            return true;
        if (action->name != SCN_NO_NAME && comes_after(&hints->by_name[action->name], window))
            return true;
        break;
    case SCN_CLOCK:
    case SCN_DISK:
    case SCN_MEMORY:
    case SCN_NET:
    case SCN_LINK:
        if (action->has_for && (hints->quiet || may_be_replaced(hints, action)))
            return true;
        break;
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
        return action->has_next || hints->quiet ||
               dc_time_add(window->first_ns, action->while_ns.lo) <= hints->scn->stop_ns;
    case SCN_INC:
    case SCN_DEC:
    case SCN_MEET:
    case SCN_HEAL:
    case SCN_RELEASE:
    case SCN_RESTART:
    case SCN_RESUME:
    case SCN_JOIN:
    case SCN_LEAVE:
    case SCN_STOPNODE:
    case SCN_FORGE:
        return false;
    }
    return action->has_for &&
           dc_time_add(window->first_ns, action->for_ns.lo) <= hints->scn->stop_ns;
}

static void find_whether_faults_end(struct hints *hints)
{
    size_t unended = 0;

    for (size_t i = 0; i < hints->scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &hints->scn->stmts[i];

        if (!scn_acts(stmt) || hints->windows[i].never)
            continue;
        /* Where there are two without an end of their own, one may leave nothing of the other. */
        unended += scn_is_unended(&stmt->action);
        if (!can_end(hints, i) && !scn_calls_off(&stmt->action) && unended < 2 &&
            !(hints->quiet && scn_is_unended(&stmt->action)))
            continue;
        hints->fault_ends = true;
        if (stmt->action.kind == SCN_PARTITION)
            hints->partition_ends = true;
    }
}

/* ---- what is said about times ---- */

static void say_never(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];
    const struct hints_window *window = &hints->windows[i];
    char time[VALUE_TIME_TEXT_MAX], end[VALUE_TIME_TEXT_MAX], place[DIAG_PLACE_MAX];
    bool by_quiet = hints->quiet && window->first_ns >= hints->quiet->when.lo &&
                    hints->quiet->when.lo <= hints->scn->stop_ns;
    struct scn_pos end_pos = by_quiet ? hints->quiet->pos : hints->scn->stop_pos;

    if (stmt->has_to && stmt->from.lo >= stmt->to.hi) {
        diag_warning(hints->diags, stmt->arg_pos,
                     "this never happens: it ends at %s, when it begins; give it a later 'to'",
                     value_time_text(time, stmt->to.hi));
        return;
    }
    diag_warning(hints->diags, stmt->arg_pos,
                 "this never happens: it comes at %s, and the %s at %s (%s); let it come earlier",
                 value_time_text(time, window->first_ns), by_quiet ? "quiet begins" : "run stops",
                 value_time_text(end, by_quiet ? hints->quiet->when.lo : hints->scn->stop_ns),
                 diags_place(place, hints->diags, end_pos, stmt->arg_pos));
}

/* What a heal or a release could end. */
static struct begins begins_of(const struct hints *hints, const struct scn_action *action)
{
    struct begins begins = {0};
    uint32_t at;

    if (action->name == SCN_NO_NAME)
        return action->kind == SCN_HEAL ? hints->partitions : hints->holds;
    at = hints->scn->names[action->name].stmt;
    if (!hints->windows[at].never)
        add_begin(&begins, &hints->scn->stmts[at].action, &hints->windows[at]);
    return begins;
}

/* A heal or a release before the faults that it could end, or after the last of them. */
static void say_nothing_to_end(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];
    const struct hints_window *window = &hints->windows[i];
    struct begins begins = begins_of(hints, &stmt->action);
    bool heals = stmt->action.kind == SCN_HEAL, named = stmt->action.name != SCN_NO_NAME;
    const char *word = heals ? "heal" : "release", *what = heals ? "partition" : "hold";
    char time[VALUE_TIME_TEXT_MAX];

    if (!begins.any)
        diag_warning(hints->diags, stmt->arg_pos,
                     "nothing to %s: no %s ever begins; add one before this, or leave this out",
                     word, what);
    else if (begins.first_ns > window->last_ns)
        diag_warning(hints->diags, stmt->arg_pos,
                     "nothing to %s yet: the %s%s begins at %s; let this come later", word,
                     named ? "" : "first ", what, value_time_text(time, begins.first_ns));
    else if (!begins.lasting && begins.over_ns <= window->first_ns)
        diag_warning(hints->diags, stmt->arg_pos,
                     "nothing left to %s: the %s%s ends at %s by its 'for'; leave one of them out",
                     word, named ? "" : "last ", what, value_time_text(time, begins.over_ns));
}

/* A restore before any backup. */
static void say_nothing_to_restore(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];
    const struct begins *backups = &hints->backups;
    char time[VALUE_TIME_TEXT_MAX];

    if (!backups->any)
        diag_warning(hints->diags, stmt->arg_pos,
                     "nothing to restore: no backup is ever made; add 'at TIME disk SEL backup' "
                     "before this, or leave this out");
    else if (backups->first_ns > hints->windows[i].last_ns)
        diag_warning(hints->diags, stmt->arg_pos,
                     "nothing to restore yet: the first backup is made at %s; let this come later",
                     value_time_text(time, backups->first_ns));
}

static void say_never_ends(const struct hints *hints, const struct scn_stmt *stmt)
{
    const struct scn_name *name = &hints->scn->names[stmt->pred.of_name];
    const struct scn_action *action = &hints->scn->stmts[name->stmt].action;

    if (hints->windows[name->stmt].never || can_end(hints, name->stmt))
        return; /* that it never begins is said there */
    if (action->has_for)
        diag_warning(hints->diags, stmt->arg_pos,
                     "this is never evaluated: '%s' does not end before the run stops; give it "
                     "a shorter 'for', or stop later",
                     name->name);
    else if (action->kind == SCN_CRASH)
        diag_warning(hints->diags, stmt->arg_pos,
                     "this is never evaluated: '%s' never ends; give it 'for TIME', or add 'at "
                     "TIME restart' of its nodes",
                     name->name);
    else
        diag_warning(hints->diags, stmt->arg_pos,
                     "this is never evaluated: '%s' never ends; give it 'for TIME', or add 'at "
                     "TIME %s %s'",
                     name->name, action->kind == SCN_HOLD ? "release" : "heal", name->name);
}

static void say_unevaluated(const struct hints *hints, const struct scn_stmt *stmt)
{
    if (stmt->pred.kind != SCN_PRED_WITHIN)
        return;
    if (stmt->pred.of_kind == SCN_OF_NAME)
        say_never_ends(hints, stmt);
    if (stmt->pred.of_kind == SCN_OF_HEAL && !hints->partition_ends)
        diag_warning(hints->diags, stmt->arg_pos,
                     "this is never evaluated: no partition ends in this run; heal one, or give "
                     "one 'for TIME'");
    if (stmt->pred.of_kind == SCN_OF_LAST_FAULT && !hints->fault_ends)
        diag_warning(hints->diags, stmt->arg_pos,
                     "this is never evaluated: no fault ends in this run; heal a partition, or "
                     "give a fault 'for TIME'");
}

static void say_condition(const struct hints *hints, const struct scn_stmt *stmt,
                          enum scn_condition condition)
{
    /* What must happen for it to be so. */
    static const struct {
        enum scn_action_kind kind;
        const char *what;
    } needs[] = {
        [SCN_PARTITIONED] = {SCN_PARTITION, "partition ever begins"},
        [SCN_HELD] = {SCN_HOLD, "hold ever begins"},
        [SCN_CRASHED] = {SCN_CRASH, "crash ever begins"},
        [SCN_RESTARTED] = {SCN_RESTART, "restart ever comes"},
        [SCN_PAUSED] = {SCN_PAUSE, "pause ever begins"},
        [SCN_JOINED] = {SCN_JOIN, "join ever comes"},
        [SCN_LEFT] = {SCN_LEAVE, "leave ever comes"},
        [SCN_CONVERGED] = {SCN_INC, NULL},
    };
    bool fires = (hints->fires >> needs[condition].kind & 1) != 0;

    if (condition == SCN_RESTARTED) /* also by the end of a crash, which comes by itself */
        fires = fires || (hints->fires >> SCN_CRASH & 1) != 0;
    if (needs[condition].what && !fires)
        diag_warning(hints->diags, stmt->arg_pos,
                     "this never holds: no %s; add one, or leave this out", needs[condition].what);
}

/* ---- what is said about values ---- */

static void say_loss(const struct hints *hints, const struct scn_stmt *stmt,
                     const struct scn_rules *rules)
{
    if ((rules->set & SCN_RULE_LOSS) && rules->loss_ppb.lo == SCN_PPB)
        diag_warning(
            hints->diags, stmt->arg_pos,
            "loss 100%% lets nothing through; say 'down', of which a run tells you when it "
            "never met a message");
    if ((rules->set & SCN_RULE_CORRUPT) && rules->corrupt_ppb.lo == SCN_PPB)
        diag_warning(hints->diags, stmt->arg_pos,
                     "corrupt 100%% leaves hardly a frame that anybody can read; give a smaller "
                     "share");
}

/* For all nodes: that one of them does not ask may be what a scenario is about. */
static void say_sync(const struct hints *hints, const struct scn_stmt *stmt)
{
    const struct scn_node_keys *keys = &stmt->node;
    char sync[VALUE_TIME_TEXT_MAX], stop[VALUE_TIME_TEXT_MAX], place[DIAG_PLACE_MAX];

    if (!(keys->set & SCN_NODE_SYNC) || keys->sync_ns.lo <= hints->scn->stop_ns)
        return;
    if (stmt->has_sel || (keys->set & SCN_NODE_FULL))
        return;
    diag_warning(hints->diags, stmt->arg_pos,
                 "a sync of %s is longer than the run, which stops at %s (%s), so that hardly "
                 "any node asks a peer; give a shorter one",
                 value_time_text(sync, keys->sync_ns.lo),
                 value_time_text(stop, hints->scn->stop_ns),
                 diags_place(place, hints->diags, hints->scn->stop_pos, stmt->arg_pos));
}

static void say_of_action(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];

    if (hints->windows[i].never) {
        say_never(hints, i);
        return;
    }
    if (stmt->kind == SCN_STMT_LOAD)
        return;
    if (stmt->action.kind == SCN_HEAL || stmt->action.kind == SCN_RELEASE)
        say_nothing_to_end(hints, i);
    if (stmt->action.kind == SCN_DISK && stmt->action.disk == SCN_DISK_RESTORE)
        say_nothing_to_restore(hints, i);
    if (is_rule(stmt))
        say_loss(hints, stmt, &stmt->action.rules);
}

static void say_of_statement(const struct hints *hints, size_t i)
{
    const struct scn_stmt *stmt = &hints->scn->stmts[i];

    switch (stmt->kind) {
    case SCN_STMT_NODE:
        say_sync(hints, stmt);
        break;
    case SCN_STMT_NET:
    case SCN_STMT_LINK:
        say_loss(hints, stmt, &stmt->rules);
        break;
    case SCN_STMT_LOAD:
    case SCN_STMT_AT:
    case SCN_STMT_AFTER:
    case SCN_STMT_EVERY:
        say_of_action(hints, i);
        break;
    case SCN_STMT_EXPECT:
        say_unevaluated(hints, stmt);
        break;
    case SCN_STMT_SOMETIMES:
        if (stmt->pred.kind == SCN_PRED_WHILE) {
            say_condition(hints, stmt, stmt->pred.while_a);
            if (stmt->pred.while_b != stmt->pred.while_a)
                say_condition(hints, stmt, stmt->pred.while_b);
        }
        break;
    case SCN_STMT_ALWAYS:
    case SCN_STMT_NEVER:
    case SCN_STMT_REPEAT:
    case SCN_STMT_END:
    case SCN_STMT_QUIET:
    case SCN_STMT_SHOW:
    case SCN_STMT_CAMPAIGN:
        break;
    }
    hints_say_nobody(hints->p, stmt);
}

/* ---- names ---- */

/* A file for others to include may well offer more than this one takes. */
static bool is_here(struct scn_pos pos)
{
    return pos.file == 0;
}

static void say_unused_names(const struct hints *hints)
{
    const struct parser *p = hints->p;
    bool *used = fatal_calloc(p->names_len, sizeof(*used));

    for (size_t i = 0; i < p->name_uses_len; i++)
        used[p->name_uses[i].name] = true;
    for (size_t i = 0; i < p->names_len; i++)
        if (!used[i] && is_here(p->names[i].pos))
            diag_warning(p->diags, p->names[i].pos,
                         "the NAME '%s' is never used; leave out 'as %s'", p->names[i].text,
                         p->names[i].text);
    free(used);
}

static void say_unused(const struct hints *hints)
{
    const struct parser *p = hints->p;

    for (size_t i = 0; i < p->params.len; i++)
        if (!p->params.list[i].used && is_here(p->params.list[i].pos))
            diag_warning(p->diags, p->params.list[i].pos,
                         "the parameter '%s' is never used; say $%s where it is meant, or leave "
                         "it out",
                         p->params.list[i].name, p->params.list[i].name);
    for (size_t i = 0; i < p->groups_len; i++)
        if (!p->groups[i].used && is_here(p->groups[i].pos))
            diag_warning(p->diags, p->groups[i].pos,
                         "the group '%s' is never used; say @%s where it is meant, or leave it out",
                         p->groups[i].name, p->groups[i].name);
    say_unused_names(hints);
}

void hints_say(const struct parser *p)
{
    struct hints hints = {
        .p = p,
        .scn = p->scn,
        .diags = p->diags,
        .windows = fatal_calloc(p->scn->stmts_len, sizeof(*hints.windows)),
        .by_name = fatal_calloc(p->scn->names_len, sizeof(*hints.by_name)),
    };

    for (size_t i = 0; i < hints.scn->stmts_len; i++)
        if (hints.scn->stmts[i].kind == SCN_STMT_QUIET)
            hints.quiet = &hints.scn->stmts[i];
    find_windows(&hints);
    find_begins_and_ends(&hints);
    find_whether_faults_end(&hints);
    for (size_t i = 0; i < hints.scn->stmts_len; i++)
        if (!hints.scn->stmts[i].implied)
            say_of_statement(&hints, i);
    hints_say_load(p, hints.windows);
    hints_say_delay(p);
    hints_say_cost(p);
    say_unused(&hints);
    params_hint_defines(&p->params);
    free(hints.windows);
    free(hints.by_name);
}
