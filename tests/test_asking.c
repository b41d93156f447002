/* Whom a node may ask in a round, without a node: only its peers and its fanout count. */
#include "sim/asking.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/doubts.h"
#include "core/mem.h"
#include "core/names.h"
#include "sim/checks.h"
#include "sim/oracle.h"

#define NODES 5u

static const dc_name everybody[NODES] = {0, 1, 2, 3, 4};

struct bench {
    struct names names;
    struct oracle oracle;
    struct checks checks;
    struct node node;
    struct asking asking;
    struct asking_tick tick;
};

static void set_up(struct bench *b, uint32_t fanout)
{
    memset(b, 0, sizeof(*b));
    names_init(&b->names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->names, NODES);
    b->node.phase = NODE_RUNNING;
    b->node.fanout = fanout;
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

/* A tick in which the node sends one message to each of @to, which ends with 0. */
static void tick(struct bench *b, enum node_timer timer, enum message_kind kind, const char *to)
{
    asking_tick_begins(&b->tick);
    for (; *to != '\0'; to++)
        asking_tick_sent(&b->tick, kind, (uint32_t)(*to - '0'));
    asking_tick_ends(&b->tick, &b->asking, &b->checks, &b->node, 0, timer);
}

/* In its hundredth round. */
static void get_stuck(struct bench *b)
{
    b->node.fired[NODE_TIMER_SYNC] = b->node.stuck.rounds = 100;
    b->node.every_ns[NODE_TIMER_SYNC] = 1000;
    b->node.stuck.heard = STUCK_HEARD;
    b->asking.standstill =
        (struct standstill){.first = 1, .last = 100, .heard = STUCK_HEARD, .is_stuck = true};
}

static void pulls(struct bench *b, const char *to)
{
    tick(b, NODE_TIMER_SYNC, MESSAGE_PULL, to);
}

static void heard(struct bench *b, const char *from)
{
    for (; *from != '\0'; from++)
        asking_heard(&b->asking, (uint32_t)(*from - '0'));
}

static void expect_holds(const struct bench *b)
{
    cr_expect(b->checks.violation.check == NULL, "%s | %s", b->checks.violation.headline,
              b->checks.violation.label);
}

static void expect_fires(struct bench *b, const char *part)
{
    cr_assert(b->checks.violation.check != NULL, "nothing fired: %s", part);
    cr_expect(eq(str, (char *)b->checks.violation.check, (char *)"answer"));
    cr_expect(strstr(b->checks.violation.headline, part) != NULL ||
                  strstr(b->checks.violation.label, part) != NULL,
              "%s | %s", b->checks.violation.headline, b->checks.violation.label);
    b->checks.violation = (struct violation){0};
}

Test(asking, as_many_different_peers_as_the_fanout_says)
{
    struct bench b;

    set_up(&b, 2);
    pulls(&b, "12");
    heard(&b, "12");
    pulls(&b, "43");
    heard(&b, "43");
    expect_holds(&b);
    pulls(&b, "1");
    expect_fires(&b, "found 1");
    heard(&b, "1");
    pulls(&b, "11");
    expect_fires(&b, "found 1");
    heard(&b, "1");
    pulls(&b, "123");
    expect_fires(&b, "found 3");
    heard(&b, "123");
    pulls(&b, "");
    expect_fires(&b, "found 0");
    tear_down(&b);
}

/* Not more than there are. */
Test(asking, all_peers_where_there_are_fewer)
{
    struct bench b;

    set_up(&b, 7);
    pulls(&b, "1234");
    heard(&b, "1234");
    expect_holds(&b);
    pulls(&b, "123");
    expect_fires(&b, "found 3");
    tear_down(&b);
}

/* Who has not answered three times is left alone for a round, then for two, four and eight. */
Test(asking, a_silent_peer_is_left_alone_for_longer_and_longer)
{
    static const unsigned alone[] = {1, 2, 4, 8, 8};
    struct bench b;

    set_up(&b, 4);
    for (unsigned i = 0; i + 1 < DOUBTS_PATIENCE; i++) {
        pulls(&b, "1234");
        heard(&b, "123");
    }
    for (size_t turn = 0; turn < sizeof(alone) / sizeof(alone[0]); turn++) {
        pulls(&b, "1234");
        heard(&b, "123");
        for (unsigned i = 0; i < alone[turn]; i++) {
            pulls(&b, "123");
            heard(&b, "123");
            expect_holds(&b);
        }
    }
    pulls(&b, "1234");
    heard(&b, "123");
    expect_holds(&b);
    pulls(&b, "1234");
    expect_fires(&b, "pulls to");
    tear_down(&b);
}

/* One word of it is enough, and it has to be asked again. */
Test(asking, who_is_heard_again_owes_nothing)
{
    struct bench b;

    set_up(&b, 4);
    for (unsigned i = 0; i < DOUBTS_PATIENCE; i++) {
        pulls(&b, "1234");
        heard(&b, "123");
    }
    heard(&b, "4");
    pulls(&b, "1234");
    expect_holds(&b);
    heard(&b, "1234");
    pulls(&b, "123");
    expect_fires(&b, "found 3");
    tear_down(&b);
}

/* One is asked all the same, for somebody has to be. */
Test(asking, one_of_many_that_are_all_silent)
{
    struct bench b;

    set_up(&b, 4);
    for (unsigned i = 0; i < DOUBTS_PATIENCE; i++)
        pulls(&b, "1234");
    pulls(&b, "2");
    expect_holds(&b);
    pulls(&b, "");
    expect_fires(&b, "found 0");
    tear_down(&b);
}

Test(asking, half_as_many_are_told_unasked)
{
    struct bench b;

    set_up(&b, 4);
    tick(&b, NODE_TIMER_FULL, MESSAGE_PUSH, "");
    expect_holds(&b); /* there is nothing to tell */
    b.node.counter.len = 1;
    tick(&b, NODE_TIMER_FULL, MESSAGE_PUSH, "13");
    expect_holds(&b);
    tick(&b, NODE_TIMER_FULL, MESSAGE_PUSH, "1");
    expect_fires(&b, "pushes");
    get_stuck(&b);
    tick(&b, NODE_TIMER_SYNC, MESSAGE_PUSH, "1234"); /* it tells, as many as it would ask */
    expect_holds(&b);
    tick(&b, NODE_TIMER_SYNC, MESSAGE_PUSH, "124");
    expect_fires(&b, "pushes");
    b.node.fanout = 1;
    tick(&b, NODE_TIMER_FULL, MESSAGE_PUSH, "4");
    expect_holds(&b);
    tear_down(&b);
}

/* What cannot be known is not judged, until the process starts again. */
Test(asking, a_blind_life_is_not_judged)
{
    struct bench b;

    set_up(&b, 2);
    asking_blind(&b.asking);
    pulls(&b, "");
    expect_holds(&b);
    asking_starts(&b.asking);
    pulls(&b, "");
    expect_fires(&b, "found 0");
    b.node.phase = NODE_LEAVING; /* sim/leaving.h asks */
    pulls(&b, "1");
    expect_holds(&b);
    tear_down(&b);
}

Test(asking, a_digest_is_kept_for_as_long_as_the_state_stays)
{
    struct bench b;

    set_up(&b, 2);
    b.node.version = b.node.digest_version = 7;
    pulls(&b, "12");
    heard(&b, "12");
    b.node.version = 8;
    tick(&b, NODE_TIMER_SYNC, MESSAGE_PULL, ""); /* one that sends nothing needs none */
    b.checks.violation = (struct violation){0};
    expect_holds(&b);
    pulls(&b, "34");
    expect_fires(&b, "n1 does not keep the digest of its state");
    tear_down(&b);
}
