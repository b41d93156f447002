/*
 * Logs that somebody has written to keep a node busy. What is counted is work and not
 * time: bytes that go through the checksum, bytes that are moved, files that are read.
 * Each is at most so many times the bytes of the log, whatever stands in them.
 */
#include "core/wal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/wal_file.h"
#include "core/wal_record.h"
#include "tests/lib_core.h"

/* ---- what is counted ---- */

static uint64_t hashed; /* bytes */
static uint64_t moved;  /* bytes */

XXH64_hash_t __real_XXH64(const void *bytes, size_t len, XXH64_hash_t seed);
XXH64_hash_t __wrap_XXH64(const void *bytes, size_t len, XXH64_hash_t seed);
void *__real_memmove(void *to, const void *from, size_t len);
void *__wrap_memmove(void *to, const void *from, size_t len);
void *__real___memmove_chk(void *to, const void *from, size_t len, size_t room);
void *__wrap___memmove_chk(void *to, const void *from, size_t len, size_t room);

XXH64_hash_t __wrap_XXH64(const void *bytes, size_t len, XXH64_hash_t seed)
{
    hashed += len;
    return __real_XXH64(bytes, len, seed);
}

void *__wrap_memmove(void *to, const void *from, size_t len)
{
    moved += len;
    return __real_memmove(to, from, len);
}

/* As some compilers call it. */
void *__wrap___memmove_chk(void *to, const void *from, size_t len, size_t room)
{
    moved += len;
    return __real___memmove_chk(to, from, len, room);
}

/* ---- a disk with as many files as there are to be ---- */

struct file {
    uint64_t number;
    struct buf bytes;
};

struct crafted {
    struct env_ops ops;
    struct env env;
    struct test_world world;
    struct file *files; /* ascending by number */
    size_t len, cap;
    size_t bytes; /* of all, when the log is opened */
    uint64_t reads, removes;
    uint64_t seq; /* of the next record */
    struct wal wal;
    struct pncounter state;
    struct wal_opening opening;
};

static struct file *file_of(struct crafted *crafted, const char *name)
{
    uint64_t number = 0;
    size_t low = 0, high = crafted->len;

