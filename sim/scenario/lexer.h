/*
 * A scenario file as tokens, one statement at a time, with $name replaced by the
 * value of the parameter, also where it is glued to a name (n$k).
 */
#ifndef DC_SIM_SCENARIO_LEXER_H
#define DC_SIM_SCENARIO_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/scenario/diag.h"
#include "sim/scenario/params.h"

enum token_kind {
    TOKEN_END,    /* of the statement */
    TOKEN_BAD,    /* no token; the error is said already */
    TOKEN_WORD,   /* a name */
    TOKEN_NUMBER, /* begins with a digit; unit included */
    TOKEN_STRING, /* text without the quotes */
    TOKEN_COMMA,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_BAR,
    TOKEN_NOT,   /* ! */
    TOKEN_GROUP, /* @ */
    TOKEN_STAR,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_ASSIGN, /* = */
    TOKEN_DOTS,   /* .. */
    TOKEN_TO,     /* -> */
    TOKEN_BOTH,   /* <-> */
    TOKEN_ABOUT,  /* +- */
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
};

struct token {
    enum token_kind kind;
    struct scn_pos pos;
    const char *text; /* parameters filled in; in the file or the arena; not terminated */
    size_t len;
    const char *source; /* as written, in the file */
    size_t source_len;
};

struct lexer {
    const char *text;
    size_t len, at;
    uint32_t line, col;
    uint32_t file; /* of which source */
    struct diags *diags;
    struct params *params;
    struct arena *arena;
    bool quiet;        /* errors of tokens are not said; those of bytes are */
    bool as_written;   /* $name stays $name, whatever it stands for; @params is not asked */
    uint32_t bad_line; /* the last line with a bad byte: one error for each line */
};

/* At the first character of source @file; a byte order mark is skipped. */
void lexer_init(struct lexer *lexer, struct arena *arena, struct diags *diags,
                struct params *params, uint32_t file);

/* Moves to the next statement, past empty lines and comments. False at the end of the file. */
bool lexer_start(struct lexer *lexer);

/* The next token; TOKEN_END again and again once the statement is over. */
struct token lexer_next(struct lexer *lexer);

/*
 * Is the next character, after blanks, this one? The second token of lookahead
 * that only "random(" needs.
 */
bool lexer_sees(const struct lexer *lexer, char c);

/* What is said about a statement that begins with TOKEN_BAR. */
#define LEXER_GOLDEN_MISPLACED                                                                     \
    "golden lines stand right after a 'show', each with its '|' at the start of the line"

/*
 * After a statement: the next line, when its first character is '|', without
 * that and its end. Moves behind it and returns true; else nothing happens.
 * A byte in it that is no text is an error, and the line is taken all the same.
 */
bool lexer_golden(struct lexer *lexer, const char **ret_text, size_t *ret_len,
                  struct scn_pos *ret_pos);

bool token_is(const struct token *token, const char *word);

/* Was a parameter filled in? */
bool token_is_filled(const struct token *token);

#define TOKEN_TEXT_MAX 128u
/* For messages: "'5s'", "'5s' (that is $t)", "the end of the line". Returns @buf. */
char *token_text(char buf[static TOKEN_TEXT_MAX], const struct token *token);

#endif
