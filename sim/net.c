/*
 * What becomes of a message. The order of questions when it is sent: does a
 * script take it, is the link cut or down, does chance take it, is it held,
 * how long does it take? When it would arrive, the link is asked again.
 */
#include "sim/marks.h"
#include "sim/net_inner.h"

#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/wide.h"

void net_init(struct net *net, struct choose *choose, uint32_t nodes, struct met *met)
{
    *net = (struct net){
        .choose = choose,
        .nodes = nodes,
        .met = met,
        .uniform = true,
        .plain = net_rule_default,
        .flights_free = UINT32_MAX,
    };
}

void net_release(struct net *net)
{
    for (size_t i = 0; i < net->layers_len; i++)
        net_scope_release(&net->layers[i].scope);
    free(net->layers);
    net_faults_release(net);
    free(net->flights);
    free(net->links);
    *net = (struct net){0};
}

static uint32_t flight_new(struct net *net)
{
    uint32_t at = net->flights_free;

    if (at != UINT32_MAX) {
        net->flights_free = net->flights[at].next_free;
    } else {
        if (net->flights_len == NET_FLIGHTS_MAX)
            return UINT32_MAX;
        if (net->flights_len == net->flights_cap) {
            net->flights_cap = net->flights_cap ? net->flights_cap * 2 : 64;
            net->flights =
                fatal_realloc_array(net->flights, net->flights_cap, sizeof(*net->flights));
        }
        at = net->flights_len++;
    }
    net->in_flight++;
    return at;
}

static void flight_free(struct net *net, uint32_t at)
{
    net->flights[at].next_free = net->flights_free;
    net->flights_free = at;
    net->in_flight--;
}

/* The message that is being sent meets a statement: once, however much that says of it. */
static void touch(struct net *net, uint32_t stmt)
{
    met_message(net->met, stmt, net->sent);
}

/* Likewise, by this rule of it. Most rules are of no statement. */
static inline void touch_by(struct net *net, uint32_t stmt, unsigned rule)
{
    if (stmt == MET_NO_STMT)
        return;
    met_by(net->met, stmt, rule);
    touch(net, stmt);
}

static struct net_outcome outcome(enum net_fate fate, uint32_t stmt)
{
    return (struct net_outcome){.fate = fate, .stmt = stmt};
}

/* What scripts want of a message. */
struct wish {
    bool drop, dup, corrupt;
    uint32_t drop_stmt, dup_stmt, corrupt_stmt;
    uint64_t delay_ns; /* more than it would take */
};

/* Whose turn it is: of scripts that a message meets, or of those that what goes out meets. */
static bool acts_on_copies(const struct net_script *script)
{
    return script->deed == NET_DEED_DUP || script->deed == NET_DEED_CORRUPT;
}

/*
 * Lets the scripts have the message, up to one that drops it; then, when nothing
 * else has taken it, those that act on @copies. A script that has done its last
 * stays, without effect, until net_done() has been asked.
 */
static void run_scripts(struct net *net, uint32_t from, uint32_t to, bool copies, struct wish *wish)
{
    for (size_t i = 0; !wish->drop && i < net->scripts_len; i++) {
        struct net_script *script = &net->scripts[i];

        if ((script->by_count && script->left == 0) || acts_on_copies(script) != copies ||
            !net_scope_has(&script->scope, from, to))
            continue;
        touch(net, script->stmt);
        if (script->by_count)
            script->left--;
        switch (script->deed) {
        case NET_DEED_DROP:
            wish->drop = true;
            wish->drop_stmt = script->stmt;
            break;
        case NET_DEED_DELAY:
            wish->delay_ns = dc_time_add(wish->delay_ns, script->delay_ns);
            break;
        case NET_DEED_DUP:
            wish->dup = true;
            wish->dup_stmt = script->stmt;
            break;
        case NET_DEED_CORRUPT:
            wish->corrupt = true;
            wish->corrupt_stmt = script->stmt;
            break;
        }
    }
}

/* Does the link, as it is now, let anything through? Fate and statement go to @out. */
static bool link_passes(struct net *net, const struct net_rule *rule, uint32_t from, uint32_t to,
                        struct net_outcome *out)
{
    const struct net_cut *cut = net_cut_between(net, from, to);

    if (cut) {
        out->fate = NET_LOST_PARTITION;
        out->stmt = cut->stmt;
    } else if (rule->down) {
        out->fate = NET_LOST_DOWN;
        out->stmt = rule->down_stmt;
        met_by(net->met, out->stmt, SCN_RULE_DOWN);
    } else {
        return true;
    }
    met_add(net->met, out->stmt);
    return false;
}

uint64_t net_copy_key(uint64_t key, uint32_t copy)
{
    return key_with(key_with(key_root(CAUSE_COPY), key), copy);
}

