/* What ends the simulator itself. */
#include "sim/fatal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_CODE_INTERNAL = 3
};

_Noreturn void fatal(const char *format, ...)
{
    va_list args;

    fputs("dcsim: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_CODE_INTERNAL);
}

static void *found(void *ptr, size_t size)
{
    if (!ptr)
        fatal_memory(size);
    return ptr;
}

void *fatal_alloc(size_t size)
{
    return found(malloc(size ? size : 1), size);
}

void *fatal_calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    if (count > SIZE_MAX / size)
        fatal_memory(SIZE_MAX);
    return found(calloc(count, size), count * size);
}

void *fatal_realloc(void *ptr, size_t size)
{
    return found(realloc(ptr, size ? size : 1), size);
}

void *fatal_realloc_array(void *ptr, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        fatal_memory(SIZE_MAX);
    return fatal_realloc(ptr, count * size);
}

char *fatal_strdup(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(fatal_alloc(size), text, size);
}

FILE *fatal_memstream(char **ret_text, size_t *ret_len)
{
    FILE *out;

    *ret_text = NULL;
    out = open_memstream(ret_text, ret_len);
    if (!out)
        fatal_memory(0);
    return out;
}

void fatal_memstream_close(FILE *out, char *const *text)
{
    int failed = ferror(out);

    if (fclose(out) != 0 || failed || !*text)
        fatal_memory(0);
}
