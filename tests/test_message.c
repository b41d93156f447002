/*
 * Messages and frames: what is written is read, what is wrong is refused with
 * its own error, and nothing that comes from outside does harm. How we stand
 * to the other implementation is the affair of test_vectors.c.
 */
#include <signal.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/message.h"
#include "tests/lib_core.h"

/* A codec, and room for what goes in and out of it. */
struct fixture {
    struct test_world world;
    struct codec *codec;
    struct buf frame;
    struct message msg;
    struct pncounter state;
};

static void fixture_init(struct fixture *fixture)
{
    world_init(&fixture->world);
    fixture->codec = codec_new(&fixture->world.mem.mem, &fixture->world.names);
    buf_init(&fixture->frame, &fixture->world.mem.mem, 1u << 25);
    pncounter_init(&fixture->state, &fixture->world.mem.mem, &fixture->world.names);
    fixture->msg = (struct message){.version = 77};
}

static void expect_fixture_gone(struct fixture *fixture)
{
    pncounter_release(&fixture->state);
    buf_release(&fixture->frame);
    codec_free(fixture->codec);
    codec_free(NULL);
    expect_world_empty(&fixture->world);
}

static struct message push_of(struct test_world *world, const struct pncounter *state)
{
    return (struct message){
        .kind = MESSAGE_PUSH,
        .sender = name(world, "n"),
        .digest = digest_of(state),
        .state = state,
        .version = 5,
    };
}

static int encode(struct fixture *fixture, const struct message *msg)
{
    return message_encode(fixture->codec, msg, &fixture->frame, NULL);
}

/* Reads from a copy of exactly that length, so that ASan sees a byte too far. */
static int decode(struct fixture *fixture, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len + (len == 0));

    if (len > 0)
        memcpy(copy, bytes, len);
    int rc = message_decode(fixture->codec, copy, len, &fixture->msg, &fixture->state);
    free(copy);
    return rc;
}

/* Reads a frame written as hex, flag byte included. */
static int decode_hex(struct fixture *fixture, const char *hex)
{
    buf_clear(&fixture->frame);
    append_hex(&fixture->frame, hex);
    return decode(fixture, fixture->frame.data, fixture->frame.len);
}

static void expect_refused(struct fixture *fixture, int rc, int err)
{
    cr_assert(eq(int, rc, err), "%s, not %s", err_name(rc), err_name(err));
    cr_assert(eq(u64, fixture->msg.version, 77), "untouched on error");
    cr_assert(eq(u32, fixture->state.len, 0), "empty on error");
}

/* A drawn state of at least @ids_min entries. */
static struct pncounter counter_over(struct test_world *world, struct test_random *random,
                                     uint32_t ids_min)
{
    struct pncounter counter = counter_drawn(world, random, 3 * ids_min);

    while (counter.len < ids_min) {
        pncounter_release(&counter);
        counter = counter_drawn(world, random, 3 * ids_min);
    }
    return counter;
}

/* ---- What is written ---- */

/* The bytes of each kind, one by one: docs/WIRE.md shows the first. */
Test(message, has_one_form)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct pncounter state = counter_of(&fixture.world, "b:+0-2 a:+5-1");
    struct message push = push_of(&fixture.world, &state);
    struct message pull = {.kind = MESSAGE_PULL, .sender = push.sender, .digest = 77};
    struct message ack = {.kind = MESSAGE_ACK, .sender = push.sender, .state = &state};
    struct {
        const struct message *msg;
        const char *hex;
    } cases[] = {
        {&pull, "00 85 a174cc02 a26964a16e a3696e63c0 a3646563c0 a3646967cf000000000000004d"},
        {&ack, "00 84 a174cc03 a26964a16e a3696e63c0 a3646563c0"},
        {&push, "00 84 a174cc01 a26964a16e a3696e6381 a161cf0000000000000005"
                "a364656382 a161cf0000000000000001 a162cf0000000000000002"},
    };
    push.digest = 0;

    for (size_t i = 0; i < 3; i++) {
        struct buf expected;
        buf_init(&expected, mem_heap(), 1000);
        append_hex(&expected, cases[i].hex);
        cr_assert(eq(int, encode(&fixture, cases[i].msg), 0));
        cr_assert(eq(sz, fixture.frame.len, expected.len));
        cr_assert(eq(int, memcmp(fixture.frame.data, expected.data, expected.len), 0));
        buf_release(&expected);
    }
    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

/*
 * decode(encode(m)) == m, and the length by arithmetic is the length that was
 * written: for states of every size around the limits of map headers and of
 * compression, drawn, and read into a counter that holds other things.
 */
Test(message, what_is_written_is_read)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {1};

    for (int i = 0; i < 3000; i++) {
        struct pncounter state = counter_drawn(&fixture.world, &random, 1 + (uint32_t)i % 120);
        struct message push = push_of(&fixture.world, &state);
        size_t plain_len = 0;
        int rc = message_encode(fixture.codec, &push, &fixture.frame, &plain_len);
        cr_assert(eq(int, rc, state.len == 0 ? DC_EMSG_MAPS : 0));
        if (rc == 0) {
            cr_assert(eq(sz, plain_len, message_plain_len(&fixture.world.names, &push)));
            cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
            cr_assert(eq(int, fixture.msg.kind, MESSAGE_PUSH));
            cr_assert(eq(u32, fixture.msg.sender, push.sender));
            cr_assert(eq(u64, fixture.msg.digest, push.digest));
            cr_assert(eq(u64, fixture.msg.version, 0));
            cr_assert(eq(ptr, (void *)fixture.msg.state, (void *)&fixture.state));
            cr_assert(eq(int, pncounter_compare(&fixture.state, &state), PNCOUNTER_EQUAL));
            expect_canonical(&fixture.state);
        }
        pncounter_release(&state);
    }
    expect_fixture_gone(&fixture);
}

