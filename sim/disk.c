/* Files in memory, and the writes that may still be lost. */
#include "sim/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/marks.h"

void disk_init(struct disk *disk, struct choose *choose, uint64_t key)
{
    *disk = (struct disk){.choose = choose, .key = key};
}

static void file_free(struct disk *disk, size_t at)
{
    free(disk->files[at].bytes);
    memmove(&disk->files[at], &disk->files[at + 1],
            (disk->files_len - at - 1) * sizeof(*disk->files));
    disk->files_len--;
}

static void forget_all(struct disk *disk)
{
    while (disk->files_len > 0)
        file_free(disk, disk->files_len - 1);
    disk->writes_len = 0;
    disk->syncing = false;
}

static void image_free(struct disk_image *image)
{
    for (size_t i = 0; i < image->len; i++)
        free(image->files[i].bytes);
    free(image->files);
    free(image->history);
    *image = (struct disk_image){0};
}

void disk_release(struct disk *disk)
{
    forget_all(disk);
    image_free(&disk->backup);
    free(disk->files);
    free(disk->writes);
    free(disk->history);
    *disk = (struct disk){0};
}

/* ---- files ---- */

static struct disk_file *find(const struct disk *disk, const char *name)
{
    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].there && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    return NULL;
}

static struct disk_file *find_number(const struct disk *disk, uint64_t number)
{
    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].number == number)
            return &disk->files[i];
    return NULL;
}

static struct disk_file *make(struct disk *disk, const char *name)
{
    size_t at = 0;

    PRE(strlen(name) < DISK_NAME_MAX, "names of files are short");
    if (disk->files_len == disk->files_cap) {
        disk->files_cap = disk->files_cap ? disk->files_cap * 2 : 4;
        disk->files = fatal_realloc_array(disk->files, disk->files_cap, sizeof(*disk->files));
    }
    while (at < disk->files_len && strcmp(disk->files[at].name, name) <= 0)
        at++;
    memmove(&disk->files[at + 1], &disk->files[at], (disk->files_len - at) * sizeof(*disk->files));
    disk->files_len++;
    disk->files[at] = (struct disk_file){.number = disk->number++, .there = true};
    snprintf(disk->files[at].name, sizeof(disk->files[at].name), "%s", name);
    return &disk->files[at];
}

static void note_write(struct disk *disk, struct disk_write write)
{
    write.number = disk->number++;
    if (disk->writes_len == disk->writes_cap) {
        disk->writes_cap = disk->writes_cap ? disk->writes_cap * 2 : 8;
        disk->writes = fatal_realloc_array(disk->writes, disk->writes_cap, sizeof(*disk->writes));
    }
    disk->writes[disk->writes_len++] = write;
}

/* Where an append is that @disk may be asked to forget one day. */
static void remember(struct disk *disk, struct disk_write write)
{
    if (disk->history_len == disk->history_cap) {
        disk->history_cap = disk->history_cap ? disk->history_cap * 2 : 64;
        disk->history =
            fatal_realloc_array(disk->history, disk->history_cap, sizeof(*disk->history));
    }
    disk->history[disk->history_len++] = write;
}

/* There is a file for each node of a cluster: large ones leave at most a quarter idle. */
static void put_bytes(struct disk_file *file, const void *bytes, size_t len)
{
    if (file->cap - file->len < len) {
        size_t more = file->cap < 4096 ? file->cap * 2 : file->cap + file->cap / 4;

        file->cap = file->len + len > more ? file->len + len : more;
        file->bytes = fatal_realloc_array(file->bytes, file->cap, 1);
    }
    memcpy(file->bytes + file->len, bytes, len);
}

static void put(struct disk *disk, struct disk_file *file, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    struct disk_write write = {.file = file->number, .from = file->len, .len = len};

    if (!disk->blank)
        put_bytes(file, bytes, len);
    note_write(disk, write);
    if (disk->remembers)
        remember(disk, write);
    file->len += len;
}

int disk_append(struct disk *disk, const char *name, const void *bytes, size_t len)
{
    struct disk_file *file = find(disk, name);

    if (!file)
        file = make(disk, name);
    if (disk->faults.full) {
        uint64_t key = key_with(disk->key, disk->number++);

        disk->counts.refused++;
        put(disk, file, bytes,
            (size_t)choose_below(disk->choose, key, PURPOSE_DISK, (uint64_t)len + 1));
        return DC_EFULL;
    }
    put(disk, file, bytes, len);
    return 0;
}

