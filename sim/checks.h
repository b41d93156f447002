/*
 * What must hold in every run, unasked, checked when something changed:
 *
 *   fall       no half of an entry falls on a live node, nor one that a sync has
 *              confirmed when a node starts again with its disk, which keeps its id
 *   log        a node's state is the sum of what it reported as raised, and what else
 *              it reports is so (sim/sayings.h)
 *   invented   what a node shows of its own is a sum of what was asked for under that
 *              id; of others, what they have shown
 *   durable    nobody shows, and no client is told, what no sync has covered
 *   ok         what a client was told is done is in the node that did it and, when that
 *              leaves for good, in another; and what was refused is not
 *   digest     equal digests mean equal states; in the end each is that of the form
 *              that other implementations hash
 *   frame      every frame sent decodes to what it meant
 *   limit      inboxes and frames stay within their limits
 *   forged     a frame that no right node sends is refused for what is wrong with it
 *   answer     who is asked answers as it has to (sim/hearing.h); a client, once, and
 *              with ok unless something fails; and a node asks as many peers as it has
 *              to (sim/asking.h)
 *   member     nobody goes back behind what was heard of who has left (sim/hearing.h);
 *              and in the end of a quiet, who learns knows all that are there
 *   memory     a node writes behind none of its blocks, and gives back all when it ends
 *   value      what a node says that its state comes to is the sum of its entries
 *
 * The first violation is kept; it ends the run.
 */
#ifndef DC_SIM_CHECKS_H
#define DC_SIM_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/message.h"
#include "core/types.h"
#include "sim/census.h"
#include "sim/fingerprint.h"
#include "sim/oracle.h"
#include "sim/weights.h"

struct claim;
struct memory;
struct names;
struct pncounter;

#define CHECKS_TEXT_MAX 512u

enum check {
    CHECK_FALL,
    CHECK_LOG,
    CHECK_INVENTED,
    CHECK_DURABLE,
    CHECK_OK,
    CHECK_DIGEST,
    CHECK_FRAME,
    CHECK_LIMIT,
    CHECK_ANSWER,
    CHECK_MEMBER,
    CHECK_MEMORY,
    CHECK_VALUE,
    CHECK_FORGED,
    CHECKS
};

struct violation {
    const char *check;              /* one of the names above; NULL: nothing happened */
    uint32_t node;                  /* index */
    uint64_t digest;                /* the check of that name: the digest that two states have */
    char headline[CHECKS_TEXT_MAX]; /* "n2: increments of n1 fell" */
    char label[CHECKS_TEXT_MAX];    /* "expected at least 5, found 4" */
};

struct digest_slot {
    uint64_t digest;
    struct fingerprint print;
    bool used;
};

struct checks {
    struct oracle *oracle;     /* borrowed; hears what nodes show */
    const struct names *names; /* borrowed */
    uint32_t nodes;
    struct fingerprint *prints;  /* by node: of its state, as reported; owned */
    struct fingerprint *counted; /* by node: the one that is in the census; owned */
    uint64_t *sums;              /* by node: the weighted sum of its state, as reported; owned */
    struct weights weights;
    struct census census;        /* of the nodes that are up */
    struct digest_slot *digests; /* every digest seen in a message; owned */
    size_t digests_len, digests_cap;
    uint32_t starting; /* index of the node that reads its disk; else UINT32_MAX */
    struct violation violation;
    bool gone;              /* the violation is of counts that left with a node */
    uint64_t asked[CHECKS]; /* how often; by enum check */
};

/* "fall", "log", ... */
const char *checks_name(enum check check);

void checks_init(struct checks *checks, struct oracle *oracle, const struct names *names,
                 uint32_t nodes);
void checks_release(struct checks *checks);

/* @node counts in the census from now on, with its state; it does no more. */
void checks_up(struct checks *checks, uint32_t node);
void checks_down(struct checks *checks, uint32_t node);

/* The state of @node, which is not in the census, is gone with its memory. */
void checks_forget(struct checks *checks, uint32_t node);

/* @node, which is in the census, is done with an event that changed its state. */
void checks_moved(struct checks *checks, uint32_t node);

/* @node reports that a half rose. The census follows with checks_moved(). */
void checks_raised(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                   uint64_t old, uint64_t now);

/*
 * @node begins to start: what it reads of its own counts rises record by record, and
 * is looked at when it has started. @kept: its disk has lost nothing.
 */
void checks_starting(struct checks *checks, uint32_t node);
void checks_started(struct checks *checks, uint32_t node, const struct pncounter *state, bool kept);

/*
 * @node has started again, with its disk: what it shows, compared with what it
 * was told to be done under @id, its id before, and with what a sync confirmed.
 */
void checks_restart(struct checks *checks, uint32_t node, dc_name id, const struct pncounter *state,
                    const struct pncounter *synced);

/* @node has started again, with a disk that has all that a sync had confirmed. */
void checks_same_id(struct checks *checks, uint32_t node, bool renamed);

