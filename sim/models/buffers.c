/* A buffer with a limit, held against an array that is large enough. */
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "sim/models/model_inner.h"

#define BUFFER_MAX 300u

struct plain {
    uint8_t bytes[BUFFER_MAX];
    size_t len;
};

static void compare(const struct model *it, const struct buf *buf, const struct plain *due)
{
    if (buf->len != due->len || (due->len > 0 && memcmp(buf->data, due->bytes, due->len) != 0))
        model_wrong(it, CHECK_MEMORY, "has other bytes in a buffer than were written", due->len,
                    buf->len);
}

/* Lengths that fit, and some at which a sum of them would overflow. */
static size_t draw_more(struct model *it)
{
    if (model_draw(it, 0, 7) == 0)
        return SIZE_MAX - (size_t)model_draw(it, 0, BUFFER_MAX);
    return (size_t)model_draw(it, 0, model_draw(it, 0, 1) ? 9 : BUFFER_MAX);
}

/* Room for more, or more itself; without memory it stays as it was. */
static void grow(struct model *it, struct buf *buf, struct plain *due, bool append)
{
    size_t more = draw_more(it);
    bool fits = more <= buf->max && due->len <= buf->max - more;
    uint8_t bytes[BUFFER_MAX] = {0};
    int rc;

    for (size_t i = 0; append && fits && i < more; i++)
        bytes[i] = (uint8_t)model_draw(it, 0, 255);
    /* Bytes that do not fit are not looked at. */
    while (model_again(it, rc = append ? buf_append(buf, more > 0 ? bytes : NULL, more)
                                       : buf_reserve(buf, more)))
        compare(it, buf, due);
    if (rc != (fits ? 0 : DC_ELIMIT) || buf->len > buf->cap || buf->cap > buf->max ||
        (rc == 0 && !append && buf->cap - buf->len < more))
        model_wrong(it, CHECK_MEMORY, "has room in a buffer for more than it may, or less", more,
                    buf->cap);
    if (rc != 0 || !append)
        return;
    memcpy(due->bytes + due->len, bytes, more);
    due->len += more;
}

static void trim(struct model *it, struct buf *buf, struct plain *due)
{
    size_t kept = (size_t)model_draw(it, 0, BUFFER_MAX), cap = buf->cap;

    buf_trim(buf, kept);
    due->len = 0;
    if (buf->cap != (cap > kept ? 0 : cap))
        model_wrong(it, CHECK_MEMORY, "keeps other memory of a buffer than it should", kept,
                    buf->cap);
}

void model_ask_buffers(struct model *it)
{
    uint64_t steps = model_draw(it, 0, 20);
    struct plain due = {.len = 0};
    struct buf buf;

    model_starve(it, model_draw(it, 0, 1));
    buf_init(&buf, &it->memory.mem, (size_t)model_draw(it, 0, BUFFER_MAX));
    for (uint64_t i = 0; i < steps && !model_is_wrong(it); i++) {
        uint64_t kind = model_draw(it, 0, 9);

        if (kind == 0)
            trim(it, &buf, &due);
        else if (kind == 1)
            buf_clear(&buf);
        else
            grow(it, &buf, &due, kind > 3);
        if (kind == 1)
            due.len = 0;
        compare(it, &buf, &due);
    }
    model_starve(it, false);
    buf_release(&buf);
    buf_release(&buf); /* a second time there is nothing to release */
}
