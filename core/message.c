/*
 * Messages to frames and back.
 *
 * Writing: the length is known beforehand by arithmetic, so all room is made
 * at once. The envelope goes through the packer of msgpack-c, with a write
 * callback into our own buffer (its buffer would call realloc() itself, out of
 * reach of a test that makes memory fail); the entries, of which there are
 * thousands, go straight to memory (core/pack.h).
 *
 * Reading: two passes over the payload with a bounded reader (core/unpack.h).
 * The first accepts or refuses the message as a whole; only the second interns
 * ids, so that a frame that is not well-formed leaves nothing behind in the
 * table of names.
 */
#include "core/message.h"

#include <stdbool.h>
#include <string.h>

#include <msgpack/pack.h>

#include "core/buf.h"
#include "core/chain.h"
#include "core/compress.h"
#include "core/contract.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pack.h"
#include "core/pncounter.h"
#include "core/pairs.h"
#include "core/unpack.h"
#include "core/banned.h"

#define FLAG_PLAIN 0x00
#define FLAG_ZSTD 0x80

struct codec {
    const struct mem *mem;
    struct names *names;
    struct compress compress;
    struct buf plain;     /* a payload before compression, or after */
    struct chain chain;   /* guesses the next id */
    struct pairs maps[2]; /* the entries of a frame, by enum dc_side */
};

struct codec *codec_new(const struct mem *mem, struct names *names)
{
    return codec_new_apart(mem, mem, names);
}

struct codec *codec_new_apart(const struct mem *mem, const struct mem *zstd_mem,
                              struct names *names)
{
    struct codec *codec = mem_alloc(mem, sizeof(*codec));
    if (codec == NULL)
        return NULL;

    *codec = (struct codec){.mem = mem, .names = names};
    compress_init(&codec->compress, zstd_mem);
    buf_init(&codec->plain, mem, DC_MESSAGE_BYTES_MAX);
    chain_init(&codec->chain, mem, names);
    pairs_init(&codec->maps[DC_INC], mem);
    pairs_init(&codec->maps[DC_DEC], mem);

    return codec;
}

void codec_free(struct codec *codec)
{
    if (codec == NULL)
        return;
    pairs_release(&codec->maps[DC_DEC]);
    pairs_release(&codec->maps[DC_INC]);
    chain_release(&codec->chain);
    buf_release(&codec->plain);
    compress_release(&codec->compress);
    mem_free(codec->mem, codec, sizeof(*codec));
}

const char *message_kind_text(enum message_kind kind)
{
    switch (kind) {
    case MESSAGE_PUSH:
        return "push";
    case MESSAGE_PULL:
        return "pull";
    case MESSAGE_ACK:
        return "ack";
    }
    return "?";
}

/* ---- Writing ---- */

/* The length of a map, or of the nil that stands for an empty one. */
static size_t map_len(struct pncounter_extent extent)
{
    size_t header_len = extent.entries < 16 ? 1 : extent.entries < 65536 ? 3 : 5;

    return header_len + extent.bytes + (size_t)extent.entries * PACK_TOTAL_BYTES;
}

static bool tells(const struct message *msg)
{
    return msg->mem_len > 0 && msg->kind != MESSAGE_PUSH;
}

/* The length of a payload with these maps. */
static size_t payload_len(const struct names *names, const struct message *msg,
                          const struct pncounter_extent extents[2])
{
    uint32_t id_len;

    (void)names_bytes(names, msg->sender, &id_len);
    return 1                                               /* map */
           + 2 + 2                                         /* t, cc XX */
           + 3 + pack_str_head_len(id_len) + id_len        /* id */
           + 4 + map_len(extents[DC_INC])                  /* inc */
           + 4 + map_len(extents[DC_DEC])                  /* dec */
           + (msg->digest == 0 ? 0 : 4 + PACK_TOTAL_BYTES) /* dig */
           + (tells(msg) ? 4 + claims_bytes(names, msg->mem, msg->mem_len) : 0);
}

static void extents_of(const struct message *msg, struct pncounter_extent ret_extents[2])
{
    bool push = msg->kind == MESSAGE_PUSH && msg->state != NULL;

    for (int side = DC_INC; side <= DC_DEC; side++)
        ret_extents[side] = push ? msg->state->extents[side] : (struct pncounter_extent){0};
}

