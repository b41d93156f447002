/* Text and JSON. Everything printed here is the same whenever the run is. */
#include "sim/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/pncounter.h"
#include "sim/diagnose.h"
#include "sim/explain.h"
#include "sim/fatal.h"
#include "sim/groups.h"
#include "sim/scenario/value.h"
#include "sim/show.h"
#include "sim/text.h"
#include "sim/version.h"

#define GREEN "\033[32m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

/* ---- the command that repeats a run ---- */

/* What a name would be taken for otherwise: an option, or a command. */
static void print_file(FILE *out, const char *file)
{
    if (file[0] == '-' || !strpbrk(file, "./"))
        fputs("./", out);
    text_shell(out, file);
}

/* "dcsim [WORD ]FILE --seed N -D ...", after the command that makes the file if there is none. */
static void print_command(FILE *out, const struct report *report, const char *word,
                          struct scn_range seeds)
{
    const struct report_command *command = report->command;

    if (command->made_by) {
        fprintf(out, "%s > ", command->made_by);
        print_file(out, command->file);
        fputs("; ", out);
    }
    text_shell(out, command->program);
    fprintf(out, " %s", word);
    print_file(out, command->file);
    if (seeds.lo == seeds.hi)
        fprintf(out, " --seed %" PRIu64, seeds.lo);
    else
        fprintf(out, " --seeds %" PRIu64 "..%" PRIu64, seeds.lo, seeds.hi);
    for (size_t i = 0; i < command->defines_len; i++) {
        fputs(" -D ", out);
        text_shell(out, command->defines[i].name);
    }
}

void report_minimise(FILE *out, const struct report *report, uint64_t seed)
{
    fputs("minimise:   ", out);
    print_command(out, report, "shrink ", (struct scn_range){seed, seed});
    fputc('\n', out);
}

/* What else was asked for. */
static void print_options(FILE *out, const struct report_command *command)
{
    if (command->sampled)
        fputs(" --codec sampled", out);
    if (command->until) {
        fputs(" --until ", out);
        text_shell(out, command->until);
    }
    if (command->dump) {
        fputs(" --dump ", out);
        text_shell(out, command->dump);
    }
    if (command->log) {
        fputs(" --log ", out);
        text_shell(out, command->log);
    }
    for (unsigned i = 0; i < command->verbose; i++)
        fputs(" -v", out);
    if (command->json)
        fputs(" --json", out);
    if (command->verify)
        fputs(" --verify", out);
    if (command->quiet)
        fputs(" -q", out);
}

void report_command_line(FILE *out, const struct report *report, uint64_t seed)
{
    print_command(out, report, "", (struct scn_range){seed, seed});
    print_options(out, report->command);
}

void report_reproduce(FILE *out, const struct report *report, uint64_t seed)
{
    fputs("reproduce:  ", out);
    report_command_line(out, report, seed);
    fputc('\n', out);
}

void report_reproduce_all(FILE *out, const struct report *report, const char *word,
                          struct scn_range seeds)
{
    fputs("reproduce:  ", out);
    print_command(out, report, word, seeds);
    print_options(out, report->command);
    fputc('\n', out);
}

/* ---- text ---- */

void report_header(FILE *out, const struct report *report, struct scn_range seeds)
{
    text_print(out, "dcsim %s (%s) model %u  %s", DCSIM_VERSION, DCSIM_COMMIT, DCSIM_MODEL,
               report->command->file);
    if (seeds.lo == seeds.hi)
        fprintf(out, "  seed %" PRIu64, seeds.lo);
    else
        fprintf(out, "  seeds %" PRIu64 "..%" PRIu64, seeds.lo, seeds.hi);
    for (size_t i = 0; i < report->scn->params_len; i++)
        fprintf(out, "%s%s=%s", i == 0 ? "  " : " ", report->scn->params[i].name,
                report->scn->params[i].value);
    fputc('\n', out);
    report_quiet(out, report->scn);
}

void report_quiet(FILE *out, const struct scenario *scn)
{
    const struct scn_quiet *quiet = &scn->quiet;
    char time[VALUE_TIME_TEXT_MAX];

    if (quiet->at_ns == DC_TIME_NEVER)
        return;
    fprintf(out, "quiet at %s", value_time_text(time, quiet->at_ns));
    fprintf(out, ": must converge by %s (", value_time_text(time, quiet->at_ns + quiet->bound_ns));
    if (quiet->before_ns > 0)
        fprintf(out, "%s + ", value_time_text(time, quiet->before_ns));
    fprintf(out, "%" PRIu64 " round%s of %s", quiet->rounds, quiet->rounds == 1 ? "" : "s",
            value_time_text(time, quiet->sync_ns));
    fprintf(out, " + %" PRIu64 " answer%s of %s)\n", quiet->waits, quiet->waits == 1 ? "" : "s",
            value_time_text(time, quiet->back_ns));
}

