/*
 * What the bytes of a log say, read from core/wal.h and core/wal_record.h by other
 * means than core's own: what a node reads and writes is held against that.
 */
#ifndef DC_SIM_LOGREAD_H
#define DC_SIM_LOGREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pncounter.h"
#include "core/types.h"

struct disk;
struct names;

enum logread_type {
    LOGREAD_HEAD = 1,
    LOGREAD_ENTRIES,
    LOGREAD_BASE,
    LOGREAD_RETIRED,
    LOGREAD_ECHO,
};

struct logread_record {
    uint64_t seq, claim;
    enum logread_type type;
    const uint8_t *payload;
    uint32_t len; /* of it */
};

struct logread_total {
    const uint8_t *id;
    uint32_t id_len;
    enum dc_side side;
    uint64_t total;
};

/* Is @file one of a log, and with which number? */
bool logread_number(const char *file, uint64_t *ret_number);

/* The record at @at, of which @len bytes are there. Returns its length; 0: there is none. */
size_t logread_record(const uint8_t *at, size_t len, uint64_t segment, struct logread_record *ret);

/* The total at *@at, which moves behind it. False at @end, and for what is none. */
bool logread_total(const uint8_t **at, const uint8_t *end, struct logread_total *ret);

/* Behind the sequence number in the payload of a head stands the id. False: it is none. */
bool logread_head(const struct logread_record *record, const uint8_t **ret_id, uint32_t *ret_len);

enum logread_found {
    LOGREAD_NONE,  /* there is no log */
    LOGREAD_WHOLE, /* all of it makes sense */
    LOGREAD_TORN,  /* nothing is missing that was durable */
    LOGREAD_HURT,  /* something is, or may be */
};

struct logread {
    enum logread_found found;
    dc_name id;              /* of the last segment that counts; DC_NAME_NONE */
    struct pncounter totals; /* of all that counts */
    bool is_strange;         /* it has ids that nobody knows: no more can be said */
};

/* Reads all of @disk, which is not blank. @names know the ids of the cluster. */
void logread_all(struct logread *log, const struct disk *disk, const struct names *names);
void logread_release(struct logread *log);

#endif
