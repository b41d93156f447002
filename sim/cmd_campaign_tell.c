/* A failed run is made once more, for what is to be said of it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_campaign_inner.h"
#include "sim/cmd_seeds.h"
#include "sim/fatal.h"
#include "sim/text.h"

/* A report takes several runs: more than one of them may. */
#define TIMES_A_JOB 10u

struct telling {
    struct campaign *campaign;
    struct job job;
    struct runinfo info;
    bool told;
    enum workers_end end;
    struct tale tale;
};

static int tell(void *ctx, uint64_t number, FILE *out, FILE *extra)
{
    struct telling *telling = ctx;

    (void)number; /* there is one */
    return campaign_run_one(telling->campaign, telling->job, true, out, extra);
}

static void take(void *ctx, const struct workers_result *result)
{
    struct telling *telling = ctx;

    telling->end = result->end;
    if (result->end != WORKERS_TOLD || result->extra_len < sizeof(telling->info))
        return;
    telling->told = true;
    if (!campaign_told(result, &telling->info))
        return;
    telling->tale.text = fatal_alloc(result->len + 1);
    memcpy(telling->tale.text, result->bytes, result->len);
    telling->tale.len = result->len;
}

static bool is_same(const struct runinfo *a, const struct runinfo *b)
{
    return a->verdict == b->verdict && a->trace_hash == b->trace_hash && a->unseed == b->unseed &&
           strcmp(a->cause, b->cause) == 0;
}

/* The run came out differently, or did not come back. */
static void tell_unrepeatable(struct campaign *campaign, struct job job, struct runinfo *info,
                              struct tale *ret)
{
    struct report report = campaign_report_of(campaign, job);
    struct report_command command = *report.command;
    FILE *out;

    free(ret->text);
    runinfo_lost(info, RUNINFO_INTERNAL, reason_text(REASON_UNREPEATABLE),
                 "two runs of one seed differ");
    out = fatal_memstream(&ret->text, &ret->len);
    command.verify = true;
    report.command = &command;
    text_print(out,
               "unrepeatable %s  seed %" PRIu64 ": it failed, and made once more it did not fail "
               "so\n",
               command.file, job.seed);
    report_reproduce(out, &report, job.seed);
    fatal_memstream_close(out, &ret->text);
}

/* Nothing came of it: what is missing is said, but not to who wanted it to stop. */
static void say_untold(const struct telling *telling, int began)
{
    static const char *const how[] = {
        [WORKERS_TOLD] = "was lost",
        [WORKERS_DIED] = "died of a signal",
        [WORKERS_TAKEN] = "was taken away",
        [WORKERS_LEFT] = "ended its process",
        [WORKERS_MEMORY] = "ran out of memory",
        [WORKERS_LATE] = "took too long",
        [WORKERS_BLOCKED] = "waited too long",
    };
    struct report report = campaign_report_of(telling->campaign, telling->job);

    if (seeds_interrupted())
        return;
    text_print(
        stderr,
        "dcsim: no report and no artifacts of %s, seed %" PRIu64 ": the run that makes them %s\n",
        report.command->file, telling->job.seed, began < 0 ? "got no process" : how[telling->end]);
}

void campaign_tell(struct campaign *campaign, const struct workers_result *result, struct job job,
                   struct runinfo *info, struct tale *ret)
{
    struct telling telling = {.campaign = campaign, .job = job};
    struct workers workers = {
        .count = 1,
        .apart = true,
        .jobs = 1,
        .job_ns = campaign->job_ns > UINT64_MAX / TIMES_A_JOB ? 0 : campaign->job_ns * TIMES_A_JOB,
        .run = tell,
        .done = take,
        .ctx = &telling,
        .stop = seeds_stop(),
    };
    int began;

    if (result->len > 0) { /* it has said it all */
        ret->text = fatal_alloc(result->len);
        memcpy(ret->text, result->bytes, result->len);
        ret->len = result->len;
        return;
    }
    began = workers_all(&workers);
    if (began < 0 || seeds_interrupted())
        telling.end = WORKERS_LATE;
    *ret = telling.tale;
    if (!telling.told)
        say_untold(&telling, began);
    if (telling.told ? !is_same(&telling.info, info)
                     : telling.end == WORKERS_DIED || telling.end == WORKERS_LEFT)
        tell_unrepeatable(campaign, job, info, ret);
}
