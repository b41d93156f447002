/* The growable run of bytes. */
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/lib_core.h"

/* Bytes come out as they went in, however often the buffer had to grow. */
Test(buf, keeps_what_was_appended)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 100000);

    for (unsigned i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        cr_assert(eq(int, buf_append(&buf, &byte, 1), 0));
    }

    cr_assert(eq(sz, buf.len, 10000));
    for (unsigned i = 0; i < 10000; i++)
        cr_assert(eq(u8, buf.data[i], (uint8_t)(i * 7)));
    buf_release(&buf);
    cr_assert(eq(sz, mem.live, 0));
}

/* The limit is exact: its last byte fits, and one more is refused unchanged. */
Test(buf, never_holds_more_than_its_limit)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 10);

    cr_assert(eq(int, buf_append(&buf, "0123456789", 10), 0));
    cr_assert(eq(int, buf_append(&buf, "x", 1), DC_ELIMIT));
    cr_assert(eq(int, buf_reserve(&buf, SIZE_MAX), DC_ELIMIT));
    cr_assert(eq(sz, buf.len, 10));
    cr_assert(le(sz, buf.cap, 10));

    buf_release(&buf);
}

/* Nothing to append needs no bytes, no pointer and no memory. */
Test(buf, appending_nothing_is_fine)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 10);

    cr_assert(eq(int, buf_append(&buf, NULL, 0), 0));
    cr_assert(eq(sz, mem.requests, 0));

    buf_release(&buf);
    buf_release(&buf); /* a second call does nothing */
}

/* Clearing keeps the memory: that is what a scratch buffer is for. */
Test(buf, clearing_keeps_the_memory)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 1000);
    cr_assert(eq(int, buf_append(&buf, "abc", 3), 0));
    size_t requests = mem.requests;

    buf_clear(&buf);
    cr_assert(eq(int, buf_append(&buf, "defg", 4), 0));

    cr_assert(eq(sz, mem.requests, requests));
    cr_assert(eq(int, memcmp(buf.data, "defg", 4), 0));
    buf_release(&buf);
}

/* Trimming keeps it only while it is small: what was needed once does not lie idle. */
Test(buf, trimming_gives_large_memory_back)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 1000);
    cr_assert(eq(int, buf_append(&buf, "abcdefgh", 8), 0));
    size_t cap = buf.cap;

    buf_trim(&buf, cap);
    cr_assert(buf.len == 0 && buf.cap == cap);
    buf_trim(&buf, cap - 1);
    cr_assert(buf.len == 0 && buf.cap == 0 && buf.data == NULL);
    cr_assert(eq(sz, mem.live, 0));
    cr_assert(eq(int, buf_append(&buf, "i", 1), 0));
    buf_release(&buf);
}

static int append_much(void *ctx)
{
    static const uint8_t bytes[500] = {1};

    return buf_append(ctx, bytes, sizeof(bytes));
}

static void expect_abc(void *ctx)
{
    const struct buf *buf = ctx;

    cr_assert(eq(sz, buf->len, 3));
    cr_assert(eq(int, memcmp(buf->data, "abc", 3), 0));
}

static void back_to_abc(void *ctx)
{
    struct buf *buf = ctx;
    const struct mem *mem = buf->mem;

    buf_release(buf);
    buf_init(buf, mem, 1000);
    cr_assert(eq(int, buf_append(buf, "abc", 3), 0));
}

/* Running out of memory appends nothing and keeps what is there. */
Test(buf, out_of_memory_changes_nothing)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct buf buf;
    buf_init(&buf, &mem.mem, 1000);
    cr_assert(eq(int, buf_append(&buf, "abc", 3), 0));

    expect_survives_no_memory(
        &mem, &(struct oom_case){
                  .op = append_much, .unchanged = expect_abc, .undo = back_to_abc, .ctx = &buf});

    buf_release(&buf);
    cr_assert(eq(sz, mem.live, 0));
}
