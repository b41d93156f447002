/* Two sums of independent hashes of each half. */
#include "sim/fingerprint.h"

#include "core/pncounter.h"
#include "sim/choose.h"

/* @total is not 0. */
static inline struct fingerprint of_half(dc_name id, enum dc_side side, uint64_t total)
{
    uint64_t half = ((uint64_t)id << 1 | (uint64_t)side) + 1;

    return (struct fingerprint){
        .lo = key_with(half, total),
        .hi = mix64(mix64(half * UINT64_C(0xA24BAED4963EE407)) ^
                    (total * UINT64_C(0x9FB21C651E98DF25))),
    };
}

static inline void add(struct fingerprint *print, struct fingerprint half)
{
    print->lo += half.lo;
    print->hi += half.hi;
}

void fingerprint_raise(struct fingerprint *print, dc_name id, enum dc_side side, uint64_t old,
                       uint64_t now)
{
    if (now > 0)
        add(print, of_half(id, side, now));
    if (old > 0) {
        struct fingerprint before = of_half(id, side, old);

        add(print, (struct fingerprint){.lo = 0 - before.lo, .hi = 0 - before.hi});
    }
}

struct fingerprint fingerprint_of(const struct pncounter *counter)
{
    struct fingerprint sum = {0};

    for (uint32_t i = 0; i < counter->len; i++) {
        if (counter->inc[i] > 0)
            add(&sum, of_half(counter->ids[i], DC_INC, counter->inc[i]));
        if (counter->dec[i] > 0)
            add(&sum, of_half(counter->ids[i], DC_DEC, counter->dec[i]));
    }
    return sum;
}