/* The same at the widths of map and string headers, one side and both. */
Test(message, every_width_of_header_is_read)
{
    static const uint32_t lengths[] = {1, 15, 16, 17, 65535, 65536, 70000};
    static const size_t id_lengths[] = {0, 1, 31, 32, 255, 256, 65535};
    struct fixture fixture;
    fixture_init(&fixture);
    static char bytes[65535];
    memset(bytes, 'x', sizeof(bytes));

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct pncounter state = counter_of(&fixture.world, "");
        for (uint32_t k = 0; k < lengths[i]; k++) {
            char id[16];
            snprintf(id, sizeof(id), "%06u", k);
            cr_assert(eq(
                int,
                pncounter_add(&state, name(&fixture.world, id), (enum dc_side)(k % 2), k + 1, NULL),
                0));
        }
        dc_name id;
        size_t id_len = id_lengths[i];
        cr_assert(eq(int, names_intern(&fixture.world.names, bytes, id_len, &id), 0));
        cr_assert(eq(int, pncounter_add(&state, id, DC_INC, 1, NULL), 0));
        struct message push = push_of(&fixture.world, &state);
        push.sender = id_len == 0 ? push.sender : id;
        size_t plain_len;
        cr_assert(eq(int, message_encode(fixture.codec, &push, &fixture.frame, &plain_len), 0));
        cr_assert(eq(sz, plain_len, message_plain_len(&fixture.world.names, &push)));
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
        cr_assert(eq(int, pncounter_compare(&fixture.state, &state), PNCOUNTER_EQUAL));
        cr_assert(eq(u32, fixture.msg.sender, push.sender));
        pncounter_release(&state);
    }
    expect_fixture_gone(&fixture);
}

/*
 * Over 1024 bytes of payload a frame is compressed, if that makes it smaller;
 * at 1024 it is not. The length of a pull is set by its sender's id, which is
 * one letter over and over, or noise.
 */
Test(message, is_compressed_over_1024_bytes_if_that_helps)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {1};
    static const struct {
        size_t id_len;
        bool noise;
        uint8_t flag;
    } cases[] = {{990, false, 0x00}, {991, false, 0x80}, {1500, true, 0x00}, {1500, false, 0x80}};

    for (size_t i = 0; i < 4; i++) {
        uint8_t bytes[1500];
        for (size_t k = 0; k < cases[i].id_len; k++)
            bytes[k] = cases[i].noise ? (uint8_t)draw(&random) : 't';
        struct message pull = {.kind = MESSAGE_PULL, .digest = 42};
        size_t plain_len;
        cr_assert(
            eq(int, names_intern(&fixture.world.names, bytes, cases[i].id_len, &pull.sender), 0));
        cr_assert(eq(int, message_encode(fixture.codec, &pull, &fixture.frame, &plain_len), 0));
        cr_assert(eq(sz, plain_len, 34 + cases[i].id_len));
        cr_assert(eq(u8, fixture.frame.data[0], cases[i].flag), "case %zu", i);
        cr_assert(le(sz, fixture.frame.len, 1 + plain_len));
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
        cr_assert(eq(u32, fixture.msg.sender, pull.sender));
    }
    expect_fixture_gone(&fixture);
}

/* A codec keeps nothing of a message that could show in the next. */
Test(message, the_same_message_has_the_same_bytes_whatever_came_before)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {9};
    struct pncounter state = counter_drawn(&fixture.world, &random, 300);
    struct message push = push_of(&fixture.world, &state);
    struct buf first;
    buf_init(&first, mem_heap(), DC_MESSAGE_BYTES_MAX);
    cr_assert(eq(int, message_encode(fixture.codec, &push, &first, NULL), 0));

    for (int i = 0; i < 50; i++) {
        struct pncounter other = counter_drawn(&fixture.world, &random, 500);
        struct message another = push_of(&fixture.world, &other);
        (void)encode(&fixture, &another);
        (void)decode(&fixture, fixture.frame.data, fixture.frame.len);
        (void)decode_hex(&fixture, "80 28b52ffd 04");
        pncounter_release(&other);
        cr_assert(eq(int, encode(&fixture, &push), 0));
        cr_assert(eq(sz, fixture.frame.len, first.len));
        cr_assert(eq(int, memcmp(fixture.frame.data, first.data, first.len), 0));
    }
    buf_release(&first);
    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

/* Kinds have texts, and so has what is none. */
Test(message, kinds_have_texts)
{
    expect_text(message_kind_text(MESSAGE_PUSH), "push");
    expect_text(message_kind_text(MESSAGE_PULL), "pull");
    expect_text(message_kind_text(MESSAGE_ACK), "ack");
    expect_text(message_kind_text((enum message_kind)4), "?");
}

/* ---- What is not written ---- */

/*
 * Messages that no receiver would take are not sent: each with its error, and
 * an empty frame.
 */
