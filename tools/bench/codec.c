/*
 * What costs something for each entry of a state: encode (packed, and
 * compressed from some 1 KiB on), decode, merge, digest; and the bytes that an
 * entry takes in memory, in a push, and on the wire. Ids are n1, n2, ... and
 * totals small, as in a run; of two states that are merged the second is ahead in
 * every other entry, or in none.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/fatal.h"

#include "tools/bench/cell.h"

/* Memory from malloc(), counted. */
static void *counted_resize(void *ctx, void *ptr, size_t old, size_t size)
{
    size_t *live = ctx;

    *live += size - old;
    return mem_resize(mem_heap(), ptr, old, size);
}

/* States that are made ready and then merged into, one after the other. */
#define READY_MAX 64u
/* Entries of all of these: they stay in the cache, as a state that is just decoded does. */
#define READY_ENTRIES 4096u

struct bench {
    size_t live; /* bytes that states hold */
    struct mem mem;
    struct names names;
    struct codec *codec;
    struct pncounter state; /* what is sent */
    struct pncounter ahead; /* the same, and every other entry one higher */
    struct pncounter other; /* what it is decoded to, or joined into */
    struct pncounter ready[READY_MAX];
    struct buf frame;
    struct message push;
    uint64_t raised;
    uint64_t turns;
    const char *column;
    uint32_t entries;
};

static void must(int rc)
{
    if (rc < 0)
        fatal("the codec failed: %d", rc);
}

static void on_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct bench *bench = ctx;

    (void)id;
    (void)side;
    bench->raised += now - old;
}

static void bench_start(struct bench *bench, uint32_t entries, const char *column, uint64_t work)
{
    *bench = (struct bench){.entries = entries, .column = column, .turns = work / entries};
    bench->mem = (struct mem){.resize = counted_resize, .ctx = &bench->live};
    names_init(&bench->names, mem_heap());
    bench->codec = codec_new(mem_heap(), &bench->names);
    if (!bench->codec)
        fatal("out of memory");
    buf_init(&bench->frame, mem_heap(), DC_MESSAGE_BYTES_MAX);
    pncounter_init(&bench->state, &bench->mem, &bench->names);
    pncounter_init(&bench->ahead, mem_heap(), &bench->names);
    pncounter_init(&bench->other, mem_heap(), &bench->names);
    for (uint32_t i = 0; i < READY_MAX; i++)
        pncounter_init(&bench->ready[i], mem_heap(), &bench->names);
    must(pncounter_reserve(&bench->state, entries));
    for (uint32_t i = 1; i <= entries; i++) {
        char id[16];
        dc_name name;

        must(names_intern(&bench->names, id, (size_t)snprintf(id, sizeof(id), "n%u", i), &name));
        must(pncounter_add(&bench->state, name, DC_INC, 1 + i % 5, NULL));
    }
    must(pncounter_copy(&bench->ahead, &bench->state));
    for (uint32_t i = 0; i < entries; i += 2)
        must(pncounter_add(&bench->ahead, bench->ahead.ids[i], DC_INC, 1, NULL));
    bench->push = (struct message){
        .kind = MESSAGE_PUSH,
        .sender = bench->state.ids[0],
        .digest = digest_of(&bench->state),
        .state = &bench->state,
    };
}

static void bench_release(struct bench *bench)
{
    for (uint32_t i = 0; i < READY_MAX; i++)
        pncounter_release(&bench->ready[i]);
    pncounter_release(&bench->other);
    pncounter_release(&bench->ahead);
    pncounter_release(&bench->state);
    buf_release(&bench->frame);
    codec_free(bench->codec);
    names_release(&bench->names);
}

static void done(const struct bench *bench, const char *row, uint64_t began_ns)
{
    cell_since(row, bench->column, began_ns, bench->turns * bench->entries);
}

static void encode(struct bench *bench)
{
    uint64_t began_ns = cell_clock_ns();

    for (uint64_t i = 0; i < bench->turns; i++)
        must(message_encode(bench->codec, &bench->push, &bench->frame, NULL));
    done(bench, "encode, ns", began_ns);
}

static void decode(struct bench *bench)
{
    uint64_t began_ns = cell_clock_ns();
    struct message got;

    for (uint64_t i = 0; i < bench->turns; i++)
        must(
            message_decode(bench->codec, bench->frame.data, bench->frame.len, &got, &bench->other));
    done(bench, "decode, ns", began_ns);
}

static void merge_known(struct bench *bench)
{
    uint64_t began_ns;

    must(pncounter_copy(&bench->other, &bench->state));
    began_ns = cell_clock_ns();
    for (uint64_t i = 0; i < bench->turns; i++)
        must(pncounter_merge(&bench->other, &bench->state, NULL));
    done(bench, "merge, nothing new, ns", began_ns);
}

/* States are put back between the turns; that is not counted. */
static void merge_ahead(struct bench *bench)
{
    struct pncounter_watch watch = {.raised = on_raised, .ctx = bench};
    uint64_t batch = READY_ENTRIES / bench->entries, merged = 0, took_ns = 0;

    if (batch > READY_MAX)
        batch = READY_MAX;
    if (batch == 0)
        batch = 1;
    while (merged < bench->turns) {
        uint64_t began_ns;

        for (uint64_t i = 0; i < batch; i++)
            must(pncounter_copy(&bench->ready[i], &bench->state));
        began_ns = cell_clock_ns();
        for (uint64_t i = 0; i < batch; i++)
            must(pncounter_merge(&bench->ready[i], &bench->ahead, &watch));
        took_ns += cell_clock_ns() - began_ns;
        merged += batch;
    }
    if (bench->raised != merged * ((bench->entries + 1) / 2))
        fatal("the merges raised %" PRIu64, bench->raised);
    cell_print("merge, half of it new, ns", bench->column,
               (double)took_ns / (double)(merged * bench->entries));
}

static void digest(struct bench *bench)
{
    uint64_t began_ns = cell_clock_ns(), sum = 0;

    for (uint64_t i = 0; i < bench->turns; i++)
        sum |= digest_of(&bench->state) ^ bench->push.digest;
    if (sum != 0)
        fatal("a digest changed");
    done(bench, "digest, ns", began_ns);
}

static void bytes(const struct bench *bench)
{
    size_t plain = message_plain_len(&bench->names, &bench->push);
    double entries = bench->entries;

    cell_print("in memory, bytes", bench->column, (double)bench->live / entries);
    cell_print("in a push, bytes", bench->column, (double)plain / entries);
    cell_print("on the wire, bytes", bench->column, (double)bench->frame.len / entries);
}

int main(int argc, char **argv)
{
    static const struct {
        uint32_t entries;
        const char *column;
    } sizes[] = {{5, "5"}, {100, "100"}, {1000, "1,000"}, {10000, "10,000"}};
    uint64_t work = cell_quick(argc, argv) ? 20000 : 4000000;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct bench bench;

        bench_start(&bench, sizes[i].entries, sizes[i].column, work);
        encode(&bench);
        decode(&bench);
        merge_known(&bench);
        merge_ahead(&bench);
        digest(&bench);
        bytes(&bench);
        bench_release(&bench);
    }
    return 0;
}
