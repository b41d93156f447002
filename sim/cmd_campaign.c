/* Jobs from subjects and seeds; results into a summary, and onto paper. */
#include "sim/cmd_campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd_campaign_inner.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/text.h"
#include "sim/verify.h"
#include "sim/wide.h"

#define SECOND_NS UINT64_C(1000000000)
/* Between two lines of progress. */
#define TERMINAL_NS (SECOND_NS / 4)
#define LINE_NS (10 * SECOND_NS)
/* One run in so many is run twice. */
#define TWICE 50u
/* Runs of which blame is made. */
#define JOBS_KEPT 1000u

/* ---- subjects ---- */

static struct subject *add_subject(struct campaign *campaign)
{
    struct subject *subject = fatal_calloc(1, sizeof(*subject));

    if (campaign->subjects_len == campaign->subjects_cap) {
        campaign->subjects_cap = campaign->subjects_cap ? campaign->subjects_cap * 2 : 16;
        campaign->subjects = fatal_realloc_array(campaign->subjects, campaign->subjects_cap,
                                                 sizeof(struct subject *));
    }
    campaign->subjects[campaign->subjects_len++] = subject;
    return subject;
}

int campaign_add_file(struct campaign *campaign, const struct cmd_file *file,
                      const struct report_command *command)
{
    uint64_t number = 0, count;

    do {
        struct subject *subject = add_subject(campaign);
        const struct cmd_file *taken;

        variants_init(&subject->variants, file, command);
        count = subject->variants.count;
        taken = variants_take(&subject->variants, number);
        if (!taken)
            return -1;
        source_of_file(&subject->source, taken, &subject->variants.of);
        together_init(&subject->together, &taken->scn);
    } while (++number < count);
    return 0;
}

void campaign_add_swarm(struct campaign *campaign, struct scn_range nodes,
                        const struct report_command *command)
{
    struct subject *subject = add_subject(campaign);

    source_of_swarm(&subject->source, nodes, command);
    together_init(&subject->together, NULL);
}

void campaign_release(struct campaign *campaign)
{
    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        struct subject *subject = campaign->subjects[i];

        source_release(&subject->source);
        if (subject->variants.file)
            variants_release(&subject->variants);
        together_release(&subject->together);
        free(subject);
    }
    free(campaign->subjects);
    free(campaign->first);
    free(campaign->early);
    free(campaign->failed.jobs);
    free(campaign->held.jobs);
    campaign->failed = campaign->held = (struct job_list){0};
    summary_release(&campaign->summary);
    campaign->subjects = NULL;
    campaign->subjects_len = 0;
    campaign->first = NULL;
    campaign->early = NULL;
}

bool campaign_is_swarm(const struct subject *subject)
{
    return subject->variants.file == NULL;
}

void campaign_add_first(struct campaign *campaign, uint32_t subject, uint64_t seed)
{
    if (campaign->first_len == campaign->first_cap) {
        campaign->first_cap = campaign->first_cap ? campaign->first_cap * 2 : 16;
        campaign->first =
            fatal_realloc_array(campaign->first, campaign->first_cap, sizeof(*campaign->first));
    }
    campaign->first[campaign->first_len++] = (struct job){.subject = subject, .seed = seed};
}

/* ---- jobs: what comes first, then the others: the subjects in turn, seed by seed ---- */

uint32_t campaign_turns(const struct campaign *campaign)
{
    return campaign->turns > 0 ? campaign->turns : campaign->subjects_len;
}

static int compare_places(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

/* Which of the turns have come before: they are passed over. */
static void find_early(struct campaign *campaign)
{
    const struct scn_range *seeds = &campaign->settings->seeds;
    uint32_t turns = campaign_turns(campaign);

    campaign->early = fatal_calloc(campaign->first_len, sizeof(*campaign->early));
    for (size_t i = 0; i < campaign->first_len; i++) {
        const struct job *job = &campaign->first[i];

        /* One that is further away than can be counted is never reached. */
        if (job->subject < turns && job->seed >= seeds->lo && job->seed <= seeds->hi &&
            job->seed - seeds->lo <= UINT64_MAX / turns - 1)
            campaign->early[campaign->early_len++] = (job->seed - seeds->lo) * turns + job->subject;
    }
    if (campaign->early_len > 0)
        qsort(campaign->early, campaign->early_len, sizeof(*campaign->early), compare_places);
}

/* The place of the turn that is number @number, from 0, of those that have not come before. */
static uint64_t place_of(const struct campaign *campaign, uint64_t number)
{
    size_t lo = 0, hi = campaign->early_len;

    /* early[i] - i turns lie before it that have not come, and that never falls. */
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;

        if (campaign->early[middle] - middle <= number)
            lo = middle + 1;
        else
            hi = middle;
    }
    return number + lo;
}