Test(message, what_would_be_refused_is_not_written)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct pncounter empty = counter_of(&fixture.world, "");
    dc_name n = name(&fixture.world, "n");
    const struct {
        struct message msg;
        int err;
    } cases[] = {
        {{.kind = (enum message_kind)0, .sender = n}, DC_EMSG_TYPE},
        {{.kind = (enum message_kind)4, .sender = n}, DC_EMSG_TYPE},
        {{.kind = (enum message_kind)257, .sender = n}, DC_EMSG_TYPE},
        {{.kind = MESSAGE_PULL, .sender = DC_NAME_NONE}, DC_EMSG_NODE_ID},
        {{.kind = MESSAGE_PULL, .sender = name(&fixture.world, "")}, DC_EMSG_NODE_ID},
        {{.kind = MESSAGE_PUSH, .sender = n}, DC_EMSG_MAPS},
        {{.kind = MESSAGE_PUSH, .sender = n, .state = &empty}, DC_EMSG_MAPS},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        append_times(&fixture.frame, 7, 7);
        size_t plain_len = 77;
        int rc = message_encode(fixture.codec, &cases[i].msg, &fixture.frame, &plain_len);
        cr_assert(eq(int, rc, cases[i].err), "case %zu", i);
        cr_assert(eq(sz, fixture.frame.len, 0));
        cr_assert(eq(sz, plain_len, 77));
    }
    pncounter_release(&empty);
    expect_fixture_gone(&fixture);
}

/* A push whose payload, all ids of 8 bytes, takes 18 bytes an entry. */
static struct pncounter counter_of_size(struct test_world *world, uint32_t len)
{
    struct pncounter counter;

    pncounter_init(&counter, &world->mem.mem, &world->names);
    cr_assert(eq(int, pncounter_reserve(&counter, len), 0));
    for (uint32_t i = 0; i < len; i++) {
        uint8_t id[8] = {
            'i',       'd', '-', '-', (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
            (uint8_t)i};
        dc_name handle;
        if (names_intern(&world->names, id, 8, &handle) != 0)
            cr_fatal("there is room for the name");
        pncounter_append(&counter, handle, i * UINT64_C(0x9e3779b97f4a7c15) + 1, 0);
    }
    return counter;
}

/*
 * A state that passes 10 MiB must not kill the node that tries to send it: it
 * is an error, and the codec goes on. The largest that fits is still sent and
 * read. An entry takes 18 bytes, the rest of the payload 40.
 */
Test(message_lessons, a_state_over_10_mib_is_an_error)
{
    struct fixture fixture;
    fixture_init(&fixture);
    uint32_t fits = (DC_MESSAGE_BYTES_MAX - 40) / 18;
    struct pncounter state = counter_of_size(&fixture.world, fits + 1);
    struct message push = push_of(&fixture.world, &state);

    cr_assert(ge(sz, message_plain_len(&fixture.world.names, &push), DC_MESSAGE_BYTES_MAX + 1));
    cr_assert(eq(int, encode(&fixture, &push), DC_EMSG_TOO_LARGE));
    cr_assert(eq(sz, fixture.frame.len, 0));
    pncounter_release(&state);
    state = counter_of_size(&fixture.world, fits);
    push.digest = digest_of(&state);
    cr_assert(le(sz, message_plain_len(&fixture.world.names, &push), DC_MESSAGE_BYTES_MAX));
    cr_assert(eq(int, encode(&fixture, &push), 0));
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, fixture.state.len, fits));

    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

/* A host whose buffers are smaller than a frame gets an error as well. */
Test(message, a_frame_that_does_not_fit_its_buffer_is_an_error)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {3};
    struct pncounter state = counter_drawn(&fixture.world, &random, 500);
    struct message push = push_of(&fixture.world, &state);
    struct message pull = {.kind = MESSAGE_PULL, .sender = push.sender};

    buf_release(&fixture.frame);
    buf_init(&fixture.frame, &fixture.world.mem.mem, 20);
    cr_assert(eq(int, encode(&fixture, &push), DC_EMSG_TOO_LARGE));
    cr_assert(eq(int, encode(&fixture, &pull), DC_EMSG_TOO_LARGE));
    cr_assert(eq(sz, fixture.frame.len, 0));

    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

/* ---- What is read ---- */

/*
 * Each way of being wrong has its error. Seven of the nine are here; that zstd
 * fails is in test_compress.c, that a state is too large to send above.
 */
