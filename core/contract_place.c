/* Apart from core/contract.c, which a program may replace. */
#include "core/contract.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/banned.h"

static bool begins_with(const char *text, const char *with)
{
    while (*with && *text == *with)
        text++, with++;
    return !*with;
}

const char *contract_place(const char *file)
{
    static const char *const layers[] = {"core/", "sim/", "live/", "tests/", "tools/"};
    const char *place = file;

    for (const char *at = file; *at; at++) {
        if (at > file && at[-1] != '/')
            continue;
        for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
            if (begins_with(at, layers[i]))
                place = at; /* the last: a folder above may be called so too */
    }
    return place;
}
