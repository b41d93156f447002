/*
 * Inside of the parser: what its parts share. One token of lookahead, one
 * function for each rule of the grammar, errors said where they are found; a
 * function that returns -1 has said why, and its statement is given up.
 */
#ifndef DC_SIM_SCENARIO_PARSE_H
#define DC_SIM_SCENARIO_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/scenario/canonical.h"
#include "sim/scenario/diag.h"
#include "sim/scenario/lexer.h"
#include "sim/scenario/params.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/symbols.h"
#include "sim/scenario/value.h"

/* Brackets and "of" within each other, and groups of groups: whoever walks a selector recurses. */
#define PARSE_DEPTH_MAX 64u
/* Terms of all selectors of a file, as written, and with each @group counted as what it has. */
#define PARSE_TERMS_MAX 1000000u
#define PARSE_TERMS_SPELLED_MAX (UINT32_C(16) << 20)
/* Of sel.text, which is for messages; longer ones end with "...". */
#define PARSE_SEL_TEXT_MAX 200u

/* What a selector comes to, as far as its text shows. */
struct sel_cost {
    uint64_t terms; /* with groups spelled out */
    uint32_t depth;
    bool drawn; /* names up, down or random: which nodes, only the run knows */
};

struct group {
    const char *name;
    const struct scn_sel *sel; /* empty while broken */
    struct sel_cost cost;
    struct scn_pos pos; /* of its declaration; line 0: none so far */
    bool assumed;       /* used before any declaration, which was said */
    bool used;          /* as @name */
};

/* What may stand after "as", where it was given, and who refers to it. */
struct name {
    const char *text;
    bool given, broken; /* broken: what gave it has an error, so its kind is not known */
    bool unknown_said;
    struct scn_pos pos; /* where it was given; line 0: not so far */
    uint32_t stmt;
    enum scn_action_kind kind; /* of the action that it names */
};

struct name_use {
    uint32_t name;
    struct scn_pos pos;
    bool any; /* within: a NAME of any kind */
    enum scn_action_kind kind;
};

/* A node that is named before the file says how many there are. */
struct node_use {
    uint64_t last;
    struct scn_pos pos;
};

/* A repeat that has no end yet. */
struct block {
    uint32_t stmt; /* UINT32_MAX while its statement has an error */
    struct scn_pos pos;
    uint64_t turns;
    uint64_t firings;  /* of one of its statements, repeats around it counted */
    uint64_t after_ns; /* the latest time at which its first turn begins */
    uint64_t outer_latest_ns;
    size_t misplaced; /* p->misplaced from here on are in it */
};

/* A statement that may not stand in a repeat, if it is one: that its end is missing is likelier. */
struct misplaced {
    struct scn_pos pos;
    bool is_at;
};

struct fix {
    struct scn_fix fix;
    struct scn_pos pos;
};

/* A time of an expectation, which must not be later than the stop. */
struct deadline {
    uint64_t ns;
    struct scn_pos pos;
    bool is_sum; /* of "within T of TIME" */
};

/* How a statement is read; the table is in parser.c. */
struct statement;

struct parser {
    const struct scn_loader *loader;
    bool is_trial;
    struct scenario *scn;
    struct arena *arena;
    struct diags *diags;
    struct lexer lexer;
    struct params params;
    struct canonical canonical;

    /* the statement at hand */
    struct token tok;     /* the lookahead */
    struct token last;    /* the one before it; TOKEN_END when there is none */
    bool said;            /* its error is said: the rest of it is passed over */
    bool ranged;          /* the last number was a range */
    enum value_type type; /* of the last number */
    bool node_missing;    /* it names a node that does not exist, which was said */
    struct node_use node; /* the largest one it names, while the file has not said how many */
    uint64_t after_ns;    /* the latest time of the "at" or "+" before */
    uint64_t base_ns;     /* the latest time at which its action can begin */
    uint64_t latest_ns;   /* the latest time that this turn of the innermost repeat comes to */
    struct token include; /* the file that it includes; TOKEN_END when it does not */
    const struct statement *statement; /* NULL while not known */

    /* what the file has so far */
    struct scn_stmt *stmts;
    size_t stmts_len, stmts_cap;
    size_t count;                                 /* statements of any kind, of all files */
    size_t file_count;                            /* of the file at hand */
    bool scn_missing;                             /* at its start, which was said */
    struct scn_pos nodes_pos, stop_pos, seed_pos; /* line 0: none so far */
    bool nodes_known, stop_known;
    struct scn_pos quiet_pos; /* line 0: none so far */

