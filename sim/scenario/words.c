/* The words of the language. */
#include "sim/scenario/words.h"

#include <stdint.h>
#include <string.h>

#include "sim/scenario/scenario.h"

const char *const words_actions[] = {
    [SCN_INC] = "inc",
    [SCN_DEC] = "dec",
    [SCN_MEET] = "meet",
    [SCN_PARTITION] = "partition",
    [SCN_HEAL] = "heal",
    [SCN_HOLD] = "hold",
    [SCN_RELEASE] = "release",
    [SCN_NET] = "net",
    [SCN_LINK] = "link",
    [SCN_DROP] = "drop",
    [SCN_DELAY] = "delay",
    [SCN_CRASH] = "crash",
    [SCN_RESTART] = "restart",
    [SCN_PAUSE] = "pause",
    [SCN_RESUME] = "resume",
    [SCN_JOIN] = "join",
    [SCN_LEAVE] = "leave",
    [SCN_STOPNODE] = "stopnode",
    [SCN_CLOCK] = "clock",
    [SCN_DISK] = "disk",
    [SCN_DUP] = "dup",
    [SCN_CORRUPT] = "corrupt",
    [SCN_FORGE] = "forge",
    [SCN_MEMORY] = "memory",
    NULL,
};

const char *const words_node_keys[] = {"sync",   "full",    "fanout", "inbox",   "service",
                                       "peers",  "disk",    "fsync",  "segment", "leave",
                                       "prefix", "clients", "models", NULL};

const char *const words_peers[] = {
    [SCN_PEERS_ALL] = "all",
    [SCN_PEERS_NONE] = "none",
    [SCN_PEERS_RING] = "ring",
    [SCN_PEERS_RANDOM] = "random",
    NULL,
};

const char *const words_rules[] = {"delay",   "loss",    "down", "reset", "dup",
                                   "corrupt", "reorder", "rate", NULL};

const char *const words_dists[] = {
    [SCN_DIST_UNIFORM] = "uniform",
    [SCN_DIST_NORMAL] = "normal",
    [SCN_DIST_EXP] = "exp",
    [SCN_DIST_PARETO] = "pareto",
    NULL,
};

const char *const words_after_rules[] = {"delay",   "loss",  "down", "reset",   "dup",    "corrupt",
                                         "reorder", "rate",  "for",  "uniform", "normal", "exp",
                                         "pareto",  "queue", "gap",  NULL};

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
    [SCN_PARTITIONED] = "partitioned", [SCN_HELD] = "held",           [SCN_CONVERGED] = "converged",
    [SCN_CRASHED] = "crashed",         [SCN_RESTARTED] = "restarted", [SCN_PAUSED] = "paused",
    [SCN_JOINED] = "joined",           [SCN_LEFT] = "left",           NULL,
};

const char *const words_clocks[] = {
    [SCN_CLOCK_SKEW] = "skew",
    [SCN_CLOCK_DRIFT] = "drift",
    [SCN_CLOCK_JUMP] = "jump",
    NULL,
};

const char *const words_disks[] = {
    [SCN_DISK_TORN] = "torn",         [SCN_DISK_BITROT] = "bitrot", [SCN_DISK_FULL] = "full",
    [SCN_DISK_SYNCFAIL] = "syncfail", [SCN_DISK_SLOW] = "slow",     [SCN_DISK_BACKUP] = "backup",
    [SCN_DISK_RESTORE] = "restore",   [SCN_DISK_LOSE] = "lose",     [SCN_DISK_ZEROED] = "zeroed",
    [SCN_DISK_READFAIL] = "readfail", [SCN_DISK_OK] = "ok",         NULL,
};

const char *const words_memories[] = {
    [SCN_MEMORY_FAIL] = "fail",
    [SCN_MEMORY_OK] = "ok",
    NULL,
};

const char *const words_forges[] = {
    [SCN_FORGE_RANDOM] = "random",
    [SCN_FORGE_FLAG] = "flag",
    [SCN_FORGE_EMPTY] = "empty",
    [SCN_FORGE_LARGE] = "large",
    [SCN_FORGE_BOMB] = "bomb",
    [SCN_FORGE_INFLATE] = "inflate",
    [SCN_FORGE_GARBAGE] = "garbage",
    [SCN_FORGE_FRAMES] = "frames",
    [SCN_FORGE_WINDOW] = "window",
    [SCN_FORGE_SIZE] = "size",
    [SCN_FORGE_TYPE] = "type",
    [SCN_FORGE_SENDER] = "sender",
    [SCN_FORGE_MAPS] = "maps",
    [SCN_FORGE_TRAILING] = "trailing",
    [SCN_FORGE_SHORT] = "short",
    [SCN_FORGE_TOTAL] = "total",
    [SCN_FORGE_COUNT] = "count",
    [SCN_FORGE_DEEP] = "deep",
    [SCN_FORGE_DIGEST] = "digest",
    [SCN_FORGE_HIDDEN] = "hidden",
    [SCN_FORGE_MEMBERS] = "members",
    [SCN_FORGE_SUM] = "sum",
    [SCN_FORGE_LONG] = "long",
    [SCN_FORGE_FORM] = "form",
    [SCN_FORGE_STATE] = "state",
    [SCN_FORGE_OTHER] = "other",
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
    "all", "always", "as", "at", "backup", "bitrot", "bomb", "bridge", "by", "bytes", "checks",
    "clients", "clock", "converged", "corrupt", "count", "crash", "crashed", "dec", "decrease", "deep",
    "delay", "digest", "disk", "distinct", "down", "drift", "drop", "dropped", "dup", "each",
    "empty", "end", "even", "every", "exp", "expect", "fail", "fanout", "fault", "fix", "fixed",
    "flag", "for", "forge", "form", "frames", "from", "fsync", "full", "gap", "garbage",
    "gemodel", "group", "halves", "heal", "held", "hidden", "hold", "inbox", "inc", "include",
    "inflate", "isolate", "join", "joined", "jump", "large", "last", "leave", "left", "link",
    "load", "long", "lose", "loss", "majority", "maps", "max", "meet", "members", "memory",
    "messages", "models", "net", "never", "next", "node", "nodes", "none", "normal", "not", "of", "off",
    "ok", "on", "oracle", "other", "p50", "p99", "param", "pareto", "partition", "partitioned",
    "pause", "paused", "peers", "poisson", "prefix", "pushes", "queue", "quiet", "random",
    "rate", "readfail", "release", "reorder", "repeat", "reset", "rest", "restart", "restarted",
    "restore", "resume", "ring", "scn", "seed", "seeds", "segment", "sender", "service",
    "short", "show", "size", "skew", "slow", "sometimes", "state", "step", "stop", "stopnode",
    "sum", "sweep", "sync", "syncfail", "thirds", "to", "torn", "total", "trailing", "type",
    "uniform", "up", "value", "values", "while", "window", "within", "zeroed", NULL,
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
    return word_is_keyword(text, len);
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

const char *scn_forge_text(enum scn_forge forge)
{
    return words_forges[forge];
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
