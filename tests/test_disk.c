/* The storage of a node: what a sync confirmed stays, and of the rest what chance leaves. */
#include "sim/disk.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "sim/choose.h"
#include "tests/lib_core.h"

#define TRIES 3000u
#define CERTAIN UINT64_C(1000000000)

struct fixture {
    struct choose choose;
    struct disk disk;
    char listed[256];
};

static void fixture_init(struct fixture *fixture, uint64_t seed)
{
    choose_init(&fixture->choose, seed);
    disk_init(&fixture->disk, &fixture->choose, 77);
}

static void write_text(struct disk *disk, const char *file, const char *text)
{
    cr_assert(disk_append(disk, file, text, strlen(text)) == 0);
}

/* Asks for a sync and has its answer. */
static bool sync_now(struct disk *disk)
{
    uint64_t token = 0;
    bool ok;

    disk_sync_begin(disk, 9);
    ok = disk_sync_end(disk, &token);
    cr_assert(token == 9);
    return ok;
}

/* The bytes of a file, zeros shown as points; "-" when it is not there. Static buffer. */
static const char *read_text(struct disk *disk, const char *file)
{
    static char text[256];
    size_t len = 0;

    if (disk_read(disk, file, 0, text, sizeof(text) - 1, &len) < 0)
        return "-";
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] ? text[i] : '.';
    text[len] = '\0';
    return text;
}

static void on_listed(void *ctx, const char *file, uint64_t size)
{
    struct fixture *fixture = ctx;
    size_t len = strlen(fixture->listed);

    snprintf(fixture->listed + len, sizeof(fixture->listed) - len, "%s:%u ", file, (unsigned)size);
}

static const char *list_text(struct fixture *fixture)
{
    fixture->listed[0] = '\0';
    cr_assert(disk_list(&fixture->disk, on_listed, fixture) == 0);
    return fixture->listed;
}

/* ---- files ---- */

Test(disk, files_are_listed_by_name_and_read_from_anywhere)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    char byte[3] = "xx";
    size_t len;

    fixture_init(&fixture, 1);
    write_text(disk, "b", "second");
    write_text(disk, "a", "first");
    write_text(disk, "b", "!");
    expect_text(list_text(&fixture), "a:5 b:7 ");
    cr_assert(disk_read(disk, "b", 5, byte, 2, &len) == 0);
    cr_assert(len == 2 && memcmp(byte, "d!", 2) == 0);
    cr_assert(disk_read(disk, "b", 6, byte, 2, &len) == 0 && len == 1);
    cr_assert(disk_read(disk, "b", 700, byte, 2, &len) == 0 && len == 0);
    cr_assert(disk_read(disk, "c", 0, byte, 2, &len) == DC_EIO);
    cr_assert(disk_truncate(disk, "b", 3) == 0);
    cr_assert(disk_truncate(disk, "b", 30) == 0);
    expect_text(read_text(disk, "b"), "sec");
    cr_assert(disk_remove(disk, "a") == 0 && disk_remove(disk, "a") == 0);
    expect_text(list_text(&fixture), "b:3 ");
    disk_release(disk);
    disk_release(disk);
}

/* What is removed is gone for its node; a file of that name begins anew. */
Test(disk, a_file_that_was_removed_begins_anew)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    write_text(disk, "a", "old");
    cr_assert(sync_now(disk));
    cr_assert(disk_remove(disk, "a") == 0);
    write_text(disk, "a", "new!");
    expect_text(list_text(&fixture), "a:4 ");
    expect_text(read_text(disk, "a"), "new!");
    cr_assert(sync_now(disk));
    disk_crash(disk, 1);
    expect_text(list_text(&fixture), "a:4 ");
    disk_release(disk);
}

/* ---- syncs and crashes ---- */

Test(disk, what_a_sync_confirmed_survives_a_crash)
{
    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "one");
        write_text(disk, "b", "two");
        write_text(disk, "a", "three");
        cr_assert(sync_now(disk));
        disk_crash(disk, 1);
        expect_text(read_text(disk, "a"), "onethree");
        expect_text(read_text(disk, "b"), "two");
        cr_assert(!disk_take_hurt(disk));
        disk_release(disk);
    }
}

