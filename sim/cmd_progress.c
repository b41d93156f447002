/* Wall time and a terminal: nothing that a run may see. */
#include "sim/cmd_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "sim/text.h"

#define FIRST_NS UINT64_C(1000000000)
#define TERMINAL_NS UINT64_C(250000000)
#define LINE_NS UINT64_C(10000000000)

uint64_t progress_wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void progress_begin(struct progress *progress, const char *file, bool quiet)
{
    bool terminal = isatty(STDERR_FILENO);

    *progress = (struct progress){
        .file = file,
        .quiet = quiet,
        .terminal = terminal,
        .next_ns = progress_wall_ns() + (terminal ? FIRST_NS : LINE_NS),
    };
}

void progress_look(struct progress *progress, const struct run *run)
{
    char now[TEXT_TIME_MAX], stop[TEXT_TIME_MAX];
    uint64_t wall_ns;

    if (progress->quiet)
        return;
    wall_ns = progress_wall_ns();
    if (wall_ns < progress->next_ns)
        return;
    progress->next_ns = wall_ns + (progress->terminal ? TERMINAL_NS : LINE_NS);
    if (progress->terminal)
        fputs("\r\033[K", stderr);
    text_print(stderr, "%s  seed %" PRIu64 "  at %s of %s  events %" PRIu64, progress->file,
               run->options.seed, text_time_short(now, run->world.now_ns),
               text_time_scn(stop, run->scn->stop_ns), run->world.events);
    if (!progress->terminal)
        fputc('\n', stderr);
    fflush(stderr);
    progress->shown = progress->terminal;
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
