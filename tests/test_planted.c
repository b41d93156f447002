/*
 * Every built-in check has a fault that makes it fire: tests/plants.h. Here each is
 * seen to fire; what a person reads then is in tests/failures.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/verify.h"
#include "tests/lib_sim.h"
#include "tests/plants.h"

#define STORY                                                                                      \
    "scn 1\nnodes 3\nnet delay 5ms\nat 100ms inc n1 by 5\nat 200ms inc n2 by 3\n"                  \
    "at 300ms inc n1 by 2\nat 1s partition n1 | n2,n3 for 1s\nat 1.5s inc n1 by 2\nstop 5s\n"

/* 1 is confirmed, 100 is open for ever, and then 10 are confirmed: right are 11 and 111. */
#define OPEN                                                                                       \
    "scn 1\nnodes 2\nat 1s inc n1\nat 2s disk n1 syncfail 100%\nat 3s inc n1 by 100\n"             \
    "at 4s disk n1 ok\nat 5s inc n1 by 10\nstop 7s\n"

static void expect_planted_in(const char *story, enum plant planted, const char *verdict)
{
    struct sim_case c;

    plant = planted;
    sim_case_run(&c, story, 1);
    expect_verdict(&c, verdict);
    sim_case_release(&c);
    plant = PLANT_NONE;
}

static void expect_planted(enum plant planted, const char *verdict)
{
    expect_planted_in(STORY, planted, verdict);
}

/* Without a plant the same stories hold: the faults below are the only cause. */
Test(planted, without_a_fault_the_stories_hold)
{
    expect_planted(PLANT_NONE, "held");
    expect_planted_in(OPEN, PLANT_NONE, "held");
}

Test(planted, a_count_that_falls_is_seen)
{
    expect_planted(
        PLANT_MERGE_LOWERS,
        "broke check: check 'fall': n2: increments of n1 fell | expected at least 5, found 4");
}

Test(planted, a_change_that_is_not_reported_is_seen)
{
    expect_planted(PLANT_MERGE_FORGETS, "broke check: check 'log': n");
}

Test(planted, a_count_that_nobody_asked_for_is_seen)
{
    expect_planted(PLANT_MERGE_INVENTS, "broke check: check 'invented': n");
}

#define FORGED "scn 1\nnodes 2\nevery 10ms from 1s to 2s forge short n1 -> n2\nstop 3s\n"

Test(planted, what_must_not_be_written_is_asked_for)
{
    expect_planted(PLANT_ENCODE_TAKES_ALL,
                   "broke check: check 'frame': n1 writes a frame that it would not read");
}

/* Some of it is drawn: in so many seeds each question is asked. */
#define SEEDS 400

static void expect_refusal(enum plant planted, const char *verdict)
{
    plant = planted;
    expect_verdict_in_seeds(STORY, SEEDS, verdict);
    plant = PLANT_NONE;
}

/* What core owes its callers, and no right node asks for. */
Test(planted, what_core_owes_its_callers_is_asked_for)
{
    expect_refusal(PLANT_ENCODE_PADS, "broke check: check 'frame': n1 writes a frame of another "
                                      "length than it says | expected ");
    expect_refusal(PLANT_NAMES_CUT,
                   "broke check: check 'frame': n1 knows no limit of a name | expected ");
    expect_refusal(PLANT_DRAWS_OTHER, "broke check: check 'frame': n1 draws another number than "
                                      "its bits are for | expected ");
    expect_refusal(PLANT_WORDS_ALIKE, "broke check: check 'frame': n1 has one word for two things, "
                                      "or none");
    expect_refusal(PLANT_WORDS_NONE, "broke check: check 'frame': n1 has one word for two things");
    expect_refusal(PLANT_KINDS_ALIKE, "broke check: check 'frame': n1 has one word for two things");
    expect_refusal(PLANT_TELLS_ALL, "broke check: check 'frame': n1 tells a farewell that nobody "
                                    "can read, or does not tell it | expected 0, found 1");
    expect_refusal(PLANT_PLACE_WHOLE, "broke check: check 'frame': n1 says of a broken contract "
                                      "where it was built");
}

#define FULL                                                                                       \
    "scn 1\nnodes 2\nnode fsync 50ms clients 3\nat 100ms inc n1 x5\nat 1s inc n1 x3\nstop 5s\n"

