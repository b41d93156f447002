/*
 * The log under every way in which a disk lets a node down. The oracle of these
 * tests is short: what is read back is the state after some commit that was
 * not before the last one that was confirmed, or the log says that it is damaged.
 */
#include "core/wal.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/wal_file.h"
#include "core/wal_record.h"
#include "tests/lib_core.h"
#include "tests/lib_disk.h"

/* The logs of these tests are told of everything. */
static const uint64_t nothing[2];

/* Answers the sync on its way. */
static bool finish_sync(struct test_disk *disk, struct wal *wal, bool ok)
{
    return wal_on_sync(wal, test_disk_answer(disk, ok), ok);
}

/* ---- a log on it ---- */

struct log {
    struct test_disk *disk; /* owned */
    struct test_world world;
    struct wal wal;
    struct pncounter state;
};

static void log_init(struct log *log, uint64_t segment_max)
{
    log->disk = malloc(sizeof(*log->disk));
    cr_assert(log->disk != NULL);
    test_disk_init(log->disk);
    world_init(&log->world);
    wal_init(&log->wal, &log->world.mem.mem, &log->disk->env, &log->world.names, segment_max);
    pncounter_init(&log->state, &log->world.mem.mem, &log->world.names);
}

static void log_release(struct log *log)
{
    wal_release(&log->wal);
    pncounter_release(&log->state);
    expect_world_empty(&log->world);
    test_disk_release(log->disk);
    free(log->disk);
}

/* The process ends and starts again: memory is gone. */
static struct wal_opening reopen(struct log *log)
{
    struct wal_opening opening;
    uint64_t segment_max = log->wal.segment_max;

    wal_release(&log->wal);
    pncounter_clear(&log->state);
    log->disk->token = 0;
    wal_init(&log->wal, &log->world.mem.mem, &log->disk->env, &log->world.names, segment_max);
    cr_assert(wal_open(&log->wal, &log->state, NULL, &opening) == 0);
    return opening;
}

static void begin(struct log *log, const char *id)
{
    cr_assert(wal_begin(&log->wal, name(&log->world, id), &log->state, nothing) == 0);
}

/* One half stands at @total: committed, not yet confirmed, not yet in the state. */
static uint64_t commit(struct log *log, const char *id, uint64_t total)
{
    uint64_t seq = 0;

    cr_assert(wal_note(&log->wal, name(&log->world, id), DC_INC, total) == 0);
    cr_assert(wal_commit(&log->wal, &log->state, nothing, &seq) == 0);
    return seq;
}

static void apply(struct log *log, const char *id, uint64_t total)
{
    cr_assert(pncounter_raise(&log->state, name(&log->world, id), DC_INC, total, NULL) >= 0);
}

/* Likewise, and confirmed. */
static void commit_done(struct log *log, const char *id, uint64_t total)
{
    uint64_t seq = commit(log, id, total);

    while (log->wal.durable_seq < seq)
        cr_assert(finish_sync(log->disk, &log->wal, true));
    apply(log, id, total);
}

static size_t files_there(const struct test_disk *disk)
{
    size_t count = 0;

    for (size_t i = 0; i < TEST_DISK_FILES; i++)
        count += disk->files[i].there;
    return count;
}

/* ---- ordinary days ---- */

Test(wal, a_first_start_finds_nothing)
{
    struct log log;
    struct wal_opening opening;

    log_init(&log, WAL_SEGMENT_BYTES);
    opening = reopen(&log);
    cr_expect(opening.found == WAL_EMPTY && opening.id == DC_NAME_NONE);
    log_release(&log);
}

Test(wal, what_was_confirmed_is_read_back)
{
    struct log log;
    struct wal_opening opening;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    commit_done(&log, "n2", 7);
    commit_done(&log, "n1", 6);
    opening = reopen(&log);
    cr_expect(opening.found == WAL_WHOLE && opening.id == name(&log.world, "n1"));
    expect_entries(&log.state, "n1:+6-0 n2:+7-0");
    log_release(&log);
}

