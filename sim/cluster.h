/*
 * The nodes, each with what a host gives it: an address, a clock, a network, a
 * bounded inbox. The cluster turns events into calls of the node and what the
 * node asks for into messages, answers and checks.
 */
#ifndef DC_SIM_CLUSTER_H
#define DC_SIM_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/names.h"
#include "core/node.h"
#include "sim/asking.h"
#include "sim/carried.h"
#include "sim/clock.h"
#include "sim/delays.h"
#include "sim/disk.h"
#include "sim/durable.h"
#include "sim/frames.h"
#include "sim/hearing.h"
#include "sim/leaving.h"
#include "sim/logbook.h"
#include "sim/memory.h"
#include "sim/net.h"
#include "sim/nodeset.h"
#include "sim/scenario/scenario.h"
#include "sim/wide.h"

struct checks;
struct event;
struct oracle;
struct world;

struct inbox_item {
    uint64_t key; /* of the copy that arrived */
    uint32_t frame;
    uint32_t from;
    bool corrupted;
    bool forged;           /* no node has sent it */
    uint32_t corrupt_stmt; /* of a corrupted one: whose doing that is */
};

struct host_stats {
    uint64_t sent, bytes, dropped, pushes; /* by what this node sent */
};

/* What a host is doing. */
enum host_state {
    HOST_ABSENT, /* has not joined yet */
    HOST_UP,
    HOST_PAUSED,
    HOST_DOWN, /* crashed or stopped; a restart brings it back */
    HOST_LEFT, /* for good */
};

/* What becomes of it: the detail of a RECORD_LIFE. */
enum host_life {
    HOST_LIFE_CRASH,
    HOST_LIFE_WIPE, /* a crash that loses the disk */
    HOST_LIFE_RESTART,
    HOST_LIFE_PAUSE,
    HOST_LIFE_RESUME,
    HOST_LIFE_JOIN,
    HOST_LIFE_LEAVE,  /* it begins to */
    HOST_LIFE_STOP,   /* likewise */
    HOST_LIFE_GONE,   /* it has left or stopped */
    HOST_LIFE_FAILED, /* it does not start: its log cannot be read */
    HOST_LIFE_HUNGRY, /* it does not start: it gets no memory */
    HOST_LIVES,
};

/* "crash", "wipe", ...; never NULL. */
const char *host_life_text(enum host_life life);

#define HOST_NO_FAULT UINT32_MAX

/* A node that could not start is started again after this, as often as it takes. */
#define HOST_RETRY_NS UINT64_C(1000000000)

/* What a node showed when it wrote, and how far that has come. For oracle and checks. */
struct host_shown {
    struct carried *written, *syncing, *synced; /* NULL: nothing that is known */
    struct carried *saved;                      /* what was synced when a backup was made */
    uint64_t version;                           /* of what is written */
};

/* What is remembered of a node to be held against what it does next (sim/conduct.h). */
struct conduct {
    uint64_t version; /* of its state, after the last event */
    bool raised;      /* something of it, in this event and this life */
    uint32_t request; /* that it was handed last */
};

/* Faults of one node that have no end of their own: of its disk, then these. */
#define HOST_WRONG_MEMORY ((unsigned)SCN_DISK_OK)
#define HOST_WRONG_CLOCK ((unsigned)SCN_DISK_OK + 1)
#define HOST_WRONGS ((unsigned)SCN_DISK_OK + 2)

/*
 * What a fault of the timeline can have of a node, until it ends or another statement
 * takes that in its place: a fault of its disk, by enum scn_disk; or one of these.
 */
#define HOST_PART_MEMORY ((unsigned)SCN_DISK_OK)
#define HOST_PART_SKEW ((unsigned)SCN_DISK_OK + 1)
#define HOST_PART_DRIFT ((unsigned)SCN_DISK_OK + 2)
#define HOST_PART_LIFE ((unsigned)SCN_DISK_OK + 3) /* that it runs */
#define HOST_PARTS ((unsigned)SCN_DISK_OK + 4)

/* One of them. A zeroed one is not in force. */
struct host_wrong {
    bool is;
    uint64_t since_ns;
    uint32_t stmt;
};

