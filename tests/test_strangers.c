/* What strangers cost a node, and whether it hears its friends all the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/strangers.h"

#define NAMES_LIMIT ((size_t)64 << 20)
/*
 * Beside the names, what grows with what strangers send: the payload of a frame, the pairs of
 * its maps, the links of the chain, the state twice, peers, and what zstd takes.
 */
#define OTHER_MAX ((size_t)200 << 20)

static void expect_within_limits(const struct siege *siege, const char *name)
{
    cr_expect(le(sz, siege->names_memory.peak, NAMES_LIMIT + SIEGE_FORM_BYTES_MAX), "%s: %zu", name,
              siege->names_memory.peak);
    cr_expect(le(sz, siege->memory.peak, OTHER_MAX), "%s: %zu", name, siege->memory.peak);
}

static void expect_service(struct siege *siege, const char *name, unsigned after)
{
    struct siege_service it = siege_try(siege);

    cr_expect(it.friend_answered, "%s: the friend is answered", name);
    cr_expect(it.friend_counted, "%s: the friend is counted", name);
    cr_expect(it.counts_itself, "%s: it counts", name);
    cr_expect(it.stranger_answered, "%s: who comes afterwards is answered", name);
    cr_expect(eq(int, it.stranger_counted, !(after & SIEGE_NOT_COUNTED)), "%s: is counted", name);
    cr_expect(eq(int, it.stranger_learned, !(after & (SIEGE_NOT_LEARNED | SIEGE_FIXED))),
              "%s: is learned", name);
}

/*
 * Each attack alone: memory stays within the limits, who was known before is served as ever,
 * and so is who comes afterwards, but for what docs/strangers.md says.
 */
Test(strangers, cost_what_the_limits_say)
{
    struct siege *siege = calloc(1, sizeof(*siege));

    cr_assert(siege != NULL);
    for (size_t i = 0; i < siege_attacks_len; i++) {
        const struct siege_attack *attack = &siege_attacks[i];

        siege_begin(siege, NAMES_LIMIT, (attack->after & SIEGE_FIXED) != 0);
        attack->run(siege, attack->few);
        expect_within_limits(siege, attack->name);
        expect_service(siege, attack->name, attack->after);
        siege_end(siege);
    }
    free(siege);
}

static void run(struct siege *siege, const char *name, uint32_t frames)
{
    for (size_t i = 0; i < siege_attacks_len; i++)
        if (strcmp(siege_attacks[i].name, name) == 0)
            siege_attacks[i].run(siege, frames);
}

/*
 * 27 MB of pulls from invented senders, and pushes that are refused: of all that nothing
 * is left in the table. Then addresses and counts that are taken, and are held; and who
 * comes behind them is heard, learned and counted.
 */
Test(strangers, leave_a_node_to_its_friends)
{
    struct siege *siege = calloc(1, sizeof(*siege));

    cr_assert(siege != NULL);
    siege_begin(siege, NAMES_LIMIT, false);
    run(siege, "senders", 2200000);
    cr_assert(ge(u64, siege->bytes, (uint64_t)27000000 - 600000));
    run(siege, "false digests", 10);
    cr_assert(eq(u64, siege->refused, 10));
    run(siege, "zeros", 1);
    cr_expect(le(u32, siege->names.len, 3), "us, friend, stranger");

    run(siege, "claims", 1000);
    run(siege, "short ids", 30);
    run(siege, "long ids", 10);
    run(siege, "sources", 10000);
    cr_expect(ge(u32, siege->names.len, 8000 + 10000 + 100000));
    expect_within_limits(siege, "all of them");
    expect_service(siege, "all of them", 0);
    siege_end(siege);
    free(siege);
}

/* ---- a sweep is not seen ---- */

static void expect_same(struct siege *a, struct siege *b, int round)
{
    cr_assert(eq(u64, a->sent, b->sent), "round %d", round);
    cr_assert(eq(u64, a->said, b->said), "round %d", round);
    cr_assert(eq(u64, node_digest(&a->node), node_digest(&b->node)), "round %d", round);
    cr_assert(eq(u32, peers_count(&a->node.peers), peers_count(&b->node.peers)));
}

/*
 * Two nodes hear the same of strangers and friends, and fire the same timers. One of them
 * has its names swept behind each event, the other hardly ever: what they send, and whom, is the
 * same to the last byte.
 */
Test(strangers, a_node_does_not_notice_a_sweep)
{
    struct siege *swept = calloc(1, sizeof(*swept)), *other = calloc(1, sizeof(*other));

    cr_assert(swept != NULL && other != NULL);
    siege_begin(swept, NAMES_LIMIT, false);
    siege_begin(other, NAMES_LIMIT, false);
    swept->sweeps_always = true;
    for (int round = 0; round < 1500; round++) {
        siege_turn(swept);
        siege_turn(other);
        expect_same(swept, other, round);
    }
    cr_assert(ge(u64, swept->sweeps, 1000));
    cr_assert(lt(u64, other->sweeps, 5));
    siege_end(swept);
    siege_end(other);
    free(swept);
    free(other);
}
