/*
 * Worker w of n does the jobs w, w + n, w + 2n, ... and writes each result into
 * its pipe. So the next result in order always comes from a known worker, and
 * the queue of each is in order by itself.
 */
#include "sim/cmd_workers.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cmd_child.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_signals.h"
#include "sim/fatal.h"

/* Results of one worker that wait for their turn; past that, it waits for us. */
#define QUEUE_MAX 64u
/* Between two looks at whose turn it is. */
#define TURN_NS 1000000
/* Between two looks at the clocks, and at the stop, when no worker has anything to say. */
#define LOOK_MS 100
/* What passes between two looks is at most that: for the rest this process did not run either. */
#define STEP_NS UINT64_C(200000000)
/* After it was told to stop, a worker may take so long to look up. */
#define STOP_NS UINT64_C(600000000)

/* What a worker says when it hands over. */
enum saying {
    SAYING_RESULT,
    SAYING_LAST_WORDS, /* a result, and the worker ends in the middle of a job */
    SAYING_NO_MORE,    /* no result: it begins no more jobs */
};

struct head {
    uint64_t job;
    size_t len, extra_len;
    int64_t code;
    enum saying saying;
};

struct worker {
    struct child child; /* closed: it has ended */
    bool told;          /* to stop */
    bool spoke;         /* its last words */
    bool rests;         /* it has begun no more jobs, as it said */
    bool killed;        /* at job killed_at, for what is in killed_end */
    enum workers_end killed_end;
    uint64_t killed_at;
    struct child_clock clock;      /* since its last sign of life */
    uint64_t patient_ns;           /* that passed since it was told */
    uint64_t next;                 /* the job it is at */
    struct lastwords_place *place; /* where its job is; shared */
    uint32_t *turn;                /* how many jobs done() has heard of, modulo 2^32; shared */
    char *bytes;                   /* read, not yet a whole result */
    size_t len, cap;
    struct workers_result queue[QUEUE_MAX]; /* a ring */
    unsigned queue_at, queue_len;
};

/* In a worker: the job at hand. The process has one job at a time. */
static struct {
    int fd;
    uint64_t job;
    FILE *out, *extra;
    char *bytes, *extra_bytes;
    size_t len, extra_len;
    const uint32_t *turn;          /* how many jobs done() has heard of, modulo 2^32; shared */
    struct lastwords_place *place; /* NULL: not in a worker; shared */
    const volatile sig_atomic_t *stop;
    pid_t parent;
    void (*on_stop)(int signal_number); /* what the parent does on SIGINT */
} own = {.fd = -1};

/* ---- in the worker ---- */

static void write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t wrote = write(fd, at, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            _exit(3); /* nobody listens any more */
        at += wrote;
        len -= (size_t)wrote;
    }
}

static void hand_over(int code, enum saying saying)
{
    struct head head = {.job = own.job, .code = code, .saying = saying};

    fatal_memstream_close(own.out, &own.bytes);
    fatal_memstream_close(own.extra, &own.extra_bytes);
    head.len = own.len;
    head.extra_len = own.extra_len;
    write_all(own.fd, &head, sizeof(head));
    write_all(own.fd, own.bytes, own.len);
    write_all(own.fd, own.extra_bytes, own.extra_len);
    free(own.bytes);
    free(own.extra_bytes);
    own.out = NULL;
}

void workers_last_words(int code)
{
    if (own.fd >= 0 && own.out)
        hand_over(code, SAYING_LAST_WORDS);
}

uint32_t *workers_number(void)
{
    return child_share(sizeof(uint32_t));
}

void workers_number_release(uint32_t *number)
{
    child_unshare(number, sizeof(*number));
}

struct lastwords_place *workers_place(void)
{
    return own.place;
}

void workers_wait(bool waits)
{
    if (own.place)
        own.place->waits = waits;
}

void workers_leave(void)
{
    if (own.fd >= 0)
        close(own.fd);
    own.fd = -1;
    own.place = NULL;
}

/* Jobs before the one at hand of which done() has not heard; a window of far fewer than 2^32. */
static uint32_t jobs_before(void)
{
    return (uint32_t)own.job - __atomic_load_n(own.turn, __ATOMIC_ACQUIRE);
}

bool workers_inside(void)
{
    return own.fd >= 0;
}

bool workers_turn(void)
{
    const struct timespec wait = {.tv_nsec = TURN_NS};

    workers_wait(true);
    while (own.fd >= 0 && !*own.stop && jobs_before() != 0)
        nanosleep(&wait, NULL); /* until then, others use the processor */
    workers_wait(false);
    return own.fd < 0 || !*own.stop;
}

