/* Predicates over the cluster as it is now. */
#include "sim/predicate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/checks.h"
#include "sim/cluster.h"
#include "sim/fatal.h"
#include "sim/oracle.h"
#include "sim/scenario/value.h"
#include "sim/select.h"
#include "sim/text.h"
#include "sim/world.h"

/* Bytes of what is said behind what was found. */
#define WHERE_MAX 128

/* ---- the nodes concerned, and what they hold ---- */

/* The nodes of "on SEL"; without it, those that are up. */
static struct nodeset nodes_on(const struct cluster *cluster, const struct scn_sel *on,
                               uint64_t key)
{
    struct nodeset set;
    struct select select;

    nodeset_init(&set, cluster->nodes);
    if (!on) {
        nodeset_copy(&set, &cluster->up);
        return set;
    }
    select_init(&select, &cluster->world->choose, &cluster->up, key);
    select_nodes(&select, on, &set);
    select_release(&select);
    return set;
}

/* Of those, the ones that hold a state; what a node sent stays said when it is gone. */
static struct nodeset states_on(const struct cluster *cluster, const struct scn_sel *on,
                                uint64_t key)
{
    struct nodeset set = nodes_on(cluster, on, key);

    NODESET_EACH(node, &set)
    if (!cluster_is_there(cluster, node))
        nodeset_remove(&set, node);
    return set;
}

bool predicate_speaks_of_states(const struct scn_pred *pred)
{
    return pred->kind != SCN_PRED_METRIC || pred->metric == SCN_METRIC_VALUE ||
           pred->metric == SCN_METRIC_DISTINCT || pred->metric == SCN_METRIC_QUEUE;
}

bool predicate_is_of_each(const struct scn_pred *pred)
{
    return pred->kind == SCN_PRED_DECREASE ||
           (pred->kind == SCN_PRED_METRIC &&
            (pred->metric == SCN_METRIC_VALUE || pred->metric == SCN_METRIC_QUEUE));
}

bool predicate_concerns(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                        uint32_t node)
{
    struct nodeset set;
    bool has;

    if (!stmt->pred.on)
        return nodeset_has(&cluster->up, node);
    set = nodes_on(cluster, stmt->pred.on, key);
    has = nodeset_has(&set, node);
    nodeset_release(&set);
    return has;
}

bool predicate_leans_on_others(const struct scn_pred *pred)
{
    return pred->oracle || (pred->of && !select_is_fixed(pred->of));
}

/* Whose counts a value is of. */
static bool has_of(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key)
{
    struct nodeset of;
    bool has;

    if (!stmt->pred.of)
        return true;
    of = nodes_on(cluster, stmt->pred.of, key_with(key, 1));
    has = nodeset_count(&of) > 0;
    nodeset_release(&of);
    return has;
}

bool predicate_has_nodes(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key)
{
    unsigned percent = stmt->pred.kind == SCN_PRED_METRIC ? delays_percent(stmt->pred.metric) : 0;
    struct nodeset set;
    bool has;

    if (predicate_is_of_each(&stmt->pred) && !has_of(cluster, stmt, key))
        return false;
    if (!stmt->pred.on && percent == 0)
        return nodeset_next(&cluster->up, 0) < cluster->nodes;
    set = predicate_speaks_of_states(&stmt->pred) ? states_on(cluster, stmt->pred.on, key)
                                                  : nodes_on(cluster, stmt->pred.on, key);
    has = nodeset_count(&set) > 0;
    if (percent > 0) /* of no message there is no delay */
        has = delays_rank(&cluster->delays, &set, percent) != NULL;
    nodeset_release(&set);
    return has;
}

i128 predicate_value(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                     uint32_t node)
{
    struct nodeset of;
    i128 value;

    if (!stmt->pred.of)
        return cluster_value(cluster, node, NULL);
    of = nodes_on(cluster, stmt->pred.of, key_with(key, 1));
    value = cluster_value(cluster, node, &of);
    nodeset_release(&of);
    return value;
}

static int print_compare(const void *left, const void *right)
{
    const struct fingerprint *a = left;
    const struct fingerprint *b = right;

    if (a->hi != b->hi)
        return a->hi < b->hi ? -1 : 1;
    return a->lo < b->lo ? -1 : a->lo > b->lo;
}