int disk_read(struct disk *disk, const char *name, uint64_t offset, void *bytes, size_t len,
              size_t *ret_len)
{
    const struct disk_file *file = find(disk, name);
    uint64_t key = key_with(key_with(disk->key, UINT64_MAX - 2), disk->reads++);

    PRE(!disk->blank, "nobody reads a blank disk");
    *ret_len = 0;
    if (!file)
        return DC_EIO;
    if (choose_share(disk->choose, key, PURPOSE_DISK, disk->faults.readfail_ppb)) {
        SIM_MARK(DISK_READ_FAILED);
        disk->counts.unread++;
        return DC_EIO;
    }
    if (offset >= file->len)
        return 0;
    *ret_len = file->len - (size_t)offset < len ? file->len - (size_t)offset : len;
    if (*ret_len > 0)
        memcpy(bytes, file->bytes + offset, *ret_len);
    return 0;
}

/* What no longer is cannot be lost. */
static void cut_writes(struct disk *disk, uint64_t file, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < disk->writes_len; i++) {
        struct disk_write write = disk->writes[i];

        if (write.file == file && write.from + write.len > len)
            write.len = write.from < len ? len - write.from : 0;
        if (write.removal || write.len > 0)
            disk->writes[kept++] = write;
    }
    disk->writes_len = kept;
}

/* Only appends that are still in one of @files can be cut off. Returns how many of @history are. */
static size_t appends_in(const struct disk_file *files, size_t files_len,
                         struct disk_write *history, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        struct disk_write write = history[i];
        size_t at = 0;

        while (at < files_len && files[at].number != write.file)
            at++;
        if (at < files_len && write.from < files[at].len)
            history[kept++] = write;
    }
    return kept;
}

static void history_prune(struct disk *disk)
{
    disk->history_len = appends_in(disk->files, disk->files_len, disk->history, disk->history_len);
}

/* What is put back was written once as well. */
static void history_keep(const struct disk *disk, struct disk_image *image)
{
    size_t len = disk->history_len;

    if (len == 0)
        return;
    image->history = fatal_realloc_array(NULL, len, sizeof(*image->history));
    memcpy(image->history, disk->history, len * sizeof(*image->history));
    image->history_len = appends_in(image->files, image->len, image->history, len);
}

static void history_put_back(struct disk *disk)
{
    const struct disk_image *image = &disk->backup;

    disk->history_len = 0;
    for (size_t i = 0; i < image->history_len; i++)
        remember(disk, image->history[i]);
}

int disk_truncate(struct disk *disk, const char *name, uint64_t len)
{
    struct disk_file *file = find(disk, name);

    if (file && file->len > len) {
        file->len = (size_t)len;
        cut_writes(disk, file->number, file->len);
        history_prune(disk);
    }
    return 0;
}

int disk_remove(struct disk *disk, const char *name)
{
    struct disk_file *file = find(disk, name);

    if (!file)
        return 0;
    file->there = false;
    note_write(disk, (struct disk_write){.file = file->number, .removal = true});
    return 0;
}

int disk_list(struct disk *disk, void (*each)(void *each_ctx, const char *file, uint64_t size),
              void *each_ctx)
{
    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].there)
            each(each_ctx, disk->files[i].name, disk->files[i].len);
    return 0;
}

/* ---- syncs ---- */

uint64_t disk_sync_begin(struct disk *disk, uint64_t token)
{
    PRE(!disk->syncing, "one sync at a time");
    disk->syncing = true;
    disk->sync_token = token;
    disk->sync_number = disk->number++;
    if (disk->faults.slow_ns > 0)
        disk->counts.slowed++;
    return disk->faults.slow_ns;
}

static void file_forget(struct disk *disk, uint64_t number)
{
    cut_writes(disk, number, 0);
    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].number == number)
            file_free(disk, i--);
}

/* All writes below @number but those in doubt are on the disk for good. */
static void confirm(struct disk *disk, uint64_t number)
{
    size_t kept = 0;

    for (size_t i = 0; i < disk->writes_len; i++) {
        struct disk_write write = disk->writes[i];

        if (write.number < number && !write.doubtful && write.removal) {
            /* Its own writes come before it: those that are kept so far, and go with it. */
            size_t left = disk->writes_len;

            disk->writes_len = kept;
            file_forget(disk, write.file);
            kept = disk->writes_len;
            disk->writes_len = left;
        } else if (write.number >= number || write.doubtful) {
            disk->writes[kept++] = write;
        }
    }
    disk->writes_len = kept;
}

