/* dcsim check: all errors of all files, and nothing else. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/cmd.h"
#include "sim/cmd_options.h"
#include "sim/cmd_variants.h"
#include "sim/fatal.h"
#include "sim/text.h"

static int check_files(char **files, int count, const struct scn_define *defines,
                       size_t defines_len, bool quiet)
{
    int exit_code = EXIT_HELD;

    for (int i = 0; i < count; i++) {
        struct report_command command = {.defines = defines, .defines_len = defines_len};
        struct cmd_file file;

        if (cmd_file_load(&file, files[i], defines, defines_len) < 0 ||
            variants_check(&file, &command) < 0) {
            exit_code = EXIT_USAGE;
        } else if (!quiet) {
            cmd_file_hints(&file);
            text_print(stdout, "%s: ok\n", files[i]);
            report_quiet(stdout, &file.scn);
        }
        cmd_file_release(&file);
    }
    return exit_code;
}

int cmd_check(int argc, char **argv, const char *program)
{
    struct scn_define *defines = fatal_calloc((size_t)argc, sizeof(*defines));
    size_t defines_len = 0;
    bool quiet = false;
    int exit_code = -1, option;

    (void)program;
    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_CHECK)) != -1) {
        switch (option) {
        case 'h':
            cmd_help();
            exit_code = EXIT_HELD;
            break;
        case OPTION_VERSION:
            cmd_version();
            exit_code = EXIT_HELD;
            break;
        case 'q':
            quiet = true;
            break;
        case 'D':
            if (cmd_define(&defines[defines_len++], optarg) < 0)
                exit_code = EXIT_USAGE;
            break;
        default:
            exit_code = EXIT_USAGE;
            break;
        }
    }
    if (exit_code < 0 && optind == argc)
        exit_code = cmd_usage("check needs at least one scenario file");
    if (exit_code < 0)
        exit_code = check_files(argv + optind, argc - optind, defines, defines_len, quiet);
    free(defines);
    return exit_code;
}