Test(message, each_fault_of_a_frame_has_its_error)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const struct {
        const char *hex;
        int err;
    } cases[] = {
        {"", DC_EMSG_EMPTY},
        {"00", DC_EMSG_EMPTY},
        {"80", DC_EMSG_EMPTY},
        {"7f", DC_EMSG_EMPTY},
        {"80 0102030405", DC_EMSG_DECOMPRESS},
        {"01 84 a174cc03 a26964a16e a3696e63c0 a3646563c0", DC_EMSG_UNMARSHAL},
        {"00 84 a174cc03 a26964a16e a3696e63c0 a3646563", DC_EMSG_UNMARSHAL},
        {"00 84 a174cc03 a26964a16e a3696e63c0 a3646563c0 00", DC_EMSG_UNMARSHAL},
        {"00 83 a26964a16e a3696e63c0 a3646563c0", DC_EMSG_TYPE},
        {"00 84 a174cc04 a26964a16e a3696e63c0 a3646563c0", DC_EMSG_TYPE},
        {"00 84 a174cc03 a26964a0 a3696e63c0 a3646563c0", DC_EMSG_NODE_ID},
        {"00 84 a174cc01 a26964a16e a3696e63c0 a3646563c0", DC_EMSG_MAPS},
        {"00 85 a174cc01 a26964a16e a3696e6381a16105 a3646563c0 a364696701", DC_EMSG_VALIDATION},
        {"00 85 a174cc01 a26964a16e a3696e6381a16105 a3646563c0 a364696700", DC_EMSG_VALIDATION},
        {"00 85 a174cc01 a26964a16e a3696e6381a16105 a3646563c0 a3646967cf0000000000000000",
         DC_EMSG_VALIDATION}, /* a digest of 0 that is stated is one; left out or nil it is none */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_refused(&fixture, decode_hex(&fixture, cases[i].hex), cases[i].err);
    buf_clear(&fixture.frame);
    append_times(&fixture.frame, 0, DC_MESSAGE_BYTES_MAX + 1);
    expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len),
                   DC_EMSG_TOO_LARGE);

    /* And after all that, good ones. */
    cr_assert(eq(int, decode_hex(&fixture, "00 82 a17403 a26964a16e"), 0));
    cr_assert(
        eq(int, decode_hex(&fixture, "00 84 a17401 a26964a16e a3696e6381a16105 a3646967c0"), 0));
    cr_assert(eq(int, decode_hex(&fixture, "00 83 a17403 a26964a16e a364696700"), 0));
    expect_fixture_gone(&fixture);
}

/*
 * Maps come in any order, with repetitions, in several fields: the later total
 * of an id counts, a second map adds, a nil voids. Zeros are dropped only when
 * all is said.
 */
Test(message, repeated_ids_and_fields_come_out_as_documented)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const struct {
        const char *fields; /* behind t and id */
        unsigned count;
        const char *entries;
    } cases[] = {
        {"a3696e6383 a16305 a16103 a16204", 1, "a:+3-0 b:+4-0 c:+5-0"},
        {"a3696e6383 a16105 a16204 a16103", 1, "a:+3-0 b:+4-0"},
        {"a3696e6383 a16105 a16100 a16204", 1, "b:+4-0"},
        {"a3696e6383 a16100 a16105 a16204", 1, "a:+5-0 b:+4-0"},
        {"a3696e6383 a16205 a16100 a16304", 1, "b:+5-0 c:+4-0"},
        {"a3696e6382 a16105 a16204 a3696e6382 a16203 a16306", 2, "a:+5-0 b:+3-0 c:+6-0"},
        {"a3696e6382 a16205 a16304 a3696e6381 a16107", 2, "a:+7-0 b:+5-0 c:+4-0"},
        {"a3696e6381 a16107 a3696e6382 a16205 a16304", 2, "a:+7-0 b:+5-0 c:+4-0"},
        {"a3696e6382 a16105 a16204 a3696e63c0 a3696e6381 a16301", 3, "c:+1-0"},
        {"a3696e6382 a16205 a16104 a3696e63c0 a364656381 a16301", 3, "c:+0-1"},
        {"a3696e6382 a16205 a16104 a3696e6380", 2, "a:+4-0 b:+5-0"},
        {"a3696e6382 a16105 a16304 a364656382 a16201 a16302", 2, "a:+5-0 b:+0-1 c:+4-2"},
        {"a364656381 a16302 a3696e6382 a16105 a16304", 2, "a:+5-0 c:+4-2"},
        {"a3696e6381 a16100 a364656381 a16100", 2, ""},
        {"a3696e6381 a16100 a364656381 a16202", 2, "b:+0-2"},
        {"a3696e6382 a006 a16101", 1, ":+6-0 a:+1-0"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char hex[256];
        snprintf(hex, sizeof(hex), "00 %02x a17401 a26964a16e %s", 0x82 + cases[i].count,
                 cases[i].fields);
        int rc = decode_hex(&fixture, hex);
        cr_assert(eq(int, rc, 0), "case %zu: %s", i, err_name(rc));
        expect_entries(&fixture.state, cases[i].entries);
        expect_canonical(&fixture.state);
    }
    expect_fixture_gone(&fixture);
}

/* A push in which a nil voids all there was is a push without entries. */
Test(message, a_push_voided_by_nil_has_no_maps)
{
    struct fixture fixture;
    fixture_init(&fixture);

    expect_refused(&fixture,
                   decode_hex(&fixture, "00 84 a17401 a26964a16e a3696e6381a16105 a3696e63c0"),
                   DC_EMSG_MAPS);
    expect_fixture_gone(&fixture);
}

/*
 * What any other sender may do with the order of ids: nothing of it changes
 * the result, and ids met in one order are read in all others. Each round
 * shuffles the entries of a drawn state, in both maps, and writes them by hand.
 */
