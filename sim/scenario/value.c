/* Numbers with units. */
#include "sim/scenario/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/nodeset.h"
#include "sim/wide.h"

/* Of a text in a message; the rest is cut. */
#define SHOWN_MAX 40
/*
 * Digits after the point. 2^-13 h is a whole number of ns and has 13; no other
 * exact value of any unit has more.
 */
#define FRACTION_DIGITS_MAX 18u

static const struct unit {
    const char *text;
    enum value_type type;
    uint64_t times;
} units[] = {
    {"", VALUE_NUMBER, 1},
    {"k", VALUE_NUMBER, 1000},
    {"M", VALUE_NUMBER, 1000000},
    {"ns", VALUE_TIME, 1},
    {"us", VALUE_TIME, 1000},
    {"ms", VALUE_TIME, 1000000},
    {"s", VALUE_TIME, 1000000000},
    {"m", VALUE_TIME, UINT64_C(60000000000)},
    {"h", VALUE_TIME, UINT64_C(3600000000000)},
    {"B", VALUE_SIZE, 1},
    {"KiB", VALUE_SIZE, 1024},
    {"MiB", VALUE_SIZE, 1024 * 1024},
    {"ppm", VALUE_SHARE, 1000},
    {"%", VALUE_SHARE, 10000000},
    {"/s", VALUE_PER_S, 1},
    {"k/s", VALUE_PER_S, 1000},
    {"M/s", VALUE_PER_S, 1000000},
    {"kbit", VALUE_BITS, 1000},
    {"mbit", VALUE_BITS, 1000000},
    {"gbit", VALUE_BITS, 1000000000},
};

const char *value_type_text(enum value_type type)
{
    static const char *const texts[] = {
        [VALUE_NUMBER] = "a number",
        [VALUE_TIME] = "a time",
        [VALUE_SIZE] = "a size",
        [VALUE_SHARE] = "a share",
        [VALUE_PER_S] = "a count per second",
        [VALUE_BITS] = "a bit rate",
        [VALUE_WORD] = "a word",
        [VALUE_STRING] = "a text in quotes",
    };

    return texts[type];
}

bool value_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool value_is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool value_is_name_char(char c)
{
    return value_is_name_start(c) || value_is_digit(c);
}

bool value_is_name(const char *text, size_t len)
{
    if (len == 0 || !value_is_name_start(text[0]))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!value_is_name_char(text[i]))
            return false;
    return true;
}

/* ---- numbers ---- */

/* A number cut in its parts. */
struct parts {
    const char *whole, *fraction, *unit;
    size_t whole_len, fraction_len, unit_len;
};

static size_t digits_at(const char *text, size_t len)
{
    size_t digits = 0;

    while (digits < len && value_is_digit(text[digits]))
        digits++;
    return digits;
}

static struct parts parts_of(const char *text, size_t len)
{
    struct parts parts = {.whole = text, .whole_len = digits_at(text, len)};
    size_t at = parts.whole_len;

    parts.fraction = text + at;
    if (at + 1 < len && text[at] == '.' && value_is_digit(text[at + 1])) {
        parts.fraction = text + at + 1;
        parts.fraction_len = digits_at(parts.fraction, len - at - 1);
        at += 1 + parts.fraction_len;
    }
    parts.unit = text + at;
    parts.unit_len = len - at;
    /* Zeros at the end say nothing, however many. */
    while (parts.fraction_len > 0 && parts.fraction[parts.fraction_len - 1] == '0')
        parts.fraction_len--;
    return parts;
}

static const struct unit *unit_find(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strlen(units[i].text) == len && memcmp(units[i].text, text, len) == 0)
            return &units[i];
    return NULL;
}