static uint32_t distinct_on(const struct cluster *cluster, const struct nodeset *set)
{
    uint32_t count = nodeset_count(set), len = 0, distinct = 0;
    struct fingerprint *prints = fatal_realloc_array(NULL, count + 1, sizeof(*prints));

    NODESET_EACH(node, set)
    prints[len++] = cluster->checks->prints[node];
    qsort(prints, len, sizeof(*prints), print_compare);
    for (uint32_t i = 0; i < len; i++)
        distinct += i == 0 || !fingerprint_equal(prints[i - 1], prints[i]);
    free(prints);
    return distinct;
}

uint32_t predicate_distinct(const struct cluster *cluster)
{
    return cluster->checks->census.distinct;
}

/* Different states on SEL; those of nodes that are up are counted as they change. */
static uint32_t distinct_of(const struct cluster *cluster, const struct scn_stmt *stmt,
                            uint64_t key)
{
    struct nodeset set;
    uint32_t distinct;

    if (!stmt->pred.on)
        return cluster->checks->census.distinct;
    set = states_on(cluster, stmt->pred.on, key);
    distinct = distinct_on(cluster, &set);
    nodeset_release(&set);
    return distinct;
}

/* ---- saying what was expected and found ---- */

/* The predicate as written: the statement without its keyword. */
static const char *pred_text(const struct scn_stmt *stmt)
{
    const char *blank = strchr(stmt->text, ' ');

    return blank ? blank + 1 : stmt->text;
}

static void headline(struct finding *ret, const struct scn_stmt *stmt)
{
    const char *text = pred_text(stmt);
    char within[VALUE_TIME_TEXT_MAX];

    ret->node = UINT32_MAX;
    if (stmt->kind == SCN_STMT_QUIET)
        snprintf(ret->headline, sizeof(ret->headline), "not converged within %s of the quiet",
                 value_time_text(within, stmt->pred.within_ns));
    else if (stmt->kind == SCN_STMT_NEVER)
        snprintf(ret->headline, sizeof(ret->headline), "%s, which must never be", text);
    else if (stmt->kind == SCN_STMT_ALWAYS)
        snprintf(ret->headline, sizeof(ret->headline), "not always %s", text);
    else if (strncmp(text, "not ", 4) == 0)
        snprintf(ret->headline, sizeof(ret->headline), "%s", text + 4);
    else
        snprintf(ret->headline, sizeof(ret->headline), "not %s", text);
}

void predicate_missed(struct finding *ret, const struct scn_stmt *stmt, uint64_t deadline_ns,
                      uint32_t distinct, uint64_t open)
{
    char time[TEXT_TIME_MAX];

    headline(ret, stmt);
    text_time(time, deadline_ns);
    if (distinct == 1)
        snprintf(ret->label, sizeof(ret->label), "expected no open request by %s, found %" PRIu64,
                 time, open);
    else
        snprintf(ret->label, sizeof(ret->label), "expected 1 state by %s, found %" PRIu32, time,
                 distinct);
}

void predicate_fell(struct finding *ret, uint32_t node, i128 before, i128 now)
{
    char a[TEXT_WIDE_MAX], b[TEXT_WIDE_MAX];

    ret->node = node;
    snprintf(ret->headline, sizeof(ret->headline), "the value fell, which must never be");
    snprintf(ret->label, sizeof(ret->label),
             "expected n%" PRIu32 " to stay at %s or above, found %s", node + 1,
             text_wide(a, before), text_wide(b, now));
}

/* ---- comparisons ---- */

/* What a metric is compared with: a number, or what is possible for the oracle. */
struct bounds {
    i128 least, most; /* equal for a number without a tolerance */
    bool has_sums;
    struct sums sums;
};

static struct bounds bounds_of(const struct cluster *cluster, const struct scn_stmt *stmt,
                               uint64_t key)
{
    const struct scn_pred *pred = &stmt->pred;
    struct bounds bounds = {.has_sums = pred->oracle};
    struct nodeset of;

    if (!pred->oracle) {
        i128 value = pred->value_negative ? -(i128)pred->value : (i128)pred->value;
        u128 slack = (u128)pred->value * pred->tolerance_ppb / SCN_PPB;

        return (struct bounds){.least = value - (i128)slack, .most = value + (i128)slack};
    }
    if (!pred->of) {
        oracle_value(cluster->oracle, NULL, &bounds.sums);
        return bounds;
    }
    of = nodes_on(cluster, pred->of, key_with(key, 1));
    oracle_value(cluster->oracle, &of, &bounds.sums);
    nodeset_release(&of);
    return bounds;
}

static void bounds_release(struct bounds *bounds)
{
    if (bounds->has_sums)
        sums_release(&bounds->sums);
}

