/*
 * One line of the best story, changed and tried.
 */
#ifndef DC_SIM_SHRINK_EDIT_H
#define DC_SIM_SHRINK_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/shrink/shrink.h"

/* Tries the story with another text as line @i. */
bool edit_line(struct shrink *shrink, size_t i, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Likewise, with @text in the place of @len bytes of the line at @at. */
bool edit_replace(struct shrink *shrink, size_t i, size_t at, size_t len, const char *text);

/* Likewise, kept when it fails with more seeds. */
bool edit_surer(struct shrink *shrink, size_t i, size_t at, size_t len, const char *text);

/* Puts @value in the place of every @name in line @i, where no letter of a name follows. */
void edit_fill_in(struct story *story, size_t i, const char *name, const char *value);

/* Is it a word with which an action begins? */
bool edit_starts_action(const char *word, size_t len);

#endif