Test(wal, a_commit_waits_for_the_sync_before_it)
{
    struct log log;
    uint64_t first, second, third;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    first = commit(&log, "n1", 1);
    second = commit(&log, "n1", 2);
    third = commit(&log, "n1", 3);
    cr_expect(log.disk->syncs == 1 && log.wal.durable_seq < first);
    cr_expect(finish_sync(log.disk, &log.wal, true));
    cr_expect(log.wal.durable_seq == first && log.wal.durable_seq < second);
    cr_expect(log.disk->syncs == 2, "one sync covers both that waited");
    cr_expect(finish_sync(log.disk, &log.wal, true));
    cr_expect(log.wal.durable_seq == third && log.disk->token == 0);
    cr_expect(!wal_on_sync(&log.wal, log.wal.token, true), "nobody waits for that");
    log_release(&log);
}

Test(wal, both_halves_and_odd_ids)
{
    struct log log;
    uint64_t seq;
    char id[300];

    memset(id, 'x', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, id);
    cr_assert(wal_note(&log.wal, name(&log.world, id), DC_DEC, UINT64_MAX) == 0);
    cr_assert(wal_note(&log.wal, name(&log.world, "a"), DC_INC, 1) == 0);
    cr_assert(wal_commit(&log.wal, &log.state, nothing, &seq) == 0);
    cr_assert(finish_sync(log.disk, &log.wal, true));
    cr_expect(reopen(&log).id == name(&log.world, id));
    cr_expect(pncounter_total(&log.state, name(&log.world, id), DC_DEC) == UINT64_MAX);
    cr_expect(pncounter_total(&log.state, name(&log.world, "a"), DC_INC) == 1);
    log_release(&log);
}

/* A batch and a state that take many records come back whole. */
Test(wal, more_than_one_record_holds)
{
    struct log log;
    char id[2100];
    uint64_t seq, records;

    log_init(&log, WAL_SEGMENT_BYTES);
    log.disk->room = SIZE_MAX;
    reopen(&log);
    begin(&log, "n1");
    memset(id, 'y', sizeof(id));
    for (int i = 0; i < 150; i++) {
        snprintf(id + 2000, 100, "%03d", i);
        cr_assert(wal_note(&log.wal, name(&log.world, id), DC_INC, (uint64_t)i + 1) == 0);
    }
    records = log.wal.next_seq;
    cr_assert(wal_commit(&log.wal, &log.state, nothing, &seq) == 0);
    cr_expect(log.wal.next_seq - records == 2);
    cr_assert(finish_sync(log.disk, &log.wal, true));
    cr_expect(reopen(&log).found == WAL_WHOLE && log.state.len == 150);
    for (uint32_t i = 0; i < log.state.len; i++)
        cr_expect(log.state.inc[i] == i + 1); /* by id, as they were noted */

    /* Of the base alone, once the segments before it are gone. */
    begin(&log, "n1");
    cr_assert(wal_commit(&log.wal, &log.state, nothing, &seq) == 0);
    cr_assert(finish_sync(log.disk, &log.wal, true));
    cr_assert(files_there(log.disk) == 1);
    cr_expect(reopen(&log).found == WAL_WHOLE && log.state.len == 150);
    for (uint32_t i = 0; i < log.state.len; i++)
        cr_expect(log.state.inc[i] == i + 1);
    log_release(&log);
}

/* Notes halves of @bytes together, to the byte. */
static void note_bytes(struct log *log, size_t bytes)
{
    enum {
        LEN = 2003
    };
    char id[LEN + 1];
    size_t left = bytes;

    memset(id, 'y', LEN);
    id[LEN] = '\0';
    for (unsigned i = 0; left > WAL_ENTRY_BYTES + LEN; i++) {
        id[LEN - 3] = (char)('0' + i / 100);
        id[LEN - 2] = (char)('0' + i / 10 % 10);
        id[LEN - 1] = (char)('0' + i % 10);
        cr_assert(wal_note(&log->wal, name(&log->world, id), DC_INC, 1) == 0);
        left -= WAL_ENTRY_BYTES + LEN;
    }
    cr_assert(left > WAL_ENTRY_BYTES, "the last one has an id");
    id[left - WAL_ENTRY_BYTES] = '\0';
    cr_assert(wal_note(&log->wal, name(&log->world, id), DC_INC, 1) == 0);
    cr_assert(log->wal.batch.len - WAL_RECORD_HEAD_BYTES == bytes);
}

