/*
 * What a node writes into its log and what it reads from it, record by record: held
 * against what the log of core/wal.h promises. Only of disks that keep their bytes.
 */
#ifndef DC_SIM_LOGBOOK_H
#define DC_SIM_LOGBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"
#include "sim/logread.h"

struct host;

/* Of one node, and of one life of it. */
struct logbook {
    uint64_t segment;  /* number of the one that was begun last; 0: none */
    uint64_t bytes;    /* in it */
    uint64_t base;     /* bytes of its base; 0: it has none yet */
    uint64_t next;     /* sequence number of the next record; 0: not known */
    uint64_t begun;    /* that number when the sync that is on its way began; 0: not known */
    uint64_t durable;  /* below this number all is durable; 0: not known */
    dc_name id;        /* of the last head */
    bool is_first;     /* that segment is the first of its life */
    bool may_begin;    /* something failed: another segment may begin before this one is full */
    uint64_t based;    /* number of the newest with a whole base; 0: none */
    uint64_t covered;  /* likewise, at the begin of the sync that is on its way */
    bool goes_on;      /* the last record was part of a commit that may be longer */
    bool unsaid;       /* own totals have no echo yet */
    uint64_t *written; /* by handle and side: what commits said last; owned */
    size_t written_len;
    uint64_t refused;  /* requests for memory before its last commit, or before this life */
    unsigned said;     /* events that it spoke of since it began to start, as bits */
    uint64_t owes;     /* the event in which a write failed of which it said nothing; 0: none */
    dc_name said_name; /* of the log that it said is torn, or damaged */
};

void logbook_release(struct logbook *book);

/* A life begins. */
void logbook_starts(struct host *host);

/* @file is asked for: is it one of a log? */
void logbook_file(const struct host *host, const char *file);

/* It has appended @len bytes, or not all of them when @rc is an error. */
void logbook_appended(struct host *host, const char *file, const uint8_t *bytes, size_t len,
                      int rc);
/* It cuts a file, or gave up what it wrote last: it may say that again. */
void logbook_cut(struct host *host);
void logbook_sync_begins(struct host *host);
/* It went well, and the node is about to hear of that. */
void logbook_sync_counts(struct host *host);
/* The node has heard of the end of a sync that began with @covered; another may be on its way. */
void logbook_sync_ended(struct host *host, bool ok, uint64_t covered);

/* It has started with the disk that @log is of. */
void logbook_started(const struct host *host, const struct logread *log);

#endif
