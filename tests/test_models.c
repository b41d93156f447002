/*
 * Each thing that a model is held against (sim/models/models.h) can be wrong: a fault of
 * tests/plants.h for each message.
 */
#include <criterion/criterion.h>

#include "tests/lib_sim.h"
#include "tests/plants.h"

#define STORY "scn 1\nnodes 1\nnode models 1\nat 1s inc n1\nstop 2s\n"

/* Much of it is drawn: in so many seeds each question is asked. */
#define SEEDS 400

/* The fault is in the models only, and not in the run that follows. */
static void expect_model(enum plant planted, const char *verdict)
{
    plant_of_models = planted;
    expect_verdict_in_seeds(STORY, SEEDS, verdict);
    plant_of_models = PLANT_NONE;
}

/* Without a fault nothing is found. */
Test(models, without_a_fault_they_hold)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_case c;

        sim_case_run(&c, STORY, seed);
        expect_verdict(&c, "held");
        sim_case_release(&c);
    }
}

Test(models, names_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_NAMES_NOT_FOUND, "broke check: check 'frame': n1 does not find a name, or "
                                        "finds one that is not there | expected ");
    expect_model(PLANT_NAMES_SAME,
                 "broke check: check 'frame': n1 gives a new name another handle than the next | ");
    expect_model(PLANT_HASH_OTHER, "broke check: check 'frame': n1 hashes a name to another number "
                                   "than its key says | expected ");
    expect_model(PLANT_HASH_KEY, "broke check: check 'frame': n1 has a table of names with another "
                                 "key than it got | expected ");
    expect_model(PLANT_NAMES_TURNED, "broke check: check 'frame': n1 puts names in another order "
                                     "than that of their bytes | expected ");
}

Test(models, states_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_ADD_FORGETS, "broke check: check 'digest': n1 comes to another state than "
                                    "the sum of what was added | expected ");
    expect_model(PLANT_RAISE_ALWAYS, "broke check: check 'digest': n1 says that a total rose that "
                                     "did not, or the reverse | expected ");
    expect_model(PLANT_VALUE_OFF, "broke check: check 'value': n1 gives a state another value "
                                  "than its totals | expected ");
    expect_model(PLANT_LOCAL_VALUE_OFF, "broke check: check 'value': n1 gives one id another value "
                                        "than its totals | expected ");
    expect_model(PLANT_DIGEST_OTHER, "broke check: check 'digest': n1 makes another digest than "
                                     "that of the canonical form | expected ");
    expect_model(PLANT_COMPARE_EQUAL, "broke check: check 'digest': n1 puts two states in another "
                                      "order than their totals | expected ");
    expect_model(PLANT_COPY_NOTHING,
                 "broke check: check 'digest': n1 copies a state wrongly | expected ");
    expect_model(PLANT_RESERVE_NOTHING, "broke check: check 'digest': n1 has no room for an entry "
                                        "that it reserved | expected ");
}

Test(models, totals_and_sizes_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_EXTENTS_OFF, "broke check: check 'digest': n1 comes to a state of another "
                                    "size than what was added | expected ");
    expect_model(PLANT_ADD_OVERFLOWS, "broke check: check 'digest': n1 adds more than a total can "
                                      "be, or refuses what it can | expected ");
}

Test(models, merges_and_frames_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_MERGE_NOTHING,
                 "broke check: check 'digest': n1 says of a merge what is not so | expected ");
    expect_model(PLANT_MERGE_LOWERS, "broke check: check 'log': n1 tells of a rise that is none, "
                                     "or too late | expected ");
    expect_model(PLANT_ENCODE_MISCOUNTS, "broke check: check 'frame': n1 writes a frame of another "
                                         "length than it says | expected ");
    expect_model(PLANT_DECODE_SENDER, "broke check: check 'frame': n1 reads something else than "
                                      "it has written | expected ");
}

Test(models, logs_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_OPEN_DROPS_OTHERS, "broke check: check 'log': n1 starts with something else "
                                          "than its log says | expected ");
    expect_model(PLANT_OPEN_DOUBTS, "broke check: check 'log': n1 keeps an id that it must not "
                                    "use, or the reverse | expected ");
    expect_model(PLANT_OPEN_SILENT,
                 "broke check: check 'log': n1 says of its log what is not so | expected ");
    expect_model(PLANT_START_WRITES, "broke check: check 'log': n1 fails to start, and writes to "
                                     "its disk | expected ");
    expect_model(PLANT_OPEN_FAILS, "broke check: check 'log': n1 fails to start with a disk that "
                                   "can be read | expected ");
    expect_model(PLANT_ALWAYS_SAFE,
                 "broke check: check 'fall': n1 lacks what it said is safe | expected ");
    expect_model(PLANT_ASK_SHOWS, "broke check: check 'ok': n1 counts something else than it "
                                  "answered | expected ");
    expect_model(PLANT_SYNC_CONFIRMS, "broke check: check 'answer': n1 answers a client that does "
                                      "not wait | expected ");
    expect_model(PLANT_ASK_LEAKS, "broke check: check 'memory': n1 spoils memory that is not its "
                                  "own, or keeps some | expected ");
}

