/* Processes, the pipes from them, and their clocks. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "sim/cmd_child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "sim/fatal.h"

/* Where this process reads from its children. Those that come later must not hold these. */
static struct {
    int *list;
    size_t len, cap;
} ends;

static void add_end(int fd)
{
    if (ends.len == ends.cap) {
        ends.cap = ends.cap ? ends.cap * 2 : 16;
        ends.list = fatal_realloc_array(ends.list, ends.cap, sizeof(*ends.list));
    }
    ends.list[ends.len++] = fd;
}

static void close_ends(void)
{
    for (size_t i = 0; i < ends.len; i++)
        close(ends.list[i]);
    ends.len = 0;
}

/* In the child of @parent. Where there is no such signal, it ends at its next word. */
static void end_with(pid_t parent)
{
#if defined(PR_SET_PDEATHSIG)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(3); /* the parent has gone in between */
}

int child_start(struct child *ret)
{
    pid_t self = getpid();
    int fds[2], err;

    if (pipe(fds) < 0)
        return -1;
    ret->pid = fork();
    err = errno;
    if (ret->pid == 0) {
        end_with(self);
        close_ends();
        close(fds[0]);
        ret->fd = fds[1];
        return 0;
    }
    close(fds[1]);
    if (ret->pid < 0) {
        close(fds[0]);
        errno = err;
        return -1;
    }
    ret->fd = fds[0];
    add_end(fds[0]);
    return 1;
}

void child_close(struct child *child)
{
    for (size_t i = 0; i < ends.len; i++)
        if (ends.list[i] == child->fd) {
            ends.list[i] = ends.list[--ends.len];
            break;
        }
    close(child->fd);
    child->fd = -1;
}

/* ---- clocks ---- */

bool child_used_ns(pid_t pid, uint64_t *ret_ns)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        return false;
    *ret_ns = (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
    return true;
}

void child_look_stopped(pid_t pid, bool *stopped)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};

        if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WCONTINUED | WNOHANG) < 0 ||
            info.si_pid == 0)
            return;
        *stopped = info.si_code == CLD_STOPPED;
    }
}

void child_clock_begin(struct child_clock *clock, pid_t pid)
{
    child_used_ns(pid, &clock->used_ns);
    clock->begun_ns = clock->used_ns;
    clock->idle_ns = 0;
}

void child_clock_look(struct child_clock *clock, pid_t pid, uint64_t step_ns)
{
    uint64_t used_ns = clock->used_ns;

    child_look_stopped(pid, &clock->stopped);
    if (!child_used_ns(pid, &used_ns) && !clock->stopped)
        used_ns += step_ns;
    clock->idle_ns = used_ns == clock->used_ns && !clock->stopped ? clock->idle_ns + step_ns : 0;
    clock->used_ns = used_ns;
}

/* ---- memory ---- */

void *child_try_share(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void *child_share(size_t bytes)
{
    void *memory = child_try_share(bytes);

    if (!memory)
        fatal("no memory that processes share: %s", strerror(errno));
    return memory;
}

void child_unshare(void *memory, size_t bytes)
{
    munmap(memory, bytes);
}
