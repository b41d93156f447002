/* The runs of one file, here or in workers, and what they come to together. */
#include "sim/cmd_seeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_counts.h"
#include "sim/cmd_rewrite.h"
#include "sim/cmd_together.h"
#include "sim/cmd_variants.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/text.h"

/* So many traces of a combination are looked for before the first run. */
#define TRACES_MAX 1000000u

/* Job = combination of swept values * seeds + seed, so that seeds follow each other. */
struct runs {
    const struct settings *settings;
    struct report_command command; /* with the file */
    struct variants variants;
    struct report report;   /* of the combination at hand */
    struct scn_range seeds; /* for each combination */
    uint64_t seeds_len, jobs, done;
    bool many;             /* a range of seeds was asked for */
    struct counts *counts; /* by combination; owned, and so are the others */
    struct together *together;
    struct together **list; /* of pointers to those */
    int exit_code;
};

/* The report of a combination. */
static void take_variant(struct runs *runs, uint64_t variant)
{
    const struct cmd_file *file = variants_take(&runs->variants, variant);

    if (!file)
        fatal("a combination of values has errors now, and had none before");
    runs->report = (struct report){
        .command = &runs->variants.of,
        .scn = &file->scn,
        .source = &file->diags,
        .color = runs->settings->color,
    };
}

/* The report and the seed of @job. */
static uint64_t take_job(struct runs *runs, uint64_t job)
{
    take_variant(runs, job / runs->seeds_len);
    return runs->seeds.lo + job % runs->seeds_len;
}

static void print_header(const struct runs *runs, FILE *out, uint64_t seed)
{
    const struct settings *settings = runs->settings;

    if (settings->command.json || settings->command.quiet)
        return;
    if (!runs->many)
        report_header(out, &runs->report, (struct scn_range){seed, seed});
    else if (seed == runs->seeds.lo)
        report_header(out, &runs->report, runs->seeds);
}

static int run_job(void *ctx, uint64_t job, FILE *out, FILE *extra)
{
    struct runs *runs = ctx;
    uint64_t seed = take_job(runs, job);

    if (cmd_trace_to_stdout(&runs->settings->trace))
        out = stderr;
    print_header(runs, out, seed);
    fflush(out);
    return seeds_print(runs->settings, &runs->report, seed, out, extra, runs->many);
}

/* ---- results ---- */

/* The worker ended in the middle of a run. What that had said is gone with it. */
static void report_lost(struct runs *runs, const struct workers_result *result)
{
    uint64_t seed = take_job(runs, result->job);

    if (runs->command.json) {
        report_json_lost(stdout, &runs->report, seed, seeds_lost_verdict(result),
                         seeds_lost_reason(result));
        return;
    }
    print_header(runs, stdout, seed);
    seeds_print_lost(stdout, &runs->report, seed, result, runs->settings->job_ns);
}

static char *case_name(struct runs *runs, uint64_t job)
{
    char *name = NULL;
    size_t len;
    FILE *out = fatal_memstream(&name, &len);

    fprintf(out, "seed %" PRIu64, take_job(runs, job));
    if (runs->variants.count > 1) {
        fputs(", ", out);
        variants_print(out, &runs->variants);
    }
    fatal_memstream_close(out, &name);
    return name;
}

/* One case of the JUnit file: with @report, or what was printed when that is empty. */
static void add_case(struct runs *runs, const struct workers_result *result, int code,
                     const char *report, size_t report_len)
{
    static const char *const types[COUNTS] = {"held", "broke", "unknown", "internal",
                                              "interrupted"};
    char *name = case_name(runs, result->job), lost[SEEDS_LOST_MAX];
    struct junit_case it = {
        .name = name,
        .type = types[count_of(code)],
        .text = report_len > 0 ? report : result->bytes,
        .text_len = report_len > 0 ? report_len : result->len,
        .result = code == EXIT_HELD                            ? JUNIT_PASSED
                  : code == EXIT_BROKE || code == EXIT_UNKNOWN ? JUNIT_FAILED
                                                               : JUNIT_ERROR,
    };

    if (result->end != WORKERS_TOLD) {
        it.result = JUNIT_ERROR;
        it.type = reason_text(seeds_lost_reason(result));
        it.text = seeds_lost_text(lost, result, runs->settings->job_ns);
        it.text_len = strlen(lost);
    }
    junit_add(runs->settings->junit, &it);
    free(name);
}

