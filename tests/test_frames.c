/* Frames: what is kept of one, and that nobody can tell what is not. */
#include "sim/frames.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/names.h"
#include "sim/choose.h"

#define ENTRIES 300u /* enough to be compressed */
#define KEY 1u       /* of a message that is not one of the sample */

struct fixture {
    struct names names;
    struct frames frames;
    struct pncounter state;
    struct message push;
};

static void fixture_init(struct fixture *fixture)
{
    names_init(&fixture->names, mem_heap());
    frames_init(&fixture->frames, mem_heap(), mem_heap(), &fixture->names);
    pncounter_init(&fixture->state, mem_heap(), &fixture->names);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        char text[16];
        int len = snprintf(text, sizeof(text), "n%u", i);
        dc_name id;

        cr_assert(names_intern(&fixture->names, text, (size_t)len, &id) == 0);
        cr_assert(pncounter_raise(&fixture->state, id, DC_INC, i + 1, NULL) >= 0);
    }
    fixture->push = (struct message){.kind = MESSAGE_PUSH,
                                     .sender = fixture->state.ids[0],
                                     .digest = digest_of(&fixture->state),
                                     .state = &fixture->state};
}

static void fixture_release(struct fixture *fixture)
{
    frames_release(&fixture->frames);
    pncounter_release(&fixture->state);
    names_release(&fixture->names);
}

static uint32_t encode(struct fixture *fixture)
{
    uint32_t frame;

    cr_assert(frames_encode(&fixture->frames, &fixture->push, 0, KEY, &frame) == 0);
    return frame;
}

static const struct frame *decode(struct fixture *fixture, uint32_t frame)
{
    bool first;
    const struct frame *it = frames_decode(&fixture->frames, frame, &first);
    bool same =
        it->err == 0 && pncounter_compare(it->message.state, &fixture->state) == PNCOUNTER_EQUAL;

    cr_assert(same);
    return it;
}

/* A node keeps its last push for long; its bytes go to the next that is encoded. */
Test(frames, a_decoded_push_gives_its_bytes_to_the_next)
{
    struct fixture fixture;
    uint32_t first, second;
    const uint8_t *bytes;
    size_t wire_len;

    fixture_init(&fixture);
    first = encode(&fixture);
    bytes = frames_at(&fixture.frames, first)->bytes.data;
    wire_len = frames_at(&fixture.frames, first)->wire_len;
    cr_assert(wire_len > 0 && frames_at(&fixture.frames, first)->bytes.len == wire_len);
    decode(&fixture, first);
    cr_expect(frames_at(&fixture.frames, first)->bytes.data == NULL);
    cr_expect(frames_at(&fixture.frames, first)->wire_len == wire_len);
    second = encode(&fixture);
    cr_expect(frames_at(&fixture.frames, second)->bytes.data == bytes);
    decode(&fixture, first); /* again, and it is as it was */
    decode(&fixture, second);
    frames_unref(&fixture.frames, first);
    frames_unref(&fixture.frames, second);
    fixture_release(&fixture);
}

/* What a flipped bit does is the same before and after: the bytes are made again as they were. */
Test(frames, a_bit_flips_alike_before_and_after_decoding)
{
    struct fixture fixture;
    uint32_t fresh, decoded;
    uint64_t bits;
    size_t read = 0;

    fixture_init(&fixture);
    fresh = encode(&fixture);
    decoded = encode(&fixture);
    decode(&fixture, decoded);
    bits = frames_at(&fixture.frames, fresh)->plain_len * 8;
    cr_assert(bits == frames_at(&fixture.frames, decoded)->plain_len * 8);
    for (uint64_t i = 0; i < 500; i++) {
        uint64_t bit = mix64(i) % bits;
        const struct frame *it = frames_decode_flipped(&fixture.frames, fresh, bit);
        struct buf before = it->bytes;
        uint8_t *copy = malloc(before.len);
        int err = it->err;
        bool same;

        cr_assert(copy != NULL);
        memcpy(copy, before.data, before.len);
        it = frames_decode_flipped(&fixture.frames, decoded, bit);
        same = it->err == err && it->bytes.len == before.len &&
               memcmp(it->bytes.data, copy, before.len) == 0;
        cr_assert(same, "bit %llu", (unsigned long long)bit);
        read += err == 0;
        free(copy);
    }
    cr_expect(frames_at(&fixture.frames, decoded)->bytes.data == NULL);
    cr_expect(read < 500);
    frames_unref(&fixture.frames, fresh);
    frames_unref(&fixture.frames, decoded);
    fixture_release(&fixture);
}

/* A cluster that agrees keeps what all its pushes carry once, whoever sent them. */
Test(frames, equal_states_are_kept_once)
{
    struct fixture fixture;
    uint32_t frames[3];
    const struct pncounter *states[3];

    fixture_init(&fixture);
    for (size_t i = 0; i < 3; i++) {
        fixture.push.sender = fixture.state.ids[i];
        fixture.frames.sampled = i == 2; /* handed over without the codec, it is the same */
        frames[i] = encode(&fixture);
        cr_assert(frames_at(&fixture.frames, frames[i])->direct == (i == 2));
        states[i] = decode(&fixture, frames[i])->message.state;
    }
    cr_expect(states[0]->inc == states[1]->inc && states[1]->inc == states[2]->inc);
    frames_unref(&fixture.frames, frames[0]);
    decode(&fixture, frames[1]); /* what others have stays */
    frames_unref(&fixture.frames, frames[1]);
    decode(&fixture, frames[2]);
    frames_unref(&fixture.frames, frames[2]);
    cr_expect(fixture.frames.carried.free != NULL);
    fixture_release(&fixture);
}

/* An older one stays as it came when a newer one comes from the same node. */
Test(frames, different_states_are_not_mixed_up)
{
    struct fixture fixture;
    uint32_t older, newer;
    bool same;

    fixture_init(&fixture);
    older = encode(&fixture);
    decode(&fixture, older);
    cr_assert(pncounter_add(&fixture.state, fixture.state.ids[7], DC_DEC, 1, NULL) == 0);
    fixture.push.digest = digest_of(&fixture.state);
    newer = encode(&fixture);
    decode(&fixture, newer);
    same = pncounter_compare(frames_at(&fixture.frames, older)->message.state, &fixture.state) ==
           PNCOUNTER_BEHIND;
    cr_expect(same);
    frames_unref(&fixture.frames, older);
    frames_unref(&fixture.frames, newer);
    fixture_release(&fixture);
}

/* That two states have one digest is for the checks to find: they are two all the same. */
Test(frames, one_digest_does_not_make_two_states_one)
{
    struct fixture fixture;
    struct carried *first, *second;

    fixture_init(&fixture);
    first = carried_new(&fixture.frames.carried);
    second = carried_new(&fixture.frames.carried);
    cr_assert(pncounter_add(&first->counter, 0, DC_INC, 1, NULL) == 0);
    cr_assert(pncounter_add(&second->counter, 0, DC_INC, 2, NULL) == 0);
    cr_expect(carried_settle(&fixture.frames.carried, first, 5) == first);
    cr_expect(carried_settle(&fixture.frames.carried, second, 5) == second);
    cr_expect(carried_find(&fixture.frames.carried, &first->counter, 5) == first);
    cr_expect(carried_find(&fixture.frames.carried, &first->counter, 6) == NULL);
    for (int i = 0; i < 2; i++)
        carried_unref(&fixture.frames.carried, first);
    carried_unref(&fixture.frames.carried, second);
    cr_expect(carried_find(&fixture.frames.carried, &second->counter, 5) == NULL);
    fixture_release(&fixture);
}
