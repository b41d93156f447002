/*
 * A disk for tests of core: it keeps what was synced; of the rest a crash keeps
 * what chance leaves.
 */
#ifndef DC_TESTS_LIB_DISK_H
#define DC_TESTS_LIB_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/env.h"

struct test_random;

#define TEST_DISK_FILES 16
#define TEST_FILE_BYTES 393216 /* more than one record */
#define TEST_DISK_WRITES 4096

struct test_file {
    char name[32];
    uint8_t *bytes; /* owned by the disk; NULL: nothing was written to it yet */
    size_t len, room;
    bool there;
};

/* A write since the last sync that succeeded. */
struct test_unsynced {
    size_t file, from, len;
};

/* A zeroed one has no files, and nothing to release. */
struct test_disk {
    struct env env; /* only with a disk; its operations may go into another table */
    struct env_ops ops;
    struct test_file files[TEST_DISK_FILES];
    struct test_unsynced unsynced[TEST_DISK_WRITES];
    size_t unsynced_len;
    uint64_t token; /* of the sync on its way; 0: none */
    size_t syncs;
    size_t room; /* bytes until it is full */
    size_t appends_until_error;
    size_t reads_until_error; /* that one fails, and no other */
    size_t reads;
    bool keeps_removed;  /* removing fails */
    bool truncates_fail; /* and so does cutting */
};

void test_disk_init(struct test_disk *disk);
void test_disk_release(struct test_disk *disk);

/* NULL when it is not there and @make is false. */
struct test_file *test_disk_file(struct test_disk *disk, const char *name, bool make);

/* The sync on its way ends; its token, which the node is to be told. */
uint64_t test_disk_answer(struct test_disk *disk, bool ok);

/*
 * Of what was not synced each write survives, is lost (zeros where something
 * behind it survives), or is torn at any byte.
 */
void test_disk_crash(struct test_disk *disk, struct test_random *random);

#endif
