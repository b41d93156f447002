/* What a campaign has come to: what is expected of all its runs, and the summary. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/campaign/blame.h"
#include "sim/cmd_campaign_inner.h"
#include "sim/cmd_counts.h"
#include "sim/fatal.h"
#include "sim/swarm/swarm.h"
#include "sim/text.h"
#include "sim/wide.h"

/* What must hold sometimes, and never did, says that the campaign has not seen what it is for. */
static void judge_hopes(struct campaign *campaign, const struct subject *subject)
{
    char headline[64];
    size_t number = 0;

    if (campaign_is_swarm(subject) || subject->runs < 2)
        return;
    snprintf(headline, sizeof(headline), "in none of %" PRIu64 " runs", subject->runs);
    for (size_t i = 0; i < subject->source.file->scn.stmts_len; i++) {
        const struct scn_stmt *stmt = &subject->source.file->scn.stmts[i];

        if (stmt->kind != SCN_STMT_SOMETIMES || subject->hopes[number++])
            continue;
        diag_show(campaign->out, &subject->source.file->diags, stmt->arg_pos, "unknown", headline,
                  "expected in at least 1 run, found in 0");
        campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_UNKNOWN);
    }
}

static bool compares(enum scn_cmp cmp, uint64_t found, uint64_t value)
{
    switch (cmp) {
    case SCN_LT:
        return found < value;
    case SCN_LE:
        return found <= value;
    case SCN_GT:
        return found > value;
    case SCN_GE:
        return found >= value;
    case SCN_EQ:
    case SCN_NE:
        break; /* the parser takes none of these */
    }
    return false;
}

/* expect p99 converged < 2s: of all runs, where one that failed never converged. */
static void judge_percentiles(struct campaign *campaign, struct subject *subject)
{
    const struct scenario *scn = campaign_is_swarm(subject) ? NULL : &subject->source.file->scn;

    for (size_t i = 0; scn && i < scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &scn->stmts[i];
        unsigned percent = stmt->pred.metric == SCN_METRIC_P50_DELAY ? 50 : 99;
        char found[TEXT_TIME_MAX] = "never", wanted[TEXT_TIME_MAX], headline[128], label[160];
        uint64_t ns;

        if (stmt->kind != SCN_STMT_CAMPAIGN || !summary_converged(&subject->times, percent, &ns) ||
            compares(stmt->pred.cmp, ns, stmt->pred.value))
            continue;
        if (ns != UINT64_MAX)
            text_time(found, ns);
        snprintf(headline, sizeof(headline), "not in %" PRIu64 " runs", subject->runs);
        snprintf(label, sizeof(label), "expected p%u %s %s, found %s", percent,
                 scn_cmp_text(stmt->pred.cmp), text_time(wanted, stmt->pred.value), found);
        diag_show(campaign->out, &subject->source.file->diags, stmt->arg_pos, "error", headline,
                  label);
        campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_BROKE);
    }
}

void campaign_judge(struct campaign *campaign, bool interrupted)
{
    for (uint32_t i = 0; !interrupted && i < campaign->subjects_len; i++)
        judge_hopes(campaign, campaign->subjects[i]);
    for (uint32_t i = 0; i < campaign->subjects_len; i++)
        judge_percentiles(campaign, campaign->subjects[i]);
}

static void print_commands(const struct campaign *campaign, struct job job)
{
    struct report report = campaign_report_of(campaign, job);

    fputs("\n  ", campaign->out);
    report_reproduce(campaign->out, &report, job.seed);
    fputs("  ", campaign->out);
    report_minimise(campaign->out, &report, job.seed);
}

static void print_cause(struct campaign *campaign, size_t number)
{
    const struct summary_cause *cause = &campaign->summary.causes[number];
    FILE *out = campaign->out;

    fprintf(out, "cause %zu: %" PRIu64 " run%s %s: %s\n", number + 1, cause->runs,
            cause->runs == 1 ? "" : "s", runinfo_verdict_text(cause->verdict), cause->text);
    fputs("  fastest:  ", out);
    for (unsigned i = 0; i < cause->seeds_len; i++) {
        const struct summary_seed *seed = &cause->seeds[i];

        if (campaign->subjects_len > 1)
            fprintf(out, "%s%s seed %" PRIu64, i ? ", " : "",
                    campaign->subjects[seed->subject]->source.command.file, seed->seed);
        else
            fprintf(out, "%s%" PRIu64, i ? ", " : "seed ", seed->seed);
    }
    if (cause->runs > cause->seeds_len)
        fprintf(out, ", and %" PRIu64 " more", cause->runs - cause->seeds_len);
    print_commands(campaign, (struct job){cause->seeds[0].subject, cause->seeds[0].seed});
}

