/* Decimals are kept exact, in billionths, so that no digit of a user's number is lost. */
#include "sim/scenario/foreign_value.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/value.h"
#include "sim/wide.h"

#define BILLION UINT64_C(1000000000)
/* Larger ones stand in no scenario. */
#define WHOLE_MAX UINT64_C(1000000000000000)

#define KBPS "in tc kbps, mbps and gbps are bytes a second; for bits say kbit, mbit or gbit"

static const struct unit {
    const char *text, *ours;
    uint64_t times;
    const char *note;
} units[] = {
    /* clang-format off */
    {"nsec", "ns", 1, NULL}, {"nsecs", "ns", 1, NULL}, {"nanos", "ns", 1, NULL},
    {"nanoseconds", "ns", 1, NULL},
    {"usec", "us", 1, NULL}, {"usecs", "us", 1, NULL}, {"micros", "us", 1, NULL},
    {"microseconds", "us", 1, NULL},
    {"msec", "ms", 1, NULL}, {"msecs", "ms", 1, NULL}, {"millis", "ms", 1, NULL},
    {"millisecond", "ms", 1, NULL}, {"milliseconds", "ms", 1, NULL}, {"MS", "ms", 1, NULL},
    {"sec", "s", 1, NULL}, {"secs", "s", 1, NULL}, {"second", "s", 1, NULL},
    {"seconds", "s", 1, NULL}, {"S", "s", 1, NULL},
    {"min", "m", 1, NULL}, {"mins", "m", 1, NULL}, {"minute", "m", 1, NULL},
    {"minutes", "m", 1, NULL},
    {"hr", "h", 1, NULL}, {"hrs", "h", 1, NULL}, {"hour", "h", 1, NULL}, {"hours", "h", 1, NULL},
    {"d", "h", 24, NULL}, {"day", "h", 24, NULL}, {"days", "h", 24, NULL},
    {"percent", "%", 1, NULL}, {"pct", "%", 1, NULL},
    {"b", "B", 1, NULL}, {"byte", "B", 1, NULL}, {"bytes", "B", 1, NULL},
    {"KB", "KiB", 1, NULL}, {"kB", "KiB", 1, NULL}, {"kb", "KiB", 1, NULL},
    {"MB", "MiB", 1, NULL}, {"mb", "MiB", 1, NULL},
    {"GB", "MiB", 1024, NULL}, {"GiB", "MiB", 1024, NULL},
    {"kbps", "kbit", 8, KBPS}, {"mbps", "mbit", 8, KBPS}, {"gbps", "gbit", 8, KBPS},
    {"KB/s", "kbit", 8, NULL}, {"kB/s", "kbit", 8, NULL}, {"MB/s", "mbit", 8, NULL},
    {"GB/s", "gbit", 8, NULL},
    {"Kbps", "kbit", 1, NULL}, {"Mbps", "mbit", 1, NULL}, {"Gbps", "gbit", 1, NULL},
    {"Kbit", "kbit", 1, NULL}, {"Mbit", "mbit", 1, NULL}, {"Gbit", "gbit", 1, NULL},
    {"kbit/s", "kbit", 1, NULL}, {"mbit/s", "mbit", 1, NULL}, {"Mbit/s", "mbit", 1, NULL},
    {"Gbit/s", "gbit", 1, NULL}, {"kb/s", "kbit", 1, NULL}, {"Mb/s", "mbit", 1, NULL},
    {"rps", "/s", 1, NULL}, {"qps", "/s", 1, NULL}, {"ops", "/s", 1, NULL},
    {"hz", "/s", 1, NULL}, {"Hz", "/s", 1, NULL}, {"/sec", "/s", 1, NULL},
    {"/second", "/s", 1, NULL}, {"req/s", "/s", 1, NULL}, {"ops/s", "/s", 1, NULL},
    {"K", "k", 1, NULL},
    /* clang-format on */
};

static const char *const our_units[] = {"ns",  "us",  "ms", "s",    "m",    "h",    "B", "KiB",
                                        "MiB", "ppm", "%",  "kbit", "mbit", "gbit", "/s"};

