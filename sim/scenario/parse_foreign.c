/* Nobody is told to write what is an error again: it is tried first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/foreign.h"
#include "sim/scenario/parse.h"

/* While the file has not said how many nodes there are. */
#define TRIAL_NODES 1000u
/* Later than what anybody writes. */
#define TRIAL_STOP "stop 200000h"

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* Statements that others may hang on. */
static bool is_of_names(const char *line)
{
    line += strspn(line, " \t");
    return (begins(line, "param") || begins(line, "group")) && (line[5] == ' ' || line[5] == '\t');
}

/* The lines of names that the file has before the byte @end. */
static void put_names(FILE *out, const char *text, size_t end)
{
    const char *newline;

    for (const char *at = text; (newline = memchr(at, '\n', end)) != NULL; at = newline + 1) {
        size_t len = (size_t)(newline - at);

        if (is_of_names(at))
            fprintf(out, "%.*s\n", (int)len, at);
        end -= len + 1;
    }
}

/* A file of its own with @lines in the place of the statement that begins at the byte @from. */
static char *trial_of(const struct parser *p, size_t from, const char *lines, size_t *ret_len)
{
    char *text = NULL;
    FILE *out = fatal_memstream(&text, ret_len);

    fputs("scn 1\n", out);
    if (!begins(lines, "nodes "))
        fprintf(out, "nodes %" PRIu32 "\n", p->nodes_known ? p->scn->nodes : TRIAL_NODES);
    if (strpbrk(lines, "$@"))
        put_names(out, p->lexer.text, from);
    fprintf(out, "%s\n%s\n", strcmp(lines, "scn 1") == 0 ? "" : lines,
            begins(lines, "stop ") ? "" : TRIAL_STOP);
    fatal_memstream_close(out, &text);
    return text;
}

static bool has_no_error(const struct parser *p, size_t from, const char *lines)
{
    static const struct scn_options options = {.is_trial = true};
    struct diags diags;
    struct scenario scn;
    size_t len;
    char *text = trial_of(p, from, lines, &len);
    int rc;

    diags_init(&diags, "trial", text, len);
    rc = scenario_parse(&scn, &diags, &options);
    scenario_release(&scn);
    diags_release(&diags);
    free(text);
    return rc == 0;
}

void parse_foreign(struct parser *p, size_t from)
{
    struct foreign_help help;

    if (p->is_trial || !foreign_help(p->lexer.text + from, p->lexer.at - from, &help))
        return;
    if (help.lines[0] == '\0' || begins(help.lines, "include ") ||
        has_no_error(p, from, help.lines))
        diag_go_on(p->diags, help.text);
}