size_t message_plain_len(const struct names *names, const struct message *msg)
{
    struct pncounter_extent extents[2];

    extents_of(msg, extents);
    return payload_len(names, msg, extents);
}

/* The write callback of the packer. */
static int put(void *ctx, const char *bytes, size_t len)
{
    return buf_append(ctx, bytes, len);
}

static void put_str(msgpack_packer *packer, const void *bytes, uint32_t len)
{
    (void)msgpack_pack_str(packer, len);
    if (len > 0)
        (void)msgpack_pack_str_body(packer, bytes, len);
}

static void put_entries(struct buf *out, const struct names *names, const struct pncounter *state,
                        const uint64_t *totals)
{
    uint8_t *at = out->data + out->len;
    const uint8_t *end = out->data + out->cap;

    for (uint32_t i = 0; i < state->len; i++) {
        if (totals[i] == 0)
            continue;
        const struct name_entry *id = &names->entries[state->ids[i]];
        size_t head_len = pack_str_head_len(id->len);
        if ((size_t)(end - at) > NAMES_COPY_BYTES)
            at = names_copy(at, id->bytes - head_len, head_len + id->len);
        else /* the last ones, where the room may end with what counts */
            at = (uint8_t *)memcpy(at, id->bytes - head_len, head_len + id->len) + head_len +
                 id->len;
        *at = 0xcf;
        at = pack_u64(at + 1, totals[i]);
    }
    out->len = (size_t)(at - out->data);
}

static void put_map(msgpack_packer *packer, struct buf *out, const struct names *names,
                    const struct pncounter *state, const uint64_t *totals,
                    struct pncounter_extent extent)
{
    if (extent.entries == 0) {
        (void)msgpack_pack_nil(packer);
        return;
    }
    (void)msgpack_pack_map(packer, extent.entries);
    put_entries(out, names, state, totals);
}

/* Appends the payload; room was made for @len bytes, which is what it takes. */
static void put_payload(struct buf *out, const struct names *names, const struct message *msg,
                        const struct pncounter_extent extents[2], size_t len)
{
    size_t len_before = out->len;
    msgpack_packer packer;
    uint32_t id_len;
    const uint8_t *id = names_bytes(names, msg->sender, &id_len);

    msgpack_packer_init(&packer, out, put);
    (void)msgpack_pack_map(&packer, 4u + (msg->digest != 0) + tells(msg));
    put_str(&packer, "t", 1);
    (void)msgpack_pack_fix_uint8(&packer, (uint8_t)msg->kind);
    put_str(&packer, "id", 2);
    put_str(&packer, id, id_len);
    put_str(&packer, "inc", 3);
    put_map(&packer, out, names, msg->state, extents[DC_INC].entries > 0 ? msg->state->inc : NULL,
            extents[DC_INC]);
    put_str(&packer, "dec", 3);
    put_map(&packer, out, names, msg->state, extents[DC_DEC].entries > 0 ? msg->state->dec : NULL,
            extents[DC_DEC]);
    if (msg->digest != 0) {
        put_str(&packer, "dig", 3);
        (void)msgpack_pack_fix_uint64(&packer, msg->digest);
    }
    if (tells(msg)) {
        put_str(&packer, "mem", 3);
        out->len =
            (size_t)(claims_put(out->data + out->len, names, msg->mem, msg->mem_len) - out->data);
    }

    POST(out->len - len_before == len, "the length is known before writing");
}

/* Writes flag and payload into the empty @frame. */
static int write_plain(const struct codec *codec, const struct message *msg,
                       const struct pncounter_extent extents[2], size_t len, struct buf *frame)
{
    const uint8_t flag = FLAG_PLAIN;
    int rc = buf_reserve(frame, 1 + len);
    if (rc < 0)
        return rc;

    (void)buf_append(frame, &flag, 1);
    put_payload(frame, codec->names, msg, extents, len);

    return 0;
}