/* A record holds so much, and not a byte more. */
Test(wal, a_record_is_filled_to_its_last_byte)
{
    for (size_t over = 0; over <= 1; over++) {
        struct log log;
        uint64_t seq, records;

        log_init(&log, WAL_SEGMENT_BYTES);
        log.disk->room = SIZE_MAX;
        reopen(&log);
        begin(&log, "n1");
        note_bytes(&log, WAL_PAYLOAD_BYTES_MAX + over);
        records = log.wal.next_seq;
        cr_assert(wal_commit(&log.wal, &log.state, nothing, &seq) == 0);
        cr_expect(log.wal.next_seq - records == 1 + over);
        cr_expect(reopen(&log).found == WAL_WHOLE);
        records = log.wal.next_seq;
        begin(&log, "n1"); /* a head, the entries, and the end of the base */
        cr_expect(log.wal.next_seq - records == 3 + over);
        log_release(&log);
    }
}

/* What could not be noted is in no commit and in no echo. */
Test(wal, a_note_without_memory_leaves_nothing)
{
    for (size_t request = 0;; request++) {
        struct log log;
        size_t echo, batch;
        int rc;

        log_init(&log, WAL_SEGMENT_BYTES);
        reopen(&log);
        begin(&log, "n1");
        echo = log.wal.echo.len;
        batch = log.wal.batch.len;
        test_mem_fail_after(&log.world.mem, request);
        rc = wal_note(&log.wal, name(&log.world, "n1"), DC_INC, 1);
        test_mem_fail_never(&log.world.mem);
        if (rc < 0) {
            cr_expect(log.wal.echo.len == echo);
            cr_expect(log.wal.batch.len == batch);
        }
        log_release(&log);
        if (rc == 0) {
            cr_expect(request == 2, "the echo and the batch ask for memory");
            break;
        }
    }
}

/* What a cluster brought at once does not lie idle until it comes again. */
Test(wal, a_large_commit_gives_its_memory_back)
{
    struct log log;
    char id[16];
    uint64_t seq;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "n%d", i);
        cr_assert(wal_note(&log.wal, name(&log.world, id), DC_INC, 1) == 0);
    }
    cr_expect(log.wal.batch.cap > 10000);
    cr_assert(wal_commit(&log.wal, &log.state, nothing, &seq) == 0);
    cr_expect(log.wal.batch.cap + log.wal.echo.cap + log.wal.record.cap < 2048);
    log_release(&log);
}

Test(wal, old_segments_go_when_a_newer_base_is_durable)
{
    struct log log;
    char text[32];

    log_init(&log, 500);
    reopen(&log);
    begin(&log, "n1");
    for (uint64_t i = 1; i <= 200; i++) {
        commit_done(&log, "n1", i);
        cr_assert(files_there(log.disk) <= 2);
    }
    cr_expect(log.wal.segment > 3 && log.wal.oldest == log.wal.segment);
    cr_expect(files_there(log.disk) == 1);
    cr_expect(reopen(&log).found == WAL_WHOLE);
    snprintf(text, sizeof(text), "n1:+200-0");
    expect_entries(&log.state, text);
    log_release(&log);
}

/* Each sync covers some base, and the present one is always a newer one. */
Test(wal, old_segments_go_however_fast_others_follow)
{
    struct log log;
    size_t most = 0;

    log_init(&log, 1);
    reopen(&log);
    begin(&log, "n1");
    for (uint64_t i = 1; i <= 600; i++) {
        commit(&log, "n1", i);
        apply(&log, "n1", i);
        if (i % 12 == 0)
            cr_assert(finish_sync(log.disk, &log.wal, true));
        most = files_there(log.disk) > most ? files_there(log.disk) : most;
    }
    cr_expect(log.wal.segment > 100 && most < 12, "%zu", most);
    log_release(&log);
}

