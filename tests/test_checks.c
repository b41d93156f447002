/* Checks one by one, without a run around them; census and fingerprints below them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/claims.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/checks.h"
#include "sim/choose.h"

struct bench {
    struct names names;
    struct oracle oracle;
    struct checks checks;
};

static void set_up(struct bench *b)
{
    dc_name handle;

    names_init(&b->names, mem_heap());
    for (int i = 0; i < 3; i++) {
        char name[] = {'n', (char)('1' + i)};
        cr_assert(eq(int, names_intern(&b->names, name, 2, &handle), 0));
    }
    oracle_init(&b->oracle, 3);
    checks_init(&b->checks, &b->oracle, &b->names, 3);
    for (uint32_t i = 0; i < 3; i++)
        checks_up(&b->checks, i);
}

static void tear_down(struct bench *b)
{
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->names);
}

static void tell_ok(struct bench *b, uint32_t node, uint64_t amount)
{
    dc_name id = oracle_asked(&b->oracle, node, DC_INC, amount);

    oracle_answered(&b->oracle, id, DC_INC, amount, ENV_OK, true);
}

static void expect_fired(struct bench *b, const char *check, const char *part)
{
    char text[2 * CHECKS_TEXT_MAX + 4];

    cr_assert(b->checks.violation.check != NULL, "nothing fired");
    cr_assert(eq(str, (char *)b->checks.violation.check, (char *)check));
    snprintf(text, sizeof(text), "%s | %s", b->checks.violation.headline,
             b->checks.violation.label);
    cr_assert(strstr(text, part) != NULL, "%s", text);
}

/* What a client asked for may be shown, by anyone. */
Test(checks, what_was_asked_for_may_be_shown)
{
    struct bench b;
    set_up(&b);

    oracle_asked(&b.oracle, 0, DC_INC, 5);
    checks_raised(&b.checks, 0, 0, DC_INC, 0, 5);
    checks_raised(&b.checks, 2, 0, DC_INC, 0, 5);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    cr_assert(eq(u32, b.checks.census.distinct, 1)); /* both are in the middle of an event */
    checks_moved(&b.checks, 0);
    checks_moved(&b.checks, 2);
    cr_assert(eq(u32, b.checks.census.distinct, 2)); /* n1, n3 alike; n2 empty */
    tear_down(&b);
}

/* What was refused may not. */
Test(checks, what_was_refused_may_not_be_shown)
{
    struct bench b;
    set_up(&b);

    oracle_asked(&b.oracle, 0, DC_INC, 5);
    oracle_answered(&b.oracle, 0, DC_INC, 5, ENV_REFUSED, true);
    checks_raised(&b.checks, 0, 0, DC_INC, 0, 5);
    expect_fired(
        &b, "invented",
        "n1 shows increments of n1 that no client asked for | expected at most 0, found 5");
    tear_down(&b);
}

/* n1 shows 5, and then 8: others may come with either, late or early, but with nothing between. */
Test(checks, others_show_what_a_node_has_shown)
{
    struct bench b;
    set_up(&b);

    oracle_asked(&b.oracle, 0, DC_INC, 5);
    oracle_asked(&b.oracle, 0, DC_INC, 3);
    checks_raised(&b.checks, 0, 0, DC_INC, 0, 5);
    checks_raised(&b.checks, 0, 0, DC_INC, 5, 8);
    checks_raised(&b.checks, 1, 0, DC_INC, 0, 5);
    checks_raised(&b.checks, 2, 0, DC_INC, 0, 8);
    checks_raised(&b.checks, 1, 0, DC_INC, 5, 8);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_down(&b.checks, 1);
    checks_forget(&b.checks, 1);
    checks_raised(&b.checks, 1, 0, DC_INC, 0, 3);
    expect_fired(&b, "invented",
                 "n2 shows increments of n1 that it never showed itself | expected what it has "
                 "shown, at last 8, found 3");
    tear_down(&b);
}

/* Of n1 a client knows 5 and perhaps 3 more; nothing but 5 and 8 is right, before and after. */
Test(checks, a_node_shows_sums_of_what_was_asked)
{
    static const uint64_t wrong[] = {6, 7};

    for (size_t i = 0; i < 2; i++) {
        struct bench b;
        set_up(&b);

        tell_ok(&b, 0, 5);
        oracle_asked(&b.oracle, 0, DC_INC, 3);
        checks_raised(&b.checks, 0, 0, DC_INC, 0, wrong[i]);
        expect_fired(&b, "invented",
                     "n1 shows increments of n1 that are no sum of what clients asked for | "
                     "expected 5 or 8, found ");
        tear_down(&b);
    }
}