/* The same, compressed. *ret_smaller is false, and @frame empty, if that gains nothing. */
static int write_packed(struct codec *codec, const struct message *msg,
                        const struct pncounter_extent extents[2], size_t len, struct buf *frame,
                        bool *ret_smaller)
{
    buf_clear(&codec->plain);
    int rc = buf_reserve(&codec->plain, len);
    if (rc < 0)
        return rc;
    put_payload(&codec->plain, codec->names, msg, extents, len);

    /* Less room than the payload takes: what does not fit is not smaller. */
    size_t packed_len;
    rc = buf_reserve(frame, len);
    if (rc < 0)
        return rc;
    rc = compress_pack(&codec->compress, codec->plain.data, len, frame->data + 1, len - 1,
                       &packed_len);
    if (rc < 0)
        return rc;
    *ret_smaller = packed_len > 0;
    if (*ret_smaller) {
        MARK(MESSAGE_PACKED);
        frame->data[0] = FLAG_ZSTD;
        frame->len = 1 + packed_len;
    }

    return 0;
}

/* What is wrong with a message of our own, before a byte is written. */
static int check(const struct codec *codec, const struct message *msg)
{
    uint32_t id_len;

    if ((int)msg->kind < MESSAGE_PUSH || (int)msg->kind > MESSAGE_ACK)
        return DC_EMSG_TYPE;
    if (msg->sender == DC_NAME_NONE)
        return DC_EMSG_NODE_ID;
    (void)names_bytes(codec->names, msg->sender, &id_len);
    if (id_len == 0)
        return DC_EMSG_NODE_ID;
    if (msg->kind == MESSAGE_PUSH && (msg->state == NULL || msg->state->len == 0))
        return DC_EMSG_MAPS;

    return 0;
}

static int write_frame(struct codec *codec, const struct message *msg, struct buf *frame,
                       size_t *ret_len)
{
    struct pncounter_extent extents[2];
    int rc = check(codec, msg);
    if (rc < 0)
        return rc;

    extents_of(msg, extents);
    size_t len = payload_len(codec->names, msg, extents);
    if (len > DC_MESSAGE_BYTES_MAX) {
        MARK(MESSAGE_TOO_LARGE);
        return DC_EMSG_TOO_LARGE;
    }

    bool smaller = false;
    if (len > DC_COMPRESS_OVER)
        rc = write_packed(codec, msg, extents, len, frame, &smaller);
    if (rc == 0 && !smaller)
        rc = len < DC_MESSAGE_BYTES_MAX ? write_plain(codec, msg, extents, len, frame) : DC_ELIMIT;
    if (rc < 0)
        return rc == DC_ELIMIT ? DC_EMSG_TOO_LARGE : rc;
    *ret_len = len;

    return 0;
}

int message_encode(struct codec *codec, const struct message *msg, struct buf *frame,
                   size_t *ret_plain_len)
{
    size_t len;

    buf_clear(frame);
    int rc = write_frame(codec, msg, frame, &len);
    if (rc < 0) {
        buf_clear(frame);
        return rc;
    }
    if (ret_plain_len != NULL)
        *ret_plain_len = len;

    return 0;
}

/* ---- Reading ---- */

/* The keys of a payload. Any other is passed over: later versions may have more. */
enum field {
    FIELD_UNKNOWN,
    FIELD_TYPE,
    FIELD_ID,
    FIELD_INC,
    FIELD_DEC,
    FIELD_DIGEST,
    FIELD_CLAIMS,
};

/* The digest with its key: str 3, "dig", uint 64. */
#define DIGEST_FIELD_BYTES 13

/* What the first pass learns of a payload. Of a repeated field the last stays. */
struct outline {
    uint64_t type;   /* 0, which is no type, when missing, nil or negative */
    uint64_t digest; /* 0 when missing or nil, but 0 may also be stated */
    bool has_digest;
    const uint8_t *id; /* in the payload */
    uint32_t id_len;
    uint32_t entries[2]; /* by side, in what the last field leaves standing */
    uint32_t read[2];    /* by side, in all of its maps together */
    bool long_name;      /* some id has over DC_NAME_BYTES_MAX bytes */
    bool hides;          /* an unknown field that is not a digest with a flip in its key */
    bool tells;          /* there are claims, in the payload at: */
    struct unpack claims;
};

