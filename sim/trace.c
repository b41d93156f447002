/* Records are hashed field by field in one byte order, never as memory. */
#include "sim/trace.h"

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define RECORD_BYTES 48u

static void put_le(uint8_t *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

void trace_add(struct trace *trace, const struct record *record)
{
    uint8_t bytes[RECORD_BYTES];

    put_le(bytes + 0, record->at_ns, 8);
    put_le(bytes + 8, record->key, 8);
    put_le(bytes + 16, record->a, 8);
    put_le(bytes + 24, record->b, 8);
    put_le(bytes + 32, record->node, 4);
    put_le(bytes + 36, record->peer, 4);
    put_le(bytes + 40, record->kind, 4);
    put_le(bytes + 44, record->detail, 4);
    trace->hash = XXH3_64bits_withSeed(bytes, sizeof(bytes), trace->hash);
    trace->records++;
    if (trace->sink.record)
        trace->sink.record(trace->sink.ctx, record);
}
