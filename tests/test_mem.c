/* Allocators: the one of the process, and the arithmetic of growing. */
#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/mem.h"
#include "tests/lib_core.h"

/* The heap keeps bytes when a block grows or shrinks, and frees with size 0. */
Test(mem, the_heap_keeps_what_a_block_held)
{
    const struct mem *heap = mem_heap();

    char *block = mem_alloc(heap, 4);
    memcpy(block, "abcd", 4);
    block = mem_resize(heap, block, 4, 4096);
    cr_assert(eq(int, memcmp(block, "abcd", 4), 0));
    block = mem_resize(heap, block, 4096, 2);
    cr_assert(eq(int, memcmp(block, "ab", 2), 0));

    cr_assert(eq(ptr, mem_resize(heap, block, 2, 0), NULL));
}

/* Releasing what was never allocated is what every release function relies on. */
Test(mem, freeing_nothing_is_fine)
{
    mem_free(mem_heap(), NULL, 0);
}

/*
 * Growth is by doubling, so that adding one at a time costs O(1); it meets
 * what is asked for and never passes the limit, also next to SIZE_MAX.
 */
Test(mem, growing_doubles_within_the_limit)
{
    cr_assert(eq(sz, mem_grow(0, 1, 1000), 8));
    cr_assert(eq(sz, mem_grow(8, 9, 1000), 16));
    cr_assert(eq(sz, mem_grow(8, 100, 1000), 100));
    cr_assert(eq(sz, mem_grow(600, 601, 1000), 1000));
    cr_assert(eq(sz, mem_grow(0, 1, 3), 3));
    cr_assert(eq(sz, mem_grow(0, 0, 0), 0));
    cr_assert(eq(sz, mem_grow(SIZE_MAX - 1, SIZE_MAX, SIZE_MAX), SIZE_MAX));
}

/*
 * The allocator of the tests is itself relied upon: it must count, and it must
 * fail when told to, or every sweep proves nothing.
 */
Test(mem, the_allocator_of_the_tests_counts_and_fails)
{
    struct test_mem mem;
    test_mem_init(&mem);

    void *block = mem_alloc(&mem.mem, 10);
    cr_assert(eq(sz, mem.live, 10));
    test_mem_fail_after(&mem, 1);
    block = mem_resize(&mem.mem, block, 10, 20);
    cr_assert(ne(ptr, block, NULL));
    cr_assert(eq(ptr, mem_resize(&mem.mem, block, 20, 30), NULL));
    cr_assert(eq(sz, mem.live, 20));
    block = mem_resize(&mem.mem, block, 20, 40); /* it failed once */
    test_mem_fail_from(&mem, 0);
    cr_assert(eq(ptr, mem_alloc(&mem.mem, 1), NULL));
    cr_assert(eq(ptr, mem_alloc(&mem.mem, 1), NULL));

    mem_free(&mem.mem, block, 40);
    cr_assert(eq(sz, mem.live, 0));
}

/*
 * A broken contract ends the process: the alarm that all other tests trust.
 * The same for each kind of mistake that only a caller can make.
 */
#ifndef DC_CONTRACTS_DISABLED
Test(mem, asking_for_no_bytes_breaks_a_contract, .signal = SIGABRT)
{
    (void)mem_alloc(mem_heap(), 0);
}

Test(mem, growing_past_the_limit_breaks_a_contract, .signal = SIGABRT)
{
    (void)mem_grow(1, 11, 10);
}
#endif
