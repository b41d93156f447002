/* dcsim run: arguments in, runs, exit code out. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_options.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_variants.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"

/* Reads and parses; what else of the command line depends on the scenario is checked here. */
static int load_file(const struct settings *settings, struct cmd_file *ret, const char *name,
                     bool alone)
{
    const struct report_command *command = &settings->command;
    struct scn_range seeds;
    struct nodeset set;

    if (cmd_file_load(ret, name, settings->defines, command->defines_len) < 0 ||
        variants_check(ret, command) < 0)
        return -1;
    seeds = settings->has_seed || settings->has_seeds ? settings->seeds : ret->scn.seeds;
    if (cmd_trace_check_runs(&settings->trace, seeds.lo != seeds.hi,
                             !alone || ret->scn.sweeps_len > 0) < 0)
        return -1;
    if (!command->dump)
        return 0;
    if (seeds_dump_nodes(command->dump, ret->scn.nodes, &set) < 0)
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
        if (load_file(settings, &files[i], names[i], count == 1) < 0)
            exit_code = EXIT_USAGE;
    for (int i = 0; exit_code != EXIT_USAGE && !settings->command.quiet && i < count; i++)
        cmd_file_hints(&files[i]);
    for (int i = 0; exit_code != EXIT_USAGE && i < count && !seeds_interrupted(); i++)
        exit_code = cmd_worse(exit_code, settings->rewrite ? seeds_rewrite(settings, &files[i])
                                                           : seeds_run(settings, &files[i]));
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

/* "A..B", both ends included. */
static int set_seeds(struct settings *settings, const char *value)
{
    const char *dots = strstr(value, "..");
    char first[32] = "";

    if (dots && (size_t)(dots - value) < sizeof(first))
        memcpy(first, value, (size_t)(dots - value));
    if (!dots || scn_number_of_text(first, &settings->seeds.lo) < 0 ||
        scn_number_of_text(dots + 2, &settings->seeds.hi) < 0 ||
        settings->seeds.hi < settings->seeds.lo ||
        settings->seeds.hi - settings->seeds.lo == UINT64_MAX)
        return cmd_usage("--seeds takes a range such as 1..100, not '%s'", value);
    return -1;
}

static int set_trace_last(struct settings *settings, const char *value)
{
    uint64_t *last = &settings->trace.last;

    if (scn_number_of_text(value, last) < 0 || *last == 0 || *last > TRACEFILE_LAST_MAX)
        return cmd_usage("--trace-last takes a number of lines from 1 to %" PRIu64 ", not '%s'",
                         TRACEFILE_LAST_MAX, value);
    return -1;
}

static int set_codec(struct report_command *command, const char *which)
{
    command->sampled = strcmp(which, "sampled") == 0;
    if (!command->sampled && strcmp(which, "full") != 0)
        return cmd_usage("--codec takes full or sampled, not '%s'", which);
    return -1;
}

/* What is printed and written, and where. Returns -1 to go on, else an exit code. */
static int set_output(struct settings *settings, int option, const char *value)
{
    struct report_command *command = &settings->command;

    switch (option) {
    case OPTION_DUMP:
        command->dump = value;
        return -1;
    case OPTION_JSON:
        command->json = true;
        return -1;
    case OPTION_JUNIT:
        settings->junit_file = value;
        return -1;
    case OPTION_LOG:
        command->log = value;
        if (report_level(value) < 0)
            return cmd_usage("--log takes error, warn, info or debug, not '%s'", value);
        return -1;
    case OPTION_COLOR:
        return set_color(settings, value);
    case OPTION_TRACE:
        settings->trace.path = value;
        return -1;
    case OPTION_TRACE_LAST:
        return set_trace_last(settings, value);
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
        return EXIT_USAGE;
    }
}

/* Returns -1 to go on, else an exit code. */
static int set_option(struct settings *settings, int option, const char *value)
{
    struct report_command *command = &settings->command;
    uint64_t number;

    switch (option) {
    case 'h':
        cmd_help();
        return EXIT_HELD;
    case OPTION_VERSION:
        cmd_version();
        return EXIT_HELD;
    case 's':
        settings->has_seed = true;
        if (scn_number_of_text(value, &settings->seeds.lo) < 0)
            return cmd_usage("--seed takes a number from 0 to 2^64-1, not '%s'", value);
        settings->seeds.hi = settings->seeds.lo;
        return -1;
    case OPTION_SEEDS:
        settings->has_seeds = true;
        return set_seeds(settings, value);
    case 'j':
        if (scn_number_of_text(value, &number) < 0 || number == 0 || number > WORKERS_MAX)
            return cmd_usage("-j takes a number of workers from 1 to %u, not '%s'", WORKERS_MAX,
                             value);
        settings->workers = (unsigned)number;
        return -1;
    case 'D':
        return cmd_define(&settings->defines[command->defines_len++], value) < 0 ? EXIT_USAGE : -1;
    case OPTION_UNTIL:
        command->until = value;
        if (scn_time_of_text(value, &settings->until_ns) < 0)
            return cmd_usage("--until takes a time such as 500ms or 2s, not '%s'", value);
        return -1;
    case OPTION_CODEC:
        return set_codec(command, value);
    case OPTION_VERIFY:
        command->verify = true;
        return -1;
    case OPTION_REWRITE:
        settings->rewrite = true;
        return -1;
    default:
        return set_output(settings, option, value);
    }
}

static int check_settings(const struct settings *settings, int files)
{
    const struct report_command *command = &settings->command;

    if (command->json && (command->verbose || command->dump || command->log))
        return cmd_usage("--json prints nothing else: leave out -v, --log and --dump");
    if (settings->has_seed && settings->has_seeds)
        return cmd_usage("either --seed or --seeds");
    if (settings->rewrite &&
        (settings->has_seed || settings->has_seeds || command->defines_len > 0 || command->until ||
         command->json || command->verify || settings->trace.path))
        return cmd_usage(
            "--rewrite goes with the file's own seed and parameters, and with no other "
            "kind of run");
    if (files == 0)
        return cmd_usage("no scenario file given");
    return cmd_trace_check(&settings->trace, command);
}

int cmd_run(int argc, char **argv, const char *program)
{
    struct settings settings = {
        .command = {.program = program},
        .defines = fatal_calloc((size_t)argc, sizeof(*settings.defines)),
        .out = "dcsim-out",
        .workers = 1,
        .until_ns = UINT64_MAX,
        .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
    struct junit junit = {0};
    int exit_code = -1, option;

    settings.junit = &junit;
    settings.command.defines = settings.defines;
    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_RUN)) != -1)
        exit_code = set_option(&settings, option, optarg);
    if (exit_code < 0)
        exit_code = check_settings(&settings, argc - optind);
    if (exit_code < 0) {
        seeds_catch_interrupt();
        exit_code = run_files(&settings, argv + optind, argc - optind);
        if (settings.junit_file && exit_code != EXIT_USAGE &&
            junit_write(&junit, settings.junit_file) < 0)
            exit_code = EXIT_INTERNAL;
    }
    junit_release(&junit);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "dcsim: cannot write the results: %s\n", strerror(errno));
        exit_code = EXIT_INTERNAL;
    }
    free(settings.defines);
    return exit_code;
}