    cr_assert(wal_file_number(name, &number));
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (crafted->files[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < crafted->len && crafted->files[low].number == number ? &crafted->files[low] : NULL;
}

/* Behind all that are there. */
static struct buf *file_add(struct crafted *crafted, uint64_t number)
{
    if (crafted->len == crafted->cap) {
        crafted->cap = crafted->cap * 2 + 8;
        crafted->files = realloc(crafted->files, crafted->cap * sizeof(*crafted->files));
        cr_assert(crafted->files != NULL);
    }
    cr_assert(crafted->len == 0 || crafted->files[crafted->len - 1].number < number);
    struct file *file = &crafted->files[crafted->len++];
    file->number = number;
    buf_init(&file->bytes, mem_heap(), SIZE_MAX);
    return &file->bytes;
}

static int on_append(void *ctx, const char *name, const void *bytes, size_t len)
{
    struct crafted *crafted = ctx;
    struct file *file = file_of(crafted, name);
    struct buf *to = file != NULL ? &file->bytes : NULL;

    if (to == NULL) {
        uint64_t number = 0;
        cr_assert(wal_file_number(name, &number));
        to = file_add(crafted, number);
    }
    return buf_append(to, bytes, len);
}

static void on_sync(void *ctx, uint64_t token)
{
    (void)ctx;
    (void)token;
}

static int on_read(void *ctx, const char *name, uint64_t offset, void *bytes, size_t len,
                   size_t *ret_len)
{
    struct crafted *crafted = ctx;
    const struct file *file = file_of(crafted, name);

    cr_assert(file != NULL && offset == 0 && len == file->bytes.len);
    crafted->reads++;
    if (len > 0)
        memcpy(bytes, file->bytes.data, len);
    *ret_len = len;
    return 0;
}

static int on_remove(void *ctx, const char *name)
{
    struct crafted *crafted = ctx;

    (void)name;
    cr_assert(le(u64, ++crafted->removes, 100000), "it ends");
    return 0;
}

static int on_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx)
{
    struct crafted *crafted = ctx;
    char name[WAL_FILE_BYTES];

    for (size_t i = 0; i < crafted->len; i++)
        each(each_ctx, wal_file_name(name, crafted->files[i].number), crafted->files[i].bytes.len);
    return 0;
}

static void crafted_init(struct crafted *crafted)
{
    *crafted = (struct crafted){
        .ops =
            {
                .disk_append = on_append,
                .disk_sync = on_sync,
                .disk_read = on_read,
                .disk_remove = on_remove,
                .disk_list = on_list,
            },
    };
    crafted->env = (struct env){.ops = &crafted->ops, .ctx = crafted};
    world_init(&crafted->world);
    wal_init(&crafted->wal, &crafted->world.mem.mem, &crafted->env, &crafted->world.names,
             WAL_SEGMENT_BYTES);
    pncounter_init(&crafted->state, &crafted->world.mem.mem, &crafted->world.names);
}

static void crafted_release(struct crafted *crafted)
{
    wal_release(&crafted->wal);
    pncounter_release(&crafted->state);
    expect_world_empty(&crafted->world);
    for (size_t i = 0; i < crafted->len; i++)
        buf_release(&crafted->files[i].bytes);
    free(crafted->files);
}

/* Opens it; the counts are of that alone. Memory of lib_core.c moves at each growth: not counted.
 */
static void open_it(struct crafted *crafted)
{
    for (size_t i = 0; i < crafted->len; i++)
        crafted->bytes += crafted->files[i].bytes.len;
    hashed = moved = 0;
    cr_assert(wal_open(&crafted->wal, &crafted->state, NULL, &crafted->opening) == 0);
    expect_canonical(&crafted->state);
}

/* ---- what stands in it ---- */

/* A record of the last file. */
static void put_record(struct crafted *crafted, enum wal_type type, const void *payload, size_t len)
{
    struct file *file = &crafted->files[crafted->len - 1];
    struct wal_record record = {.type = type, .seq = crafted->seq++, .payload_len = (uint32_t)len};
    uint8_t *at;

    cr_assert(buf_reserve(&file->bytes, WAL_RECORD_HEAD_BYTES + len) == 0);
    at = file->bytes.data + file->bytes.len;
    if (len > 0)
        memcpy(at + WAL_RECORD_HEAD_BYTES, payload, len);
    wal_record_seal(at, file->number, &record);
    file->bytes.len += WAL_RECORD_HEAD_BYTES + len;
}

/* A file with a head; its base is whole if it ends here. */
static void put_file(struct crafted *crafted, uint64_t number, bool based)
{
    uint8_t head[14] = {1};

    (void)file_add(crafted, number);
    for (unsigned i = 0; i < 8; i++)
        head[4 + i] = (uint8_t)(crafted->seq >> (8 * i));
    memcpy(head + 12, "n1", 2);
    put_record(crafted, WAL_HEAD, head, sizeof(head));
    if (based)
        put_record(crafted, WAL_BASE, NULL, 0);
}

/* One half of the id of this number, so that ids ascend as numbers do. */
static uint8_t *put_entry(uint8_t *at, uint32_t number)
{
    char id[8];

    snprintf(id, sizeof(id), "%07" PRIu32, number);
    return wal_entry_write(at, &(struct wal_entry){.id = (const uint8_t *)id,
                                                   .id_len = 7,
                                                   .side = (enum dc_side)(number % 2),
                                                   .total = number + 1});
}

/* Heads at every eighth byte, of records with so many bytes; no checksum is right. */
static void put_heads(struct buf *to, size_t len, uint32_t payload_len)
{
    uint8_t eight[8] = {(uint8_t)payload_len, (uint8_t)(payload_len >> 8),
                        (uint8_t)(payload_len >> 16), 0, WAL_ENTRIES};

    cr_assert(buf_reserve(to, len) == 0);
    for (size_t i = 0; i < len; i++)
        to->data[to->len++] = eight[i % 8];
}

/* All that may be put through the checksum in both looks at a log. */
static uint64_t hashed_most(const struct crafted *crafted)
{
    return 2 * (WAL_SCAN_CREDIT + (1 + WAL_SCAN_CREDIT_PER_BYTE) * crafted->bytes);
}

static void expect_counts(const struct crafted *crafted, uint32_t ids)
{
    cr_assert(eq(u32, crafted->state.len, ids));
    for (uint32_t i = 0; i < ids; i++)
        cr_assert(eq(u64, crafted->state.inc[i] + crafted->state.dec[i], i + 1));
}

/* ---- the logs ---- */

/*
 * Behind a record that counts there are heads upon heads, then a record again. It is not
 * known what they hold, so the log is damaged: but what can be read is read.
 */
Test(wal_crafted, heads_that_overlap)
{
    enum {
        LEN = 1 << 20
    };
    struct crafted crafted;
    uint8_t entry[64];

    crafted_init(&crafted);
    put_file(&crafted, 1, true);
    put_record(&crafted, WAL_ENTRIES, entry, (size_t)(put_entry(entry, 0) - entry));
    put_heads(&crafted.files[0].bytes, LEN, 0x3ffe0);
    put_record(&crafted, WAL_ECHO, entry, (size_t)(put_entry(entry, 1) - entry));
    open_it(&crafted);
    cr_expect(le(u64, hashed, hashed_most(&crafted)));
    cr_expect(crafted.opening.found == WAL_DAMAGED);
    expect_counts(&crafted, 2);
    crafted_release(&crafted);
}

/* A few such heads are all tried, and nothing is wrong with a log that ends in them. */
Test(wal_crafted, a_few_heads_are_what_a_crash_leaves)
{
    struct crafted crafted;
    uint8_t entry[64];

    crafted_init(&crafted);
    put_file(&crafted, 1, true);
    put_record(&crafted, WAL_ENTRIES, entry, (size_t)(put_entry(entry, 0) - entry));
    put_heads(&crafted.files[0].bytes, 8 * 50, 60000); /* within the credit */
    append_times(&crafted.files[0].bytes, 0, 60000);
    open_it(&crafted);
    cr_expect(crafted.opening.found == WAL_TORN);
    expect_counts(&crafted, 1);
    crafted_release(&crafted);
}

/* As a file that was made longer and never written. */
Test(wal_crafted, zeros)
{
    struct crafted crafted;

    crafted_init(&crafted);
    put_file(&crafted, 1, true);
    append_times(&crafted.files[0].bytes, 0, (size_t)4 << 20);
    open_it(&crafted);
    cr_expect(le(u64, hashed, 1000));
    cr_expect(crafted.opening.found == WAL_TORN);
    crafted_release(&crafted);
}

/*
 * Ids in falling order, each of which belongs before all that were read. Entries are moved
 * a few times each, for sorting and joining them: 20 bytes of an entry, at each doubling.
 */
#define MOVED_MOST(ids) (UINT64_C(20) * 40 * (ids))

Test(wal_crafted, tiny_records_with_ids_in_falling_order)
{
    enum {
        IDS = 60000
    };
    struct crafted crafted;
    uint8_t entry[64];

    crafted_init(&crafted);
    put_file(&crafted, 1, false);
    for (uint32_t i = IDS; i-- > 0;)
        put_record(&crafted, i % 2 == 0 ? WAL_ENTRIES : WAL_ECHO, entry,
                   (size_t)(put_entry(entry, i) - entry));
    put_record(&crafted, WAL_BASE, NULL, 0);
    open_it(&crafted);
    cr_expect(le(u64, hashed, 2 * crafted.bytes));
    cr_expect(le(u64, moved, MOVED_MOST(IDS)));
    cr_expect(crafted.opening.found == WAL_WHOLE);
    cr_expect(eq(u64, crafted.opening.records, IDS + 2));
    expect_counts(&crafted, IDS);
    crafted_release(&crafted);
}

Test(wal_crafted, a_long_record_with_ids_in_falling_order_again_and_again)
{
    enum {
        IDS = 14000,
        TIMES = 20
    };
    struct crafted crafted;
    uint8_t *payload = malloc((size_t)IDS * (WAL_ENTRY_BYTES + 7)), *end = payload;

    cr_assert(payload != NULL);
    crafted_init(&crafted);
    put_file(&crafted, 1, false);
    for (uint32_t i = IDS; i-- > 0;)
        end = put_entry(end, i);
    for (int i = 0; i < TIMES; i++)
        put_record(&crafted, WAL_ENTRIES, payload, (size_t)(end - payload));
    put_record(&crafted, WAL_BASE, NULL, 0);
    open_it(&crafted);
    cr_expect(le(u64, hashed, 2 * crafted.bytes));
    cr_expect(le(u64, moved, MOVED_MOST(IDS)));
    expect_counts(&crafted, IDS);
    free(payload);
    crafted_release(&crafted);
}

/* Each is read twice at most, and what is tried in vain is counted for all together. */
Test(wal_crafted, many_files)
{
    enum {
        FILES = 5000
    };
    struct crafted crafted;

    crafted_init(&crafted);
    for (uint64_t i = 1; i <= FILES; i++) {
        put_file(&crafted, 3 * i, i % 2 == 0);
        put_heads(&crafted.files[i - 1].bytes, 1024, 512);
    }
    open_it(&crafted);
    cr_expect(le(u64, crafted.reads, 2 * FILES));
    cr_expect(le(u64, hashed, hashed_most(&crafted)));
    crafted_release(&crafted);
}

/* Between the numbers of two files there is room for more than could ever be removed. */
Test(wal_crafted, files_whose_numbers_lie_far_apart)
{
    static const uint64_t nothing[2];
    struct crafted crafted;

    crafted_init(&crafted);
    put_file(&crafted, 1, true);
    put_file(&crafted, UINT64_C(1) << 40, true);
    put_file(&crafted, UINT64_C(1) << 62, true);
    open_it(&crafted);
    cr_assert(wal_begin(&crafted.wal, name(&crafted.world, "n1"), &crafted.state, nothing) == 0);
    uint64_t seq;
    cr_assert(wal_commit(&crafted.wal, &crafted.state, nothing, &seq) == 0);
    cr_expect(wal_on_sync(&crafted.wal, crafted.wal.token, true));
    cr_expect(eq(u64, crafted.removes, 3), "what was found, and nothing between");
    cr_expect(eq(u64, crafted.wal.oldest, (UINT64_C(1) << 62) + 1));
    cr_expect(crafted.wal.left == NULL, "they are not needed any more");
    crafted_release(&crafted);
}
