/* What the commands share: files, defines, help. */
#include "sim/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/choose.h"
#include "sim/cmd_hardening.h"
#include "sim/cmd_includes.h"
#include "sim/cmd_options.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/text.h"
#include "sim/version.h"

void cmd_help(void)
{
    fputs("dcsim: a deterministic simulator for clusters of a replicated counter\n"
          "\n",
          stdout);
    cmd_print_commands();
    putchar('\n');
    cmd_print_options();
    fputs("\n"
          "exit: 0 held, 1 broke, 2 usage or scenario error, 3 internal error or not repeatable,\n"
          "      4 unknown (something was never evaluated, never happened, or met a limit), 130 "
          "Ctrl-C\n"
          "manual: dcsim(1), dcsim-scenario(5)\n",
          stdout);
}

void cmd_version(void)
{
    printf("dcsim %s (%s) model %u\n", DCSIM_VERSION, DCSIM_COMMIT, DCSIM_MODEL);
    printf("built: %s\nhardened: ", DCSIM_BUILD);
    hardening_print();
}

int cmd_usage(const char *format, ...)
{
    va_list args;

    fputs("dcsim: ", stderr);
    va_start(args, format);
    text_vprint(stderr, format, args);
    va_end(args);
    fputs("; try 'dcsim --help'\n", stderr);
    return EXIT_USAGE;
}

int cmd_define(struct scn_define *ret, const char *text)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text) {
        cmd_usage("-D takes name=value, not '%s'", text);
        return -1;
    }
    *ret =
        (struct scn_define){.name = text, .name_len = (size_t)(equals - text), .value = equals + 1};
    return 0;
}

int cmd_range(struct scn_range *ret, const char *text)
{
    const char *dots = strstr(text, "..");
    char first[32] = "";

    if (!dots || (size_t)(dots - text) >= sizeof(first))
        return -1;
    memcpy(first, text, (size_t)(dots - text));
    if (scn_number_of_text(first, &ret->lo) < 0 || scn_number_of_text(dots + 2, &ret->hi) < 0)
        return -1;
    return ret->lo <= ret->hi ? 0 : -1;
}

int cmd_read(FILE *in, char **ret_text, size_t *ret_len)
{
    size_t cap = 0;

    do {
        cap = cap ? cap * 2 : 65536;
        *ret_text = fatal_realloc(*ret_text, cap);
        errno = 0;
        *ret_len += fread(*ret_text + *ret_len, 1, cap - *ret_len, in);
        if (ferror(in))
            return errno ? errno : EIO;
    } while (*ret_len == cap && *ret_len <= SCN_FILE_BYTES_MAX);
    return 0;
}

static int parse(struct cmd_file *ret, const struct scn_define *defines, size_t defines_len)
{
    const struct diag_source *main_source = cmd_includes_main(ret->files);
    struct scn_loader loader = cmd_includes_loader(ret->files);
    struct scn_options options = {
        .defines = defines, .defines_len = defines_len, .loader = &loader};
    int rc;

    diags_init(&ret->diags, ret->name, main_source->text, main_source->len);
    ret->parsed = true;
    rc = scenario_parse(&ret->scn, &ret->diags, &options);
    if (rc < 0)
        diags_print(stderr, &ret->diags);
    return rc;
}

int cmd_file_load(struct cmd_file *ret, const char *name, const struct scn_define *defines,
                  size_t defines_len)
{
    char problem[SCN_LOAD_PROBLEM_MAX];

    *ret = (struct cmd_file){.name = name, .reads = true};
    ret->files = cmd_includes_new(name, problem);
    if (!ret->files) {
        text_print(stderr, "dcsim: cannot read '%s': %s\n", name, problem);
        return -1;
    }
    return parse(ret, defines, defines_len);
}

int cmd_file_of_text(struct cmd_file *ret, const char *name, const char *text, size_t len)
{
    *ret = (struct cmd_file){.name = name, .reads = true};
    ret->files = cmd_includes_of_text(name, text, len);
    return parse(ret, NULL, 0);
}

void cmd_file_hints(struct cmd_file *file)
{
    diags_print(stderr, &file->diags);
}

int cmd_file_again(struct cmd_file *ret, const struct cmd_file *file,
                   const struct scn_define *defines, size_t defines_len)
{
    *ret = (struct cmd_file){.name = file->name, .files = file->files};
    return parse(ret, defines, defines_len);
}

int cmd_file_places(const struct cmd_file *file, struct places *places)
{
    for (size_t i = 0; i < file->diags.sources_len; i++)
        if (places_add_input(places, file->diags.sources[i].name) < 0)
            return -1;
    return 0;
}

void cmd_file_release(struct cmd_file *file)
{
    if (file->parsed) {
        scenario_release(&file->scn);
        diags_release(&file->diags);
    }
    if (file->reads)
        cmd_includes_release(file->files);
    *file = (struct cmd_file){0};
}

int cmd_worse(int a, int b)
{
    static const int order[] = {EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_BROKE, EXIT_UNKNOWN};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return EXIT_HELD;
}
