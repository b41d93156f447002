/*
 * The oracle against a checker that knows nothing of it: a list of requests, and
 * every subset of those that are open, one by one. Histories are drawn from seeds.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/choose.h"
#include "sim/oracle.h"
#include "tests/lib_sim.h"

#define NODES 2
#define REQUESTS_MAX 64
#define OPEN_MAX 9 /* the checker makes 2^9 sums at most */
#define SUMS_MAX 512

/* ---- the checker ---- */

enum fate {
    WAITS,
    OK,
    REFUSED,
    UNKNOWN,
};

struct request {
    uint32_t node;
    int side;
    uint64_t amount;
    enum fate fate;
    bool covered;
};

struct history {
    struct request list[REQUESTS_MAX];
    size_t len;
};

static int number_compare(const void *left, const void *right)
{
    long long a = *(const long long *)left, b = *(const long long *)right;

    return a < b ? -1 : a > b;
}

/* Whose requests count: a bit for each node and side, and only covered ones? */
struct scope {
    unsigned halves;
    bool covered;
};

static bool counts(const struct request *it, struct scope scope)
{
    return scope.halves >> (2 * it->node + (unsigned)it->side) & 1;
}

/* All values that are possible, in order; each subset of what is open gives one. */
static size_t enumerate(const struct history *history, struct scope scope, long long *ret)
{
    long long open[REQUESTS_MAX], sure = 0;
    size_t open_len = 0, len = 0;

    for (size_t i = 0; i < history->len; i++) {
        const struct request *it = &history->list[i];
        long long amount = it->side == DC_DEC ? -(long long)it->amount : (long long)it->amount;

        if (!counts(it, scope) || it->fate == REFUSED)
            continue;
        if (it->fate == OK)
            sure += amount;
        else if (it->covered || !scope.covered)
            open[open_len++] = amount;
    }
    for (size_t subset = 0; subset < (size_t)1 << open_len; subset++) {
        long long sum = sure;

        for (size_t i = 0; i < open_len; i++)
            sum += subset >> i & 1 ? open[i] : 0;
        ret[len++] = sum;
    }
    qsort(ret, len, sizeof(*ret), number_compare);
    return len;
}

/* ---- the comparison ---- */

struct table {
    uint32_t spans_max;
    unsigned long sets, exact, agree, refused, granted, looked_at;
};

/* Numbers in, between and around the possible ones. */
static void compare(struct table *table, const struct sums *sums, const long long *possible,
                    size_t len)
{
    bool agrees = true;
    size_t at = 0;

    table->sets++;
    table->exact += sums->exact;
    for (size_t i = 0; i < len; i++) {
        for (long long number = possible[i] - 2; number <= possible[i] + 3; number++) {
            bool is, says = sums_has(sums, number);

            for (at = i > 0 ? i - 1 : 0; at > 0 && possible[at] >= number; at--)
                ;
            for (is = false; !is && at < len && possible[at] <= number; at++)
                is = possible[at] == number;
            table->looked_at++;
            table->refused += is && !says;
            table->granted += !is && says;
            agrees = agrees && is == says;
        }
    }
    agrees = agrees && sums_least(sums) == possible[0] && sums_most(sums) == possible[len - 1];
    table->agree += agrees;
    cr_expect(agrees || !sums->exact, "a set that is exact differs");
}

static void compare_all(struct table *table, const struct oracle *oracle,
                        const struct history *history)
{
    long long possible[SUMS_MAX];
    struct nodeset first;
    struct sums sums;

    for (unsigned half = 0; half < 2 * NODES; half++) {
        for (int view = ORACLE_CLIENTS; view <= ORACLE_NODE; view++) {
            struct scope scope = {1u << half, view == ORACLE_NODE};
            size_t len = enumerate(history, scope, possible);

            oracle_sums(oracle, half / 2, (enum dc_side)(half % 2), (enum oracle_view)view, &sums);
            if (half % 2 == DC_DEC) /* the checker's decrements are below 0 */
                sums_negate(&sums);
            compare(table, &sums, possible, len);
            for (size_t i = 0; i < len; i++)
                cr_expect(oracle_possible(
                    oracle, half / 2, (enum dc_side)(half % 2), (enum oracle_view)view,
                    (uint64_t)(possible[i] < 0 ? -possible[i] : possible[i])));
            sums_release(&sums);
        }
    }
    oracle_value(oracle, NULL, &sums);
    compare(table, &sums, possible, enumerate(history, (struct scope){0xF, false}, possible));
    sums_release(&sums);
    nodeset_init(&first, NODES);
    nodeset_add(&first, 0);
    oracle_value(oracle, &first, &sums);
    compare(table, &sums, possible, enumerate(history, (struct scope){0x3, false}, possible));
    sums_release(&sums);
    nodeset_release(&first);
}

