/*
 * The write-ahead log: what a node must not forget, in a few files.
 *
 * Records say totals, not changes: "n3 has counted up to 17". So a record that
 * is read twice, late, or beside a newer one does no harm, and all that a log
 * ever said can be joined in any order. That leaves one question to recovery:
 * is anything missing?
 *
 * Shape. The log is a row of segments, files "log.<16 hex digits>", numbered
 * upwards. A segment begins with a head (format, number, the id under which the
 * node counts, the sequence number of its first record), the whole state at
 * that time, and a base record that says "this is all of it". Then follow
 * commits. Every record has a sequence number, one more than that of the record
 * before, and a checksum over all of it that also depends on the number of the
 * segment. Every record says up to which sequence number the log was durable
 * when it was written (its claim).
 *
 * Recovery starts at the newest segment that is whole up to its base; what is
 * older does not matter any more. From there each segment must reach the first
 * sequence number of the next. The last one ends where its records stop making
 * sense. If some record of the log claims that more than that was durable, the
 * disk has lost what it confirmed: the log is damaged. Else the rest is a write
 * that a crash cut off, which nobody was ever told of.
 *
 * That leaves the last commit of all, about which nothing claims anything: a bit
 * that flips in it looks like a write that was cut off. So what the node counted
 * itself is said twice, in the commit and in an echo behind it, and an echo is
 * taken wherever it stands.
 *
 * An opening takes as long as the log has bytes, whatever they are: peers choose what
 * ids are made of, and a crash may leave any of it. Where so much looks like a record
 * that not all can be tried (core/wal_record.h), nobody knows what it claims, and the
 * log is damaged.
 *
 * Every opening begins a new segment, so nothing is ever written behind bytes
 * that make no sense. When a sync succeeds, all segments are removed that are
 * older than the newest whose base it covers: however small segments are, what
 * is left was begun since that sync did.
 *
 * Source: Mohan et al., "ARIES", TODS 17(1), 1992 (log, checkpoint, recovery);
 * Rebello et al., "Can applications recover from fsync failures?", ATC 2020.
 */
#ifndef DC_CORE_WAL_H
#define DC_CORE_WAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/types.h"

struct env;
struct mem;
struct names;
struct pncounter;
struct pncounter_watch;

/* A segment of usual size. */
#define WAL_SEGMENT_BYTES (UINT32_C(64) << 10)

enum wal_found {
    WAL_EMPTY,   /* no log: a first start, or a lost disk */
    WAL_WHOLE,   /* nothing is missing */
    WAL_TORN,    /* likewise, and a write that was never confirmed was cut off */
    WAL_DAMAGED, /* something that was durable is missing, or may be: the id must not be used again
                  */
};

/* What an opening came to. */
struct wal_opening {
    enum wal_found found;
    dc_name id;       /* under which the node counted; DC_NAME_NONE when that is not known */
    uint64_t records; /* that were taken */
};

/* What an opening found, until it is removed; only where numbers are left out. */
struct wal_left {
    uint32_t len;
    uint32_t at;        /* of the oldest that is there */
    uint64_t numbers[]; /* of segments, ascending */
};

static inline size_t wal_left_bytes(uint32_t len)
{
    return sizeof(struct wal_left) + len * sizeof(uint64_t);
}

/* Read-only for others. */
struct wal {
    const struct mem *mem; /* borrowed */
    const struct env *env; /* borrowed */
    struct names *names;   /* borrowed; ids that are read are interned here */
    uint64_t segment_max;  /* one that is larger than this, and than four times its base, is full */
    dc_name id;
    bool syncing;           /* a sync is on its way */
    bool broken;            /* the segment must not be written to any more */
    bool uncut;             /* what failed last may stand in it all the same */
    uint64_t segment;       /* number of the one that is written; 0: none yet */
    uint64_t oldest;        /* none with a lower number is there */
    struct wal_left *left;  /* owned; NULL: numbers follow one another from oldest on */
    uint64_t segment_bytes; /* written to it */
    uint64_t base_bytes;    /* of its head, state and base */
    uint64_t next_seq;      /* of the next record */
    uint64_t durable_seq;   /* all records below are durable */
    uint64_t synced_seq;    /* what the sync on its way will make durable */
    uint64_t based;         /* number of the newest segment with a whole base; 0: none */
    uint64_t synced_base;   /* likewise, which the sync on its way will make durable */
    uint64_t durable_base;  /* likewise, which a sync has made durable */
    uint64_t token;         /* of the last sync */
    struct buf batch;       /* entries of the next commit, behind room for the head of a record */
    struct buf echo;        /* likewise, those of them that are of id */
    struct buf record;      /* scratch, of bases */
};

/* @mem, @env and @names outlive the log. Cannot fail, reads nothing. */
void wal_init(struct wal *wal, const struct mem *mem, const struct env *env, struct names *names,
              uint64_t segment_max);
void wal_release(struct wal *wal);

/*
 * Reads what is there, once, and joins it into @state: also of a damaged log,
 * of which all that makes sense is still true. @watch (may be NULL) hears of
 * what rises, mostly before @state has it. Writes nothing. O(n log n) in the bytes, the
 * logarithm for sorting ids. Returns 0, or DC_EIO, DC_ENOMEM, DC_ELIMIT; then part of it
 * may be in @state.
 */
int wal_open(struct wal *wal, struct pncounter *state, const struct pncounter_watch *watch,
             struct wal_opening *ret);

/*
 * Begins a new segment, for a node that counts under @id and holds @state;
 * @own, by side, are its own totals with what was committed and is not in
 * @state yet, which the segments before may lose together with their files.
 * To be called after wal_open(), and when the id changes; wal_commit() does it
 * by itself when a segment is large or broken.
 * Returns 0, or DC_EFULL, DC_EIO, DC_ENOMEM: then nothing can be committed until it succeeds.
 */
int wal_begin(struct wal *wal, dc_name id, const struct pncounter *state, const uint64_t own[2]);

/*
 * One half of @id stands at @total: part of the next commit. Returns 0, or
 * DC_ENOMEM, DC_ELIMIT with the batch as it was.
 */
int wal_note(struct wal *wal, dc_name id, enum dc_side side, uint64_t total);

/* Forgets what was noted since the last commit. */
void wal_drop(struct wal *wal);

/*
 * Writes what was noted, and asks for a sync if none is on its way; else one
 * follows when that is done. @state and @own are for wal_begin(), should a new
 * segment have to begin; @own is without what is committed now.
 * Returns 0 and in *ret_seq what wal_on_sync() must reach, or DC_EFULL, DC_EIO,
 * DC_ENOMEM: then it is forgotten, and nothing of it will ever be read back, unless
 * .uncut says that it could not be taken back.
 */
int wal_commit(struct wal *wal, const struct pncounter *state, const uint64_t own[2],
               uint64_t *ret_seq);

/*
 * The answer to a sync: @ok says whether it succeeded. Afterwards all below
 * wal->durable_seq is durable; if it failed, what was committed and is not
 * below that may or may not be read back one day, and is not waited for.
 * Returns false for an answer that nobody waits for.
 */
bool wal_on_sync(struct wal *wal, uint64_t token, bool ok);

#endif
