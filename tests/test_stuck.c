/* When gossip counts as stuck: what makes it so, what does not, and what ends it. */
#include "core/stuck.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* So many rounds, in each of which another state is heard of or not; the last word of it. */
static bool rounds(struct stuck *stuck, uint64_t version, uint32_t count, bool differs)
{
    bool is_stuck = stuck_is(stuck);

    for (uint32_t i = 0; i < count; i++) {
        if (differs)
            stuck_hear(stuck);
        is_stuck = stuck_round(stuck, version);
    }
    return is_stuck;
}

Test(stuck, when_others_differ_for_many_rounds)
{
    struct stuck stuck = {0};

    rounds(&stuck, 7, 1, false);
    cr_assert(not(rounds(&stuck, 7, STUCK_ROUNDS - 1, true)));
    cr_assert(rounds(&stuck, 7, 1, true));
}

/* A node that takes a long time for each message hears of others in few rounds. */
Test(stuck, also_when_they_are_heard_rarely)
{
    struct stuck stuck = {0};

    rounds(&stuck, 7, 1, false);
    for (uint32_t i = 1; i < STUCK_HEARD; i++) {
        rounds(&stuck, 7, STUCK_REST_ROUNDS - 2, false);
        cr_assert(not(rounds(&stuck, 7, 1, true)));
    }
    cr_assert(rounds(&stuck, 7, 1, true));
}

/* What all clusters do: somebody counts, and a few rounds later all have it. */
Test(stuck, not_when_something_changes_now_and_then)
{
    struct stuck stuck = {0};

    for (uint64_t version = 1; version < 100; version++)
        cr_assert(not(rounds(&stuck, version, STUCK_ROUNDS, true)));
}

Test(stuck, not_when_others_differ_for_a_moment_now_and_then)
{
    struct stuck stuck = {0};

    for (uint32_t i = 0; i < 100; i++) {
        cr_assert(not(rounds(&stuck, 7, STUCK_HEARD - 1, true)));
        cr_assert(not(rounds(&stuck, 7, STUCK_REST_ROUNDS, false)));
    }
}

/* One word that got through need not have been all: only rest ends it. */
Test(stuck, until_nobody_differs_for_long)
{
    struct stuck stuck = {0};

    rounds(&stuck, 7, STUCK_ROUNDS + 1, true);
    cr_assert(rounds(&stuck, 8, STUCK_REST_ROUNDS - 1, false));
    cr_assert(rounds(&stuck, 8, 1, true));
    cr_assert(rounds(&stuck, 8, STUCK_REST_ROUNDS - 1, false));
    cr_assert(not(rounds(&stuck, 8, 1, false)));
    cr_assert(not(rounds(&stuck, 8, STUCK_ROUNDS - 1, true)));
}
