/* Inside of the cluster: what its parts share. */
#ifndef DC_SIM_CLUSTER_INNER_H
#define DC_SIM_CLUSTER_INNER_H

#include "sim/cluster.h"

/* What a node asks of its host; the context is the struct host. (host_env.c) */
extern const struct env_ops host_ops;

/* From now on what the node and its codec ask of memory is this host's affair. */
static inline void host_enter(struct host *host)
{
    host->failures_before = host->failures + host->memory.refused;
    host->cluster->shared.of = &host->memory;
    host->cluster->frames.anew = host->memory.stmt != MET_NO_STMT;
}

/* The host has a part in the present event. */
static inline void host_touch(struct host *host)
{
    struct cluster *cluster = host->cluster;

    if (host->touched)
        return;
    host->touched = true;
    cluster->touched[cluster->touched_len++] = host->index;
}

/* As cluster_is_there(). */
static inline bool host_is_there(const struct host *host)
{
    return host->state == HOST_UP || host->state == HOST_PAUSED;
}

/* Its state has changed: the push that it kept to send again is of an older one. */
void host_drop_stale(struct host *host);

/* Keeps one tick pending for what the node wants to be woken for next. (host_life.c) */
void host_arm(struct host *host);

/* It is in another state from now on; what is counted of those that are up follows. */
void host_set_state(struct host *host, enum host_state state);

/* Begins to run; @life says why. */
void host_start(struct host *host);

/* After an event in which it had a part: has it ended of its own? */
void host_look_for_end(struct host *host);

/* The inbox: all is lost; the first of what waits is served. (host_inbox.c) */
void host_inbox_lose(struct host *host);
void host_inbox_serve(struct host *host);

/* What a node asks of its disk. (host_disk.c) */
int host_disk_append(void *ctx, const char *file, const void *bytes, size_t len);
void host_disk_sync(void *ctx, uint64_t token);
int host_disk_read(void *ctx, const char *file, uint64_t offset, void *bytes, size_t len,
                   size_t *ret_len);
int host_disk_truncate(void *ctx, const char *file, uint64_t len);
int host_disk_remove(void *ctx, const char *file);
int host_disk_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx);

void host_disk_init(struct host *host);
/* Nothing is wrong with it any more: @stmt (MET_NO_STMT: none) has ended what was. */
void host_disk_ok(struct host *host, uint32_t stmt);
/* Its disk has that fault no more. */
void host_disk_mend(struct host *host, enum scn_disk fault);
/* Is that fault of its disk in force? */
bool host_disk_is_wrong(const struct host *host, enum scn_disk fault);
/* After a change of its disk, memory or clock, by @stmt or, MET_NO_STMT, by itself. */
void host_note_wrongs(struct host *host, uint32_t stmt);
void host_disk_release(struct host *host);
/* The sync that is on its way has ended: the node hears of it. */
void host_disk_answer(struct host *host);
/* The process has ended. */
void host_disk_end(struct host *host, bool crashed, bool wiped);
/*
 * It is about to leave for good: counts that clients were told are done, and that no
 * other node has, neither in memory nor on its disk, go with it.
 */
void host_disk_leaves(struct host *host);
/* It has left, and its disk with it. What clients know is as it was: others have it. */
void host_disk_gone(struct host *host);
/* It is about to start again. Is all that a sync confirmed still there? */
bool host_disk_begin(struct host *host);

/* Requests. (host_clients.c) */
void host_request_answered(struct host *host, uint32_t request, enum env_answer answer);
/* The node answers @client, as it was told to know it. */
void host_client_answered(struct host *host, uint64_t client, enum env_answer answer);
/* The process is gone: clients without an answer never get one. */
void host_requests_lost(struct host *host);
/* The node sees those that came while it was paused. */
void host_requests_seen(struct host *host);

/* A statement in a record is its key: its place in the file is not part of a run. */
uint64_t cluster_stmt_key(const struct cluster *cluster, uint32_t stmt);

/* A message of @from, in @frame (or FRAME_NONE), is lost, for the reason @fate. */
void cluster_lose(struct cluster *cluster, uint32_t from, uint32_t frame, enum net_fate fate);

struct net_message;
/* A message goes out. Returns the number of its copies, with what becomes of each; or -1. */
int host_send_out(struct host *host, const struct net_message *msg,
                  struct net_outcome ret[static NET_COPIES_MAX]);
/* What becomes of one copy of a message: a record, whoever watches, an event. */
void host_send_copy(struct host *host, uint32_t copy, const struct net_message *msg,
                    const struct net_outcome *out);

/* Whoever watches hears of it. */
void cluster_tell_fate(const struct cluster *cluster, uint32_t from, uint32_t to, uint32_t frame,
                       const struct net_outcome *out);

#endif
