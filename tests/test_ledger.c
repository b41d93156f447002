/* Own counts between client, disk and counter: nothing that was ok is lost, nothing is counted
 * twice. */
#include "core/ledger.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/pncounter.h"
#include "tests/lib_core.h"
#include "tests/lib_disk.h"

#define CLIENTS_MAX 512

/* The disk comes first: env has one context for all operations. */
struct fixture {
    struct test_disk disk;
    struct test_world world;
    struct test_random random;
    struct ledger ledger;
    struct pncounter counter;
    struct pncounter peers; /* all that anybody was ever shown */
    uint64_t asked[CLIENTS_MAX];
    size_t clients;
    uint64_t answered[3], asked_all; /* amounts, by answer */
    size_t events[32];               /* by enum env_event */
    size_t answers;
};

static uint64_t on_random(void *ctx)
{
    struct fixture *fixture = ctx;

    return draw(&fixture->random);
}

static void on_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    struct fixture *fixture = ctx;

    cr_assert(client < fixture->clients && fixture->asked[client] > 0, "answered once");
    fixture->answered[answer] += fixture->asked[client];
    fixture->asked[client] = 0;
    fixture->answers++;
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct fixture *fixture = ctx;

    (void)level;
    (void)fields;
    fixture->events[event]++;
}

static void on_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct fixture *fixture = ctx;

    (void)side;
    (void)old;
    (void)now;
    ledger_raised(&fixture->ledger, id);
}

static struct pncounter_watch watch_of(struct fixture *fixture)
{
    return (struct pncounter_watch){.raised = on_raised, .ctx = fixture};
}

static struct fixture *fixture_new(uint64_t seed)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    cr_assert(fixture != NULL);
    test_disk_init(&fixture->disk);
    fixture->disk.ops.random = on_random;
    fixture->disk.ops.reply = on_reply;
    fixture->disk.ops.log = on_log;
    fixture->random.state = seed;
    world_init(&fixture->world);
    pncounter_init(&fixture->counter, &fixture->world.mem.mem, &fixture->world.names);
    pncounter_init(&fixture->peers, &fixture->world.mem.mem, &fixture->world.names);
    return fixture;
}

static void fixture_free(struct fixture *fixture)
{
    ledger_release(&fixture->ledger);
    pncounter_release(&fixture->counter);
    pncounter_release(&fixture->peers);
    expect_world_empty(&fixture->world);
    test_disk_release(&fixture->disk);
    free(fixture);
}

/* The process starts: memory is gone, and so is what the clients wait for. */
static void start(struct fixture *fixture, bool durable, bool first)
{
    struct pncounter_watch watch = watch_of(fixture);

    for (size_t i = 0; i < fixture->clients; i++) {
        fixture->answered[ENV_UNKNOWN] += fixture->asked[i];
        fixture->asked[i] = 0;
    }
    ledger_release(&fixture->ledger);
    pncounter_clear(&fixture->counter);
    fixture->disk.token = 0;
    ledger_init(&fixture->ledger, &fixture->world.mem.mem, &fixture->disk.env,
                &fixture->world.names, name(&fixture->world, "n3"), durable,
                700 /* so that some cases have many segments */);
    cr_assert(ledger_open(&fixture->ledger, &fixture->counter, first, &watch) == 0);
}

static int ask(struct fixture *fixture, enum dc_side side, uint64_t amount)
{
    struct pncounter_watch watch = watch_of(fixture);
    uint64_t client = fixture->clients;
    int rc;

    cr_assert(client < CLIENTS_MAX);
    fixture->clients++;
    fixture->asked[client] = amount;
    fixture->asked_all += amount;
    rc = ledger_ask(&fixture->ledger, &fixture->counter, client, side, amount, &watch);
    if (rc != 0)
        on_reply(fixture, client, rc < 0 ? ENV_REFUSED : ENV_OK);
    return rc;
}

static void finish_sync(struct fixture *fixture, bool ok)
{
    struct pncounter_watch watch = watch_of(fixture);

    if (fixture->disk.token != 0)
        ledger_on_sync(&fixture->ledger, &fixture->counter, test_disk_answer(&fixture->disk, ok),
                       ok, &watch);
}

/* Everything durable that can become so. */
static void settle(struct fixture *fixture)
{
    while (fixture->disk.token != 0)
        finish_sync(fixture, true);
}

