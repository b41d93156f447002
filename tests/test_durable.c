/* What a sync is taken to cover: all that was handed over before the last write before it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sim/durable.h"
#include "sim/oracle.h"

struct bench {
    struct oracle oracle;
    struct durable durable;
};

static void set_up(struct bench *b)
{
    oracle_init(&b->oracle, 1);
    oracle_waits(&b->oracle, 0);
    b->durable = (struct durable){0};
}

static void tear_down(struct bench *b)
{
    durable_release(&b->durable);
    oracle_release(&b->oracle);
}

static uint64_t hand(struct bench *b, uint64_t amount)
{
    dc_name id = oracle_asked(&b->oracle, 0, DC_INC, amount);

    return durable_handed(&b->durable, id, DC_INC, amount);
}

/* Handed over, and written in the same call. */
static uint64_t write(struct bench *b, uint64_t amount)
{
    uint64_t number = hand(b, amount);

    durable_wrote(&b->durable);
    return number;
}

static void sync(struct bench *b, bool ok)
{
    durable_sync_begins(&b->durable);
    durable_sync_ends(&b->durable, &b->oracle, ok);
}

/* The most that may be shown. */
static void expect_shown(struct bench *b, uint64_t most)
{
    struct sums sums;

    oracle_sums(&b->oracle, 0, DC_INC, ORACLE_NODE, &sums);
    cr_assert(eq(u64, (uint64_t)sums_most(&sums), most));
    sums_release(&sums);
}

Test(durable, a_sync_covers_what_was_written_before_it)
{
    struct bench b;
    set_up(&b);

    uint64_t first = write(&b, 1);
    expect_shown(&b, 0);
    cr_assert(not(durable_covers(&b.durable, first)));
    durable_sync_begins(&b.durable);
    uint64_t second = write(&b, 10);
    durable_sync_ends(&b.durable, &b.oracle, true);
    expect_shown(&b, 1);
    cr_assert(durable_covers(&b.durable, first));
    cr_assert(not(durable_covers(&b.durable, second)));
    sync(&b, true);
    expect_shown(&b, 11);
    tear_down(&b);
}

/* A sync says nothing of what was handed over and never written. */
Test(durable, what_was_not_written_is_not_covered)
{
    struct bench b;
    set_up(&b);

    write(&b, 1);
    hand(&b, 10);
    sync(&b, true);
    expect_shown(&b, 1);
    sync(&b, true);
    expect_shown(&b, 1);
    tear_down(&b);
}

/* After a failed sync another covers what it was to cover only if it was written again. */
Test(durable, what_a_failed_sync_covered_is_in_doubt)
{
    struct bench b;
    set_up(&b);

    write(&b, 1);
    sync(&b, false);
    sync(&b, true);
    expect_shown(&b, 0);
    durable_wrote(&b.durable);
    sync(&b, true);
    expect_shown(&b, 1);
    tear_down(&b);
}

/* What is written while a sync fails is no part of it. */
Test(durable, what_was_written_during_a_failed_sync_is_not_in_doubt)
{
    struct bench b;
    set_up(&b);

    write(&b, 1);
    durable_sync_begins(&b.durable);
    write(&b, 10);
    durable_sync_ends(&b.durable, &b.oracle, false);
    expect_shown(&b, 0);
    sync(&b, true);
    expect_shown(&b, 11);
    tear_down(&b);
}

/* A refusal takes a request out of what may be shown, covered or not. */
Test(durable, what_was_refused_is_never_shown)
{
    struct bench b;
    set_up(&b);

    write(&b, 1);
    uint64_t refused = write(&b, 10);
    durable_answered(&b.durable, refused, ENV_REFUSED);
    oracle_answered(&b.oracle, 0, DC_INC, 10, ENV_REFUSED, false);
    expect_shown(&b, 0);
    sync(&b, true);
    expect_shown(&b, 1);
    oracle_asked(&b.oracle, 0, DC_INC, 100); /* it never reached the node */
    durable_answered(&b.durable, DURABLE_NEVER, ENV_REFUSED);
    oracle_answered(&b.oracle, 0, DC_INC, 100, ENV_REFUSED, false);
    expect_shown(&b, 1);
    tear_down(&b);
}

/* A crash leaves what it leaves, which a start reads; what was never handed over is not there. */
Test(durable, what_is_there_after_the_end_may_be_shown)
{
    struct bench b;
    set_up(&b);

    write(&b, 1);
    hand(&b, 10);
    oracle_asked(&b.oracle, 0, DC_INC, 100);
    durable_sync_begins(&b.durable);
    durable_ended(&b.durable, &b.oracle);
    expect_shown(&b, 11);
    write(&b, 1000);
    expect_shown(&b, 11);
    sync(&b, true);
    expect_shown(&b, 1011);
    tear_down(&b);
}

/* Under any number of requests, in any rhythm: compared with a list that keeps them all. */
Test(durable, covers_each_once)
{
    uint64_t shown = 0, written = 0, asked = 0;
    struct bench b;
    set_up(&b);

    for (uint64_t i = 1; i < 20000; i++) {
        hand(&b, i);
        asked += i;
        if (i % 3 == 0) {
            durable_wrote(&b.durable);
            written = asked;
        }
        if (i % 7 == 0) {
            sync(&b, true);
            shown = written;
        }
        if (i % 1000 == 0) {
            durable_ended(&b.durable, &b.oracle);
            shown = written = asked;
        }
        expect_shown(&b, shown);
    }
    tear_down(&b);
}