    uint32_t including[SCN_INCLUDE_DEPTH_MAX]; /* sources, the one at hand last */
    uint32_t including_len;
    size_t bytes; /* of all files */
    struct block blocks[SCN_REPEAT_DEPTH_MAX];
    uint32_t blocks_len, blocks_from; /* those before are of the files that include this one */
    uint32_t blocks_deeper;           /* open repeats that are too deep */
    uint64_t firings;                 /* of all statements in repeats, unrolled */
    struct misplaced *misplaced;
    size_t misplaced_len, misplaced_cap;

    struct scn_sweep *sweeps;
    size_t sweeps_len, sweeps_cap;
    uint64_t combinations; /* of their values; 0: no sweep so far */
    uint32_t sweep_values;
    struct fix *fixes;
    size_t fixes_len, fixes_cap;

    struct symbols groups_table;
    struct group *groups;
    size_t groups_len, groups_cap;
    uint64_t terms, terms_spelled;

    struct symbols names_table;
    struct name *names;
    size_t names_len, names_cap;
    struct name_use *name_uses;
    size_t name_uses_len, name_uses_cap;

    struct node_use *node_uses;
    size_t node_uses_len, node_uses_cap;
    struct deadline *deadlines;
    size_t deadlines_len, deadlines_cap;
};

/* ---- tokens (parse_token.c) ---- */

