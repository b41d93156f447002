/*
 * zstd with our memory. The functions that take an allocator, and the one that
 * reads a frame header, are in the part of zstd.h that is meant for static
 * linking; shared libraries export them too, and without them a node could not
 * be tested for running out of memory inside zstd.
 */
#include "core/compress.h"

#include <stdbool.h>
#include <string.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "core/buf.h"
#include "core/contract.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/banned.h"

/* Measured on states of 100 and 1000 entries: see docs/WIRE.md. */
#define LEVEL -1

/* The first guess where a frame does not say its size: states shrink to 1/4. */
#define GUESS_FACTOR 8u
#define GUESS_MIN 4096u

/* Before each block of zstd: its size, which zstd does not tell when it frees. */
struct block_head {
    _Alignas(max_align_t) size_t size;
};

static void *block_alloc(void *opaque, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct block_head))
        return NULL;

    struct block_head *head = mem_alloc(opaque, sizeof(*head) + size);
    if (head == NULL)
        return NULL;
    head->size = sizeof(*head) + size;

    return head + 1;
}

static void block_free(void *opaque, void *address)
{
    if (address == NULL)
        return;
    struct block_head *head = (struct block_head *)address - 1;
    mem_free(opaque, head, head->size);
}

/* zstd only hands the pointer back: it stays constant. */
static ZSTD_customMem custom_mem(const struct mem *mem)
{
    return (ZSTD_customMem){
        .customAlloc = block_alloc,
        .customFree = block_free,
        .opaque = (void *)(uintptr_t)mem,
    };
}

/* NULL when there is no memory. */
static ZSTD_CCtx *packer(struct compress *compress)
{
    if (compress->cctx != NULL)
        return compress->cctx;

    ZSTD_CCtx *cctx = ZSTD_createCCtx_advanced(custom_mem(compress->mem));
    if (cctx == NULL)
        return NULL;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, LEVEL))) {
        (void)ZSTD_freeCCtx(cctx);
        return NULL;
    }
    compress->cctx = cctx;

    return cctx;
}

/* Likewise. */
static ZSTD_DCtx *unpacker(struct compress *compress)
{
    if (compress->dctx == NULL)
        compress->dctx = ZSTD_createDCtx_advanced(custom_mem(compress->mem));

    return compress->dctx;
}

void compress_init(struct compress *compress, const struct mem *mem)
{
    *compress = (struct compress){.mem = mem};
}

void compress_release(struct compress *compress)
{
    (void)ZSTD_freeCCtx(compress->cctx);
    (void)ZSTD_freeDCtx(compress->dctx);
    *compress = (struct compress){0};
}

int compress_pack(struct compress *compress, const uint8_t *plain, size_t len, uint8_t *out,
                  size_t cap, size_t *ret_len)
{
    ZSTD_CCtx *cctx = packer(compress);
    if (cctx == NULL)
        return DC_ENOMEM;

    size_t packed = ZSTD_compress2(cctx, out, cap, plain, len);
    if (!ZSTD_isError(packed)) {
        *ret_len = packed;
        return 0;
    }
    switch ((int)ZSTD_getErrorCode(packed)) {
    case ZSTD_error_dstSize_tooSmall:
        MARK(COMPRESS_NO_GAIN);
        *ret_len = 0;
        return 0;
    case ZSTD_error_memory_allocation:
        return DC_ENOMEM;
    default:
        return DC_EMSG_ENCODE;
    }
}

/* Behind the magic number: how many bytes the size has, and one segment, which always has one. */
#define DESCRIPTOR_AT 4
#define DESCRIPTOR_SIZE_BITS 0xe0

/* Does @frame, whose header has been read, state a size? zstd tells with a number that is one. */
static bool states_size(const uint8_t *frame)
{
    return (frame[DESCRIPTOR_AT] & DESCRIPTOR_SIZE_BITS) != 0;
}

/*
 * Whether @frame is one whole zstd frame that we are willing to open; its size
 * when it says one, else ZSTD_CONTENTSIZE_UNKNOWN, goes to *ret_size.
 */
static int inspect(const uint8_t *frame, size_t len, size_t max, unsigned long long *ret_size)
{
    ZSTD_frameHeader header;

    if (ZSTD_getFrameHeader(&header, frame, len) != 0 || header.frameType != ZSTD_frame)
        return DC_EMSG_DECOMPRESS;
    if (states_size(frame) && header.frameContentSize > max)
        return DC_EMSG_TOO_LARGE;
    if (header.windowSize > max)
        return DC_EMSG_DECOMPRESS;
    /* Bytes or frames behind it would be read by some and ignored by others. */
    if (ZSTD_findFrameCompressedSize(frame, len) != len)
        return DC_EMSG_DECOMPRESS;
    *ret_size = header.frameContentSize;

    return 0;
}

/* Opens the frame into @cap bytes. DC_EMSG_TOO_LARGE when they do not suffice. */
static int open_frame(struct compress *compress, const uint8_t *frame, size_t len,
                      struct buf *plain, size_t cap)
{
    ZSTD_DCtx *dctx = unpacker(compress);
    if (dctx == NULL || buf_reserve(plain, cap) < 0)
        return DC_ENOMEM;

    size_t size = ZSTD_decompressDCtx(dctx, plain->data, cap, frame, len);
    if (!ZSTD_isError(size)) {
        plain->len = size;
        return 0;
    }
    switch ((int)ZSTD_getErrorCode(size)) {
    case ZSTD_error_dstSize_tooSmall:
        return DC_EMSG_TOO_LARGE;
    case ZSTD_error_memory_allocation:
        return DC_ENOMEM;
    default:
        return DC_EMSG_DECOMPRESS;
    }
}

int compress_unpack(struct compress *compress, const uint8_t *frame, size_t len, struct buf *plain)
{
    unsigned long long size;
    int rc = inspect(frame, len, plain->max, &size);

    buf_clear(plain);
    if (rc < 0) {
        MARK(COMPRESS_BAD_FRAME);
        return rc;
    }
    if (size != ZSTD_CONTENTSIZE_UNKNOWN) {
        rc = open_frame(compress, frame, len, plain, size > 0 ? (size_t)size : 1);
        /* More than it said: a lie, whatever the limit. */
        return rc == DC_EMSG_TOO_LARGE ? DC_EMSG_DECOMPRESS : rc;
    }

    /*
     * Written as a stream, without a size. Try with twice the room each time:
     * all tries together cost as much as two, and memory stays in proportion
     * to what is really inside.
     */
    size_t cap = len > plain->max / GUESS_FACTOR ? plain->max : len * GUESS_FACTOR;
    if (cap < GUESS_MIN)
        cap = GUESS_MIN < plain->max ? GUESS_MIN : plain->max;
    if (cap < plain->cap)
        cap = plain->cap;
    for (;;) {
        rc = open_frame(compress, frame, len, plain, cap);
        if (rc != DC_EMSG_TOO_LARGE || cap == plain->max)
            return rc;
        cap = cap > plain->max / 2 ? plain->max : cap * 2;
    }
}
