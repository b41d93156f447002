/* The tables. */
#include "sim/cmd_foreign.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/scenario/value.h"

static const struct {
    const char *typed, *ours; /* what follows the command follows ours */
} commands[] = {
    {"verify", "--verify"},    {"test", "run"},        {"exec", "run"},
    {"start", "run"},          {"sim", "run"},         {"simulate", "run"},
    {"lint", "check"},         {"validate", "check"},  {"parse", "check"},
    {"format", "fmt"},         {"help", "--help"},     {"version", "--version"},
    {"minimize", "shrink"},    {"minimise", "shrink"}, {"reduce", "shrink"},
    {"swarm", "fuzz --swarm"}, {"explore", "fuzz"},    {"rewrite", "--rewrite"},
    {"trace", "--trace T"},    {"seeds", "--seeds"},
};

static const struct {
    const char *typed;
    unsigned of;
    const char *ours;
    const char *unit; /* of a value that has none; NULL: it takes no value */
} options[] = {
    {"quiet", ~0u, "-q", NULL},
    {"silent", ~0u, "-q", NULL},
    {"verbose", CMD_RUN, "-v", NULL},
    {"debug", CMD_RUN, "-vv", NULL},
    {"jobs", CMD_RUN | CMD_FUZZ, "-j", ""},
    {"workers", CMD_RUN | CMD_FUZZ, "-j", ""},
    {"parallel", CMD_RUN | CMD_FUZZ, "-j", ""},
    {"threads", CMD_RUN | CMD_FUZZ, "-j", ""},
    {"define", ~0u, "-D", ""},
    {"param", ~0u, "-D", ""},
    {"set", ~0u, "-D", ""},
    {"output", ~0u, "-o", ""},
    {"out", ~0u, "-o", ""},
    {"time", CMD_RUN, "--until", "s"},
    {"duration", CMD_RUN, "--until", "s"},
    {"duration", CMD_FUZZ, "--time", "s"},
    {"stop", CMD_RUN, "--until", "s"},
    {"timeout", CMD_RUN | CMD_FUZZ, "--timeout-per-seed", "s"},
    {"runs", CMD_RUN | CMD_FUZZ, "--seeds 1..", ""},
    {"count", CMD_RUN | CMD_FUZZ, "--seeds 1..", ""},
    {"iterations", CMD_RUN | CMD_FUZZ, "--seeds 1..", ""},
    {"repeat", CMD_RUN | CMD_FUZZ, "--seeds 1..", ""},
    {"write", CMD_FMT, "-i", NULL},
    {"in-place", CMD_FMT, "-i", NULL},
    {"inplace", CMD_FMT, "-i", NULL},
    {"dry-run", CMD_RUN, "dcsim check FILE", NULL},
};

bool cmd_foreign_command(int argc, char **argv)
{
    char rest[1024] = "";
    size_t len = 0;

    if (argc < 2 || access(argv[1], F_OK) == 0)
        return false;
    for (int i = 2; i < argc && len + 1 < sizeof(rest); i++) {
        int more = snprintf(rest + len, sizeof(rest) - len, " %s", argv[i]);

        len += more > 0 ? (size_t)more : 0;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].typed, argv[1]) != 0)
            continue;
        cmd_usage("'%s' is no command; write: dcsim %s%s", argv[1], commands[i].ours, rest);
        return true;
    }
    return false;
}

/* A bare number with a unit; anything else as it is. */
static void with_unit(char *ret, size_t size, const char *value, const char *unit)
{
    uint64_t ignored;

    snprintf(ret, size, "%s%s", value, scn_number_of_text(value, &ignored) == 0 ? unit : "");
}

static void say_option(size_t at, const char *typed, const char *value, const char *command)
{
    const char *ours = options[at].ours;
    const char *blank = strchr("-.", ours[strlen(ours) - 1]) ? "" : " ";
    char shown[128];

    if (!options[at].unit) {
        cmd_usage("'%.*s' is not an option of '%s'; write: %s", (int)strcspn(typed, "="), typed,
                  command, ours);
        return;
    }
    with_unit(shown, sizeof(shown), value ? value : "N", options[at].unit);
    cmd_usage("'%.*s' is not an option of '%s'; write: %s%s%s", (int)strcspn(typed, "="), typed,
              command, ours, blank, shown);
}

bool cmd_foreign_option(enum cmd_command command, const char *typed, const char *next)
{
    const char *equals = strchr(typed, '=');
    size_t len = strcspn(typed, "=");

    if (strncmp(typed, "--", 2) != 0)
        return false;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strlen(options[i].typed) != len - 2 ||
            memcmp(options[i].typed, typed + 2, len - 2) != 0 || !(options[i].of & command))
            continue;
        say_option(i, typed, equals ? equals + 1 : next, cmd_command_text(command));
        return true;
    }
    return false;
}

const char *cmd_foreign_time(const char *option, const char *value, char ret[static 64])
{
    uint64_t ignored;

    ret[0] = '\0';
    if (scn_number_of_text(value, &ignored) == 0)
        snprintf(ret, 64, "; write: %s %ss", option, value);
    return ret;
}
