/* Scenarios as lists of statements. */
#include "sim/shrink/story.h"

#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/canonical.h"
#include "sim/scenario/lexer.h"
#include "sim/scenario/value.h"

/* A "random" is as bad as so many bytes more. */
#define CHANCE_BYTES 8u

static char *copy_of(const char *text, size_t len)
{
    char *copy = fatal_alloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void story_insert(struct story *story, size_t at, const char *text, size_t len)
{
    if (story->len == story->cap) {
        story->cap = story->cap ? story->cap * 2 : 64;
        story->lines = fatal_realloc_array(story->lines, story->cap, sizeof(*story->lines));
    }
    memmove(story->lines + at + 1, story->lines + at, (story->len - at) * sizeof(*story->lines));
    story->lines[at] = copy_of(text, len);
    story->len++;
}

void story_add(struct story *story, const char *text, size_t len)
{
    story_insert(story, story->len, text, len);
}

void story_set(struct story *story, size_t at, const char *text, size_t len)
{
    char *copy = copy_of(text, len); /* @text may be part of the line */

    free(story->lines[at]);
    story->lines[at] = copy;
}

void story_remove(struct story *story, size_t at, size_t len)
{
    for (size_t i = at; i < at + len; i++)
        free(story->lines[i]);
    story->len -= len;
    memmove(story->lines + at, story->lines + at + len, (story->len - at) * sizeof(*story->lines));
}

void story_copy(struct story *ret, const struct story *from)
{
    *ret = (struct story){
        .lines = fatal_calloc(from->len, sizeof(*ret->lines)), .len = from->len, .cap = from->len};
    for (size_t i = 0; i < from->len; i++)
        ret->lines[i] = copy_of(from->lines[i], strlen(from->lines[i]));
}

void story_release(struct story *story)
{
    for (size_t i = 0; i < story->len; i++)
        free(story->lines[i]);
    free(story->lines);
    *story = (struct story){0};
}

void story_print(FILE *out, const struct story *story)
{
    for (size_t i = 0; i < story->len; i++)
        fprintf(out, "%s\n", story->lines[i]);
}

size_t story_statements(const struct story *story)
{
    size_t count = 0;

    for (size_t i = 0; i < story->len; i++)
        count += !line_is(story->lines[i], "scn") && !line_is(story->lines[i], "fix");
    return count;
}

size_t story_pins(const struct story *story)
{
    size_t count = 0;

    for (size_t i = 0; i < story->len; i++)
        count += line_is(story->lines[i], "fix");
    return count;
}

/* ---- from a scenario ---- */

struct reading {
    struct story *story;
    const struct scenario *scn;
    const struct diags *sources;
    struct diags errors; /* of which there are none: all of it was parsed */
    struct arena arena;
    uint32_t next; /* of the sources, which are in the order of their includes */
};

static const char *value_in_force(const struct scenario *scn, const struct token *name)
{
    for (size_t i = 0; i < scn->params_len; i++)
        if (token_is(name, scn->params[i].name))
            return scn->params[i].value;
    return NULL;
}

/* "param x = 3" and "sweep x = 3, 4", with the value that x has. */
static void add_param(struct reading *reading, struct lexer *lexer)
{
    struct token name = lexer_next(lexer), value;
    const char *text = value_in_force(reading->scn, &name);
    const char *quote;
    char *line;
    size_t size;

    lexer_next(lexer); /* the '=' */
    value = lexer_next(lexer);
    while (lexer_next(lexer).kind != TOKEN_END)
        ;
    if (!text)
        return; /* never: it was parsed */
    quote = value.kind == TOKEN_STRING ? "\"" : "";
    size = name.len + strlen(text) + sizeof("param  = \"\"");
    line = fatal_alloc(size);
    snprintf(line, size, "param %.*s = %s%s%s", (int)name.len, name.text, quote, text, quote);
    story_add(reading->story, line, strlen(line));
    free(line);
}

static void read_source(struct reading *reading, uint32_t source);

static void read_statement(struct reading *reading, struct lexer *lexer,
                           struct canonical *canonical)
{
    struct token first = lexer_next(lexer), token = first;
    bool is_show = token_is(&first, "show");

    if (token_is(&first, "param") || token_is(&first, "sweep")) {
        add_param(reading, lexer);
        return;
    }
    canonical_clear(canonical);
    for (; token.kind != TOKEN_END; token = lexer_next(lexer))
        canonical_add(canonical, &token);
    if (token_is(&first, "include"))
        read_source(reading, reading->next++);
    else if (!token_is(&first, "seed") && !token_is(&first, "seeds") &&
             (!token_is(&first, "scn") || reading->story->len == 0))
        story_add(reading->story, canonical->written.bytes, canonical->written.len);
    if (is_show) {
        const char *golden;
        size_t len;
        struct scn_pos pos;

        while (lexer_golden(lexer, &golden, &len, &pos))
            ;
    }
}

static void read_source(struct reading *reading, uint32_t source)
{
    struct canonical canonical = {0};
    struct lexer lexer;

    lexer_init(&lexer, &reading->arena, &reading->errors, NULL, source);
    lexer.as_written = true;
    while (lexer_start(&lexer))
        read_statement(reading, &lexer, &canonical);
    canonical_release(&canonical);
}

void story_of_scenario(struct story *ret, const struct scenario *scn, const struct diags *sources)
{
    struct reading reading = {.story = ret, .scn = scn, .sources = sources, .next = 1};

    *ret = (struct story){0};
    diags_init(&reading.errors, sources->sources[0].name, sources->sources[0].text,
               sources->sources[0].len);
    for (size_t i = 1; i < sources->sources_len; i++)
        diags_add_source(&reading.errors, &sources->sources[i]);
    read_source(&reading, 0);
    diags_release(&reading.errors);
    arena_release(&reading.arena);
}

/* ---- lines ---- */

bool line_is(const char *line, const char *word)
{
    size_t len = strlen(word);

    return strncmp(line, word, len) == 0 && (line[len] == ' ' || line[len] == '\0');
}

bool line_claims(const char *line)
{
    return line_is(line, "expect") || line_is(line, "always") || line_is(line, "never") ||
           line_is(line, "sometimes") || line_is(line, "show");
}

bool line_has_name(const char *line, const char *name, size_t len)
{
    for (size_t at = 0; line[at]; at++) {
        size_t end = at;

        while (value_is_name_char(line[end]))
            end++;
        if (end == at)
            continue;
        if (end - at == len && memcmp(line + at, name, len) == 0)
            return true;
        at = end - 1;
    }
    return false;
}

size_t line_words(const char *line, struct word ret[static WORDS_MAX])
{
    size_t count = 0, at = 0;

    while (line[at] && count < WORDS_MAX) {
        size_t len = strcspn(line + at, " ");

        ret[count++] = (struct word){at, len};
        at += len + (line[at + len] == ' ');
    }
    return count;
}

/* What is left to chance has to be understood twice. */
static uint64_t chance_of(const char *line)
{
    uint64_t count = 0;

    for (const char *at = strstr(line, "random"); at; at = strstr(at + 1, "random"))
        count++;
    return count;
}

struct story_cost story_cost(const struct story *story)
{
    struct story_cost cost = {.statements = story->len};

    for (size_t i = 0; i < story->len; i++) {
        cost.bytes += strlen(story->lines[i]) + CHANCE_BYTES * chance_of(story->lines[i]);
        for (const char *at = story->lines[i]; *at; at++)
            if (value_is_digit(*at))
                cost.digits += (uint64_t)(*at - '0');
    }
    return cost;
}

bool story_cheaper(const struct story *a, const struct story *b)
{
    struct story_cost x = story_cost(a), y = story_cost(b);

    if (x.statements != y.statements)
        return x.statements < y.statements;
    if (x.bytes != y.bytes)
        return x.bytes < y.bytes;
    return x.digits < y.digits;
}
