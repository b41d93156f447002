/*
 * A frame in which one bit is flipped: mostly nobody can read it, and whoever
 * can reads the state, and the claims, that were sent. Every bit of frames of all kinds.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/fingerprint.h"
#include "sim/frames.h"

static struct names names;
static struct pncounter state;

/* When it is not 0, every id has so many decrements. */
static uint64_t fill_total;

/* @entries ids of different lengths, with small and large counts. */
static void fill(uint32_t entries)
{
    names_init(&names, mem_heap());
    pncounter_init(&state, mem_heap(), &names);
    for (uint32_t i = 0; i < entries; i++) {
        char text[40];
        int len = snprintf(text, sizeof(text), "n%u%.*s", i, (int)(i % 20), "#0123456789abcdefgh");
        dc_name id;

        cr_assert(names_intern(&names, text, (size_t)len, &id) == 0);
        cr_assert(pncounter_raise(&state, id, DC_INC, i * i + 1, NULL) >= 0);
        if (fill_total > 0)
            cr_assert(pncounter_raise(&state, id, DC_DEC, fill_total, NULL) >= 0);
        else if (i % 3 == 0)
            cr_assert(pncounter_raise(&state, id, DC_DEC, UINT64_MAX >> i, NULL) >= 0);
    }
}

static void flip_all(enum message_kind kind, uint32_t entries)
{
    struct frames frames;
    struct fingerprint print;
    struct message msg = {.kind = kind};
    uint64_t bits, read = 0;
    uint32_t frame, known;

    fill(entries);
    print = fingerprint_of(&state);
    msg.sender = state.ids[0];
    msg.digest = digest_of(&state);
    msg.state = kind == MESSAGE_PUSH ? &state : NULL;
    known = names.len;
    frames_init(&frames, mem_heap(), mem_heap(), &names);
    cr_assert(frames_encode(&frames, &msg, 0, 0, &frame) == 0);
    bits = frames_at(&frames, frame)->plain_len * 8;
    for (uint64_t bit = 0; bit < bits; bit++) {
        const struct frame *it = frames_decode_flipped(&frames, frame, bit);

        cr_assert(it->err == 0 || names.len == known, "bit %llu leaves a name behind",
                  (unsigned long long)bit);
        known = names.len;
        if (it->err < 0 || it->message.kind != MESSAGE_PUSH)
            continue;
        read++;
        cr_assert(fingerprint_equal(fingerprint_of(&it->state), print),
                  "bit %llu of %llu makes other counts", (unsigned long long)bit,
                  (unsigned long long)bits);
    }
    printf("# %s of %u entries: %llu bits, %llu pushes could be read\n", message_kind_text(kind),
           entries, (unsigned long long)bits, (unsigned long long)read);
    frames_unref(&frames, frame);
    frames_release(&frames);
    pncounter_release(&state);
    names_release(&names);
}

Test(flips, of_a_push_with_one_entry)
{
    flip_all(MESSAGE_PUSH, 1);
}

Test(flips, of_a_push_that_is_not_compressed)
{
    flip_all(MESSAGE_PUSH, 12);
}

Test(flips, of_a_push_that_is_compressed)
{
    flip_all(MESSAGE_PUSH, 60);
}

/*
 * The rest of a count whose id became longer may read on: as an unknown field that
 * swallows the key of the digest, with the digest for its value. So it is with each
 * byte of this count for some length of the id.
 */
Test(flips, of_a_push_whose_counts_look_like_fields)
{
    static const uint64_t totals[] = {UINT64_C(15000000000000000), UINT64_C(0x6ba7a18000),
                                      UINT64_C(0x0101a7a18000), UINT64_C(0xa7a1800000a7a180)};

    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        fill_total = totals[i];
        flip_all(MESSAGE_PUSH, 1);
        flip_all(MESSAGE_PUSH, 3);
    }
}

Test(flips, of_a_pull_and_an_ack)
{
    flip_all(MESSAGE_PULL, 3);
    flip_all(MESSAGE_ACK, 3);
}

/* Nobody hears of an address, an incarnation or a leaving that was not told. */
static void flip_claims(enum message_kind kind)
{
    struct frames frames;
    struct message msg = {.kind = kind, .mem_len = DC_CLAIMS_MAX};
    uint64_t bits, heard = 0;
    uint32_t frame;

    fill(DC_CLAIMS_MAX + 1);
    msg.sender = state.ids[0];
    msg.digest = digest_of(&state);
    for (uint32_t i = 0; i < DC_CLAIMS_MAX; i++)
        msg.mem[i] = (struct claim){
            .address = state.ids[i + 1], .incarnation = i * 1000, .left = i % 2 == 1};
    frames_init(&frames, mem_heap(), mem_heap(), &names);
    cr_assert(frames_encode(&frames, &msg, 0, 0, &frame) == 0);
    bits = frames_at(&frames, frame)->plain_len * 8;
    for (uint64_t bit = 0; bit < bits; bit++) {
        const struct message *it = &frames_decode_flipped(&frames, frame, bit)->message;

        if (frames.flipped.err < 0 || it->mem_len == 0)
            continue;
        heard++;
        cr_assert(eq(u32, it->mem_len, DC_CLAIMS_MAX));
        for (uint32_t i = 0; i < DC_CLAIMS_MAX; i++)
            cr_assert(it->mem[i].address == msg.mem[i].address &&
                          it->mem[i].incarnation == msg.mem[i].incarnation &&
                          it->mem[i].left == msg.mem[i].left,
                      "bit %llu of %llu makes other claims", (unsigned long long)bit,
                      (unsigned long long)bits);
    }
    printf("# %s with %u claims: %llu bits, %llu frames could be read\n", message_kind_text(kind),
           (unsigned)DC_CLAIMS_MAX, (unsigned long long)bits, (unsigned long long)heard);
    frames_unref(&frames, frame);
    frames_release(&frames);
    pncounter_release(&state);
    names_release(&names);
}

Test(flips, of_what_is_told_of_peers)
{
    flip_claims(MESSAGE_PULL);
    flip_claims(MESSAGE_ACK);
}
