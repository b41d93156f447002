/*
 * A scenario, parsed: what the text says, with parameters filled in, nothing
 * drawn from a seed yet. It is read-only after parsing, so one scenario serves
 * any number of runs.
 *
 * Shape: statements in file order. Everything points into one arena.
 * Node numbers are 1-based as in the text (n1 is 1). Times are ns, shares are
 * parts per billion, numbers are uint64.
 */
#ifndef DC_SIM_SCENARIO_SCENARIO_H
#define DC_SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/scenario/diag.h"

#define SCN_NODES_MAX 100000u
#define SCN_FILE_BYTES_MAX (UINT32_C(16) << 20)
#define SCN_STATEMENTS_MAX 100000u
#define SCN_TIMES_MAX UINT64_C(1000000) /* of xN */
#define SCN_PPB UINT64_C(1000000000)    /* 100 % */
#define SCN_SOURCES_MAX 1000u           /* files that one scenario is made of */
#define SCN_INCLUDE_DEPTH_MAX 16u
#define SCN_REPEAT_DEPTH_MAX 16u
#define SCN_FIRINGS_MAX UINT64_C(1000000)   /* of all statements in repeats, unrolled */
#define SCN_DRIFT_PPB_MAX (SCN_PPB * 10000) /* of a clock */
#define SCN_SWEEP_VALUES_MAX 10000u         /* of all sweeps, and combinations of them */

/* a..b, ends included; lo == hi when the text has a single value. */
struct scn_range {
    uint64_t lo, hi;
};

/* ---- selectors ---- */

enum scn_term_kind {
    SCN_TERM_NODES, /* first..last */
    SCN_TERM_GROUP, /* the selector @of, evaluated as a unit */
    SCN_TERM_ALL,
    SCN_TERM_UP,
    SCN_TERM_DOWN,
    SCN_TERM_REST,   /* not yet named in this statement */
    SCN_TERM_RANDOM, /* count or share of @of (NULL: of all nodes) */
};

struct scn_term {
    enum scn_term_kind kind;
    bool minus;           /* '!': takes away */
    uint32_t first, last; /* SCN_TERM_NODES */
    uint64_t count;       /* SCN_TERM_RANDOM: how many; 0 when by share */
    uint64_t share_ppb;   /* SCN_TERM_RANDOM: part of the nodes, rounded down, at least 1 */
    uint64_t count_max, share_max_ppb; /* random(a..b): the upper end; else equal to the lower */
    const struct scn_sel *of;
};

/* Terms from left to right; when the first takes away, the start is all nodes. */
struct scn_sel {
    const struct scn_term *terms;
    size_t len;
    struct scn_pos pos;
    const char *text; /* canonical, parameters filled in; for messages */
};

/* from -> to, or both ways (<->). */
struct scn_link {
    struct scn_sel from, to;
    bool both;
};

/* ---- rules ---- */

enum scn_dist {
    SCN_DIST_UNIFORM, /* base +- jitter */
    SCN_DIST_NORMAL,  /* jitter is the standard deviation; base the mean */
    SCN_DIST_EXP,     /* likewise: base + jitter * (Exp(1) - 1) */
    SCN_DIST_PARETO,  /* likewise, shape 3 */
    SCN_DIST_RANGE,   /* delay A..B: uniform in range, jitter unused */
};

enum scn_rule_key {
    SCN_RULE_DELAY = 1 << 0,
    SCN_RULE_LOSS = 1 << 1,
    SCN_RULE_DOWN = 1 << 2,
    SCN_RULE_RESET = 1 << 3, /* forget what was laid over the file's own net and link rules */
    SCN_RULE_DUP = 1 << 4,
    SCN_RULE_CORRUPT = 1 << 5,
    SCN_RULE_REORDER = 1 << 6,
    SCN_RULE_RATE = 1 << 7,
};

#define SCN_QUEUE_BYTES (UINT64_C(256) << 10) /* of a rate, when the text names none */

