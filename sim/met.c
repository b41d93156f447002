/* Who has to meet something, and what. */
#include "sim/met.h"

#include <stdbool.h>
#include <stddef.h>

#include "sim/scenario/facts.h"

/* NULL: it does nothing that could meet something. */
const char *met_what(const struct scn_stmt *stmt)
{
    switch (stmt->kind) {
    case SCN_STMT_NODE:
        return "a node";
    case SCN_STMT_NET:
    case SCN_STMT_LINK:
        return "a message that it acts on";
    case SCN_STMT_LOAD:
        return "a node that takes its request";
    case SCN_STMT_AT:
    case SCN_STMT_AFTER:
    case SCN_STMT_EVERY:
        return scn_facts(&stmt->action)->meets;
    case SCN_STMT_EXPECT:
    case SCN_STMT_ALWAYS:
    case SCN_STMT_NEVER:
    case SCN_STMT_SOMETIMES:
    case SCN_STMT_REPEAT:
    case SCN_STMT_END:
    case SCN_STMT_QUIET:
    case SCN_STMT_SHOW:
    case SCN_STMT_CAMPAIGN:
        break;
    }
    return NULL;
}

/* Its rules that have met nothing. */
static unsigned idle_rules(const struct scn_stmt *stmt, const struct met *met)
{
    unsigned set = 0;

    if (stmt->kind == SCN_STMT_NET || stmt->kind == SCN_STMT_LINK)
        set = stmt->rules.set;
    else if (scn_acts(stmt) && (stmt->action.kind == SCN_NET || stmt->action.kind == SCN_LINK))
        set = stmt->action.rules.set;
    return set & ~met->rules;
}

const char *met_rule(const struct scn_stmt *stmt, const struct met *met)
{
    static const struct {
        unsigned rule;
        const char *word;
    } rules[] = {
        {SCN_RULE_RESET, "reset"}, {SCN_RULE_DELAY, "delay"},     {SCN_RULE_LOSS, "loss"},
        {SCN_RULE_DUP, "dup"},     {SCN_RULE_CORRUPT, "corrupt"}, {SCN_RULE_REORDER, "reorder"},
        {SCN_RULE_RATE, "rate"},   {SCN_RULE_DOWN, "down"},
    };
    unsigned idle = idle_rules(stmt, met);

    for (size_t i = 0; met->count > 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
        if (idle & rules[i].rule)
            return rules[i].word;
    return NULL;
}

uint32_t met_nothing(const struct scenario *scn, const struct met *met, uint32_t from)
{
    uint32_t i = from;

    while (i < scn->stmts_len && (!met_what(&scn->stmts[i]) ||
                                  (met[i].count > 0 && idle_rules(&scn->stmts[i], &met[i]) == 0)))
        i++;
    return i;
}
