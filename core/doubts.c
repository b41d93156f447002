/*
 * A sorted table of the few peers that owe an answer.
 */
#include "core/doubts.h"

#include <string.h>

#include "core/contract.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/banned.h"

void doubts_init(struct doubts *doubts, const struct mem *mem)
{
    *doubts = (struct doubts){.mem = mem, .round = 1};
}

void doubts_release(struct doubts *doubts)
{
    if (doubts->at != NULL)
        mem_free(doubts->mem, doubts->at, doubts->cap * sizeof(*doubts->at));
    *doubts = (struct doubts){0};
}

void doubts_round(struct doubts *doubts)
{
    doubts->round++;
}

/* By handle, which is no order that anybody sees: it only finds things again. */
uint32_t doubts_place(const struct doubts *doubts, dc_name peer)
{
    uint32_t low = 0;
    uint32_t high = doubts->len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (doubts->at[middle].peer < peer)
            low = middle + 1;
        else
            high = middle;
    }

    return low;
}

void doubts_drop(struct doubts *doubts, uint32_t index)
{
    PRE(index < doubts->len, "there is such a doubt");

    doubts->len--;
    memmove(doubts->at + index, doubts->at + index + 1,
            (doubts->len - index) * sizeof(*doubts->at));
}

/*
 * Whom we asked longest ago is forgotten first: with so many that do not answer
 * its turn would not have come for many rounds.
 */
static void forget_oldest(struct doubts *doubts)
{
    uint32_t oldest = 0;

    for (uint32_t i = 1; i < doubts->len; i++) {
        if (doubts->at[i].asked < doubts->at[oldest].asked)
            oldest = i;
    }
    MARK(DOUBTS_FULL);
    doubts_drop(doubts, oldest);
}

static bool reserve(struct doubts *doubts)
{
    if (doubts->len < doubts->cap)
        return true;

    size_t cap = mem_grow(doubts->cap, (size_t)doubts->len + 1, DOUBTS_MAX);
    struct doubt *at =
        mem_resize(doubts->mem, doubts->at, doubts->cap * sizeof(*at), cap * sizeof(*at));
    if (at == NULL)
        return false;
    doubts->at = at;
    doubts->cap = (uint32_t)cap;
    return true;
}

static struct doubt *find_or_add(struct doubts *doubts, dc_name peer)
{
    uint32_t at = doubts_place(doubts, peer);

    if (at < doubts->len && doubts->at[at].peer == peer)
        return &doubts->at[at];
    if (doubts->len == DOUBTS_MAX) {
        forget_oldest(doubts);
        at = doubts_place(doubts, peer); /* it may have been in front */
    }
    if (!reserve(doubts))
        return NULL;
    memmove(doubts->at + at + 1, doubts->at + at, (doubts->len - at) * sizeof(*doubts->at));
    doubts->at[at] = (struct doubt){.peer = peer};
    doubts->len++;
    return &doubts->at[at];
}

/* How many rounds a peer is skipped after so many pulls without an answer. */
static uint32_t skip_after(uint32_t unanswered)
{
    uint32_t skip = 1;

    if (unanswered < DOUBTS_PATIENCE)
        return 0;
    for (uint32_t i = DOUBTS_PATIENCE; i < unanswered && skip < DOUBTS_SKIP_MAX; i++)
        skip *= 2;
    return skip < DOUBTS_SKIP_MAX ? skip : DOUBTS_SKIP_MAX;
}

void doubts_ask(struct doubts *doubts, dc_name peer)
{
    struct doubt *doubt = find_or_add(doubts, peer);
    uint32_t skip;

    if (doubt == NULL)
        return;
    if (doubt->unanswered < UINT32_MAX)
        doubt->unanswered++;
    doubt->asked = doubts->round;
    skip = skip_after(doubt->unanswered);
    if (skip == 0)
        return;
    MARK(DOUBTS_SKIPPED);
    doubt->until = doubts->round + 1 + skip;
    if (doubt->until > doubts->until)
        doubts->until = doubt->until;
}
