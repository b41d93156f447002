/*
 * Writing the log: records into segments, commits into syncs. Reading it back
 * is in core/wal_open.c.
 */
#include "core/wal.h"

#include <string.h>

#include "core/contract.h"
#include "core/env.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/wal_file.h"
#include "core/wal_record.h"
#include "core/banned.h"

#define HEAD_FORMAT 1u
#define HEAD_PAYLOAD_BYTES 12u /* without the id */
/* Of what waits for a commit. */
#define BATCH_BYTES_MAX (UINT32_C(64) << 20)
/*
 * Of each buffer, from one commit to the next. Usual commits need no more; one
 * that takes along what a large cluster brought gives its memory back, or as
 * much as a state would lie idle in each node of a simulated cluster.
 */
#define KEPT_BYTES 1024u

void wal_init(struct wal *wal, const struct mem *mem, const struct env *env, struct names *names,
              uint64_t segment_max)
{
    *wal = (struct wal){
        .mem = mem, .env = env, .names = names, .segment_max = segment_max, .id = DC_NAME_NONE};
    buf_init(&wal->batch, mem, BATCH_BYTES_MAX);
    buf_init(&wal->echo, mem, WAL_RECORD_HEAD_BYTES + WAL_PAYLOAD_BYTES_MAX);
    buf_init(&wal->record, mem, WAL_RECORD_HEAD_BYTES + WAL_PAYLOAD_BYTES_MAX);
}

static void left_free(struct wal *wal)
{
    if (wal->left != NULL)
        mem_free(wal->mem, wal->left, wal_left_bytes(wal->left->len));
    wal->left = NULL;
}

void wal_release(struct wal *wal)
{
    buf_release(&wal->batch);
    buf_release(&wal->echo);
    buf_release(&wal->record);
    left_free(wal);
    *wal = (struct wal){0};
}

/* ---- records ---- */

/* The payload of a record of the base begins: room for its head. */
static int record_start(struct wal *wal)
{
    buf_clear(&wal->record);
    int rc = buf_reserve(&wal->record, WAL_RECORD_HEAD_BYTES);
    if (rc == 0)
        wal->record.len = WAL_RECORD_HEAD_BYTES;
    return rc;
}

/*
 * Takes back what a failed write may have left: nothing that came behind it
 * would be read. A segment that cannot be cut is not written to any more.
 */
static void cut(struct wal *wal, const char *file)
{
    if (wal->env->ops->disk_truncate(wal->env->ctx, file, wal->segment_bytes) < 0) {
        MARK(WAL_UNCUT);
        wal->broken = wal->uncut = true;
    }
}

/*
 * Writes @payload to the segment as a record, whose head takes the place of the
 * bytes before it. On error it is not there.
 */
static int payload_write(struct wal *wal, enum wal_type type, uint8_t *payload, size_t len)
{
    struct wal_record record = {
        .type = type,
        .seq = wal->next_seq,
        .claim = wal->durable_seq,
        .payload_len = (uint32_t)len,
    };
    uint8_t *head = payload - WAL_RECORD_HEAD_BYTES;
    char file[WAL_FILE_BYTES];

    wal_record_seal(head, wal->segment, &record);
    int rc = wal->env->ops->disk_append(wal->env->ctx, wal_file_name(file, wal->segment), head,
                                        WAL_RECORD_HEAD_BYTES + len);
    if (rc < 0) {
        MARK(WAL_WRITE_FAILED);
        cut(wal, file);
        return rc;
    }
    wal->next_seq++;
    wal->segment_bytes += WAL_RECORD_HEAD_BYTES + len;
    return 0;
}

/* The record of the base that was begun. */
static int record_write(struct wal *wal, enum wal_type type)
{
    return payload_write(wal, type, wal->record.data + WAL_RECORD_HEAD_BYTES,
                         wal->record.len - WAL_RECORD_HEAD_BYTES);
}

/* Behind room for the head of a record, where it is the first. */
static int entry_add(struct buf *to, const struct names *names, dc_name id, enum dc_side side,
                     uint64_t total)
{
    struct wal_entry entry = {.side = side, .total = total};
    size_t room = to->len == 0 ? WAL_RECORD_HEAD_BYTES : 0;

    entry.id = names_bytes(names, id, &entry.id_len);
    int rc = buf_reserve(to, room + WAL_ENTRY_BYTES + (size_t)entry.id_len);
    if (rc < 0)
        return rc;
    to->len += room;
    uint8_t *end = wal_entry_write(to->data + to->len, &entry);
    to->len = (size_t)(end - to->data);
    return 0;
}

/* ---- segments ---- */

