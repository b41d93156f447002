/*
 * What the clients know: for each id that a node counts under, and each side, how
 * much was asked, answered ok, refused. What a node counts is all that was ok and
 * any of what is open or was answered unknown: a set of sums (sim/sums.h). Which of
 * them, no node ever tells the oracle.
 *
 * When a disk is lost that held counts which nobody else is sure to hold, all that
 * is left is a range: from what others hold durably to all that was asked and not
 * refused, in steps of the greatest common divisor of what was asked.
 *
 * A node has one id after the other: its own, and one for each incarnation that
 * it became. The counts of a node are those of all its ids.
 */
#ifndef DC_SIM_ORACLE_H
#define DC_SIM_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "sim/amounts.h"
#include "sim/nodeset.h"
#include "sim/sums.h"
#include "sim/totals.h"
#include "sim/wide.h"

#define ORACLE_NOBODY UINT32_MAX

struct oracle_half {
    u128 asked, ok, refused; /* operations */
    u128 lost;               /* of those that were ok: perhaps gone with a disk */
    u128 excused;            /* of those left: others hold them, their node itself need not */
    u128 step;               /* divides all that was asked at once */
    bool ranged;             /* a disk was lost: only a range is known */
    struct amounts open;     /* without an answer; nothing keeps them from being shown */
    struct amounts unsynced; /* no sync has covered them; without an answer, or unknown */
    struct sums unknown;     /* sums of all other unknown ones; .spans NULL: there are none */
    struct totals shown;     /* by its own node */
    bool blind;              /* what is excused may be counted again, and nobody sees it */
    u128 found;              /* what its node showed when it began to run, or to count under it;
                                or when it ended: with since */
    u128 since;              /* ok since then */
    uint64_t moving;         /* ok under an id before: not durable yet under this one */
};

struct oracle_id {
    struct oracle_half half[2]; /* by side */
    uint32_t owner;             /* node index; ORACLE_NOBODY: no id of the cluster */
    dc_name from;               /* where what is moving comes from */
};

/* What its own node has shown last of each half. */
struct oracle_last {
    uint64_t half[2];
};

struct oracle {
    struct oracle_id *ids;    /* by handle; owned */
    struct oracle_last *last; /* likewise, as long: what is asked for at each rise; owned */
    uint32_t ids_len, ids_cap;
    dc_name *current; /* by node index: the id under which it counts; owned */
    bool *waits;      /* by node index: it has a disk, to be waited for; owned */
    uint32_t nodes;
    uint32_t spans_max; /* of each set of sums (sim/sums.h) */
    uint64_t open;      /* requests without an answer */
};

/* Handle i is the first id of node i. */
void oracle_init(struct oracle *oracle, uint32_t nodes);
void oracle_release(struct oracle *oracle);

/* @node has a disk: what it is asked from now on is to be shown once a sync has covered it. */
void oracle_waits(struct oracle *oracle, uint32_t node);

/* From now on @node counts under @id. */
void oracle_incarnation(struct oracle *oracle, uint32_t node, dc_name id);

/* Whose id is that? ORACLE_NOBODY when it is no node's. */
uint32_t oracle_owner(const struct oracle *oracle, dc_name id);

/* ---- what becomes of requests ---- */

/* Returns the id under which @node is asked, which the answer is to be told for. */
dc_name oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount);
/* Exactly once for each request; @covered: it need not wait for a sync any more. */
void oracle_answered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                     enum env_answer answer, bool covered);
/*
 * A sync has covered what a node with a disk was asked, and has neither refused nor
 * confirmed; @waits: there is no answer yet. Once for each request.
 */
void oracle_covered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                    bool waits);

/* A disk is lost: of the counts under @id no more than @held are sure to be somewhere. */
void oracle_lower(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t held);

/*
 * Its node begins to run and counts on under @id, of which it shows @found and need
 * not show more if its disk lost something. With a log that is SHORT, but looks
 * whole, it cannot know that more was counted: what it counts from now on has
 * numbers that others may hold. Until one of them tells it so, its counts hide
 * behind theirs; then they come along to a new id (oracle_move()). When it has
 * counted as much again as it had lost, nobody can tell any more, and so much is
 * lost. With any other log it must not come to that.
 */
enum oracle_log {
    ORACLE_LOG_KEPT,
    ORACLE_LOG_SHORT, /* a backup, or an earlier end of it */
    ORACLE_LOG_HURT,  /* it shows that something is missing */
};
void oracle_begins(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t found,
                   enum oracle_log log);

/* Its process ends: of what it counted again the next will not know that it was. */
void oracle_ends(struct oracle *oracle, uint32_t node);

/*
 * The node of @from goes on under @to, because others know of @total under
 * @from. If that is more than it had, what it counted since it began is to be
 * found under @to, as soon as a sync has confirmed that. If not, it stays where it is,
 * and what is excused there may be counted again, as when its process ends.
 */
void oracle_move(struct oracle *oracle, dc_name from, dc_name to, enum dc_side side,
                 uint64_t total);
void oracle_moved(struct oracle *oracle, uint32_t node);

/* Under @id: what was ok, less what is on its way to another id; 0 for one that is no node's. */
u128 oracle_done(const struct oracle *oracle, dc_name id, enum dc_side side);

/* What a node has counted under @id, its present one, by its disk and its answers: at least. */
u128 oracle_present(const struct oracle *oracle, dc_name id, enum dc_side side);

/* Is all that was asked for there, and not refused, more than a counter holds? */
bool oracle_overflows(const struct oracle *oracle, dc_name id, enum dc_side side);

bool oracle_is_excused(const struct oracle *oracle, dc_name id);

/* ---- what may be shown ---- */

/* Its own node shows @total of @id: from now on others may. */
void oracle_shows(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total);
/* Has it ever? */
bool oracle_has_shown(const struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total);
/* The last that it has; fast. */
static inline uint64_t oracle_last(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    return id < oracle->ids_len ? oracle->last[id].half[side] : 0;
}

/* Bounds of what is counted under @id; 0 for one that is no node's. */
u128 oracle_least(const struct oracle *oracle, dc_name id, enum dc_side side);
u128 oracle_most(const struct oracle *oracle, dc_name id, enum dc_side side);

/* What its own node is to show of it at least. */
u128 oracle_own(const struct oracle *oracle, dc_name id, enum dc_side side);

/* Whose view of a half: clients know nothing of syncs; its own node owes less, and waits for them.
 */
enum oracle_view {
    ORACLE_CLIENTS,
    ORACLE_NODE,
};

/* The sums that are possible, for an id of the cluster. The caller releases them. */
void oracle_sums(const struct oracle *oracle, dc_name id, enum dc_side side, enum oracle_view view,
                 struct sums *ret);
/* Is @total one of them? Mostly without making them. */
bool oracle_possible(const struct oracle *oracle, dc_name id, enum dc_side side,
                     enum oracle_view view, uint64_t total);
/* May a disk that has lost something leave @total of @id? */
bool oracle_leaves(const struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total);

/*
 * The values that are possible (increments less decrements) over the counts of @of;
 * NULL: all. The caller releases them.
 */
void oracle_value(const struct oracle *oracle, const struct nodeset *of, struct sums *ret);

/* All that was ok and is perhaps gone, both sides together. */
u128 oracle_lost(const struct oracle *oracle);

#endif
