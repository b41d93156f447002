/* Selectors, links, groups. */
#include "sim/scenario/parse.h"

#include <inttypes.h>
#include <string.h>

#include "sim/scenario/words.h"

/* Names of groups to choose the nearest from. */
#define NEAREST_NAMES_MAX 1000u

static int parse_of(struct parser *p, uint32_t depth, struct scn_sel *ret, struct sel_cost *cost);

static bool looks_like_node(const struct token *token)
{
    uint64_t number;

    return token->kind == TOKEN_WORD && value_numbered('n', token->text, token->len, &number) != 0;
}

bool parse_sees_selector(const struct parser *p)
{
    switch (p->tok.kind) {
    case TOKEN_STAR:
    case TOKEN_NOT:
    case TOKEN_GROUP:
    case TOKEN_OPEN:
        return true;
    case TOKEN_WORD:
        return looks_like_node(&p->tok) ||
               word_find(words_terms, p->tok.text, p->tok.len) != WORD_NONE;
    case TOKEN_END:
    case TOKEN_BAD:
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_COMMA:
    case TOKEN_CLOSE:
    case TOKEN_BAR:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_ASSIGN:
    case TOKEN_DOTS:
    case TOKEN_TO:
    case TOKEN_BOTH:
    case TOKEN_ABOUT:
    case TOKEN_EQ:
    case TOKEN_NE:
    case TOKEN_LT:
    case TOKEN_LE:
    case TOKEN_GT:
    case TOKEN_GE:
        break;
    }
    return false;
}

/* ---- nodes ---- */

/* Judged now when the file has said how many nodes there are, else at its end. */
static void note_node(struct parser *p, uint64_t number, struct scn_pos pos)
{
    if (!p->nodes_known) {
        if (number > p->node.last)
            p->node = (struct node_use){.last = number, .pos = pos};
        return;
    }
    if (number <= p->scn->nodes || p->node_missing)
        return;
    p->node_missing = true;
    diag_error(p->diags, pos, "node n%" PRIu64 " does not exist: nodes go from n1 to n%" PRIu32,
               number, p->scn->nodes);
}

static int parse_node_number(struct parser *p, uint32_t *ret)
{
    char found[TOKEN_TEXT_MAX];
    uint64_t number = 0;
    int rc = 0;

    if (p->tok.kind == TOKEN_WORD)
        rc = value_numbered('n', p->tok.text, p->tok.len, &number);
    if (rc == 0)
        return parse_expected(p, "a node such as n7");
    if (rc < 0 && p->tok.text[1] == '0')
        return parse_fail(p, p->tok.pos, "%s has leading zeros", token_text(found, &p->tok));
    if (rc < 0 || number > SCN_NODES_MAX)
        return parse_fail(p, p->tok.pos, "node %s does not exist: there can be at most %u nodes",
                          token_text(found, &p->tok), SCN_NODES_MAX);
    if (number == 0)
        return parse_fail(p, p->tok.pos, "node %s does not exist: nodes are counted from n1",
                          token_text(found, &p->tok));
    note_node(p, number, p->tok.pos);
    parse_advance(p);
    *ret = (uint32_t)number;
    return 0;
}

static int parse_nodes(struct parser *p, struct scn_term *ret)
{
    struct scn_pos pos = p->tok.pos;

    ret->kind = SCN_TERM_NODES;
    if (parse_node_number(p, &ret->first) < 0)
        return -1;
    ret->last = ret->first;
    if (!parse_take_kind(p, TOKEN_DOTS))
        return 0;
    if (parse_node_number(p, &ret->last) < 0)
        return -1;
    if (ret->first > ret->last)
        return parse_fail(p, parse_since(p, pos),
                          "the range is reversed: the smaller end comes first");
    return 0;
}

/* ---- groups ---- */

static const struct scn_sel no_nodes = {.text = ""};

static struct group *group_find(const struct parser *p, const struct token *name)
{
    uint32_t index = symbols_find(&p->groups_table, name->text, name->len);

    return index == SYMBOL_NONE ? NULL : &p->groups[index];
}

/* The group of that name, new or not. */
static struct group *group_at(struct parser *p, const struct token *name)
{
    uint32_t *index = symbols_at(&p->groups_table, p->arena, name->text, name->len);

    if (*index == SYMBOL_NONE) {
        p->groups =
            arena_grow(p->arena, p->groups, p->groups_len, &p->groups_cap, sizeof(*p->groups));
        *index = (uint32_t)p->groups_len++;
        p->groups[*index] = (struct group){
            .name = arena_text(p->arena, name->text, name->len),
            .sel = &no_nodes,
        };
    }
    return &p->groups[*index];
}

static const char *nearest_group(const struct parser *p, const struct token *name)
{
    const char *names[NEAREST_NAMES_MAX + 1];
    size_t names_len = 0;

    if (diags_are_full(p->diags))
        return NULL;
    for (size_t i = 0; i < p->groups_len && names_len < NEAREST_NAMES_MAX; i++)
        if (!p->groups[i].assumed)
            names[names_len++] = p->groups[i].name;
    names[names_len] = NULL;
    return diag_nearest(name->text, name->len, names);
}