Test(wal, each_opening_begins_a_segment)
{
    struct log log;

    log_init(&log, WAL_SEGMENT_BYTES);
    for (uint64_t i = 1; i <= 5; i++) {
        cr_expect(reopen(&log).found == (i == 1 ? WAL_EMPTY : WAL_WHOLE));
        begin(&log, "n1");
        commit_done(&log, "n1", i);
        cr_expect(log.wal.segment == i);
        cr_expect(files_there(log.disk) == 1);
    }
    log_release(&log);
}

/* ---- what fails ---- */

Test(wal, a_failed_sync_begins_a_new_segment)
{
    struct log log;
    uint64_t seq;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    seq = commit(&log, "n1", 6);
    cr_expect(finish_sync(log.disk, &log.wal, false));
    cr_expect(log.wal.durable_seq < seq && log.wal.broken);
    commit_done(&log, "n1", 8);
    cr_expect(log.wal.segment == 2 && !log.wal.broken);
    cr_expect(reopen(&log).found == WAL_WHOLE);
    expect_entries(&log.state, "n1:+8-0");
    log_release(&log);
}

/* The disk keeps what it had before, drops what it failed to sync: nothing is missing. */
Test(wal, what_a_failed_sync_lost_is_not_missed)
{
    struct log log;
    struct test_file *file;
    size_t len;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    file = test_disk_file(log.disk, "log.0000000000000001", false);
    len = file->len;
    commit(&log, "n1", 6);
    file->len = len;
    finish_sync(log.disk, &log.wal, false);
    cr_expect(reopen(&log).found == WAL_WHOLE);
    expect_entries(&log.state, "n1:+5-0");
    log_release(&log);
}

Test(wal, what_could_not_be_written_is_never_read)
{
    struct log log;
    uint64_t seq;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    log.disk->appends_until_error = 0;
    cr_assert(wal_note(&log.wal, name(&log.world, "n1"), DC_INC, 9) == 0);
    cr_expect(wal_commit(&log.wal, &log.state, nothing, &seq) == DC_EIO);
    cr_assert(wal_note(&log.wal, name(&log.world, "n1"), DC_INC, 9) == 0);
    cr_expect(wal_commit(&log.wal, &log.state, nothing, &seq) == DC_EIO);
    cr_expect(log.wal.segment == 1, "it was cut, and is written to again");
    log.disk->appends_until_error = SIZE_MAX;
    commit_done(&log, "n1", 7);
    cr_expect(reopen(&log).found != WAL_DAMAGED);
    expect_entries(&log.state, "n1:+7-0");
    log_release(&log);
}

/* Nor what could not be taken back: the segment is left, and the next has all. */
Test(wal, a_segment_that_cannot_be_cut_is_left)
{
    struct log log;
    uint64_t seq;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    log.disk->appends_until_error = 0;
    log.disk->truncates_fail = true;
    cr_assert(wal_note(&log.wal, name(&log.world, "n1"), DC_INC, 9) == 0);
    cr_expect(wal_commit(&log.wal, &log.state, nothing, &seq) == DC_EIO && log.wal.broken);
    log.disk->appends_until_error = SIZE_MAX;
    commit_done(&log, "n1", 7);
    cr_expect(log.wal.segment == 2);
    cr_expect(reopen(&log).found == WAL_WHOLE);
    expect_entries(&log.state, "n1:+7-0");
    log_release(&log);
}

Test(wal, a_full_disk_refuses_and_goes_on_when_there_is_room)
{
    struct log log;
    uint64_t seq;

    log_init(&log, WAL_SEGMENT_BYTES);
    reopen(&log);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    log.disk->room = 10;
    cr_assert(wal_note(&log.wal, name(&log.world, "n1"), DC_INC, 6) == 0);
    cr_expect(wal_commit(&log.wal, &log.state, nothing, &seq) == DC_EFULL);
    log.disk->room = SIZE_MAX;
    commit_done(&log, "n1", 6);
    cr_expect(reopen(&log).found != WAL_DAMAGED);
    expect_entries(&log.state, "n1:+6-0");
    log_release(&log);
}

