/*
 * What a node counted itself: under which id, what waits for the disk, and what
 * its log has not heard of yet. The rule it keeps: nothing leaves the node
 * before it is durable. An operation waits here until a sync has covered it,
 * and only then becomes part of the counter.
 *
 * A node without a disk has the same ledger; there every operation is done at
 * once, and every start but the first is that of a new incarnation.
 */
#ifndef DC_CORE_LEDGER_H
#define DC_CORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/types.h"
#include "core/wal.h"

struct mem;
struct names;
struct names_sweep;
struct pncounter;
struct pncounter_watch;

/* Operations that may wait for the disk. */
#define LEDGER_WAITING_MAX 65536u

/* An operation that was written and is not durable yet. */
struct ledger_op {
    uint64_t client;
    uint64_t amount;
    uint64_t seq; /* it is durable when the log is up to here */
    enum dc_side side;
};

/* Read-only for others. */
struct ledger {
    const struct mem *mem; /* borrowed */
    const struct env *env; /* borrowed */
    struct names *names;   /* borrowed */
    bool durable;          /* there is a disk */
    dc_name name;          /* of the node; its first id */
    dc_name id;            /* under which it counts now */
    dc_name next;          /* under which it would go on; DC_NAME_NONE: not made yet */
    uint32_t own_at;       /* a guess where its entry is, in any state */
    uint64_t own[2];       /* by side: what the counter holds under that id, all our own doing */
    uint64_t asked[2];     /* likewise, with what waits or is moving */
    uint64_t began_at[2];  /* own, when it began to run or to count under that id */
    uint64_t moving[2];    /* counted under an id before: to be shown once it is durable */
    uint64_t moving_base;  /* number of the first segment whose base has that */
    struct wal wal;
    struct ledger_op *waiting; /* a ring; owned */
    uint32_t waiting_len, waiting_cap, waiting_at;
    uint32_t waiting_max; /* of them, at least 1; LEDGER_WAITING_MAX, which may be lowered */
    uint64_t *dirty;      /* by handle, a bit: an entry that rose since the last commit; owned */
    uint32_t dirty_len;   /* in words */
    bool some_dirty;      /* at least one bit is set, or: */
    bool all_dirty;       /* no memory for that: each may have */
    bool merged;          /* one that is not our own is */
    uint64_t merged_seq;  /* what merges brought before is durable when the log is up to here */
};

/*
 * @name is the id of the node's first incarnation; a segment of its log is full
 * with @segment_bytes. What is given outlives the ledger.
 */
void ledger_init(struct ledger *ledger, const struct mem *mem, const struct env *env,
                 struct names *names, dc_name name, bool durable, uint64_t segment_bytes);
void ledger_release(struct ledger *ledger);

/*
 * The start of the node: reads the log into @counter, decides under which id it
 * goes on, and begins a new segment. A new incarnation is the name, '#', and 16
 * hex digits from env->random. What happened is logged through env.
 * Returns 0, or DC_ENOMEM, DC_ELIMIT, DC_EIO: then the node cannot start, and
 * nothing was written. DC_EIO says that the log cannot be read: it is neither
 * empty nor damaged, only unknown, so the host may try again with a new ledger
 * and a new counter.
 */
int ledger_open(struct ledger *ledger, struct pncounter *counter, bool first_start,
                const struct pncounter_watch *watch);

/*
 * A client asks for @amount > 0. Returns 1 when it is done and in @counter, 0
 * when it waits for ledger_on_sync(), or was told already that nobody knows, or DC_EOVERFLOW,
 * DC_ELIMIT, DC_EFULL, DC_EIO, DC_ENOMEM: then nothing was done, and never will be.
 */
int ledger_ask(struct ledger *ledger, struct pncounter *counter, uint64_t client, enum dc_side side,
               uint64_t amount, const struct pncounter_watch *watch);

/* Some entry of @id rose in a merge: part of the next commit. */
void ledger_raised(struct ledger *ledger, dc_name id);

/*
 * Writes down what merges brought and no operation has taken along, so that it
 * survives a crash: to be called now and then.
 */
void ledger_flush(struct ledger *ledger, const struct pncounter *counter);

/*
 * Does all that the counter holds survive a crash? Without a disk nothing does, and
 * nothing is to be waited for: yes.
 */
bool ledger_is_safe(const struct ledger *ledger);

/*
 * Before a merge of @src into @counter: if it knows more of our counts than we do, we
 * shall go on under a new id, and all memory for that is taken now. Without it the
 * merge must not be: under the old id we would count on top of counts that are not ours.
 * Returns 0, or DC_ENOMEM, DC_ELIMIT.
 */
int ledger_foresee(struct ledger *ledger, struct pncounter *counter, const struct pncounter *src);

/*
 * After a merge: do others know more of our counts than we do? Then the disk
 * lost what it had confirmed, without a trace (a backup was put back, or the
 * last writes are gone), and we go on as a new incarnation; what waits is
 * answered unknown.
 *
 * What was counted under the old id since the node began to run is hidden, all
 * of it, behind the larger total that others hold: those are the counts of
 * another life. It comes along to the new id, to the last one, once that is
 * durable. A side of which others know no more than we do stays where it is.
 */
void ledger_check_own(struct ledger *ledger, struct pncounter *counter,
                      const struct pncounter_watch *watch);

/* Shows all handles, also that of the log (core/names.h). */
void ledger_show_names(struct ledger *ledger, struct names_sweep *sweep);

/* Is somebody still to be answered, or something about to be shown? */
bool ledger_is_busy(const struct ledger *ledger);

/*
 * The answer to a sync. Operations that are durable now go into @counter and
 * are answered ok; after a failed one all that wait are answered unknown.
 * Returns whether the counter changed.
 */
bool ledger_on_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token, bool ok,
                    const struct pncounter_watch *watch);

#endif
