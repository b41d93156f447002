/* Statements, and the file as a whole. */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/parse.h"
#include "sim/scenario/words.h"

/* ---- statements that are not kept ---- */

static int parse_scn(struct parser *p)
{
    char found[TOKEN_TEXT_MAX];

    if (p->file_count > 1 && p->scn_missing) /* which was said */
        p->said = true;
    if (p->file_count > 1)
        return parse_fail(p, p->last.pos, "'scn' stands only at the start of the file");
    if (p->tok.kind != TOKEN_NUMBER)
        return parse_expected(p, "the version of the language: scn 1");
    if (p->tok.len != 1 || p->tok.text[0] != '1')
        return parse_fail(p, p->tok.pos, "this is dcsim for 'scn 1', not for scn %s",
                          token_text(found, &p->tok));
    parse_advance(p);
    return 0;
}

int parse_once(struct parser *p, const char *word, struct scn_pos *pos)
{
    char place[DIAG_PLACE_MAX];

    if (pos->line != 0)
        return parse_fail(p, p->last.pos, "a second '%s'; the first is in %s", word,
                          diags_place(place, p->diags, *pos, p->last.pos));
    *pos = p->last.pos;
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

    if (parse_once(p, "nodes", &p->nodes_pos) < 0 || parse_amount(p, &amount, &nodes) < 0)
        return -1;
    p->scn->nodes = (uint32_t)nodes.lo;
    p->nodes_known = true;
    return 0;
}

static int parse_stop(struct parser *p)
{
    struct scn_pos pos = p->last.pos;

    if (parse_once(p, "stop", &p->stop_pos) < 0 || parse_time(p, "stop", &p->scn->stop_ns) < 0)
        return -1;
    p->scn->stop_pos = pos;
    p->stop_known = true;
    return 0;
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
    struct scn_pos pos = p->last.pos;

    if (parse_amount(p, &amount, &stmt->when) < 0 || parse_from_to(p, stmt) < 0)
        return -1;
    p->base_ns = stmt->from.hi;
    if (p->blocks_len > 0) { /* they count from the time that the turn has reached */
        uint64_t last = stmt->to.hi > stmt->from.hi ? stmt->to.hi : stmt->from.hi;

        if (parse_check_sum(p, pos, p->after_ns, last) < 0)
            return -1;
        p->base_ns += p->after_ns;
    }
    return parse_stmt_action(p, stmt);
}

static int parse_pred_stmt(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos start = p->tok.pos;

    if (parse_pred(p, stmt->kind, &stmt->pred) < 0)
        return -1;
    stmt->arg_pos = parse_since(p, start);
    if (stmt->pred.kind == SCN_PRED_CAMPAIGN)
        stmt->kind = SCN_STMT_CAMPAIGN;
    return 0;
}

static int parse_block_end(struct parser *p, struct scn_stmt *stmt)
{
    (void)p;
    (void)stmt;
    return 0;
}

static const struct statement {
    const char *word;
    int (*parse)(struct parser *p);                             /* says something once */
    int (*parse_kept)(struct parser *p, struct scn_stmt *stmt); /* becomes a scn_stmt */
    enum scn_stmt_kind kind;
    bool in_repeat; /* may stand there */
    bool main_only; /* not in a file that another includes */
} statements[] = {
    {.word = "scn", .parse = parse_scn},
    {.word = "include", .parse = parse_include},
    {.word = "param", .parse = parse_param},
    {.word = "sweep", .parse = parse_sweep},
    {.word = "seed", .parse = parse_seed},
    {.word = "seeds", .parse = parse_seeds},
    {.word = "fix", .parse = parse_fix},
    {.word = "nodes", .parse = parse_nodes_count, .main_only = true},
    {.word = "group", .parse = parse_group},
    {.word = "node", .parse_kept = parse_node, .kind = SCN_STMT_NODE},
    {.word = "net", .parse_kept = parse_net_stmt, .kind = SCN_STMT_NET},
    {.word = "link", .parse_kept = parse_link_stmt, .kind = SCN_STMT_LINK},
    {.word = "load", .parse_kept = parse_load, .kind = SCN_STMT_LOAD},
    {.word = "at", .parse_kept = parse_at_stmt, .kind = SCN_STMT_AT},
    {.word = "every", .parse_kept = parse_every_stmt, .kind = SCN_STMT_EVERY, .in_repeat = true},
    {.word = "repeat", .parse_kept = parse_repeat, .kind = SCN_STMT_REPEAT, .in_repeat = true},
    {.word = "end", .parse_kept = parse_block_end, .kind = SCN_STMT_END, .in_repeat = true},
    {.word = "quiet", .parse_kept = parse_quiet, .kind = SCN_STMT_QUIET},
    {.word = "expect", .parse_kept = parse_pred_stmt, .kind = SCN_STMT_EXPECT},
    {.word = "always", .parse_kept = parse_pred_stmt, .kind = SCN_STMT_ALWAYS},
    {.word = "never", .parse_kept = parse_pred_stmt, .kind = SCN_STMT_NEVER},
    {.word = "sometimes", .parse_kept = parse_pred_stmt, .kind = SCN_STMT_SOMETIMES},
    {.word = "show", .parse_kept = parse_show, .kind = SCN_STMT_SHOW},
    {.word = "stop", .parse = parse_stop, .main_only = true},
};

