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
#include "sim/cmd_signals.h"
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
        subject->hopes = fatal_calloc(taken->scn.stmts_len, sizeof(*subject->hopes));
    } while (++number < count);
    return 0;
}

void campaign_add_swarm(struct campaign *campaign, struct scn_range nodes,
                        const struct report_command *command)
{
    source_of_swarm(&add_subject(campaign)->source, nodes, command);
}

void campaign_release(struct campaign *campaign)
{
    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        struct subject *subject = campaign->subjects[i];

        source_release(&subject->source);
        if (subject->variants.file)
            variants_release(&subject->variants);
        free(subject->hopes);
        summary_release(&subject->times);
        free(subject);
    }
    free(campaign->subjects);
    free(campaign->first);
    free(campaign->failed.jobs);
    free(campaign->held.jobs);
    campaign->failed = campaign->held = (struct job_list){0};
    summary_release(&campaign->summary);
    campaign->subjects = NULL;
    campaign->subjects_len = 0;
    campaign->first = NULL;
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

/* ---- jobs: what comes first, then the subjects in turn, seed by seed ---- */

uint32_t campaign_turns(const struct campaign *campaign)
{
    return campaign->turns > 0 ? campaign->turns : campaign->subjects_len;
}

static struct job job_at(const struct campaign *campaign, uint64_t number)
{
    uint32_t turns = campaign_turns(campaign);

    if (number < campaign->first_len)
        return campaign->first[number];
    number -= campaign->first_len;
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
    struct campaign *campaign; /* the worker's own copy: it knows the causes that were printed */
    const struct subject *subject;
    struct job job;
    const struct report *report;
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
        fprintf(out, "unrepeatable %s  seed %" PRIu64 ": two runs differed, two others do not\n",
                command.file, options.seed);
        report_reproduce(out, &twice, options.seed);
    }
    return false;
}

/* For each sometimes statement, in file order: did it hold in this run? */
static void tell_hopes(FILE *extra, const struct run *run)
{
    for (uint32_t i = 0; i < run->scn->stmts_len; i++)
        if (run->scn->stmts[i].kind == SCN_STMT_SOMETIMES)
            fputc(expects_held_once(&run->expects, i) ? '1' : '0', extra);
}

static enum runinfo_verdict verdict_of(int code)
{
    return code == EXIT_HELD      ? RUNINFO_HELD
           : code == EXIT_BROKE   ? RUNINFO_BROKE
           : code == EXIT_UNKNOWN ? RUNINFO_UNKNOWN
                                  : RUNINFO_INTERNAL;
}

/* Handed over: a struct runinfo, a struct marks, the hopes. */
static int run_over(void *ctx, const struct run *run, int code, FILE *out, FILE *extra,
                    bool *ret_report)
{
    struct watched *watched = ctx;
    struct marks marks = marks_take(); /* before it is run once more */
    struct runinfo info;

    if (code == EXIT_INTERRUPTED)
        return code;
    runinfo_of(&info, run, verdict_of(code), !campaign_is_swarm(watched->subject));
    if (run->outcome.reason != REASON_CONTRACT && is_for_twice(run->options.seed) &&
        !repeats(watched->report, run, out)) {
        runinfo_lost(&info, RUNINFO_INTERNAL, reason_text(REASON_UNREPEATABLE),
                     "two runs of one seed differ");
        code = EXIT_INTERNAL;
    } else if (info.verdict != RUNINFO_HELD) {
        /* Causes that this worker has told of already need no more words, nor a diagnosis. */
        *ret_report = summary_find(&watched->campaign->summary, info.cause) == SIZE_MAX;
        summary_add(&watched->campaign->summary, &info, watched->job.subject, watched->job.seed);
    }
    fwrite(&info, sizeof(info), 1, extra);
    fwrite(&marks, sizeof(marks), 1, extra);
    tell_hopes(extra, run);
    return code;
}

static int run_job(void *ctx, uint64_t number, FILE *out, FILE *extra)
{
    struct campaign *campaign = ctx;
    struct job job = job_at(campaign, number);
    struct settings settings = *campaign->settings;
    struct report report = campaign_report_of(campaign, job);
    struct watched watched = {.campaign = campaign,
                              .subject = campaign->subjects[job.subject],
                              .job = job,
                              .report = &report};
    struct seeds_watch watch = {.over = run_over, .ctx = &watched};

    settings.may_miss =
        campaign_is_swarm(watched.subject); /* of faults by chance, some hide others */
    return seeds_one(&settings, &report, job.seed, out, extra, &watch);
}

/* ---- results ---- */

/* Of a worker that told nothing. */
static void info_of_lost(const struct campaign *campaign, const struct workers_result *result,
                         struct runinfo *ret)
{
    char headline[96];