/* Does chance take the message? */
static bool is_lost(const struct net *net, const struct net_rule *rule, uint64_t now_ns,
                    const struct net_message *msg)
{
    uint64_t loss_ppb = rule->loss_ppb;

    if (rule->has_bursts) {
        bool bad = net_is_bad(net, &rule->bursts, now_ns, msg->from, msg->to);

        if (bad)
            SIM_MARK(NET_BURST);
        loss_ppb = bad ? rule->bursts.bad : rule->bursts.good;
    }
    return choose_share(net->choose, msg->key, PURPOSE_LOSS, loss_ppb);
}

/* Does it overtake those before it? After one that did, gap - 1 do not, as in tc-netem. */
static bool is_reordered(struct net *net, const struct net_rule *rule, uint64_t key, uint32_t from,
                         uint32_t to)
{
    struct net_link *link = rule->gap > 1 ? net_link_of(net, from, to) : NULL;

    if (link && ++link->since < rule->gap)
        return false;
    if (!choose_share(net->choose, key, PURPOSE_REORDER, rule->reorder_ppb))
        return false;
    SIM_MARK(NET_REORDERED);
    if (link)
        link->since = 0;
    return true;
}

/* How long @bytes take at the rate of the rule. */
static uint64_t wire_ns(const struct net_rule *rule, uint64_t bytes)
{
    u128 ns = ((u128)bytes * 8 * 1000000000 + rule->rate_bits - 1) / rule->rate_bits;

    return ns > DC_TIME_NEVER ? DC_TIME_NEVER : (uint64_t)ns;
}

/*
 * The rate is another one since the link was used last. What waits keeps its time of
 * arrival, but makes those after it wait at the new rate only.
 */
static void queue_hurries(struct net_link *link, const struct net_rule *rule, uint64_t now_ns)
{
    SIM_MARK(NET_HURRIED);
    u128 left_ns = link->busy_ns > now_ns ? link->busy_ns - now_ns : 0;

    left_ns = left_ns * link->rate_bits / rule->rate_bits;
    link->busy_ns =
        left_ns > DC_TIME_NEVER ? DC_TIME_NEVER : dc_time_add(now_ns, (uint64_t)left_ns);
    link->rate_bits = rule->rate_bits;
}

/*
 * A copy goes into the queue in front of the link: stores when it is on the
 * wire. False when there is no room; a message that nobody is before always fits.
 */
static bool queue_takes(struct net *net, const struct net_rule *rule, uint64_t now_ns,
                        const struct net_message *msg, uint64_t *ret_ns)
{
    struct net_link *link = net_link_of(net, msg->from, msg->to);
    uint64_t from_ns;

    touch_by(net, rule->rate_stmt, SCN_RULE_RATE);
    if (link->rate_bits != rule->rate_bits)
        queue_hurries(link, rule, now_ns);
    from_ns = link->busy_ns > now_ns ? link->busy_ns : now_ns;
    if (from_ns > now_ns) {
        u128 waiting = (u128)(from_ns - now_ns) * rule->rate_bits / 8 / 1000000000;

        if (waiting + msg->bytes > rule->queue_bytes)
            return false;
    }
    link->busy_ns = dc_time_add(from_ns, wire_ns(rule, msg->bytes));
    *ret_ns = link->busy_ns;
    return true;
}

/* One copy of a message that nothing has stopped so far. Returns -1 at NET_FLIGHTS_MAX. */
static int send_copy(struct net *net, const struct net_rule *rule, uint64_t now_ns,
                     const struct net_message *msg, uint32_t copy, const struct wish *wish,
                     struct net_outcome *ret)
{
    /* The first keeps the draws that it has without a duplicate. */
    uint64_t copy_key = net_copy_key(msg->key, copy), key = copy == 0 ? msg->key : copy_key;
    uint64_t starts_ns = now_ns, delay_ns = wish->delay_ns;
    struct net_hold *hold;
    bool corrupted = wish->corrupt && copy == 0;

    *ret = outcome(NET_ON_ITS_WAY, NET_NO_STMT);
    if (!corrupted) {
        touch_by(net, rule->corrupt_stmt, SCN_RULE_CORRUPT);
        corrupted = choose_share(net->choose, key, PURPOSE_CORRUPT, rule->corrupt_ppb);
    }
    hold = net_hold_over(net, msg->from, msg->to);
    if (!hold && rule->rate_bits > 0 && !queue_takes(net, rule, now_ns, msg, &starts_ns)) {
        SIM_MARK(NET_QUEUE_FULL);
        *ret = outcome(NET_LOST_QUEUE, rule->rate_stmt);
        return 0;
    }
    ret->flight = flight_new(net);
    if (ret->flight == UINT32_MAX)
        return -1;
    net->corrupted += corrupted;
    net->flights[ret->flight] = (struct net_flight){
        .key = copy_key,
        .sent_ns = now_ns,
        .number = net->sent,
        .from = msg->from,
        .to = msg->to,
        .frame = msg->frame,
        .corrupted = corrupted,
        .corrupt_stmt = wish->corrupt && copy == 0 ? wish->corrupt_stmt : rule->corrupt_stmt,
    };
    if (hold) {
        SIM_MARK(NET_HELD);
        touch(net, hold->stmt);
        ret->fate = NET_HELD;
        ret->stmt = hold->stmt;
        net_hold_keep(hold, ret->flight);
        return 0;
    }
    touch_by(net, rule->reorder_stmt, SCN_RULE_REORDER);
    if (rule->reorder_ppb == 0 || !is_reordered(net, rule, key, msg->from, msg->to))
        delay_ns = dc_time_add(delay_ns, net_delay_of(net, rule, now_ns, msg->from, msg->to, key));
    ret->arrives_ns = dc_time_add(starts_ns, delay_ns);
    return 0;
}