/*
 * A terminal tells all processes of a command about Ctrl-C, and the parent passes on
 * what it hears: so only that counts. Whoever else sends a signal to a worker takes it away.
 */
static void on_interrupt(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_code > 0)
        return; /* the terminal */
    if (info->si_pid == own.parent) {
        own.on_stop(signal_number);
        return;
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number); /* comes when this one is over */
}

static void hear_parent_only(void)
{
    struct sigaction action = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO}, old;

    signal(SIGTERM, SIG_DFL);
    if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        signal(SIGHUP, SIG_DFL);
    if (sigaction(SIGINT, NULL, &old) < 0 || old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN)
        return;
    own.on_stop = old.sa_handler;
    own.parent = getppid();
    sigaction(SIGINT, &action, NULL);
}

static bool may_begin(const struct workers *workers)
{
    return !*workers->stop && (!workers->begins || workers->begins(workers->ctx));
}

_Noreturn static void work(const struct workers *workers, const struct worker *worker,
                           uint64_t first)
{
    struct head no_more = {.saying = SAYING_NO_MORE};

    own.fd = worker->child.fd;
    own.stop = workers->stop;
    own.turn = worker->turn;
    own.place = worker->place;
    lastwords_watch(worker->place, 0, 0); /* before it asks for memory */
    for (uint64_t job = first; job < workers->jobs; job += workers->count) {
        if (!may_begin(workers)) {
            write_all(own.fd, &no_more, sizeof(no_more));
            break;
        }
        own.job = job;
        own.out = fatal_memstream(&own.bytes, &own.len);
        own.extra = fatal_memstream(&own.extra_bytes, &own.extra_len);
        hand_over(workers->run(workers->ctx, job, own.out, own.extra), SAYING_RESULT);
        if (workers->jobs - job <= workers->count)
            break;
    }
    _exit(0);
}

/* ---- in this process ---- */

