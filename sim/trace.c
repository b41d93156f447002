/* Records are hashed field by field in one byte order, never as memory. */
#include "sim/trace.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/contract.h"

#define RECORD_BYTES 48u

/* Written out, so that compilers make one store of it where bytes already lie that way. */
static void put_le32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
    out[2] = (uint8_t)(value >> 16);
    out[3] = (uint8_t)(value >> 24);
}

static void put_le64(uint8_t *out, uint64_t value)
{
    put_le32(out, (uint32_t)value);
    put_le32(out + 4, (uint32_t)(value >> 32));
}

void trace_add(struct trace *trace, const struct record *record)
{
    uint8_t bytes[RECORD_BYTES];

    put_le64(bytes + 0, record->at_ns);
    put_le64(bytes + 8, record->key);
    put_le64(bytes + 16, record->a);
    put_le64(bytes + 24, record->b);
    put_le32(bytes + 32, record->node);
    put_le32(bytes + 36, record->peer);
    put_le32(bytes + 40, record->kind);
    put_le32(bytes + 44, record->detail);
    trace->hash = XXH3_64bits_withSeed(bytes, sizeof(bytes), trace->hash);
    trace->records++;
    if (trace->sink.record)
        trace->sink.record(trace->sink.ctx, record);
}

void trace_note(struct trace *trace, const struct note *note)
{
    if (trace->sink.note)
        trace->sink.note(trace->sink.ctx, note);
}

void trace_tee_add(struct trace_tee *tee, struct trace_sink sink)
{
    PRE(tee->len < TRACE_TEE_MAX, "a tee has few sinks");
    if (sink.record || sink.note)
        tee->sinks[tee->len++] = sink;
}

static void tee_record(void *ctx, const struct record *record)
{
    const struct trace_tee *tee = ctx;

    for (size_t i = 0; i < tee->len; i++)
        if (tee->sinks[i].record)
            tee->sinks[i].record(tee->sinks[i].ctx, record);
}

static void tee_note(void *ctx, const struct note *note)
{
    const struct trace_tee *tee = ctx;

    for (size_t i = 0; i < tee->len; i++)
        if (tee->sinks[i].note)
            tee->sinks[i].note(tee->sinks[i].ctx, note);
}

struct trace_sink trace_tee_sink(struct trace_tee *tee)
{
    struct trace_sink all = {.ctx = tee};

    if (tee->len == 1)
        return tee->sinks[0];
    for (size_t i = 0; i < tee->len; i++) {
        if (tee->sinks[i].record)
            all.record = tee_record;
        if (tee->sinks[i].note)
            all.note = tee_note;
    }
    return all;
}
