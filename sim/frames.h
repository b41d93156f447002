/*
 * Frames: encoded once, however many peers they go to; immutable and counted
 * by reference; decoded once, however often they arrive.
 *
 * With a sampled codec that is done for one frame in FRAMES_SAMPLE, picked by
 * the key of its first message. Of the others the message itself is kept, as
 * decoding would give it, and their length is known by arithmetic; bytes are
 * made of one only when a bit of it is to be flipped. Nothing that a run records
 * can tell the difference: the length in records is the plain one.
 */
#ifndef DC_SIM_FRAMES_H
#define DC_SIM_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/compress.h"
#include "core/contract.h"
#include "core/message.h"
#include "core/pncounter.h"
#include "sim/carried.h"

#define FRAME_NONE UINT32_MAX
#define FRAMES_SAMPLE 16u

struct forged;

struct frame {
    struct buf bytes; /* as on the wire; empty while direct, and of a push once decoded */
    size_t plain_len; /* flag byte and payload, uncompressed */
    size_t wire_len;  /* as on the wire; 0 when direct */
    enum message_kind kind;
    uint64_t digest; /* that the message carries */
    uint64_t sum;    /* of the state it is meant to carry (sim/weights.h); 0 unless a push */
    uint64_t said;   /* a hash of all else that it is meant to say */
    uint32_t refs;   /* 0: on a free list */
    uint32_t next_free;
    bool direct;             /* handed over as it is: not encoded, not decoded */
    bool decoded;            /* message, state and err are filled in, and that was told */
    bool same;               /* once decoded: what it says besides its state is what was meant */
    bool packed_as_due;      /* once decoded: the bytes are compressed just when they are to be */
    bool steady;             /* of a strange one: what was read does not hang on what lies behind */
    bool tidy;               /* of a strange one: an error left no state, and no message */
    int err;                 /* of message_decode() */
    struct message message;  /* .state points to the state below */
    struct carried *carried; /* the state, where there is one */
    struct pncounter state;  /* likewise, only to be read: its columns are of carried */
    struct forged *forged;   /* owned; NULL, and what the rest says, for what a node sent */
};

struct frames {
    const struct mem *mem;       /* borrowed */
    struct names *names;         /* borrowed */
    const struct mem *codec_mem; /* borrowed */
    struct codec *codec;         /* owned */
    bool anew;           /* who acts lacks memory, and gets a codec that has none yet each time */
    struct frame **list; /* by handle; frames do not move */
    uint32_t len, cap;
    bool sampled; /* the codec is run for a sample only; set before the first frame */
    uint32_t free_push, free_small; /* free lists: some keep their bytes */
    struct carried_pool carried;    /* decoded states */
    struct carried *scratch;        /* an empty one, to decode into; NULL: a new one is needed */
    struct buf *spare;              /* buffers that no push has use for at present; owned */
    uint32_t spare_len, spare_cap;
    struct compress compress; /* to make a plain frame of one that is not */
    struct frame flipped;     /* the last one that arrived damaged; its state is its own */
    struct pncounter looked;  /* of frames_look() */
};

/*
 * @codec_mem is that of the codec, and may run out: then decoding fails, and encoding.
 * Not that of zstd, whose requests are not the same everywhere.
 */
void frames_init(struct frames *frames, const struct mem *mem, const struct mem *codec_mem,
                 struct names *names);
void frames_release(struct frames *frames);

/*
 * Encodes @msg, whose state has @sum; @key is that of the message. Returns 0 and a handle with one
 * reference, or the error of message_encode().
 */
int frames_encode(struct frames *frames, const struct message *msg, uint64_t sum, uint64_t key,
                  uint32_t *ret_frame);

/* A frame that was forged; takes @forged over. One reference. */
uint32_t frames_forge(struct frames *frames, struct forged *forged);
/* It arrives: what decoding makes of it, as with frames_decode_flipped(). */
const struct frame *frames_decode_forged(struct frames *frames, uint32_t frame);

/* A hash of all that @msg, with @state, says; never 0. */
uint64_t frames_says(const struct message *msg, const struct pncounter *state);

static inline const struct frame *frames_at(const struct frames *frames, uint32_t frame)
{
    return frames->list[frame];
}

static inline void frames_ref(struct frames *frames, uint32_t frame)
{
    PRE(frames->list[frame]->refs > 0, "the frame is in use");
    frames->list[frame]->refs++;
}

/* Nobody has a reference any more. For frames_unref(). */
void frames_give_back(struct frames *frames, uint32_t frame);

/* FRAME_NONE is fine. The last reference gives the frame back. */
static inline void frames_unref(struct frames *frames, uint32_t frame)
{
    if (frame == FRAME_NONE)
        return;
    PRE(frames->list[frame]->refs > 0, "the frame is in use");
    if (--frames->list[frame]->refs == 0)
        frames_give_back(frames, frame);
}

/*
 * The frame as it arrives with bit @bit of its plain form flipped (below
 * 8 * plain_len; the first byte is the flag, 0x00): decoded for this call alone.
 * Only ->err, steady, tidy, kind, digest, plain_len, message and state of the result count; it
 * is valid until the next call.
 */
const struct frame *frames_decode_flipped(struct frames *frames, uint32_t frame, uint64_t bit);

/* The frame, decoded; look at ->err. *ret_first says if this call decoded it. */
const struct frame *frames_decode(struct frames *frames, uint32_t frame, bool *ret_first);

/*
 * The state that the frame carries, for whoever watches a run: the run goes on as if nobody
 * had looked. NULL when it carries none, or is no frame. Valid until the next call.
 */
const struct pncounter *frames_look(struct frames *frames, uint32_t frame);

#endif
