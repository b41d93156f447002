/* The canonical layout of a scenario file. */
#include "sim/scenario/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/canonical.h"
#include "sim/scenario/lexer.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/utf8.h"

#define COLUMNS_MAX 100u
#define INDENT 4u
/* Deeper blocks are indented no further. */
#define LEVELS_MAX 8u
/* Between a time and its action, and before a comment. */
#define GAP 2u
/* "at 1s..2s": longer ones are no column. */
#define HEAD_MAX 32u
/* Wider statements do not move the comments of the lines around them. */
#define COMMENTED_MAX 72u

enum line_kind {
    LINE_EMPTY,
    LINE_COMMENT,
    LINE_STATEMENT,
    LINE_GOLDEN,
};

struct line {
    enum line_kind kind;
    uint32_t level;           /* of indentation */
    size_t text_at, text_len; /* statement: its canonical text, in layout.text */
    size_t head;              /* bytes of it before the action; 0: they are not set apart */
    uint32_t column;          /* where the action begins, from the indentation; 0: at once */
    uint32_t comment_column;  /* from the start of the line; 0: no comment, or no column */
    const char *raw;          /* comment: from its '#'; golden: the whole line; in the file */
    size_t raw_len;           /* 0: no comment */
};

struct layout {
    struct lexer lexer;
    struct canonical canonical;
    uint32_t level;
    char *text; /* owned; statements one after the other */
    size_t text_len, text_cap;
    struct line *lines; /* owned */
    size_t lines_len, lines_cap;
};

static void *grow(void *list, size_t len, size_t *cap, size_t size)
{
    if (len <= *cap)
        return list;
    *cap = *cap * 2 + len;
    return fatal_realloc_array(list, *cap, size);
}

static void add_line(struct layout *layout, struct line line)
{
    bool is_first = layout->lines_len == 0;

    if (line.kind == LINE_EMPTY &&
        (is_first || layout->lines[layout->lines_len - 1].kind == LINE_EMPTY))
        return;
    layout->lines =
        grow(layout->lines, layout->lines_len + 1, &layout->lines_cap, sizeof(*layout->lines));
    line.level = layout->level < LEVELS_MAX ? layout->level : LEVELS_MAX;
    layout->lines[layout->lines_len++] = line;
}

/* ---- what the file has ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* From @text up to @end, without the blanks at its end. */
static size_t trimmed(const char *text, const char *end)
{
    while (end > text && is_blank(end[-1]))
        end--;
    return (size_t)(end - text);
}

/* Lines without a statement, from @text to @end: empty ones, and comments. */
static void add_gap(struct layout *layout, const char *text, const char *end)
{
    const char *newline;

    for (; text < end; text = newline + 1) {
        newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline)
            newline = end;
        while (text < newline && is_blank(*text))
            text++;
        if (text < newline && *text == '#')
            add_line(layout, (struct line){.kind = LINE_COMMENT,
                                           .raw = text,
                                           .raw_len = trimmed(text, newline)});
        else if (text == newline && newline < end)
            add_line(layout, (struct line){.kind = LINE_EMPTY});
        if (newline == end)
            return;
    }
}

/* The golden lines that follow, with the '|' that the lexer leaves out. */
static void add_golden(struct layout *layout)
{
    struct line line = {.kind = LINE_GOLDEN};
    struct scn_pos ignored;

    while (lexer_golden(&layout->lexer, &line.raw, &line.raw_len, &ignored)) {
        line.raw--;
        line.raw_len++;
        add_line(layout, line);
    }
}

/* Bytes of @text before its blank number @blanks; 0 when they do not make a column. */
static size_t head_of(const char *text, size_t len, unsigned blanks)
{
    for (size_t i = 0; i < len && i <= HEAD_MAX && text[i] != '"'; i++)
        if (text[i] == ' ' && --blanks == 0)
            return i;
    return 0;
}

