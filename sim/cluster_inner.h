/* Inside of the cluster: what its parts share. */
#ifndef DC_SIM_CLUSTER_INNER_H
#define DC_SIM_CLUSTER_INNER_H

#include "sim/cluster.h"

/* What a node asks of its host; the context is the struct host. (host_env.c) */
extern const struct env_ops host_ops;

/* The host has a part in the present event. */
void host_touch(struct host *host);

/* A statement in a record is its key: its place in the file is not part of a run. */
uint64_t cluster_stmt_key(const struct cluster *cluster, uint32_t stmt);

/* A message of @from is lost, for the reason @fate. */
void cluster_lose(struct cluster *cluster, uint32_t from, enum net_fate fate);

/* Whoever watches hears of it. */
void cluster_tell_fate(const struct cluster *cluster, uint32_t from, uint32_t to, uint32_t frame,
                       const struct net_outcome *out);

#endif