static int unknown_group(struct parser *p)
{
    const char *near = nearest_group(p, &p->tok);
    char found[TOKEN_TEXT_MAX];
    struct group *group;

    if (near)
        parse_fail(p, p->tok.pos, "no group %s is declared above; did you mean '@%s'?",
                   token_text(found, &p->tok), near);
    else
        parse_fail(p, p->tok.pos, "no group %s is declared above; declare it: group %.*s = ...",
                   token_text(found, &p->tok), (int)p->tok.len, p->tok.text);
    group = group_at(p, &p->tok);
    group->assumed = true;
    return -1;
}

static int parse_group_term(struct parser *p, struct scn_term *ret, struct sel_cost *cost)
{
    struct group *group;

    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "the name of a group after '@'");
    group = group_find(p, &p->tok);
    if (!group)
        return unknown_group(p);
    parse_advance(p);
    group->used = true;
    ret->kind = SCN_TERM_GROUP;
    ret->of = group->sel;
    *cost = group->cost;
    cost->depth++;
    return 0;
}

/* ---- terms ---- */

/* random(N) or random(P%), perhaps with a range, perhaps of something */
static int parse_random(struct parser *p, uint32_t depth, struct scn_term *ret,
                        struct sel_cost *cost)
{
    static const struct amount amount = {
        .type = VALUE_SHARE,
        .other = VALUE_NUMBER,
        .key = "random",
        .range = true,
        .nonzero = true,
    };
    struct scn_sel *of;
    struct scn_range range;
    bool is_share;

    ret->kind = SCN_TERM_RANDOM;
    if (!parse_take_kind(p, TOKEN_OPEN))
        return parse_expected(p, "'(' after 'random'");
    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    is_share = p->type == VALUE_SHARE;
    ret->count = is_share ? 0 : range.lo;
    ret->count_max = is_share ? 0 : range.hi;
    ret->share_ppb = is_share ? range.lo : 0;
    ret->share_max_ppb = is_share ? range.hi : 0;
    if (!parse_take_kind(p, TOKEN_CLOSE))
        return parse_expected(p, "')'");
    cost->drawn = true;
    if (!parse_take(p, "of"))
        return 0;
    of = arena_alloc(p->arena, sizeof(*of));
    ret->of = of;
    if (parse_of(p, depth + 1, of, cost) < 0)
        return -1;
    cost->depth++;
    cost->drawn = true;
    return 0;
}

static int parse_word_term(struct parser *p, uint32_t depth, struct scn_term *ret,
                           struct sel_cost *cost)
{
    static const enum scn_term_kind kinds[] = {SCN_TERM_ALL, SCN_TERM_UP, SCN_TERM_DOWN,
                                               SCN_TERM_REST, SCN_TERM_RANDOM};
    char found[TOKEN_TEXT_MAX];
    size_t index;

    if (looks_like_node(&p->tok))
        return parse_nodes(p, ret);
    index = parse_take_of(p, words_terms);
    if (index == WORD_NONE && group_find(p, &p->tok))
        return parse_fail(p, p->tok.pos, "%s is a group; say '@%.*s'", token_text(found, &p->tok),
                          (int)p->tok.len, p->tok.text);
    if (index == WORD_NONE)
        return parse_unknown(p, "selector", words_terms,
                             "nodes such as n3, n2..n7, all, @group or random(2)");
    ret->kind = kinds[index];
    cost->drawn = ret->kind == SCN_TERM_UP || ret->kind == SCN_TERM_DOWN;
    if (ret->kind == SCN_TERM_RANDOM)
        return parse_random(p, depth, ret, cost);
    return 0;
}

static int parse_term(struct parser *p, uint32_t depth, struct scn_term *ret, struct sel_cost *cost)
{
    *ret = (struct scn_term){0};
    *cost = (struct sel_cost){.terms = 1, .depth = 1};
    if (++p->terms > PARSE_TERMS_MAX)
        return parse_fail(p, p->tok.pos, "the selectors of this file have more than %u terms",
                          PARSE_TERMS_MAX);
    ret->minus = parse_take_kind(p, TOKEN_NOT);
    if (p->tok.kind == TOKEN_WORD)
        return parse_word_term(p, depth, ret, cost);
    if (parse_take_kind(p, TOKEN_GROUP))
        return parse_group_term(p, ret, cost);
    if (parse_take_kind(p, TOKEN_STAR)) {
        ret->kind = SCN_TERM_ALL;
        return 0;
    }
    if (p->tok.kind == TOKEN_OPEN)
        return parse_fail(p, p->tok.pos, "brackets stand only after 'of' and 'random'");
    return parse_expected(p, "nodes such as n3, n2..n7, all, @group or random(2)");
}

/* ---- lists of terms ---- */

static void add_cost(struct sel_cost *sum, const struct sel_cost *cost)
{
    sum->terms += cost->terms;
    if (cost->depth > sum->depth)
        sum->depth = cost->depth;
    sum->drawn = sum->drawn || cost->drawn;
}

