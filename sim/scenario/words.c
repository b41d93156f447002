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
    [SCN_METRIC_VALUE] = "value",
    [SCN_METRIC_DISTINCT] = "distinct",
    [SCN_METRIC_MESSAGES] = "messages",
    [SCN_METRIC_BYTES] = "bytes",
    [SCN_METRIC_DROPPED] = "dropped",
    [SCN_METRIC_PUSHES] = "pushes",
    [SCN_METRIC_QUEUE] = "queue",
    [SCN_METRIC_P50_DELAY] = "p50",
    [SCN_METRIC_P99_DELAY] = "p99",
    [SCN_METRIC_MAX_DELAY] = "max",
    NULL,
};

const char *const words_conditions[] = {
    [SCN_PARTITIONED] = "partitioned",
    [SCN_HELD] = "held",
    [SCN_CONVERGED] = "converged",
    NULL,
};

const char *const words_shows[] = {
    [SCN_SHOW_VALUES] = "values",
    [SCN_SHOW_NET] = "net",
    [SCN_SHOW_CHECKS] = "checks",
    NULL,
};

const char *const words_preds[] = {"not",   "converged", "value",  "distinct", "messages",
                                   "bytes", "dropped",   "pushes", "queue",    "p50",
                                   "p99",   "max",       NULL};

/* Words that a file can use. */
/* clang-format off */
static const char *const keywords[] = {
    "all", "always", "as", "at", "bridge", "by", "bytes", "checks", "converged", "dec", "decrease",
    "delay", "distinct", "down", "drop", "dropped", "each", "end", "even", "every", "exp",
    "expect", "fanout", "fault", "fix", "fixed", "for", "from", "full", "group", "halves", "heal",
    "held", "hold", "inbox", "inc", "include", "isolate", "last", "link", "load", "loss",
    "majority", "max", "meet", "messages", "net", "never", "next", "node", "nodes", "none",
    "normal", "not", "of", "on", "oracle", "p50", "p99", "param", "pareto", "partition",
    "partitioned", "peers", "poisson", "pushes", "queue", "quiet", "random", "release", "repeat",
    "reset", "rest", "ring", "scn", "seed", "seeds", "service", "show", "sometimes", "step", "stop",
    "sweep", "sync", "thirds", "to", "uniform", "up", "value", "values", "while", "within", NULL,
};
/* clang-format on */

/* Words that it will be able to use: a NAME stays a NAME when they come. */
/* clang-format off */
static const char *const keywords_later[] = {
    "bitrot", "clock", "corrupt", "crash", "crashed", "disk", "drift", "dup", "fsync", "gap",
    "gemodel", "join", "joined", "jump", "leave", "left", "lose", "off", "ok", "pause", "paused",
    "rate", "reorder", "restart", "restarted", "resume", "size", "skew", "slow", "state",
    "stopnode", "syncfail", "torn", NULL,
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
    switch (metric) {
    case SCN_METRIC_P50_DELAY:
        return "p50 delay";
    case SCN_METRIC_P99_DELAY:
        return "p99 delay";
    case SCN_METRIC_MAX_DELAY:
        return "max delay";
    case SCN_METRIC_VALUE:
    case SCN_METRIC_DISTINCT:
    case SCN_METRIC_MESSAGES:
    case SCN_METRIC_BYTES:
    case SCN_METRIC_DROPPED:
    case SCN_METRIC_PUSHES:
    case SCN_METRIC_QUEUE:
        break;
    }
    return words_metrics[metric];
}

const char *scn_condition_text(enum scn_condition condition)
{
    return words_conditions[condition];
}

const char *scn_show_text(enum scn_show_what what)
{
    return words_shows[what];
}

const char *scn_cmp_text(enum scn_cmp cmp)
{
    static const char *const texts[] = {
        [SCN_EQ] = "==", [SCN_NE] = "!=", [SCN_LT] = "<",
        [SCN_LE] = "<=", [SCN_GT] = ">",  [SCN_GE] = ">=",
    };

    return texts[cmp];
}
