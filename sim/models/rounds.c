/*
 * What a node remembers from one round to the next: whether gossip gets anywhere, and who
 * owes it an answer. Held against a count of rounds and a list of all peers.
 */
#include <stdlib.h>

#include "core/doubts.h"
#include "core/stuck.h"
#include "sim/fatal.h"
#include "sim/models/model_inner.h"

/* ---- is it stuck, is it alone? ---- */

/* All are numbers of rounds, from 1; 0: none. */
struct standing {
    uint64_t now, version;
    uint64_t first_heard; /* of another state, since its own changed */
    uint64_t last_heard;
    uint32_t heard;     /* in how many rounds */
    uint32_t silent;    /* rounds in a row in which it asked, and heard nobody */
    uint64_t last_mute; /* the last of them */
    bool is_stuck, is_alone;
};

static void end_round(struct standing *at, uint64_t version, bool differs, bool hears, bool asks)
{
    at->now++;
    if (!at->is_stuck && version != at->version) {
        at->heard = 0;
    } else if (differs) {
        if (at->heard == 0)
            at->first_heard = at->now;
        at->heard += at->heard < STUCK_HEARD;
    }
    if (differs)
        at->last_heard = at->now;
    if (at->now - at->last_heard >= STUCK_REST_ROUNDS)
        at->heard = 0;
    at->version = version;
    at->is_stuck = at->heard == STUCK_HEARD && at->now - at->first_heard + 1 >= STUCK_ROUNDS;

    if (asks && !hears) {
        at->silent++;
        at->last_mute = at->now;
        at->is_alone = at->is_alone || at->silent >= STUCK_SILENT;
    } else {
        at->silent = 0;
        at->is_alone = at->is_alone && at->now - at->last_mute < STUCK_REST_ROUNDS;
    }
}

/* Many rounds of one kind, of which now and then one is another. */
static void ask_stuck(struct model *it)
{
    struct stuck stuck = {0};
    struct standing due = {0};
    uint64_t phases = model_draw(it, 0, 6), version = 0;

    for (uint64_t phase = 0; phase < phases; phase++) {
        uint64_t rounds = model_draw(it, 1, model_draw(it, 0, 3) == 0 ? 1100 : 40);
        uint64_t kinds = model_draw(it, 0, 7), rare = model_draw(it, 1, 60);

        for (uint64_t i = 0; i < rounds; i++) {
            uint64_t other = model_draw(it, 0, rare) == 0 ? model_draw(it, 0, 15) : 0;
            bool hears = (kinds ^ other) & 1, differs = (kinds ^ other) & 2;
            bool asks = !((kinds & other) & 4), is_stuck;

            version += (other & 8) != 0;
            if (hears)
                stuck_voice(&stuck);
            if (differs)
                stuck_hear(&stuck);
            is_stuck = stuck_round(&stuck, version, asks);
            end_round(&due, version, differs, hears, asks);
            if (is_stuck != due.is_stuck || stuck_is(&stuck) != due.is_stuck)
                model_wrong(it, CHECK_ANSWER, "is stuck, or is not, against what it heard",
                            due.is_stuck, is_stuck);
            if (stuck_is_alone(&stuck) != due.is_alone)
                model_wrong(it, CHECK_ANSWER, "is alone, or is not, against what it heard",
                            due.is_alone, stuck_is_alone(&stuck));
        }
    }
}

/* ---- who owes an answer? ---- */

/* More than the table takes. */
#define PEERS (DOUBTS_MAX + 40u)

/* By number, as all peers here. */
struct debtor {
    uint32_t asked;     /* how often, since it was heard; 0: it owes nothing */
    uint64_t last;      /* round of that */
    uint64_t return_at; /* it is skipped in the rounds before */
};

static uint32_t skip_after(uint32_t asked)
{
    static const uint32_t skips[] = {1, 2, 4};

    if (asked < DOUBTS_PATIENCE)
        return 0;
    return asked - DOUBTS_PATIENCE < 3 ? skips[asked - DOUBTS_PATIENCE] : DOUBTS_SKIP_MAX;
}

/* The table has each debtor, ascending, and nobody else. */
static void compare(const struct model *it, const struct doubts *doubts,
                    const struct debtor *debtors)
{
    static const char owes[] = "doubts others than those that owe it an answer";
    uint32_t at = 0;
    bool skips = false;

    for (uint32_t peer = 0; peer < PEERS; peer++) {
        const struct debtor *due = &debtors[peer];
        const struct doubt *found = at < doubts->len ? &doubts->at[at] : NULL;

        if (due->asked == 0)
            continue;
        skips = skips || due->return_at > doubts->round;
        if (!found || found->peer != peer || found->unanswered != due->asked ||
            found->asked != due->last || found->until != due->return_at) {
            model_wrong(it, CHECK_ANSWER, owes, peer, at);
            return;
        }
        at++;
    }
    if (at != doubts->len)
        model_wrong(it, CHECK_ANSWER, owes, at, doubts->len);
    if (skips && !doubts_any(doubts))
        model_wrong(it, CHECK_ANSWER, "skips nobody, and should", 1, 0);
}

/* Whom it asked longest ago is forgotten for it. */
static void make_room(struct debtor *debtors, uint32_t len)
{
    uint32_t oldest = PEERS;

    if (len < DOUBTS_MAX)
        return;
    for (uint32_t peer = 0; peer < PEERS; peer++)
        if (debtors[peer].asked > 0 &&
            (oldest == PEERS || debtors[peer].last < debtors[oldest].last))
            oldest = peer;
    debtors[oldest] = (struct debtor){0};
}

static void ask_peer(struct model *it, struct doubts *doubts, struct debtor *debtors, uint32_t peer)
{
    struct debtor *debtor = &debtors[peer];
    uint64_t refused = it->memory.refused;
    uint32_t len = doubts->len, skip;

    doubts_ask(doubts, peer);
    if (debtor->asked == 0)
        make_room(debtors, len);
    if (debtor->asked == 0 && it->memory.refused != refused)
        return; /* no memory: forgotten at once */
    debtor->asked++;
    debtor->last = doubts->round;
    skip = skip_after(debtor->asked);
    if (skip > 0)
        debtor->return_at = doubts->round + 1 + skip;
}

/* Few peers, so that they are asked often, or more than there is room for. */
static void ask_doubts(struct model *it)
{
    struct debtor *debtors = fatal_calloc(PEERS, sizeof(*debtors));
    bool many = model_draw(it, 0, 15) == 0;
    uint64_t steps = many ? 1000 : model_draw(it, 0, 60);
    uint64_t last = many ? PEERS - 1 : model_draw(it, 0, 9);
    struct doubts doubts;

    doubts_init(&doubts, &it->memory.mem);
    for (uint64_t i = 0; i < steps; i++) {
        uint64_t kind = model_draw(it, 0, many ? 40 : 9);
        uint32_t peer = (uint32_t)model_draw(it, 0, last);

        if (kind == 0) {
            doubts_hear(&doubts, peer);
            debtors[peer] = (struct debtor){0};
        } else if (kind < 3) {
            doubts_round(&doubts);
        } else {
            ask_peer(it, &doubts, debtors, peer);
        }
        if (!many || model_draw(it, 0, 15) == 0)
            compare(it, &doubts, debtors);
    }
    compare(it, &doubts, debtors);
    doubts_release(&doubts);
    free(debtors);
}

void model_ask_rounds(struct model *it)
{
    ask_stuck(it);
    model_starve(it, model_draw(it, 0, 1));
    ask_doubts(it);
    model_starve(it, false);
}
