/*
 * Helpers for tests of the parser: a text in, a scenario or its errors out.
 */
#ifndef DC_TESTS_LIB_SCENARIO_H
#define DC_TESTS_LIB_SCENARIO_H

#include <stddef.h>

#include "sim/scenario/scenario.h"

struct parsed {
    char *text; /* owned; exactly as long as the file, so that a sanitizer sees its end */
    struct diags diags;
    struct scenario scn;
    int rc;
    char *errors; /* owned; as diags_print() shows them */
    size_t errors_len;
    char **loaded; /* owned; texts read from disk */
    size_t loaded_len;
};

/* @defines: "name=value" texts that end with NULL, or NULL. */
struct parsed parsed_of(const char *file, const char *text, size_t len, const char *const *defines);

/* A file that can be included, at its path from the folder of the main file. */
struct parsed_file {
    const char *path, *text;
};

/* Likewise, with @files, which end with a path of NULL; the main file is "main.scn". */
struct parsed parsed_with(const char *text, const struct parsed_file *files,
                          const char *const *defines);

/* Likewise, with the files of a folder on disk. */
struct parsed parsed_in(const char *folder, const char *file, const char *text, size_t len);

/* "scn 1", "nodes 5", @body, "stop 10s"; the test fails, with the errors, if it has any. */
struct parsed parsed_body(const char *body);

/* Likewise, without that frame. */
struct parsed parsed_whole(const char *text);

void parsed_release(struct parsed *parsed);

#endif
