/* Two sums of independent hashes of each half. */
#include "sim/fingerprint.h"

#include "core/pncounter.h"
#include "sim/choose.h"

static struct fingerprint of_half(dc_name id, enum dc_side side, uint64_t total)
{
    uint64_t half = ((uint64_t)id << 1 | (uint64_t)side) + 1;

    if (total == 0)
        return (struct fingerprint){0};
    return (struct fingerprint){
        .lo = key_with(half, total),
        .hi = mix64(mix64(half * UINT64_C(0xA24BAED4963EE407)) ^
                    (total * UINT64_C(0x9FB21C651E98DF25))),
    };
}

void fingerprint_raise(struct fingerprint *print, dc_name id, enum dc_side side, uint64_t old,
                       uint64_t now)
{
    struct fingerprint before = of_half(id, side, old);
    struct fingerprint after = of_half(id, side, now);

    print->lo += after.lo - before.lo;
    print->hi += after.hi - before.hi;
}

struct fingerprint fingerprint_of(const struct pncounter *counter)
{
    struct fingerprint sum = {0};

    for (uint32_t i = 0; i < counter->len; i++) {
        fingerprint_raise(&sum, counter->ids[i], DC_INC, 0, counter->inc[i]);
        fingerprint_raise(&sum, counter->ids[i], DC_DEC, 0, counter->dec[i]);
    }
    return sum;
}
