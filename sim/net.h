/*
 * The network between the nodes: who can reach whom, how long a message takes,
 * and what takes it away. It moves handles of frames; what is in them is none
 * of its business. It pushes no events: it says what becomes of a message, and
 * the cluster acts on that.
 *
 * Cost grows with the messages sent: a link has no state of its own, but where a
 * rate or a gap needs one. Rules, partitions, holds and scripts are lists of what is
 * in force now.
 */
#ifndef DC_SIM_NET_H
#define DC_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/met.h"
#include "sim/nodeset.h"
#include "sim/scenario/scenario.h"

struct choose;

/* One way, where neither net nor link says otherwise. */
#define NET_DELAY_DEFAULT_NS UINT64_C(1000000)
/* Correlated jitter holds within one slot, and CORR% of the way from slot to slot. */
#define NET_SLOT_NS UINT64_C(10000000)
/* How far back a correlated value may reach. */
#define NET_SLOTS_BACK_MAX 4096u
/* Rules, partitions, holds and scripts in force at once, each. */
#define NET_IN_FORCE_MAX 4096u
/* Messages on their way at once. */
#define NET_FLIGHTS_MAX (UINT32_C(1) << 26)

#define NET_NO_STMT MET_NO_STMT

enum net_fate {
    NET_ON_ITS_WAY = 0,
    NET_DELIVERED,
    NET_HELD,
    NET_LOST_LOSS,
    NET_LOST_DOWN,
    NET_LOST_PARTITION,
    NET_LOST_DROP,
    NET_LOST_INBOX,   /* set by the cluster: no room at the receiver */
    NET_LOST_STOPPED, /* set by the cluster: the receiver does not run */
    NET_LOST_CODEC,   /* set by the cluster: it is not a valid frame */
    NET_LOST_QUEUE,   /* the queue in front of the link was full */
    NET_LOST_MEMORY,  /* set by the cluster: the receiver had no memory to read it */
    NET_UNWRITTEN,    /* set by the cluster: it could not be written, so it was never sent */
};
#define NET_FATES (NET_UNWRITTEN + 1)

/* Which links: every one, or those from @from to @to (and back when @both). */
struct net_scope {
    bool everywhere;
    bool both;
    struct nodeset from, to; /* owned; unused when everywhere */
};

void net_scope_release(struct net_scope *scope);
bool net_scope_has(const struct net_scope *scope, uint32_t from, uint32_t to);

/* What holds on one link now, and which statement said so (NET_NO_STMT: none). */
struct net_rule {
    enum scn_dist dist;
    bool down;
    struct scn_range delay;
    uint64_t jitter_ns, corr_ppb;
    uint64_t loss_ppb, dup_ppb, corrupt_ppb, reorder_ppb;
    bool has_bursts;
    struct scn_bursts bursts;
    uint64_t gap;
    uint64_t rate_bits, queue_bytes; /* 0: no limit */
    uint32_t delay_stmt, loss_stmt, down_stmt, dup_stmt, corrupt_stmt, reorder_stmt, rate_stmt;
};

/* What the ranges in rules came to in one firing. */
struct net_drawn {
    uint64_t loss_ppb, dup_ppb, corrupt_ppb, reorder_ppb;
};

struct net_layer {
    struct net_scope scope;
    unsigned set; /* enum scn_rule_key */
    struct net_rule rule;
    uint32_t stmt;
    uint32_t fault; /* which firing laid it; NET_NO_FAULT for the file's own */
    /* As net_rules_look() found it: does it make a difference, since when, and on which link? */
    bool temporary; /* it will be taken away */
    bool seen, off;
    uint32_t off_from, off_to;
    uint64_t off_ns;
};

#define NET_NO_FAULT UINT32_MAX

enum net_cut_kind {
    NET_CUT_SIDES,
    NET_CUT_ONE_WAY,
    NET_CUT_RING
};

