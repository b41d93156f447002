/*
 * What the parts of the network share; not for others. net.c moves messages,
 * net_rules.c says what holds on a link, net_faults.c keeps partitions, holds
 * and scripts.
 */
#ifndef DC_SIM_NET_INNER_H
#define DC_SIM_NET_INNER_H

#include "sim/net.h"

bool net_scope_equal(const struct net_scope *a, const struct net_scope *b);
/* Adds the receivers that @scope reaches from @from to @row. */
void net_scope_row(const struct net_scope *scope, uint32_t from, struct nodeset *row);
/* Have they a link in common, of @nodes nodes? */
bool net_scope_meet(const struct net_scope *a, const struct net_scope *b, uint32_t nodes);
struct net_scope net_scope_copy(const struct net_scope *scope);

/* The rule where nothing was said. */
extern const struct net_rule net_rule_default;
/* What holds on a link, layer by layer. */
struct net_rule net_rule_of_layers(const struct net *net, uint32_t from, uint32_t to);

/*
 * What holds on a link now; valid until the rules change, or @room is used again.
 * A pointer, because a rule is large and asked for twice a message.
 */
static inline const struct net_rule *net_rule_of(const struct net *net, uint32_t from, uint32_t to,
                                                 struct net_rule *room)
{
    if (net->uniform)
        return &net->plain;
    *room = net_rule_of_layers(net, from, to);
    return room;
}

/* Takes the layers of @fault away. */
void net_rules_end(struct net *net, uint32_t fault);

/* The first partition in force that lies between the two, or NULL. */
const struct net_cut *net_cut_of_list(const struct net *net, uint32_t from, uint32_t to);
static inline const struct net_cut *net_cut_between(const struct net *net, uint32_t from,
                                                    uint32_t to)
{
    return net->cuts_len == 0 ? NULL : net_cut_of_list(net, from, to);
}

/* The first hold in force on a link, or NULL; and to leave a flight with it. */
struct net_hold *net_hold_of_list(struct net *net, uint32_t from, uint32_t to);
static inline struct net_hold *net_hold_over(struct net *net, uint32_t from, uint32_t to)
{
    return net->holds_len == 0 ? NULL : net_hold_of_list(net, from, to);
}
void net_hold_keep(struct net_hold *hold, uint32_t flight);
/* Has the burst of the link begun, at that time? (net_chance.c) */
bool net_is_bad(const struct net *net, const struct scn_bursts *bursts, uint64_t now_ns,
                uint32_t from, uint32_t to);
/* How long a copy takes on its way, by the rule, when @key names the draw. */
uint64_t net_delay_of(const struct net *net, const struct net_rule *rule, uint64_t now_ns,
                      uint32_t from, uint32_t to, uint64_t key);
/* The history of a link; its first time makes it. Valid until the next call. */
struct net_link *net_link_of(struct net *net, uint32_t from, uint32_t to);

/* Frees partitions, holds and scripts. */
void net_faults_release(struct net *net);

/*
 * Room for one more element of a list of what is in force: the list, perhaps
 * moved, or NULL at NET_IN_FORCE_MAX.
 */
void *net_room(void *array, size_t len, size_t *cap, size_t size);
/* Removes element @at of *len elements of @size bytes, keeping the order. */
void net_take_out(void *array, size_t *len, size_t size, size_t at);

#endif