/* Says what is wrong, unless the statement has an error already. Returns -1. */
int parse_fail(struct parser *p, struct scn_pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "expected WHAT, found 'x'" at the lookahead. Returns -1. */
int parse_expected(struct parser *p, const char *what);

/*
 * At the lookahead, when it is no word of the language: "unknown WHAT 'x'; did
 * you mean 'y'?", y being of @words, or "...; expected EXPECTED" when it is near
 * to none of them. Else as parse_expected(@expected). Returns -1.
 */
int parse_unknown(struct parser *p, const char *what, const char *const *words,
                  const char *expected);

/* Takes the lookahead into the text of the statement, and reads the next. */
void parse_advance(struct parser *p);

/* Is the lookahead that, and takes it if so. */
bool parse_sees(const struct parser *p, const char *word);
bool parse_take(struct parser *p, const char *word);
bool parse_take_kind(struct parser *p, enum token_kind kind);

/* The index in @words of the lookahead, which is then taken; WORD_NONE, and not taken. */
size_t parse_take_of(struct parser *p, const char *const *words);

/* Takes @word, or fails with "expected 'word'". */
int parse_need(struct parser *p, const char *word);

/* The end of the statement. The second, when a word there may be one of @words, mistyped. */
int parse_end(struct parser *p);
int parse_end_near(struct parser *p, const char *const *words);

/* From @start to the token before the lookahead, as far as both are in one line. */
struct scn_pos parse_since(const struct parser *p, struct scn_pos start);

/* The filled-in text of the statement from @from on, cut to PARSE_SEL_TEXT_MAX. */
const char *parse_text_since(struct parser *p, size_t from);

/* ---- numbers (parse_amount.c) ---- */

/* What a number must be. */
struct amount {
    enum value_type type;
    enum value_type other; /* also allowed; the same as type when nothing is */
    const char *key;       /* whose value it is, for messages: "sync" */
    bool range;            /* a..b may stand there */
    bool nonzero;
    uint64_t max; /* 0: none but that of shares, 100 %; UINT64_MAX: not even that */
};

int parse_amount(struct parser *p, const struct amount *amount, struct scn_range *ret);

/* A single time, and a time that may be a range, after the word @key. */
int parse_time(struct parser *p, const char *key, uint64_t *ret_ns);
int parse_times(struct parser *p, const char *key, struct scn_range *ret_ns);
/* A single share of at most 100 %. */
int parse_share(struct parser *p, const char *key, uint64_t *ret_ppb);

/* A time that must not be later than the stop. */
void parse_note_deadline(struct parser *p, uint64_t ns, struct scn_pos pos, bool is_sum);

/* Fails at @pos when @a + @b is over 2^64-1 ns. */
int parse_check_sum(struct parser *p, struct scn_pos pos, uint64_t a, uint64_t b);

/* [for T] */
int parse_for(struct parser *p, bool *ret_has, struct scn_range *ret_ns);
/* [from T] [to T] */
int parse_from_to(struct parser *p, struct scn_stmt *stmt);

/* ---- selectors (parse_select.c) ---- */

/* Can a selector begin with the lookahead? */
bool parse_sees_selector(const struct parser *p);

int parse_selector(struct parser *p, struct scn_sel *ret);
/* A single term, or a list in brackets. */
int parse_selector_term(struct parser *p, struct scn_sel *ret);
/* SEL -> SEL, SEL <-> SEL. */
int parse_link(struct parser *p, struct scn_link *ret);
/* The rest of such a link, after its first selector. */
int parse_link_rest(struct parser *p, struct scn_link *ret);
/* group G = SEL, after the word "group". */
int parse_group(struct parser *p);
/* Knows a group whose statement has an error. */
void parse_group_broken(struct parser *p, const struct token *name);

/* ---- parts of statements ---- */

/* One rule or more; @at_start: in a net or link statement, not in an action. (parse_rules.c) */
int parse_rules(struct parser *p, bool at_start, struct scn_rules *ret);
/* node [SEL] key value ..., after the word "node". (parse_node.c) */
int parse_node(struct parser *p, struct scn_stmt *stmt);
/* load ..., after the word "load". (parse_node.c) */
int parse_load(struct parser *p, struct scn_stmt *stmt);
/* (parse_action.c) */
int parse_action(struct parser *p, struct scn_action *ret);
/* The rest of an action of ret->kind on processes or clocks. (parse_process.c) */
int parse_process(struct parser *p, struct scn_action *ret);
/* (parse_pred.c) */
int parse_pred(struct parser *p, enum scn_stmt_kind kind, struct scn_pred *ret);

/* ---- files (include.c) ---- */

/* include "file", after the word "include": p->include is then its token. */
int parse_include(struct parser *p);
/* Finds that file. Returns its source, pushed on p->including, or -1 after an error. */
int64_t include_open(struct parser *p);

/* ---- repeats (blocks.c) ---- */

/* repeat N, after the word "repeat". */
int parse_repeat(struct parser *p, struct scn_stmt *stmt);
/* The statement at hand is fine and becomes number p->stmts_len: opens, closes, counts. */
int blocks_keep(struct parser *p, struct scn_stmt *stmt);
/* The statement whose first word was just taken stands in a repeat, and may not. */
void blocks_misplaced(struct parser *p, bool is_at);
/* A repeat or end with an error is one all the same. */
void blocks_open_broken(struct parser *p, struct scn_pos pos);
void blocks_close_broken(struct parser *p);
/* At the end of a file: its repeats have ended. */
void blocks_check(struct parser *p);

/* ---- what a campaign runs (campaign.c) ---- */

/* seed N, seeds A..B, sweep N = ..., fix "KEY" = N, after those words. */
int parse_seed(struct parser *p);
int parse_seeds(struct parser *p);
int parse_sweep(struct parser *p);
int parse_fix(struct parser *p);
/* param N = VALUE, after the word "param". */
int parse_param(struct parser *p);
/* At the end: no draw is fixed twice. */
void fixes_check(struct parser *p);
/* What of all this stands in the scenario. */
void campaign_finish(struct parser *p);

/* The place of what is said only once; -1 after an error when it was said before. */
int parse_once(struct parser *p, const char *word, struct scn_pos *pos);

/* ---- looks at the run (parse_show.c) ---- */

/* show WHAT at TIME and quiet TIME, after those words. */
int parse_show(struct parser *p, struct scn_stmt *stmt);
int parse_quiet(struct parser *p, struct scn_stmt *stmt);
/* The golden lines that follow a show; others are an error. */
void parse_golden(struct parser *p, struct scn_stmt *stmt);

/* ---- NAMEs (names.c) ---- */

/* [as NAME]: the statement at hand gives it. */
int names_give(struct parser *p, enum scn_action_kind kind, uint32_t *ret);
/* The lookahead refers to a NAME that statements of @kind give, or, with @any, of any kind. */
int names_refer(struct parser *p, enum scn_action_kind kind, bool any, uint32_t *ret);
/* In a statement with an error: what comes after "as" is known. */
void names_give_broken(struct parser *p, const struct token *name);
/* At the end: each that was referred to was given, by a statement of that kind. */
void names_check(struct parser *p);

/* ---- foreign words (parse_foreign.c) ---- */

/*
 * The statement from byte @from up to the lexer had an error, the last of @p->diags: what
 * its foreign words are in ours goes behind it, if that has no error itself.
 */
void parse_foreign(struct parser *p, size_t from);

/* ---- at the end of the file ---- */

/* What can be judged only when all is known. (finish.c) */
void finish_check(struct parser *p);
/* Default expectations; the arrays of the scenario. (finish.c) */
void finish_scenario(struct parser *p);
/* Expects of the end what the file does not speak of: convergence, and the value. (defaults.c) */
void defaults_add(struct parser *p);
/* Sides of partitions that have a node in common, as far as the text shows. (overlap.c) */
void overlap_check(struct parser *p);

#endif