static void print_verdict_word(FILE *out, const struct report *report, enum verdict verdict)
{
    static const char *const colors[] = {GREEN, RED, YELLOW};

    if (report->color)
        fputs(colors[verdict], out);
    fputs(verdict_text(verdict), out);
    if (report->color)
        fputs(PLAIN, out);
}

/* Nobody did wrong, and yet: who reads only this line is to know. */
static void print_lost(FILE *out, u128 lost)
{
    char text[TEXT_WIDE_MAX];

    fprintf(out, "  lost %s acknowledged count%s with disks", text_wide(text, (i128)lost),
            lost == 1 ? "" : "s");
}

static void print_held(FILE *out, const struct report *report, const struct run *run)
{
    const struct cluster *cluster = &run->cluster;
    u128 lost = cluster_lost(cluster);
    char time[TEXT_TIME_MAX];

    print_verdict_word(out, report, run->outcome.verdict);
    text_print(out, "  %s  seed %" PRIu64, report->command->file, run->options.seed);
    fprintf(out, "  simulated %s", text_time_scn(time, run->world.now_ns));
    fprintf(out, "  events %" PRIu64 "  messages %" PRIu64 " (%" PRIu64 " lost)", run->world.events,
            cluster->stats.sent, cluster->stats.dropped);
    if (run->expects.ever)
        fprintf(out, "  converged %s", text_time_short(time, run->expects.since_ns));
    if (run->checks.census.distinct == 1) {
        char value[TEXT_WIDE_MAX];

        fprintf(out, "  value %s",
                text_wide(value,
                          cluster_value(&run->cluster, nodeset_next(&run->cluster.up, 0), NULL)));
    } else {
        fprintf(out, "  distinct %" PRIu32, run->checks.census.distinct);
    }
    if (lost > 0)
        print_lost(out, lost);
    fprintf(out, "  trace_hash %016" PRIx64 "\n", run->world.trace.hash);
}

/* The place of the first word at @pos: that is where the caret points. */
static struct scn_pos first_word(const struct diags *source, struct scn_pos pos)
{
    size_t len;
    const char *at = diags_text_at(source, pos, &len);

    pos.col_end = pos.col;
    for (; len > 0 && !strchr(" \t\r\n", *at); at++, len--)
        pos.col_end += ((unsigned char)*at & 0xC0) != 0x80;
    if (pos.col_end == pos.col)
        pos.col_end++;
    return pos;
}

static void print_cause(FILE *out, const struct report *report, const struct run *run)
{
    const struct outcome *outcome = &run->outcome;
    struct scn_pos pos = {0};

    if (outcome->stmt != UINT32_MAX) {
        const struct scn_stmt *stmt = &report->scn->stmts[outcome->stmt];

        pos = outcome->pos.line > 0 ? outcome->pos
              : stmt->implied       ? stmt->pos
                                    : first_word(report->source, stmt->arg_pos);
    }
    diag_show(out, report->source, pos, outcome->verdict == VERDICT_UNKNOWN ? "unknown" : "error",
              outcome->headline, outcome->label);
    if (run->shown)
        show_print_difference(out, &report->scn->stmts[outcome->stmt].show, run->shown);
}

/* Is what each node lacks the reason why the run broke? */
static bool speaks_of_states(const struct report *report, const struct run *run)
{
    const struct scn_stmt *stmt;

    if (run->outcome.reason != REASON_EXPECT)
        return false;
    stmt = &report->scn->stmts[run->outcome.stmt];
    if (stmt->kind != SCN_STMT_EXPECT && stmt->kind != SCN_STMT_QUIET)
        return false;
    switch (stmt->pred.kind) {
    case SCN_PRED_CONVERGED:
    case SCN_PRED_WITHIN:
        return true;
    case SCN_PRED_METRIC:
        return stmt->pred.metric == SCN_METRIC_VALUE || stmt->pred.metric == SCN_METRIC_DISTINCT;
    case SCN_PRED_DECREASE:
    case SCN_PRED_WHILE:
    case SCN_PRED_CAMPAIGN:
        return false;
    }
    return false;
}

/* "on SEL" takes those that are paused, too; without it, it is about those that are up. */
static bool speaks_of_paused(const struct report *report, const struct run *run)
{
    return speaks_of_states(report, run) && report->scn->stmts[run->outcome.stmt].pred.on;
}