/* A sync covers what came before it began, and nothing that came before it ended. */
Test(disk, a_sync_covers_what_was_there_when_it_began)
{
    size_t lost = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        uint64_t token;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "one");
        disk_sync_begin(disk, 1);
        write_text(disk, "a", "two");
        cr_assert(disk_sync_end(disk, &token));
        disk_crash(disk, 1);
        cr_assert(strncmp(read_text(disk, "a"), "one", 3) == 0);
        lost += strlen(read_text(disk, "a")) == 3;
        disk_release(disk);
    }
    cr_assert(lost > TRIES / 4, "%zu", lost);
}

/* A crash takes the sync on its way along: nobody is to hear of it. */
Test(disk, a_crash_forgets_the_sync_on_its_way)
{
    size_t lost = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "one");
        disk_sync_begin(disk, 1);
        disk_crash(disk, 1);
        cr_assert(!disk->syncing);
        lost += strcmp(read_text(disk, "a"), "-") == 0;
        disk_release(disk);
    }
    cr_assert(lost > TRIES / 4 && lost < TRIES * 3 / 4, "%zu", lost);
}

/*
 * Each of three writes is kept, lost or torn whatever becomes of the others: all
 * 27 ways happen, zeros stand for what is lost in the middle, and the file ends
 * behind the last byte that is left.
 */
Test(disk, writes_are_lost_in_any_order)
{
    bool seen[27] = {false};
    size_t ways = 0, kept = 0, torn = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        char text[13] = "";
        size_t way = 0;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "base");
        cr_assert(sync_now(disk));
        write_text(disk, "a", "1111");
        write_text(disk, "a", "2222");
        write_text(disk, "a", "3333");
        disk_crash(disk, 1);
        snprintf(text, sizeof(text), "%s............", read_text(disk, "a") + 4);
        for (size_t i = 0; i < 3; i++) {
            size_t left = 0;

            while (left < 4 && text[4 * i + left] == (char)('1' + i))
                left++;
            kept += left == 4;
            way = way * 3 + (left == 0 ? 0 : left == 4 ? 2 : 1);
            for (size_t at = left; at < 4; at++)
                cr_assert(text[4 * i + at] == '.', "%s", text);
        }
        cr_assert(strncmp(read_text(disk, "a"), "base", 4) == 0);
        ways += !seen[way];
        seen[way] = true;
        torn += disk->counts.torn;
        disk_release(disk);
    }
    cr_assert(ways == 27, "%zu", ways);
    /* A third each. */
    cr_assert(kept > TRIES * 9 / 10 && kept < TRIES * 11 / 10, "%zu", kept);
    cr_assert(torn > TRIES * 9 / 10 && torn < TRIES * 11 / 10, "%zu", torn);
}

/* torn 100%: every write loses its end; torn 0%: none is cut in its middle. */
Test(disk, the_share_of_torn_writes_is_as_asked)
{
    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        const char *left;

        fixture_init(&fixture, seed);
        disk->faults = (struct disk_faults){.has_torn = true, .torn_ppb = seed % 2 ? CERTAIN : 0};
        write_text(disk, "a", "12345678");
        disk_crash(disk, 1);
        left = read_text(disk, "a");
        if (seed % 2)
            cr_assert(strlen(left) < 8 && disk->counts.torn == 1);
        else
            cr_assert(disk->counts.torn == 0 &&
                      (strcmp(left, "-") == 0 || strcmp(left, "12345678") == 0));
        disk_release(disk);
    }
}

/* What a failed sync was to cover can be read, and is in doubt even when a later one succeeds. */
Test(disk, what_a_failed_sync_covered_stays_in_doubt)
{
    size_t lost = 0, kept = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        const char *left;

        fixture_init(&fixture, seed);
        disk->faults.syncfail_ppb = CERTAIN;
        write_text(disk, "a", "one");
        cr_assert(!sync_now(disk));
        disk->faults.syncfail_ppb = 0;
        expect_text(read_text(disk, "a"), "one");
        write_text(disk, "a", "two");
        cr_assert(sync_now(disk));
        disk_crash(disk, 1);
        left = read_text(disk, "a");
        lost += strcmp(left, "...two") == 0;
        kept += strcmp(left, "onetwo") == 0;
        cr_assert(strlen(left) == 6 && strcmp(left + 3, "two") == 0, "%s", left);
        cr_assert(disk->counts.failed == 1 && !disk_take_hurt(disk));
        disk_release(disk);
    }
    cr_assert(lost > TRIES / 4 && kept > TRIES / 4, "%zu lost, %zu kept", lost, kept);
}

