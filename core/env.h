/*
 * All that a node knows of the world. A host, real or simulated, fills in the
 * table; the node cannot tell which.
 *
 * No operation may block, call back into the node, or keep a pointer it was
 * given beyond the call. The host only records what is asked of it, and acts
 * after the node has returned.
 */
#ifndef DC_CORE_ENV_H
#define DC_CORE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

struct message;

/* What a client is told. */
enum env_answer {
    ENV_OK,      /* done, and durable */
    ENV_REFUSED, /* nothing was done */
    ENV_UNKNOWN, /* may or may not have been done */
};

enum env_level {
    ENV_ERROR,
    ENV_WARN,
    ENV_INFO,
    ENV_DEBUG,
};

enum env_event {
    ENV_RAISED,         /* name, side, old, now: a half of an entry rose */
    ENV_MERGE_FAILED,   /* peer, err: a push was not merged */
    ENV_CLIENT_REFUSED, /* side, old = asked amount, err */
    ENV_PEER_LEARNED,   /* peer */
    ENV_PEER_REFUSED,   /* peer, err: no room for it */
    ENV_STARTED,
    ENV_STOPPED,
    ENV_LOG_EMPTY,      /* no log at a start that is not the first */
    ENV_LOG_TORN,       /* name: the log ended in the middle of a write, which was cut off */
    ENV_LOG_DAMAGED,    /* name, if it is known: the disk lost what it had confirmed */
    ENV_LOG_UNREADABLE, /* err: reads fail; the node does not start */
    ENV_COUNTS_LOST,    /* name: others hold more of our counts than we do */
    ENV_INCARNATION,    /* name: the node goes on under a new id */
    ENV_DISK_FAILED,    /* err: a write or sync failed; clients are told */
    ENV_LEFT,           /* the node has left the cluster */
    ENV_PEER_LEFT,      /* peer: it has, as others say */
};

/* Fields that an event does not name are zero, names DC_NAME_NONE. */
struct env_fields {
    dc_name name;
    dc_name peer;
    enum dc_side side;
    uint64_t old;
    uint64_t now;
    int err;
};

struct env_ops {
    /* Local time in ns. Never goes back; constant within one call into the node. */
    uint64_t (*now)(void *ctx);
    /* 64 uniform bits. */
    uint64_t (*random)(void *ctx);
    /* Best effort, may be lost, never fails. @to is an address. */
    void (*send)(void *ctx, dc_name to, const struct message *msg);
    /* Answers the client that node_on_client() was called for, exactly once. */
    void (*reply)(void *ctx, uint64_t client, enum env_answer answer);
    /* Structured log; the node cannot learn whether anyone listens. */
    void (*log)(void *ctx, enum env_level level, enum env_event event,
                const struct env_fields *fields);

    /*
     * Files of the node: few, in one flat folder, named by it (letters, digits
     * and points). All calls return at once: 0, or DC_EFULL, DC_EIO. What was
     * appended or removed is durable once a sync that was asked for later has
     * succeeded; until then a crash may keep any part of it, in any order.
     */
    int (*disk_append)(void *ctx, const char *file, const void *bytes, size_t len);
    /*
     * Makes durable all that was asked for before it. One at a time; the answer
     * comes through node_on_sync() with @token. After a failed one nothing may
     * be assumed of what it was to cover.
     */
    void (*disk_sync)(void *ctx, uint64_t token);
    /* Up to @len bytes from @offset on; *ret_len is less only at the end of the file. */
    int (*disk_read)(void *ctx, const char *file, uint64_t offset, void *bytes, size_t len,
                     size_t *ret_len);
    /* Cuts a file that is longer than @len: no crash brings back what was cut. */
    int (*disk_truncate)(void *ctx, const char *file, uint64_t len);
    int (*disk_remove)(void *ctx, const char *file);
    /* Shows each file and its size, ascending by the bytes of the name. */
    int (*disk_list)(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                     void *each_ctx);
};

struct env {
    const struct env_ops *ops;
    void *ctx;
};

/*
 * A number in 0..@bound - 1 from one call of env->random; the bias is below
 * @bound / 2^64. @bound > 0.
 */
uint64_t env_below(const struct env *env, uint64_t bound);

/* "raised", "merge failed", ...: for hosts that print. Never NULL. */
const char *env_event_text(enum env_event event);
const char *env_answer_text(enum env_answer answer);

#endif
