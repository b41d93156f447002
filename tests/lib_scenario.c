/* A text in, a scenario or its errors out. */
#include "tests/lib_scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_golden.h"

#define DEFINES_MAX 16

static struct parsed parse(const char *file, const char *text, size_t len,
                           const char *const *defines, const struct scn_loader *loader)
{
    struct parsed parsed = {.text = malloc(len ? len : 1)};
    struct scn_define list[DEFINES_MAX];
    struct scn_options options = {.defines = list, .loader = loader};
    FILE *out;

    cr_assert(parsed.text != NULL);
    memcpy(parsed.text, text, len);
    for (; defines && defines[options.defines_len]; options.defines_len++) {
        const char *define = defines[options.defines_len], *equals = strchr(define, '=');

        cr_assert(options.defines_len < DEFINES_MAX && equals != NULL);
        list[options.defines_len] = (struct scn_define){
            .name = define, .name_len = (size_t)(equals - define), .value = equals + 1};
    }
    diags_init(&parsed.diags, file, parsed.text, len);
    parsed.rc = scenario_parse(&parsed.scn, &parsed.diags, &options);
    out = open_memstream(&parsed.errors, &parsed.errors_len);
    cr_assert(out != NULL);
    diags_print(out, &parsed.diags);
    fclose(out);
    return parsed;
}

struct parsed parsed_of(const char *file, const char *text, size_t len, const char *const *defines)
{
    return parse(file, text, len, defines, NULL);
}

/* ---- includes ---- */

static int load_listed(void *ctx, const char *path, struct diag_source *ret,
                       char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    for (const struct parsed_file *file = ctx; file->path; file++) {
        if (strcmp(file->path, path) != 0)
            continue;
        *ret = (struct diag_source){
            .name = file->path, .path = file->path, .text = file->text, .len = strlen(file->text)};
        return 0;
    }
    snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "not there");
    return -1;
}

struct parsed parsed_with(const char *text, const struct parsed_file *files,
                          const char *const *defines)
{
    struct scn_loader loader = {.load = load_listed, .ctx = (void *)files};

    return parse("main.scn", text, strlen(text), defines, &loader);
}

/* A folder, and what was read from it: names and texts, in turn. */
struct folder {
    const char *name;
    char **loaded;
    size_t len;
};

static char *keep(struct folder *folder, char *text)
{
    folder->loaded = realloc(folder->loaded, (folder->len + 1) * sizeof(*folder->loaded));
    cr_assert(folder->loaded != NULL && text != NULL);
    folder->loaded[folder->len++] = text;
    return text;
}

static int load_from_folder(void *ctx, const char *path, struct diag_source *ret,
                            char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    struct folder *folder = ctx;
    char full[512];
    size_t len;
    char *text;

    snprintf(full, sizeof(full), "%s/%s", folder->name, path);
    text = golden_read(full, &len);
    if (!text) {
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "No such file or directory");
        return -1;
    }
    *ret = (struct diag_source){.text = keep(folder, text), .len = len};
    ret->name = keep(folder, strdup(path));
    ret->path = ret->name;
    return 0;
}

struct parsed parsed_in(const char *folder, const char *file, const char *text, size_t len)
{
    struct folder from = {.name = folder};
    struct scn_loader loader = {.load = load_from_folder, .ctx = &from};
    struct parsed parsed = parse(file, text, len, NULL, &loader);

    parsed.loaded = from.loaded;
    parsed.loaded_len = from.len;
    return parsed;
}

/* ---- valid ones ---- */

struct parsed parsed_whole(const char *text)
{
    struct parsed parsed = parsed_of("test.scn", text, strlen(text), NULL);

    cr_assert(parsed.rc == 0, "a valid scenario has errors:\n%s", parsed.errors);
    return parsed;
}

struct parsed parsed_body(const char *body)
{
    static const char head[] = "scn 1\nnodes 5\n", tail[] = "\nstop 10s\n";
    size_t len = strlen(head) + strlen(body) + strlen(tail);
    char *text = malloc(len + 1);
    struct parsed parsed;

    cr_assert(text != NULL);
    snprintf(text, len + 1, "%s%s%s", head, body, tail);
    parsed = parsed_whole(text);
    free(text);
    return parsed;
}

void parsed_release(struct parsed *parsed)
{
    scenario_release(&parsed->scn);
    diags_release(&parsed->diags);
    free(parsed->text);
    free(parsed->errors);
    for (size_t i = 0; i < parsed->loaded_len; i++)
        free(parsed->loaded[i]);
    free(parsed->loaded);
    *parsed = (struct parsed){0};
}
