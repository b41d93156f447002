/* Statements, and the file as a whole. */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/parse.h"
#include "sim/scenario/words.h"

/* ---- statements that are not kept ---- */

static int parse_scn(struct parser *p)
{
    char found[TOKEN_TEXT_MAX];

    if (p->count > 1 && p->scn_missing) /* which was said */
        p->said = true;
    if (p->count > 1)
        return parse_fail(p, p->last.pos, "'scn' stands only at the start of the file");
    if (p->tok.kind != TOKEN_NUMBER)
        return parse_expected(p, "the version of the language: scn 1");
    if (p->tok.len != 1 || p->tok.text[0] != '1')
        return parse_fail(p, p->tok.pos, "this is dcsim for 'scn 1', not for scn %s",
                          token_text(found, &p->tok));
    parse_advance(p);
    return 0;
}

/* The place of what is said only once; -1 after an error when it was said before. */
static int once(struct parser *p, const char *word, struct scn_pos *pos)
{
    char place[DIAG_PLACE_MAX];

    if (pos->line != 0)
        return parse_fail(p, p->last.pos, "a second '%s'; the first is in %s", word,
                          diags_place(place, p->diags, *pos, p->last.pos));
    *pos = p->last.pos;
    return 0;
}

static int parse_seed(struct parser *p)
{
    static const struct amount amount = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "seed"};
    struct scn_range seed;

    if (once(p, "seed", &p->seed_pos) < 0 || parse_amount(p, &amount, &seed) < 0)
        return -1;
    p->scn->has_seed = true;
    p->scn->seed = seed.lo;
    return 0;
}

static int parse_nodes_count(struct parser *p)
{
    static const struct amount amount = {.type = VALUE_NUMBER,
                                         .other = VALUE_NUMBER,
                                         .key = "nodes",
                                         .nonzero = true,
                                         .max = SCN_NODES_MAX};
    struct scn_range nodes;

    if (once(p, "nodes", &p->nodes_pos) < 0 || parse_amount(p, &amount, &nodes) < 0)
        return -1;
    p->scn->nodes = (uint32_t)nodes.lo;
    p->nodes_known = true;
    return 0;
}

static int parse_stop(struct parser *p)
{
    struct scn_pos pos = p->last.pos;

    if (once(p, "stop", &p->stop_pos) < 0 || parse_time(p, "stop", &p->scn->stop_ns) < 0)
        return -1;
    p->scn->stop_pos = pos;
    p->stop_known = true;
    return 0;
}

/* The value of a parameter, as it is written; the one in force goes into the text. */
static int parse_param_value(struct parser *p, size_t index)
{
    char problem[VALUE_PROBLEM_MAX];
    struct value value = {.type = VALUE_WORD};

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
        value_parse(p->tok.text, p->tok.len, VALUE_WORD, &value, problem) < 0)
        return parse_fail(p, p->tok.pos, "%s", problem);
    if (p->tok.kind == TOKEN_STRING)
        value.type = VALUE_STRING;
    params_set(&p->params, index, value.type, p->tok.text, p->tok.len);
    p->tok.text = p->params.list[index].value;
    p->tok.len = p->params.list[index].value_len;
    parse_advance(p);
    if (p->tok.kind == TOKEN_DOTS)
        return parse_fail(p, p->tok.pos, "the value of a parameter is no range");
    return 0;
}

static int parse_param(struct parser *p)
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
    return parse_param_value(p, (size_t)index);
}

/* ---- statements that are kept ---- */

static int parse_net_stmt(struct parser *p, struct scn_stmt *stmt)
{
    return parse_rules(p, true, &stmt->rules);
}

static int parse_link_stmt(struct parser *p, struct scn_stmt *stmt)
{
    if (parse_link(p, &stmt->link) < 0)
        return -1;
    return parse_rules(p, true, &stmt->rules);
}

static int parse_stmt_action(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos start = p->tok.pos;

    if (parse_action(p, &stmt->action) < 0)
        return -1;
    stmt->arg_pos = parse_since(p, start);
    return 0;
}

static int parse_at_stmt(struct parser *p, struct scn_stmt *stmt)
{
    if (parse_times(p, "at", &stmt->when) < 0)
        return -1;
    p->after_ns = stmt->when.hi;
    p->base_ns = p->after_ns;
    return parse_stmt_action(p, stmt);
}

/* +TIME ACTION, at the '+' */
static int parse_after_stmt(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos pos = p->tok.pos;

    parse_advance(p);
    if (parse_times(p, "+", &stmt->when) < 0 ||
        parse_check_sum(p, parse_since(p, pos), p->after_ns, stmt->when.hi) < 0)
        return -1;
    p->after_ns += stmt->when.hi;
    p->base_ns = p->after_ns;
    return parse_stmt_action(p, stmt);
}