static struct job job_at(const struct campaign *campaign, uint64_t number)
{
    uint32_t turns = campaign_turns(campaign);

    if (number < campaign->first_len)
        return campaign->first[number];
    number = place_of(campaign, number - campaign->first_len);
    return (struct job){
        .subject = (uint32_t)(number % turns),
        .seed = campaign->settings->seeds.lo + number / turns,
    };
}

struct report campaign_report_of(const struct campaign *campaign, struct job job)
{
    struct subject *subject = campaign->subjects[job.subject];

    source_take(&subject->source, job.seed);
    return (struct report){
        .command = &subject->source.command,
        .scn = &subject->source.file->scn,
        .source = &subject->source.file->diags,
        .color = campaign->settings->color,
    };
}

/* ---- in a worker ---- */

/* What a worker knows when a run is over. */
struct watched {
    const struct subject *subject;
    const struct report *report;
    bool tells; /* the run is made once more, for its report */
};

/* By the seed alone, so that a campaign does the same whenever it is done. */
static bool is_for_twice(uint64_t seed)
{
    return (seed * UINT64_C(0x9e3779b97f4a7c15) >> 32) % TWICE == 0;
}

/* Does it come out the same once more? If not, says where the two part. */
static bool repeats(const struct report *report, const struct run *first, FILE *out)
{
    struct run_options options = first->options;
    struct report_command command = *report->command;
    struct report twice = *report;
    struct run again;
    bool more, same;

    run_init(&again, first->scn, &options, NULL);
    more = !again.over;
    while (more && !seeds_interrupted())
        more = run_step(&again);
    same = seeds_interrupted() || (again.world.trace.hash == first->world.trace.hash &&
                                   again.world.choose.unseed == first->world.choose.unseed &&
                                   again.outcome.verdict == first->outcome.verdict &&
                                   again.outcome.reason == first->outcome.reason);
    run_release(&again);
    if (same)
        return true;
    command.verify = command.quiet = true;
    twice.command = &command;
    if (verify_run(out, &twice, &options, seeds_stop()) == EXIT_HELD) {
        text_print(out, "unrepeatable %s  seed %" PRIu64 ": two runs differed, two others do not\n",
                   command.file, options.seed);
        report_reproduce(out, &twice, options.seed);
    }
    return false;
}

static enum runinfo_verdict verdict_of(int code)
{
    return code == EXIT_HELD      ? RUNINFO_HELD
           : code == EXIT_BROKE   ? RUNINFO_BROKE
           : code == EXIT_UNKNOWN ? RUNINFO_UNKNOWN
                                  : RUNINFO_INTERNAL;
}

/* Handed over: a struct runinfo, a struct marks, what together_add() takes. */
static int run_over(void *ctx, const struct run *run, int code, FILE *out, FILE *extra,
                    bool *ret_report)
{
    struct watched *watched = ctx;
    struct marks marks = marks_take(); /* before it is run once more */
    struct runinfo info;

    if (code == EXIT_INTERRUPTED)
        return code;
    runinfo_of(&info, run, verdict_of(code), !campaign_is_swarm(watched->subject));
    if (!watched->tells && run->outcome.reason != REASON_CONTRACT &&
        is_for_twice(run->options.seed) && !repeats(watched->report, run, out)) {
        runinfo_lost(&info, RUNINFO_INTERNAL, reason_text(REASON_UNREPEATABLE),
                     "two runs of one seed differ");
        code = EXIT_INTERNAL;
    }
    *ret_report = watched->tells;
    fwrite(&info, sizeof(info), 1, extra);
    fwrite(&marks, sizeof(marks), 1, extra);
    together_tell(extra, run, code);
    return code;
}

int campaign_run_one(struct campaign *campaign, struct job job, bool tells, FILE *out, FILE *extra)
{
    struct settings settings = *campaign->settings;
    struct report report = campaign_report_of(campaign, job);
    struct watched watched = {
        .subject = campaign->subjects[job.subject], .report = &report, .tells = tells};
    struct seeds_watch watch = {.over = run_over, .ctx = &watched};

    settings.job_ns = campaign->job_ns;
    settings.may_miss =
        campaign_is_swarm(watched.subject); /* of faults by chance, some hide others */
    marks_take(); /* what another run has reached after its end is no part of this one */
    return seeds_one(&settings, &report, job.seed, out, extra, &watch);
}

