/* The table, and what is made of it. */
#include "sim/cmd_options.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/cmd.h"
#include "sim/cmd_foreign.h"
#include "sim/scenario/diag.h"

#define ALL ((unsigned)CMD_RUN | CMD_CHECK | CMD_FMT | CMD_REPLAY | CMD_FUZZ | CMD_SHRINK)
#define RUNS ((unsigned)CMD_RUN | CMD_FUZZ)
/* Columns before the text of an option. */
#define INDENT 28

/* In the order of --help. */
const struct cmd_option cmd_options[] = {
    {'s', "seed", "N", "the seed (default: the file's, else 1)", RUNS | CMD_SHRINK},
    {OPTION_SEEDS, "seeds", "A..B", "every seed of that range, and a summary", RUNS},
    {'j', NULL, "N", "so many worker processes for several runs; the output is the same", RUNS},
    {'D', NULL, "name=value", "set a parameter of the scenario",
     CMD_RUN | CMD_CHECK | CMD_FUZZ | CMD_SHRINK},
    {OPTION_UNTIL, "until", "T", "stop looking at that time (500ms, 2s, ...)", CMD_RUN},
    {OPTION_DUMP, "dump", "SEL", "print the state of these nodes at the end (n3, n1..n5, all)",
     CMD_RUN},
    {OPTION_CODEC, "codec", "WHICH",
     "full, or sampled: one frame in 16 is encoded and decoded; the run is the same", CMD_RUN},
    {OPTION_VERIFY, "verify", NULL,
     "run everything twice, side by side, and show the first difference", CMD_RUN},
    {OPTION_REWRITE, "rewrite", NULL,
     "write golden text anew: what 'show' comes to, into the files", CMD_RUN},
    {OPTION_TRACE, "trace", "FILE",
     "write all that happens to FILE; {seed} and {run} in it are filled in", CMD_RUN},
    {OPTION_TRACE_LAST, "trace-last", "N", "keep only the last N lines of the trace", CMD_RUN},
    {OPTION_JSON, "json", NULL, "one JSON object a run on standard output, and nothing else",
     CMD_RUN},
    {OPTION_JUNIT, "junit", "FILE", "all runs as JUnit XML, for CI systems", RUNS},
    {'v', NULL, NULL, "one line for everything that happens; -vv with states and draws", CMD_RUN},
    {OPTION_LOG, "log", "LEVEL", "what the nodes log: error, warn, info or debug", CMD_RUN},
    {'o', NULL, "PATH", "where the artifacts of a broken run go (default: dcsim-out)",
     RUNS | CMD_SHRINK},
    {OPTION_ARTIFACTS, "artifacts", "N", "keep those of the first N runs that broke (default: 20)",
     RUNS},
    {OPTION_COLOR, "color", "WHEN", "auto, always or never; NO_COLOR turns it off", RUNS},
    {OPTION_SWARM, "swarm", NULL, "the scenario of each seed is drawn from the seed", CMD_FUZZ},
    {OPTION_NODES, "nodes", "A..B", "so many nodes has a swarm scenario (default: 3..12)",
     CMD_FUZZ},
    {OPTION_PRINT, "print", NULL, "print the scenario that --seed stands for, and run nothing",
     CMD_FUZZ},
    {OPTION_TIME, "time", "T", "begin nothing new after that time on the clock (60s)",
     CMD_FUZZ | CMD_SHRINK},
    {OPTION_TIMEOUT, "timeout-per-seed", "T",
     "give up a seed that takes so much processor time (fuzz, shrink: 30s, if not given)",
     RUNS | CMD_SHRINK},
    {OPTION_MAX_FAILURES, "max-failures", "N", "end after so many seeds that did not hold",
     CMD_FUZZ},
    {OPTION_SEEDS_FILE, "seeds-file", "FILE",
     "run the seeds of FILE first, and write those that fail into it", CMD_FUZZ},
    {OPTION_COVERAGE, "coverage", NULL, "list every mark, and how often it was reached", CMD_FUZZ},
    {OPTION_JSONL, "jsonl", "FILE", "one JSON object a seed, one a line; - is standard output",
     CMD_FUZZ},
    {OPTION_KEEP, "keep", NULL, "write the story into scenarios/regress/", CMD_SHRINK},
    {'i', NULL, NULL, "rewrite files that have another layout", CMD_FMT},
    {OPTION_CHECK, "check", NULL, "name files that have another layout, and exit with 1", CMD_FMT},
    {'q', NULL, NULL, "say nothing of what held, and give no hints",
     RUNS | CMD_CHECK | CMD_REPLAY | CMD_SHRINK},
    {OPTION_COMPLETION, "completion", "SHELL",
     "print what completes the words of dcsim in bash, zsh or fish", CMD_RUN},
    {'h', "help", NULL, "this text", ALL},
    {OPTION_VERSION, "version", NULL, "version, commit and model; how it was built, and hardened",
     ALL},
};

