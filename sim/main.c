/* dcsim: which command? Each lives in a cmd_<name>.c of its own. */
#include <stdio.h>
#include <string.h>

#include "sim/cmd.h"

static const struct cmd {
    const char *name;
    int (*main)(int argc, char **argv, const char *program);
} cmds[] = {
    {"run", cmd_run},   {"check", cmd_check},   {"fmt", cmd_fmt},
    {"fuzz", cmd_fuzz}, {"shrink", cmd_shrink}, {"replay", cmd_replay},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(cmds) / sizeof(cmds[0]); i++)
        if (strcmp(argv[1], cmds[i].name) == 0)
            return cmds[i].main(argc - 1, argv + 1, argv[0]);
    return cmd_run(argc, argv, argv[0]); /* dcsim FILE means dcsim run FILE */
}