/* ---- histories ---- */

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state = mix64(*state + 1);
    return *state % below;
}

static uint64_t amount_of(uint64_t *state)
{
    static const uint64_t usual[] = {1, 1, 1, 10, 100, 7};

    return draw(state, 3) > 0 ? usual[draw(state, 6)] : 1 + draw(state, 1000);
}

static size_t open_of(const struct history *history)
{
    size_t open = 0;

    for (size_t i = 0; i < history->len; i++)
        open += history->list[i].fate == WAITS || history->list[i].fate == UNKNOWN;
    return open;
}

static void ask(struct oracle *oracle, struct history *history, uint64_t *state)
{
    struct request it = {
        .node = (uint32_t)draw(state, NODES),
        .side = (int)draw(state, 2),
        .amount = amount_of(state),
    };

    it.covered = it.node == 1; /* which has no disk to wait for */
    oracle_asked(oracle, it.node, (enum dc_side)it.side, it.amount);
    history->list[history->len++] = it;
}

/* Something becomes of one request, if it still can. */
static void go_on(struct oracle *oracle, struct request *it, uint64_t *state)
{
    static const enum env_answer answers[] = {
        [OK] = ENV_OK,
        [REFUSED] = ENV_REFUSED,
        [UNKNOWN] = ENV_UNKNOWN,
    };
    enum fate fate = (enum fate)draw(state, 4);

    if (fate == WAITS && !it->covered && (it->fate == WAITS || it->fate == UNKNOWN)) {
        oracle_covered(oracle, it->node, (enum dc_side)it->side, it->amount, it->fate == WAITS);
        it->covered = true;
    } else if (fate != WAITS && it->fate == WAITS) {
        oracle_answered(oracle, it->node, (enum dc_side)it->side, it->amount, answers[fate],
                        it->covered);
        it->fate = fate;
    }
}

static void run_history(struct table *table, uint64_t seed)
{
    struct history history = {.len = 0};
    uint64_t state = mix64(seed), steps;
    struct oracle oracle;

    oracle_init(&oracle, NODES);
    oracle.spans_max = table->spans_max;
    oracle_waits(&oracle, 0);
    steps = 5 + draw(&state, 60);
    for (uint64_t i = 0; i < steps; i++) {
        if (history.len < REQUESTS_MAX && open_of(&history) < OPEN_MAX && draw(&state, 2) == 0)
            ask(&oracle, &history, &state);
        else if (history.len > 0)
            go_on(&oracle, &history.list[draw(&state, history.len)], &state);
        if (i % 7 == 6 || i == steps - 1)
            compare_all(table, &oracle, &history);
    }
    oracle_release(&oracle);
}

/*
 * With room for all sums every set is that of the checker. With less, those that are
 * said to be exact are; the others never call impossible what is possible.
 */
Test(oracle, agrees_with_every_subset_of_thousands_of_histories)
{
    static const uint32_t limits[] = {SUMS_MAX, SUMS_SPANS_MAX, 16, 4, 1};
    static const unsigned histories = 3000;

    printf("# %6s %10s %9s %9s %9s %11s %12s %12s\n", "spans", "histories", "sets", "exact",
           "agree", "numbers", "refused", "too many");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct table table = {.spans_max = limits[i]};

        for (uint64_t seed = 1; seed <= histories; seed++)
            run_history(&table, seed);
        printf("# %6u %10u %9lu %9lu %9lu %11lu %12lu %12lu\n", limits[i], histories, table.sets,
               table.exact, table.agree, table.looked_at, table.refused, table.granted);
        cr_expect(table.refused == 0, "what is possible was called impossible");
        cr_expect(table.agree >= table.exact);
        cr_expect(i > 0 || table.agree == table.sets, "a set of all sums differs");
        cr_expect(i == 0 || table.exact < table.sets, "no set ever became a range");
    }
}

/* ---- whole runs ---- */

static void on_asked(void *ctx, uint32_t number, const struct cluster_request *request)
{
    struct history *history = ctx;

    (void)number;
    cr_assert(history->len < REQUESTS_MAX);
    history->list[history->len++] = (struct request){
        .node = request->node,
        .side = (int)request->side,
        .amount = request->amount,
        .covered = true,
    };
}

static void on_answered(void *ctx, uint32_t number, const struct cluster_request *request,
                        enum env_answer answer)
{
    struct history *history = ctx;

    (void)number;
    for (size_t i = 0; i < history->len; i++) {
        struct request *it = &history->list[i];

        if (it->fate != WAITS || it->node != request->node || it->side != (int)request->side ||
            it->amount != request->amount)
            continue;
        it->fate = answer == ENV_OK ? OK : answer == ENV_REFUSED ? REFUSED : UNKNOWN;
        return;
    }
    cr_assert(false, "an answer without a request");
}

