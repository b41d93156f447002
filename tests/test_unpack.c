/* The bounded reader of msgpack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/types.h"
#include "core/unpack.h"
#include "tests/lib_core.h"

/* A reader over a copy of just these bytes, so that ASan sees one too far. */
static struct unpack unpack_of(const char *hex)
{
    struct buf bytes;
    buf_init(&bytes, mem_heap(), 100000);
    append_hex(&bytes, hex);
    uint8_t *copy = malloc(bytes.len + (bytes.len == 0));
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    struct unpack unpack = {.at = copy, .end = copy + bytes.len};
    buf_release(&bytes);
    return unpack;
}

/* Integers of every width and both signs; the one error for "it is negative". */
Test(unpack, takes_integers_of_any_width)
{
    static const struct {
        const char *hex;
        int rc;
        uint64_t number;
    } cases[] = {
        {"00", 0, 0},
        {"7f", 0, 127},
        {"ccff", 0, 255},
        {"cdffff", 0, 65535},
        {"ceffffffff", 0, UINT32_MAX},
        {"cfffffffffffffffff", 0, UINT64_MAX},
        {"cf0102030405060708", 0, UINT64_C(0x0102030405060708)},
        {"d07f", 0, 127},
        {"d17fff", 0, 32767},
        {"d27fffffff", 0, INT32_MAX},
        {"d37fffffffffffffff", 0, INT64_MAX},
        {"d080", DC_ERANGE, 0},
        {"d1ffff", DC_ERANGE, 0},
        {"d280000000", DC_ERANGE, 0},
        {"d3ffffffffffffffff", DC_ERANGE, 0},
        {"e0", DC_ERANGE, 0},
        {"ff", DC_ERANGE, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct unpack unpack = unpack_of(cases[i].hex);
        const uint8_t *start = unpack.at;
        uint64_t number = 0;
        cr_assert(eq(int, unpack_uint(&unpack, &number), cases[i].rc), "%s", cases[i].hex);
        if (cases[i].rc == 0)
            cr_assert(eq(u64, number, cases[i].number), "%s", cases[i].hex);
        cr_assert(eq(ptr, (void *)unpack.at, (void *)unpack.end), "%s is taken", cases[i].hex);
        free((void *)(uintptr_t)start);
    }
}

/* Strings and binaries of every width, also in a longer form than needed. */
Test(unpack, takes_strings_of_any_width)
{
    static const char *const forms[] = {"a2",   "d902",   "da0002",    "db00000002",
                                        "c402", "c50002", "c600000002"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char hex[32];
        snprintf(hex, sizeof(hex), "%s6162", forms[i]);
        struct unpack unpack = unpack_of(hex);
        const uint8_t *start = unpack.at;
        const uint8_t *bytes;
        uint32_t len;
        cr_assert(eq(int, unpack_bytes(&unpack, &bytes, &len), 0), "%s", hex);
        cr_assert(eq(u32, len, 2));
        cr_assert(eq(int, memcmp(bytes, "ab", 2), 0));
        cr_assert(eq(ptr, (void *)unpack.at, (void *)unpack.end));
        free((void *)(uintptr_t)start);
    }
}

static int take_bytes(struct unpack *unpack)
{
    const uint8_t *bytes;
    uint32_t len;

    return unpack_bytes(unpack, &bytes, &len);
}

static int take_uint(struct unpack *unpack)
{
    uint64_t number;

    return unpack_uint(unpack, &number);
}

static int take_map(struct unpack *unpack)
{
    uint32_t len;

    return unpack_map(unpack, &len);
}

/* Whatever is asked for, bytes that hold something else, or end, are refused. */
Test(unpack, refuses_what_was_not_asked_for)
{
    static const struct {
        int (*take)(struct unpack *);
        const char *hex;
    } cases[] = {
        {take_bytes, ""},
        {take_bytes, "a1"},
        {take_bytes, "a361"},
        {take_bytes, "d9"},
        {take_bytes, "d902 61"},
        {take_bytes, "dbffffffff 61"},
        {take_bytes, "05"},
        {take_bytes, "c0"},
        {take_bytes, "80"},
        {take_bytes, "c7 0100"},
        {take_uint, ""},
        {take_uint, "cf00000000000000"},
        {take_uint, "cc"},
        {take_uint, "d1 00"},
        {take_uint, "ca00000000"},
        {take_uint, "cb0000000000000000"},
        {take_uint, "a161"},
        {take_uint, "c0"},
        {take_uint, "c3"},
        {take_uint, "90"},
        {take_map, ""},
        {take_map, "c0"},
        {take_map, "90"},
        {take_map, "81"},
        {take_map, "81 c0"},
        {take_map, "de00"},
        {take_map, "de 0002 c0c0c0"},
        {take_map, "df ffffffff c0c0"},
        {unpack_skip, ""},
        {unpack_skip, "c1"},
        {unpack_skip, "81 c0"},
        {unpack_skip, "91"},
        {unpack_skip, "92 c0"},
        {unpack_skip, "a2 61"},
        {unpack_skip, "c4"},
        {unpack_skip, "c402 61"},
        {unpack_skip, "c701 05"},
        {unpack_skip, "d4 05"},
        {unpack_skip, "d8 05"},
        {unpack_skip, "ca 000000"},
        {unpack_skip, "cb 00"},
        {unpack_skip, "cf 00"},
        {unpack_skip, "dd ffffffff c0"},
        {unpack_skip, "df ffffffff c0c0"},
        {unpack_skip, "c6 ffffffff 00"},
        {unpack_skip, "c9 ffffffff 00"},
        {unpack_skip, "91 c1"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct unpack unpack = unpack_of(cases[i].hex);
        const uint8_t *start = unpack.at;
        cr_assert(eq(int, cases[i].take(&unpack), DC_EMSG_UNMARSHAL), "case %zu: %s", i,
                  cases[i].hex);
        free((void *)(uintptr_t)start);
    }
}

/* Skipping takes one value of any kind, all of it and nothing behind it. */
Test(unpack, skips_one_value_of_any_kind)
{
    static const char *const values[] = {
        "05",
        "ff",
        "c0",
        "c2",
        "c3",
        "a0",
        "a26162",
        "c401 61",
        "c50001 61",
        "c600000001 61",
        "d901 61",
        "da0001 61",
        "db00000001 61",
        "c700 05",
        "c701 05 61",
        "c80001 05 61",
        "c900000001 05 61",
        "d4 05 61",
        "d5 05 6161",
        "d6 05 61616161",
        "d7 05 6161616161616161",
        "d8 05 61616161616161616161616161616161",
        "ca 00000000",
        "cb 0000000000000000",
        "cc00",
        "cd0000",
        "ce00000000",
        "cf0000000000000000",
        "d000",
        "d10000",
        "d200000000",
        "d30000000000000000",
        "90",
        "93 01 02 03",
        "dc0002 01 02",
        "dd00000002 01 02",
        "80",
        "82 01 02 03 04",
        "de0001 01 02",
        "df00000001 01 02",
        "92 81 a161 92 c0 90 83 01 80 02 91 05 03 a0",
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char hex[128];
        snprintf(hex, sizeof(hex), "%s 2a", values[i]);
        struct unpack unpack = unpack_of(hex);
        const uint8_t *start = unpack.at;
        cr_assert(eq(int, unpack_skip(&unpack), 0), "%s", values[i]);
        cr_assert(eq(ptr, (void *)(unpack.at + 1), (void *)unpack.end), "%s", values[i]);
        cr_assert(eq(u8, *unpack.at, 0x2a));
        free((void *)(uintptr_t)start);
    }
}

/* Depth is what is open at once; what was closed does not count. */
Test(unpack, depth_is_what_is_open_at_once)
{
    struct buf bytes;
    buf_init(&bytes, mem_heap(), 100000);

    append_hex(&bytes, "dc 2710"); /* 10,000 arrays side by side, each two deep */
    for (int i = 0; i < 10000; i++)
        append_hex(&bytes, "91 90");
    struct unpack unpack = {.at = bytes.data, .end = bytes.data + bytes.len};
    cr_assert(eq(int, unpack_skip(&unpack), 0));
    cr_assert(eq(ptr, (void *)unpack.at, (void *)unpack.end));

    buf_release(&bytes);
}

/* nil is taken only where there is one. */
Test(unpack, takes_nil_only_where_there_is_one)
{
    struct unpack unpack = unpack_of("c0 05");
    const uint8_t *start = unpack.at;

    cr_assert(unpack_nil(&unpack));
    cr_assert(not(unpack_nil(&unpack)));
    cr_assert(eq(int, unpack_skip(&unpack), 0));
    cr_assert(not(unpack_nil(&unpack)));
    free((void *)(uintptr_t)start);
}
