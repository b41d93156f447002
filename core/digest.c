/*
 * The canonical form of a state, written piece by piece into a chunk on the
 * stack that is hashed (digest_of) or appended to a buffer (digest_canonical)
 * whenever it is full. The form is fixed, so its pieces are constants here and
 * no msgpack writer runs for each entry: it is hashed, never sent.
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

/* Fits the first level cache; long enough that a call to the hash is cheap. */
#define CHUNK_BYTES 4096u
/* All of an entry but the bytes of its id. */
#define ENTRY_BYTES_MAX 32u

/* {"NodeID": id, "Value": total}, cut where the id goes in. */
static const uint8_t before_id[8] = {0x82, 0xa6, 'N', 'o', 'd', 'e', 'I', 'D'};
static const uint8_t before_total[7] = {0xa5, 'V', 'a', 'l', 'u', 'e', 0xcf};

struct sink {
    struct buf *out;    /* where the bytes go, or NULL when they are hashed */
    XXH64_state_t hash; /* used when out is NULL */
    int rc;             /* the first error of out */
    size_t len;         /* bytes in chunk */
    uint8_t chunk[CHUNK_BYTES];
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
static void put_long_entry(struct sink *sink, const uint8_t *id, uint32_t id_len, uint64_t total)
{
    uint8_t header[ENTRY_BYTES_MAX];

    memcpy(header, before_id, sizeof(before_id));
    uint8_t *end = pack_str_head(header + sizeof(before_id), id_len);
    size_t header_len = (size_t)(end - header);
    memcpy(sink_place(sink, header_len), header, header_len);
    sink_flush(sink);
    sink_take(sink, id, id_len);
    uint8_t *at = sink_place(sink, sizeof(before_total) + 8);
    memcpy(at, before_total, sizeof(before_total));
    (void)pack_u64(at + sizeof(before_total), total);
}

static void put_entry(struct sink *sink, const uint8_t *id, uint32_t id_len, uint64_t total)
{
    if (id_len > CHUNK_BYTES - ENTRY_BYTES_MAX) {
        put_long_entry(sink, id, id_len, total);
        return;
    }
    if (id_len + ENTRY_BYTES_MAX > CHUNK_BYTES - sink->len)
        sink_flush(sink);

    uint8_t *at = sink->chunk + sink->len;
    memcpy(at, before_id, sizeof(before_id));
    at = pack_str_head(at + sizeof(before_id), id_len);
    memcpy(at, id, id_len);
    at += id_len;
    memcpy(at, before_total, sizeof(before_total));
    at = pack_u64(at + sizeof(before_total), total);
    sink->len = (size_t)(at - sink->chunk);
}

static void put_side(struct sink *sink, const struct pncounter *counter, const uint64_t *totals)
{
    put_array_header(sink, counter->len);
    for (uint32_t i = 0; i < counter->len; i++) {
        uint32_t id_len;
        const uint8_t *id = names_bytes(counter->names, counter->ids[i], &id_len);
        put_entry(sink, id, id_len, totals[i]);
    }
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
