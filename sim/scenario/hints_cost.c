/*
 * What a run will cost at least, as far as its text says it, so that nobody waits for a
 * run without an end. Figures are rough, and on the low side.
 */
#include "sim/scenario/hints.h"

#include <inttypes.h>
#include <string.h>

#include "core/types.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/parse.h"
#include "sim/wide.h"

#define SECOND_NS UINT64_C(1000000000)
/* Ten minutes, at a million events a second. */
#define EVENTS_A_MINUTE UINT64_C(60000000)
#define EVENTS_LONG (10 * EVENTS_A_MINUTE)
/* A node holds a count of each node that counts, and others hold what it told: docs/scale.md. */
#define BYTES_A_COUNT 40u
#define MIB ((u128)1 << 20)
#define MIB_MANY 2048u

/* From when to when @stmt fires, at least. */
static uint64_t span_ns(const struct scenario *scn, const struct scn_stmt *stmt)
{
    uint64_t from_ns = stmt->has_from ? stmt->from.hi : 0;
    uint64_t to_ns = stmt->has_to && stmt->to.lo < scn->stop_ns ? stmt->to.lo : scn->stop_ns;

    if (scn->quiet.at_ns < to_ns)
        to_ns = scn->quiet.at_ns;
    return from_ns < to_ns ? to_ns - from_ns : 0;
}

static u128 firings_of(const struct scenario *scn, const struct scn_stmt *stmt)
{
    if (stmt->kind == SCN_STMT_EVERY && !stmt->in_repeat && stmt->when.hi > 0)
        return span_ns(scn, stmt) / stmt->when.hi;
    if (stmt->kind == SCN_STMT_LOAD)
        return (u128)span_ns(scn, stmt) * stmt->load.rate_per_s / SECOND_NS;
    return 0;
}

/* Each sync of a node is an event, and so are each question and its answer. */
static u128 syncs_of(const struct parser *p)
{
    struct bound_input input;
    uint64_t asked;

    bound_take_nodes(&input, p, p->scn->stop_ns);
    asked = input.fanout < input.nodes ? input.fanout : input.nodes - 1;
    return (u128)input.nodes * (p->scn->stop_ns / input.sync_ns) * (1 + 2 * asked);
}

/* The statement that fires most often, and that often; or the stop, and all events. */
static void say_events(const struct parser *p)
{
    const struct scenario *scn = p->scn;
    struct scn_pos pos = scn->stop_pos;
    u128 all = syncs_of(p), most = all;

    for (size_t i = 0; i < scn->stmts_len; i++) {
        u128 firings = firings_of(scn, &scn->stmts[i]);

        all += firings;
        if (firings > most) {
            most = firings;
            pos = scn->stmts[i].arg_pos;
        }
    }
    if (all < EVENTS_LONG)
        return;
    diag_warning(p->diags, pos,
                 "this run has %" PRIu64 " million events or more, most of them because of this: "
                 "at a million a second that takes %" PRIu64 " minutes; let it fire less often, or "
                 "stop earlier",
                 (uint64_t)(all / 1000000), (uint64_t)(all / EVENTS_A_MINUTE));
}

static bool is_of_all(const struct scn_stmt *stmt)
{
    const struct scn_sel *sel = NULL;

    if (stmt->kind == SCN_STMT_LOAD)
        sel = &stmt->load.on;
    else if (scn_acts(stmt) && (stmt->action.kind == SCN_INC || stmt->action.kind == SCN_DEC))
        sel = &stmt->action.sel;
    return sel && sel->text && (strcmp(sel->text, "all") == 0 || strcmp(sel->text, "up") == 0);
}

static void say_memory(const struct parser *p)
{
    const struct scenario *scn = p->scn;
    u128 mib = (u128)scn->nodes * scn->nodes * BYTES_A_COUNT / MIB;

    for (size_t i = 0; i < scn->stmts_len && mib >= MIB_MANY; i++) {
        if (!is_of_all(&scn->stmts[i]))
            continue;
        diag_warning(p->diags, scn->stmts[i].arg_pos,
                     "each of %" PRIu32 " nodes counts, and holds the counts of all: that takes "
                     "%" PRIu64 " MiB of memory or more; let some of them count, such as "
                     "'random(100)'",
                     scn->nodes, (uint64_t)mib);
        return;
    }
}

void hints_say_cost(const struct parser *p)
{
    say_events(p);
    say_memory(p);
}
