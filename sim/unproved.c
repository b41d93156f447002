/* What was expected to happen, and what happened instead. */
#include "sim/unproved.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/delays.h"
#include "sim/fatal.h"
#include "sim/met.h"
#include "sim/nodeset.h"
#include "sim/predicate.h"
#include "sim/scenario/facts.h"
#include "sim/text.h"

#define WHEN_MAX 128u

__attribute__((format(printf, 2, 3))) static void label(struct outcome *ret, const char *format,
                                                        ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret->label, sizeof(ret->label), format, args);
    va_end(args);
}

/* The last fault of @stmt that is still in force, or its last; NULL: it began none. */
static const struct fault *fault_of(const struct timeline *timeline, uint32_t stmt)
{
    const struct fault *ret = NULL;

    for (uint32_t i = 0; i < timeline->faults_len; i++)
        if (timeline->faults[i].stmt == stmt &&
            (!ret || !ret->active || timeline->faults[i].active))
            ret = &timeline->faults[i];
    return ret;
}

/* "in 3 firings, the first at 1.000s", "from 1.000s to 2.000s", "at 1.000s". */
static void print_when(char buf[static WHEN_MAX], const struct run *run, uint32_t stmt)
{
    const struct scn_stmt *it = &run->scn->stmts[stmt];
    const struct firings *firings = &run->timeline.firings[stmt];
    const struct fault *fault = fault_of(&run->timeline, stmt);
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];

    text_time(from, firings->first_ns);
    if (!scn_acts(it))
        snprintf(buf, WHEN_MAX, "%s",
                 it->kind == SCN_STMT_NODE ? "at the start" : "in all the run");
    else if (firings->count > 1)
        snprintf(buf, WHEN_MAX, "in %" PRIu64 " firings, the first at %s", firings->count, from);
    else if (fault && fault->ends && !fault->active)
        snprintf(buf, WHEN_MAX, "from %s to %s", from, text_time(to, fault->end_ns));
    else if (fault)
        snprintf(buf, WHEN_MAX, "from %s to the stop", from);
    else if (scn_has(&it->action, SCN_LASTS))
        snprintf(buf, WHEN_MAX, "while it was in force, from %s on", from);
    else
        snprintf(buf, WHEN_MAX, "at %s", from);
}

/* Was one that it is to end on its way out? */
static bool ends_already(const struct scn_stmt *stmt, const struct firings *firings)
{
    return scn_acts(stmt) && firings->ending > 0 &&
           (stmt->action.kind == SCN_LEAVE || stmt->action.kind == SCN_STOPNODE);
}

void unproved_unfired(const struct run *run, uint32_t stmt, struct outcome *ret)
{
    const struct scn_stmt *it = &run->scn->stmts[stmt];
    const struct firings *firings = &run->timeline.firings[stmt];
    const char *rule = met_rule(it, &run->met[stmt]);
    char when[WHEN_MAX], stop[TEXT_TIME_MAX];

    if (scn_acts(it) && run->timeline.firings[stmt].count == 0) {
        snprintf(ret->headline, sizeof(ret->headline), "this never began: %.480s", it->text);
        label(ret, "expected it to begin before the stop at %s, found no time at which it does",
              text_time(stop, run->scn->stop_ns));
        return;
    }
    if (rule)
        snprintf(ret->headline, sizeof(ret->headline), "'%s' of this met nothing: %.460s", rule,
                 it->text);
    else
        snprintf(ret->headline, sizeof(ret->headline), "this met nothing: %.480s", it->text);
    print_when(when, run, stmt);
    if (ends_already(it, firings)) {
        label(ret, "expected %s, found n%" PRIu32 ", which is %s already", met_what(it),
              firings->ending, firings->leaving ? "leaving" : "stopping");
        return;
    }
    label(ret, "expected %s, found none %s", met_what(it), when);
}

static bool has_clients(const struct scn_stmt *stmt)
{
    return stmt->kind == SCN_STMT_LOAD ||
           (scn_acts(stmt) && (stmt->action.kind == SCN_INC || stmt->action.kind == SCN_DEC));
}

bool unproved_counts(const struct run *run, uint32_t *ret_stmt, struct outcome *ret)
{
    const uint64_t *answers = run->cluster.stats.answers;
    uint64_t open = run->oracle.open;
    uint32_t stmt = 0;

    if (answers[ENV_OK] > 0 || answers[ENV_REFUSED] + answers[ENV_UNKNOWN] + open == 0)
        return false;
    while (stmt < run->scn->stmts_len && !has_clients(&run->scn->stmts[stmt]))
        stmt++;
    *ret_stmt = stmt;
    snprintf(ret->headline, sizeof(ret->headline),
             "no client was told ok, so nothing is known of counts");
    label(ret,
          "expected at least 1 request that is done, found %" PRIu64 " refused, %" PRIu64
          " unknown and %" PRIu64 " without an answer",
          answers[ENV_REFUSED], answers[ENV_UNKNOWN], open);
    return true;
}

static bool is_on_its_way_out(const struct host *host)
{
    return (host->state == HOST_UP || host->state == HOST_PAUSED) && host->ends;
}

