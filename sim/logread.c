/* Segments, their rows of records, and which of them count. */
#include "sim/logread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "core/mem.h"
#include "core/names.h"
#include "sim/disk.h"
#include "sim/fatal.h"
#include "sim/memory.h"

#define HEAD_BYTES 32u /* of a record */
#define PAYLOAD_MAX (UINT32_C(256) << 10)
#define NUMBER_MAX (UINT64_C(1) << 63)

static uint64_t little(const uint8_t *at, unsigned bytes)
{
    uint64_t number = 0;

    while (bytes-- > 0)
        number = number << 8 | at[bytes];
    return number;
}

bool logread_number(const char *file, uint64_t *ret_number)
{
    char again[DISK_NAME_MAX];

    if (strncmp(file, "log.", 4) != 0)
        return false;
    *ret_number = strtoull(file + 4, NULL, 16);
    snprintf(again, sizeof(again), "log.%016" PRIx64, *ret_number);
    return strcmp(again, file) == 0 && *ret_number > 0 && *ret_number <= NUMBER_MAX;
}

size_t logread_record(const uint8_t *at, size_t len, uint64_t segment, struct logread_record *ret)
{
    if (len < HEAD_BYTES || little(at + 29, 3) != 0)
        return 0;
    *ret = (struct logread_record){.seq = little(at + 8, 8),
                                   .claim = little(at + 16, 8),
                                   .type = (enum logread_type)at[28],
                                   .payload = at + HEAD_BYTES,
                                   .len = (uint32_t)little(at + 24, 4)};
    if (ret->type < LOGREAD_HEAD || ret->type > LOGREAD_ECHO || ret->len > PAYLOAD_MAX ||
        ret->len > len - HEAD_BYTES || ret->seq > NUMBER_MAX || ret->claim > NUMBER_MAX ||
        XXH64(at + 8, HEAD_BYTES - 8 + (size_t)ret->len, segment) != little(at, 8))
        return 0;
    return HEAD_BYTES + (size_t)ret->len;
}

bool logread_total(const uint8_t **at, const uint8_t *end, struct logread_total *ret)
{
    const uint8_t *from = *at;

    if (end - from < 12 || from[0] > 1)
        return false;
    *ret = (struct logread_total){.id = from + 3,
                                  .id_len = (uint32_t)little(from + 1, 2),
                                  .side = from[0] == 0 ? DC_INC : DC_DEC};
    if (ret->id_len == 0 || (size_t)(end - from) < 11 + (size_t)ret->id_len)
        return false;
    ret->total = little(ret->id + ret->id_len, 8);
    *at = ret->id + ret->id_len + 8;
    return true;
}

bool logread_head(const struct logread_record *record, const uint8_t **ret_id, uint32_t *ret_len)
{
    if (record->type != LOGREAD_HEAD || record->len < 13 || little(record->payload, 4) != 1 ||
        little(record->payload + 4, 8) != record->seq)
        return false;
    *ret_id = record->payload + 12;
    *ret_len = record->len - 12;
    return true;
}

/* ---- segments ---- */

struct segment {
    uint64_t number;
    const struct disk_file *file;
    bool headed, based;
    uint64_t first, next; /* sequence numbers: of its head, behind its row of records */
    size_t row;           /* bytes of that row */
    uint64_t claim;       /* the largest in it, in the row or not */
    dc_name id;
};

struct segments {
    struct segment *list; /* owned */
    size_t len;
    const struct names *names;
};

static void begin_row(struct segment *segment, const struct logread_record *record,
                      const struct names *names)
{
    const uint8_t *id;
    uint32_t len;

    if (!logread_head(record, &id, &len))
        return;
    segment->headed = true;
    segment->first = segment->next = record->seq;
    segment->id = names_find(names, id, len);
}

static void read_segment(struct segment *segment, const struct names *names)
{
    const struct disk_file *file = segment->file;
    struct logread_record record;
    bool in_row = true;

    for (size_t at = 0, step; at<file->len; at += step> 0 ? step : 1) {
        step = logread_record(file->bytes + at, file->len - at, segment->number, &record);
        if (step == 0) {
            in_row = false;
            continue;
        }
        if (at == 0)
            begin_row(segment, &record, names);
        if (record.claim > segment->claim)
            segment->claim = record.claim;
        in_row = in_row && segment->headed && record.seq == segment->next;
        if (!in_row)
            continue;
        segment->next++;
        segment->row = at + step;
        segment->based = segment->based || record.type == LOGREAD_BASE;
    }
}

