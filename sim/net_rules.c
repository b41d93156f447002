/* Rules as layers: what the file says, and what was laid over it since. */
#include "sim/net_inner.h"

#include <string.h>

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
    bool was_uniform = net->uniform;

    net->looked = false;
    net->uniform = true;
    for (size_t i = 0; i < net->layers_len; i++)
        net->uniform = net->uniform && net->layers[i].scope.everywhere;
    for (size_t i = 0; was_uniform != net->uniform && i < net->layers_len; i++)
        net->layers[i].seen = false; /* it was looked at on other links */
    if (net->uniform)
        net->plain = rule_of_layers(net, 0, 0, net->layers_len);
}

/* Does it take from those under it for good? What has a time of its own gives back, but for a
 * reset. */
static bool takes_away(const struct net_layer *layer)
{
    return !layer->temporary || (layer->set & SCN_RULE_RESET);
}

static void layer_remove(struct net *net, size_t at)
{
    net->ceased = net->ceased || net->layers[at].off;
    net->uncovered = net->uncovered || takes_away(&net->layers[at]);
    net->looked_len -= at < net->looked_len;
    net_scope_release(&net->layers[at].scope);
    net_take_out(net->layers, &net->layers_len, sizeof(*net->layers), at);
}

/*
 * What a lasting layer lays over an earlier one of the same links can never
 * show again, and a reset of all links covers all. Taking it out keeps the list as
 * short as the links are various, however often a rule is changed.
 */
static void forget_covered(struct net *net, const struct net_layer *above)
{
    bool resets = above->set & SCN_RULE_RESET;
    size_t i = net->layers_base;

    while (i < net->layers_len) {
        struct net_layer *layer = &net->layers[i];

        if (net_scope_equal(&layer->scope, &above->scope) || (resets && above->scope.everywhere)) {
            layer->set &= resets ? 0u : ~above->set;
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
        .temporary = temporary,
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

/* ---- what is not as the file says ---- */

/* Of the keys in @set: is one of @rule another than @own has it? */
static bool differs(unsigned set, const struct net_rule *rule, const struct net_rule *own)
{
    if ((set & SCN_RULE_DOWN) && !own->down)
        return true;
    if ((set & SCN_RULE_DELAY) &&
        (rule->dist != own->dist || rule->delay.lo != own->delay.lo ||
         rule->delay.hi != own->delay.hi || rule->jitter_ns != own->jitter_ns ||
         rule->corr_ppb != own->corr_ppb))
        return true;
    if ((set & SCN_RULE_LOSS) &&
        (rule->has_bursts != own->has_bursts || rule->loss_ppb != own->loss_ppb ||
         (rule->has_bursts && memcmp(&rule->bursts, &own->bursts, sizeof(rule->bursts)) != 0)))
        return true;
    if ((set & SCN_RULE_DUP) && rule->dup_ppb != own->dup_ppb)
        return true;
    if ((set & SCN_RULE_CORRUPT) && rule->corrupt_ppb != own->corrupt_ppb)
        return true;
    if ((set & SCN_RULE_REORDER) &&
        (rule->reorder_ppb != own->reorder_ppb || (rule->reorder_ppb > 0 && rule->gap != own->gap)))
        return true;
    return (set & SCN_RULE_RATE) &&
           (rule->rate_bits != own->rate_bits || rule->queue_bytes != own->queue_bytes);
}

/* What layer @at says of that link, less what later ones take away. */
static unsigned shown_on(const struct net *net, size_t at, uint32_t from, uint32_t to)
{
    unsigned set = net->layers[at].set & ~(unsigned)SCN_RULE_RESET;

    for (size_t i = at + 1; set != 0 && i < net->layers_len; i++)
        if (takes_away(&net->layers[i]) && net_scope_has(&net->layers[i].scope, from, to))
            set &= net->layers[i].set & SCN_RULE_RESET ? 0u : ~net->layers[i].set;
    return set;
}

static bool is_off_on(const struct net *net, size_t at, uint32_t from, uint32_t to)
{
    unsigned set = shown_on(net, at, from, to);
    struct net_rule own;

    if (set == 0)
        return false;
    own = rule_of_layers(net, from, to, net->layers_base);
    return differs(set, &net->layers[at].rule, &own);
}

/* Does it say what the file says of all links, which are alike there? */
static bool says_nothing(const struct net *net, const struct net_layer *layer)
{
    struct net_rule own;

    for (size_t i = 0; i < net->layers_base; i++)
        if (!net->layers[i].scope.everywhere)
            return false;
    own = rule_of_layers(net, 0, 0, net->layers_base);
    return !differs(layer->set & ~(unsigned)SCN_RULE_RESET, &layer->rule, &own);
}

static bool has_row(const struct net_scope *scope, uint32_t from)
{
    return scope->everywhere || nodeset_has(&scope->from, from) ||
           (scope->both && nodeset_has(&scope->to, from));
}

/* Is there such a link from *@from, *@to on? Then these are that link. */
static bool find_off(const struct net *net, size_t at, uint32_t *from, uint32_t *to)
{
    const struct net_scope *scope = &net->layers[at].scope;

    if (net->uniform) /* all links are alike */
        return is_off_on(net, at, 0, 0);
    if (says_nothing(net, &net->layers[at]))
        return false;
    for (; *from < net->nodes; (*from)++, *to = 0) {
        if (!has_row(scope, *from))
            continue;
        for (; *to < net->nodes; (*to)++)
            if (*to != *from && net_scope_has(scope, *from, *to) && is_off_on(net, at, *from, *to))
                return true;
    }
    return false;
}

/* Did one of the layers that came since the last look take from that link? */
static bool is_touched(const struct net *net, const struct net_layer *layer)
{
    for (size_t i = net->looked_len; i < net->layers_len; i++)
        if (takes_away(&net->layers[i]) &&
            net_scope_has(&net->layers[i].scope, layer->off_from, layer->off_to))
            return true;
    return false;
}

/*
 * What is laid over a layer only takes from it: one that makes no difference makes none until
 * something is taken away, and the search for a link on which another does goes on where it was.
 */
static bool look_again(struct net *net, size_t at)
{
    struct net_layer *layer = &net->layers[at];

    if (layer->seen && layer->off && !net->uniform && !is_touched(net, layer))
        return true;
    if (layer->seen && !layer->off && !net->uncovered)
        return false;
    if (!layer->seen || !layer->off)
        layer->off_from = layer->off_to = 0;
    layer->seen = true;
    return find_off(net, at, &layer->off_from, &layer->off_to);
}

bool net_rules_look(struct net *net, uint64_t now_ns)
{
    bool ceased = net->ceased;

    for (size_t i = net->layers_base; !net->looked && i < net->layers_len; i++) {
        struct net_layer *layer = &net->layers[i];
        bool off = look_again(net, i);

        if (off && !layer->off)
            layer->off_ns = now_ns;
        ceased = ceased || (layer->off && !off);
        layer->off = off;
    }
    net->looked = true;
    net->looked_len = net->layers_len;
    net->ceased = net->uncovered = false;
    return ceased;
}

bool net_rules_show(const struct net *net, uint32_t fault)
{
    uint32_t from = 0, to = 0;

    for (size_t i = net->layers_base; i < net->layers_len; i++)
        if (net->layers[i].fault == fault && find_off(net, i, &from, &to))
            return true;
    return false;
}
