/* Draws that hang on a name, and the texts that they become. */
#include "sim/swarm/knob.h"

#include <inttypes.h>

#include "core/contract.h"

struct knob knob_of(struct swarm *swarm, const char *name)
{
    struct knob knob = {.swarm = swarm, .key = key_root(CAUSE_SWARM)};

    for (const char *at = name; *at; at++)
        knob.key = key_with(knob.key, (uint64_t)(unsigned char)*at);
    return knob;
}

uint64_t knob_draw(struct knob *knob, uint64_t lo, uint64_t hi)
{
    uint64_t key = key_with(knob->key, knob->draws++);

    return choose_range(&knob->swarm->choose, key, PURPOSE_CONFIG, (struct scn_range){lo, hi});
}

uint64_t knob_ms(struct knob *knob, uint64_t lo_ms, uint64_t hi_ms)
{
    uint64_t ms = knob_draw(knob, lo_ms, hi_ms);

    return ms - ms % (ms >= 1000 ? 100 : ms >= 100 ? 10 : 1);
}

bool knob_chance(struct knob *knob, unsigned percent)
{
    return knob_draw(knob, 1, 100) <= percent;
}

const char *knob_word(struct knob *knob, const char *const *words, size_t len)
{
    PRE(len > 0, "there is a word to choose");
    return words[knob_draw(knob, 0, len - 1)];
}

static const char *print_time(char *buf, size_t size, uint64_t ms)
{
    bool whole = ms > 0 && ms % 1000 == 0;

    snprintf(buf, size, "%" PRIu64 "%s", whole ? ms / 1000 : ms, whole ? "s" : "ms");
    return buf;
}

char *knob_time(char buf[static KNOB_TIME_MAX], uint64_t ms)
{
    print_time(buf, KNOB_TIME_MAX, ms);
    return buf;
}

char *knob_times(char buf[static 2 * KNOB_TIME_MAX], uint64_t lo_ms, uint64_t hi_ms)
{
    char lo[KNOB_TIME_MAX - 1], hi[KNOB_TIME_MAX - 1]; /* with the dots, two times at most */

    if (lo_ms == hi_ms)
        return knob_time(buf, lo_ms);
    snprintf(buf, 2 * (size_t)KNOB_TIME_MAX, "%s..%s", print_time(lo, sizeof(lo), lo_ms),
             print_time(hi, sizeof(hi), hi_ms));
    return buf;
}
