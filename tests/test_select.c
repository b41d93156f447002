/* Selectors come to sets of nodes; sets are bits. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "sim/choose.h"
#include "sim/select.h"
#include "sim/text.h"
#include "tests/lib_sim.h"

/* Evaluates the selector of "at 1s inc SEL" in a cluster of ten of which n9 is down. */
static void expect_nodes(const char *sel, const char *expected)
{
    struct sim_case c;
    struct choose choose;
    struct select select;
    struct nodeset up, set;
    char text[512], *found = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&found, &len);

    snprintf(text, sizeof(text), "scn 1\nnodes 10\ngroup eu = n2,n4\nat 1s inc %s\nstop 2s\n", sel);
    sim_case_parse(&c, text);
    choose_init(&choose, 5);
    nodeset_init(&up, 10);
    nodeset_init(&set, 10);
    nodeset_fill(&up);
    nodeset_remove(&up, 8);
    select_init(&select, &choose, &up, 77);
    select_nodes(&select, &c.scn.stmts[0].action.sel, &set);
    text_nodes(out, &set);
    fclose(out);
    cr_assert(eq(str, found, (char *)expected), "of %s", sel);
    free(found);
    select_release(&select);
    nodeset_release(&up);
    nodeset_release(&set);
    sim_case_release(&c);
}

/* Terms from left to right: each adds, or with '!' takes away. */
Test(select, terms_add_and_take_away_from_left_to_right)
{
    expect_nodes("n3", "n3");
    expect_nodes("n2..n5", "n2..n5");
    expect_nodes("all", "n1..n10");
    expect_nodes("*", "n1..n10");
    expect_nodes("@eu", "n2,n4");
    expect_nodes("n1..n5,!n3", "n1,n2,n4,n5");
    expect_nodes("!n3", "n1,n2,n4..n10");
    expect_nodes("!@eu,n2", "n1..n3,n5..n10");
    expect_nodes("n3,!n3,n3", "n3");
    expect_nodes("up,!n1", "n2..n8,n10");
    expect_nodes("down", "n9");
    expect_nodes("n1,rest,!n2", "n1,n3..n10");
}

static uint32_t count_of(const char *sel, uint64_t key)
{
    struct sim_case c;
    struct choose choose;
    struct select select;
    struct nodeset up, set;
    char text[256];
    uint32_t count;

    snprintf(text, sizeof(text), "scn 1\nnodes 10\nat 1s inc %s\nstop 2s\n", sel);
    sim_case_parse(&c, text);
    choose_init(&choose, 5);
    nodeset_init(&up, 10);
    nodeset_init(&set, 10);
    select_init(&select, &choose, &up, key);
    select_nodes(&select, &c.scn.stmts[0].action.sel, &set);
    count = nodeset_count(&set);
    select_release(&select);
    nodeset_release(&up);
    nodeset_release(&set);
    sim_case_release(&c);
    return count;
}

/* So many as asked, all when there are fewer; a share is rounded down, but at least 1. */
Test(select, random_takes_so_many)
{
    for (uint64_t key = 0; key < 50; key++) {
        cr_assert(eq(u32, count_of("random(3)", key), 3));
        cr_assert(eq(u32, count_of("random(30)", key), 10));
        cr_assert(eq(u32, count_of("random(25%)", key), 2));
        cr_assert(eq(u32, count_of("random(1%)", key), 1));
        cr_assert(eq(u32, count_of("random(2) of (n1,n2,n3)", key), 2));
        cr_assert(eq(u32, count_of("!random(2) of n1..n4", key), 8));
    }
}

/* A range in random(...) is drawn: every number between its ends comes up. */
Test(select, random_draws_how_many)
{
    uint32_t seen[11] = {0};

    for (uint64_t key = 0; key < 200; key++)
        seen[count_of("random(2..4)", key)]++;
    for (uint32_t count = 0; count <= 10; count++)
        cr_assert(eq(int, seen[count] > 0, count >= 2 && count <= 4), "%u of them", count);
    for (uint64_t key = 0; key < 50; key++) {
        uint32_t count = count_of("random(20%..30%)", key);
        cr_assert(count == 2 || count == 3);
    }
}

/* Two random terms of one statement are two draws. */
Test(select, random_terms_draw_for_themselves)
{
    uint32_t both = 0;

    for (uint64_t key = 0; key < 100; key++)
        both += count_of("random(1),random(1)", key);
    cr_assert(ge(u32, both, 170)); /* 190 on average */
    cr_assert(lt(u32, both, 200));
}

/* Sets against a plain array of flags, over sizes around the word boundary. */
Test(nodeset, behaves_like_an_array_of_flags)
{
    for (uint32_t nodes = 1; nodes < 200; nodes += 21) {
        struct nodeset a, b;
        uint32_t count = 0, rank = 0;

        nodeset_init(&a, nodes);
        nodeset_init(&b, nodes);
        for (uint32_t i = 0; i < nodes; i++) {
            if (mix64(i + nodes) & 1) {
                nodeset_add(&a, i);
                count++;
            }
        }
        cr_assert(eq(u32, nodeset_count(&a), count));
        NODESET_EACH(node, &a)
        {
            cr_assert(mix64(node + nodes) & 1);
            cr_assert(eq(u32, nodeset_at(&a, rank++), node));
        }
        cr_assert(eq(u32, rank, count));
        nodeset_fill(&b);
        cr_assert(eq(u32, nodeset_count(&b), nodes));
        nodeset_subtract(&b, &a);
        cr_assert(eq(u32, nodeset_count(&b), nodes - count));
        nodeset_unite(&b, &a);
        cr_assert(eq(u32, nodeset_count(&b), nodes));
        nodeset_release(&a);
        nodeset_release(&b);
    }
}

static void expect_time(char *found, const char *expected)
{
    cr_assert(eq(str, found, (char *)expected));
}

/* Times, wide numbers and words as people and shells read them. */
Test(text, says_numbers_exactly)
{
    char time[TEXT_TIME_MAX], wide[TEXT_WIDE_MAX];

    expect_time(text_time(time, 5000000000), "5.000s");
    expect_time(text_time(time, 5000000001), "5.000000001s");
    expect_time(text_time_short(time, 3412345678), "3.412s");
    expect_time(text_time_scn(time, 10000000000), "10s");
    expect_time(text_time_scn(time, 1500000000), "1.5s");
    expect_time(text_time_scn(time, 250000), "250us");
    expect_time(text_time_scn(time, 0), "0s");
    expect_time(text_wide(wide, -5), "-5");
    expect_time(text_wide(wide, ((i128)1 << 100)), "1267650600228229401496703205376");
    expect_time(text_wide(wide, 0), "0");
}

Test(text, quotes_for_shells_and_json)
{
    char *found = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&found, &len);

    text_shell(out, "a b");
    text_shell(out, "it's");
    text_shell(out, "plain-1.scn");
    text_shell(out, "");
    text_json(out, "a\"b\\\n\xC3\xA9\xFF");
    fclose(out);
    cr_assert(eq(str, found,
                 (char *)"'a b''it'\\''s'plain-1.scn''\"a\\\"b\\\\\\u000a\xC3\xA9\xEF\xBF\xBD\""));
    free(found);
}
