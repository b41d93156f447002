/*
 * How long a cluster may take to converge once all is quiet.
 *
 * Then no client counts any more and only the file's own rules are in force, so
 * all that can be known is what the nodes hold together. The cluster has
 * converged when what each of them holds is everywhere: N rumours, which
 * sim/scenario/spread.h bounds together, such that one of them misses somebody
 * with a chance below 2^-30. What it needs is the worst that the file says of
 * any node and any link:
 *
 *   pass   that a question and its answer arrive, both in time: (1 - loss)^2
 *          times the chance that both are no later than the delay counted with.
 *          That delay is the largest there is, or one that all but 1/16, 1/256
 *          or 2^-20 of the messages keep, whichever ends sooner. With correlated
 *          jitter a link may be as late as before with the chance
 *          corr^(sync / slot), which counts as late in any case.
 *   back   twice that delay, and twice the wait in the inbox of a node with a
 *          service time s. With the load r (messages that come while it serves
 *          one) below 19/20 that is s (1 + 5 / (1 - r)), which all but e^-10 keep
 *          (a queue of Poisson arrivals). Above, it is what has piled up by the
 *          end, at most a full inbox. What may wait there when it gets quiet, after a
 *          hold or slow links, comes first.
 *   room   an inbox may be full: always from 19/20 on, by chance when it holds less
 *          than that wait. All clocks tick alike, so it may be for ever the same
 *          message that finds it full: neither who asks at fixed times nor the answer,
 *          which comes when another inbox gets to it, can be counted with. But a node
 *          is stuck then (core/stuck.h), and asks and tells at times that chance
 *          decides. What comes at such a time finds room with 9 / (10 r), the share
 *          that is served; with 1 / (1 + r) below 19/20 (Erlang's loss, for one place).
 *          So first who has what others lack must have heard of them in STUCK_HEARD
 *          rounds, STUCK_ROUNDS at least. That they are heard with that share is
 *          an assumption, tested with many seeds. Then what counts are its pushes, in
 *          half of the rounds: only one way has to pass, and nobody is skipped. In place
 *          of who asks is who is told, (1 - x)^i <= 1 - (1 - 1/e) ix. Where a node may
 *          be heard so rarely that for STUCK_REST_ROUNDS all seems well, there is no bound.
 *   disk   two syncs, as long as they may take: the one on its way, and the one that
 *          covers what was asked last. It comes first. Of nodes that leave or stop
 *          each may still be asked, to no purpose.
 *   moves  a node whose log is whole, but short, may hear last of all that others know
 *          more under its id: then what it counted since is told under a new one
 *          (core/ledger.h). So where disks are put back, cut or rot, all of it twice.
 *   burst  with losses in bursts only each k-th round counts, and begins with one that
 *          does not: whatever the link was in the one before, then the loss is at most
 *          the mean and, of what a bad slot loses more than a good one, (1 - p - r)^(k
 *          sync / slot). k is the power of 2 with which it ends soonest.
 *   more   a corrupted message counts as lost; a duplicate is one more to serve
 *   skip   peers that did not answer before are skipped at first, for DOUBTS_SKIP_MAX
 *          rounds. Later ones fail as well: that leaves them out for a share of the
 *          rounds (counted by its mean), by which less passes.
 *   who    who asks whom:
 *          all     everybody everybody (spread_all). Nodes with other peers, as
 *                  long as they are fewer than half, are found by those: until
 *                  that has happened, and then until one of them answers. Not
 *                  one that joins and knows nobody: nobody knows it either.
 *          ring    along the ring (spread_path), asked with fanout / 2k, or, when k
 *                  is large, by arcs of k + 1 that know each other (spread_all)
 *          random  N: as all, but nobody is asked by everybody: what a node that
 *                  N know and who all know 2N and more gets asked is N / (2N + 6)
 *                  of the mean. That is an assumption, tested with many seeds. A
 *                  node that nobody knows must first tell somebody of itself; of
 *                  fixed peers each must wait for the other's push.
 *          graph   other peers that the text shows, with the meet statements
 *                  before the quiet: along its longest shortest path
 *                  (spread_path), each with its largest number of peers
 *
 * Peers that are learned on the way only help: what is known at the start counts.
 * Unasked pushes (full) and what is asked for while a state is still empty only
 * help, and are not counted.
 *
 * A miss in 10^9 takes much longer than what is usual: mostly because the only
 * node that has something is not asked for a long time. Measured over 200 seeds
 * for each of 480 clusters of 2 to 30 nodes that were isolated from each other
 * before (fanout 1 to 5, loss 0 to 50 %, peers of all kinds, three distributions
 * of delays), and fewer seeds of larger ones that know each other, the bound was
 * 1.1 to 11 times the longest and 1.5 to 24 times the median; with random peers
 * up to 32 and 150 times. That was before peers were skipped, for which at least
 * 8 rounds were added: most in the smallest clusters. It is tight when nodes ask
 * all others, loose for few nodes that ask one, with great loss, and of no use
 * when one link or node is much worse than the others. tests/test_quiet.c has
 * some of these.
 */