/* Of one node; beside the hosts, as it is asked for seldom. */
struct host_wrongs {
    struct host_wrong of[HOST_WRONGS];
    uint32_t faults[HOST_PARTS]; /* by part: the firing that has it; HOST_NO_FAULT */
    bool clock;                  /* it was set to what is not true, or drifts */
};

struct host {
    struct cluster *cluster;
    struct node node;     /* all zero when it does not run */
    struct memory memory; /* of the node */
    uint32_t index;
    enum host_state state;
    bool crashed;              /* down, and not by a stop of its own */
    bool joined;               /* was not there at the start */
    bool leaves;               /* is on its way out for good */
    bool ends;                 /* it was told to stop or to leave */
    uint32_t ends_stmt;        /* by whom; valid when it ends */
    bool retries;              /* down: it could not start, and tries again */
    struct node_config config; /* of its starts */
    uint64_t starts;           /* so far */
    uint64_t epoch;            /* of what it does: what is pending from before is void */
    uint64_t pauses;           /* so far */
    uint32_t waiting_first;    /* requests that it has not seen; UINT32_MAX: none */
    uint32_t waiting_last;
    uint32_t open;  /* requests without an answer */
    uint32_t asked; /* of these, the ones that the node has been handed */
    /* What failed that it asked for: it may then refuse a client, or not know. */
    uint64_t failures, failures_before; /* so far; before the present event, or request */
    struct clock clock;
    uint32_t back_stmt;  /* who set it back so that it stood still; NET_NO_STMT: nobody */
    uint32_t drift_stmt; /* whose speed it has; likewise */
    uint64_t back_ns, drift_ns;
    struct disk disk;
    struct host_shown shown;
    struct durable durable; /* what it was asked and has not synced */
    uint64_t fsync_ns;
    uint64_t syncs;                   /* so far */
    bool sync_late;                   /* one ended while it was paused */
    bool bare;                        /* its next start cannot count on what was there */
    bool renamed;                     /* it has taken a new id since it began to start */
    uint32_t disk_stmts[SCN_DISK_OK]; /* by fault: whose doing it is; MET_NO_STMT */
    uint32_t *clock_stmts;            /* what was done to its clock since it ran; owned */
    uint32_t clock_stmts_len, clock_stmts_cap;
    bool is_log_short;    /* its next start may find a log that looks whole, and is not */
    dc_name leaves_id;    /* others know more under it; DC_NAME_NONE */
    uint64_t moves_base;  /* what came along from there is in each base from this segment on */
    dc_name foreseen;     /* drawn for the time when others know more; DC_NAME_NONE */
    uint64_t lost_before; /* disks_lost, when it was told to leave */
    uint64_t lost_last;   /* disks_lost, when it lost its disk last, with this one; 0: never */
    dc_name heir;         /* of one that left: who told it that all is there; DC_NAME_NONE */
    bool lost;            /* its disk, or something of it, at least once */
    uint64_t start_key;   /* root of the keys of its ticks */
    uint64_t draws;       /* env->random calls in the present event */
    uint64_t drawn;       /* by the last of them */
    dc_name *peers;       /* its own initial list; NULL: the shared one */
    uint32_t frames[4];   /* by message kind: the last one encoded */
    uint64_t versions[4];
    struct asking asking;
    struct conduct conduct;
    struct leaving leaving;     /* in this life */
    struct logbook book;        /* of what it writes */
    uint32_t unwritten_stmt;    /* why the last message that was encoded has no frame */
    struct hearing_seen seen;   /* since it was handed the last message */
    struct node_deadline armed; /* what the pending tick is for */
    uint64_t generation;        /* of that tick */
    struct inbox_item *inbox;   /* a ring; owned */
    uint32_t inbox_len, inbox_cap, inbox_at;
    uint64_t inbox_max;
    uint64_t service_ns;
    bool touched; /* has a part in the present event */
    bool changed; /* its state, in the present event */
    struct host_stats stats;
};

struct cluster_stats {
    uint64_t sent, delivered, dropped, pushes;
    uint64_t lost[NET_FATES]; /* those dropped, by what took them */
    uint64_t unwritten;       /* messages that were never sent, as no frame could be made */
    uint64_t bytes;           /* plain frames sent */
    uint64_t wire_bytes;      /* as compressed; depends on the zstd version */
    /* Forged frames, which are in none of these: so many, how many of them a node saw, and lost. */
    uint64_t forged, forged_seen, forged_lost;
    uint64_t answers[ENV_UNKNOWN + 1]; /* to clients, by enum env_answer */
};

