/*
 * The three messages of the protocol and their frames.
 *
 * Frame: one flag byte, 0x00 plain or 0x80 zstd, then the payload. Payload: a
 * msgpack map with the keys t (type, cc XX), id (sender), inc, dec (maps of id
 * to total, cf and 8 bytes; nil when there is no state), dig (cf and 8 bytes;
 * left out when 0), mem (core/claims.h; left out when there is nothing to
 * tell, and in a push), in that order. A payload over DC_COMPRESS_OVER bytes is
 * sent as zstd if that is smaller. At most DC_MESSAGE_BYTES_MAX bytes, as a
 * frame, before compression and after decompression.
 *
 * We write one form (ids ascending) and read any order, integer width and
 * string or binary type, because others send them. What we refuse although
 * others accept it is listed, with reasons, in docs/WIRE.md.
 */
#ifndef DC_CORE_MESSAGE_H
#define DC_CORE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/claims.h"
#include "core/types.h"

struct buf;
struct mem;
struct names;
struct pncounter;

enum message_kind {
    MESSAGE_PUSH = 1, /* the sender's whole state, and its digest */
    MESSAGE_PULL = 2, /* the sender's digest: "do you have more?" */
    MESSAGE_ACK = 3,  /* the sender's digest: "I have the same" */
};

struct message {
    enum message_kind kind;
    dc_name sender;                /* its id, never empty; decoded DC_NAME_NONE: unknown here */
    uint64_t digest;               /* of the sender's state; 0 is "none given" */
    const struct pncounter *state; /* borrowed; NULL unless a push */
    /*
     * Counts the states the sender has had; not on the wire, 0 when decoded.
     * Two messages of one sender with equal kind and version and without
     * claims have equal bytes, so a host may encode once and send often.
     */
    uint64_t version;
    /*
     * Of what was decoded: the bytes of that id, in the frame or in the codec, until that
     * reads another. For a host that shows them; core keeps nothing of them.
     */
    const uint8_t *sender_bytes;
    uint32_t sender_len;
    uint32_t mem_len;                /* 0 in a push */
    struct claim mem[DC_CLAIMS_MAX]; /* those behind mem_len mean nothing */
};

/* Reusable contexts and scratch for encoding and decoding. Not shared between threads. */
struct codec;

/* Returns NULL when there is no memory. @mem and @names outlive the codec. */
struct codec *codec_new(const struct mem *mem, struct names *names);

/*
 * The same, with other memory for zstd, which outlives the codec too: how often zstd asks
 * for some depends on its version.
 */
struct codec *codec_new_apart(const struct mem *mem, const struct mem *zstd_mem,
                              struct names *names);

/* NULL is fine. */
void codec_free(struct codec *codec);

/*
 * Replaces the content of @frame with the frame of @msg, and stores the length
 * of the uncompressed payload (flag byte not counted) in *ret_plain_len if it
 * is not NULL. A push must hold at least one entry.
 *
 * Returns 0, or
 *
 * DC_EMSG_TYPE        kind is none of the three
 * DC_EMSG_NODE_ID     the sender's id is empty
 * DC_EMSG_MAPS        a push without entries
 * DC_EMSG_TOO_LARGE   the payload or frame would pass DC_MESSAGE_BYTES_MAX
 * DC_EMSG_ENCODE      zstd failed
 * DC_ENOMEM
 *
 * On error @frame is empty.
 */
int message_encode(struct codec *codec, const struct message *msg, struct buf *frame,
                   size_t *ret_plain_len);

/*
 * Length of the payload that message_encode() would produce, by arithmetic
 * alone. The simulator's network works with this length, because it does not
 * depend on a zstd version.
 */
size_t message_plain_len(const struct names *names, const struct message *msg);

/*
 * Reads a frame. @ret_state is an initialised counter of the caller's; it
 * receives the entries of inc and dec (zeros are dropped) and ret_msg->state
 * points to it when the message is a push, else it is NULL. Entries that a
 * pull or an ack may carry are checked and dropped, and so are the claims of a
 * push, and claims of a new address when their share of the table of names is
 * used up. Of a new id of a sender nothing is kept: it alone is nobody's count and no peer.
 *
 * Returns 0, or
 *
 * DC_EMSG_EMPTY        no bytes, or a flag byte alone
 * DC_EMSG_TOO_LARGE    frame or decompressed payload over DC_MESSAGE_BYTES_MAX
 * DC_EMSG_DECOMPRESS   not a zstd frame, damaged, or bytes after it
 * DC_EMSG_UNMARSHAL    unknown flag byte, not msgpack, wrong types, floats,
 *                      negative counts, nested too deep, bytes after the map,
 *                      claims of another form (core/claims.h)
 * DC_EMSG_TYPE         no type, or none of the three
 * DC_EMSG_NODE_ID      no sender id, or an empty one
 * DC_EMSG_MAPS         a push without any increments and decrements
 * DC_EMSG_VALIDATION   a push whose digest is present and not that of its state,
 *                      or claims with another sum, or one of them twice
 * DC_ELIMIT, DC_ENOMEM names or entries did not fit; a push with no new id always does
 *
 * On error *ret_msg is untouched, *ret_state is empty and no name is added. Work and
 * memory are bounded by the length of the frame and DC_MESSAGE_BYTES_MAX.
 */
int message_decode(struct codec *codec, const uint8_t *frame, size_t len, struct message *ret_msg,
                   struct pncounter *ret_state);

/* "push", "pull" or "ack"; "?" for anything else. */
const char *message_kind_text(enum message_kind kind);

#endif