#ifndef DC_SIM_SCENARIO_BOUND_H
#define DC_SIM_SCENARIO_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scn_quiet;
struct scn_stmt;

enum bound_peers {
    BOUND_ALL,    /* at least core nodes know all */
    BOUND_RING,   /* known: neighbours on each side */
    BOUND_RANDOM, /* known: others that each knows at the start */
    BOUND_GRAPH,  /* known: most that one knows; hops */
};

/* How late messages are at most, but for a share of them. */
enum bound_late {
    BOUND_LATE_16TH,
    BOUND_LATE_256TH,
    BOUND_LATE_MILLIONTH, /* 2^-20 */
    BOUND_LATE_NEVER,     /* 2^-40, or none */
    BOUND_LATES,
};

/* What the bound depends on; of numbers that differ, the worst over all nodes and links. */
struct bound_input {
    uint32_t nodes;
    uint64_t fanout, fanout_most;
    uint64_t sync_ns, sync_ns_least; /* at least 1 */
    uint64_t full_ns, full_ns_least;
    uint64_t delay_ns[BOUND_LATES]; /* one way */
    uint64_t corr_ppb;              /* of its jitter */
    uint64_t loss_ppb;              /* below 10^9 */
    uint64_t service_ns, inbox;
    uint64_t quiet_ns;    /* when it gets quiet */
    uint64_t waiting_ns;  /* what came in so long may all be waiting then */
    uint64_t corrupt_ppb; /* below 10^9 */
    uint64_t burst_ppb;   /* what a link loses more in a bad slot than in a good one */
    uint64_t lasting_ppb; /* how much of that is left a slot later */
    uint64_t dup_ppb;
    uint64_t disk_ns; /* until clients that wait for a disk have their answer */
    bool moves;       /* nodes may hear only then that their counts need a new id */
    uint64_t gone;    /* nodes that are no more, at most: to ask them is of no use */
    enum bound_peers peers;
    uint64_t core, known, hops;
    bool fixed; /* nobody is learned */
};

/* rounds * sync_ns + waits * back_ns + before_ns = total_ns, up to whole ms. */
struct bound {
    uint64_t rounds;    /* in which each node asks */
    uint64_t sync_ns;   /* from one to the next */
    uint64_t waits;     /* for an answer, without which further questions are of no use */
    uint64_t back_ns;   /* there and back */
    uint64_t before_ns; /* until what waits in inboxes is done; until nodes know of each other */
    uint64_t total_ns;  /* DC_TIME_NEVER when it overflows */
};

struct bound bound_of(const struct bound_input *input);

/* Are nodes asked for more than they can serve? Then there may be no bound, and that is why. */
bool bound_piles_up(const struct bound_input *input);

struct parser;

/*
 * At the end of a file with a quiet and no error: its bound, into the scenario.
 * An error when there is none, or when the stop comes before it.
 */
void bound_check(struct parser *p);

/*
 * What the file says of its nodes, as if it got quiet at @quiet_ns, and the defaults of all
 * else: the first that *ret_input is given.
 */
void bound_take_nodes(struct bound_input *ret_input, const struct parser *p, uint64_t quiet_ns);

#define BOUND_PROBLEM_MAX 200u

/*
 * Who is left, and who knows whom, at the quiet at @quiet_ns, into gone, peers, core,
 * known, hops and fixed of @input, whose nodes are set. Returns 0, or -1 when that
 * cannot be said, or when not all can hear of each other: only nodes that surely stay
 * pass on what others hold. (bound_peers.c)
 */
int bound_take_peers(struct bound_input *input, const struct scn_stmt *stmts, size_t stmts_len,
                     uint64_t quiet_ns, char reterr[static BOUND_PROBLEM_MAX]);

/*
 * The file's own rules of links into @input: the worst of them, net before link.
 * Returns why there is no bound, or NULL. (bound_rules.c)
 */
const char *bound_take_links(struct bound_input *input, const struct scn_stmt *stmts,
                             size_t stmts_len);

#endif
