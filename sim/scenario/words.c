/* The words of the language. */
#include "sim/scenario/words.h"

#include <stdint.h>
#include <string.h>

#include "sim/scenario/scenario.h"

const char *const words_actions[] = {
    [SCN_INC] = "inc",         [SCN_DEC] = "dec",
    [SCN_MEET] = "meet",       [SCN_PARTITION] = "partition",
    [SCN_HEAL] = "heal",       [SCN_HOLD] = "hold",
    [SCN_RELEASE] = "release", [SCN_NET] = "net",
    [SCN_LINK] = "link",       [SCN_DROP] = "drop",
    [SCN_DELAY] = "delay",     NULL,
};

const char *const words_node_keys[] = {"sync", "full", "fanout", "inbox", "service", "peers", NULL};

const char *const words_peers[] = {
    [SCN_PEERS_ALL] = "all",
    [SCN_PEERS_NONE] = "none",
    [SCN_PEERS_RING] = "ring",
    [SCN_PEERS_RANDOM] = "random",
    NULL,
};

const char *const words_rules[] = {"delay", "loss", "down", "reset", NULL};

const char *const words_dists[] = {
    [SCN_DIST_UNIFORM] = "uniform",
    [SCN_DIST_NORMAL] = "normal",
    [SCN_DIST_EXP] = "exp",
    [SCN_DIST_PARETO] = "pareto",
    NULL,
};

const char *const words_after_rules[] = {"delay",   "loss",   "down", "reset",  "for",
                                         "uniform", "normal", "exp",  "pareto", NULL};

const char *const words_terms[] = {"all", "up", "down", "rest", "random", NULL};

const char *const words_cuts[] = {"halves", "majority", "thirds", "ring", "bridge", "isolate",
                                  "random", "all",      "up",     "down", "rest",   NULL};

const char *const words_metrics[] = {
    [SCN_METRIC_VALUE] = "value",       [SCN_METRIC_DISTINCT] = "distinct",
    [SCN_METRIC_MESSAGES] = "messages", [SCN_METRIC_BYTES] = "bytes",
    [SCN_METRIC_DROPPED] = "dropped",   [SCN_METRIC_PUSHES] = "pushes",
    [SCN_METRIC_QUEUE] = "queue",       NULL,
};

const char *const words_preds[] = {"not",   "converged", "value",  "distinct", "messages",
                                   "bytes", "dropped",   "pushes", "queue",    NULL};

/* Words that a file can use. */
/* clang-format off */
static const char *const keywords[] = {
    "all", "always", "as", "at", "bridge", "by", "bytes", "converged", "dec", "decrease",
    "delay", "distinct", "down", "drop", "dropped", "each", "end", "even", "every", "exp",
    "expect", "fanout", "fault", "fixed", "for", "from", "full", "group", "halves", "heal",
    "hold", "inbox", "inc", "isolate", "last", "link", "load", "loss", "majority", "meet",
    "messages", "net", "never", "next", "node", "nodes", "none", "normal", "not", "of", "on",
    "oracle", "param", "pareto", "partition", "peers", "poisson", "pushes", "queue", "random",
    "release", "reset", "rest", "ring", "scn", "seed", "service", "stop", "sync", "thirds", "to",
    "uniform", "up", "value", "while", "within", NULL,
};
/* clang-format on */

/* Words that it will be able to use: a NAME stays a NAME when they come. */
/* clang-format off */
static const char *const keywords_later[] = {
    "bitrot", "checks", "clock", "corrupt", "crash", "crashed", "disk", "drift", "dup", "fix",
    "fsync", "gap", "gemodel", "held", "include", "join", "joined", "jump", "leave", "left",
    "lose", "max", "off", "ok", "p50", "p99", "partitioned", "pause", "paused", "quiet", "rate",
    "reorder", "repeat", "restart", "restarted", "resume", "seeds", "show", "size", "skew",
    "slow", "sometimes", "state", "step", "stopnode", "sweep", "syncfail", "torn", "values", NULL,
};
/* clang-format on */

size_t word_find(const char *const *words, const char *text, size_t len)
{
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return i;
    return WORD_NONE;
}

bool word_is_keyword(const char *text, size_t len)
{
    return word_find(keywords, text, len) != WORD_NONE;
}

bool word_is_reserved(const char *text, size_t len)
{
    return word_is_keyword(text, len) || word_find(keywords_later, text, len) != WORD_NONE;
}

const char *scn_action_text(enum scn_action_kind kind)
{
    return words_actions[kind];
}

const char *scn_metric_text(enum scn_metric metric)
{
    return words_metrics[metric];
}

const char *scn_cmp_text(enum scn_cmp cmp)
{
    static const char *const texts[] = {
        [SCN_EQ] = "==", [SCN_NE] = "!=", [SCN_LT] = "<",
        [SCN_LE] = "<=", [SCN_GT] = ">",  [SCN_GE] = ">=",
    };

    return texts[cmp];
}
