/* Partitions, holds and message-level scripts, from their beginning to their end. */
#include "sim/net_inner.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

static void cut_release(struct net_cut *cut)
{
    free(cut->side);
    net_scope_release(&cut->one_way);
}

static void hold_release(struct net_hold *hold)
{
    free(hold->flights);
    for (size_t i = 0; i < hold->released_len; i++)
        net_scope_release(&hold->released[i]);
    free(hold->released);
    net_scope_release(&hold->scope);
}

/* ---- partitions ---- */

static int cut_add(struct net *net, struct net_cut *cut)
{
    struct net_cut *grown = net_room(net->cuts, net->cuts_len, &net->cuts_cap, sizeof(*net->cuts));

    if (!grown) {
        cut_release(cut);
        return -1;
    }
    net->cuts = grown;
    net->cuts[net->cuts_len++] = *cut;
    return 0;
}

int net_cut_sides(struct net *net, uint32_t stmt, uint32_t fault, int32_t *side)
{
    struct net_cut cut = {.kind = NET_CUT_SIDES, .side = side, .stmt = stmt, .fault = fault};

    return cut_add(net, &cut);
}

int net_cut_one_way(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope)
{
    struct net_cut cut = {.kind = NET_CUT_ONE_WAY, .one_way = *scope, .stmt = stmt, .fault = fault};

    *scope = (struct net_scope){0};
    return cut_add(net, &cut);
}

int net_cut_ring(struct net *net, uint32_t stmt, uint32_t fault)
{
    struct net_cut cut = {.kind = NET_CUT_RING, .stmt = stmt, .fault = fault};

    return cut_add(net, &cut);
}

static bool cut_blocks(const struct net_cut *cut, uint32_t nodes, uint32_t from, uint32_t to)
{
    uint32_t apart;

    switch (cut->kind) {
    case NET_CUT_SIDES:
        return cut->side[from] >= 0 && cut->side[to] >= 0 && cut->side[from] != cut->side[to];
    case NET_CUT_ONE_WAY:
        return net_scope_has(&cut->one_way, from, to);
    case NET_CUT_RING:
        apart = from < to ? to - from : from - to;
        return apart > 1 && apart != nodes - 1;
    }
    return false;
}

const struct net_cut *net_cut_of_list(const struct net *net, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < net->cuts_len; i++)
        if (cut_blocks(&net->cuts[i], net->nodes, from, to))
            return &net->cuts[i];
    return NULL;
}

/* ---- holds and scripts ---- */

int net_hold(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope)
{
    struct net_hold hold = {.scope = *scope, .stmt = stmt, .fault = fault};
    struct net_hold *grown =
        net_room(net->holds, net->holds_len, &net->holds_cap, sizeof(*net->holds));

    *scope = (struct net_scope){0};
    if (!grown) {
        hold_release(&hold);
        return -1;
    }
    net->holds = grown;
    net->holds[net->holds_len++] = hold;
    return 0;
}

int net_script(struct net *net, const struct net_script *script)
{
    struct net_script added = *script;
    struct net_script *grown =
        net_room(net->scripts, net->scripts_len, &net->scripts_cap, sizeof(*net->scripts));

    if (!grown) {
        net_scope_release(&added.scope);
        return -1;
    }
    net->scripts = grown;
    net->scripts[net->scripts_len++] = added;
    return 0;
}

static bool hold_has(const struct net_hold *hold, uint32_t from, uint32_t to)
{
    if (!net_scope_has(&hold->scope, from, to))
        return false;
    for (size_t i = 0; i < hold->released_len; i++)
        if (net_scope_has(&hold->released[i], from, to))
            return false;
    return true;
}

struct net_hold *net_hold_of_list(struct net *net, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < net->holds_len; i++)
        if (hold_has(&net->holds[i], from, to))
            return &net->holds[i];
    return NULL;
}

void net_hold_keep(struct net_hold *hold, uint32_t flight)
{
    if (hold->len == hold->cap) {
        hold->cap = hold->cap ? hold->cap * 2 : 16;
        hold->flights = fatal_realloc_array(hold->flights, hold->cap, sizeof(*hold->flights));
    }
    hold->flights[hold->len++] = flight;
}

/* ---- the end of a fault ---- */