/* Two states of a link, for losses in bursts; shares in ppb, the first two for each slot. */
struct scn_bursts {
    uint64_t to_bad, to_good; /* p, r */
    uint64_t bad, good;       /* lost in that state: 1-h, 1-k */
};

struct scn_rules {
    unsigned set; /* which keys the text gives, enum scn_rule_key */
    enum scn_dist dist;
    struct scn_range delay; /* lo == hi unless SCN_DIST_RANGE */
    uint64_t jitter;        /* ns */
    uint64_t corr_ppb;
    struct scn_range
        loss_ppb; /* a range is drawn once per firing; so are those of the next three */
    struct scn_range dup_ppb, corrupt_ppb, reorder_ppb;
    bool has_bursts; /* the loss is that of bursts, not loss_ppb */
    struct scn_bursts bursts;
    uint64_t gap;       /* reorder: only each that comes so many after the one before */
    uint64_t rate_bits; /* a second */
    uint64_t queue_bytes;
};

/* ---- node keys ---- */

enum scn_node_key {
    SCN_NODE_SYNC = 1 << 0,
    SCN_NODE_FULL = 1 << 1,
    SCN_NODE_FANOUT = 1 << 2,
    SCN_NODE_INBOX = 1 << 3,
    SCN_NODE_SERVICE = 1 << 4,
    SCN_NODE_PEERS = 1 << 5,
    SCN_NODE_DISK = 1 << 6,
    SCN_NODE_FSYNC = 1 << 7,
    SCN_NODE_SEGMENT = 1 << 8,
    SCN_NODE_LEAVE = 1 << 9,
    SCN_NODE_PREFIX = 1 << 10,
    SCN_NODE_CLIENTS = 1 << 11,
    SCN_NODE_MODELS = 1 << 12,
};

enum scn_peers {
    SCN_PEERS_ALL,
    SCN_PEERS_NONE,
    SCN_PEERS_RING,   /* N neighbours on each side by number */
    SCN_PEERS_RANDOM, /* N others, drawn per node */
};

struct scn_node_keys {
    unsigned set; /* enum scn_node_key; a range is drawn once for each node */
    struct scn_range sync_ns, full_ns, fanout, inbox, service_ns;
    enum scn_peers peers;
    struct scn_range peers_count;
    bool peers_fixed;
    bool disk;
    struct scn_range fsync_ns;
    struct scn_range segment_bytes;
    struct scn_range leave_ns;
    struct scn_range prefix;  /* bytes that its id begins with */
    struct scn_range clients; /* that may wait for its disk */
    struct scn_range models;  /* how often it is held against them */
};

#define SCN_PREFIX_MAX 200u
#define SCN_CLIENTS_MAX 65536u
#define SCN_MODELS_MAX 1000u

/* ---- actions ---- */

enum scn_cut_kind {
    SCN_CUT_SIDES,   /* SEL | SEL ... */
    SCN_CUT_ONE_WAY, /* sides[0] -> sides[1] is cut */
    SCN_CUT_HALVES,
    SCN_CUT_MAJORITY,
    SCN_CUT_THIRDS,
    SCN_CUT_RING,
    SCN_CUT_BRIDGE,  /* sides[0] are the nodes in which the halves meet */
    SCN_CUT_ISOLATE, /* each of sides[0] alone */
    SCN_CUT_RANDOM,  /* one of halves, majority, thirds, ring, drawn */
};

struct scn_cut {
    enum scn_cut_kind kind;
    const struct scn_sel *sides;
    size_t sides_len;
};

enum scn_action_kind {
    SCN_INC,
    SCN_DEC,
    SCN_MEET,
    SCN_PARTITION,
    SCN_HEAL,
    SCN_HOLD,
    SCN_RELEASE,
    SCN_NET,   /* rules on every link */
    SCN_LINK,  /* rules on some */
    SCN_DROP,  /* next N, or while T */
    SCN_DELAY, /* next N, or while T, by T */
    SCN_CRASH,
    SCN_RESTART,
    SCN_PAUSE,
    SCN_RESUME,
    SCN_JOIN,
    SCN_LEAVE,
    SCN_STOPNODE,
    SCN_CLOCK,
    SCN_DISK,
    SCN_DUP,     /* next N, or while T */
    SCN_CORRUPT, /* likewise */
    SCN_FORGE,   /* frames that no node sends */
    SCN_MEMORY,  /* requests of a node for more of it fail */
};