static bool is_key(const uint8_t *bytes, uint32_t len, const char *key)
{
    return memcmp(bytes, key, len) == 0;
}

static enum field field_of(const uint8_t *bytes, uint32_t len)
{
    if (len == 1 && is_key(bytes, len, "t"))
        return FIELD_TYPE;
    if (len == 2 && is_key(bytes, len, "id"))
        return FIELD_ID;
    if (len == 3 && is_key(bytes, len, "inc"))
        return FIELD_INC;
    if (len == 3 && is_key(bytes, len, "dec"))
        return FIELD_DEC;
    if (len == 3 && is_key(bytes, len, "dig"))
        return FIELD_DIGEST;
    if (len == 3 && is_key(bytes, len, "mem"))
        return FIELD_CLAIMS;
    return FIELD_UNKNOWN;
}

static int take_field(struct unpack *unpack, enum field *ret_field)
{
    const uint8_t *bytes;
    uint32_t len;
    int rc = unpack_bytes(unpack, &bytes, &len);

    if (rc == 0)
        *ret_field = field_of(bytes, len);
    return rc;
}

static int scan_type(struct unpack *unpack, struct outline *outline)
{
    outline->type = 0;
    if (unpack_nil(unpack))
        return 0;

    /* A negative number is a type that nobody has: the error says so. */
    int rc = unpack_uint(unpack, &outline->type);
    return rc == DC_ERANGE ? 0 : rc;
}

static int scan_id(struct unpack *unpack, struct outline *outline)
{
    outline->id_len = 0;
    if (unpack_nil(unpack))
        return 0;

    int rc = unpack_bytes(unpack, &outline->id, &outline->id_len);
    outline->long_name |= rc == 0 && outline->id_len > DC_NAME_BYTES_MAX;
    return rc;
}

static int scan_digest(struct unpack *unpack, struct outline *outline)
{
    outline->digest = 0;
    outline->has_digest = !unpack_nil(unpack);
    if (!outline->has_digest)
        return 0;

    int rc = unpack_uint(unpack, &outline->digest);
    return rc == DC_ERANGE ? DC_EMSG_UNMARSHAL : rc;
}

static int scan_claims(struct unpack *unpack, struct outline *outline)
{
    outline->claims = *unpack;
    outline->tells = !unpack_nil(unpack);

    return outline->tells ? claims_scan(unpack) : 0;
}

static int scan_map(struct unpack *unpack, struct outline *outline, enum dc_side side)
{
    uint32_t len;
    uint32_t longest = 0;

    if (unpack_nil(unpack)) {
        outline->entries[side] = 0; /* what an earlier map of this side held is void */
        return 0;
    }
    int rc = unpack_map(unpack, &len);
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < len; i++) {
        const uint8_t *id;
        uint32_t id_len;
        uint64_t total;
        if (unpack_bytes(unpack, &id, &id_len) < 0 || unpack_uint(unpack, &total) < 0)
            return DC_EMSG_UNMARSHAL;
        longest = id_len > longest ? id_len : longest;
    }
    outline->entries[side] += len;
    outline->read[side] += len;
    outline->long_name |= longest > DC_NAME_BYTES_MAX;

    return 0;
}

static int scan_value(struct unpack *unpack, enum field field, struct outline *outline)
{
    switch (field) {
    case FIELD_TYPE:
        return scan_type(unpack, outline);
    case FIELD_ID:
        return scan_id(unpack, outline);
    case FIELD_INC:
        return scan_map(unpack, outline, DC_INC);
    case FIELD_DEC:
        return scan_map(unpack, outline, DC_DEC);
    case FIELD_DIGEST:
        return scan_digest(unpack, outline);
    case FIELD_CLAIMS:
        return scan_claims(unpack, outline);
    case FIELD_UNKNOWN:
        return unpack_skip(unpack);
    }
    return DC_EMSG_UNMARSHAL;
}

