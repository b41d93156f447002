/* Which words a scenario uses. */
#include "tests/lib_words.h"

#include <criterion/criterion.h>
#include <string.h>

#include "sim/scenario/words.h"

/* Those shapes of a partition that have a word. */
static const char *const cuts[] = {"halves", "majority", "thirds", "ring",
                                   "bridge", "isolate",  "random", NULL};

const struct word_list word_lists[] = {
    {"action", words_actions, "# ACTIONS"},
    {"disk", words_disks, "# ACTIONS"},
    {"memory", words_memories, "# ACTIONS"},
    {"clock", words_clocks, "# ACTIONS"},
    {"forge", words_forges, "# ACTIONS"},
    {"partition", cuts, "# ACTIONS"},
    {"rule", words_rules, "# NETWORK"},
    {"distribution", words_dists, "# NETWORK"},
    {"node", words_node_keys, "# NODES"},
    {"peers", words_peers, "# NODES"},
    {"metric", words_metrics, "# WHAT MUST HOLD"},
    {"condition", words_conditions, "# WHAT MUST HOLD"},
    {"show", words_shows, "# SHOW"},
    {NULL, NULL, NULL},
};

static size_t count(const char *const *words)
{
    size_t len = 0;

    while (words[len])
        len++;
    return len;
}

size_t words_first(const char *what)
{
    size_t first = 0;

    for (const struct word_list *list = word_lists; list->what; list++) {
        if (strcmp(list->what, what) == 0)
            return first;
        first += count(list->words);
        cr_assert(first <= WORDS_MAX);
    }
    cr_assert_fail("there is no list of words called '%s'", what);
    return 0;
}

static void note(struct words_used *used, const char *what, size_t index)
{
    used->of[words_first(what) + index] = true;
}

/* Those of a set of bits. */
static void note_set(struct words_used *used, const char *what, unsigned set)
{
    for (size_t i = 0; i < 32; i++)
        if (set >> i & 1)
            note(used, what, i);
}

static void note_rules(struct words_used *used, const struct scn_rules *rules)
{
    note_set(used, "rule", rules->set);
    if ((rules->set & SCN_RULE_DELAY) && rules->jitter > 0 && rules->dist != SCN_DIST_RANGE)
        note(used, "distribution", rules->dist);
}

static void note_action(struct words_used *used, const struct scn_action *action)
{
    note(used, "action", action->kind);
    if (action->kind == SCN_DISK)
        note(used, "disk", action->disk);
    if (action->kind == SCN_MEMORY)
        note(used, "memory", action->memory);
    if (action->kind == SCN_CLOCK)
        note(used, "clock", action->clock);
    if (action->kind == SCN_FORGE)
        note(used, "forge", action->forge);
    if (action->kind == SCN_PARTITION && action->cut.kind >= SCN_CUT_HALVES)
        note(used, "partition", action->cut.kind - SCN_CUT_HALVES);
    if (action->kind == SCN_NET || action->kind == SCN_LINK)
        note_rules(used, &action->rules);
}

static void note_pred(struct words_used *used, const struct scn_pred *pred)
{
    if (pred->kind == SCN_PRED_METRIC || pred->kind == SCN_PRED_DECREASE)
        note(used, "metric", pred->metric);
    if (pred->kind == SCN_PRED_WHILE) {
        note(used, "condition", pred->while_a);
        note(used, "condition", pred->while_b);
    }
}

void words_note(struct words_used *used, const struct scenario *scn)
{
    for (size_t i = 0; i < scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &scn->stmts[i];

        if (stmt->kind == SCN_STMT_NODE) {
            note_set(used, "node", stmt->node.set);
            if (stmt->node.set & SCN_NODE_PEERS)
                note(used, "peers", stmt->node.peers);
        }
        if (stmt->kind == SCN_STMT_NET || stmt->kind == SCN_STMT_LINK)
            note_rules(used, &stmt->rules);
        if (scn_acts(stmt))
            note_action(used, &stmt->action);
        if (!stmt->implied && (stmt->kind == SCN_STMT_EXPECT || stmt->kind == SCN_STMT_ALWAYS ||
                               stmt->kind == SCN_STMT_NEVER || stmt->kind == SCN_STMT_SOMETIMES))
            note_pred(used, &stmt->pred);
        if (stmt->kind == SCN_STMT_SHOW)
            note(used, "show", stmt->show.what);
    }
}
