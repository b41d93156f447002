/* Errors of a scenario file, in the form that compilers use. */
#include "sim/scenario/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/utf8.h"
#include "sim/text.h"

/* Of a line that is cut, this much is shown before the caret. */
#define SHOWN_BEFORE 60u
/* Longer words are typed by no one, so none is near them. */
#define NEAREST_BYTES_MAX 32u
/* Of more words than this only the first are looked at: a bound on the work for one error. */
#define NEAREST_WORDS_MAX 1000u
/* How a message ends that guesses what was meant. */
#define DIAG_GUESS "; did you mean"

void diags_init(struct diags *diags, const char *name, const char *text, size_t text_len)
{
    const char *slash = strrchr(name, '/');
    const struct diag_source source = {
        .name = name, .path = slash ? slash + 1 : name, .text = text, .len = text_len};

    *diags = (struct diags){0};
    diags_add_source(diags, &source);
}

uint32_t diags_add_source(struct diags *diags, const struct diag_source *source)
{
    if (diags->sources_len == diags->sources_cap) {
        diags->sources_cap = diags->sources_cap ? diags->sources_cap * 2 : 4;
        diags->sources =
            fatal_realloc_array(diags->sources, diags->sources_cap, sizeof(*diags->sources));
    }
    diags->sources[diags->sources_len] = *source;
    return (uint32_t)diags->sources_len++;
}

const char *diags_name(const struct diags *diags, struct scn_pos pos)
{
    return diags->sources[pos.file].name;
}

char *diags_place(char buf[static DIAG_PLACE_MAX], const struct diags *diags, struct scn_pos pos,
                  struct scn_pos from)
{
    if (pos.file == from.file)
        snprintf(buf, DIAG_PLACE_MAX, "line %" PRIu32, pos.line);
    else
        snprintf(buf, DIAG_PLACE_MAX, "line %" PRIu32 " of %s", pos.line, diags_name(diags, pos));
    return buf;
}

void diags_release(struct diags *diags)
{
    for (size_t i = 0; i < diags->len; i++)
        free(diags->list[i].text);
    free(diags->list);
    free(diags->sources);
    *diags = (struct diags){0};
}

static void add(struct diags *diags, struct diag diag, const char *format, va_list args)
{
    va_list again;
    int len;

    if (diags->len == DIAG_MAX)
        return;
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        fatal("a message that cannot be printed");
    diag.text = fatal_alloc((size_t)len + 1);
    vsnprintf(diag.text, (size_t)len + 1, format, args);
    if (diags->len == diags->cap) {
        diags->cap = diags->cap ? diags->cap * 2 : 8;
        diags->list = fatal_realloc_array(diags->list, diags->cap, sizeof(*diags->list));
    }
    diags->list[diags->len++] = diag;
}

void diag_error(struct diags *diags, struct scn_pos pos, const char *format, ...)
{
    va_list args;

    diags->errors++;
    va_start(args, format);
    add(diags, (struct diag){.pos = pos}, format, args);
    va_end(args);
}

void diag_warning(struct diags *diags, struct scn_pos pos, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(diags, (struct diag){.pos = pos, .warning = true}, format, args);
    va_end(args);
}

void diag_go_on(struct diags *diags, const char *text)
{
    struct diag *diag = &diags->list[diags->len - 1];
    const char *guess = strstr(diag->text, DIAG_GUESS);
    size_t len = guess ? (size_t)(guess - diag->text) : strlen(diag->text), more = strlen(text);

    diag->text = fatal_realloc(diag->text, len + 2 + more + 1);
    memcpy(diag->text + len, "; ", 2);
    memcpy(diag->text + len + 2, text, more + 1);
}

bool diags_are_full(const struct diags *diags)
{
    return diags->len == DIAG_MAX;
}

/* ---- the source line ---- */

/* Part of a file: what is between two line ends, or what is shown of that. */
struct span {
    const char *start, *end;
};

/* Where a search for a line may start, so that sorted messages read the file once. */
struct cursor {
    const struct diag_source *source;
    uint32_t line;
    const char *at;
};

static struct cursor cursor_at_start(const struct diag_source *source)
{
    const char *at = source->text;

