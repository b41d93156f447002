/* Numbers by hand are those of printf. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/choose.h"
#include "sim/put.h"

static void expect_equal(uint64_t value)
{
    char found[64] = {0}, expected[64];

    *put_number(found, value) = '\0';
    snprintf(expected, sizeof(expected), "%" PRIu64, value);
    cr_assert(eq(str, found, expected));
    *put_hex(found, value) = '\0';
    snprintf(expected, sizeof(expected), "%016" PRIx64, value);
    cr_assert(eq(str, found, expected));
}

/* Around each power of ten and of two, and thousands of others of every length. */
Test(put, numbers_are_those_of_printf)
{
    uint64_t ten = 1;

    for (int i = 0; i < 20; i++, ten *= 10) {
        expect_equal(ten - 1);
        expect_equal(ten);
        expect_equal(ten + 1);
    }
    for (int i = 0; i < 64; i++) {
        expect_equal(UINT64_C(1) << i);
        expect_equal((UINT64_C(1) << i) - 1);
    }
    expect_equal(UINT64_MAX);
    for (uint64_t i = 0; i < 5000; i++)
        expect_equal(mix64(i) >> (i % 64));
}

Test(put, fields_are_json)
{
    char text[128] = {0};

    put_word(put_key(put_field(put(text, "{\"n\":1"), "t", 20), "key", 255), "ev", "send");
    cr_assert(
        eq(str, text, (char *)"{\"n\":1,\"t\":20,\"key\":\"00000000000000ff\",\"ev\":\"send\""));
}
