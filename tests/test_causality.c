/*
 * Randomness is causal: what has nothing to do with a change stays as it was,
 * to the last bit and in the same order.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/lib_sim.h"

/* Four nodes that know each other by name; a fifth that they do not meet stays unknown. */
#define BODY                                                                                       \
    "node peers none\nnet delay 1ms..20ms loss 5%\n"                                               \
    "at 0ns meet n1 n2..n4\nat 0ns meet n2 n1,n3,n4\nat 0ns meet n3 n1,n2,n4\n"                    \
    "at 0ns meet n4 n1..n3\n"                                                                      \
    "load 20/s poisson inc 60% dec 20% on n1..n4 from 100ms to 2s\n"                               \
    "at 1s partition n1,n2 | n3,n4 for 1s as split\n"                                              \
    "expect converged on n1..n4 at 5s\nexpect value == oracle on n1..n4 at 5s\n"                   \
    "at 6s inc n1\nexpect not converged\nexpect value > -1000\n" /* whoever else is there */

/* Does @record speak of @node (from 0), as sender, receiver or subject? */
static bool concerns(const struct record *record, uint32_t node)
{
    return record->node == node || record->peer == node;
}

static bool same(const struct record *a, const struct record *b)
{
    return a->at_ns == b->at_ns && a->key == b->key && a->a == b->a && a->b == b->b &&
           a->node == b->node && a->peer == b->peer && a->kind == b->kind && a->detail == b->detail;
}

/* The records of @c but for those of @node and of the statement with @stmt_key. */
static size_t rest(const struct sim_case *c, uint32_t node, uint64_t stmt_key, struct record *out)
{
    size_t len = 0;

    for (size_t i = 0; i < c->records_len; i++) {
        const struct record *record = &c->records[i];
        bool of_stmt = stmt_key != 0 && record->a == stmt_key &&
                       (record->kind == RECORD_EVENT || record->kind == RECORD_FAULT);
        /* the end of the added fault is an event without a node of its own */
        bool is_end = stmt_key != 0 && record->kind == RECORD_EVENT &&
                      record->detail == EVENT_FAULT_END && i + 1 < c->records_len &&
                      c->records[i + 1].a == stmt_key;

        if (!concerns(record, node) && !of_stmt && !is_end)
            out[len++] = *record;
    }
    return len;
}

static void expect_same_rest(const struct sim_case *before, const struct sim_case *after,
                             uint32_t node, uint64_t stmt_key)
{
    struct record *a = calloc(before->records_len + 1, sizeof(*a));
    struct record *b = calloc(after->records_len + 1, sizeof(*b));
    size_t a_len = rest(before, UINT32_MAX - 1, 0, a);
    size_t b_len = rest(after, node, stmt_key, b);

    cr_assert(ge(sz, a_len, 1000), "the test needs a run in which something happens");
    cr_assert(eq(sz, a_len, b_len));
    for (size_t i = 0; i < a_len; i++)
        cr_assert(same(&a[i], &b[i]), "record %zu differs", i);
    free(a);
    free(b);
}

/* A fifth node that nobody knows and that knows nobody. */
Test(causality, a_node_that_nobody_talks_to_changes_nothing)
{
    struct sim_case before, after;

    for (uint64_t seed = 1; seed <= 5; seed++) {
        sim_case_run(&before, "scn 1\nnodes 4\n" BODY "stop 6s\n", seed);
        sim_case_run(&after, "scn 1\nnodes 5\n" BODY "stop 6s\n", seed);
        expect_same_rest(&before, &after, 4 /* n5 */, 0);
        sim_case_release(&before);
        sim_case_release(&after);
    }
}

/* A partition between a node and itself, so to speak: one that no message meets. */
Test(causality, a_fault_that_touches_nothing_changes_nothing)
{
    struct sim_case before, after;

    for (uint64_t seed = 1; seed <= 5; seed++) {
        sim_case_run(&before, "scn 1\nnodes 5\n" BODY "stop 6s\n", seed);
        sim_case_run(&after,
                     "scn 1\nnodes 5\n" BODY "at 500ms partition n5 | n1..n4 for 2s\nstop 6s\n",
                     seed);
        uint64_t key = 0;
        for (size_t i = 0; i < after.scn.stmts_len; i++)
            if (strstr(after.scn.stmts[i].text, "partition n5"))
                key = after.scn.stmts[i].key;
        cr_assert(ne(u64, key, 0));
        expect_same_rest(&before, &after, UINT32_MAX - 1, key);
        sim_case_release(&before);
        sim_case_release(&after);
    }
}

/* Blank lines, comments and the place of a statement in the file are not part of a run. */
Test(causality, layout_changes_nothing)
{
    struct sim_case plain, spaced;

    sim_case_run(&plain, "scn 1\nnodes 4\n" BODY "stop 6s\n", 9);
    sim_case_run(&spaced, "scn 1   # a comment\n\n\nnodes   4\n\n" BODY "stop 6s\n", 9);
    cr_assert(eq(u64, plain.run.world.trace.hash, spaced.run.world.trace.hash));
    sim_case_release(&plain);
    sim_case_release(&spaced);
}

/* Another seed is another run; the same seed is the same one. */
Test(causality, the_seed_decides)
{
    struct sim_case a, b, other;

    sim_case_run(&a, "scn 1\nnodes 4\n" BODY "stop 6s\n", 9);
    sim_case_run(&b, "scn 1\nnodes 4\n" BODY "stop 6s\n", 9);
    sim_case_run(&other, "scn 1\nnodes 4\n" BODY "stop 6s\n", 10);
    cr_assert(eq(u64, a.run.world.trace.hash, b.run.world.trace.hash));
    cr_assert(eq(u64, a.run.world.choose.unseed, b.run.world.choose.unseed));
    cr_assert(ne(u64, a.run.world.trace.hash, other.run.world.trace.hash));
    sim_case_release(&a);
    sim_case_release(&b);
    sim_case_release(&other);
}
