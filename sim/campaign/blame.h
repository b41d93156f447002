/*
 * What goes with failure: of runs with traits, drawn or swept ("torn", "nodes 5",
 * "loss=10%"), those that are much more frequent among runs that failed than among
 * runs that held. It says where to look first, and proves nothing.
 */
#ifndef DC_SIM_CAMPAIGN_BLAME_H
#define DC_SIM_CAMPAIGN_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Lines of the table at most. */
#define BLAME_LINES_MAX 8u

struct blame_trait {
    char *name;            /* owned */
    uint64_t failed, held; /* runs that have it */
};

/* A zeroed one is empty. */
struct blame {
    struct blame_trait *list; /* owned */
    size_t len, cap;
    uint64_t failed, held; /* all runs */
};

void blame_release(struct blame *blame);

/* A run with the traits of @text, a line each, none twice. */
void blame_add(struct blame *blame, const char *text, bool failed);

/*
 * The traits whose share of the failed runs is at least a quarter of all above their share of
 * the others, the strongest first, then by name. Nothing when there is none.
 */
void blame_print(FILE *out, struct blame *blame);

#endif
