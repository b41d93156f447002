/*
 * Numbers, times and names as people read them. ASCII only, no locale; the
 * same bytes on every machine. Each function fills the caller's buffer and
 * returns it.
 */
#ifndef DC_SIM_TEXT_H
#define DC_SIM_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/types.h"
#include "sim/nodeset.h"
#include "sim/wide.h"

struct names;

#define TEXT_WIDE_MAX 48u
#define TEXT_TIME_MAX 40u
#define TEXT_NAME_MAX 80u

/* A signed 128-bit number in decimal. */
char *text_wide(char buf[static TEXT_WIDE_MAX], i128 value);

/* Seconds with at least three decimals, and as many more as exactness takes: "5.000s". */
char *text_time(char buf[static TEXT_TIME_MAX], uint64_t ns);

/* Seconds cut to three decimals: "3.412s". */
char *text_time_short(char buf[static TEXT_TIME_MAX], uint64_t ns);

/* As a scenario would say it: "10s", "1.5s", "250us", "0s". */
char *text_time_scn(char buf[static TEXT_TIME_MAX], uint64_t ns);

/* An id; bytes that are not printable ASCII as \xNN, long ones with "..." for their front. */
char *text_name(char buf[static TEXT_NAME_MAX], const struct names *names, dc_name name);

/* "a", or "an" before a vowel. */
const char *text_article(const char *word);

/* "n1..n296,n298" to @out. */
void text_nodes(FILE *out, const struct nodeset *set);

/* @text as a JSON string, with quotes, to @out. Bytes that are not UTF-8 become U+FFFD. */
void text_json(FILE *out, const char *text);

/*
 * fprintf() for all that strangers have a part in: names of files, options, traces. What a
 * terminal would take for an order, or show as something else than it is, becomes \xNN: controls,
 * bytes that are no UTF-8, turned directions; a line's end too, unless it is the last of @format.
 */
void text_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprint(FILE *out, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* @text as one word of a shell (POSIX.1-2024), quoted where needed, to @out; likewise safe to show.
 */
void text_shell(FILE *out, const char *text);

/* @text in the form $'...' of a shell, whatever is in it: likewise one word, and safe to show. */
void text_dollar(FILE *out, const char *text);

#endif
