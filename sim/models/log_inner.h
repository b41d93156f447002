/* Inside of sim/models: the ledger that log.c and moves.c ask, and what is known of it. */
#ifndef DC_SIM_MODELS_LOG_INNER_H
#define DC_SIM_MODELS_LOG_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/ledger.h"
#include "core/pncounter.h"
#include "sim/disk.h"
#include "sim/models/model_inner.h"

#define LOG_CLIENTS_MAX 64u

struct log_client {
    enum dc_side side;
    uint64_t amount;
    bool waits;
};

/* What it counted itself: what was there at the start, and was answered with ok since. */
struct log_span {
    uint64_t least;
    uint64_t most; /* likewise, and what it was asked for and nobody knows of */
};

struct log_model {
    struct disk disk; /* first (sim/disk_ops.h) */
    struct model *it;
    struct env env;
    struct names names; /* of this life */
    struct ledger ledger;
    struct pncounter counter;
    struct pncounter safe; /* what it said that a crash will not take; with the names of it */
    struct log_client clients[LOG_CLIENTS_MAX];
    uint32_t clients_len;
    struct log_span own[2]; /* by side, under its id */
    uint64_t began_at[2];   /* likewise, when it started or took that id */
    uint64_t moving[2];     /* counted under the ids before, and not shown yet */
    uint64_t segment_bytes;
    uint32_t waiting_max;
    unsigned said;   /* events, as bits */
    bool durable;    /* it has the disk */
    bool is_starved; /* its memory fails, but while it settles */
    bool is_sticky;  /* what is written to its disk cannot be taken back: no cuts, no removals */
    bool is_open, is_dead;
};

/* The handle of @id in this life; that of @name, of this life, in the table of log->it. (lives.c)
 */
dc_name log_name(struct log_model *log, const struct model_id *id);
dc_name log_kept_name(struct log_model *log, dc_name name);
/* Makes @kept, which uses the names of log->it, what the counter holds. (lives.c) */
void log_keep(struct log_model *log, struct pncounter *kept);

/* Its totals under the id that it has are these; nothing moves. (log.c) */
void log_count_from(struct log_model *log, const uint64_t totals[2]);
/* Who hears of the counter in its name. (log.c) */
struct pncounter_watch log_watch(struct log_model *log);
/* How many of its clients wait. (log.c) */
uint32_t log_waiting(const struct log_model *log);

/* Is @id the name of its node, '#' and 16 digits? (moves.c) */
bool log_is_new(const struct log_model *log, dc_name id);
/* Others bring a state that may know more of its counts than it does. (moves.c) */
void log_be_told(struct log_model *log);
/* What moved is shown, all of a side or nothing of it. Was some of it now? (moves.c) */
bool log_see_moved(struct log_model *log);

#endif
