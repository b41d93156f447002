/*
 * Draws and distributions. See sim/choose.h for why there is no stream.
 */
#include "sim/choose.h"

#include <string.h>

#include "core/contract.h"
#include "sim/wide.h"

/* ln 2 in 2^-64. */
#define LN2 UINT64_C(0xB17217F7D1CF79AB)
/* 2 / sqrt(3), one over the standard deviation of Pareto(3), in 2^-32. */
#define PARETO_SCALE INT64_C(4959401046)

void choose_init(struct choose *choose, uint64_t seed)
{
    *choose = (struct choose){.seed = seed, .seed_mixed = mix64(seed + CHOOSE_GOLDEN)};
}

static const char *const purposes[] = {
    [PURPOSE_ORDER] = "order",     [PURPOSE_NODE] = "node",       [PURPOSE_WHEN] = "when",
    [PURPOSE_SELECT] = "select",   [PURPOSE_AMOUNT] = "amount",   [PURPOSE_LOSS] = "loss",
    [PURPOSE_DELAY] = "delay",     [PURPOSE_KEEP] = "keep",       [PURPOSE_KIND] = "kind",
    [PURPOSE_CONFIG] = "config",   [PURPOSE_DISK] = "disk",       [PURPOSE_DUP] = "dup",
    [PURPOSE_CORRUPT] = "corrupt", [PURPOSE_REORDER] = "reorder", [PURPOSE_BURST] = "burst",
    [PURPOSE_MEMORY] = "memory",
};

#define PURPOSES_LEN (sizeof(purposes) / sizeof(purposes[0]))

const char *choose_purpose_text(enum purpose purpose)
{
    return purposes[purpose];
}

uint32_t choose_purpose_of_text(const char *text, size_t len)
{
    for (uint32_t i = PURPOSE_ORDER; i < PURPOSES_LEN; i++)
        if (strlen(purposes[i]) == len && memcmp(purposes[i], text, len) == 0)
            return i;
    return 0;
}

/* ---- draws ---- */

static bool is_before(const struct scn_fix *fix, uint64_t key, enum purpose purpose)
{
    return fix->key != key ? fix->key < key : fix->purpose < (uint32_t)purpose;
}

bool choose_find_fixed(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t *ret)
{
    size_t from = 0, to = choose->fixes_len;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (is_before(&choose->fixes[middle], key, purpose))
            from = middle + 1;
        else
            to = middle;
    }
    if (from == choose->fixes_len || choose->fixes[from].key != key ||
        choose->fixes[from].purpose != (uint32_t)purpose)
        return false;
    *ret = choose->fixes[from].value;
    choose_count(choose, key, *ret);
    return true;
}

uint64_t choose_bits(struct choose *choose, uint64_t key, enum purpose purpose)
{
    uint64_t value;

    if (!choose_fixed(choose, key, purpose, &value))
        value = choose_bits_of(choose, key, purpose);
    choose_tell(choose, key, purpose, value);
    return value;
}

static uint64_t below(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t bound)
{
    return (uint64_t)(((u128)choose_bits_of(choose, key, purpose) * bound) >> 64);
}

uint64_t choose_below(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t bound)
{
    uint64_t value;

    PRE(bound > 0, "nothing to choose from");
    if (!choose_fixed(choose, key, purpose, &value))
        value = below(choose, key, purpose, bound);
    else if (value >= bound)
        value = bound - 1;
    choose_tell(choose, key, purpose, value);
    return value;
}

uint64_t choose_range(struct choose *choose, uint64_t key, enum purpose purpose,
                      struct scn_range range)
{
    uint64_t span = range.hi - range.lo, value;

    PRE(range.lo <= range.hi, "a range runs upwards");
    if (span == 0)
        return range.lo;
    if (choose_fixed(choose, key, purpose, &value))
        value = value < range.lo ? range.lo : value > range.hi ? range.hi : value;
    else if (span == UINT64_MAX)
        value = choose_bits_of(choose, key, purpose);
    else
        value = range.lo + below(choose, key, purpose, span + 1);
    choose_tell(choose, key, purpose, value);
    return value;
}

bool choose_share_drawn(struct choose *choose, uint64_t key, enum purpose purpose, uint64_t ppb)
{
    uint64_t value;

    PRE(ppb <= SCN_PPB, "a share is at most the whole");
    if (ppb == SCN_PPB)
        return true;
    if (!choose_fixed(choose, key, purpose, &value))
        value = below(choose, key, purpose, SCN_PPB) < ppb;
    choose_tell(choose, key, purpose, value != 0);
    return value != 0;
}

int64_t deviate_uniform(uint64_t bits)
{
    return (int64_t)(bits >> 31) - DEVIATE_ONE;
}

static int64_t sum_of_quarters(uint64_t bits)
{
    return (int64_t)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) +
                     (bits >> 48));
}

int64_t deviate_normal(uint64_t bits)
{
    int64_t sum = sum_of_quarters(bits) + sum_of_quarters(mix64(bits + CHOOSE_GOLDEN)) +
                  sum_of_quarters(mix64(bits + 2 * CHOOSE_GOLDEN));

    /* Twelve times the mean of a 16-bit uniform, (2^16 - 1) / 2. */
    return (sum - INT64_C(6) * 0xFFFF) * (INT64_C(1) << 16);
}

uint64_t log2_inverse(uint64_t bits)
{
    uint64_t x = bits + 1;
    uint64_t log = 0;
    int shift;

    if (x == 0) /* 2^64: the logarithm of one */
        return 0;
    shift = __builtin_clzll(x);
    x <<= shift; /* now in [1, 2), as 1.63 fixed point */
    for (int i = 0; i < 32; i++) {
        u128 square = (u128)x * x;

        log <<= 1;
        if (square >> 127) {
            log |= 1;
            x = (uint64_t)(square >> 64);
        } else {
            x = (uint64_t)(square >> 63);
        }
    }
    return (UINT64_C(64) << 32) - (((uint64_t)(63 - shift) << 32) | log);
}

/* -ln((bits + 1) / 2^64) in 2^-32. */
static uint64_t ln_inverse(uint64_t bits)
{
    return (uint64_t)(((u128)log2_inverse(bits) * LN2) >> 64);
}

uint64_t deviate_exp_positive(uint64_t bits)
{
    return ln_inverse(bits);
}

int64_t deviate_exp(uint64_t bits)
{
    return (int64_t)ln_inverse(bits) - DEVIATE_ONE;
}

/* The largest r with r^3 <= @x, for x < 2^125. */
static uint64_t cube_root(u128 x)
{
    uint64_t root = 0;

    for (int bit = 41; bit >= 0; bit--) {
        uint64_t next = root | (UINT64_C(1) << bit);

        if ((u128)next * next * next <= x)
            root = next;
    }
    return root;
}

int64_t deviate_pareto(uint64_t bits)
{
    /* With u = (bits + 1) / 2^64 the variate is u^(-1/3); here in 2^-20. */
    u128 divisor = (u128)bits + 1;
    int64_t variate = (int64_t)(cube_root(((u128)1 << 124) / divisor) << 12);

    return (int64_t)(((i128)(variate - DEVIATE_ONE - DEVIATE_ONE / 2) * PARETO_SCALE) >> 32);
}

int64_t deviate_scale(uint64_t value, int64_t deviate)
{
    i128 product = (i128)value * deviate / DEVIATE_ONE;

    if (product > INT64_MAX)
        return INT64_MAX;
    if (product < INT64_MIN)
        return INT64_MIN;
    return (int64_t)product;
}