/* The same run again, which stands at the instant that was judged, and what is to be seen in it. */
static void print_seen(FILE *out, const struct report *report, const struct run *run)
{
    struct groups groups;
    struct diagnosis found;

    groups_find(&groups, run, speaks_of_paused(report, run), speaks_of_states(report, run));
    diagnose(run, groups.lacks.list, groups.lacks.len, &found);
    if (run->outcome.verdict == VERDICT_BROKE) {
        if (speaks_of_states(report, run) && found.same)
            explain_still(out, report, run, &found);
        explain_event(out, report, run, &found);
        groups_print(out, report, run, &groups, &found);
        explain_sums(out, report, run, &found);
    } else {
        explain_idle(out, report, run, &found);
    }
    diagnosis_release(&found);
    groups_release(&groups);
}

bool report_has_why(const struct run *run)
{
    return run->outcome.verdict == VERDICT_BROKE || run->outcome.reason == REASON_UNFIRED;
}

static void print_diagnosis(FILE *out, const struct report *report, const struct run *run)
{
    struct run judged;

    if (!report_has_why(run))
        return;
    if (!diagnose_judged(run, &judged)) {
        print_seen(out, report, run);
        return;
    }
    print_seen(out, report, &judged);
    run_release(&judged);
}

static void print_failed(FILE *out, const struct report *report, const struct run *run)
{
    char time[TEXT_TIME_MAX];

    print_verdict_word(out, report, run->outcome.verdict);
    text_print(out, " %s  seed %" PRIu64 "  at %s\n", report->command->file, run->options.seed,
               text_time(time, run->outcome.at_ns));
    print_cause(out, report, run);
    if (report->why)
        fputs(report->why, out);
    else
        print_diagnosis(out, report, run);
}

/* The first @max lines of @text. Returns how many there are behind them. */
static size_t print_lines(FILE *out, const char *text, uint32_t max)
{
    size_t lines = 0;

    for (const char *at = text, *next; *at; at = next, lines++) {
        const char *end = strchr(at, '\n');

        next = end ? end + 1 : at + strlen(at);
        if (lines < max)
            fwrite(at, 1, (size_t)(next - at), out);
    }
    return lines > max ? lines - max : 0;
}

size_t report_verdict(FILE *out, const struct report *report, const struct run *run)
{
    char *text = NULL;
    size_t len = 0, more;
    FILE *memory;

    if (run->outcome.verdict == VERDICT_HELD)
        print_held(out, report, run);
    else if (report->lines == 0)
        print_failed(out, report, run);
    if (run->outcome.verdict == VERDICT_HELD || report->lines == 0)
        return 0;
    memory = fatal_memstream(&text, &len);
    print_failed(memory, report, run);
    fatal_memstream_close(memory, &text);
    more = print_lines(out, text, report->lines);
    free(text);
    return more;
}

char *report_why(const struct report *report, const struct run *run)
{
    char *why = NULL;
    size_t len = 0;
    FILE *out = fatal_memstream(&why, &len);

    print_diagnosis(out, report, run);
    fatal_memstream_close(out, &why);
    return why;
}

/* ---- JSON ---- */

static void json_params(FILE *out, const struct scenario *scn)
{
    fputs("\"params\":{", out);
    for (size_t i = 0; i < scn->params_len; i++) {
        if (i > 0)
            fputc(',', out);
        text_json(out, scn->params[i].name);
        fputc(':', out);
        text_json(out, scn->params[i].value);
    }
    fputs("},", out);
}

static void json_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":", name);
    if (text)
        text_json(out, text);
    else
        fputs("null", out);
    fputc(',', out);
}

static void json_number(FILE *out, const char *name, uint64_t number)
{
    fprintf(out, "\"%s\":%" PRIu64 ",", name, number);
}

static void json_hash(FILE *out, const char *name, uint64_t hash)
{
    fprintf(out, "\"%s\":\"%016" PRIx64 "\",", name, hash);
}

static void json_cause(FILE *out, const struct report *report, const struct run *run)
{
    uint32_t stmt = run->outcome.stmt;

    json_text(out, "verdict", verdict_text(run->outcome.verdict));
    json_text(out, "reason", reason_text(run->outcome.reason));
    if (stmt == UINT32_MAX) {
        fputs("\"file\":null,\"line\":null,", out);
    } else {
        struct scn_pos pos = run->outcome.pos;

        if (pos.line == 0)
            pos = report->scn->stmts[stmt].pos;
        json_text(out, "file", diags_name(report->source, pos));
        json_number(out, "line", pos.line);
    }
}

