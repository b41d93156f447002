/*
 * Hints: what a careful reader would say about a scenario without errors. Each
 * is a warning about something that is surely not meant, such as an action
 * after the stop or a heal with nothing to heal, and says what to do about it.
 * Nothing is said where only a run can tell.
 */
#ifndef DC_SIM_SCENARIO_HINTS_H
#define DC_SIM_SCENARIO_HINTS_H

struct parser;

/*
 * Warns of all of it, once the scenario of @p is complete. Adds up to one
 * warning for each statement and name; changes nothing else. In linear time.
 */
void hints_say(const struct parser *p);

/* ---- shared by its parts ---- */

struct scn_stmt;

/* Selectors of @stmt that come to no node, whatever the run draws. (hints_select.c) */
void hints_say_nobody(const struct parser *p, const struct scn_stmt *stmt);

/* Expectations that nodes agree while a load parts them all the time. (hints_load.c) */
void hints_say_load(const struct parser *p);

/* A run that takes minutes, or much memory. (hints_cost.c) */
void hints_say_cost(const struct parser *p);

#endif
