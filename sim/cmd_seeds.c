/* One run, and what is printed of it. */
#include "sim/cmd_seeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/contract.h"
#include "sim/artifacts.h"
#include "sim/cmd_apart.h"
#include "sim/cmd_lastwords.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_together.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/scenario/value.h"
#include "sim/cmd_signals.h"
#include "sim/text.h"
#include "sim/verify.h"

/* Events between two looks at the Ctrl-C flag. */
#define EVENTS_A_LOOK 64
/* Signals that come together are one. */
#define AT_ONCE_NS UINT64_C(500000000)

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
    bool began;                      /* it is there, or was */
    struct cmd_trace *trace;
} current;

/*
 * The second one ends the process: the way out when the first does not help. Who tells
 * a process and then its group, as timeout(1) does, has told it once.
 */
static void on_interrupt(int signal_number)
{
    static uint64_t first_ns;
    int err = errno;

    if (!interrupted) {
        first_ns = progress_wall_ns();
    } else if (progress_wall_ns() - first_ns > AT_ONCE_NS) {
        signal(signal_number, SIG_DFL);
        raise(signal_number); /* comes when this one is over */
    }
    interrupted = 1;
    lastwords_interrupted();
    errno = err;
}

/* Whoever started us with nohup(1) wants no end with the terminal. */
void seeds_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt}, old;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

bool seeds_interrupted(void)
{
    return interrupted;
}