    if (source->len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    return (struct cursor){.source = source, .line = 1, .at = at};
}

/* The text of line @line without its end. Empty when the file has no such line. */
static struct span line_find(struct cursor *cursor, uint32_t line)
{
    const struct diag_source *source = cursor->source;
    const char *end = source->len ? source->text + source->len : source->text;
    const char *newline;
    struct span span;

    while (cursor->line < line && cursor->at < end) {
        newline = memchr(cursor->at, '\n', (size_t)(end - cursor->at));
        cursor->at = newline ? newline + 1 : end;
        cursor->line++;
    }
    span = (struct span){.start = cursor->at, .end = cursor->at};
    if (cursor->at == end)
        return span;
    newline = memchr(cursor->at, '\n', (size_t)(end - cursor->at));
    span.end = newline ? newline : end;
    while (span.end > span.start && strchr("\r\t ", span.end[-1]) && span.end[-1] != '\0')
        span.end--;
    return span;
}

/* One character, or one byte that is none. */
static size_t step(struct span span, uint32_t *ret)
{
    size_t len = utf8_next(span.start, (size_t)(span.end - span.start), ret);

    if (len == 0) {
        *ret = 0;
        return 1;
    }
    return len;
}

static void print_shown(FILE *out, struct span span)
{
    while (span.start < span.end) {
        uint32_t character;
        size_t len = step(span, &character);

        if (character == '\t')
            fputc(' ', out);
        else if (utf8_is_shown(character))
            fwrite(span.start, 1, len, out);
        else
            fputc('?', out);
        span.start += len;
    }
}

/* The byte at which column @col (from 1) begins; the end when the line is shorter. */
static const char *column_find(struct span line, uint32_t col)
{
    uint32_t character;

    for (uint32_t at = 1; at < col && line.start < line.end; at++)
        line.start += step(line, &character);
    return line.start;
}

static uint32_t columns_between(const char *start, const char *end)
{
    struct span span = {.start = start, .end = end};
    uint32_t columns = 0, character;

    while (span.start < span.end) {
        span.start += step(span, &character);
        columns++;
    }
    return columns;
}

/* A window of DIAG_LINE_SHOWN bytes on a long line, with the caret in it. */
static struct span window_around(struct span line, const char *caret)
{
    struct span shown = line;