/* A segment is full while a sync is on its way, and the disk takes no other. */
Test(wal, what_was_written_before_is_synced_though_nothing_can_be_any_more)
{
    for (size_t room = 0; room < 60; room++) {
        struct log log;
        uint64_t last = 0, seq;
        int rc = 0;

        log_init(&log, 1);
        reopen(&log);
        begin(&log, "n1");
        log.disk->truncates_fail = room % 2 == 1; /* and what was begun cannot be cut */
        log.disk->room = 300 + 10 * room;
        for (uint64_t total = 1; rc == 0; total++) {
            cr_assert(wal_note(&log.wal, name(&log.world, "n1"), DC_INC, total) == 0);
            rc = wal_commit(&log.wal, &log.state, nothing, &seq);
            last = rc == 0 ? seq : last;
        }
        cr_expect(rc == DC_EFULL);
        while (log.disk->token != 0)
            cr_assert(finish_sync(log.disk, &log.wal, true));
        cr_expect(log.wal.durable_seq >= last, "%zu", room);
        log_release(&log);
    }
}

struct opened {
    struct log *log;
    struct wal_opening opening;
};

static int open_again(void *ctx)
{
    struct opened *opened = ctx;
    struct log *log = opened->log;
    int rc;

    wal_release(&log->wal);
    pncounter_clear(&log->state);
    wal_init(&log->wal, &log->world.mem.mem, &log->disk->env, &log->world.names, 400);
    rc = wal_open(&log->wal, &log->state, NULL, &opened->opening);
    return rc;
}

Test(wal, opening_survives_no_memory)
{
    struct log log;
    struct opened opened = {.log = &log};
    struct oom_case oom = {.op = open_again, .ctx = &opened};

    log_init(&log, 400);
    reopen(&log);
    begin(&log, "n1");
    for (uint64_t i = 1; i < 30; i++)
        commit_done(&log, "n1", i);
    expect_survives_no_memory(&log.world.mem, &oom);
    expect_entries(&log.state, "n1:+29-0");
    log_release(&log);
}

/* ---- what a crash leaves ---- */

Test(wal, crashes_lose_only_what_was_not_confirmed)
{
    struct test_random random = {7};
    size_t torn = 0, cases = 4000;

    for (size_t i = 0; i < cases; i++) {
        struct log log;
        uint64_t confirmed = 0, written = 0;
        bool based = false;

        log_init(&log, 300 + draw_below(&random, 600));
        for (int start = 0; start < 4; start++) {
            struct wal_opening opening = reopen(&log);
            uint64_t found = pncounter_total(&log.state, name(&log.world, "n1"), DC_INC);

            /* Before the first base is durable nobody can know whether there was one. */
            cr_assert(opening.found != WAL_DAMAGED || !based, "case %zu start %d", i, start);
            torn += opening.found == WAL_TORN;
            cr_assert(found >= confirmed && found <= written,
                      "case %zu: found %" PRIu64 ", confirmed %" PRIu64 ", written %" PRIu64, i,
                      found, confirmed, written);
            confirmed = written = found;
            begin(&log, "n1");
            for (uint64_t ops = draw_below(&random, 30); ops > 0; ops--) {
                commit(&log, "n1", ++written);
                if (draw_below(&random, 3) > 0)
                    continue;
                finish_sync(log.disk, &log.wal, true);
                based = true;
                if (log.wal.durable_seq == log.wal.next_seq) {
                    confirmed = written;
                    apply(&log, "n1", written);
                }
            }
            test_disk_crash(log.disk, &random);
        }
        log_release(&log);
    }
    cr_expect(torn > cases / 10, "the crashes cut hardly anything: %zu", torn);
}

/* ---- a disk that lies ---- */

/*
 * Numbers at the end of their range, as no log has them: a file or record that
 * has one is none of the log, and those that follow do not wrap. Found by
 * tools/fuzz/fuzz_wal.c.
 */
