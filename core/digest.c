/*
 * The canonical form of a state, written piece by piece into a chunk on the
 * stack that is hashed or appended to a buffer whenever it is full. All of an
 * entry but its total is the same in every state, so the table of names keeps it
 * (core/names.h); and where two states in a row have the same ids, the whole form
 * is kept, and only the totals are written anew.
 */
#include "core/digest.h"

#include <stddef.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* the state of XXH64 on the stack */
#include <xxhash.h>

#include "core/buf.h"
#include "core/contract.h"
#include "core/mark.h"
#include "core/mem.h"
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
/* No form is kept of more entries: it would be as large as the state. */
#define FORM_ENTRIES_MAX 65536u
/* Nor one with more bytes: peers choose how long ids are. */
#define FORM_BYTES_MAX (UINT32_C(8) << 20)

struct digest_form {
    const struct mem *mem; /* borrowed */
    dc_name *ids;          /* of the state that it is of */
    uint32_t *places;      /* where the totals stand: increments, then decrements */
    uint32_t len;          /* 0: of none */
    uint32_t cap;          /* of ids; places have twice as many */
    bool no_dec;           /* all decrements in it are 0 */
    struct buf bytes;
};

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
    MARK(DIGEST_LONG_ID);
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

/* ---- the form that is kept ---- */

struct digest_form *digest_form_new(const struct mem *mem)
{
    struct digest_form *form = mem_alloc(mem, sizeof(*form));
    if (form == NULL)
        return NULL;

    *form = (struct digest_form){.mem = mem};
    buf_init(&form->bytes, mem, FORM_BYTES_MAX);

    return form;
}

/* One block for both. */
static size_t columns_bytes(uint32_t cap)
{
    return (size_t)cap * (sizeof(dc_name) + 2 * sizeof(uint32_t));
}

static void columns_free(struct digest_form *form)
{
    if (form->cap > 0)
        mem_free(form->mem, form->ids, columns_bytes(form->cap));
}

void digest_form_free(struct digest_form *form)
{
    if (form == NULL)
        return;
    columns_free(form);
    buf_release(&form->bytes);
    mem_free(form->mem, form, sizeof(*form));
}

void digest_form_forget(struct digest_form *form)
{
    if (form != NULL)
        form->len = 0;
}

static bool form_reserve(struct digest_form *form, uint32_t entries)
{
    if (entries <= form->cap)
        return true;

    uint32_t cap = (uint32_t)mem_grow(form->cap, entries, FORM_ENTRIES_MAX);
    void *block = mem_alloc(form->mem, columns_bytes(cap));
    if (block == NULL)
        return false;
    columns_free(form);
    form->ids = block;
    form->places = form->ids + cap;
    form->cap = cap;

    return true;
}

/* Makes it the form of @counter. False when there is no room for it. */
static bool form_make(struct digest_form *form, const struct pncounter *counter)
{
    uint32_t len = counter->len;

    form->len = 0;
    buf_clear(&form->bytes);
    if (len > FORM_ENTRIES_MAX || !form_reserve(form, len))
        return false;
    if (digest_canonical(counter, &form->bytes) < 0)
        return false;

    uint32_t header = len < 16 ? 1 : len < 65536 ? 3 : 5;
    uint32_t at = 1;
    for (uint32_t i = 0; i < 2 * len; i++) {
        at += i % len == 0 ? header : 0;
        at += names_piece_len(counter->names->entries[counter->ids[i % len]].len);
        form->places[i] = at;
        at += TOTAL_BYTES;
    }
    memcpy(form->ids, counter->ids, len * sizeof(*form->ids));
    form->len = len;
    form->no_dec = counter->extents[DC_DEC].entries == 0;

    POST(at == form->bytes.len, "the places are those of the form");

    return true;
}

static bool form_fits(const struct digest_form *form, const struct pncounter *counter)
{
    return form->len == counter->len &&
           memcmp(form->ids, counter->ids, counter->len * sizeof(*form->ids)) == 0;
}

static void form_fill(struct digest_form *form, const struct pncounter *counter)
{
    uint8_t *bytes = form->bytes.data;
    const uint32_t *places = form->places;
    const uint64_t *inc = counter->inc;
    const uint64_t *dec = counter->dec;
    uint32_t len = counter->len;

    for (uint32_t i = 0; i < len; i++)
        (void)pack_u64(bytes + places[i], inc[i]);
    if (counter->extents[DC_DEC].entries == 0 && form->no_dec)
        return; /* zeros stand there */
    for (uint32_t i = 0; i < len; i++)
        (void)pack_u64(bytes + places[len + i], dec[i]);
    form->no_dec = counter->extents[DC_DEC].entries == 0;
}

/* ---- digests ---- */

static uint64_t digest_in_pieces(const struct pncounter *counter)
{
    struct sink sink;

    sink.out = NULL;
    sink.rc = 0;
    sink.len = 0;
    (void)XXH64_reset(&sink.hash, 0 /* seed */);
    put_state(&sink, counter);

    return XXH64_digest(&sink.hash);
}

uint64_t digest_of(const struct pncounter *counter)
{
    struct digest_form *form = counter->names->form;

    if (counter->len == 0 || form == NULL)
        return digest_in_pieces(counter);
    if (form_fits(form, counter))
        form_fill(form, counter);
    else if (!form_make(form, counter)) {
        MARK(DIGEST_IN_PIECES);
        return digest_in_pieces(counter);
    }

    return XXH64(form->bytes.data, form->bytes.len, 0 /* seed */);
}
