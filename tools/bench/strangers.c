/*
 * What strangers cost a node (tests/strangers.h): for each way to attack it the bytes
 * that they send, the memory that is left and the most that there was, and how long it
 * took; and what the node can do afterwards. tests/test_strangers.c holds the bounds.
 *
 *   bench_strangers [MiB of names [ATTACK]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/strangers.h"

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void print(const struct siege_attack *attack, size_t limit)
{
    struct siege siege;

    siege_begin(&siege, limit, (attack->after & SIEGE_FIXED) != 0);
    double from = seconds();
    attack->run(&siege, attack->frames);
    double took = seconds() - from;
    size_t names = siege.names_memory.live, names_peak = siege.names_memory.peak;
    size_t other = siege.memory.live, other_peak = siege.memory.peak;
    struct siege_service it = siege_try(&siege);
    printf("%-14s %8llu %8llu %9.2f %8.2f %8.2f %8.2f %8.2f %6.1f %6llu  %s %s %s\n", attack->name,
           (unsigned long long)siege.frames, (unsigned long long)siege.refused,
           (double)siege.bytes / 1e6, (double)names / 1e6, (double)names_peak / 1e6,
           (double)other / 1e6, (double)other_peak / 1e6, took, (unsigned long long)siege.sweeps,
           it.friend_answered && it.friend_counted ? "yes   " : "NO    ",
           it.stranger_answered && it.stranger_counted
               ? it.stranger_learned ? "yes     " : "unlearned"
               : "NO      ",
           it.counts_itself ? "yes" : "NO");
    fflush(stdout);
    siege_end(&siege);
}

int main(int argc, char **argv)
{
    size_t limit = (size_t)(argc > 1 ? atoi(argv[1]) : 64) << 20;

    if (limit < DC_NAMES_BYTES_MIN) {
        fprintf(stderr, "usage: bench_strangers [MiB of names [ATTACK]]\n");
        return 2;
    }
    printf("%-14s %8s %8s %9s %17s %17s %6s %6s  %s\n", "MB, limit", "frames", "refused", "sent",
           "names now, peak", "others now, peak", "cpu s", "sweeps", "friend newcomer itself");
    for (size_t i = 0; i < siege_attacks_len; i++)
        if (argc < 3 || strcmp(siege_attacks[i].name, argv[2]) == 0)
            print(&siege_attacks[i], limit);
    return 0;
}