static void append_map(struct buf *out, struct test_random *random, const struct pncounter *state,
                       const uint64_t *totals)
{
    uint32_t order[64];

    for (uint32_t i = 0; i < state->len; i++)
        order[i] = i;
    for (uint32_t i = state->len; i > 1; i--) {
        uint64_t k = draw_below(random, i);
        uint32_t swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
    uint8_t head[3] = {0xde, 0, (uint8_t)state->len};
    cr_assert(eq(int, buf_append(out, head, 3), 0));
    for (uint32_t i = 0; i < state->len; i++) {
        uint32_t id_len;
        const uint8_t *id = names_bytes(state->names, state->ids[order[i]], &id_len);
        uint8_t id_head[2] = {0xd9, (uint8_t)id_len};
        uint8_t total[9] = {0xcf};
        for (int k = 0; k < 8; k++)
            total[1 + k] = (uint8_t)(totals[order[i]] >> (56 - 8 * k));
        cr_assert(eq(int, buf_append(out, id_head, 2), 0));
        cr_assert(eq(int, buf_append(out, id, id_len), 0));
        cr_assert(eq(int, buf_append(out, total, 9), 0));
    }
}

Test(message, entries_are_read_in_any_order)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {4};

    for (int i = 0; i < 3000; i++) {
        struct pncounter state = counter_drawn(&fixture.world, &random, 60);
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, "00 84 a17401 a26964a16e a3646563");
        append_map(&fixture.frame, &random, &state, state.dec);
        append_hex(&fixture.frame, "a3696e63");
        append_map(&fixture.frame, &random, &state, state.inc);
        int rc = decode(&fixture, fixture.frame.data, fixture.frame.len);
        cr_assert(eq(int, rc, state.len == 0 ? DC_EMSG_MAPS : 0));
        cr_assert(eq(int, pncounter_compare(&fixture.state, &state), PNCOUNTER_EQUAL));
        expect_canonical(&fixture.state);
        pncounter_release(&state);
    }
    expect_fixture_gone(&fixture);
}

/*
 * Sorting is never quadratic: 200,000 ids in falling order, which would take
 * minutes, are read within the time that a test has.
 */
Test(message, many_entries_in_falling_order_are_read)
{
    enum {
        LEN = 200000
    };
    struct fixture fixture;
    fixture_init(&fixture);

    append_hex(&fixture.frame, "00 83 a17401 a26964a16e a3696e63 df00030d40");
    for (uint32_t i = LEN; i-- > 0;) {
        uint8_t entry[5] = {0xa3, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 0x01};
        cr_assert(eq(int, buf_append(&fixture.frame, entry, 5), 0));
    }
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, fixture.state.len, LEN));
    for (uint32_t i = 1; i < LEN; i++)
        cr_assert(
            lt(int,
               names_compare(&fixture.world.names, fixture.state.ids[i - 1], fixture.state.ids[i]),
               0));

    expect_fixture_gone(&fixture);
}

/*
 * Whoever can send frames must not fill the table of names: one that turns out
 * wrong at its last byte, or is no push, leaves no id behind.
 */
Test(message, a_refused_frame_leaves_no_names)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const struct {
        const char *hex;
        int err;
    } cases[] = {
        {"00 83 a17401 a26964a178 a3696e6382 a16105 a16206 ff", DC_EMSG_UNMARSHAL},
        {"00 83 a17401 a26964a178 a3696e6382 a16105 a162ff", DC_EMSG_UNMARSHAL},
        {"00 83 a17404 a26964a178 a3696e6382 a16105 a16206", DC_EMSG_TYPE},
        {"00 83 a17401 a26964a0 a3696e6382 a16105 a16206", DC_EMSG_NODE_ID},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_refused(&fixture, decode_hex(&fixture, cases[i].hex), cases[i].err);
        cr_assert(eq(u32, fixture.world.names.len, 0), "case %zu", i);
    }
    cr_assert(eq(int, decode_hex(&fixture, "00 83 a17402 a26964a178 a3696e6381 a16105"), 0));
    cr_assert(eq(u32, fixture.world.names.len, 0), "nor does the sender of a pull, nor its maps");
    cr_assert(eq(u32, fixture.msg.sender, DC_NAME_NONE));
    cr_assert(eq(int, decode_hex(&fixture, "00 83 a17401 a26964a178 a3696e6381 a16105"), 0));
    cr_assert(eq(u32, fixture.world.names.len, 1), "only who is counted");
    cr_assert(eq(u32, fixture.msg.sender, DC_NAME_NONE));
    cr_assert(eq(int, decode_hex(&fixture, "00 82 a17402 a26964a161"), 0));
    cr_assert(eq(u32, fixture.msg.sender, name(&fixture.world, "a")), "a sender that is known");
    expect_fixture_gone(&fixture);
}

/* Interns new names until there is no room for one of @share. */
static void fill(struct test_world *world, enum names_share share)
{
    char text[200];

    for (unsigned i = 0; names_has_room(&world->names, share); i++) {
        snprintf(text, sizeof(text), "%u %0*d", i, 180, 0);
        (void)name(world, text);
    }
}

/*
 * A full table: pushes of what is known are read as ever, whoever sends them. A new id is
 * refused with all that comes along, and leaves nothing behind; so do pulls, which need none.
 */
Test(message, a_full_table_of_names_refuses_new_ids_alone)
{
    struct fixture fixture;
    fixture_init(&fixture);
    names_set_limit(&fixture.world.names, DC_NAMES_BYTES_MIN);

    cr_assert(eq(int, decode_hex(&fixture, "00 83 a17401 a26964a178 a3696e6382 a16105 a16206"), 0));
    fill(&fixture.world, NAMES_OF_STATES);
    uint32_t len = fixture.world.names.len;
    for (int round = 0; round < 2; round++) {
        fixture.msg.version = 77;
        expect_refused(&fixture,
                       decode_hex(&fixture, "00 83 a17401 a26964a161 a3696e6382 a16106 a16306"),
                       DC_ELIMIT);
        cr_assert(eq(u32, fixture.world.names.len, len));
        cr_assert(
            eq(int, decode_hex(&fixture, "00 83 a17401 a26964a179 a3696e6382 a16107 a16206"), 0));
        expect_entries(&fixture.state, "a:+7-0 b:+6-0");
        cr_assert(eq(int, decode_hex(&fixture, "00 82 a17402 a26964a17a"), 0));
        cr_assert(eq(u32, fixture.world.names.len, len));
    }
    expect_fixture_gone(&fixture);
}