int seeds_failed(int exit_code)
{
    return interrupted ? EXIT_INTERRUPTED : exit_code;
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

int seeds_exit_of(const struct outcome *outcome)
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

/*
 * ---- what takes further runs, when the verdict is there ----
 *
 * In processes of their own, whatever the run was: nothing that befalls them is its verdict.
 */

/* Of --timeout-per-seed: a run is made some times more to be explained. */
#define TELL_TIMES 8u

struct telling {
    const struct report *report;
    const struct run *run;
    const char *path;
    size_t more;
};

/* What breaks there is no run's, and nobody's last words. */
static void forget_current(void)
{
    memset(&current, 0, sizeof(current));
}

static struct apart_work work_of(const struct settings *settings, struct telling *telling,
                                 bool (*run)(void *ctx, FILE *out))
{
    uint64_t job_ns = settings->job_ns;

    return (struct apart_work){
        .run = run,
        .ctx = telling,
        .limit_ns = job_ns < UINT64_MAX / TELL_TIMES ? job_ns * TELL_TIMES : 0,
        .stop = &interrupted,
    };
}

static bool write_why(void *ctx, FILE *out)
{
    const struct telling *telling = ctx;
    char *why;

    forget_current();
    why = report_why(telling->report, telling->run);
    fputs(why, out);
    free(why);
    return true;
}

/* What led to the verdict, or that nobody knows; to be freed. */
static char *find_why(const struct settings *settings, const struct report *report,
                      const struct run *run)
{
    struct telling telling = {.report = report, .run = run};
    struct apart_work work = work_of(settings, &telling, write_why);
    char words[APART_TEXT_MAX], *why;
    struct apart apart;
    size_t size;

    if (!report_has_why(run))
        return fatal_calloc(1, 1);
    apart_run(&apart, &work);
    if (apart.end == APART_DONE && apart.ok)
        return apart.text;
    size = sizeof(words) + 64;
    why = fatal_alloc(size);
    snprintf(why, size, "  what led to it is not known: looking for it %s\n",
             apart_text(words, &apart, &work));
    apart_release(&apart);
    return why;
}

static bool write_artifacts(void *ctx, FILE *out)
{
    const struct telling *telling = ctx;

    forget_current();
    return artifacts_write(out, telling->path, telling->report, telling->run, telling->more);
}

/* Returns whether they are there, which is said. */
static bool make_artifacts(FILE *out, const struct settings *settings, const struct report *report,
                           const struct run *run, size_t more)
{
    struct telling telling = {.report = report, .run = run, .path = settings->out, .more = more};
    struct apart_work work = work_of(settings, &telling, write_artifacts);
    char words[APART_TEXT_MAX];
    struct apart apart;
    bool ok;

    apart_run(&apart, &work);
    ok = apart.ok;
    if (apart.end == APART_DONE)
        fwrite(apart.text, 1, apart.len, out);
    else
        text_print(stderr, "dcsim: no artifacts of %s, seed %" PRIu64 ": making them %s\n",
                   report->command->file, run->options.seed, apart_text(words, &apart, &work));
    apart_release(&apart);
    return ok;
}

/*
 * In the order of the runs, so that it does not depend on workers whose artifacts are kept. The
 * first of the others says that there are none; from then on nobody waits. Returns whether a
 * line was printed, which says that there are @more.
 */
static bool keep_artifacts(FILE *out, const struct settings *settings, const struct report *report,
                           const struct run *run, size_t more)
{
    uint32_t *kept = settings->artifacts, max = settings->artifacts_max, now;
    bool said = true;

    if (__atomic_load_n(kept, __ATOMIC_ACQUIRE) > max || !workers_turn())
        return false;
    now = __atomic_load_n(kept, __ATOMIC_ACQUIRE); /* others were before us */
    if (now > max)
        return false;
    if (now < max)
        said = make_artifacts(out, settings, report, run, more);
    else
        fprintf(out, "artifacts:  none from here on, for --artifacts is %" PRIu32, max);
    if (now == max && more > 0)
        fprintf(out, "  (%zu more line%s with -v)", more, more == 1 ? "" : "s");
    if (now == max)
        fputc('\n', out);
    __atomic_add_fetch(kept, 1, __ATOMIC_RELEASE);
    return said;
}

/*
 * So many lines of a report leave a first screen with what stands around it: a header, with
 * the bound of a quiet; what --verify found, and the sums of --seeds; artifacts, or that there
 * is more, and the commands.
 */
static uint32_t lines_of_verdict(const struct settings *settings, const struct scenario *scn,
                                 enum verdict verdict)
{
    uint32_t head = scn->quiet.at_ns == DC_TIME_NEVER ? 1 : 2;
    uint32_t tail = verdict == VERDICT_BROKE ? 3 : 2;

    head += settings->command.verify;
    tail += settings->has_seeds;
    return settings->command.verbose > 0 ? 0 : REPORT_LINES - head - tail;
}

static void print_run(FILE *out, const struct settings *settings, const struct report *report,
                      const struct run *run, uint64_t took_ns)
{
    const struct report_command *command = report->command;
    struct report first = *report;
    size_t more;

    if (command->json) {
        report_json(out, report, run, took_ns);
        return;
    }
    if (settings->command.quiet &&
        (run->outcome.verdict == VERDICT_HELD || is_missed(settings, &run->outcome)))
        return;
    first.lines = lines_of_verdict(settings, report->scn, run->outcome.verdict);
    more = report_verdict(out, &first, run);
    if (command->dump)
        print_dump(out, command, run);
    if ((run->outcome.verdict != VERDICT_BROKE ||
         !keep_artifacts(out, settings, report, run, more)) &&
        more > 0)
        fprintf(out, "  and %zu more line%s, with -v\n", more, more == 1 ? "" : "s");
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
        told.why = why = find_why(current.settings, &told, run);
        print_run(current.out, current.settings, &told, run, 0);
        free(why);
    }
    return code;
}

/* A run that broke a contract. */
static void print_broken(const struct run *run)
{
    struct report told = *current.report;
    char *why = find_why(current.settings, &told, run);

    told.why = why;
    print_run(current.out, current.settings, &told, run, 0);
    free(why);
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
        lastwords_judged();
        if (current.watch)
            print_watched(run, EXIT_INTERNAL);
        else
            print_broken(run);
    } else if (current.report) {
        report_reproduce(stderr, current.report, current.seed);
    }
    /* Of a campaign's run that has not begun there are no words: it costs the seed, as a crash. */
    if (current.began || !current.watch)
        workers_last_words(EXIT_INTERNAL);
    fflush(stdout);
    _exit(EXIT_INTERNAL);
}

