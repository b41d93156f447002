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

/* ---- what is expected of runs together ---- */

static void add_case(struct campaign *campaign, const char *name, const char *swept,
                     struct junit_case it)
{
    size_t size = strlen(name) + strlen(swept) + 3;
    char *whole = fatal_alloc(size);

    snprintf(whole, size, "%s%s%s", name, swept[0] ? ", " : "", swept);
    it.name = whole;
    it.text_len = strlen(it.text);
    junit_add(campaign->settings->junit, &it);
    free(whole);
}

static void add_claim(void *ctx, const struct together_claim *claim)
{
    bool sometimes = claim->stmt->kind == SCN_STMT_SOMETIMES;

    add_case(ctx, claim->stmt->text, claim->swept,
             (struct junit_case){.result = claim->held ? JUNIT_PASSED : JUNIT_FAILED,
                                 .type = sometimes ? "sometimes" : "expect",
                                 .text = claim->label});
}

/* The subjects that are combinations of one file, from @first on. Returns how many. */
static size_t combinations(const struct campaign *campaign, uint32_t first, struct together **ret)
{
    const struct cmd_file *file = campaign->subjects[first]->variants.file;
    size_t len = 0;

    while (first + len < campaign->subjects_len &&
           campaign->subjects[first + len]->variants.file == file) {
        ret[len] = &campaign->subjects[first + len]->together;
        len++;
    }
    return len;
}

/* "sometimes": what never was says that the campaign has not seen what it is for. */
static unsigned judge_hopes(struct campaign *campaign, const struct together_place *like)
{
    struct together **list = fatal_calloc(campaign->subjects_len, sizeof(struct together *));
    unsigned never = 0;
    size_t len;

    for (uint32_t i = 0; i < campaign->subjects_len; i += (uint32_t)len) {
        const struct subject *subject = campaign->subjects[i];
        struct together_place place = *like;
        struct report_command command;
        struct report report;

        len = campaign_is_swarm(subject) ? 1 : combinations(campaign, i, list);
        if (campaign_is_swarm(subject))
            continue;
        command = *subject->variants.command;
        command.file = subject->source.command.file;
        report = (struct report){.command = &command,
                                 .scn = &subject->source.file->scn,
                                 .source = &subject->source.file->diags};
        place.report = &report;
        never += together_judge_hopes(list, len, &place);
    }
    free(list);
    return never;
}

static unsigned judge_times(struct campaign *campaign, const struct together_place *like)
{
    unsigned broke = 0;

    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        struct subject *subject = campaign->subjects[i];
        struct together_place place = *like;
        struct report report;

        if (campaign_is_swarm(subject))
            continue;
        report = (struct report){.command = &subject->source.command,
                                 .scn = &subject->source.file->scn,
                                 .source = &subject->source.file->diags};
        place.report = &report;
        broke += together_judge_times(&subject->together, &place);
    }
    return broke;
}

static void judge_together(struct campaign *campaign, bool interrupted, struct counts *ret)
{
    struct together_place place = {
        .out = campaign->out,
        .word = "fuzz ",
        .seed_first = campaign->settings->seeds.lo,
        .asked =
            campaign->endless ? 0 : campaign->settings->seeds.hi - campaign->settings->seeds.lo + 1,
        .judged = campaign->settings->junit_file ? add_claim : NULL,
        .ctx = campaign,
    };

    if (!interrupted)
        ret->of[COUNT_UNKNOWN] = judge_hopes(campaign, &place);
    ret->of[COUNT_BROKE] = judge_times(campaign, &place);
    if (ret->of[COUNT_UNKNOWN] > 0)
        campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_UNKNOWN);
    if (ret->of[COUNT_BROKE] > 0)
        campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_BROKE);
}

/* ---- are these all runs that were asked for? ---- */

static void print_swept(FILE *out, const struct report_command *command)
{
    const char *before = ", ";

    for (size_t i = 0; i < command->defines_len; i++) {
        if (!command->defines[i].swept)
            continue;
        fprintf(out, "%s%s", before, command->defines[i].name);
        before = " ";
    }
}

/* What nobody has looked at is unknown. */
static void judge_missing(struct campaign *campaign)
{
    const char *why = campaign->late ? "--time was over" : "the campaign ended";
    bool endless = campaign->endless;
    char text[128];

    if (!endless && campaign->done < campaign->jobs) {
        snprintf(text, sizeof(text), "%s after %" PRIu64 " of %" PRIu64 " runs", why,
                 campaign->done, campaign->jobs);
        fprintf(campaign->out, "unknown: %s\n", text);
    }
    for (uint32_t i = 0; i < campaign_turns(campaign); i++) {
        const struct source *source = &campaign->subjects[i]->source;

        if (campaign->subjects[i]->together.runs > 0)
            continue;
        snprintf(text, sizeof(text), "%s before any run", why);
        text_print(campaign->out, "unknown: %s of %s", text, source->name);
        print_swept(campaign->out, &source->command);
        fputc('\n', campaign->out);
        endless = false;
    }
    if (endless || campaign->done == campaign->jobs)
        return;
    if (campaign->settings->junit_file)
        add_case(campaign, "all runs", "",
                 (struct junit_case){.result = JUNIT_ERROR, .type = "unknown", .text = text});
    campaign->exit_code = cmd_worse(campaign->exit_code, EXIT_UNKNOWN);
}

