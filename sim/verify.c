/* Two runs in step. Nothing of them is shared but the scenario, which is only read. */
#include "sim/verify.h"

#include <inttypes.h>
#include <string.h>

#include "sim/sides.h"
#include "sim/text.h"
#include "sim/tracelines.h"

static bool runs_equal(const struct run *a, const struct run *b)
{
    return a->world.trace.hash == b->world.trace.hash &&
           a->world.trace.records == b->world.trace.records &&
           a->world.choose.unseed == b->world.choose.unseed && a->over == b->over &&
           a->outcome.verdict == b->outcome.verdict && a->outcome.reason == b->outcome.reason;
}

/* The lines of the present step are those of the trace: replay shows them alike. */
static bool lines_equal(const struct tracelines *a, const struct tracelines *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

/* Line @number, from 0, of those at hand. */
static struct sides_line line_at(const struct tracelines *lines, const char *title, size_t number)
{
    const char *at = lines->len > 0 ? lines->bytes : "", *end = at + lines->len;

    for (; at < end && number > 0; number--)
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    if (at == end)
        return (struct sides_line){.title = title};
    return (struct sides_line){
        .title = title,
        .text = at,
        .len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at),
    };
}

/* The first that differs; of none, that after the last. */
static void print_lines(FILE *out, const struct report *report, const struct tracelines *a,
                        const struct tracelines *b)
{
    struct sides_line first, second;
    size_t at = 0;

    do {
        first = line_at(a, "first", at);
        second = line_at(b, "second", at);
        at++;
    } while (first.text && second.text && first.len == second.len &&
             memcmp(first.text, second.text, first.len) == 0);
    if (first.text || second.text)
        sides_show(out, report, &first, &second);
    else
        fputs("what they do is the same; draws or verdict are not\n", out);
}

static void print_difference(FILE *out, const struct report *report, const struct run *first,
                             const struct tracelines *a, const struct tracelines *b)
{
    char time[TEXT_TIME_MAX];

    text_print(out,
               "unrepeatable %s  seed %" PRIu64 ": two runs differ in event %" PRIu64 " at %s\n",
               report->command->file, first->options.seed, first->world.events,
               text_time(time, first->world.now_ns));
    print_lines(out, report, a, b);
    report_reproduce(out, report, first->options.seed);
}

static void step(struct run *run, struct tracelines *lines)
{
    tracelines_taken(lines);
    run_step(run);
    tracelines_flush(lines);
}

/* Steps both to the end, or to @stop. Returns false when they differ. */
static bool step_both(struct run *first, struct run *second, struct tracelines *a,
                      struct tracelines *b, const volatile sig_atomic_t *stop)
{
    bool equal = runs_equal(first, second);

    while (equal && !first->over && !*stop) {
        step(first, a);
        step(second, b);
        equal = runs_equal(first, second) && lines_equal(a, b);
    }
    return equal;
}

int verify_runs(FILE *out, const struct report *report, struct run *first, struct run *second,
                const volatile sig_atomic_t *stop)
{
    struct tracelines a, b;
    bool equal;

    tracelines_init(&a, first, report->scn);
    tracelines_init(&b, second, report->scn);
    first->world.trace.sink = tracelines_sink(&a);
    second->world.trace.sink = tracelines_sink(&b);
    equal = step_both(first, second, &a, &b, stop);
    if (!equal)
        print_difference(out, report, first, &a, &b);
    tracelines_release(&a);
    tracelines_release(&b);
    return equal ? 0 : 3;
}

int verify_run(FILE *out, const struct report *report, const struct run_options *options,
               const volatile sig_atomic_t *stop)
{
    struct run first, second;
    int code;

    run_init(&first, report->scn, options, NULL);
    run_init(&second, report->scn, options, NULL);
    code = verify_runs(out, report, &first, &second, stop);
    if (code == 0 && first.over && !report->command->json && !report->command->quiet)
        text_print(out,
                   "verified  %s  seed %" PRIu64 "  twice the same: %" PRIu64 " events, %" PRIu64
                   " records\n",
                   report->command->file, options->seed, first.world.events,
                   first.world.trace.records);
    run_release(&first);
    run_release(&second);
    return code;
}
