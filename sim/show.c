/* Lines of text about a run. */
#include "sim/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pncounter.h"
#include "sim/fatal.h"
#include "sim/predicate.h"
#include "sim/run.h"
#include "sim/scenario/facts.h"
#include "sim/text.h"

/* ---- values ---- */

static void print_entries(FILE *out, const struct run *run, uint32_t node)
{
    const struct pncounter *state = &run->cluster.hosts[node].node.counter;
    char name[TEXT_NAME_MAX];

    for (uint32_t i = 0; i < state->len && i < SHOW_ENTRIES_MAX; i++) {
        fprintf(out, "%s%s", i == 0 ? "  " : ", ",
                text_name(name, &run->cluster.names, state->ids[i]));
        if (state->inc[i])
            fprintf(out, " +%" PRIu64, state->inc[i]);
        if (state->dec[i])
            fprintf(out, " -%" PRIu64, state->dec[i]);
    }
    if (state->len > SHOW_ENTRIES_MAX)
        fprintf(out, ", and %" PRIu32 " more", state->len - SHOW_ENTRIES_MAX);
}

/* The nodes of @rest that hold what its first holds; they are taken out. */
static void print_group(FILE *out, const struct run *run, struct nodeset *rest)
{
    uint32_t first = nodeset_next(rest, 0);
    struct fingerprint print = run->checks.prints[first];
    char value[TEXT_WIDE_MAX];
    struct nodeset group;

    nodeset_init(&group, run->scn->nodes);
    NODESET_EACH(node, rest)
    if (fingerprint_equal(run->checks.prints[node], print))
        nodeset_add(&group, node);
    NODESET_EACH(member, &group)
    nodeset_remove(rest, member);
    text_nodes(out, &group);
    fprintf(out, "  %s", text_wide(value, cluster_value(&run->cluster, first, NULL)));
    print_entries(out, run, first);
    fputc('\n', out);
    nodeset_release(&group);
}

static void print_values(FILE *out, const struct run *run)
{
    struct nodeset rest;
    uint32_t shown = 0;

    nodeset_init(&rest, run->scn->nodes);
    nodeset_copy(&rest, &run->cluster.up);
    for (; nodeset_count(&rest) > 0 && shown < SHOW_GROUPS_MAX; shown++)
        print_group(out, run, &rest);
    if (nodeset_count(&rest) > 0)
        fprintf(out, "and %" PRIu32 " more nodes with other states\n", nodeset_count(&rest));
    nodeset_release(&rest);
}

/* ---- net ---- */

/* Is a firing of @stmt in force now? Also a rule that is to last. */
static bool in_force(const struct run *run, uint32_t stmt)
{
    const struct timeline *timeline = &run->timeline;

    for (uint32_t i = timeline->faults_active_from; i < timeline->faults_len; i++)
        if (timeline->faults[i].active && timeline->faults[i].stmt == stmt)
            return true;
    for (size_t i = run->net.layers_base; i < run->net.layers_len; i++)
        if (run->net.layers[i].stmt == stmt)
            return true;
    return false;
}

/* Does @stmt act on messages? */
static bool is_of_net(const struct scn_stmt *stmt)
{
    if (stmt->kind == SCN_STMT_NET || stmt->kind == SCN_STMT_LINK)
        return true;
    return scn_acts(stmt) && scn_has(&stmt->action, SCN_ON_MESSAGES);
}

/* "lost: partition 12, loss 3" */
static void print_lost(FILE *out, const struct cluster_stats *stats)
{
    const char *comma = "lost: ";

    for (int fate = NET_LOST_LOSS; fate < NET_FATES; fate++) {
        const char *text = net_fate_text((enum net_fate)fate), *open = strchr(text, '(');

        if (stats->lost[fate] == 0)
            continue;
        fprintf(out, "%s%.*s %" PRIu64, comma, (int)strcspn(open, ")") - 1, open + 1,
                stats->lost[fate]);
        comma = ", ";
    }
    if (stats->dropped > 0)
        fputc('\n', out);
    if (stats->unwritten > 0)
        fprintf(out, "not sent: could not be written %" PRIu64 "\n", stats->unwritten);
}

static void print_net(FILE *out, const struct run *run)
{
    const struct cluster_stats *stats = &run->cluster.stats;
    uint64_t held = 0, waiting = 0;

    for (size_t i = 0; i < run->net.holds_len; i++)
        held += run->net.holds[i].len;
    for (uint32_t i = 0; i < run->scn->nodes; i++)
        waiting += run->cluster.hosts[i].inbox_len;
    fprintf(out,
            "sent %" PRIu64 "  delivered %" PRIu64 "  lost %" PRIu64 "  held %" PRIu64
            "  in inboxes %" PRIu64 "  on their way %" PRIu64 "\n",
            stats->sent, stats->delivered, stats->dropped, held, waiting,
            run->net.in_flight - held);
    if (run->net.duplicated > 0 || run->net.corrupted > 0)
        fprintf(out, "duplicated %" PRIu64 "  corrupted %" PRIu64 "\n", run->net.duplicated,
                run->net.corrupted);
    if (stats->forged > 0)
        fprintf(out, "forged %" PRIu64 "  seen %" PRIu64 "  lost %" PRIu64 "\n", stats->forged,
                stats->forged_seen, stats->forged_lost);
    print_lost(out, stats);
    for (uint32_t i = 0; i < run->scn->stmts_len; i++) {
        bool active = in_force(run, i);

        if (!is_of_net(&run->scn->stmts[i]) || (run->met[i].count == 0 && !active))
            continue;
        fprintf(out, "%s: met %" PRIu64 " messages%s\n", run->scn->stmts[i].text, run->met[i].count,
                active ? ", in force" : "");
    }
}

