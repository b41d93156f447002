/* The forms of msgpack, held against what the specification says of each code. */
#include <string.h>

#include "core/err.h"
#include "core/types.h"
#include "core/unpack.h"
#include "sim/models/model_inner.h"

/* Behind FORM_END bytes each value that is still open gets bytes of true, which fit. */
#define FORM_MAX 2048u
#define FORM_END 1024u
#define DEPTH_MAX 7u
#define TEXT_MAX 300u

struct form {
    struct model *it;
    uint8_t bytes[FORM_MAX];
    size_t len;
    uint32_t depth, deepest; /* of what holds values */
    bool is_wrong;           /* it has a code that is none */
};

static void put(struct form *form, uint64_t byte)
{
    form->bytes[form->len++] = (uint8_t)byte;
}

static void put_number(struct form *form, uint64_t number, unsigned bytes)
{
    while (bytes-- > 0)
        put(form, number >> (8 * bytes));
}

static void put_any(struct form *form, size_t count)
{
    uint64_t bits = model_draw(form->it, 0, UINT64_MAX);

    while (count-- > 0) {
        put(form, bits >> 56);
        bits = bits * 5 + 1;
    }
}

/* How many bytes the length or the number behind @code has, in a row that begins with @first. */
static unsigned width(uint64_t code, uint64_t first)
{
    return 1u << (code - first);
}

static void begin(struct form *form, struct model *it, struct unpack *unpack, uint64_t code)
{
    *form = (struct form){.it = it};
    put(form, code);
    unpack->at = form->bytes;
}

/* Ends it anywhere, or where it is whole. Returns the bytes behind the code. */
static size_t end(struct form *form, struct unpack *unpack)
{
    if (model_draw(form->it, 0, 1))
        form->len = (size_t)model_draw(form->it, 1, form->len);
    unpack->end = form->bytes + form->len;
    return form->len - 1;
}

/* Was it taken as far as it should, with the right answer? */
static void need(const struct form *form, const struct unpack *unpack, int due, int rc,
                 size_t taken)
{
    size_t found = (size_t)(unpack->at - form->bytes);

    if (rc != due)
        model_wrong(form->it, CHECK_FRAME, "reads a value that is none, or does not read one",
                    form->bytes[0], (uint64_t)-rc);
    else if (due != DC_EMSG_UNMARSHAL && found != taken)
        model_wrong(form->it, CHECK_FRAME, "reads another length of a value than it has", taken,
                    found);
}

static void need_same(const struct form *form, uint64_t due, uint64_t found)
{
    if (found != due)
        model_wrong(form->it, CHECK_FRAME, "reads another value than was written", due, found);
}

/* ---- one value of a kind ---- */

static void ask_number(struct model *it)
{
    uint64_t code = model_draw(it, 0, 255), number = 0, due_number = 0;
    bool is_plain = code >= 0xcc && code <= 0xcf, is_signed = code >= 0xd0 && code <= 0xd3;
    unsigned bytes = is_plain ? width(code, 0xcc) : is_signed ? width(code, 0xd0) : 0;
    struct unpack unpack;
    struct form form;
    size_t left;
    int rc, due = 0;

    begin(&form, it, &unpack, code);
    put_any(&form, 9);
    for (unsigned i = 0; i < bytes; i++)
        due_number = due_number << 8 | form.bytes[1 + i];
    left = end(&form, &unpack);
    if (code <= 0x7f)
        due_number = code;
    else if (code >= 0xe0)
        due = DC_ERANGE;
    else if (bytes == 0 || left < bytes)
        due = DC_EMSG_UNMARSHAL;
    else if (is_signed && form.bytes[1] >= 0x80)
        due = DC_ERANGE;
    rc = unpack_uint(&unpack, &number);
    need(&form, &unpack, due, rc, 1 + bytes);
    if (due == 0 && rc == 0)
        need_same(&form, due_number, number);
}

static void ask_text(struct model *it)
{
    uint64_t code = model_draw(it, 0, 3) > 0 ? model_draw(it, 0xa0, 0xdf) : model_draw(it, 0, 255);
    bool is_bin = code >= 0xc4 && code <= 0xc6, is_str = code >= 0xd9 && code <= 0xdb;
    bool is_short = code >= 0xa0 && code <= 0xbf;
    unsigned bytes = is_bin ? width(code, 0xc4) : is_str ? width(code, 0xd9) : 0;
    uint64_t len = is_short ? code & 0x1f : model_draw(it, 0, bytes == 1 ? 255 : TEXT_MAX);
    const uint8_t *text = NULL;
    struct unpack unpack;
    struct form form;
    uint32_t found = 0;
    size_t left;
    int rc, due = 0;

    begin(&form, it, &unpack, code);
    put_number(&form, len, bytes);
    put_any(&form, (size_t)len);
    left = end(&form, &unpack);
    if ((!is_bin && !is_str && !is_short) || left < bytes || left - bytes < len)
        due = DC_EMSG_UNMARSHAL;
    rc = unpack_bytes(&unpack, &text, &found);
    need(&form, &unpack, due, rc, 1 + bytes + (size_t)len);
    if (due == 0 && rc == 0) {
        need_same(&form, len, found);
        need_same(&form, 1 + bytes, (uint64_t)(text - form.bytes));
    }
}