Test(wal, numbers_that_no_log_reaches_are_not_taken)
{
    struct log log;
    struct wal_record record = {.type = WAL_BASE, .seq = UINT64_MAX, .claim = 0};
    uint8_t bytes[WAL_RECORD_HEAD_BYTES];
    char text[WAL_FILE_BYTES];
    struct wal_record read;

    wal_record_seal(bytes, 1, &record);
    cr_assert(wal_record_read(bytes, sizeof(bytes), 1, &read) == 0);
    record = (struct wal_record){.type = WAL_BASE, .seq = 0, .claim = UINT64_MAX};
    wal_record_seal(bytes, 1, &record);
    cr_assert(wal_record_read(bytes, sizeof(bytes), 1, &read) == 0);

    log_init(&log, WAL_SEGMENT_BYTES);
    test_disk_file(log.disk, wal_file_name(text, UINT64_MAX), true);
    cr_assert(reopen(&log).found == WAL_EMPTY);
    begin(&log, "n1");
    commit_done(&log, "n1", 5);
    cr_assert(log.wal.segment == 1);
    cr_assert(reopen(&log).found == WAL_WHOLE);
    expect_entries(&log.state, "n1:+5-0");
    log_release(&log);
}

#define OPERATIONS 200

struct sweep {
    struct log log;
    size_t cases, whole, torn, damaged;
};

/*
 * Under the old id, at least @least of the operations are read back; never more
 * than there were.
 */
static void look(struct sweep *sweep, uint64_t least, const char *what, size_t file, size_t at)
{
    struct log *log = &sweep->log;
    struct wal_opening opening = reopen(log);
    uint64_t found = pncounter_total(&log->state, name(&log->world, "n1"), DC_INC);
    bool usable = opening.found == WAL_WHOLE || opening.found == WAL_TORN;

    sweep->cases++;
    sweep->whole += opening.found == WAL_WHOLE;
    sweep->torn += opening.found == WAL_TORN;
    sweep->damaged += !usable;
    cr_assert(found <= OPERATIONS, "%s file %zu at %zu invents counts", what, file, at);
    cr_assert(!usable || (found >= least && opening.id == name(&log->world, "n1")),
              "%s file %zu at %zu: found %" PRIu64 ", expected at least %" PRIu64, what, file, at,
              found, least);
}

/* 200 operations in three segments, none of which could be removed; @ends, by operation. */
static struct test_file *write_three(struct log *log, size_t ends[OPERATIONS + 1])
{
    struct test_file *newest = NULL;

    log_init(log, 8000);
    reopen(log);
    begin(log, "n1");
    log->disk->keeps_removed = true;
    for (uint64_t i = 1; i <= OPERATIONS; i++) {
        char text[WAL_FILE_BYTES];

        /* Entries of others make the base larger than nothing. */
        cr_assert(wal_note(&log->wal, name(&log->world, i % 2 ? "n2" : "n3"), DC_DEC, i) == 0);
        commit_done(log, "n1", i);
        newest = test_disk_file(log->disk, wal_file_name(text, log->wal.segment), false);
        ends[i] = newest->len;
        if (i > 1 && ends[i] < ends[i - 1]) /* a new segment: those before are in its base */
            memset(ends, 0, i * sizeof(ends[0]));
    }
    cr_assert(log->wal.segment == 3, "%" PRIu64, log->wal.segment);
    return newest;
}

/* The operations of the newest segment that end before byte @at of it. */
static uint64_t ended_before(const size_t ends[OPERATIONS + 1], size_t at)
{
    uint64_t before = OPERATIONS;

    while (before > 0 && ends[before] > at)
        before--;
    return before;
}

/*
 * A log that ends where a write ended looks whole, or damaged, never torn. What is
 * gone are the operations behind; nobody can tell from the log alone.
 */
Test(wal, cut_where_a_write_ended)
{
    struct sweep sweep = {0};
    struct log *log = &sweep.log;
    size_t ends[OPERATIONS + 1] = {0};
    struct test_file *file = write_three(log, ends);
    size_t len = file->len;

    for (size_t at = 0; at < len;) {
        struct wal_record record;

        at += wal_record_read(file->bytes + at, len - at, 3, &record);
        file->len = at;
        look(&sweep, ended_before(ends, at), "cut", 3, at);
        file->len = len;
    }
    cr_expect(sweep.torn == 0 && sweep.whole > 50 && sweep.damaged > 0,
              "%zu whole, %zu torn, %zu damaged", sweep.whole, sweep.torn, sweep.damaged);
    log_release(log);
}

