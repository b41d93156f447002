/*
 * Why a run failed, without what differs from seed to seed: runs with the same
 * text failed alike.
 */
#ifndef DC_SIM_CAMPAIGN_CAUSE_H
#define DC_SIM_CAMPAIGN_CAUSE_H

#include <stddef.h>
#include <stdint.h>

/*
 * "expect: not converged within # of split (line 14)" into @buf, cut to @size:
 * the headline with each number, and what hangs on it (n3, 5.000s, 12%), as #.
 * @line 0: none.
 */
char *cause_of(char *buf, size_t size, const char *reason, const char *headline, uint32_t line);

#endif
