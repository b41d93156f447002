/*
 * What a broken run leaves behind: a folder with all that it takes to look at
 * it later, elsewhere.
 */
#ifndef DC_SIM_ARTIFACTS_H
#define DC_SIM_ARTIFACTS_H

#include <stdio.h>

#include "sim/report.h"

#define ARTIFACTS_TRACE_LINES 10000u

/*
 * The name of a run: "lossy-42-n=5" of lossy.scn with seed 42 and -D n=5 (or a swept n), so that
 * two runs have one name only if file, seed and values are the same, as they were typed. For the
 * swarm, --nodes is a value: "swarm-62-nodes=3..12". For a
 * file in a folder "folder+" stands before it. What is odd in a name is ~XX; one that is too long
 * is cut, and ends in a hash of all of it.
 */
void artifacts_name(FILE *out, const struct report *report, uint64_t seed);

/* Is @name that of a part of them, such as "trace.jsonl"? */
bool artifacts_have(const char *name);

/*
 * Writes scenario.scn (the text as it was run), report.txt, run.json, command,
 * trace.jsonl (the last ARTIFACTS_TRACE_LINES lines, from a second run) and, when the scenario
 * includes others, all its files at their places below files/ into a folder of its name in @path
 * (NULL: OUTDIR_DEFAULT; see outdir_open_results()), and names that folder on @out, where @more
 * lines of the report were not printed. What an older run left there is replaced, all of it or,
 * when a part cannot be, nothing. When it cannot be written, says so on stderr and goes on:
 * the verdict stands. Returns whether it is written.
 */
bool artifacts_write(FILE *out, const char *path, const struct report *report,
                     const struct run *run, size_t more);

#endif
