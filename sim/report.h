/*
 * What a run comes to, for people and for scripts.
 */
#ifndef DC_SIM_REPORT_H
#define DC_SIM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/run.h"
#include "sim/scenario/scenario.h"

/* What was asked for on the command line, as far as it decides the output. */
struct report_command {
    const char *program;    /* as typed */
    const char *file;       /* as typed */
    const char *made_by;    /* the command whose output that file is; NULL: it is there */
    struct scn_range nodes; /* --nodes of the swarm that made it; hi is 0: it is there */
    const struct scn_define *defines;
    size_t defines_len;
    const char *until;                 /* as typed; NULL */
    const char *dump;                  /* as typed; NULL */
    const char *log;                   /* --log, as typed; NULL */
    unsigned verbose;                  /* how many -v */
    bool json, verify, quiet, sampled; /* the last: --codec sampled */
};

/* What a person meets first, from the header to the last command, in lines. */
#define REPORT_LINES 12u

struct report {
    const struct report_command *command;
    const struct scenario *scn;
    const struct diags *source; /* the text, for lines and carets */
    const char *why; /* report_why() of the run; NULL: looked for each time it is printed */
    uint32_t lines;  /* that report_verdict() may print; 0: all */
    bool color;
};

/* "dcsim 0.1.0 (1a2b3c4) model 1  partition.scn  seed 42  nodes=5 fanout=2", or "seeds 1..20" */
void report_header(FILE *out, const struct report *report, struct scn_range seeds);

/*
 * "quiet at 10s: must converge by 13.2s (24 rounds of 100ms + 6 answers of 40ms)",
 * when the scenario has one. What dcsim computed is said before it is asked for.
 */
void report_quiet(FILE *out, const struct scenario *scn);

/*
 * The verdict: one line when it held, else the cause, what tells most of it first; without
 * reproduce line and artifacts. Returns how many lines did not fit into report->lines.
 */
size_t report_verdict(FILE *out, const struct report *report, const struct run *run);

/*
 * What led to the verdict of @run, as it stands in the report. It takes another
 * run to find that, so whoever prints a report more than once asks for it first.
 * The caller frees it.
 */
char *report_why(const struct report *report, const struct run *run);

/* Is there anything to be found out for it? */
bool report_has_why(const struct run *run);

/* "reproduce:  dcsim partition.scn --seed 183 -D nodes=300" */
void report_reproduce(FILE *out, const struct report *report, uint64_t seed);

/* "reproduce:  dcsim fuzz partition.scn --seeds 1..40 -D nodes=300", with "fuzz " as @word */
void report_reproduce_all(FILE *out, const struct report *report, const char *word,
                          struct scn_range seeds);

/* "minimise:   dcsim shrink partition.scn --seed 183 -D nodes=300", of a run that broke */
void report_minimise(FILE *out, const struct report *report, uint64_t seed);

/* The command of report_reproduce() alone, without a newline. */
void report_command_line(FILE *out, const struct report *report, uint64_t seed);

/* One JSON object and a newline. @wall_ns was measured, all else is the run's. */
void report_json(FILE *out, const struct report *report, const struct run *run, uint64_t wall_ns);

/* Likewise of a run that has told nothing, as it died: what nobody knows is null. */
void report_json_lost(FILE *out, const struct report *report, uint64_t seed, enum verdict verdict,
                      enum reason reason);

/* The states of the nodes of @set, entry by entry. */
void report_dump(FILE *out, const struct run *run, const struct nodeset *set);

/* The state of one node on one line: "28  n1 +15, n2 +10, n3 +8 -5". */
void report_state(FILE *out, const struct run *run, uint32_t node);

/* A draw on one line, in the form that "fix" takes, virtual time first. */
void report_draw(FILE *out, const struct run *run, uint64_t key, enum purpose purpose,
                 uint64_t value);

/* What a node logged on one line, likewise. */
void report_note(FILE *out, const struct run *run, const struct note *note);
/* The enum env_level that is written "error", "warn", "info" or "debug", or -1. */
int report_level(const char *text);

/* "tick", "arrive", ...: what an enum event_kind is called. Never NULL. */
const char *event_text(uint32_t kind);

/* One record on one line, virtual time first, fixed columns. */
void report_record(FILE *out, const struct report *report, const struct record *record);

#endif