/* Files are in the order of their names, which is that of the numbers. */
static void read_segments(struct segments *all, const struct disk *disk, const struct names *names)
{
    *all = (struct segments){.names = names};
    all->list = fatal_calloc(disk->files_len + 1, sizeof(*all->list));
    for (size_t i = 0; i < disk->files_len; i++) {
        struct segment *segment = &all->list[all->len];

        if (!disk->files[i].there || !logread_number(disk->files[i].name, &segment->number))
            continue;
        segment->file = &disk->files[i];
        segment->id = DC_NAME_NONE;
        read_segment(segment, names);
        all->len++;
    }
    /* One that begins no later than a newer one was given up by a start. */
    for (size_t i = 0; i < all->len; i++)
        for (size_t k = i + 1; k < all->len && all->list[i].headed; k++)
            if (all->list[k].headed && all->list[k].first <= all->list[i].first)
                all->list[i].headed = all->list[i].based = false;
}

/* ---- which count ---- */

/* Segments @from to below @end are those that follow each other from the newest base on. */
struct stretch {
    size_t from, end;
    uint64_t next; /* behind the last record of it */
};

static struct stretch stretch_of(const struct segments *all)
{
    struct stretch stretch = {.from = all->len};

    for (size_t i = 0; i < all->len; i++)
        if (all->list[i].based)
            stretch.from = i;
    stretch.end = stretch.from;
    for (size_t i = stretch.from; i < all->len; i++) {
        const struct segment *segment = &all->list[i];

        if (!segment->headed)
            continue;
        if (i > stretch.from && segment->first > stretch.next)
            break;
        stretch.next = segment->next;
        stretch.end = i + 1;
    }
    return stretch;
}

static enum logread_found judge(const struct segments *all, const struct stretch *stretch)
{
    bool is_whole = stretch->end == all->len;

    if (all->len == 0)
        return LOGREAD_NONE;
    if (stretch->from == all->len)
        return LOGREAD_HURT;
    for (size_t i = 0; i < all->len; i++) {
        if (all->list[i].claim > stretch->next)
            return LOGREAD_HURT;
        if (i >= stretch->from && all->list[i].row < all->list[i].file->len)
            is_whole = false;
    }
    return is_whole ? LOGREAD_WHOLE : LOGREAD_TORN;
}

static void take_totals(struct logread *log, const struct names *names,
                        const struct logread_record *record)
{
    const uint8_t *at = record->payload;
    struct logread_total it;

    if (record->type != LOGREAD_ENTRIES && record->type != LOGREAD_ECHO)
        return;
    while (logread_total(&at, record->payload + record->len, &it)) {
        dc_name id = names_find(names, it.id, it.id_len);

        if (id == DC_NAME_NONE)
            log->is_strange = true;
        else if (it.total > 0 && pncounter_raise(&log->totals, id, it.side, it.total, NULL) < 0)
            fatal_memory(0);
    }
}

/* Records with a number from @below on belong to the segment that follows; echoes are true anyway.
 */
static void take_segment(struct logread *log, const struct segment *segment,
                         const struct names *names, uint64_t below)
{
    const struct disk_file *file = segment->file;
    bool all = log->found == LOGREAD_HURT;
    struct logread_record record;

    for (size_t at = 0, step; at<file->len; at += step> 0 ? step : 1) {
        step = logread_record(file->bytes + at, file->len - at, segment->number, &record);
        if (step == 0)
            continue;
        if (record.type == LOGREAD_ECHO || ((all || at < segment->row) && record.seq < below))
            take_totals(log, names, &record);
    }
}

/* Where the segment behind @at begins, of those that count. */
static uint64_t end_of(const struct segments *all, size_t at, size_t end)
{
    for (size_t i = at + 1; i < end; i++)
        if (all->list[i].headed)
            return all->list[i].first;
    return UINT64_MAX;
}

void logread_all(struct logread *log, const struct disk *disk, const struct names *names)
{
    struct segments all;
    struct stretch stretch;

    *log = (struct logread){.id = DC_NAME_NONE};
    pncounter_init(&log->totals, memory_heap(), names);
    read_segments(&all, disk, names);
    stretch = stretch_of(&all);
    log->found = judge(&all, &stretch);
    if (log->found == LOGREAD_HURT)
        stretch = (struct stretch){.end = all.len};
    for (size_t i = stretch.from; i < stretch.end; i++) {
        const struct segment *segment = &all.list[i];

        if (segment->headed)
            log->id = segment->id;
        if (segment->headed || log->found == LOGREAD_HURT)
            take_segment(log, segment, names,
                         log->found == LOGREAD_HURT ? UINT64_MAX : end_of(&all, i, stretch.end));
    }
    free(all.list);
}

void logread_release(struct logread *log)
{
    pncounter_release(&log->totals);
}
