/*
 * The end of the line for the simulator itself: no memory, or a state that
 * must not be. Writes "dcsim: <text>" to stderr and exits with code 3.
 */
#ifndef DC_SIM_FATAL_H
#define DC_SIM_FATAL_H

#include <stddef.h>

_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * There is no memory for @size bytes more; 0: nobody knows how many. A library has one for
 * everybody (fatal_memory.c); the program has its own, which says what run that was of.
 */
_Noreturn void fatal_memory(size_t size);

/* malloc, calloc and realloc that end in fatal(). Size 0 gives a block of 1 byte. */
void *fatal_alloc(size_t size);
void *fatal_calloc(size_t count, size_t size);
void *fatal_realloc(void *ptr, size_t size);
/* count * size, or fatal() when that overflows. */
void *fatal_realloc_array(void *ptr, size_t count, size_t size);

#endif