/* A removal that no sync confirmed may be undone; one that was is final. */
Test(disk, a_removal_may_be_undone_until_it_is_synced)
{
    size_t undone = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "one");
        write_text(disk, "b", "two");
        cr_assert(sync_now(disk));
        cr_assert(disk_remove(disk, "a") == 0);
        cr_assert(sync_now(disk));
        cr_assert(disk_remove(disk, "b") == 0);
        disk_crash(disk, 1);
        expect_text(read_text(disk, "a"), "-");
        undone += strcmp(read_text(disk, "b"), "two") == 0;
        cr_assert(!disk_take_hurt(disk));
        disk_release(disk);
    }
    cr_assert(undone > TRIES / 3 && undone < TRIES * 2 / 3, "%zu", undone);
}

/* A removal comes back only where no later file has taken the name. */
Test(disk, one_name_is_one_file_after_a_crash)
{
    size_t old = 0, new = 0, none = 0;

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        const char *listed;

        fixture_init(&fixture, seed);
        disk->faults = (struct disk_faults){.has_torn = true};
        write_text(disk, "a", "old");
        cr_assert(sync_now(disk));
        cr_assert(disk_remove(disk, "a") == 0);
        write_text(disk, "a", "newer");
        disk_crash(disk, 1);
        listed = list_text(&fixture);
        old += strcmp(listed, "a:3 ") == 0;
        new += strcmp(listed, "a:5 ") == 0;
        none += listed[0] == '\0';
        cr_assert(disk->files_len <= 1, "%s", listed);
        disk_release(disk);
    }
    cr_assert(old > TRIES / 8 && new > TRIES / 3 && none > TRIES / 8, "%zu %zu %zu", old, new,
              none);
}

/* What was cut off never comes back; what stands in its place is as any other write. */
Test(disk, what_was_cut_is_gone)
{
    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        const char *left;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "base");
        cr_assert(sync_now(disk));
        write_text(disk, "a", "xxxxxxxx");
        cr_assert(disk_truncate(disk, "a", 6) == 0);
        write_text(disk, "a", "yy");
        disk_crash(disk, 1);
        left = read_text(disk, "a");
        cr_assert(strncmp(left, "base", 4) == 0 && strlen(left) <= 8);
        for (size_t i = 4; left[i]; i++)
            cr_assert(left[i] == '.' || left[i] == (i < 6 ? 'x' : 'y'), "%s", left);
        disk_release(disk);
    }
}

/* An end in order leaves everything, and no files that were removed. */
Test(disk, an_end_in_order_writes_what_is_left)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    write_text(disk, "a", "one");
    write_text(disk, "b", "two");
    disk_sync_begin(disk, 1);
    cr_assert(disk_remove(disk, "a") == 0);
    disk_settle(disk);
    expect_text(list_text(&fixture), "b:3 ");
    disk_crash(disk, 1);
    expect_text(list_text(&fixture), "b:3 ");
    disk_release(disk);
}

/* ---- faults ---- */

/* A full disk refuses, and may take a part all the same: any part, anew each time. */
Test(disk, a_full_disk_refuses_and_may_take_a_part)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    size_t sizes[6] = {0};

    fixture_init(&fixture, 1);
    disk->faults.full = true;
    for (size_t i = 0; i < TRIES; i++) {
        cr_assert(disk_append(disk, "a", "12345", 5) == DC_EFULL);
        sizes[strlen(read_text(disk, "a"))]++;
        cr_assert(disk_truncate(disk, "a", 0) == 0);
    }
    cr_assert(disk->counts.refused == TRIES);
    for (size_t i = 0; i < 6; i++)
        cr_assert(sizes[i] > TRIES / 9 && sizes[i] < TRIES / 4, "%zu: %zu", i, sizes[i]);
    disk->faults.full = false;
    write_text(disk, "a", "12345");
    expect_text(read_text(disk, "a"), "12345");
    disk_release(disk);
}

Test(disk, syncs_fail_and_last_as_asked)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    uint64_t token;

    fixture_init(&fixture, 1);
    cr_assert(disk_sync_begin(disk, 1) == 0);
    cr_assert(disk_sync_end(disk, &token) && disk->counts.slowed == 0);
    disk->faults = (struct disk_faults){.syncfail_ppb = CERTAIN / 4, .slow_ns = 7};
    for (size_t i = 0; i < TRIES; i++) {
        cr_assert(disk_sync_begin(disk, i) == 7);
        disk_sync_end(disk, &token);
        cr_assert(token == i);
    }
    cr_assert(disk->counts.slowed == TRIES);
    cr_assert(disk->counts.failed > TRIES / 5 && disk->counts.failed < TRIES * 3 / 10);
    disk_release(disk);
}

