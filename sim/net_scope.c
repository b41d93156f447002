/* Sets of links. */
#include "sim/net_inner.h"

#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

void net_scope_release(struct net_scope *scope)
{
    if (scope->from.words)
        nodeset_release(&scope->from);
    if (scope->to.words)
        nodeset_release(&scope->to);
    *scope = (struct net_scope){0};
}

bool net_scope_has(const struct net_scope *scope, uint32_t from, uint32_t to)
{
    if (scope->everywhere)
        return true;
    if (nodeset_has(&scope->from, from) && nodeset_has(&scope->to, to))
        return true;
    return scope->both && nodeset_has(&scope->from, to) && nodeset_has(&scope->to, from);
}

bool net_scope_equal(const struct net_scope *a, const struct net_scope *b)
{
    if (a->everywhere || b->everywhere)
        return a->everywhere == b->everywhere;
    return a->both == b->both && nodeset_equal(&a->from, &b->from) && nodeset_equal(&a->to, &b->to);
}

/* The receivers that @scope reaches from @from, into @row. */
void net_scope_row(const struct net_scope *scope, uint32_t from, struct nodeset *row)
{
    if (scope->everywhere) {
        nodeset_fill(row);
        return;
    }
    if (nodeset_has(&scope->from, from))
        nodeset_unite(row, &scope->to);
    if (scope->both && nodeset_has(&scope->to, from))
        nodeset_unite(row, &scope->from);
}

bool net_scope_meet(const struct net_scope *a, const struct net_scope *b, uint32_t nodes)
{
    struct nodeset row_a, row_b;
    bool meet = false;

    nodeset_init(&row_a, nodes);
    nodeset_init(&row_b, nodes);
    for (uint32_t from = 0; !meet && from < nodes; from++) {
        nodeset_clear(&row_a);
        nodeset_clear(&row_b);
        net_scope_row(a, from, &row_a);
        net_scope_row(b, from, &row_b);
        nodeset_remove(&row_a, from); /* nobody sends to itself */
        meet = nodeset_meet(&row_a, &row_b);
    }
    nodeset_release(&row_a);
    nodeset_release(&row_b);
    return meet;
}

struct net_scope net_scope_copy(const struct net_scope *scope)
{
    struct net_scope copy = {.everywhere = scope->everywhere, .both = scope->both};

    if (scope->everywhere)
        return copy;
    nodeset_init(&copy.from, scope->from.nodes);
    nodeset_init(&copy.to, scope->to.nodes);
    nodeset_copy(&copy.from, &scope->from);
    nodeset_copy(&copy.to, &scope->to);
    return copy;
}

/* Room for one more element of a list of what is in force; NULL at the limit. */
void *net_room(void *array, size_t len, size_t *cap, size_t size)
{
    if (len >= NET_IN_FORCE_MAX)
        return NULL;
    if (len == *cap) {
        *cap = *cap ? *cap * 2 : 8;
        array = fatal_realloc_array(array, *cap, size);
    }
    return array;
}

/* Removes element @at of @len elements of @size bytes, keeping the order. */
void net_take_out(void *array, size_t *len, size_t size, size_t at)
{
    char *base = array;

    memmove(base + at * size, base + (at + 1) * size, (*len - at - 1) * size);
    (*len)--;
}