const size_t cmd_options_len = sizeof(cmd_options) / sizeof(cmd_options[0]);

#define OPTIONS_LEN (sizeof(cmd_options) / sizeof(cmd_options[0]))

/* In the order of --help. */
const struct cmd_name cmd_names[] = {
    {CMD_RUN, "run", "[run] [options] FILE.scn...",
     "run scenarios; one seed decides what they leave open", ".scn"},
    {CMD_CHECK, "check", "check [options] FILE.scn...",
     "look for errors and give hints, run nothing", ".scn"},
    {CMD_FMT, "fmt", "fmt [options] FILE.scn...", "the canonical layout; never changes a run",
     ".scn"},
    {CMD_FUZZ, "fuzz", "fuzz [options] FILE.scn...",
     "many seeds of them; with --swarm, scenarios that seeds stand for", ".scn"},
    {CMD_SHRINK, "shrink", "shrink [options] FILE.scn",
     "the smallest story that fails as a seed does", ".scn"},
    {CMD_REPLAY, "replay", "replay [options] TRACE", "what a trace has recorded, once more", ""},
};

const size_t cmd_names_len = sizeof(cmd_names) / sizeof(cmd_names[0]);

/* The words of those options whose values are words. */
static const struct {
    int id;
    const char *words[5];
} lists[] = {
    {OPTION_CODEC, {"full", "sampled"}},
    {OPTION_COLOR, {"auto", "always", "never"}},
    {OPTION_LOG, {"error", "warn", "info", "debug"}},
    {OPTION_COMPLETION, {"bash", "zsh", "fish"}},
};

const char *cmd_command_text(enum cmd_command command)
{
    for (size_t i = 0; i < cmd_names_len; i++)
        if (cmd_names[i].command == command)
            return cmd_names[i].name;
    return "?";
}

const char *const *cmd_option_words(int id)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (lists[i].id == id)
            return lists[i].words;
    return NULL;
}

/* "--codec takes full or sampled, not 'half'". */
static void say_no_word(int id, const char *const *words, const char *value)
{
    const char *name = "";
    char all[128] = "";
    size_t len = 0;

    for (size_t i = 0; i < cmd_options_len; i++)
        if (cmd_options[i].id == id)
            name = cmd_options[i].name;
    for (size_t i = 0; words[i] && len < sizeof(all); i++)
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
                                i == 0         ? ""
                                : words[i + 1] ? ", "
                                               : " or ",
                                words[i]);
    cmd_usage("--%s takes %s, not '%s'", name, all, value);
}

int cmd_option_word(int id, const char *value)
{
    const char *const *words = cmd_option_words(id);

    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], value) == 0)
            return i;
    say_no_word(id, words, value);
    return -1;
}

/* ---- getopt ---- */

/* "--sed" in "--sed=3": what the user typed as an option, without its value. */
static void say_unknown(const char *typed, enum cmd_command command, const char *next)
{
    const char *names[OPTIONS_LEN + 1] = {0};
    const char *near = NULL;
    size_t len = strcspn(typed, "="), names_len = 0;

    if (cmd_foreign_option(command, typed, next))
        return;
    for (size_t i = 0; i < OPTIONS_LEN; i++)
        if (cmd_options[i].name && (cmd_options[i].commands & command))
            names[names_len++] = cmd_options[i].name;
    if (len > 2)
        near = diag_nearest(typed + 2, len - 2, names);
    if (near)
        cmd_usage("'%.*s' is not an option of '%s'; did you mean '--%s'?", (int)len, typed,
                  cmd_command_text(command), near);
    else
        cmd_usage("'%.*s' is not an option of '%s'", (int)len, typed, cmd_command_text(command));
}