/* What is wrong with a frame (sim/forge.h). */
enum scn_forge {
    SCN_FORGE_RANDOM, /* any of the others, drawn for each frame */
    SCN_FORGE_FLAG,
    SCN_FORGE_EMPTY,
    SCN_FORGE_LARGE,
    SCN_FORGE_BOMB,
    SCN_FORGE_INFLATE,
    SCN_FORGE_GARBAGE,
    SCN_FORGE_FRAMES,
    SCN_FORGE_WINDOW,
    SCN_FORGE_SIZE,
    SCN_FORGE_TYPE,
    SCN_FORGE_SENDER,
    SCN_FORGE_MAPS,
    SCN_FORGE_TRAILING,
    SCN_FORGE_SHORT,
    SCN_FORGE_TOTAL,
    SCN_FORGE_COUNT,
    SCN_FORGE_DEEP,
    SCN_FORGE_DIGEST,
    SCN_FORGE_HIDDEN,
    SCN_FORGE_MEMBERS,
    SCN_FORGE_SUM,
    SCN_FORGE_LONG,
    SCN_FORGE_FORM,
    SCN_FORGE_STATE,
    SCN_FORGE_OTHER,
};
#define SCN_FORGES (SCN_FORGE_OTHER + 1)

enum scn_disk {
    SCN_DISK_TORN,     /* share of the writes that a crash meets and tears */
    SCN_DISK_BITROT,   /* share of the sectors that have a bit flipped when a node starts */
    SCN_DISK_FULL,     /* nothing can be written */
    SCN_DISK_SYNCFAIL, /* share of the syncs */
    SCN_DISK_SLOW,     /* added to each sync */
    SCN_DISK_BACKUP,   /* what is durable is remembered */
    SCN_DISK_RESTORE,  /* and is put back when a node starts next */
    SCN_DISK_LOSE,     /* so many of the last writes are gone when a node starts next */
    SCN_DISK_ZEROED,   /* share of the sectors that are zeros when a node starts */
    SCN_DISK_READFAIL, /* share of the reads */
    SCN_DISK_OK,       /* none of these any more */
};

enum scn_memory {
    SCN_MEMORY_FAIL, /* share of the requests for more */
    SCN_MEMORY_OK,   /* none any more */
};

enum scn_clock {
    SCN_CLOCK_SKEW,  /* the clock shows the true time and this */
    SCN_CLOCK_DRIFT, /* it runs faster or slower from now on */
    SCN_CLOCK_JUMP,  /* it moves by this, once */
};

#define SCN_NO_NAME UINT32_MAX

struct scn_action {
    enum scn_action_kind kind;
    struct scn_sel sel;     /* inc, dec: where. meet: who learns. Of processes and clocks: whose */
    struct scn_sel other;   /* meet: whom */
    struct scn_link link;   /* hold, release, link, drop, delay, forge */
    bool has_link;          /* release: by link, else by name */
    struct scn_cut cut;     /* partition */
    struct scn_rules rules; /* net, link */
    struct scn_range by;    /* inc, dec: amount (1); delay: ns added */
    uint64_t times;         /* inc, dec: xN (1) */
    bool has_for;
    struct scn_range for_ns; /* partition, hold, net, link, crash, pause, clock, disk, memory */
    bool has_next;           /* drop, delay: next N, else while T */
    struct scn_range next;
    struct scn_range while_ns;
    bool lose_state; /* crash: with all that is on the disk */
    enum scn_clock clock;
    bool clock_back;       /* the sign of clock_amount */
    uint64_t clock_amount; /* skew, jump: ns; drift: parts per billion */
    enum scn_forge forge;
    enum scn_disk disk;
    enum scn_memory memory;
    uint64_t memory_ppb;  /* fail */
    uint64_t disk_amount; /* torn, bitrot and so on: parts per billion; slow: ns; cut: writes */
    uint32_t name;        /* "as NAME" gives it; heal, release refer to it; SCN_NO_NAME */
};

