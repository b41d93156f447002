/* A pool of frames; what comes back keeps its buffers for the next of its kind. */
#include "sim/frames.h"

#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/names.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/forge.h"
#include "sim/poison.h"

/* Behind a strange frame: more than one read takes. */
#define STRANGE_BYTES 64u
/* Of a message that nothing was read into. */
#define NO_KIND ((enum message_kind)0)

void frames_init(struct frames *frames, const struct mem *mem, const struct mem *codec_mem,
                 struct names *names)
{
    *frames = (struct frames){
        .mem = mem,
        .names = names,
        .codec_mem = codec_mem,
        .codec = codec_new_apart(codec_mem, mem, names),
        .free_push = FRAME_NONE,
        .free_small = FRAME_NONE,
    };
    if (!frames->codec)
        fatal_memory(0);
    compress_init(&frames->compress, mem);
    carried_init(&frames->carried, mem, names);
    buf_init(&frames->flipped.bytes, mem, DC_MESSAGE_BYTES_MAX);
    pncounter_init(&frames->flipped.state, mem, names);
    pncounter_init(&frames->looked, mem, names);
}

void frames_release(struct frames *frames)
{
    for (uint32_t i = 0; i < frames->len; i++) {
        buf_release(&frames->list[i]->bytes);
        forge_free(frames->list[i]->forged);
        free(frames->list[i]);
    }
    while (frames->spare_len > 0)
        buf_release(&frames->spare[--frames->spare_len]);
    free(frames->spare);
    free(frames->list);
    carried_release(&frames->carried);
    codec_free(frames->codec);
    compress_release(&frames->compress);
    buf_release(&frames->flipped.bytes);
    pncounter_release(&frames->flipped.state);
    pncounter_release(&frames->looked);
    *frames = (struct frames){0};
}

/* A codec keeps what it once got: with one that is new all requests are made again. */
static struct codec *take_codec(struct frames *frames)
{
    return frames->anew ? codec_new_apart(frames->codec_mem, frames->mem, frames->names)
                        : frames->codec;
}

static void give_codec(struct frames *frames, struct codec *codec)
{
    if (codec != frames->codec)
        codec_free(codec);
}

static int encode(struct frames *frames, const struct message *msg, struct buf *bytes,
                  size_t *ret_payload_len)
{
    struct codec *codec = take_codec(frames);
    int rc = codec ? message_encode(codec, msg, bytes, ret_payload_len) : DC_ENOMEM;

    give_codec(frames, codec);
    return rc;
}

/*
 * As message_decode(), and the id of the sender is a name of the cluster as well: reports
 * show it, and which handle an id gets is part of what states look like in a trace.
 */
static int decode_named(struct codec *codec, struct names *names, const uint8_t *bytes, size_t len,
                        struct message *ret_msg, struct pncounter *ret_state)
{
    int rc = message_decode(codec, bytes, len, ret_msg, ret_state);

    if (rc < 0 || ret_msg->sender != DC_NAME_NONE)
        return rc;
    rc = names_intern(names, ret_msg->sender_bytes, ret_msg->sender_len, &ret_msg->sender);
    if (rc < 0)
        pncounter_clear(ret_state);
    return rc;
}

/* Into a state whose memory may run out as well. */
static int decode_anew(struct frames *frames, const uint8_t *bytes, size_t len,
                       struct message *ret_msg, struct pncounter *ret_state)
{
    struct codec *codec = take_codec(frames);
    struct pncounter state;
    int rc;

    pncounter_init(&state, frames->codec_mem, frames->names);
    rc = codec ? decode_named(codec, frames->names, bytes, len, ret_msg, &state) : DC_ENOMEM;
    /* Also behind an error: what it left is looked at. */
    if (pncounter_copy(ret_state, &state) < 0)
        fatal_memory(0);
    if (rc == 0 && ret_msg->state)
        ret_msg->state = ret_state;
    pncounter_release(&state);
    give_codec(frames, codec);
    return rc;
}

static int decode_bytes(struct frames *frames, const uint8_t *bytes, size_t len,
                        struct message *ret_msg, struct pncounter *ret_state)
{
    return frames->anew
               ? decode_anew(frames, bytes, len, ret_msg, ret_state)
               : decode_named(frames->codec, frames->names, bytes, len, ret_msg, ret_state);
}

/*
 * The bytes of a push, which are many, are needed until it is decoded: a node
 * keeps its last one for as long as its state stays the same.
 */
