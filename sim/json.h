/*
 * A strict reader for the JSON that dcsim writes itself: one value, in which
 * numbers are whole and not negative, below 2^64. What it reads may come from
 * strangers: any bytes end in a value or in an error with its place.
 */
#ifndef DC_SIM_JSON_H
#define DC_SIM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"

/* Arrays and objects within each other. */
#define JSON_DEPTH_MAX 16u
/* Names in one object, and values in all. */
#define JSON_NAMES_MAX 64u
#define JSON_VALUES_MAX (UINT32_C(1) << 21)

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_kind kind;
    bool truth;            /* BOOL */
    uint64_t number;       /* NUMBER */
    const char *string;    /* STRING: terminated, and without a NUL in it */
    size_t len;            /* STRING: bytes; ARRAY, OBJECT: how many inside */
    const struct json *in; /* ARRAY, OBJECT: the first inside; they are a list */
    const struct json *next;
    const char *name; /* within an object; terminated */
    const char *raw;  /* as it was written; borrowed from the text */
    size_t raw_len;
};

struct json_error {
    size_t at;        /* offset of the byte that is wrong; that after the last: too little */
    const char *text; /* "a value is missing"; static */
};

/*
 * Reads all of the @len bytes at @text, blanks around the value included. The
 * value is in @arena, and points into @text. Returns NULL and fills in @reterr
 * when it is not one. A name that an object has twice is an error.
 */
const struct json *json_read(struct arena *arena, const char *text, size_t len,
                             struct json_error *reterr);

/* The value named @name in @object (any value; NULL too), or NULL. */
const struct json *json_get(const struct json *object, const char *name);

/* The same when it is of that kind, else NULL. */
const struct json *json_get_kind(const struct json *object, const char *name, enum json_kind kind);

#endif
