/* dcsim run: runs scenarios and prints what came of them. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/contract.h"
#include "sim/artifacts.h"
#include "sim/cmd.h"
#include "sim/cmd_progress.h"
#include "sim/fatal.h"
#include "sim/report.h"
#include "sim/run.h"
#include "sim/scenario/value.h"
#include "sim/select.h"
#include "sim/verify.h"

/* Events between two looks at the Ctrl-C flag. */
#define EVENTS_A_LOOK 1024

enum {
    OPTION_VERSION = 256,
    OPTION_UNTIL,
    OPTION_DUMP,
    OPTION_VERIFY,
    OPTION_JSON,
    OPTION_COLOR
};

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"seed", required_argument, NULL, 's'},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"dump", required_argument, NULL, OPTION_DUMP},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"color", required_argument, NULL, OPTION_COLOR},
    {0},
};

struct settings {
    struct report_command command;
    struct scn_define *defines; /* owned */
    const char *out;            /* -o */
    bool has_seed;
    uint64_t seed;
    uint64_t until_ns;
    bool color;
};

/*
 * The one thing that is not passed as an argument: what a signal handler and a
 * broken contract must reach.
 */
static volatile sig_atomic_t interrupted;
static struct {
    const struct settings *settings;
    const struct report *report;
    uint64_t seed;
    struct run *run; /* NULL while there is none to report */
} current;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* ---- one run ---- */

struct verbose {
    const struct report *report;
    const struct run *run;
    unsigned level;
};