static void take_bytes(struct frames *frames, struct frame *frame)
{
    if (frame->kind == MESSAGE_PUSH && frame->bytes.cap == 0 && frames->spare_len > 0)
        frame->bytes = frames->spare[--frames->spare_len];
}

static void give_bytes(struct frames *frames, struct frame *frame)
{
    if (frame->kind != MESSAGE_PUSH || frame->bytes.cap == 0)
        return;
    if (frames->spare_len == frames->spare_cap) {
        frames->spare_cap = frames->spare_cap ? frames->spare_cap * 2 : 16;
        frames->spare =
            fatal_realloc_array(frames->spare, frames->spare_cap, sizeof(*frames->spare));
    }
    buf_clear(&frame->bytes);
    frames->spare[frames->spare_len++] = frame->bytes;
    buf_init(&frame->bytes, frames->mem, DC_MESSAGE_BYTES_MAX);
}

/* The frame has this state from now on; NULL: none. */
static void set_state(struct frames *frames, struct frame *frame, struct carried *carried)
{
    carried_unref(&frames->carried, frame->carried);
    frame->carried = carried;
    if (carried)
        frame->state = carried->counter;
    else
        pncounter_init(&frame->state, frames->mem, frames->names);
}

static uint32_t *free_list(struct frames *frames, enum message_kind kind)
{
    return kind == MESSAGE_PUSH ? &frames->free_push : &frames->free_small;
}

static uint32_t frame_new(struct frames *frames, enum message_kind kind)
{
    uint32_t *head = free_list(frames, kind);
    uint32_t at = *head;

    if (at != FRAME_NONE) {
        *head = frames->list[at]->next_free;
    } else {
        if (frames->len == frames->cap) {
            frames->cap = frames->cap ? frames->cap * 2 : 64;
            frames->list = fatal_realloc_array(frames->list, frames->cap, sizeof(*frames->list));
        }
        at = frames->len++;
        frames->list[at] = fatal_calloc(1, sizeof(**frames->list));
        buf_init(&frames->list[at]->bytes, frames->mem, DC_MESSAGE_BYTES_MAX);
        pncounter_init(&frames->list[at]->state, frames->mem, frames->names);
    }
    frames->list[at]->refs = 1;
    frames->list[at]->kind = kind;
    frames->list[at]->decoded = false;
    return at;
}

/* What decoding @msg would give. */
static int hand_over(struct frames *frames, struct frame *frame, const struct message *msg)
{
    bool push = msg->kind == MESSAGE_PUSH;
    struct carried *state = push ? carried_copy(&frames->carried, msg->state, msg->digest) : NULL;

    if (push && !state)
        return DC_ENOMEM;
    if (push)
        set_state(frames, frame, state);
    buf_clear(&frame->bytes);
    frame->err = 0;
    frame->message.kind = msg->kind;
    frame->message.sender = msg->sender;
    frame->message.digest = msg->digest;
    frame->message.state = push ? &frame->state : NULL;
    frame->message.version = 0;
    frame->message.mem_len = msg->mem_len;
    for (uint32_t i = 0; i < msg->mem_len; i++)
        frame->message.mem[i] = msg->mem[i];
    return 0;
}

/* May it go without bytes? What the codec might refuse goes through the codec. */
static bool goes_direct(const struct frames *frames, const struct message *msg, uint64_t key,
                        size_t *ret_payload_len)
{
    if (!frames->sampled || mix64(key) % FRAMES_SAMPLE == 0)
        return false;
    if (msg->kind == MESSAGE_PUSH ? msg->state->len == 0 || msg->mem_len > 0 : msg->state != NULL)
        return false;
    *ret_payload_len = message_plain_len(frames->names, msg);
    return *ret_payload_len < DC_MESSAGE_BYTES_MAX;
}

/* What a message says besides its state. */
static uint64_t said_of(const struct message *msg)
{
    uint64_t said = mix64(mix64((uint64_t)msg->kind) + msg->sender) + msg->digest;

    for (uint32_t i = 0; i < msg->mem_len; i++)
        said =
            mix64(mix64(said + msg->mem[i].address) + msg->mem[i].incarnation) + msg->mem[i].left;
    return said;
}

