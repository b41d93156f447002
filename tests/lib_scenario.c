/* A text in, a scenario or its errors out. */
#include "tests/lib_scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFINES_MAX 16

struct parsed parsed_of(const char *file, const char *text, size_t len, const char *const *defines)
{
    struct parsed parsed = {.text = malloc(len ? len : 1)};
    struct scn_define list[DEFINES_MAX];
    size_t list_len = 0;
    FILE *out;

    cr_assert(parsed.text != NULL);
    memcpy(parsed.text, text, len);
    for (; defines && defines[list_len]; list_len++) {
        const char *equals = strchr(defines[list_len], '=');

        cr_assert(list_len < DEFINES_MAX && equals != NULL);
        list[list_len] = (struct scn_define){
            .name = defines[list_len],
            .name_len = (size_t)(equals - defines[list_len]),
            .value = equals + 1,
        };
    }
    struct scn_options options = {.defines = list, .defines_len = list_len};

    diags_init(&parsed.diags, file, parsed.text, len);
    parsed.rc = scenario_parse(&parsed.scn, &parsed.diags, &options);
    out = open_memstream(&parsed.errors, &parsed.errors_len);
    cr_assert(out != NULL);
    diags_print(out, &parsed.diags);
    fclose(out);
    return parsed;
}

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
    *parsed = (struct parsed){0};
}
