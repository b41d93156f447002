/*
 * One record of the log: its bytes, and how it is found again among bytes that
 * make no sense, in a time that grows with their number and no faster.
 *
 * Layout, little-endian: checksum 8 (XXH64 of all that follows, seeded with the
 * number of the segment), seq 8, claim 8, payload length 4, type 1, zero 3,
 * payload. Entries: side 1, length of id 2, id, total 8, again and again.
 */
#ifndef DC_CORE_WAL_RECORD_H
#define DC_CORE_WAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

#define WAL_RECORD_HEAD_BYTES 32u
/* Of an entry, without its id. */
#define WAL_ENTRY_BYTES 11u
/* Of the payload. One entry with the longest id fits in it several times. */
#define WAL_PAYLOAD_BYTES_MAX (UINT32_C(256) << 10)
/* Of seq and claim: no log comes that far, and those that follow do not wrap. */
#define WAL_SEQ_MAX (UINT64_C(1) << 63)

enum wal_type {
    WAL_HEAD = 1,    /* payload: format 4, first seq 8, id */
    WAL_ENTRIES = 2, /* totals */
    WAL_BASE = 3,    /* all entries since the head are the whole state; no payload */
    WAL_RETIRED = 4, /* the base of a later segment is durable; no payload, stands anywhere */
    WAL_ECHO = 5,    /* the node's own totals of the commit before it, again */
};

struct wal_record {
    enum wal_type type;
    uint64_t seq;
    uint64_t claim; /* all below was durable when this was written */
    const uint8_t *payload;
    uint32_t payload_len;
};

struct wal_entry {
    enum dc_side side;
    const uint8_t *id;
    uint32_t id_len;
    uint64_t total;
};

/* Writes the head of @record to @at, WAL_RECORD_HEAD_BYTES before its payload, which is there. */
void wal_record_seal(uint8_t *at, uint64_t segment, const struct wal_record *record);

/*
 * The record that begins at @at, of which @len bytes are there. Returns its
 * whole length, or 0 when there is none.
 */
size_t wal_record_read(const uint8_t *at, size_t len, uint64_t segment, struct wal_record *ret);

/*
 * Bytes that are no record are passed one by one, and each of them may look like the
 * beginning of one that is long: whoever wrote them can make it so at every eighth. To
 * put all that through the checksum would take as long as the square of the bytes. So
 * there is a credit of bytes that may be tried in vain, so many for a log, and so many
 * more for each byte that is passed. What would take more is passed without a try. Logs
 * of bytes that were not made for it come nowhere near that.
 */
#define WAL_SCAN_CREDIT (UINT64_C(4) << 20)
#define WAL_SCAN_CREDIT_PER_BYTE 8u

/* A look through the bytes of one segment. */
struct wal_scan {
    const uint8_t *bytes; /* borrowed */
    size_t len;
    size_t at; /* behind the last record; at the end there may be more that is none */
    uint64_t segment;
    uint64_t credit; /* bytes; the same from the start gives the same records */
    bool unsure;     /* what was passed without a try may be a record */
};

/*
 * The next record, if need be behind bytes that are none. Returns its whole length, or 0
 * when there is none any more.
 */
size_t wal_scan_next(struct wal_scan *scan, struct wal_record *ret);

/* Writes an entry to @at. Returns its end. */
uint8_t *wal_entry_write(uint8_t *at, const struct wal_entry *entry);

/* The entry at *@at, which moves behind it. False at @end, and for what is none. */
bool wal_entry_read(const uint8_t **at, const uint8_t *end, struct wal_entry *ret);

#endif