struct net_cut {
    enum net_cut_kind kind;
    int32_t *side; /* SIDES: by node, -1 keeps all its links; owned */
    struct net_scope one_way;
    uint32_t stmt;
    uint32_t fault;
};

struct net_hold {
    struct net_scope scope;
    struct net_scope *released; /* links let go before the hold ended; owned */
    size_t released_len, released_cap;
    uint32_t *flights; /* waiting; owned */
    size_t len, cap;
    bool over; /* all links were let go */
    uint32_t stmt;
    uint32_t fault;
};

enum net_deed {
    NET_DEED_DROP,
    NET_DEED_DELAY,
    NET_DEED_DUP,
    NET_DEED_CORRUPT,
};

struct net_script {
    struct net_scope scope;
    enum net_deed deed;
    bool by_count;     /* next N, else until the fault ends */
    uint64_t left;     /* by_count */
    uint64_t delay_ns; /* added */
    uint32_t stmt;
    uint32_t fault;
};

/* A link that has a history: found by its ends, never walked. */
struct net_link {
    uint32_t from, to;  /* equal: the slot is free */
    uint64_t since;     /* messages since the last that was reordered */
    uint64_t busy_ns;   /* until what was sent is on the wire */
    uint64_t rate_bits; /* with which that was computed */
};

struct net_flight {
    uint64_t key; /* of this copy */
    uint64_t sent_ns;
    uint64_t number; /* order of sending */
    uint32_t from, to;
    uint32_t frame; /* the cluster's handle */
    uint32_t next_free;
    bool corrupted;        /* one bit of it is flipped */
    uint32_t corrupt_stmt; /* whose doing that is */
};

struct net {
    struct choose *choose; /* borrowed */
    uint32_t nodes;
    struct met *met; /* borrowed; by statement */
    bool uniform;    /* the same rule on every link: plain */
    struct net_rule plain;
    struct net_layer *layers; /* the file's own first, then in order of firing */
    size_t layers_len, layers_cap;
    size_t layers_base; /* how many are the file's own */
    bool looked;        /* net_rules_look() was called since they changed */
    bool ceased;        /* since then a layer that made a difference was taken away */
    bool uncovered;     /* since then what lies under others may show again */
    size_t looked_len;  /* layers before it were there then */
    struct net_cut *cuts;
    size_t cuts_len, cuts_cap;
    struct net_hold *holds;
    size_t holds_len, holds_cap;
    struct net_script *scripts;
    size_t scripts_len, scripts_cap;
    struct net_flight *flights;
    uint32_t flights_len, flights_cap, flights_free; /* free list, UINT32_MAX ends it */
    uint32_t in_flight;
    uint64_t sent;                  /* numbers flights */
    uint64_t duplicated, corrupted; /* copies, so far */
    struct net_link *links;         /* open addressing; owned */
    uint32_t links_len, links_cap;
};

/* @choose and @met (one for each statement) outlive the net. */
void net_init(struct net *net, struct choose *choose, uint32_t nodes, struct met *met);
void net_release(struct net *net);

/*
 * Faults. Each takes over @scope (also on failure) and is known by @fault, the
 * number of its firing. All return 0, or -1 when NET_IN_FORCE_MAX is reached.
 *
 * net_lay: rules from now on, until net_end(@fault). The file's own statements
 *     are laid with NET_NO_FAULT, before all others. @drawn: what its ranges came to.
 *     @temporary: it will be taken away again.
 * net_cut_*: no message passes between different sides (@side is taken over), from
 *     @scope.from to @scope.to, or between any but neighbours by number.
 * net_hold: messages wait. net_script: does something to messages as they are sent.
 */
int net_lay(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope,
            const struct scn_rules *rules, const struct net_drawn *drawn, bool temporary);
int net_cut_sides(struct net *net, uint32_t stmt, uint32_t fault, int32_t *side);
int net_cut_one_way(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope);
int net_cut_ring(struct net *net, uint32_t stmt, uint32_t fault);
int net_hold(struct net *net, uint32_t stmt, uint32_t fault, struct net_scope *scope);
int net_script(struct net *net, const struct net_script *script);

