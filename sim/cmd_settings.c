/* Options that several commands have, into settings. */
#include "sim/cmd_settings.h"

#include <inttypes.h>
#include <string.h>

#include "sim/cmd_completion.h"
#include "sim/cmd_foreign.h"
#include "sim/cmd_options.h"
#include "sim/cmd_workers.h"
#include "sim/scenario/value.h"

/* A value that is a word out of a list. */
static int set_word(struct settings *settings, int option, const char *value)
{
    int word = cmd_option_word(option, value);

    if (word < 0)
        return EXIT_USAGE;
    switch (option) {
    case OPTION_CODEC:
        settings->command.sampled = strcmp(value, "sampled") == 0;
        return -1;
    case OPTION_COLOR:
        if (strcmp(value, "auto") != 0)
            settings->color = strcmp(value, "always") == 0;
        return -1;
    case OPTION_LOG:
        settings->command.log = value;
        return -1;
    default:
        completion_print(value);
        return EXIT_HELD;
    }
}

/* "A..B", both ends included. */
static int set_seeds(struct settings *settings, const char *value)
{
    bool one = scn_number_of_text(value, &settings->seeds.lo) == 0;

    if (cmd_range(&settings->seeds, value) < 0 ||
        settings->seeds.hi - settings->seeds.lo == UINT64_MAX)
        return cmd_usage("--seeds takes a range such as 1..100, not '%s'%s%s", value,
                         one ? "; write: --seed " : "", one ? value : "");
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

static int set_artifacts(struct settings *settings, const char *value)
{
    uint64_t number;

    if (scn_number_of_text(value, &number) < 0 || number > SETTINGS_ARTIFACTS_MAX)
        return cmd_usage("--artifacts takes a number of runs up to %u, not '%s'",
                         SETTINGS_ARTIFACTS_MAX, value);
    settings->artifacts_max = (uint32_t)number;
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
        if (strcmp(value, "-") == 0)
            return cmd_usage("--junit takes a file, for reports go to standard output; write: "
                             "--junit /dev/stdout, with -q, or './-' for one that is called so");
        settings->junit_file = value;
        return -1;
    case OPTION_TRACE:
        settings->trace.path = value;
        return -1;
    case OPTION_TRACE_LAST:
        return set_trace_last(settings, value);
    case OPTION_ARTIFACTS:
        return set_artifacts(settings, value);
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

int settings_option(struct settings *settings, int option, const char *value)
{
    struct report_command *command = &settings->command;
    struct scn_range range;
    char better[64];
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
            return cmd_usage("--seed takes a number from 0 to 2^64-1, not '%s'%s%s", value,
                             cmd_range(&range, value) == 0 ? "; write: --seeds " : "",
                             cmd_range(&range, value) == 0 ? value : "");
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
    case OPTION_TIMEOUT:
        if (scn_time_of_text(value, &settings->job_ns) < 0 || settings->job_ns == 0)
            return cmd_usage("--timeout-per-seed takes a time such as 500ms or 60s, not '%s'%s",
                             value, cmd_foreign_time("--timeout-per-seed", value, better));
        return -1;
    case OPTION_UNTIL:
        command->until = value;
        if (scn_time_of_text(value, &settings->until_ns) < 0)
            return cmd_usage("--until takes a time such as 500ms or 2s, not '%s'%s", value,
                             cmd_foreign_time("--until", value, better));
        return -1;
    case OPTION_VERIFY:
        command->verify = true;
        return -1;
    case OPTION_REWRITE:
        settings->rewrite = true;
        return -1;
    default:
        return cmd_option_words(option) ? set_word(settings, option, value)
                                        : set_output(settings, option, value);
    }
}