/* Likewise: 3 is what somebody asked for, and not all that is done. */
Test(checks, a_node_shows_all_that_is_done)
{
    struct bench b;
    set_up(&b);

    tell_ok(&b, 0, 5);
    oracle_asked(&b.oracle, 0, DC_INC, 3);
    checks_raised(&b.checks, 0, 0, DC_INC, 0, 3);
    expect_fired(&b, "ok",
                 "n1 shows fewer increments of n1 than clients were told are done | "
                 "expected 5 or 8, found 3");
    tear_down(&b);
}

/* What came along to a new id was asked for, and synced, under another. */
Test(checks, what_came_along_is_spoken_of_as_such)
{
    static const struct {
        uint64_t shown;
        const char *check, *words;
    } cases[] = {
        {13, "invented",
         "n1 shows more increments of n4 than belong to that id | expected at most 3, found 13"},
        {3, "durable",
         "n1 shows increments of n4 that no sync has covered under that id | expected 0, found 3"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench b;
        dc_name id;
        set_up(&b);

        cr_assert(eq(int, names_intern(&b.names, "n4", 2, &id), 0));
        oracle_waits(&b.oracle, 0);
        oracle_begins(&b.oracle, 0, DC_INC, 10, ORACLE_LOG_SHORT);
        for (int asked = 0; asked < 3; asked++)
            oracle_answered(&b.oracle, oracle_asked(&b.oracle, 0, DC_INC, 1), DC_INC, 1, ENV_OK,
                            false);
        oracle_incarnation(&b.oracle, 0, id);
        oracle_move(&b.oracle, 0, id, DC_INC, 15);
        checks_raised(&b.checks, 0, id, DC_INC, 0, cases[i].shown);
        expect_fired(&b, cases[i].check, cases[i].words);
        tear_down(&b);
    }
}

/*
 * What a start reads rises record by record: only where that ends is looked at, and
 * then it is a sum, unless the disk has lost something. Nobody else saw what came before.
 */
Test(checks, a_start_is_looked_at_when_it_has_ended)
{
    for (int kept = 0; kept < 2; kept++) {
        struct bench b;
        struct pncounter state;
        set_up(&b);

        tell_ok(&b, 0, 5);
        tell_ok(&b, 0, 3);
        pncounter_init(&state, mem_heap(), &b.names);
        pncounter_raise(&state, 0, DC_INC, 5, NULL);
        checks_starting(&b.checks, 0);
        checks_raised(&b.checks, 0, 0, DC_INC, 0, 1);
        checks_raised(&b.checks, 0, 0, DC_INC, 1, 5);
        cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
        checks_started(&b.checks, 0, &state, kept != 0);
        cr_assert(eq(int, b.checks.violation.check != NULL, kept));
        cr_assert(not(oracle_has_shown(&b.oracle, 0, DC_INC, 1)));
        cr_assert(oracle_has_shown(&b.oracle, 0, DC_INC, 5));
        pncounter_release(&state);
        tear_down(&b);
    }
}

/* An id that no node of the cluster has. */
Test(checks, a_foreign_id_is_invented)
{
    struct bench b;
    dc_name ghost;
    set_up(&b);

    names_intern(&b.names, "ghost", 5, &ghost);
    checks_raised(&b.checks, 1, ghost, DC_DEC, 0, 1);
    expect_fired(&b, "invented",
                 "n2 shows decrements of ghost, which is no node | expected only ids");
    tear_down(&b);
}

/* The limit itself is fine, one more is not. */
Test(checks, a_limit_may_be_reached_but_not_passed)
{
    struct bench b;
    set_up(&b);

    checks_limit(&b.checks, 1, "its inbox", 4, 4);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_limit(&b.checks, 1, "its inbox", 5, 4);
    expect_fired(&b, "limit", "n2: its inbox is past its limit | expected at most 4, found 5");
    tear_down(&b);
}

/* What is due and what was sent, also when that is nothing. */
Test(checks, a_pull_is_answered_as_it_has_to_be)
{
    struct bench b;
    set_up(&b);

    checks_answer(&b.checks, 1, 0, MESSAGE_ACK, MESSAGE_ACK);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_answer(&b.checks, 1, 0, MESSAGE_PUSH, (enum message_kind)0);
    expect_fired(&b, "answer",
                 "n2 does not answer n1 as it has to | expected push, found no answer");
    tear_down(&b);
}

Test(checks, what_was_heard_of_a_member_is_kept)
{
    struct bench b;
    set_up(&b);

    struct claim due = {.address = 0, .incarnation = 2, .left = true};
    struct claim found = {.address = 0, .incarnation = 1};
    checks_member(&b.checks, 1, &due, &found);
    expect_fired(&b, "member",
                 "n2 has heard of n1 what it does not keep | expected left in incarnation 2, "
                 "found alive in incarnation 1");
    tear_down(&b);
}

Test(checks, a_node_says_whom_it_came_to_know)
{
    struct bench b;
    set_up(&b);

    checks_peers(&b.checks, 1, 3, 2);
    expect_fired(&b, "member",
                 "n2 does not say whom it came to know or lost | expected 3 peers by what it "
                 "said, found 2");
    tear_down(&b);
}

Test(checks, a_new_id_is_drawn)
{
    struct bench b;
    set_up(&b);

    checks_new_id(&b.checks, 1, 1, true);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_new_id(&b.checks, 1, 1, false);
    expect_fired(&b, "fall",
                 "n2 goes on under an id that may come again | expected its name and all of what "
                 "it drew, found n2");
    tear_down(&b);
}

Test(checks, a_node_asks_as_many_as_it_has_to)
{
    struct bench b;
    set_up(&b);

    checks_asks(&b.checks, 1, "pulls to different peers", 2, 1);
    expect_fired(&b, "answer",
                 "n2 does not ask or tell its peers as it has to | expected 2 pulls to different "
                 "peers, found 1");
    tear_down(&b);
}

Test(checks, a_frame_of_another_form_says_the_same)
{
    struct checks_forged seen = {.wrong = "right, in another form than ours"};
    struct bench b;
    set_up(&b);

    checks_forged(&b.checks, 1, 0, &seen);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    seen.misread = true;
    checks_forged(&b.checks, 1, 0, &seen);
    expect_fired(&b, "forged",
                 "n2 is taken in by a forged frame of n1: right, in another form than ours | "
                 "expected what it "
                 "says, found something else");
    tear_down(&b);
}

Test(checks, a_strange_frame_is_read_to_its_end_and_no_further)
{
    struct bench b;
    set_up(&b);

    checks_unsteady(&b.checks, 1, 0);
    expect_fired(&b, "frame",
                 "n2 reads behind the end of a strange frame of n1 | expected the same whatever "
                 "lies behind it, found something else");
    tear_down(&b);
}

Test(checks, who_leaves_has_handed_over)
{
    struct bench b;
    set_up(&b);

    checks_left(&b.checks, 1, 0);
    expect_fired(&b, "member",
                 "n2 has left, and n1 has something else | expected a peer with its digest, "
                 "found another digest");
    tear_down(&b);
}

/* All that goes with a node is named; what others have as well does not go. */
Test(checks, what_leaves_with_a_node_is_named)
{
    struct bench b;
    set_up(&b);

    checks_gone(&b.checks, 1, 0, DC_INC, 5, 5);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_gone(&b.checks, 1, 0, DC_INC, 5, 3);
    checks_gone(&b.checks, 1, 0, DC_DEC, 2, 2);
    checks_gone(&b.checks, 1, 1, DC_DEC, 4, 0);
    expect_fired(&b, "ok",
                 "n2 has left with counts that clients were told are done | expected nothing to "
                 "go with it, found n1 +2, n2 -4");
    tear_down(&b);
}

/* Only the first violation is kept: what follows is often its consequence. */
Test(checks, the_first_violation_is_kept)
{
    struct bench b;
    set_up(&b);

    checks_limit(&b.checks, 0, "a", 2, 1);
    checks_raised(&b.checks, 1, 0, DC_INC, 3, 2);
    expect_fired(&b, "limit", "n1: a is past its limit | expected at most 1, found 2");
    tear_down(&b);
}

/*
 * A disk lost 3 of 5. Others hold them, so the least stays; the node itself owes
 * the 2 that are left, also after it went on under an id that it never got to
 * write down, and back.
 */
Test(checks, what_a_disk_lost_is_excused_under_its_id)
{
    struct bench b;
    struct pncounter state;
    dc_name again;
    set_up(&b);

    pncounter_init(&state, mem_heap(), &b.names);
    tell_ok(&b, 0, 2);
    tell_ok(&b, 0, 3);
    oracle_begins(&b.oracle, 0, DC_INC, 2, ORACLE_LOG_HURT);
    pncounter_raise(&state, 0, DC_INC, 2, NULL);
    checks_ok(&b.checks, 0, &state);
    cr_assert(oracle_least(&b.oracle, 0, DC_INC) == 5);
    names_intern(&b.names, "n1#1", 4, &again);
    oracle_incarnation(&b.oracle, 0, again);
    checks_ok(&b.checks, 0, &state);
    oracle_incarnation(&b.oracle, 0, 0);
    checks_ok(&b.checks, 0, &state);
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    tell_ok(&b, 0, 1);
    checks_ok(&b.checks, 0, &state);
    expect_fired(&b, "ok",
                 "n1 lacks increments of its own that clients were told are done | "
                 "expected some of 3..6, found 2");
    pncounter_release(&state);
    tear_down(&b);
}

/* A digest may come again for the same state, never for another; also after growth. */
Test(checks, a_digest_belongs_to_one_state)
{
    struct bench b;
    set_up(&b);

    for (uint64_t i = 1; i <= 5000; i++)
        checks_digest(&b.checks, 0, i << 32, (struct fingerprint){i, i});
    for (uint64_t i = 1; i <= 5000; i++)
        checks_digest(&b.checks, 1, i << 32, (struct fingerprint){i, i});
    cr_assert(eq(ptr, (void *)b.checks.violation.check, NULL));
    checks_digest(&b.checks, 2, UINT64_C(77) << 32, (struct fingerprint){78, 78});
    expect_fired(&b, "digest", "n3 gives a digest that another state has: 0000004d00000000");
    tear_down(&b);
}

/*
 * The census counts distinct members under any sequence of additions and
 * removals. Compared with a plain count over 64 possible states, a third of
 * which fall into the same few slots.
 */
Test(census, counts_what_is_there_after_any_sequence)
{
    struct census census;
    uint32_t counts[64] = {0}, members = 0;

    census_init(&census, 200);
    for (uint64_t i = 0; i < 50000; i++) {
        uint64_t bits = mix64(i);
        uint32_t which = bits & 63;
        struct fingerprint print = {.lo = which % 3 ? which : which * UINT64_C(1024), .hi = which};
        uint32_t distinct = 0;

        if (bits >> 32 & 1 && members < 200) {
            census_add(&census, print);
            counts[which]++;
            members++;
        } else if (counts[which] > 0) {
            census_remove(&census, print);
            counts[which]--;
            members--;
        }
        for (int k = 0; k < 64; k++)
            distinct += counts[k] > 0;
        cr_assert(eq(u32, census.distinct, distinct));
        cr_assert(eq(u32, census.members, members));
    }
    census_release(&census);
}

/* A fingerprint kept up half by half is the one from scratch, in any order. */
Test(fingerprint, does_not_depend_on_the_way)
{
    struct fingerprint a = {0}, b = {0};

    fingerprint_raise(&a, 1, DC_INC, 0, 3);
    fingerprint_raise(&a, 2, DC_DEC, 0, 4);
    fingerprint_raise(&a, 1, DC_INC, 3, 9);
    fingerprint_raise(&b, 2, DC_DEC, 0, 4);
    fingerprint_raise(&b, 1, DC_INC, 0, 9);
    cr_assert(fingerprint_equal(a, b));
    fingerprint_raise(&b, 1, DC_DEC, 0, 9);
    cr_assert(not(fingerprint_equal(a, b)));
}

/* The sum kept up half by half is that of the whole; no single change escapes it. */
Test(weights, the_sum_of_a_state_is_that_of_its_rises)
{
    struct weights weights = {0};
    struct pncounter state;
    struct names names;
    uint64_t sum = 0;

    names_init(&names, mem_heap());
    pncounter_init(&state, mem_heap(), &names);
    cr_assert(eq(u64, weights_sum(&weights, &state), 0));
    for (uint32_t i = 0; i < 100; i++) {
        char name[16];
        dc_name id;
        int len = snprintf(name, sizeof(name), "n%u", (i * 37) % 100);

        cr_assert(eq(int, names_intern(&names, name, (size_t)len, &id), 0));
        pncounter_raise(&state, id, (enum dc_side)(i % 2), i * i + 1, NULL);
        sum += (uint64_t)(i * i + 1) * weights_at(&weights, id, (enum dc_side)(i % 2));
        cr_assert(eq(u64, weights_sum(&weights, &state), sum));
    }
    for (uint32_t i = 0; i < state.len; i++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            state.dec[i] ^= UINT64_C(1) << bit;
            cr_assert(ne(u64, weights_sum(&weights, &state), sum));
            state.dec[i] ^= UINT64_C(1) << bit;
        }
        if (i > 0 && state.inc[i] != state.inc[i - 1]) { /* totals under each other's ids */
            uint64_t other = state.inc[i];

            state.inc[i] = state.inc[i - 1];
            state.inc[i - 1] = other;
            cr_assert(ne(u64, weights_sum(&weights, &state), sum));
            state.inc[i - 1] = state.inc[i];
            state.inc[i] = other;
        }
    }
    weights_release(&weights);
    pncounter_release(&state);
    names_release(&names);
}