/* Returns -1 when over 2^64-1. */
static int digits_value(const char *digits, size_t len, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(digits[i] - '0');

        if (value > (UINT64_MAX - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    *ret = value;
    return 0;
}

static int problem(char reterr[static VALUE_PROBLEM_MAX], const char *text, size_t len,
                   const char *what)
{
    bool cut = len > SHOWN_MAX;

    snprintf(reterr, VALUE_PROBLEM_MAX, "'%.*s%s' %s", cut ? SHOWN_MAX : (int)len, text,
             cut ? "..." : "", what);
    return -1;
}

static const char *finer_text(enum value_type type)
{
    switch (type) {
    case VALUE_TIME:
        return "is finer than 1 ns";
    case VALUE_SHARE:
        return "is finer than one part per billion";
    case VALUE_SIZE:
        return "is not a whole number of bytes";
    case VALUE_PER_S:
        return "is not a whole number a second";
    case VALUE_BITS:
        return "is not a whole number of bits a second";
    case VALUE_NUMBER:
    case VALUE_WORD:
    case VALUE_STRING:
        break;
    }
    return "is not a whole number";
}

static const char *unit_text(enum value_type wanted)
{
    switch (wanted) {
    case VALUE_NUMBER:
        return "has an unknown unit; a number can have k or M";
    case VALUE_TIME:
        return "has an unknown unit; a time has one of ns us ms s m h";
    case VALUE_SIZE:
        return "has an unknown unit; a size has one of B KiB MiB";
    case VALUE_SHARE:
        return "has an unknown unit; a share has % or ppm";
    case VALUE_PER_S:
        return "has an unknown unit; a rate is a number a second: 10/s";
    case VALUE_BITS:
        return "has an unknown unit; a bit rate has one of kbit mbit gbit";
    case VALUE_WORD:
    case VALUE_STRING:
        break;
    }
    return "has an unknown unit; units are k M, ns us ms s m h, B KiB MiB, % ppm, /s, "
           "kbit mbit gbit";
}

int value_parse(const char *text, size_t len, enum value_type wanted, struct value *ret,
                char reterr_problem[static VALUE_PROBLEM_MAX])
{
    struct parts parts = parts_of(text, len);
    const struct unit *unit = unit_find(parts.unit, parts.unit_len);
    uint64_t whole = 0, fraction = 0;
    u128 amount, scaled, scale = 1;

    if (parts.whole_len == 0)
        return problem(reterr_problem, text, len, "is not a number");
    if (parts.whole_len > 1 && parts.whole[0] == '0')
        return problem(reterr_problem, text, len, "has leading zeros");
    if (!unit)
        return problem(reterr_problem, text, len, unit_text(wanted));
    if (digits_value(parts.whole, parts.whole_len, &whole) < 0)
        return problem(reterr_problem, text, len, "is over 2^64-1");
    if (parts.fraction_len > FRACTION_DIGITS_MAX)
        return problem(reterr_problem, text, len, finer_text(unit->type));
    (void)digits_value(parts.fraction, parts.fraction_len, &fraction); /* fits: 18 digits */
    for (size_t i = 0; i < parts.fraction_len; i++)
        scale *= 10;
    scaled = (u128)fraction * unit->times;
    if (scaled % scale != 0)
        return problem(reterr_problem, text, len, finer_text(unit->type));
    amount = (u128)whole * unit->times + scaled / scale;
    if (amount > UINT64_MAX)
        return problem(reterr_problem, text, len,
                       unit->type == VALUE_TIME ? "is over 2^64-1 ns" : "is over 2^64-1");
    *ret = (struct value){.type = unit->type, .amount = (uint64_t)amount};
    return 0;
}

char *value_time_text(char buf[static VALUE_TIME_TEXT_MAX], uint64_t ns)
{
    static const char *const names[] = {"h", "m", "s", "ms", "us", "ns"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct unit *unit = unit_find(names[i], strlen(names[i]));

        if (ns % unit->times == 0 && (ns > 0 || unit->times == 1000000000)) {
            snprintf(buf, VALUE_TIME_TEXT_MAX, "%" PRIu64 "%s", ns / unit->times, unit->text);
            break;
        }
    }
    return buf;
}

/* @amount / @parts with as many decimals as it takes, then @unit; @parts is a power of ten. */
static void decimal_text(char buf[static VALUE_TEXT_MAX], uint64_t amount, uint64_t parts,
                         const char *unit)
{
    uint64_t fraction = amount % parts;
    int digits = 0;

    for (uint64_t at = parts; at > 1; at /= 10)
        digits++;
    for (; fraction > 0 && fraction % 10 == 0; fraction /= 10)
        digits--;
    if (fraction == 0)
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 "%s", amount / parts, unit);
    else
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 ".%0*" PRIu64 "%s", amount / parts, digits,
                 fraction, unit);
}