/* ---- predicates ---- */

enum scn_pred_kind {
    SCN_PRED_CONVERGED, /* [not] converged [on SEL] at T */
    SCN_PRED_WITHIN,    /* converged within T of X */
    SCN_PRED_METRIC,    /* METRIC [of TERM] cmp VALUE */
    SCN_PRED_DECREASE,  /* value [of TERM] decrease [on SEL], for never */
    SCN_PRED_WHILE,     /* A while B, for sometimes */
    SCN_PRED_CAMPAIGN,  /* p50, p99 converged cmp TIME; the metric says which */
};

enum scn_condition {
    SCN_PARTITIONED, /* a partition is in force */
    SCN_HELD,        /* a hold is */
    SCN_CONVERGED,
    SCN_CRASHED,   /* a node is down, and has not been restarted */
    SCN_RESTARTED, /* a node runs that was started again */
    SCN_PAUSED,    /* a node is */
    SCN_JOINED,    /* a node is up that was not there at the start */
    SCN_LEFT,      /* a node has gone for good */
};

enum scn_metric {
    SCN_METRIC_VALUE,    /* of each node on SEL; "of TERM": its share of those ids only */
    SCN_METRIC_DISTINCT, /* different states among the nodes on SEL */
    SCN_METRIC_MESSAGES, /* sent so far by the nodes on SEL */
    SCN_METRIC_BYTES,    /* plain frame bytes sent so far */
    SCN_METRIC_DROPPED,  /* of those sent: lost for any reason */
    SCN_METRIC_PUSHES,   /* pushes sent so far */
    SCN_METRIC_QUEUE,    /* messages waiting in the inbox, now */
    /* ns from sending to delivery, of all messages delivered so far that the nodes on SEL sent */
    SCN_METRIC_P50_DELAY,
    SCN_METRIC_P99_DELAY,
    SCN_METRIC_MAX_DELAY,
};

enum scn_cmp {
    SCN_EQ,
    SCN_NE,
    SCN_LT,
    SCN_LE,
    SCN_GT,
    SCN_GE
};

enum scn_of_kind {
    SCN_OF_NAME,
    SCN_OF_HEAL,
    SCN_OF_LAST_FAULT,
    SCN_OF_TIME
};

struct scn_pred {
    enum scn_pred_kind kind;
    bool negated; /* not converged */
    enum scn_metric metric;
    const struct scn_sel *of; /* NULL: all ids */
    enum scn_cmp cmp;
    bool oracle;              /* value == oracle (only == and !=) */
    bool value_negative;      /* sign of value */
    uint64_t value;           /* magnitude */
    uint64_t tolerance_ppb;   /* +- P%, of the magnitude; may pass 100 % */
    const struct scn_sel *on; /* NULL: up */
    bool at_end;              /* expect: evaluated at stop */
    uint64_t at_ns;           /* expect: evaluated then, stop when at_end */
    uint64_t within_ns;
    enum scn_of_kind of_kind;
    uint32_t of_name;
    uint64_t of_ns;
    enum scn_condition while_a, while_b; /* SCN_PRED_WHILE */
};

/* ---- shows ---- */

enum scn_show_what {
    SCN_SHOW_VALUES,
    SCN_SHOW_NET,
    SCN_SHOW_CHECKS,
};

/* A golden line: what stands behind its '|', raw, without the end of the line. */
struct scn_golden {
    const char *text; /* in the file; not terminated */
    size_t len;
    struct scn_pos pos; /* of the whole line, '|' included */
};

