/* A list, most of the time of a few: pulls that are on their way. */
#include "sim/asking.h"

#include <stdlib.h>

#include "core/doubts.h"
#include "core/peers.h"
#include "sim/checks.h"
#include "sim/fatal.h"

void asking_tick_init(struct asking_tick *tick, uint32_t nodes)
{
    *tick = (struct asking_tick){
        .stamps = fatal_calloc(nodes, sizeof(*tick->stamps)),
        .to = fatal_calloc(nodes, sizeof(*tick->to)),
    };
}

void asking_tick_release(struct asking_tick *tick)
{
    free(tick->stamps);
    free(tick->to);
    *tick = (struct asking_tick){0};
}

void asking_tick_begins(struct asking_tick *tick)
{
    tick->runs = true;
    tick->number++;
    tick->sent = tick->to_len = 0;
}

void asking_tick_notes(struct asking_tick *tick, enum message_kind kind, uint32_t to)
{
    if (tick->sent++ == 0)
        tick->kind = kind;
    if (kind != tick->kind) {
        tick->other = to;
        return;
    }
    if (tick->stamps[to] == tick->number)
        return;
    tick->stamps[to] = tick->number;
    tick->to[tick->to_len++] = to;
}

bool asking_tick_has_both(const struct asking_tick *tick)
{
    return tick->sent > tick->to_len && tick->stamps[tick->other] == tick->number;
}

void asking_release(struct asking *asking)
{
    free(asking->owes);
    *asking = (struct asking){0};
}

void asking_starts(struct asking *asking)
{
    asking->len = 0;
    asking->round = 1;
    asking->is_blind = false;
    asking->standstill = (struct standstill){0};
}

void asking_blind(struct asking *asking)
{
    asking->is_blind = true;
}

static struct asking_owes *find(struct asking *asking, uint32_t peer)
{
    for (uint32_t i = 0; i < asking->len; i++)
        if (asking->owes[i].peer == peer)
            return &asking->owes[i];
    return NULL;
}

void asking_heard(struct asking *asking, uint32_t peer)
{
    struct asking_owes *owes = find(asking, peer);

    asking->standstill.hears = true;
    if (owes)
        *owes = asking->owes[--asking->len];
}

/* As core/doubts.h says: a round, then 2, 4, and at most 8. */
static uint64_t rounds_alone(uint32_t unanswered)
{
    static const uint64_t rounds[] = {1, 2, 4, 8};

    if (unanswered < DOUBTS_PATIENCE)
        return 0;
    unanswered -= DOUBTS_PATIENCE;
    return rounds[unanswered < 3 ? unanswered : 3];
}

/* Those that were asked owe an answer. Where nobody owes one, nobody has to be looked for. */
static void owe(struct asking *asking, const struct asking_tick *tick)
{
    bool is_first = asking->len == 0;

    if (asking->cap - asking->len < tick->to_len) {
        asking->cap = asking->cap * 2 + tick->to_len;
        asking->owes = fatal_realloc_array(asking->owes, asking->cap, sizeof(*asking->owes));
    }
    for (uint32_t i = 0; i < tick->to_len; i++) {
        struct asking_owes *owes = is_first ? NULL : find(asking, tick->to[i]);
        uint64_t alone;

        if (!owes) {
            asking->owes[asking->len++] =
                (struct asking_owes){.peer = tick->to[i], .unanswered = 1};
            continue;
        }
        alone = rounds_alone(++owes->unanswered);
        owes->until = alone > 0 ? asking->round + 1 + alone : 0;
    }
    /* It forgets the oldest of so many. */
    asking->is_blind = asking->is_blind || asking->len >= DOUBTS_MAX;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* How many peers are left alone in this round. */
static uint32_t alone(const struct asking *asking, const struct node *node)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < asking->len; i++)
        found +=
            asking->owes[i].until > asking->round && peers_know(&node->peers, asking->owes[i].peer);
    return found;
}

/* Was somebody asked who is to be left alone? */
static bool asked_in_vain(const struct asking_tick *tick, struct asking *asking)
{
    for (uint32_t i = 0; i < tick->to_len && asking->len > 0; i++) {
        const struct asking_owes *owes = find(asking, tick->to[i]);

        if (owes && owes->until > asking->round)
            return true;
    }
    return false;
}

/* Another round: are those that were picked as many as are due, and the right ones? */
void asking_picks(const struct asking_tick *tick, struct asking *asking, struct checks *checks,
                  const struct node *node, uint32_t index)
{
    uint32_t all = peers_count(&node->peers), out, due;

    if (asking->is_blind)
        return;
    asking->round++;
    out = alone(asking, node);
    due = all > out ? least(node->fanout, all - out) : least(1, all);
    if (tick->to_len != due)
        checks_asks(checks, index, "pulls to different peers", due, tick->to_len);
    else if (out > 0 && all > out && asked_in_vain(tick, asking))
        checks_asks(checks, index, "pulls to peers that do not answer", 0, 1);
    owe(asking, tick);
}

static void check_asked(const struct asking_tick *tick, struct asking *asking,
                        struct checks *checks, const struct node *node, uint32_t index)
{
    if (tick->sent != tick->to_len)
        checks_asks(checks, index, "pulls to different peers", tick->sent, tick->to_len);
    asking_picks(tick, asking, checks, node, index);
}

static void check_told(const struct asking_tick *tick, struct checks *checks,
                       const struct node *node, uint32_t index, uint32_t want)
{
    uint32_t due = node->counter.len > 0 ? least(want, peers_count(&node->peers)) : 0;

    if (tick->sent != due || tick->to_len != due)
        checks_asks(checks, index, "pushes to different peers", due, tick->to_len);
}

/* A digest costs as much as a merge: what a message made known of this state is kept. */
static void check_digest(struct checks *checks, const struct node *node, uint32_t index)
{
    if (node->digest_version != node->version)
        checks_fail(checks, CHECK_ANSWER, index, "does not keep the digest of its state",
                    "expected that of its present version, found one of another");
}

void asking_tick_ends(struct asking_tick *tick, struct asking *asking, struct checks *checks,
                      const struct node *node, uint32_t index, enum node_timer timer)
{
    uint32_t half = node->fanout > 1 ? node->fanout / 2 : 1;
    bool told = tick->sent > 0 && tick->kind == MESSAGE_PUSH;

    tick->runs = false;
    if (tick->sent > 0)
        check_digest(checks, node, index);
    if (asking->is_blind || node->phase != NODE_RUNNING)
        return;
    if (timer == NODE_TIMER_SYNC)
        standstill_round(&asking->standstill, checks, node, index, told);
    if (timer == NODE_TIMER_FULL)
        check_told(tick, checks, node, index, half);
    else if (told) /* it is stuck */
        check_told(tick, checks, node, index, node->fanout);
    else
        check_asked(tick, asking, checks, node, index);
}
