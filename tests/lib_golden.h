/*
 * Golden files: what a test expects, byte for byte, in a file of its own.
 *
 *   tools/rewrite.sh build failures
 *
 * writes those of tests/test_failures.c anew, by DCSIM_REWRITE=1 in the environment of
 * the test, and shows what has changed. Whatever has golden files asks expect_golden().
 */
#ifndef DC_TESTS_LIB_GOLDEN_H
#define DC_TESTS_LIB_GOLDEN_H

#include <stddef.h>

/* The bytes of a file, terminated, to be freed; NULL when it cannot be read. */
char *golden_read(const char *path, size_t *ret_len);

/*
 * The test fails, showing the lines that differ, unless the file at @path holds
 * exactly @len bytes at @found. A path below the root of the source.
 */
void expect_golden(const char *path, const char *found, size_t len);

#endif