/* A client of @node, which has a disk, was told ok: had a sync @covered what it asked? */
void checks_durable(struct checks *checks, uint32_t node, bool covered);

/* @node has started from a backup: what a sync had confirmed when that was made is there. */
void checks_kept(struct checks *checks, uint32_t node, const struct pncounter *state,
                 const struct pncounter *synced);

/* A client of @node was told ok, or refused. */
void checks_ok(struct checks *checks, uint32_t node, const struct pncounter *state);

/* The whole state of @node: when it is encoded, and at the end. O(entries). */
void checks_state(struct checks *checks, uint32_t node, const struct pncounter *state);

/* @node, whose state has @print, gives @digest for it. */
void checks_digest(struct checks *checks, uint32_t node, uint64_t digest, struct fingerprint print);

/* @node gives @found for its state, whose form comes to @due. */
void checks_form(struct checks *checks, uint32_t node, uint64_t found, uint64_t due);

/*
 * A frame of @node meant the state with the sum @sent and decoded, with @err, to
 * @got; NULL when it was handed over without the codec, where nothing can differ.
 * @same: all else that it says is what was meant.
 */
void checks_frame(struct checks *checks, uint32_t node, int err, bool same, uint64_t sent,
                  const struct pncounter *got);

/* What became of a forged frame. */
struct checks_forged {
    const char *wrong; /* with it */
    int due, found;    /* errors; 0: it is read as a message */
    bool left_names;   /* names of it are known from now on */
    bool misread;      /* it was read, and says something else */
    bool changed;      /* it was read, and the node has another state, or sent something */
};

/* @node has met one that says that it is of @from. */
void checks_forged(struct checks *checks, uint32_t node, uint32_t from,
                   const struct checks_forged *seen);

/* @node makes different things of a strange frame of @from, by what lies behind it. */
void checks_unsteady(struct checks *checks, uint32_t node, uint32_t from);

/* @node refuses a strange frame of @from, and keeps something of it. */
void checks_untidy(struct checks *checks, uint32_t node, uint32_t from);

/* @what of @node stands at @found and may be at most @limit. */
void checks_over(struct checks *checks, uint32_t node, const char *what, uint64_t found,
                 uint64_t limit);
static inline void checks_limit(struct checks *checks, uint32_t node, const char *what,
                                uint64_t found, uint64_t limit)
{
    checks->asked[CHECK_LIMIT]++;
    if (found > limit)
        checks_over(checks, node, what, found, limit);
}

/*
 * @node leaves with @done of @id, as clients know them, and no other node has more
 * than @held of them. Called for each half; the first that is short is the violation,
 * and names those that follow.
 */
void checks_gone(struct checks *checks, uint32_t node, dc_name id, enum dc_side side, uint64_t done,
                 u128 held);

/* The next three are asked by sim/hearing.c. This one is asked once more, and holds. */
void checks_asked(struct checks *checks, enum check check);

/* @node has answered a pull of @from with a message of kind @found, 0 for none. */
void checks_answer(struct checks *checks, uint32_t node, uint32_t from, enum message_kind due,
                   enum message_kind found);

/* @node has sent @found messages when it was asked by @from, and @due were due. */
void checks_answers(struct checks *checks, uint32_t node, uint32_t from, uint32_t due,
                    uint32_t found);

/* @node goes on under @id, which is one that it drew (@drawn), or might come again. */
void checks_new_id(struct checks *checks, uint32_t node, dc_name id, bool drawn);

/* @node has sent @found of @what in one round, or in one full push, and @due were due. */
void checks_asks(struct checks *checks, uint32_t node, const char *what, uint32_t due,
                 uint32_t found);

/*
 * @node has answered a client that it must not answer: one that @known has asked, or
 * not; that still @waits, and is another node's, or has its answer.
 */
void checks_reply(struct checks *checks, uint32_t node, bool known, bool waits);

/* @node has @found peers, and should have @due by what it says of who came and went. */
void checks_peers(struct checks *checks, uint32_t node, uint32_t due, uint32_t found);

/* @node has heard what makes @due of what it knows, and takes @found for true. */
void checks_member(struct checks *checks, uint32_t node, const struct claim *due,
                   const struct claim *found);

/* @node, which learns, does not know @other, although there was time enough. */
void checks_unknown(struct checks *checks, uint32_t node, uint32_t other);

/* @node has ended, and had @memory. */
void checks_memory(struct checks *checks, uint32_t node, const struct memory *memory);

/* @node says, with @err, that what it has under @what comes to @found, and it is @due. */
void checks_value(struct checks *checks, uint32_t node, const char *what, int err, int64_t found,
                  i128 due);

/* @node does what @check forbids: "n2 @what | @label". For those that need no more than a line. */
void checks_fail(struct checks *checks, enum check check, uint32_t node, const char *what,
                 const char *label);

/* @node has left as if @from had all that it has, which is not so. */
void checks_left(struct checks *checks, uint32_t node, uint32_t from);

#endif
