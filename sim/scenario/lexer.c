/* A scenario file as tokens. */
#include "sim/scenario/lexer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/utf8.h"

/* Of a token in a message; the rest is cut. */
#define SHOWN_MAX 40

void lexer_init(struct lexer *lexer, struct arena *arena, struct diags *diags,
                struct params *params, uint32_t file)
{
    *lexer = (struct lexer){
        .text = diags->sources[file].text,
        .len = diags->sources[file].len,
        .file = file,
        .line = 1,
        .col = 1,
        .diags = diags,
        .params = params,
        .arena = arena,
    };
    if (lexer->len >= 3 && memcmp(lexer->text, "\xEF\xBB\xBF", 3) == 0)
        lexer->at = 3;
}

bool token_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->len == strlen(word) &&
           memcmp(token->text, word, token->len) == 0;
}

bool token_is_filled(const struct token *token)
{
    return memchr(token->source, '$', token->source_len) != NULL;
}

char *token_text(char buf[static TOKEN_TEXT_MAX], const struct token *token)
{
    int len = token->len > SHOWN_MAX ? SHOWN_MAX : (int)token->len;
    const char *more = token->len > SHOWN_MAX ? "..." : "";

    if (token->kind == TOKEN_END)
        snprintf(buf, TOKEN_TEXT_MAX, "the end of the line");
    else if (token->kind == TOKEN_STRING)
        snprintf(buf, TOKEN_TEXT_MAX, "a text in quotes");
    else if (token_is_filled(token))
        snprintf(buf, TOKEN_TEXT_MAX, "'%.*s%s' (that is %.*s)", len, token->text, more,
                 token->source_len > SHOWN_MAX ? SHOWN_MAX : (int)token->source_len, token->source);
    else
        snprintf(buf, TOKEN_TEXT_MAX, "'%.*s%s'", len, token->text, more);
    return buf;
}

/* ---- characters ---- */

static bool is_at_end(const struct lexer *lexer)
{
    return lexer->at == lexer->len;
}

/* The byte @ahead of the current one; a line end past the end of the file. */
static char peek(const struct lexer *lexer, size_t ahead)
{
    return ahead < lexer->len - lexer->at ? lexer->text[lexer->at + ahead] : '\n';
}

