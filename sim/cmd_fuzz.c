/* dcsim fuzz: many seeds, each with a scenario of its own. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_counts.h"
#include "sim/cmd_options.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_source.h"
#include "sim/cmd_workers.h"
#include "sim/scenario/value.h"
#include "sim/swarm/swarm.h"

/* The command line, and how far it is. */
struct fuzz {
    struct settings settings;
    struct scn_range nodes;
    bool swarm, print, quiet;
    struct source source;
    struct counts counts;
    int exit_code;
};

/* ---- runs ---- */

static struct report report_of(struct fuzz *fuzz, uint64_t job, uint64_t *ret_seed)
{
    *ret_seed = fuzz->settings.seeds.lo + job;
    source_take(&fuzz->source, *ret_seed);
    return (struct report){
        .command = &fuzz->source.command,
        .scn = &fuzz->source.file->scn,
        .source = &fuzz->source.file->diags,
        .color = fuzz->settings.color,
    };
}

static int run_job(void *ctx, uint64_t job, FILE *out, FILE *extra)
{
    struct fuzz *fuzz = ctx;
    uint64_t seed;
    struct report report = report_of(fuzz, job, &seed);

    return seeds_one(&fuzz->settings, &report, seed, out, extra);
}

static void job_done(void *ctx, const struct workers_result *result)
{
    struct fuzz *fuzz = ctx;
    int code = result->code;

    fwrite(result->bytes, 1, result->len, stdout);
    if (result->signal || result->mute) {
        uint64_t seed;
        struct report report = report_of(fuzz, result->job, &seed);

        if (result->mute) {
            seeds_print_mute(&report, seed);
        } else {
            seeds_print_death(&report, seed, result->signal);
            code = EXIT_BROKE;
        }
    }
    fuzz->counts.of[count_of(code)]++;
    fuzz->exit_code = cmd_worse(fuzz->exit_code, code);
}

static int run_all_seeds(struct fuzz *fuzz)
{
    const struct scn_range *seeds = &fuzz->settings.seeds;
    struct workers workers = {
        .count = fuzz->settings.workers,
        .jobs = seeds->hi - seeds->lo + 1,
        .run = run_job,
        .done = job_done,
        .ctx = fuzz,
        .stop = seeds_stop(),
    };

    seeds_catch_interrupt();
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s; try without -j\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    if (!fuzz->quiet || fuzz->exit_code != EXIT_HELD) {
        printf("%s seeds %" PRIu64 "..%" PRIu64 ": ", fuzz->source.name, seeds->lo, seeds->hi);
        counts_print(stdout, &fuzz->counts);
    }
    return seeds_interrupted() ? EXIT_INTERRUPTED : fuzz->exit_code;
}

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

static int set_option(struct fuzz *fuzz, int option, const char *value)
{
    switch (option) {
    case 'h':
        cmd_help();
        return EXIT_HELD;
    case OPTION_VERSION:
        cmd_version();
        return EXIT_HELD;
    case OPTION_SWARM:
        fuzz->swarm = true;
        return -1;
    case OPTION_PRINT:
        fuzz->print = true;
        return -1;
    case 'q':
        fuzz->quiet = true;
        return -1;
    case OPTION_NODES:
        return set_nodes(fuzz, value);
    default:
        return settings_option(&fuzz->settings, option, value);
    }
}

static int check(const struct fuzz *fuzz, int files)
{
    const struct settings *settings = &fuzz->settings;

    if (files > 0 || !fuzz->swarm)
        return cmd_usage("fuzz takes --swarm, and no file");
    if (settings->has_seed == settings->has_seeds)
        return cmd_usage("fuzz takes either --seed N or --seeds A..B");
    if (fuzz->print && settings->has_seeds)
        return cmd_usage("--print takes one seed: --seed N");
    return -1;
}

int cmd_fuzz(int argc, char **argv, const char *program)
{
    struct fuzz fuzz = {
        .settings = {.command = {.program = program, .quiet = true},
                     .out = "dcsim-out",
                     .workers = 1,
                     .may_miss = true, /* of faults by chance, some hide others */
                     .until_ns = UINT64_MAX,
                     .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")},
        .nodes = {3, 12},
        .exit_code = EXIT_HELD,
    };
    int exit_code = -1, option;

    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_FUZZ)) != -1)
        exit_code = set_option(&fuzz, option, optarg);
    if (exit_code < 0)
        exit_code = check(&fuzz, argc - optind);
    if (exit_code < 0) {
        source_of_swarm(&fuzz.source, fuzz.nodes, &fuzz.settings.command);
        fuzz.source.command.quiet = false; /* whoever repeats a run wants to see it */
        if (fuzz.print)
            source_print(stdout, &fuzz.source, fuzz.settings.seeds.lo);
        exit_code = fuzz.print ? EXIT_HELD : run_all_seeds(&fuzz);
        source_release(&fuzz.source);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "dcsim: cannot write the results: %s\n", strerror(errno));
        exit_code = EXIT_INTERNAL;
    }
    return exit_code;
}
