/*
 * The node of the distributed counter, without I/O: events go in through the
 * functions below, effects come out through struct env. It never blocks, never
 * asks for the time on its own, and keeps no global state.
 *
 * Protocol. Every sync_ns it picks fanout peers at random and sends each a
 * pull, which carries its digest. A node that gets a pull answers with an ack
 * when the digest is its own, with a pull of its own when its state is empty,
 * else with a push of its state. A push is merged. Every full_ns it pushes its
 * state to max(1, fanout / 2) peers unasked, also to silent ones, unless it is
 * empty. The first tick of each timer comes at a random phase, so that nodes that
 * start together do not stay in step.
 *
 * A node that gets nowhere for many rounds (core/stuck.h) asks at chance times, and in
 * half of its rounds pushes in place of asking.
 *
 * Source: Demers et al., "Epidemic algorithms for replicated database
 * maintenance", PODC 1987 (anti-entropy, push-pull).
 */
#ifndef DC_CORE_NODE_H
#define DC_CORE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/ledger.h"
#include "core/peers.h"
#include "core/pncounter.h"
#include "core/stuck.h"
#include "core/types.h"

struct mem;
struct message;
struct names;
struct names_sweep;

struct node_config {
    const struct mem *mem; /* borrowed */
    struct names *names;   /* borrowed, the table of all handles here */
    dc_name id;            /* under which its first incarnation counts */
    dc_name address;       /* where others reach it */
    const dc_name *peers;  /* borrowed, ascending handles; may contain address */
    uint32_t peers_len;
    uint64_t sync_ns;  /* between pulls, > 0 */
    uint64_t full_ns;  /* between unasked pushes, > 0 */
    uint32_t fanout;   /* peers a sync, 1..DC_FANOUT_MAX */
    uint64_t leave_ns; /* for so long it tries to leave in order, then it goes; 0: for ever */
    bool peers_common; /* all nodes start with this list: nobody needs to be told of it */
    bool peers_fixed;  /* never learns a peer but from the host; hears who left all the same */
    bool durable;      /* env has a disk */
    bool first_start;  /* no node of this id ever ran before */

    uint64_t segment_bytes; /* of its log: how long a file of it gets; 0: WAL_SEGMENT_BYTES */
    uint32_t clients_max;   /* that wait for its disk, at most; 0: LEDGER_WAITING_MAX */
};

enum node_timer {
    NODE_TIMER_SYNC = 0,
    NODE_TIMER_FULL = 1,
};

/* When the node next wants to be woken, and what for. */
struct node_deadline {
    uint64_t at_ns;        /* local time, DC_TIME_NEVER when it does not run */
    enum node_timer timer; /* the earlier of the two; sync first when equal */
    uint64_t number;       /* how often this timer has fired before */
};

enum node_phase {
    NODE_NEW = 0,
    NODE_RUNNING,
    NODE_STOPPING, /* operations wait for the disk; then it stops */
    NODE_LEAVING,  /* gossips on until some peer has all that it has */
    NODE_STOPPED,
    NODE_LEFT, /* likewise, and its peers know */
};

/* Read-only for hosts: change it only through the functions below. */
struct node {
    struct env env;
    struct pncounter counter;
    struct peers peers;
    struct ledger ledger; /* its own counts, and what waits for the disk */
    uint32_t fanout;
    bool peers_fixed, first_start;
    enum node_phase phase;
    uint64_t leave_ns, leave_until_ns; /* local time; DC_TIME_NEVER */
    uint64_t heard_digest;             /* of a peer that has heard that we leave, when it said so */
    dc_name heir;                      /* that peer; DC_NAME_NONE */
    bool heard;                        /* there was one */
    dc_name leaver;                    /* who says that it leaves, in the message at hand */
    uint64_t version;                  /* rises with every change of the counter, from 1 */
    uint64_t digest;                   /* of the state of digest_version */
    uint64_t digest_version;
    uint64_t every_ns[2]; /* by enum node_timer */
    uint64_t due_ns[2];   /* local time */
    uint64_t fired[2];
    struct stuck stuck;
    uint64_t shift_ns;     /* so much later than due_ns the sync comes, below every_ns */
    uint32_t leave_rounds; /* in which it leaves; at most STUCK_HEARD */
};

/* A node that is not running yet. Copies @config and @env. Cannot fail. */
void node_init(struct node *node, const struct node_config *config, const struct env *env);

/* Frees all memory. Fine for a zeroed node; does not talk to env. */
void node_release(struct node *node);

/*
 * Reads the log, draws the phases of the timers and begins to run. Once.
 * Returns 0, or DC_ENOMEM, DC_ELIMIT, DC_EIO: then it does not run. After
 * DC_EIO, its log cannot be read, its host may start another in its place later.
 */
int node_start(struct node *node);

/*
 * Ends in order: from now on no timers, clients are refused, messages ignored.
 * Operations that wait for the disk are still answered by node_on_sync(): it
 * is NODE_STOPPING until then, or NODE_STOPPED at once if there are none.
 */
void node_stop(struct node *node);

/*
 * Ends for good: clients are refused, and once no operation waits for the disk
 * the node hands its state to peers at each sync, and says that it leaves, until one
 * that stays answers that it has heard that, has all of its state, and has it on its
 * disk. It is NODE_LEAVING until then, and NODE_LEFT behind; at once if it has no
 * peers, has no counts and nothing waits. With leave_ns it gives up after so long, and
 * counts that nobody else has go with it. Only for a running node; otherwise nothing
 * happens.
 */
void node_leave(struct node *node);

/* Introduces a peer, whatever peers_fixed says: the host knows better. */
void node_meet(struct node *node, dc_name address);

/* What the host must wake the node for. It may change with every call below. */
struct node_deadline node_deadline(const struct node *node);

/*
 * Fires the one timer that node_deadline() names, if it is due by env->now().
 * A node that was woken late skips the ticks it missed and keeps its phase.
 */
void node_on_timer(struct node *node);

/*
 * A decoded message from the transport address @from (DC_NAME_NONE when the
 * transport does not know). @msg and its state are only read.
 */
void node_on_message(struct node *node, dc_name from, const struct message *msg);

/*
 * A client asks for @amount increments or decrements (0 is answered with ok).
 * Answered through env->reply with @client, within this call or, with a disk,
 * once it is durable; only then does anybody see it.
 */
void node_on_client(struct node *node, uint64_t client, enum dc_side side, uint64_t amount);

/* The answer to disk_sync(@token): did it succeed? */
void node_on_sync(struct node *node, uint64_t token, bool ok);

/*
 * Shows names_sweep() all handles that the node holds (core/names.h), but for those that it
 * only borrows: the list of peers that it was given is shown by whoever gave it.
 */
void node_show_names(struct node *node, struct names_sweep *sweep);

/* The digest of the present state; computed at most once a version. */
uint64_t node_digest(struct node *node);

#endif