static bool equals(i128 found, const struct bounds *bounds)
{
    if (bounds->has_sums)
        return sums_has(&bounds->sums, found);
    return bounds->least <= found && found <= bounds->most;
}

static bool compare(enum scn_cmp cmp, i128 found, const struct bounds *bounds)
{
    switch (cmp) {
    case SCN_EQ:
        return equals(found, bounds);
    case SCN_NE:
        return !equals(found, bounds);
    case SCN_LT:
        return found < bounds->least;
    case SCN_LE:
        return found <= bounds->least;
    case SCN_GT:
        return found > bounds->most;
    case SCN_GE:
        return found >= bounds->most;
    }
    return false;
}

/* A delay reads as a time: "23.104ms". With a tolerance one may be below 0. */
static void text_metric(char buf[static TEXT_WIDE_MAX], enum scn_metric metric, i128 number)
{
    char wide[TEXT_WIDE_MAX];
    int digits = 6;

    text_wide(buf, number);
    if (delays_percent(metric) == 0 || number < 0)
        return;
    text_wide(wide, number / 1000000);
    number %= 1000000;
    for (; number > 0 && number % 10 == 0; number /= 10)
        digits--;
    if (number == 0)
        snprintf(buf, TEXT_WIDE_MAX, "%.30sms", wide);
    else
        snprintf(buf, TEXT_WIDE_MAX, "%.30s.%0*dms", wide, digits, (int)number);
}

/* "28", "27..29", "11 or 111" */
static void text_bounds(char buf[static SUMS_TEXT_MAX], enum scn_metric metric,
                        const struct bounds *bounds)
{
    char least[TEXT_WIDE_MAX], most[TEXT_WIDE_MAX];

    if (bounds->has_sums) {
        sums_text(buf, &bounds->sums);
        return;
    }
    text_metric(least, metric, bounds->least);
    text_metric(most, metric, bounds->most);
    if (bounds->least == bounds->most)
        snprintf(buf, SUMS_TEXT_MAX, "%s", least);
    else
        snprintf(buf, SUMS_TEXT_MAX, "%s..%s", least, most);
}

static void label_compare(struct finding *ret, const struct scn_stmt *stmt,
                          const struct bounds *bounds, i128 found, const char *where)
{
    const char *verb = stmt->kind == SCN_STMT_NEVER ? "expected never " : "expected ";
    char expected[SUMS_TEXT_MAX], got[TEXT_WIDE_MAX];

    headline(ret, stmt);
    text_bounds(expected, stmt->pred.metric, bounds);
    text_metric(got, stmt->pred.metric, found);
    snprintf(ret->label, sizeof(ret->label), "%s%s %s, found %s%s", verb,
             scn_cmp_text(stmt->pred.cmp), expected, got, where);
}

/* ---- metrics ---- */

static i128 total_of(const struct cluster *cluster, enum scn_metric metric,
                     const struct nodeset *set)
{
    i128 total = 0;

    NODESET_EACH(node, set)
    {
        const struct host_stats *stats = &cluster->hosts[node].stats;

        total += metric == SCN_METRIC_MESSAGES  ? stats->sent
                 : metric == SCN_METRIC_BYTES   ? stats->bytes
                 : metric == SCN_METRIC_DROPPED ? stats->dropped
                                                : stats->pushes;
    }
    return total;
}

/*
 * Of the nodes of @set together. A delay is that of one message, and @where says which:
 * ", a push n1 -> n2 sent at 1.000s". Somebody has delivered one, if it is asked for.
 */
static i128 together_of(const struct cluster *cluster, enum scn_metric metric,
                        const struct nodeset *set, char where[static WHERE_MAX])
{
    const struct delay *delay;
    const char *kind;
    char time[TEXT_TIME_MAX];

    where[0] = '\0';
    if (delays_percent(metric) == 0)
        return total_of(cluster, metric, set);
    delay = delays_rank(&cluster->delays, set, delays_percent(metric));
    if (!delay)
        return 0;
    kind = message_kind_text(delay->kind);
    snprintf(where, WHERE_MAX, ", %s %s n%" PRIu32 " -> n%" PRIu32 " sent at %s",
             text_article(kind), kind, delay->from + 1, delay->to + 1,
             text_time(time, delay->arrived_ns - delay->ns));
    return delay->ns;
}