struct scn_show {
    enum scn_show_what what;
    bool at_end;
    uint64_t at_ns; /* stop when at_end */
    const struct scn_golden *lines;
    size_t lines_len; /* 0: nothing to compare with */
    const char *end;  /* in the file: the end of the line of the statement */
};

/* ---- statements ---- */

enum scn_stmt_kind {
    SCN_STMT_NODE,
    SCN_STMT_NET,  /* rules of every link, from the start */
    SCN_STMT_LINK, /* likewise, of some */
    SCN_STMT_LOAD,
    SCN_STMT_AT,    /* at TIME ACTION */
    SCN_STMT_AFTER, /* +TIME ACTION */
    SCN_STMT_EVERY,
    SCN_STMT_EXPECT,
    SCN_STMT_ALWAYS,
    SCN_STMT_NEVER,
    SCN_STMT_SOMETIMES,
    SCN_STMT_REPEAT, /* what stands from here to its end, turns times */
    SCN_STMT_END,    /* of a repeat */
    SCN_STMT_QUIET,  /* faults and loads end; the cluster must converge */
    SCN_STMT_SHOW,
    SCN_STMT_CAMPAIGN, /* an expect about all runs of a campaign; no run is judged by it */
};

struct scn_load {
    uint64_t rate_per_s; /* operations a second, > 0; of the selector, or of each node */
    bool poisson;        /* else even */
    bool each;
    uint64_t inc_ppb, dec_ppb; /* together at most SCN_PPB; the rest does nothing */
    struct scn_sel on;
};

struct scn_stmt {
    enum scn_stmt_kind kind;
    struct scn_pos pos;     /* of the first word */
    struct scn_pos arg_pos; /* of what a message points at: the action or predicate, whole */
    const char *text;       /* canonical: as fmt prints it, parameters not filled in */
    uint64_t key;           /* from text and its number among equal ones; seed-independent */
    bool implied;           /* a default expectation; pos is that of stop */
    bool has_sel;           /* node: SEL given, else all */
    struct scn_sel sel;     /* node */
    struct scn_node_keys node;
    struct scn_rules rules; /* net, link */
    struct scn_link link;   /* link */
    struct scn_load load;
    struct scn_range when; /* at, +: time; every: interval; quiet: time, lo == hi */
    bool has_from, has_to;
    struct scn_range from, to; /* every, load; to: the stop when not given */
    struct scn_action action;  /* at, +, every */
    struct scn_pred pred;      /* expect, always, never, sometimes */
    struct scn_show show;
    bool in_repeat; /* every: from and to count from the time that the turn has reached */
    uint64_t turns; /* repeat */
    uint32_t block; /* repeat: index of its end; end: of its repeat */
};

/* Does it have an action? */
static inline bool scn_acts(const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_AT || stmt->kind == SCN_STMT_AFTER ||
           stmt->kind == SCN_STMT_EVERY;
}

/* Does it act on rules, a disk, a memory or a clock, without an end of its own? */
static inline bool scn_is_unended(const struct scn_action *action)
{
    if (action->has_for)
        return false;
    if (action->kind == SCN_DISK)
        return action->disk != SCN_DISK_BACKUP;
    return action->kind == SCN_NET || action->kind == SCN_LINK || action->kind == SCN_MEMORY ||
           action->kind == SCN_CLOCK;
}

/* Does it call off a fault that has no end of its own? */
static inline bool scn_calls_off(const struct scn_action *action)
{
    bool has_amount = action->disk != SCN_DISK_FULL && action->disk != SCN_DISK_BACKUP &&
                      action->disk != SCN_DISK_RESTORE;

    if (action->has_for)
        return false;
    if (action->kind == SCN_DISK)
        return action->disk == SCN_DISK_OK || (has_amount && action->disk_amount == 0);
    if (action->kind == SCN_MEMORY)
        return action->memory == SCN_MEMORY_OK || action->memory_ppb == 0;
    return (action->kind == SCN_NET || action->kind == SCN_LINK) &&
           action->rules.set == SCN_RULE_RESET;
}

