/* Repeats are walked once, for their last turn; the turns before it take as long each. */
#include "sim/scenario/firings.h"

#include "core/types.h"
#include "sim/fatal.h"

static uint64_t times(uint64_t ns, uint64_t turns)
{
    return turns > 0 && ns > DC_TIME_NEVER / turns ? DC_TIME_NEVER : ns * turns;
}

static struct scn_range sum(struct scn_range a, struct scn_range b)
{
    return (struct scn_range){.lo = dc_time_add(a.lo, b.lo), .hi = dc_time_add(a.hi, b.hi)};
}

/* @turns turns of the repeat at @at, one after the other. */
static struct scn_range turns_of(const struct scn_stmt *stmts, size_t at, uint64_t turns)
{
    struct scn_range turn = {0};

    for (size_t i = at + 1; i < stmts[at].block; i++) {
        if (stmts[i].kind == SCN_STMT_AFTER)
            turn = sum(turn, stmts[i].when);
        if (stmts[i].kind != SCN_STMT_REPEAT)
            continue;
        turn = sum(turn, turns_of(stmts, i, stmts[i].turns));
        i = stmts[i].block;
    }
    return (struct scn_range){.lo = times(turn.lo, turns), .hi = times(turn.hi, turns)};
}

/* Of an 'every' that counts from @base. */
static struct last_firing last_of_every(const struct scn_stmt *stmt, struct scn_range base,
                                        uint64_t quiet_ns)
{
    struct scn_range first = sum(base, stmt->from);
    struct scn_range end = {.lo = quiet_ns, .hi = quiet_ns};
    struct last_firing last = {.lo_ns = first.lo};

    if (stmt->has_to)
        end = sum(base, stmt->to);
    end.lo = end.lo < quiet_ns ? end.lo : quiet_ns;
    end.hi = end.hi < quiet_ns ? end.hi : quiet_ns;
    if (end.lo > stmt->when.hi && end.lo - stmt->when.hi > last.lo_ns)
        last.lo_ns = end.lo - stmt->when.hi;
    last.hi_ns = end.hi > 0 ? end.hi - 1 : 0;
    last.is_sure = first.hi < end.lo;
    return last;
}

static struct last_firing last_of(struct scn_range at, uint64_t quiet_ns)
{
    return (struct last_firing){.lo_ns = at.lo, .hi_ns = at.hi, .is_sure = at.hi < quiet_ns};
}

struct last_firing *firings_last(const struct scn_stmt *stmts, size_t stmts_len, uint64_t quiet_ns)
{
    static const struct scn_range start = {0};
    struct last_firing *ret = fatal_calloc(stmts_len + 1, sizeof(*ret));
    struct scn_range now = {0}; /* what a '+' counts from */

    for (size_t i = 0; i < stmts_len; i++) {
        const struct scn_stmt *stmt = &stmts[i];

        if (stmt->kind == SCN_STMT_REPEAT && stmt->turns > 0)
            now = sum(now, turns_of(stmts, i, stmt->turns - 1));
        if (stmt->kind == SCN_STMT_EVERY)
            ret[i] = last_of_every(stmt, stmt->in_repeat ? now : start, quiet_ns);
        if (stmt->kind != SCN_STMT_AT && stmt->kind != SCN_STMT_AFTER)
            continue;
        now = stmt->kind == SCN_STMT_AT ? stmt->when : sum(now, stmt->when);
        ret[i] = last_of(now, quiet_ns);
    }
    return ret;
}

struct firings_since firings_after(size_t from)
{
    return (struct firings_since){.at = from};
}

bool firings_next(struct firings_since *since, const struct scn_stmt *stmts, size_t stmts_len)
{
    for (since->at++; since->at < stmts_len; since->at++) {
        const struct scn_stmt *stmt = &stmts[since->at];

        if (stmt->kind == SCN_STMT_AT || stmt->kind == SCN_STMT_END)
            break;
        if (stmt->kind == SCN_STMT_AFTER) {
            since->lo_ns = dc_time_add(since->lo_ns, stmt->when.lo);
            return true;
        }
        if (stmt->kind != SCN_STMT_REPEAT)
            continue;
        since->lo_ns = dc_time_add(since->lo_ns, turns_of(stmts, since->at, stmt->turns).lo);
        since->at = stmt->block;
    }
    since->at = stmts_len;
    return false;
}
