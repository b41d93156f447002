/*
 * Recovery: what the log of core/wal.h says, as far as it makes sense, and
 * whether anything is missing that was durable.
 */
#include "core/wal.h"

#include <string.h>

#include "core/contract.h"
#include "core/env.h"
#include "core/err.h"
#include "core/found.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/wal_file.h"
#include "core/wal_record.h"
#include "core/banned.h"

#define HEAD_FORMAT 1u
#define HEAD_PAYLOAD_BYTES 12u
#define SEGMENTS_MAX (UINT32_C(1) << 16)
#define SEGMENT_BYTES_MAX (UINT32_C(1) << 30)

/* What a segment comes to. */
struct segment {
    uint64_t number;
    uint64_t size;
    bool headed;         /* it begins with a head that makes sense */
    uint64_t first_seq;  /* of its head */
    uint64_t reached;    /* behind the last record that follows without a gap */
    uint64_t reached_at; /* in bytes */
    bool based;          /* a base is among those */
    uint64_t claim;      /* the largest of any record in it, gaps or not */
    uint64_t credit;     /* of a look through it, so that the second finds what the first did */
    dc_name id;
};

struct opening {
    struct wal *wal;
    const struct pncounter_watch *watch;
    struct segment *list;
    uint32_t len, cap;
    int err;
    struct buf bytes;   /* of one segment */
    uint64_t credit;    /* for the segments to come (core/wal_record.h) */
    bool unsure;        /* in some segment there may be a record that nobody has read */
    struct found found; /* what it says, not in the state yet */
};

/* ---- finding them ---- */

static void on_file(void *ctx, const char *file, uint64_t size)
{
    struct opening *opening = ctx;
    uint64_t number;

    if (opening->err < 0 || !wal_file_number(file, &number))
        return;
    if (opening->len == SEGMENTS_MAX) {
        opening->err = DC_ELIMIT;
        return;
    }
    if (opening->len == opening->cap) {
        size_t cap = mem_grow(opening->cap, (size_t)opening->len + 1, SEGMENTS_MAX);
        struct segment *list = mem_resize(opening->wal->mem, opening->list,
                                          opening->cap * sizeof(*list), cap * sizeof(*list));
        if (list == NULL) {
            opening->err = DC_ENOMEM;
            return;
        }
        opening->list = list;
        opening->cap = (uint32_t)cap;
    }
    opening->list[opening->len++] =
        (struct segment){.number = number, .size = size, .id = DC_NAME_NONE};
}

/* The bytes of a segment, all of them. */
static int load(struct opening *opening, const struct segment *segment)
{
    const struct env *env = opening->wal->env;
    char file[WAL_FILE_BYTES];
    size_t got = 0;

    buf_clear(&opening->bytes);
    if (segment->size > SEGMENT_BYTES_MAX)
        return DC_ELIMIT;
    int rc = buf_reserve(&opening->bytes, (size_t)segment->size);
    if (rc == 0)
        rc = env->ops->disk_read(env->ctx, wal_file_name(file, segment->number), 0,
                                 opening->bytes.data, (size_t)segment->size, &got);
    opening->bytes.len = got;
    return rc;
}

/* ---- looking through one ---- */

static int read_head(struct opening *opening, struct segment *segment,
                     const struct wal_record *record)
{
    uint64_t first_seq = 0;

    if (record->type != WAL_HEAD || record->payload_len <= HEAD_PAYLOAD_BYTES ||
        record->payload[0] != HEAD_FORMAT || record->payload[1] || record->payload[2] ||
        record->payload[3])
        return 0;
    for (unsigned i = 0; i < 8; i++)
        first_seq |= (uint64_t)record->payload[4 + i] << (8 * i);
    if (first_seq != record->seq)
        return 0;
    segment->headed = true;
    segment->first_seq = first_seq;
    segment->reached = first_seq;
    return names_intern(opening->wal->names, record->payload + HEAD_PAYLOAD_BYTES,
                        record->payload_len - HEAD_PAYLOAD_BYTES, &segment->id);
}

static struct wal_scan scan_of(const struct opening *opening, const struct segment *segment)
{
    return (struct wal_scan){
        .bytes = opening->bytes.data,
        .len = opening->bytes.len,
        .segment = segment->number,
        .credit = segment->credit,
    };
}

/* From @end on there are bytes that make no sense. */
static void mark_bytes(size_t end, bool gap)
{
    if (!gap)
        MARK(WAL_OPEN_BAD_BYTES);
    if (end == 0)
        MARK(WAL_OPEN_BAD_FRONT);
}

