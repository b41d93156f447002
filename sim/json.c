/* One pass, no backtracking; depth, names and values have limits, so any bytes take linear time. */
#include "sim/json.h"

#include <string.h>

#include "sim/scenario/utf8.h"

struct reader {
    struct arena *arena;
    const char *text;
    size_t len, at;
    uint32_t values;
    struct json_error *err;
};

/* Always false, for callers to return. */
static bool wrong(struct reader *reader, const char *text)
{
    *reader->err = (struct json_error){.at = reader->at, .text = text};
    return false;
}

static bool more(const struct reader *reader)
{
    return reader->at < reader->len;
}

static void skip_blanks(struct reader *reader)
{
    while (more(reader) && memchr(" \t\r\n", reader->text[reader->at], 4))
        reader->at++;
}

static bool take(struct reader *reader, char byte)
{
    if (!more(reader) || reader->text[reader->at] != byte)
        return false;
    reader->at++;
    return true;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits of a \u. */
static bool read_unit(struct reader *reader, uint32_t *ret)
{
    *ret = 0;
    for (int i = 0; i < 4; i++) {
        int digit = more(reader) ? hex_digit(reader->text[reader->at]) : -1;

        if (digit < 0)
            return wrong(reader, "\\u takes four digits from 0 to f");
        *ret = *ret << 4 | (uint32_t)digit;
        reader->at++;
    }
    return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* After "\u": one character, which may be two units. */
static bool read_unicode(struct reader *reader, char *out, size_t *len)
{
    uint32_t c, low;

    if (!read_unit(reader, &c))
        return false;
    if (c >= 0xD800 && c < 0xDC00) {
        if (!take(reader, '\\') || !take(reader, 'u'))
            return wrong(reader, "half a character: \\u of its second half is missing");
        if (!read_unit(reader, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return wrong(reader, "half a character: \\u of its second half is missing");
        c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
    } else if (c >= 0xDC00 && c < 0xE000) {
        return wrong(reader, "half a character: \\u of its first half is missing");
    }
    if (c == 0)
        return wrong(reader, "a NUL within a string");
    *len += put_utf8(out + *len, c);
    return true;
}

static bool read_escape(struct reader *reader, char *out, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at;

    if (!more(reader) || reader->text[reader->at] == '\0')
        return wrong(reader, "an escape is cut off");
    if (take(reader, 'u'))
        return read_unicode(reader, out, len);
    at = strchr(from, reader->text[reader->at]);
    if (!at)
        return wrong(reader, "no such escape");
    reader->at++;
    out[(*len)++] = to[at - from];
    return true;
}

static bool read_string(struct reader *reader, const char **ret, size_t *ret_len)
{
    const char *from = reader->text + reader->at + 1;
    const char *end;
    size_t len = 0;
    char *out;

    if (!take(reader, '"'))
        return wrong(reader, "a string in quotes was expected");
    /* What is written is at least as long as what it stands for; a quote ends it, escaped or not.
     */
    end = from;
    while (end < reader->text + reader->len && *end != '"')
        end += *end == '\\' && end + 1 < reader->text + reader->len ? 2 : 1;
    out = arena_alloc(reader->arena, (size_t)(end - from) + 1);
    while (more(reader) && reader->text[reader->at] != '"') {
        uint32_t character;
        size_t bytes;

        if (take(reader, '\\')) {
            if (!read_escape(reader, out, &len))
                return false;
            continue;
        }
        bytes = utf8_next(reader->text + reader->at, reader->len - reader->at, &character);
        if (bytes == 0)
            return wrong(reader, "bytes that are not UTF-8");
        if (character < 0x20)
            return wrong(reader, "a control character within a string");
        memcpy(out + len, reader->text + reader->at, bytes);
        len += bytes;
        reader->at += bytes;
    }
    if (!take(reader, '"'))
        return wrong(reader, "a string has no end");
    *ret = out;
    *ret_len = len;
    return true;
}

/* ---- values ---- */

static bool read_number(struct reader *reader, uint64_t *ret)
{
    size_t from = reader->at;

    *ret = 0;
    while (more(reader) && reader->text[reader->at] >= '0' && reader->text[reader->at] <= '9') {
        uint64_t digit = (uint64_t)(reader->text[reader->at] - '0');

        if (*ret > (UINT64_MAX - digit) / 10)
            return wrong(reader, "a number above 2^64-1");
        *ret = *ret * 10 + digit;
        reader->at++;
    }
    if (reader->at > from + 1 && reader->text[from] == '0')
        return wrong(reader, "a number begins with 0");
    if (more(reader) && memchr(".eE", reader->text[reader->at], 3))
        return wrong(reader, "a number is not a whole one");
    return true;
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t len = strlen(word);

    if (reader->len - reader->at < len || memcmp(reader->text + reader->at, word, len) != 0)
        return wrong(reader, "no JSON value begins like this");
    reader->at += len;
    return true;
}

static struct json *read_value(struct reader *reader, unsigned depth);

static bool read_name(struct reader *reader, const struct json *object, struct json *value,
                      const char *name)
{
    for (const struct json *other = object->in; other; other = other->next)
        if (strcmp(other->name, name) == 0)
            return wrong(reader, "an object has the same name twice");
    value->name = name;
    return true;
}

/* What is inside of an array or object, up to its closing bracket. */
static bool read_inside(struct reader *reader, struct json *ret, unsigned depth)
{
    bool object = ret->kind == JSON_OBJECT;
    char close = object ? '}' : ']';
    struct json *last = NULL;

    skip_blanks(reader);
    if (take(reader, close))
        return true;
    do {
        const char *name = NULL;
        struct json *value;
        size_t len;

        skip_blanks(reader);
        if (object && (ret->len == JSON_NAMES_MAX || !read_string(reader, &name, &len)))
            return ret->len == JSON_NAMES_MAX ? wrong(reader, "too many names in an object")
                                              : false;
        skip_blanks(reader);
        if (object && !take(reader, ':'))
            return wrong(reader, "a ':' was expected");
        value = read_value(reader, depth + 1);
        if (!value || (object && !read_name(reader, ret, value, name)))
            return false;
        if (last)
            last->next = value;
        else
            ret->in = value;
        last = value;
        ret->len++;
        skip_blanks(reader);
    } while (take(reader, ','));
    if (!take(reader, close))
        return wrong(reader, object ? "a ',' or '}' was expected" : "a ',' or ']' was expected");
    return true;
}

static bool read_kind(struct reader *reader, struct json *ret, unsigned depth)
{
    char first = more(reader) ? reader->text[reader->at] : '\0';

    if (!more(reader))
        return wrong(reader, "a value is missing");
    if (first == '"') {
        ret->kind = JSON_STRING;
        return read_string(reader, &ret->string, &ret->len);
    }
    if (first == '{' || first == '[') {
        ret->kind = first == '{' ? JSON_OBJECT : JSON_ARRAY;
        if (depth == JSON_DEPTH_MAX)
            return wrong(reader, "too many values within each other");
        reader->at++;
        return read_inside(reader, ret, depth);
    }
    if (first >= '0' && first <= '9') {
        ret->kind = JSON_NUMBER;
        return read_number(reader, &ret->number);
    }
    if (first == '-')
        return wrong(reader, "a number is below 0");
    if (first == 't' || first == 'f') {
        ret->kind = JSON_BOOL;
        ret->truth = first == 't';
        return read_word(reader, ret->truth ? "true" : "false");
    }
    ret->kind = JSON_NULL;
    return read_word(reader, "null");
}

static struct json *read_value(struct reader *reader, unsigned depth)
{
    struct json *ret;

    skip_blanks(reader);
    if (++reader->values > JSON_VALUES_MAX) {
        wrong(reader, "too many values");
        return NULL;
    }
    ret = arena_alloc(reader->arena, sizeof(*ret));
    ret->raw = reader->text + reader->at;
    if (!read_kind(reader, ret, depth))
        return NULL;
    ret->raw_len = (size_t)(reader->text + reader->at - ret->raw);
    return ret;
}

const struct json *json_read(struct arena *arena, const char *text, size_t len,
                             struct json_error *reterr)
{
    struct reader reader = {.arena = arena, .text = text, .len = len, .err = reterr};
    const struct json *ret = read_value(&reader, 0);

    if (!ret)
        return NULL;
    skip_blanks(&reader);
    if (more(&reader)) {
        wrong(&reader, "something follows the value");
        return NULL;
    }
    return ret;
}

const struct json *json_get(const struct json *object, const char *name)
{
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    for (const struct json *value = object->in; value; value = value->next)
        if (strcmp(value->name, name) == 0)
            return value;
    return NULL;
}

const struct json *json_get_kind(const struct json *object, const char *name, enum json_kind kind)
{
    const struct json *value = json_get(object, name);

    return value && value->kind == kind ? value : NULL;
}