/* A statement, of which @first is the first token. */
static void add_statement(struct layout *layout, const struct token *first, const char *comment,
                          size_t comment_len)
{
    const struct canonical_text *text = &layout->canonical.written;
    struct line line = {
        .kind = LINE_STATEMENT,
        .text_at = layout->text_len,
        .text_len = text->len,
        .raw = comment,
        .raw_len = comment_len,
    };

    if (text->len == 0) /* nothing but a bad byte, which was said */
        return;
    if (token_is(first, "at") || first->kind == TOKEN_PLUS)
        line.head = head_of(text->bytes, text->len, first->kind == TOKEN_PLUS ? 1 : 2);
    layout->text = grow(layout->text, layout->text_len + text->len, &layout->text_cap, 1);
    memcpy(layout->text + layout->text_len, text->bytes, text->len);
    layout->text_len += text->len;
    if (token_is(first, "end") && layout->level > 0)
        layout->level--;
    add_line(layout, line);
    if (token_is(first, "repeat"))
        layout->level++;
}

static void read_statement(struct layout *layout)
{
    struct lexer *lexer = &layout->lexer;
    struct token first = lexer_next(lexer), token = first;
    const char *after = first.source, *end, *comment;

    canonical_clear(&layout->canonical);
    for (; token.kind != TOKEN_END; token = lexer_next(lexer)) {
        canonical_add(&layout->canonical, &token);
        after = token.source + token.source_len;
    }
    if (first.kind == TOKEN_BAR) /* it would be one at the start of its line */
        diag_error(lexer->diags, first.pos, LEXER_GOLDEN_MISPLACED);
    end = lexer->text + lexer->at;
    comment = memchr(after, '#', (size_t)(end - after));
    add_statement(layout, &first, comment, comment ? trimmed(comment, end) : 0);
    if (token_is(&first, "show"))
        add_golden(layout);
}

/* The whole file. Returns -1 when it has errors. */
static int read_file(struct layout *layout)
{
    struct lexer *lexer = &layout->lexer;
    size_t errors = lexer->diags->errors, at = lexer->at;
    bool more;

    do {
        more = lexer_start(lexer);
        add_gap(layout, lexer->text + at, lexer->text + lexer->at);
        if (more)
            read_statement(layout);
        /* The end of this line belongs to it, and not to what comes after it. */
        at = lexer->at;
        while (more && at < lexer->len && lexer->text[at++] != '\n')
            ;
    } while (more);
    if (layout->lines_len > 0 && layout->lines[layout->lines_len - 1].kind == LINE_EMPTY)
        layout->lines_len--;
    return lexer->diags->errors == errors ? 0 : -1;
}

/* ---- columns ---- */

/* Characters, each of which is a column. */
static uint32_t columns_of(const char *text, size_t len)
{
    uint32_t columns = 0, character;
    size_t step;

    for (size_t i = 0; i < len; i += step ? step : 1, columns++)
        step = utf8_next(text + i, len - i, &character);
    return columns;
}

/* Of the statement, with the blanks before it and before its action. */
static uint32_t width_of(const struct layout *layout, const struct line *line)
{
    uint32_t columns =
        line->level * INDENT + columns_of(layout->text + line->text_at, line->text_len);

    if (line->head > 0)
        columns += line->column - ((uint32_t)line->head + 1);
    return columns;
}

/* How many lines from @line on a rule takes together. */
typedef bool (*line_test)(const struct line *line);

static bool has_head(const struct line *line)
{
    return line->kind == LINE_STATEMENT && line->head > 0;
}

static bool has_comment(const struct line *line)
{
    return line->kind == LINE_STATEMENT && line->raw_len > 0;
}

static size_t run_from(const struct layout *layout, size_t at, line_test test)
{
    size_t end = at;

    while (end < layout->lines_len && test(&layout->lines[end]) &&
           layout->lines[end].level == layout->lines[at].level)
        end++;
    return end;
}

static void set_columns(struct layout *layout)
{
    for (size_t at = 0, end; at<layout->lines_len; at = end> at ? end : at + 1) {
        uint32_t column = 0;

        end = run_from(layout, at, has_head);
        for (size_t i = at; i < end; i++)
            if (layout->lines[i].head + GAP > column)
                column = (uint32_t)layout->lines[i].head + GAP;
        for (size_t i = at; i < end; i++)
            layout->lines[i].column = column;
    }
}