/* An id over 65535 bytes is more than a name can be: as sender, or as a key. */
Test(message, an_id_has_a_limit)
{
    struct fixture fixture;
    fixture_init(&fixture);

    append_hex(&fixture.frame, "00 82 a17402 a26964 db00010000");
    append_times(&fixture.frame, 'x', 65536);
    expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len), DC_ELIMIT);
    buf_clear(&fixture.frame);
    append_hex(&fixture.frame, "00 83 a17401 a26964a16e a3696e6382 a16101 db00010000");
    append_times(&fixture.frame, 'x', 65536);
    append_hex(&fixture.frame, "05");
    expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len), DC_ELIMIT);
    cr_assert(eq(u32, fixture.world.names.len, 0));
    buf_clear(&fixture.frame);
    append_hex(&fixture.frame, "00 82 a17402 a26964 da ffff");
    append_times(&fixture.frame, 'x', 65535);
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));

    expect_fixture_gone(&fixture);
}

/* More entries than a counter holds are refused before memory is made for them. */
Test(message, entries_have_a_limit)
{
    struct fixture fixture;
    fixture_init(&fixture);

    append_hex(&fixture.frame, "00 83 a17401 a26964a16e a3696e63 df00100001");
    for (uint32_t i = 0; i <= DC_ENTRIES_MAX; i++) {
        uint8_t entry[2] = {0xa0, 0x01}; /* the empty id, over and over */
        cr_assert(eq(int, buf_append(&fixture.frame, entry, 2), 0));
    }
    expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len), DC_ELIMIT);

    expect_fixture_gone(&fixture);
}

/* ---- Damage ---- */

/*
 * A flipped bit never puts a wrong count into anybody's state: whichever bit
 * of a push is flipped, in either form, it is refused, or what it says of the
 * state is still right, or it is no push any more.
 */
Test(message, a_flipped_bit_never_changes_a_state)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {11};

    for (int round = 0; round < 4; round++) {
        struct pncounter state = counter_over(&fixture.world, &random, round < 2 ? 4 : 70);
        struct message push = push_of(&fixture.world, &state);
        struct buf frame;
        buf_init(&frame, mem_heap(), DC_MESSAGE_BYTES_MAX);
        cr_assert(eq(int, message_encode(fixture.codec, &push, &frame, NULL), 0));
        cr_assert(eq(u8, frame.data[0], round < 2 ? 0x00 : 0x80));
        for (size_t bit = 0; bit < 8 * frame.len; bit++) {
            frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            int rc = decode(&fixture, frame.data, frame.len);
            if (rc == 0 && fixture.msg.kind == MESSAGE_PUSH)
                cr_assert(eq(int, pncounter_compare(&fixture.state, &state), PNCOUNTER_EQUAL),
                          "round %d, bit %zu", round, bit);
            frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        buf_release(&frame);
        pncounter_release(&state);
    }
    expect_fixture_gone(&fixture);
}

/*
 * Whatever the bytes, the reader returns: noise of every length, noise behind
 * a good beginning, good frames with bytes changed, cut or repeated. What
 * it reads outside of the frame, ASan sees; what it leaks, the allocator.
 */
static void expect_survives(struct fixture *fixture, const uint8_t *bytes, size_t len)
{
    int rc = decode(fixture, bytes, len);

    cr_assert(le(int, rc, 0));
    if (rc == 0)
        expect_canonical(&fixture->state);
    else
        cr_assert(eq(u32, fixture->state.len, 0));
}

Test(message, noise_does_no_harm)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {12};
    uint8_t noise[300];

    for (int i = 0; i < 100000; i++) {
        size_t len = draw_below(&random, sizeof(noise));
        for (size_t k = 0; k < len; k++)
            noise[k] = (uint8_t)draw(&random);
        if (i % 4 != 0 && len > 0)
            noise[0] = i % 8 < 4 ? 0x00 : 0x80;
        if (i % 8 < 4 && len > 1)
            noise[1] = (uint8_t)(0x80 | noise[1] % 16); /* a map */
        if (i % 8 >= 6 && len > 5)
            memcpy(noise + 1, "\x28\xb5\x2f\xfd", 4); /* zstd */
        expect_survives(&fixture, noise, len);
    }
    expect_fixture_gone(&fixture);
}

static void mutate(struct test_random *random, struct buf *frame)
{
    uint64_t changes = 1 + draw_below(random, 4);

    for (uint64_t i = 0; i < changes && frame->len > 0; i++) {
        size_t at = draw_below(random, frame->len);
        size_t len = draw_below(random, frame->len - at) % 16;
        switch (draw_below(random, 5)) {
        case 0: /* another byte */
            frame->data[at] = (uint8_t)draw(random);
            break;
        case 1: /* another bit */
            frame->data[at] ^= (uint8_t)(1u << draw_below(random, 8));
            break;
        case 2: /* cut off */
            frame->len = at;
            break;
        case 3: /* cut out */
            memmove(frame->data + at, frame->data + at + len, frame->len - at - len);
            frame->len -= len;
            break;
        default: /* repeated */
            cr_assert(eq(int, buf_reserve(frame, len), 0));
            memmove(frame->data + at + len, frame->data + at, frame->len - at);
            frame->len += len;
            break;
        }
    }
}