struct waiting {
    uint64_t number; /* that of the message: copies of one share it */
    size_t place;    /* in the list of the hold */
    uint32_t flight;
};

static int waiting_compare(const void *left, const void *right)
{
    const struct waiting *a = left;
    const struct waiting *b = right;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/*
 * Into the order of sending, copies of one message in the order in which the hold
 * took them. A message joins a hold when it is sent or when it would arrive, so the
 * list of a hold is in neither order.
 */
static void flights_sort(const struct net *net, uint32_t *flights, size_t len)
{
    struct waiting *list;

    if (len < 2)
        return;
    list = fatal_realloc_array(NULL, len, sizeof(*list));
    for (size_t i = 0; i < len; i++)
        list[i] = (struct waiting){
            .number = net->flights[flights[i]].number, .place = i, .flight = flights[i]};
    qsort(list, len, sizeof(*list), waiting_compare);
    for (size_t i = 0; i < len; i++)
        flights[i] = list[i].flight;
    free(list);
}

static void end_holds(struct net *net, uint32_t fault, uint32_t **ret_flights, size_t *ret_len)
{
    for (size_t i = 0; i < net->holds_len; i++) {
        struct net_hold *hold = &net->holds[i];

        if (hold->fault != fault)
            continue;
        if (hold->len > 0) {
            flights_sort(net, hold->flights, hold->len);
            *ret_flights = hold->flights;
            *ret_len = hold->len;
            hold->flights = NULL;
        }
        hold_release(hold);
        net_take_out(net->holds, &net->holds_len, sizeof(*net->holds), i);
        return; /* a firing holds once */
    }
}

/* The links from @from that @hold still keeps, by receiver, into @row. */
static void hold_row(const struct net_hold *hold, uint32_t from, struct nodeset *row)
{
    struct nodeset gone;

    nodeset_init(&gone, row->nodes);
    nodeset_clear(row);
    net_scope_row(&hold->scope, from, row);
    nodeset_add(&gone, from); /* nobody sends to itself */
    for (size_t i = 0; i < hold->released_len; i++)
        net_scope_row(&hold->released[i], from, &gone);
    nodeset_subtract(row, &gone);
    nodeset_release(&gone);
}

/* Does @hold keep one of the links of @scope? */
static bool hold_keeps(const struct net *net, const struct net_hold *hold,
                       const struct net_scope *scope)
{
    struct nodeset held, named;
    bool keeps = false;

    nodeset_init(&held, net->nodes);
    nodeset_init(&named, net->nodes);
    for (uint32_t from = 0; !keeps && from < net->nodes; from++) {
        hold_row(hold, from, &held);
        nodeset_clear(&named);
        net_scope_row(scope, from, &named);
        keeps = nodeset_meet(&held, &named);
    }
    nodeset_release(&held);
    nodeset_release(&named);
    return keeps;
}

/* Has every link of @hold been let go? */
static bool hold_is_over(const struct net *net, const struct net_hold *hold)
{
    struct nodeset held;
    bool over = hold->released_len > 0;

    nodeset_init(&held, net->nodes);
    for (uint32_t from = 0; over && from < net->nodes; from++) {
        hold_row(hold, from, &held);
        over = nodeset_count(&held) == 0;
    }
    nodeset_release(&held);
    return over;
}

/* Moves what @hold keeps on the links of @scope to the end of @list of @len. */
static uint32_t *hold_take(const struct net *net, struct net_hold *hold,
                           const struct net_scope *scope, uint32_t *list, size_t *len)
{
    size_t kept = 0;

    list = fatal_realloc_array(list, *len + hold->len + 1, sizeof(*list));
    for (size_t i = 0; i < hold->len; i++) {
        const struct net_flight *flight = &net->flights[hold->flights[i]];

        if (net_scope_has(scope, flight->from, flight->to))
            list[(*len)++] = hold->flights[i];
        else
            hold->flights[kept++] = hold->flights[i];
    }
    hold->len = kept;
    return list;
}

int net_let_go(struct net *net, struct net_scope *scope, uint32_t **ret_flights, size_t *ret_len)
{
    uint32_t *list = NULL;
    int rc = 0;

    *ret_len = 0;
    for (size_t i = 0; i < net->holds_len; i++) {
        struct net_hold *hold = &net->holds[i];
        bool keeps = hold_keeps(net, hold, scope);
        struct net_scope *grown = net_room(hold->released, hold->released_len, &hold->released_cap,
                                           sizeof(*hold->released));

        if (!grown) {
            rc = -1;
            break;
        }
        hold->released = grown;
        hold->released[hold->released_len++] = net_scope_copy(scope);
        list = hold_take(net, hold, scope, list, ret_len);
        hold->over = hold_is_over(net, hold);
        rc += keeps;
    }
    flights_sort(net, list, *ret_len);
    *ret_flights = list;
    net_scope_release(scope);
    return rc;
}

uint32_t net_done_of_list(const struct net *net)
{
    for (size_t i = 0; i < net->scripts_len; i++)
        if (net->scripts[i].by_count && net->scripts[i].left == 0)
            return net->scripts[i].fault;
    for (size_t i = 0; i < net->holds_len; i++)
        if (net->holds[i].over)
            return net->holds[i].fault;
    return NET_NO_FAULT;
}

static void script_remove(struct net *net, size_t at)
{
    net_scope_release(&net->scripts[at].scope);
    net_take_out(net->scripts, &net->scripts_len, sizeof(*net->scripts), at);
}

void net_end(struct net *net, uint32_t fault, uint32_t **ret_flights, size_t *ret_len)
{
    PRE(fault != NET_NO_FAULT, "the file's own rules do not end");
    *ret_flights = NULL;
    *ret_len = 0;
    for (size_t i = net->cuts_len; i-- > 0;) {
        if (net->cuts[i].fault == fault) {
            cut_release(&net->cuts[i]);
            net_take_out(net->cuts, &net->cuts_len, sizeof(*net->cuts), i);
        }
    }
    for (size_t i = net->scripts_len; i-- > 0;)
        if (net->scripts[i].fault == fault)
            script_remove(net, i);
    net_rules_end(net, fault);
    end_holds(net, fault, ret_flights, ret_len);
}

void net_faults_release(struct net *net)
{
    for (size_t i = 0; i < net->cuts_len; i++)
        cut_release(&net->cuts[i]);
    for (size_t i = 0; i < net->holds_len; i++)
        hold_release(&net->holds[i]);
    for (size_t i = 0; i < net->scripts_len; i++)
        net_scope_release(&net->scripts[i].scope);
    free(net->cuts);
    free(net->holds);
    free(net->scripts);
}

/* ---- for diagnosis ---- */

uint32_t net_word_of_other(const struct net *net, const struct scn_rules *rules, uint32_t stmt,
                           uint32_t from, uint32_t to)
{
    struct net_rule room;
    const struct net_rule *rule = net_rule_of(net, from, to, &room);
    const struct {
        unsigned key;
        uint32_t stmt;
    } words[] = {
        {SCN_RULE_DELAY, rule->delay_stmt},     {SCN_RULE_LOSS, rule->loss_stmt},
        {SCN_RULE_DOWN, rule->down_stmt},       {SCN_RULE_DUP, rule->dup_stmt},
        {SCN_RULE_CORRUPT, rule->corrupt_stmt}, {SCN_RULE_REORDER, rule->reorder_stmt},
        {SCN_RULE_RATE, rule->rate_stmt},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if ((rules->set & words[i].key) && words[i].stmt != NET_NO_STMT && words[i].stmt != stmt)
            return words[i].stmt;
    return NET_NO_STMT;
}

bool net_concerns(const struct net *net, uint32_t stmt, uint32_t from, uint32_t to)
{
    bool concerns = false;

    for (size_t i = 0; !concerns && i < net->layers_len; i++)
        concerns = net->layers[i].stmt == stmt && net_scope_has(&net->layers[i].scope, from, to);
    for (size_t i = 0; !concerns && i < net->cuts_len; i++)
        concerns = net->cuts[i].stmt == stmt && cut_blocks(&net->cuts[i], net->nodes, from, to);
    for (size_t i = 0; !concerns && i < net->holds_len; i++)
        concerns = net->holds[i].stmt == stmt && net_scope_has(&net->holds[i].scope, from, to);
    for (size_t i = 0; !concerns && i < net->scripts_len; i++)
        concerns = net->scripts[i].stmt == stmt && net_scope_has(&net->scripts[i].scope, from, to);
    return concerns;
}
