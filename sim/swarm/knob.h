/*
 * What a swarm scenario is drawn with. A knob is one decision with all that hangs
 * on it: "crash" with its coin, its times, its nodes. Its draws are keyed by the
 * seed, its name and their number within it; so a knob that is added, or taken
 * away, changes no other.
 */
#ifndef DC_SIM_SWARM_KNOB_H
#define DC_SIM_SWARM_KNOB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/choose.h"
#include "sim/swarm/swarm.h"

/* What the cluster is like, as far as faults have to know. Times in ms. */
struct swarm {
    struct choose choose;
    FILE *out;
    uint32_t nodes;
    uint64_t fanout;
    uint64_t sync_ms;  /* the longest of any node */
    uint64_t until_ms; /* faults and loads end, but those that last to the quiet */
    uint64_t quiet_ms; /* not before that */
    uint64_t storm_ms, storm_end_ms;
    uint64_t late_ms; /* what was sent before the quiet may arrive so long after it */
    bool peers_all;   /* nearly everybody knows everybody at the start */
    bool disks;       /* somebody has one */
    uint64_t hermits, joiners;
    unsigned coin_percent; /* of each kind of fault */
};

struct knob {
    struct swarm *swarm;
    uint64_t key;
    uint64_t draws; /* so far */
};

struct knob knob_of(struct swarm *swarm, const char *name);

/*
 * Uniform in @lo..@hi, ends included. The draws of a knob are numbered, so two of
 * them never stand among the arguments of one call: C leaves open which comes first.
 */
uint64_t knob_draw(struct knob *knob, uint64_t lo, uint64_t hi);
/* Likewise, of times in ms: no finer than a person would write, which may be below @lo by 9 %. */
uint64_t knob_ms(struct knob *knob, uint64_t lo_ms, uint64_t hi_ms);
bool knob_chance(struct knob *knob, unsigned percent);

/* One of @len words. */
const char *knob_word(struct knob *knob, const char *const *words, size_t len);

/* ---- texts ---- */

#define KNOB_TIME_MAX 40u
#define KNOB_TEXT_MAX 200u

/* "250ms", "2s" */
char *knob_time(char buf[static KNOB_TIME_MAX], uint64_t ms);

/* "100ms..400ms", or "100ms" when both are the same */
char *knob_times(char buf[static 2 * KNOB_TIME_MAX], uint64_t lo_ms, uint64_t hi_ms);

/* The faults, from the first to the last before the quiet. (faults.c) */
void swarm_faults(struct swarm *swarm);
/* Is that kind of fault in this seed? For the first comment; in the order of swarm_faults(). */
const char *swarm_fault_name(struct swarm *swarm, size_t number, bool *ret_on);

#endif