static void job_done(void *ctx, const struct workers_result *result)
{
    struct runs *runs = ctx;
    uint64_t variant = result->job / runs->seeds_len;
    int code = result->end == WORKERS_TOLD ? result->code : seeds_lost_code(result);
    size_t taken =
        together_add(&runs->together[variant], runs->seeds.lo + result->job % runs->seeds_len, code,
                     result->extra, result->extra_len);

    fwrite(result->bytes, 1, result->len, stdout);
    if (result->end != WORKERS_TOLD)
        report_lost(runs, result);
    if (runs->settings->junit_file)
        add_case(runs, result, code, result->extra + taken, result->extra_len - taken);
    runs->done++;
    runs->counts[variant].of[count_of(code)]++;
    runs->exit_code = cmd_worse(runs->exit_code, code);
}

/* Standard output has no reader any more, and there is no file that waits for the others. */
static bool is_for_nobody(void *ctx)
{
    const struct runs *runs = ctx;

    return ferror(stdout) && !runs->settings->junit_file && !runs->settings->trace.path;
}

/* ---- all of them ---- */

/* "seeds 1..20 of lossy.scn, loss=5%: held 19, broke 1" */
static void print_counts(struct runs *runs, uint64_t variant)
{
    if (runs->many)
        printf("seeds %" PRIu64 "..%" PRIu64, runs->seeds.lo, runs->seeds.hi);
    else
        printf("seed %" PRIu64, runs->seeds.lo);
    text_print(stdout, " of %s", runs->command.file);
    if (runs->variants.count > 1 && variants_take(&runs->variants, variant)) {
        fputs(", ", stdout);
        variants_print(stdout, &runs->variants);
    }
    fputs(": ", stdout);
    counts_print(stdout, &runs->counts[variant]);
}

static void add_claim(void *ctx, const struct together_claim *claim)
{
    struct runs *runs = ctx;
    size_t size = strlen(claim->stmt->text) + strlen(claim->swept) + 3;
    char *name = fatal_alloc(size);
    struct junit_case it = {
        .name = name,
        .result = claim->held ? JUNIT_PASSED : JUNIT_FAILED,
        .type = claim->stmt->kind == SCN_STMT_SOMETIMES ? "sometimes" : "expect",
        .text = claim->label,
        .text_len = strlen(claim->label),
    };

    snprintf(name, size, "%s%s%s", claim->stmt->text, claim->swept[0] ? ", " : "", claim->swept);
    junit_add(runs->settings->junit, &it);
    free(name);
}

/*
 * What is expected of all runs together: a time that does not hold broke, and a
 * "sometimes" that never was says that they have not seen what it is for.
 */
static void judge_together(struct runs *runs, struct counts *ret)
{
    const struct cmd_file *file = runs->variants.file;
    struct report all = {.command = &runs->command, .scn = &file->scn, .source = &file->diags};
    struct together_place place = {
        .out = runs->command.json ? stderr : stdout,
        .report = &runs->report,
        .word = "",
        .seed_first = runs->seeds.lo,
        .asked = runs->seeds_len,
        .judged = runs->settings->junit_file ? add_claim : NULL,
        .ctx = runs,
    };

    for (uint64_t i = 0; i < runs->variants.count; i++) {
        take_variant(runs, i);
        ret->of[COUNT_BROKE] += together_judge_times(&runs->together[i], &place);
    }
    place.report = &all;
    ret->of[COUNT_UNKNOWN] +=
        together_judge_hopes(runs->list, (size_t)runs->variants.count, &place);
}

/* Some that were asked for are not there, and not because somebody interrupted us. */
static void judge_missing(struct runs *runs)
{
    FILE *out = runs->command.json ? stderr : stdout;

    if (runs->done == runs->jobs)
        return;
    text_print(out, "unknown %s  %" PRIu64 " of %" PRIu64 " runs were not done\n",
               runs->command.file, runs->jobs - runs->done, runs->jobs);
    runs->exit_code = cmd_worse(runs->exit_code, EXIT_UNKNOWN);
}

/* When all that could be done is done. */
static void conclude(struct runs *runs)
{
    bool many = runs->many || runs->variants.count > 1;
    struct counts together = {0};

    for (uint64_t i = 0; !runs->command.json && many && i < runs->variants.count; i++)
        print_counts(runs, i);
    if (seeds_interrupted())
        return;
    judge_missing(runs);
    judge_together(runs, &together);
    if (together.of[COUNT_BROKE] + together.of[COUNT_UNKNOWN] == 0)
        return;
    if (!runs->command.json) {
        text_print(stdout, "all runs of %s together: ", runs->command.file);
        counts_print_failed(stdout, &together);
    }
    runs->exit_code =
        cmd_worse(runs->exit_code, together.of[COUNT_BROKE] > 0 ? EXIT_BROKE : EXIT_UNKNOWN);
}