/* One bit of a sector flips; whoever asks is told once that something was hurt. */
Test(disk, rot_flips_one_bit_of_a_sector)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    uint8_t bytes[3 * DISK_SECTOR / 2] = {0}, read[sizeof(bytes)];
    size_t len, flipped[2] = {0};

    fixture_init(&fixture, 1);
    cr_assert(disk_append(disk, "a", bytes, sizeof(bytes)) == 0);
    cr_assert(sync_now(disk));
    disk_rot(disk, 1);
    cr_assert(!disk_take_hurt(disk) && disk->counts.rotted == 0);
    disk->faults.bitrot_ppb = CERTAIN;
    disk_rot(disk, 2);
    cr_assert(disk->counts.rotted == 2);
    cr_assert(disk_take_hurt(disk) && !disk_take_hurt(disk));
    cr_assert(disk_read(disk, "a", 0, read, sizeof(read), &len) == 0 && len == sizeof(read));
    for (size_t i = 0; i < 8 * sizeof(read); i++)
        flipped[i / 8 / DISK_SECTOR] += read[i / 8] >> (i % 8) & 1;
    cr_assert(flipped[0] == 1 && flipped[1] == 1);
    disk_release(disk);
}

/* Likewise, a sector that is gone: as many zeros as it had bytes, and no byte elsewhere. */
Test(disk, a_sector_that_is_gone_is_zeros)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    uint8_t bytes[8 * DISK_SECTOR + 10], read[sizeof(bytes)];
    size_t len, gone = 0;

    fixture_init(&fixture, 1);
    memset(bytes, 'x', sizeof(bytes));
    cr_assert(disk_append(disk, "a", bytes, sizeof(bytes)) == 0);
    cr_assert(sync_now(disk));
    disk->faults.zeroed_ppb = CERTAIN / 2;
    disk_rot(disk, 1);
    cr_assert(disk_read(disk, "a", 0, read, sizeof(read), &len) == 0 && len == sizeof(read));
    for (size_t i = 0; i < sizeof(read); i++) {
        cr_assert(read[i] == 0 || read[i] == 'x');
        cr_assert(i % DISK_SECTOR == 0 || read[i] == read[i - 1], "sectors, not bytes: %zu", i);
        gone += i % DISK_SECTOR == 0 && read[i] == 0;
    }
    cr_assert(gone > 0 && gone < 9 && disk->counts.zeroed == gone, "%zu", gone);
    cr_assert(disk_take_hurt(disk));
    disk->faults.zeroed_ppb = CERTAIN;
    disk_rot(disk, 2);
    cr_assert(disk_read(disk, "a", 0, read, sizeof(read), &len) == 0);
    for (size_t i = 0; i < sizeof(read); i++)
        cr_assert(read[i] == 0);
    disk_release(disk);
}

/* A read that fails gives nothing, and hurts nothing. */
Test(disk, reads_fail_as_often_as_asked)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;
    size_t failed = 0, len = 7;
    char byte = 'x';

    fixture_init(&fixture, 1);
    write_text(disk, "a", "1");
    disk->faults.readfail_ppb = CERTAIN / 4;
    for (size_t i = 0; i < TRIES; i++) {
        bool fails = disk_read(disk, "a", 0, &byte, 1, &len) == DC_EIO;

        cr_assert(len == (fails ? 0 : 1));
        failed += fails;
    }
    cr_assert(failed > TRIES / 5 && failed < TRIES * 3 / 10, "%zu", failed);
    cr_assert(disk->counts.unread == failed && !disk_take_hurt(disk));
    disk->faults.readfail_ppb = 0;
    expect_text(read_text(disk, "a"), "1");
    disk_release(disk);
}

/* The node starts again with what becomes of its disk. */
static void start_again(struct disk *disk, uint64_t start)
{
    disk_crash(disk, start);
    disk_put_back(disk);
    disk_cut_off(disk);
    disk_rot(disk, start);
}

/*
 * What is durable at the backup, and nothing else, is there after the restore: no
 * write on its way, and a removed file that may yet come back.
 */