static int check_cost(struct parser *p, struct scn_pos pos, const struct sel_cost *cost)
{
    if (cost->depth > PARSE_DEPTH_MAX)
        return parse_fail(p, pos, "this selector is nested more than %u deep", PARSE_DEPTH_MAX);
    if (cost->terms > PARSE_TERMS_SPELLED_MAX)
        return parse_fail(p, pos, "this selector has more than %u terms, its groups spelled out",
                          PARSE_TERMS_SPELLED_MAX);
    return 0;
}

/* Terms joined by commas; only the first of them when @is_single. */
static int parse_terms(struct parser *p, uint32_t depth, bool is_single, struct scn_sel *ret,
                       struct sel_cost *ret_cost)
{
    size_t from = p->canonical.filled.len, cap = 0;
    struct scn_pos start = p->tok.pos;
    struct scn_term *terms = NULL;

    *ret = (struct scn_sel){0};
    *ret_cost = (struct sel_cost){0};
    do {
        struct sel_cost cost;
        struct scn_pos pos = p->tok.pos;

        terms = arena_grow(p->arena, terms, ret->len, &cap, sizeof(*terms));
        if (parse_term(p, depth, &terms[ret->len], &cost) < 0)
            return -1;
        ret->terms = terms;
        ret->len++;
        add_cost(ret_cost, &cost);
        if (check_cost(p, pos, ret_cost) < 0)
            return -1;
    } while (!is_single && parse_take_kind(p, TOKEN_COMMA));
    ret->pos = parse_since(p, start);
    ret->text = parse_text_since(p, from);
    return 0;
}

/* T: one term, or a list in brackets. */
static int parse_of(struct parser *p, uint32_t depth, struct scn_sel *ret, struct sel_cost *cost)
{
    if (depth > PARSE_DEPTH_MAX)
        return parse_fail(p, p->tok.pos, "this selector is nested more than %u deep",
                          PARSE_DEPTH_MAX);
    if (!parse_take_kind(p, TOKEN_OPEN))
        return parse_terms(p, depth, true, ret, cost);
    if (parse_terms(p, depth, false, ret, cost) < 0)
        return -1;
    if (!parse_take_kind(p, TOKEN_CLOSE))
        return parse_expected(p, "',' or ')'");
    return 0;
}

/* Groups within are evaluated by whoever uses the selector: that is bounded for the whole file. */
static int spend(struct parser *p, struct scn_pos pos, const struct sel_cost *cost)
{
    p->terms_spelled += cost->terms;
    if (p->terms_spelled > PARSE_TERMS_SPELLED_MAX)
        return parse_fail(p, pos,
                          "the selectors of this file have more than %u terms, their "
                          "groups spelled out",
                          PARSE_TERMS_SPELLED_MAX);
    return 0;
}

int parse_selector(struct parser *p, struct scn_sel *ret)
{
    struct scn_pos pos = p->tok.pos;
    struct sel_cost cost;

    if (parse_terms(p, 1, false, ret, &cost) < 0)
        return -1;
    return spend(p, pos, &cost);
}

int parse_selector_term(struct parser *p, struct scn_sel *ret)
{
    struct scn_pos pos = p->tok.pos;
    struct sel_cost cost;

    if (parse_of(p, 1, ret, &cost) < 0)
        return -1;
    return spend(p, pos, &cost);
}

int parse_link_rest(struct parser *p, struct scn_link *ret)
{
    if (parse_take_kind(p, TOKEN_BOTH))
        ret->both = true;
    else if (!parse_take_kind(p, TOKEN_TO))
        return parse_expected(p, "'->' or '<->'");
    return parse_selector(p, &ret->to);
}

int parse_link(struct parser *p, struct scn_link *ret)
{
    if (parse_selector(p, &ret->from) < 0)
        return -1;
    return parse_link_rest(p, ret);
}

/* ---- group ---- */

void parse_group_broken(struct parser *p, const struct token *name)
{
    struct group *group;

    if (name->kind != TOKEN_WORD)
        return;
    group = group_at(p, name);
    group->assumed = false;
    if (group->pos.line == 0)
        group->pos = name->pos;
}

int parse_group(struct parser *p)
{
    struct token name = p->tok;
    struct sel_cost cost;
    struct scn_sel *sel = arena_alloc(p->arena, sizeof(*sel));
    char place[DIAG_PLACE_MAX];
    struct group *group;

    if (name.kind != TOKEN_WORD)
        return parse_expected(p, "the name of the group");
    parse_advance(p);
    if (!parse_take_kind(p, TOKEN_ASSIGN)) {
        parse_expected(p, "'='");
        parse_group_broken(p, &name);
        return -1;
    }
    if (parse_terms(p, 1, false, sel, &cost) < 0) {
        parse_group_broken(p, &name);
        return -1;
    }
    group = group_at(p, &name);
    if (group->pos.line != 0)
        return parse_fail(p, name.pos, "group '%s' is already declared in %s", group->name,
                          diags_place(place, p->diags, group->pos, name.pos));
    group->assumed = false;
    group->pos = name.pos;
    group->sel = sel;
    group->cost = cost;
    return 0;
}