static bool is_text(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && memcmp(word, text, len) == 0;
}

static const struct unit *unit_find(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (is_text(units[i].text, text, len))
            return &units[i];
    return NULL;
}

static bool is_ours(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof(our_units) / sizeof(our_units[0]); i++)
        if (is_text(our_units[i], text, len))
            return true;
    return false;
}

bool foreign_is_unit(const char *text, size_t len)
{
    return is_ours(text, len) || unit_find(text, len);
}

/* ---- decimals ---- */

/* A number of the text: what it comes to in billionths, and how many bytes it has. */
struct decimal {
    u128 billionths;
    size_t len;
    bool odd; /* in a form that scenarios do not have */
};

static bool add_digit(struct decimal *ret, uint64_t base, uint64_t digit)
{
    ret->billionths = ret->billionths * base + (u128)digit * BILLION;
    return ret->billionths <= (u128)WHOLE_MAX * BILLION;
}

static bool read_hex(const char *text, size_t len, struct decimal *ret)
{
    static const char digits[] = "0123456789abcdef";

    *ret = (struct decimal){.len = 2, .odd = true};
    for (; ret->len < len; ret->len++) {
        char c = text[ret->len];
        const char *at = memchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c, 16);

        if (!at)
            break;
        if (!add_digit(ret, 16, (uint64_t)(at - digits)))
            return false;
    }
    return ret->len > 2;
}

/* ",000", and no digit after it. */
static bool is_thousand(const char *text, size_t len)
{
    if (text[0] != ',' || len < 4 || (len > 4 && value_is_digit(text[4])))
        return false;
    return value_is_digit(text[1]) && value_is_digit(text[2]) && value_is_digit(text[3]);
}

/* 1000, 1_000 and 1,000 */
static bool read_whole(const char *text, size_t len, struct decimal *ret)
{
    for (; ret->len < len; ret->len++) {
        char c = text[ret->len];

        if (ret->len > 0 && (c == '_' || is_thousand(text + ret->len, len - ret->len))) {
            ret->odd = true;
            continue;
        }
        if (!value_is_digit(c))
            break;
        if (!add_digit(ret, 10, (uint64_t)(c - '0')))
            return false;
    }
    return true;
}

static bool read_fraction(const char *text, size_t len, struct decimal *ret)
{
    u128 place = BILLION;
    size_t from = ret->len;

    if (from == len || text[from] != '.' || (from + 1 < len && text[from + 1] == '.'))
        return from > 0;
    for (ret->len++; ret->len < len && value_is_digit(text[ret->len]); ret->len++) {
        place /= 10;
        if (place == 0)
            return false;
        ret->billionths += place * (u128)(unsigned)(text[ret->len] - '0');
    }
    if (from == 0 || ret->len == from + 1)
        ret->odd = true;
    return ret->len > 1;
}

static bool read_exponent(const char *text, size_t len, struct decimal *ret)
{
    size_t at = ret->len;
    int exponent = 0;
    bool down;

    if (at + 1 >= len || (text[at] != 'e' && text[at] != 'E'))
        return true;
    at++;
    down = text[at] == '-';
    at += down || text[at] == '+';
    if (at == len || !value_is_digit(text[at]))
        return true;
    for (; at < len && value_is_digit(text[at]) && exponent < 100; at++)
        exponent = exponent * 10 + (text[at] - '0');
    for (; exponent > 0; exponent--) {
        if (down && ret->billionths % 10 != 0)
            return false;
        ret->billionths = down ? ret->billionths / 10 : ret->billionths * 10;
        if (ret->billionths > (u128)WHOLE_MAX * BILLION)
            return false;
    }
    ret->len = at;
    ret->odd = true;
    return true;
}

static bool read_decimal(const char *text, size_t len, struct decimal *ret)
{
    *ret = (struct decimal){0};
    if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return read_hex(text, len, ret);
    return read_whole(text, len, ret) && read_fraction(text, len, ret) &&
           read_exponent(text, len, ret);
}