static int parse_every_stmt(struct parser *p, struct scn_stmt *stmt)
{
    static const struct amount amount = {
        .type = VALUE_TIME, .other = VALUE_TIME, .key = "every", .range = true, .nonzero = true};

    if (parse_amount(p, &amount, &stmt->when) < 0 || parse_from_to(p, stmt) < 0)
        return -1;
    p->base_ns = stmt->from.hi;
    return parse_stmt_action(p, stmt);
}

static int parse_pred_stmt(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos start = p->tok.pos;
    const struct scn_pred *pred = &stmt->pred;

    if (parse_pred(p, stmt->kind, &stmt->pred) < 0)
        return -1;
    stmt->arg_pos = parse_since(p, start);
    if (stmt->kind != SCN_STMT_EXPECT)
        return 0;
    if (pred->kind == SCN_PRED_METRIC && pred->metric == SCN_METRIC_VALUE)
        p->expects_value = true;
    if (pred->kind == SCN_PRED_WITHIN || (pred->kind == SCN_PRED_CONVERGED && !pred->negated))
        p->expects_converged = true;
    return 0;
}

static const struct statement {
    const char *word;
    int (*parse)(struct parser *p);                             /* says something once */
    int (*parse_kept)(struct parser *p, struct scn_stmt *stmt); /* becomes a scn_stmt */
    enum scn_stmt_kind kind;
} statements[] = {
    {"scn", parse_scn, NULL, 0},
    {"param", parse_param, NULL, 0},
    {"seed", parse_seed, NULL, 0},
    {"nodes", parse_nodes_count, NULL, 0},
    {"group", parse_group, NULL, 0},
    {"node", NULL, parse_node, SCN_STMT_NODE},
    {"net", NULL, parse_net_stmt, SCN_STMT_NET},
    {"link", NULL, parse_link_stmt, SCN_STMT_LINK},
    {"load", NULL, parse_load, SCN_STMT_LOAD},
    {"at", NULL, parse_at_stmt, SCN_STMT_AT},
    {"every", NULL, parse_every_stmt, SCN_STMT_EVERY},
    {"expect", NULL, parse_pred_stmt, SCN_STMT_EXPECT},
    {"always", NULL, parse_pred_stmt, SCN_STMT_ALWAYS},
    {"never", NULL, parse_pred_stmt, SCN_STMT_NEVER},
    {"stop", parse_stop, NULL, 0},
};

#define STATEMENTS_LEN (sizeof(statements) / sizeof(statements[0]))

static const struct statement after_statement = {"+", NULL, parse_after_stmt, SCN_STMT_AFTER};

/* ---- one statement ---- */

static const struct statement *statement_find(const struct token *token)
{
    for (size_t i = 0; i < STATEMENTS_LEN; i++)
        if (token_is(token, statements[i].word))
            return &statements[i];
    return NULL;
}

/* The word that was meant, or NULL. */
static const char *nearest_statement(const struct token *token)
{
    const char *words[STATEMENTS_LEN + 1] = {0};

    if (token->kind != TOKEN_WORD)
        return NULL;
    for (size_t i = 0; i < STATEMENTS_LEN; i++)
        words[i] = statements[i].word;
    return diag_nearest(token->text, token->len, words);
}

/* What a mistyped statement would have said is known, so that nothing else fails for it. */
static void know_meant(struct parser *p, const char *word)
{
    struct token name;

    if (strcmp(word, "nodes") == 0 && p->nodes_pos.line == 0)
        p->nodes_pos = p->tok.pos;
    if (strcmp(word, "stop") == 0 && p->stop_pos.line == 0)
        p->stop_pos = p->tok.pos;
    if (strcmp(word, "seed") == 0 && p->seed_pos.line == 0)
        p->seed_pos = p->tok.pos;
    if (strcmp(word, "param") != 0 && strcmp(word, "group") != 0)
        return;
    parse_advance(p);
    name = p->tok;
    if (word[0] == 'g')
        parse_group_broken(p, &name);
    else if (name.kind == TOKEN_WORD && !params_find(&p->params, name.text, name.len))
        params_declare(&p->params, name.text, name.len, name.pos);
}

static int unknown_statement(struct parser *p)
{
    const char *near = nearest_statement(&p->tok);
    char found[TOKEN_TEXT_MAX];

    token_text(found, &p->tok);
    if (near) {
        parse_fail(p, p->tok.pos, "unknown statement %s; did you mean '%s'?", found, near);
        p->lexer.quiet = true;
        know_meant(p, near);
        return -1;
    }
    if (p->tok.kind == TOKEN_BAD) {
        p->lexer.quiet = true;
        p->tok = lexer_next(&p->lexer);
        if (statement_find(&p->tok))
            know_meant(p, statement_find(&p->tok)->word);
        return -1;
    }
    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "a statement");
    if (word_find(words_actions, p->tok.text, p->tok.len) != WORD_NONE)
        return parse_fail(p, p->tok.pos, "%s is an action and needs a time before it: at 1s %.*s",
                          found, (int)p->tok.len, p->tok.text);
    return parse_fail(p, p->tok.pos, "unknown statement %s", found);
}

