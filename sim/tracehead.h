/*
 * The first line of a trace: all that it takes to make the run again, and what
 * the numbers in the other lines stand for (docs/trace.md).
 */
#ifndef DC_SIM_TRACEHEAD_H
#define DC_SIM_TRACEHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/report.h"
#include "sim/scenario/scenario.h"

/* Rises whenever a line changes. */
#define TRACE_SCHEMA 1u

/* A header as it was read. What it points to is in its arena. */
struct tracehead {
    struct arena arena;
    const char *line; /* as it was read */
    size_t line_len;
    const char *version; /* of the dcsim that wrote it */
    const char *scenario;
    uint64_t seed;
    uint64_t until_ns; /* UINT64_MAX: to the stop */
    uint64_t last;     /* only so many lines were kept; 0: all */
    struct scn_define *defines;
    size_t defines_len;
    struct diag_source *sources; /* the first is the scenario itself */
    size_t sources_len;
};

#define TRACEHEAD_PROBLEM_MAX 512u

/*
 * Writes the header of a run of report->scn with @options, of which @last lines
 * will be kept. @version: of whom it is, this program when NULL.
 */
void tracehead_write(FILE *out, const struct report *report, const struct run_options *options,
                     uint64_t last, const char *version);

/*
 * Reads @len bytes, a line without its line feed, whatever they are. Returns 0,
 * or -1 with the reason in @reterr: no header, or one of another schema or
 * model. Either way @ret is released with tracehead_release().
 */
int tracehead_read(struct tracehead *ret, const char *line, size_t len,
                   char reterr[static TRACEHEAD_PROBLEM_MAX]);
void tracehead_release(struct tracehead *head);

/*
 * Parses the scenario of @head. @diags, initialised here, gets the errors, and
 * is released by the caller either way. Returns 0 or -1. @head outlives both.
 */
int tracehead_parse(struct tracehead *head, struct scenario *ret, struct diags *diags);

#endif