/* Behind that, for --junit: the report as people read it. */
static void tell_report(FILE *extra, const struct report *report, const struct run *run)
{
    struct report plain = *report;

    plain.color = false;
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
        return seeds_failed(EXIT_INTERNAL);
    sink = trace_tee_sink(&tee);
    run_init(&run, report->scn, &watched, &sink);
    current.run = &run;
    current.began = true;
    lastwords_place(&run);
    current.trace = &trace;
    progress_begin(&progress, report->command->file,
                   settings->command.quiet || settings->command.verbose > 0 || many);
    step_all(&run, &progress);
    lastwords_place(NULL); /* there may be others, that explain it */
    lastwords_judged();
    exit_code = is_missed(settings, &run.outcome) ? EXIT_HELD : seeds_exit_of(&run.outcome);
    if (cmd_trace_close(&trace) < 0)
        exit_code = EXIT_INTERNAL;
    if (current.watch) {
        exit_code = print_watched(&run, exit_code);
    } else {
        if (!settings->command.json || settings->junit_file)
            told.why = why = find_why(settings, report, &run);
        print_run(out, settings, &told, &run, progress_wall_ns() - start_ns);
        together_tell(extra, &run, exit_code);
        if (settings->junit_file && exit_code != EXIT_HELD)
            tell_report(extra, &told, &run);
        free(why);
    }
    current.run = NULL;
    current.trace = NULL;
    fflush(out);
    lastwords_told();
    run_release(&run);
    return exit_code;
}

/* Runs twice. In JSON, what differs goes to stderr, and an object without figures to @out. */
static int verify_seed(FILE *out, const struct report *report,
                       const struct run_options *run_options)
{
    bool json = report->command->json;
    int code = verify_run(json ? stderr : out, report, run_options, &interrupted);

    if (code != EXIT_HELD && json)
        report_json_lost(out, report, run_options->seed, VERDICT_BROKE, REASON_UNREPEATABLE);
    return code;
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
    current.began = false;
}

static struct run_options options_of(const struct settings *settings, uint64_t seed)
{
    return (struct run_options){
        .seed = seed,
        .until_ns = settings->until_ns,
        .compares = true,
        .codec_sampled = settings->command.sampled,
    };
}

/* A worker's job is ended by its parent, who takes no more from it than where it was. */
static void begin_words(const struct settings *settings, const struct report *report, uint64_t seed)
{
    if (workers_inside())
        lastwords_watch(workers_place(), 0, 0);
    else
        lastwords_begin(report, seed, settings->job_ns, !cmd_trace_to_stdout(&settings->trace));
}

int seeds_print(const struct settings *settings, const struct report *report, uint64_t seed,
                FILE *out, FILE *extra, bool many)
{
    struct run_options run_options = options_of(settings, seed);
    int exit_code = EXIT_HELD;

    begin_job(settings, report, seed, out);
    begin_words(settings, report, seed);
    if (settings->command.verify)
        exit_code = verify_seed(out, report, &run_options);
    if (exit_code == EXIT_HELD)
        exit_code = run_once(out, extra, settings, report, &run_options, many);
    lastwords_end();
    current.report = NULL;
    return exit_code;
}

int seeds_one(const struct settings *settings, const struct report *report, uint64_t seed,
              FILE *out, FILE *extra, const struct seeds_watch *watch)
{
    struct run_options run_options = options_of(settings, seed);
    int exit_code;

    begin_job(settings, report, seed, out);
    begin_words(settings, report, seed);
    current.extra = extra;
    current.watch = watch;
    exit_code = run_once(out, extra, settings, report, &run_options, true);
    lastwords_end();
    current.report = NULL;
    return exit_code;
}

/* ---- a run whose worker has ended ---- */

bool seeds_lost_outside(const struct workers_result *result)
{
    return result->end == WORKERS_TAKEN || result->end == WORKERS_BLOCKED ||
           result->end == WORKERS_MEMORY;
}