/* Clients of two nodes, whose syncs fail, whose disks are full, and who crash and stand still. */
static void write_story(char *text, size_t size, uint64_t seed)
{
    static const char *const faults[] = {"disk %s syncfail 60%%", "disk %s ok",
                                         "crash %s for 200ms", "pause %s for 150ms",
                                         "disk %s full"};
    uint64_t state = mix64(seed);
    int len = snprintf(text, size, "scn 1\nnodes 2\nnode all sync 50ms fsync 20ms\n");

    for (unsigned i = 0; i < 12; i++) {
        uint64_t at = 100 * i + draw(&state, 90);
        const char *node = draw(&state, 2) == 0 ? "n1" : "n2";

        len += snprintf(text + len, size - (size_t)len, "at %llums %s %s by %llu\nat %llums ",
                        (unsigned long long)at, draw(&state, 3) > 0 ? "inc" : "dec", node,
                        (unsigned long long)amount_of(&state), (unsigned long long)at + 5);
        len += snprintf(text + len, size - (size_t)len, faults[draw(&state, 5)], node);
        len += snprintf(text + len, size - (size_t)len, "\n");
    }
    snprintf(text + len, size - (size_t)len, "quiet 2s\nstop 8s\n");
}

/* What every node shows in the end, and what the oracle makes of it, is what the checker says. */
Test(oracle, agrees_with_every_subset_of_whole_runs)
{
    unsigned long open = 0, several = 0;
    struct table table = {.spans_max = SUMS_SPANS_MAX};

    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct history history = {.len = 0};
        long long possible[1 << 12];
        char text[4096];
        struct sim_case c;
        struct sums sums;
        size_t len;
        bool found = false;

        write_story(text, sizeof(text), seed);
        sim_case_start(&c, text, seed);
        c.run.cluster.watch.asked = on_asked;
        c.run.cluster.watch.answered = on_answered;
        c.run.cluster.watch.ctx = &history;
        run_all(&c.run);
        cr_assert(c.run.outcome.verdict != VERDICT_BROKE, "seed %llu: %s", (unsigned long long)seed,
                  sim_case_verdict(&c));
        len = enumerate(&history, (struct scope){0xF, false}, possible);
        oracle_value(&c.run.oracle, NULL, &sums);
        compare(&table, &sums, possible, len);
        for (size_t i = 0; i < len; i++)
            found = found || possible[i] == (long long)cluster_value(&c.run.cluster, 0, NULL);
        cr_expect(found, "seed %llu: the value is none of the sums", (unsigned long long)seed);
        open += open_of(&history);
        several += possible[0] != possible[len - 1];
        sums_release(&sums);
        sim_case_release(&c);
    }
    printf("# 300 runs: %lu requests open in the end, %lu runs with several values, %lu sets "
           "agree, %lu exact\n",
           open, several, table.agree, table.exact);
    cr_expect(table.refused == 0 && several > 100);
    cr_expect(table.agree == table.sets);
}

/* ---- losses ---- */

static void tell(struct oracle *oracle, uint64_t amount, enum env_answer answer)
{
    dc_name id = oracle_asked(oracle, 0, DC_INC, amount);

    oracle_answered(oracle, id, DC_INC, amount, answer, true);
}

static void expect_sums(const struct oracle *oracle, enum oracle_view view, const char *expected)
{
    char text[SUMS_TEXT_MAX];
    struct sums sums;

    oracle_sums(oracle, 0, DC_INC, view, &sums);
    sums_text(text, &sums);
    cr_expect(eq(str, text, (char *)expected));
    sums_release(&sums);
}

/* Others hold durably all that was ever shown: nothing is lost with the disk. */
Test(oracle, a_disk_that_held_nothing_else_changes_nothing)
{
    struct oracle oracle;

    oracle_init(&oracle, 1);
    tell(&oracle, 1, ENV_OK);
    tell(&oracle, 100, ENV_UNKNOWN);
    tell(&oracle, 10, ENV_OK);
    oracle_shows(&oracle, 0, DC_INC, 1);
    oracle_shows(&oracle, 0, DC_INC, 11);
    oracle_lower(&oracle, 0, DC_INC, 11);
    expect_sums(&oracle, ORACLE_CLIENTS, "11 or 111");
    oracle_release(&oracle);
}

/*
 * 101 is larger than the 11 that were confirmed, and lacks 10 of them: a larger total
 * is not a later one. What is left is a range, and its step.
 */