/* The first pass: is all of it well-formed, and is it a message? */
static int scan(struct unpack unpack, struct outline *ret_outline)
{
    uint32_t len;
    int rc = unpack_map(&unpack, &len);
    if (rc < 0)
        return rc;

    *ret_outline = (struct outline){0};
    for (uint32_t i = 0; i < len; i++) {
        const uint8_t *start = unpack.at;
        enum field field = FIELD_UNKNOWN;
        rc = take_field(&unpack, &field);
        if (rc == 0)
            rc = scan_value(&unpack, field, ret_outline);
        if (rc < 0)
            return rc;
        if (field == FIELD_UNKNOWN && unpack.at - start != DIGEST_FIELD_BYTES)
            ret_outline->hides = true;
    }
    if (unpack.at != unpack.end) {
        MARK(MESSAGE_TRAILING);
        return DC_EMSG_UNMARSHAL;
    }

    if (ret_outline->type < MESSAGE_PUSH || ret_outline->type > MESSAGE_ACK) {
        MARK(MESSAGE_NO_TYPE);
        return DC_EMSG_TYPE;
    }
    if (ret_outline->id_len == 0) {
        MARK(MESSAGE_NO_ID);
        return DC_EMSG_NODE_ID;
    }
    if (ret_outline->type == MESSAGE_PUSH && ret_outline->entries[DC_INC] == 0 &&
        ret_outline->entries[DC_DEC] == 0) {
        MARK(MESSAGE_NO_MAPS);
        return DC_EMSG_MAPS;
    }
    /* With a bit flipped before it, the digest may be part of such a field. */
    if (ret_outline->type == MESSAGE_PUSH && ret_outline->hides && !ret_outline->has_digest) {
        MARK(MESSAGE_HIDES_DIGEST);
        return DC_EMSG_VALIDATION;
    }
    if (!ret_outline->long_name)
        return 0;
    MARK(MESSAGE_LONG_ID);
    return DC_ELIMIT;
}

/*
 * An entry as we write them, of the id that mostly comes after *last: nearly all
 * entries of nearly all frames. Takes nothing when it is another one.
 */
static inline bool take_guessed(const struct chain *chain, struct unpack *unpack, dc_name *last,
                                uint64_t *ret_total)
{
    const uint8_t *at = unpack->at;

    if (unpack->end - at < (ptrdiff_t)(1 + CHAIN_GUESS_BYTES + PACK_TOTAL_BYTES))
        return false;
    dc_name id = chain_guess(chain, *last, at);
    if (id == DC_NAME_NONE)
        return false;
    at += 1 + (*at & 0x1f);
    if (*at != 0xcf)
        return false;
    *ret_total = unpack_big_endian_64(at + 1);
    unpack->at = at + PACK_TOTAL_BYTES;
    *last = id;

    return true;
}

/* Reads a map that the first pass has accepted. */
static int collect_map(struct codec *codec, struct unpack *unpack, struct pairs *pairs)
{
    dc_name last = DC_NAME_NONE;
    uint32_t len = 0;

    if (unpack_nil(unpack)) {
        pairs->len = 0;
        return 0;
    }
    /* Behind an earlier map of this side nothing is known of the order. */
    bool first = pairs->len == 0;
    (void)unpack_map(unpack, &len);
    for (uint32_t i = 0; i < len; i++) {
        const uint8_t *bytes;
        uint32_t bytes_len;
        uint64_t total;
        bool ascending;
        if (take_guessed(&codec->chain, unpack, &last, &total)) {
            pairs_add(pairs, last, total, first);
            continue;
        }
        (void)unpack_bytes(unpack, &bytes, &bytes_len);
        (void)unpack_uint(unpack, &total);
        int rc =
            chain_follow(&codec->chain, last, bytes, bytes_len, unpack->end, &last, &ascending);
        if (rc < 0)
            return rc;
        pairs_add(pairs, last, total, ascending && first);
    }

    return 0;
}

/* The second pass over a push: ids become handles, by side. */
static int collect(struct codec *codec, struct unpack unpack)
{
    uint32_t len = 0;

    (void)unpack_map(&unpack, &len);
    for (uint32_t i = 0; i < len; i++) {
        enum field field = FIELD_UNKNOWN;
        int rc = take_field(&unpack, &field);
        if (field == FIELD_INC)
            rc = collect_map(codec, &unpack, &codec->maps[DC_INC]);
        else if (field == FIELD_DEC)
            rc = collect_map(codec, &unpack, &codec->maps[DC_DEC]);
        else if (rc == 0)
            rc = unpack_skip(&unpack);
        if (rc < 0)
            return rc;
    }

    return 0;
}