static bool is_first_id(const struct fixture *fixture)
{
    return fixture->ledger.id == fixture->ledger.name;
}

Test(ledger, an_operation_is_shown_once_it_is_durable)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    cr_expect(ask(fixture, DC_INC, 5) == 0 && ask(fixture, DC_DEC, 2) == 0);
    expect_entries(&fixture->counter, "");
    cr_expect(fixture->answers == 0);
    finish_sync(fixture, true); /* the one that began at the start: they came later */
    expect_entries(&fixture->counter, "");
    cr_expect(fixture->answers == 0);
    finish_sync(fixture, true); /* both at once */
    expect_entries(&fixture->counter, "n3:+5-2");
    cr_expect(fixture->answers == 2 && fixture->answered[ENV_OK] == 7);
    fixture_free(fixture);
}

Test(ledger, without_a_disk_it_is_done_at_once)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, false, true);
    cr_expect(ask(fixture, DC_INC, 5) == 1);
    expect_entries(&fixture->counter, "n3:+5-0");
    start(fixture, false, false);
    cr_expect(!is_first_id(fixture) && fixture->events[ENV_INCARNATION] == 1);
    fixture_free(fixture);
}

Test(ledger, what_waits_counts_for_the_limit)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    cr_expect(ask(fixture, DC_INC, UINT64_MAX - 1) == 0);
    cr_expect(ask(fixture, DC_INC, 2) == DC_EOVERFLOW);
    cr_expect(ask(fixture, DC_INC, 1) == 0);
    cr_expect(ask(fixture, DC_DEC, 2) == 0);
    settle(fixture);
    expect_entries(&fixture->counter, "n3:+18446744073709551615-2");
    fixture_free(fixture);
}

Test(ledger, a_failed_sync_leaves_the_fate_open)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    ask(fixture, DC_INC, 5);
    settle(fixture);
    ask(fixture, DC_INC, 3);
    finish_sync(fixture, false);
    cr_expect(fixture->answered[ENV_UNKNOWN] == 3 && fixture->events[ENV_DISK_FAILED] == 1);
    expect_entries(&fixture->counter, "n3:+5-0");
    cr_expect(ask(fixture, DC_INC, 1) == 0);
    settle(fixture);
    expect_entries(&fixture->counter, "n3:+6-0");
    fixture_free(fixture);
}

/*
 * A merge that changes something is written, but not all that is known: a node
 * of a large cluster would do nothing else.
 */
Test(ledger, only_what_rose_is_written)
{
    struct fixture *fixture = fixture_new(1);
    struct pncounter_watch watch = watch_of(fixture);
    struct pncounter others = counter_of(&fixture->world, "n1:+9-0 n2:+9-9");
    char id[16];

    start(fixture, true, true);
    fixture->ledger.wal.segment_max = WAL_SEGMENT_BYTES;
    for (int i = 10; i < 200; i++) {
        snprintf(id, sizeof(id), "n%d", i);
        cr_assert(pncounter_raise(&others, name(&fixture->world, id), DC_INC, 7, NULL) == 1);
    }
    cr_assert(pncounter_merge(&fixture->counter, &others, &watch) == 1);
    ledger_flush(&fixture->ledger, &fixture->counter);
    settle(fixture);
    uint64_t all = fixture->ledger.wal.segment_bytes;

    cr_assert(pncounter_raise(&others, name(&fixture->world, "n77"), DC_INC, 8, NULL) == 1);
    cr_assert(pncounter_merge(&fixture->counter, &others, &watch) == 1);
    ledger_flush(&fixture->ledger, &fixture->counter);
    settle(fixture);

    cr_expect(all > 190u * 14);
    cr_expect(fixture->ledger.wal.segment_bytes - all < 100);
    pncounter_release(&others);
    fixture_free(fixture);
}

