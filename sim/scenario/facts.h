/*
 * What each action is to the rest of the program, in one row: who adds an action says
 * it there, and nobody else asks for its kind to find out. A test tells of a kind that
 * has no row, or a row that says too little (tests/layering/tables.py, tests/test_forms.c).
 */
#ifndef DC_SIM_SCENARIO_FACTS_H
#define DC_SIM_SCENARIO_FACTS_H

#include <stdbool.h>

#include "sim/scenario/scenario.h"

enum scn_trait {
    SCN_ON_MESSAGES = 1 << 0,    /* "show net" says how many it met */
    SCN_KEEPS_MESSAGES = 1 << 1, /* these may come as late as the quiet, which its bound counts */
    SCN_ON_DISKS = 1 << 2, /* it ends a process or meddles with its disk: what is there counts */
    SCN_DELAYS_STOPS = 1 << 3,  /* a node may take longer to stop than its disk does by itself */
    SCN_SHORTENS_LOGS = 1 << 4, /* a log may look whole afterwards, and lack what others hold */
    SCN_LASTS = 1 << 5,         /* it goes on after it has fired, without a fault of the timeline */
};

struct scn_facts {
    const char *meets; /* what it has to meet in a run: "a message that it stops" */
    unsigned traits;   /* enum scn_trait */
};

/* Of disks, memories and clocks: of what it does to them. */
const struct scn_facts *scn_facts(const struct scn_action *action);

/* Of a disk, a memory or a clock: why it takes no 'for', for a message; NULL: it lasts. */
const char *scn_once(const struct scn_action *action);

static inline bool scn_has(const struct scn_action *action, enum scn_trait trait)
{
    return (scn_facts(action)->traits & (unsigned)trait) != 0;
}

#endif
