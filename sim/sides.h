/*
 * Two lines of a trace side by side, field by field, for people: what --verify
 * and replay show of the first event that differs.
 *
 *     field   recorded         replayed
 *     t       2.714233786s     2.714233786s
 *     ev      send             send
 *   * bytes   58               59
 */
#ifndef DC_SIM_SIDES_H
#define DC_SIM_SIDES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/report.h"

/* A line without its line feed; .text is NULL when that side has nothing more. */
struct sides_line {
    const char *title; /* "recorded" */
    const char *text;
    size_t len;
};

/* Where in a run a line is. */
struct sides_event {
    uint64_t at_ns;  /* field "t" */
    uint64_t number; /* field "e" */
};

/*
 * Shows both, statements with their place and text. Fields that differ, or that
 * one side lacks, are marked. Returns how many they are; 0 also when a line is
 * not an object of JSON, and nothing is shown then.
 */
size_t sides_show(FILE *out, const struct report *report, const struct sides_line *left,
                  const struct sides_line *right);

/* How many fields differ, without showing anything. */
size_t sides_differ(const struct sides_line *left, const struct sides_line *right);

/* Where in the run @line is, all 0 for what it does not say. */
struct sides_event sides_event_of(const struct sides_line *line);

#endif