int frames_encode(struct frames *frames, const struct message *msg, uint64_t sum, uint64_t key,
                  uint32_t *ret_frame)
{
    uint32_t at = frame_new(frames, msg->kind);
    struct frame *frame = frames->list[at];
    size_t payload_len = 0;
    int rc;

    frame->direct = goes_direct(frames, msg, key, &payload_len);
    if (!frame->direct)
        take_bytes(frames, frame);
    rc = frame->direct ? hand_over(frames, frame, msg)
                       : encode(frames, msg, &frame->bytes, &payload_len);
    if (rc < 0) {
        frames_unref(frames, at);
        return rc;
    }
    if (!frames->sampled) /* else many go by it */
        INVARIANT(message_plain_len(frames->names, msg) == payload_len,
                  "the length is known beforehand");
    frame->plain_len = payload_len + 1;
    frame->wire_len = frame->bytes.len;
    frame->digest = msg->digest;
    frame->sum = sum;
    frame->said = said_of(msg);
    *ret_frame = at;
    return 0;
}

uint32_t frames_forge(struct frames *frames, struct forged *forged)
{
    uint32_t at = frame_new(frames, MESSAGE_ACK); /* one of those that keep no bytes */
    struct frame *frame = frames->list[at];

    frame->forged = forged;
    frame->direct = false;
    frame->plain_len = frame->wire_len = forged->len;
    frame->digest = frame->sum = 0;
    return at;
}

/* All that is read of a message. */
uint64_t frames_says(const struct message *msg, const struct pncounter *state)
{
    uint64_t said = said_of(msg);

    for (uint32_t i = 0; i < state->len; i++) {
        dc_name id = state->ids[i];

        said = mix64(mix64(said + id) + pncounter_total(state, id, DC_INC));
        said = mix64(said + pncounter_total(state, id, DC_DEC));
    }
    return said | 1;
}

/*
 * What is made of @len bytes must not hang on what lies behind them: they are read twice,
 * with other bytes there. Nor on what the state held before. Into frames->flipped.
 */
static void decode_strange(struct frames *frames, const uint8_t *bytes, size_t len)
{
    struct frame *it = &frames->flipped;
    uint64_t said = 0;
    int err = 0;

    for (int turn = 0; turn < 2; turn++) {
        uint8_t *copy = fatal_realloc_array(NULL, len + STRANGE_BYTES, 1);

        memcpy(copy, bytes, len);
        memset(copy + len, turn == 0 ? 0xcf : 0, STRANGE_BYTES);
        poison(copy + len, STRANGE_BYTES);
        it->message.kind = NO_KIND;
        it->err = decode_bytes(frames, copy, len, &it->message, &it->state);
        it->tidy = it->err == 0 || (it->state.len == 0 && it->message.kind == NO_KIND);
        unpoison(copy + len, STRANGE_BYTES);
        free(copy);
        if (it->err == DC_ENOMEM) {
            it->steady = it->tidy = true;
            return;
        }
        if (turn == 1)
            it->steady =
                it->err == err && (err < 0 || frames_says(&it->message, &it->state) == said);
        err = it->err;
        said = err == 0 ? frames_says(&it->message, &it->state) : 0;
    }
}

const struct frame *frames_decode_forged(struct frames *frames, uint32_t frame)
{
    const struct forged *forged = frames->list[frame]->forged;
    struct frame *it = &frames->flipped;

    decode_strange(frames, forged->bytes, forged->len);
    return it;
}

void frames_give_back(struct frames *frames, uint32_t frame)
{
    struct frame *it = frames->list[frame];
    uint32_t *head;

    give_bytes(frames, it);
    if (it->carried)
        set_state(frames, it, NULL);
    forge_free(it->forged);
    it->forged = NULL;
    head = free_list(frames, it->kind);
    it->next_free = *head;
    *head = frame;
}

/* The bytes of one that has none. */
static void make_bytes(struct frames *frames, struct frame *it)
{
    struct codec *codec;
    size_t payload_len;

    if (it->bytes.len > 0)
        return;
    take_bytes(frames, it);
    /* No node does this, so none can lack memory for it. */
    codec = frames->anew ? codec_new(frames->mem, frames->names) : frames->codec;
    if (!codec || message_encode(codec, &it->message, &it->bytes, &payload_len) == DC_ENOMEM)
        fatal_memory(0);
    give_codec(frames, codec);
    INVARIANT(payload_len + 1 == it->plain_len, "the length is known beforehand");
}

