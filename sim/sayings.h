/*
 * What a node says in its log, for whoever operates it, held against what is known of
 * it (core/env.h): each event comes with its level, with its own fields and no others;
 * what failed has a reason; and what has to be said is said. Counts that rise are
 * looked at by sim/checks.h.
 */
#ifndef DC_SIM_SAYINGS_H
#define DC_SIM_SAYINGS_H

#include "core/env.h"

struct host;
struct logread;

/* It says @event, which is not ENV_RAISED. */
void sayings_hear(struct host *host, enum env_level level, enum env_event event,
                  const struct env_fields *fields);

/* It has started; @log is what its disk says, NULL when it has none that is known. */
void sayings_started(const struct host *host, const struct logread *log);

/* It must have said @event in this life. */
void sayings_due(const struct host *host, enum env_event event);

/* A write of its log has failed: it has to say that, or to refuse the client that asked. */
void sayings_write_fails(struct host *host);

/* It writes or ends: has it said what failed before? */
void sayings_look_back(struct host *host);

/* It will hear that a sync has failed, and has to say that. */
void sayings_sync_fails(struct host *host);

#endif