static void json_counts(FILE *out, const struct run *run)
{
    const struct cluster_stats *stats = &run->cluster.stats;

    json_number(out, "nodes", run->scn->nodes);
    json_number(out, "sim_ns", run->world.now_ns);
    json_number(out, "events", run->world.events);
    json_number(out, "sent", stats->sent);
    json_number(out, "delivered", stats->delivered);
    json_number(out, "dropped", stats->dropped);
    json_number(out, "duplicated", run->net.duplicated);
    json_number(out, "corrupted", run->net.corrupted);
    json_number(out, "pushes", stats->pushes);
    json_number(out, "bytes", stats->bytes);
    if (run->options.codec_sampled)
        fputs("\"wire_bytes\":null,", out); /* known of the sample only */
    else
        json_number(out, "wire_bytes", stats->wire_bytes);
}

static void json_state(FILE *out, const struct run *run)
{
    char value[TEXT_WIDE_MAX];

    if (run->expects.ever)
        json_number(out, "converged_ns", run->expects.since_ns);
    else
        fputs("\"converged_ns\":null,", out);
    if (run->checks.census.distinct == 1)
        fprintf(out, "\"value\":%s,",
                text_wide(value,
                          cluster_value(&run->cluster, nodeset_next(&run->cluster.up, 0), NULL)));
    else
        fputs("\"value\":null,", out);
    json_number(out, "distinct", run->checks.census.distinct);
    fprintf(out, "\"acknowledged_lost\":%s,", text_wide(value, (i128)cluster_lost(&run->cluster)));
}

static void json_command(FILE *out, const struct report *report, uint64_t seed)
{
    char *command = NULL;
    size_t len = 0;
    FILE *memory = fatal_memstream(&command, &len);

    report_command_line(memory, report, seed);
    fatal_memstream_close(memory, &command);
    fputs("\"command\":", out);
    text_json(out, command);
    free(command);
}

static void json_begin(FILE *out, const struct report *report, uint64_t seed)
{
    fputs("{\"schema\":1,", out);
    json_text(out, "scenario", report->command->file);
    json_hash(out, "scenario_hash", report->scn->hash);
    json_number(out, "model", DCSIM_MODEL);
    json_number(out, "seed", seed);
    json_params(out, report->scn);
}

static void json_end(FILE *out, const struct report *report, uint64_t seed)
{
    json_text(out, "build", DCSIM_VERSION " " DCSIM_COMMIT " " DCSIM_BUILD);
    json_command(out, report, seed);
    fputs("}\n", out);
}

void report_json(FILE *out, const struct report *report, const struct run *run, uint64_t wall_ns)
{
    json_begin(out, report, run->options.seed);
    json_cause(out, report, run);
    json_counts(out, run);
    json_state(out, run);
    json_hash(out, "trace_hash", run->world.trace.hash);
    json_hash(out, "unseed", run->world.choose.unseed);
    json_number(out, "wall_ns", wall_ns);
    json_end(out, report, run->options.seed);
}

void report_json_lost(FILE *out, const struct report *report, uint64_t seed, enum verdict verdict,
                      enum reason reason)
{
    static const char *const unknown[] = {"sim_ns",       "events",
                                          "sent",         "delivered",
                                          "dropped",      "duplicated",
                                          "corrupted",    "pushes",
                                          "bytes",        "wire_bytes",
                                          "converged_ns", "value",
                                          "distinct",     "acknowledged_lost",
                                          "trace_hash",   "unseed",
                                          "wall_ns"};

    json_begin(out, report, seed);
    json_text(out, "verdict", verdict_text(verdict));
    json_text(out, "reason", reason_text(reason));
    fputs("\"file\":null,\"line\":null,", out);
    json_number(out, "nodes", report->scn->nodes);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        json_text(out, unknown[i], NULL);
    json_end(out, report, seed);
}

/* ---- states ---- */

void report_state(FILE *out, const struct run *run, uint32_t node)
{
    const struct pncounter *state = &run->cluster.hosts[node].node.counter;
    char text[TEXT_WIDE_MAX], name[TEXT_NAME_MAX];

    fprintf(out, "%s", text_wide(text, cluster_value(&run->cluster, node, NULL)));
    for (uint32_t i = 0; i < state->len; i++) {
        fprintf(out, "%s%s", i == 0 ? "  " : ", ",
                text_name(name, &run->cluster.names, state->ids[i]));
        if (state->inc[i])
            fprintf(out, " +%" PRIu64, state->inc[i]);
        if (state->dec[i])
            fprintf(out, " -%" PRIu64, state->dec[i]);
    }
}

void report_dump(FILE *out, const struct run *run, const struct nodeset *set)
{
    NODESET_EACH(node, set)
    {
        fprintf(out, "  n%-6" PRIu32 " ", node + 1);
        report_state(out, run, node);
        fputc('\n', out);
    }
}
