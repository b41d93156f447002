/* Words for a signal handler. */
#define _XOPEN_SOURCE 700 /* setitimer(), sigaltstack() */
#define _DEFAULT_SOURCE   /* MAP_ANONYMOUS */
#include "sim/cmd_lastwords.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_signals.h"
#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/text.h"

/* The stack of a run may be all used up when it crashes. */
#define STACK_BYTES 65536u
#define DIGITS 20u
/* Kept for when the run has used up all other memory: a report needs less. */
#define RESERVE_BYTES 1048576u
#define SECOND_NS UINT64_C(1000000000)
/* Between two looks at the clock. */
#define TICK_NS UINT64_C(100000000)

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

/* The run at hand; the process has one at a time. */
static struct {
    const struct run *volatile run;
    volatile sig_atomic_t active;
    volatile sig_atomic_t told; /* its verdict */
    int fd;
    char *name, *reproduce; /* as they are printed; owned */
    char *lost_crash, *lost_late,
        *lost_memory; /* with --json: what is printed in their place; else NULL; owned */
    struct lastwords_place *place; /* a parent says it; else NULL */
    struct lastwords_place *last;  /* the same, when the run is over too */
    uint64_t event_ns, limit_ns;   /* 0: any */
    uint64_t used_ns, since_ns;    /* of processor time; when the event at hand was seen first */
    uint64_t seen;                 /* that event */
    char memory[192];              /* what is said of that */
    void *reserve;                 /* owned */
    char stack[STACK_BYTES];
} own;

/* ---- in the handler ---- */

static void say(const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t wrote = write(own.fd, text, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return; /* nobody hears it */
        text += wrote;
        len -= (size_t)wrote;
    }
}

static void say_number(uint64_t number, unsigned least)
{
    char digits[DIGITS + 1];
    size_t at = DIGITS;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 || DIGITS - at < least);
    say(digits + at);
}

static void say_time(uint64_t ns)
{
    say_number(ns / SECOND_NS, 1);
    say(".");
    say_number(ns % SECOND_NS, 9);
    say("s");
}

/* "broke f.scn  seed 8  at 0.514000000s", and what of it; then where it is, and what repeats it. */
static void say_all(const char *verdict, const char *what, const char *whose, const char *help)
{
    const struct run *run = own.run;

    say(verdict);
    say(own.name);
    if (run) {
        say("  at ");
        say_time(run->world.now_ns);
    }
    say("\n  ");
    say(what);
    say(whose);
    if (run) {
        say(" in event ");
        say_number(run->world.events, 1);
        say(", ");
        say(event_text(run->event.kind));
        if (run->event.node < run->scn->nodes) {
            say(" of n");
            say_number((uint64_t)run->event.node + 1, 1);
        }
    }
    say("\n");
    say(help);
    say(own.reproduce);
}

/* Of a run whose verdict is told already. */
static void say_behind(const char *what, const char *whose)
{
    own.fd = STDERR_FILENO;
    say("dcsim: ");
    say(own.name);
    say(": giving back what it had, after its verdict, it ");
    say(what);
    say(whose);
    say("\n");
}

static void note_place(bool crashed)
{
    const struct run *run = own.run;

    if (!run || !own.place)
        return;
    *own.place = (struct lastwords_place){
        .at_ns = run->world.now_ns,
        .event = run->world.events,
        .taken_ns = own.used_ns - own.since_ns,
        .kind = run->event.kind,
        .node = run->event.node < run->scn->nodes ? run->event.node + 1 : 0,
        .crashed = crashed,
        .waits = own.place->waits,
    };
}

