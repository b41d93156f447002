/*
 * zstd, one frame at a time: contexts that are kept between calls, sizes that
 * are never believed, and errors of core. A context is made when it is first
 * needed: zstd then asks what the processor can do, which on a virtual machine
 * takes longer than a small cluster that never compresses.
 *
 * Source: RFC 8878, Zstandard compression.
 */
#ifndef DC_CORE_COMPRESS_H
#define DC_CORE_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct mem;

struct compress {
    const struct mem *mem;
    struct ZSTD_CCtx_s *cctx; /* owned; NULL before the first frame is packed */
    struct ZSTD_DCtx_s *dctx; /* owned; NULL before the first is unpacked */
};

/* All memory of zstd will come from @mem, which must outlive @compress. Cannot fail. */
void compress_init(struct compress *compress, const struct mem *mem);

/* Frees the contexts and leaves @compress zeroed; fine when zeroed. */
void compress_release(struct compress *compress);

/*
 * Compresses @len bytes at @plain into @out, which has room for @cap bytes.
 * *ret_len is the length of the frame, or 0 when it does not fit into @cap: a
 * caller who only wants what is smaller gives less room than @len.
 *
 * Returns 0, DC_ENOMEM (also when there is none for the context: the next call
 * tries again) or DC_EMSG_ENCODE.
 */
int compress_pack(struct compress *compress, const uint8_t *plain, size_t len, uint8_t *out,
                  size_t cap, size_t *ret_len);

/*
 * Replaces the content of @plain with what the frame holds: at most plain->max
 * bytes, whatever the frame says of itself. @frame is exactly one zstd frame,
 * without a dictionary.
 *
 * Returns 0, DC_EMSG_DECOMPRESS, DC_EMSG_TOO_LARGE or DC_ENOMEM (as above); on
 * error @plain is empty.
 */
int compress_unpack(struct compress *compress, const uint8_t *frame, size_t len, struct buf *plain);

#endif