/* The first that has not come to its end, and all whom the same statement told to: into @ret. */
static const struct host *still_there(const struct cluster *cluster, struct nodeset *ret)
{
    const struct host *first = NULL;

    for (uint32_t i = 0; i < cluster->nodes; i++) {
        const struct host *host = &cluster->hosts[i];

        if (!is_on_its_way_out(host) || (first && host->ends_stmt != first->ends_stmt))
            continue;
        first = first ? first : host;
        nodeset_add(ret, i);
    }
    return first;
}

bool unproved_ends(const struct run *run, uint32_t *ret_stmt, struct outcome *ret)
{
    struct nodeset there;
    const struct host *first;
    FILE *out;

    nodeset_init(&there, run->cluster.nodes);
    first = still_there(&run->cluster, &there);
    if (first) {
        *ret_stmt = first->ends_stmt;
        out = fmemopen(ret->headline, sizeof(ret->headline), "w");
        if (!out)
            fatal_memory(0);
        text_nodes(out, &there);
        fprintf(out, " %s not %s, so nothing is known of that",
                nodeset_count(&there) > 1 ? "have" : "has", first->leaves ? "left" : "stopped");
        fclose(out);
        label(ret, first->leaves
                       ? "expected it gone at the stop, found it leaving; stop later, or let "
                         "somebody stay who hears it"
                       : "expected it down at the stop, found it stopping; stop later");
    }
    nodeset_release(&there);
    return first != NULL;
}

/* ---- expectations ---- */

static const struct obligation *open_obligation(const struct expects *expects, uint32_t stmt)
{
    for (size_t i = 0; i < expects->obligations_len; i++) {
        const struct obligation *it = &expects->obligations[i];

        if (it->stmt == stmt && !it->met && !it->missed && !it->void_)
            return it;
    }
    return NULL;
}

/* A "within T of NAME" whose NAME made no obligation. */
static void label_name(const struct run *run, const struct scn_name *name, struct outcome *ret)
{
    const struct fault *fault = fault_of(&run->timeline, name->stmt);
    char time[TEXT_TIME_MAX];

    if (fault && fault->active)
        label(ret, "expected '%.200s' to end, found it in force at the stop, since %s", name->name,
              text_time(time, fault->begin_ns));
    else
        label(ret, "expected '%.200s' to end, found that it never began", name->name);
}

static void label_last_fault(const struct run *run, struct outcome *ret)
{
    uint32_t stmt = timeline_unended(&run->timeline);

    if (stmt == MET_NO_STMT)
        label(ret, "expected a fault to end, found that none did");
    else
        label(
            ret,
            "expected the last fault to end, found one in force at the stop, that of line %" PRIu32,
            run->scn->stmts[stmt].pos.line);
}

/* A "converged within T of X" without an obligation. */
static void label_within(const struct run *run, const struct scn_pred *pred, struct outcome *ret)
{
    switch (pred->of_kind) {
    case SCN_OF_NAME:
        label_name(run, &run->scn->names[pred->of_name], ret);
        break;
    case SCN_OF_HEAL:
        label(ret, run->expects.partitions > 0
                       ? "expected the last partition to end, found one in force at the stop"
                       : "expected a partition to end, found that none did");
        break;
    case SCN_OF_LAST_FAULT:
        label_last_fault(run, ret);
        break;
    case SCN_OF_TIME:
        label(ret, "expected to be decided before the stop, found that it was not");
        break;
    }
}

/* Of whom an expectation at @time would have spoken; NULL: one of the whole run. */
static void label_nobody(const struct scn_pred *pred, const char *time, struct outcome *ret)
{
    if (!time)
        label(ret, "expected at least 1 node that it speaks of, found none of them there at any "
                   "time");
    else if (pred->kind == SCN_PRED_METRIC && delays_percent(pred->metric) > 0)
        label(ret, "expected a message that was delivered by %s, found none of those it speaks of",
              time);
    else if (predicate_speaks_of_states(pred))
        label(ret, "expected at least 1 node that it speaks of, found none of them there at %s",
              time);
    else
        label(ret, "expected at least 1 node, found that its selector comes to none at %s", time);
}

void unproved_unevaluated(const struct run *run, uint32_t stmt, struct outcome *ret)
{
    const struct obligation *open = open_obligation(&run->expects, stmt);
    const struct scn_pred *pred = &run->scn->stmts[stmt].pred;
    char due[TEXT_TIME_MAX], stop[TEXT_TIME_MAX];

    snprintf(ret->headline, sizeof(ret->headline), "never evaluated: %.480s",
             run->scn->stmts[stmt].text);
    if (open)
        label(ret,
              "expected 1 state by %s, found the stop at %s, before that, and %" PRIu32 " states",
              text_time(due, open->deadline_ns), text_time(stop, run->scn->stop_ns),
              run->checks.census.distinct);
    else if (pred->kind == SCN_PRED_WITHIN)
        label_within(run, pred, ret);
    else
        label_nobody(pred,
                     run->scn->stmts[stmt].kind == SCN_STMT_EXPECT
                         ? text_time(due, pred->at_end ? run->scn->stop_ns : pred->at_ns)
                         : NULL,
                     ret);
}
