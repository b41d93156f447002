/* Rounds that get nowhere: what a node makes of them is counted anew, and held against it. */
#include "sim/standstill.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/names.h"
#include "core/node.h"
#include "core/stuck.h"
#include "sim/checks.h"
#include "sim/oracle.h"

#define NODES 3u

static const dc_name everybody[NODES] = {0, 1, 2};

struct bench {
    struct names names;
    struct oracle oracle;
    struct checks checks;
    struct node node;
    struct standstill standstill;
    uint64_t draws;
    bool silent; /* nobody is heard */
};

static void set_up(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    names_init(&b->names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->names, NODES);
    b->node.version = 1;
    b->node.counter.len = 1;
    b->node.every_ns[NODE_TIMER_SYNC] = 1000;
    peers_init(&b->node.peers, mem_heap(), 0, everybody, NODES);
}

static void tear_down(struct bench *b)
{
    peers_release(&b->node.peers);
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->names);
}

/* A round of a node that does what core/stuck.h says; in it another state was heard of, or not. */
static bool moves(struct bench *b, bool differs)
{
    bool is_stuck;

    b->draws = b->draws * UINT64_C(6364136223846793005) + 1442695040888963407;
    if (differs) {
        stuck_hear(&b->node.stuck);
        b->standstill.differs = true;
    }
    if (!b->silent) {
        stuck_voice(&b->node.stuck);
        b->standstill.hears = true;
    }
    b->node.fired[NODE_TIMER_SYNC]++;
    is_stuck = stuck_round(&b->node.stuck, b->node.version, true);
    b->node.shift_ns = is_stuck || stuck_is_alone(&b->node.stuck) ? (b->draws >> 32) % 1000 : 0;
    return is_stuck && (b->draws >> 63) != 0;
}

static void right_round(struct bench *b, bool differs)
{
    bool told = moves(b, differs);

    standstill_round(&b->standstill, &b->checks, &b->node, 0, told);
}

static void expect(struct bench *b, const char *headline)
{
    const struct violation *found = &b->checks.violation;

    if (!headline) {
        cr_expect(found->check == NULL, "%s | %s", found->headline, found->label);
        return;
    }
    cr_assert(found->check != NULL, "nothing fired: %s", headline);
    cr_expect(eq(str, (char *)found->check, (char *)"answer"));
    cr_expect(strstr(found->headline, headline) != NULL, "%s", found->headline);
}

/* It is stuck, and one that is right. */
static void get_stuck(struct bench *b)
{
    for (int round = 0; round < 100; round++)
        right_round(b, true);
    expect(b, NULL);
    cr_assert(b->standstill.is_stuck && stuck_is(&b->node.stuck));
}

/* Others differ now and then, the state changes now and then, and long rests come between. */
Test(standstill, follows_a_right_node)
{
    struct bench b;
    uint32_t stuck = 0, freed = 0, alone = 0, together = 0;

    set_up(&b);
    for (uint32_t round = 0; round < 50000; round++) {
        uint32_t part = round / 2000 % 4;
        bool was = b.standstill.is_stuck, was_alone = b.standstill.is_alone;

        b.silent = round / 1300 % 3 == 0 && (round % 100 < 30 || round % 3 == 0);
        if (part == 1 && round % 37 == 0)
            b.node.version++;
        right_round(&b,
                    part == 0 || (part == 1 && round % 3 == 0) || (part == 2 && round % 1500 == 0));
        stuck += b.standstill.is_stuck && !was;
        freed += was && !b.standstill.is_stuck;
        alone += b.standstill.is_alone && !was_alone;
        together += was_alone && !b.standstill.is_alone;
    }
    expect(&b, NULL);
    cr_expect(stuck > 3 && freed > 3, "%u and %u", stuck, freed);
    cr_expect(alone > 3 && together > 3, "%u and %u", alone, together);
    tear_down(&b);
}

Test(standstill, rounds_that_are_miscounted_are_seen)
{
    struct bench b;

    set_up(&b);
    get_stuck(&b);
    b.node.stuck.rounds++;
    right_round(&b, false);
    expect(&b, "n1 miscounts the rounds in which others had another state");
    tear_down(&b);

    set_up(&b);
    right_round(&b, false);
    b.standstill.differs = true; /* it does not take notice */
    right_round(&b, false);
    expect(&b, "n1 miscounts the rounds in which others had another state");
    tear_down(&b);
}

Test(standstill, who_is_not_stuck_does_not_behave_so)
{
    struct bench b;

    set_up(&b);
    (void)moves(&b, false);
    standstill_round(&b.standstill, &b.checks, &b.node, 0, true);
    expect(&b, "n1 behaves as if it were stuck");
    tear_down(&b);

    set_up(&b);
    (void)moves(&b, false);
    b.node.shift_ns = 1;
    standstill_round(&b.standstill, &b.checks, &b.node, 0, false);
    expect(&b, "n1 behaves as if it were stuck");
    tear_down(&b);
}

Test(standstill, who_is_stuck_does_one_thing_and_the_other)
{
    static const char *const headlines[] = {
        "n1 is stuck, and does the same in each round",
        "n1 gets nowhere, and asks at the same time in each round",
        "n1 gets nowhere, and asks too late",
    };

    for (int fault = 0; fault < 3; fault++) {
        struct bench b;

        set_up(&b);
        get_stuck(&b);
        for (int round = 0; round < 100; round++) {
            bool told = moves(&b, true);

            if (fault == 1)
                b.node.shift_ns = 7;
            if (fault == 2)
                b.node.shift_ns += 1000;
            standstill_round(&b.standstill, &b.checks, &b.node, 0, fault == 0 || told);
        }
        expect(&b, headlines[fault]);
        tear_down(&b);
    }
}

/* Nobody answers: it goes on asking, at other times each round, and does not push. */
Test(standstill, who_is_alone_asks_at_other_times)
{
    static const char *const headlines[] = {
        "n1 gets nowhere, and asks at the same time in each round",
        "n1 gets nowhere, and asks too late",
        "n1 behaves as if it were stuck",
    };

    for (int fault = 0; fault < 3; fault++) {
        struct bench b;

        set_up(&b);
        b.silent = true;
        for (uint32_t round = 0; round < 2 * STUCK_SILENT; round++)
            right_round(&b, false);
        expect(&b, NULL);
        cr_assert(b.standstill.is_alone && b.node.shift_ns > 0);
        for (int round = 0; round < 100; round++) {
            (void)moves(&b, false);
            if (fault == 0)
                b.node.shift_ns = 7;
            if (fault == 1)
                b.node.shift_ns += 1000;
            standstill_round(&b.standstill, &b.checks, &b.node, 0, fault == 2);
        }
        expect(&b, headlines[fault]);
        tear_down(&b);
    }
}
