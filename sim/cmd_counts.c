/* Sums of verdicts. */
#include "sim/cmd_counts.h"

#include <inttypes.h>
#include <stdbool.h>

#include "sim/cmd.h"

enum count count_of(int code)
{
    return code == EXIT_HELD       ? COUNT_HELD
           : code == EXIT_BROKE    ? COUNT_BROKE
           : code == EXIT_UNKNOWN  ? COUNT_UNKNOWN
           : code == EXIT_INTERNAL ? COUNT_INTERNAL
                                   : COUNT_INTERRUPTED;
}

static void print(FILE *out, const struct counts *counts, bool held)
{
    static const char *const words[COUNTS] = {
        [COUNT_HELD] = "held",
        [COUNT_BROKE] = "broke",
        [COUNT_UNKNOWN] = "unknown",
        [COUNT_INTERNAL] = "internal error",
        [COUNT_INTERRUPTED] = "interrupted",
    };
    const char *comma = "";

    for (size_t i = 0; i < COUNTS; i++) {
        if (i == COUNT_HELD ? !held : counts->of[i] == 0)
            continue;
        fprintf(out, "%s%s %" PRIu64, comma, words[i], counts->of[i]);
        comma = ", ";
    }
    fputc('\n', out);
}

void counts_print(FILE *out, const struct counts *counts)
{
    print(out, counts, true);
}

void counts_print_failed(FILE *out, const struct counts *counts)
{
    print(out, counts, false);
}
