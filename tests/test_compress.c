/* zstd frames: what is packed is unpacked, and nothing is believed. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "core/buf.h"
#include "core/compress.h"
#include "core/err.h"
#include "tests/lib_core.h"

struct fixture {
    struct test_mem mem;
    struct compress compress;
    struct buf plain;
    struct buf frame;
};

static void fixture_init(struct fixture *fixture, size_t max)
{
    test_mem_init(&fixture->mem);
    compress_init(&fixture->compress, &fixture->mem.mem);
    buf_init(&fixture->plain, &fixture->mem.mem, max);
    buf_init(&fixture->frame, &fixture->mem.mem, 1u << 25);
}

static void expect_fixture_gone(struct fixture *fixture)
{
    buf_release(&fixture->plain);
    buf_release(&fixture->frame);
    compress_release(&fixture->compress);
    compress_release(&fixture->compress);
    cr_assert(eq(sz, fixture->mem.live, 0));
}

static int unpack(struct fixture *fixture)
{
    return compress_unpack(&fixture->compress, fixture->frame.data, fixture->frame.len,
                           &fixture->plain);
}

/* Bytes that shrink come back; a frame that does not fit says 0, not an error. */
Test(compress, what_is_packed_is_unpacked)
{
    struct fixture fixture;
    fixture_init(&fixture, 100000);
    struct test_random random = {1};
    uint8_t bytes[50000];
    size_t len;

    for (size_t size = 1; size <= sizeof(bytes); size = size * 3 + 1) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)draw_below(&random, 3);
        append_times(&fixture.frame, 0, 60000);
        cr_assert(eq(int,
                     compress_pack(&fixture.compress, bytes, size, fixture.frame.data, 60000, &len),
                     0));
        fixture.frame.len = len;
        cr_assert(eq(int, unpack(&fixture), 0));
        cr_assert(eq(sz, fixture.plain.len, size));
        cr_assert(eq(int, memcmp(fixture.plain.data, bytes, size), 0));
        buf_clear(&fixture.frame);
    }
    for (size_t i = 0; i < 1000; i++)
        bytes[i] = (uint8_t)draw(&random);
    cr_assert(
        eq(int, compress_pack(&fixture.compress, bytes, 1000, fixture.frame.data, 999, &len), 0));
    cr_assert(eq(sz, len, 0), "noise does not shrink");

    expect_fixture_gone(&fixture);
}

/* The limit holds to the byte for a frame that says its size; up to it all is read. */
Test(compress, what_comes_out_has_a_limit)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 99999, 100000, 100001, 9000000};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct fixture fixture;
        fixture_init(&fixture, 100000);
        int err = sizes[i] > 100000 ? DC_EMSG_TOO_LARGE : 0;

        uint8_t *bytes = calloc(sizes[i] + 1, 1);
        append_times(&fixture.frame, 0, ZSTD_compressBound(sizes[i]));
        fixture.frame.len =
            ZSTD_compress(fixture.frame.data, fixture.frame.len, bytes, sizes[i], 1);
        cr_assert(eq(int, unpack(&fixture), err), "%zu", sizes[i]);
        cr_assert(eq(sz, fixture.plain.len, err == 0 ? sizes[i] : 0));
        free(bytes);
        expect_fixture_gone(&fixture);
    }
}

/* The same for a stream that never says its size: room is found by trying. */
Test(compress, a_stream_without_a_size_is_read_up_to_the_limit)
{
    static const size_t sizes[] = {0,        1, 4096, 100000, 5u << 20, 10u << 20, (10u << 20) + 1,
                                   64u << 20};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct fixture fixture;
        fixture_init(&fixture, 10u << 20);
        int err = sizes[i] > 10u << 20 ? DC_EMSG_TOO_LARGE : 0;

        append_zstd_of(&fixture.frame, "", 'x', sizes[i], "");
        cr_assert(eq(int, unpack(&fixture), err), "%zu", sizes[i]);
        cr_assert(eq(sz, fixture.plain.len, err == 0 ? sizes[i] : 0));
        for (size_t k = 0; k < fixture.plain.len; k += 997)
            cr_assert(eq(u8, fixture.plain.data[k], 'x'));
        expect_fixture_gone(&fixture);
    }
}

/*
 * What is not exactly one frame of ours to open is refused: other bytes, two
 * frames, a skippable one, something behind, half of one, a dictionary, and
 * a window that nobody needs for 10 MiB.
 */
Test(compress, only_one_whole_frame_is_opened)
{
    static const char *const frames[] = {
        "00",
        "28b52ffd",
        "0102030405060708",
        "28b52ffd 20 01 090000 61 28b52ffd 20 01 090000 61",
        "502a4d18 03000000 090909",
        "502a4d18 03000000 090909 28b52ffd 20 01 090000 61",
        "28b52ffd 20 01 090000 61 00",
        "28b52ffd 20 01 090000",
        "28b52ffd 20 02 090000 61",
        "28b52ffd 20 00 090000 61",
        "28b52ffd 21 07 01 090000 61",
        "28b52ffd 00 a0 090000 61",
    };
    struct fixture fixture;
    fixture_init(&fixture, 10u << 20);

    append_hex(&fixture.frame, "28b52ffd 20 01 090000 61");
    cr_assert(eq(int, unpack(&fixture), 0), "the frame that the others are made from");
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, frames[i]);
        cr_assert(eq(int, unpack(&fixture), DC_EMSG_DECOMPRESS), "%s", frames[i]);
        cr_assert(eq(sz, fixture.plain.len, 0));
    }
    expect_fixture_gone(&fixture);
}

