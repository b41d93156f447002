/* dcsim fmt: the canonical layout of scenario files, printed, compared or written back. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/cmd_options.h"
#include "sim/cmd_outfile.h"
#include "sim/fatal.h"
#include "sim/scenario/format.h"
#include "sim/text.h"

/* A file, as it is and as it should be. */
struct formatted {
    const char *name;  /* as typed; "-": standard input */
    char *text, *laid; /* owned */
    size_t len, laid_len;
};

static void formatted_release(struct formatted *file)
{
    free(file->text);
    free(file->laid);
}

static bool has_changed(const struct formatted *file)
{
    return file->len != file->laid_len || memcmp(file->text, file->laid, file->len) != 0;
}

static int complain(const char *what, const char *name, const char *why)
{
    text_print(stderr, "dcsim: cannot %s '%s': %s\n", what, name, why);
    return -1;
}

static int read_in(struct formatted *file)
{
    bool is_stdin = strcmp(file->name, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(file->name, "rb");
    int err;

    if (!in)
        return complain("read", file->name, strerror(errno));
    err = cmd_read(in, &file->text, &file->len);
    if (!is_stdin)
        fclose(in);
    return err ? complain("read", file->name, strerror(err)) : 0;
}

/* Reads @name and lays it out. Returns 0, or -1 after all errors; released either way. */
static int format_file(struct formatted *ret, const char *name)
{
    struct diags diags;
    FILE *out;
    int rc;

    *ret = (struct formatted){.name = name};
    if (read_in(ret) < 0)
        return -1;
    out = fatal_memstream(&ret->laid, &ret->laid_len);
    diags_init(&diags, strcmp(name, "-") == 0 ? "<stdin>" : name, ret->text, ret->len);
    rc = format_scenario(out, &diags);
    diags_print(stderr, &diags);
    diags_release(&diags);
    fatal_memstream_close(out, &ret->laid);
    return rc;
}

/* ---- the command ---- */

enum mode {
    MODE_PRINT,
    MODE_IN_PLACE,
    MODE_CHECK,
};

static int replace(const struct formatted *file)
{
    const char *why = outfile_write(file->name, OUTFILE_EDIT, file->laid, file->laid_len);

    return why && complain("write", file->name, why) < 0 ? EXIT_USAGE : EXIT_HELD;
}

static int do_file(const char *name, enum mode mode)
{
    struct formatted file;
    int exit_code = EXIT_HELD;

    if (format_file(&file, name) < 0) {
        exit_code = EXIT_USAGE;
    } else if (mode == MODE_PRINT) {
        fwrite(file.laid, 1, file.laid_len, stdout);
    } else if (has_changed(&file) && mode == MODE_CHECK) {
        text_print(stdout, "%s\n", name);
        exit_code = EXIT_BROKE;
    } else if (has_changed(&file)) {
        exit_code = replace(&file);
    }
    formatted_release(&file);
    return exit_code;
}

/* Of all files: 2 when one could not be laid out, else 1 when one would change, else 0. */
static int do_files(char **files, int count, enum mode mode)
{
    int exit_code = EXIT_HELD;

    if (count == 0)
        return cmd_usage("fmt needs a scenario file, or - for standard input");
    if (count > 1 && mode == MODE_PRINT)
        return cmd_usage("fmt prints one file; several go with -i or --check");
    for (int i = 0; mode == MODE_IN_PLACE && i < count; i++)
        if (strcmp(files[i], "-") == 0)
            return cmd_usage("-i needs files, and '-' is standard input");
    for (int i = 0; i < count; i++) {
        int code = do_file(files[i], mode);

        if (code > exit_code)
            exit_code = code;
    }
    return exit_code;
}

int cmd_fmt(int argc, char **argv, const char *program)
{
    bool in_place = false, check = false;
    int option;

    (void)program;
    while ((option = cmd_next_option(argc, argv, CMD_FMT)) != -1) {
        switch (option) {
        case 'h':
            cmd_help();
            return EXIT_HELD;
        case OPTION_VERSION:
            cmd_version();
            return EXIT_HELD;
        case 'i':
            in_place = true;
            break;
        case OPTION_CHECK:
            check = true;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (in_place && check)
        return cmd_usage("-i rewrites and --check only compares: one of them");
    return do_files(argv + optind, argc - optind,
                    in_place ? MODE_IN_PLACE
                    : check  ? MODE_CHECK
                             : MODE_PRINT);
}
