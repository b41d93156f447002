/* Selectors, term by term from left to right. Depth is bounded by the parser. */
#include "sim/select.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/wide.h"

struct candidate {
    uint64_t priority;
    uint32_t node;
};

void select_init(struct select *select, struct choose *choose, const struct nodeset *up,
                 uint64_t key)
{
    *select = (struct select){.choose = choose, .up = up, .key = key};
    nodeset_init(&select->named, up->nodes);
}

void select_release(struct select *select)
{
    nodeset_release(&select->named);
    *select = (struct select){0};
}

static int candidate_compare(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;

    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* How many of @count nodes a random term takes; @key names the term in its firing. */
static uint32_t random_want(struct select *select, const struct scn_term *term, uint64_t key,
                            uint32_t count)
{
    struct scn_range counts = {term->count, term->count_max};
    struct scn_range shares = {term->share_ppb, term->share_max_ppb};
    uint64_t want;

    if (term->count > 0) {
        want = choose_range(select->choose, key, PURPOSE_AMOUNT, counts);
    } else {
        uint64_t share_ppb = choose_range(select->choose, key, PURPOSE_AMOUNT, shares);

        want = (uint64_t)(((u128)count * share_ppb) / SCN_PPB);
        if (want == 0)
            want = 1;
    }
    return want < count ? (uint32_t)want : count;
}

/* Keeps the nodes of @set with the smallest drawn priorities. */
static void pick_random(struct select *select, const struct scn_term *term, struct nodeset *set)
{
    uint64_t key = key_with(select->key, select->number++);
    uint32_t count = nodeset_count(set);
    uint32_t want = random_want(select, term, key, count);
    struct candidate *list;
    uint32_t len = 0;

    if (want == count)
        return;
    list = fatal_realloc_array(NULL, count, sizeof(*list));
    NODESET_EACH(node, set)
    {
        list[len].priority = choose_bits(select->choose, key_with(key, node), PURPOSE_SELECT);
        list[len].node = node;
        len++;
    }
    qsort(list, len, sizeof(*list), candidate_compare);
    nodeset_clear(set);
    for (uint32_t i = 0; i < want; i++)
        nodeset_add(set, list[i].node);
    free(list);
}

static void evaluate(struct select *select, const struct scn_sel *sel, struct nodeset *ret_set);

static void evaluate_term(struct select *select, const struct scn_term *term,
                          const struct nodeset *so_far, struct nodeset *ret_set)
{
    nodeset_clear(ret_set);
    switch (term->kind) {
    case SCN_TERM_NODES:
        for (uint32_t number = term->first; number <= term->last; number++)
            nodeset_add(ret_set, number - 1);
        break;
    case SCN_TERM_GROUP:
        evaluate(select, term->of, ret_set);
        break;
    case SCN_TERM_ALL:
        nodeset_fill(ret_set);
        break;
    case SCN_TERM_UP:
        nodeset_copy(ret_set, select->up);
        break;
    case SCN_TERM_DOWN:
        nodeset_fill(ret_set);
        nodeset_subtract(ret_set, select->up);
        break;
    case SCN_TERM_REST:
        nodeset_fill(ret_set);
        nodeset_subtract(ret_set, &select->named);
        nodeset_subtract(ret_set, so_far);
        break;
    case SCN_TERM_RANDOM:
        if (term->of)
            evaluate(select, term->of, ret_set);
        else
            nodeset_fill(ret_set);
        pick_random(select, term, ret_set);
        break;
    }
}

static void evaluate(struct select *select, const struct scn_sel *sel, struct nodeset *ret_set)
{
    struct nodeset part;

    nodeset_init(&part, ret_set->nodes);
    nodeset_clear(ret_set);
    if (sel->len > 0 && sel->terms[0].minus)
        nodeset_fill(ret_set);
    for (size_t i = 0; i < sel->len; i++) {
        evaluate_term(select, &sel->terms[i], ret_set, &part);
        if (sel->terms[i].minus)
            nodeset_subtract(ret_set, &part);
        else
            nodeset_unite(ret_set, &part);
    }
    nodeset_release(&part);
}

void select_nodes(struct select *select, const struct scn_sel *sel, struct nodeset *ret_set)
{
    evaluate(select, sel, ret_set);
    nodeset_unite(&select->named, ret_set);
}

bool select_is_fixed(const struct scn_sel *sel)
{
    for (size_t i = 0; i < sel->len; i++) {
        const struct scn_term *term = &sel->terms[i];

        if (term->kind == SCN_TERM_UP || term->kind == SCN_TERM_DOWN ||
            term->kind == SCN_TERM_RANDOM)
            return false;
        if (term->of && !select_is_fixed(term->of))
            return false;
    }
    return true;
}
