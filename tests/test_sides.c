/* Two lines side by side. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sides.h"
#include "tests/lib_sim.h"

/* The table of @a and @b, of which either may be NULL. */
static void expect_table(const char *a, const char *b, size_t differences, const char *expected)
{
    struct sides_line left = {"first", a, a ? strlen(a) : 0};
    struct sides_line right = {"second", b, b ? strlen(b) : 0};
    struct report_command command = {.program = "dcsim", .file = "test.scn"};
    struct sim_case c;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    sim_case_parse(&c, "scn 1\nnodes 2\nat 1s inc n1\nstop 2s\n");
    struct report report = {.command = &command, .scn = &c.scn, .source = &c.diags};
    cr_assert(eq(sz, sides_show(out, &report, &left, &right), differences));
    cr_assert(eq(sz, sides_differ(&left, &right), differences));
    fclose(out);
    cr_assert(eq(str, text, (char *)expected));
    free(text);
    sim_case_release(&c);
}

Test(sides, marks_what_differs)
{
    expect_table("{\"t\":1500000000,\"from\":1,\"stmt\":0,\"key\":\"00ff\"}",
                 "{\"t\":1500000000,\"from\":2,\"key\":\"00ff\",\"waited\":true}", 3,
                 "    field           first       second\n"
                 "    t               1.500s      1.500s\n"
                 "  * from            n1          n2\n"
                 "  * stmt            test.scn:3  -\n"
                 "    key             00ff        00ff\n"
                 "  * waited          -           true\n"
                 "  test.scn:3: at 1s inc n1\n");
}

Test(sides, shows_one_side_alone)
{
    expect_table(NULL, "{\"n\":7}", 1,
                 "    field           first (nothing more)  second\n"
                 "  * n               -                     7\n");
}

/* Of long values the part where they begin to differ; and nothing that a terminal obeys. */
Test(sides, shows_strangers_with_care)
{
    expect_table(
        "{\"a\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
        "{\"a\":\"012345678901234567890123456789x12345678901234567890123456789\"}", 1,
        "    field           first                                         second\n"
        "  * a               ...89012345678901234567890123456789012345...  "
        "...890123456789x1234567890123456789012345...\n");
    expect_table("{\"\\u001b[1m\":\"\\u001b[31mred\"}", "{}", 1,
                 "    field           first     second\n"
                 "  * ?[1m            ?[31mred  -\n");
}

/* The place of a line in the run, and of what is none. */
Test(sides, knows_the_event)
{
    struct sides_line line = {"", "{\"n\":1,\"t\":5,\"e\":9}", 19};
    struct sides_line none = {"", "garbage", 7};

    cr_assert(eq(u64, sides_event_of(&line).at_ns, 5));
    cr_assert(eq(u64, sides_event_of(&line).number, 9));
    cr_assert(eq(u64, sides_event_of(&none).number, 0));
}
