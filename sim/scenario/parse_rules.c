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

static int parse_loss(struct parser *p, struct scn_rules *ret)
{
    static const struct amount amount = {
        .type = VALUE_SHARE, .other = VALUE_SHARE, .key = "loss", .range = true};

    return parse_amount(p, &amount, &ret->loss_ppb);
}

static int parse_rule(struct parser *p, unsigned key, struct scn_rules *ret)
{
    switch ((enum scn_rule_key)key) {
    case SCN_RULE_DELAY:
        return parse_delay(p, ret);
    case SCN_RULE_LOSS:
        return parse_loss(p, ret);
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
        return parse_unknown(p, "rule", words_rules, "a rule (delay, loss, down, reset)");
    if (p->tok.kind == TOKEN_WORD && !parse_sees(p, "for") && !parse_sees(p, "as"))
        return parse_unknown(p, "rule", words_after_rules,
                             "another rule (delay, loss, down, reset) or the end of the statement");
    return 0;
}