/* It comes when the handler is over. */
static void die_of(int signal_number)
{
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void on_crash(int signal_number)
{
    own.active = 0;
    if (own.place)
        note_place(true);
    else if (own.told)
        say_behind("died of a signal: ", signal_text(signal_number));
    else if (own.lost_crash)
        say(own.lost_crash);
    else
        say_all("broke ", "died of a signal: ", signal_text(signal_number), "");
    die_of(signal_number);
}

static void end_late(const char *what)
{
    if (own.place) {
        own.active = 0;
        die_of(SIGPROF);
        return;
    }
    if (own.told) {
        say_behind("did not end within --timeout-per-seed", "");
        _exit(EXIT_INTERNAL);
    }
    if (own.lost_late)
        say(own.lost_late);
    else
        say_all("broke ", what, "", "");
    _exit(EXIT_BROKE);
}

/* Some processor time has passed. */
static void on_tick(int signal_number)
{
    int err = errno;

    (void)signal_number;
    if (!own.active)
        return;
    own.used_ns += TICK_NS;
    if (!own.run || own.run->world.events != own.seen) {
        own.seen = own.run ? own.run->world.events : 0;
        own.since_ns = own.used_ns;
    }
    note_place(false);
    if (own.run && own.event_ns > 0 && own.used_ns - own.since_ns >= own.event_ns)
        end_late("took 10s of processor time and did not end,");
    else if (own.limit_ns > 0 && own.used_ns >= own.limit_ns)
        end_late("timed out, for --timeout-per-seed,");
    errno = err;
}

/* Of physical memory, at its most. */
static uint64_t memory_kib(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > 0 ? (uint64_t)usage.ru_maxrss
                                                                      : 1;
}

static void say_memory(size_t size, uint64_t had_kib)
{
    char what[128] = "";

    if (own.lost_memory) {
        say(own.lost_memory);
        return;
    }
    if (size > 0 && size < SIZE_MAX)
        snprintf(what, sizeof(what), " and none for %zu bytes more,", size);
    snprintf(own.memory, sizeof(own.memory), "ran out of memory, with %" PRIu64 " MiB%s",
             had_kib / 1024, what[0] ? what : ",");
    say_all("unknown ", own.memory, "", "  " LASTWORDS_MEMORY_HELP "\n");
}

/*
 * Takes the place of the one in sim/fatal_memory.c. A run that had not enough memory is unknown:
 * what it would have come to, nobody has seen. Nothing is asked for here but write().
 */
_Noreturn void fatal_memory(size_t size)
{
    uint64_t had_kib = memory_kib();

    if (own.last) {
        note_place(false);
        own.last->had_kib = had_kib;
    } else if (own.active && !own.told) {
        own.active = 0;
        fflush(stdout);
        say_memory(size, had_kib);
    } else {
        fprintf(stderr, "dcsim: out of memory, with %" PRIu64 " MiB: this needs more\n",
                had_kib / 1024);
        exit(EXIT_INTERNAL);
    }
    _exit(EXIT_UNKNOWN);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    if (!own.active || own.place)
        return;
    if (own.told)
        say_behind("did not look up when it was interrupted", "");
    else
        say_all("unknown ", "interrupted, and it did not look up", "", "");
    _exit(EXIT_INTERRUPTED);
}

void lastwords_interrupted(void)
{
    struct itimerval soon = {.it_value = {.tv_usec = LASTWORDS_PATIENCE_US}};

    if (own.active && !own.place)
        setitimer(ITIMER_REAL, &soon, NULL);
}

/* ---- before and behind the run ---- */

static void prepare(const struct report *report, uint64_t seed)
{
    size_t len;
    FILE *out = fatal_memstream(&own.name, &len);

    text_print(out, "%s  seed %" PRIu64, report->command->file, seed);
    fatal_memstream_close(out, &own.name);
    out = fatal_memstream(&own.reproduce, &len);
    report_reproduce(out, report, seed);
    fatal_memstream_close(out, &own.reproduce);
    if (!report->command->json)
        return;
    out = fatal_memstream(&own.lost_crash, &len);
    report_json_lost(out, report, seed, VERDICT_BROKE, REASON_SIGNAL);
    fatal_memstream_close(out, &own.lost_crash);
    out = fatal_memstream(&own.lost_late, &len);
    report_json_lost(out, report, seed, VERDICT_BROKE, REASON_TIMEOUT);
    fatal_memstream_close(out, &own.lost_late);
    out = fatal_memstream(&own.lost_memory, &len);
    report_json_lost(out, report, seed, VERDICT_UNKNOWN, REASON_MEMORY);
    fatal_memstream_close(out, &own.lost_memory);
}

/* Somebody else who takes note of crashes, such as a sanitizer, knows more. */
static void hear_crash(int signal_number)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK}, old;

    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction(signal_number, &action, NULL);
}

