/* Formatting by hand: no float, no locale. */
#include "sim/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/names.h"
#include "sim/fatal.h"
#include "sim/scenario/utf8.h"

#define SECOND UINT64_C(1000000000)

char *text_wide(char buf[static TEXT_WIDE_MAX], i128 value)
{
    char digits[TEXT_WIDE_MAX];
    size_t len = 0, at = 0;
    u128 rest = value < 0 ? (u128)0 - (u128)value : (u128)value;

    do {
        digits[len++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        buf[at++] = '-';
    while (len > 0)
        buf[at++] = digits[--len];
    buf[at] = '\0';
    return buf;
}

/* Seconds with nine decimals, of which at least @least remain when those after are 0. */
static char *seconds(char *buf, uint64_t ns, size_t least, const char *unit)
{
    size_t len, point;

    snprintf(buf, TEXT_TIME_MAX, "%" PRIu64 ".%09" PRIu64, ns / SECOND, ns % SECOND);
    len = strlen(buf);
    point = len - 10;
    while (len > point + 1 + least && buf[len - 1] == '0')
        len--;
    if (len == point + 1)
        len--;
    buf[len] = '\0';
    strncat(buf, unit, TEXT_TIME_MAX - len - 1);
    return buf;
}

char *text_time(char buf[static TEXT_TIME_MAX], uint64_t ns)
{
    return seconds(buf, ns, 3, "s");
}

char *text_time_short(char buf[static TEXT_TIME_MAX], uint64_t ns)
{
    return seconds(buf, ns - ns % 1000000, 3, "s");
}

char *text_time_scn(char buf[static TEXT_TIME_MAX], uint64_t ns)
{
    if (ns > 0 && ns < 1000)
        snprintf(buf, TEXT_TIME_MAX, "%" PRIu64 "ns", ns);
    else if (ns > 0 && ns < 1000000 && ns % 1000 == 0)
        snprintf(buf, TEXT_TIME_MAX, "%" PRIu64 "us", ns / 1000);
    else if (ns > 0 && ns < SECOND && ns % 1000000 == 0)
        snprintf(buf, TEXT_TIME_MAX, "%" PRIu64 "ms", ns / 1000000);
    else
        seconds(buf, ns, 0, "s");
    return buf;
}

static bool printable(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7F && byte != '\\';
}

/* What @byte takes in a text. */
static size_t width(uint8_t byte)
{
    return printable(byte) ? 1 : 4;
}

char *text_name(char buf[static TEXT_NAME_MAX], const struct names *names, dc_name name)
{
    uint32_t len;
    const uint8_t *bytes = names_bytes(names, name, &len);
    size_t at = 0, needed = 0;
    uint32_t first = len;

    while (first > 0 && needed + width(bytes[first - 1]) <= TEXT_NAME_MAX - 4)
        needed += width(bytes[--first]);
    if (first > 0) { /* ids that are long are alike in front */
        memcpy(buf, "...", 3);
        at = 3;
    }
    for (uint32_t i = first; i < len; i++) {
        if (printable(bytes[i]))
            buf[at++] = (char)bytes[i];
        else
            at += (size_t)snprintf(buf + at, TEXT_NAME_MAX - at, "\\x%02x", bytes[i]);
    }
    buf[at] = '\0';
    return buf;
}

const char *text_article(const char *word)
{
    return strchr("aeiou", word[0]) ? "an" : "a";
}

void text_nodes(FILE *out, const struct nodeset *set)
{
    const char *comma = "";
    uint32_t first = nodeset_next(set, 0);

    while (first < set->nodes) {
        uint32_t last = first;

        while (last + 1 < set->nodes && nodeset_has(set, last + 1))
            last++;
        fprintf(out, "%sn%" PRIu32, comma, first + 1);
        if (last == first + 1)
            fprintf(out, ",n%" PRIu32, last + 1);
        else if (last > first)
            fprintf(out, "..n%" PRIu32, last + 1);
        comma = ",";
        first = nodeset_next(set, last + 1);
    }
}

/* Length of the valid UTF-8 sequence at @s, or 0. */
static size_t utf8_len(const unsigned char *s)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80       ? 1
                 : s[0] >> 5 == 6  ? 2
                 : s[0] >> 4 == 14 ? 3
                 : s[0] >> 3 == 30 ? 4
                                   : 0;
    unsigned code;

    if (len < 2)
        return len;
    code = s[0] & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3Fu);
    }
    if (code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    return len;
}

void text_json(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    fputc('"', out);
    while (*s) {
        size_t len = utf8_len(s);

        if (len == 0) {
            fputs("\xEF\xBF\xBD", out);
            s++;
        } else if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s++);
        } else if (*s < 0x20 || *s == 0x7F) {
            fprintf(out, "\\u%04x", *s++);
        } else {
            fwrite(s, 1, len, out);
            s += len;
        }
    }
    fputc('"', out);
}

static void print_odd(FILE *out, const char *text, size_t len, const char *form)
{
    for (size_t i = 0; i < len; i++)
        fprintf(out, form, (unsigned char)text[i]);
}

/* The length of the character at @text, and whether it may be shown. */
static size_t look(const char *text, size_t len, bool *ret_shown)
{
    uint32_t character = 0;
    size_t step = utf8_next(text, len, &character);

    *ret_shown = step > 0 && character != '\t' && utf8_is_shown(character);
    return step > 0 ? step : 1;
}

static void print_shown(FILE *out, const char *text, size_t len)
{
    while (len > 0) {
        bool shown;
        size_t step = look(text, len, &shown);

        if (shown)
            fwrite(text, 1, step, out);
        else
            print_odd(out, text, step, "\\x%02X");
        text += step;
        len -= step;
    }
}

void text_vprint(FILE *out, const char *format, va_list args)
{
    size_t format_len = strlen(format);
    bool ends = format_len > 0 && format[format_len - 1] == '\n';
    char *text = NULL;
    size_t len;
    FILE *memory = fatal_memstream(&text, &len);

    vfprintf(memory, format, args);
    fatal_memstream_close(memory, &text);
    print_shown(out, text, len - ends);
    if (ends)
        fputc('\n', out);
    free(text);
}

void text_print(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vprint(out, format, args);
    va_end(args);
}

/* $'...': the only form in which a shell takes what cannot be shown. */
void text_dollar(FILE *out, const char *text)
{
    fputs("$'", out);
    for (size_t len = strlen(text), step; len > 0; text += step, len -= step) {
        bool shown;

        step = look(text, len, &shown);
        if (!shown)
            print_odd(out, text, step, "\\%03o");
        else if (*text == '\'' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fwrite(text, 1, step, out);
    }
    fputc('\'', out);
}

static bool is_shown(const char *text)
{
    for (size_t len = strlen(text), step; len > 0; text += step, len -= step) {
        bool shown;

        step = look(text, len, &shown);
        if (!shown)
            return false;
    }
    return true;
}

void text_shell(FILE *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=:,+@%";

    if (*text && text[strspn(text, plain)] == '\0') {
        fputs(text, out);
        return;
    }
    if (!is_shown(text)) {
        text_dollar(out, text);
        return;
    }
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}