bool disk_sync_end(struct disk *disk, uint64_t *ret_token)
{
    uint64_t key = key_with(disk->key, disk->sync_number);

    PRE(disk->syncing, "a sync ends that began");
    disk->syncing = false;
    *ret_token = disk->sync_token;
    if (!choose_share(disk->choose, key, PURPOSE_DISK, disk->faults.syncfail_ppb)) {
        confirm(disk, disk->sync_number);
        return true;
    }
    SIM_MARK(DISK_SYNC_FAILED);
    disk->counts.failed++;
    for (size_t i = 0; i < disk->writes_len; i++)
        if (disk->writes[i].number < disk->sync_number)
            disk->writes[i].doubtful = true;
    return false;
}

/* ---- what goes wrong ---- */

/* How much of a write, from its start on, a crash leaves. */
static size_t left_of(struct disk *disk, const struct disk_write *write, uint64_t key)
{
    uint64_t torn_ppb = disk->faults.has_torn ? disk->faults.torn_ppb : UINT64_C(333333333);

    key = key_with(key, write->number);
    if (choose_share(disk->choose, key, PURPOSE_DISK, torn_ppb)) {
        SIM_MARK(DISK_TORN);
        disk->counts.torn++;
        return (size_t)choose_below(disk->choose, key_with(key, 1), PURPOSE_DISK, write->len);
    }
    return choose_below(disk->choose, key_with(key, 2), PURPOSE_DISK, 2) == 0 ? 0 : write->len;
}

/* Zeros where a write is gone; the file ends behind the last byte that is left. */
static void lose_writes(struct disk *disk, struct disk_file *file, uint64_t key)
{
    size_t end = file->len;

    for (size_t i = disk->writes_len; i-- > 0;) {
        const struct disk_write *write = &disk->writes[i];
        size_t left;

        if (write->file != file->number || write->removal)
            continue;
        left = left_of(disk, write, key);
        memset(file->bytes + write->from + left, 0, write->len - left);
        if (write->from + write->len == end)
            end = write->from + left;
    }
    file->len = end;
    if (end == 0)
        file->there = false; /* nobody ever synced it: it was not made at all */
}

/* What removals did may not have reached the disk; a later file of the name did. */
static void undo_removals(struct disk *disk, uint64_t key)
{
    for (size_t i = disk->writes_len; i-- > 0;) {
        const struct disk_write *write = &disk->writes[i];
        struct disk_file *file = write->removal ? find_number(disk, write->file) : NULL;

        if (file && file->len > 0 && !find(disk, file->name) &&
            choose_below(disk->choose, key_with(key, write->number), PURPOSE_DISK, 2) == 0) {
            SIM_MARK(DISK_REMOVED_BACK);
            file->there = true;
        }
    }
}

void disk_crash(struct disk *disk, uint64_t crash)
{
    uint64_t key = key_with(key_with(disk->key, UINT64_MAX), crash);

    PRE(!disk->blank, "no crash meets a blank disk");
    disk->syncing = false;
    for (size_t i = 0; i < disk->files_len; i++)
        lose_writes(disk, &disk->files[i], key);
    undo_removals(disk, key);
    disk->writes_len = 0;
    for (size_t i = 0; i < disk->files_len; i++)
        if (!disk->files[i].there)
            file_free(disk, i--);
    history_prune(disk);
}

void disk_settle(struct disk *disk)
{
    disk->syncing = false;
    for (size_t i = 0; i < disk->files_len; i++)
        if (!disk->files[i].there)
            file_free(disk, i--);
    disk->writes_len = 0;
}

static void rot_sector(struct disk *disk, uint8_t *bytes, size_t len, uint64_t key)
{
    uint64_t bit;

    if (choose_share(disk->choose, key, PURPOSE_DISK, disk->faults.bitrot_ppb)) {
        bit = choose_below(disk->choose, key_with(key, 1), PURPOSE_DISK, len * 8);
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        SIM_MARK(DISK_ROTTEN);
        disk->counts.rotted++;
        disk->hurt = true;
    }
    if (choose_share(disk->choose, key_with(key, 2), PURPOSE_DISK, disk->faults.zeroed_ppb)) {
        memset(bytes, 0, len);
        SIM_MARK(DISK_ZEROED);
        disk->counts.zeroed++;
        disk->hurt = true;
    }
}

void disk_rot(struct disk *disk, uint64_t start)
{
    uint64_t key = key_with(key_with(disk->key, UINT64_MAX - 1), start);
    bool rots = disk->faults.bitrot_ppb > 0 || disk->faults.zeroed_ppb > 0;

    PRE(!disk->blank || disk->files_len == 0, "nobody reads a blank disk");
    for (size_t i = 0; rots && i < disk->files_len; i++) {
        struct disk_file *file = &disk->files[i];

        for (size_t from = 0; from < file->len; from += DISK_SECTOR) {
            size_t len = file->len - from < DISK_SECTOR ? file->len - from : DISK_SECTOR;

            rot_sector(disk, file->bytes + from, len, key_with(key_with(key, file->number), from));
        }
    }
}

