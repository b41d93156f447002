/*
 * Why a run broke, in words: the event that did it with the chain of causes
 * behind it, the states before and after, and the sums over the run.
 */
#ifndef DC_SIM_EXPLAIN_H
#define DC_SIM_EXPLAIN_H

#include <stdio.h>

#include "sim/diagnose.h"
#include "sim/report.h"
#include "sim/run.h"

/* Entries of a state, statements and ways of losing messages that are shown. */
#define EXPLAIN_ENTRIES_SHOWN 8u
#define EXPLAIN_LIST_SHOWN 8u

/*
 *   line 7 still adds operations, 97 in the last 1s: load 100/s poisson inc 100% on all
 *
 * As long as clients go on, it is a matter of luck whether all nodes agree.
 */
void explain_still(FILE *out, const struct report *report, const struct run *run,
                   const struct diagnosis *found);

/*
 *   event 41 at 0.215s: n2 takes a push from n1, sent at 0.210s
 *   n2 before  5  n1 +5
 *   n2 after   4  n1 +4
 *     <- event 37 at 0.210s: n1 takes a pull from n2, sent at 0.205s
 *     <- event 30 at 0.205s: sync tick of n2
 *
 * Of a run that broke because of one event; of others nothing.
 */
void explain_event(FILE *out, const struct report *report, const struct run *run,
                   const struct diagnosis *found);

/*
 *   held: 12 messages since 0.900s by line 7: at 900ms hold n1 -> n2
 *   faults: line 4 from 0.500s on, line 9 from 1.000s to 3.000s
 *   lost: 43 partition (line 9), 2 loss (line 4)
 *   clients were told ok, 25 in all:
 *     n3 +5, line 10: at 500ms inc n3 x5
 *
 * (Where it is about them, clients come first.) As far as it bears on what did not hold.
 */
void explain_sums(FILE *out, const struct report *report, const struct run *run,
                  const struct diagnosis *found);

/* What happened while the statement was in force that has met nothing. */
void explain_idle(FILE *out, const struct report *report, const struct run *run,
                  const struct diagnosis *found);

/* "line 5: at 500ms inc n3 x5", and in which file, if not in that of the verdict. */
void explain_stmt(FILE *out, const struct report *report, const struct run *run, uint32_t stmt);

#endif