static void print_record(void *ctx, const struct record *record)
{
    const struct verbose *verbose = ctx;

    if (record->kind == RECORD_STATE && verbose->level < 2)
        return;
    report_record(stdout, verbose->report, record);
    if (record->kind == RECORD_STATE) {
        fputs("                              ", stdout);
        report_state(stdout, verbose->run, record->node);
        fputc('\n', stdout);
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

/* The nodes of --dump, or -1 after a message. */
static int dump_nodes(const char *dump, uint32_t nodes, struct nodeset *ret_set)
{
    nodeset_init(ret_set, nodes);
    if (scn_nodes_of_text(dump, nodes, ret_set) == 0)
        return 0;
    nodeset_release(ret_set);
    cmd_usage("--dump takes nodes that exist, such as n3, n1..n5 or all, not '%s'", dump);
    return -1;
}

static void print_dump(const struct report_command *command, const struct run *run)
{
    struct nodeset set;

    if (dump_nodes(command->dump, run->scn->nodes, &set) < 0)
        return; /* was checked before the run */
    report_dump(stdout, run, &set);
    nodeset_release(&set);
}

static void print_run(const struct settings *settings, const struct report *report,
                      const struct run *run, uint64_t took_ns)
{
    const struct report_command *command = report->command;

    if (command->json) {
        report_json(stdout, report, run, took_ns);
        return;
    }
    if (run->outcome.verdict == VERDICT_HELD && command->quiet)
        return;
    report_verdict(stdout, report, run);
    if (command->dump)
        print_dump(command, run);
    if (run->outcome.verdict == VERDICT_BROKE)
        artifacts_write(stdout, settings->out, report, run);
    if (run->outcome.verdict != VERDICT_HELD)
        report_reproduce(stdout, report, run->options.seed);
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
        print_run(current.settings, current.report, run, 0);
    } else if (current.report) {
        report_reproduce(stderr, current.report, current.seed);
    }
    fflush(stdout);
    _exit(EXIT_INTERNAL);
}

static int run_once(const struct settings *settings, const struct report *report,
                    const struct run_options *run_options)
{
    struct run run;
    struct verbose verbose = {.report = report, .run = &run, .level = settings->command.verbose};
    struct trace_sink sink = {.record = print_record, .ctx = &verbose};
    uint64_t start_ns = progress_wall_ns();
    struct progress progress;
    int exit_code;

    if (!settings->command.json && !settings->command.quiet)
        report_header(stdout, report, run_options->seed);
    fflush(stdout);
    run_init(&run, report->scn, run_options, verbose.level > 0 ? &sink : NULL);
    current.run = &run;
    progress_begin(&progress, report->command->file,
                   settings->command.quiet || settings->command.verbose > 0);
    step_all(&run, &progress);
    exit_code = exit_of(&run.outcome);
    print_run(settings, report, &run, progress_wall_ns() - start_ns);
    current.run = NULL;
    run_release(&run);
    return exit_code;
}

/* Runs twice. In JSON, what differs goes to stderr, and an object without figures to stdout. */
static int verify_file(const struct report *report, const struct run_options *run_options)
{
    bool json = report->command->json;
    int code = verify_run(json ? stderr : stdout, report, run_options, &interrupted);
    struct run run;

    if (code == EXIT_HELD || !json)
        return code;
    run_init(&run, report->scn, run_options, NULL);
    run.over = false; /* whatever it came to, it cannot be relied on */
    run_fail(&run, REASON_UNREPEATABLE);
    report_json(stdout, report, &run, 0);
    run_release(&run);
    return code;
}

static int run_file(const struct settings *settings, const struct cmd_file *file)
{
    struct report_command command = settings->command;
    struct report report = {
        .command = &command,
        .scn = &file->scn,
        .source = &file->diags,
        .color = settings->color,
    };
    struct run_options run_options = {
        .seed = settings->has_seed ? settings->seed : file->scn.seed,
        .until_ns = settings->until_ns,
    };

    int exit_code = EXIT_HELD;

    command.file = file->name;
    current.settings = settings;
    current.report = &report;
    current.seed = run_options.seed;
    if (command.verify)
        exit_code = verify_file(&report, &run_options);
    if (exit_code == EXIT_HELD)
        exit_code = run_once(settings, &report, &run_options);
    current.report = NULL;
    return exit_code;
}

/* Reads and parses; what else of the command line depends on the scenario is checked here. */
static int load_file(const struct settings *settings, struct cmd_file *ret, const char *name)
{
    const struct report_command *command = &settings->command;
    struct nodeset set;

    if (cmd_file_load(ret, name, settings->defines, command->defines_len) < 0)
        return -1;
    if (!command->dump)
        return 0;
    if (dump_nodes(command->dump, ret->scn.nodes, &set) < 0)
        return -1;
    nodeset_release(&set);
    return 0;
}

/* A file with one error runs nothing, and neither do those beside it. */
static int run_files(const struct settings *settings, char **names, int count)
{
    struct cmd_file *files = fatal_calloc((size_t)count, sizeof(*files));
    int exit_code = EXIT_HELD;

    for (int i = 0; i < count; i++)
        if (load_file(settings, &files[i], names[i]) < 0)
            exit_code = EXIT_USAGE;
    for (int i = 0; exit_code != EXIT_USAGE && i < count && !interrupted; i++)
        exit_code = cmd_worse(exit_code, run_file(settings, &files[i]));
    for (int i = 0; i < count; i++)
        cmd_file_release(&files[i]);
    free(files);
    return exit_code;
}

/* ---- options ---- */

static int set_color(struct settings *settings, const char *when)
{
    if (strcmp(when, "always") == 0)
        settings->color = true;
    else if (strcmp(when, "never") == 0)
        settings->color = false;
    else if (strcmp(when, "auto") != 0)
        return cmd_usage("--color takes auto, always or never, not '%s'", when);
    return -1;
}

/* Returns -1 to go on, else an exit code. */
static int set_option(struct settings *settings, int option, const char *value)
{
    struct report_command *command = &settings->command;

    switch (option) {
    case 'h':
        cmd_help();
        return EXIT_HELD;
    case OPTION_VERSION:
        cmd_version();
        return EXIT_HELD;
    case 's':
        settings->has_seed = true;
        if (scn_number_of_text(value, &settings->seed) < 0)
            return cmd_usage("--seed takes a number from 0 to 2^64-1, not '%s'", value);
        return -1;
    case 'D':
        return cmd_define(&settings->defines[command->defines_len++], value) < 0 ? EXIT_USAGE : -1;
    case OPTION_UNTIL:
        command->until = value;
        if (scn_time_of_text(value, &settings->until_ns) < 0)
            return cmd_usage("--until takes a time such as 500ms or 2s, not '%s'", value);
        return -1;
    case OPTION_DUMP:
        command->dump = value;
        return -1;
    case OPTION_VERIFY:
        command->verify = true;
        return -1;
    case OPTION_JSON:
        command->json = true;
        return -1;
    case OPTION_COLOR:
        return set_color(settings, value);
    case 'v':
        command->verbose++;
        return -1;
    case 'q':
        command->quiet = true;
        return -1;
    case 'o':
        settings->out = value;
        return -1;
    default:
        return cmd_usage("that is not an option of 'run'");
    }
}

static int check_settings(const struct settings *settings, int files)
{
    const struct report_command *command = &settings->command;

    if (command->json && (command->verbose || command->dump))
        return cmd_usage("--json prints nothing else: leave out -v and --dump");
    if (files == 0)
        return cmd_usage("no scenario file given");
    return -1;
}

int cmd_run(int argc, char **argv, const char *program)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    struct settings settings = {
        .command = {.program = program},
        .defines = fatal_calloc((size_t)argc, sizeof(*settings.defines)),
        .out = "dcsim-out",
        .until_ns = UINT64_MAX,
        .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
    int exit_code = -1, option;

    settings.command.defines = settings.defines;
    while (exit_code < 0 && (option = getopt_long(argc, argv, "hs:D:vqo:", options, NULL)) != -1)
        exit_code = set_option(&settings, option, optarg);
    if (exit_code < 0)
        exit_code = check_settings(&settings, argc - optind);
    if (exit_code < 0) {
        sigaction(SIGINT, &action, NULL);
        exit_code = run_files(&settings, argv + optind, argc - optind);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "dcsim: cannot write the results: %s\n", strerror(errno));
        exit_code = EXIT_INTERNAL;
    }
    free(settings.defines);
    return exit_code;
}
