/* Changes of one line. */
#include "sim/shrink/edit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/value.h"

/* The best story with another text as line @i. */
static struct story with_line(const struct shrink *shrink, size_t i, const char *text)
{
    struct story candidate;

    story_copy(&candidate, &shrink->best);
    story_set(&candidate, i, text, strlen(text));
    return candidate;
}

/* @line with @text in the place of @len bytes at @at; to be freed. */
static char *replaced(const char *line, size_t at, size_t len, const char *text)
{
    size_t size = strlen(line) + strlen(text) + 1;
    char *whole = fatal_alloc(size);

    snprintf(whole, size, "%.*s%s%s", (int)at, line, text, line + at + len);
    return whole;
}

bool edit_line(struct shrink *shrink, size_t i, const char *format, ...)
{
    struct story candidate;
    va_list args, again;
    char *text;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = fatal_alloc((size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    candidate = with_line(shrink, i, text);
    free(text);
    return shrink_try(shrink, &candidate);
}

bool edit_replace(struct shrink *shrink, size_t i, size_t at, size_t len, const char *text)
{
    char *line = replaced(shrink->best.lines[i], at, len, text);
    struct story candidate = with_line(shrink, i, line);

    free(line);
    return shrink_try(shrink, &candidate);
}

bool edit_surer(struct shrink *shrink, size_t i, size_t at, size_t len, const char *text)
{
    char *line = replaced(shrink->best.lines[i], at, len, text);
    struct story candidate = with_line(shrink, i, line);

    free(line);
    return shrink_try_surer(shrink, &candidate);
}

void edit_fill_in(struct story *story, size_t i, const char *name, const char *value)
{
    size_t size, name_len = strlen(name);
    char *text = NULL;
    FILE *out = fatal_memstream(&text, &size);

    for (const char *at = story->lines[i]; *at;) {
        if (strncmp(at, name, name_len) == 0 && !value_is_name_char(at[name_len])) {
            fputs(value, out);
            at += name_len;
        } else {
            fputc(*at++, out);
        }
    }
    fatal_memstream_close(out, &text);
    story_set(story, i, text, strlen(text));
    free(text);
}

bool edit_starts_action(const char *word, size_t len)
{
    for (int kind = SCN_INC; kind <= SCN_FORGE; kind++) {
        const char *text = scn_action_text((enum scn_action_kind)kind);

        if (strlen(text) == len && memcmp(text, word, len) == 0)
            return true;
    }
    return false;
}