Test(disk, a_backup_is_put_back_at_the_next_start)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;

        fixture_init(&fixture, seed);
        write_text(disk, "a", "one");
        write_text(disk, "b", "gone");
        cr_assert(sync_now(disk));
        disk_remove(disk, "b");
        write_text(disk, "b", "later");
        write_text(disk, "a", "two");
        write_text(disk, "c", "new");
        disk_backup(disk);
        cr_assert(sync_now(disk));
        write_text(disk, "a", "three");
        cr_assert(sync_now(disk));
        disk->faults.restore = true;
        expect_text(read_text(disk, "a"), "onetwothree");
        start_again(disk, 1);
        expect_text(list_text(&fixture), "a:3 b:4 ");
        expect_text(read_text(disk, "a"), "one");
        expect_text(read_text(disk, "b"), "gone");
        cr_assert(disk_take_hurt(disk) && disk->counts.restored == 1);
        write_text(disk, "a", "!");
        cr_assert(sync_now(disk));
        start_again(disk, 2);
        expect_text(read_text(disk, "a"), "one!"); /* once */
        disk->faults.restore = true;
        start_again(disk, 3);
        expect_text(read_text(disk, "a"), "one");
        disk_release(disk);
    }
}

Test(disk, a_backup_of_what_is_there_loses_nothing)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    disk_backup(disk); /* of nothing */
    write_text(disk, "a", "one");
    cr_assert(sync_now(disk));
    disk->faults.restore = true;
    start_again(disk, 1);
    expect_text(list_text(&fixture), "");
    cr_assert(disk_take_hurt(disk));
    write_text(disk, "a", "one");
    cr_assert(sync_now(disk));
    disk_backup(disk);
    disk->faults.restore = true;
    start_again(disk, 2);
    expect_text(read_text(disk, "a"), "one");
    cr_assert(!disk_take_hurt(disk) && disk->counts.restored == 2);
    disk_release(disk);
}

/* The last writes are gone, whole ones, whichever file they are in; what was cut is no write. */
Test(disk, the_last_writes_are_gone_at_the_next_start)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    disk->remembers = true;
    write_text(disk, "a", "one");
    write_text(disk, "b", "two");
    write_text(disk, "a", "three");
    write_text(disk, "a", "four");
    cr_assert(disk_truncate(disk, "a", 8) == 0);
    write_text(disk, "a", "five");
    write_text(disk, "c", "six");
    cr_assert(sync_now(disk));
    disk->faults.cut = 3; /* six, five, three */
    start_again(disk, 1);
    expect_text(list_text(&fixture), "a:3 b:3 ");
    cr_assert(disk_take_hurt(disk) && disk->counts.cut == 3);
    write_text(disk, "b", "!");
    cr_assert(sync_now(disk));
    start_again(disk, 2);
    expect_text(list_text(&fixture), "a:3 b:4 "); /* once */
    disk->faults.cut = 100;
    start_again(disk, 3);
    expect_text(list_text(&fixture), "");
    cr_assert(disk->counts.cut == 6);
    disk_release(disk);
}

/* After a crash that tore a write, and a backup that was put back, as well. */
Test(disk, only_writes_that_are_left_can_be_lost)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct fixture fixture;
        struct disk *disk = &fixture.disk;
        size_t before;

        fixture_init(&fixture, seed);
        disk->remembers = true;
        write_text(disk, "a", "one");
        cr_assert(sync_now(disk));
        disk_backup(disk);
        for (size_t i = 0; i < 4; i++)
            write_text(disk, "a", "12345678");
        start_again(disk, 1);
        before = strlen(read_text(disk, "a"));
        write_text(disk, "a", "last");
        cr_assert(sync_now(disk));
        disk->faults.cut = 1;
        start_again(disk, 2);
        cr_assert(strlen(read_text(disk, "a")) == before);
        disk->faults.restore = true;
        disk->faults.cut = 1;
        start_again(disk, 3);
        expect_text(list_text(&fixture), "");
        disk_release(disk);
    }
}

/* What was put back once was written once; that other files had its place does not matter. */
Test(disk, what_is_put_back_again_can_be_lost)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    disk->remembers = true;
    write_text(disk, "a", "one");
    write_text(disk, "a", "two");
    cr_assert(sync_now(disk));
    write_text(disk, "a", "open"); /* no part of the backup */
    disk_backup(disk);
    disk_remove(disk, "a");
    write_text(disk, "b", "later");
    cr_assert(sync_now(disk));
    for (uint64_t start = 1; start <= 2; start++) {
        disk->faults.restore = true;
        disk->faults.cut = 1;
        start_again(disk, start);
        expect_text(read_text(disk, "a"), "one");
        disk_remove(disk, "a");
        cr_assert(sync_now(disk));
    }
    cr_assert(disk->counts.cut == 2);
    disk_release(disk);
}

