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
};

/* @defines: "name=value" texts that end with NULL, or NULL. */
struct parsed parsed_of(const char *file, const char *text, size_t len, const char *const *defines);

/* "scn 1", "nodes 5", @body, "stop 10s"; the test fails, with the errors, if it has any. */
struct parsed parsed_body(const char *body);

/* Likewise, without that frame. */
struct parsed parsed_whole(const char *text);

void parsed_release(struct parsed *parsed);

#endif
