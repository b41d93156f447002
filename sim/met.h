/*
 * What the statements of a scenario have met, of all that they could act on: a
 * message, a node, a write, a client. A chance that was asked and said no has
 * met something. A run in which a statement met nothing shows nothing of it.
 */
#ifndef DC_SIM_MET_H
#define DC_SIM_MET_H

#include <stdint.h>

#include "sim/scenario/scenario.h"

#define MET_NO_STMT UINT32_MAX

/* Of one statement. */
struct met {
    uint64_t count;   /* how often it met something */
    uint64_t message; /* the last that it met, by its number, so that each counts once */
    unsigned rules;   /* of net, link: those of it that met something, SCN_RULE_... */
};

/* @met: by statement. MET_NO_STMT is fine. */
static inline void met_add(struct met *met, uint32_t stmt)
{
    if (stmt != MET_NO_STMT)
        met[stmt].count++;
}

/* That was this rule of it, SCN_RULE_... */
static inline void met_by(struct met *met, uint32_t stmt, unsigned rule)
{
    if (stmt != MET_NO_STMT)
        met[stmt].rules |= rule;
}

/* Likewise, of a message: once for all that @stmt says of it. @number is above 0. */
static inline void met_message(struct met *met, uint32_t stmt, uint64_t number)
{
    if (stmt == MET_NO_STMT || met[stmt].message == number)
        return;
    met[stmt].message = number;
    met[stmt].count++;
}

/*
 * The first statement from @from on that has met nothing, or a rule of which has;
 * stmts_len when there is none.
 */
uint32_t met_nothing(const struct scenario *scn, const struct met *met, uint32_t from);

/* What @stmt has to meet: "a message that it stops". For those that met_nothing() may name. */
const char *met_what(const struct scn_stmt *stmt);

/* The first rule of @stmt that has met nothing, when others have: "dup". Else NULL. */
const char *met_rule(const struct scn_stmt *stmt, const struct met *met);

#endif
