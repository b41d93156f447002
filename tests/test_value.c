/* Numbers with units: exact, bounded, without floats. */
#include "sim/scenario/value.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "sim/nodeset.h"

static void expect_value(const char *text, enum value_type type, uint64_t amount)
{
    char problem[VALUE_PROBLEM_MAX] = "";
    struct value value = {0};

    cr_expect(value_parse(text, strlen(text), type, &value, problem) == 0, "%s: %s", text, problem);
    cr_expect(value.type == type && value.amount == amount, "%s: type %d, %" PRIu64, text,
              (int)value.type, value.amount);
}

static void expect_problem(const char *text, const char *expected)
{
    char problem[VALUE_PROBLEM_MAX] = "";
    struct value value = {.type = VALUE_WORD, .amount = 77};

    cr_expect(value_parse(text, strlen(text), VALUE_TIME, &value, problem) == -1, "%s", text);
    cr_expect(strstr(problem, expected) != NULL, "%s: %s", text, problem);
    cr_expect(value.type == VALUE_WORD && value.amount == 77, "%s: the result was touched", text);
}

Test(value, numbers_have_powers_of_ten)
{
    expect_value("0", VALUE_NUMBER, 0);
    expect_value("42", VALUE_NUMBER, 42);
    expect_value("4k", VALUE_NUMBER, 4000);
    expect_value("2M", VALUE_NUMBER, 2000000);
    expect_value("1.5k", VALUE_NUMBER, 1500);
    expect_value("0.000001M", VALUE_NUMBER, 1);
    expect_value("5.0", VALUE_NUMBER, 5);
    expect_value("18446744073709551615", VALUE_NUMBER, UINT64_MAX);
    expect_value("18446744073709551.615k", VALUE_NUMBER, UINT64_MAX);
}

Test(value, times_are_whole_nanoseconds)
{
    expect_value("7ns", VALUE_TIME, 7);
    expect_value("1.5us", VALUE_TIME, 1500);
    expect_value("0.000001ms", VALUE_TIME, 1);
    expect_value("1.5s", VALUE_TIME, 1500000000);
    expect_value("2m", VALUE_TIME, UINT64_C(120000000000));
    expect_value("1h", VALUE_TIME, UINT64_C(3600000000000));
    expect_value("0.1s", VALUE_TIME, 100000000);
    expect_value("0.3s", VALUE_TIME, 300000000);
    expect_value("18446744073.709551615s", VALUE_TIME, UINT64_MAX);
    /* 2^-13 h: the longest fraction that is exact. */
    expect_value("0.0001220703125h", VALUE_TIME, 439453125);
    expect_value("1.50000000000000000000000000000000000000000000000000000000s", VALUE_TIME,
                 1500000000);
}

Test(value, sizes_shares_and_rates)
{
    expect_value("5B", VALUE_SIZE, 5);
    expect_value("1.5KiB", VALUE_SIZE, 1536);
    expect_value("2MiB", VALUE_SIZE, 2 << 20);
    expect_value("5%", VALUE_SHARE, 50000000);
    expect_value("0.25%", VALUE_SHARE, 2500000);
    expect_value("0.0000001%", VALUE_SHARE, 1);
    expect_value("200ppm", VALUE_SHARE, 200000);
    expect_value("0.001ppm", VALUE_SHARE, 1);
    expect_value("100%", VALUE_SHARE, 1000000000);
    expect_value("10/s", VALUE_PER_S, 10);
    expect_value("4k/s", VALUE_PER_S, 4000);
    expect_value("1.5kbit", VALUE_BITS, 1500);
    expect_value("10mbit", VALUE_BITS, 10000000);
    expect_value("1gbit", VALUE_BITS, 1000000000);
}

Test(value, what_is_too_fine_or_too_large_is_refused)
{
    expect_problem("0.1ns", "finer than 1 ns");
    expect_problem("0.0000000001s", "finer than 1 ns");
    expect_problem("0.333333333333333333333333333s", "finer than 1 ns");
    expect_problem("0.00000001%", "finer than one part per billion");
    expect_problem("1.5", "not a whole number");
    expect_problem("0.5B", "not a whole number of bytes");
    expect_problem("0.5/s", "not a whole number a second");
    expect_problem("0.5bit", "unknown unit");
    expect_problem("18446744073709551616", "over 2^64-1");
    expect_problem("18446744073709551616ns", "over 2^64-1");
    expect_problem("18446744073.709551616s", "over 2^64-1 ns");
    expect_problem("18446744073709552k", "over 2^64-1");
    expect_problem("999999999999999999999999999999999999999999h", "over 2^64-1");
}