    if (result->late) {
        snprintf(headline, sizeof(headline), "timed out after %" PRIu64 "s",
                 campaign->job_ns / SECOND_NS);
        runinfo_lost(ret, RUNINFO_BROKE, "timeout", headline);
    } else if (result->signal) {
        /* The number is all that tells one signal from another, so it is written out. */
        snprintf(headline, sizeof(headline), "died of a signal (%s)", signal_text(result->signal));
        runinfo_lost(ret, RUNINFO_BROKE, reason_text(REASON_SIGNAL), headline);
    } else {
        runinfo_lost(ret, RUNINFO_INTERNAL, reason_text(REASON_CONTRACT), "ended its process");
    }
}

static void wipe_progress(struct campaign *campaign)
{
    if (campaign->shown)
        fputs("\r\033[K", stderr);
    campaign->shown = false;
}

/* The first run of a cause in full, the others on a line each. */
static void print_failure(struct campaign *campaign, const struct workers_result *result,
                          struct job job, const struct runinfo *info, size_t cause)
{
    struct report report = campaign_report_of(campaign, job);
    FILE *out = campaign->out;

    wipe_progress(campaign);
    if (campaign->summary.causes[cause].runs > 1)
        fprintf(out, "%s %s  seed %" PRIu64 "  cause %zu\n", runinfo_verdict_text(info->verdict),
                report.command->file, job.seed, cause + 1);
    else if (result->late) {
        fprintf(out, "broke %s  seed %" PRIu64 "  timed out after %" PRIu64 "s\n",
                report.command->file, job.seed, campaign->job_ns / SECOND_NS);
        report_reproduce(out, &report, job.seed);
        report_minimise(out, &report, job.seed);
    } else if (result->signal)
        seeds_print_death(out, &report, job.seed, result->signal);
    else if (result->mute)
        seeds_print_mute(out, &report, job.seed);
    else
        fwrite(result->bytes, 1, result->len, out);
    fflush(out);
}

static void command_of(const struct campaign *campaign, struct job job, FILE *out)
{
    struct report report = campaign_report_of(campaign, job);

    report_command_line(out, &report, job.seed);
}

/* In one write: whoever is killed leaves whole lines. */
static void write_jsonl(struct campaign *campaign, struct job job, const struct runinfo *info)
{
    const char *scenario = campaign->subjects[job.subject]->source.command.file;
    char *line = NULL, *command = NULL;
    size_t len, command_len;
    FILE *out;

    if (campaign->jsonl < 0)
        return;
    if (info->verdict != RUNINFO_HELD) {
        out = open_memstream(&command, &command_len);
        if (!out)
            fatal("out of memory");
        command_of(campaign, job, out);
        fclose(out);
    }
    out = open_memstream(&line, &len);
    if (!out)
        fatal("out of memory");
    runinfo_json(out, info, scenario, job.seed, command);
    fclose(out);
    if (write(campaign->jsonl, line, len) != (ssize_t)len) {
        fprintf(stderr, "dcsim: cannot write %s: %s\n", campaign->jsonl_file, strerror(errno));
        campaign->exit_code = EXIT_INTERNAL;
        campaign->jsonl = -1;
    }
    free(line);
    free(command);
}

static void add_case(struct campaign *campaign, const struct workers_result *result, struct job job,
                     const struct runinfo *info)
{
    struct junit_case it = {.type = info->reason, .text = info->cause};
    const struct report_command *command = &campaign->subjects[job.subject]->source.command;
    char name[512];

    if (!campaign->settings->junit_file)
        return;
    snprintf(name, sizeof(name), "%s seed %" PRIu64, command->file, job.seed);
    it.name = name;
    it.text_len = strlen(info->cause);
    if (result->len > 0) {
        it.text = result->bytes;
        it.text_len = result->len;
    }
    it.result = info->verdict == RUNINFO_HELD ? JUNIT_PASSED
                : info->verdict == RUNINFO_INTERNAL || result->signal || result->late
                    ? JUNIT_ERROR
                    : JUNIT_FAILED;
    junit_add(campaign->settings->junit, &it);
}

static void keep_hopes(struct subject *subject, const struct workers_result *result)
{
    const char *hopes = result->extra + sizeof(struct runinfo) + sizeof(struct marks);
    size_t len = result->extra_len - sizeof(struct runinfo) - sizeof(struct marks);

    subject->runs++;
    for (size_t i = 0; subject->hopes && i < len && hopes[i] != '\n'; i++)
        subject->hopes[i] = subject->hopes[i] || hopes[i] == '1';
}