#define STATEMENTS_LEN (sizeof(statements) / sizeof(statements[0]))

static const struct statement after_statement = {
    .word = "+", .parse_kept = parse_after_stmt, .kind = SCN_STMT_AFTER, .in_repeat = true};

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
    if (strcmp(word, "repeat") == 0)
        blocks_open_broken(p, p->tok.pos);
    if (strcmp(word, "end") == 0)
        blocks_close_broken(p);
    if (strcmp(word, "param") != 0 && strcmp(word, "sweep") != 0 && strcmp(word, "group") != 0)
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
    if (p->tok.kind == TOKEN_BAR)
        return parse_fail(p, p->tok.pos, LEXER_GOLDEN_MISPLACED);
    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "a statement");
    if (word_find(words_actions, p->tok.text, p->tok.len) != WORD_NONE)
        return parse_fail(p, p->tok.pos, "%s is an action and needs a time before it: at 1s %.*s",
                          found, (int)p->tok.len, p->tok.text);
    return parse_fail(p, p->tok.pos, "unknown statement %s", found);
}

/* May this statement stand here? Of a repeat, that is said once its end is found. */
static int check_place(struct parser *p, const struct statement *statement)
{
    if (!statement->in_repeat)
        blocks_misplaced(p, statement->kind == SCN_STMT_AT);
    if (p->including_len > 1 && statement->main_only)
        return parse_fail(p, p->last.pos, "an included file has no '%s'; %s says it",
                          statement->word, p->diags->sources[0].name);
    return 0;
}

