/*
 * Bytes that nobody may touch. Only a build with AddressSanitizer sees who does;
 * in others these do nothing.
 */
#ifndef DC_SIM_POISON_H
#define DC_SIM_POISON_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define DC_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DC_POISON 1
#endif
#endif

#ifdef DC_POISON
#include <sanitizer/asan_interface.h>
#endif

/* Nobody may read or write @len bytes at @at, until unpoison. */
static inline void poison(const void *at, size_t len)
{
#ifdef DC_POISON
    __asan_poison_memory_region(at, len);
#else
    (void)at;
    (void)len;
#endif
}

/* They may be touched again, and have to be before they are freed. */
static inline void unpoison(const void *at, size_t len)
{
#ifdef DC_POISON
    __asan_unpoison_memory_region(at, len);
#else
    (void)at;
    (void)len;
#endif
}

#endif