Test(value, what_is_no_number_is_refused)
{
    expect_problem("", "not a number");
    expect_problem("abc", "not a number");
    expect_problem("-5", "not a number");
    expect_problem("007", "leading zeros");
    expect_problem("00", "leading zeros");
    expect_problem("01s", "leading zeros");
    expect_problem("5sec", "a time has one of ns us ms s m h");
    expect_problem("5S", "unknown unit");
    expect_problem("5.s", "unknown unit");
    expect_problem("5..6", "unknown unit");
    expect_problem("1e9", "unknown unit");
    expect_problem("0x10", "unknown unit");
    expect_problem("5 s", "unknown unit");
}

Test(value, a_message_shows_only_the_beginning_of_a_long_text)
{
    char text[5000];

    memset(text, '9', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    expect_problem(text, "9999...' is over 2^64-1");
}

Test(value, times_are_written_in_the_largest_unit_that_is_exact)
{
    char text[VALUE_TIME_TEXT_MAX];

    cr_expect(strcmp(value_time_text(text, 0), "0s") == 0);
    cr_expect(strcmp(value_time_text(text, 1), "1ns") == 0);
    cr_expect(strcmp(value_time_text(text, 1500000000), "1500ms") == 0);
    cr_expect(strcmp(value_time_text(text, UINT64_C(7200000000000)), "2h") == 0);
    cr_expect(strcmp(value_time_text(text, UINT64_MAX), "18446744073709551615ns") == 0);
}

Test(value, numbered_names)
{
    uint64_t number = 0;

    cr_expect(value_numbered('n', "n17", 3, &number) == 1 && number == 17);
    cr_expect(value_numbered('x', "x0", 2, &number) == 1 && number == 0);
    cr_expect(value_numbered('n', "n", 1, &number) == 0);
    cr_expect(value_numbered('n', "x5", 2, &number) == 0);
    cr_expect(value_numbered('n', "n5a", 3, &number) == 0);
    cr_expect(value_numbered('n', "n05", 3, &number) == -1);
    cr_expect(value_numbered('n', "n18446744073709551616", 21, &number) == -1);
}

Test(value, options_of_the_command)
{
    uint64_t value = 0;

    cr_expect(scn_number_of_text("4k", &value) == 0 && value == 4000);
    cr_expect(scn_number_of_text("4s", &value) == -1);
    cr_expect(scn_time_of_text("1.5s", &value) == 0 && value == 1500000000);
    cr_expect(scn_time_of_text("1.5", &value) == -1);
    cr_expect(scn_time_of_text(" 1s", &value) == -1);
    cr_expect(scn_time_of_text("1s ", &value) == -1);
    cr_expect(scn_time_of_text("", &value) == -1);
}

static void expect_nodes(const char *text, const char *expected)
{
    struct nodeset set;
    char found[16] = "";
    size_t len = 0;

    nodeset_init(&set, 9);
    if (scn_nodes_of_text(text, 9, &set) < 0)
        strcpy(found, "error");
    else
        NODESET_EACH(node, &set)
    found[len++] = (char)('1' + node);
    cr_expect(strcmp(found, expected) == 0, "%s: %s", text, found);
    nodeset_release(&set);
}

Test(value, nodes_of_the_command_line)
{
    expect_nodes("n3", "3");
    expect_nodes("n1..n3,n9", "1239");
    expect_nodes("all", "123456789");
    expect_nodes("*,!n2..n8", "19");
    expect_nodes("!n1", "23456789");
    expect_nodes("n10", "error");
    expect_nodes("n0", "error");
    expect_nodes("n3..n2", "error");
    expect_nodes("n3,", "error");
    expect_nodes("", "error");
    expect_nodes("n3..", "error");
    expect_nodes("up", "error");
}
