/*
 * How each node of a scenario is set up: its keys and its first peers.
 */
#ifndef DC_SIM_SETUP_H
#define DC_SIM_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"
#include "sim/met.h"
#include "sim/nodeset.h"
#include "sim/scenario/scenario.h"

struct choose;

/* Where the text says nothing. */
#define SETUP_SYNC_NS UINT64_C(100000000)
#define SETUP_FULL_SYNCS 10u /* full, in syncs */
#define SETUP_FANOUT 2u
#define SETUP_INBOX 10000u

/* What the node statements come to for one node. */
struct setup {
    uint64_t sync_ns, full_ns, fanout, inbox, service_ns, peers_count;
    enum scn_peers peers;
    bool peers_fixed;
    bool disk;
    uint64_t fsync_ns;
    uint64_t segment_bytes; /* 0: as core has it */
    uint64_t clients;       /* that may wait for the disk; 0: as core has it */
    uint64_t leave_ns;      /* 0: it never gives up */
    uint64_t prefix;        /* bytes that its id begins with, at most SCN_PREFIX_MAX */
    uint64_t models;        /* how often it is held against them, at most SCN_MODELS_MAX */
};

/*
 * All node statements, in file order, over the defaults; by node index. The
 * caller frees. @met (NULL: nobody asks) hears of each node that one speaks of.
 */
struct setup *setup_of_nodes(const struct scenario *scn, struct choose *choose,
                             const struct nodeset *up, struct met *met);

/*
 * The peers that node @self of @nodes knows at the start, ascending, and behind them a node
 * that is none of them, so that a reader who goes too far is led astray; the caller frees. NULL
 * with *ret_len 0 for none, NULL with *ret_len @nodes for all.
 * @key names the node's start.
 */
dc_name *setup_peers(const struct setup *setup, struct choose *choose, uint64_t key, uint32_t self,
                     uint32_t nodes, uint32_t *ret_len);

#endif
