/* Rounds of a node that leaves: what is owed in each, and each way to owe it still. */
#include "sim/leaving.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/names.h"
#include "core/node.h"
#include "core/stuck.h"
#include "sim/asking.h"
#include "sim/checks.h"
#include "sim/oracle.h"

#define NODES 4u
#define MANY 200

static const dc_name everybody[NODES] = {0, 1, 2, 3};

struct bench {
    struct names names;
    struct oracle oracle;
    struct checks checks;
    struct node node;
    struct asking_tick tick;
    struct leaving leaving;
    struct asking asking;
};

static void set_up(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    names_init(&b->names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->names, NODES);
    b->node.counter.len = 1;
    b->node.fanout = 2;
    b->node.every_ns[NODE_TIMER_SYNC] = 1000;
    peers_init(&b->node.peers, mem_heap(), 0, everybody, NODES);
    asking_tick_init(&b->tick, NODES);
    asking_starts(&b->asking);
}

static void tear_down(struct bench *b)
{
    asking_tick_release(&b->tick);
    asking_release(&b->asking);
    peers_release(&b->node.peers);
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->names);
}

/* "s1p1": a push to n2, then a pull; the next round comes @shift_ns later than it would. */
static void round_of(struct bench *b, const char *sent, uint64_t shift_ns)
{
    asking_tick_begins(&b->tick);
    for (; *sent != '\0'; sent += 2)
        asking_tick_sent(&b->tick, sent[0] == 's' ? MESSAGE_PUSH : MESSAGE_PULL,
                         (uint32_t)(sent[1] - '0'));
    b->node.shift_ns = shift_ns;
    for (uint32_t i = 1; i < NODES; i++)
        asking_heard(&b->asking, i);
    leaving_round(&b->leaving, &b->checks, &b->node, 0, &b->tick, &b->asking);
}

static void early_rounds(struct bench *b)
{
    for (uint32_t i = 0; i < STUCK_HEARD; i++)
        round_of(b, "s1p1s2p2", 0);
}

static void expect_holds(const struct bench *b)
{
    cr_expect(b->checks.violation.check == NULL, "%s: %s", b->checks.violation.headline,
              b->checks.violation.label);
}

static void expect_fired(struct bench *b, const char *headline)
{
    cr_assert(b->checks.violation.check != NULL, "expected: %s", headline);
    cr_expect(eq(str, b->checks.violation.headline, (char *)headline));
    tear_down(b);
    set_up(b);
}

Test(leaving, a_right_node_is_let_alone)
{
    struct bench b;

    set_up(&b);
    round_of(&b, "", 0); /* clients wait */
    early_rounds(&b);
    for (int i = 0; i < MANY; i++)
        round_of(&b, i % 3 == 0 ? "s1p2" : i % 3 == 1 ? "p1s2" : "p1p2", (uint64_t)i % 7);
    expect_holds(&b);
    tear_down(&b);

    set_up(&b); /* has nothing to give */
    b.node.counter.len = 0;
    for (uint32_t i = 0; i < STUCK_HEARD; i++)
        round_of(&b, "p1p2", 0);
    for (int i = 0; i < MANY; i++)
        round_of(&b, "p1p2", (uint64_t)i % 7);
    expect_holds(&b);
    tear_down(&b);
}

/* A round in which it knew nobody counts for the node, and nobody sees it. */
Test(leaving, what_nobody_sees_is_not_asked)
{
    struct bench b;

    set_up(&b);
    peers_release(&b.node.peers);
    peers_init(&b.node.peers, mem_heap(), 0, everybody, 1);
    round_of(&b, "", 0);
    round_of(&b, "s1p2", 5);
    expect_holds(&b);
    tear_down(&b);
}

Test(leaving, an_early_round_is_whole_and_in_time)
{
    struct bench b;

    set_up(&b);
    round_of(&b, "s1s2", 0);
    expect_fired(&b, "n1 leaves, and does not hand over and ask");
    round_of(&b, "s1p1s2", 0);
    expect_fired(&b, "n1 leaves, and does not hand over and ask");
    round_of(&b, "p1p2", 0);
    expect_fired(&b, "n1 leaves, and does not hand over and ask");
    b.node.counter.len = 0;
    round_of(&b, "s1p1", 0);
    expect_fired(&b, "n1 leaves, and does not hand over and ask");
    round_of(&b, "s1p1", 1);
    expect_fired(&b, "n1 leaves, and is late with its next round");
    round_of(&b, "s1p1", 0);
    expect_fired(&b, "n1 does not ask or tell its peers as it has to");
    tear_down(&b);
}

Test(leaving, a_late_round_is_one_of_the_two_at_a_chance_time)
{
    struct bench b;

    set_up(&b);
    early_rounds(&b);
    expect_holds(&b);
    round_of(&b, "s1p1s2p2", 0);
    expect_fired(&b, "n1 leaves, gets nowhere, and hands over and asks at once");
    early_rounds(&b);
    round_of(&b, "s1p1", 0); /* the others are left alone */
    expect_fired(&b, "n1 leaves, gets nowhere, and hands over and asks at once");
    early_rounds(&b);
    round_of(&b, "s1p2", 1000);
    expect_fired(&b, "n1 leaves, and is too late with its next round");
    early_rounds(&b);
    for (int i = 0; i < MANY; i++)
        round_of(&b, "s1s2", (uint64_t)i % 7);
    expect_fired(&b, "n1 leaves, gets nowhere, and does the same in each round");
    early_rounds(&b);
    for (int i = 0; i < MANY; i++)
        round_of(&b, i % 2 ? "s1s2" : "p1p2", 3);
    expect_fired(&b, "n1 leaves, gets nowhere, and does so at the same time in each round");
    tear_down(&b);
}