/* ---- the summary ---- */

static void print_commands(const struct campaign *campaign, struct job job, bool shrinks)
{
    struct report report = campaign_report_of(campaign, job);

    fputs("\n  ", campaign->out);
    report_reproduce(campaign->out, &report, job.seed);
    if (!shrinks)
        return;
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
            text_print(out, "%s%s seed %" PRIu64, i ? ", " : "",
                       campaign->subjects[seed->subject]->source.command.file, seed->seed);
        else
            fprintf(out, "%s%" PRIu64, i ? ", " : "seed ", seed->seed);
    }
    if (cause->runs > cause->seeds_len)
        fprintf(out, ", and %" PRIu64 " more", cause->runs - cause->seeds_len);
    print_commands(campaign, (struct job){cause->seeds[0].subject, cause->seeds[0].seed},
                   cause->shrinks);
}

static void print_pass_rate(struct campaign *campaign)
{
    const struct summary *summary = &campaign->summary;
    uint64_t runs = summary_runs(summary), held = summary->of[RUNINFO_HELD];
    unsigned share = runs > 0 ? (unsigned)((u128)held * 10000 / runs) : 0;
    uint64_t p50, p99;
    char a[TEXT_TIME_MAX], b[TEXT_TIME_MAX];

    if (runs == 0)
        return;
    fprintf(campaign->out, "passed %u.%02u%% of %" PRIu64 " %s", share / 100, share % 100, runs,
            runs == 1 ? "run" : "runs");
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
        text_print(out, "%s\n", command->file);
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
        FILE *out = fatal_memstream(&text, &len);

        print_traits(out, campaign, jobs->jobs[i]);
        fatal_memstream_close(out, &text);
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

/* Which runs: "a.scn b.scn seeds 1..20, and 1 known: " */
static void print_runs(const struct campaign *campaign)
{
    const struct scn_range *seeds = &campaign->settings->seeds;
    const char *between = "";

    for (uint32_t i = 0; i < campaign_turns(campaign); i++) {
        const char *name = campaign->subjects[i]->source.name;

        if (i == 0 || strcmp(name, campaign->subjects[i - 1]->source.name) != 0)
            text_print(campaign->out, "%s%s", between, name);
        between = " ";
    }
    fprintf(campaign->out, " seeds %" PRIu64 "..", seeds->lo);
    if (!campaign->endless)
        fprintf(campaign->out, "%" PRIu64, seeds->hi);
    if (campaign->beside > 0)
        fprintf(campaign->out, ", and %" PRIu64 " known", campaign->beside);
    fputs(": ", campaign->out);
}

static void print_summary(struct campaign *campaign, const struct counts *together)
{
    const struct summary *summary = &campaign->summary;
    struct counts counts = {{0}};

    print_runs(campaign);
    counts.of[COUNT_HELD] = summary->of[RUNINFO_HELD];
    counts.of[COUNT_BROKE] = summary->of[RUNINFO_BROKE];
    counts.of[COUNT_UNKNOWN] = summary->of[RUNINFO_UNKNOWN];
    counts.of[COUNT_INTERNAL] = summary->of[RUNINFO_INTERNAL];
    counts_print(campaign->out, &counts);
    if (!campaign->endless && campaign_has_failures(campaign) && campaign->done < campaign->jobs)
        fprintf(campaign->out, "ended by --max-failures after %" PRIu64 " of %" PRIu64 " runs\n",
                campaign->done, campaign->jobs);
    if (together->of[COUNT_BROKE] + together->of[COUNT_UNKNOWN] > 0) {
        fputs("all runs together: ", campaign->out);
        counts_print_failed(campaign->out, together);
    }
    print_pass_rate(campaign);
    for (size_t i = 0; i < summary->causes_len; i++)
        print_cause(campaign, i);
    print_blame(campaign);
    if (campaign->coverage)
        marks_print_table(campaign->out, &campaign->marks);
    else
        marks_print_short(campaign->out, &campaign->marks);
}

void campaign_conclude(struct campaign *campaign, bool interrupted)
{
    struct counts together = {{0}};

    judge_together(campaign, interrupted, &together);
    if (!interrupted && !campaign_has_failures(campaign))
        judge_missing(campaign);
    if (!campaign->quiet || campaign->exit_code != EXIT_HELD)
        print_summary(campaign, &together);
}
