/* What a file says of its runs: parameters and their values, seeds, fixed draws. */
#include "sim/scenario/parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/choose.h"

/* ---- seeds ---- */

int parse_seed(struct parser *p)
{
    static const struct amount amount = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "seed"};

    if (parse_once(p, "seed", &p->seed_pos) < 0)
        return -1;
    return parse_amount(p, &amount, &p->scn->seeds);
}

int parse_seeds(struct parser *p)
{
    static const struct amount amount = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "seeds", .range = true};
    struct scn_pos pos = p->tok.pos;
    struct scn_range seeds;

    if (parse_once(p, "seeds", &p->seed_pos) < 0 || parse_amount(p, &amount, &seeds) < 0)
        return -1;
    if (!p->ranged)
        return parse_fail(
            p, pos, "'seeds' takes a range such as 1..100; for one seed: seed %" PRIu64, seeds.lo);
    if (seeds.hi - seeds.lo == UINT64_MAX)
        return parse_fail(p, pos, "these are more than 2^64-1 seeds");
    p->scn->seeds = seeds;
    return 0;
}

/* ---- parameters ---- */

/* name =, declared; its index, or -1. */
static int parse_param_name(struct parser *p)
{
    struct token name = p->tok;
    int index;

    if (name.kind != TOKEN_WORD || token_is_filled(&name))
        return parse_expected(p, "the name of the parameter");
    index = params_declare(&p->params, name.text, name.len, name.pos);
    if (index < 0) {
        p->said = true;
        return -1;
    }
    parse_advance(p);
    if (!parse_take_kind(p, TOKEN_ASSIGN))
        return parse_expected(p, "'='");
    return index;
}

/* What the lookahead is as the value of a parameter. */
static int check_value(struct parser *p, struct value *ret)
{
    char problem[VALUE_PROBLEM_MAX];

    *ret = (struct value){.type = VALUE_WORD};
    if (token_is_filled(&p->tok))
        return parse_fail(p, p->tok.pos, "the value of a parameter is written out, without '$'");
    if (p->tok.kind == TOKEN_PLUS || p->tok.kind == TOKEN_MINUS)
        return parse_fail(p, p->tok.pos, "the value of a parameter has no sign");
    if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_NUMBER && p->tok.kind != TOKEN_STRING)
        return parse_expected(p, "a number, time, size, share, rate, word or \"text\"");
    if (p->tok.kind == TOKEN_NUMBER && p->tok.len > PARAM_WORD_BYTES_MAX)
        return parse_fail(p, p->tok.pos, "a number in a parameter has at most %u characters",
                          PARAM_WORD_BYTES_MAX);
    if (p->tok.kind == TOKEN_NUMBER &&
        value_parse(p->tok.text, p->tok.len, VALUE_WORD, ret, problem) < 0)
        return parse_fail(p, p->tok.pos, "%s", problem);
    if (p->tok.kind == TOKEN_STRING)
        ret->type = VALUE_STRING;
    return 0;
}

/* The value in force goes into the text. */
int parse_param(struct parser *p)
{
    int index = parse_param_name(p);
    const struct param *param;
    struct value value;

    if (index < 0 || check_value(p, &value) < 0)
        return -1;
    params_set(&p->params, (size_t)index, value.type, p->tok.text, p->tok.len);
    param = &p->params.list[index];
    p->tok.text = param->value;
    p->tok.len = param->value_len;
    parse_advance(p);
    if (p->tok.kind == TOKEN_DOTS)
        return parse_fail(p, p->tok.pos,
                          "the value of a parameter is no range; for one run with "
                          "each: sweep %s = a..b step c",
                          param->name);
    return 0;
}

/* ---- sweeps ---- */

struct values {
    const char **list;
    size_t len, cap;
    enum value_type type;
};

