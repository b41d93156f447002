/* The arena: alignment, zeroes, growth, release. */
#include "sim/arena.h"

#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Sizes from nothing to far over a block, each filled so that the next would notice. */
Test(arena, memory_is_zeroed_aligned_and_apart)
{
    struct arena arena = {0};
    unsigned char *last = NULL;
    size_t last_size = 0, used = 0;

    for (size_t size = 0; size < 200000; size = size * 3 + 1) {
        unsigned char *memory = arena_alloc(&arena, size);

        cr_assert((uintptr_t)memory % alignof(max_align_t) == 0);
        for (size_t i = 0; i < size; i++)
            cr_assert(memory[i] == 0);
        memset(memory, 0xA5, size);
        for (size_t i = 0; i < last_size; i++)
            cr_assert(last[i] == 0xA5);
        last = memory;
        last_size = size;
        used += size;
    }

    cr_assert(arena.used >= used);
    arena_release(&arena);
}

Test(arena, text_is_copied_with_its_length_and_ends)
{
    struct arena arena = {0};
    char *text = arena_text(&arena, "ab\0cd", 5);
    char *empty = arena_text(&arena, NULL, 0);

    cr_assert(memcmp(text, "ab\0cd\0", 6) == 0);
    cr_assert(empty[0] == '\0');

    arena_release(&arena);
}

/* Elements keep their values while the array moves. */
Test(arena, an_array_grows_and_keeps_what_it_has)
{
    struct arena arena = {0};
    uint32_t *array = NULL;
    size_t cap = 0;

    for (uint32_t i = 0; i < 10000; i++) {
        array = arena_grow(&arena, array, i, &cap, sizeof(*array));
        cr_assert(cap > i);
        array[i] = i * 7;
    }

    for (uint32_t i = 0; i < 10000; i++)
        cr_assert(array[i] == i * 7);
    arena_release(&arena);
}

Test(arena, release_leaves_it_empty_and_ready)
{
    struct arena arena = {0};

    arena_release(&arena);
    arena_alloc(&arena, 10);
    arena_release(&arena);
    arena_release(&arena);

    cr_assert(arena.blocks == NULL);
    cr_assert(arena.used == 0);
    arena_alloc(&arena, 10);
    arena_release(&arena);
}