static bool write_decimal(char ret[static FOREIGN_VALUE_MAX], u128 billionths, const char *unit)
{
    uint64_t fraction = (uint64_t)(billionths % BILLION);
    int digits = 9;

    if (billionths / BILLION > UINT64_MAX)
        return false;
    for (; fraction > 0 && fraction % 10 == 0; fraction /= 10)
        digits--;
    if (fraction > 0)
        snprintf(ret, FOREIGN_VALUE_MAX, "%" PRIu64 ".%0*" PRIu64 "%s",
                 (uint64_t)(billionths / BILLION), digits, fraction, unit);
    else
        snprintf(ret, FOREIGN_VALUE_MAX, "%" PRIu64 "%s", (uint64_t)(billionths / BILLION), unit);
    return true;
}

/* ---- values ---- */

/* 1h30m, 2m5s: times one after the other. */
static bool read_compound(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX])
{
    char ignored[VALUE_PROBLEM_MAX], ours[VALUE_TIME_TEXT_MAX];
    uint64_t sum = 0;
    size_t at = 0, parts = 0;

    for (; at < len; parts++) {
        size_t end = at;
        struct value value;

        while (end < len && (value_is_digit(text[end]) || text[end] == '.'))
            end++;
        while (end < len && !value_is_digit(text[end]))
            end++;
        if (value_parse(text + at, end - at, VALUE_TIME, &value, ignored) < 0 ||
            value.type != VALUE_TIME || value.amount > UINT64_MAX - sum)
            return false;
        sum += value.amount;
        at = end;
    }
    if (parts < 2)
        return false;
    snprintf(ret, FOREIGN_VALUE_MAX, "%s", value_time_text(ours, sum));
    return true;
}

bool foreign_value(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX],
                   const char **ret_note)
{
    struct decimal decimal;
    const struct unit *unit;
    char ours[16];

    *ret_note = NULL;
    if (len == 0 || !(value_is_digit(text[0]) || text[0] == '.'))
        return false;
    if (read_compound(text, len, ret))
        return true;
    if (!read_decimal(text, len, &decimal))
        return false;
    unit = unit_find(text + decimal.len, len - decimal.len);
    if (unit) {
        *ret_note = unit->note;
        return write_decimal(ret, decimal.billionths * unit->times, unit->ours);
    }
    if (!decimal.odd || (len > decimal.len && !is_ours(text + decimal.len, len - decimal.len)))
        return false;
    snprintf(ours, sizeof(ours), "%.*s", (int)(len - decimal.len), text + decimal.len);
    return write_decimal(ret, decimal.billionths, ours);
}

/* Where the end of a range begins, behind ".." or a '-' that is none of an exponent; or NULL. */
static const char *range_end(const char *text, size_t len, size_t *ret_first)
{
    for (size_t i = 1; i + 1 < len; i++) {
        bool dash = text[i] == '-' && text[i - 1] != 'e' && text[i - 1] != 'E';
        bool dots = text[i] == '.' && text[i + 1] == '.';

        *ret_first = i;
        if (dash || dots)
            return text + i + (dots ? 2 : 1);
    }
    return NULL;
}

/* One end, as it is or as we write it, with @unit when it has none. Returns whether that is new. */
static bool fix_end(const char *text, size_t len, const char *unit,
                    char ret[static FOREIGN_VALUE_MAX], const char **ret_note)
{
    struct decimal decimal;
    const char *note;

    if (!foreign_value(text, len, ret, &note)) {
        snprintf(ret, FOREIGN_VALUE_MAX, "%.*s", (int)len, text);
        if (!unit[0] || !read_decimal(text, len, &decimal) || decimal.len != len)
            return false;
        snprintf(ret, FOREIGN_VALUE_MAX, "%.*s%s", (int)len, text, unit);
        return true;
    }
    if (note)
        *ret_note = note;
    return true;
}