/*
 * Ends what @fault began. Messages that a hold kept are stored in *ret_flights
 * (caller frees; in order of sending), to be delivered now. Fine when it has
 * already ended.
 */
void net_end(struct net *net, uint32_t fault, uint32_t **ret_flights, size_t *ret_len);

/* The rules are those of the file again. */
void net_rules_reset(struct net *net);

/*
 * Which layers make a difference now, to what the file says of some link (layer.off)? Returns
 * whether one has ceased to since the last call.
 */
bool net_rules_look(struct net *net, uint64_t now_ns);

/* Do rules that firing @fault laid make a difference? Others may be laid over them. */
bool net_rules_show(const struct net *net, uint32_t fault);

/*
 * "release LINK": no hold keeps the links of @scope (taken over) any longer.
 * Their messages come back as from net_end(). Returns how many holds kept some
 * of these links, or -1 when NET_IN_FORCE_MAX is reached.
 */
int net_let_go(struct net *net, struct net_scope *scope, uint32_t **ret_flights, size_t *ret_len);

/*
 * A firing that has nothing left to do and waits for its net_end(): a script
 * that has done its last, a hold whose links were all let go. NET_NO_FAULT when
 * there is none.
 */
uint32_t net_done_of_list(const struct net *net);
static inline uint32_t net_done(const struct net *net)
{
    return net->scripts_len + net->holds_len == 0 ? NET_NO_FAULT : net_done_of_list(net);
}

struct net_outcome {
    enum net_fate fate;
    uint32_t stmt;       /* which statement took or kept it, NET_NO_STMT */
    uint32_t flight;     /* ON_ITS_WAY, HELD */
    uint64_t arrives_ns; /* ON_ITS_WAY */
};

struct net_message {
    uint64_t key; /* names it */
    uint32_t from, to;
    uint32_t frame;
    uint64_t bytes; /* uncompressed: a rate is a matter of these */
};

/* A message, and a duplicate. */
#define NET_COPIES_MAX 2

/*
 * A message is sent at @now_ns. Its frame is kept while a copy is on its way or
 * held. Afterwards net_done() may have something. Returns how many copies there
 * are, each with its outcome in @ret, or -1 when NET_FLIGHTS_MAX is reached.
 */
int net_send(struct net *net, uint64_t now_ns, const struct net_message *msg,
             struct net_outcome ret[static NET_COPIES_MAX]);

/*
 * A flight would arrive now. DELIVERED and LOST_* end it (net_flight() stays
 * readable until the next net_send()); HELD keeps it.
 */
struct net_outcome net_arrive(struct net *net, uint32_t flight);

/* The key of copy @copy, from 0, of the message that @key names. */
uint64_t net_copy_key(uint64_t key, uint32_t copy);

/*
 * Is there something of @stmt in force on the link now, whether it comes to
 * act on it or another statement does? For diagnosis.
 */
bool net_concerns(const struct net *net, uint32_t stmt, uint32_t from, uint32_t to);

/*
 * Whose word holds now on the link, of what @rules speak of: the first of them
 * that another statement than @stmt has; NET_NO_STMT: nobody's. For diagnosis.
 */
uint32_t net_word_of_other(const struct net *net, const struct scn_rules *rules, uint32_t stmt,
                           uint32_t from, uint32_t to);

static inline void net_prefetch(const struct net *net, uint32_t flight)
{
    __builtin_prefetch(&net->flights[flight]);
}

static inline const struct net_flight *net_flight(const struct net *net, uint32_t flight)
{
    return &net->flights[flight];
}

/* Can a message pass from @from to @to now, whatever loss does? For tests and reports. */
bool net_reaches(const struct net *net, uint32_t from, uint32_t to);

/* "lost (loss)", "held", ...; never NULL. */
const char *net_fate_text(enum net_fate fate);
/* Of one that is lost, what is in those brackets. */
const char *net_loss_text(enum net_fate fate);

#endif
