/* Rules of links. */
#include "sim/scenario/parse.h"
#include "sim/scenario/words.h"

/* delay A..B, or delay T [JITTER [CORR%]] [uniform|normal|exp|pareto] */
static int parse_delay(struct parser *p, struct scn_rules *ret)
{
    struct scn_pos jitter_pos;
    size_t dist;

    if (parse_times(p, "delay", &ret->delay) < 0)
        return -1;
    if (p->ranged) {
        if (p->tok.kind == TOKEN_NUMBER ||
            (p->tok.kind == TOKEN_WORD &&
             word_find(words_dists, p->tok.text, p->tok.len) != WORD_NONE))
            return parse_fail(p, p->tok.pos, "a range of delays is uniform, nothing of it follows");
        ret->dist = SCN_DIST_RANGE;
        return 0;
    }
    jitter_pos = p->tok.pos;
    if (p->tok.kind == TOKEN_NUMBER && parse_time(p, "jitter", &ret->jitter) < 0)
        return -1;
    if (parse_check_sum(p, jitter_pos, ret->delay.hi, ret->jitter) < 0)
        return -1;
    if (p->tok.kind == TOKEN_NUMBER && parse_share(p, "correlation", &ret->corr_ppb) < 0)
        return -1;
    dist = parse_take_of(p, words_dists);
    if (dist != WORD_NONE)
        ret->dist = (enum scn_dist)dist;
    return 0;
}

/* gemodel p r [1-h [1-k]], after its first word */
static int parse_bursts(struct parser *p, struct scn_rules *ret)
{
    struct scn_bursts *bursts = &ret->bursts;

    ret->has_bursts = true;
    bursts->bad = SCN_PPB;
    if (parse_share(p, "gemodel", &bursts->to_bad) < 0 ||
        parse_share(p, "gemodel", &bursts->to_good) < 0)
        return -1;
    if (p->tok.kind == TOKEN_NUMBER && parse_share(p, "gemodel", &bursts->bad) < 0)
        return -1;
    if (p->tok.kind == TOKEN_NUMBER && parse_share(p, "gemodel", &bursts->good) < 0)
        return -1;
    return 0;
}

static int parse_some(struct parser *p, const char *key, struct scn_range *ret_ppb)
{
    struct amount amount = {.type = VALUE_SHARE, .other = VALUE_SHARE, .key = key, .range = true};

    return parse_amount(p, &amount, ret_ppb);
}

/* reorder P [gap N] */
static int parse_reorder(struct parser *p, struct scn_rules *ret)
{
    static const struct amount gap = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "gap", .nonzero = true};
    struct scn_range range = {1, 1};

    if (parse_some(p, "reorder", &ret->reorder_ppb) < 0)
        return -1;
    if (parse_take(p, "gap") && parse_amount(p, &gap, &range) < 0)
        return -1;
    ret->gap = range.lo;
    return 0;
}

/* rate R [queue SIZE] */
static int parse_rate(struct parser *p, struct scn_rules *ret)
{
    static const struct amount rate = {
        .type = VALUE_BITS, .other = VALUE_BITS, .key = "rate", .nonzero = true};
    static const struct amount queue = {
        .type = VALUE_SIZE, .other = VALUE_SIZE, .key = "queue", .nonzero = true};
    struct scn_range bits, bytes = {SCN_QUEUE_BYTES, SCN_QUEUE_BYTES};

    if (parse_amount(p, &rate, &bits) < 0)
        return -1;
    if (parse_take(p, "queue") && parse_amount(p, &queue, &bytes) < 0)
        return -1;
    ret->rate_bits = bits.lo;
    ret->queue_bytes = bytes.lo;
    return 0;
}

static int parse_loss(struct parser *p, struct scn_rules *ret)
{
    if (parse_take(p, "gemodel"))
        return parse_bursts(p, ret);
    return parse_some(p, "loss", &ret->loss_ppb);
}

static int parse_rule(struct parser *p, unsigned key, struct scn_rules *ret)
{
    switch ((enum scn_rule_key)key) {
    case SCN_RULE_DELAY:
        return parse_delay(p, ret);
    case SCN_RULE_LOSS:
        return parse_loss(p, ret);
    case SCN_RULE_DUP:
        return parse_some(p, "dup", &ret->dup_ppb);
    case SCN_RULE_CORRUPT:
        return parse_some(p, "corrupt", &ret->corrupt_ppb);
    case SCN_RULE_REORDER:
        return parse_reorder(p, ret);
    case SCN_RULE_RATE:
        return parse_rate(p, ret);
    case SCN_RULE_DOWN:
    case SCN_RULE_RESET:
        break;
    }
    return 0;
}

int parse_rules(struct parser *p, bool at_start, struct scn_rules *ret)
{
    for (;;) {
        struct scn_pos pos = p->tok.pos;
        size_t rule = parse_take_of(p, words_rules);
        unsigned key;

        if (rule == WORD_NONE)
            break;
        key = 1u << rule; /* words_rules has the order of enum scn_rule_key */
        if (ret->set & key)
            return parse_fail(p, pos, "'%s' is given twice", words_rules[rule]);
        if (at_start && key == SCN_RULE_RESET)
            return parse_fail(p, pos, "there is nothing to reset here: 'reset' is for actions");
        ret->set |= key;
        if (parse_rule(p, key, ret) < 0)
            return -1;
    }
    if (ret->set == 0)
        return parse_unknown(p, "rule", words_rules, "a rule such as delay, loss or rate");
    if (p->tok.kind == TOKEN_WORD && !parse_sees(p, "for") && !parse_sees(p, "as"))
        return parse_unknown(p, "rule", words_after_rules,
                             "another rule or the end of the statement");
    return 0;
}