/* The head of a map, or of an array, which claims no more than may follow. */
static void ask_head(struct model *it, bool map)
{
    uint64_t code = model_draw(it, 0, 3) > 0 ? model_draw(it, 0x80, 0xdf) : model_draw(it, 0, 255);
    uint64_t small = map ? 0x80 : 0x90, wide = map ? 0xde : 0xdc;
    bool is_small = (code & 0xf0) == small, is_wide = code == wide || code == wide + 1;
    unsigned bytes = is_wide ? 2 * width(code, wide) : 0;
    uint64_t len = is_small ? code & 0x0f : model_draw(it, 0, 40);
    struct unpack unpack;
    struct form form;
    uint32_t found = 0;
    size_t left;
    int rc, due = 0;

    begin(&form, it, &unpack, code);
    if (bytes == 4 && model_draw(it, 0, 7) == 0)
        len += model_draw(it, 1, 255) << 24;
    put_number(&form, len, bytes);
    put_any(&form, (size_t)model_draw(it, 0, 90));
    left = end(&form, &unpack);
    if ((!is_small && !is_wide) || left < bytes || (left - bytes) / (map ? 2 : 1) < len)
        due = DC_EMSG_UNMARSHAL;
    rc = map ? unpack_map(&unpack, &found) : unpack_array(&unpack, &found);
    need(&form, &unpack, due, rc, 1 + bytes);
    if (due == 0 && rc == 0)
        need_same(&form, len, found);
}

static void ask_nil(struct model *it)
{
    uint64_t code = model_draw(it, 0, 1) ? 0xc0 : model_draw(it, 0, 255);
    bool is_there = model_draw(it, 0, 3) > 0, due = is_there && code == 0xc0;
    struct unpack unpack;
    struct form form;

    begin(&form, it, &unpack, code);
    unpack.end = unpack.at + is_there;
    if (unpack_nil(&unpack) != due || unpack.at != form.bytes + due)
        model_wrong(it, CHECK_FRAME, "takes a nil that is none, or leaves one", code, due);
}

/* ---- values of any kind, and values in them ---- */

static void put_value(struct form *form);

static void put_values(struct form *form, uint64_t count)
{
    form->depth += count > 0;
    if (form->depth > form->deepest)
        form->deepest = form->depth;
    for (uint64_t i = 0; i < count; i++)
        put_value(form);
    form->depth -= count > 0;
}

/* A length and as many bytes, and @more. */
static void put_sized(struct form *form, uint64_t len, unsigned bytes, uint64_t more)
{
    put_number(form, len, bytes);
    put_any(form, (size_t)(len + more));
}

static void put_holder(struct form *form, uint64_t len, unsigned bytes, uint64_t each)
{
    put_number(form, len, bytes);
    put_values(form, each * len);
}

static void put_value(struct form *form)
{
    struct model *it = form->it;
    bool is_full = form->len > FORM_END || form->depth == DEPTH_MAX;
    uint64_t code = model_draw(it, 0, 2) > 0 ? model_draw(it, 0x80, 0xdf) : model_draw(it, 0, 255);
    uint64_t len = model_draw(it, 0, 3);

    if (is_full)
        code = 0xc3;
    put(form, code);
    if (code <= 0x7f || code >= 0xe0 || code == 0xc0 || code == 0xc2 || code == 0xc3)
        return;
    if (code == 0xc1)
        form->is_wrong = true;
    else if (code <= 0x8f)
        put_values(form, 2 * (code & 0x0f));
    else if (code <= 0x9f)
        put_values(form, code & 0x0f);
    else if (code <= 0xbf)
        put_any(form, code & 0x1f);
    else if (code <= 0xc6)
        put_sized(form, len, width(code, 0xc4), 0);
    else if (code <= 0xc9)
        put_sized(form, len, width(code, 0xc7), 1);
    else if (code <= 0xcb)
        put_any(form, 4 * width(code, 0xca));
    else if (code <= 0xcf)
        put_any(form, width(code, 0xcc));
    else if (code <= 0xd3)
        put_any(form, width(code, 0xd0));
    else if (code <= 0xd8)
        put_any(form, 1 + width(code, 0xd4));
    else if (code <= 0xdb)
        put_sized(form, len, width(code, 0xd9), 0);
    else if (code <= 0xdd)
        put_holder(form, len, 2 * width(code, 0xdc), 1);
    else
        put_holder(form, len, 2 * width(code, 0xde), 2);
}

/* One in another, as deep as may be passed over, or deeper. */
static void put_deep(struct form *form)
{
    uint64_t deep = model_draw(form->it, DC_NESTING_MAX - 1, DC_NESTING_MAX + 1);

    for (uint64_t i = 0; i < deep; i++)
        put(form, 0x91);
    put(form, 7);
    form->deepest = (uint32_t)deep;
}

static void ask_skip(struct model *it)
{
    struct form form = {.it = it};
    struct unpack unpack;
    size_t whole;
    int due = 0;

    if (model_draw(it, 0, 3) == 0)
        put_deep(&form);
    else
        put_value(&form);
    whole = form.len;
    put_any(&form, (size_t)model_draw(it, 0, 3)); /* what follows is not taken */
    if (model_draw(it, 0, 3) == 0)
        form.len = (size_t)model_draw(it, 0, form.len);
    if (form.len < whole || form.is_wrong || form.deepest > DC_NESTING_MAX)
        due = DC_EMSG_UNMARSHAL;
    unpack = (struct unpack){.at = form.bytes, .end = form.bytes + form.len};
    need(&form, &unpack, due, unpack_skip(&unpack), whole);
}

void model_ask_forms(struct model *it)
{
    uint64_t times = model_draw(it, 0, 12);

    for (uint64_t i = 0; i < times && !model_is_wrong(it); i++) {
        ask_number(it);
        ask_text(it);
        ask_head(it, true);
        ask_head(it, false);
        ask_nil(it);
        ask_skip(it);
    }
}
