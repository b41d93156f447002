/* dcsim fuzz: many seeds, of files or each with a scenario of its own. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_campaign.h"
#include "sim/cmd_known.h"
#include "sim/cmd_foreign.h"
#include "sim/cmd_options.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_source.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/swarm/swarm.h"

/* What a seed may take on the clock, unless the command line has it. */
#define JOB_NS UINT64_C(30000000000)

/* The command line. */
struct fuzz {
    struct settings settings;
    struct scn_range nodes;
    bool swarm, print;
    const char *seeds_file; /* NULL */
    struct campaign campaign;
};

/* ---- options ---- */

/* Returns -1 to go on, else an exit code. */
static int set_nodes(struct fuzz *fuzz, const char *value)
{
    if (cmd_range(&fuzz->nodes, value) < 0 || fuzz->nodes.lo < SWARM_NODES_LEAST ||
        fuzz->nodes.hi > SWARM_NODES_MAX)
        return cmd_usage("--nodes takes a range such as 3..12, from %u to %u, not '%s'",
                         SWARM_NODES_LEAST, SWARM_NODES_MAX, value);
    return -1;
}

static int set_time(const char *option, const char *value, uint64_t *ret_ns)
{
    char better[64];

    if (scn_time_of_text(value, ret_ns) < 0 || *ret_ns == 0)
        return cmd_usage("%s takes a time such as 500ms or 60s, not '%s'%s", option, value,
                         cmd_foreign_time(option, value, better));
    return -1;
}

/* "1000.." has no end; what has is like anywhere else. */
static int set_seeds(struct fuzz *fuzz, const char *value)
{
    size_t len = strlen(value);
    char first[32];

    fuzz->campaign.endless = false;
    if (len < 3 || len - 2 >= sizeof(first) || strcmp(value + len - 2, "..") != 0)
        return settings_option(&fuzz->settings, OPTION_SEEDS, value);
    memcpy(first, value, len - 2);
    first[len - 2] = '\0';
    fuzz->settings.has_seeds = true;
    fuzz->settings.seeds.hi = UINT64_MAX;
    fuzz->campaign.endless = true;
    if (scn_number_of_text(first, &fuzz->settings.seeds.lo) < 0)
        return cmd_usage("--seeds takes a range such as 1..100, or 1000.., not '%s'", value);
    return -1;
}

static int set_option(struct fuzz *fuzz, int option, const char *value)
{
    switch (option) {
    case OPTION_SWARM:
        fuzz->swarm = true;
        return -1;
    case OPTION_PRINT:
        fuzz->print = true;
        return -1;
    case 'q':
        fuzz->campaign.quiet = true;
        return -1;
    case OPTION_TIME:
        return set_time("--time", value, &fuzz->campaign.time_ns);
    case OPTION_MAX_FAILURES:
        if (scn_number_of_text(value, &fuzz->campaign.max_failures) < 0 ||
            fuzz->campaign.max_failures == 0)
            return cmd_usage("--max-failures takes a number from 1 on, not '%s'", value);
        return -1;
    case OPTION_JSONL:
        fuzz->campaign.jsonl_file = value;
        return -1;
    case OPTION_COVERAGE:
        fuzz->campaign.coverage = true;
        return -1;
    case OPTION_SEEDS_FILE:
        if (strcmp(value, "-") == 0)
            return cmd_usage("--seeds-file takes a file to read and to write, and no stream; one "
                             "that is called so is './-'");
        fuzz->seeds_file = value;
        return -1;
    case OPTION_SEEDS:
        return set_seeds(fuzz, value);
    case OPTION_NODES:
        return set_nodes(fuzz, value);
    default:
        return settings_option(&fuzz->settings, option, value);
    }
}

static int check(struct fuzz *fuzz, int files)
{
    struct settings *settings = &fuzz->settings;

    if (fuzz->swarm && files > 0)
        return cmd_usage("fuzz takes --swarm or files, not both");
    if (!fuzz->swarm && files == 0)
        return cmd_usage("fuzz takes --swarm, or scenario files");
    if (!fuzz->swarm && fuzz->print)
        return cmd_usage("--print is of --swarm");
    if (fuzz->swarm && settings->command.defines_len > 0)
        return cmd_usage("the swarm has no parameters: leave out -D");
    if (settings->has_seed && settings->has_seeds)
        return cmd_usage("either --seed N or --seeds A..B");
    settings->places.results = settings->out;
    settings->places.has_artifacts = settings->artifacts_max > 0;
    if (places_add_output(&settings->places, "--junit", settings->junit_file) < 0 ||
        places_add_output(&settings->places, "--jsonl", fuzz->campaign.jsonl_file) < 0 ||
        places_add_output(&settings->places, "--seeds-file", fuzz->seeds_file) < 0 ||
        places_add_standard(&settings->places) < 0)
        return EXIT_USAGE;
    if (fuzz->print && !settings->has_seed)
        return cmd_usage("--print takes one seed: --seed N");
    return -1;
}

