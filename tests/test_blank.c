/* Whose disk keeps its bytes: of those nodes only that a fault may meet. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib_sim.h"

/* A point for each node whose disk is blank, a letter for each other. */
static void expect_disks(const char *action, const char *expected)
{
    struct sim_case c;
    char text[256];
    char seen[8] = "";

    snprintf(text, sizeof(text),
             "scn 1\nnodes 5\nload 5/s even each inc 100%% on all to 2s\n%s\nstop 5s\n", action);
    sim_case_run(&c, text, 1);
    for (uint32_t i = 0; i < 5; i++) {
        const struct disk *disk = &c.run.cluster.hosts[i].disk;
        bool bytes = false;

        for (size_t k = 0; k < disk->files_len; k++)
            bytes = bytes || disk->files[k].bytes != NULL;
        /* Who has left for good has no files at all. */
        cr_assert(disk->files_len == 0 || bytes != disk->blank, "%s: n%u", action, i + 1);
        strcat(seen, disk->blank ? "." : "x");
    }
    cr_expect_str_eq(seen, expected, "%s: %s, expected %s", action, seen, expected);
    sim_case_release(&c);
}

Test(blank, where_nobody_can_die_no_disk_is_kept)
{
    expect_disks("at 1s partition n1 | n2..n5 for 1s", ".....");
    expect_disks("at 1s pause n2 for 1s", ".....");
}

Test(blank, who_is_named_keeps_a_disk)
{
    expect_disks("at 1s crash n2 for 1s", ".x...");
    expect_disks("at 1s stopnode n4..n5", "...xx");
    expect_disks("at 1s leave n1", "x....");
    expect_disks("at 1s disk n3 torn 10%", "..x..");
    expect_disks("group g = n1,n3\nat 1s crash @g for 1s\nat 3s crash n4 for 1s", "x.xx.");
    expect_disks("at 1s crash !n2 for 1s", "x.xxx");
}

/* Who it is comes out only then: a draw, or who is up. */
Test(blank, who_may_be_meant_keeps_a_disk)
{
    expect_disks("at 1s crash random(1) for 1s", "xxxxx");
    expect_disks("at 1s crash n1\nat 2s crash up,!n2 for 1s", "xxxxx");
}