    if (line.end - line.start <= (ptrdiff_t)DIAG_LINE_SHOWN)
        return line;
    if (caret - line.start > (ptrdiff_t)SHOWN_BEFORE)
        shown.start = caret - SHOWN_BEFORE;
    if (line.end - shown.start < (ptrdiff_t)DIAG_LINE_SHOWN)
        shown.start = line.end - DIAG_LINE_SHOWN;
    while (shown.start > line.start && ((unsigned char)*shown.start & 0xC0) == 0x80 &&
           shown.start < caret)
        shown.start++;
    if (line.end - shown.start > (ptrdiff_t)DIAG_LINE_SHOWN)
        shown.end = shown.start + DIAG_LINE_SHOWN;
    while (shown.end < line.end && ((unsigned char)*shown.end & 0xC0) == 0x80 && shown.end > caret)
        shown.end--;
    return shown;
}

static void print_caret(FILE *out, uint32_t before, uint32_t width, const char *label)
{
    fprintf(out, "      | %*s^", (int)before, "");
    for (uint32_t i = 1; i < width; i++)
        fputc('~', out);
    if (label && label[0])
        fprintf(out, " %s", label);
    fputc('\n', out);
}

static void print_line(FILE *out, struct span line, struct scn_pos pos, const char *label)
{
    const char *caret = column_find(line, pos.col);
    uint32_t beyond = pos.col - 1 - columns_between(line.start, caret);
    struct span shown = window_around(line, caret);
    const char *caret_end = column_find((struct span){.start = caret, .end = shown.end},
                                        pos.col_end > pos.col ? pos.col_end - pos.col + 1 : 2);
    bool cut = shown.start > line.start;

    fprintf(out, "%5" PRIu32 " |%s%s", pos.line, shown.start < shown.end ? " " : "",
            cut ? "..." : "");
    print_shown(out, shown);
    fputs(shown.end < line.end ? "...\n" : "\n", out);
    /* A place after the end of the line has blanks that were trimmed before it. */
    print_caret(out,
                (cut ? 3 : 0) + columns_between(shown.start, caret) + (beyond > 200 ? 0 : beyond),
                columns_between(caret, caret_end), label);
}

static void show(FILE *out, struct cursor *cursor, struct scn_pos pos, const char *severity,
                 const char *text, const char *label)
{
    text_print(out, "%s", cursor->source->name);
    if (pos.line > 0)
        fprintf(out, ":%" PRIu32 ":%" PRIu32, pos.line, pos.col);
    fprintf(out, ": %s: ", severity);
    print_shown(out, (struct span){.start = text, .end = text + strlen(text)});
    if (pos.line == 0 && label && label[0])
        fprintf(out, "; %s", label);
    fputc('\n', out);
    if (pos.line > 0)
        print_line(out, line_find(cursor, pos.line), pos, label);
}

void diag_show(FILE *out, const struct diags *source, struct scn_pos pos, const char *severity,
               const char *text, const char *label)
{
    struct cursor cursor = cursor_at_start(&source->sources[pos.file]);

    show(out, &cursor, pos, severity, text, label);
}

const char *diags_text_at(const struct diags *diags, struct scn_pos pos, size_t *ret_len)
{
    const struct diag_source *source = &diags->sources[pos.file];
    struct cursor cursor = cursor_at_start(source);
    const char *at = column_find(line_find(&cursor, pos.line), pos.col);

    *ret_len = source->len ? (size_t)(source->text + source->len - at) : 0;
    return at;
}

/* ---- all of them ---- */

static bool is_before(const struct diag *a, const struct diag *b)
{
    if (a->pos.file != b->pos.file)
        return a->pos.file < b->pos.file;
    if (a->pos.line != b->pos.line)
        return a->pos.line < b->pos.line;
    return a->pos.col < b->pos.col;
}

/* By insertion: there are at most DIAG_MAX, and those of one place keep their order. */
static void sort(struct diags *diags)
{
    for (size_t i = 1; i < diags->len; i++) {
        struct diag diag = diags->list[i];
        size_t at = i;

        for (; at > 0 && is_before(&diag, &diags->list[at - 1]); at--)
            diags->list[at] = diags->list[at - 1];
        diags->list[at] = diag;
    }
}

void diags_print(FILE *out, struct diags *diags)
{
    struct cursor cursor = cursor_at_start(&diags->sources[0]);
    size_t shown = 0;

    sort(diags);
    for (size_t i = 0; i < diags->len; i++) {
        const struct diag *diag = &diags->list[i];

        shown += !diag->warning;
        if (cursor.source != &diags->sources[diag->pos.file])
            cursor = cursor_at_start(&diags->sources[diag->pos.file]);
        show(out, &cursor, diag->pos, diag->warning ? "warning" : "error", diag->text, NULL);
    }
    if (diags->errors > shown)
        text_print(out, "%s: %zu more errors are not shown\n", diags->sources[0].name,
                   diags->errors - shown);
}

/* ---- the nearest word ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Letters put in, left out, changed, or swapped with their neighbour, to get from @a to @b; a
 * capital is like its small letter. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAREST_BYTES_MAX + 2];

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3], *last = rows[(i - 1) % 3], *older = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = least(least(now[j - 1], last[j]) + 1,
                           last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], older[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *diag_nearest(const char *word, size_t len, const char *const *words)
{
    const char *nearest = NULL;
    size_t limit = len / 3 > 1 ? len / 3 : 1;

    if (len == 0 || len > NEAREST_BYTES_MAX)
        return NULL;
    for (size_t i = 0; words[i] && i < NEAREST_WORDS_MAX; i++) {
        size_t word_len = strlen(words[i]), apart;

        if (word_len > NEAREST_BYTES_MAX || word_len > len + limit || word_len + limit < len)
            continue;
        apart = distance(word, len, words[i], word_len);
        /* As many changes as letters: another word, not this one mistyped. */
        if (apart > limit || apart >= len)
            continue;
        nearest = words[i];
        if (apart == 0)
            break;
        limit = apart - 1; /* only nearer ones from here on */
    }
    return nearest;
}