Test(message, damaged_frames_do_no_harm)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {13};
    struct buf frame;
    buf_init(&frame, mem_heap(), DC_MESSAGE_BYTES_MAX);

    for (int i = 0; i < 300; i++) {
        struct pncounter state = counter_drawn(&fixture.world, &random, i % 3 == 0 ? 150 : 12);
        struct message push = push_of(&fixture.world, &state);
        push.digest = i % 2 == 0 ? 0 : push.digest; /* without, damage gets further */
        if (encode(&fixture, &push) == 0) {
            for (int k = 0; k < 100; k++) {
                buf_clear(&frame);
                cr_assert(eq(int, buf_append(&frame, fixture.frame.data, fixture.frame.len), 0));
                mutate(&random, &frame);
                expect_survives(&fixture, frame.data, frame.len);
            }
        }
        pncounter_release(&state);
    }
    buf_release(&frame);
    expect_fixture_gone(&fixture);
}

/* Every beginning of a good frame is refused: nothing is read from half of it. */
Test(message, half_a_frame_is_refused)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {14};

    for (int round = 0; round < 2; round++) {
        struct pncounter state = counter_over(&fixture.world, &random, round == 0 ? 4 : 70);
        struct message push = push_of(&fixture.world, &state);
        cr_assert(eq(int, encode(&fixture, &push), 0));
        cr_assert(eq(u8, fixture.frame.data[0], round == 0 ? 0x00 : 0x80));
        for (size_t len = 0; len < fixture.frame.len; len++) {
            int rc = decode(&fixture, fixture.frame.data, len);
            int err = round == 0 ? DC_EMSG_UNMARSHAL : DC_EMSG_DECOMPRESS;
            expect_refused(&fixture, rc, len <= 1 ? DC_EMSG_EMPTY : err);
        }
        pncounter_release(&state);
    }
    expect_fixture_gone(&fixture);
}

/* ---- Lessons of others ---- */

/* Lesson 22: a payload of one byte, the empty map, is refused and no more. */
Test(message_lessons, an_empty_map_is_refused)
{
    struct fixture fixture;
    fixture_init(&fixture);

    expect_refused(&fixture, decode_hex(&fixture, "00 80"), DC_EMSG_TYPE);
    expect_fixture_gone(&fixture);
}

/* Lesson 23: a message may name its receiver as sender; that is the node's affair. */
Test(message_lessons, a_message_may_name_anyone_as_sender)
{
    struct fixture fixture;
    fixture_init(&fixture);
    dc_name us = name(&fixture.world, "n");

    cr_assert(eq(int, decode_hex(&fixture, "00 82 a17402 a26964a16e"), 0));
    cr_assert(eq(u32, fixture.msg.sender, us));
    expect_fixture_gone(&fixture);
}

/*
 * Lesson 30: levels of nesting are counted. 32 pass, 33 do not, in arrays and
 * in maps; a million compressed into a few bytes neither passes nor takes
 * stack; and a small frame that would expand to 512 MiB is stopped at 10 MiB.
 */
Test(message_lessons, nesting_and_expansion_are_bounded)
{
    struct fixture fixture;
    fixture_init(&fixture);

    for (size_t depth = DC_NESTING_MAX; depth <= DC_NESTING_MAX + 1; depth++) {
        int err = depth > DC_NESTING_MAX ? DC_EMSG_UNMARSHAL : 0;
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, "00 83 a17402 a26964a16e a27a7a");
        append_times(&fixture.frame, 0x91, depth);
        append_hex(&fixture.frame, "c0");
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), err));
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, "00 83 a17402 a26964a16e a27a7a");
        for (size_t i = 0; i < depth; i++)
            append_hex(&fixture.frame, "81 c0");
        append_hex(&fixture.frame, "c0");
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), err));
    }
    fixture.msg.version = 77;
    static const size_t depths[] = {1000000, 5000000, 9000000};
    for (size_t i = 0; i < 3; i++) {
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, "80");
        append_zstd_of(&fixture.frame, "83 a17402 a26964a16e a27a7a", 0x91, depths[i], "c0");
        cr_assert(lt(sz, fixture.frame.len, 2000));
        expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len),
                       DC_EMSG_UNMARSHAL);
    }
    buf_clear(&fixture.frame);
    append_hex(&fixture.frame, "80");
    append_zstd_of(&fixture.frame, "", 0, 512u << 20, "");
    expect_refused(&fixture, decode(&fixture, fixture.frame.data, fixture.frame.len),
                   DC_EMSG_TOO_LARGE);
    cr_assert(lt(sz, fixture.world.mem.live, 16u << 20), "and takes no more memory than that");

    expect_fixture_gone(&fixture);
}

/* ---- Memory ---- */

/*
 * Every request for memory on the way of a message, inside zstd too, may be
 * the one that fails: there and back again, with a codec that is new each
 * time, so that nothing is there already. The states: small and plain, large
 * and compressed, and one in falling order, which has to be sorted.
 */
struct trip {
    struct test_mem mem;
    struct buf frame; /* the frame to read; written once */
    const struct pncounter *state;
    struct test_world *world;
};

