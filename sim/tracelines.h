/*
 * What a run does, as the lines of a trace: JSON, one event a line, in the
 * order of the run (docs/trace.md has every field). Lines are made in memory;
 * whoever owns this takes them from there, to a file or to compare them.
 *
 * A trace costs at most as much as its run, so: no allocation and no printf for
 * a line, and two records that say one thing (a message was sent, and that is
 * what becomes of it) are one line.
 */
#ifndef DC_SIM_TRACELINES_H
#define DC_SIM_TRACELINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"
#include "sim/trace.h"

struct run;

/* Half of an entry that rose in the present event. */
struct tracelines_raise {
    uint64_t old, now;
    dc_name id;
    uint32_t node;
    enum dc_side side;
};

/* A statement, found by its key. */
struct tracelines_stmt {
    uint64_t key;
    uint32_t index;
};

/* The same in all lines of one event. */
struct tracelines_when {
    uint64_t at_ns, event;
    char text[64]; /* ,"t":20 digits,"e":20 digits */
    size_t len;    /* 0: of no event yet */
};

struct tracelines {
    const struct run *run; /* borrowed */
    char *bytes;           /* lines that nobody has taken yet; owned */
    size_t len, cap;
    uint64_t lines;  /* made so far, which is the number of the last */
    uint64_t events; /* seen so far */
    struct tracelines_when when;
    struct record pending;
    bool has_pending; /* what it is depends on the next record */
    struct tracelines_raise *raised;
    size_t raised_len, raised_cap;
    struct tracelines_stmt *stmts; /* ascending by key; owned */
    size_t stmts_len;
};

struct scenario;

/* Lines of @run, a run of @scn that need not be set up yet. Both outlive the object. */
void tracelines_init(struct tracelines *lines, const struct run *run, const struct scenario *scn);
void tracelines_release(struct tracelines *lines);

/* Shows everything to tracelines_record() and tracelines_note(). */
struct trace_sink tracelines_sink(struct tracelines *lines);
void tracelines_record(struct tracelines *lines, const struct record *record);
void tracelines_note(struct tracelines *lines, const struct note *note);

/* Finishes what waits for a record that does not come. After the last step, or after any. */
void tracelines_flush(struct tracelines *lines);

/* What was made so far has been taken. */
void tracelines_taken(struct tracelines *lines);

/* The last line, once the run is over: what it came to. */
void tracelines_end(struct tracelines *lines);

#endif
