/*
 * Limits and small types that all of core shares. Every queue, table, string
 * and loop of the node is bounded by one of these.
 */
#ifndef DC_CORE_TYPES_H
#define DC_CORE_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Entries of one counter. A frame of DC_MESSAGE_BYTES_MAX cannot hold more. */
#define DC_ENTRIES_MAX (UINT32_C(1) << 20)
/* Distinct ids and addresses in one table. */
#define DC_NAMES_MAX (UINT32_C(1) << 21)
/* Bytes that a table of them may take, where its host says no other number; and the least it may
 * say. */
#define DC_NAMES_BYTES_MAX ((size_t)256 << 20)
#define DC_NAMES_BYTES_MIN ((size_t)4 << 20)
/* Bytes of one id or address. */
#define DC_NAME_BYTES_MAX 65535u
/* Bytes of a frame, and of its payload before compression and after decompression. */
#define DC_MESSAGE_BYTES_MAX (UINT32_C(10) << 20)
/* Payloads longer than this are compressed, when that makes them smaller. */
#define DC_COMPRESS_OVER 1024u
/* How deep an unknown field of a message may nest. */
#define DC_NESTING_MAX 32u
/* Peers one tick may address. */
#define DC_FANOUT_MAX 1024u
/* Addresses one node may learn beyond the list it started with. */
#define DC_PEERS_MAX (UINT32_C(1) << 16)
/* Claims of membership one message may carry. */
#define DC_CLAIMS_MAX 8u
/* Bytes of an address that is told to others. */
#define DC_ADDRESS_BYTES_MAX 255u

/* A point in local time, or a span, in nanoseconds. */
#define DC_TIME_NEVER UINT64_MAX

/* Time does not wrap: what lies beyond its end never comes. */
static inline uint64_t dc_time_add(uint64_t at_ns, uint64_t span_ns)
{
    return span_ns > DC_TIME_NEVER - at_ns ? DC_TIME_NEVER : at_ns + span_ns;
}

/*
 * An interned id or address: an index into a struct names. Two handles of one
 * table are equal exactly when the bytes are. Their numeric order says only
 * which was seen first; nothing may be sorted by it (names_compare() sorts).
 */
typedef uint32_t dc_name;
#define DC_NAME_NONE UINT32_MAX

/* The two halves of an entry. */
enum dc_side {
    DC_INC = 0,
    DC_DEC = 1,
};

#endif
