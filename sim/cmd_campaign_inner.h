/*
 * What the parts of a campaign share.
 */
#ifndef DC_SIM_CMD_CAMPAIGN_INNER_H
#define DC_SIM_CMD_CAMPAIGN_INNER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cmd_campaign.h"
#include "sim/cmd_workers.h"
#include "sim/report.h"

/* How many subjects take turns. */
uint32_t campaign_turns(const struct campaign *campaign);

/* The scenario and the command of a run. Valid until the next one of the same subject. */
struct report campaign_report_of(const struct campaign *campaign, struct job job);

bool campaign_has_failures(const struct campaign *campaign);

/*
 * What @result says of its run. False: then a contract was broken when the run was over,
 * in what it gives back, and that it held, as it had told before, does not count.
 */
bool campaign_told(const struct workers_result *result, struct runinfo *ret);

/* What is to be said of a run that failed, as it was printed. */
struct tale {
    char *text; /* owned */
    size_t len;
};

/* Makes the run of @job, for its report too when @tells is set. In a worker. */
int campaign_run_one(struct campaign *campaign, struct job job, bool tells, FILE *out, FILE *extra);

/*
 * The report of the run that @result and @info are of, the first of its cause. It
 * comes from another run of the same job, so that what is diagnosed, and leaves
 * artifacts, is the same with any number of workers. Empty when there was no time; if that
 * run comes out differently, @info says so from now on. (cmd_campaign_tell.c)
 */
void campaign_tell(struct campaign *campaign, const struct workers_result *result, struct job job,
                   struct runinfo *info, struct tale *ret);

/* Judges what all runs come to together, and whether they are all; the summary. */
void campaign_conclude(struct campaign *campaign, bool interrupted);

#endif