static int parse_first_word(struct parser *p, const struct statement **ret)
{
    bool is_scn = parse_sees(p, "scn");

    if (p->count == 1 && !is_scn && p->tok.kind != TOKEN_BAD) {
        const char *near = nearest_statement(&p->tok);

        p->scn_missing = true;
        if (!near || strcmp(near, "scn") != 0)
            diag_error(p->diags, p->tok.pos, "the first statement must be 'scn 1'");
    }
    if (p->tok.kind == TOKEN_PLUS) {
        *ret = &after_statement;
        return 0;
    }
    *ret = statement_find(&p->tok);
    if (!*ret)
        return unknown_statement(p);
    parse_advance(p);
    return 0;
}

static void keep_statement(struct parser *p, struct scn_stmt *stmt)
{
    const struct canonical_text *text = &p->canonical.written;

    stmt->text = arena_text(p->arena, text->bytes, text->len);
    stmt->key = canonical_key(&p->canonical, p->arena, text->bytes, text->len);
    p->stmts = arena_grow(p->arena, p->stmts, p->stmts_len, &p->stmts_cap, sizeof(*p->stmts));
    p->stmts[p->stmts_len++] = *stmt;
}

static int parse_statement(struct parser *p)
{
    const struct statement *statement;
    struct scn_stmt stmt = {.pos = p->tok.pos};

    if (parse_first_word(p, &statement) < 0)
        return -1;
    stmt.kind = statement->kind;
    stmt.action.name = SCN_NO_NAME;
    stmt.pred.of_name = SCN_NO_NAME;
    if ((statement->parse ? statement->parse(p) : statement->parse_kept(p, &stmt)) < 0)
        return -1;
    if (parse_end(p) < 0)
        return -1;
    if (stmt.arg_pos.line == 0)
        stmt.arg_pos = parse_since(p, stmt.pos);
    canonical_keep(&p->canonical);
    if (statement->parse_kept && !p->node_missing)
        keep_statement(p, &stmt);
    return 0;
}

/* The rest of a statement with an error; a NAME that it would have given is known. */
static void skip_statement(struct parser *p)
{
    bool after_as = token_is(&p->last, "as");

    p->lexer.quiet = true;
    while (p->tok.kind != TOKEN_END) {
        if (after_as)
            names_give_broken(p, &p->tok);
        after_as = parse_sees(p, "as");
        p->tok = lexer_next(&p->lexer);
    }
    p->lexer.quiet = false;
}

static void parse_line(struct parser *p)
{
    size_t name_uses_len = p->name_uses_len, deadlines_len = p->deadlines_len;

    canonical_clear(&p->canonical);
    p->said = p->node_missing = false;
    p->node = (struct node_use){0};
    p->base_ns = 0;
    p->tok = p->last = (struct token){.kind = TOKEN_END, .text = "", .source = ""};
    parse_advance(p);
    if (parse_statement(p) < 0) {
        skip_statement(p);
        p->name_uses_len = name_uses_len;
        p->deadlines_len = deadlines_len;
        return;
    }
    if (p->node.last == 0)
        return;
    p->node_uses = arena_grow(p->arena, p->node_uses, p->node_uses_len, &p->node_uses_cap,
                              sizeof(*p->node_uses));
    p->node_uses[p->node_uses_len++] = p->node;
}

/* ---- the file ---- */

static void parse_file(struct parser *p)
{
    static const struct scn_pos nowhere = {0};

    if (p->diags->sources[0].len > SCN_FILE_BYTES_MAX) {
        diag_error(p->diags, nowhere, "the file is larger than %" PRIu32 " MiB",
                   SCN_FILE_BYTES_MAX >> 20);
        return;
    }
    while (lexer_start(&p->lexer)) {
        if (++p->count > SCN_STATEMENTS_MAX) {
            p->tok = lexer_next(&p->lexer);
            diag_error(p->diags, p->tok.pos, "more than %u statements", SCN_STATEMENTS_MAX);
            return;
        }
        parse_line(p);
    }
    if (p->count == 0) {
        diag_error(p->diags, nowhere, "nothing in it; a scenario begins with 'scn 1'");
        return;
    }
    finish_check(p);
}

int scenario_parse(struct scenario *ret, struct diags *diags, const struct scn_define *defines,
                   size_t defines_len)
{
    struct parser parser = {.scn = ret, .arena = &ret->arena, .diags = diags};
    size_t errors = diags->errors;

    *ret = (struct scenario){0};
    params_init(&parser.params, &ret->arena, diags, defines, defines_len);
    lexer_init(&parser.lexer, &ret->arena, diags, &parser.params, 0);
    parse_file(&parser);
    if (diags->errors == errors)
        finish_scenario(&parser);
    canonical_release(&parser.canonical);
    if (diags->errors == errors)
        return 0;
    scenario_release(ret);
    return -1;
}

void scenario_release(struct scenario *scenario)
{
    arena_release(&scenario->arena);
    *scenario = (struct scenario){0};
}
