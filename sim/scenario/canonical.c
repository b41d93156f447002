/* The canonical text of a statement, its key, and the hash of a scenario. */
#include "sim/scenario/canonical.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "sim/fatal.h"

static void append(struct canonical_text *text, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    if (len > text->cap - text->len) {
        text->cap = (text->cap ? text->cap : 64) * 2 + len;
        text->bytes = fatal_realloc(text->bytes, text->cap);
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

void canonical_release(struct canonical *canonical)
{
    free(canonical->written.bytes);
    free(canonical->filled.bytes);
    free(canonical->all.bytes);
    *canonical = (struct canonical){0};
}

void canonical_clear(struct canonical *canonical)
{
    canonical->written.len = 0;
    canonical->filled.len = 0;
    canonical->last = TOKEN_END;
    canonical->last_is_random = false;
}

static bool glues_to_next(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_END: /* the start of the statement */
    case TOKEN_COMMA:
    case TOKEN_OPEN:
    case TOKEN_NOT:
    case TOKEN_GROUP:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_DOTS:
        return true;
    case TOKEN_BAD:
    case TOKEN_WORD:
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_CLOSE:
    case TOKEN_BAR:
    case TOKEN_STAR:
    case TOKEN_ASSIGN:
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

/* Would they be another token if they stood together? No valid statement has such a pair. */
static bool would_fuse(enum token_kind last, enum token_kind kind)
{
    if (last == TOKEN_PLUS)
        return kind == TOKEN_MINUS || kind == TOKEN_TO;
    if (last == TOKEN_MINUS)
        return kind == TOKEN_GT || kind == TOKEN_GE;
    return last == TOKEN_NOT && (kind == TOKEN_ASSIGN || kind == TOKEN_EQ);
}

static bool is_glued(const struct canonical *canonical, enum token_kind kind)
{
    if (kind == TOKEN_COMMA || kind == TOKEN_CLOSE || kind == TOKEN_DOTS)
        return true;
    if (kind == TOKEN_OPEN && canonical->last_is_random)
        return true;
    return glues_to_next(canonical->last) && !would_fuse(canonical->last, kind);
}

void canonical_add(struct canonical *canonical, const struct token *token)
{
    bool is_string = token->kind == TOKEN_STRING;

    if (!is_glued(canonical, token->kind)) {
        append(&canonical->written, " ", 1);
        append(&canonical->filled, " ", 1);
    }
    append(&canonical->written, token->source, token->source_len);
    append(&canonical->filled, "\"", is_string);
    append(&canonical->filled, token->text, token->len);
    append(&canonical->filled, "\"", is_string);
    canonical->last = token->kind;
    /* As written: the blanks of a key do not depend on the value of a parameter. */
    canonical->last_is_random =
        token->source_len == strlen("random") && memcmp(token->source, "random", 6) == 0;
}

void canonical_keep(struct canonical *canonical)
{
    append(&canonical->all, canonical->filled.bytes, canonical->filled.len);
    append(&canonical->all, "\n", 1);
}

uint64_t canonical_key(struct canonical *canonical, struct arena *arena, const char *text,
                       size_t len)
{
    uint32_t *seen = symbols_at(&canonical->seen, arena, text, len);
    unsigned char number[8] = {0};

    *seen = *seen == SYMBOL_NONE ? 0 : *seen + 1;
    for (int i = 0; i < 4; i++)
        number[i] = (unsigned char)(*seen >> (8 * i) & 0xFF);
    return XXH64(number, sizeof(number), XXH64(text, len, 0));
}

uint64_t canonical_hash(const struct canonical *canonical)
{
    return XXH64(canonical->all.bytes, canonical->all.len, 0);
}
