/*
 * The operations of core/env.h on a struct disk, for a host that adds nothing to them:
 * what env->ctx points to begins with its struct disk.
 */
#ifndef DC_SIM_DISK_OPS_H
#define DC_SIM_DISK_OPS_H

struct env_ops;

/* Sets the six operations on files; the others stay as they are. */
void disk_ops(struct env_ops *ops);

#endif
