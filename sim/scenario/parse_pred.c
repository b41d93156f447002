/* Predicates. */
#include "sim/scenario/parse.h"

#include "sim/scenario/words.h"
#include "sim/select.h"

static const char *kind_text(enum scn_stmt_kind kind)
{
    return kind == SCN_STMT_EXPECT   ? "expect"
           : kind == SCN_STMT_ALWAYS ? "always"
           : kind == SCN_STMT_NEVER  ? "never"
                                     : "sometimes";
}

/* What may begin its predicate, for messages. */
static const char *preds_text(enum scn_stmt_kind kind)
{
    return kind == SCN_STMT_EXPECT
               ? "converged, value, distinct, messages, bytes, dropped, pushes, queue, p50 delay, "
                 "p99 delay or max delay"
           : kind == SCN_STMT_SOMETIMES ? "converged, value, distinct or queue, or, before "
                                          "'while', partitioned, held, converged, crashed, "
                                          "restarted, paused, joined or left"
                                        : "converged, value, distinct or queue";
}

/* on SEL, after the word "on" */
static int parse_on(struct parser *p, struct scn_pred *ret)
{
    struct scn_sel *on = arena_alloc(p->arena, sizeof(*on));

    ret->on = on;
    return parse_selector(p, on);
}

/* at TIME, at end, after the word "at" */
static int parse_at(struct parser *p, struct scn_pred *ret)
{
    struct scn_pos pos = p->tok.pos;

    if (parse_take(p, "end"))
        return 0;
    if (p->tok.kind != TOKEN_NUMBER)
        return parse_expected(p, "a time such as 2s, or 'end'");
    if (parse_time(p, "at", &ret->at_ns) < 0)
        return -1;
    ret->at_end = false;
    parse_note_deadline(p, ret->at_ns, pos, false);
    return 0;
}

/* [on SEL] [at TIME|end], in either order; without "at" when it is evaluated all the time */
static int parse_where_when(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    bool has_at = false;

    ret->at_end = kind == SCN_STMT_EXPECT;
    for (;;) {
        struct scn_pos pos = p->tok.pos;

        if (parse_take(p, "on")) {
            if (ret->on)
                return parse_fail(p, pos, "'on' is given twice");
            if (parse_on(p, ret) < 0)
                return -1;
        } else if (parse_take(p, "at")) {
            if (has_at)
                return parse_fail(p, pos, "'at' is given twice");
            if (kind != SCN_STMT_EXPECT)
                return parse_fail(p, pos, "'%s' is evaluated all the time and takes no 'at'",
                                  kind_text(kind));
            has_at = true;
            if (parse_at(p, ret) < 0)
                return -1;
        } else {
            static const char *const words[] = {"on", "at", NULL};

            return parse_end_near(p, words);
        }
    }
}

/* ---- converged ---- */

/* X: a NAME, heal, last fault, a TIME */
static int parse_within_of(struct parser *p, struct scn_pos pos, struct scn_pred *ret)
{
    if (p->tok.kind == TOKEN_NUMBER) {
        ret->of_kind = SCN_OF_TIME;
        if (parse_time(p, "of", &ret->of_ns) < 0)
            return -1;
        pos = parse_since(p, pos);
        if (parse_check_sum(p, pos, ret->of_ns, ret->within_ns) < 0)
            return -1;
        parse_note_deadline(p, ret->of_ns + ret->within_ns, pos, true);
        return 0;
    }
    if (parse_take(p, "heal")) {
        ret->of_kind = SCN_OF_HEAL;
        return 0;
    }
    if (parse_take(p, "last")) {
        ret->of_kind = SCN_OF_LAST_FAULT;
        return parse_need(p, "fault");
    }
    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "a NAME, 'heal', 'last fault' or a time");
    ret->of_kind = SCN_OF_NAME;
    return names_refer(p, SCN_PARTITION, true, &ret->of_name);
}

/* B of "A while B", after the word "while" */
static int parse_while(struct parser *p, enum scn_condition a, struct scn_pred *ret)
{
    size_t b = parse_take_of(p, words_conditions);

    if (b == WORD_NONE)
        return parse_unknown(p, "condition", words_conditions,
                             "partitioned, held, converged, crashed, restarted, paused, joined or "
                             "left");
    ret->kind = SCN_PRED_WHILE;
    ret->while_a = a;
    ret->while_b = (enum scn_condition)b;
    return 0;
}

/* partitioned while ..., held while ..., at the first word */
static int parse_condition(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    size_t a = parse_take_of(p, words_conditions);

    if (kind != SCN_STMT_SOMETIMES)
        return parse_fail(p, p->last.pos, "'%s' goes only with 'sometimes'", words_conditions[a]);
    if (parse_need(p, "while") < 0)
        return -1;
    return parse_while(p, (enum scn_condition)a, ret);
}

