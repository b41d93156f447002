/*
 * What clients asked one node for, and no sync of its disk has covered yet: it
 * must not leave the node. A host cannot read what a node writes. So a write is
 * taken to hold all that the node was handed before it, and a sync that succeeds
 * to cover all that was written before it began. That is the most that can be
 * durable; a node that shows or confirms more than that has not waited.
 *
 * What a sync covered that failed stays open until it is written once more and a
 * later sync succeeds. What is there after an end of the process, a start can
 * read, synced or not: then nothing is open any more.
 */
#ifndef DC_SIM_DURABLE_H
#define DC_SIM_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "core/types.h"

struct oracle;

/* The number of what the node was never handed. */
#define DURABLE_NEVER UINT64_MAX

struct durable_op {
    uint64_t amount; /* 0: nothing is to be covered any more */
    dc_name id;
    enum dc_side side;
    bool waits; /* there is no answer yet */
};

struct durable {
    struct durable_op *ops; /* from ops[at] on, in order: handed to the node, not covered; owned */
    size_t at, len, cap;
    uint64_t first;   /* number of ops[at]; all before it are covered */
    uint64_t written; /* below it: handed over before the last write */
    uint64_t syncing; /* below it: what the sync on its way covers */
    bool wrote;       /* something, since that sync began */
};

void durable_release(struct durable *durable);

/* The node is about to be handed a request. Returns its number. */
uint64_t durable_handed(struct durable *durable, dc_name id, enum dc_side side, uint64_t amount);
/* The oracle knows what became of that request. */
void durable_answered(struct durable *durable, uint64_t number, enum env_answer answer);
/* Has a sync covered it? */
bool durable_covers(const struct durable *durable, uint64_t number);

/* The node has written something; a sync begins; it ends. The oracle hears what is covered. */
void durable_wrote(struct durable *durable);
void durable_sync_begins(struct durable *durable);
void durable_sync_ends(struct durable *durable, struct oracle *oracle, bool ok);

/* The process has ended: what was written may be read one day. */
void durable_ended(struct durable *durable, struct oracle *oracle);

#endif