/* A limit is exact, from both sides. */
Test(planted, a_limit_of_clients_that_is_not_kept_is_seen)
{
    expect_planted_in(FULL, PLANT_NONE, "held");
    expect_planted_in(FULL, PLANT_ASK_EARLY,
                      "broke check: check 'answer': n1 refuses a client, and nothing has failed | "
                      "expected ok, found refused");
    expect_planted_in(FULL, PLANT_ASK_LATE,
                      "broke check: check 'limit': n1: the number of clients that wait");
}

Test(planted, a_long_frame_that_is_not_compressed_is_seen)
{
    static const char many[] = "scn 1\nnodes 100\nnode sync 50ms\nat 1s inc all\nstop 3s\n";

    expect_planted_in(many, PLANT_NONE, "held");
    expect_planted_in(many, PLANT_ENCODE_PLAIN,
                      "broke check: check 'frame': n82 sent a frame of another form than due");
}

Test(planted, what_a_refused_frame_leaves_behind_is_seen)
{
    expect_planted_in(FORGED, PLANT_NONE, "held");
    expect_planted_in(FORGED, PLANT_DECODE_KEEPS,
                      "broke check: check 'frame': n2 refuses a strange frame of n1, and keeps "
                      "part of it");
}

Test(planted, an_ok_that_was_not_counted_is_seen)
{
    expect_planted(PLANT_ADD_FORGETS,
                   "broke check: check 'ok': n1 lacks increments of its own that clients were told "
                   "are done | expected 5, found 0");
}

/* The 100 that are open do not stand for the 10 that were confirmed. */
Test(planted, an_ok_that_is_lost_behind_an_open_request_is_seen)
{
    expect_planted_in(
        OPEN, PLANT_ADD_MIXES,
        "broke check: check 'ok': n1 shows increments of its own that do not fit what "
        "clients were told | expected 11 or 111, found 101");
}

/* Between what is confirmed and what was asked for, and yet no sum of it. */
Test(planted, a_count_that_is_no_sum_is_seen_when_it_is_shown)
{
    expect_planted_in(
        OPEN, PLANT_ADD_MISCOUNTS,
        "broke check: check 'invented': n1 shows increments of n1 that are no sum of what "
        "clients asked for | expected 1, 11, 101 or 111, found 61");
}

/* Shown at the write already: no sync has ended, or will ever be asked. */
Test(planted, a_count_that_is_not_durable_is_seen_when_it_is_shown)
{
    expect_planted(PLANT_ASK_SHOWS,
                   "broke check: check 'durable': n1 shows increments of n1 that no sync has "
                   "covered | expected 0, found 5");
}

Test(planted, an_ok_that_is_not_durable_is_seen)
{
    expect_planted(PLANT_ASK_CONFIRMS,
                   "broke check: check 'durable': n1 told a client ok before a sync had covered "
                   "what it asked | expected a sync that began when it was written, found none");
}

Test(planted, a_client_that_is_answered_twice_is_seen)
{
    expect_planted(PLANT_SYNC_CONFIRMS,
                   "broke check: check 'answer': n1 answered a client twice | expected 1 answer "
                   "to a request, found 2");
}

/* Nothing that the node asked for has failed, so there is no reason. */
Test(planted, a_client_that_is_refused_without_a_reason_is_seen)
{
    expect_planted(PLANT_ASK_REFUSES, "broke check: check 'answer': n1 refuses a client, and "
                                      "nothing has failed | expected ok, found refused");
}

Test(planted, a_doubt_without_a_reason_is_seen)
{
    expect_planted(PLANT_SYNC_DOUBTS,
                   "broke check: check 'answer': n1 tells a client that it does not know, and "
                   "nothing has failed | expected ok, found unknown");
}

Test(planted, a_client_that_never_hears_is_seen)
{
    expect_planted(PLANT_ASK_SILENT,
                   "broke check: check 'answer': n1 lets a client wait for nothing | expected an "
                   "answer or a sync, found neither");
}

/* Nobody has more of its counts than it has itself. */
Test(planted, a_new_id_without_a_reason_is_seen)
{
    expect_planted(PLANT_OWN_DOUBTS,
                   "broke check: check 'fall': n1 takes a new id, and nobody knows more of its "
                   "counts | expected it to keep its id, found that it says that counts were lost");
}