/* What may follow "converged", or "not converged", for messages. */
static const char *behind_converged(enum scn_stmt_kind kind, bool negated)
{
    if (kind == SCN_STMT_EXPECT)
        return negated ? "'on', 'at' or the end of the line"
                       : "'within', 'on', 'at' or the end of the line";
    return kind == SCN_STMT_SOMETIMES && !negated ? "'while', 'on' or the end of the line"
                                                  : "'on' or the end of the line";
}

/* converged ..., at the word "converged" */
static int parse_converged(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    struct scn_pos pos;

    ret->kind = SCN_PRED_CONVERGED;
    ret->of_name = SCN_NO_NAME;
    if (parse_need(p, "converged") < 0)
        return -1;
    pos = p->tok.pos;
    if (kind == SCN_STMT_SOMETIMES && !ret->negated && parse_take(p, "while"))
        return parse_while(p, SCN_CONVERGED, ret);
    if (!parse_take(p, "within")) {
        static const char *const words[] = {"within", "on", "at", NULL};

        if (p->tok.kind == TOKEN_WORD && word_find(words, p->tok.text, p->tok.len) == WORD_NONE)
            return parse_unknown(p, "word", words, behind_converged(kind, ret->negated));
        return parse_where_when(p, kind, ret);
    }
    if (kind != SCN_STMT_EXPECT)
        return parse_fail(p, pos, "'%s' is evaluated all the time and takes no 'within'",
                          kind_text(kind));
    if (ret->negated)
        return parse_fail(p, pos, "'not converged' takes no 'within'");
    ret->kind = SCN_PRED_WITHIN;
    if (parse_time(p, "within", &ret->within_ns) < 0 || parse_need(p, "of") < 0)
        return -1;
    return parse_within_of(p, pos, ret);
}

/* ---- metrics ---- */

static int parse_cmp(struct parser *p, enum scn_cmp *ret)
{
    static const struct {
        enum token_kind token;
        enum scn_cmp cmp;
    } cmps[] = {
        {TOKEN_EQ, SCN_EQ}, {TOKEN_NE, SCN_NE}, {TOKEN_LT, SCN_LT},
        {TOKEN_LE, SCN_LE}, {TOKEN_GT, SCN_GT}, {TOKEN_GE, SCN_GE},
    };

    for (size_t i = 0; i < sizeof(cmps) / sizeof(cmps[0]); i++) {
        if (parse_take_kind(p, cmps[i].token)) {
            *ret = cmps[i].cmp;
            return 0;
        }
    }
    if (p->tok.kind == TOKEN_ASSIGN)
        return parse_fail(p, p->tok.pos, "'=' sets a parameter or group; to compare, write '=='");
    return parse_expected(p, "a comparison (== != < <= > >=)");
}

/* [+- P%] */
static int parse_tolerance(struct parser *p, struct scn_pred *ret)
{
    static const struct amount amount = {
        .type = VALUE_SHARE, .other = VALUE_SHARE, .key = "+-", .max = UINT64_MAX};
    struct scn_pos pos = p->tok.pos;
    struct scn_range share;

    if (!parse_take_kind(p, TOKEN_ABOUT))
        return 0;
    if (ret->oracle)
        return parse_fail(p, pos, "'oracle' has bounds of its own and takes no '+-'");
    if (ret->cmp != SCN_EQ && ret->cmp != SCN_NE)
        return parse_fail(p, pos, "'+-' goes only with '==' and '!='");
    if (parse_amount(p, &amount, &share) < 0)
        return -1;
    ret->tolerance_ppb = share.lo;
    return 0;
}

static int parse_oracle(struct parser *p, struct scn_pos pos, struct scn_pred *ret)
{
    if (ret->metric != SCN_METRIC_VALUE)
        return parse_fail(p, pos, "only 'value' can be compared with 'oracle'");
    if (ret->cmp != SCN_EQ && ret->cmp != SCN_NE)
        return parse_fail(p, pos, "'oracle' goes only with '==' and '!='");
    ret->oracle = true;
    return parse_tolerance(p, ret);
}

static bool is_delay(enum scn_metric metric)
{
    return metric == SCN_METRIC_P50_DELAY || metric == SCN_METRIC_P99_DELAY ||
           metric == SCN_METRIC_MAX_DELAY;
}

static int parse_value(struct parser *p, struct scn_pred *ret)
{
    bool is_time = is_delay(ret->metric);
    struct amount amount = {
        .type = is_time ? VALUE_TIME : VALUE_NUMBER,
        .other = is_time                           ? VALUE_TIME
                 : ret->metric == SCN_METRIC_BYTES ? VALUE_SIZE
                                                   : VALUE_NUMBER,
        .key = scn_metric_text(ret->metric),
    };
    struct scn_pos pos = p->tok.pos;
    struct scn_range value;

    if (parse_take(p, "oracle"))
        return parse_oracle(p, pos, ret);
    if (parse_take_kind(p, TOKEN_MINUS))
        ret->value_negative = true;
    else
        parse_take_kind(p, TOKEN_PLUS);
    if (p->tok.kind != TOKEN_NUMBER) {
        static const char *const words[] = {"oracle", NULL};

        return parse_unknown(p, "value", words,
                             ret->metric == SCN_METRIC_VALUE ? "a number or 'oracle'"
                             : is_time                       ? "a time such as 20ms"
                                                             : "a number");
    }
    if (parse_amount(p, &amount, &value) < 0)
        return -1;
    ret->value = value.lo;
    ret->value_negative = ret->value_negative && value.lo > 0;
    return parse_tolerance(p, ret);
}

