/* Combinations count like the digits of a number, one digit a sweep. */
#include "sim/cmd_variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/text.h"

void variants_init(struct variants *variants, const struct cmd_file *file,
                   const struct report_command *command)
{
    *variants = (struct variants){.file = file, .command = command, .count = 1};
    for (size_t i = 0; i < file->scn.sweeps_len; i++)
        variants->count *= file->scn.sweeps[i].len; /* bounded by the parser */
}

static void let_go(struct variants *variants)
{
    if (variants->count > 1)
        cmd_file_release(&variants->again);
    free(variants->defines);
    free(variants->texts);
    variants->defines = NULL;
    variants->texts = NULL;
    variants->taken = false;
}

void variants_release(struct variants *variants)
{
    if (variants->taken)
        let_go(variants);
    *variants = (struct variants){0};
}

/* The value of sweep @i in combination @number. */
static const char *value_of(const struct variants *variants, uint64_t number, size_t i)
{
    const struct scenario *scn = &variants->file->scn;

    for (size_t later = scn->sweeps_len; later-- > i + 1;)
        number /= scn->sweeps[later].len;
    return scn->sweeps[i].values[number % scn->sweeps[i].len];
}

/* "name=value" of each sweep into the texts, and a define for each behind those given. */
static void fill_defines(struct variants *variants, uint64_t number)
{
    const struct scenario *scn = &variants->file->scn;
    size_t given = variants->command->defines_len, size = 0;
    char *at;

    for (size_t i = 0; i < scn->sweeps_len; i++)
        size += strlen(scn->sweeps[i].name) + strlen(value_of(variants, number, i)) + 2;
    variants->texts = fatal_alloc(size + 1);
    variants->defines = fatal_calloc(given + scn->sweeps_len + 1, sizeof(*variants->defines));
    for (size_t i = 0; i < given; i++)
        variants->defines[i] = variants->command->defines[i];
    at = variants->texts;
    for (size_t i = 0; i < scn->sweeps_len; i++) {
        size_t name_len = strlen(scn->sweeps[i].name);
        int len = snprintf(at, size, "%s=%s", scn->sweeps[i].name, value_of(variants, number, i));

        variants->defines[given + i] = (struct scn_define){
            .name = at, .name_len = name_len, .value = at + name_len + 1, .swept = true};
        at += len + 1;
        size -= (size_t)len + 1;
    }
}

const struct cmd_file *variants_take(struct variants *variants, uint64_t number)
{
    const struct scenario *scn = &variants->file->scn;
    const struct cmd_file *file = variants->file;

    if (variants->taken && variants->number == number)
        return variants->count > 1 ? &variants->again : variants->file;
    if (variants->taken)
        let_go(variants);
    fill_defines(variants, number);
    variants->of = *variants->command;
    variants->of.defines = variants->defines;
    variants->of.defines_len = variants->command->defines_len + scn->sweeps_len;
    variants->number = number;
    variants->taken = true;
    if (variants->count > 1) {
        if (cmd_file_again(&variants->again, variants->file, variants->defines,
                           variants->of.defines_len) < 0) {
            text_print(stderr, "%s: note: with ", variants->file->name);
            variants_print(stderr, variants);
            fputc('\n', stderr);
            let_go(variants);
            return NULL;
        }
        file = &variants->again;
    }
    return file;
}

void variants_print(FILE *out, const struct variants *variants)
{
    size_t given = variants->command->defines_len;

    for (size_t i = given; i < variants->of.defines_len; i++)
        fprintf(out, "%s%s", i > given ? " " : "", variants->defines[i].name);
}

int variants_check(const struct cmd_file *file, const struct report_command *command)
{
    struct variants variants;
    int rc = 0;

    variants_init(&variants, file, command);
    for (uint64_t i = 0; rc == 0 && variants.count > 1 && i < variants.count; i++)
        rc = variants_take(&variants, i) ? 0 : -1;
    variants_release(&variants);
    return rc;
}