/* A request of a client that waits for its answer. */
struct cluster_request {
    uint64_t amount;
    uint64_t number; /* among those that the node was handed; DURABLE_NEVER */
    uint32_t node;
    uint32_t stmt; /* whose clients ask */
    dc_name id;    /* under which it is counted */
    uint32_t side;
    uint32_t turn; /* of its slot: which request it is */
    uint32_t next; /* of the free ones, or of those that a node has not seen */
    bool open;
};

/* How many nodes are in a condition, for "A while B". */
struct cluster_tally {
    uint32_t crashed, restarted, paused, joined, left;
};

/*
 * Told what becomes of each message: when it is sent, and again when it is
 * held or lost on the way; and of each request: when a client asks, and when it
 * is answered, perhaps in the same event. Only looks; for diagnosis.
 */
struct cluster_watch {
    /* @frame is FRAME_NONE for a message that was never sent: NET_UNWRITTEN. */
    void (*fate)(void *ctx, uint32_t from, uint32_t to, uint32_t frame, enum net_fate fate,
                 uint32_t stmt, uint64_t arrives_ns);
    void (*asked)(void *ctx, uint32_t number, const struct cluster_request *request);
    void (*answered)(void *ctx, uint32_t number, const struct cluster_request *request,
                     enum env_answer answer);
    void *ctx;
};

struct cluster {
    const struct scenario *scn;
    struct world *world;
    struct net *net;
    struct met *met; /* borrowed; by statement */
    struct oracle *oracle;
    struct checks *checks;
    struct asking_tick tick;
    struct memory shared;  /* of names and codec, on behalf of the node that acts */
    struct memory_own own; /* of zstd, and of states and frames that are kept */
    struct names names;
    struct frames frames;
    struct carried_pool shown;  /* states that hosts showed when they wrote */
    struct host *hosts;         /* owned */
    struct host_wrongs *wrongs; /* by node; owned */
    uint32_t nodes;
    dc_name *everyone; /* those that are there at the start; what "peers all" shares */
    uint32_t everyone_len;
    struct nodeset up; /* neither absent, paused, down nor left */
    struct cluster_tally tally;
    struct nodeset mortal; /* they may crash, stop, leave, or have a bad disk */
    uint64_t disks_lost;   /* so often a node lost its disk, or something of it */
    bool some_fixed;       /* there is a node that learns of nobody */
    bool some_common;      /* there is a node whose first list is of all */
    bool loses_writes;     /* some disk may lose its last writes */
    bool looks_at_disks;   /* some may */
    uint64_t open;         /* requests without an answer, of nodes that are up */
    struct cluster_request *requests;
    uint32_t requests_len, requests_cap, requests_free;
    uint64_t *send_keys; /* of the present event, to number equal ones */
    size_t send_keys_len, send_keys_cap;
    uint32_t *touched; /* nodes that had a part in the present event, each once; owned */
    size_t touched_len;
    bool ceased; /* a fault of a disk, memory or clock is over; cluster_ceased() */
    struct cluster_stats stats;
    struct delays delays;
    struct cluster_watch watch; /* what is NULL is not told */
};

/* Node i of the scenario is index i - 1, has the id and address "n<i>" and handle i - 1. */
void cluster_init(struct cluster *cluster, const struct scenario *scn, struct world *world,
                  struct net *net, struct oracle *oracle, struct checks *checks);
void cluster_release(struct cluster *cluster);

/* Starts every node but those that join later. */
void cluster_start(struct cluster *cluster);

void cluster_on_tick(struct cluster *cluster, const struct event *event);
void cluster_on_arrive(struct cluster *cluster, const struct event *event);
void cluster_on_served(struct cluster *cluster, const struct event *event);
void cluster_on_wake(struct cluster *cluster, const struct event *event);
void cluster_on_synced(struct cluster *cluster, const struct event *event);
void cluster_on_start(struct cluster *cluster, const struct event *event);

