/* Who has to meet something, and what. */
#include "sim/met.h"

#include <stdbool.h>
#include <stddef.h>

static const char *what_of_disk(enum scn_disk disk)
{
    switch (disk) {
    case SCN_DISK_TORN:
        return "a crash with writes that no sync has covered";
    case SCN_DISK_BITROT:
        return "a start of a node that has something on its disk";
    case SCN_DISK_FULL:
        return "a write";
    case SCN_DISK_SYNCFAIL:
    case SCN_DISK_SLOW:
        return "a sync";
    case SCN_DISK_BACKUP:
        return "a node with a disk";
    case SCN_DISK_RESTORE:
        return "a start of a node with a backup that was made before";
    case SCN_DISK_LOSE:
        return "a start of a node with a write on its disk";
    case SCN_DISK_ZEROED:
        return "a start of a node that has something on its disk";
    case SCN_DISK_READFAIL:
        return "a read, at the start of a node";
    case SCN_DISK_OK:
        return "a disk with something wrong";
    }
    return NULL;
}

static const char *what_of_rules(const struct scn_rules *rules)
{
    return rules->set == SCN_RULE_RESET ? "a rule that was laid over those of the file"
                                        : "a message that it acts on";
}

static const char *what_of_action(const struct scn_action *action)
{
    switch (action->kind) {
    case SCN_INC:
    case SCN_DEC:
        return "a node that takes its request";
    case SCN_MEET:
        return "a node that runs, and another for it to learn of";
    case SCN_PARTITION:
        return "a message that it stops";
    case SCN_HEAL:
        return "a partition that it ends";
    case SCN_HOLD:
        return "a message that it holds";
    case SCN_RELEASE:
        return "a hold that it ends, or links of one";
    case SCN_NET:
    case SCN_LINK:
        return what_of_rules(&action->rules);
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
        return "a message that it acts on";
    case SCN_FORGE:
        return "a node that hears it";
    case SCN_CRASH:
        return "a node that runs";
    case SCN_RESTART:
        return "a node that is down";
    case SCN_PAUSE:
        return "a node that is up";
    case SCN_LEAVE:
    case SCN_STOPNODE:
        return "a node that is up and does not end yet";
    case SCN_RESUME:
        return "a node that is paused";
    case SCN_JOIN:
        return "a node that has not joined yet";
    case SCN_CLOCK:
        return "a node that runs, then or later";
    case SCN_DISK:
        return what_of_disk(action->disk);
    case SCN_MEMORY:
        return action->memory == SCN_MEMORY_OK ? "a node whose requests for memory may fail"
                                               : "a request for memory";
    }
    return NULL;
}

/* NULL: it does nothing that could meet something. */
const char *met_what(const struct scn_stmt *stmt)
{
    switch (stmt->kind) {
    case SCN_STMT_NODE:
        return "a node";
    case SCN_STMT_NET:
    case SCN_STMT_LINK:
        return what_of_rules(&stmt->rules);
    case SCN_STMT_LOAD:
        return "a node that takes its request";
    case SCN_STMT_AT:
    case SCN_STMT_AFTER:
    case SCN_STMT_EVERY:
        return what_of_action(&stmt->action);
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