static void forget_crash(int signal_number)
{
    struct sigaction old;

    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler == on_crash)
        signal(signal_number, SIG_DFL);
}

/* Not of the heap, which might not give it back. */
static void keep_reserve(void)
{
    if (own.reserve)
        return;
    own.reserve =
        mmap(NULL, RESERVE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own.reserve == MAP_FAILED) {
        own.reserve = NULL;
        fatal_memory(RESERVE_BYTES);
    }
}

static void give_reserve_back(void)
{
    if (own.reserve)
        munmap(own.reserve, RESERVE_BYTES);
    own.reserve = NULL;
}

static void hear(uint64_t event_ns, uint64_t limit_ns)
{
    stack_t stack = {.ss_sp = own.stack, .ss_size = sizeof(own.stack)};
    struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct sigaction alarm_action = {.sa_handler = on_alarm};
    struct itimerval each = {.it_value = {.tv_usec = TICK_NS / 1000},
                             .it_interval = {.tv_usec = TICK_NS / 1000}};

    own.event_ns = event_ns;
    own.limit_ns = limit_ns;
    own.used_ns = own.since_ns = own.seen = 0;
    own.run = NULL;
    own.active = 1;
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < CRASHES; i++)
        hear_crash(crashes[i]);
    sigaction(SIGPROF, &tick, NULL);
    sigaction(SIGALRM, &alarm_action, NULL);
    setitimer(ITIMER_PROF, &each, NULL);
}

void lastwords_begin(const struct report *report, uint64_t seed, uint64_t limit_ns, bool on_stdout)
{
    prepare(report, seed);
    own.fd = on_stdout ? STDOUT_FILENO : STDERR_FILENO;
    own.place = NULL;
    keep_reserve();
    hear(LASTWORDS_EVENT_SECONDS * SECOND_NS, limit_ns);
}

void lastwords_watch(struct lastwords_place *place, uint64_t event_ns, uint64_t limit_ns)
{
    *place = (struct lastwords_place){0};
    own.place = own.last = place;
    keep_reserve();
    hear(event_ns, limit_ns);
}

bool lastwords_knows_place(const struct lastwords_place *place)
{
    return place->event > 0 &&
           (place->crashed || place->had_kib > 0 || place->taken_ns >= LASTWORDS_STUCK_NS);
}

void lastwords_print_place(FILE *out, const struct lastwords_place *place)
{
    fprintf(out, "at %" PRIu64 ".%09" PRIu64 "s in event %" PRIu64 ", %s", place->at_ns / SECOND_NS,
            place->at_ns % SECOND_NS, place->event, event_text((enum event_kind)place->kind));
    if (place->node > 0)
        fprintf(out, " of n%" PRIu32, place->node);
}

void lastwords_place(const struct run *run)
{
    own.run = run;
}

static void stop_watching(void)
{
    struct itimerval none = {0};

    own.active = own.told = 0;
    own.run = NULL;
    own.place = NULL;
    setitimer(ITIMER_PROF, &none, NULL);
    setitimer(ITIMER_REAL, &none, NULL);
    for (size_t i = 0; i < CRASHES; i++)
        forget_crash(crashes[i]);
    give_reserve_back();
}

void lastwords_end(void)
{
    stop_watching();
    free(own.name);
    free(own.reproduce);
    free(own.lost_crash);
    free(own.lost_late);
    free(own.lost_memory);
    own.name = own.reproduce = own.lost_crash = own.lost_late = own.lost_memory = NULL;
}

void lastwords_judged(void)
{
    if (own.place) /* its parent has the clock */
        give_reserve_back();
    else
        stop_watching();
}

void lastwords_told(void)
{
    if (own.place)
        return;
    own.told = 1;
    hear(own.event_ns, own.limit_ns);
}
