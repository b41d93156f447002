/* dcsim replay: a trace in, the run once more, and where it differs. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/cmd.h"
#include "sim/cmd_options.h"
#include "sim/cmd_seeds.h"
#include "sim/replay.h"
#include "sim/text.h"

static int replay_file(const char *name, const char *program, bool quiet)
{
    bool standard = strcmp(name, "-") == 0;
    struct replay_options options = {
        .name = name, .command = program, .quiet = quiet, .stop = seeds_interrupted};
    FILE *in = standard ? stdin : fopen(name, "rb");
    enum replay_result result;

    if (!in) {
        text_print(stderr, "dcsim: cannot read '%s': %s\n", name, strerror(errno));
        return EXIT_USAGE;
    }
    seeds_catch_interrupt();
    result = replay_trace(stdout, stderr, in, &options);
    if (!standard)
        fclose(in);
    switch (result) {
    case REPLAY_SAME:
        return EXIT_HELD;
    case REPLAY_DIFFERS:
        return EXIT_INTERNAL;
    case REPLAY_NO_TRACE:
        return EXIT_USAGE;
    case REPLAY_INTERRUPTED:
        return EXIT_INTERRUPTED;
    }
    return EXIT_INTERNAL;
}

int cmd_replay(int argc, char **argv, const char *program)
{
    bool quiet = false;
    int exit_code = -1, option;

    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_REPLAY)) != -1) {
        switch (option) {
        case 'h':
            cmd_help();
            exit_code = EXIT_HELD;
            break;
        case OPTION_VERSION:
            cmd_version();
            exit_code = EXIT_HELD;
            break;
        case 'q':
            quiet = true;
            break;
        default:
            exit_code = EXIT_USAGE;
            break;
        }
    }
    if (exit_code < 0 && argc - optind != 1)
        exit_code = cmd_usage("replay takes one trace");
    if (exit_code < 0)
        exit_code = replay_file(argv[optind], program, quiet);
    return exit_code;
}
