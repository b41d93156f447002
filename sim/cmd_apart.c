/* Work in a process of its own. */
#include "sim/cmd_apart.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cmd_child.h"
#include "sim/cmd_lastwords.h"
#include "sim/cmd_signals.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/text.h"

/* Between two looks at the stop, and at the clock of who says nothing. */
#define LOOK_MS 100
#define LOOK_NS UINT64_C(100000000)
/* Who is to stop may be about to write a file, which takes less than this. */
#define STOP_LOOKS 3u
/* Its own clock ends who is late, if it can: this much more, and we do. */
#define LATE_NS UINT64_C(500000000)
#define READ_BYTES 4096u

struct waiting {
    const struct apart_work *work;
    struct child child;
    struct child_clock clock;
    struct lastwords_place *place; /* shared */
    unsigned stop_looks;
    enum apart_end killed; /* why it was; APART_DONE: it was not */
};

_Noreturn static void be_the_child(const struct waiting *waiting)
{
    FILE *out;
    bool ok;

    signal(SIGINT, SIG_IGN); /* these are the parent's */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    workers_leave();
    lastwords_end();
    lastwords_watch(waiting->place, 0, waiting->work->limit_ns);
    out = fdopen(waiting->child.fd, "wb");
    if (!out)
        fatal_memory(0);
    ok = waiting->work->run(waiting->work->ctx, out);
    fflush(stderr);
    _exit(fclose(out) != 0 ? 3 : ok ? 0 : 1);
}

static void take_away(struct waiting *waiting, enum apart_end why)
{
    kill(waiting->child.pid, SIGKILL);
    waiting->killed = why;
}

static uint64_t used_ns(const struct waiting *waiting)
{
    return waiting->clock.used_ns - waiting->clock.begun_ns;
}

/* It has said nothing for @step_ns. */
static void look(struct waiting *waiting, uint64_t step_ns)
{
    const struct apart_work *work = waiting->work;

    child_clock_look(&waiting->clock, waiting->child.pid, step_ns);
    if (work->stop && *work->stop && ++waiting->stop_looks > STOP_LOOKS)
        take_away(waiting, APART_STOPPED);
    else if (work->limit_ns > 0 && waiting->clock.idle_ns / WORKERS_IDLE_TIMES >= work->limit_ns)
        take_away(waiting, APART_BLOCKED);
    else if (work->limit_ns > 0 && used_ns(waiting) > work->limit_ns + LATE_NS)
        take_away(waiting, APART_LATE);
}

/* All that it says until it ends. */
static void hear(struct waiting *waiting, struct apart *ret)
{
    struct pollfd pipe_end = {.fd = waiting->child.fd, .events = POLLIN};
    ssize_t got = 1;

    ret->text = fatal_calloc(1, READ_BYTES + 1);
    while (got > 0) {
        int ready = poll(&pipe_end, 1, LOOK_MS);

        if (ready <= 0) {
            if (waiting->killed == APART_DONE)
                look(waiting, ready == 0 ? LOOK_NS : 0);
            continue;
        }
        got = read(waiting->child.fd, ret->text + ret->len, READ_BYTES);
        if (got > 0) {
            ret->len += (size_t)got;
            ret->text = fatal_realloc(ret->text, ret->len + READ_BYTES + 1);
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        }
    }
    ret->text[ret->len] = '\0';
}

static void judge_end(const struct waiting *waiting, int status, struct apart *ret)
{
    ret->number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (ret->number == 0 && WEXITSTATUS(status) <= 1)
        ret->ok = WEXITSTATUS(status) == 0; /* also one that was to be taken away just then */
    else if (waiting->killed != APART_DONE)
        ret->end = waiting->killed;
    else if (waiting->place->had_kib > 0)
        ret->end = APART_MEMORY;
    else if (ret->number == SIGPROF)
        ret->end = APART_LATE;
    else
        ret->end = APART_DIED;
}

/* In the parent. A child that somebody else has taken note of was not seen to end well. */
static void wait_for(struct waiting *waiting, struct apart *ret)
{
    int status = 0;
    pid_t ended;

    child_clock_begin(&waiting->clock, waiting->child.pid);
    hear(waiting, ret);
    child_close(&waiting->child);
    do
        ended = waitpid(waiting->child.pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    judge_end(waiting, status, ret);
    if (ended < 0 && ret->end == APART_DONE)
        *ret = (struct apart){.end = APART_DIED, .text = ret->text, .len = ret->len};
}

void apart_run(struct apart *ret, const struct apart_work *work)
{
    struct waiting waiting = {.work = work, .place = child_try_share(sizeof(*waiting.place))};
    int rc = -1;

    *ret = (struct apart){.end = APART_DONE};
    if (waiting.place) {
        fflush(NULL); /* or the child would print it once more */
        rc = child_start(&waiting.child);
    }
    if (rc == 0)
        be_the_child(&waiting);
    if (rc < 0) {
        ret->end = APART_NONE;
        ret->number = errno;
        ret->text = fatal_calloc(1, 1);
    } else {
        workers_wait(true);
        wait_for(&waiting, ret);
        workers_wait(false);
    }
    if (waiting.place)
        child_unshare(waiting.place, sizeof(*waiting.place));
}

void apart_release(struct apart *apart)
{
    free(apart->text);
    *apart = (struct apart){0};
}

const char *apart_text(char buf[static APART_TEXT_MAX], const struct apart *apart,
                       const struct apart_work *work)
{
    char limit[TEXT_TIME_MAX];

    switch (apart->end) {
    case APART_DONE:
        snprintf(buf, APART_TEXT_MAX, "ended");
        break;
    case APART_LATE:
        snprintf(buf, APART_TEXT_MAX, "took more than %s of processor time",
                 text_time_scn(limit, work->limit_ns));
        break;
    case APART_BLOCKED:
        snprintf(buf, APART_TEXT_MAX, "used no processor for %s",
                 text_time_scn(limit, work->limit_ns * WORKERS_IDLE_TIMES));
        break;
    case APART_MEMORY:
        snprintf(buf, APART_TEXT_MAX, "ran out of memory");
        break;
    case APART_DIED:
        if (apart->number != 0)
            snprintf(buf, APART_TEXT_MAX, "died of signal %d (%s)", apart->number,
                     signal_text(apart->number));
        else
            snprintf(buf, APART_TEXT_MAX, "ended its process");
        break;
    case APART_STOPPED:
        snprintf(buf, APART_TEXT_MAX, "was interrupted");
        break;
    case APART_NONE:
        snprintf(buf, APART_TEXT_MAX, "got no process: %s", strerror(apart->number));
        break;
    }
    return buf;
}
