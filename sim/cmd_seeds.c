/* One run after the other, here or in workers, and what is printed of each. */
#include "sim/cmd_seeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/contract.h"
#include "sim/artifacts.h"
#include "sim/cmd_counts.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_rewrite.h"
#include "sim/cmd_variants.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/scenario/value.h"
#include "sim/cmd_signals.h"
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
    FILE *out;                       /* where its report goes */
    FILE *extra;                     /* what is handed over beside it */
    const struct seeds_watch *watch; /* NULL: it is one of ours */
    struct run *run;                 /* NULL while there is none to report */
    struct cmd_trace *trace;
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
    sigaction(SIGTERM, &action, NULL);
}

bool seeds_interrupted(void)
{
    return interrupted;
}

const volatile sig_atomic_t *seeds_stop(void)
{
    return &interrupted;
}

/* ---- one run ---- */

struct verbose {
    FILE *out;
    const struct report *report;
    const struct run *run;
    unsigned level; /* of -v */
    int log_level;  /* enum env_level; -1: none */
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

/* "fix" takes it in this form. */
static void print_draw(void *ctx, uint64_t key, enum purpose purpose, uint64_t value)
{
    const struct verbose *verbose = ctx;

    report_draw(verbose->out, verbose->run, key, purpose, value);
}

static void print_note(void *ctx, const struct note *note)
{
    const struct verbose *verbose = ctx;

    if ((int)note->level <= verbose->log_level)
        report_note(verbose->out, verbose->run, note);
}

static void print_show(void *ctx, uint32_t stmt, const char *text)
{
    const struct verbose *verbose = ctx;

    (void)stmt; /* its event has just been printed */
    while (*text) {
        size_t len = strcspn(text, "\n");

        fprintf(verbose->out, "                    | %.*s\n", (int)len, text);
        text += len + 1;
    }
}

static bool is_missed(const struct settings *settings, const struct outcome *outcome)
{
    return settings->may_miss && outcome->reason == REASON_UNFIRED;
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
    if (settings->command.quiet &&
        (run->outcome.verdict == VERDICT_HELD || is_missed(settings, &run->outcome)))
        return;
    report_verdict(out, report, run);
    if (command->dump)
        print_dump(out, command, run);
    if (run->outcome.verdict == VERDICT_BROKE)
        artifacts_write(out, settings->out, report, run);
    if (run->outcome.verdict != VERDICT_HELD)
        report_reproduce(out, report, run->options.seed);
    if (run->outcome.verdict == VERDICT_BROKE)
        report_minimise(out, report, run->options.seed);
}

/* The same when somebody else decides what is to be said. Returns the exit code. */
static int print_watched(const struct run *run, int code)
{
    char *why = NULL;
    struct report told = *current.report;
    bool wanted = false;

    code = current.watch->over(current.watch->ctx, run, code, current.out, current.extra, &wanted);
    if (wanted) {
        told.why = why = report_why(&told, run);
        print_run(current.out, current.settings, &told, run, 0);
        free(why);
    }
    return code;
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

    file = contract_place(file);
    if (!run || !current.watch) /* a campaign may meet it a thousand times */
        fprintf(stderr, "dcsim: broken %s: %s (%s) at %s:%d\n", kind, message, condition, file,
                line);
    if (run) {
        current.run = NULL; /* should reporting break a contract too, that is all */
        snprintf(run->outcome.headline, sizeof(run->outcome.headline),
                 "broken %s: %s (%s) at %s:%d", kind, message, condition, file, line);
        run_fail(run, REASON_CONTRACT);
        cmd_trace_close(current.trace);
        if (current.watch)
            print_watched(run, EXIT_INTERNAL);
        else
            print_run(current.out, current.settings, current.report, run, 0);
    } else if (current.report) {
        report_reproduce(stderr, current.report, current.seed);
    }
    workers_last_words(EXIT_INTERNAL);
    fflush(stdout);
    _exit(EXIT_INTERNAL);
}

/* For each sometimes statement, in file order: did it hold in this run? */
static void tell_hopes(FILE *extra, const struct run *run)
{
    for (uint32_t i = 0; i < run->scn->stmts_len; i++)
        if (run->scn->stmts[i].kind == SCN_STMT_SOMETIMES)
            fputc(expects_held_once(&run->expects, i) ? '1' : '0', extra);
}

/* Behind that, for --junit: the report as people read it. */
static void tell_report(FILE *extra, const struct report *report, const struct run *run)
{
    struct report plain = *report;

    plain.color = false;
    fputc('\n', extra);
    report_verdict(extra, &plain, run);
    report_reproduce(extra, &plain, run->options.seed);
}

static int run_once(FILE *out, FILE *extra, const struct settings *settings,
                    const struct report *report, const struct run_options *run_options, bool many)
{
    struct run run;
    struct verbose verbose = {.out = out,
                              .report = report,
                              .run = &run,
                              .level = settings->command.verbose,
                              .log_level =
                                  settings->command.log ? report_level(settings->command.log) : -1};
    struct trace_tee tee = {0};
    struct trace_sink sink;
    struct cmd_trace trace;
    struct run_options watched = *run_options;
    struct report told = *report;
    uint64_t start_ns = progress_wall_ns();
    char *why = NULL;
    struct progress progress;
    int exit_code;

    if (verbose.level > 1)
        watched.draws = (struct choose_watch){.drawn = print_draw, .ctx = &verbose};
    if (verbose.level > 0)
        watched.shows = (struct show_sink){.shown = print_show, .ctx = &verbose};
    trace_tee_add(&tee, (struct trace_sink){
                            .record = verbose.level > 0 ? print_record : NULL,
                            .note = verbose.log_level >= 0 ? print_note : NULL,
                            .ctx = &verbose,
                        });
    if (cmd_trace_open(&trace, &settings->trace, report, &run, &watched, &tee) < 0)
        return EXIT_INTERNAL;
    sink = trace_tee_sink(&tee);
    run_init(&run, report->scn, &watched, &sink);
    current.run = &run;
    current.trace = &trace;
    progress_begin(&progress, report->command->file,
                   settings->command.quiet || settings->command.verbose > 0 || many);
    step_all(&run, &progress);
    exit_code = is_missed(settings, &run.outcome) ? EXIT_HELD : exit_of(&run.outcome);
    if (cmd_trace_close(&trace) < 0)
        exit_code = EXIT_INTERNAL;
    if (current.watch) {
        exit_code = print_watched(&run, exit_code);
    } else {
        if (!settings->command.json || settings->junit_file)
            told.why = why = report_why(report, &run);
        print_run(out, settings, &told, &run, progress_wall_ns() - start_ns);
        tell_hopes(extra, &run);
        if (settings->junit_file && exit_code != EXIT_HELD)
            tell_report(extra, &told, &run);
        free(why);
    }
    current.run = NULL;
    current.trace = NULL;
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

/* ---- the runs of one file ---- */

/* Job = combination of swept values * seeds + seed, so that seeds follow each other. */
struct campaign {
    const struct settings *settings;
    struct report_command command; /* with the file */
    struct variants variants;
    struct report report;   /* of the combination at hand */
    struct scn_range seeds; /* for each combination */
    uint64_t seeds_len;
    bool many;             /* a range of seeds was asked for */
    struct counts *counts; /* runs, by combination; owned */
    bool *hopes;           /* by number of a sometimes statement: it held in some run; owned */
    uint64_t runs;         /* that were done */
    int exit_code;
};

/* The report and the seed of @job. */
static uint64_t take_job(struct campaign *campaign, uint64_t job)
{
    const struct cmd_file *file = variants_take(&campaign->variants, job / campaign->seeds_len);

    if (!file)
        fatal("a combination of values has errors now, and had none before");
    campaign->report = (struct report){
        .command = &campaign->variants.of,
        .scn = &file->scn,
        .source = &file->diags,
        .color = campaign->settings->color,
    };
    return campaign->seeds.lo + job % campaign->seeds_len;
}

static void print_header(const struct campaign *campaign, FILE *out, uint64_t seed)
{
    const struct settings *settings = campaign->settings;

    if (settings->command.json || settings->command.quiet)
        return;
    if (!campaign->many)
        report_header(out, &campaign->report, (struct scn_range){seed, seed});
    else if (seed == campaign->seeds.lo)
        report_header(out, &campaign->report, campaign->seeds);
}

/* From now on a broken contract is one of this run. */
static void begin_job(const struct settings *settings, const struct report *report, uint64_t seed,
                      FILE *out)
{
    current.settings = settings;
    current.report = report;
    current.seed = seed;
    current.out = out;
    current.watch = NULL;
}

static int run_job(void *ctx, uint64_t job, FILE *out, FILE *extra)
{
    struct campaign *campaign = ctx;
    const struct settings *settings = campaign->settings;
    struct run_options run_options = {
        .seed = take_job(campaign, job),
        .until_ns = settings->until_ns,
        .compares = true,
        .codec_sampled = settings->command.sampled,
    };
    int exit_code = EXIT_HELD;

    if (cmd_trace_to_stdout(&settings->trace))
        out = stderr;
    begin_job(settings, &campaign->report, run_options.seed, out);
    print_header(campaign, out, run_options.seed);
    fflush(out);
    if (settings->command.verify)
        exit_code = verify_seed(out, &campaign->report, &run_options);
    if (exit_code == EXIT_HELD)
        exit_code = run_once(out, extra, settings, &campaign->report, &run_options, campaign->many);
    current.report = NULL;
    return exit_code;
}

int seeds_one(const struct settings *settings, const struct report *report, uint64_t seed,
              FILE *out, FILE *extra, const struct seeds_watch *watch)
{
    struct run_options run_options = {
        .seed = seed,
        .until_ns = settings->until_ns,
        .compares = true,
        .codec_sampled = settings->command.sampled,
    };
    int exit_code;

    begin_job(settings, report, seed, out);
    current.extra = extra;
    current.watch = watch;
    exit_code = run_once(out, extra, settings, report, &run_options, true);
    current.report = NULL;
    return exit_code;
}

void seeds_print_death(FILE *out, const struct report *report, uint64_t seed, int signal_number)
{
    fprintf(out, "broke %s  seed %" PRIu64 "  died of signal %d (%s)\n", report->command->file,
            seed, signal_number, signal_text(signal_number));
    report_reproduce(out, report, seed);
    report_minimise(out, report, seed);
}

void seeds_print_mute(FILE *out, const struct report *report, uint64_t seed)
{
    fprintf(out, "dcsim: seed %" PRIu64 " of %s ended its process\n", seed, report->command->file);
    report_reproduce(out, report, seed);
}

/* A worker died in the middle of a run: that is how the run broke. */
static int report_death(struct campaign *campaign, const struct workers_result *result)
{
    struct run_options run_options = {
        .seed = take_job(campaign, result->job),
        .until_ns = UINT64_MAX,
    };
    struct run run;

    run_init(&run, campaign->report.scn, &run_options, NULL);
    run.over = false; /* its start says nothing of how it ended */
    snprintf(run.outcome.headline, sizeof(run.outcome.headline), "died of signal %d (%s)",
             result->signal, signal_text(result->signal));
    run_fail(&run, REASON_SIGNAL);
    if (campaign->command.json) {
        report_json(stdout, &campaign->report, &run, 0);
    } else {
        print_header(campaign, stdout, run_options.seed); /* the first died with what it said */
        seeds_print_death(stdout, &campaign->report, run_options.seed, result->signal);
    }
    run_release(&run);
    return EXIT_BROKE;
}

/* One case of the JUnit file. What died, or differed, has said so on standard output. */
static void add_case(struct campaign *campaign, const struct workers_result *result, int code)
{
    static const char *const types[COUNTS] = {"held", "broke", "unknown", "internal",
                                              "interrupted"};
    const char *report = memchr(result->extra, '\n', result->extra_len);
    struct junit_case it = {
        .type = types[count_of(code)], .text = result->bytes, .text_len = result->len};
    char *name = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&name, &len);

    if (!out)
        fatal("out of memory");
    fprintf(out, "seed %" PRIu64, take_job(campaign, result->job));
    if (campaign->variants.count > 1) {
        fputs(", ", out);
        variants_print(out, &campaign->variants);
    }
    fclose(out);
    it.name = name;
    it.result = code == EXIT_HELD                            ? JUNIT_PASSED
                : code == EXIT_BROKE || code == EXIT_UNKNOWN ? JUNIT_FAILED
                                                             : JUNIT_ERROR;
    if (report) {
        it.text = report + 1;
        it.text_len = result->extra_len - (size_t)(it.text - result->extra);
    }
    if (result->signal) {
        it.result = JUNIT_ERROR;
        it.type = "signal";
        it.text = signal_text(result->signal);
        it.text_len = strlen(it.text);
    }
    junit_add(campaign->settings->junit, &it);
    free(name);
}

static void job_done(void *ctx, const struct workers_result *result)
{
    struct campaign *campaign = ctx;
    int code = result->code;

    fwrite(result->bytes, 1, result->len, stdout);
    if (result->signal) {
        code = report_death(campaign, result);
    } else if (result->mute) {
        uint64_t seed = take_job(campaign, result->job);

        seeds_print_mute(stderr, &campaign->report, seed);
    }
    for (size_t i = 0; i < result->extra_len && i < campaign->variants.file->scn.stmts_len; i++)
        campaign->hopes[i] = campaign->hopes[i] || result->extra[i] == '1';
    if (campaign->settings->junit_file)
        add_case(campaign, result, code);
    campaign->runs++;
    campaign->counts[result->job / campaign->seeds_len].of[count_of(code)]++;
    campaign->exit_code = cmd_worse(campaign->exit_code, code);
}

/* "seeds 1..20 of lossy.scn, loss=5%: held 19, broke 1" */
static void print_counts(struct campaign *campaign, uint64_t variant)
{
    if (campaign->many)
        printf("seeds %" PRIu64 "..%" PRIu64, campaign->seeds.lo, campaign->seeds.hi);
    else
        printf("seed %" PRIu64, campaign->seeds.lo);
    printf(" of %s", campaign->command.file);
    if (campaign->variants.count > 1 && variants_take(&campaign->variants, variant)) {
        fputs(", ", stdout);
        variants_print(stdout, &campaign->variants);
    }
    fputs(": ", stdout);
    counts_print(stdout, &campaign->counts[variant]);
}

static void add_hope(const struct campaign *campaign, const struct scn_stmt *stmt, bool held)
{
    static const char text[] = "expected in at least 1 run, found in 0";
    struct junit_case it = {.name = stmt->text, .type = "sometimes", .text = text};

    it.text_len = sizeof(text) - 1;
    it.result = held ? JUNIT_PASSED : JUNIT_FAILED;
    if (campaign->settings->junit_file)
        junit_add(campaign->settings->junit, &it);
}

/* What must hold sometimes has to, once there were several runs. */
static void judge_hopes(struct campaign *campaign)
{
    const struct cmd_file *file = campaign->variants.file;
    FILE *out = campaign->command.json ? stderr : stdout;
    size_t number = 0;
    char headline[128];

    if (campaign->runs < 2 || interrupted)
        return;
    snprintf(headline, sizeof(headline), "in none of %" PRIu64 " runs", campaign->runs);
    for (size_t i = 0; i < file->scn.stmts_len; i++) {
        const struct scn_stmt *stmt = &file->scn.stmts[i];

        if (stmt->kind != SCN_STMT_SOMETIMES)
            continue;
        add_hope(campaign, stmt, campaign->hopes[number]);
        if (campaign->hopes[number++])
            continue;
        diag_show(out, &file->diags, stmt->arg_pos, "error", headline,
                  "expected in at least 1 run, found in 0");
        campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_BROKE);
    }
}

