/* One run after the other, here or in workers, and what is printed of each. */
#include "sim/cmd_seeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/contract.h"
#include "sim/artifacts.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_workers.h"
#include "sim/run.h"
#include "sim/scenario/value.h"
#include "sim/verify.h"

/* Events between two looks at the Ctrl-C flag. */
#define EVENTS_A_LOOK 1024

/*
 * The one thing that is not passed as an argument: what a signal handler and a
 * broken contract must reach.
 */
static volatile sig_atomic_t interrupted;
static struct {
    const struct settings *settings;
    const struct report *report;
    uint64_t seed;
    FILE *out;       /* where its report goes */
    struct run *run; /* NULL while there is none to report */
} current;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void seeds_catch_interrupt(void)
{
    /* The second one ends the process: the way out when the first does not help. */
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
}

bool seeds_interrupted(void)
{
    return interrupted;
}

/* ---- one run ---- */

struct verbose {
    FILE *out;
    const struct report *report;
    const struct run *run;
    unsigned level;
};

static void print_record(void *ctx, const struct record *record)
{
    const struct verbose *verbose = ctx;

    if (record->kind == RECORD_STATE && verbose->level < 2)
        return;
    report_record(verbose->out, verbose->report, record);
    if (record->kind == RECORD_STATE) {
        fputs("                              ", verbose->out);
        report_state(verbose->out, verbose->run, record->node);
        fputc('\n', verbose->out);
    }
}

static int exit_of(const struct outcome *outcome)
{
    if (outcome->reason == REASON_SIGNAL)
        return EXIT_INTERRUPTED;
    switch (outcome->verdict) {
    case VERDICT_HELD:
        return EXIT_HELD;
    case VERDICT_BROKE:
        return EXIT_BROKE;
    case VERDICT_UNKNOWN:
        return EXIT_UNKNOWN;
    }
    return EXIT_INTERNAL;
}

/* Steps the run to its end, or to Ctrl-C. */
static void step_all(struct run *run, struct progress *progress)
{
    bool more = !run->over;

    while (more) {
        for (int i = 0; more && i < EVENTS_A_LOOK; i++)
            more = run_step(run);
        progress_look(progress, run);
        if (more && interrupted) {
            snprintf(run->outcome.headline, sizeof(run->outcome.headline), "interrupted");
            run_abandon(run, REASON_SIGNAL);
            more = false;
        }
    }
    progress_end(progress);
}

int seeds_dump_nodes(const char *dump, uint32_t nodes, struct nodeset *ret_set)
{
    nodeset_init(ret_set, nodes);
    if (scn_nodes_of_text(dump, nodes, ret_set) == 0)
        return 0;
    nodeset_release(ret_set);
    cmd_usage("--dump takes nodes that exist, such as n3, n1..n5 or all, not '%s'", dump);
    return -1;
}

static void print_dump(FILE *out, const struct report_command *command, const struct run *run)
{
    struct nodeset set;

    if (seeds_dump_nodes(command->dump, run->scn->nodes, &set) < 0)
        return; /* was checked before the run */
    report_dump(out, run, &set);
    nodeset_release(&set);
}

static void print_run(FILE *out, const struct settings *settings, const struct report *report,
                      const struct run *run, uint64_t took_ns)
{
    const struct report_command *command = report->command;

    if (command->json) {
        report_json(out, report, run, took_ns);
        return;
    }
    if (run->outcome.verdict == VERDICT_HELD && command->quiet)
        return;
    report_verdict(out, report, run);
    if (command->dump)
        print_dump(out, command, run);
    if (run->outcome.verdict == VERDICT_BROKE)
        artifacts_write(out, settings->out, report, run);
    if (run->outcome.verdict != VERDICT_HELD)
        report_reproduce(out, report, run->options.seed);
}

/*
 * Takes the place of the one in core/contract.c: a contract of dcsim or of the
 * node itself is broken, so the run is reported with its cause and the line
 * that repeats it, as any other that broke, and the process ends.
 */
_Noreturn void contract_failed(const char *kind, const char *condition, const char *message,
                               const char *file, int line)
{
    struct run *run = current.run;

    fprintf(stderr, "dcsim: broken %s: %s (%s) at %s:%d\n", kind, message, condition, file, line);
    if (run) {
        current.run = NULL; /* should reporting break a contract too, that is all */
        snprintf(run->outcome.headline, sizeof(run->outcome.headline),
                 "broken %s: %s (%s) at %s:%d", kind, message, condition, file, line);
        run_fail(run, REASON_CONTRACT);
        print_run(current.out, current.settings, current.report, run, 0);
    } else if (current.report) {
        report_reproduce(stderr, current.report, current.seed);
    }
    workers_last_words(EXIT_INTERNAL);
    fflush(stdout);
    _exit(EXIT_INTERNAL);
}

static int run_once(FILE *out, const struct settings *settings, const struct report *report,
                    const struct run_options *run_options)
{
    struct run run;
    struct verbose verbose = {
        .out = out, .report = report, .run = &run, .level = settings->command.verbose};
    struct trace_sink sink = {.record = print_record, .ctx = &verbose};
    uint64_t start_ns = progress_wall_ns();
    struct progress progress;
    int exit_code;

    run_init(&run, report->scn, run_options, verbose.level > 0 ? &sink : NULL);
    current.run = &run;
    progress_begin(&progress, report->command->file,
                   settings->command.quiet || settings->command.verbose > 0 || settings->has_seeds);
    step_all(&run, &progress);
    exit_code = exit_of(&run.outcome);
    print_run(out, settings, report, &run, progress_wall_ns() - start_ns);
    current.run = NULL;
    run_release(&run);
    return exit_code;
}

