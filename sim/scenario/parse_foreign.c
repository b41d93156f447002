/* Nobody is told to write what is an error again: it is tried first. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* Are there parts in it that only the whole file knows? */
static bool is_open(const char *lines)
{
    return strpbrk(lines, "$@") != NULL || begins(lines, "include ");
}

static bool has_no_error(const struct parser *p, const char *lines)
{
    static const struct scn_options options = {.is_trial = true};
    char text[FOREIGN_TEXT_MAX + 64], nodes[32] = "";
    struct diags diags;
    struct scenario scn;
    int rc;

    if (!begins(lines, "nodes "))
        snprintf(nodes, sizeof(nodes), "nodes %" PRIu32,
                 p->nodes_known ? p->scn->nodes : TRIAL_NODES);
    snprintf(text, sizeof(text), "scn 1\n%s\n%s\n%s\n", nodes,
             strcmp(lines, "scn 1") == 0 ? "" : lines, begins(lines, "stop ") ? "" : TRIAL_STOP);
    diags_init(&diags, "trial", text, strlen(text));
    rc = scenario_parse(&scn, &diags, &options);
    scenario_release(&scn);
    diags_release(&diags);
    return rc == 0;
}

void parse_foreign(struct parser *p, size_t from)
{
    struct foreign_help help;

    if (p->is_trial || !foreign_help(p->lexer.text + from, p->lexer.at - from, &help))
        return;
    if (help.lines[0] == '\0' || is_open(help.lines) || has_no_error(p, help.lines))
        diag_go_on(p->diags, help.text);
}
