/* Delays are sorted when somebody asks, which is rarely. */
#include "sim/delays.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"
#include "sim/nodeset.h"

unsigned delays_percent(enum scn_metric metric)
{
    switch (metric) {
    case SCN_METRIC_P50_DELAY:
        return 50;
    case SCN_METRIC_P99_DELAY:
        return 99;
    case SCN_METRIC_MAX_DELAY:
        return 100;
    case SCN_METRIC_VALUE:
    case SCN_METRIC_DISTINCT:
    case SCN_METRIC_MESSAGES:
    case SCN_METRIC_BYTES:
    case SCN_METRIC_DROPPED:
    case SCN_METRIC_PUSHES:
    case SCN_METRIC_QUEUE:
        break;
    }
    return 0;
}

void delays_init(struct delays *delays, const struct scenario *scn)
{
    *delays = (struct delays){0};
    for (size_t i = 0; i < scn->stmts_len; i++)
        if (scn->stmts[i].kind == SCN_STMT_EXPECT && scn->stmts[i].pred.kind == SCN_PRED_METRIC &&
            delays_percent(scn->stmts[i].pred.metric) > 0)
            delays->wanted = true;
}

void delays_release(struct delays *delays)
{
    free(delays->list);
    *delays = (struct delays){0};
}

void delays_add(struct delays *delays, struct delay delay)
{
    if (delays->len == delays->cap) {
        delays->cap = delays->cap ? delays->cap * 2 : 1024;
        delays->list = fatal_realloc_array(delays->list, delays->cap, sizeof(*delays->list));
    }
    delays->list[delays->len++] = delay;
}

struct ranked {
    uint64_t ns;
    size_t at; /* place in the order of delivery */
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns < b->ns ? -1 : 1;
    return a->at > b->at ? -1 : a->at < b->at;
}

const struct delay *delays_rank(const struct delays *delays, const struct nodeset *set,
                                unsigned percent)
{
    struct ranked *list = fatal_realloc_array(NULL, delays->len + 1, sizeof(*list));
    const struct delay *ret = NULL;
    size_t len = 0, rank;

    PRE(percent > 0 && percent <= 100, "a share of the messages");
    for (size_t i = 0; i < delays->len; i++)
        if (nodeset_has(set, delays->list[i].from))
            list[len++] = (struct ranked){.ns = delays->list[i].ns, .at = i};
    rank = len / 100 * percent + (len % 100 * percent + 99) / 100; /* rounded up */
    if (len > 0) {
        qsort(list, len, sizeof(*list), compare);
        ret = &delays->list[list[rank - 1].at];
    }
    free(list);
    return ret;
}
