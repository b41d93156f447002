/*
 * Any bytes as a scenario file: all errors are said, or the scenario is one that
 * can be walked from end to end. Twice gives the same. What has sound tokens has
 * one layout, which means what the file meant.
 *
 *   fuzz_scenario -max_len=16384 NEW tests/broken scenarios
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/facts.h"
#include "sim/scenario/format.h"
#include "sim/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need(int truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "fuzz_scenario: %s\n", what);
        abort();
    }
}

static void walk_sel(const struct scenario *scn, const struct scn_sel *sel, unsigned depth)
{
    need(depth <= 2 * 64 + 2, "a selector is deeper than the parser allows");
    need(sel->len > 0 && sel->text && sel->text[0], "a selector has terms and a text");
    for (size_t i = 0; i < sel->len; i++) {
        const struct scn_term *term = &sel->terms[i];

        if (term->kind == SCN_TERM_NODES)
            need(term->first >= 1 && term->first <= term->last && term->last <= scn->nodes,
                 "a node exists");
        if (term->kind == SCN_TERM_RANDOM)
            need(term->count <= term->count_max && term->share_ppb <= term->share_max_ppb &&
                     (term->count > 0) != (term->share_ppb > 0) && term->share_max_ppb <= SCN_PPB,
                 "random takes something");
        if (term->of)
            walk_sel(scn, term->of, depth + 1);
    }
}

static void walk_link(const struct scenario *scn, const struct scn_link *link)
{
    walk_sel(scn, &link->from, 0);
    walk_sel(scn, &link->to, 0);
}

static void walk_range(struct scn_range range)
{
    need(range.lo <= range.hi, "a range is in order");
}

static void walk_action(const struct scenario *scn, const struct scn_action *action)
{
    switch (action->kind) {
    case SCN_MEET:
        walk_sel(scn, &action->other, 0);
        walk_sel(scn, &action->sel, 0);
        break;
    case SCN_INC:
    case SCN_DEC:
        walk_sel(scn, &action->sel, 0);
        need(action->times <= SCN_TIMES_MAX, "x is bounded");
        break;
    case SCN_PARTITION:
        for (size_t i = 0; i < action->cut.sides_len; i++)
            walk_sel(scn, &action->cut.sides[i], 0);
        break;
    case SCN_HEAL:
    case SCN_RELEASE:
    case SCN_HOLD:
    case SCN_NET:
    case SCN_LINK:
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
    case SCN_FORGE:
        break;
    case SCN_CRASH:
    case SCN_RESTART:
    case SCN_PAUSE:
    case SCN_RESUME:
    case SCN_JOIN:
    case SCN_LEAVE:
    case SCN_STOPNODE:
        walk_sel(scn, &action->sel, 0);
        break;
    case SCN_DISK:
    case SCN_MEMORY:
    case SCN_CLOCK:
        walk_sel(scn, &action->sel, 0);
        need(!action->has_for || !scn_once(action), "what happens once has no end");
        need(action->kind != SCN_CLOCK || action->clock != SCN_CLOCK_DRIFT || !action->clock_back ||
                 action->clock_amount < SCN_PPB,
             "a clock goes forward");
        break;
    }
    if (action->has_link)
        walk_link(scn, &action->link);
    walk_range(action->by);
    walk_range(action->for_ns);
    walk_range(action->next);
    walk_range(action->while_ns);
    need(action->name == SCN_NO_NAME || action->name < scn->names_len, "a NAME exists");
}

static void walk_stmt(const struct scenario *scn, uint32_t number)
{
    const struct scn_stmt *stmt = &scn->stmts[number];

    need(stmt->text && stmt->text[0] && stmt->pos.line > 0, "a statement has a text and a place");
    need(stmt->arg_pos.line > 0 && stmt->arg_pos.col_end > stmt->arg_pos.col, "so has its part");
    walk_range(stmt->when);
    walk_range(stmt->rules.delay);
    walk_range(stmt->rules.loss_ppb);
    switch (stmt->kind) {
    case SCN_STMT_NODE:
        need(stmt->node.set != 0, "a node statement has a key");
        if (stmt->has_sel)
            walk_sel(scn, &stmt->sel, 0);
        break;
    case SCN_STMT_NET:
        break;
    case SCN_STMT_LINK:
        walk_link(scn, &stmt->link);
        break;
    case SCN_STMT_LOAD:
        walk_sel(scn, &stmt->load.on, 0);
        need(stmt->load.rate_per_s > 0, "a load has a rate");
        need(stmt->load.inc_ppb + stmt->load.dec_ppb <= SCN_PPB, "shares are at most all");
        break;
    case SCN_STMT_AT:
    case SCN_STMT_AFTER:
    case SCN_STMT_EVERY:
        walk_action(scn, &stmt->action);
        break;
    case SCN_STMT_EXPECT:
    case SCN_STMT_ALWAYS:
    case SCN_STMT_NEVER:
    case SCN_STMT_SOMETIMES:
        if (stmt->pred.on)
            walk_sel(scn, stmt->pred.on, 0);
        if (stmt->pred.of)
            walk_sel(scn, stmt->pred.of, 0);
        need(stmt->pred.at_ns <= scn->stop_ns, "nothing is expected after the stop");
        need(stmt->pred.of_name == SCN_NO_NAME || stmt->pred.of_name < scn->names_len,
             "a NAME exists");
        break;
    case SCN_STMT_CAMPAIGN:
        need(stmt->pred.kind == SCN_PRED_CAMPAIGN, "a campaign is judged by a percentile");
        break;
    case SCN_STMT_REPEAT:
    case SCN_STMT_END:
        need(stmt->block < scn->stmts_len && scn->stmts[stmt->block].block == number,
             "a repeat and its end know each other");
        break;
    case SCN_STMT_QUIET:
        need(stmt->when.lo <= scn->stop_ns, "it is quiet before the stop");
        break;
    case SCN_STMT_SHOW:
        need(stmt->show.at_ns <= scn->stop_ns, "nothing is shown after the stop");
        for (size_t i = 0; i < stmt->show.lines_len; i++)
            need(memchr(stmt->show.lines[i].text, '\n', stmt->show.lines[i].len) == NULL,
                 "a golden line is a line");
        break;
    }
}

static void walk(const struct scenario *scn)
{
    need(scn->nodes >= 1 && scn->nodes <= SCN_NODES_MAX, "there are nodes");
    need(scn->stmts_len <= SCN_STATEMENTS_MAX + 2, "statements are bounded");
    for (uint32_t i = 0; i < scn->stmts_len; i++)
        walk_stmt(scn, i);
    for (size_t i = 0; i < scn->names_len; i++)
        need(scn->names[i].stmt < scn->stmts_len, "a NAME is given by a statement");
    for (size_t i = 0; i < scn->params_len; i++)
        need(scn->params[i].name && scn->params[i].value, "a parameter has a value");
}

/* ---- what is included ---- */

