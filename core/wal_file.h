/* The names of the files of the log. */
#ifndef DC_CORE_WAL_FILE_H
#define DC_CORE_WAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* "log." and 16 hex digits, terminated. */
#define WAL_FILE_BYTES 21u
/* A file with a larger number is none of the log: numbers that follow do not wrap. */
#define WAL_SEGMENT_LAST (UINT64_C(1) << 63)

static inline char *wal_file_name(char buf[WAL_FILE_BYTES], uint64_t segment)
{
    static const char digits[] = "0123456789abcdef";

    buf[0] = 'l';
    buf[1] = 'o';
    buf[2] = 'g';
    buf[3] = '.';
    for (unsigned i = 0; i < 16; i++)
        buf[4 + i] = digits[segment >> (60 - 4 * i) & 0xF];
    buf[20] = '\0';
    return buf;
}

/* The number of such a file; false for any other name. */
static inline bool wal_file_number(const char *file, uint64_t *ret_segment)
{
    uint64_t number = 0;

    if (file[0] != 'l' || file[1] != 'o' || file[2] != 'g' || file[3] != '.')
        return false;
    for (unsigned i = 0; i < 16; i++) {
        char c = file[4 + i];

        if (c >= '0' && c <= '9')
            number = number << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            number = number << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    if (file[20] != '\0' || number == 0 || number > WAL_SEGMENT_LAST)
        return false;
    *ret_segment = number;
    return true;
}

#endif