Test(ledger, a_full_disk_refuses_and_gossip_goes_on)
{
    struct fixture *fixture = fixture_new(1);
    struct pncounter others = counter_of(&fixture->world, "n1:+9-0");
    struct pncounter_watch watch = watch_of(fixture);

    start(fixture, true, true);
    fixture->disk.room = 0;
    cr_expect(ask(fixture, DC_INC, 5) == DC_EFULL);
    cr_expect(pncounter_merge(&fixture->counter, &others, &watch) == 1);
    cr_expect(ask(fixture, DC_INC, 5) == DC_EFULL);
    fixture->disk.room = SIZE_MAX;
    cr_expect(ask(fixture, DC_INC, 5) == 0);
    settle(fixture);
    expect_entries(&fixture->counter, "n1:+9-0 n3:+5-0");
    start(fixture, true, false);
    expect_entries(&fixture->counter, "n1:+9-0 n3:+5-0");
    pncounter_release(&others);
    fixture_free(fixture);
}

/* Lesson 2: counts that peers hold, and a disk that is empty. */
Test(ledger, a_lost_disk_is_a_new_incarnation)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    ask(fixture, DC_INC, 10);
    settle(fixture);
    test_disk_release(&fixture->disk);
    test_disk_init(&fixture->disk);
    fixture->disk.ops.random = on_random;
    fixture->disk.ops.reply = on_reply;
    fixture->disk.ops.log = on_log;
    start(fixture, true, false);
    cr_expect(!is_first_id(fixture) && fixture->events[ENV_LOG_EMPTY] == 1);
    fixture_free(fixture);
}

static uint64_t sum(const struct pncounter *counter)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < counter->len; i++)
        total += counter->inc[i] + counter->dec[i];
    return total;
}

/* A tail that went without a trace shows when others hold more of us than we do. */
Test(ledger, counts_that_others_know_better_are_not_issued_again)
{
    struct fixture *fixture = fixture_new(1);
    struct pncounter others = counter_of(&fixture->world, "n3:+7-0");
    struct pncounter_watch watch = watch_of(fixture);

    start(fixture, true, true);
    ask(fixture, DC_INC, 4);
    settle(fixture);
    start(fixture, true, false);
    ask(fixture, DC_INC, 1); /* waits while it happens */
    pncounter_merge(&fixture->counter, &others, &watch);
    ledger_check_own(&fixture->ledger, &fixture->counter, &watch);
    cr_expect(!is_first_id(fixture) && fixture->events[ENV_COUNTS_LOST] == 1);
    cr_expect(fixture->answered[ENV_UNKNOWN] == 1);
    cr_expect(ask(fixture, DC_INC, 2) == 0);
    settle(fixture);
    cr_expect(pncounter_total(&fixture->counter, fixture->ledger.id, DC_INC) == 2);
    start(fixture, true, false);
    cr_expect(!is_first_id(fixture));
    cr_expect(pncounter_total(&fixture->counter, fixture->ledger.id, DC_INC) == 2);
    pncounter_release(&others);
    fixture_free(fixture);
}

/* Others know more of us, as @entries say. */
static void hear(struct fixture *fixture, const char *entries)
{
    struct pncounter_watch watch = watch_of(fixture);
    struct pncounter others = counter_of(&fixture->world, entries);

    cr_assert(ledger_foresee(&fixture->ledger, &fixture->counter, &others) == 0);
    cr_assert(pncounter_merge(&fixture->counter, &others, &watch) == 1);
    ledger_check_own(&fixture->ledger, &fixture->counter, &watch);
    pncounter_release(&others);
}

/* Likewise, while request number @fail for memory is refused. Returns whether it was heard. */
static bool hear_without(struct fixture *fixture, const char *entries, size_t fail)
{
    struct test_mem *mem = &fixture->world.mem;
    struct pncounter_watch watch = watch_of(fixture);
    struct pncounter others = counter_of(&fixture->world, entries);
    uint64_t before = sum(&fixture->counter);
    int rc;

    test_mem_fail_after(mem, fail);
    rc = ledger_foresee(&fixture->ledger, &fixture->counter, &others);
    if (rc == 0)
        rc = pncounter_merge(&fixture->counter, &others, &watch);
    if (rc > 0)
        ledger_check_own(&fixture->ledger, &fixture->counter, &watch);
    else
        cr_assert(rc == DC_ENOMEM && sum(&fixture->counter) == before && is_first_id(fixture));
    test_mem_fail_never(mem);
    pncounter_release(&others);
    return rc > 0;
}