enum verdict seeds_lost_verdict(const struct workers_result *result)
{
    return seeds_lost_outside(result) ? VERDICT_UNKNOWN : VERDICT_BROKE;
}

enum reason seeds_lost_reason(const struct workers_result *result)
{
    if (result->end == WORKERS_LATE || result->end == WORKERS_BLOCKED)
        return REASON_TIMEOUT;
    if (result->end == WORKERS_MEMORY)
        return REASON_MEMORY;
    return result->end == WORKERS_LEFT ? REASON_CONTRACT : REASON_SIGNAL;
}

int seeds_lost_code(const struct workers_result *result)
{
    return seeds_lost_outside(result)    ? EXIT_UNKNOWN
           : result->end == WORKERS_LEFT ? EXIT_INTERNAL
                                         : EXIT_BROKE;
}

char *seeds_lost_text(char buf[static SEEDS_LOST_MAX], const struct workers_result *result,
                      uint64_t job_ns)
{
    char limit[TEXT_TIME_MAX];

    switch (result->end) {
    case WORKERS_TOLD:
        buf[0] = '\0';
        break;
    case WORKERS_DIED:
        snprintf(buf, SEEDS_LOST_MAX, "died of signal %d (%s)", result->signal,
                 signal_text(result->signal));
        break;
    case WORKERS_TAKEN:
        snprintf(buf, SEEDS_LOST_MAX, "taken by signal %d (%s), which was sent from outside",
                 result->signal, signal_text(result->signal));
        break;
    case WORKERS_LEFT:
        snprintf(buf, SEEDS_LOST_MAX, "ended its process with code %d", result->code);
        break;
    case WORKERS_MEMORY:
        snprintf(buf, SEEDS_LOST_MAX, "ran out of memory, with %" PRIu64 " MiB",
                 result->place.had_kib / 1024);
        break;
    case WORKERS_LATE:
        snprintf(buf, SEEDS_LOST_MAX, "timed out after %s of processor time",
                 text_time_scn(limit, job_ns));
        break;
    case WORKERS_BLOCKED:
        snprintf(buf, SEEDS_LOST_MAX, "blocked: used no processor for %s",
                 text_time_scn(limit, job_ns * WORKERS_IDLE_TIMES));
        break;
    }
    return buf;
}

char *seeds_lost_cause(char buf[static SEEDS_LOST_MAX], const struct workers_result *result,
                       uint64_t job_ns)
{
    const char *how = result->end == WORKERS_DIED ? "died of" : "taken by";

    if (result->end == WORKERS_MEMORY) {
        snprintf(buf, SEEDS_LOST_MAX, "ran out of memory");
        return buf;
    }
    if (result->end != WORKERS_DIED && result->end != WORKERS_TAKEN)
        return seeds_lost_text(buf, result, job_ns);
    /* A number means another signal on another processor, so a name says more. */
    if (signal_is_named(result->signal))
        snprintf(buf, SEEDS_LOST_MAX, "%s a signal (%s)", how, signal_text(result->signal));
    else
        snprintf(buf, SEEDS_LOST_MAX, "%s signal %d", how, result->signal);
    return buf;
}

void seeds_print_lost(FILE *out, const struct report *report, uint64_t seed,
                      const struct workers_result *result, uint64_t job_ns)
{
    char text[SEEDS_LOST_MAX];

    text_print(out, "%s %s  seed %" PRIu64 "  %s\n", verdict_text(seeds_lost_verdict(result)),
               report->command->file, seed, seeds_lost_text(text, result, job_ns));
    if (lastwords_knows_place(&result->place)) {
        fputs("  ", out);
        lastwords_print_place(out, &result->place);
        fputc('\n', out);
    }
    if (result->end == WORKERS_MEMORY)
        fputs("  " LASTWORDS_MEMORY_HELP "\n", out);
    report_reproduce(out, report, seed);
    if (!seeds_lost_outside(result))
        report_minimise(out, report, seed);
}