static int parse_first_word(struct parser *p)
{
    bool is_scn = parse_sees(p, "scn");

    if (p->file_count == 1 && !is_scn && p->tok.kind != TOKEN_BAD) {
        const char *near = nearest_statement(&p->tok);

        p->scn_missing = true;
        if (!near || strcmp(near, "scn") != 0)
            diag_error(p->diags, p->tok.pos, "the first statement must be 'scn 1'");
    }
    if (p->tok.kind == TOKEN_PLUS) {
        p->statement = &after_statement;
        return 0;
    }
    p->statement = statement_find(&p->tok);
    if (!p->statement)
        return unknown_statement(p);
    parse_advance(p);
    return check_place(p, p->statement);
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

    if (parse_first_word(p) < 0)
        return -1;
    statement = p->statement;
    stmt.kind = statement->kind;
    stmt.action.name = SCN_NO_NAME;
    stmt.pred.of_name = SCN_NO_NAME;
    if ((statement->parse ? statement->parse(p) : statement->parse_kept(p, &stmt)) < 0)
        return -1;
    if (parse_end(p) < 0)
        return -1;
    if (stmt.arg_pos.line == 0)
        stmt.arg_pos = parse_since(p, stmt.pos);
    if (statement->parse_kept && blocks_keep(p, &stmt) < 0)
        return -1;
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

/* A statement with an error: what it would have begun or ended is, all the same. */
static void give_up_statement(struct parser *p, struct scn_pos start, uint32_t blocks)
{
    const char *word = p->statement ? p->statement->word : "";
    struct scn_stmt ignored = {0};

    if (strcmp(word, "repeat") == 0 && p->blocks_len + p->blocks_deeper == blocks)
        blocks_open_broken(p, start);
    if (strcmp(word, "end") == 0 && p->blocks_len + p->blocks_deeper == blocks)
        blocks_close_broken(p);
    if (strcmp(word, "show") == 0 || !p->statement) /* unknown: perhaps it was to be one */
        parse_golden(p, &ignored);
}

static void parse_line(struct parser *p)
{
    size_t from = p->lexer.at, errors = p->diags->len;
    size_t name_uses_len = p->name_uses_len, deadlines_len = p->deadlines_len;
    size_t stmts_len = p->stmts_len;
    uint32_t blocks = p->blocks_len + p->blocks_deeper;
    struct scn_pos start;

    canonical_clear(&p->canonical);
    p->said = p->node_missing = false;
    p->node = (struct node_use){0};
    p->base_ns = 0;
    p->statement = NULL;
    p->tok = p->last = (struct token){.kind = TOKEN_END, .text = "", .source = ""};
    p->include = p->tok;
    parse_advance(p);
    start = p->tok.pos;
    if (parse_statement(p) < 0) {
        skip_statement(p);
        if (p->diags->len > errors)
            parse_foreign(p, from);
        give_up_statement(p, start, blocks);
        p->name_uses_len = name_uses_len;
        p->deadlines_len = deadlines_len;
        return;
    }
    if (p->stmts_len > stmts_len && p->stmts[stmts_len].kind == SCN_STMT_SHOW)
        parse_golden(p, &p->stmts[stmts_len]);
    if (p->node.last == 0)
        return;
    p->node_uses = arena_grow(p->arena, p->node_uses, p->node_uses_len, &p->node_uses_cap,
                              sizeof(*p->node_uses));
    p->node_uses[p->node_uses_len++] = p->node;
}

/* ---- files ---- */

static void parse_source(struct parser *p, uint32_t source);

/* The file that the statement at hand includes, as if it stood here. */
static void parse_included(struct parser *p)
{
    struct lexer lexer = p->lexer;
    size_t file_count = p->file_count;
    uint32_t blocks_from = p->blocks_from;
    bool scn_missing = p->scn_missing;
    int64_t source = include_open(p);

    if (source < 0)
        return;
    parse_source(p, (uint32_t)source);
    p->including_len--;
    p->lexer = lexer;
    p->file_count = file_count;
    p->blocks_from = blocks_from;
    p->scn_missing = scn_missing;
}

static void parse_source(struct parser *p, uint32_t source)
{
    static const struct scn_pos nowhere = {0};
    struct scn_pos in_file = {.file = source};

    lexer_init(&p->lexer, p->arena, p->diags, &p->params, source);
    p->file_count = 0;
    p->blocks_from = p->blocks_len;
    p->scn_missing = false;
    while (lexer_start(&p->lexer)) {
        p->file_count++;
        if (++p->count > SCN_STATEMENTS_MAX) {
            p->tok = lexer_next(&p->lexer);
            if (p->count == SCN_STATEMENTS_MAX + 1)
                diag_error(p->diags, p->tok.pos, "more than %u statements", SCN_STATEMENTS_MAX);
            break;
        }
        parse_line(p);
        if (p->include.kind != TOKEN_END && !p->said)
            parse_included(p);
    }
    if (p->file_count == 0)
        diag_error(p->diags, source == 0 ? nowhere : in_file,
                   "nothing in it; a scenario begins with 'scn 1'");
    blocks_check(p);
}

static void parse_file(struct parser *p)
{
    static const struct scn_pos nowhere = {0};

    p->bytes = p->diags->sources[0].len;
    if (p->bytes > SCN_FILE_BYTES_MAX) {
        diag_error(p->diags, nowhere, "the file is larger than %" PRIu32 " MiB",
                   SCN_FILE_BYTES_MAX >> 20);
        return;
    }
    p->including[p->including_len++] = 0;
    parse_source(p, 0);
    if (p->count > 0 && p->count <= SCN_STATEMENTS_MAX)
        finish_check(p);
}

int scenario_parse(struct scenario *ret, struct diags *diags, const struct scn_options *options)
{
    static const struct scn_options none = {0};
    struct parser parser = {.scn = ret, .arena = &ret->arena, .diags = diags};
    size_t errors = diags->errors;

    if (!options)
        options = &none;
    *ret = (struct scenario){0};
    parser.loader = options->loader;
    parser.is_trial = options->is_trial;
    params_init(&parser.params, &ret->arena, diags, options->defines, options->defines_len);
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
