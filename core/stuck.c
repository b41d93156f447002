/* Rounds in which nothing moved, counted. */
#include "core/stuck.h"

#include "core/mark.h"
#include "core/banned.h"

static void forget(struct stuck *stuck)
{
    stuck->rounds = 0;
    stuck->heard = 0;
}

bool stuck_round(struct stuck *stuck, uint64_t version)
{
    bool was = stuck_is(stuck);

    if (stuck->rounds > 0)
        stuck->rounds++;
    /* Who was stuck is not free with one word that got through: there may be more to hear. */
    if (!was && version != stuck->version)
        forget(stuck);
    else if (stuck->differs && stuck->heard < STUCK_HEARD)
        stuck->heard++;
    if (stuck->heard > 0 && stuck->rounds == 0)
        stuck->rounds = 1;
    stuck->rest = stuck->differs ? 0 : stuck->rest + 1;
    if (stuck->rest >= STUCK_REST_ROUNDS)
        forget(stuck);
    stuck->version = version;
    stuck->differs = false;
    if (!was && stuck_is(stuck))
        MARK(NODE_STUCK);

    return stuck_is(stuck);
}