static int add_value(struct parser *p, struct values *values, const char *text, size_t len)
{
    p->said = p->said || p->sweep_values > SCN_SWEEP_VALUES_MAX; /* once is enough */
    if (p->sweep_values >= SCN_SWEEP_VALUES_MAX) {
        p->sweep_values = SCN_SWEEP_VALUES_MAX + 1;
        return parse_fail(p, p->tok.pos, "the sweeps of a file have at most %u values",
                          SCN_SWEEP_VALUES_MAX);
    }
    p->sweep_values++;
    values->list =
        arena_grow(p->arena, values->list, values->len, &values->cap, sizeof(*values->list));
    values->list[values->len++] = arena_text(p->arena, text, len);
    return 0;
}

/* .. b step c, after a: every value that is at most b. */
static int parse_steps(struct parser *p, struct values *values, struct scn_pos start,
                       const struct value *first)
{
    const struct amount amount = {.type = first->type, .other = first->type, .key = ".."};
    const struct amount step = {
        .type = first->type, .other = first->type, .key = "step", .nonzero = true};
    struct scn_range last, by;

    if (first->type == VALUE_WORD || first->type == VALUE_STRING)
        return parse_fail(p, p->tok.pos, "a range goes from a number to a number");
    parse_advance(p);
    if (parse_amount(p, &amount, &last) < 0)
        return -1;
    if (last.lo < first->amount)
        return parse_fail(p, parse_since(p, start),
                          "the range is reversed: the smaller end comes first");
    if (parse_need(p, "step") < 0 || parse_amount(p, &step, &by) < 0)
        return -1;
    for (uint64_t at = first->amount;; at += by.lo) {
        char text[VALUE_TEXT_MAX];

        value_text(text, (struct value){.type = first->type, .amount = at});
        if (add_value(p, values, text, strlen(text)) < 0)
            return -1;
        if (last.lo - at < by.lo)
            return 0;
    }
}

/* v, v, ... or a..b step c */
static int parse_values(struct parser *p, struct values *values)
{
    struct scn_pos start = p->tok.pos;
    struct value value;

    do {
        if (check_value(p, &value) < 0)
            return -1;
        if (values->len > 0 && value.type != values->type)
            return parse_fail(p, p->tok.pos,
                              "the values of a sweep are of one type: this is %s, "
                              "those before are %s",
                              value_type_text(value.type), value_type_text(values->type));
        values->type = value.type;
        if (add_value(p, values, p->tok.text, p->tok.len) < 0)
            return -1;
        parse_advance(p);
        if (p->tok.kind == TOKEN_DOTS && values->len == 1) {
            values->len = 0;
            return parse_steps(p, values, start, &value);
        }
    } while (parse_take_kind(p, TOKEN_COMMA));
    return 0;
}

/* One run for each combination of values: they must not come to too many. */
static int keep_sweep(struct parser *p, const struct scn_sweep *sweep)
{
    if (p->combinations == 0)
        p->combinations = 1;
    if (sweep->len > SCN_SWEEP_VALUES_MAX / p->combinations)
        return parse_fail(p, sweep->pos,
                          "with this one, the sweeps of the file come to more than %u combinations",
                          SCN_SWEEP_VALUES_MAX);
    p->combinations *= sweep->len;
    p->sweeps = arena_grow(p->arena, p->sweeps, p->sweeps_len, &p->sweeps_cap, sizeof(*p->sweeps));
    p->sweeps[p->sweeps_len++] = *sweep;
    return 0;
}

int parse_sweep(struct parser *p)
{
    struct scn_pos pos = p->tok.pos;
    int index = parse_param_name(p);
    struct values values = {0};
    struct param *param;

    if (index < 0 || parse_values(p, &values) < 0)
        return -1;
    params_set(&p->params, (size_t)index, values.type, values.list[0], strlen(values.list[0]));
    param = &p->params.list[index];
    /* The first value is the file's own, whoever says it. */
    if (param->swept && strcmp(param->value, values.list[0]) == 0)
        param->overridden = false;
    if (param->overridden || param->swept)
        return 0;
    return keep_sweep(
        p, &(struct scn_sweep){
               .name = param->name, .values = values.list, .len = values.len, .pos = pos});
}

