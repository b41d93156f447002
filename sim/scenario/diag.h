/*
 * What is wrong with a scenario file: collected, so that all errors of a file
 * are shown at once, and printed in the form that compilers use.
 *
 *   partition.scn:9:12: error: unknown action 'partiton'; did you mean 'partition'?
 *       9 | at 1s      partiton halves as split
 *         |            ^~~~~~~~
 */
#ifndef DC_SIM_SCENARIO_DIAG_H
#define DC_SIM_SCENARIO_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* After this many errors the rest is counted, not stored. */
#define DIAG_MAX 100u
/* Bytes of a source line that are shown around the caret; longer lines are cut with "...". */
#define DIAG_LINE_SHOWN 160u

/* A place in a file. Lines and columns count from 1; columns count characters. */
struct scn_pos {
    uint32_t line;    /* 0: no line, the message concerns the file */
    uint32_t col;     /* first character */
    uint32_t col_end; /* one past the last character, > col */
    uint32_t file;    /* index of the source; 0 is the file that was given */
};

/* A file that was read. */
struct diag_source {
    const char *name; /* as messages show it; borrowed */
    const char *path; /* as seen from the folder of the first; borrowed */
    const char *text; /* its bytes; borrowed, not terminated */
    size_t len;
};

struct diag {
    struct scn_pos pos;
    bool warning;
    char *text; /* owned */
};

struct diags {
    struct diag_source *sources; /* owned; the first is the file that was given */
    size_t sources_len, sources_cap;
    struct diag *list; /* owned; in the order of the text once they were printed */
    size_t len, cap;
    size_t errors; /* also those not stored */
};

/* Of the file @name, as it was typed. What is given here and below outlives the object. */
void diags_init(struct diags *diags, const char *name, const char *text, size_t text_len);
void diags_release(struct diags *diags);

/* One more file. Returns its index. */
uint32_t diags_add_source(struct diags *diags, const struct diag_source *source);

/* The name of the file in which @pos is. */
const char *diags_name(const struct diags *diags, struct scn_pos pos);

#define DIAG_PLACE_MAX 128u
/* "line 5", or "line 5 of net.scn" when a message at @from is in another file. Returns @buf. */
char *diags_place(char buf[static DIAG_PLACE_MAX], const struct diags *diags, struct scn_pos pos,
                  struct scn_pos from);

void diag_error(struct diags *diags, struct scn_pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diags *diags, struct scn_pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The last message that was stored goes on: "; ", and @text, which replaces a guess at its end. */
void diag_go_on(struct diags *diags, const char *text);

/* No more will be stored: what only makes a message better is not worth its work. */
bool diags_are_full(const struct diags *diags);

/*
 * One message with its source line and caret, as above, also used for a broken
 * expectation. Bytes of the file that are not printable ASCII or valid UTF-8
 * are shown as '?', tabs as a blank. @severity is "error", "warning", "note".
 * @label follows the caret ("expected 1 state by 5.000s, found 3"); NULL: nothing.
 */
void diag_show(FILE *out, const struct diags *source, struct scn_pos pos, const char *severity,
               const char *text, const char *label);

/* The text from @pos on, up to the end of its file. */
const char *diags_text_at(const struct diags *diags, struct scn_pos pos, size_t *ret_len);

/* All of them, by file, line and column; then, if some were not stored, how many more. */
void diags_print(FILE *out, struct diags *diags);

/*
 * The word of @words (NULL-terminated) nearest to @len bytes at @word, or NULL
 * when none is near enough to be meant (Damerau-Levenshtein distance at most a
 * third of the length, at least 1). The first of equally near ones.
 */
const char *diag_nearest(const char *word, size_t len, const char *const *words);

#endif