bool disk_has_unsynced(const struct disk *disk)
{
    for (size_t i = 0; i < disk->writes_len; i++)
        if (!disk->writes[i].removal)
            return true;
    return false;
}

bool disk_has_bytes(const struct disk *disk)
{
    for (size_t i = 0; i < disk->files_len; i++)
        if (disk->files[i].len > 0)
            return true;
    return false;
}

/* ---- backups, and last writes that are gone ---- */

/* What a file of the backup has: no write of it that nothing has confirmed. */
static void keep_durable(const struct disk *disk, struct disk_file *file)
{
    size_t end = file->len;

    for (size_t i = disk->writes_len; i-- > 0;) {
        const struct disk_write *write = &disk->writes[i];

        if (write->file != file->number || write->removal)
            continue;
        memset(file->bytes + write->from, 0, write->len);
        if (write->from + write->len == end)
            end = write->from;
    }
    file->len = end;
}

static struct disk_file file_copy(const struct disk_file *file)
{
    struct disk_file copy = *file;

    copy.cap = file->len;
    copy.bytes = fatal_realloc_array(NULL, file->len > 0 ? file->len : 1, 1);
    if (file->len > 0)
        memcpy(copy.bytes, file->bytes, file->len);
    return copy;
}

/* Of two files of one name the later one counts, if anything of it is durable. */
static bool is_superseded(const struct disk_image *image, size_t at)
{
    return at + 1 < image->len && strcmp(image->files[at].name, image->files[at + 1].name) == 0;
}

void disk_backup(struct disk *disk)
{
    struct disk_image *image = &disk->backup;
    size_t kept = 0;

    PRE(!disk->blank, "a blank disk has nothing to keep");
    image_free(image);
    image->taken = true;
    image->files = fatal_calloc(disk->files_len + 1, sizeof(*image->files));
    for (size_t i = 0; i < disk->files_len; i++) {
        struct disk_file copy = file_copy(&disk->files[i]);

        keep_durable(disk, &copy);
        copy.there = true;
        if (copy.len > 0)
            image->files[image->len++] = copy;
        else
            free(copy.bytes);
    }
    for (size_t i = 0; i < image->len; i++) {
        if (is_superseded(image, i))
            free(image->files[i].bytes);
        else
            image->files[kept++] = image->files[i];
    }
    image->len = kept;
    history_keep(disk, image);
}

/* Is that on the disk, and nothing else? */
static bool is_there(const struct disk *disk, const struct disk_image *image)
{
    if (disk->files_len != image->len)
        return false;
    for (size_t i = 0; i < image->len; i++) {
        const struct disk_file *file = &disk->files[i], *old = &image->files[i];

        if (file->number != old->number || file->len != old->len ||
            memcmp(file->bytes, old->bytes, old->len) != 0)
            return false;
    }
    return true;
}

void disk_put_back(struct disk *disk)
{
    const struct disk_image *image = &disk->backup;

    PRE(disk->writes_len == 0, "what a crash leaves was settled");
    if (!disk->faults.restore)
        return;
    disk->faults.restore = false;
    disk->counts.restored++;
    if (is_there(disk, image))
        return;
    SIM_MARK(DISK_RESTORED);
    forget_all(disk);
    if (disk->files_cap < image->len) {
        disk->files_cap = image->len;
        disk->files = fatal_realloc_array(disk->files, disk->files_cap, sizeof(*disk->files));
    }
    for (; disk->files_len < image->len; disk->files_len++)
        disk->files[disk->files_len] = file_copy(&image->files[disk->files_len]);
    history_put_back(disk);
    disk->hurt = true;
}

void disk_cut_off(struct disk *disk)
{
    history_prune(disk);
    for (; disk->faults.cut > 0 && disk->history_len > 0; disk->faults.cut--) {
        const struct disk_write *write = &disk->history[--disk->history_len];
        struct disk_file *file = find_number(disk, write->file);

        SIM_MARK(DISK_CUT_OFF);
        disk->counts.cut++;
        disk->hurt = true;
        file->len = write->from;
        if (file->len == 0)
            file_free(disk, (size_t)(file - disk->files));
    }
    disk->faults.cut = 0;
}

void disk_wipe(struct disk *disk)
{
    if (disk->files_len > 0)
        disk->hurt = true;
    forget_all(disk);
}

bool disk_take_hurt(struct disk *disk)
{
    bool hurt = disk->hurt;

    disk->hurt = false;
    return hurt;
}
