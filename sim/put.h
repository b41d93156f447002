/*
 * JSON by hand, where printf would cost more than what it prints: each function
 * puts its text at @at, without a NUL, and returns the place behind it. The
 * caller has made room.
 */
#ifndef DC_SIM_PUT_H
#define DC_SIM_PUT_H

#include <stdint.h>
#include <string.h>

/* In decimal, at most 20 digits. */
char *put_number(char *at, uint64_t value);

/* 16 hexadecimal digits. */
char *put_hex(char *at, uint64_t value);

/* @text as it is. */
static inline char *put(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

/* ,"name":"0123456789abcdef" */
static inline char *put_key(char *at, const char *name, uint64_t value)
{
    at = put(put(put(at, ",\""), name), "\":\"");
    at = put_hex(at, value);
    *at++ = '"';
    return at;
}

/* ,"name":123 */
static inline char *put_field(char *at, const char *name, uint64_t value)
{
    return put_number(put(put(put(at, ",\""), name), "\":"), value);
}

/* ,"name":"word"; @word needs no escapes. */
static inline char *put_word(char *at, const char *name, const char *word)
{
    at = put(put(put(at, ",\""), name), "\":\"");
    at = put(at, word);
    *at++ = '"';
    return at;
}

#endif