bool foreign_range(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX],
                   const char **ret_note)
{
    char first[FOREIGN_VALUE_MAX], last[FOREIGN_VALUE_MAX];
    size_t first_len = 0;
    const char *end = range_end(text, len, &first_len), *unit;
    bool odd;

    *ret_note = NULL;
    if (!end || len >= FOREIGN_VALUE_MAX / 2 || !value_is_digit(text[0]) ||
        !(value_is_digit(end[0]) || (end[0] == '.' && value_is_digit(end[1]))))
        return false;
    odd = fix_end(end, len - (size_t)(end - text), "", last, ret_note) || text[first_len] == '-';
    unit = last + strspn(last, "0123456789.");
    odd = fix_end(text, first_len, is_ours(unit, strlen(unit)) ? unit : "", first, ret_note) || odd;
    return odd && snprintf(ret, FOREIGN_VALUE_MAX, "%s..%s", first, last) < (int)FOREIGN_VALUE_MAX;
}

/* ---- nodes ---- */

static size_t digits_of(const char *text, size_t len)
{
    size_t digits = 0;

    while (digits < len && value_is_digit(text[digits]))
        digits++;
    return digits;
}

/* The bytes of what stands before the number of a node, as others call it; 0: nothing does. */
static size_t node_word(const char *text, size_t len)
{
    static const char *const words[] = {"node", "Node", "server", "replica", "host", "N", NULL};

    for (size_t i = 0; words[i]; i++) {
        size_t bytes = strlen(words[i]);

        if (len <= bytes || memcmp(text, words[i], bytes) != 0)
            continue;
        bytes += text[bytes] == '-' || text[bytes] == '_';
        if (digits_of(text + bytes, len - bytes) > 0)
            return bytes;
    }
    return 0;
}

bool foreign_nodes(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX])
{
    size_t used = 0, at = 0, word, digits;
    bool odd = false;

    if (len >= FOREIGN_VALUE_MAX)
        return false;
    for (;;) { /* what is written is never longer than what is read, but for one 'n' a range */
        if (at < len && text[at] == '!')
            ret[used++] = text[at++];
        word = node_word(text + at, len - at);
        odd = odd || word > 0;
        at += word > 0 ? word : at < len && text[at] == 'n';
        digits = digits_of(text + at, len - at);
        if (digits == 0 || used + digits + 4 >= FOREIGN_VALUE_MAX)
            return false;
        ret[used++] = 'n';
        memcpy(ret + used, text + at, digits);
        used += digits;
        at += digits;
        if (at == len)
            break;
        if (text[at] == ',') {
            ret[used++] = text[at++];
        } else if (at + 1 < len && text[at] == '.' && text[at + 1] == '.') {
            ret[used++] = text[at++];
            ret[used++] = text[at++];
        } else {
            return false;
        }
    }
    ret[used] = '\0';
    return odd;
}

/* ---- times and shares ---- */

bool foreign_later(const char *from, const char *to, char ret[static FOREIGN_VALUE_MAX])
{
    char ignored[VALUE_PROBLEM_MAX], ours[VALUE_TIME_TEXT_MAX];
    struct value first, last;

    if (!from || value_parse(from, strlen(from), VALUE_TIME, &first, ignored) < 0 ||
        value_parse(to, strlen(to), VALUE_TIME, &last, ignored) < 0)
        return false;
    if (first.type != VALUE_TIME || last.type != VALUE_TIME || last.amount <= first.amount)
        return false;
    snprintf(ret, FOREIGN_VALUE_MAX, "%s", value_time_text(ours, last.amount - first.amount));
    return true;
}

bool foreign_share(const char *text, size_t len, bool percent, char ret[static FOREIGN_VALUE_MAX])
{
    struct decimal decimal;

    if (!read_decimal(text, len, &decimal) || decimal.len != len)
        return false;
    /* 0.1 and 1.0 are parts of one; 5 and 2.5 are percents */
    if (!percent && memchr(text, '.', len) && decimal.billionths <= BILLION)
        decimal.billionths *= 100;
    return decimal.billionths <= (u128)100 * BILLION && write_decimal(ret, decimal.billionths, "%");
}

bool foreign_complement(const char *text, size_t len, char ret[static FOREIGN_VALUE_MAX])
{
    struct decimal decimal;

    if (!read_decimal(text, len, &decimal) || !is_text("%", text + decimal.len, len - decimal.len))
        return false;
    return decimal.billionths <= (u128)100 * BILLION &&
           write_decimal(ret, (u128)100 * BILLION - decimal.billionths, "%");
}
