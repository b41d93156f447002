/* Requests in the order in which the node got them, and how far syncs have come. */
#include "sim/durable.h"

#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/oracle.h"

void durable_release(struct durable *durable)
{
    free(durable->ops);
    *durable = (struct durable){0};
}

static void make_room(struct durable *durable)
{
    if (durable->at > durable->cap / 2) {
        memmove(durable->ops, durable->ops + durable->at, durable->len * sizeof(*durable->ops));
        durable->at = 0;
    }
    if (durable->at + durable->len < durable->cap)
        return;
    durable->cap = durable->cap ? durable->cap * 2 : 4;
    durable->ops = fatal_realloc_array(durable->ops, durable->cap, sizeof(*durable->ops));
}

uint64_t durable_handed(struct durable *durable, dc_name id, enum dc_side side, uint64_t amount)
{
    make_room(durable);
    durable->ops[durable->at + durable->len] =
        (struct durable_op){.amount = amount, .id = id, .side = side, .waits = true};
    return durable->first + durable->len++;
}

bool durable_covers(const struct durable *durable, uint64_t number)
{
    return number < durable->first;
}

void durable_answered(struct durable *durable, uint64_t number, enum env_answer answer)
{
    struct durable_op *op;

    if (number == DURABLE_NEVER || durable_covers(durable, number))
        return;
    op = &durable->ops[durable->at + (size_t)(number - durable->first)];
    op->waits = false;
    if (answer != ENV_UNKNOWN)
        op->amount = 0;
}

void durable_wrote(struct durable *durable)
{
    durable->written = durable->first + durable->len;
    durable->wrote = true;
}

void durable_sync_begins(struct durable *durable)
{
    durable->syncing = durable->written;
    durable->wrote = false;
}

static void cover(struct durable *durable, struct oracle *oracle, uint64_t below)
{
    while (durable->len > 0 && durable->first < below) {
        const struct durable_op *op = &durable->ops[durable->at++];

        oracle_covered(oracle, op->id, op->side, op->amount, op->waits);
        durable->first++;
        durable->len--;
    }
    if (durable->len == 0)
        durable->at = 0;
}

void durable_sync_ends(struct durable *durable, struct oracle *oracle, bool ok)
{
    if (ok)
        cover(durable, oracle, durable->syncing);
    else if (!durable->wrote) /* a sync that follows has nothing new to cover */
        durable->written = durable->first;
}

void durable_ended(struct durable *durable, struct oracle *oracle)
{
    cover(durable, oracle, UINT64_MAX);
    durable->written = durable->syncing = durable->first;
    durable->wrote = false;
}
