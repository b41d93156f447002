/*
 * Marks: how they are counted and shown; and that runs which everybody has reach
 * them, but for those named here with the reason.
 */
#include "sim/marks.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/swarm/swarm.h"
#include "tests/lib_sim.h"

TestSuite(marks);

/* ---- counting ---- */

#ifndef DC_MARKS_DISABLED

Test(marks, are_counted_for_each_run_anew)
{
    struct marks run;

    (void)marks_take();
    MARK(WAL_SYNC_FAILED);
    MARK(WAL_SYNC_FAILED);
    SIM_MARK(INBOX_FULL);
    run = marks_take();
    cr_expect(eq(u64, run.times[CORE_MARK_WAL_SYNC_FAILED], 2));
    cr_expect(eq(u64, run.times[SIM_MARK_INBOX_FULL], 1));
    run = marks_take();
    cr_expect(eq(u64, run.times[CORE_MARK_WAL_SYNC_FAILED], 0));
}

#endif

Test(marks, add_up_without_going_round)
{
    struct marks_sum sum = {0};
    struct marks run = {0};

    run.times[0] = UINT64_MAX;
    run.times[1] = 3;
    marks_add(&sum, &run);
    run.times[1] = 0;
    marks_add(&sum, &run);
    cr_expect(eq(u64, sum.times[0], UINT64_MAX));
    cr_expect(eq(u64, sum.runs[0], 2));
    cr_expect(eq(u64, sum.times[1], 3));
    cr_expect(eq(u64, sum.runs[1], 1));
    cr_expect(eq(u64, sum.all_runs, 2));
    cr_expect(eq(u32, marks_reached_count(&sum), 2));
}

/* ---- showing ---- */

static void expect_printed(void (*print)(FILE *out, const struct marks_sum *sum),
                           const struct marks_sum *sum, const char *line)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    cr_assert(out != NULL);
    print(out, sum);
    cr_assert(fclose(out) == 0);
    cr_expect(strstr(text, line) != NULL, "'%s' is not in\n%s", line, text);
    free(text);
}

Test(marks, are_shown_with_those_never_reached)
{
    struct marks_sum sum = {0};
    struct marks run;

    for (unsigned mark = 0; mark < MARKS_COUNT; mark++)
        run.times[mark] = mark == CORE_MARK_WAL_UNCUT || mark == SIM_MARK_NET_DUP ? 0 : 5;
    marks_add(&sum, &run);
    expect_printed(marks_print_short, &sum, "reached; never: wal_uncut, net_dup\n");
    expect_printed(marks_print_table, &sum,
                   "wal_sync_failed                     5          1  a sync fails");
    expect_printed(marks_print_table, &sum, "wal_uncut                       never          -  a");
    run.times[CORE_MARK_WAL_UNCUT] = run.times[SIM_MARK_NET_DUP] = 1;
    marks_add(&sum, &run);
    expect_printed(marks_print_short, &sum, "reached\n");
}

Test(marks, have_names_that_fit)
{
    char name[MARKS_NAME_MAX];

    for (unsigned mark = 0; mark < MARKS_COUNT; mark++) {
        size_t len = strlen(marks_name(mark, name));

        cr_expect(len > 0 && len <= 24, "%s does not fit into its column", name);
        cr_expect(strlen(marks_text(mark)) > 0);
    }
}

/* ---- reaching ---- */

#ifndef DC_MARKS_DISABLED

