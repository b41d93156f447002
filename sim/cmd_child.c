/* Clocks of processes. */
#include "sim/cmd_child.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

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

void child_limit(unsigned seconds)
{
    struct itimerval timer = {.it_value.tv_sec = (time_t)seconds};

    setitimer(ITIMER_PROF, &timer, NULL);
}