/* ---- fixed draws ---- */

/* "loss 0123456789abcdef" */
static int fix_of_text(const char *text, size_t len, struct scn_fix *ret)
{
    const char *blank = memchr(text, ' ', len);

    if (!blank || text + len - blank != 17)
        return -1;
    ret->purpose = choose_purpose_of_text(text, (size_t)(blank - text));
    for (const char *at = blank + 1; at < text + len; at++) {
        if (!value_is_digit(*at) && (*at < 'a' || *at > 'f'))
            return -1;
        ret->key = ret->key << 4 | (uint64_t)(value_is_digit(*at) ? *at - '0' : *at - 'a' + 10);
    }
    return ret->purpose ? 0 : -1;
}

int parse_fix(struct parser *p)
{
    static const struct amount amount = {.type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "fix"};
    struct fix fix = {.pos = p->tok.pos};
    struct scn_range value;

    if (p->tok.kind != TOKEN_STRING)
        return parse_expected(p, "the key of a draw in double quotes");
    if (fix_of_text(p->tok.text, p->tok.len, &fix.fix) < 0)
        return parse_fail(p, p->tok.pos,
                          "this is no key of a draw; -vv prints them, such as "
                          "\"loss 0123456789abcdef\"");
    parse_advance(p);
    if (!parse_take_kind(p, TOKEN_ASSIGN))
        return parse_expected(p, "'='");
    if (parse_amount(p, &amount, &value) < 0)
        return -1;
    fix.fix.value = value.lo;
    p->fixes = arena_grow(p->arena, p->fixes, p->fixes_len, &p->fixes_cap, sizeof(*p->fixes));
    p->fixes[p->fixes_len++] = fix;
    return 0;
}

static int fix_compare(const void *left, const void *right)
{
    const struct fix *a = left;
    const struct fix *b = right;

    if (a->fix.key != b->fix.key)
        return a->fix.key < b->fix.key ? -1 : 1;
    if (a->fix.purpose != b->fix.purpose)
        return a->fix.purpose < b->fix.purpose ? -1 : 1;
    if (a->pos.file != b->pos.file)
        return a->pos.file < b->pos.file ? -1 : 1;
    if (a->pos.line != b->pos.line)
        return a->pos.line < b->pos.line ? -1 : 1;
    return a->pos.col < b->pos.col ? -1 : a->pos.col > b->pos.col;
}

void fixes_check(struct parser *p)
{
    char place[DIAG_PLACE_MAX];

    if (p->fixes_len == 0)
        return;
    qsort(p->fixes, p->fixes_len, sizeof(*p->fixes), fix_compare);
    for (size_t i = 1; i < p->fixes_len; i++) {
        const struct fix *fix = &p->fixes[i], *before = fix - 1;

        if (fix->fix.key == before->fix.key && fix->fix.purpose == before->fix.purpose)
            diag_error(p->diags, fix->pos, "this draw is already fixed in %s",
                       diags_place(place, p->diags, before->pos, fix->pos));
    }
}

/* ---- for the scenario ---- */

void campaign_finish(struct parser *p)
{
    struct scenario *scn = p->scn;
    struct scn_fix *fixes = arena_alloc(p->arena, p->fixes_len * sizeof(*fixes));

    for (size_t i = 0; i < p->fixes_len; i++)
        fixes[i] = p->fixes[i].fix;
    scn->fixes = fixes;
    scn->fixes_len = p->fixes_len;
    scn->sweeps = p->sweeps;
    scn->sweeps_len = p->sweeps_len;
    scn->own_params = true;
    for (size_t i = 0; i < p->params.len; i++)
        if (p->params.list[i].overridden)
            scn->own_params = false;
    if (p->seed_pos.line == 0)
        scn->seeds = (struct scn_range){.lo = 1, .hi = 1};
}
