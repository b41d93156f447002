/* Numbers, times, shares: one, or a range, of the type that must stand there. */
#include "sim/scenario/parse.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/scenario/value.h"

static const char *expected_text(const struct amount *amount)
{
    switch (amount->type) {
    case VALUE_NUMBER:
        return amount->other == VALUE_SIZE   ? "a number or a size such as 64KiB"
               : amount->other == VALUE_TIME ? "a number or a time"
                                             : "a number";
    case VALUE_TIME:
        return "a time such as 100ms";
    case VALUE_SIZE:
        return amount->max > 0 && amount->max < 65536 ? "a size such as 100B"
                                                      : "a size such as 64KiB";
    case VALUE_SHARE:
        return amount->other == VALUE_NUMBER ? "a number or a share such as 10%"
                                             : "a share such as 5%";
    case VALUE_PER_S:
        return "a rate such as 10/s";
    case VALUE_BITS:
        return "a bit rate such as 10mbit";
    case VALUE_WORD:
    case VALUE_STRING:
        break;
    }
    return "a value";
}

static bool is_minutes(const struct token *token)
{
    return token->len > 1 && token->text[token->len - 1] == 'm' &&
           value_is_digit(token->text[token->len - 2]);
}

static int wrong_type(struct parser *p, const struct amount *amount, const struct value *value)
{
    char found[TOKEN_TEXT_MAX];
    const char *hint = "";

    token_text(found, &p->tok);
    if (amount->type == VALUE_TIME && value->type == VALUE_NUMBER)
        hint = "; a time has a unit: ns us ms s m h";
    else if (amount->type == VALUE_SHARE && value->type == VALUE_NUMBER)
        hint = "; a share has a unit: % or ppm";
    else if (amount->type == VALUE_NUMBER && value->type == VALUE_TIME && is_minutes(&p->tok))
        hint = "; m are minutes: a thousand is 1k, a million 1M";
    return parse_fail(p, p->tok.pos, "'%s' takes %s, and %s is %s%s", amount->key,
                      expected_text(amount), found, value_type_text(value->type), hint);
}

/* One number, of a type that fits. */
static int parse_one(struct parser *p, const struct amount *amount, struct value *ret)
{
    char problem[VALUE_PROBLEM_MAX], expected[128];
    struct value value;

    if (p->tok.kind != TOKEN_NUMBER) {
        snprintf(expected, sizeof(expected), "%s after '%s'", expected_text(amount), amount->key);
        return parse_expected(p, expected);
    }
    if (value_parse(p->tok.text, p->tok.len, amount->type, &value, problem) < 0)
        return parse_fail(p, p->tok.pos, "%s", problem);
    if (value.type != amount->type && value.type != amount->other)
        return wrong_type(p, amount, &value);
    parse_advance(p);
    p->type = value.type;
    *ret = value;
    return 0;
}

static int check(struct parser *p, const struct amount *amount, struct scn_pos pos,
                 enum value_type type, struct scn_range range)
{
    if (range.lo > range.hi)
        return parse_fail(p, pos, "the range is reversed: the smaller end comes first");
    if (amount->nonzero && range.hi == 0)
        return parse_fail(p, pos, "'%s' cannot be 0", amount->key);
    if (amount->nonzero && range.lo == 0)
        return parse_fail(p, pos, "the range can draw 0, and '%s' cannot be 0", amount->key);
    if (type == VALUE_SHARE && amount->max != UINT64_MAX && range.hi > SCN_PPB)
        return parse_fail(p, pos, "'%s' is over 100 %%", amount->key);
    if (type != VALUE_SHARE && amount->max > 0 && range.hi > amount->max)
        return parse_fail(p, pos, "'%s' is over the limit of %" PRIu64 "%s", amount->key,
                          amount->max, type == VALUE_SIZE ? "B" : "");
    return 0;
}

int parse_amount(struct parser *p, const struct amount *amount, struct scn_range *ret)
{
    struct scn_pos pos = p->tok.pos;
    struct value lo, hi;
    struct scn_range range;

    if (parse_one(p, amount, &lo) < 0)
        return -1;
    hi = lo;
    p->ranged = p->tok.kind == TOKEN_DOTS;
    if (p->ranged) {
        if (!amount->range)
            return parse_fail(p, p->tok.pos, "'%s' takes no range, only one value", amount->key);
        parse_advance(p);
        if (parse_one(p, amount, &hi) < 0)
            return -1;
        pos = parse_since(p, pos);
        if (hi.type != lo.type)
            return parse_fail(p, pos, "the ends of this range are %s and %s",
                              value_type_text(lo.type), value_type_text(hi.type));
    }
    range = (struct scn_range){.lo = lo.amount, .hi = hi.amount};
    if (check(p, amount, pos, lo.type, range) < 0)
        return -1;
    *ret = range;
    return 0;
}

int parse_time(struct parser *p, const char *key, uint64_t *ret_ns)
{
    const struct amount amount = {.type = VALUE_TIME, .other = VALUE_TIME, .key = key};
    struct scn_range range = {0};

    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    *ret_ns = range.lo;
    return 0;
}

int parse_times(struct parser *p, const char *key, struct scn_range *ret_ns)
{
    const struct amount amount = {
        .type = VALUE_TIME, .other = VALUE_TIME, .key = key, .range = true};

    return parse_amount(p, &amount, ret_ns);
}

int parse_share(struct parser *p, const char *key, uint64_t *ret_ppb)
{
    const struct amount amount = {.type = VALUE_SHARE, .other = VALUE_SHARE, .key = key};
    struct scn_range range = {0};

    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    *ret_ppb = range.lo;
    return 0;
}

int parse_check_sum(struct parser *p, struct scn_pos pos, uint64_t a, uint64_t b)
{
    if (a > UINT64_MAX - b)
        return parse_fail(p, pos, "this comes to a time over 2^64-1 ns");
    if (a + b > p->latest_ns)
        p->latest_ns = a + b;
    return 0;
}

void parse_note_deadline(struct parser *p, uint64_t ns, struct scn_pos pos, bool is_sum)
{
    p->deadlines = arena_grow(p->arena, p->deadlines, p->deadlines_len, &p->deadlines_cap,
                              sizeof(*p->deadlines));
    p->deadlines[p->deadlines_len++] = (struct deadline){.ns = ns, .pos = pos, .is_sum = is_sum};
}

int parse_for(struct parser *p, bool *ret_has, struct scn_range *ret_ns)
{
    struct scn_pos pos = p->tok.pos;

    if (!parse_take(p, "for"))
        return 0;
    if (parse_times(p, "for", ret_ns) < 0)
        return -1;
    *ret_has = true;
    return parse_check_sum(p, parse_since(p, pos), p->base_ns, ret_ns->hi);
}

int parse_from_to(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos pos;

    if (parse_take(p, "from")) {
        if (parse_times(p, "from", &stmt->from) < 0)
            return -1;
        stmt->has_from = true;
    }
    pos = p->tok.pos;
    if (!parse_take(p, "to"))
        return 0;
    if (parse_times(p, "to", &stmt->to) < 0)
        return -1;
    stmt->has_to = true;
    pos = parse_since(p, pos);
    if (stmt->to.hi < stmt->from.lo)
        return parse_fail(p, pos, "'to' is before 'from'");
    if (stmt->to.lo < stmt->from.hi)
        return parse_fail(p, pos, "'to' can be drawn before 'from'");
    if (parse_sees(p, "from"))
        return parse_fail(p, p->tok.pos, "'from' stands before 'to'");
    return 0;
}