/* What they know of the id before is nobody's own any more, and written like that of others. */
Test(ledger, what_others_knew_better_is_safe_when_it_is_durable)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    ask(fixture, DC_INC, 4);
    settle(fixture);
    cr_expect(ledger_is_safe(&fixture->ledger));
    hear(fixture, "n3:+7-0");
    cr_expect(!ledger_is_safe(&fixture->ledger));
    settle(fixture);
    cr_expect(ledger_is_safe(&fixture->ledger));
    fixture_free(fixture);
}

/* Nor is it true that nothing was done when what was written cannot be taken back. */
Test(ledger, what_failed_and_could_not_be_cut_may_be_read_back)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    ask(fixture, DC_INC, 4);
    settle(fixture);
    fixture->disk.truncates_fail = true;
    fixture->disk.appends_until_error = 1; /* the record is there, its echo is not */
    cr_expect(ask(fixture, DC_INC, 2) == 0);
    cr_expect(fixture->answered[ENV_UNKNOWN] == 2 && !ledger_is_busy(&fixture->ledger));
    start(fixture, true, false);
    expect_entries(&fixture->counter, "n3:+6-0");
    fixture_free(fixture);
}

/* The base of a start has no room; of others there is nothing to be written later. */
Test(ledger, a_start_without_a_base_becomes_safe)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, false); /* under a new id: the log is gone */
    ask(fixture, DC_INC, 4);
    settle(fixture);
    fixture->disk.room = 0;
    start(fixture, true, false);
    cr_expect(fixture->events[ENV_DISK_FAILED] == 1);
    fixture->disk.room = SIZE_MAX;
    ledger_flush(&fixture->ledger, &fixture->counter);
    settle(fixture);
    cr_expect(ledger_is_safe(&fixture->ledger));
    fixture_free(fixture);
}

/* A life that counted 4, and another one from there that counted +2 -1 again. */
static struct fixture *fixture_of_two_lives(void)
{
    struct fixture *fixture = fixture_new(1);

    start(fixture, true, true);
    ask(fixture, DC_INC, 4);
    settle(fixture);
    start(fixture, true, false);
    settle(fixture);
    ask(fixture, DC_INC, 2);
    ask(fixture, DC_DEC, 1);
    settle(fixture);
    return fixture;
}

static uint64_t own_total(const struct fixture *fixture, enum dc_side side)
{
    return pncounter_total(&fixture->counter, fixture->ledger.id, side);
}

/*
 * What was counted since the start hides behind what others know, and comes
 * along; a side of which they know nothing more stays under the old id.
 */
Test(ledger, what_was_counted_since_the_start_comes_along)
{
    struct fixture *fixture = fixture_of_two_lives();

    hear(fixture, "n3:+9-0");
    cr_expect(!is_first_id(fixture));
    cr_expect(own_total(fixture, DC_INC) == 0, "it is not durable yet");
    cr_expect(ledger_is_busy(&fixture->ledger));
    ask(fixture, DC_INC, 5);
    settle(fixture);
    cr_expect(!ledger_is_busy(&fixture->ledger));
    cr_expect(own_total(fixture, DC_INC) == 7 && own_total(fixture, DC_DEC) == 0);
    cr_expect(pncounter_total(&fixture->counter, fixture->ledger.name, DC_INC) == 9);
    cr_expect(pncounter_total(&fixture->counter, fixture->ledger.name, DC_DEC) == 1);
    start(fixture, true, false);
    cr_expect(own_total(fixture, DC_INC) == 7 && !is_first_id(fixture));
    fixture_free(fixture);
}

/* The disk takes it late: it is told again, with whatever comes next, and counted once. */
Test(ledger, what_comes_along_waits_for_a_disk_that_takes_it)
{
    struct fixture *fixture = fixture_of_two_lives();

    fixture->disk.room = 0;
    hear(fixture, "n3:+9-4");
    cr_expect(ask(fixture, DC_INC, 5) == DC_EFULL);
    cr_expect(!ledger_is_busy(&fixture->ledger), "there is no sync to wait for");
    fixture->disk.room = SIZE_MAX;
    ledger_flush(&fixture->ledger, &fixture->counter);
    finish_sync(fixture, false);
    cr_expect(own_total(fixture, DC_INC) == 0);
    ledger_flush(&fixture->ledger, &fixture->counter);
    settle(fixture);
    cr_expect(own_total(fixture, DC_INC) == 2 && own_total(fixture, DC_DEC) == 1);
    ask(fixture, DC_INC, 5);
    settle(fixture);
    start(fixture, true, false);
    cr_expect(own_total(fixture, DC_INC) == 7 && own_total(fixture, DC_DEC) == 1);
    fixture_free(fixture);
}

