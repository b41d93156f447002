/*
 * Why a count is missing. A run pays nothing for this: when one broke, it is
 * run again, with the same seed, up to the event in which it broke, and this
 * time every message that could have brought what is missing is watched.
 */
#ifndef DC_SIM_DIAGNOSE_H
#define DC_SIM_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/net.h"
#include "sim/run.h"

/* One half of an entry that @node lacks, and the last message that carried it there. */
struct lack {
    uint32_t node;
    uint32_t group; /* the caller's */
    dc_name id;
    enum dc_side side;
    uint64_t has; /* what the node holds of it */
    uint64_t all; /* what it could hold */
    /* Filled in by diagnose(): */
    bool carried;        /* some push to the node held more than it has */
    uint32_t from;       /* its sender */
    uint64_t sent_ns;    /* when it was sent, or lost or held on the way */
    enum net_fate fate;  /* what became of it, last */
    uint64_t arrives_ns; /* ON_ITS_WAY */
    uint32_t stmt;       /* whose doing that was, NET_NO_STMT */
};

/*
 * Repeats @run, which is over, and fills in what carried each of @lacks.
 * Returns false when the repetition came out differently: then nothing is
 * filled in, and the run does not repeat itself.
 */
bool diagnose(const struct run *run, struct lack *lacks, size_t len);

#endif
