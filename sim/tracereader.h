/*
 * A trace as lines, one after the other, with one to look ahead. What is in
 * them is somebody else's affair: any bytes are lines.
 */
#ifndef DC_SIM_TRACEREADER_H
#define DC_SIM_TRACEREADER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The header holds a whole scenario; what is longer is no trace. */
#define TRACEREADER_LINE_BYTES_MAX (UINT32_C(128) << 20)

enum tracereader_result {
    TRACEREADER_LINE,
    TRACEREADER_END,
    TRACEREADER_CUT,  /* the last line has no line feed */
    TRACEREADER_LONG, /* a line is longer than TRACEREADER_LINE_BYTES_MAX */
    TRACEREADER_ERROR /* the file cannot be read: errno */
};

struct tracereader {
    FILE *in;      /* borrowed */
    uint64_t line; /* number of the line that was taken last, from 1 */
    char *bytes;   /* owned */
    size_t from;   /* of the next line */
    size_t len, cap;
};

void tracereader_init(struct tracereader *reader, FILE *in);
void tracereader_release(struct tracereader *reader);

/*
 * The next line, without its line feed, in *ret and *ret_len, until the next
 * call. What is no TRACEREADER_LINE leaves both alone, and comes again.
 */
enum tracereader_result tracereader_peek(struct tracereader *reader, const char **ret,
                                         size_t *ret_len);

/* The same, and goes on to the line after it. */
enum tracereader_result tracereader_take(struct tracereader *reader, const char **ret,
                                         size_t *ret_len);

#endif
