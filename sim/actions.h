/*
 * What each action does when it fires. One function an action: a new fault is
 * added here, in the parser, and where it acts.
 */
#ifndef DC_SIM_ACTIONS_H
#define DC_SIM_ACTIONS_H

#include <stdint.h>

struct timeline;

/* Fires statement @index; @key names the firing. */
void actions_fire(struct timeline *timeline, uint32_t index, uint64_t key);

/* Lays the rules of a net or link statement of the file, from the start. */
void actions_lay_own(struct timeline *timeline, uint32_t index, uint64_t key);

#endif