/* A line ends with LF, CR LF, or the file. */
static bool is_at_line_end(const struct lexer *lexer)
{
    return peek(lexer, 0) == '\n' || (peek(lexer, 0) == '\r' && peek(lexer, 1) == '\n');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct scn_pos pos_here(const struct lexer *lexer, uint32_t columns)
{
    return (struct scn_pos){.line = lexer->line,
                            .col = lexer->col,
                            .col_end = lexer->col + columns,
                            .file = lexer->file};
}

/* For ASCII. */
static void skip(struct lexer *lexer, size_t bytes)
{
    lexer->at += bytes;
    lexer->col += (uint32_t)bytes;
}

static void skip_line_end(struct lexer *lexer)
{
    if (peek(lexer, 0) == '\r')
        lexer->at++;
    if (!is_at_end(lexer))
        lexer->at++;
    lexer->line++;
    lexer->col = 1;
}

__attribute__((format(printf, 3, 4))) static void fail(struct lexer *lexer, struct scn_pos pos,
                                                       const char *format, ...)
{
    char text[256];
    va_list args;

    if (lexer->quiet)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    diag_error(lexer->diags, pos, "%s", text);
}

/* Steps over one character that is no line end. False, after an error, when it may not be there. */
static bool skip_character(struct lexer *lexer)
{
    uint32_t character = 0;
    size_t bytes = utf8_next(lexer->text + lexer->at, lexer->len - lexer->at, &character);
    struct scn_pos pos = pos_here(lexer, 1);
    bool fine = bytes > 0 && !utf8_is_control(character);

    if (!fine && lexer->bad_line != lexer->line) {
        lexer->bad_line = lexer->line;
        if (bytes == 0)
            diag_error(lexer->diags, pos, "byte 0x%02X is no valid UTF-8",
                       (unsigned char)lexer->text[lexer->at]);
        else if (character == '\r')
            diag_error(lexer->diags, pos, "a CR stands only before the end of a line");
        else
            diag_error(lexer->diags, pos, "control character U+%04" PRIX32, character);
    }
    lexer->at += bytes ? bytes : 1;
    lexer->col++;
    return fine;
}

/* A comment goes to the end of its line, whatever is in it, as long as that is text. */
static void skip_comment(struct lexer *lexer)
{
    while (!is_at_line_end(lexer))
        skip_character(lexer);
}

static void skip_blanks(struct lexer *lexer)
{
    while (is_blank(peek(lexer, 0)))
        skip(lexer, 1);
}

/* A backslash that only blanks follow: the statement goes on in the next line. */
static bool skip_continuation(struct lexer *lexer)
{
    struct lexer after = *lexer;

    skip(&after, 1);
    skip_blanks(&after);
    if (!is_at_line_end(&after))
        return false;
    skip_line_end(&after);
    lexer->at = after.at;
    lexer->line = after.line;
    lexer->col = after.col;
    return true;
}

/* To the next token of the statement, or its end. */
static void skip_to_token(struct lexer *lexer)
{
    for (;;) {
        skip_blanks(lexer);
        if (peek(lexer, 0) == '\\' && skip_continuation(lexer)) {
            if (is_at_end(lexer))
                return;
            continue;
        }
        if (peek(lexer, 0) == '#')
            skip_comment(lexer);
        return;
    }
}

bool lexer_start(struct lexer *lexer)
{
    for (;;) {
        skip_to_token(lexer);
        if (is_at_end(lexer))
            return false;
        if (!is_at_line_end(lexer))
            return true;
        skip_line_end(lexer);
    }
}

bool lexer_sees(const struct lexer *lexer, char c)
{
    struct lexer copy = *lexer;

    for (;;) {
        skip_blanks(&copy);
        if (peek(&copy, 0) != '\\' || !skip_continuation(&copy) || is_at_end(&copy))
            return !is_at_end(&copy) && peek(&copy, 0) == c;
    }
}

bool lexer_golden(struct lexer *lexer, const char **ret_text, size_t *ret_len,
                  struct scn_pos *ret_pos)
{
    struct lexer line = *lexer;

    if (is_at_end(&line) || !is_at_line_end(&line))
        return false;
    skip_line_end(&line);
    if (is_at_end(&line) || peek(&line, 0) != '|')
        return false;
    *lexer = line;
    skip(lexer, 1);
    *ret_text = lexer->text + lexer->at;
    while (!is_at_line_end(lexer))
        skip_character(lexer);
    *ret_len = (size_t)(lexer->text + lexer->at - *ret_text);
    *ret_pos = pos_here(&line, lexer->col - line.col);
    return true;
}

/* ---- tokens ---- */

/* What was passed since @start, as a token that stands for itself. */
static struct token token_since(const struct lexer *lexer, const struct lexer *start,
                                enum token_kind kind)
{
    struct token token = {
        .kind = kind,
        .pos = pos_here(start, lexer->col - start->col),
        .source = start->text + start->at,
        .source_len = lexer->at - start->at,
    };

    token.text = token.source;
    token.len = token.source_len;
    return token;
}

static enum token_kind kind_of_value(enum value_type type)
{
    if (type == VALUE_WORD)
        return TOKEN_WORD;
    return type == VALUE_STRING ? TOKEN_STRING : TOKEN_NUMBER;
}

/* Stands for every parameter when none is filled in. */
static const struct param as_written = {.value = "", .type = VALUE_WORD};

/* $name, of which the lexer is at the '$'. NULL when its value is not known. */
static const struct param *lex_param(struct lexer *lexer)
{
    struct lexer start = *lexer;
    const struct param *param;
    const char *name;
    size_t len = 0;

    skip(lexer, 1);
    name = lexer->text + lexer->at;
    if (!value_is_name_start(peek(lexer, 0))) {
        fail(lexer, pos_here(&start, 1), "a '$' goes before the name of a parameter");
        return NULL;
    }
    while (value_is_name_char(peek(lexer, len)))
        len++;
    skip(lexer, len);
    if (len > PARAM_WORD_BYTES_MAX) {
        fail(lexer, pos_here(&start, lexer->col - start.col), "a name has at most %u characters",
             PARAM_WORD_BYTES_MAX);
        return NULL;
    }
    if (lexer->as_written)
        return &as_written;
    param = params_use(lexer->params, name, len);
    if (!param && !lexer->quiet)
        params_unknown(lexer->params, name, len, pos_here(&start, lexer->col - start.col));
    return param && !param->broken ? param : NULL;
}

/* A name that is written as it stands, or put together from pieces of which some are $name. */
struct glue {
    char text[PARAM_WORD_BYTES_MAX];
    size_t len;
    size_t pieces;
    bool over, unknown;
    const struct param *only; /* the last parameter */
};

static void glue_add(struct glue *glue, const char *text, size_t len)
{
    glue->pieces++;
    if (len > sizeof(glue->text) - glue->len) {
        glue->over = true;
        return;
    }
    memcpy(glue->text + glue->len, text, len);
    glue->len += len;
}

static void lex_pieces(struct lexer *lexer, struct glue *glue)
{
    while (value_is_name_char(peek(lexer, 0)) || peek(lexer, 0) == '$') {
        size_t len = 0;

        if (peek(lexer, 0) == '$') {
            glue->only = lex_param(lexer);
            glue->unknown = glue->unknown || !glue->only;
            if (glue->unknown)
                return;
            glue_add(glue, glue->only->value, glue->only->value_len);
            continue;
        }
        while (value_is_name_char(peek(lexer, len)))
            len++;
        glue_add(glue, lexer->text + lexer->at, len);
        skip(lexer, len);
    }
}

static struct token lex_word(struct lexer *lexer)
{
    struct lexer start = *lexer;
    struct glue glue = {0};
    struct token token;

    lex_pieces(lexer, &glue);
    token = token_since(lexer, &start, TOKEN_WORD);
    if (glue.unknown) {
        token.kind = TOKEN_BAD;
        return token;
    }
    if (lexer->as_written && glue.only)
        return token;
    if (glue.pieces == 1 && glue.only) {
        token.kind = kind_of_value(glue.only->type);
        token.text = glue.only->value;
        token.len = glue.only->value_len;
        return token;
    }
    if (glue.over) {
        fail(lexer, token.pos, "a name has at most %u characters", PARAM_WORD_BYTES_MAX);
        token.kind = TOKEN_BAD;
        return token;
    }
    if (!glue.only)
        return token;
    if (!value_is_name(glue.text, glue.len)) {
        fail(lexer, token.pos, "'%.*s' becomes '%.*s', which is not one name",
             token.source_len > SHOWN_MAX ? SHOWN_MAX : (int)token.source_len, token.source,
             glue.len > SHOWN_MAX ? SHOWN_MAX : (int)glue.len, glue.text);
        token.kind = TOKEN_BAD;
        return token;
    }
    token.text = arena_text(lexer->arena, glue.text, glue.len);
    token.len = glue.len;
    return token;
}

static bool is_unit_char(char c)
{
    return value_is_name_char(c) || c == '%' || c == '/';
}

static struct token lex_number(struct lexer *lexer)
{
    struct lexer start = *lexer;
    struct token token;

    while (value_is_digit(peek(lexer, 0)))
        skip(lexer, 1);
    if (peek(lexer, 0) == '.' && value_is_digit(peek(lexer, 1))) {
        skip(lexer, 1);
        while (value_is_digit(peek(lexer, 0)))
            skip(lexer, 1);
    }
    while (is_unit_char(peek(lexer, 0)))
        skip(lexer, 1);
    token = token_since(lexer, &start, TOKEN_NUMBER);
    if (peek(lexer, 0) == '$') {
        fail(lexer, pos_here(lexer, 1), "a '$' can be glued to a name, not to a number");
        token.kind = TOKEN_BAD;
    } else if (peek(lexer, 0) == '.' && peek(lexer, 1) != '.') {
        fail(lexer, pos_here(lexer, 1), "a decimal has digits on both sides of its point");
        token.kind = TOKEN_BAD;
    }
    return token;
}

static struct token lex_string(struct lexer *lexer)
{
    struct lexer start = *lexer;
    struct token token;
    bool fine = true;

    skip(lexer, 1);
    while (fine && peek(lexer, 0) != '"' && peek(lexer, 0) != '$' && !is_at_line_end(lexer))
        fine = skip_character(lexer);
    token = token_since(lexer, &start, TOKEN_BAD);
    if (!fine)
        return token;
    if (peek(lexer, 0) == '$') {
        fail(lexer, pos_here(lexer, 1), "no '$' stands inside quotes");
        return token;
    }
    if (is_at_line_end(lexer)) {
        fail(lexer, pos_here(&start, 1), "this quote is not closed in its line");
        return token;
    }
    skip(lexer, 1);
    token = token_since(lexer, &start, TOKEN_STRING);
    token.text++;
    token.len -= 2;
    if (token.len > PARAM_STRING_BYTES_MAX) {
        fail(lexer, token.pos, "a text in quotes has at most %u bytes", PARAM_STRING_BYTES_MAX);
        token.kind = TOKEN_BAD;
    }
    return token;
}

static const struct mark {
    const char *text;
    enum token_kind kind;
} marks[] = {
    /* Longer ones before those they begin with. */
    {"<->", TOKEN_BOTH}, {"->", TOKEN_TO},   {"..", TOKEN_DOTS},  {"+-", TOKEN_ABOUT},
    {"==", TOKEN_EQ},    {"!=", TOKEN_NE},   {"<=", TOKEN_LE},    {">=", TOKEN_GE},
    {"<", TOKEN_LT},     {">", TOKEN_GT},    {"=", TOKEN_ASSIGN}, {",", TOKEN_COMMA},
    {"(", TOKEN_OPEN},   {")", TOKEN_CLOSE}, {"|", TOKEN_BAR},    {"!", TOKEN_NOT},
    {"@", TOKEN_GROUP},  {"*", TOKEN_STAR},  {"+", TOKEN_PLUS},   {"-", TOKEN_MINUS},
};

/* What begins no token. */
static struct token lex_unexpected(struct lexer *lexer)
{
    struct lexer start = *lexer;
    struct token token;
    uint32_t character = 0;
    char c = peek(lexer, 0);

    token = token_since(lexer, &start, TOKEN_BAD);
    token.pos.col_end++;
    if (!skip_character(lexer))
        return token;
    utf8_next(start.text + start.at, start.len - start.at, &character);
    token = token_since(lexer, &start, TOKEN_BAD);
    if (c == '\\')
        fail(lexer, token.pos, "a backslash continues a line when nothing but blanks follows it");
    else if (c == '\'')
        fail(lexer, token.pos, "texts are written in double quotes");
    else if (c == '/')
        fail(lexer, token.pos, "unexpected character '/'; a comment begins with '#'");
    else if (c == ';')
        fail(lexer, token.pos, "unexpected character ';'; a statement ends with its line");
    else if (c == '%')
        fail(lexer, token.pos, "a '%%' stands right after its number");
    else if (c == '.')
        fail(lexer, token.pos, "a number begins with a digit, and '..' has two points");
    else if (character > 0x7E)
        fail(lexer, token.pos, "unexpected character U+%04" PRIX32, character);
    else
        fail(lexer, token.pos, "unexpected character '%c'", c);
    return token;
}

struct token lexer_next(struct lexer *lexer)
{
    struct lexer start;

    skip_to_token(lexer);
    start = *lexer;
    if (is_at_line_end(lexer)) {
        struct token end = token_since(lexer, &start, TOKEN_END);

        end.pos.col_end++;
        return end;
    }
    if (value_is_name_start(peek(lexer, 0)) || peek(lexer, 0) == '$')
        return lex_word(lexer);
    if (value_is_digit(peek(lexer, 0)))
        return lex_number(lexer);
    if (peek(lexer, 0) == '"')
        return lex_string(lexer);
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t len = strlen(marks[i].text), same = 0;

        while (same < len && peek(lexer, same) == marks[i].text[same])
            same++;
        if (same == len) {
            skip(lexer, len);
            return token_since(lexer, &start, marks[i].kind);
        }
    }
    return lex_unexpected(lexer);
}
