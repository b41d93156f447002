/* dcsim run: arguments in, runs, exit code out. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_options.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_variants.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"

/* Reads and parses; what else of the command line depends on the scenario is checked here. */
static int load_file(struct settings *settings, struct cmd_file *ret, const char *name, bool alone)
{
    const struct report_command *command = &settings->command;
    struct scn_range seeds;
    struct nodeset set;

    if (cmd_file_load(ret, name, settings->defines, command->defines_len) < 0 ||
        cmd_file_places(ret, &settings->places) < 0 || variants_check(ret, command) < 0)
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
static int run_files(struct settings *settings, char **names, int count)
{
    struct cmd_file *files = fatal_calloc((size_t)count, sizeof(*files));
    int exit_code = EXIT_HELD;
    bool begins;

    for (int i = 0; i < count; i++)
        if (load_file(settings, &files[i], names[i], count == 1) < 0)
            exit_code = seeds_failed(EXIT_USAGE);
    for (int i = 0; exit_code == EXIT_HELD && i < count; i++)
        if (seeds_check_traces(settings, &files[i]) < 0)
            exit_code = EXIT_USAGE;
    for (int i = 0; exit_code == EXIT_HELD && !settings->command.quiet && i < count; i++)
        cmd_file_hints(&files[i]);
    begins = exit_code == EXIT_HELD;
    for (int i = 0; begins && i < count && !seeds_interrupted(); i++)
        exit_code = cmd_worse(exit_code, settings->rewrite ? seeds_rewrite(settings, &files[i])
                                                           : seeds_run(settings, &files[i]));
    for (int i = 0; i < count; i++)
        cmd_file_release(&files[i]);
    free(files);
    return exit_code;
}

/* ---- the command ---- */

static int check_settings(struct settings *settings, int files)
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
    settings->places.results = settings->out;
    settings->places.has_artifacts = settings->artifacts_max > 0;
    if (places_add_output(&settings->places, "--junit", settings->junit_file) < 0 ||
        places_add_standard(&settings->places) < 0)
        return EXIT_USAGE;
    return cmd_trace_check(&settings->trace, command);
}

int cmd_run(int argc, char **argv, const char *program)
{
    struct settings settings = {
        .command = {.program = program},
        .defines = fatal_calloc((size_t)argc, sizeof(*settings.defines)),
        .workers = 1,
        .artifacts_max = SETTINGS_ARTIFACTS,
        .artifacts = workers_number(),
        .until_ns = UINT64_MAX,
        .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
    struct junit junit = {0};
    int exit_code = -1, option;

    settings.junit = &junit;
    settings.command.defines = settings.defines;
    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_RUN)) != -1)
        exit_code = settings_option(&settings, option, optarg);
    if (exit_code < 0)
        exit_code = check_settings(&settings, argc - optind);
    if (exit_code < 0)
        seeds_catch_interrupt();
    if (exit_code < 0 && settings.junit_file && junit_open(&junit, settings.junit_file) < 0)
        exit_code = seeds_failed(EXIT_USAGE);
    if (exit_code < 0) {
        exit_code = run_files(&settings, argv + optind, argc - optind);
        if (settings.junit_file && exit_code != EXIT_USAGE && junit_write(&junit) < 0)
            exit_code = EXIT_INTERNAL;
    }
    junit_release(&junit);
    places_release(&settings.places);
    workers_number_release(settings.artifacts);
    free(settings.defines);
    return exit_code;
}
