/* Two runs in step. Nothing of them is shared but the scenario, which is only read. */
#include "sim/verify.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/fatal.h"

/* The records of the present step. */
struct recent {
    struct record *list;
    size_t len, cap;
};

static void keep_record(void *ctx, const struct record *record)
{
    struct recent *recent = ctx;

    if (recent->len == recent->cap) {
        recent->cap = recent->cap ? recent->cap * 2 : 32;
        recent->list = fatal_realloc_array(recent->list, recent->cap, sizeof(*recent->list));
    }
    recent->list[recent->len++] = *record;
}

static bool record_equal(const struct record *a, const struct record *b)
{
    return a->at_ns == b->at_ns && a->key == b->key && a->a == b->a && a->b == b->b &&
           a->node == b->node && a->peer == b->peer && a->kind == b->kind && a->detail == b->detail;
}

static bool runs_equal(const struct run *a, const struct run *b)
{
    return a->world.trace.hash == b->world.trace.hash &&
           a->world.trace.records == b->world.trace.records &&
           a->world.choose.unseed == b->world.choose.unseed && a->over == b->over &&
           a->outcome.verdict == b->outcome.verdict && a->outcome.reason == b->outcome.reason;
}

static void print_side(FILE *out, const struct report *report, const char *name,
                       const struct recent *recent, size_t at)
{
    fprintf(out, "%-8s", name);
    if (at < recent->len)
        report_record(out, report, &recent->list[at]);
    else
        fputs("nothing more in this event\n", out);
}

static void print_difference(FILE *out, const struct report *report, const struct run *first,
                             const struct recent *a, const struct recent *b)
{
    size_t at = 0;

    while (at < a->len && at < b->len && record_equal(&a->list[at], &b->list[at]))
        at++;
    fprintf(out, "unrepeatable %s  seed %" PRIu64 ": two runs differ in event %" PRIu64 "\n",
            report->command->file, first->options.seed, first->world.events);
    if (at < a->len || at < b->len) {
        print_side(out, report, "first", a, at);
        print_side(out, report, "second", b, at);
    } else {
        fputs("their records are the same; draws or verdict are not\n", out);
    }
    report_reproduce(out, report, first->options.seed);
}

/* Steps both to the end, or to @stop. Returns false when they differ. */
static bool step_both(struct run *first, struct run *second, struct recent *a, struct recent *b,
                      const volatile sig_atomic_t *stop)
{
    bool equal = runs_equal(first, second);

    while (equal && !first->over && !*stop) {
        a->len = 0;
        b->len = 0;
        run_step(first);
        run_step(second);
        equal = runs_equal(first, second);
    }
    return equal;
}

int verify_runs(FILE *out, const struct report *report, struct run *first, struct run *second,
                const volatile sig_atomic_t *stop)
{
    struct recent a = {0}, b = {0};
    bool equal;

    first->world.trace.sink = (struct trace_sink){.record = keep_record, .ctx = &a};
    second->world.trace.sink = (struct trace_sink){.record = keep_record, .ctx = &b};
    equal = step_both(first, second, &a, &b, stop);
    if (!equal)
        print_difference(out, report, first, &a, &b);
    free(a.list);
    free(b.list);
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
        fprintf(out,
                "verified  %s  seed %" PRIu64 "  twice the same: %" PRIu64 " events, %" PRIu64
                " records\n",
                report->command->file, options->seed, first.world.events,
                first.world.trace.records);
    run_release(&first);
    run_release(&second);
    return code;
}
