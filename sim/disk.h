/*
 * The storage of one node: a few files, and of each write whether a sync has
 * confirmed it. What a sync confirmed stays; of the rest a crash keeps what
 * chance leaves: each write survives, is lost (zeros, when something behind it
 * in its file survives) or is torn at any byte, whatever becomes of the others.
 * Removals that no sync confirmed may be undone. A cut is final at once: it is
 * only used to take back bytes that nothing has confirmed.
 *
 * What became of it while no node ran shows when one starts (disk_begin): the
 * backup that was put back, the last writes that are gone, sectors of zeros,
 * bits that flipped. A file is bytes here, and nothing of a log is known.
 *
 * A sync that failed leaves what it covered in doubt for ever: it can be read,
 * but a crash may take it, even when later syncs succeed, as Linux does.
 *
 * Source: Pillai et al., "All file systems are not created equal", OSDI 2014;
 * Rebello et al., "Can applications recover from fsync failures?", ATC 2020.
 */
#ifndef DC_SIM_DISK_H
#define DC_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choose;

#define DISK_NAME_MAX 32u
#define DISK_SECTOR 512u /* bytes that rot together */

/* What is wrong with it, beyond what a crash does; all zero: nothing. */
struct disk_faults {
    bool full;             /* a write fails, perhaps in its middle */
    bool has_torn;         /* else a third is torn, lost, and survives */
    bool restore;          /* the next start finds the backup in place of what was there */
    uint64_t torn_ppb;     /* chance that a write which a crash meets is torn */
    uint64_t bitrot_ppb;   /* that a bit of a sector has flipped when the node starts */
    uint64_t zeroed_ppb;   /* that a sector is zeros when the node starts */
    uint64_t syncfail_ppb; /* that a sync fails */
    uint64_t readfail_ppb; /* that a read fails */
    uint64_t slow_ns;      /* added to each sync */
    uint64_t cut;          /* so many of the last writes are gone at the next start */
};

/* How often each of them did something. */
struct disk_counts {
    uint64_t refused, torn, rotted, zeroed, failed, unread, slowed, restored, cut;
};

struct disk_file {
    char name[DISK_NAME_MAX];
    uint8_t *bytes; /* owned; NULL on a blank disk */
    size_t len, cap;
    uint64_t number; /* of its making */
    bool there;      /* else it was removed, and no sync has confirmed that */
};

/* An append or a removal that no sync has confirmed. */
struct disk_write {
    uint64_t number;
    uint64_t file; /* its number */
    size_t from, len;
    bool removal;
    bool doubtful; /* a sync that covered it failed */
};

/* Files as they were once, by name. */
struct disk_image {
    struct disk_file *files; /* owned, with their bytes */
    size_t len;
    struct disk_write *history; /* the appends in them, if the disk remembers; owned */
    size_t history_len;
    bool taken;
};

struct disk {
    struct choose *choose; /* borrowed */
    uint64_t key;          /* names the node */
    struct disk_faults faults;
    struct disk_counts counts;
    uint64_t reads; /* so far */
    struct disk_image backup;
    struct disk_file *files; /* ascending by name, then by number; owned */
    size_t files_len, files_cap;
    struct disk_write *writes; /* in their order; owned */
    size_t writes_len, writes_cap;
    struct disk_write *history; /* all appends in their order, if .remembers; owned */
    size_t history_len, history_cap;
    uint64_t number; /* of the next write, file or sync */
    bool syncing;
    uint64_t sync_token, sync_number; /* of the sync on its way: it covers what came before */
    bool hurt;      /* what a sync had confirmed was lost or changed since disk_take_hurt() */
    bool remembers; /* its last writes may be cut off one day */
    bool blank;     /* nobody will read it, and no crash meets it: only lengths are kept */
};

/*
 * @choose outlives the disk; @key names the node. .blank and .remembers may be
 * set before the first write.
 */
void disk_init(struct disk *disk, struct choose *choose, uint64_t key);
void disk_release(struct disk *disk);

/* As core/env.h says of them. */
int disk_append(struct disk *disk, const char *file, const void *bytes, size_t len);
int disk_read(struct disk *disk, const char *file, uint64_t offset, void *bytes, size_t len,
              size_t *ret_len);
int disk_truncate(struct disk *disk, const char *file, uint64_t len);
int disk_remove(struct disk *disk, const char *file);
int disk_list(struct disk *disk, void (*each)(void *each_ctx, const char *file, uint64_t size),
              void *each_ctx);

/* A sync begins, of all writes so far. One at a time. Returns how long it takes beyond the usual.
 */
uint64_t disk_sync_begin(struct disk *disk, uint64_t token);

/* It ends: did it succeed? */
bool disk_sync_end(struct disk *disk, uint64_t *ret_token);

/* The process dies; @crash names the crash. A sync on its way is forgotten. */
void disk_crash(struct disk *disk, uint64_t crash);

/* The process ended in order: the machine writes what is left. */
void disk_settle(struct disk *disk);

/* Keeps what is durable now; an earlier backup is forgotten. */
void disk_backup(struct disk *disk);

/*
 * A node is about to read it, after a crash or an end in order: .restore and
 * .cut of its faults have their effect, once.
 */
void disk_put_back(struct disk *disk);
void disk_cut_off(struct disk *disk);

/* After these: what has rotted or was zeroed shows now; @start names the start. */
void disk_rot(struct disk *disk, uint64_t start);

/* Would a crash find a write that no sync has confirmed; a start anything at all? */
bool disk_has_unsynced(const struct disk *disk);
bool disk_has_bytes(const struct disk *disk);

/* Nothing is left. */
void disk_wipe(struct disk *disk);

/* Did it lose or change what a sync had confirmed, since it was asked last? */
bool disk_take_hurt(struct disk *disk);

#endif