Test(planted, an_answer_for_nobody_is_seen)
{
    expect_planted(PLANT_SYNC_TELLS_ALL,
                   "broke check: check 'answer': n1 answered a client that never asked | expected "
                   "a request of its own that waits, found none");
}

Test(planted, two_states_with_one_digest_are_seen)
{
    expect_planted(PLANT_DIGEST_CONSTANT, "broke check: check 'digest': n1 gives a digest that "
                                          "another state has: 0000000000000007");
}

/* All agree, and no other implementation would. */
Test(planted, a_digest_of_another_form_is_seen)
{
    expect_planted(PLANT_DIGEST_OTHER, "broke check: check 'digest': n1 gives a digest that its "
                                       "state does not have");
}

Test(planted, a_frame_that_cannot_be_read_is_seen)
{
    expect_planted(PLANT_ENCODE_FLIPS,
                   "broke check: check 'frame': n1 sent a frame that cannot be read");
}

Test(planted, a_frame_that_decodes_to_something_else_is_seen)
{
    expect_planted(PLANT_DECODE_CHANGES,
                   "broke check: check 'frame': n1 sent a frame that decodes to another state");
}

Test(planted, a_frame_that_says_something_else_is_seen)
{
    expect_planted(PLANT_DECODE_MISHEARS,
                   "broke check: check 'frame': n2 sent a frame that says something else");
}

/* A frame that is taken though bytes stand behind it, and one that is refused for what is not so.
 */
Test(planted, a_forged_frame_that_is_not_refused_as_it_has_to_be_is_seen)
{
    static const struct {
        enum plant plant;
        const char *verdict;
    } cases[] = {
        {PLANT_DECODE_TRAILING, "broke check: check 'forged': n2 is taken in by a forged frame of "
                                "n1: bytes behind the message | expected not a well-formed "
                                "message, found a message"},
        {PLANT_DECODE_ERROR, "broke check: check 'forged': n2 is taken in by a forged frame of n1: "
                             "bytes behind the message | expected not a well-formed message, "
                             "found message contradicts itself"},
    };

    for (size_t i = 0; i < 2; i++) {
        struct sim_case c;

        plant = cases[i].plant;
        sim_case_run(&c, STORY "at 2s forge trailing n1 -> n2\n", 1);
        expect_verdict(&c, cases[i].verdict);
        sim_case_release(&c);
        plant = PLANT_NONE;
    }
}

/* A codec that is wrong each time is found in the sample as well. */
Test(planted, a_sampled_codec_is_still_looked_at)
{
    static const enum plant plants[] = {PLANT_ENCODE_FLIPS, PLANT_DECODE_CHANGES};

    for (size_t i = 0; i < 2; i++) {
        struct sim_case c;

        plant = plants[i];
        sim_case_parse(&c, "scn 1\nnodes 3\nload 5/s even inc 100% on all to 9s\nstop 10s\n");
        c.sampled = true;
        sim_case_rerun(&c, 1);
        expect_verdict(&c, "broke check: check 'frame': n");
        sim_case_release(&c);
        plant = PLANT_NONE;
    }
}

#define CRASH "scn 1\nnodes 2\nat 100ms inc n1 by 5\nat 1s crash n1 for 1s\nstop 5s\n"

Test(planted, a_start_that_says_all_twice_is_seen)
{
    expect_planted_in(CRASH, PLANT_BEGINS_TWICE,
                      "broke check: check 'log': n1 writes what it has written before");
}

/* Nobody hears that n1 leaves: it does so for many rounds, and gives up. */
#define CUT_OFF                                                                                    \
    "scn 1\nnodes 3\nnode sync 100ms leave 5s\nat 100ms inc n1 by 5\n"                             \
    "at 2s partition n1 | n2,n3\nat 3s leave n1\nstop 10s\n"

Test(planted, a_leaver_that_does_what_is_due_in_another_round_is_seen)
{
    expect_planted_in(CUT_OFF, PLANT_NONE, "held");
    expect_planted_in(CUT_OFF, PLANT_LEAVES_LATE,
                      "broke check: check 'answer': n1 leaves, and does not hand over and ask | "
                      "expected a push and a pull to each, found others");
    expect_planted_in(CUT_OFF, PLANT_LEAVES_EARLY,
                      "broke check: check 'answer': n1 leaves, gets nowhere, and hands over and "
                      "asks at once | expected one message to each, found more");
}

