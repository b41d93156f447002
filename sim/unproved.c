/* What was expected to happen, and what happened instead. */
#include "sim/unproved.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/text.h"

__attribute__((format(printf, 2, 3))) static void label(struct outcome *ret, const char *format,
                                                        ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret->label, sizeof(ret->label), format, args);
    va_end(args);
}

/* The firings of @stmt: how many, the first, and one that is still in force. */
struct firings {
    uint32_t count;
    const struct fault *first, *active; /* NULL: none */
};

static struct firings firings_of(const struct timeline *timeline, uint32_t stmt)
{
    struct firings firings = {0};

    for (uint32_t i = 0; i < timeline->faults_len; i++) {
        const struct fault *it = &timeline->faults[i];

        if (it->stmt != stmt)
            continue;
        firings.count++;
        if (!firings.first)
            firings.first = it;
        if (it->active)
            firings.active = it;
    }
    return firings;
}

static bool acts_on_nodes(const struct scn_action *action)
{
    return action->kind == SCN_CRASH || action->kind == SCN_PAUSE || action->kind == SCN_LEAVE ||
           action->kind == SCN_STOPNODE || action->kind == SCN_CLOCK;
}

void unproved_unfired(const struct run *run, uint32_t stmt, struct outcome *ret)
{
    struct firings firings = firings_of(&run->timeline, stmt);
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];

    if (firings.count == 0 && acts_on_nodes(&run->scn->stmts[stmt].action)) {
        snprintf(ret->headline, sizeof(ret->headline), "this never touched a node: %.480s",
                 run->scn->stmts[stmt].text);
        label(ret, "expected at least 1 node that it acts on, found none each time it fired");
        return;
    }
    if (run->scn->stmts[stmt].action.kind == SCN_DISK) {
        snprintf(ret->headline, sizeof(ret->headline), "this never touched a write: %.480s",
                 run->scn->stmts[stmt].text);
        label(ret, "expected at least 1 write or sync that it acts on, found none");
        return;
    }
    if (firings.count == 0) {
        snprintf(ret->headline, sizeof(ret->headline), "this fault never began: %.480s",
                 run->scn->stmts[stmt].text);
        label(ret, "expected it to begin before the stop at %s, found no time at which it does",
              text_time(to, run->scn->stop_ns));
        return;
    }
    snprintf(ret->headline, sizeof(ret->headline), "this fault never touched a message: %.470s",
             run->scn->stmts[stmt].text);
    text_time(from, firings.first->begin_ns);
    if (firings.count > 1)
        label(ret,
              "expected at least 1 message that it acts on, found 0 in %" PRIu32
              " firings, the first at %s",
              firings.count, from);
    else if (firings.first->ends && !firings.first->active)
        label(ret, "expected at least 1 message that it acts on, found 0 from %s to %s", from,
              text_time(to, firings.first->end_ns));
    else
        label(ret, "expected at least 1 message that it acts on, found 0 from %s to the stop",
              from);
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
    struct firings firings = firings_of(&run->timeline, name->stmt);
    char time[TEXT_TIME_MAX];

    if (firings.active)
        label(ret, "expected '%.200s' to end, found it in force at the stop, since %s", name->name,
              text_time(time, firings.active->begin_ns));
    else
        label(ret, "expected '%.200s' to end, found that it never began", name->name);
}

/* A "converged within T of X" without an obligation. */
static void label_within(const struct run *run, const struct scn_pred *pred, struct outcome *ret)
{
    switch (pred->of_kind) {
    case SCN_OF_NAME:
        label_name(run, &run->scn->names[pred->of_name], ret);
        break;
    case SCN_OF_HEAL:
        label(ret, "expected a partition to end, found that none did");
        break;
    case SCN_OF_LAST_FAULT:
        label(ret, "expected a fault to end, found that none did");
        break;
    case SCN_OF_TIME:
        label(ret, "expected to be decided before the stop, found that it was not");
        break;
    }
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
        label(ret, "expected at least 1 node that it speaks of, found none of them running at %s",
              text_time(due, pred->at_end ? run->scn->stop_ns : pred->at_ns));
}