static int run_job(void *ctx, uint64_t number, FILE *out, FILE *extra)
{
    struct campaign *campaign = ctx;

    return campaign_run_one(campaign, job_at(campaign, number), false, out, extra);
}

/* ---- results ---- */

/* Of a worker that told nothing. */
static void info_of_lost(const struct campaign *campaign, const struct workers_result *result,
                         struct runinfo *ret)
{
    char cause[SEEDS_LOST_MAX];

    seeds_lost_cause(cause, result, campaign->job_ns);
    runinfo_lost(ret, verdict_of(seeds_lost_code(result)), reason_text(seeds_lost_reason(result)),
                 cause);
    ret->outside = seeds_lost_outside(result);
}

/* Is it one of the seeds that were asked for? Else it is only known, and counts beside them. */
static bool is_asked(const struct campaign *campaign, struct job job)
{
    const struct scn_range *seeds = &campaign->settings->seeds;

    return job.subject < campaign_turns(campaign) && job.seed >= seeds->lo && job.seed <= seeds->hi;
}

bool campaign_told(const struct workers_result *result, struct runinfo *ret)
{
    memcpy(ret, result->extra, sizeof(*ret));
    if (result->code != EXIT_INTERNAL || ret->verdict == RUNINFO_INTERNAL ||
        ret->verdict == RUNINFO_BROKE)
        return true;
    runinfo_lost(ret, RUNINFO_INTERNAL, reason_text(REASON_CONTRACT),
                 "broken when the run was over");
    return false;
}

/* What came of a run. False: it was interrupted. */
static bool info_of(struct campaign *campaign, const struct workers_result *result, struct job job,
                    struct runinfo *ret)
{
    struct together *together = &campaign->subjects[job.subject]->together;
    size_t own_len = sizeof(*ret) + sizeof(struct marks);
    struct marks marks;

    if (result->end == WORKERS_TOLD && result->extra_len < own_len)
        return false;
    if (result->end != WORKERS_TOLD) {
        info_of_lost(campaign, result, ret);
        if (is_asked(campaign, job))
            together_add(together, job.seed, seeds_lost_code(result), NULL, 0);
        return true;
    }
    campaign_told(result, ret);
    memcpy(&marks, result->extra + sizeof(*ret), sizeof(marks));
    marks_add(&campaign->marks, &marks);
    if (is_asked(campaign, job))
        together_add(together, job.seed, result->code, result->extra + own_len,
                     result->extra_len - own_len);
    return true;
}

static void wipe_progress(struct campaign *campaign)
{
    if (campaign->shown)
        fputs("\r\033[K", stderr);
    campaign->shown = false;
}

/* The first run of a cause in full, the others on a line each. */
static void print_failure(struct campaign *campaign, const struct workers_result *result,
                          struct job job, const struct runinfo *info, size_t cause,
                          const struct tale *tale)
{
    struct report report = campaign_report_of(campaign, job);
    FILE *out = campaign->out;

    wipe_progress(campaign);
    if (campaign->summary.causes[cause].runs > 1) {
        text_print(out, "%s %s  seed %" PRIu64 "  cause %zu\n", runinfo_verdict_text(info->verdict),
                   report.command->file, job.seed, cause + 1);
    } else if (result->end != WORKERS_TOLD) {
        seeds_print_lost(out, &report, job.seed, result, campaign->job_ns);
    } else if (tale->len > 0) {
        fwrite(tale->text, 1, tale->len, out);
    } else { /* there was no time for more */
        text_print(out, "%s %s  seed %" PRIu64 "  %s\n", runinfo_verdict_text(info->verdict),
                   report.command->file, job.seed, info->cause);
        report_reproduce(out, &report, job.seed);
    }
    fflush(out);
}

static void command_of(const struct campaign *campaign, struct job job, FILE *out)
{
    struct report report = campaign_report_of(campaign, job);

    report_command_line(out, &report, job.seed);
}

/* In one write, where the system does it: whoever is killed leaves whole lines. So does a disk
 * that is full. */
static void write_jsonl(struct campaign *campaign, struct job job, const struct runinfo *info)
{
    const char *scenario = campaign->subjects[job.subject]->source.command.file;
    char *line = NULL, *command = NULL;
    size_t len, command_len;
    FILE *out;

    if (campaign->jsonl < 0)
        return;
    if (info->verdict != RUNINFO_HELD) {
        out = fatal_memstream(&command, &command_len);
        command_of(campaign, job, out);
        fatal_memstream_close(out, &command);
    }
    out = fatal_memstream(&line, &len);
    runinfo_json(out, info, scenario, job.seed, command);
    fatal_memstream_close(out, &line);
    if (outfile_append_whole(campaign->jsonl, line, len) < 0) {
        text_print(stderr, "dcsim: cannot write '%s': %s\n", campaign->jsonl_file, strerror(errno));
        campaign->exit_code = EXIT_INTERNAL;
        campaign->unread = campaign->jsonl == STDOUT_FILENO;
        campaign->jsonl = -1;
    }
    free(line);
    free(command);
}