/*
 * The life of a node. Each returns whether it did something: a node that is
 * down cannot crash, one that is up cannot be restarted.
 *
 * cluster_crash: its memory is gone, clients that wait are told unknown, its
 *     inbox is lost; @lose_state: its disk too.
 * cluster_restart: also of one that stopped; not of one that left. One whose log
 *     cannot be read does not run then; its host tries again every HOST_RETRY_NS.
 * cluster_pause, cluster_resume: it stands still, and goes on with what waits.
 * cluster_join: the first start of one that was not there.
 * cluster_leave, cluster_stop: it begins to end in order, because of @stmt.
 */
bool cluster_crash(struct cluster *cluster, uint32_t node, bool lose_state);
bool cluster_restart(struct cluster *cluster, uint32_t node);
bool cluster_pause(struct cluster *cluster, uint32_t node);
bool cluster_resume(struct cluster *cluster, uint32_t node);
bool cluster_join(struct cluster *cluster, uint32_t node);
bool cluster_leave(struct cluster *cluster, uint32_t node, uint32_t stmt);
bool cluster_stop(struct cluster *cluster, uint32_t node, uint32_t stmt);

/*
 * Its clock is set, or runs at another speed, from now on, as the action of @stmt
 * says. That has met a node once it runs.
 */
void cluster_clock(struct cluster *cluster, uint32_t node, uint32_t stmt);

/* Likewise, of its memory. */
void cluster_memory(struct cluster *cluster, uint32_t node, uint32_t stmt);

/* Its disk is as the action of @stmt says, from now on. */
void cluster_disk(struct cluster *cluster, uint32_t node, uint32_t stmt);

/* What a fault that @action begins has of each of its nodes, or @action takes from others: a set
 * of HOST_PARTs, a bit for each. */
unsigned cluster_parts(const struct scn_action *action);

/*
 * The fault that @stmt began has nothing of @node any more: the node runs; or its disk, memory or
 * clock is as if what calls that off stood there. Returns false if the node cannot run yet.
 */
bool cluster_give_back(struct cluster *cluster, uint32_t node, uint32_t stmt);

/* All is quiet from now on: clocks run as they should, and disks do. */
void cluster_quiet(struct cluster *cluster);

/* Is a fault of some disk, memory or clock over since the last call? */
bool cluster_ceased(struct cluster *cluster);
/* When the first clock that stands still has caught up; DC_TIME_NEVER: none does. */
uint64_t cluster_catches_up(const struct cluster *cluster);
/* The statement of one that is in force, and began at @since_ns or later; MET_NO_STMT: none. */
uint32_t cluster_wrong(const struct cluster *cluster, uint64_t since_ns);

/* Does @node hold a state that can be read: is it up or paused? */
bool cluster_is_there(const struct cluster *cluster, uint32_t node);

/*
 * A client of @stmt asks @node for @amount operations. It has met the node when
 * that takes the request, whatever it answers.
 */
void cluster_client(struct cluster *cluster, uint32_t node, uint32_t stmt, enum dc_side side,
                    uint64_t amount);

/* @who learns of @whom. Returns false when it does not run, or is @whom. */
bool cluster_meet(struct cluster *cluster, uint32_t who, uint32_t whom);

/*
 * The frame that @order says is sent to @to, as if its node did. Whether that node
 * runs is no matter: it is somebody else who sends.
 */
struct forge_order;
void cluster_forge(struct cluster *cluster, const struct forge_order *order, uint32_t to);

/* Messages that were held arrive now, in this order; @key names the release. */
void cluster_release_flights(struct cluster *cluster, uint64_t key, const uint32_t *flights,
                             size_t len);

/*
 * The end of the event: state records and timers of the nodes in touched, whose
 * changed flags then say which of them have a new state.
 */
void cluster_event_done(struct cluster *cluster);
/* Forgets who was touched: the next event begins. */
void cluster_event_begin(struct cluster *cluster);

/* Is a node up, and do all that are hold the same state, with no request open? */
bool cluster_converged(const struct cluster *cluster);

/*
 * Counts that clients were told are done, and that nobody has any more, by what the
 * scenario did to disks, or by a node that gave up leaving: at least so many.
 */
u128 cluster_lost(const struct cluster *cluster);

/* Increments less decrements that @node holds, over the ids of @of; NULL: over all. */
i128 cluster_value(const struct cluster *cluster, uint32_t node, const struct nodeset *of);

/* Checks every whole state: at the end of a run. */
void cluster_check_all(struct cluster *cluster);

#endif
