/*
 * The commands and their options, in one table each: what getopt is told, what --help
 * prints, what shells complete, and what dcsim(1) is held to.
 */
#ifndef DC_SIM_CMD_OPTIONS_H
#define DC_SIM_CMD_OPTIONS_H

#include <stddef.h>

/* A command is a bit, so that an option can be of several. */
enum cmd_command {
    CMD_RUN = 1,
    CMD_CHECK = 2,
    CMD_FMT = 4,
    CMD_REPLAY = 8,
    CMD_FUZZ = 16,
    CMD_SHRINK = 32,
};

/* Options without a letter; those with one are known by it. */
enum cmd_option_id {
    OPTION_VERSION = 256,
    OPTION_SEEDS,
    OPTION_UNTIL,
    OPTION_DUMP,
    OPTION_CODEC,
    OPTION_VERIFY,
    OPTION_REWRITE,
    OPTION_JSON,
    OPTION_JUNIT,
    OPTION_ARTIFACTS,
    OPTION_LOG,
    OPTION_COLOR,
    OPTION_CHECK,
    OPTION_TRACE,
    OPTION_TRACE_LAST,
    OPTION_SWARM,
    OPTION_NODES,
    OPTION_PRINT,
    OPTION_KEEP,
    OPTION_SEEDS_FILE,
    OPTION_COVERAGE,
    OPTION_TIME,
    OPTION_TIMEOUT,
    OPTION_MAX_FAILURES,
    OPTION_JSONL,
    OPTION_COMPLETION,
};

struct cmd_name {
    enum cmd_command command;
    const char *name;
    const char *usage;  /* "fmt [options] FILE.scn..." */
    const char *text;   /* "the canonical layout" */
    const char *suffix; /* of the files that it takes; "": any */
};

extern const struct cmd_name cmd_names[];
extern const size_t cmd_names_len;

struct cmd_option {
    int id;               /* a letter, or one of the above */
    const char *name;     /* --name; NULL: there is only the letter */
    const char *argument; /* "N", "A..B"; NULL: it takes none */
    const char *text;     /* "the seed (default: the file's, else 1)" */
    unsigned commands;
};

extern const struct cmd_option cmd_options[];
extern const size_t cmd_options_len;

/* "run", "check", ... */
const char *cmd_command_text(enum cmd_command command);

/*
 * The next option of @command, as getopt_long() does it: its id, with optarg;
 * -1 after the last. '?' after a message about one that does not exist, or
 * that lacks its argument.
 */
int cmd_next_option(int argc, char **argv, enum cmd_command command);

/* The words that are the values of an option, NULL at the end; NULL: they are no words of ours. */
const char *const *cmd_option_words(int id);

/* Which of these words @value is, from 0 on; -1 after a message. */
int cmd_option_word(int id, const char *value);

/* The commands, and the options of all of them, as --help prints them. */
void cmd_print_commands(void);
void cmd_print_options(void);

#endif