Test(planted, memory_that_is_not_given_back_is_seen)
{
    expect_planted_in(CRASH, PLANT_NONE, "held");
    expect_planted_in(CRASH, PLANT_ASK_LEAKS,
                      "broke check: check 'memory': n1 has ended, and holds memory | expected 0 "
                      "bytes in use, found 10");
}

Test(planted, a_write_behind_a_block_is_seen)
{
    expect_planted_in(CRASH, PLANT_ASK_OVERRUNS,
                      "broke check: check 'memory': n1 wrote behind a block of its memory");
}

Test(planted, a_value_that_is_not_the_sum_is_seen)
{
    expect_planted(PLANT_VALUE_OFF, "broke check: check 'value': n1 gives a value of all that is "
                                    "another | expected 12, found 13");
}

Test(planted, a_pull_that_is_answered_twice_is_seen)
{
    expect_planted(PLANT_HEARS_TWICE, "broke check: check 'answer': n1 does not answer n");
}

/* Each knows one other, and all that they have comes round all the same. */
#define RING "scn 1\nnodes 4\nnode peers ring 1\nat 100ms inc n1 by 5\nquiet 1s\nstop 30s\n"

Test(planted, a_peer_that_is_never_learned_is_seen)
{
    expect_planted_in(RING, PLANT_NONE, "held");
    expect_planted_in(RING, PLANT_KNOWS_NOBODY, "broke check: check 'member': n1 does not know n");
}

#define FIXED "scn 1\nnodes 4\nnode peers ring 1 fixed\nat 100ms inc n1 by 5\nquiet 1s\nstop 30s\n"

Test(planted, a_fixed_list_that_is_told_is_seen)
{
    expect_planted_in(FIXED, PLANT_NONE, "held");
    expect_planted_in(FIXED, PLANT_LIST_TOLD,
                      "broke check: check 'member': n2 tells whom it has on a list that is fixed | "
                      "expected claims of at most 0, found ");
}

Test(planted, a_frame_that_is_too_large_is_seen)
{
    expect_planted(PLANT_ENCODE_GROWS,
                   "broke check: check 'limit': n1: a frame is past its limit | expected at most "
                   "10485760, found 10485761");
}

static volatile sig_atomic_t go_on;

static char *verify_text(struct sim_case *a, struct sim_case *b)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct report_command command = {.program = "dcsim", .file = "test.scn"};
    struct report report = {.command = &command, .scn = &a->scn, .source = &a->diags};

    cr_assert(eq(int, verify_runs(out, &report, &a->run, &b->run, &go_on), 3));
    fclose(out);
    return text;
}

static void expect_part(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "expected '%s' in:\n%s", part, text);
}

/* An event that only the second run has: both sides of the first difference are shown. */
Test(planted, an_event_that_does_not_repeat_is_shown)
{
    struct sim_case a, b;

    sim_case_start(&a, STORY, 1);
    sim_case_start(&b, STORY, 1);
    world_push_ordered(&b.run.world, 1, EVENT_TICK, 5, 2 /* n3 */, UINT64_MAX, 0);
    char *text = verify_text(&a, &b);
    expect_part(text, "unrepeatable test.scn  seed 1: two runs differ in event 4 at 0.0");
    expect_part(text, "\n    field           first             second\n");
    expect_part(text, "\n    ev              tick              tick\n");
    expect_part(text, "  0.000000001s\n");
    expect_part(text, "  n3\n");
    expect_part(text, "reproduce:  dcsim test.scn --seed 1\n");
    free(text);
    sim_case_release(&a);
    sim_case_release(&b);
}

/* A draw that differs without a trace: the second run is given another seed behind its back. */
Test(planted, a_draw_that_does_not_repeat_is_seen)
{
    struct sim_case a, b;

    sim_case_start(&a, STORY, 1);
    sim_case_start(&b, STORY, 1);
    b.run.world.choose.seed_mixed ^= 1;
    char *text = verify_text(&a, &b);
    expect_part(text, "unrepeatable test.scn  seed 1: two runs differ in event ");
    expect_part(text, "draws or verdict are not");
    free(text);
    sim_case_release(&a);
    sim_case_release(&b);
}
