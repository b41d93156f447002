/* What nodes are like, and what clients ask of them. */
#include "sim/scenario/parse.h"

#include "core/types.h"
#include "sim/scenario/words.h"

/* ---- node ---- */

static int parse_peers(struct parser *p, struct scn_node_keys *ret)
{
    size_t peers = parse_take_of(p, words_peers);
    struct amount amount = {
        .type = VALUE_NUMBER,
        .other = VALUE_NUMBER,
        .range = true,
        .max = SCN_NODES_MAX,
    };

    if (peers == WORD_NONE)
        return parse_unknown(p, "kind of peers", words_peers, "all, none, ring N or random N");
    ret->peers = (enum scn_peers)peers;
    if (ret->peers != SCN_PEERS_RING && ret->peers != SCN_PEERS_RANDOM)
        return 0;
    amount.key = words_peers[peers];
    if (parse_amount(p, &amount, &ret->peers_count) < 0)
        return -1;
    ret->peers_fixed = parse_take(p, "fixed");
    return 0;
}

static int parse_on_off(struct parser *p, bool *ret)
{
    static const char *const words[] = {"on", "off", NULL};
    size_t index = parse_take_of(p, words);

    if (index == WORD_NONE)
        return parse_unknown(p, "word", words, "'on' or 'off' after 'disk'");
    *ret = index == 0;
    return 0;
}

static int parse_key(struct parser *p, enum scn_node_key key, const char *word,
                     struct scn_node_keys *ret)
{
    struct amount amount = {
        .type = VALUE_TIME,
        .other = VALUE_TIME,
        .key = word,
        .range = true,
        .nonzero = key != SCN_NODE_SERVICE && key != SCN_NODE_FSYNC,
    };

    switch (key) {
    case SCN_NODE_SYNC:
        return parse_amount(p, &amount, &ret->sync_ns);
    case SCN_NODE_FULL:
        return parse_amount(p, &amount, &ret->full_ns);
    case SCN_NODE_SERVICE:
        return parse_amount(p, &amount, &ret->service_ns);
    case SCN_NODE_FANOUT:
        amount.type = amount.other = VALUE_NUMBER;
        amount.max = DC_FANOUT_MAX;
        return parse_amount(p, &amount, &ret->fanout);
    case SCN_NODE_INBOX:
        amount.type = amount.other = VALUE_NUMBER;
        return parse_amount(p, &amount, &ret->inbox);
    case SCN_NODE_FSYNC:
        return parse_amount(p, &amount, &ret->fsync_ns);
    case SCN_NODE_SEGMENT:
        amount.type = amount.other = VALUE_SIZE;
        return parse_amount(p, &amount, &ret->segment_bytes);
    case SCN_NODE_LEAVE:
        return parse_amount(p, &amount, &ret->leave_ns);
    case SCN_NODE_PREFIX:
        amount.type = amount.other = VALUE_SIZE;
        amount.max = SCN_PREFIX_MAX;
        return parse_amount(p, &amount, &ret->prefix);
    case SCN_NODE_CLIENTS:
        amount.type = amount.other = VALUE_NUMBER;
        amount.max = SCN_CLIENTS_MAX;
        return parse_amount(p, &amount, &ret->clients);
    case SCN_NODE_MODELS:
        amount.type = amount.other = VALUE_NUMBER;
        amount.max = SCN_MODELS_MAX;
        amount.nonzero = false;
        return parse_amount(p, &amount, &ret->models);
    case SCN_NODE_DISK:
        return parse_on_off(p, &ret->disk);
    case SCN_NODE_PEERS:
        break;
    }
    return parse_peers(p, ret);
}

int parse_node(struct parser *p, struct scn_stmt *stmt)
{
    bool is_key = p->tok.kind == TOKEN_WORD &&
                  word_find(words_node_keys, p->tok.text, p->tok.len) != WORD_NONE;

    if (!is_key && parse_sees_selector(p)) {
        if (parse_selector(p, &stmt->sel) < 0)
            return -1;
        stmt->has_sel = true;
    }
    while (p->tok.kind != TOKEN_END || stmt->node.set == 0) {
        struct scn_pos pos = p->tok.pos;
        size_t index = parse_take_of(p, words_node_keys);
        unsigned key;

        if (index == WORD_NONE)
            return parse_unknown(p, "key", words_node_keys,
                                 "a key (sync, full, fanout, inbox, service, peers, disk, fsync, "
                                 "segment, leave, prefix, clients, models)");
        key = 1u << index; /* words_node_keys has the order of enum scn_node_key */
        if (stmt->node.set & key)
            return parse_fail(p, pos, "'%s' is given twice", words_node_keys[index]);
        stmt->node.set |= key;
        if (parse_key(p, (enum scn_node_key)key, words_node_keys[index], &stmt->node) < 0)
            return -1;
    }
    return 0;
}

/* ---- load ---- */

/* inc P% [dec P%] */
static int parse_load_shares(struct parser *p, struct scn_load *ret)
{
    struct scn_pos pos;

    if (parse_need(p, "inc") < 0 || parse_share(p, "inc", &ret->inc_ppb) < 0)
        return -1;
    if (!parse_take(p, "dec"))
        return 0;
    pos = p->tok.pos;
    if (parse_share(p, "dec", &ret->dec_ppb) < 0)
        return -1;
    if (ret->inc_ppb + ret->dec_ppb > SCN_PPB)
        return parse_fail(p, pos, "'inc' and 'dec' together are over 100 %%");
    return 0;
}

int parse_load(struct parser *p, struct scn_stmt *stmt)
{
    static const struct amount rate = {
        .type = VALUE_PER_S, .other = VALUE_PER_S, .key = "load", .nonzero = true};
    static const char *const kinds[] = {"poisson", "even", NULL};
    static const char *const words_from_to[] = {"from", "to", NULL};
    struct scn_range range;
    size_t kind;

    if (parse_amount(p, &rate, &range) < 0)
        return -1;
    stmt->load.rate_per_s = range.lo;
    kind = parse_take_of(p, kinds);
    if (kind == WORD_NONE)
        return parse_unknown(p, "kind of load", kinds, "'poisson' or 'even'");
    stmt->load.poisson = kind == 0;
    stmt->load.each = parse_take(p, "each");
    if (parse_load_shares(p, &stmt->load) < 0 || parse_need(p, "on") < 0 ||
        parse_selector(p, &stmt->load.on) < 0)
        return -1;
    if (parse_from_to(p, stmt) < 0)
        return -1;
    return parse_end_near(p, words_from_to);
}
