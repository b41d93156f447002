/* What a process of ours takes: counted when it runs, and not when it is stopped or waits. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cmd_child.h"
#include "sim/cmd_lastwords.h"

#define SECOND_NS UINT64_C(1000000000)

static void doze(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* A child with that limit, which spins, or waits. */
static pid_t start(unsigned limit, bool spins)
{
    pid_t pid = fork();

    cr_assert(ge(int, pid, 0));
    if (pid > 0)
        return pid;
    lastwords_watch(child_share(sizeof(struct lastwords_place)), 0, limit * SECOND_NS);
    while (spins)
        ;
    doze(2500);
    _exit(7);
}

static int end_of(pid_t pid)
{
    int status = 0;

    cr_assert(eq(int, waitpid(pid, &status, 0), pid));
    return status;
}

Test(child, a_limit_ends_who_spins)
{
    int status = end_of(start(1, true));

    cr_assert(eq(int, WIFSIGNALED(status), 1));
    cr_assert(eq(int, WTERMSIG(status), SIGPROF));
}

Test(child, a_limit_passes_over_who_waits)
{
    int status = end_of(start(1, false));

    cr_assert(eq(int, WIFEXITED(status), 1));
    cr_assert(eq(int, WEXITSTATUS(status), 7));
}

/* What it uses rises while it runs, and stands still while it is stopped, which is seen. */
Test(child, who_is_stopped_uses_nothing)
{
    pid_t pid = start(0, true);
    uint64_t first = 0, second = 0, third = 0;
    bool stopped = false;

    while (first == 0)
        cr_assert(eq(int, child_used_ns(pid, &first), 1));
    child_look_stopped(pid, &stopped);
    cr_expect(eq(int, stopped, 0));
    kill(pid, SIGSTOP);
    while (!stopped)
        child_look_stopped(pid, &stopped);
    do { /* who has said that it is stopped may still be on its way out of the processor */
        cr_assert(eq(int, child_used_ns(pid, &first), 1));
        doze(20);
        cr_assert(eq(int, child_used_ns(pid, &second), 1));
    } while (first != second);
    doze(300);
    cr_assert(eq(int, child_used_ns(pid, &second), 1));
    cr_expect(eq(u64, first, second));
    kill(pid, SIGCONT);
    while (stopped)
        child_look_stopped(pid, &stopped);
    do {
        doze(10);
        cr_assert(eq(int, child_used_ns(pid, &third), 1));
    } while (third == second);
    kill(pid, SIGKILL);
    end_of(pid);
    cr_expect(eq(int, child_used_ns(pid, &third), 0));
    child_look_stopped(pid, &stopped); /* of nobody: says nothing */
}
