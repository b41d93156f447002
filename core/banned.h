/*
 * What core must not use, as a compile error: clocks, environment, randomness,
 * locale, input and output, and the parts of libc that are unsafe or that
 * differ between machines. Included last by every source of core, because
 * system headers use these names too.
 */
#ifndef DC_CORE_BANNED_H
#define DC_CORE_BANNED_H

/* Fortified C libraries make macros of these for clang, which is warned of one that is banned. */
#undef printf
#undef sprintf

/*
 * Hidden randomness: it comes through struct env, whose operation is called
 * random as well, so that name is left to the test of the library's symbols.
 */
#pragma GCC poison rand srand srandom rand_r drand48 lrand48 arc4random getrandom

/* Hidden time: likewise. */
#pragma GCC poison time gettimeofday clock_gettime clock localtime gmtime strftime mktime

/* The environment and the locale of the process. */
#pragma GCC poison getenv setenv putenv setlocale localeconv strcoll strxfrm

/* Numbers from text: no position, no overflow, or a float. */
#pragma GCC poison atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof strtold

/* No length, hidden state, or an order that is not defined. */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok qsort bsearch

/* Output. */
#pragma GCC poison printf puts putchar

#endif
