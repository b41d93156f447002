/* How a run failed. */
#include "sim/shrink/breach.h"

#include <stdio.h>
#include <string.h>

#include "core/types.h"
#include "sim/run.h"
#include "sim/scenario/value.h"

/* Is it that all nodes are as one in the end, or what they show then? */
static bool is_of_the_end(const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_EXPECT && stmt->pred.at_end && !stmt->pred.on;
}

static enum breach_kind kind_of_expectation(const struct scenario *scn, const struct scn_stmt *stmt)
{
    if (scn->quiet.at_ns == DC_TIME_NEVER)
        return BREACH_OWN;
    if (stmt->kind == SCN_STMT_QUIET)
        return BREACH_CONVERGES;
    if (!is_of_the_end(stmt))
        return BREACH_OWN;
    if (stmt->pred.kind == SCN_PRED_CONVERGED && !stmt->pred.negated)
        return BREACH_CONVERGES;
    if (stmt->pred.kind == SCN_PRED_METRIC && stmt->pred.oracle && stmt->pred.cmp == SCN_EQ &&
        !stmt->pred.of)
        return BREACH_ORACLE;
    return BREACH_OWN;
}

void breach_of_run(struct breach *ret, const struct run *run)
{
    const struct outcome *outcome = &run->outcome;
    const struct scn_stmt *stmt;

    *ret = (struct breach){.kind = BREACH_NONE};
    if (outcome->verdict != VERDICT_BROKE)
        return;
    if (outcome->reason == REASON_CHECK) {
        ret->kind = BREACH_CHECK;
        snprintf(ret->text, sizeof(ret->text), "%s", run->checks.violation.check);
        return;
    }
    if (outcome->stmt >= run->scn->stmts_len) {
        breach_of_words(ret, outcome->headline);
        return;
    }
    stmt = &run->scn->stmts[outcome->stmt];
    ret->kind = kind_of_expectation(run->scn, stmt);
    if (ret->kind == BREACH_OWN)
        snprintf(ret->text, sizeof(ret->text), "%s", stmt->text);
}

/* Digits are left out: addresses, line numbers, nodes. */
void breach_of_words(struct breach *ret, const char *text)
{
    size_t len = 0;

    *ret = (struct breach){.kind = BREACH_CONTRACT};
    for (; *text && *text != '\n' && len + 1 < sizeof(ret->text); text++)
        if (!value_is_digit(*text))
            ret->text[len++] = *text;
}

void breach_of_signal(struct breach *ret, int signal_number)
{
    *ret = (struct breach){.kind = BREACH_SIGNAL};
    snprintf(ret->text, sizeof(ret->text), "%d", signal_number);
}

void breach_of_hang(struct breach *ret)
{
    *ret = (struct breach){.kind = BREACH_HANG};
}

bool breach_equal(const struct breach *a, const struct breach *b)
{
    return a->kind == b->kind && strcmp(a->text, b->text) == 0;
}

bool breach_is_general(const struct breach *breach)
{
    switch (breach->kind) {
    case BREACH_NONE:
    case BREACH_OWN:
        return false;
    case BREACH_CHECK:
    case BREACH_CONTRACT:
    case BREACH_SIGNAL:
    case BREACH_HANG:
        return true;
    case BREACH_CONVERGES:
    case BREACH_ORACLE:
        return breach->sober;
    }
    return false;
}

bool breach_ends_soberly(const struct run *run)
{
    const struct cluster *cluster = &run->cluster;

    if (run->outcome.verdict != VERDICT_HELD || run->scn->quiet.at_ns == DC_TIME_NEVER)
        return false;
    for (uint32_t i = 0; i < run->scn->nodes; i++)
        if (cluster->hosts[i].state == HOST_DOWN || cluster->hosts[i].state == HOST_PAUSED)
            return false;
    return true;
}