static void set_comment_columns(struct layout *layout)
{
    for (size_t at = 0, end; at<layout->lines_len; at = end> at ? end : at + 1) {
        uint32_t column = 0;

        end = run_from(layout, at, has_comment);
        for (size_t i = at; i < end; i++) {
            uint32_t width = width_of(layout, &layout->lines[i]);

            if (width <= COMMENTED_MAX && width + GAP > column)
                column = width + GAP;
        }
        for (size_t i = at; i < end; i++)
            layout->lines[i].comment_column = column;
    }
}

/* ---- print ---- */

static void print_blanks(FILE *out, uint32_t count)
{
    fprintf(out, "%*s", (int)count, "");
}

/* A blank for each tab. */
static void print_comment(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fputc(text[i] == '\t' ? ' ' : text[i], out);
}

/*
 * Where to break @text, which begins in column @column, so that it and the
 * backslash fit: after a blank or a comma, as late as possible, but not within
 * quotes; @len when it fits as a whole, or has no such place.
 */
static size_t break_of(const char *text, size_t len, uint32_t column)
{
    size_t best = 0, step;
    bool quoted = false;
    uint32_t character;

    for (size_t i = 0; i < len; i += step ? step : 1, column++) {
        if (column >= COLUMNS_MAX && best > 0)
            return best;
        step = utf8_next(text + i, len - i, &character);
        if (text[i] == '"')
            quoted = !quoted;
        /* A blank goes to the end of its line, where " \" takes its place. */
        if (!quoted && text[i] == ' ' && (best == 0 || column + 2 <= COLUMNS_MAX))
            best = i + 1;
        if (!quoted && text[i] == ',' && (best == 0 || column + 3 <= COLUMNS_MAX))
            best = i + 1;
    }
    return len;
}

/* The rest of a statement, from @column on; what does not fit goes into more lines. */
static void print_wrapped(FILE *out, const char *text, size_t len, uint32_t column, uint32_t indent)
{
    size_t end;

    while ((end = break_of(text, len, column)) < len) {
        fwrite(text, 1, trimmed(text, text + end), out);
        fputs(" \\\n", out);
        print_blanks(out, indent);
        column = indent;
        text += end;
        len -= end;
    }
    fwrite(text, 1, len, out);
}

static void print_statement(FILE *out, const struct layout *layout, const struct line *line)
{
    const char *text = layout->text + line->text_at;
    uint32_t indent = line->level * INDENT, column = indent, width = width_of(layout, line);
    size_t len = line->text_len;

    print_blanks(out, indent);
    if (line->head > 0) {
        fwrite(text, 1, line->head, out);
        print_blanks(out, line->column - (uint32_t)line->head);
        column += line->column;
        text += line->head + 1;
        len -= line->head + 1;
    }
    print_wrapped(out, text, len, column, indent + INDENT);
    if (line->raw_len == 0)
        return;
    print_blanks(out, line->comment_column > width ? line->comment_column - width : GAP);
    print_comment(out, line->raw, line->raw_len);
}

static void print_line(FILE *out, const struct layout *layout, const struct line *line)
{
    switch (line->kind) {
    case LINE_EMPTY:
        break;
    case LINE_COMMENT:
        print_blanks(out, line->level * INDENT);
        print_comment(out, line->raw, line->raw_len);
        break;
    case LINE_STATEMENT:
        print_statement(out, layout, line);
        break;
    case LINE_GOLDEN:
        fwrite(line->raw, 1, line->raw_len, out);
        break;
    }
    fputc('\n', out);
}

int format_scenario(FILE *out, struct diags *diags)
{
    static const struct scn_pos nowhere = {0};
    struct layout layout = {0};
    int rc;

    if (diags->sources[0].len > SCN_FILE_BYTES_MAX) {
        diag_error(diags, nowhere, "the file is larger than %" PRIu32 " MiB",
                   SCN_FILE_BYTES_MAX >> 20);
        return -1;
    }
    lexer_init(&layout.lexer, NULL, diags, NULL, 0);
    layout.lexer.as_written = true;
    rc = read_file(&layout);
    if (rc == 0) {
        set_columns(&layout);
        set_comment_columns(&layout);
        for (size_t i = 0; i < layout.lines_len; i++)
            print_line(out, &layout, &layout.lines[i]);
    }
    canonical_release(&layout.canonical);
    free(layout.text);
    free(layout.lines);
    return rc;
}
