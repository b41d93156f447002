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
};

struct scn_rules {
    unsigned set; /* which keys the text gives, enum scn_rule_key */
    enum scn_dist dist;
    struct scn_range delay; /* lo == hi unless SCN_DIST_RANGE */
    uint64_t jitter;        /* ns */
    uint64_t corr_ppb;
    struct scn_range loss_ppb; /* a range is drawn once per firing */
};

/* ---- node keys ---- */

enum scn_node_key {
    SCN_NODE_SYNC = 1 << 0,
    SCN_NODE_FULL = 1 << 1,
    SCN_NODE_FANOUT = 1 << 2,
    SCN_NODE_INBOX = 1 << 3,
    SCN_NODE_SERVICE = 1 << 4,
    SCN_NODE_PEERS = 1 << 5,
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
};

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
};

#define SCN_NO_NAME UINT32_MAX

struct scn_action {
    enum scn_action_kind kind;
    struct scn_sel sel;     /* inc, dec: where. meet: who learns */
    struct scn_sel other;   /* meet: whom */
    struct scn_link link;   /* hold, release, link, drop, delay */
    bool has_link;          /* release: by link, else by name */
    struct scn_cut cut;     /* partition */
    struct scn_rules rules; /* net, link */
    struct scn_range by;    /* inc, dec: amount (1); delay: ns added */
    uint64_t times;         /* inc, dec: xN (1) */
    bool has_for;
    struct scn_range for_ns; /* partition, hold, net, link */
    bool has_next;           /* drop, delay: next N, else while T */
    struct scn_range next;
    struct scn_range while_ns;
    uint32_t name; /* "as NAME" gives it; heal, release refer to it; SCN_NO_NAME */
};

/* ---- predicates ---- */

enum scn_pred_kind {
    SCN_PRED_CONVERGED, /* [not] converged [on SEL] at T */
    SCN_PRED_WITHIN,    /* converged within T of X */
    SCN_PRED_METRIC,    /* METRIC [of TERM] cmp VALUE */
    SCN_PRED_DECREASE,  /* value [of TERM] decrease [on SEL], for never */
};

enum scn_metric {
    SCN_METRIC_VALUE,    /* of each node on SEL; "of TERM": its share of those ids only */
    SCN_METRIC_DISTINCT, /* different states among the nodes on SEL */
    SCN_METRIC_MESSAGES, /* sent so far by the nodes on SEL */
    SCN_METRIC_BYTES,    /* plain frame bytes sent so far */
    SCN_METRIC_DROPPED,  /* of those sent: lost for any reason */
    SCN_METRIC_PUSHES,   /* pushes sent so far */
    SCN_METRIC_QUEUE,    /* messages waiting in the inbox, now */
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
    struct scn_range when; /* at, +: time; every: interval */
    bool has_from, has_to;
    struct scn_range from, to; /* every, load; to: the stop when not given */
    struct scn_action action;  /* at, +, every */
    struct scn_pred pred;      /* expect, always, never */
};

struct scn_param {
    const char *name;
    const char *value; /* text in force, as -D would give it */
    bool overridden;   /* by -D */
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
    bool has_seed;
    uint64_t seed;                /* 1 when the file names none */
    const struct scn_stmt *stmts; /* default expectations last */
    size_t stmts_len;
    const struct scn_param *params; /* in file order */
    size_t params_len;
    const struct scn_name *names;
    size_t names_len;
    uint64_t hash; /* XXH64 of the canonical text, parameters filled in: "scenario_hash" */
};

/* -D name=value. Both point into argv. */
struct scn_define {
    const char *name;
    size_t name_len;
    const char *value;
};

/*
 * Parses @len bytes. All errors go to @diags (whose file and text are those
 * parsed); an error about a -D has position line 0.
 *
 * Returns 0, or -1 when there is at least one error; then *ret is empty.
 * Never crashes and never takes more than linear time and memory, whatever the
 * bytes are. The result is released with scenario_release().
 */
int scenario_parse(struct scenario *ret, struct diags *diags, const struct scn_define *defines,
                   size_t defines_len);

/* Leaves @scenario zeroed; a second call does nothing. */
void scenario_release(struct scenario *scenario);

/* Words of the language for messages: "inc", "partition", "value", "==", ... */
const char *scn_action_text(enum scn_action_kind kind);
const char *scn_metric_text(enum scn_metric metric);
const char *scn_cmp_text(enum scn_cmp cmp);

#endif
