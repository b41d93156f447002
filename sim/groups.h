/*
 * Who agrees with whom, and who lacks what: the nodes grouped by their state.
 */
#ifndef DC_SIM_GROUPS_H
#define DC_SIM_GROUPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/diagnose.h"
#include "sim/report.h"
#include "sim/run.h"

/* Groups shown, ids shown of what one group lacks, and nodes of a group that are asked why. */
#define GROUPS_SHOWN 8u
#define GROUPS_LACKS_SHOWN 8u
#define GROUPS_ASKED 4u
/* So many lines on nodes that are not up. */
#define GROUPS_ABSENT 4u

/* Nodes that are up and hold the same state. */
struct group {
    uint32_t first; /* index of its first member */
    uint32_t count;
    uint32_t node; /* its first node */
};

/*
 * What the nodes of a group lack of all that any node that is up holds: group
 * by group, id by id, then by node.
 */
struct lacks {
    struct lack list[GROUPS_SHOWN * GROUPS_LACKS_SHOWN * GROUPS_ASKED];
    size_t len;
    uint32_t more[GROUPS_SHOWN]; /* by group: what is lacking beyond those listed */
};

struct groups {
    struct nodeset who; /* that are looked at; owned */
    uint32_t *members;  /* node indices, group by group; owned */
    struct group *list; /* the largest first; owned */
    uint32_t len;
    struct lacks lacks;
    bool looks; /* for what each lacks */
};

/*
 * Groups the nodes of @run that are up, and with @paused those that are paused;
 * @lacks: finds what each lacks, for diagnose() to explain.
 */
void groups_find(struct groups *ret, const struct run *run, bool paused, bool lacks);
void groups_release(struct groups *groups);

/*
 * One line for what all of a group lack for the same reason; where its nodes have
 * different reasons, one for each node.
 *
 * "  n1..n296 28   n297,n299 23   n298 20", largest group first, then for each
 * what it lacks, which message last carried that, and what became of it. At last
 * who is not up, and has what nobody has who is.
 */
void groups_print(FILE *out, const struct report *report, const struct run *run,
                  const struct groups *groups, const struct diagnosis *found);

#endif
