/* One record after the other, each looked at when it is written. */
#include "sim/logbook.h"

#include <stdlib.h>
#include <string.h>

#include "core/names.h"
#include "core/wal.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/fatal.h"

/* A commit of more than that goes on in another record. */
#define LONG_PAYLOAD (UINT32_C(128) << 10)

void logbook_release(struct logbook *book)
{
    free(book->written);
    *book = (struct logbook){0};
}

/* What it wrote may be lost: it may say all of it again. */
static void forget(struct logbook *book)
{
    book->next = 0;
    book->may_begin = true;
    book->unsaid = false;
    if (book->written_len > 0)
        memset(book->written, 0, book->written_len * sizeof(*book->written));
}

void logbook_starts(struct host *host)
{
    logbook_release(&host->book);
    host->book.refused = host->memory.refused;
    host->book.said_name = DC_NAME_NONE;
}

/* What rose since the last commit may be more than it had memory to keep in mind: then all may. */
static bool is_starved(const struct host *host)
{
    return host->memory.refused != host->book.refused;
}

static void fail(const struct host *host, const char *what, const char *label)
{
    checks_fail(host->cluster->checks, CHECK_LOG, host->index, what, label);
}

void logbook_file(const struct host *host, const char *file)
{
    uint64_t number;

    if (!logread_number(file, &number))
        fail(host, "touches a file that is none of its own",
             "expected one of a log, found another");
}

/* ---- what is written ---- */

/* The last total of a half that a commit wrote. */
static uint64_t *written_at(struct logbook *book, dc_name id, enum dc_side side)
{
    size_t at = 2 * (size_t)id + (size_t)side;

    if (at >= book->written_len) {
        size_t len = 2 * at + 16;

        book->written = fatal_realloc_array(book->written, len, sizeof(*book->written));
        memset(book->written + book->written_len, 0,
               (len - book->written_len) * sizeof(*book->written));
        book->written_len = len;
    }
    return &book->written[at];
}

/* Of an entry, both halves are written when one rose; @rose: one of the last entry did. */
static void check_rose(const struct host *host, bool rose)
{
    if (!rose && !is_starved(host))
        fail(host, "writes what it has written before",
             "expected only what rose, found a total "
             "that did not");
}

/* The totals of a commit, which are new; or of an echo, which are not. */
static void look_at_totals(struct host *host, const struct logread_record *record)
{
    struct logbook *book = &host->book;
    const uint8_t *at = record->payload, *end = at + record->len;
    dc_name last = DC_NAME_NONE, own = host->node.ledger.id;
    bool is_echo = record->type == LOGREAD_ECHO, rose = true;
    struct logread_total it;

    while (logread_total(&at, end, &it)) {
        dc_name id = names_find(&host->cluster->names, it.id, it.id_len);
        uint64_t *total;

        if (id == DC_NAME_NONE || it.total == 0) {
            fail(host, "writes a total of nothing", "expected an id and a total above 0");
            return;
        }
        total = written_at(book, id, it.side);
        if (is_echo && (id != own || it.total != *total))
            fail(host, "echoes what it has not committed", "expected own totals, found others");
        if (!is_echo && id != last)
            check_rose(host, rose);
        rose = is_echo || (id == last && rose) || it.total > *total;
        last = id;
        *total = it.total;
        book->unsaid = !is_echo && (book->unsaid || id == own);
    }
    if (!is_echo)
        check_rose(host, rose);
    if (at != end)
        fail(host, "writes a record that is none", "expected totals, found other bytes");
}

/*
 * The first base of a life says all that there is, and commits behind it only what rose
 * since. Another stands before commits that were made when there was no room for them.
 */
static void note_base(struct host *host, const struct logread_record *record)
{
    const uint8_t *at = record->payload, *end = at + record->len;
    struct logread_total it;

    while (logread_total(&at, end, &it)) {
        dc_name id = names_find(&host->cluster->names, it.id, it.id_len);

        if (id != DC_NAME_NONE)
            *written_at(&host->book, id, it.side) = it.total;
    }
}

/* As core/wal.h says. */
static bool is_full(const struct host *host)
{
    uint64_t most = host->config.segment_bytes, bytes = host->book.bytes;

    return bytes > (most > 0 ? most : WAL_SEGMENT_BYTES) && bytes / 4 > host->book.base;
}

/* A segment that is full is not written to: another begins. */
static void check_room(const struct host *host)
{
    if (!host->book.goes_on && is_full(host))
        fail(host, "writes to a segment that is full", "expected another segment, found the same");
}

/* Another segment begins in a new life, for a new id, behind a failure, or behind one that is full.
 */
static void check_begins(const struct host *host, dc_name id)
{
    const struct logbook *book = &host->book;

    if (book->segment != 0 && !book->may_begin && id == book->id && !is_full(host))
        fail(host, "begins another segment without need", "expected the same, found another");
}

/* What others rely on: all below the number that a record claims is durable. */
static void check_claim(const struct host *host, const struct logread_record *record)
{
    uint64_t durable = host->book.durable;

    if (durable > 0 && record->claim != durable)
        fail(host, "claims in its log what is not so",
             "expected the number of what its last sync covered, found another");
}

static void look_at_head(struct host *host, uint64_t number, const struct logread_record *record)
{
    struct logbook *book = &host->book;
    dc_name name = host->node.ledger.id;
    const uint8_t *id;
    uint32_t len;

    if (!logread_head(record, &id, &len) || names_find(&host->cluster->names, id, len) != name)
        fail(host, "begins its log with what is no head", "expected its id and number");
    if (number <= book->segment)
        fail(host, "begins a segment again", "expected a larger number than before");
    check_begins(host, name);
    book->is_first = book->segment == 0;
    if (book->is_first) /* all that it has read counts as durable */
        book->durable = record->seq;
    book->id = name;
    book->may_begin = false;
    book->segment = number;
    book->bytes = book->base = 0;
    book->next = record->seq;
}