int net_send(struct net *net, uint64_t now_ns, const struct net_message *msg,
             struct net_outcome ret[static NET_COPIES_MAX])
{
    struct net_rule room;
    const struct net_rule *rule = net_rule_of(net, msg->from, msg->to, &room);
    struct wish wish = {0};
    int copies = 1;

    PRE(msg->from < net->nodes && msg->to < net->nodes && msg->from != msg->to,
        "between two nodes of the cluster");
    net->sent++;
    if (net->scripts_len > 0)
        run_scripts(net, msg->from, msg->to, false, &wish);
    ret[0] = outcome(NET_LOST_DROP, wish.drop_stmt);
    if (wish.drop || !link_passes(net, rule, msg->from, msg->to, &ret[0]))
        return 1;
    touch_by(net, rule->delay_stmt, SCN_RULE_DELAY);
    touch_by(net, rule->loss_stmt, SCN_RULE_LOSS);
    if (is_lost(net, rule, now_ns, msg)) {
        ret[0] = outcome(NET_LOST_LOSS, rule->loss_stmt);
        return 1;
    }
    if (net->scripts_len > 0)
        run_scripts(net, msg->from, msg->to, true, &wish);
    touch_by(net, rule->dup_stmt, SCN_RULE_DUP);
    if (choose_share(net->choose, msg->key, PURPOSE_DUP, rule->dup_ppb) || wish.dup)
        copies = 2;
    for (int copy = 0; copy < copies; copy++)
        if (send_copy(net, rule, now_ns, msg, (uint32_t)copy, &wish, &ret[copy]) < 0)
            return -1;
    if (copies == 2)
        SIM_MARK(NET_DUP);
    net->duplicated += copies == 2;
    return copies;
}

struct net_outcome net_arrive(struct net *net, uint32_t flight)
{
    const struct net_flight *it = &net->flights[flight];
    struct net_outcome out = outcome(NET_DELIVERED, NET_NO_STMT);
    struct net_rule room;
    const struct net_rule *rule = net_rule_of(net, it->from, it->to, &room);
    struct net_hold *hold;

    out.flight = flight;
    if (link_passes(net, rule, it->from, it->to, &out)) {
        hold = net_hold_over(net, it->from, it->to);
        if (hold) {
            SIM_MARK(NET_HELD_IN_FLIGHT);
            met_add(net->met, hold->stmt);
            out.fate = NET_HELD;
            out.stmt = hold->stmt;
            net_hold_keep(hold, flight);
            return out;
        }
    } else {
        SIM_MARK(NET_CUT_IN_FLIGHT);
    }
    flight_free(net, flight);
    return out;
}

bool net_reaches(const struct net *net, uint32_t from, uint32_t to)
{
    struct net_rule room;

    return !net_cut_between(net, from, to) && !net_rule_of(net, from, to, &room)->down;
}

const char *net_fate_text(enum net_fate fate)
{
    switch (fate) {
    case NET_ON_ITS_WAY:
        return "on its way";
    case NET_DELIVERED:
        return "delivered";
    case NET_HELD:
        return "held";
    case NET_LOST_LOSS:
        return "lost (loss)";
    case NET_LOST_DOWN:
        return "lost (link down)";
    case NET_LOST_PARTITION:
        return "lost (partition)";
    case NET_LOST_DROP:
        return "lost (drop)";
    case NET_LOST_INBOX:
        return "lost (inbox full)";
    case NET_LOST_STOPPED:
        return "lost (node not running)";
    case NET_LOST_CODEC:
        return "lost (not a valid frame)";
    case NET_LOST_QUEUE:
        return "lost (queue full)";
    case NET_LOST_MEMORY:
        return "lost (no memory to read it)";
    case NET_UNWRITTEN:
        return "not sent (it could not be written)";
    }
    return "?";
}

const char *net_loss_text(enum net_fate fate)
{
    switch (fate) {
    case NET_LOST_LOSS:
        return "loss";
    case NET_LOST_DOWN:
        return "link down";
    case NET_LOST_PARTITION:
        return "partition";
    case NET_LOST_DROP:
        return "drop";
    case NET_LOST_INBOX:
        return "inbox full";
    case NET_LOST_STOPPED:
        return "node not running";
    case NET_LOST_CODEC:
        return "not a valid frame";
    case NET_LOST_QUEUE:
        return "queue full";
    case NET_LOST_MEMORY:
        return "no memory to read it";
    case NET_UNWRITTEN:
        return "could not be written";
    case NET_ON_ITS_WAY:
    case NET_DELIVERED:
    case NET_HELD:
        break;
    }
    return "?";
}