/* No memory, whenever it is: it hears nothing, or goes on elsewhere and shows what came along. */
Test(ledger, what_comes_along_is_shown_whatever_memory_fails)
{
    size_t refused = 0, unheard = 0;

    for (size_t fail = 0; fail < 2 * refused + 8; fail++) {
        struct fixture *fixture = fixture_of_two_lives();
        bool heard = hear_without(fixture, "n1:+1-0 n2:+1-0 n3:+9-0 n4:+1-0", fail);

        refused += fixture->world.mem.failed > 0;
        unheard += !heard;
        if (!heard) { /* what it counts now is not on top of what others know */
            ask(fixture, DC_INC, 3);
            settle(fixture);
            cr_expect(is_first_id(fixture) && own_total(fixture, DC_INC) == 9);
            hear(fixture, "n1:+1-0 n2:+1-0 n3:+12-0 n4:+1-0");
        }
        ledger_flush(&fixture->ledger, &fixture->counter);
        test_mem_fail_from(&fixture->world.mem, 0); /* showing needs none */
        settle(fixture);
        test_mem_fail_never(&fixture->world.mem);
        cr_expect(!is_first_id(fixture));
        cr_expect(own_total(fixture, DC_INC) == (heard ? 2 : 5), "request %zu", fail);
        fixture_free(fixture);
    }
    printf("# %zu requests refused, %zu times nothing was heard\n", refused, unheard);
    cr_expect(unheard > 0 && refused > unheard);
}

/* A base that is durable has it, also when no commit follows. */
Test(ledger, what_comes_along_is_durable_with_the_base)
{
    struct fixture *fixture = fixture_of_two_lives();

    ask(fixture, DC_INC, 3); /* a sync is on its way: another will follow it */
    hear(fixture, "n3:+9-0");
    fixture->disk.appends_until_error = 0;
    ledger_flush(&fixture->ledger, &fixture->counter);
    fixture->disk.appends_until_error = SIZE_MAX;
    cr_expect(own_total(fixture, DC_INC) == 0);
    settle(fixture);
    cr_expect(own_total(fixture, DC_INC) == 2);
    fixture_free(fixture);
}

/*
 * The promise about a backup that was put back, for each few of counts: @before
 * are in it, @gone came later and are with others, @again follow before those
 * are heard. All are there in the end, if there are fewer again than were gone;
 * else the gone ones are not, and no others: as many numbers were used again.
 */
Test(ledger, a_restored_backup_is_exact_when_it_hears_in_time)
{
    struct test_disk *backup = malloc(sizeof(*backup));

    cr_assert(backup != NULL);
    for (unsigned i = 0; i < 3 * 5 * 5; i++) {
        unsigned before = i % 3, gone = i / 3 % 5, again = i / 15;
        struct fixture *fixture = fixture_new(i + 1);
        struct pncounter_watch watch = watch_of(fixture);

        start(fixture, true, true);
        settle(fixture);
        for (unsigned n = 0; n < before + gone; n++) {
            if (n == before)
                memcpy(backup, &fixture->disk, sizeof(*backup));
            ask(fixture, DC_INC, 1);
            settle(fixture);
        }
        cr_assert(pncounter_merge(&fixture->peers, &fixture->counter, NULL) >= 0);
        if (gone > 0)
            memcpy(&fixture->disk, backup, sizeof(*backup));
        start(fixture, true, false);
        settle(fixture);
        for (unsigned n = 0; n < again; n++) {
            ask(fixture, DC_INC, 1);
            settle(fixture);
        }
        cr_assert(pncounter_merge(&fixture->counter, &fixture->peers, &watch) >= 0);
        ledger_check_own(&fixture->ledger, &fixture->counter, &watch);
        settle(fixture);
        cr_assert(pncounter_merge(&fixture->counter, &fixture->peers, NULL) >= 0);
        cr_expect(sum(&fixture->counter) == before + again + (again < gone ? gone : 0),
                  "%u before, %u gone, %u again: found %" PRIu64, before, gone, again,
                  sum(&fixture->counter));
        cr_expect(is_first_id(fixture) == (again >= gone));
        fixture_free(fixture);
    }
    free(backup);
}