/* What the segment that is loaded comes to. */
static int look_through(struct opening *opening, struct segment *segment)
{
    struct wal_record record;
    bool gap = false;
    size_t end = 0; /* of the record before */

    segment->credit = opening->credit;
    struct wal_scan scan = scan_of(opening, segment);
    for (size_t step; (step = wal_scan_next(&scan, &record)) > 0; end = scan.at) {
        if (scan.at - step > end) {
            mark_bytes(end, gap);
            gap = true; /* what lies behind it was found again byte by byte */
        }
        if (scan.at == step) {
            int rc = read_head(opening, segment, &record);
            if (rc < 0)
                return rc;
        }
        if (record.claim > segment->claim)
            segment->claim = record.claim;
        gap = gap || !segment->headed || record.seq != segment->reached;
        if (!gap) {
            segment->reached++;
            segment->based = segment->based || record.type == WAL_BASE;
            segment->reached_at = scan.at;
        }
    }
    if (end < scan.len)
        mark_bytes(end, gap);
    opening->credit = scan.credit;
    opening->unsure = opening->unsure || scan.unsure;
    return 0;
}

/* ---- taking what it says ---- */

/* Only of records that say totals: what others carry are none. */
static int take_entries(struct opening *opening, struct pncounter *state,
                        const struct wal_record *record)
{
    const uint8_t *at = record->payload, *end = at + record->payload_len;
    struct wal_entry entry;

    if (record->type != WAL_ENTRIES && record->type != WAL_ECHO)
        return 0;
    while (wal_entry_read(&at, end, &entry)) {
        dc_name id;
        int rc = names_intern(opening->wal->names, entry.id, entry.id_len, &id);

        if (rc == 0 && entry.total > 0)
            rc = found_raise(&opening->found, state, id, entry.side, entry.total, opening->watch);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/*
 * All records of the segment that is loaded with a seq below @below: those that
 * follow without a gap, and, when the log is damaged, all that make sense.
 * Echoes count wherever they are and whatever follows: what one opening has
 * taken and shown, the next must not miss.
 */
static int take(struct opening *opening, const struct segment *segment, uint64_t below,
                bool damaged, struct pncounter *state, uint64_t *records)
{
    struct wal_scan scan = scan_of(opening, segment);
    struct wal_record record;

    for (size_t step; (step = wal_scan_next(&scan, &record)) > 0;) {
        bool counts = damaged || scan.at - step < segment->reached_at;

        if (record.type == WAL_ECHO || (counts && record.seq < below)) {
            int rc = take_entries(opening, state, &record);
            if (rc < 0)
                return rc;
            if (!counts)
                MARK(WAL_OPEN_LATE_ECHO);
            (*records)++;
        }
    }
    return 0;
}

/* ---- all of them ---- */

/* The first that matters: the newest that is whole up to its base; len when there is none. */
static uint32_t first_needed(const struct opening *opening)
{
    uint32_t at = opening->len;

    while (at > 0 && !opening->list[at - 1].based)
        at--;
    return at > 0 ? at - 1 : opening->len;
}

/*
 * Follows the segments from @from on, as long as each begins no later than
 * those before it have come: *ret_reached is behind the last record that
 * counts, *ret_end behind the last segment. What lies beyond a gap was never
 * confirmed, or else is missing.
 */
static void follow(const struct opening *opening, uint32_t from, uint64_t *ret_reached,
                   uint32_t *ret_end)
{
    *ret_reached = 0;
    *ret_end = from;
    for (uint32_t i = from; i < opening->len; i++) {
        const struct segment *segment = &opening->list[i];

        if (!segment->headed)
            continue;
        if (i > from && segment->first_seq > *ret_reached) {
            MARK(WAL_OPEN_GAP);
            return;
        }
        *ret_reached = segment->reached;
        *ret_end = i + 1;
    }
}

/* Does every byte from there on make sense? */
static bool is_whole(const struct opening *opening, uint32_t from, uint32_t end)
{
    for (uint32_t i = from; i < opening->len; i++)
        if (i >= end || opening->list[i].reached_at != opening->list[i].size)
            return false;
    return from < end;
}

static uint64_t largest_claim(const struct opening *opening)
{
    uint64_t claim = 0;

    for (uint32_t i = 0; i < opening->len; i++)
        if (opening->list[i].claim > claim)
            claim = opening->list[i].claim;
    return claim;
}

/* Records of segment @i count up to where the next one begins. */
static uint64_t end_of(const struct opening *opening, uint32_t i, uint32_t end)
{
    for (uint32_t next = i + 1; next < end; next++)
        if (opening->list[next].headed)
            return opening->list[next].first_seq;
    return UINT64_MAX;
}

/*
 * A segment that begins where an older one had begun, or before, was written by a
 * start that found nothing of the older one worth keeping: nothing of it counts.
 */
static void drop_failed(struct opening *opening)
{
    uint64_t first = UINT64_MAX;

    for (uint32_t i = opening->len; i-- > 0;) {
        struct segment *segment = &opening->list[i];

        if (!segment->headed)
            continue;
        if (segment->first_seq >= first) {
            MARK(WAL_OPEN_SUPERSEDED);
            segment->headed = false;
            segment->based = false;
        } else {
            first = segment->first_seq;
        }
    }
}

static int look_through_all(struct opening *opening)
{
    for (uint32_t i = 0; i < opening->len; i++) {
        int rc = load(opening, &opening->list[i]);
        if (rc == 0)
            rc = look_through(opening, &opening->list[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int open_all(struct opening *opening, struct pncounter *state, struct wal_opening *ret)
{
    struct wal *wal = opening->wal;
    uint64_t claim, reached;
    uint32_t from, end;

    int rc = look_through_all(opening);
    if (rc < 0)
        return rc;
    drop_failed(opening);
    from = first_needed(opening);
    if (opening->len > 0 && from == opening->len)
        MARK(WAL_OPEN_NO_BASE);
    claim = largest_claim(opening);
    follow(opening, from, &reached, &end);
    /*
     * Without a base nobody can say what was there before: nothing, or all that counted. What
     * nobody has read may claim anything.
     */
    ret->found = opening->len == 0              ? WAL_EMPTY
                 : from == opening->len         ? WAL_DAMAGED
                 : claim > reached              ? WAL_DAMAGED
                 : opening->unsure              ? WAL_DAMAGED
                 : is_whole(opening, from, end) ? WAL_WHOLE
                                                : WAL_TORN;
    if (ret->found == WAL_DAMAGED) { /* whatever is there is true */
        from = 0;
        end = opening->len;
    }
    for (uint32_t i = from; rc == 0 && i < end; i++) {
        bool counts = opening->list[i].headed || ret->found == WAL_DAMAGED;

        rc = counts ? load(opening, &opening->list[i]) : 0;
        if (rc == 0 && counts)
            rc = take(opening, &opening->list[i],
                      ret->found == WAL_DAMAGED ? UINT64_MAX : end_of(opening, i, end),
                      ret->found == WAL_DAMAGED, state, &ret->records);
        if (opening->list[i].headed)
            ret->id = opening->list[i].id;
    }
    if (rc == 0)
        rc = found_join(&opening->found, state);
    wal->next_seq = claim > reached ? claim : reached;
    wal->durable_seq = wal->next_seq;

    return rc;
}

/* The numbers of all that is there, for when it is removed, unless each follows the last. */
static int keep_numbers(const struct opening *opening)
{
    const struct segment *list = opening->list;
    struct wal *wal = opening->wal;

    if (opening->len == 0 || list[opening->len - 1].number - list[0].number == opening->len - 1)
        return 0;
    wal->left = mem_alloc(wal->mem, wal_left_bytes(opening->len));
    if (wal->left == NULL)
        return DC_ENOMEM;
    wal->left->len = opening->len;
    wal->left->at = 0;
    for (uint32_t i = 0; i < opening->len; i++)
        wal->left->numbers[i] = list[i].number;

    return 0;
}

int wal_open(struct wal *wal, struct pncounter *state, const struct pncounter_watch *watch,
             struct wal_opening *ret)
{
    struct opening opening = {.wal = wal, .watch = watch, .credit = WAL_SCAN_CREDIT};

    *ret = (struct wal_opening){.id = DC_NAME_NONE};
    buf_init(&opening.bytes, wal->mem, SEGMENT_BYTES_MAX);
    found_init(&opening.found, wal->mem, wal->names);
    int rc = wal->env->ops->disk_list(wal->env->ctx, on_file, &opening);
    if (rc == 0)
        rc = opening.err;
    if (rc == 0)
        rc = open_all(&opening, state, ret);
    if (rc == 0)
        rc = keep_numbers(&opening);
    if (opening.len > 0) {
        wal->segment = opening.list[opening.len - 1].number;
        wal->oldest = opening.list[0].number;
    } else {
        wal->oldest = 1;
    }
    if (opening.list != NULL)
        mem_free(wal->mem, opening.list, opening.cap * sizeof(*opening.list));
    buf_release(&opening.bytes);
    found_release(&opening.found);

    return rc;
}
