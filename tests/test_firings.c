/* When the statements of a script fire for the last time, and after each other. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/scenario/firings.h"
#include "tests/lib_scenario.h"

#define MS UINT64_C(1000000)
#define QUIET (1000 * MS)

/* Of the last statement of @body that acts. */
static void expect_last(const char *body, uint64_t lo_ns, uint64_t hi_ns, bool is_sure)
{
    struct parsed parsed = parsed_body(body);
    struct last_firing *last = firings_last(parsed.scn.stmts, parsed.scn.stmts_len, QUIET);
    size_t at = parsed.scn.stmts_len;

    while (at > 0 && !scn_acts(&parsed.scn.stmts[at - 1]))
        at--;
    cr_assert(at > 0);
    cr_expect(last[at - 1].lo_ns == lo_ns && last[at - 1].hi_ns == hi_ns &&
                  last[at - 1].is_sure == is_sure,
              "%s: from %llu to %llu", body, (unsigned long long)last[at - 1].lo_ns,
              (unsigned long long)last[at - 1].hi_ns);
    free(last);
    parsed_release(&parsed);
}

Test(firings, of_at_and_after)
{
    expect_last("at 5ms inc n1", 5 * MS, 5 * MS, true);
    expect_last("at 5ms..9ms inc n1\n+1ms..2ms inc n1", 6 * MS, 11 * MS, true);
    expect_last("at 1000ms inc n1", QUIET, QUIET, false);
    expect_last("at 5ms inc n1\nat 3ms inc n1\n+1ms inc n1", 4 * MS, 4 * MS, true);
}

Test(firings, of_repeats)
{
    expect_last("repeat 3\n+10ms inc n1\n+5ms inc n2\nend", 45 * MS, 45 * MS, true);
    expect_last("repeat 3\n+10ms inc n1\nend\n+1ms inc n2", 31 * MS, 31 * MS, true);
    expect_last("repeat 3\n+10ms..20ms inc n1\nend", 30 * MS, 60 * MS, true);
    expect_last("repeat 2\n+1ms inc n1\nrepeat 3\n+10ms inc n1\nend\nend\n+0s inc n2", 62 * MS,
                62 * MS, true);
    expect_last("repeat 200\n+10ms inc n1\nend", 2000 * MS, 2000 * MS, false);
}

Test(firings, of_every)
{
    expect_last("every 10ms to 50ms inc n1", 40 * MS, 50 * MS - 1, true);
    expect_last("every 10ms inc n1", 990 * MS, QUIET - 1, true);
    expect_last("every 10ms from 45ms to 50ms inc n1", 45 * MS, 50 * MS - 1, true);
    expect_last("every 10ms from 1s inc n1", QUIET, QUIET - 1, false);
    expect_last("every 5ms..10ms from 1ms..2ms to 40ms..50ms inc n1", 30 * MS, 50 * MS - 1, true);
    expect_last("repeat 2\n+100ms inc n1\nevery 10ms to 50ms inc n1\nend", 240 * MS, 250 * MS - 1,
                true);
}

/* What each turn comes to after the first statement of @body that acts, and how late at least. */
static void expect_after(const char *body, size_t count, uint64_t lo_ns)
{
    struct parsed parsed = parsed_body(body);
    struct firings_since since;
    size_t first = 0, found = 0;

    while (!scn_acts(&parsed.scn.stmts[first]))
        first++;
    since = firings_after(first);
    while (firings_next(&since, parsed.scn.stmts, parsed.scn.stmts_len))
        found++;
    cr_expect(found == count && since.lo_ns == lo_ns, "%s: %zu, %llu", body, found,
              (unsigned long long)since.lo_ns);
    parsed_release(&parsed);
}

Test(firings, after_each_other)
{
    expect_after("at 5ms inc n1\n+1ms..2ms inc n1\n+3ms inc n1", 2, 4 * MS);
    expect_after("at 5ms inc n1\n+1ms inc n1\nat 9ms inc n1\n+3ms inc n1", 1, 1 * MS);
    expect_after("repeat 2\n+1ms inc n1\n+2ms inc n1\nend\n+3ms inc n1", 1, 2 * MS);
    expect_after("at 1ms inc n1\nrepeat 2\n+2ms inc n1\nend\n+3ms inc n1", 1, 7 * MS);
    expect_after("at 1ms inc n1\nevery 2ms inc n1\n+3ms inc n1", 1, 3 * MS);
}