static int read_state(struct codec *codec, struct unpack unpack, const struct outline *outline,
                      struct pncounter *ret_state)
{
    chain_begin(&codec->chain);
    int rc = pairs_begin(&codec->maps[DC_INC], outline->read[DC_INC]);
    if (rc == 0)
        rc = pairs_begin(&codec->maps[DC_DEC], outline->read[DC_DEC]);
    if (rc == 0)
        rc = collect(codec, unpack);
    if (rc == 0)
        rc = pairs_finish(&codec->maps[DC_INC], codec->names);
    if (rc == 0)
        rc = pairs_finish(&codec->maps[DC_DEC], codec->names);
    if (rc == 0)
        rc = pairs_join(&codec->maps[DC_INC], &codec->maps[DC_DEC], ret_state);
    if (rc < 0)
        return rc;

    /* This is what catches a flipped bit: the sum is over what was read. */
    if (outline->has_digest && outline->digest != digest_of(ret_state)) {
        MARK(MESSAGE_BAD_DIGEST);
        return DC_EMSG_VALIDATION;
    }

    return 0;
}

/* Finds the payload of a frame, decompressed into codec->plain where needed. */
static int open_frame(struct codec *codec, const uint8_t *frame, size_t len,
                      struct unpack *ret_payload)
{
    if (len <= 1)
        return DC_EMSG_EMPTY;
    if (len > DC_MESSAGE_BYTES_MAX)
        return DC_EMSG_TOO_LARGE;
    if (frame[0] == FLAG_PLAIN) {
        *ret_payload = (struct unpack){.at = frame + 1, .end = frame + len};
        return 0;
    }
    if (frame[0] != FLAG_ZSTD) {
        MARK(MESSAGE_BAD_FLAG);
        return DC_EMSG_UNMARSHAL;
    }

    int rc = compress_unpack(&codec->compress, frame + 1, len - 1, &codec->plain);
    if (rc < 0)
        return rc;
    *ret_payload = (struct unpack){
        .at = codec->plain.data,
        .end = codec->plain.data + codec->plain.len,
    };

    return 0;
}

int message_decode(struct codec *codec, const uint8_t *frame, size_t len, struct message *ret_msg,
                   struct pncounter *ret_state)
{
    PRE(ret_state->names == codec->names, "handles compare only within one table");

    struct unpack payload;
    struct outline outline;
    struct claim claims[DC_CLAIMS_MAX];
    uint32_t claims_len = 0, known = codec->names->len;

    pncounter_clear(ret_state);
    int rc = open_frame(codec, frame, len, &payload);
    if (rc == 0)
        rc = scan(payload, &outline);
    if (rc == 0 && outline.type == MESSAGE_PUSH)
        rc = read_state(codec, payload, &outline, ret_state);
    if (rc == 0 && codec->names->len > known && !names_has_room(codec->names, NAMES_OF_STATES)) {
        MARK(MESSAGE_NO_ROOM);
        rc = DC_ELIMIT;
    }
    if (rc == 0 && outline.type != MESSAGE_PUSH && outline.tells)
        rc = claims_read(outline.claims, codec->names, claims, &claims_len);
    if (rc < 0) {
        pncounter_clear(ret_state);
        if (codec->names->len > known) { /* ids of a message that is none */
            names_forget(codec->names, known);
            chain_forget(&codec->chain, known);
        }
        return rc;
    }
    if (codec->names->len > known)
        chain_keep(&codec->chain);

    /* Field by field: what follows mem_len claims need not be touched. */
    ret_msg->kind = (enum message_kind)outline.type;
    ret_msg->sender = names_find(codec->names, outline.id, outline.id_len);
    ret_msg->sender_bytes = outline.id;
    ret_msg->sender_len = outline.id_len;
    ret_msg->digest = outline.digest;
    ret_msg->state = outline.type == MESSAGE_PUSH ? ret_state : NULL;
    ret_msg->version = 0;
    ret_msg->mem_len = claims_len;
    if (claims_len > 0)
        memcpy(ret_msg->mem, claims, claims_len * sizeof(*claims));

    return 0;
}