static int write_head(struct wal *wal)
{
    uint32_t id_len;
    const uint8_t *id = names_bytes(wal->names, wal->id, &id_len);
    uint8_t head[HEAD_PAYLOAD_BYTES] = {HEAD_FORMAT};

    for (unsigned i = 0; i < 8; i++)
        head[4 + i] = (uint8_t)(wal->next_seq >> (8 * i));
    int rc = record_start(wal);
    if (rc == 0)
        rc = buf_append(&wal->record, head, sizeof(head));
    if (rc == 0)
        rc = buf_append(&wal->record, id, id_len);
    return rc < 0 ? rc : record_write(wal, WAL_HEAD);
}

/* One half into the record at hand, after that was written if there is no more room in it. */
static int write_half(struct wal *wal, dc_name id, enum dc_side side, uint64_t total)
{
    if (total == 0)
        return 0;
    int rc = entry_add(&wal->record, wal->names, id, side, total);
    if (rc != DC_ELIMIT)
        return rc;
    rc = record_write(wal, WAL_ENTRIES);
    if (rc == 0)
        rc = record_start(wal);
    return rc < 0 ? rc : entry_add(&wal->record, wal->names, id, side, total);
}

static int write_state(struct wal *wal, const struct pncounter *state, const uint64_t own[2])
{
    int rc = record_start(wal);

    if (rc == 0)
        rc = write_half(wal, wal->id, DC_INC, own[DC_INC]);
    if (rc == 0)
        rc = write_half(wal, wal->id, DC_DEC, own[DC_DEC]);
    for (uint32_t i = 0; rc == 0 && i < state->len; i++) {
        rc = write_half(wal, state->ids[i], DC_INC, state->inc[i]);
        if (rc == 0)
            rc = write_half(wal, state->ids[i], DC_DEC, state->dec[i]);
    }
    if (rc == 0 && wal->record.len > WAL_RECORD_HEAD_BYTES)
        rc = record_write(wal, WAL_ENTRIES);
    return rc;
}

static int write_base(struct wal *wal, const struct pncounter *state, const uint64_t own[2])
{
    int rc = write_head(wal);

    if (rc == 0)
        rc = write_state(wal, state, own);
    if (rc == 0)
        rc = record_start(wal);
    if (rc == 0)
        rc = record_write(wal, WAL_BASE);
    buf_trim(&wal->record, KEPT_BYTES);

    return rc;
}

int wal_begin(struct wal *wal, dc_name id, const struct pncounter *state, const uint64_t own[2])
{
    PRE(id != DC_NAME_NONE, "a node counts under an id");

    char file[WAL_FILE_BYTES];
    wal->id = id;
    wal->segment++;
    wal->segment_bytes = 0;
    wal->broken = false;
    int rc = write_base(wal, state, own);
    if (rc < 0) {
        MARK(WAL_BASE_FAILED);
        wal->broken = true;
        (void)wal->env->ops->disk_remove(wal->env->ctx, wal_file_name(file, wal->segment));
        return rc;
    }
    wal->base_bytes = wal->segment_bytes;
    wal->based = wal->segment;

    return 0;
}

/*
 * A segment that cannot be removed says that it is not the last, by its claim:
 * should the later one be lost, the log is damaged, not short.
 */
static void retire(struct wal *wal, uint64_t segment)
{
    struct wal_record record = {
        .type = WAL_RETIRED,
        .seq = wal->next_seq,
        .claim = wal->durable_seq,
    };
    uint8_t bytes[WAL_RECORD_HEAD_BYTES];
    char file[WAL_FILE_BYTES];

    MARK(WAL_RETIRED);
    wal_record_seal(bytes, segment, &record);
    (void)wal->env->ops->disk_append(wal->env->ctx, wal_file_name(file, segment), bytes,
                                     sizeof(bytes));
}

/*
 * On to the next that may be there. Those that an opening found may have any numbers, and
 * between two of them more than could ever be counted; from then on each follows the last.
 */
static void pass_oldest(struct wal *wal)
{
    struct wal_left *left = wal->left;

    if (left != NULL && ++left->at < left->len) {
        wal->oldest = left->numbers[left->at];
        return;
    }
    left_free(wal);
    wal->oldest++;
}

/* What is older than a durable base is not needed any more. */
static void remove_old(struct wal *wal)
{
    char file[WAL_FILE_BYTES];

    for (; wal->oldest < wal->durable_base; pass_oldest(wal))
        if (wal->env->ops->disk_remove(wal->env->ctx, wal_file_name(file, wal->oldest)) < 0)
            retire(wal, wal->oldest);
}

/* ---- commits ---- */