static void say_wrong(char **argv, enum cmd_command command, bool lacks)
{
    const char *typed = argv[optind - 1];
    char letter[] = {'-', (char)optopt, '\0'};

    if (strncmp(typed, "--", 2) != 0)
        typed = letter;
    if (lacks)
        cmd_usage("'%s' takes a value", typed);
    else if (strncmp(typed, "--", 2) == 0 && strchr(typed, '=') && optopt != 0)
        cmd_usage("'%.*s' takes no value", (int)strcspn(typed, "="), typed);
    else
        say_unknown(typed, command, argv[optind]);
}

static void say_empty(int id)
{
    for (size_t i = 0; i < OPTIONS_LEN; i++)
        if (cmd_options[i].id == id && cmd_options[i].name)
            cmd_usage("'--%s' takes a value, which is empty here", cmd_options[i].name);
        else if (cmd_options[i].id == id)
            cmd_usage("'-%c' takes a value, which is empty here", id);
}

/* An option that getopt took for the beginning of one of ours, and that others have. */
static bool is_foreign(char **argv, enum cmd_command command, int option)
{
    const char *typed = argv[optind - 1];
    size_t len;

    if (optarg == typed) /* its value is an argument of its own */
        typed = argv[optind - 2];
    if (strncmp(typed, "--", 2) != 0)
        return false;
    len = strcspn(typed, "=") - 2;
    for (size_t i = 0; i < OPTIONS_LEN; i++)
        if (cmd_options[i].id == option && cmd_options[i].name &&
            strlen(cmd_options[i].name) == len && memcmp(cmd_options[i].name, typed + 2, len) == 0)
            return false;
    return cmd_foreign_option(command, typed, optarg);
}

int cmd_next_option(int argc, char **argv, enum cmd_command command)
{
    struct option longs[OPTIONS_LEN + 1] = {0};
    char letters[2 * OPTIONS_LEN + 2] = ":"; /* a missing value is told apart */
    size_t longs_len = 0, letters_len = 1;
    int option;

    for (size_t i = 0; i < OPTIONS_LEN; i++) {
        const struct cmd_option *it = &cmd_options[i];

        if (!(it->commands & command))
            continue;
        if (it->id < 256) {
            letters[letters_len++] = (char)it->id;
            if (it->argument)
                letters[letters_len++] = ':';
        }
        if (it->name)
            longs[longs_len++] =
                (struct option){.name = it->name,
                                .has_arg = it->argument ? required_argument : no_argument,
                                .val = it->id};
    }
    opterr = 0;
    optarg = NULL;
    option = getopt_long(argc, argv, letters, longs, NULL);
    if (option == '?' || option == ':')
        say_wrong(argv, command, option == ':');
    else if (option != -1 && optarg && optarg[0] == '\0')
        say_empty(option);
    else if (option == -1 || !is_foreign(argv, command, option))
        return option;
    return '?';
}

/* ---- help ---- */

static void print_option(const struct cmd_option *it)
{
    char left[64] = "      ";
    size_t len;

    if (it->id < 256)
        snprintf(left, sizeof(left), "  -%c%s", it->id, it->name ? ", " : "");
    len = strlen(left);
    if (it->name)
        snprintf(left + len, sizeof(left) - len, "--%s", it->name);
    len = strlen(left);
    if (it->argument)
        snprintf(left + len, sizeof(left) - len, " %s", it->argument);
    printf("%-*s%s\n", INDENT, left, it->text);
}

/* "run and check:" for those that exactly these commands have. */
static void print_group(unsigned group)
{
    const char *between = "";

    for (size_t c = 0; c < cmd_names_len && group != ALL; c++) {
        if (!(group & (unsigned)cmd_names[c].command))
            continue;
        printf("%s%s", between, cmd_names[c].name);
        between = " and ";
    }
    puts(group == ALL ? "all commands:" : ":");
    for (size_t i = 0; i < OPTIONS_LEN; i++)
        if (cmd_options[i].commands == group)
            print_option(&cmd_options[i]);
}

void cmd_print_commands(void)
{
    for (size_t i = 0; i < cmd_names_len; i++)
        printf("%s dcsim %-30s%s\n", i == 0 ? "usage:" : "      ", cmd_names[i].usage,
               cmd_names[i].text);
}

static bool is_first_of_group(size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (cmd_options[i].commands == cmd_options[at].commands)
            return false;
    return true;
}

void cmd_print_options(void)
{
    for (size_t i = 0; i < OPTIONS_LEN; i++)
        if (is_first_of_group(i))
            print_group(cmd_options[i].commands);
}
