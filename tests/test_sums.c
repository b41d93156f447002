/* Sets of sums: what they hold, how they read, and when they become a range. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "sim/sums.h"

/* @number, and any of @count times each amount. */
static struct sums sums_of(uint32_t spans_max, i128 number, const uint64_t (*amounts)[2],
                           size_t len)
{
    struct sums sums;

    sums_init(&sums, spans_max, number);
    for (size_t i = 0; i < len; i++)
        sums_add(&sums, amounts[i][0], amounts[i][1]);
    return sums;
}

static void expect_text(struct sums *sums, const char *expected)
{
    char text[SUMS_TEXT_MAX];

    sums_text(text, sums);
    cr_expect(strcmp(text, expected) == 0, "expected '%s', found '%s'", expected, text);
    sums_release(sums);
}

#define SUMS(max, number, ...)                                                                     \
    sums_of(max, number, (const uint64_t[][2]){__VA_ARGS__},                                       \
            sizeof((const uint64_t[][2]){__VA_ARGS__}) / sizeof(uint64_t[2]))

Test(sums, read_as_a_person_would_write_them)
{
    struct sums sums;

    sums_init(&sums, 9, 28);
    expect_text(&sums, "28");
    sums = SUMS(9, 11, {100, 1});
    expect_text(&sums, "11 or 111");
    sums = SUMS(9, 1, {100, 1}, {10, 1});
    expect_text(&sums, "1, 11, 101 or 111");
    sums = SUMS(9, 1, {10, 11});
    expect_text(&sums, "1..111 in steps of 10");
    sums = SUMS(9, 1, {1, 50});
    expect_text(&sums, "1..51");
    sums = SUMS(9, 1, {1, 50}, {100, 1});
    expect_text(&sums, "1..51 or 101..151");
    sums = SUMS(9, 0, {2, 3}, {100, 1});
    expect_text(&sums, "0..6 or 100..106 in steps of 2");
    sums = SUMS(9, 0, {5, 1}, {1000, 1}, {100, 1});
    expect_text(&sums, "0, 5, 100, 105, 1000, 1005, 1100 or 1105");
    sums = SUMS(9, 0, {1, 1}, {10, 1}, {100, 1}, {1000, 1});
    expect_text(&sums, "0, 1, 10, 11, 100, 101, 110, 111, ... or 1110, 1111");
    sums = SUMS(9, -3, {3, 1}, {1, 0});
    expect_text(&sums, "-3 or 0");
    sums = SUMS(9, 0, {UINT64_MAX, 1});
    expect_text(&sums, "0 or 18446744073709551615");
}

/* Those above the limit go, in any form. */
Test(sums, end_where_they_are_cut)
{
    struct sums sums = SUMS(9, 11, {100, 1});

    sums_cap(&sums, 111);
    cr_expect(sums_has(&sums, 111));
    sums_cap(&sums, 110);
    expect_text(&sums, "11");
    sums = SUMS(9, 1, {10, 11});
    sums_cap(&sums, 60);
    cr_expect(sums_has(&sums, 51) && !sums_has(&sums, 61));
    expect_text(&sums, "1..51 in steps of 10");
    sums = SUMS(9, 1, {1, 50}, {100, 1});
    sums_cap(&sums, 120);
    expect_text(&sums, "1..51 or 101..120");
    sums_init(&sums, 9, 0);
    sums_range(&sums, 10, 70, 10);
    sums_cap(&sums, 35);
    expect_text(&sums, "some of 10..30 in steps of 10");
    sums_init(&sums, 9, 0);
    sums_range(&sums, 10, 70, 10);
    sums_cap(&sums, 19);
    expect_text(&sums, "10");
}

Test(sums, become_a_range_when_there_are_too_many)
{
    struct sums sums = SUMS(3, 10, {1, 1}, {10, 1}, {100, 1});

    cr_assert(not(sums.exact));
    cr_assert(sums_has(&sums, 10) && sums_has(&sums, 121) && sums_has(&sums, 50));
    cr_assert(not(sums_has(&sums, 9)));
    cr_assert(not(sums_has(&sums, 122)));
    expect_text(&sums, "some of 10..121");
    sums = SUMS(3, 10, {4, 1}, {18, 1}, {200, 1});
    expect_text(&sums, "some of 10..232 in steps of 2");
}

/* Any number of equal amounts is one span, whatever the limit. */
Test(sums, equal_amounts_stay_exact)
{
    struct sums sums = SUMS(1, 0, {7, 1000000}, {7, 1000000});

    cr_assert(sums.exact);
    expect_text(&sums, "0..14000000 in steps of 7");
}

Test(sums, join_and_negate)
{
    struct sums a = SUMS(9, 10, {5, 1}), b = SUMS(9, 1, {100, 1}, {1, 1});

    sums_negate(&b); /* -102, -101, -2, -1 */
    sums_join(&a, &b);
    for (i128 number = -120; number < 40; number++)
        cr_expect(sums_has(&a, number) == (number == -92 || number == -91 || number == -87 ||
                                           number == -86 || number == 8 || number == 9 ||
                                           number == 13 || number == 14));
    sums_shift(&a, 100);
    sums_release(&b);
    expect_text(&a, "8, 9, 13, 14, 108, 109, 113 or 114");
}
