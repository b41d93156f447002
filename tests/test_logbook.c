/*
 * What a node writes into its log and reads from it: each thing that no right log has
 * is seen, and what a right one has is let be.
 */
#include "sim/logbook.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/names.h"
#include "core/wal_record.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/oracle.h"

#define NODES 2u
/* Before it is full, a segment holds a few records. */
#define SEGMENT_BYTES 64u

struct bench {
    struct cluster cluster;
    struct oracle oracle;
    struct checks checks;
    struct host *host; /* n1 */
    uint64_t seq;      /* of the next record */
    uint64_t total;    /* that n1 wrote last */
};

static void set_up(struct bench *b)
{
    *b = (struct bench){.cluster = {.nodes = NODES}, .seq = 1};
    names_init(&b->cluster.names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->cluster.names, NODES);
    b->cluster.checks = &b->checks;
    b->cluster.hosts = calloc(NODES, sizeof(*b->cluster.hosts));
    b->host = &b->cluster.hosts[0];
    for (uint32_t i = 0; i < NODES; i++) {
        char name[] = {'n', (char)('1' + i)};
        dc_name id;

        cr_assert(eq(int, names_intern(&b->cluster.names, name, 2, &id), 0));
        b->cluster.hosts[i].cluster = &b->cluster;
        b->cluster.hosts[i].index = i;
        b->cluster.hosts[i].node.ledger.id = id;
        b->cluster.hosts[i].config.segment_bytes = SEGMENT_BYTES;
    }
    pncounter_init(&b->host->node.counter, mem_heap(), &b->cluster.names);
    logbook_starts(b->host);
}

static void tear_down(struct bench *b)
{
    pncounter_release(&b->host->node.counter);
    logbook_release(&b->host->book);
    free(b->cluster.hosts);
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->cluster.names);
}

static void expect_nothing(const struct bench *b)
{
    cr_assert(b->checks.violation.check == NULL, "%s", b->checks.violation.headline);
}

static void expect_fired(struct bench *b, const char *headline)
{
    cr_assert(b->checks.violation.check != NULL, "nothing fired: %s", headline);
    cr_expect(eq(str, (char *)b->checks.violation.check, (char *)"log"));
    cr_expect(eq(str, b->checks.violation.headline, (char *)headline));
    tear_down(b);
}

/* ---- records ---- */

static void append(struct bench *b, uint64_t segment, struct wal_record record)
{
    uint8_t bytes[WAL_RECORD_HEAD_BYTES + 64];
    char file[32];

    cr_assert(record.payload_len <= 64);
    if (record.payload_len > 0)
        memcpy(bytes + WAL_RECORD_HEAD_BYTES, record.payload, record.payload_len);
    wal_record_seal(bytes, segment, &record);
    snprintf(file, sizeof(file), "log.%016llx", (unsigned long long)segment);
    logbook_appended(b->host, file, bytes, WAL_RECORD_HEAD_BYTES + record.payload_len, 0);
}

/* One that claims what is durable, with the next number. */
static void append_next(struct bench *b, uint64_t segment, enum wal_type type, const void *payload,
                        size_t len)
{
    append(b, segment,
           (struct wal_record){.type = type,
                               .seq = b->seq++,
                               .claim = b->host->book.durable ? b->host->book.durable : b->seq - 1,
                               .payload = payload,
                               .payload_len = (uint32_t)len});
}

