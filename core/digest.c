/*
 * The canonical form of a state, written piece by piece into a chunk on the
 * stack that is hashed (digest_of) or appended to a buffer (digest_canonical)
 * whenever it is full. The form is fixed, and all of an entry but its total is
 * the same in every state, so the table of names keeps it (core/names.h).
 */
#include "core/digest.h"

#include <stddef.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* the state of XXH64 on the stack */
#include <xxhash.h>

#include "core/buf.h"
#include "core/contract.h"
#include "core/names.h"
#include "core/pack.h"
#include "core/pncounter.h"
#include "core/banned.h"

/*
 * Fits the first level cache; long enough that a call to the hash is cheap. The
 * room behind it is for what is copied beyond the end of a short piece.
 */
#define CHUNK_BYTES 4096u
#define TOTAL_BYTES 8u

struct sink {
    struct buf *out;    /* where the bytes go, or NULL when they are hashed */
    XXH64_state_t hash; /* used when out is NULL */
    int rc;             /* the first error of out */
    size_t len;         /* bytes in chunk */
    uint8_t chunk[CHUNK_BYTES + NAMES_COPY_BYTES];
};

static void sink_take(struct sink *sink, const uint8_t *bytes, size_t len)
{
    if (sink->out == NULL)
        (void)XXH64_update(&sink->hash, bytes, len);
    else if (sink->rc == 0)
        sink->rc = buf_append(sink->out, bytes, len);
}

static void sink_flush(struct sink *sink)
{
    if (sink->len > 0)
        sink_take(sink, sink->chunk, sink->len);
    sink->len = 0;
}

/* A place for @len <= CHUNK_BYTES bytes, which count as written. */
static uint8_t *sink_place(struct sink *sink, size_t len)
{
    if (len > CHUNK_BYTES - sink->len)
        sink_flush(sink);
    uint8_t *place = sink->chunk + sink->len;
    sink->len += len;

    return place;
}

static void put_array_header(struct sink *sink, uint32_t len)
{
    uint8_t bytes[5];
    uint8_t *end;

    if (len < 16) {
        bytes[0] = (uint8_t)(0x90 | len);
        end = bytes + 1;
    } else if (len < 65536) {
        bytes[0] = 0xdc;
        end = pack_number(bytes + 1, len, 2);
    } else {
        bytes[0] = 0xdd;
        end = pack_number(bytes + 1, len, 4);
    }
    size_t header_len = (size_t)(end - bytes);
    memcpy(sink_place(sink, header_len), bytes, header_len);
}

/* An id too long for the chunk goes past it. */
static void put_long_entry(struct sink *sink, const uint8_t *piece, uint32_t len, uint64_t total)
{
    sink_take(sink, piece, len);
    (void)pack_u64(sink_place(sink, TOTAL_BYTES), total);
}

static void put_side(struct sink *sink, const struct pncounter *counter, const uint64_t *totals)
{
    const struct name_entry *entries = counter->names->entries;
    const dc_name *ids = counter->ids;
    uint32_t count = counter->len;
    uint8_t *const chunk = sink->chunk;
    size_t used;

    put_array_header(sink, count);
    used = sink->len;
    for (uint32_t i = 0; i < count; i++) {
        const struct name_entry *entry = &entries[ids[i]];
        const uint8_t *piece = names_piece(entry);
        uint32_t len = names_piece_len(entry->len);
        if (len + TOTAL_BYTES > CHUNK_BYTES - used) {
            sink->len = used;
            sink_flush(sink);
            used = 0;
            if (len + TOTAL_BYTES > CHUNK_BYTES) {
                put_long_entry(sink, piece, len, totals[i]);
                used = sink->len;
                continue;
            }
        }
        (void)pack_u64(names_copy(chunk + used, piece, len), totals[i]);
        used += len + TOTAL_BYTES;
    }
    sink->len = used;
}

static void put_state(struct sink *sink, const struct pncounter *counter)
{
    *sink_place(sink, 1) = 0x92;
    put_side(sink, counter, counter->inc);
    put_side(sink, counter, counter->dec);
    sink_flush(sink);
}

uint64_t digest_of(const struct pncounter *counter)
{
    struct sink sink;

    sink.out = NULL;
    sink.rc = 0;
    sink.len = 0;
    (void)XXH64_reset(&sink.hash, 0 /* seed */);
    put_state(&sink, counter);

    return XXH64_digest(&sink.hash);
}

int digest_canonical(const struct pncounter *counter, struct buf *out)
{
    struct sink sink;
    size_t len_before = out->len;

    sink.out = out;
    sink.rc = 0;
    sink.len = 0;
    put_state(&sink, counter);
    if (sink.rc < 0)
        out->len = len_before;

    return sink.rc;
}
