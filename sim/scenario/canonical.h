/*
 * The canonical text of a statement: its tokens, with exactly one blank between
 * two of them except where the language writes them together (n1,n2 5ms..9ms
 * random(2) !n3 @eu +1s -5), without comments. It is kept twice: as written, for
 * the key of the statement, and with parameters filled in, for the scenario's
 * hash and for messages.
 */
#ifndef DC_SIM_SCENARIO_CANONICAL_H
#define DC_SIM_SCENARIO_CANONICAL_H

#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/scenario/lexer.h"
#include "sim/scenario/symbols.h"

struct canonical_text {
    char *bytes; /* owned */
    size_t len, cap;
};

/* A zeroed one is empty. */
struct canonical {
    struct canonical_text written, filled; /* of the statement so far */
    enum token_kind last;
    bool last_is_random;
    struct symbols seen;       /* how often each text was the text of a statement */
    struct canonical_text all; /* the statements that are done, filled in, one a line */
};

void canonical_release(struct canonical *canonical);

/* A new statement begins. */
void canonical_clear(struct canonical *canonical);

/* Appends a token. */
void canonical_add(struct canonical *canonical, const struct token *token);

/* The statement is done and valid: it is part of the hash. */
void canonical_keep(struct canonical *canonical);

/*
 * XXH64 of @text (seed 0), mixed with how many statements of the same text came
 * before: a statement keeps its key whatever stands around it.
 */
uint64_t canonical_key(struct canonical *canonical, struct arena *arena, const char *text,
                       size_t len);

/* XXH64 (seed 0) of all statements that were kept, each with a line feed after it. */
uint64_t canonical_hash(const struct canonical *canonical);

#endif
