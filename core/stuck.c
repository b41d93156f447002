/* Rounds in which nothing moved, counted. */
#include "core/stuck.h"

#include "core/mark.h"
#include "core/banned.h"

static void forget(struct stuck *stuck)
{
    stuck->rounds = 0;
    stuck->heard = 0;
}

static void count_silence(struct stuck *stuck, bool asks)
{
    bool was = stuck_is_alone(stuck);

    if (asks && !stuck->hears) {
        stuck->silent += !was;
        stuck->voiced = 0;
    } else if (!was || ++stuck->voiced >= STUCK_REST_ROUNDS) {
        stuck->silent = 0;
    }
    stuck->hears = false;
    if (!was && stuck_is_alone(stuck))
        MARK(NODE_ALONE);
}

bool stuck_count(struct stuck *stuck, uint64_t version, bool asks)
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
    count_silence(stuck, asks);
    if (!was && stuck_is(stuck))
        MARK(NODE_STUCK);

    return stuck_is(stuck);
}
