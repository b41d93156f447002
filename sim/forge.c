/* The table of what can be wrong; and what is wrong with a frame, whatever its payload. */
#include "sim/forge.h"

#include <stdlib.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/forge_inner.h"

#define FLAG_PLAIN 0x00u
#define FLAG_ZSTD 0x80u
/* Of zstd: what fits into one block. */
#define BLOCK_BYTES ((size_t)128 << 10)

/* ---- zstd ---- */

static void put_magic(struct forge *forge)
{
    forge_put_little(forge, 0xfd2fb528u, 4);
}

/* The last block of a frame, as it is. */
static void put_last_block(struct forge *forge, const void *bytes, size_t len)
{
    PRE(len <= BLOCK_BYTES, "one block takes it");
    forge_put_little(forge, 1 | (uint64_t)len << 3, 3);
    forge_put_bytes(forge, bytes, len);
}

/* A frame that says that @size bytes are in it, and has the @len at @bytes. */
static void put_frame(struct forge *forge, uint64_t size, const void *bytes, size_t len)
{
    put_magic(forge);
    forge_put_byte(forge, 0xe0); /* one segment, its size in 8 bytes */
    forge_put_little(forge, size, 8);
    put_last_block(forge, bytes, len);
}

/* A small payload that is right. */
static struct forge payload_of(struct forge *forge)
{
    struct forge payload = {.choose = forge->choose,
                            .key = key_with(forge->key, UINT64_MAX),
                            .from = forge->from,
                            .nodes = forge->nodes,
                            .names = forge->names};

    forge_put_any(&payload, 0);
    return payload;
}

/* ---- what is wrong with the frame ---- */

static void write_flag(struct forge *forge)
{
    uint64_t flag = forge_draw(forge, 1, 254);

    forge_put_byte(forge, flag < FLAG_ZSTD ? flag : flag + 1);
    forge_put_any(forge, 0);
    forge->finished = true;
}

static void write_empty(struct forge *forge)
{
    if (forge_draw(forge, 0, 2) > 0)
        forge_put_byte(forge, forge_draw(forge, 0, 1) ? FLAG_PLAIN : FLAG_ZSTD);
    forge->finished = true;
}

/* Zeros that nobody looks at. */
static void write_large(struct forge *forge)
{
    forge->len = forge->cap = DC_MESSAGE_BYTES_MAX + 1;
    forge->at = fatal_calloc(forge->cap, 1);
    forge->finished = true;
}

/* It says that so much is in it; it is not. */
static void write_bomb(struct forge *forge)
{
    static const uint64_t sizes[] = {
        DC_MESSAGE_BYTES_MAX + 1, UINT64_C(1) << 24, UINT64_C(1) << 33,
        UINT64_C(1) << 40,        UINT64_C(1) << 63,
    };

    forge_put_byte(forge, FLAG_ZSTD);
    put_frame(forge, sizes[forge_draw(forge, 0, 4)], "", 0);
    forge->finished = true;
}

/* It says nothing, and there is more in it than a message may have: blocks of one byte, again and
 * again. */
static void write_inflate(struct forge *forge)
{
    size_t blocks = DC_MESSAGE_BYTES_MAX / BLOCK_BYTES + 1;

    forge_put_byte(forge, FLAG_ZSTD);
    put_magic(forge);
    forge_put_byte(forge, 0);       /* neither a size nor a checksum */
    forge_put_byte(forge, 13 << 3); /* a window of 8 MiB */
    for (size_t i = 0; i < blocks; i++) {
        forge_put_little(forge, (i + 1 == blocks) | 1u << 1 | (uint64_t)BLOCK_BYTES << 3, 3);
        forge_put_byte(forge, FORGE_NIL);
    }
    forge->finished = true;
}

static void write_garbage(struct forge *forge)
{
    forge_put_byte(forge, FLAG_ZSTD);
    if (forge_draw(forge, 0, 1) == 0) {
        forge_put_byte(forge, 0); /* no frame of zstd begins so */
        forge_put_drawn(forge, forge_draw(forge, 0, 100));
    } else {
        put_magic(forge);
        forge_put_byte(forge, 0x20); /* one segment, its size in a byte */
        forge_put_byte(forge, 10);
        forge_put_little(forge, 1 | 3u << 1 | 10u << 3,
                         3); /* a block of a kind that there is not */
        forge_put_drawn(forge, 10);
    }
    forge->finished = true;
}

static void write_frames(struct forge *forge)
{
    struct forge payload = payload_of(forge);

    forge_put_byte(forge, FLAG_ZSTD);
    if (forge_draw(forge, 0, 1) == 0) { /* one that is to be skipped */
        forge_put_little(forge, 0x184d2a50u, 4);
        forge_put_little(forge, 3, 4);
        forge_put_many(forge, 0, 3);
    } else {
        put_frame(forge, payload.len, payload.at, payload.len);
    }
    put_frame(forge, payload.len, payload.at, payload.len);
    free(payload.at);
    forge->finished = true;
}

static void write_window(struct forge *forge)
{
    struct forge payload = payload_of(forge);

    forge_put_byte(forge, FLAG_ZSTD);
    put_magic(forge);
    forge_put_byte(forge, 0);
    forge_put_byte(forge, forge_draw(forge, 14, 20) << 3); /* 16 MiB and more */
    put_last_block(forge, payload.at, payload.len);
    free(payload.at);
    forge->finished = true;
}

static void write_size(struct forge *forge)
{
    struct forge payload = payload_of(forge);
    uint64_t away = forge_draw(forge, 1, 9);

    forge_put_byte(forge, FLAG_ZSTD);
    put_frame(forge, forge_draw(forge, 0, 1) ? payload.len + away : payload.len - away, payload.at,
              payload.len);
    free(payload.at);
    forge->finished = true;
}

