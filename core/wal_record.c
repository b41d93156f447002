/* Numbers are written byte by byte: a log is the same on every machine. */
#include "core/wal_record.h"

#include <string.h>

#include <xxhash.h>

#include "core/contract.h"
#include "core/banned.h"

static void put(uint8_t *at, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)at[i] << (8 * i);
    return number;
}

static uint64_t checksum(const uint8_t *at, uint32_t payload_len, uint64_t segment)
{
    return XXH64(at + 8, WAL_RECORD_HEAD_BYTES - 8 + (size_t)payload_len, segment);
}

void wal_record_seal(uint8_t *at, uint64_t segment, const struct wal_record *record)
{
    PRE(record->payload_len <= WAL_PAYLOAD_BYTES_MAX, "a record has a limit");

    put(at + 8, record->seq, 8);
    put(at + 16, record->claim, 8);
    put(at + 24, record->payload_len, 4);
    put(at + 28, (uint64_t)record->type, 1);
    put(at + 29, 0, 3);
    put(at, checksum(at, record->payload_len, segment), 8);
}

/* The whole length of the record that begins at @at, if its head is one; else 0. */
static size_t length_at(const uint8_t *at, size_t len)
{
    if (len < WAL_RECORD_HEAD_BYTES || at[28] < WAL_HEAD || at[28] > WAL_ECHO ||
        get(at + 29, 3) != 0 || get(at + 8, 8) > WAL_SEQ_MAX || get(at + 16, 8) > WAL_SEQ_MAX)
        return 0;

    uint64_t payload_len = get(at + 24, 4);
    if (payload_len > WAL_PAYLOAD_BYTES_MAX || payload_len > len - WAL_RECORD_HEAD_BYTES)
        return 0;
    return WAL_RECORD_HEAD_BYTES + (size_t)payload_len;
}

/* Is that so, by the checksum? */
static bool read_whole(const uint8_t *at, size_t whole, uint64_t segment, struct wal_record *ret)
{
    uint32_t payload_len = (uint32_t)(whole - WAL_RECORD_HEAD_BYTES);

    if (get(at, 8) != checksum(at, payload_len, segment))
        return false;
    *ret = (struct wal_record){
        .type = (enum wal_type)at[28],
        .seq = get(at + 8, 8),
        .claim = get(at + 16, 8),
        .payload = at + WAL_RECORD_HEAD_BYTES,
        .payload_len = payload_len,
    };

    return true;
}

size_t wal_record_read(const uint8_t *at, size_t len, uint64_t segment, struct wal_record *ret)
{
    size_t whole = length_at(at, len);

    return whole > 0 && read_whole(at, whole, segment, ret) ? whole : 0;
}

size_t wal_scan_next(struct wal_scan *scan, struct wal_record *ret)
{
    for (; scan->at < scan->len; scan->at++, scan->credit += WAL_SCAN_CREDIT_PER_BYTE) {
        const uint8_t *at = scan->bytes + scan->at;
        size_t whole = length_at(at, scan->len - scan->at);

        if (whole == 0)
            continue;
        if (whole > scan->credit) {
            scan->unsure = true;
            continue;
        }
        if (read_whole(at, whole, scan->segment, ret)) {
            scan->at += whole;
            return whole;
        }
        scan->credit -= whole;
    }

    return 0;
}

uint8_t *wal_entry_write(uint8_t *at, const struct wal_entry *entry)
{
    put(at, (uint64_t)entry->side, 1);
    put(at + 1, entry->id_len, 2);
    memcpy(at + 3, entry->id, entry->id_len);
    put(at + 3 + entry->id_len, entry->total, 8);
    return at + WAL_ENTRY_BYTES + entry->id_len;
}

bool wal_entry_read(const uint8_t **at, const uint8_t *end, struct wal_entry *ret)
{
    size_t len = (size_t)(end - *at);
    const uint8_t *bytes = *at;

    if (len < WAL_ENTRY_BYTES || bytes[0] > DC_DEC)
        return false;
    ret->side = (enum dc_side)bytes[0];
    ret->id_len = (uint32_t)get(bytes + 1, 2);
    if (ret->id_len == 0 || len - WAL_ENTRY_BYTES < ret->id_len)
        return false;
    ret->id = bytes + 3;
    ret->total = get(bytes + 3 + ret->id_len, 8);
    *at = bytes + WAL_ENTRY_BYTES + ret->id_len;

    return true;
}