/* ---- checks ---- */

static void print_checks(FILE *out, const struct run *run)
{
    char text[SUMS_TEXT_MAX], lost[TEXT_WIDE_MAX];
    struct sums sums;

    for (int i = 0; i < CHECKS; i++)
        fprintf(out, "%s%s %" PRIu64, i > 0 ? "  " : "", checks_name((enum check)i),
                run->checks.asked[i]);
    oracle_value(&run->oracle, NULL, &sums);
    fprintf(out, "\noracle %s  open %" PRIu64, sums_text(text, &sums), run->oracle.open);
    sums_release(&sums);
    if (oracle_lost(&run->oracle) > 0)
        fprintf(out, "  lost %s", text_wide(lost, (i128)oracle_lost(&run->oracle)));
    fputc('\n', out);
}

/* ---- */

char *show_text(const struct run *run, enum scn_show_what what)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = fatal_memstream(&text, &len);

    switch (what) {
    case SCN_SHOW_VALUES:
        print_values(out, run);
        break;
    case SCN_SHOW_NET:
        print_net(out, run);
        break;
    case SCN_SHOW_CHECKS:
        print_checks(out, run);
        break;
    }
    fatal_memstream_close(out, &text);
    return text;
}

/* A golden line is a blank and the text; an empty one may go without the blank. */
static bool line_equal(const struct scn_golden *golden, const char *text, size_t len)
{
    if (len == 0 && golden->len == 0)
        return true;
    return golden->len == len + 1 && golden->text[0] == ' ' &&
           memcmp(golden->text + 1, text, len) == 0;
}

bool show_matches(const struct scn_show *show, const char *text, struct scn_pos *ret_pos,
                  struct finding *ret)
{
    for (size_t i = 0; i < show->lines_len || *text; i++) {
        size_t len = strcspn(text, "\n");
        const struct scn_golden *golden = i < show->lines_len ? &show->lines[i] : NULL;
        int shown = len > 200 ? 200 : (int)len;

        if (golden && *text && line_equal(golden, text, len)) {
            text += len + 1;
            continue;
        }
        *ret_pos = golden ? golden->pos : show->lines[show->lines_len - 1].pos;
        ret->node = UINT32_MAX;
        snprintf(ret->headline, sizeof(ret->headline), "this shows something else");
        if (!*text)
            snprintf(ret->label, sizeof(ret->label), "expected this line, found no more");
        else if (golden)
            snprintf(ret->label, sizeof(ret->label), "expected this line, found '%.*s'", shown,
                     text);
        else
            snprintf(ret->label, sizeof(ret->label), "expected no more lines, found '%.*s'", shown,
                     text);
        return false;
    }
    return true;
}

/* ---- the difference ---- */

static size_t count_lines(const char *text)
{
    size_t len = 0;

    for (; *text; text += strcspn(text, "\n") + 1)
        len++;
    return len;
}

static const char *line_at(const char *text, size_t at)
{
    for (; at > 0; at--)
        text += strcspn(text, "\n") + 1;
    return text;
}

static bool is_same(const struct scn_show *show, size_t golden, const char *line)
{
    return line_equal(&show->lines[golden], line, strcspn(line, "\n"));
}

static void print_golden_line(FILE *out, const struct scn_golden *line)
{
    fputs("  expected  |", out);
    for (size_t i = 0; i < line->len; i++)
        fputc(line->text[i] < ' ' ? '?' : line->text[i], out);
    fputc('\n', out);
}

static void print_more(FILE *out, const char *side, size_t lines)
{
    if (lines > SHOW_LINES_MAX)
        fprintf(out, "  %s  and %zu more lines\n", side, lines - SHOW_LINES_MAX);
}

void show_print_difference(FILE *out, const struct scn_show *show, const char *text)
{
    size_t found = count_lines(text), expected = show->lines_len, same = 0, tail = 0;

    while (same < expected && same < found && is_same(show, same, line_at(text, same)))
        same++;
    while (tail < expected - same && tail < found - same &&
           is_same(show, expected - tail - 1, line_at(text, found - tail - 1)))
        tail++;
    expected -= same + tail;
    found -= same + tail;
    for (size_t i = 0; i < SHOW_LINES_MAX && (i < expected || i < found); i++) {
        const char *line = line_at(text, same + i);

        /* Of as many lines on both sides, each belongs to its neighbour. */
        if (expected == found && is_same(show, same + i, line))
            continue;
        if (i < expected)
            print_golden_line(out, &show->lines[same + i]);
        if (i < found)
            fprintf(out, "  found     | %.*s\n", (int)strcspn(line, "\n"), line);
    }
    print_more(out, "expected", expected);
    print_more(out, "found   ", found);
}
