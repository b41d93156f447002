/*
 * Helpers for tests of the command: the program named by $DCSIM is run through
 * the shell, in the root of the source, with a folder of its own for each test.
 */
#ifndef DC_TESTS_LIB_CLI_H
#define DC_TESTS_LIB_CLI_H

struct result {
    int code;        /* exit code, or 128 + signal */
    char *out, *err; /* owned */
};

/* .init and .fini of a TestSuite: the folder, $DCSIM_DIR in arguments. */
void cli_make_folder(void);
void cli_remove_folder(void);

/* Its path; and what names of artifacts begin with for its files, $DCSIM_PLUS in arguments. */
const char *cli_folder(void);
const char *cli_plus(void);

/*
 * Runs "$DCSIM <arguments>". Released with release(). All that it starts ends with it, and if
 * the test is killed, with that.
 */
struct result dcsim(const char *arguments);
void release(struct result *result);

/* A file of the folder. read_whole() fails the test when there is none; the caller frees. */
void write_scenario(const char *name, const char *text);
char *read_whole(const char *name);

/* One that dcsim made in @in, a folder of that folder, for a file of it: read_made("o",
 * "x-1/command"). */
char *read_made(const char *in, const char *name);

/* The test fails unless @part stands in @text. */
void expect_part(const char *text, const char *part);

#endif
