/*
 * A growable run of bytes over struct mem, with a limit of its own.
 */
#include "core/buf.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/banned.h"

void buf_init(struct buf *buf, const struct mem *mem, size_t max)
{
    *buf = (struct buf){.mem = mem, .max = max};
}

void buf_release(struct buf *buf)
{
    if (buf->data != NULL)
        mem_free(buf->mem, buf->data, buf->cap);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
}

void buf_trim(struct buf *buf, size_t kept)
{
    buf->len = 0;
    if (buf->cap <= kept)
        return;
    mem_free(buf->mem, buf->data, buf->cap);
    buf->data = NULL;
    buf->cap = 0;
}

int buf_reserve(struct buf *buf, size_t more)
{
    PRE(buf->len <= buf->cap, "a buffer holds no more than it has");

    if (more > buf->max || buf->len > buf->max - more)
        return DC_ELIMIT;
    if (more <= buf->cap - buf->len)
        return 0;

    size_t cap = mem_grow(buf->cap, buf->len + more, buf->max);
    uint8_t *data = mem_resize(buf->mem, buf->data, buf->cap, cap);
    if (data == NULL)
        return DC_ENOMEM;
    buf->data = data;
    buf->cap = cap;

    return 0;
}

int buf_append(struct buf *buf, const void *bytes, size_t len)
{
    int rc = buf_reserve(buf, len);
    if (rc < 0)
        return rc;

    /* No bytes may come as NULL, which memcpy() does not take. */
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;

    return 0;
}
