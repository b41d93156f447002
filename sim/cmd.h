/*
 * The commands: arguments in, call, print, exit code; no logic. @argv[0] is
 * skipped, @program is what the user typed to get here.
 */
#ifndef DC_SIM_CMD_H
#define DC_SIM_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_places.h"
#include "sim/scenario/scenario.h"

/* Exit codes. Of several runs the worst counts: 3, 1, 4, 0. */
enum cmd_exit {
    EXIT_HELD = 0,
    EXIT_BROKE = 1,
    EXIT_USAGE = 2, /* or an error in a scenario */
    EXIT_INTERNAL = 3,
    EXIT_UNKNOWN = 4,
    EXIT_INTERRUPTED = 130,
};

int cmd_run(int argc, char **argv, const char *program);
int cmd_check(int argc, char **argv, const char *program);
int cmd_fmt(int argc, char **argv, const char *program);
int cmd_fuzz(int argc, char **argv, const char *program);
int cmd_shrink(int argc, char **argv, const char *program);
int cmd_replay(int argc, char **argv, const char *program);

/* A scenario file, read and parsed, with what it includes. */
struct cmd_file {
    const char *name;           /* as typed */
    struct cmd_includes *files; /* what was read; owned by the one that read it */
    bool reads;                 /* it is this one */
    struct diags diags;
    struct scenario scn;
    bool parsed;
};

/*
 * Reads and parses @name. Errors go to stderr, all of them. Returns 0, or -1;
 * either way @ret is released with cmd_file_release().
 */
int cmd_file_load(struct cmd_file *ret, const char *name, const struct scn_define *defines,
                  size_t defines_len);

/* Likewise, of @text, of which a copy is kept: a file @name that nobody has written yet. */
int cmd_file_of_text(struct cmd_file *ret, const char *name, const char *text, size_t len);

/* What the parser has to say about @file, in which it found no error, to stderr. */
void cmd_file_hints(struct cmd_file *file);

/* Parses what @file has read once more, with other defines. @file outlives @ret. */
int cmd_file_again(struct cmd_file *ret, const struct cmd_file *file,
                   const struct scn_define *defines, size_t defines_len);

/* Adds all files that were read for @file, includes too. Returns 0, or -1 after a message. */
int cmd_file_places(const struct cmd_file *file, struct places *places);

void cmd_file_release(struct cmd_file *file);

/*
 * All of @in, up to one byte over SCN_FILE_BYTES_MAX, after what *ret_text has
 * already, which is to be freed. Returns 0 or an errno.
 */
int cmd_read(FILE *in, char **ret_text, size_t *ret_len);

/* "NAME=VALUE" of a -D, checked for its form. Returns 0, or -1 after a message. */
int cmd_define(struct scn_define *ret, const char *text);

/* "A..B", both ends included and upwards. Returns 0, or -1 without a message. */
int cmd_range(struct scn_range *ret, const char *text);

/* "dcsim: <text>; try 'dcsim --help'" to stderr. Returns EXIT_USAGE. */
int cmd_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The help, the version. */
void cmd_help(void);
void cmd_version(void);

/* The worse of two exit codes. */
int cmd_worse(int a, int b);

#endif