/* Runs twice. In JSON, what differs goes to stderr, and an object without figures to @out. */
static int verify_seed(FILE *out, const struct report *report,
                       const struct run_options *run_options)
{
    bool json = report->command->json;
    int code = verify_run(json ? stderr : out, report, run_options, &interrupted);
    struct run run;

    if (code == EXIT_HELD || !json)
        return code;
    run_init(&run, report->scn, run_options, NULL);
    run.over = false; /* whatever it came to, it cannot be relied on */
    run_fail(&run, REASON_UNREPEATABLE);
    report_json(out, report, &run, 0);
    run_release(&run);
    return code;
}

/* ---- the seeds of one file ---- */

struct campaign {
    const struct settings *settings;
    struct report report;
    struct scn_range seeds;
    uint64_t count[EXIT_INTERRUPTED + 1]; /* runs by exit code */
    int exit_code;
};

static int run_seed(void *ctx, uint64_t job, FILE *out)
{
    const struct campaign *campaign = ctx;
    const struct settings *settings = campaign->settings;
    const struct report *report = &campaign->report;
    struct run_options run_options = {
        .seed = campaign->seeds.lo + job,
        .until_ns = settings->until_ns,
    };
    int exit_code = EXIT_HELD;

    current.settings = settings;
    current.report = report;
    current.seed = run_options.seed;
    current.out = out;
    if (!settings->has_seeds && !settings->command.json && !settings->command.quiet)
        report_header(out, report, (struct scn_range){run_options.seed, run_options.seed});
    fflush(out);
    if (settings->command.verify)
        exit_code = verify_seed(out, report, &run_options);
    if (exit_code == EXIT_HELD)
        exit_code = run_once(out, settings, report, &run_options);
    current.report = NULL;
    return exit_code;
}

/* A worker died in the middle of a run: that is how the run broke. */
static int report_death(const struct campaign *campaign, const struct workers_result *result)
{
    uint64_t seed = campaign->seeds.lo + result->job;
    struct run_options run_options = {.seed = seed, .until_ns = UINT64_MAX};
    struct run run;

    run_init(&run, campaign->report.scn, &run_options, NULL);
    run.over = false; /* its start says nothing of how it ended */
    snprintf(run.outcome.headline, sizeof(run.outcome.headline), "died of signal %d (%s)",
             result->signal, strsignal(result->signal));
    run_fail(&run, REASON_SIGNAL);
    if (campaign->report.command->json) {
        report_json(stdout, &campaign->report, &run, 0);
    } else {
        printf("broke %s  seed %" PRIu64 "  %s\n", campaign->report.command->file, seed,
               run.outcome.headline);
        report_reproduce(stdout, &campaign->report, seed);
    }
    run_release(&run);
    return EXIT_BROKE;
}

static void seed_done(void *ctx, const struct workers_result *result)
{
    struct campaign *campaign = ctx;
    int code = result->code;

    fwrite(result->bytes, 1, result->len, stdout);
    if (result->signal)
        code = report_death(campaign, result);
    campaign->count[code]++;
    campaign->exit_code = cmd_worse(campaign->exit_code, code);
}

/* "seeds 1..20 of lossy.scn: held 19, broke 1" */
static void print_summary(const struct campaign *campaign)
{
    static const struct {
        int code;
        const char *word;
    } words[] = {{EXIT_HELD, "held"},
                 {EXIT_BROKE, "broke"},
                 {EXIT_UNKNOWN, "unknown"},
                 {EXIT_INTERNAL, "internal error"},
                 {EXIT_INTERRUPTED, "interrupted"}};
    const char *comma = "";

    printf("seeds %" PRIu64 "..%" PRIu64 " of %s: ", campaign->seeds.lo, campaign->seeds.hi,
           campaign->report.command->file);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (i > 0 && campaign->count[words[i].code] == 0)
            continue;
        printf("%s%s %" PRIu64, comma, words[i].word, campaign->count[words[i].code]);
        comma = ", ";
    }
    putchar('\n');
}

int seeds_run(const struct settings *settings, const struct cmd_file *file)
{
    struct report_command command = settings->command;
    struct campaign campaign = {
        .settings = settings,
        .report = {.command = &command,
                   .scn = &file->scn,
                   .source = &file->diags,
                   .color = settings->color},
        .seeds = file->scn.seeds,
    };
    struct workers workers = {
        .count = settings->workers,
        .run = run_seed,
        .done = seed_done,
        .ctx = &campaign,
        .stop = &interrupted,
    };

    command.file = file->name;
    if (settings->has_seed || settings->has_seeds)
        campaign.seeds = settings->seeds;
    workers.jobs = campaign.seeds.hi - campaign.seeds.lo + 1;
    if (settings->has_seeds && !command.json && !command.quiet)
        report_header(stdout, &campaign.report, campaign.seeds);
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s; try without -j\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    if (interrupted)
        campaign.exit_code = EXIT_INTERRUPTED;
    if (settings->has_seeds && !command.json)
        print_summary(&campaign);
    return campaign.exit_code;
}