/* quiet TIME, and what it comes to (sim/scenario/bound.h). */
struct scn_quiet {
    uint64_t at_ns; /* DC_TIME_NEVER: there is none */
    uint32_t stmt;
    uint64_t rounds, sync_ns; /* what the bound is made of, rounded up to whole ms */
    uint64_t waits, back_ns;
    uint64_t before_ns;
    uint64_t bound_ns;
};

struct scn_param {
    const char *name;
    const char *value; /* text in force, as -D would give it */
    bool overridden;   /* by -D */
};

/* sweep name = value, value: one run for each. Not listed when -D says the value. */
struct scn_sweep {
    const char *name;
    const char *const *values; /* as -D would give them */
    size_t len;
    struct scn_pos pos;
};

/* fix "PURPOSE KEY" = VALUE: the draw that has this key has this value. */
struct scn_fix {
    uint64_t key;
    uint32_t purpose; /* enum purpose of sim/choose.h */
    uint64_t value;
};

/* A NAME given with "as": which statement gives it. */
struct scn_name {
    const char *name;
    uint32_t stmt; /* index into stmts */
};

struct scenario {
    struct arena arena;
    uint32_t nodes;
    uint64_t stop_ns;
    struct scn_pos stop_pos;
    struct scn_range seeds; /* 1..1 when the file names none */
    struct scn_quiet quiet;
    const struct scn_stmt *stmts; /* default expectations last */
    size_t stmts_len;
    const struct scn_param *params; /* in file order */
    size_t params_len;
    bool own_params; /* every parameter has the value of the file, a swept one its first */
    const struct scn_sweep *sweeps;
    size_t sweeps_len;
    const struct scn_fix *fixes; /* ascending by key, then purpose */
    size_t fixes_len;
    const struct scn_name *names;
    size_t names_len;
    uint64_t hash; /* XXH64 of the canonical text, parameters filled in: "scenario_hash" */
};

/* name=value of a -D, or of a sweep. Borrowed. */
struct scn_define {
    const char *name;
    size_t name_len;
    const char *value;
    bool swept; /* it is one of the values of a sweep of the file */
};

#define SCN_LOAD_PROBLEM_MAX 256u

/* Who gives the parser the files that a scenario includes. */
struct scn_loader {
    /*
     * Stores in *ret the file at @path, which is relative to the folder of the
     * main file, has no "." or ".." in it, and becomes ret->path. What *ret
     * points to stays valid as long as the scenario and its messages. Returns 0,
     * or -1 with the reason in @reterr: "no such file".
     */
    int (*load)(void *ctx, const char *path, struct diag_source *ret,
                char reterr[static SCN_LOAD_PROBLEM_MAX]);
    void *ctx;
};

struct scn_options {
    const struct scn_define *defines; /* the last of two for one name counts */
    size_t defines_len;
    const struct scn_loader *loader; /* NULL: nothing can be included */
    bool is_trial; /* only whether there is an error counts, not what to do about it */
};

/*
 * Parses the first source of @diags. All errors go to @diags, which gets a
 * source for each file included; an error about a -D has position line 0.
 * @options: NULL for none.
 *
 * Returns 0, or -1 when there is at least one error; then *ret is empty.
 * Never crashes and never takes more than linear time and memory, whatever the
 * bytes are. The result is released with scenario_release().
 */
int scenario_parse(struct scenario *ret, struct diags *diags, const struct scn_options *options);

/* Leaves @scenario zeroed; a second call does nothing. */
void scenario_release(struct scenario *scenario);

/* Words of the language for messages: "inc", "partition", "value", "==", ... */
const char *scn_action_text(enum scn_action_kind kind);
const char *scn_metric_text(enum scn_metric metric);
const char *scn_cmp_text(enum scn_cmp cmp);
const char *scn_condition_text(enum scn_condition condition);
const char *scn_forge_text(enum scn_forge forge);
const char *scn_show_text(enum scn_show_what what);

#endif
