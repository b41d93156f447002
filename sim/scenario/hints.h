/*
 * Hints: what a careful reader would say about a scenario without errors. Each
 * is a warning about something that is surely not meant, such as an action
 * after the stop or a heal with nothing to heal, and says what to do about it.
 * Nothing is said where only a run can tell.
 */
#ifndef DC_SIM_SCENARIO_HINTS_H
#define DC_SIM_SCENARIO_HINTS_H

#include <stdbool.h>
#include <stdint.h>

struct parser;

/*
 * Warns of all of it, once the scenario of @p is complete. Adds up to one
 * warning for each statement and name; changes nothing else. In linear time.
 */
void hints_say(const struct parser *p);

/* ---- shared by its parts ---- */

struct scn_sel;
struct scn_stmt;

/* When a statement fires, over all its turns. */
struct hints_window {
    uint64_t first_ns; /* at the earliest */
    uint64_t last_ns;  /* at the latest */
    bool never;
};

/* Selectors of @stmt that come to no node, whatever the run draws. (hints_select.c) */
void hints_say_nobody(const struct parser *p, const struct scn_stmt *stmt);

/*
 * May @a and @b have a node in common? Does @outer surely come to all that @inner may come to?
 * Does @sel surely come to a node that @away cannot come to? "up" counts as all nodes, which
 * no selector (NULL) stands for, too. Where that cannot be said in a bound of work, the answer
 * is yes, no, no. (hints_select.c)
 */
bool hints_meet(const struct parser *p, const struct scn_sel *a, const struct scn_sel *b);
bool hints_covers(const struct parser *p, const struct scn_sel *outer, const struct scn_sel *inner);
bool hints_leaves(const struct parser *p, const struct scn_sel *sel, const struct scn_sel *away);

/* How many nodes @sel comes to at least. */
uint32_t hints_count(const struct parser *p, const struct scn_sel *sel);

/* May nodes be meant that do not run? */
bool hints_may_be_down(const struct scn_sel *sel);

/*
 * Expectations that nodes agree while a load parts them all the time. @windows: of each
 * statement. (hints_load.c)
 */
void hints_say_load(const struct parser *p, const struct hints_window *windows);

/* Delays that are to be shorter than that of any link. (hints_delay.c) */
void hints_say_delay(const struct parser *p);

/* A run that takes minutes, or much memory. (hints_cost.c) */
void hints_say_cost(const struct parser *p);

#endif