/*
 * A size that is stated is a size, also where zstd gives it another meaning: it
 * says 2^64-1 of a frame that states none, and 2^64-2 of one it cannot read.
 */
Test(compress, no_size_is_too_large_to_be_one)
{
    static const struct {
        const char *frame; /* "a", with 8 bytes for its size; with a window, or in one segment */
        int err;
    } cases[] = {
        {"28b52ffd c0 00 0100000000000000 090000 61", 0},
        {"28b52ffd c0 00 ffffffffffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd c0 00 feffffffffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd c0 00 fdffffffffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd e0 0100000000000000 090000 61", 0},
        {"28b52ffd e0 ffffffffffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd e0 feffffffffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd 80 00 ffffffff 090000 61", DC_EMSG_TOO_LARGE},
        {"28b52ffd 40 00 ffff 090000 61", DC_EMSG_DECOMPRESS}, /* fits, but is not inside */
        {"28b52ffd 00 00 090000 61", 0},                       /* states none */
    };
    struct fixture fixture;
    fixture_init(&fixture, 10u << 20);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&fixture.frame);
        append_hex(&fixture.frame, cases[i].frame);
        cr_assert(eq(int, unpack(&fixture), cases[i].err), "%s", cases[i].frame);
        cr_assert(eq(sz, fixture.plain.len, cases[i].err == 0 ? 1 : 0));
    }
    expect_fixture_gone(&fixture);
}

/*
 * When zstd itself fails, that is an error of its own. Made to by a prefix
 * that claims to be a dictionary and is none.
 */
Test(compress, a_failure_of_zstd_is_an_error)
{
    struct fixture fixture;
    fixture_init(&fixture, 1000);
    uint8_t bytes[500] = {0};
    uint8_t out[1000];
    size_t len = 0;

    cr_assert(eq(int, compress_pack(&fixture.compress, bytes, 500, out, 1000, &len), 0));
    len = 77;
    cr_assert(eq(
        sz,
        ZSTD_CCtx_refPrefix_advanced(fixture.compress.cctx, "no dictionary", 13, ZSTD_dct_fullDict),
        0));
    cr_assert(
        eq(int, compress_pack(&fixture.compress, bytes, 500, out, 1000, &len), DC_EMSG_ENCODE));
    cr_assert(eq(sz, len, 77));
    cr_assert(eq(int, compress_pack(&fixture.compress, bytes, 500, out, 1000, &len), 0),
              "and the next one works");

    expect_fixture_gone(&fixture);
}

/* Nothing is made before it is needed, and then only what is. */
Test(compress, a_context_is_made_on_first_use)
{
    struct fixture fixture;
    fixture_init(&fixture, 1000);
    uint8_t out[1000];
    size_t len;

    cr_assert(eq(sz, fixture.mem.live, 0));
    append_hex(&fixture.frame, "28b52ffd 20 01 090000 61");
    cr_assert(eq(int, unpack(&fixture), 0));
    cr_assert(eq(ptr, fixture.compress.cctx, NULL));
    cr_assert(ge(sz, fixture.mem.live, 1000), "memory of zstd is counted");
    cr_assert(eq(int, compress_pack(&fixture.compress, out, 0, out, 1000, &len), 0));
    cr_assert(ne(ptr, fixture.compress.cctx, NULL));

    expect_fixture_gone(&fixture);
}

/* Both ways, from contexts that are still to be made. */
static int there_and_back(void *ctx)
{
    struct fixture *fixture = ctx;
    struct compress compress;
    uint8_t bytes[500] = {0}, out[1000];
    size_t len;

    compress_init(&compress, &fixture->mem.mem);
    int rc = compress_pack(&compress, bytes, sizeof(bytes), out, sizeof(out), &len);
    if (rc == 0)
        rc = compress_unpack(&compress, out, len, &fixture->plain);
    compress_release(&compress);
    return rc;
}

/* The contexts of zstd take their memory where everybody does. */
Test(compress, out_of_memory_makes_no_contexts)
{
    struct fixture fixture;
    fixture_init(&fixture, 1000);

    expect_survives_no_memory(&fixture.mem,
                              &(struct oom_case){.op = there_and_back, .ctx = &fixture});
    cr_assert(ge(sz, fixture.mem.failed, 4), "both contexts were refused, twice");

    expect_fixture_gone(&fixture);
}

/* What had no memory once has it the next time: nothing half made is left behind. */
Test(compress, a_context_that_could_not_be_made_is_made_later)
{
    struct fixture fixture;
    fixture_init(&fixture, 1000);
    uint8_t bytes[500] = {0}, out[1000];
    size_t len;

    test_mem_fail_after(&fixture.mem, 0);
    cr_assert(eq(int, compress_pack(&fixture.compress, bytes, 500, out, 1000, &len), DC_ENOMEM));
    cr_assert(eq(ptr, fixture.compress.cctx, NULL));
    cr_assert(eq(int, compress_pack(&fixture.compress, bytes, 500, out, 1000, &len), 0));

    expect_fixture_gone(&fixture);
}