/*
 * Each sector of 512 bytes gone, and each pair of neighbours: the log is damaged, or
 * all that is missing is behind the last claim: the operations of the last sectors,
 * of which both copies are gone.
 */
Test(wal, every_sector_gone)
{
    struct sweep sweep = {0};
    struct log *log = &sweep.log;
    size_t ends[OPERATIONS + 1] = {0};
    struct test_file *newest = write_three(log, ends);

    for (size_t f = 0; f < TEST_DISK_FILES; f++) {
        struct test_file *file = &log->disk->files[f];

        for (size_t at = 0; file->there && at < file->len; at += 512)
            for (size_t more = 512; more <= 1024; more += 512) {
                uint8_t saved[1024];
                size_t bytes = file->len - at < more ? file->len - at : more;
                bool last = file == newest && at + bytes == file->len;

                memcpy(saved, file->bytes + at, bytes);
                memset(file->bytes + at, 0, bytes);
                look(&sweep, last ? ended_before(ends, at) : OPERATIONS, "sector", f, at);
                memcpy(file->bytes + at, saved, bytes);
            }
    }
    cr_expect(sweep.damaged > 10 && sweep.torn > 0, "%zu whole, %zu torn, %zu damaged", sweep.whole,
              sweep.torn, sweep.damaged);
    log_release(log);
}

/* Each read failing, once: the opening says so and writes nothing; the next finds all. */
Test(wal, every_read_failing)
{
    struct sweep sweep = {0};
    struct log *log = &sweep.log;
    size_t ends[OPERATIONS + 1] = {0}, reads, failed = 0;

    write_three(log, ends);
    log->disk->reads = 0;
    look(&sweep, OPERATIONS, "nothing", 0, 0);
    reads = log->disk->reads;
    for (size_t i = 0; i < reads; i++) {
        struct wal_opening opening;

        wal_release(&log->wal);
        pncounter_clear(&log->state);
        log->disk->reads = 0;
        log->disk->reads_until_error = i;
        wal_init(&log->wal, &log->world.mem.mem, &log->disk->env, &log->world.names, 8000);
        failed += wal_open(&log->wal, &log->state, NULL, &opening) == DC_EIO;
        log->disk->reads_until_error = SIZE_MAX;
        look(&sweep, OPERATIONS, "read", 0, i);
    }
    cr_expect(reads > 3 && failed == reads && sweep.whole == sweep.cases, "%zu of %zu, %zu", failed,
              reads, sweep.whole);
    log_release(log);
}

/*
 * 200 operations in three segments, none of which could be removed: every cut,
 * every bit. A cut leaves what was before it; a flip costs nothing: what no later
 * record confirms is said twice.
 */
Test(wal, every_cut_and_every_flip)
{
    struct sweep sweep = {0};
    struct log *log = &sweep.log;
    size_t ends[OPERATIONS + 1] = {0}, files = 0;
    const struct test_file *newest = write_three(log, ends);

    for (size_t f = 0; f < TEST_DISK_FILES; f++) {
        struct test_file *file = &log->disk->files[f];
        size_t len = file->len;

        if (!file->there)
            continue;
        files++;
        for (size_t at = 0; at < len; at++) {
            uint64_t before = file == newest ? ended_before(ends, at) : OPERATIONS;

            file->len = at;
            look(&sweep, before, "cut", f, at);
            file->len = len;
            for (int bit = 0; bit < 8; bit++) {
                file->bytes[at] ^= (uint8_t)(1 << bit);
                look(&sweep, OPERATIONS, "flip", f, at);
                file->bytes[at] ^= (uint8_t)(1 << bit);
            }
        }
        file->there = false;
        look(&sweep, OPERATIONS, "gone", f, 0);
        file->there = true;
    }
    printf("# %zu cases in %zu files: %zu whole, %zu torn, %zu damaged\n", sweep.cases, files,
           sweep.whole, sweep.torn, sweep.damaged);
    log_release(log);
}
