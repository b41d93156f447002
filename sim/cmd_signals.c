/* By the names of POSIX: numbers differ between processors. */
#include "sim/cmd_signals.h"

#include <signal.h>
#include <stddef.h>

static const char *text_of(int number)
{
    static const struct {
        int number;
        const char *text;
    } signals[] = {
        {SIGHUP, "Hangup"},
        {SIGINT, "Interrupt"},
        {SIGQUIT, "Quit"},
        {SIGILL, "Illegal instruction"},
        {SIGTRAP, "Trace or breakpoint trap"},
        {SIGABRT, "Aborted"},
        {SIGBUS, "Bus error"},
        {SIGFPE, "Arithmetic error"},
        {SIGKILL, "Killed"},
        {SIGUSR1, "User defined signal 1"},
        {SIGSEGV, "Segmentation fault"},
        {SIGUSR2, "User defined signal 2"},
        {SIGPIPE, "Broken pipe"},
        {SIGALRM, "Alarm clock"},
        {SIGTERM, "Terminated"},
        {SIGSYS, "Bad system call"},
        {SIGXCPU, "CPU time limit exceeded"},
        {SIGXFSZ, "File size limit exceeded"},
        {SIGVTALRM, "Virtual timer expired"},
        {SIGPROF, "Profiling timer expired"},
    };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (signals[i].number == number)
            return signals[i].text;
    return NULL;
}

const char *signal_text(int number)
{
    const char *text = text_of(number);

    return text ? text : "unknown signal";
}

bool signal_is_named(int number)
{
    return text_of(number) != NULL;
}

bool signal_is_of_a_crash(int number)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};

    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        if (number == crashes[i])
            return true;
    return false;
}
