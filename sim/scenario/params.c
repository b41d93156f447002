/* Parameters and their -D. */
#include "sim/scenario/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/utf8.h"

/* Of a value in a message. */
#define SHOWN_MAX 40
#define STRING_PROBLEM_MAX 80u
/* Names to choose the nearest from. */
#define NEAREST_NAMES_MAX 1000u

void params_init(struct params *params, struct arena *arena, struct diags *diags,
                 const struct scn_define *defines, size_t defines_len)
{
    *params = (struct params){
        .arena = arena,
        .diags = diags,
        .defines = defines,
        .defines_len = defines_len,
    };
    for (size_t i = 0; i < defines_len; i++)
        *symbols_at(&params->defines_table, arena, defines[i].name, defines[i].name_len) =
            (uint32_t)i;
}

const struct param *params_find(const struct params *params, const char *name, size_t len)
{
    uint32_t index = symbols_find(&params->table, name, len);

    return index == SYMBOL_NONE ? NULL : &params->list[index];
}

const struct param *params_use(struct params *params, const char *name, size_t len)
{
    uint32_t index = symbols_find(&params->table, name, len);

    if (index == SYMBOL_NONE)
        return NULL;
    params->list[index].used = true;
    return &params->list[index];
}

int params_declare(struct params *params, const char *name, size_t len, struct scn_pos pos)
{
    uint32_t *index = symbols_at(&params->table, params->arena, name, len);

    if (*index != SYMBOL_NONE && !params->list[*index].assumed) {
        char place[DIAG_PLACE_MAX];

        diag_error(params->diags, pos, "parameter '%.*s' is already declared in %s", (int)len, name,
                   diags_place(place, params->diags, params->list[*index].pos, pos));
        return -1;
    }
    if (*index != SYMBOL_NONE) {
        params->list[*index].assumed = false;
        params->list[*index].pos = pos;
        return (int)*index;
    }
    params->list =
        arena_grow(params->arena, params->list, params->len, &params->cap, sizeof(*params->list));
    *index = (uint32_t)params->len;
    params->list[params->len++] = (struct param){
        .name = arena_text(params->arena, name, len),
        .pos = pos,
        .broken = true,
    };
    return (int)*index;
}

/* The type that the text of a -D has as it stands; -1 after an error. */
static int define_type(struct params *params, const struct param *param, const char *text,
                       enum value_type *ret)
{
    static const struct scn_pos nowhere = {0};
    char problem[VALUE_PROBLEM_MAX];
    size_t len = strlen(text);
    struct value value;

    if (value_is_digit(text[0])) {
        if (len > PARAM_WORD_BYTES_MAX) {
            diag_error(params->diags, nowhere, "-D %s: a number has at most %u characters",
                       param->name, PARAM_WORD_BYTES_MAX);
            return -1;
        }
        if (value_parse(text, len, param->type, &value, problem) < 0) {
            diag_error(params->diags, nowhere, "-D %s: %s", param->name, problem);
            return -1;
        }
        *ret = value.type;
        return 0;
    }
    if (value_is_name(text, len) && len <= PARAM_WORD_BYTES_MAX) {
        *ret = VALUE_WORD;
        return 0;
    }
    diag_error(params->diags, nowhere, "-D %s: '%.*s%s' is no value of a parameter", param->name,
               SHOWN_MAX, text, len > SHOWN_MAX ? "..." : "");
    return -1;
}

/* What stands between quotes: characters without control, quote or '$'. Says which does not. */
static bool is_string(const char *text, size_t len, char reterr[static STRING_PROBLEM_MAX])
{
    uint32_t character;
    size_t step;

    if (len > PARAM_STRING_BYTES_MAX) {
        snprintf(reterr, STRING_PROBLEM_MAX, "a text in quotes has at most %u bytes",
                 PARAM_STRING_BYTES_MAX);
        return false;
    }
    for (size_t at = 0; at < len; at += step) {
        step = utf8_next(text + at, len - at, &character);
        if (step == 0)
            snprintf(reterr, STRING_PROBLEM_MAX, "byte %zu, 0x%02X, is no valid UTF-8", at + 1,
                     (unsigned)(unsigned char)text[at]);
        else if (character == '"' || character == '$')
            snprintf(reterr, STRING_PROBLEM_MAX, "byte %zu, a '%c', cannot stand in quotes", at + 1,
                     (char)character);
        else if (utf8_is_control(character))
            snprintf(reterr, STRING_PROBLEM_MAX,
                     "byte %zu, a control character U+%04" PRIX32 ", cannot stand in quotes",
                     at + 1, character);
        else
            continue;
        return false;
    }
    return true;
}