Test(oracle, a_lost_disk_leaves_a_range)
{
    struct oracle oracle;

    oracle_init(&oracle, 1);
    tell(&oracle, 10, ENV_OK);
    tell(&oracle, 1000, ENV_UNKNOWN);
    tell(&oracle, 100, ENV_OK);
    oracle_shows(&oracle, 0, DC_INC, 10);
    oracle_shows(&oracle, 0, DC_INC, 1010);
    oracle_shows(&oracle, 0, DC_INC, 1110);
    oracle_lower(&oracle, 0, DC_INC, 1010);
    expect_sums(&oracle, ORACLE_CLIENTS, "some of 110..1110 in steps of 10");
    oracle_lower(&oracle, 0, DC_INC, 10);
    expect_sums(&oracle, ORACLE_CLIENTS, "some of 10..1110 in steps of 10");
    oracle_begins(&oracle, 0, DC_INC, 0, ORACLE_LOG_HURT);
    expect_sums(&oracle, ORACLE_NODE, "some of 0..1110 in steps of 10");
    cr_expect(oracle_leaves(&oracle, 0, DC_INC, 1010));
    cr_expect(not(oracle_leaves(&oracle, 0, DC_INC, 1011)));
    cr_expect(not(oracle_leaves(&oracle, 0, DC_INC, 1120)));
    oracle_release(&oracle);
}

/*
 * It takes a new id because of the other side: what it counted again on this one stays
 * where it is, and hides behind what others hold.
 */
Test(oracle, what_was_counted_again_under_an_id_that_is_left_may_be_lost)
{
    struct oracle oracle;

    for (uint64_t total = 7; total <= 9; total += 2) {
        oracle_init(&oracle, 2);
        tell(&oracle, 9, ENV_OK);
        oracle_shows(&oracle, 0, DC_INC, 9);
        oracle_begins(&oracle, 0, DC_INC, 5, ORACLE_LOG_SHORT);
        tell(&oracle, 2, ENV_OK);
        oracle_incarnation(&oracle, 0, 2);
        oracle_move(&oracle, 0, 2, DC_INC, total); /* 7: nobody has told it of more */
        cr_expect(eq(u64, (uint64_t)oracle_least(&oracle, 0, DC_INC), 9));
        cr_expect(eq(u64, (uint64_t)oracle_lost(&oracle), 2));
        oracle_moved(&oracle, 0);
        cr_expect(eq(u64, (uint64_t)oracle_lost(&oracle), total == 7 ? 2 : 0));
        cr_expect(eq(u64, (uint64_t)oracle_least(&oracle, 2, DC_INC), total == 7 ? 0 : 2));
        oracle_release(&oracle);
    }
}

/* Thousands of different amounts that wait: a range, and a fast one. */
Test(oracle, many_open_requests_are_a_range)
{
    struct oracle oracle;

    oracle_init(&oracle, 1);
    for (uint64_t i = 1; i <= 20000; i++)
        oracle_asked(&oracle, 0, DC_INC, 3 * i);
    for (uint64_t i = 1; i <= 20000; i++) {
        cr_assert(oracle_possible(&oracle, 0, DC_INC, ORACLE_NODE, 3 * i));
        cr_assert(not(oracle_possible(&oracle, 0, DC_INC, ORACLE_NODE, 3 * i + 1)));
    }
    expect_sums(&oracle, ORACLE_CLIENTS, "some of 0..600030000 in steps of 3");
    oracle_release(&oracle);
}

/* 2^64 - 1 at most: what was in doubt and what was ok later do not go together. */
Test(oracle, no_counter_holds_more_than_its_limit)
{
    static const struct {
        uint64_t in_doubt;
        const char *expected;
    } cases[] = {
        {UINT64_MAX - 1, "11"},
        {UINT64_MAX - 11, "11 or 18446744073709551615"},
        {UINT64_MAX - 10, "11"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[SUMS_TEXT_MAX];
        struct oracle oracle;
        struct sums sums;

        oracle_init(&oracle, 1);
        oracle_answered(&oracle, oracle_asked(&oracle, 0, DC_INC, 1), DC_INC, 1, ENV_OK, true);
        oracle_answered(&oracle, oracle_asked(&oracle, 0, DC_INC, cases[i].in_doubt), DC_INC,
                        cases[i].in_doubt, ENV_UNKNOWN, true);
        oracle_answered(&oracle, oracle_asked(&oracle, 0, DC_INC, 10), DC_INC, 10, ENV_OK, true);
        oracle_value(&oracle, NULL, &sums);
        cr_expect(strcmp(sums_text(text, &sums), cases[i].expected) == 0, "%s", text);
        cr_expect(oracle_possible(&oracle, 0, DC_INC, ORACLE_NODE, 11));
        sums_release(&sums);
        oracle_release(&oracle);
    }
}