static void add_case(struct campaign *campaign, const struct workers_result *result, struct job job,
                     const struct runinfo *info, const struct tale *tale)
{
    const struct report_command *command = &campaign->subjects[job.subject]->source.command;
    struct junit_case it = {.type = info->reason,
                            .text = tale->len > 0 ? tale->text : info->cause,
                            .text_len = tale->len > 0 ? tale->len : strlen(info->cause)};
    char name[512];

    if (!campaign->settings->junit_file)
        return;
    snprintf(name, sizeof(name), "%s seed %" PRIu64, command->file, job.seed);
    it.name = name;
    it.result = info->verdict == RUNINFO_HELD                                      ? JUNIT_PASSED
                : info->verdict == RUNINFO_INTERNAL || result->end != WORKERS_TOLD ? JUNIT_ERROR
                                                                                   : JUNIT_FAILED;
    junit_add(campaign->settings->junit, &it);
}

bool campaign_has_failures(const struct campaign *campaign)
{
    return campaign->max_failures > 0 &&
           summary_failed(&campaign->summary) >= campaign->max_failures;
}

/* For blame: the first runs that failed, and as many that held. */
static void remember(struct campaign *campaign, struct job job, bool failed)
{
    struct job_list *list = failed ? &campaign->failed : &campaign->held;

    if (list->len < JOBS_KEPT)
        list->jobs[list->len++] = job;
}

static void job_done(void *ctx, const struct workers_result *result)
{
    struct campaign *campaign = ctx;
    struct job job = job_at(campaign, result->job);
    struct tale tale = {0};
    struct runinfo info;
    size_t cause;

    /* What came after the last failure that was wanted depends on the number of workers. */
    if (campaign_has_failures(campaign) || !info_of(campaign, result, job, &info))
        return;
    if (result->end == WORKERS_TOLD && info.verdict != RUNINFO_HELD &&
        summary_find(&campaign->summary, info.cause) == SIZE_MAX)
        campaign_tell(campaign, result, job, &info, &tale);
    cause = summary_add(&campaign->summary, &info, job.subject, job.seed);
    campaign->done++;
    campaign->beside += !is_asked(campaign, job);
    remember(campaign, job, info.verdict != RUNINFO_HELD);
    if (cause != SIZE_MAX)
        print_failure(campaign, result, job, &info, cause, &tale);
    write_jsonl(campaign, job, &info);
    add_case(campaign, result, job, &info, &tale);
    free(tale.text);
    campaign->exit_code =
        cmd_worse(campaign->exit_code, info.verdict == RUNINFO_HELD      ? EXIT_HELD
                                       : info.verdict == RUNINFO_BROKE   ? EXIT_BROKE
                                       : info.verdict == RUNINFO_UNKNOWN ? EXIT_UNKNOWN
                                                                         : EXIT_INTERNAL);
}

/* ---- progress: all that is measured in wall time, on stderr ---- */

/* Seconds that are left, as far as anyone can tell; UINT64_MAX: nobody can. */
static uint64_t seconds_left(const struct campaign *campaign, uint64_t jobs, uint64_t passed_ns)
{
    uint64_t runs = summary_runs(&campaign->summary), left = UINT64_MAX;

    if (!campaign->endless && runs > 0 && runs <= jobs)
        left = (uint64_t)((u128)passed_ns * (jobs - runs) / runs / SECOND_NS);
    if (campaign->time_ns > passed_ns && (campaign->time_ns - passed_ns) / SECOND_NS < left)
        left = (campaign->time_ns - passed_ns) / SECOND_NS;
    return left;
}

/* All runs there are to make. -1: that has no number, and somebody wants them all. */
static int count_jobs(struct campaign *campaign)
{
    const struct scn_range *seeds = &campaign->settings->seeds;
    u128 jobs = ((u128)(seeds->hi - seeds->lo) + 1) * campaign_turns(campaign) +
                campaign->first_len - campaign->early_len;

    campaign->jobs = jobs > UINT64_MAX ? UINT64_MAX : (uint64_t)jobs;
    return jobs > UINT64_MAX && !campaign->endless ? -1 : 0;
}

