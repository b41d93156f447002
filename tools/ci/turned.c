/*
 * A qsort() for LD_PRELOAD that keeps to the letter of ISO C, and to nothing more:
 * elements that compare equal come out in the reverse of the order they came in.
 * What a program prints must not depend on it (tools/ci/turned.sh).
 *
 * $TURNED_REPORT names a file. A line is added to it when a comparator of the program
 * itself says 0 of two elements with different bytes, which leaves their order to the
 * C library: the program's name, and the comparator's address in it, for addr2line.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int comparator(const void *left, const void *right);

/* The first object is the program. */
static int take_first(struct dl_phdr_info *info, size_t size, void *ret)
{
    (void)size;
    *(ElfW(Addr) *)ret = info->dlpi_addr;
    return 1;
}

static void report(comparator *compare)
{
    const char *path = getenv("TURNED_REPORT");
    union { /* ISO C has no cast between the two */
        comparator *function;
        void *object;
    } at = {.function = compare};
    ElfW(Addr) program = 0;
    Dl_info in = {0};
    char line[256];
    int fd, len;

    dl_iterate_phdr(take_first, &program);
    if (!path || !dladdr(at.object, &in) || (ElfW(Addr))in.dli_fbase != program)
        return;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    len = snprintf(line, sizeof(line), "%s %#lx\n", program_invocation_short_name,
                   (unsigned long)((ElfW(Addr))at.object - program));
    if (fd < 0 || len < 0 || write(fd, line, (size_t)len) != len)
        abort();
    close(fd);
}

/* Merges two runs of @from into @to. What comes first in the left stays first. */
static void merge(char *to, const char *left, size_t left_len, const char *right, size_t right_len,
                  size_t size, comparator *compare, int *undecided)
{
    while (left_len > 0 && right_len > 0) {
        int order = compare(left, right);
        int take_left = order <= 0;

        *undecided |= order == 0 && memcmp(left, right, size) != 0;
        memcpy(to, take_left ? left : right, size);
        to += size;
        left += take_left ? size : 0;
        left_len -= take_left ? 1 : 0;
        right += take_left ? 0 : size;
        right_len -= take_left ? 0 : 1;
    }
    memcpy(to, left, left_len * size);
    memcpy(to + left_len * size, right, right_len * size);
}

void qsort(void *base, size_t count, size_t size, comparator *compare)
{
    char *list = base, *other;
    int undecided = 0;

    if (count < 2)
        return;
    other = malloc(count * size);
    if (!other)
        abort();
    for (size_t i = 0; i < count; i++)
        memcpy(other + i * size, list + (count - 1 - i) * size, size);
    memcpy(list, other, count * size);
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t left = count - at < run ? count - at : run;
            size_t right = count - at - left < run ? count - at - left : run;

            merge(other + at * size, list + at * size, left, list + (at + left) * size, right, size,
                  compare, &undecided);
        }
        memcpy(list, other, count * size);
    }
    free(other);
    if (undecided)
        report(compare);
}