/* value [of TERM] decrease [on SEL], at the word "decrease" */
static int parse_decrease(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    if (kind != SCN_STMT_NEVER)
        return parse_fail(p, p->tok.pos, "'decrease' goes only with 'never'");
    if (ret->metric != SCN_METRIC_VALUE)
        return parse_fail(p, p->tok.pos, "only of 'value' can be said that it must not decrease");
    if (ret->of && !select_is_fixed(ret->of))
        return parse_fail(
            p, ret->of->pos,
            "'decrease' takes the counts of nodes that are always the same, not of up, "
            "down or random(...)");
    parse_advance(p);
    ret->kind = SCN_PRED_DECREASE;
    if (parse_take(p, "on"))
        return parse_on(p, ret);
    return 0;
}

/*
 * Of a value, "of" says whose counts. All else is counted at a node, so that
 * there "of n3" and "on n3" are the same, and only one can be said.
 */
static int settle_of(struct parser *p, struct scn_pred *ret)
{
    if (!ret->of || ret->metric == SCN_METRIC_VALUE)
        return 0;
    if (ret->on)
        return parse_fail(p, ret->on->pos, "'%s' takes 'of' or 'on', not both",
                          scn_metric_text(ret->metric));
    ret->on = ret->of;
    ret->of = NULL;
    return 0;
}

static int parse_metric(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    if (parse_take(p, "of")) {
        struct scn_sel *of = arena_alloc(p->arena, sizeof(*of));

        ret->of = of;
        if (parse_selector_term(p, of) < 0)
            return -1;
    }
    if (parse_sees(p, "decrease"))
        return parse_decrease(p, kind, ret);
    ret->kind = SCN_PRED_METRIC;
    if (parse_cmp(p, &ret->cmp) < 0 || parse_value(p, ret) < 0 ||
        parse_where_when(p, kind, ret) < 0)
        return -1;
    return settle_of(p, ret);
}

/* p99 converged < TIME, at the word "converged" */
static int parse_percentile(struct parser *p, enum scn_stmt_kind kind, struct scn_pos pos,
                            struct scn_pred *ret)
{
    static const struct amount amount = {
        .type = VALUE_TIME, .other = VALUE_TIME, .key = "converged"};
    struct scn_range time;

    if (kind != SCN_STMT_EXPECT)
        return parse_fail(p, parse_since(p, pos),
                          "a percentile of 'converged' is one of many runs: it goes with 'expect'");
    parse_advance(p);
    ret->kind = SCN_PRED_CAMPAIGN;
    pos = p->tok.pos;
    if (parse_cmp(p, &ret->cmp) < 0)
        return -1;
    if (ret->cmp == SCN_EQ || ret->cmp == SCN_NE)
        return parse_fail(p, pos, "a percentile is compared with < <= > or >=");
    if (p->tok.kind != TOKEN_NUMBER)
        return parse_expected(p, "a time such as 2s");
    if (parse_amount(p, &amount, &time) < 0)
        return -1;
    ret->value = time.lo;
    return 0;
}

static bool is_kept_up(enum scn_metric metric)
{
    return metric == SCN_METRIC_VALUE || metric == SCN_METRIC_DISTINCT ||
           metric == SCN_METRIC_QUEUE;
}

int parse_pred(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret)
{
    struct scn_pos pos = p->tok.pos;
    size_t metric;

    *ret = (struct scn_pred){.of_name = SCN_NO_NAME};
    if (parse_take(p, "not")) {
        ret->negated = true;
        return parse_converged(p, kind, ret);
    }
    if (parse_sees(p, "converged"))
        return parse_converged(p, kind, ret);
    if (p->tok.kind == TOKEN_WORD &&
        word_find(words_conditions, p->tok.text, p->tok.len) != WORD_NONE)
        return parse_condition(p, kind, ret);
    metric = parse_take_of(p, words_metrics);
    if (metric == WORD_NONE)
        return parse_unknown(p, "predicate", words_preds, preds_text(kind));
    ret->metric = (enum scn_metric)metric;
    if (parse_sees(p, "converged") &&
        (ret->metric == SCN_METRIC_P50_DELAY || ret->metric == SCN_METRIC_P99_DELAY))
        return parse_percentile(p, kind, pos, ret);
    if (is_delay(ret->metric) && parse_need(p, "delay") < 0)
        return -1;
    if (kind != SCN_STMT_EXPECT && !is_kept_up(ret->metric))
        return parse_fail(p, pos, "'%s' takes converged, value, distinct or queue, not '%s'",
                          kind_text(kind), scn_metric_text(ret->metric));
    return parse_metric(p, kind, ret);
}
