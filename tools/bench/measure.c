/* wait4() tells the time and the memory of one child, where getrusage() has only all. */
#include "tools/bench/measure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/fatal.h"

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

/* All that comes, so that the child never waits; what does not fit is dropped. */
static void read_all(int fd, char ret[MEASURE_OUT_MAX])
{
    char rest[512];
    size_t len = 0;

    while (true) {
        bool fits = len < MEASURE_OUT_MAX - 1;
        ssize_t n =
            fits ? read(fd, ret + len, MEASURE_OUT_MAX - 1 - len) : read(fd, rest, sizeof(rest));

        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        if (n > 0 && fits)
            len += (size_t)n;
    }
    ret[len] = '\0';
}

void measure_run(const char *const argv[], struct measure *ret)
{
    struct rusage usage = {0};
    int fds[2], status = 0;
    pid_t pid;

    if (pipe(fds) < 0)
        fatal("no pipe");
    pid = fork();
    if (pid < 0)
        fatal("no process");
    if (pid == 0) {
        if (dup2(fds[1], STDOUT_FILENO) >= 0) {
            close(fds[0]);
            close(fds[1]);
            /* execv() does not write into its arguments; its type is older than const. */
            execv(argv[0], (char *const *)(uintptr_t)argv);
        }
        _exit(127);
    }
    close(fds[1]);
    read_all(fds[0], ret->out);
    close(fds[0]);
    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            fatal("a process was lost");
    ret->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ret->cpu_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime);
    ret->peak_kib = (uint64_t)usage.ru_maxrss;
}

void series_add(struct series *series, double value)
{
    if (series->len < MEASURE_ROUNDS_MAX)
        series->values[series->len++] = value;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double series_median(struct series *series)
{
    size_t half = series->len / 2;

    if (series->len == 0)
        return 0;
    qsort(series->values, series->len, sizeof(series->values[0]), compare);
    if (series->len % 2 == 1)
        return series->values[half];
    return (series->values[half - 1] + series->values[half]) / 2;
}