Test(disk, a_wiped_disk_is_empty)
{
    struct fixture fixture;
    struct disk *disk = &fixture.disk;

    fixture_init(&fixture, 1);
    disk_wipe(disk);
    cr_assert(!disk_take_hurt(disk), "there was nothing to lose");
    write_text(disk, "a", "one");
    disk_sync_begin(disk, 1);
    disk_wipe(disk);
    expect_text(list_text(&fixture), "");
    cr_assert(disk_take_hurt(disk) && !disk->syncing);
    write_text(disk, "a", "two");
    cr_assert(sync_now(disk));
    disk_crash(disk, 1);
    expect_text(read_text(disk, "a"), "two");
    disk_release(disk);
}

/* ---- draws ---- */

/* Draws hang on the node, the crash and the write: what another disk does changes nothing. */
Test(disk, what_a_crash_leaves_hangs_on_its_key)
{
    size_t differs[3] = {0};

    for (uint64_t seed = 1; seed <= TRIES; seed++) {
        struct choose choose;
        char left[4][16];

        choose_init(&choose, seed);
        for (size_t i = 0; i < 4; i++) {
            struct disk disk;

            disk_init(&disk, &choose, i == 2 ? 78 : 77);
            write_text(&disk, "a", "12345678");
            disk_crash(&disk, i == 3 ? 2 : 1);
            snprintf(left[i], sizeof(left[i]), "%s", read_text(&disk, "a"));
            disk_release(&disk);
        }
        for (size_t i = 1; i < 4; i++)
            differs[i - 1] += strcmp(left[0], left[i]) != 0;
    }
    cr_assert(differs[0] == 0 && differs[1] > TRIES / 3 && differs[2] > TRIES / 3, "%zu %zu %zu",
              differs[0], differs[1], differs[2]);
}

/* ---- blank disks ---- */

/* Where nobody reads, what the disk says to a writer is the same: lengths, refusals, syncs. */
Test(disk, a_blank_disk_answers_like_another)
{
    struct fixture fixture[2];

    for (size_t i = 0; i < 2; i++) {
        struct disk *disk = &fixture[i].disk;

        fixture_init(&fixture[i], 1);
        disk->blank = i == 1;
        write_text(disk, "a", "12345678");
        write_text(disk, "b", "12");
        cr_assert(sync_now(disk));
        disk->faults.full = true;
        cr_assert(disk_append(disk, "a", "1234567890", 10) == DC_EFULL);
        cr_assert(disk_truncate(disk, "a", 9) == 0);
        disk->faults = (struct disk_faults){.syncfail_ppb = CERTAIN};
        cr_assert(!sync_now(disk));
        cr_assert(disk_remove(disk, "b") == 0);
        list_text(&fixture[i]);
    }
    cr_expect_str_eq(fixture[0].listed, fixture[1].listed);
    cr_expect(fixture[0].disk.writes_len == fixture[1].disk.writes_len);
    cr_expect(fixture[0].disk.number == fixture[1].disk.number);
    for (size_t i = 0; i < fixture[1].disk.files_len; i++)
        cr_expect(fixture[1].disk.files[i].bytes == NULL);
    disk_release(&fixture[0].disk);
    disk_release(&fixture[1].disk);
}

/* ---- contracts ---- */

Test(disk, reading_a_blank_disk_breaks_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;
    uint8_t byte;
    size_t len;

    fixture_init(&fixture, 1);
    fixture.disk.blank = true;
    write_text(&fixture.disk, "a", "1");
    disk_read(&fixture.disk, "a", 0, &byte, 1, &len);
}

Test(disk, a_crash_of_a_blank_disk_breaks_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;

    fixture_init(&fixture, 1);
    fixture.disk.blank = true;
    write_text(&fixture.disk, "a", "1");
    disk_crash(&fixture.disk, 1);
}

Test(disk, two_syncs_at_once_break_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;

    fixture_init(&fixture, 1);
    disk_sync_begin(&fixture.disk, 1);
    disk_sync_begin(&fixture.disk, 2);
}
