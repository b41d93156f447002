/* Words with a digit in them are what differs. */
#include "sim/campaign/cause.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What a number is written with: "n1..n3", "+5", "1_000", "5.000s", "12%", "0x3f". */
static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("_.+-%", c) != NULL);
}

char *cause_of(char *buf, size_t size, const char *reason, const char *headline, uint32_t line)
{
    size_t len = (size_t)snprintf(buf, size, "%s: ", reason);
    const char *at = headline;

    while (*at && len + 1 < size) {
        size_t word = 0;
        bool number = false;

        while (is_word(at[word]))
            number = is_digit(at[word++]) || number;
        if (number) {
            /* A list of names is one: how many there are differs too. */
            if (len < 2 || memcmp(buf + len - 2, "#,", 2) != 0)
                buf[len++] = '#';
            else
                len--;
            at += word;
            continue;
        }
        if (word == 0)
            word = 1;
        for (; word > 0 && len + 1 < size; word--)
            buf[len++] = *at++;
    }
    buf[len < size ? len : size - 1] = '\0';
    if (line > 0 && len < size)
        snprintf(buf + len, size - len, " (line %" PRIu32 ")", line);
    return buf;
}