/* What cannot be read is neither empty nor damaged: nothing is started, and nothing lost. */
Test(ledger, a_log_that_cannot_be_read_is_read_later)
{
    struct fixture *fixture = fixture_new(1);
    struct pncounter_watch watch = watch_of(fixture);
    size_t reads, files = 0;

    start(fixture, true, true);
    ask(fixture, DC_INC, 4);
    settle(fixture);
    fixture->disk.reads = 0;
    start(fixture, true, false);
    reads = fixture->disk.reads;
    cr_assert(reads >= 2);
    for (size_t i = 0; i < reads; i++) {
        ledger_release(&fixture->ledger);
        pncounter_clear(&fixture->counter);
        fixture->disk.reads = 0;
        fixture->disk.reads_until_error = i;
        ledger_init(&fixture->ledger, &fixture->world.mem.mem, &fixture->disk.env,
                    &fixture->world.names, name(&fixture->world, "n3"), true, 700);
        cr_expect(ledger_open(&fixture->ledger, &fixture->counter, false, &watch) == DC_EIO);
        cr_expect(fixture->events[ENV_LOG_UNREADABLE] == i + 1);
        fixture->disk.reads_until_error = SIZE_MAX;
    }
    for (size_t i = 0; i < TEST_DISK_FILES; i++)
        files += fixture->disk.files[i].there;
    start(fixture, true, false);
    cr_expect(files <= 2 && is_first_id(fixture));
    expect_entries(&fixture->counter, "n3:+4-0");
    fixture_free(fixture);
}

/* ---- everything at once ---- */

static void gossip(struct fixture *fixture)
{
    struct pncounter_watch watch = watch_of(fixture);

    cr_assert(pncounter_merge(&fixture->peers, &fixture->counter, NULL) >= 0);
    if (draw_below(&fixture->random, 3) > 0)
        return;
    cr_assert(pncounter_merge(&fixture->counter, &fixture->peers, &watch) >= 0);
    ledger_check_own(&fixture->ledger, &fixture->counter, &watch);
}

static void one_event(struct fixture *fixture, bool failures)
{
    uint64_t dice = draw_below(&fixture->random, 20);

    if (dice < 8)
        ask(fixture, draw_below(&fixture->random, 2) ? DC_INC : DC_DEC,
            1 + draw_below(&fixture->random, 3));
    else if (dice < 16)
        finish_sync(fixture, true);
    else if (dice < 17 && failures)
        finish_sync(fixture, false);
    else if (dice < 18 && failures)
        fixture->disk.appends_until_error = draw_below(&fixture->random, 4);
    else
        fixture->disk.appends_until_error = SIZE_MAX;
    gossip(fixture);
}

/* A bit of a file flips. */
static void rot(struct fixture *fixture)
{
    struct test_file *file = &fixture->disk.files[draw_below(&fixture->random, TEST_DISK_FILES)];

    if (file->there && file->len > 0)
        file->bytes[draw_below(&fixture->random, file->len)] ^=
            (uint8_t)(1 << draw_below(&fixture->random, 8));
}

struct tally {
    size_t starts, incarnations, torn, damaged;
};

/* @rots: the disk lies as well, so that only what was shown to peers is safe. */
static void one_case(uint64_t seed, bool failures, bool rots, struct tally *tally)
{
    struct fixture *fixture = fixture_new(seed);

    for (int i = 0; i < 6; i++) {
        uint64_t shown, most;

        start(fixture, true, i == 0);
        tally->starts++;
        if (i == 0) /* a crash before that leaves nothing to go on with */
            finish_sync(fixture, true);
        shown = pncounter_total(&fixture->peers, fixture->ledger.id, DC_INC) +
                pncounter_total(&fixture->peers, fixture->ledger.id, DC_DEC);
        cr_assert(rots || shown <= fixture->ledger.own[DC_INC] + fixture->ledger.own[DC_DEC],
                  "seed %" PRIu64 ": would issue counts again that peers hold", seed);
        for (uint64_t n = draw_below(&fixture->random, 40); n > 0; n--)
            one_event(fixture, failures);
        cr_assert(pncounter_merge(&fixture->peers, &fixture->counter, NULL) >= 0);
        most = fixture->asked_all - fixture->answered[ENV_REFUSED];
        cr_assert(sum(&fixture->peers) <= most, "seed %" PRIu64 ": %" PRIu64 " of %" PRIu64, seed,
                  sum(&fixture->peers), most);
        cr_assert(rots || sum(&fixture->counter) >= fixture->answered[ENV_OK],
                  "seed %" PRIu64 ": %" PRIu64 " are left of %" PRIu64 " that were ok", seed,
                  sum(&fixture->counter), fixture->answered[ENV_OK]);
        test_disk_crash(&fixture->disk, &fixture->random);
        if (rots)
            rot(fixture);
    }
    tally->incarnations += fixture->events[ENV_INCARNATION];
    tally->torn += fixture->events[ENV_LOG_TORN];
    tally->damaged += fixture->events[ENV_LOG_DAMAGED];
    fixture_free(fixture);
}

