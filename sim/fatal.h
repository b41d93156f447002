/*
 * The end of the line for the simulator itself: no memory, or a state that
 * must not be. Writes "dcsim: <text>" to stderr and exits with code 3.
 */
#ifndef DC_SIM_FATAL_H
#define DC_SIM_FATAL_H

#include <stddef.h>
#include <stdio.h>

_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * There is no memory for @size bytes more; 0: nobody knows how many. A library has one for
 * everybody (fatal_memory.c); the program has its own, which says what run that was of.
 */
_Noreturn void fatal_memory(size_t size);

/* malloc, calloc, realloc and strdup that end in fatal_memory(). Size 0 gives a block of 1 byte. */
void *fatal_alloc(size_t size);
void *fatal_calloc(size_t count, size_t size);
void *fatal_realloc(void *ptr, size_t size);
/* count * size, or fatal() when that overflows. */
void *fatal_realloc_array(void *ptr, size_t count, size_t size);
char *fatal_strdup(const char *text);

/*
 * Text in memory: open_memstream(), and fclose() of it. The C library tells nobody when there is
 * no memory for the last of it; here *@text is all that was written, and never NULL.
 */
FILE *fatal_memstream(char **ret_text, size_t *ret_len);
void fatal_memstream_close(FILE *out, char *const *text);

#endif
