/* A buffer that is as long as the longest line needs. */
#include "sim/tracereader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

#define FIRST_BYTES ((size_t)256 << 10)

void tracereader_init(struct tracereader *reader, FILE *in)
{
    *reader = (struct tracereader){.in = in};
}

void tracereader_release(struct tracereader *reader)
{
    free(reader->bytes);
    *reader = (struct tracereader){0};
}

/* More bytes behind those that are there. Returns how many. */
static size_t fill(struct tracereader *reader)
{
    size_t got;

    if (reader->from > 0) {
        memmove(reader->bytes, reader->bytes + reader->from, reader->len - reader->from);
        reader->len -= reader->from;
        reader->from = 0;
    }
    if (reader->len == reader->cap) {
        reader->cap = reader->cap ? reader->cap * 2 : FIRST_BYTES;
        reader->bytes = fatal_realloc(reader->bytes, reader->cap);
    }
    errno = 0;
    got = fread(reader->bytes + reader->len, 1, reader->cap - reader->len, reader->in);
    reader->len += got;
    return got;
}

enum tracereader_result tracereader_peek(struct tracereader *reader, const char **ret,
                                         size_t *ret_len)
{
    size_t seen = 0; /* of this line, and without a line feed */

    for (;;) {
        size_t there = reader->len - reader->from;
        const char *line = there > 0 ? reader->bytes + reader->from : NULL;
        const char *end = there > seen ? memchr(line + seen, '\n', there - seen) : NULL;

        if (end) {
            *ret = line;
            *ret_len = (size_t)(end - line);
            return TRACEREADER_LINE;
        }
        seen = there;
        if (seen > TRACEREADER_LINE_BYTES_MAX)
            return TRACEREADER_LONG;
        if (fill(reader) == 0) {
            if (ferror(reader->in))
                return TRACEREADER_ERROR;
            return seen > 0 ? TRACEREADER_CUT : TRACEREADER_END;
        }
    }
}

enum tracereader_result tracereader_take(struct tracereader *reader, const char **ret,
                                         size_t *ret_len)
{
    enum tracereader_result result = tracereader_peek(reader, ret, ret_len);

    if (result == TRACEREADER_LINE) {
        reader->from += *ret_len + 1;
        reader->line++;
    }
    return result;
}
