/* NAMEs: given with "as" by one statement, used by others before or after it. */
#include "sim/scenario/parse.h"

#include <inttypes.h>
#include <string.h>

#include "sim/scenario/words.h"

/* NAMEs to choose the nearest from. */
#define NEAREST_NAMES_MAX 1000u

static uint32_t name_at(struct parser *p, const struct token *token)
{
    uint32_t *index = symbols_at(&p->names_table, p->arena, token->text, token->len);

    if (*index == SYMBOL_NONE) {
        p->names = arena_grow(p->arena, p->names, p->names_len, &p->names_cap, sizeof(*p->names));
        *index = (uint32_t)p->names_len++;
        p->names[*index] = (struct name){.text = arena_text(p->arena, token->text, token->len)};
    }
    return *index;
}

void names_give_broken(struct parser *p, const struct token *token)
{
    struct name *name;
    uint32_t index;

    if (token->kind != TOKEN_WORD)
        return;
    index = name_at(p, token); /* may move the list */
    name = &p->names[index];
    name->broken = true;
    if (name->pos.line == 0)
        name->pos = token->pos;
}

/* A NAME must be told apart from what else can stand where it does. */
static const char *form_problem(const char *text, size_t len)
{
    uint64_t number;

    if (word_is_reserved(text, len))
        return "is a word of the language and cannot be a NAME";
    if (value_numbered('n', text, len, &number) != 0)
        return "looks like a node and cannot be a NAME";
    if (value_numbered('x', text, len, &number) != 0)
        return "looks like a repeat and cannot be a NAME";
    return NULL;
}

static int check_form(struct parser *p)
{
    char found[TOKEN_TEXT_MAX];
    const char *problem;

    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "a NAME after 'as'");
    problem = form_problem(p->tok.text, p->tok.len);
    if (problem)
        return parse_fail(p, p->tok.pos, "%s %s", token_text(found, &p->tok), problem);
    return 0;
}

int names_give(struct parser *p, enum scn_action_kind kind, uint32_t *ret)
{
    char place[DIAG_PLACE_MAX];
    struct name *name;
    uint32_t index;

    if (!parse_take(p, "as"))
        return 0;
    if (check_form(p) < 0)
        return -1;
    index = name_at(p, &p->tok);
    name = &p->names[index];
    if (name->given || name->broken)
        return parse_fail(p, p->tok.pos, "the NAME '%s' is already given in %s", name->text,
                          diags_place(place, p->diags, name->pos, p->tok.pos));
    name->given = true;
    name->pos = p->tok.pos;
    name->stmt = (uint32_t)p->stmts_len;
    name->kind = kind;
    parse_advance(p);
    *ret = index;
    return 0;
}

int names_refer(struct parser *p, enum scn_action_kind kind, bool any, uint32_t *ret)
{
    char found[TOKEN_TEXT_MAX];
    const char *problem;

    if (p->tok.kind != TOKEN_WORD)
        return parse_expected(p, "a NAME");
    problem = form_problem(p->tok.text, p->tok.len);
    if (problem)
        return parse_fail(p, p->tok.pos, "expected a NAME; %s %s", token_text(found, &p->tok),
                          problem);
    p->name_uses = arena_grow(p->arena, p->name_uses, p->name_uses_len, &p->name_uses_cap,
                              sizeof(*p->name_uses));
    *ret = name_at(p, &p->tok);
    p->name_uses[p->name_uses_len++] = (struct name_use){
        .name = *ret,
        .pos = p->tok.pos,
        .any = any,
        .kind = kind,
    };
    parse_advance(p);
    return 0;
}

static void say_unknown(struct parser *p, const struct name_use *use)
{
    const char *names[NEAREST_NAMES_MAX + 1];
    struct name *name = &p->names[use->name];
    const char *near;
    size_t names_len = 0, len = strlen(name->text);

    if (name->unknown_said)
        return;
    name->unknown_said = true;
    for (size_t i = 0;
         !diags_are_full(p->diags) && i < p->names_len && names_len < NEAREST_NAMES_MAX; i++)
        if (p->names[i].given || p->names[i].broken)
            names[names_len++] = p->names[i].text;
    names[names_len] = NULL;
    near = diag_nearest(name->text, len, names);
    if (near)
        diag_error(p->diags, use->pos, "no statement gives the NAME '%s'; did you mean '%s'?",
                   name->text, near);
    else
        diag_error(p->diags, use->pos, "no statement gives the NAME '%s'; one does with 'as %s'",
                   name->text, name->text);
}

/* A format of the NAME and its place. */
static const char *what_ends(enum scn_action_kind kind)
{
    if (kind == SCN_HOLD)
        return "'%s' is a hold (%s), which 'release' ends";
    if (kind == SCN_CRASH)
        return "'%s' is a crash (%s), which 'restart' ends";
    if (kind == SCN_PARTITION)
        return "'%s' is a partition (%s), which 'heal' ends";
    return "'%s' is a fault of a clock, a disk or a memory (%s), which its 'for' ends";
}

void names_check(struct parser *p)
{
    for (size_t i = 0; i < p->name_uses_len; i++) {
        const struct name_use *use = &p->name_uses[i];
        const struct name *name = &p->names[use->name];
        char place[DIAG_PLACE_MAX];

        if (name->broken)
            continue;
        if (!name->given)
            say_unknown(p, use);
        else if (!use->any && name->kind != use->kind)
            diag_error(p->diags, use->pos, what_ends(name->kind), name->text,
                       diags_place(place, p->diags, name->pos, use->pos));
    }
}
