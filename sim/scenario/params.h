/*
 * Parameters: declared by "param", replaced by -D, used as $name.
 */
#ifndef DC_SIM_SCENARIO_PARAMS_H
#define DC_SIM_SCENARIO_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/arena.h"
#include "sim/scenario/diag.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/symbols.h"
#include "sim/scenario/value.h"

/* Bytes of a name or number, and of a text in quotes: what $name may stand for. */
#define PARAM_WORD_BYTES_MAX 64u
#define PARAM_STRING_BYTES_MAX 1024u

struct param {
    const char *name;
    const char *value; /* in force; a string without its quotes */
    size_t value_len;
    enum value_type type;
    struct scn_pos pos;
    bool overridden, swept; /* by a -D; which is a value of its sweep */
    bool used;              /* as $name */
    bool broken;            /* declared, but its value is not known: what uses it is passed over */
    bool assumed; /* broken because it was used before any declaration, and that was said */
};

struct params {
    struct arena *arena;
    struct diags *diags;
    struct symbols table; /* to the index in list */
    struct param *list;   /* in file order, in the arena */
    size_t len, cap;
    const struct scn_define *defines;
    size_t defines_len;
    struct symbols defines_table; /* the last of each name */
};

void params_init(struct params *params, struct arena *arena, struct diags *diags,
                 const struct scn_define *defines, size_t defines_len);

/* NULL when there is none of that name. */
const struct param *params_find(const struct params *params, const char *name, size_t len);
/* Likewise, for a $name. */
const struct param *params_use(struct params *params, const char *name, size_t len);

/*
 * Declares @name as broken until params_set() is called. Returns its index, or
 * -1 after an error when it is declared already.
 */
int params_declare(struct params *params, const char *name, size_t len, struct scn_pos pos);

/* The value, or that of the -D for it, which must be of the same type. */
void params_set(struct params *params, size_t index, enum value_type type, const char *value,
                size_t value_len);

/* Says that there is no such parameter, and knows it from then on as a broken one. */
void params_unknown(struct params *params, const char *name, size_t len, struct scn_pos pos);

/* At the end: an error for each -D that no "param" asked for. */
void params_check_defines(struct params *params);

/* A hint about each -D for which a later one counts. */
void params_hint_defines(const struct params *params);

#endif
