/* One token of lookahead, and what goes wrong with it. */
#include "sim/scenario/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/words.h"

int parse_fail(struct parser *p, struct scn_pos pos, const char *format, ...)
{
    char text[512];
    va_list args;

    if (p->said)
        return -1;
    p->said = true;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    diag_error(p->diags, pos, "%s", text);
    return -1;
}

int parse_expected(struct parser *p, const char *what)
{
    char found[TOKEN_TEXT_MAX];
    bool is_sign = p->tok.kind == TOKEN_PLUS || p->tok.kind == TOKEN_MINUS;

    return parse_fail(p, p->tok.pos, "expected %s, found %s%s", what, token_text(found, &p->tok),
                      is_sign ? "; a sign stands only before the value of a comparison" : "");
}

int parse_unknown(struct parser *p, const char *what, const char *const *words,
                  const char *expected)
{
    char found[TOKEN_TEXT_MAX];
    const char *near;
    uint64_t node;

    /* A word that is known stands in the wrong place; any other may be mistyped. */
    if (p->tok.kind != TOKEN_WORD || word_is_keyword(p->tok.text, p->tok.len) ||
        value_numbered('n', p->tok.text, p->tok.len, &node) != 0)
        return parse_expected(p, expected);
    token_text(found, &p->tok);
    near = diag_nearest(p->tok.text, p->tok.len, words);
    if (near)
        return parse_fail(p, p->tok.pos, "unknown %s %s; did you mean '%s'?", what, found, near);
    return parse_fail(p, p->tok.pos, "unknown %s %s; expected %s", what, found, expected);
}

void parse_advance(struct parser *p)
{
    if (p->tok.kind != TOKEN_END) {
        canonical_add(&p->canonical, &p->tok);
        p->last = p->tok;
    }
    p->tok = lexer_next(&p->lexer);
    if (p->tok.kind == TOKEN_BAD)
        p->said = true;
    /* What is missing is missing right after the last token, not after a comment. */
    if (p->tok.kind == TOKEN_END && p->last.kind != TOKEN_END)
        p->tok.pos = (struct scn_pos){
            .line = p->last.pos.line,
            .col = p->last.pos.col_end,
            .col_end = p->last.pos.col_end + 1,
            .file = p->last.pos.file,
        };
}

bool parse_sees(const struct parser *p, const char *word)
{
    return token_is(&p->tok, word);
}

bool parse_take(struct parser *p, const char *word)
{
    if (!parse_sees(p, word))
        return false;
    parse_advance(p);
    return true;
}

bool parse_take_kind(struct parser *p, enum token_kind kind)
{
    if (p->tok.kind != kind)
        return false;
    parse_advance(p);
    return true;
}

size_t parse_take_of(struct parser *p, const char *const *words)
{
    size_t index = WORD_NONE;

    if (p->tok.kind == TOKEN_WORD)
        index = word_find(words, p->tok.text, p->tok.len);
    if (index != WORD_NONE)
        parse_advance(p);
    return index;
}

int parse_need(struct parser *p, const char *word)
{
    const char *const words[] = {word, NULL};
    char quoted[64];

    if (parse_take(p, word))
        return 0;
    snprintf(quoted, sizeof(quoted), "'%s'", word);
    return parse_unknown(p, "word", words, quoted);
}

int parse_end(struct parser *p)
{
    if (p->tok.kind == TOKEN_END)
        return p->said ? -1 : 0;
    if (parse_sees(p, "as"))
        return parse_fail(
            p, p->tok.pos,
            "no NAME stands here; 'as' goes at the end of a partition, a hold or a crash, or "
            "behind the 'for' of a clock, a disk or a memory");
    return parse_expected(p, "the end of the statement");
}

int parse_end_near(struct parser *p, const char *const *words)
{
    if (p->tok.kind == TOKEN_WORD && diag_nearest(p->tok.text, p->tok.len, words))
        return parse_unknown(p, "word", words, "the end of the statement");
    return parse_end(p);
}

struct scn_pos parse_since(const struct parser *p, struct scn_pos start)
{
    if (p->last.kind != TOKEN_END && p->last.pos.line == start.line &&
        p->last.pos.col_end > start.col)
        start.col_end = p->last.pos.col_end;
    return start;
}

const char *parse_text_since(struct parser *p, size_t from)
{
    const char *bytes = p->canonical.filled.bytes + from;
    size_t len = p->canonical.filled.len - from;
    char *text;

    if (len > 0 && bytes[0] == ' ') {
        bytes++;
        len--;
    }
    if (len <= PARSE_SEL_TEXT_MAX)
        return arena_text(p->arena, bytes, len);
    text = arena_text(p->arena, bytes, PARSE_SEL_TEXT_MAX + 3);
    memcpy(text + PARSE_SEL_TEXT_MAX, "...", 3);
    return text;
}
