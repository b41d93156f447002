/*
 * What the parts of a campaign share.
 */
#ifndef DC_SIM_CMD_CAMPAIGN_INNER_H
#define DC_SIM_CMD_CAMPAIGN_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/cmd_campaign.h"
#include "sim/report.h"

/* How many subjects take turns. */
uint32_t campaign_turns(const struct campaign *campaign);

/* The scenario and the command of a run. Valid until the next one of the same subject. */
struct report campaign_report_of(const struct campaign *campaign, struct job job);

/* Says what is expected of all runs together, and does not hold. (cmd_campaign_end.c) */
void campaign_judge(struct campaign *campaign, bool interrupted);

/* The summary. */
void campaign_print(struct campaign *campaign);

#endif
