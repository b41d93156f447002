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
        stuck_voice(stuck);
        is_stuck = stuck_round(stuck, version, true);
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

static void silence(struct stuck *stuck, uint32_t count, bool asks)
{
    for (uint32_t i = 0; i < count; i++)
        cr_assert(not(stuck_round(stuck, 7, asks)));
}

Test(stuck, alone_is_who_hears_nobody_for_many_rounds_in_a_row)
{
    struct stuck stuck = {0};

    for (uint32_t i = 0; i < 100; i++) {
        silence(&stuck, STUCK_SILENT - 1, true);
        cr_assert(not(stuck_is_alone(&stuck)));
        rounds(&stuck, 7, 1, false);
    }
    silence(&stuck, STUCK_SILENT, true);
    cr_assert(stuck_is_alone(&stuck));
}

Test(stuck, alone_is_nobody_who_knows_nobody)
{
    struct stuck stuck = {0};

    silence(&stuck, 10 * STUCK_SILENT, false);
    cr_assert(not(stuck_is_alone(&stuck)));
}

/* One word is no end of it: the next question may be lost as those before. */
Test(stuck, alone_until_somebody_is_heard_in_each_round_for_long)
{
    struct stuck stuck = {0};

    silence(&stuck, STUCK_SILENT, true);
    rounds(&stuck, 7, STUCK_REST_ROUNDS - 1, false);
    cr_assert(stuck_is_alone(&stuck));
    silence(&stuck, 1, true);
    rounds(&stuck, 7, STUCK_REST_ROUNDS - 1, false);
    cr_assert(stuck_is_alone(&stuck));
    rounds(&stuck, 7, 1, false);
    cr_assert(not(stuck_is_alone(&stuck)));
}