int wal_note(struct wal *wal, dc_name id, enum dc_side side, uint64_t total)
{
    size_t echo_len = wal->echo.len;
    int rc = id == wal->id ? entry_add(&wal->echo, wal->names, id, side, total) : 0;

    if (rc == 0)
        rc = entry_add(&wal->batch, wal->names, id, side, total);
    if (rc < 0)
        wal->echo.len = echo_len;
    return rc;
}

void wal_drop(struct wal *wal)
{
    buf_trim(&wal->batch, KEPT_BYTES);
    buf_trim(&wal->echo, KEPT_BYTES);
}

static void sync(struct wal *wal)
{
    wal->syncing = true;
    wal->synced_seq = wal->next_seq;
    wal->synced_base = wal->based;
    wal->env->ops->disk_sync(wal->env->ctx, ++wal->token);
}

static bool is_full(const struct wal *wal)
{
    return wal->segment_bytes > wal->segment_max && wal->segment_bytes / 4 > wal->base_bytes;
}

/* The end of the last entry that goes into one record with all before it. */
static const uint8_t *last_that_fits(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *at = from, *next = from;
    struct wal_entry entry;

    if ((size_t)(end - from) <= WAL_PAYLOAD_BYTES_MAX)
        return end;
    while (wal_entry_read(&next, end, &entry) && (size_t)(next - from) <= WAL_PAYLOAD_BYTES_MAX)
        at = next;
    return at;
}

/*
 * As many records as it takes, split between entries. The head of each takes the
 * place of bytes that have been written.
 */
static int write_batch(struct wal *wal)
{
    uint8_t *from = wal->batch.data;
    const uint8_t *end;

    if (wal->batch.len == 0)
        return 0; /* only a sync is wanted */
    end = from + wal->batch.len;
    from += WAL_RECORD_HEAD_BYTES;
    while (from < end) {
        size_t len = (size_t)(last_that_fits(from, end) - from);
        INVARIANT(len > 0, "one entry fits into a record");
        int rc = payload_write(wal, WAL_ENTRIES, from, len);
        if (rc < 0)
            return rc;
        from += len;
    }
    return 0;
}

static int write_echo(struct wal *wal)
{
    if (wal->echo.len == 0)
        return 0;
    return payload_write(wal, WAL_ECHO, wal->echo.data + WAL_RECORD_HEAD_BYTES,
                         wal->echo.len - WAL_RECORD_HEAD_BYTES);
}

/* All of the batch, or nothing. */
static int write_all(struct wal *wal)
{
    uint64_t bytes = wal->segment_bytes, seq = wal->next_seq;
    char file[WAL_FILE_BYTES];
    int rc = write_batch(wal);

    if (rc == 0)
        rc = write_echo(wal);
    if (rc == 0)
        return 0;
    /* Records of it that were written are taken back as well. */
    wal->next_seq = seq;
    wal->segment_bytes = bytes;
    cut(wal, wal_file_name(file, wal->segment));

    return rc;
}

int wal_commit(struct wal *wal, const struct pncounter *state, const uint64_t own[2],
               uint64_t *ret_seq)
{
    uint64_t seq = wal->next_seq;
    int rc = 0;

    PRE(wal->segment > 0, "a log is begun before something is committed");
    if (wal->broken || is_full(wal)) {
        if (!wal->broken)
            MARK(WAL_SEGMENT_FULL);
        rc = wal_begin(wal, wal->id, state, own);
        if (rc < 0)
            wal->next_seq = seq;
    }
    wal->uncut = false; /* of a base that failed nothing counts */
    if (rc == 0)
        rc = write_all(wal);
    wal_drop(wal);
    if (rc < 0)
        return rc;
    *ret_seq = wal->next_seq;
    if (!wal->syncing)
        sync(wal);

    return 0;
}

bool wal_on_sync(struct wal *wal, uint64_t token, bool ok)
{
    if (!wal->syncing || token != wal->token)
        return false;
    wal->syncing = false;
    if (!ok) {
        MARK(WAL_SYNC_FAILED);
        /*
         * The segment may have lost any of it, so another begins. No number is used
         * again: one of several segments that follow may be all that a crash leaves,
         * and must not seem to take the place of what was durable.
         */
        wal->broken = true;
        wal->based = 0;
        return true;
    }
    wal->durable_seq = wal->synced_seq;
    if (wal->synced_base != 0)
        wal->durable_base = wal->synced_base;
    remove_old(wal);
    /* Also behind a segment that is broken since: what was written before that is good. */
    if (wal->next_seq > wal->durable_seq) {
        MARK(WAL_GROWS_IN_SYNC);
        sync(wal);
    }

    return true;
}