static void print_progress(struct campaign *campaign, uint64_t now_ns, bool last)
{
    uint64_t passed_ns = now_ns - campaign->start_ns, runs = summary_runs(&campaign->summary);
    uint64_t left = seconds_left(campaign, campaign->jobs, passed_ns);
    uint64_t ms = passed_ns / 1000000;

    wipe_progress(campaign);
    fprintf(stderr,
            "fuzz: elapsed %" PRIu64 "s, seeds %" PRIu64 " (%" PRIu64 "/s), failed %" PRIu64,
            passed_ns / SECOND_NS, runs, ms > 0 ? runs * 1000 / ms : runs,
            summary_failed(&campaign->summary));
    if (!last && left != UINT64_MAX)
        fprintf(stderr, ", eta %" PRIu64 "s", left);
    campaign->shown = campaign->terminal && !last;
    if (!campaign->shown)
        fputc('\n', stderr);
    fflush(stderr);
}

/* What has begun goes on when the time is over. */
static bool may_begin(void *ctx)
{
    const struct campaign *campaign = ctx;

    return campaign->time_ns == 0 || progress_wall_ns() - campaign->start_ns < campaign->time_ns;
}

/*
 * Standard output has no reader any more. Files that were asked for get what they would have got,
 * if there is an end to that.
 */
static bool is_for_nobody(const struct campaign *campaign)
{
    bool ends = !campaign->endless || campaign->time_ns > 0;

    return (campaign->unread || ferror(stdout)) && !(campaign->has_files && ends);
}

static bool is_enough(void *ctx)
{
    struct campaign *campaign = ctx;
    uint64_t now_ns = progress_wall_ns();

    if (!campaign->quiet && now_ns >= campaign->next_ns) {
        print_progress(campaign, now_ns, false);
        campaign->next_ns = now_ns + (campaign->terminal ? TERMINAL_NS : LINE_NS);
    }
    campaign->late = !may_begin(campaign);
    return campaign_has_failures(campaign) || is_for_nobody(campaign);
}

/* ---- all of it ---- */

/* "-" is standard output; what is for people then goes to stderr. */
static int open_outputs(struct campaign *campaign)
{
    bool to_stdout = campaign->jsonl_file && strcmp(campaign->jsonl_file, "-") == 0;
    const char *why;

    campaign->out = to_stdout ? stderr : stdout;
    campaign->jsonl = to_stdout ? STDOUT_FILENO : -1;
    if (!campaign->jsonl_file || to_stdout)
        return 0;
    why = outfile_begin(&campaign->jsonl_to, campaign->jsonl_file, OUTFILE_JSONL);
    if (!why)
        why = outfile_place(&campaign->jsonl_to); /* others may read it from now on */
    if (!why) {
        campaign->jsonl = fileno(campaign->jsonl_to.out);
        return 0;
    }
    outfile_drop(&campaign->jsonl_to);
    text_print(stderr, "dcsim: cannot write '%s': %s\n", campaign->jsonl_file, why);
    return -1;
}

static void end_outputs(struct campaign *campaign)
{
    const char *why = campaign->jsonl_to.out ? outfile_end(&campaign->jsonl_to) : NULL;

    if (!why)
        return;
    text_print(stderr, "dcsim: cannot write '%s': %s\n", campaign->jsonl_file, why);
    campaign->exit_code = EXIT_INTERNAL;
}

int campaign_run(struct campaign *campaign)
{
    struct workers workers = {
        .count = campaign->settings->workers,
        .apart = true,
        .job_ns = campaign->job_ns,
        .run = run_job,
        .done = job_done,
        .ctx = campaign,
        .stop = seeds_stop(),
        .begins = may_begin,
        .enough = is_enough,
    };

    find_early(campaign);
    if (count_jobs(campaign) < 0)
        return cmd_usage("these are more than 2^64-1 runs");
    if (open_outputs(campaign) < 0)
        return seeds_failed(EXIT_USAGE);
    workers.jobs = campaign->jobs;
    campaign->failed.jobs = fatal_calloc(JOBS_KEPT, sizeof(struct job));
    campaign->held.jobs = fatal_calloc(JOBS_KEPT, sizeof(struct job));
    campaign->terminal = isatty(STDERR_FILENO);
    campaign->start_ns = progress_wall_ns();
    campaign->next_ns = campaign->start_ns + (campaign->terminal ? SECOND_NS : LINE_NS);
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s\n", strerror(errno));
        campaign->exit_code = EXIT_INTERNAL;
    }
    if (!campaign->quiet)
        print_progress(campaign, progress_wall_ns(), true);
    campaign_conclude(campaign, seeds_interrupted());
    end_outputs(campaign);
    return seeds_interrupted() ? EXIT_INTERRUPTED : campaign->exit_code;
}