static void override(struct params *params, struct param *param, const struct scn_define *define)
{
    static const struct scn_pos nowhere = {0};
    const char *text = define->value;
    enum value_type type = VALUE_STRING;
    char problem[STRING_PROBLEM_MAX];
    size_t len = strlen(text);

    if (param->type == VALUE_STRING) {
        if (!is_string(text, len, problem)) {
            diag_error(params->diags, nowhere, "-D %s: %s", param->name, problem);
            return;
        }
    } else if (define_type(params, param, text, &type) < 0) {
        return;
    }
    if (type != param->type) {
        char place[DIAG_PLACE_MAX];

        diag_error(params->diags, nowhere, "-D %s=%s: '%s' is %s in %s, this is %s", param->name,
                   text, param->name, value_type_text(param->type),
                   diags_place(place, params->diags, param->pos, nowhere), value_type_text(type));
        return;
    }
    param->value = arena_text(params->arena, text, len);
    param->value_len = len;
    param->overridden = true;
    param->swept = define->swept;
}

void params_set(struct params *params, size_t index, enum value_type type, const char *value,
                size_t value_len)
{
    struct param *param = &params->list[index];
    uint32_t define = symbols_find(&params->defines_table, param->name, strlen(param->name));

    param->type = type;
    param->value = arena_text(params->arena, value, value_len);
    param->value_len = value_len;
    param->broken = false;
    if (define != SYMBOL_NONE)
        override(params, param, &params->defines[define]);
}

static const char *nearest(const struct params *params, const char *name, size_t len)
{
    const char *names[NEAREST_NAMES_MAX + 1];
    size_t names_len = 0;

    if (diags_are_full(params->diags))
        return NULL;
    for (size_t i = 0; i < params->len && names_len < NEAREST_NAMES_MAX; i++)
        if (!params->list[i].assumed)
            names[names_len++] = params->list[i].name;
    names[names_len] = NULL;
    return diag_nearest(name, len, names);
}

void params_unknown(struct params *params, const char *name, size_t len, struct scn_pos pos)
{
    const char *near = nearest(params, name, len);
    int index;

    if (near)
        diag_error(params->diags, pos, "no parameter '%.*s' is declared above; did you mean '$%s'?",
                   (int)len, name, near);
    else
        diag_error(params->diags, pos,
                   "no parameter '%.*s' is declared above; declare it: param %.*s = ...", (int)len,
                   name, (int)len, name);
    index = params_declare(params, name, len, pos);
    params->list[index].assumed = true;
}

void params_check_defines(struct params *params)
{
    static const struct scn_pos nowhere = {0};

    for (size_t i = 0; i < params->defines_len; i++) {
        const struct scn_define *define = &params->defines[i];
        int len = define->name_len > SHOWN_MAX ? SHOWN_MAX : (int)define->name_len;
        const char *near;

        if (params_find(params, define->name, define->name_len))
            continue;
        near = nearest(params, define->name, define->name_len);
        if (near)
            diag_error(params->diags, nowhere, "-D %.*s: no such parameter; did you mean '%s'?",
                       len, define->name, near);
        else
            diag_error(params->diags, nowhere,
                       "-D %.*s: no such parameter; -D sets what a 'param' declares", len,
                       define->name);
    }
}

void params_hint_defines(const struct params *params)
{
    static const struct scn_pos nowhere = {0};

    for (size_t i = 0; i < params->defines_len; i++) {
        const struct scn_define *define = &params->defines[i], *last;
        uint32_t at = symbols_find(&params->defines_table, define->name, define->name_len);

        last = &params->defines[at];
        if (at == i || define->swept || last->swept)
            continue;
        diag_warning(params->diags, nowhere,
                     "-D %.*s=%.*s does not count: a later -D gives %.*s; leave one of them out",
                     (int)define->name_len, define->name, SHOWN_MAX, define->value, SHOWN_MAX,
                     last->value);
    }
}