static bool has_failures(const struct campaign *campaign)
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
    bool told = result->extra_len >= sizeof(struct runinfo) + sizeof(struct marks);
    struct runinfo info;
    size_t cause;

    /* What came after the last failure that was wanted depends on the number of workers. */
    if (has_failures(campaign) || (!told && result->code == EXIT_INTERRUPTED))
        return;
    if (told) {
        struct marks marks;

        memcpy(&info, result->extra, sizeof(info));
        memcpy(&marks, result->extra + sizeof(info), sizeof(marks));
        marks_add(&campaign->marks, &marks);
        keep_hopes(campaign->subjects[job.subject], result);
    } else {
        info_of_lost(campaign, result, &info);
    }
    summary_add_time(&campaign->subjects[job.subject]->times,
                     info.verdict == RUNINFO_HELD && info.converged ? info.converged_ns
                                                                    : UINT64_MAX);
    cause = summary_add(&campaign->summary, &info, job.subject, job.seed);
    remember(campaign, job, info.verdict != RUNINFO_HELD);
    if (cause != SIZE_MAX)
        print_failure(campaign, result, job, &info, cause);
    write_jsonl(campaign, job, &info);
    add_case(campaign, result, job, &info);
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

    if (jobs != UINT64_MAX && runs > 0 && runs <= jobs)
        left = (uint64_t)((u128)passed_ns * (jobs - runs) / runs / SECOND_NS);
    if (campaign->time_ns > passed_ns && (campaign->time_ns - passed_ns) / SECOND_NS < left)
        left = (campaign->time_ns - passed_ns) / SECOND_NS;
    return left;
}

static uint64_t jobs_of(const struct campaign *campaign)
{
    const struct scn_range *seeds = &campaign->settings->seeds;
    uint64_t len = seeds->hi - seeds->lo;

    if (len >= (UINT64_MAX - campaign->first_len) / campaign_turns(campaign) - 1)
        return UINT64_MAX; /* there is no end of these either */
    return (len + 1) * campaign_turns(campaign) + campaign->first_len;
}

static void print_progress(struct campaign *campaign, uint64_t now_ns, bool last)
{
    uint64_t passed_ns = now_ns - campaign->start_ns, runs = summary_runs(&campaign->summary);
    uint64_t left = seconds_left(campaign, jobs_of(campaign), passed_ns);
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

static bool is_enough(void *ctx)
{
    struct campaign *campaign = ctx;
    uint64_t now_ns = progress_wall_ns();

    if (!campaign->quiet && now_ns >= campaign->next_ns) {
        print_progress(campaign, now_ns, false);
        campaign->next_ns = now_ns + (campaign->terminal ? TERMINAL_NS : LINE_NS);
    }
    return has_failures(campaign) ||
           (campaign->time_ns > 0 && now_ns - campaign->start_ns >= campaign->time_ns);
}

/* ---- all of it ---- */

/* "-" is standard output; what is for people then goes to stderr. */
static int open_outputs(struct campaign *campaign)
{
    bool to_stdout = campaign->jsonl_file && strcmp(campaign->jsonl_file, "-") == 0;

    campaign->out = to_stdout ? stderr : stdout;
    campaign->jsonl = to_stdout ? STDOUT_FILENO : -1;
    if (!campaign->jsonl_file || to_stdout)
        return 0;
    campaign->jsonl =
        open(campaign->jsonl_file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (campaign->jsonl >= 0)
        return 0;
    fprintf(stderr, "dcsim: cannot write %s: %s\n", campaign->jsonl_file, strerror(errno));
    return -1;
}

int campaign_run(struct campaign *campaign)
{
    struct workers workers = {
        .count = campaign->settings->workers,
        .apart = true,
        .jobs = jobs_of(campaign),
        .job_ns = campaign->job_ns,
        .run = run_job,
        .done = job_done,
        .ctx = campaign,
        .stop = seeds_stop(),
        .enough = is_enough,
    };

    if (open_outputs(campaign) < 0)
        return EXIT_USAGE;
    campaign->failed.jobs = fatal_calloc(JOBS_KEPT, sizeof(struct job));
    campaign->held.jobs = fatal_calloc(JOBS_KEPT, sizeof(struct job));
    campaign->terminal = isatty(STDERR_FILENO);
    campaign->start_ns = progress_wall_ns();
    campaign->next_ns = campaign->start_ns + (campaign->terminal ? SECOND_NS : LINE_NS);
    seeds_catch_interrupt();
    if (workers_all(&workers) < 0) {
        fprintf(stderr, "dcsim: no worker processes: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    campaign_judge(campaign, seeds_interrupted());
    if (!campaign->quiet)
        print_progress(campaign, progress_wall_ns(), true);
    if (!campaign->quiet || campaign->exit_code != EXIT_HELD)
        campaign_print(campaign);
    if (campaign->jsonl > STDOUT_FILENO && close(campaign->jsonl) < 0)
        campaign->exit_code = EXIT_INTERNAL;
    return seeds_interrupted() ? EXIT_INTERRUPTED : campaign->exit_code;
}
