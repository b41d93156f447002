/* What is owed in a round hangs only on how many there were, and on whether it has something. */
#include "sim/leaving.h"

#include "core/node.h"
#include "core/peers.h"
#include "core/stuck.h"
#include "sim/asking.h"
#include "sim/checks.h"

/* What a coin says in so many rounds in a row is no chance any more. */
#define ROW_MAX 64u

static void fail(struct checks *checks, uint32_t index, const char *what, const char *label)
{
    checks_fail(checks, CHECK_ANSWER, index, what, label);
}

/* Each that it picked gets both, and in time. */
static void look_at_early(struct checks *checks, const struct node *node, uint32_t index,
                          const struct asking_tick *tick)
{
    bool has = node->counter.len > 0;
    uint32_t due = tick->to_len * (has ? 2 : 1);

    if (tick->kind != (has ? MESSAGE_PUSH : MESSAGE_PULL) || tick->sent != due)
        fail(checks, index, "leaves, and does not hand over and ask",
             has ? "expected a push and a pull to each, found others"
                 : "expected a pull to each, found others");
    if (node->shift_ns != 0)
        fail(checks, index, "leaves, and is late with its next round",
             "expected it in time, found it later");
}

/* Each that it picked gets one of them, at a time that chance has. */
static void look_at_late(struct leaving *it, struct checks *checks, const struct node *node,
                         uint32_t index, const struct asking_tick *tick)
{
    it->kind_row = node->counter.len > 0 && tick->kind == it->kind ? it->kind_row + 1 : 0;
    it->shift_row = node->shift_ns == it->shift_ns ? it->shift_row + 1 : 0;
    it->kind = tick->kind;
    it->shift_ns = node->shift_ns;
    if (tick->sent > node->fanout || asking_tick_has_both(tick))
        fail(checks, index, "leaves, gets nowhere, and hands over and asks at once",
             "expected one message to each, found more");
    if (it->kind_row >= ROW_MAX)
        fail(checks, index, "leaves, gets nowhere, and does the same in each round",
             "expected pushes and pulls, found one of them only");
    if (it->shift_row >= ROW_MAX && node->every_ns[NODE_TIMER_SYNC] > 1)
        fail(checks, index, "leaves, gets nowhere, and does so at the same time in each round",
             "expected other times, found one");
    if (node->shift_ns >= node->every_ns[NODE_TIMER_SYNC])
        fail(checks, index, "leaves, and is too late with its next round",
             "expected it before the one after that, found it later");
}

void leaving_round(struct leaving *it, struct checks *checks, const struct node *node,
                   uint32_t index, const struct asking_tick *tick, struct asking *asking)
{
    if (tick->sent == 0) { /* clients wait, or there is nobody */
        it->is_unsure = it->is_unsure || peers_count(&node->peers) == 0;
        return;
    }
    it->rounds++;
    if (it->rounds > STUCK_HEARD || it->is_unsure)
        asking_blind(asking);
    if (it->rounds > STUCK_HEARD)
        look_at_late(it, checks, node, index, tick);
    else if (!it->is_unsure)
        look_at_early(checks, node, index, tick);
    asking_picks(tick, asking, checks, node, index);
}
