/*
 * For LD_PRELOAD: from the $NO_MEMORY_AT-th request for memory on, or only that one with
 * $NO_MEMORY_ONCE, there is none; requests of the C library count too. With $NO_MEMORY_CHILDREN
 * only those of processes that the first one makes, each with a count of its own. With
 * $NO_MEMORY_COUNT a file is named that gets a byte for each request.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);

static int is_refused(void)
{
    static long asked, at;
    static int fd = -1, once, children;
    static pid_t first, self;

    if (first == 0) {
        const char *text = getenv("NO_MEMORY_AT"), *count = getenv("NO_MEMORY_COUNT");

        first = self = getpid();
        children = getenv("NO_MEMORY_CHILDREN") != NULL;
        at = text ? atol(text) : 0;
        once = getenv("NO_MEMORY_ONCE") != NULL;
        if (count)
            fd = open(count, O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
    if (children && self != getpid()) {
        self = getpid();
        asked = 0;
    }
    if (children && self == first)
        return 0;
    asked++;
    if (fd >= 0 && write(fd, ".", 1) < 0)
        abort();
    if (at == 0 || asked < at || (once && asked > at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *ptr, size_t size)
{
    return size > 0 && is_refused() ? NULL : __libc_realloc(ptr, size);
}