/* ---- what is run ---- */

static int print_scenario(const struct fuzz *fuzz)
{
    struct source source;

    source_of_swarm(&source, fuzz->nodes, &fuzz->settings.command);
    source_print(stdout, &source, fuzz->settings.seeds.lo);
    source_release(&source);
    return EXIT_HELD;
}

/* The campaign, which has its subjects, with the seeds that are known before it. */
static int run_known(struct fuzz *fuzz)
{
    struct campaign *campaign = &fuzz->campaign;
    struct cmd_known known;
    int exit_code = EXIT_USAGE;

    if (!fuzz->seeds_file)
        return campaign_run(campaign);
    if (cmd_known_open(&known, fuzz->seeds_file, campaign) == 0) {
        exit_code = campaign_run(campaign);
        if (cmd_known_close(&known, campaign) < 0)
            exit_code = cmd_worse(exit_code, EXIT_INTERNAL);
    }
    campaign_release(campaign);
    cmd_known_release(&known);
    return exit_code;
}

/* A file with one error runs nothing, and neither do those beside it. */
static int run_files(struct fuzz *fuzz, const struct report_command *command, char **names,
                     int count)
{
    struct cmd_file *files = fatal_calloc((size_t)count, sizeof(*files));
    int exit_code = EXIT_HELD;

    for (int i = 0; i < count; i++)
        if (cmd_file_load(&files[i], names[i], command->defines, command->defines_len) < 0 ||
            cmd_file_places(&files[i], &fuzz->settings.places) < 0 ||
            campaign_add_file(&fuzz->campaign, &files[i], command) < 0)
            exit_code = seeds_failed(EXIT_USAGE);
    if (exit_code == EXIT_HELD)
        exit_code = run_known(fuzz);
    campaign_release(&fuzz->campaign);
    for (int i = 0; i < count; i++)
        cmd_file_release(&files[i]);
    free(files);
    return exit_code;
}

static int run_swarm(struct fuzz *fuzz, const struct report_command *command)
{
    int exit_code;

    campaign_add_swarm(&fuzz->campaign, fuzz->nodes, command);
    exit_code = run_known(fuzz);
    campaign_release(&fuzz->campaign);
    return exit_code;
}

static int run(struct fuzz *fuzz, char **names, int count)
{
    struct report_command command = fuzz->settings.command;
    struct junit junit = {0};
    int exit_code;

    seeds_catch_interrupt();
    if (fuzz->settings.junit_file && junit_open(&junit, fuzz->settings.junit_file) < 0)
        return seeds_failed(EXIT_USAGE);
    if (fuzz->settings.job_ns > 0)
        fuzz->campaign.job_ns = fuzz->settings.job_ns;
    command.quiet = false; /* whoever repeats a run wants to see it */
    if (!fuzz->settings.has_seed && !fuzz->settings.has_seeds) {
        fuzz->settings.seeds = (struct scn_range){1, UINT64_MAX};
        fuzz->campaign.endless = true;
    }
    fuzz->campaign.has_files =
        fuzz->settings.junit_file || fuzz->seeds_file ||
        (fuzz->campaign.jsonl_file && strcmp(fuzz->campaign.jsonl_file, "-") != 0);
    fuzz->settings.junit = &junit;
    fuzz->campaign.settings = &fuzz->settings;
    junit_suite_begin(&junit, "fuzz");
    exit_code = fuzz->swarm ? run_swarm(fuzz, &command) : run_files(fuzz, &command, names, count);
    junit_suite_end(&junit);
    if (fuzz->settings.junit_file && exit_code != EXIT_USAGE && junit_write(&junit) < 0)
        exit_code = EXIT_INTERNAL;
    junit_release(&junit);
    return exit_code;
}

int cmd_fuzz(int argc, char **argv, const char *program)
{
    struct fuzz fuzz = {
        .settings = {.command = {.program = program, .quiet = true},
                     .defines = fatal_calloc((size_t)argc, sizeof(*fuzz.settings.defines)),
                     .workers = 1,
                     .artifacts_max = SETTINGS_ARTIFACTS,
                     .artifacts = workers_number(),
                     .until_ns = UINT64_MAX,
                     .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")},
        .nodes = {3, 12},
        .campaign = {.job_ns = JOB_NS},
    };
    int exit_code = -1, option;

    fuzz.settings.command.defines = fuzz.settings.defines;
    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_FUZZ)) != -1)
        exit_code = set_option(&fuzz, option, optarg);
    if (exit_code < 0)
        exit_code = check(&fuzz, argc - optind);
    if (exit_code < 0)
        exit_code = fuzz.print ? print_scenario(&fuzz) : run(&fuzz, argv + optind, argc - optind);
    places_release(&fuzz.settings.places);
    workers_number_release(fuzz.settings.artifacts);
    free(fuzz.settings.defines);
    return exit_code;
}