/* Metrics of the nodes together. */
static bool total_holds(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                        struct finding *ret)
{
    const struct scn_pred *pred = &stmt->pred;
    struct bounds bounds = bounds_of(cluster, stmt, key);
    char where[WHERE_MAX] = "";
    bool holds;
    i128 found;

    if (pred->metric == SCN_METRIC_DISTINCT) {
        found = distinct_of(cluster, stmt, key);
    } else {
        struct nodeset set = nodes_on(cluster, pred->on ? pred->on : pred->of, key);

        found = together_of(cluster, pred->metric, &set, where);
        nodeset_release(&set);
    }
    holds = compare(pred->cmp, found, &bounds) != (stmt->kind == SCN_STMT_NEVER);
    if (!holds)
        label_compare(ret, stmt, &bounds, found, where);
    bounds_release(&bounds);
    return holds;
}

static i128 metric_of_node(const struct cluster *cluster, enum scn_metric metric,
                           const struct nodeset *of, uint32_t node)
{
    const struct host *host = &cluster->hosts[node];

    if (metric == SCN_METRIC_QUEUE)
        return host->inbox_len;
    return cluster_value(cluster, node, of);
}

/* Metrics of each node: value and queue. Each node of SEL must agree. */
static bool each_holds(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                       const uint32_t *nodes, size_t nodes_len, struct finding *ret)
{
    const struct scn_pred *pred = &stmt->pred;
    struct bounds bounds = bounds_of(cluster, stmt, key);
    struct nodeset set = states_on(cluster, pred->on, key), of = {0};
    const struct nodeset *of_used = NULL;
    bool never = stmt->kind == SCN_STMT_NEVER, holds = true;
    uint32_t first = nodeset_next(&set, 0);

    if (pred->of) {
        of = nodes_on(cluster, pred->of, key_with(key, 1));
        of_used = &of;
    }
    for (size_t i = 0; holds && (nodes ? i < nodes_len : first < set.nodes); i++) {
        uint32_t node = nodes ? nodes[i] : first;
        char where[32];
        i128 found;

        first = nodes ? first : nodeset_next(&set, first + 1);
        if (!nodeset_has(&set, node))
            continue;
        found = metric_of_node(cluster, pred->metric, of_used, node);
        holds = compare(pred->cmp, found, &bounds) != never;
        snprintf(where, sizeof(where), " on n%" PRIu32, node + 1);
        if (!holds) {
            label_compare(ret, stmt, &bounds, found, where);
            ret->node = node;
        }
    }
    if (pred->of)
        nodeset_release(&of);
    nodeset_release(&set);
    bounds_release(&bounds);
    return holds;
}

/* Requests without an answer, of the nodes that it speaks of. */
static uint64_t open_of(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key)
{
    struct nodeset set;
    uint64_t open = 0;

    if (!stmt->pred.on)
        return cluster->open;
    set = states_on(cluster, stmt->pred.on, key);
    NODESET_EACH(node, &set)
    open += cluster->hosts[node].open;
    nodeset_release(&set);
    return open;
}

static bool converged_holds(const struct cluster *cluster, const struct scn_stmt *stmt,
                            uint64_t key, struct finding *ret)
{
    bool never = stmt->kind == SCN_STMT_NEVER;
    uint32_t distinct = distinct_of(cluster, stmt, key);
    uint64_t open = open_of(cluster, stmt, key);
    bool converged = distinct == 1 && open == 0;
    bool wanted = !stmt->pred.negated != never;

    if (converged == wanted)
        return true;
    headline(ret, stmt);
    if (wanted && distinct == 1)
        snprintf(ret->label, sizeof(ret->label), "expected no open request, found %" PRIu64, open);
    else
        snprintf(ret->label, sizeof(ret->label), "expected %s, found %" PRIu32,
                 wanted ? "1 state" : "more than 1 state", distinct);
    return false;
}

bool predicate_holds(const struct cluster *cluster, const struct scn_stmt *stmt, uint64_t key,
                     const uint32_t *nodes, size_t nodes_len, struct finding *ret)
{
    switch (stmt->pred.kind) {
    case SCN_PRED_CONVERGED:
    case SCN_PRED_WITHIN:
        return converged_holds(cluster, stmt, key, ret);
    case SCN_PRED_DECREASE:
    case SCN_PRED_WHILE:
    case SCN_PRED_CAMPAIGN:
        return true; /* ask more than the states: sim/expect.c, sim/cmd_campaign.c */
    case SCN_PRED_METRIC:
        break;
    }
    if (predicate_is_of_each(&stmt->pred))
        return each_holds(cluster, stmt, key, nodes, nodes_len, ret);
    return total_holds(cluster, stmt, key, ret);
}