static int write_frame(void *ctx)
{
    struct trip *trip = ctx;
    struct codec *codec = codec_new(&trip->mem.mem, &trip->world->names);
    struct buf frame;
    buf_init(&frame, &trip->mem.mem, DC_MESSAGE_BYTES_MAX);
    struct message push = push_of(trip->world, trip->state);

    int rc = codec == NULL ? DC_ENOMEM : message_encode(codec, &push, &frame, NULL);
    if (rc == 0) {
        cr_assert(eq(sz, frame.len, trip->frame.len));
        cr_assert(eq(int, memcmp(frame.data, trip->frame.data, frame.len), 0));
    } else {
        cr_assert(eq(sz, frame.len, 0));
    }
    buf_release(&frame);
    codec_free(codec);
    cr_assert(eq(sz, trip->mem.live, 0));
    return rc;
}

static int read_frame(void *ctx)
{
    struct trip *trip = ctx;
    struct names names;
    names_init(&names, &trip->mem.mem);
    struct codec *codec = codec_new(&trip->mem.mem, &names);
    struct pncounter state;
    pncounter_init(&state, &trip->mem.mem, &names);
    struct message msg = {.version = 77};

    int rc = codec == NULL ? DC_ENOMEM
                           : message_decode(codec, trip->frame.data, trip->frame.len, &msg, &state);
    cr_assert(eq(u64, msg.version, rc < 0 ? 77 : 0));
    cr_assert(eq(u32, state.len, rc < 0 ? 0 : trip->state->len));
    pncounter_release(&state);
    codec_free(codec);
    names_release(&names);
    cr_assert(eq(sz, trip->mem.live, 0));
    return rc;
}

static void sweep_trip(struct test_world *world, const struct pncounter *state)
{
    struct trip trip = {.state = state, .world = world};
    test_mem_init(&trip.mem);
    buf_init(&trip.frame, mem_heap(), DC_MESSAGE_BYTES_MAX);
    struct codec *codec = codec_new(mem_heap(), &world->names);
    struct message push = push_of(world, state);
    cr_assert(eq(int, message_encode(codec, &push, &trip.frame, NULL), 0));
    codec_free(codec);

    expect_survives_no_memory(&trip.mem, &(struct oom_case){.op = write_frame, .ctx = &trip});
    expect_survives_no_memory(
        &trip.mem, &(struct oom_case){.op = read_frame, .ctx = &trip, .may_do_without = true});
    cr_assert(ge(sz, trip.mem.failed, 11), "there was something to fail");

    buf_release(&trip.frame);
}

Test(message, out_of_memory_is_an_error_there_and_back)
{
    struct test_world world;
    world_init(&world);
    struct test_random random = {21};
    struct pncounter small = counter_of(&world, "a:+1-2 b:+0-3 c:+4-0");
    struct pncounter large = counter_over(&world, &random, 100);

    sweep_trip(&world, &small);
    sweep_trip(&world, &large);

    pncounter_release(&small);
    pncounter_release(&large);
    expect_world_empty(&world);
}

Test(message, out_of_memory_while_sorting_is_an_error)
{
    struct test_world world;
    world_init(&world);
    struct pncounter state = counter_of(&world, "a:+1-0 b:+2-0 c:+3-0");
    struct trip trip = {.state = &state, .world = &world};
    char payload[128];
    test_mem_init(&trip.mem);
    buf_init(&trip.frame, mem_heap(), 1000);
    append_hex(&trip.frame, "00 83 a17401 a26964a16e a3696e6383 a16303 a16202 a16101");

    expect_survives_no_memory(
        &trip.mem, &(struct oom_case){.op = read_frame, .ctx = &trip, .may_do_without = true});

    /* The same as a stream without its size, for which room is tried out. */
    buf_clear(&trip.frame);
    append_hex(&trip.frame, "80");
    snprintf(payload, sizeof(payload),
             "85 a17401 a26964a16e a3696e6383 a16303 a16202 a16101 a3646967 cf%016" PRIx64
             " a17a c50fa0",
             digest_of(&state));
    append_zstd_of(&trip.frame, payload, 0, 4000, "");
    expect_survives_no_memory(
        &trip.mem, &(struct oom_case){.op = read_frame, .ctx = &trip, .may_do_without = true});

    buf_release(&trip.frame);
    pncounter_release(&state);
    expect_world_empty(&world);
}

/* Once a codec has seen its largest message it asks for no more memory. */
Test(message, a_warm_codec_needs_no_memory)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct test_random random = {22};
    struct pncounter state = counter_drawn(&fixture.world, &random, 400);
    struct message push = push_of(&fixture.world, &state);
    cr_assert(eq(int, encode(&fixture, &push), 0));
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));

    test_mem_fail_from(&fixture.world.mem, 0);
    for (int i = 0; i < 10; i++) {
        cr_assert(eq(int, encode(&fixture, &push), 0));
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    }
    cr_assert(eq(sz, fixture.world.mem.failed, 0));

    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

#ifndef DC_CONTRACTS_DISABLED
/* A state with names of its own would be read into handles of another table. */
Test(message, reading_across_tables_breaks_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;
    struct fixture other;
    fixture_init(&fixture);
    fixture_init(&other);
    const uint8_t frame[] = {0, 0x80};

    (void)message_decode(fixture.codec, frame, 2, &fixture.msg, &other.state);
}
#endif