Test(ledger, crashes_never_lose_what_was_ok)
{
    struct tally tally = {0};

    for (uint64_t seed = 1; seed <= 2000; seed++)
        one_case(seed, false, false, &tally);
    printf("# %zu starts, %zu torn, %zu incarnations\n", tally.starts, tally.torn,
           tally.incarnations);
    cr_expect(tally.torn > 100 && tally.incarnations == 0);
}

Test(ledger, nor_do_failing_writes_and_syncs)
{
    struct tally tally = {0};

    for (uint64_t seed = 1; seed <= 2000; seed++)
        one_case(seed, true, false, &tally);
    printf("# %zu starts, %zu torn, %zu incarnations\n", tally.starts, tally.torn,
           tally.incarnations);
    cr_expect(tally.torn > 100);
}

Test(ledger, a_disk_that_lies_invents_nothing)
{
    struct tally tally = {0};

    for (uint64_t seed = 1; seed <= 2000; seed++)
        one_case(seed, false, true, &tally);
    printf("# %zu starts, %zu damaged, %zu incarnations\n", tally.starts, tally.damaged,
           tally.incarnations);
    cr_expect(tally.damaged > 100 && tally.incarnations >= tally.damaged);
}

/* ---- names that move ---- */

static void show_all(void *ctx, struct names_sweep *sweep)
{
    struct fixture *fixture = ctx;

    ledger_show_names(&fixture->ledger, sweep);
    pncounter_show_names(&fixture->counter, sweep);
    pncounter_show_names(&fixture->peers, sweep);
}

/*
 * What merges brought is noted by handle. Names that nobody holds lie between, and go
 * before the ledger writes: it writes what rose, under the ids that it rose under.
 */
Test(ledger, writes_what_rose_though_names_moved)
{
    struct fixture *fixture = fixture_new(5);
    char text[32];
    uint64_t totals[200] = {0};

    start(fixture, true, true);
    for (int round = 0; round < 30; round++) {
        struct pncounter_watch watch = watch_of(fixture);

        for (int i = 0; i < 40; i++) {
            unsigned n = (unsigned)draw_below(&fixture->random, 200);
            snprintf(text, sizeof(text), "garbage %d %d", round, i);
            (void)name(&fixture->world, text);
            snprintf(text, sizeof(text), "id %u", n);
            dc_name id = name(&fixture->world, text);
            totals[n] += 1 + draw_below(&fixture->random, 9);
            cr_assert(pncounter_raise(&fixture->counter, id, DC_INC, totals[n], &watch) == 1);
        }
        names_sweep(&fixture->world.names, show_all, fixture);
        cr_assert(names_find(&fixture->world.names, "garbage 0 0", 11) == DC_NAME_NONE);
        cr_assert(fixture->ledger.id == name(&fixture->world, "n3"));
        ledger_flush(&fixture->ledger, &fixture->counter);
        while (fixture->disk.token != 0)
            finish_sync(fixture, true);
        if (draw_below(&fixture->random, 3) == 0)
            start(fixture, true, false);
        for (unsigned n = 0; n < 200; n++) {
            snprintf(text, sizeof(text), "id %u", n);
            cr_assert(pncounter_total(&fixture->counter, name(&fixture->world, text), DC_INC) ==
                      totals[n]);
        }
    }
    fixture_free(fixture);
}
