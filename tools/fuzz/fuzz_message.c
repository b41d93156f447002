/*
 * Any bytes as a frame: it is refused with an error of its own, or it is a
 * message that can be written again and then reads the same.
 *
 *   fuzz_message -max_len=16384 NEW CORPUS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need(int truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "fuzz_message: %s\n", what);
        abort();
    }
}

static void read_again(struct codec *codec, const struct message *msg,
                       const struct pncounter *state, struct names *names)
{
    struct buf frame;
    struct message again_msg;
    struct pncounter again_state;
    size_t plain_len;

    buf_init(&frame, mem_heap(), (size_t)DC_MESSAGE_BYTES_MAX + 1);
    pncounter_init(&again_state, mem_heap(), names);
    need(message_encode(codec, msg, &frame, &plain_len) == 0, "what was read can be written");
    need(plain_len == message_plain_len(names, msg), "its length is known beforehand");
    need(message_decode(codec, frame.data, frame.len, &again_msg, &again_state) == 0,
         "what was written can be read");
    need(again_msg.kind == msg->kind && again_msg.sender == msg->sender &&
             again_msg.digest == msg->digest,
         "it says the same");
    need(!msg->state || pncounter_compare(state, &again_state) == PNCOUNTER_EQUAL,
         "its state is the same");
    need(again_msg.mem_len == msg->mem_len, "it tells of as many claims");
    for (uint32_t i = 0; i < msg->mem_len; i++)
        need(again_msg.mem[i].address == msg->mem[i].address &&
                 again_msg.mem[i].incarnation == msg->mem[i].incarnation &&
                 again_msg.mem[i].left == msg->mem[i].left,
             "it tells the same of them");
    pncounter_release(&again_state);
    buf_release(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t *frame = malloc(len ? len : 1); /* exactly as long: a read past it is found */
    struct names names;
    struct pncounter state;
    struct message msg = {.version = 77};
    struct codec *codec;
    int rc;

    names_init(&names, mem_heap());
    pncounter_init(&state, mem_heap(), &names);
    codec = codec_new(mem_heap(), &names);
    need(frame && codec, "memory");
    memcpy(frame, bytes, len);
    rc = message_decode(codec, frame, len, &msg, &state);
    need(rc <= 0, "0 or an error");
    need(rc == 0 || (msg.version == 77 && state.len == 0), "an error changes nothing");
    need(rc == 0 || names.len == 0, "nor leaves a name behind");
    if (rc == 0 && msg.sender == DC_NAME_NONE) /* of a sender that is unknown nothing is kept */
        need(names_intern(&names, msg.sender_bytes, msg.sender_len, &msg.sender) == 0, "memory");
    /* A push of zeros alone can be read, and is never written. */
    if (rc == 0 && (msg.kind != MESSAGE_PUSH || state.len > 0))
        read_again(codec, &msg, &state, &names);
    codec_free(codec);
    pncounter_release(&state);
    names_release(&names);
    free(frame);
    return 0;
}