static void put_little(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void head(struct bench *b, uint64_t segment, const char *id)
{
    uint8_t payload[16];

    put_little(payload, 1, 4);
    put_little(payload + 4, b->seq, 8);
    memcpy(payload + 12, id, 2);
    append_next(b, segment, WAL_HEAD, payload, 14);
}

static void total(struct bench *b, uint64_t segment, enum wal_type type, const char *id,
                  uint64_t value)
{
    uint8_t payload[16] = {0 /* inc */, 2, 0, (uint8_t)id[0], (uint8_t)id[1]};

    put_little(payload + 5, value, 8);
    append_next(b, segment, type, payload, 13);
}

/* n1 counts one more. */
static void count(struct bench *b, uint64_t segment)
{
    total(b, segment, WAL_ENTRIES, "n1", ++b->total);
}

static void begin(struct bench *b, uint64_t segment)
{
    head(b, segment, "n1");
    append_next(b, segment, WAL_BASE, NULL, 0);
}

static void fill(struct bench *b, uint64_t segment)
{
    while (b->host->book.bytes <= SEGMENT_BYTES || b->host->book.bytes / 4 <= b->host->book.base)
        count(b, segment);
    expect_nothing(b);
}

/* ---- what is right ---- */

Test(logbook, a_right_log_is_let_be)
{
    struct bench b;
    set_up(&b);

    logbook_file(b.host, "log.0000000000000001");
    begin(&b, 1);
    fill(&b, 1);
    total(&b, 1, WAL_ECHO, "n1", b.total);
    logbook_sync_begins(b.host);
    logbook_sync_counts(b.host);
    logbook_sync_ended(b.host, true, 0);
    begin(&b, 2);
    append_next(&b, 1, WAL_RETIRED, NULL, 0);
    b.seq--; /* it has none of its own */
    count(&b, 2);
    total(&b, 2, WAL_ENTRIES, "n2", 7);
    expect_nothing(&b);
    tear_down(&b);
}

/* ---- what is not ---- */

Test(logbook, what_is_no_log_is_seen)
{
    struct bench b;

    set_up(&b);
    logbook_file(b.host, "counts.txt");
    expect_fired(&b, "n1 touches a file that is none of its own");

    set_up(&b);
    logbook_appended(b.host, "log.0000000000000001", (const uint8_t *)"garbage", 7, 0);
    expect_fired(&b, "n1 writes what is no record of a log");

    set_up(&b);
    append_next(&b, 1, WAL_HEAD, "short", 5);
    expect_fired(&b, "n1 begins its log with what is no head");

    set_up(&b);
    head(&b, 1, "n2");
    expect_fired(&b, "n1 begins its log with what is no head");
}

Test(logbook, segments_rise_and_are_as_long_as_they_may_be)
{
    struct bench b;

    set_up(&b);
    begin(&b, 2);
    fill(&b, 2);
    head(&b, 1, "n1");
    expect_fired(&b, "n1 begins a segment again");

    set_up(&b);
    begin(&b, 1);
    head(&b, 2, "n1");
    expect_fired(&b, "n1 begins another segment without need");

    set_up(&b);
    begin(&b, 1);
    fill(&b, 1);
    count(&b, 1);
    expect_fired(&b, "n1 writes to a segment that is full");

    set_up(&b);
    begin(&b, 1);
    fill(&b, 1);
    begin(&b, 2);
    count(&b, 1);
    expect_fired(&b, "n1 writes to another segment than its last");
}

Test(logbook, numbers_and_claims_are_those_that_are_due)
{
    struct bench b;

    set_up(&b);
    begin(&b, 1);
    b.seq++;
    count(&b, 1);
    expect_fired(&b, "n1 counts its records wrongly");

    set_up(&b);
    begin(&b, 1);
    append(&b, 1, (struct wal_record){.type = WAL_ENTRIES, .seq = b.seq, .claim = b.seq});
    expect_fired(&b, "n1 claims in its log what is not so");

    set_up(&b);
    head(&b, 1, "n1");
    append_next(&b, 1, WAL_BASE, "more", 4);
    expect_fired(&b, "n1 says something with a base");
}

Test(logbook, totals_are_new_and_echoes_are_of_them)
{
    struct bench b;

    set_up(&b);
    begin(&b, 1);
    total(&b, 1, WAL_ENTRIES, "n1", 0);
    expect_fired(&b, "n1 writes a total of nothing");

    set_up(&b);
    begin(&b, 1);
    total(&b, 1, WAL_ENTRIES, "x1", 5);
    expect_fired(&b, "n1 writes a total of nothing");

    set_up(&b);
    begin(&b, 1);
    count(&b, 1);
    total(&b, 1, WAL_ENTRIES, "n1", b.total);
    expect_fired(&b, "n1 writes what it has written before");

    set_up(&b);
    begin(&b, 1);
    append_next(&b, 1, WAL_ENTRIES, "no totals", 9);
    expect_fired(&b, "n1 writes a record that is none");

    set_up(&b);
    begin(&b, 1);
    count(&b, 1);
    total(&b, 1, WAL_ECHO, "n1", b.total + 1);
    expect_fired(&b, "n1 echoes what it has not committed");

    set_up(&b);
    begin(&b, 1);
    count(&b, 1);
    logbook_sync_begins(b.host);
    expect_fired(&b, "n1 syncs own totals without an echo");
}

Test(logbook, a_start_keeps_the_id_of_a_whole_log_and_of_no_other)
{
    struct bench b;
    struct logread log = {.found = LOGREAD_WHOLE};

    set_up(&b);
    pncounter_init(&log.totals, mem_heap(), &b.cluster.names);
    log.id = b.host->node.ledger.id;
    logbook_started(b.host, &log);
    expect_nothing(&b);
    log.id++;
    logbook_started(b.host, &log);
    expect_fired(&b, "n1 goes on under another id than its log says");

    set_up(&b);
    log.found = LOGREAD_HURT;
    b.host->book.said = 1u << ENV_LOG_DAMAGED;
    b.host->renamed = true;
    logbook_started(b.host, &log);
    expect_nothing(&b);
    b.host->renamed = false;
    logbook_started(b.host, &log);
    expect_fired(&b, "n1 keeps the id of a damaged log");
    pncounter_release(&log.totals);
}
