/* The command as a script sees it. */
#include "tests/lib_cli.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib_sim.h"

static char folder[] = "/tmp/dcsim-cli-XXXXXX";

void cli_make_folder(void)
{
    signal(SIGHUP, SIG_DFL); /* nohup has it ignored, which dcsim respects, and tests do not want */
    cr_assert(mkdtemp(folder) != NULL);
}

void cli_remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert(eq(int, system(command), 0));
}

const char *cli_folder(void)
{
    return folder;
}

const char *cli_plus(void)
{
    static char plus[sizeof(folder) + 1];

    snprintf(plus, sizeof(plus), "%s+", folder);
    for (char *at = plus; *at; at++)
        *at = (char)(*at == '/' ? '+' : *at);
    return plus;
}

char *read_whole(const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return sim_read_file(path);
}

char *read_made(const char *in, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s%s", in, cli_plus(), name);
    return read_whole(path);
}

/* ---- the program ---- */

/* Whoever is there when nobody holds the other end of @fd any more is of no use to anybody. */
_Noreturn static void guard(int fd, pid_t group)
{
    char byte;
    ssize_t got;

    setpgid(0, 0); /* who ends the tests ends their group, and this one is still needed */
    do
        got = read(fd, &byte, 1);
    while (got < 0 && errno == EINTR);
    kill(-group, SIGKILL);
    _exit(0);
}

static pid_t start_shell(const char *command)
{
    pid_t shell = fork();

    cr_assert(ge(int, shell, 0));
    if (shell == 0) {
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    setpgid(shell, shell); /* whoever of both is first */
    return shell;
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/*
 * system(), but all that it starts is a group of its own, and ends with the command, or with
 * this process: what one that was killed has left behind would go on for ever.
 */
static int run_guarded(const char *command)
{
    int fds[2], status;
    pid_t shell, guardian;

    cr_assert(eq(int, pipe(fds), 0));
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    shell = start_shell(command);
    guardian = fork();
    cr_assert(ge(int, guardian, 0));
    if (guardian == 0) {
        close(fds[1]);
        guard(fds[0], shell);
    }
    close(fds[0]);
    status = wait_for(shell);
    close(fds[1]);
    wait_for(guardian);
    return status;
}

struct result dcsim(const char *arguments)
{
    const char *program = getenv("DCSIM");
    char command[4096];
    struct result result;
    int status;

    cr_assert(program != NULL, "DCSIM must name the program");
    snprintf(command, sizeof(command), "DCSIM_DIR=%s; DCSIM_PLUS=%s; %s %s >%s/out 2>%s/err",
             folder, cli_plus(), program, arguments, folder, folder);
    status = run_guarded(command);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read_whole("out");
    result.err = read_whole("err");
    return result;
}

void release(struct result *result)
{
    free(result->out);
    free(result->err);
}

void write_scenario(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
}

void expect_part(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "expected '%s' in:\n%s", part, text);
}