Test(models, requests_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_ASK_WRITES_MORE,
                 "broke check: check 'ok': n1 starts with own counts that were not asked for, or "
                 "lacks some | expected ");
    expect_model(PLANT_ASK_LATE, "broke check: check 'answer': n1 lets more clients wait than it "
                                 "may | expected ");
    expect_model(PLANT_OPEN_UNREAD, "broke check: check 'log': n1 says of a disk that it can be "
                                    "read, or the reverse | expected ");
    expect_model(PLANT_FLUSH_LEAVES,
                 "broke check: check 'log': n1 leaves behind what it was to write | expected ");
    expect_model(PLANT_SYNC_ANY, "broke check: check 'answer': n1 takes the answer to another sync "
                                 "| expected ");
    expect_model(PLANT_SYNC_REVERSED, "broke check: check 'log': n1 says of a sync what is not so "
                                      "| expected ");
    expect_model(PLANT_SYNC_IGNORED, "broke check: check 'answer': n1 does not answer all its "
                                     "clients | expected ");
    expect_model(PLANT_NEVER_BUSY, "broke check: check 'answer': n1 is done before it has "
                                   "answered, or the reverse | expected ");
    expect_model(PLANT_NEVER_SAFE, "broke check: check 'fall': n1 does not come to a state that is "
                                   "safe | expected ");
}

Test(models, moves_to_a_new_id_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_MOVE_STAYS, "broke check: check 'ok': n1 goes on under an id that is not "
                                   "new | expected ");
    expect_model(PLANT_MOVE_ALWAYS, "broke check: check 'ok': n1 goes on under another id without "
                                    "need | expected ");
    expect_model(PLANT_MOVE_MUTE, "broke check: check 'answer': n1 takes a new id, and lets its "
                                  "clients wait | expected ");
    expect_model(PLANT_MOVE_SILENT,
                 "broke check: check 'log': n1 says nothing of its new id | expected ");
    expect_model(PLANT_MOVE_HIDES, "broke check: check 'ok': n1 does not show what it counted "
                                   "under an id before | expected ");
}

Test(models, peers_that_are_not_those_of_the_model_are_seen)
{
    expect_model(
        PLANT_LEARN_SILENT,
        "broke check: check 'member': n1 learns whom it knows, or the reverse | expected ");
    expect_model(
        PLANT_HEAR_SILENT,
        "broke check: check 'member': n1 makes something else of a claim than it says | expected ");
    expect_model(PLANT_PEERS_SAME,
                 "broke check: check 'member': n1 has other peers than it heard of | expected ");
    expect_model(
        PLANT_PEERS_FEWER,
        "broke check: check 'member': n1 has more or fewer peers than it heard of | expected ");
    expect_model(
        PLANT_KNOWS_ALL,
        "broke check: check 'member': n1 knows somebody it should not, or the reverse | expected ");
    expect_model(PLANT_FAREWELL_NONE, "broke check: check 'member': n1 takes for its farewell what "
                                      "is none, or the reverse | expected ");
}

Test(models, what_is_told_and_who_is_picked_is_held_against_the_model)
{
    expect_model(PLANT_LEARN_NEWS,
                 "broke check: check 'member': n1 has nothing to tell, or says so | expected ");
    expect_model(PLANT_TELLS_TWICE,
                 "broke check: check 'member': n1 tells of somebody twice | expected ");
    expect_model(PLANT_TELLS_OTHER,
                 "broke check: check 'member': n1 tells of somebody what is not so | expected ");
    expect_model(PLANT_TELLS_NOT_ITSELF, "broke check: check 'member': n1 tells of itself, or of "
                                         "whom it tells, or does not | expected ");
    expect_model(PLANT_TELLS_NO_OTHERS, "broke check: check 'member': n1 never tells what it "
                                        "knows, or tells what it must not | expected ");
    expect_model(
        PLANT_PICKS_FEWER,
        "broke check: check 'member': n1 picks more peers than it should, or fewer | expected ");
    expect_model(PLANT_PICKS_TWICE,
                 "broke check: check 'member': n1 picks who is no peer, or one twice | expected ");
}

Test(models, rounds_that_are_not_those_of_the_model_are_seen)
{
    expect_model(
        PLANT_STUCK_NEVER,
        "broke check: check 'answer': n1 is stuck, or is not, against what it heard | expected ");
    expect_model(
        PLANT_ALONE_NEVER,
        "broke check: check 'answer': n1 is alone, or is not, against what it heard | expected ");
    expect_model(PLANT_DOUBTS_ALL, "broke check: check 'answer': n1 doubts others than those that "
                                   "owe it an answer | expected ");
    expect_model(PLANT_SKIPS_NONE,
                 "broke check: check 'answer': n1 skips nobody, and should | expected ");
}

Test(models, buffers_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_BUF_CUTS, "broke check: check 'memory': n1 has other bytes in a buffer than "
                                 "were written | expected ");
    expect_model(PLANT_BUF_SHORT, "broke check: check 'memory': n1 has room in a buffer for more "
                                  "than it may, or less | expected ");
    expect_model(PLANT_BUF_KEEPS, "broke check: check 'memory': n1 keeps other memory of a buffer "
                                  "than it should | expected ");
    expect_model(PLANT_EMPTY_KNOWN,
                 "broke check: check 'frame': n1 knows the empty name | expected ");
    expect_model(PLANT_EMPTY_UNKNOWN,
                 "broke check: check 'frame': n1 does not find the empty name | expected ");
}

Test(models, forms_that_are_not_those_of_the_model_are_seen)
{
    expect_model(PLANT_SKIPS_ANY, "broke check: check 'frame': n1 reads a value that is none, or "
                                  "does not read one | expected ");
    expect_model(
        PLANT_SKIPS_SHORT,
        "broke check: check 'frame': n1 reads another length of a value than it has | expected ");
    expect_model(PLANT_NUMBER_OTHER,
                 "broke check: check 'frame': n1 reads another value than was written | expected ");
    expect_model(
        PLANT_NIL_ANY,
        "broke check: check 'frame': n1 takes a nil that is none, or leaves one | expected ");
    expect_model(
        PLANT_GROWS_WIDE,
        "broke check: check 'memory': n1 has room for more clients than ever wait | expected ");
    expect_model(PLANT_GROWS_MANY, "broke check: check 'memory': n1 has room for more claims than "
                                   "there are addresses | expected ");
}
