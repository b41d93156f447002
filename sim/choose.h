/*
 * Every random decision of a run, in one place. A draw is a pure function of
 * (seed, key, purpose): there is no stream and no state, so a draw that is
 * taken away, or a new one, changes nothing but what follows from it.
 *
 * A key names a cause: which tick, which client operation, which message. It
 * never depends on the seed, so the same cause has the same key in every seed.
 *
 * Source: counter-based generators, Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011; the mixing step is the finaliser of SplitMix64,
 * Steele, Lea, Flood, OOPSLA 2014.
 */
#ifndef DC_SIM_CHOOSE_H
#define DC_SIM_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/* Rises whenever draws or trace records change their meaning. */
#define DCSIM_MODEL 3u

/* What a cause is. The root of every key. */
enum cause {
    CAUSE_TICK = 1,  /* node, start, timer, number */
    CAUSE_CLIENT,    /* statement, turn, node, number */
    CAUSE_STATEMENT, /* statement, turn */
    CAUSE_MESSAGE,   /* key of the event that sent it, kind, destination, number */
    CAUSE_COPY,      /* message, copy */
    CAUSE_SERVICE,   /* message copy that is being served */
    CAUSE_START,     /* node, start */
    CAUSE_RELEASE,   /* firing of the hold that ended */
    CAUSE_LINK,      /* from, to, slot */
    CAUSE_WAKE,      /* node, start, pause */
    CAUSE_SYNC,      /* node, number */
    CAUSE_DISK,      /* node; then what the disk counts */
    CAUSE_SWARM,     /* knob, number */
    CAUSE_FORGE,     /* firing, from, to; then what the frame draws */
    CAUSE_MEMORY,    /* node; then the number of the request */
    CAUSE_MODEL,     /* node, number; then what the models draw */
};

/* What a draw is for. */
enum purpose {
    PURPOSE_ORDER = 1, /* among events of one instant */
    PURPOSE_NODE,      /* env->random; numbered */
    PURPOSE_WHEN,      /* a time, a gap, a phase */
    PURPOSE_SELECT,    /* random(...) in a selector; numbered */
    PURPOSE_AMOUNT,    /* by, next, for, while, a drawn rule */
    PURPOSE_LOSS,
    PURPOSE_DELAY,
    PURPOSE_KEEP,   /* correlation: does this slot keep the value before? */
    PURPOSE_KIND,   /* which operation, which partition */
    PURPOSE_CONFIG, /* node keys, initial peers */
    PURPOSE_DISK,   /* what a crash leaves, what rots, which syncs fail */
    PURPOSE_DUP,
    PURPOSE_CORRUPT, /* whether, and which bit */
    PURPOSE_REORDER,
    PURPOSE_BURST,  /* how the state of a link changes in a slot; parts per billion */
    PURPOSE_MEMORY, /* which requests for it are refused */
};

/* Shown every draw; only looks. */
struct choose_watch {
    void (*drawn)(void *ctx, uint64_t key, enum purpose purpose, uint64_t value);
    void *ctx;
};

struct choose {
    uint64_t seed;
    uint64_t seed_mixed;
    uint64_t unseed; /* sum over all draws of a hash of (key, value) */
    /* Values that take the place of draws: shrinking, replaying, "fix". */
    const struct scn_fix *fixes; /* borrowed; ascending by key, then purpose */
    size_t fixes_len;
    struct choose_watch watch; /* .drawn is NULL when nobody looks */
};

void choose_init(struct choose *choose, uint64_t seed);

/* "loss", "delay", ...: as "fix" writes it. */
const char *choose_purpose_text(enum purpose purpose);
/* The purpose that is written so, or 0. */
uint32_t choose_purpose_of_text(const char *text, size_t len);

/* ---- keys ---- */

static inline uint64_t mix64(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The key of what @part distinguishes under @key. */
static inline uint64_t key_with(uint64_t key, uint64_t part)
{
    return mix64(key * UINT64_C(0xD1342543DE82EF95) + part * UINT64_C(0x9E3779B97F4A7C15) +
                 UINT64_C(0x632BE59BD9B4E019));
}

static inline uint64_t key_root(enum cause cause)
{
    return key_with(UINT64_C(0x6463736D), (uint64_t)cause);
}

/* ---- draws ---- */

#define CHOOSE_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* Each draw shows in unseed. */
static inline void choose_count(struct choose *choose, uint64_t key, uint64_t value)
{
    choose->unseed += mix64(value ^ (key * CHOOSE_GOLDEN));
}

/* 64 uniform bits. All other draws are made of this one. */
uint64_t choose_bits(struct choose *choose, uint64_t key, enum purpose purpose);

/* Uniform in 0..bound-1; @bound > 0. */
uint64_t choose_below(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t bound);

/* Uniform in lo..hi, ends included. No draw when both are equal. */
uint64_t choose_range(struct choose *choose, uint64_t key, enum purpose purpose,
                      struct scn_range range);

/* True with a chance of @ppb parts per billion. No draw for 0 and for 10^9. */
bool choose_share_drawn(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t ppb);
static inline bool choose_share(struct choose *choose, uint64_t key, enum purpose purpose,
                                uint64_t ppb)
{
    return ppb != 0 && choose_share_drawn(choose, key, purpose, ppb);
}

/*
 * For a draw that is made of bits in a way of its own: the value that was fixed
 * for it, if there is one, and else to tell what it came to. A fixed value
 * takes the place of what the draw comes to, not of its bits; one outside of the
 * bounds of the draw becomes the nearest within.
 */
static inline uint64_t choose_bits_of(struct choose *choose, uint64_t key, enum purpose purpose)
{
    uint64_t value = key_with(key ^ choose->seed_mixed, (uint64_t)purpose);

    choose_count(choose, key, value);
    return value;
}

bool choose_find_fixed(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t *ret);

static inline bool choose_fixed(struct choose *choose, uint64_t key, enum purpose purpose,
                                uint64_t *ret)
{
    return choose->fixes_len > 0 && choose_find_fixed(choose, key, purpose, ret);
}

static inline void choose_tell(const struct choose *choose, uint64_t key, enum purpose purpose,
                               uint64_t value)
{
    if (choose->watch.drawn)
        choose->watch.drawn(choose->watch.ctx, key, purpose, value);
}

/* ---- distributions: exact integer functions of 64 uniform bits ---- */

/* One part of a deviate, in 2^-32: deviate_*() return signed 31.32 fixed point. */
#define DEVIATE_ONE (INT64_C(1) << 32)

/* Uniform in [-1, 1). */
int64_t deviate_uniform(uint64_t bits);
/* Standard normal: the sum of twelve uniforms of 16 bits less 6 (Irwin-Hall), within +-6. */
int64_t deviate_normal(uint64_t bits);
/* Exp(1) - 1: mean 0, standard deviation 1, at least -1. */
int64_t deviate_exp(uint64_t bits);
/* Exp(1) itself, for the gaps of a Poisson process. */
uint64_t deviate_exp_positive(uint64_t bits);
/* Pareto of shape 3, less its mean, over its standard deviation: at least -0.577. */
int64_t deviate_pareto(uint64_t bits);

/* -log2((bits + 1) / 2^64) in 2^-32, to within one unit of the last place. */
uint64_t log2_inverse(uint64_t bits);

/* value * deviate, rounded towards zero, saturated to int64. */
int64_t deviate_scale(uint64_t value, int64_t deviate);

#endif