/* What neither the swarm nor these scenarios reach: too large for a test, or not to be. */
static const unsigned never[] = {
    /* Of a kind that a node which works never sends; a flip seldom makes one. */
    CORE_MARK_MESSAGE_HIDES_DIGEST,
    CORE_MARK_MESSAGE_LONG_ID,
    CORE_MARK_NAMES_LONG,
    CORE_MARK_UNPACK_DEEP,
    CORE_MARK_UNPACK_LONG_MAP,
    /* Clusters of thousands of nodes, or ids of thousands of bytes. */
    CORE_MARK_COMPRESS_NO_GAIN,
    CORE_MARK_DIGEST_IN_PIECES,
    CORE_MARK_DIGEST_LONG_ID,
    CORE_MARK_DOUBTS_FULL,
    CORE_MARK_LEDGER_WAITING_FULL,
    CORE_MARK_MESSAGE_TOO_LARGE,
    CORE_MARK_NAMES_BLOCK_BACK,
    CORE_MARK_PEERS_FULL,
    /* Only a node whose disk gave its past back late hears more of itself than it knows. */
    CORE_MARK_LEDGER_OWN_LOST,
    /* In one of some hundreds of seeds. */
    CORE_MARK_PEERS_LOST_STRANGER,
    /* The simulated network brings nobody its own messages. */
    CORE_MARK_NODE_OWN_ECHO,
    /* The simulated disk always cuts and removes. */
    CORE_MARK_WAL_RETIRED,
    CORE_MARK_WAL_UNCUT,
    /* The simulator does not sweep names, and has room for more than it makes. */
    CORE_MARK_CHAIN_RESTARTED,
    CORE_MARK_CLAIM_NO_ROOM,
    CORE_MARK_MESSAGE_NO_ROOM,
    CORE_MARK_NAMES_FULL,
    CORE_MARK_NAMES_SWEPT,
};

static bool is_excused(unsigned mark)
{
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (never[i] == mark)
            return true;
    return false;
}

static void run_text(struct marks_sum *sum, const char *text, uint64_t seed)
{
    struct marks run;
    struct sim_case c;

    (void)marks_take();
    sim_case_run(&c, text, seed);
    run = marks_take();
    marks_add(sum, &run);
    sim_case_release(&c);
}

static void run_swarm(struct marks_sum *sum, uint64_t seed)
{
    struct swarm_input input = {.seed = seed, .nodes_min = 3, .nodes_max = 12};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    cr_assert(out != NULL);
    swarm_write(out, &input);
    cr_assert(fclose(out) == 0);
    run_text(sum, text, seed);
    free(text);
}

static void run_file(struct marks_sum *sum, const char *path)
{
    char *text = sim_read_file(path);

    run_text(sum, text, 1);
    free(text);
}

/* The first that is not reached, or MARKS_COUNT. */
static unsigned missing(const struct marks_sum *sum)
{
    unsigned mark = 0;

    while (mark < MARKS_COUNT && (sum->runs[mark] > 0 || is_excused(mark)))
        mark++;
    return mark;
}

Test(marks, are_reached)
{
    static const char thin_links[] = "scn 1\n"
                                     "nodes 4\n"
                                     "node sync 200ms fanout 2\n"
                                     "link all <-> all rate 2kbit queue 1KiB\n"
                                     "load 30/s poisson inc 80% dec 20% on all to 4s\n"
                                     "stop 5s\n";
    static const char *const files[] = {
        "scenarios/disk-full.scn",
        "scenarios/disk-syncfail.scn",
        "scenarios/bitrot.scn",
        "scenarios/overload.scn",
        "scenarios/links.scn",
        "scenarios/many.scn",
        "scenarios/slow-server.scn",
        "scenarios/stopping.scn",
        "scenarios/everything.scn",
        "scenarios/restore.scn",
        "scenarios/disk-lose.scn",
        "scenarios/disk-zeroed.scn",
        "scenarios/disk-readfail.scn",
        "scenarios/memory.scn",
        "scenarios/regress/leave-crash.scn",
        "scenarios/regress/leave-gives-up.scn",
    };
    struct marks_sum sum = {0};
    char name[MARKS_NAME_MAX];
    bool whole = getenv("DCSIM_MARKS") != NULL;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        run_file(&sum, files[i]);
    run_text(&sum, thin_links, 1);
    for (uint64_t seed = 1; seed <= 400 && (whole || missing(&sum) < MARKS_COUNT); seed++)
        run_swarm(&sum, seed);
    for (unsigned mark = 0; mark < MARKS_COUNT; mark++)
        cr_expect(sum.runs[mark] > 0 || is_excused(mark), "%s is never reached",
                  marks_name(mark, name));
    if (whole)
        marks_print_table(stderr, &sum);
}

#endif
