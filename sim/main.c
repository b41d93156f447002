/* dcsim: which command? Each lives in a cmd_<name>.c of its own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_foreign.h"

static const struct cmd {
    const char *name;
    int (*main)(int argc, char **argv, const char *program);
} cmds[] = {
    {"run", cmd_run},   {"check", cmd_check},   {"fmt", cmd_fmt},
    {"fuzz", cmd_fuzz}, {"shrink", cmd_shrink}, {"replay", cmd_replay},
};

/*
 * Whoever starts us may have closed the standard descriptors. No file that we open may come
 * to stand in their place, or it would be given what is meant for them; and to use one is
 * to fail, as if it were closed. Returns 0 or -1.
 */
static int take_standard_descriptors(void)
{
    int fd;

    do {
        /* One that only writes for what is read, and the other way round. */
        bool reads = fcntl(STDIN_FILENO, F_GETFD) < 0;

        fd = open("/dev/null", reads ? O_WRONLY : O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd < 0 ? -1 : close(fd);
}

/*
 * A reader that goes away and a file that may not grow are errors of a write like any other,
 * to be told: by default they end the process, and files that are half written stay so. Our
 * processes are all made by fork() alone, and want the same; one that runs another program
 * would have to give that the defaults back.
 */
static void make_writes_fail(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* whoever ignores it does not learn how a child ended */
}

/* Whoever starts us may have blocked some, and our clocks and stops are signals. */
static void hear_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int run_command(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(cmds) / sizeof(cmds[0]); i++)
        if (strcmp(argv[1], cmds[i].name) == 0)
            return cmds[i].main(argc - 1, argv + 1, argv[0]);
    if (cmd_foreign_command(argc, argv))
        return EXIT_USAGE;
    return cmd_run(argc, argv, argv[0]); /* dcsim FILE means dcsim run FILE */
}

int main(int argc, char **argv)
{
    int exit_code;

    if (take_standard_descriptors() < 0) {
        fprintf(stderr, "dcsim: cannot open /dev/null: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    make_writes_fail();
    hear_signals();
    exit_code = run_command(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    fprintf(stderr, "dcsim: cannot write the results: %s\n", strerror(errno));
    return EXIT_INTERNAL;
}
