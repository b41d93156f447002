/* A disk in memory that loses what it was not asked to keep. */
#include "tests/lib_disk.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "tests/lib_core.h"

struct test_file *test_disk_file(struct test_disk *disk, const char *name, bool make)
{
    for (size_t i = 0; i < TEST_DISK_FILES; i++)
        if (disk->files[i].there && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    for (size_t i = 0; make && i < TEST_DISK_FILES; i++) {
        struct test_file *file = &disk->files[i];

        if (file->there)
            continue;
        file->there = true;
        file->len = 0;
        snprintf(file->name, sizeof(file->name), "%s", name);
        return file;
    }
    return NULL;
}

static void make_room(struct test_file *file, size_t len)
{
    if (file->bytes && len <= file->room)
        return;
    file->room = len < 4096 ? 4096 : 2 * len;
    file->bytes = realloc(file->bytes, file->room);
    cr_assert(file->bytes != NULL);
}

static int disk_append(void *ctx, const char *name, const void *bytes, size_t len)
{
    struct test_disk *disk = ctx;
    struct test_file *file = test_disk_file(disk, name, true);

    cr_assert(file != NULL && file->len + len <= TEST_FILE_BYTES);
    make_room(file, file->len + len);
    if (disk->appends_until_error == 0) {
        /* Half of it may be there all the same. */
        memcpy(file->bytes + file->len, bytes, len / 2);
        file->len += len / 2;
        return DC_EIO;
    }
    disk->appends_until_error--;
    if (len > disk->room)
        return DC_EFULL;
    disk->room -= len;
    cr_assert(disk->unsynced_len < TEST_DISK_WRITES);
    disk->unsynced[disk->unsynced_len++] =
        (struct test_unsynced){.file = (size_t)(file - disk->files), .from = file->len, .len = len};
    memcpy(file->bytes + file->len, bytes, len);
    file->len += len;
    return 0;
}

static void disk_sync(void *ctx, uint64_t token)
{
    struct test_disk *disk = ctx;

    cr_assert(disk->token == 0, "one sync at a time");
    disk->token = token;
    disk->syncs++;
}

static int disk_read(void *ctx, const char *name, uint64_t offset, void *bytes, size_t len,
                     size_t *ret_len)
{
    struct test_disk *disk = ctx;
    const struct test_file *file = test_disk_file(disk, name, false);

    cr_assert(file != NULL && offset <= file->len);
    if (disk->reads++ == disk->reads_until_error)
        return DC_EIO;
    *ret_len = file->len - offset < len ? file->len - (size_t)offset : len;
    if (*ret_len > 0)
        memcpy(bytes, file->bytes + offset, *ret_len);
    return 0;
}

static int disk_truncate(void *ctx, const char *name, uint64_t len)
{
    struct test_disk *disk = ctx;
    struct test_file *file = test_disk_file(disk, name, false);

    if (disk->truncates_fail)
        return DC_EIO;
    if (file && file->len > len)
        file->len = (size_t)len;
    return 0;
}

static int disk_remove(void *ctx, const char *name)
{
    struct test_disk *disk = ctx;
    struct test_file *file = test_disk_file(disk, name, false);

    if (disk->keeps_removed)
        return DC_EIO;
    if (file)
        file->there = false;
    return 0;
}

static int file_compare(const void *left, const void *right)
{
    return strcmp((*(const struct test_file *const *)left)->name,
                  (*(const struct test_file *const *)right)->name);
}

static int disk_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                     void *each_ctx)
{
    struct test_disk *disk = ctx;
    const struct test_file *list[TEST_DISK_FILES];
    size_t len = 0;

    for (size_t i = 0; i < TEST_DISK_FILES; i++)
        if (disk->files[i].there)
            list[len++] = &disk->files[i];
    qsort(list, len, sizeof(list[0]), file_compare);
    for (size_t i = 0; i < len; i++)
        each(each_ctx, list[i]->name, list[i]->len);
    return 0;
}

void test_disk_init(struct test_disk *disk)
{
    memset(disk, 0, sizeof(*disk));
    disk->ops = (struct env_ops){
        .disk_append = disk_append,
        .disk_sync = disk_sync,
        .disk_read = disk_read,
        .disk_truncate = disk_truncate,
        .disk_remove = disk_remove,
        .disk_list = disk_list,
    };
    disk->env = (struct env){.ops = &disk->ops, .ctx = disk};
    disk->room = SIZE_MAX;
    disk->appends_until_error = disk->reads_until_error = SIZE_MAX;
}

void test_disk_release(struct test_disk *disk)
{
    for (size_t i = 0; i < TEST_DISK_FILES; i++)
        free(disk->files[i].bytes);
    memset(disk, 0, sizeof(*disk));
}

uint64_t test_disk_answer(struct test_disk *disk, bool ok)
{
    uint64_t token = disk->token;

    cr_assert(token != 0);
    disk->token = 0;
    if (ok)
        disk->unsynced_len = 0;
    return token;
}

void test_disk_crash(struct test_disk *disk, struct test_random *random)
{
    for (size_t i = 0; i < disk->unsynced_len; i++) {
        const struct test_unsynced *write = &disk->unsynced[i];
        struct test_file *file = &disk->files[write->file];
        size_t kept = write->len;

        if (draw_below(random, 3) == 0)
            kept = draw_below(random, write->len + 1);
        else if (draw_below(random, 2) == 0)
            kept = 0;
        memset(file->bytes + write->from + kept, 0, write->len - kept);
    }
    /* What is lost at the end of a file may also be no part of it. */
    for (size_t i = 0; i < TEST_DISK_FILES; i++) {
        struct test_file *file = &disk->files[i];

        while (draw_below(random, 2) == 0 && file->len > 0 && file->bytes[file->len - 1] == 0 &&
               disk->unsynced_len > 0 && disk->unsynced[0].file == i &&
               file->len > disk->unsynced[0].from)
            file->len--;
    }
    disk->unsynced_len = 0;
    disk->token = 0;
}
