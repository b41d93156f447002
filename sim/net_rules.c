/* Rules as layers: what the file says, and what was laid over it since. */
#include "sim/net_inner.h"

#include "sim/fatal.h"

const struct net_rule net_rule_default = {
    .dist = SCN_DIST_UNIFORM,
    .delay = {NET_DELAY_DEFAULT_NS, NET_DELAY_DEFAULT_NS},
    .delay_stmt = NET_NO_STMT,
    .loss_stmt = NET_NO_STMT,
    .down_stmt = NET_NO_STMT,
    .dup_stmt = NET_NO_STMT,
    .corrupt_stmt = NET_NO_STMT,
    .reorder_stmt = NET_NO_STMT,
    .rate_stmt = NET_NO_STMT,
};

static void rule_overlay(struct net_rule *rule, const struct net_layer *layer)
{
    if (layer->set & SCN_RULE_DELAY) {
        rule->dist = layer->rule.dist;
        rule->delay = layer->rule.delay;
        rule->jitter_ns = layer->rule.jitter_ns;
        rule->corr_ppb = layer->rule.corr_ppb;
        rule->delay_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_LOSS) {
        rule->loss_ppb = layer->rule.loss_ppb;
        rule->has_bursts = layer->rule.has_bursts;
        rule->bursts = layer->rule.bursts;
        rule->loss_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_DUP) {
        rule->dup_ppb = layer->rule.dup_ppb;
        rule->dup_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_CORRUPT) {
        rule->corrupt_ppb = layer->rule.corrupt_ppb;
        rule->corrupt_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_REORDER) {
        rule->reorder_ppb = layer->rule.reorder_ppb;
        rule->gap = layer->rule.gap;
        rule->reorder_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_RATE) {
        rule->rate_bits = layer->rule.rate_bits;
        rule->queue_bytes = layer->rule.queue_bytes;
        rule->rate_stmt = layer->stmt;
    }
    if (layer->set & SCN_RULE_DOWN) {
        rule->down = true;
        rule->down_stmt = layer->stmt;
    }
}

static struct net_rule rule_of_layers(const struct net *net, uint32_t from, uint32_t to,
                                      size_t layers)
{
    struct net_rule rule = net_rule_default;

    for (size_t i = 0; i < layers; i++) {
        const struct net_layer *layer = &net->layers[i];

        if (!net_scope_has(&layer->scope, from, to))
            continue;
        if (layer->set & SCN_RULE_RESET)
            rule = rule_of_layers(net, from, to, net->layers_base);
        rule_overlay(&rule, layer);
    }
    return rule;
}

struct net_rule net_rule_of_layers(const struct net *net, uint32_t from, uint32_t to)
{
    return rule_of_layers(net, from, to, net->layers_len);
}

static void rules_changed(struct net *net)
{
    net->uniform = true;
    for (size_t i = 0; i < net->layers_len; i++)
        net->uniform = net->uniform && net->layers[i].scope.everywhere;
    if (net->uniform)
        net->plain = rule_of_layers(net, 0, 0, net->layers_len);
}

static void layer_remove(struct net *net, size_t at)
{
    net_scope_release(&net->layers[at].scope);
    net_take_out(net->layers, &net->layers_len, sizeof(*net->layers), at);
}

/*
 * What a lasting layer lays over an earlier one of the same links can never
 * show again. Taking it out keeps the list as short as the links are various,
 * however often a rule is changed.
 */
static void forget_covered(struct net *net, const struct net_layer *above)
{
    size_t i = net->layers_base;

    while (i < net->layers_len) {
        struct net_layer *layer = &net->layers[i];

        if (net_scope_equal(&layer->scope, &above->scope)) {
            layer->set &= above->set & SCN_RULE_RESET ? 0u : ~above->set;
            if (layer->set == 0) {
                layer_remove(net, i);
                continue;
            }
        }
        i++;
    }
}

/* A reset acts on what was laid over the file's own rules. */
static void meet_covered(struct net *net, const struct net_layer *reset)
{
    for (size_t i = net->layers_base; i < net->layers_len; i++) {
        const struct net_layer *layer = &net->layers[i];

        if ((layer->set & ~(unsigned)SCN_RULE_RESET) != 0 &&
            net_scope_meet(&layer->scope, &reset->scope, net->nodes)) {
            met_add(net->met, reset->stmt);
            met_by(net->met, reset->stmt, SCN_RULE_RESET);
        }
    }
}

int net_lay(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope,
            const struct scn_rules *rules, const struct net_drawn *drawn, bool temporary)
{
    struct net_layer layer = {
        .scope = *scope,
        .set = rules->set,
        .rule = {.dist = rules->dist,
                 .delay = rules->delay,
                 .jitter_ns = rules->jitter,
                 .corr_ppb = rules->corr_ppb,
                 .loss_ppb = drawn->loss_ppb,
                 .dup_ppb = drawn->dup_ppb,
                 .corrupt_ppb = drawn->corrupt_ppb,
                 .reorder_ppb = drawn->reorder_ppb,
                 .has_bursts = rules->has_bursts,
                 .bursts = rules->bursts,
                 .gap = rules->gap,
                 .rate_bits = rules->rate_bits,
                 .queue_bytes = rules->queue_bytes},
        .stmt = stmt,
        .fault = fault,
    };
    struct net_layer *grown;

    *scope = (struct net_scope){0};
    if (layer.set & SCN_RULE_RESET)
        meet_covered(net, &layer);
    if (fault != NET_NO_FAULT && !temporary)
        forget_covered(net, &layer);
    grown = net_room(net->layers, net->layers_len, &net->layers_cap, sizeof(*net->layers));
    if (!grown) {
        net_scope_release(&layer.scope);
        return -1;
    }
    net->layers = grown;
    net->layers[net->layers_len++] = layer;
    if (fault == NET_NO_FAULT)
        net->layers_base = net->layers_len;
    rules_changed(net);
    return 0;
}

void net_rules_end(struct net *net, uint32_t fault)
{
    bool changed = false;

    for (size_t i = net->layers_len; i-- > net->layers_base;) {
        if (net->layers[i].fault == fault) {
            layer_remove(net, i);
            changed = true;
        }
    }
    if (changed)
        rules_changed(net);
}

void net_rules_reset(struct net *net)
{
    while (net->layers_len > net->layers_base)
        layer_remove(net, net->layers_len - 1);
    rules_changed(net);
}
