/*
 * A growable run of bytes. len <= cap; the bytes are data[0..len-1].
 */
#ifndef DC_CORE_BUF_H
#define DC_CORE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct mem;

struct buf {
    const struct mem *mem; /* borrowed; outlives the buffer */
    uint8_t *data;         /* owned */
    size_t len;            /* bytes in use */
    size_t cap;            /* bytes allocated */
    size_t max;            /* len never passes this */
};

/* An empty buffer that never holds more than @max bytes. Cannot fail. */
void buf_init(struct buf *buf, const struct mem *mem, size_t max);

/* Frees the bytes and leaves @buf zeroed; a second call does nothing. */
void buf_release(struct buf *buf);

/* len = 0; keeps the memory. */
void buf_clear(struct buf *buf);

/* len = 0; keeps the memory unless it is more than @kept bytes. */
void buf_trim(struct buf *buf, size_t kept);

/*
 * Makes room for @more bytes behind len, without changing len.
 * Returns 0, DC_ENOMEM, or DC_ELIMIT when len + more would pass max.
 */
int buf_reserve(struct buf *buf, size_t more);

/* Appends @len bytes. Returns as buf_reserve(); on error nothing was appended. */
int buf_append(struct buf *buf, const void *bytes, size_t len);

#endif
