/*
 * Partitions of which two sides have a node in common. Sides that are drawn, or
 * that name up or down, are not looked at: there a node belongs to the first.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/parse.h"

/*
 * Spans looked at for all partitions of a file. A file that needs more has sides
 * of many thousand terms that take away and give back; what overlaps there is
 * not shown by the text to anyone.
 */
#define OVERLAP_STEPS_MAX (UINT64_C(1) << 26)

/* Nodes first..last; of the @side of a partition. */
struct span {
    uint32_t first, last;
    size_t side;
};

/* After spans_merge(): in order, apart from each other. */
struct spans {
    struct span *list; /* owned */
    size_t len, cap;
};

struct overlap {
    uint32_t nodes;
    uint64_t steps;
    struct spans named; /* what earlier sides name, as they come */
    bool named_known;   /* none of them was drawn */
};

static void spans_release(struct spans *spans)
{
    free(spans->list);
    *spans = (struct spans){0};
}

static void spans_add(struct spans *spans, uint32_t first, uint32_t last, size_t side)
{
    if (first > last)
        return;
    if (spans->len == spans->cap) {
        spans->cap = spans->cap ? spans->cap * 2 : 8;
        spans->list = fatal_realloc_array(spans->list, spans->cap, sizeof(*spans->list));
    }
    spans->list[spans->len++] = (struct span){.first = first, .last = last, .side = side};
}

static int span_compare(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    return a->side < b->side ? -1 : a->side > b->side;
}

static void spans_sort(struct spans *spans)
{
    if (spans->len > 1)
        qsort(spans->list, spans->len, sizeof(*spans->list), span_compare);
}

static void spans_merge(struct spans *spans)
{
    size_t len = 0;

    spans_sort(spans);
    for (size_t i = 0; i < spans->len; i++) {
        struct span span = spans->list[i];

        if (len > 0 && span.first <= spans->list[len - 1].last + 1) {
            if (span.last > spans->list[len - 1].last)
                spans->list[len - 1].last = span.last;
        } else {
            spans->list[len++] = span;
        }
    }
    spans->len = len;
}

/* Takes those of @away from @spans; both are merged. */
static void spans_subtract(struct spans *spans, const struct spans *away)
{
    struct spans left = {0};
    size_t at = 0;

    for (size_t i = 0; i < spans->len; i++) {
        uint32_t first = spans->list[i].first, last = spans->list[i].last;

        while (at < away->len && away->list[at].last < first)
            at++;
        for (size_t j = at; j < away->len && away->list[j].first <= last; j++) {
            if (away->list[j].first > first)
                spans_add(&left, first, away->list[j].first - 1, 0);
            first = away->list[j].last + 1;
        }
        spans_add(&left, first, last, 0);
    }
    spans_release(spans);
    *spans = left;
}

/* All nodes but those that earlier sides name. */
static void add_rest(struct overlap *overlap, struct spans *spans)
{
    struct spans all = {0};

    overlap->steps += overlap->named.len;
    spans_merge(&overlap->named);
    spans_add(&all, 1, overlap->nodes, 0);
    spans_subtract(&all, &overlap->named);
    for (size_t i = 0; i < all.len; i++)
        spans_add(spans, all.list[i].first, all.list[i].last, 0);
    spans_release(&all);
}

static bool evaluate(struct overlap *overlap, const struct scn_sel *sel, struct spans *ret);

/* False when only the run knows. Groups nest at most PARSE_DEPTH_MAX deep. */
static bool add_term(struct overlap *overlap, const struct scn_term *term, struct spans *spans)
{
    struct spans group = {0};
    bool known = true;

    switch (term->kind) {
    case SCN_TERM_NODES:
        spans_add(spans, term->first, term->last, 0);
        break;
    case SCN_TERM_ALL:
        spans_add(spans, 1, overlap->nodes, 0);
        break;
    case SCN_TERM_REST:
        known = overlap->named_known;
        if (known && !term->minus) /* "!rest" takes away what is not there */
            add_rest(overlap, spans);
        break;
    case SCN_TERM_GROUP:
        known = evaluate(overlap, term->of, &group);
        for (size_t i = 0; known && i < group.len; i++)
            spans_add(spans, group.list[i].first, group.list[i].last, 0);
        spans_release(&group);
        break;
    case SCN_TERM_UP:
    case SCN_TERM_DOWN:
    case SCN_TERM_RANDOM:
        known = false;
        break;
    }
    return known;
}

/* From left to right, a run of terms that all give, or all take away, at a time. */
static bool evaluate(struct overlap *overlap, const struct scn_sel *sel, struct spans *ret)
{
    bool known = true;

    if (sel->len > 0 && sel->terms[0].minus)
        spans_add(ret, 1, overlap->nodes, 0);
    for (size_t i = 0; known && i < sel->len;) {
        bool minus = sel->terms[i].minus;
        struct spans run = {0};

        for (; known && i < sel->len && sel->terms[i].minus == minus; i++)
            known = add_term(overlap, &sel->terms[i], &run);
        overlap->steps += run.len + ret->len;
        spans_merge(&run);
        if (minus)
            spans_subtract(ret, &run);
        for (size_t j = 0; !minus && j < run.len; j++)
            spans_add(ret, run.list[j].first, run.list[j].last, 0);
        if (!minus)
            spans_merge(ret);
        spans_release(&run);
        known = known && overlap->steps <= OVERLAP_STEPS_MAX;
    }
    return known;
}

static void check_cut(struct parser *p, struct overlap *overlap, const struct scn_cut *cut)
{
    struct spans all = {0};

    overlap->named_known = true;
    for (size_t side = 0; side < cut->sides_len; side++) {
        struct spans spans = {0};

        if (evaluate(overlap, &cut->sides[side], &spans)) {
            for (size_t i = 0; i < spans.len; i++) {
                spans_add(&all, spans.list[i].first, spans.list[i].last, side);
                spans_add(&overlap->named, spans.list[i].first, spans.list[i].last, 0);
            }
        } else {
            overlap->named_known = false;
        }
        spans_release(&spans);
    }
    spans_sort(&all);
    for (size_t i = 1; i < all.len; i++) {
        const struct span *a = &all.list[i - 1], *b = &all.list[i];

        if (b->first <= a->last) {
            const struct scn_sel *sel = &cut->sides[a->side > b->side ? a->side : b->side];

            diag_error(p->diags, sel->pos, "n%" PRIu32 " is in two sides of this partition",
                       b->first);
            break;
        }
    }
    spans_release(&all);
    spans_release(&overlap->named);
}

void overlap_check(struct parser *p)
{
    struct overlap overlap = {.nodes = p->nodes_known ? p->scn->nodes : SCN_NODES_MAX};

    for (size_t i = 0; i < p->stmts_len && overlap.steps <= OVERLAP_STEPS_MAX; i++) {
        const struct scn_stmt *stmt = &p->stmts[i];

        if (scn_acts(stmt) && stmt->action.kind == SCN_PARTITION &&
            stmt->action.cut.kind == SCN_CUT_SIDES)
            check_cut(p, &overlap, &stmt->action.cut);
    }
}