/* What comes meanwhile finds a process that knows whom it has to hear. */
static int start_deaf(struct child *child)
{
    sigset_t deaf, before;
    int rc;

    sigemptyset(&deaf);
    sigaddset(&deaf, SIGINT);
    sigaddset(&deaf, SIGTERM);
    sigaddset(&deaf, SIGHUP);
    sigprocmask(SIG_BLOCK, &deaf, &before);
    rc = child_start(child);
    if (rc == 0)
        hear_parent_only();
    sigprocmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static int start(const struct workers *workers, struct worker *worker, uint64_t first)
{
    int rc;

    worker->child.fd = -1;
    worker->next = first;
    worker->len = 0;
    worker->spoke = worker->rests = false;
    worker->killed = false;
    worker->clock = (struct child_clock){0};
    worker->patient_ns = 0;
    *worker->place = (struct lastwords_place){0};
    if (first >= workers->jobs || worker->told || !may_begin(workers))
        return 0;
    fflush(NULL); /* or the worker would print it once more */
    rc = start_deaf(&worker->child);
    if (rc == 0)
        work(workers, worker, first);
    if (rc < 0)
        return -1;
    child_clock_begin(&worker->clock, worker->child.pid);
    return 0;
}

static void enqueue(struct worker *worker, struct workers_result result)
{
    worker->queue[(worker->queue_at + worker->queue_len++) % QUEUE_MAX] = result;
}

static char *copy_of(const char *bytes, size_t len)
{
    char *copy = fatal_alloc(len + 1);

    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

/* Takes the whole results out of what was read, as long as there is room for them. */
static void take_results(const struct workers *workers, struct worker *worker)
{
    struct head head;
    size_t at = 0;

    while (worker->len - at >= sizeof(head) && worker->queue_len < QUEUE_MAX) {
        const char *body = worker->bytes + at + sizeof(head);

        memcpy(&head, worker->bytes + at, sizeof(head));
        if (worker->len - at - sizeof(head) < head.len + head.extra_len)
            break;
        at += sizeof(head) + head.len + head.extra_len;
        if (head.saying == SAYING_NO_MORE) {
            worker->rests = true;
            continue;
        }
        enqueue(worker, (struct workers_result){
                            .job = head.job,
                            .code = (int)head.code,
                            .bytes = copy_of(body, head.len),
                            .len = head.len,
                            .extra = copy_of(body + head.len, head.extra_len),
                            .extra_len = head.extra_len,
                        });
        worker->next = head.job + workers->count;
        worker->spoke = head.saying == SAYING_LAST_WORDS;
    }
    memmove(worker->bytes, worker->bytes + at, worker->len - at);
    worker->len -= at;
}

/* The job that a worker was at when it ended with @status. */
static struct workers_result lost_job(const struct worker *worker, int status)
{
    struct workers_result lost = {
        .job = worker->next, .end = WORKERS_LEFT, .place = *worker->place};

    if (worker->killed) {
        lost.end = worker->killed_end;
    } else if (WIFSIGNALED(status)) {
        lost.signal = WTERMSIG(status);
        lost.end = signal_is_of_a_crash(lost.signal) ? WORKERS_DIED : WORKERS_TAKEN;
    } else {
        lost.code = WEXITSTATUS(status);
        lost.end = lost.place.had_kib > 0 ? WORKERS_MEMORY : WORKERS_LEFT;
    }
    lost.bytes = copy_of("", 0);
    lost.extra = copy_of("", 0);
    return lost;
}

/* The worker's end: with all its jobs done, as it was told to, or in the middle of a job. */
static int end(const struct workers *workers, struct worker *worker)
{
    bool told = worker->told || *workers->stop; /* who told us may have told the worker as well */
    struct workers_result lost;
    int status = 0;

    child_close(&worker->child);
    while (waitpid(worker->child.pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (worker->next >= workers->jobs || worker->rests)
        return 0;
    if (worker->killed && (told || worker->killed_at != worker->next))
        return start(workers, worker, worker->next); /* that job was done just in time */
    lost = lost_job(worker, status);
    if (worker->spoke || (told && lost.end != WORKERS_DIED)) {
        free(lost.bytes);
        free(lost.extra);
    } else {
        enqueue(worker, lost);
        worker->next += workers->count;
    }
    /* After last words next is past that job already. */
    return start(workers, worker, worker->next);
}

/* Reads what is there; the end of the worker comes when all it wrote has been taken. */
static int read_worker(const struct workers *workers, struct worker *worker)
{
    ssize_t got;

    if (worker->len + 65536 > worker->cap) {
        worker->cap = worker->cap ? worker->cap * 2 : 131072;
        worker->bytes = fatal_realloc(worker->bytes, worker->cap);
    }
    got = read(worker->child.fd, worker->bytes + worker->len, worker->cap - worker->len);
    if (got < 0)
        return errno == EINTR ? 0 : -1;
    if (got == 0)
        return end(workers, worker);
    worker->len += (size_t)got;
    child_clock_begin(&worker->clock, worker->child.pid);
    take_results(workers, worker);
    return 0;
}

static void take_away(struct worker *worker, enum workers_end end)
{
    worker->killed = true;
    worker->killed_end = end;
    worker->killed_at = worker->next;
    kill(worker->child.pid, SIGKILL);
}

/*
 * It has had nothing to say, and @step_ns have passed since the last look: is that too long?
 * What counts is what it used, so that neither a machine that is busy nor a campaign that
 * was stopped for a while is taken for a run that hangs.
 */
static void look_at_clocks(const struct workers *workers, struct worker *worker, uint64_t step_ns)
{
    struct child_clock *clock = &worker->clock;

    if (worker->killed)
        return;
    if (worker->place->waits)
        child_clock_begin(clock, worker->child.pid);
    else
        child_clock_look(clock, worker->child.pid, step_ns);
    worker->patient_ns += worker->told ? step_ns : 0;
    if (worker->patient_ns >= STOP_NS)
        take_away(worker, WORKERS_TOLD);
    else if (workers->job_ns > 0 && clock->used_ns - clock->begun_ns >= workers->job_ns)
        take_away(worker, WORKERS_LATE);
    else if (workers->job_ns > 0 && clock->idle_ns / WORKERS_IDLE_TIMES >= workers->job_ns)
        take_away(worker, WORKERS_BLOCKED);
}

static void hand_out_one(const struct workers *workers, struct worker *worker)
{
    struct workers_result *result = &worker->queue[worker->queue_at];

    workers->done(workers->ctx, result);
    free(result->bytes);
    free(result->extra);
    worker->queue_at = (worker->queue_at + 1) % QUEUE_MAX;
    worker->queue_len--;
    take_results(workers, worker);
}

/* After an interruption: what is there, in order, with gaps where jobs were not done. */
static void hand_out_rest(const struct workers *workers, struct worker *list)
{
    struct worker *first;

    do {
        first = NULL;
        for (unsigned i = 0; i < workers->count; i++)
            if (list[i].queue_len > 0 &&
                (!first || list[i].queue[list[i].queue_at].job < first->queue[first->queue_at].job))
                first = &list[i];
        if (first)
            hand_out_one(workers, first);
    } while (first);
}

/* Hands over what is next in order, from @next on. Returns the job that is next then. */
static uint64_t hand_out(const struct workers *workers, struct worker *list, uint64_t next)
{
    while (next < workers->jobs) {
        struct worker *worker = &list[next % workers->count];

        if (worker->queue_len == 0)
            break;
        hand_out_one(workers, worker);
        __atomic_store_n(list[0].turn, (uint32_t)++next, __ATOMIC_RELEASE);
    }
    return next;
}

/* Only a terminal tells all processes; whoever else told us told nobody but us. */
static void pass_on_stop(const struct workers *workers, struct worker *list)
{
    for (unsigned i = 0; i < workers->count; i++) {
        if (list[i].child.fd >= 0 && !list[i].told)
            kill(list[i].child.pid, SIGINT);
        list[i].told = true;
    }
}

/* The time that has passed since *@look_ns, as far as it counts; that is now. */
static uint64_t step_since(uint64_t *look_ns)
{
    uint64_t now_ns = progress_wall_ns(), passed_ns = now_ns - *look_ns;

    *look_ns = now_ns;
    return passed_ns < STEP_NS ? passed_ns : STEP_NS;
}

/* Waits for any worker that may go on, and reads from it. Returns 1, 0 when none is left, -1. */
static int wait_for_any(const struct workers *workers, struct worker *list, uint64_t *look_ns)
{
    struct pollfd polls[WORKERS_MAX];
    unsigned index[WORKERS_MAX], len = 0;
    uint64_t step_ns;
    int ready;

    for (unsigned i = 0; i < workers->count; i++) {
        if (list[i].child.fd >= 0 && list[i].queue_len >= QUEUE_MAX - 1)
            child_clock_begin(&list[i].clock, list[i].child.pid); /* it waits for us */
        if (list[i].child.fd < 0 || list[i].queue_len >= QUEUE_MAX - 1)
            continue;
        polls[len] = (struct pollfd){.fd = list[i].child.fd, .events = POLLIN};
        index[len++] = i;
    }
    if (len == 0)
        return 0;
    ready = poll(polls, len, LOOK_MS);
    if (ready < 0 && errno != EINTR)
        return -1;
    step_ns = step_since(look_ns);
    for (unsigned i = 0; i < len; i++) {
        bool has_said = ready > 0 && polls[i].revents; /* a signal leaves all of it unsaid */

        if (has_said && read_worker(workers, &list[index[i]]) < 0)
            return -1;
        if (!has_said)
            look_at_clocks(workers, &list[index[i]], step_ns);
    }
    return 1;
}

static int all_in_workers(const struct workers *workers)
{
    struct worker *list = fatal_calloc(workers->count, sizeof(*list));
    uint64_t next = 0, look_ns = progress_wall_ns();
    uint32_t *turn = workers_number();
    int rc = 0;

    for (unsigned i = 0; i < workers->count; i++) {
        list[i].child.fd = -1;
        list[i].turn = turn;
        list[i].place = child_share(sizeof(*list[i].place));
    }
    for (unsigned i = 0; i < workers->count && rc == 0; i++)
        rc = start(workers, &list[i], i);
    while (rc == 0) {
        next = hand_out(workers, list, next);
        if (*workers->stop || (workers->enough && workers->enough(workers->ctx)))
            pass_on_stop(workers, list);
        rc = wait_for_any(workers, list, &look_ns);
        if (rc == 0)
            break;
        rc = rc < 0 ? -1 : 0;
    }
    hand_out_rest(workers, list);
    for (unsigned i = 0; i < workers->count; i++) {
        struct child *child = &list[i].child;

        if (child->fd >= 0) { /* there are no more processes: what this one does is of no use */
            kill(child->pid, SIGKILL);
            child_close(child);
            waitpid(child->pid, NULL, 0);
        }
        free(list[i].bytes);
        child_unshare(list[i].place, sizeof(*list[i].place));
    }
    free(list);
    workers_number_release(turn);
    return rc;
}

/* One after the other, in this process. */
static void all_here(const struct workers *workers)
{
    struct workers_result result = {.bytes = (char[]){""}};

    for (; result.job < workers->jobs && !*workers->stop; result.job++) {
        FILE *extra = fatal_memstream(&result.extra, &result.extra_len);

        result.code = workers->run(workers->ctx, result.job, stdout, extra);
        fatal_memstream_close(extra, &result.extra);
        workers->done(workers->ctx, &result);
        free(result.extra);
    }
}

int workers_all(const struct workers *workers)
{
    if (workers->count > 1 || workers->apart)
        return all_in_workers(workers);
    all_here(workers);
    return 0;
}