static int load(void *ctx, const char *path, struct diag_source *ret,
                char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    static const struct {
        const char *path, *text;
    } files[] = {
        {"a.scn", "scn 1\nparam lib = 3\ngroup lib = n1\n+1s inc @lib\n"},
        {"d/b.scn", "scn 1\ninclude \"../a.scn\"\nrepeat 2\n+1ms inc n1\nend\n"},
    };

    (void)ctx;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].path, path) != 0)
            continue;
        *ret = (struct diag_source){.name = files[i].path,
                                    .path = files[i].path,
                                    .text = files[i].text,
                                    .len = strlen(files[i].text)};
        return 0;
    }
    snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "not there");
    return -1;
}

/* ---- parsed, and laid out ---- */

struct file {
    char *text;
    size_t len;
    struct diags diags;
    struct scenario scn;
    int rc;
};

static struct file parsed(const void *bytes, size_t len)
{
    static const struct scn_loader loader = {.load = load};
    static const struct scn_options options = {.loader = &loader};
    struct file file = {.text = malloc(len ? len : 1), .len = len}; /* a read past it is found */

    need(file.text != NULL, "there is memory");
    memcpy(file.text, bytes, len);
    diags_init(&file.diags, "fuzz.scn", file.text, len);
    file.rc = scenario_parse(&file.scn, &file.diags, &options);
    need((file.rc == 0) == (file.diags.errors == 0),
         "an error is said when there is one, and only then");
    return file;
}

static void release(struct file *file)
{
    scenario_release(&file->scn);
    diags_release(&file->diags);
    free(file->text);
}

/* Returns 0 with the text, which is to be freed, or -1. */
static int laid_out(const struct file *file, char **ret_text, size_t *ret_len)
{
    struct diags diags;
    FILE *out = open_memstream(ret_text, ret_len);
    int rc;

    need(out != NULL, "there is memory");
    diags_init(&diags, "fuzz.scn", file->text, file->len);
    rc = format_scenario(out, &diags);
    need((rc == 0) == (diags.errors == 0), "an error of a layout is said, and only then");
    diags_release(&diags);
    need(fclose(out) == 0, "there is memory");
    return rc;
}

static void compare(const struct file *a, const struct file *b)
{
    need(a->rc == b->rc && a->diags.errors == b->diags.errors, "it has the same errors");
    need(a->scn.hash == b->scn.hash && a->scn.stmts_len == b->scn.stmts_len, "the same hash");
    for (size_t i = 0; i < a->scn.stmts_len; i++)
        need(a->scn.stmts[i].key == b->scn.stmts[i].key, "the same keys");
}

static void check_layout(const struct file *file)
{
    char *once, *twice;
    size_t once_len, twice_len;
    struct file again;

    if (laid_out(file, &once, &once_len) < 0) {
        need(file->rc < 0, "a scenario without errors has a layout");
        need(once_len == 0, "what has none is not printed");
        free(once);
        return;
    }
    again = parsed(once, once_len);
    need(laid_out(&again, &twice, &twice_len) == 0 && once_len == twice_len &&
             memcmp(once, twice, once_len) == 0,
         "laid out twice is laid out once");
    if (file->rc == 0)
        compare(file, &again);
    need((file->rc == 0) == (again.rc == 0), "a layout takes away no error");
    release(&again);
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct file file = parsed(bytes, len), again = parsed(bytes, len);
    FILE *nowhere = fopen("/dev/null", "w");

    need(nowhere != NULL, "a place to write to");
    compare(&file, &again);
    if (file.rc == 0)
        walk(&file.scn);
    check_layout(&file);
    diags_print(nowhere, &file.diags);
    fclose(nowhere);
    release(&file);
    release(&again);
    return 0;
}