static void campaign_init(struct campaign *campaign, const struct settings *settings,
                          const struct cmd_file *file)
{
    *campaign = (struct campaign){
        .settings = settings,
        .command = settings->command,
        .seeds = file->scn.seeds,
    };
    campaign->command.file = file->name;
    if (settings->has_seed || settings->has_seeds)
        campaign->seeds = settings->seeds;
    campaign->seeds_len = campaign->seeds.hi - campaign->seeds.lo + 1;
    campaign->many = settings->has_seeds || campaign->seeds_len > 1;
    variants_init(&campaign->variants, file, &campaign->command);
    campaign->counts = fatal_calloc((size_t)campaign->variants.count, sizeof(*campaign->counts));
    campaign->hopes = fatal_calloc(file->scn.stmts_len, sizeof(*campaign->hopes));
}

int seeds_run(const struct settings *settings, const struct cmd_file *file)
{
    struct campaign campaign;
    struct workers workers = {
        .count = settings->workers,
        .run = run_job,
        .done = job_done,
        .ctx = &campaign,
        .stop = &interrupted,
    };

    campaign_init(&campaign, settings, file);
    if (campaign.seeds_len > UINT64_MAX / campaign.variants.count)
        return cmd_usage("these are more than 2^64-1 runs");
    workers.jobs = campaign.seeds_len * campaign.variants.count;
    if (settings->junit_file)
        junit_suite_begin(settings->junit, file->name);
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s; try without -j\n", strerror(errno));
        campaign.exit_code = EXIT_INTERNAL;
    } else if (!campaign.command.json && (campaign.many || campaign.variants.count > 1)) {
        for (uint64_t i = 0; i < campaign.variants.count; i++)
            print_counts(&campaign, i);
    }
    judge_hopes(&campaign);
    if (settings->junit_file)
        junit_suite_end(settings->junit);
    if (interrupted)
        campaign.exit_code = EXIT_INTERRUPTED;
    variants_release(&campaign.variants);
    free(campaign.counts);
    free(campaign.hopes);
    return campaign.exit_code;
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
    exit_code = exit_of(&run.outcome);
    if (exit_code != EXIT_HELD)
        report_verdict(stdout, &report, &run); /* and its golden text is left alone */
    else if (rewrite_files(stdout, &rewrite, &file->scn, &file->diags) < 0)
        exit_code = EXIT_INTERNAL;
    run_release(&run);
    rewrite_release(&rewrite);
    return exit_code;
}