/* ---- the table ---- */

static const struct {
    void (*write)(struct forge *forge);
    int err;
    const char *wrong;
} kinds[SCN_FORGES] = {
    [SCN_FORGE_FLAG] = {write_flag, DC_EMSG_UNMARSHAL, "an unknown flag byte"},
    [SCN_FORGE_EMPTY] = {write_empty, DC_EMSG_EMPTY, "nothing behind the flag byte"},
    [SCN_FORGE_LARGE] = {write_large, DC_EMSG_TOO_LARGE, "more bytes than a frame may have"},
    [SCN_FORGE_BOMB] = {write_bomb, DC_EMSG_TOO_LARGE, "a huge size in the head of zstd"},
    [SCN_FORGE_INFLATE] = {write_inflate, DC_EMSG_TOO_LARGE, "more in it than it may have"},
    [SCN_FORGE_GARBAGE] = {write_garbage, DC_EMSG_DECOMPRESS, "no zstd behind its flag byte"},
    [SCN_FORGE_FRAMES] = {write_frames, DC_EMSG_DECOMPRESS, "two frames of zstd"},
    [SCN_FORGE_WINDOW] = {write_window, DC_EMSG_DECOMPRESS, "too large a window of zstd"},
    [SCN_FORGE_SIZE] = {write_size, DC_EMSG_DECOMPRESS, "a false size in the head of zstd"},
    [SCN_FORGE_TYPE] = {forge_write_type, DC_EMSG_TYPE, "a type that there is not"},
    [SCN_FORGE_SENDER] = {forge_write_sender, DC_EMSG_NODE_ID, "no sender"},
    [SCN_FORGE_MAPS] = {forge_write_no_maps, DC_EMSG_MAPS, "a push without an entry"},
    [SCN_FORGE_TRAILING] = {forge_write_trailing, DC_EMSG_UNMARSHAL, "bytes behind the message"},
    [SCN_FORGE_SHORT] = {forge_write_short, DC_EMSG_UNMARSHAL, "a message that is cut off"},
    [SCN_FORGE_TOTAL] = {forge_write_total, DC_EMSG_UNMARSHAL, "a total or digest that is none"},
    [SCN_FORGE_COUNT] = {forge_write_count, DC_EMSG_UNMARSHAL, "a map longer than the frame"},
    [SCN_FORGE_DEEP] = {forge_write_deep, DC_EMSG_UNMARSHAL, "values nested too deep"},
    [SCN_FORGE_DIGEST] = {forge_write_digest, DC_EMSG_VALIDATION, "the digest of another state"},
    [SCN_FORGE_HIDDEN] = {forge_write_hidden, DC_EMSG_VALIDATION,
                          "a field in the place of the digest"},
    [SCN_FORGE_MEMBERS] = {forge_write_members, DC_EMSG_UNMARSHAL, "claims of another form"},
    [SCN_FORGE_SUM] = {forge_write_sum, DC_EMSG_VALIDATION, "claims that their sum denies"},
    [SCN_FORGE_LONG] = {forge_write_long, DC_ELIMIT, "an id beyond the limit"},
    [SCN_FORGE_FORM] = {forge_write_form, DC_EMSG_UNMARSHAL, "no message at all"},
    [SCN_FORGE_STATE] = {forge_write_state, 0, "a state in an ack"},
    [SCN_FORGE_OTHER] = {forge_write_other, 0, "right, in another form than ours"},
};

const char *forge_wrong(enum scn_forge kind)
{
    return kinds[kind].wrong;
}

/* Any of the table; the one that unfolds to much seldom, for it takes as long as thousands. */
static enum scn_forge any_kind(struct forge *forge)
{
    uint64_t kind = forge_draw(forge, SCN_FORGE_RANDOM + 1, SCN_FORGES - 1);

    if (kind == SCN_FORGE_INFLATE && forge_draw(forge, 0, 19) > 0)
        return SCN_FORGE_BOMB;
    return (enum scn_forge)kind;
}

/* The frame of a payload: as it is, or as one block of zstd. */
static void finish(struct forge *forge)
{
    struct forge frame = *forge;

    if (forge->finished)
        return;
    frame.at = NULL;
    frame.len = frame.cap = 0;
    if (forge_draw(&frame, 0, 3) > 0) {
        forge_put_byte(&frame, FLAG_PLAIN);
        forge_put_bytes(&frame, forge->at, forge->len);
    } else {
        forge_put_byte(&frame, FLAG_ZSTD);
        put_frame(&frame, forge->len, forge->at, forge->len);
    }
    free(forge->at);
    *forge = frame;
}

struct forged *forge_new(struct choose *choose, const struct forge_order *order)
{
    struct forge forge = {.choose = choose,
                          .key = order->key,
                          .from = order->from,
                          .nodes = order->nodes,
                          .names = order->names};
    enum scn_forge kind = order->kind;
    struct forged *forged = fatal_calloc(1, sizeof(*forged));

    PRE(order->nodes > 1, "somebody else is there");
    if (kind == SCN_FORGE_RANDOM)
        kind = any_kind(&forge);
    kinds[kind].write(&forge);
    uint64_t says = forge.says;
    finish(&forge);
    *forged = (struct forged){
        .kind = kind,
        .stmt = order->stmt,
        .err = kinds[kind].err,
        .says = says,
        .len = forge.len,
        .bytes = forge.at ? forge.at : fatal_calloc(1, 1),
    };
    return forged;
}

void forge_free(struct forged *forged)
{
    if (!forged)
        return;
    free(forged->bytes);
    free(forged);
}