static void runs_init(struct runs *runs, const struct settings *settings,
                      const struct cmd_file *file)
{
    *runs = (struct runs){
        .settings = settings,
        .command = settings->command,
        .seeds = file->scn.seeds,
    };
    runs->command.file = file->name;
    if (settings->has_seed || settings->has_seeds)
        runs->seeds = settings->seeds;
    runs->seeds_len = runs->seeds.hi - runs->seeds.lo + 1;
    runs->many = settings->has_seeds || runs->seeds_len > 1;
    variants_init(&runs->variants, file, &runs->command);
    runs->counts = fatal_calloc((size_t)runs->variants.count, sizeof(*runs->counts));
    runs->together = fatal_calloc((size_t)runs->variants.count, sizeof(*runs->together));
    runs->list = fatal_calloc((size_t)runs->variants.count, sizeof(struct together *));
    for (uint64_t i = 0; i < runs->variants.count; i++) {
        together_init(&runs->together[i], &file->scn);
        runs->list[i] = &runs->together[i];
    }
}

static void runs_release(struct runs *runs)
{
    for (uint64_t i = 0; i < runs->variants.count; i++)
        together_release(&runs->together[i]);
    variants_release(&runs->variants);
    free(runs->counts);
    free(runs->together);
    free(runs->list);
}

int seeds_check_traces(const struct settings *settings, const struct cmd_file *file)
{
    struct runs runs;
    int rc = 0;

    if (!settings->trace.path || cmd_trace_to_stdout(&settings->trace))
        return 0;
    runs_init(&runs, settings, file);
    for (uint64_t i = 0; rc == 0 && i < runs.variants.count; i++) {
        uint64_t seed = runs.seeds.lo;

        take_variant(&runs, i);
        for (uint64_t left = runs.seeds_len;
             rc == 0 && left > 0 && seed - runs.seeds.lo < TRACES_MAX; left--)
            rc = cmd_trace_may_open(&settings->trace, &settings->places, &runs.report, seed++);
    }
    runs_release(&runs);
    return rc;
}

int seeds_run(const struct settings *settings, const struct cmd_file *file)
{
    struct runs runs;
    struct workers workers = {
        .count = settings->workers,
        .job_ns = settings->job_ns,
        .run = run_job,
        .done = job_done,
        .ctx = &runs,
        .stop = seeds_stop(),
        .enough = is_for_nobody,
    };

    runs_init(&runs, settings, file);
    if (runs.seeds_len > UINT64_MAX / runs.variants.count) {
        runs_release(&runs);
        return cmd_usage("these are more than 2^64-1 runs");
    }
    workers.jobs = runs.jobs = runs.seeds_len * runs.variants.count;
    workers.apart = runs.jobs > 1; /* then a crash costs its seed, with any number of workers */
    if (runs.jobs == 1)
        workers.count = 1;
    if (settings->junit_file)
        junit_suite_begin(settings->junit, file->name);
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s\n", strerror(errno));
        runs.exit_code = EXIT_INTERNAL;
    }
    conclude(&runs);
    if (settings->junit_file)
        junit_suite_end(settings->junit);
    if (seeds_interrupted())
        runs.exit_code = EXIT_INTERRUPTED;
    runs_release(&runs);
    return runs.exit_code;
}

int seeds_rewrite(const struct settings *settings, const struct cmd_file *file)
{
    struct run_options run_options = {.seed = file->scn.seeds.lo, .until_ns = UINT64_MAX};
    struct report_command command = settings->command;
    struct report report = {
        .command = &command, .scn = &file->scn, .source = &file->diags, .color = settings->color};
    struct rewrite rewrite;
    struct run run;
    int exit_code;

    command.file = file->name;
    rewrite_init(&rewrite, &file->scn);
    run_options.shows = rewrite_shows(&rewrite);
    run_init(&run, &file->scn, &run_options, NULL);
    run_all(&run);
    exit_code = seeds_exit_of(&run.outcome);
    if (exit_code != EXIT_HELD)
        report_verdict(stdout, &report, &run); /* and its golden text is left alone */
    else if (rewrite_files(stdout, &rewrite, &file->scn, &file->diags) < 0)
        exit_code = EXIT_INTERNAL;
    run_release(&run);
    rewrite_release(&rewrite);
    return exit_code;
}