char *value_text(char buf[static VALUE_TEXT_MAX], struct value value)
{
    switch (value.type) {
    case VALUE_TIME:
        return value_time_text(buf, value.amount);
    case VALUE_SIZE:
        decimal_text(buf, value.amount, 1, "B");
        break;
    case VALUE_SHARE:
        decimal_text(buf, value.amount, 10000000, "%");
        break;
    case VALUE_PER_S:
        decimal_text(buf, value.amount, 1, "/s");
        break;
    case VALUE_BITS:
        decimal_text(buf, value.amount, 1000, "kbit");
        break;
    case VALUE_NUMBER:
    case VALUE_WORD:
    case VALUE_STRING:
        decimal_text(buf, value.amount, 1, "");
        break;
    }
    return buf;
}

int value_numbered(char letter, const char *text, size_t len, uint64_t *ret)
{
    if (len < 2 || text[0] != letter || digits_at(text + 1, len - 1) != len - 1)
        return 0;
    if (len > 2 && text[1] == '0')
        return -1;
    return digits_value(text + 1, len - 1, ret) < 0 ? -1 : 1;
}

/* ---- for options of the command ---- */

static int of_text(const char *text, enum value_type type, uint64_t *ret)
{
    char ignored[VALUE_PROBLEM_MAX];
    struct value value;

    if (value_parse(text, strlen(text), type, &value, ignored) < 0 || value.type != type)
        return -1;
    *ret = value.amount;
    return 0;
}

int scn_number_of_text(const char *text, uint64_t *ret)
{
    return of_text(text, VALUE_NUMBER, ret);
}

int scn_time_of_text(const char *text, uint64_t *ret_ns)
{
    return of_text(text, VALUE_TIME, ret_ns);
}

static int node_of(const char *text, size_t len, uint32_t nodes, uint32_t *ret)
{
    uint64_t number;

    if (value_numbered('n', text, len, &number) != 1 || number == 0 || number > nodes)
        return -1;
    *ret = (uint32_t)number;
    return 0;
}

/* One of "n3", "n1..n5", "all", "*". */
static int nodes_of_term(const char *text, size_t len, uint32_t nodes, uint32_t *ret_first,
                         uint32_t *ret_last)
{
    size_t dots = 0;

    if ((len == 1 && text[0] == '*') || (len == 3 && memcmp(text, "all", 3) == 0)) {
        *ret_first = 1;
        *ret_last = nodes;
        return 0;
    }
    while (dots + 1 < len && (text[dots] != '.' || text[dots + 1] != '.'))
        dots++;
    if (dots + 1 >= len) {
        int rc = node_of(text, len, nodes, ret_first);

        *ret_last = *ret_first;
        return rc;
    }
    if (node_of(text, dots, nodes, ret_first) < 0 ||
        node_of(text + dots + 2, len - dots - 2, nodes, ret_last) < 0)
        return -1;
    return *ret_first <= *ret_last ? 0 : -1;
}

int scn_nodes_of_text(const char *text, uint32_t nodes, struct nodeset *ret)
{
    nodeset_clear(ret);
    if (text[0] == '!')
        nodeset_fill(ret);
    for (;;) {
        bool minus = text[0] == '!';
        const char *term = text + minus;
        size_t len = strcspn(term, ",");
        uint32_t first = 0, last = 0;

        if (nodes_of_term(term, len, nodes, &first, &last) < 0)
            return -1;
        for (uint32_t node = first; node <= last; node++) {
            if (minus)
                nodeset_remove(ret, node - 1);
            else
                nodeset_add(ret, node - 1);
        }
        if (term[len] == '\0')
            return 0;
        text = term + len + 1;
    }
}