static void look_at_record(struct host *host, uint64_t number, const struct logread_record *record)
{
    struct logbook *book = &host->book;

    if (record->type == LOGREAD_HEAD)
        look_at_head(host, number, record);
    check_claim(host, record);
    if (record->type == LOGREAD_RETIRED)
        return;
    if (number != book->segment)
        fail(host, "writes to another segment than its last", "expected the last");
    if (book->next > 0 && record->seq != book->next)
        fail(host, "counts its records wrongly", "expected the next number");
    book->next = record->seq + 1;
    if (record->type == LOGREAD_BASE && record->len > 0)
        fail(host, "says something with a base", "expected no payload");
    if (book->base == 0) { /* what it says is looked at when it is read */
        if (record->type == LOGREAD_ENTRIES && book->is_first)
            note_base(host, record);
        return;
    }
    if (record->type == LOGREAD_ENTRIES)
        check_room(host);
    if (record->type == LOGREAD_ENTRIES || record->type == LOGREAD_ECHO)
        look_at_totals(host, record);
    book->goes_on = record->type == LOGREAD_ENTRIES && record->len > LONG_PAYLOAD;
    if (!book->goes_on)
        book->refused = host->memory.refused;
}

void logbook_appended(struct host *host, const char *file, const uint8_t *bytes, size_t len, int rc)
{
    struct logbook *book = &host->book;
    struct logread_record record;
    uint64_t number = 0;

    if (!logread_number(file, &number) || logread_record(bytes, len, number, &record) != len) {
        fail(host, "writes what is no record of a log", "expected one record, found other bytes");
        return;
    }
    look_at_record(host, number, &record);
    if (number != book->segment || record.type == LOGREAD_RETIRED)
        return;
    if (rc < 0) {
        forget(book);
        return;
    }
    book->bytes += len;
    if (record.type == LOGREAD_BASE)
        book->base = book->bytes;
    if (record.type == LOGREAD_BASE)
        book->based = number;
}

void logbook_cut(struct host *host)
{
    forget(&host->book);
}

void logbook_sync_counts(struct host *host)
{
    host->book.durable = host->book.begun;
}

void logbook_sync_begins(struct host *host)
{
    host->book.covered = host->book.based;
    host->book.begun = host->book.next;
    if (host->book.unsaid)
        fail(host, "syncs own totals without an echo", "expected all of them twice");
}

/* What is older than a base that is durable is gone. */
static void check_removed(const struct host *host, uint64_t covered)
{
    const struct disk *disk = &host->disk;
    uint64_t number;

    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].there && logread_number(disk->files[i].name, &number) &&
            number < covered)
            fail(host, "keeps a segment that it does not need",
                 "expected none before the last durable base, found one");
}

void logbook_sync_ended(struct host *host, bool ok, uint64_t covered)
{
    if (ok) {
        check_removed(host, covered);
        return;
    }
    host->book.based = 0;
    forget(&host->book);
}

/* ---- what is read ---- */

/* Which event of its log a start has to say; as a bit, 0: none. */
static unsigned due_word(const struct host *host, const struct logread *log)
{
    switch (log->found) {
    case LOGREAD_NONE:
        return host->config.first_start ? 0 : 1u << ENV_LOG_EMPTY;
    case LOGREAD_WHOLE:
        break;
    case LOGREAD_TORN:
        return 1u << ENV_LOG_TORN;
    case LOGREAD_HURT:
        return 1u << ENV_LOG_DAMAGED;
    }
    return 0;
}

static bool is_same(const struct pncounter *a, const struct pncounter *b)
{
    if (a->len != b->len)
        return false;
    for (uint32_t i = 0; i < a->len; i++)
        if (a->ids[i] != b->ids[i] || a->inc[i] != b->inc[i] || a->dec[i] != b->dec[i])
            return false;
    return true;
}

static const char *unsaid_text(const struct host *host, const struct logread *log)
{
    switch (due_word(host, log)) {
    case 1u << ENV_LOG_EMPTY:
        return "does not say that its log is empty";
    case 1u << ENV_LOG_TORN:
        return "does not say that its log is torn";
    case 1u << ENV_LOG_DAMAGED:
        return "does not say that its log is damaged";
    default:
        return "says that something is wrong with its log, and nothing is";
    }
}

void logbook_started(const struct host *host, const struct logread *log)
{
    unsigned words = 1u << ENV_LOG_EMPTY | 1u << ENV_LOG_TORN | 1u << ENV_LOG_DAMAGED;
    bool keeps = log->found == LOGREAD_WHOLE || log->found == LOGREAD_TORN;

    if (log->is_strange)
        return;
    if (!is_same(&log->totals, &host->node.counter))
        fail(host, "starts with something else than its log says",
             "expected the totals of all records that count, found others");
    if ((host->book.said & words) != due_word(host, log))
        fail(host, unsaid_text(host, log), "expected a word on just that, found another or none");
    if (keeps && log->id != DC_NAME_NONE && host->node.ledger.id != log->id)
        fail(host, "goes on under another id than its log says",
             "expected that of the last segment, found another");
    if (log->found == LOGREAD_HURT && !host->renamed)
        fail(host, "keeps the id of a damaged log", "expected a new one, found the same");
}