/* The frame as it would be without compression, into frames->flipped. */
static void make_plain(struct frames *frames, const struct frame *it)
{
    struct buf *plain = &frames->flipped.bytes;
    struct buf payload;
    int rc;

    buf_clear(plain);
    if (it->bytes.data[0] == 0) {
        if (buf_append(plain, it->bytes.data, it->bytes.len) < 0)
            fatal_memory(0);
        return;
    }
    buf_init(&payload, frames->mem, DC_MESSAGE_BYTES_MAX);
    rc = compress_unpack(&frames->compress, it->bytes.data + 1, it->bytes.len - 1, &payload);
    if (rc == DC_ENOMEM || buf_append(plain, "", 1) < 0 ||
        buf_append(plain, payload.data, payload.len) < 0)
        fatal_memory(0);
    INVARIANT(rc == 0 && plain->len == it->plain_len, "a frame of ours unpacks");
    buf_release(&payload);
}

const struct frame *frames_decode_flipped(struct frames *frames, uint32_t frame, uint64_t bit)
{
    struct frame *it = frames->list[frame];
    struct frame *flipped = &frames->flipped;

    PRE(bit < it->plain_len * 8, "the bit is one of the frame");
    make_bytes(frames, it);
    make_plain(frames, it);
    if (it->direct || (it->decoded && it->err == 0))
        give_bytes(frames, it);
    flipped->bytes.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    flipped->kind = it->kind;
    flipped->digest = it->digest;
    flipped->plain_len = it->plain_len;
    decode_strange(frames, flipped->bytes.data, flipped->bytes.len);
    return flipped;
}

/* What is long is compressed if that makes it smaller, and nothing else is. */
static bool is_packed_as_due(struct frames *frames, const struct frame *it)
{
    bool is_plain = it->bytes.data[0] == 0;
    size_t len = it->plain_len - 1, packed_len = 0;
    uint8_t *packed;

    if (len <= DC_COMPRESS_OVER || !is_plain)
        return is_plain == (len <= DC_COMPRESS_OVER) && (is_plain || it->bytes.len <= len);
    packed = fatal_realloc_array(NULL, len, 1);
    if (compress_pack(&frames->compress, it->bytes.data + 1, len, packed, len - 1, &packed_len) < 0)
        fatal_memory(0);
    free(packed);
    return packed_len == 0;
}

static void decode(struct frames *frames, struct frame *it)
{
    struct carried *scratch = frames->scratch ? frames->scratch : carried_new(&frames->carried);

    frames->scratch = scratch;
    it->err = decode_bytes(frames, it->bytes.data, it->bytes.len, &it->message, &scratch->counter);
    if (it->err == DC_ENOMEM) {
        pncounter_clear(&scratch->counter);
        it->decoded = false; /* that says nothing of the frame */
        return;
    }
    it->packed_as_due = is_packed_as_due(frames, it);
    if (it->err == 0) /* should the bytes be wanted again, they are made again */
        give_bytes(frames, it);
    if (scratch->counter.len > 0) {
        frames->scratch = NULL;
        set_state(frames, it, carried_settle(&frames->carried, scratch, it->message.digest));
    }
    if (it->err == 0 && it->message.state)
        it->message.state = &it->state;
}

const struct frame *frames_decode(struct frames *frames, uint32_t frame, bool *ret_first)
{
    struct frame *it = frames->list[frame];

    *ret_first = !it->decoded;
    it->decoded = true;
    if (*ret_first && !it->direct)
        decode(frames, it);
    if (*ret_first)
        it->same = it->err < 0 || it->direct || said_of(&it->message) == it->said;
    return it;
}

const struct pncounter *frames_look(struct frames *frames, uint32_t frame)
{
    const struct frame *it = frames->list[frame];
    const uint8_t *bytes = it->forged ? it->forged->bytes : it->bytes.data;
    size_t len = it->forged ? it->forged->len : it->bytes.len;
    struct message msg;
    struct codec *codec;
    int rc;

    if (it->direct || (it->decoded && it->err == 0))
        return it->message.state;
    /* Not that of the run, whose receiver has yet to ask for the memory. */
    codec = codec_new(frames->mem, frames->names);
    rc = codec ? decode_named(codec, frames->names, bytes, len, &msg, &frames->looked) : DC_ENOMEM;
    if (rc == DC_ENOMEM)
        fatal_memory(0);
    codec_free(codec);
    return rc == 0 ? msg.state : NULL;
}