static void print_pass_rate(struct campaign *campaign)
{
    const struct summary *summary = &campaign->summary;
    uint64_t runs = summary_runs(summary), held = summary->of[RUNINFO_HELD];
    unsigned share = runs > 0 ? (unsigned)((u128)held * 10000 / runs) : 0;
    uint64_t p50, p99;
    char a[TEXT_TIME_MAX], b[TEXT_TIME_MAX];

    fprintf(campaign->out, "passed %u.%02u%% of %" PRIu64 " runs", share / 100, share % 100, runs);
    if (summary_converged(&campaign->summary, 50, &p50) &&
        summary_converged(&campaign->summary, 99, &p99))
        fprintf(campaign->out, "; converged: p50 %s, p99 %s", text_time_short(a, p50),
                text_time_short(b, p99));
    fputc('\n', campaign->out);
}

/* "nodes 5", "torn" of a seed of the swarm; "loss=5%" of what a file sweeps. */
static void print_traits(FILE *out, const struct campaign *campaign, struct job job)
{
    const struct subject *subject = campaign->subjects[job.subject];
    const struct report_command *command = &subject->source.command;

    if (campaign_is_swarm(subject)) {
        struct swarm_input input = {
            .seed = job.seed,
            .nodes_min = (uint32_t)subject->source.nodes.lo,
            .nodes_max = (uint32_t)subject->source.nodes.hi,
        };

        swarm_traits(out, &input);
        return;
    }
    if (campaign_turns(campaign) > 1 && command->defines_len == 0)
        fprintf(out, "%s\n", command->file);
    for (size_t i = 0; i < command->defines_len; i++)
        if (command->defines[i].swept)
            fprintf(out, "%s\n", command->defines[i].name);
}

static void blame_all(struct blame *blame, const struct campaign *campaign,
                      const struct job_list *jobs, bool failed)
{
    for (size_t i = 0; i < jobs->len; i++) {
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);

        if (!out)
            fatal("out of memory");
        print_traits(out, campaign, jobs->jobs[i]);
        if (fclose(out) != 0)
            fatal("out of memory");
        blame_add(blame, text, failed);
        free(text);
    }
}

static void print_blame(struct campaign *campaign)
{
    struct blame blame = {0};

    if (campaign->failed.len == 0 || campaign->held.len == 0)
        return;
    blame_all(&blame, campaign, &campaign->failed, true);
    blame_all(&blame, campaign, &campaign->held, false);
    blame_print(campaign->out, &blame);
    blame_release(&blame);
}

void campaign_print(struct campaign *campaign)
{
    const struct summary *summary = &campaign->summary;
    const struct scn_range *seeds = &campaign->settings->seeds;
    struct counts counts = {{0}};
    const char *between = "";

    for (uint32_t i = 0; i < campaign_turns(campaign); i++) {
        const char *name = campaign->subjects[i]->source.name;

        if (i == 0 || strcmp(name, campaign->subjects[i - 1]->source.name) != 0)
            fprintf(campaign->out, "%s%s", between, name);
        between = " ";
    }
    fprintf(campaign->out, " seeds %" PRIu64 "..", seeds->lo);
    if (seeds->hi != UINT64_MAX)
        fprintf(campaign->out, "%" PRIu64, seeds->hi);
    fputs(": ", campaign->out);
    counts.of[COUNT_HELD] = summary->of[RUNINFO_HELD];
    counts.of[COUNT_BROKE] = summary->of[RUNINFO_BROKE];
    counts.of[COUNT_UNKNOWN] = summary->of[RUNINFO_UNKNOWN];
    counts.of[COUNT_INTERNAL] = summary->of[RUNINFO_INTERNAL];
    counts_print(campaign->out, &counts);
    print_pass_rate(campaign);
    for (size_t i = 0; i < summary->causes_len; i++)
        print_cause(campaign, i);
    print_blame(campaign);
    if (campaign->coverage)
        marks_print_table(campaign->out, &campaign->marks);
    else
        marks_print_short(campaign->out, &campaign->marks);
}
