/* Rounds have numbers, so none is counted. */
#include "sim/standstill.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/node.h"
#include "core/peers.h"
#include "core/stuck.h"
#include "sim/checks.h"

/* What a coin says in so many rounds in a row is no chance any more. */
#define ROW_MAX 64u

static void follow(struct standstill *it, uint64_t round, uint64_t version)
{
    bool moved = version != it->version;

    if (it->differs)
        it->last = round;
    if (moved && !it->is_stuck)
        it->heard = 0;
    else if (it->differs && it->heard < STUCK_HEARD && it->heard++ == 0)
        it->first = round;
    if (round - it->last >= STUCK_REST_ROUNDS)
        it->heard = 0;
    it->version = version;
    it->differs = false;
    it->is_stuck = it->heard == STUCK_HEARD && round - it->first + 1 >= STUCK_ROUNDS;
}

/* Without a voice in STUCK_SILENT rounds, until there was one in STUCK_REST_ROUNDS. */
static void follow_silence(struct standstill *it, uint64_t round, bool asks)
{
    if (it->hears || !asks)
        it->voice = round;
    else
        it->silence = round;
    it->hears = false;
    it->is_alone =
        it->is_alone ? round - it->silence < STUCK_REST_ROUNDS : round - it->voice >= STUCK_SILENT;
}

static void fail(struct checks *checks, uint32_t index, const char *what, const char *label)
{
    checks_fail(checks, CHECK_ANSWER, index, what, label);
}

/* What it does in a round in which it is stuck hangs on two draws. */
static void look_at_row(struct standstill *it, struct checks *checks, const struct node *node,
                        uint32_t index, bool told)
{
    bool can_tell = it->is_stuck && node->counter.len > 0 && peers_count(&node->peers) > 0;

    it->told_row = can_tell && told == it->told ? it->told_row + 1 : 0;
    it->shift_row = node->shift_ns == it->shift_ns ? it->shift_row + 1 : 0;
    it->told = told;
    it->shift_ns = node->shift_ns;
    if (it->told_row >= ROW_MAX)
        fail(checks, index, "is stuck, and does the same in each round",
             "expected pushes in half of them, found them in all or in none");
    if (it->shift_row >= ROW_MAX && node->every_ns[NODE_TIMER_SYNC] > 1)
        fail(checks, index, "gets nowhere, and asks at the same time in each round",
             "expected other times, found one");
    if (node->shift_ns >= node->every_ns[NODE_TIMER_SYNC])
        fail(checks, index, "gets nowhere, and asks too late", "expected a time in the next round");
}

void standstill_round(struct standstill *it, struct checks *checks, const struct node *node,
                      uint32_t index, bool told)
{
    uint64_t round = node->fired[NODE_TIMER_SYNC], rounds;
    char label[CHECKS_TEXT_MAX];

    if ((it->heard | it->differs | node->stuck.heard | told | it->is_alone) == 0 &&
        node->stuck.rounds == 0 && node->shift_ns == 0 && it->hears) {
        it->version = node->version; /* most of the time */
        it->voice = round;
        it->hears = false;
        return;
    }
    follow_silence(it, round, it->hears || peers_count(&node->peers) > 0);
    follow(it, round, node->version);
    rounds = it->heard > 0 ? round - it->first + 1 : 0;
    if (node->stuck.heard != it->heard || node->stuck.rounds != rounds) {
        snprintf(label, sizeof(label),
                 "expected %" PRIu32 " in %" PRIu64 " rounds, found %" PRIu32 " in %" PRIu64,
                 it->heard, rounds, node->stuck.heard, node->stuck.rounds);
        fail(checks, index, "miscounts the rounds in which others had another state", label);
    }
    if (it->is_stuck || it->is_alone)
        look_at_row(it, checks, node, index, told);
    if (!it->is_stuck && (told || (!it->is_alone && node->shift_ns > 0)))
        fail(checks, index, "behaves as if it were stuck",
             "expected a round of pulls, and the next in time");
}
