/*
 * The table of tools/bench/run.sh: runs the programs of this folder, and dcsim
 * itself, and prints what they took. CPU seconds are those of whole processes;
 * what is compared is run in turn, one after the other and again, because
 * machines are not the same from minute to minute. Each figure is the median.
 *
 *   table BUILD [--quick] [SECTION...]     from the root of the sources
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/measure.h"

#define PATH_LEN 512

struct bench {
    const char *build;
    bool quick;
    bool failed;
};

/* The program @name of the build. */
static const char *program(const struct bench *bench, const char *name, char ret[PATH_LEN])
{
    snprintf(ret, PATH_LEN, "%s/%s", bench->build, name);
    return ret;
}

/* One round. A run that does not end well is said, and spoils the table. */
static bool run(struct bench *bench, const char *const argv[], struct measure *ret)
{
    measure_run(argv, ret);
    if (ret->exit_code == 0)
        return true;
    fprintf(stderr, "table:");
    for (size_t i = 0; argv[i]; i++)
        fprintf(stderr, " %s", argv[i]);
    fprintf(stderr, ": exit %d\n", ret->exit_code);
    bench->failed = true;
    return false;
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

/* ---- W1 ---- */

enum w1_who {
    W1_BARE,
    W1_FULL,
    W1_ALL,
};

static void w1_row(struct bench *bench, const char *nodes, size_t rounds)
{
    char bare[PATH_LEN], dcsim[PATH_LEN], define[32];
    const char *const commands[W1_ALL][8] = {
        {program(bench, "tools/bench_bare", bare), nodes},
        {program(bench, "dcsim", dcsim), "-q", "-D", define, "tools/bench/w1.scn"},
    };
    struct series cpu[W1_ALL] = {0}, peak[W1_ALL] = {0};
    uint64_t ns[W1_ALL];
    struct measure measure;

    snprintf(define, sizeof(define), "nodes=%s", nodes);
    for (size_t round = 0; round < rounds; round++)
        for (size_t who = 0; who < W1_ALL; who++)
            if (run(bench, commands[who], &measure)) {
                series_add(&cpu[who], measure.cpu_ns);
                series_add(&peak[who], measure.peak_kib);
            }
    printf("  %-8s", nodes);
    for (size_t who = 0; who < W1_ALL; who++) {
        ns[who] = series_median(&cpu[who]);
        printf("  %9.4f", seconds(ns[who]));
        if (who != W1_BARE && ns[W1_BARE] > 0)
            printf("  %6.2f", seconds(ns[who]) / seconds(ns[W1_BARE]));
    }
    for (size_t who = 0; who < W1_ALL; who++)
        printf("  %7.1f", (double)series_median(&peak[who]) / 1024);
    printf("\n");
}

static void w1(struct bench *bench)
{
    printf("W1, CPU s        bare       full   times  MiB bare     full\n");
    w1_row(bench, "10", bench->quick ? 1 : 9);
    w1_row(bench, "100", bench->quick ? 1 : 9);
    if (bench->quick)
        return;
    w1_row(bench, "300", 5);
    w1_row(bench, "1000", 3);
}

/* ---- whole processes ---- */

static uint64_t cpu_of(struct bench *bench, const char *const argv[], size_t rounds)
{
    struct series cpu = {0};
    struct measure measure;

    for (size_t round = 0; round < rounds; round++)
        if (run(bench, argv, &measure))
            series_add(&cpu, measure.cpu_ns);
    return series_median(&cpu);
}

static void runs(struct bench *bench)
{
    char dcsim[PATH_LEN];
    uint64_t last = bench->quick ? 10 : 2000;
    char seeds[32];
    uint64_t ns;

    program(bench, "dcsim", dcsim);
    snprintf(seeds, sizeof(seeds), "1..%" PRIu64, last);
    ns = cpu_of(bench, (const char *const[]){dcsim, "-q", "tools/bench/empty.scn", NULL},
                bench->quick ? 1 : 21);
    printf("whole processes\n  start-up, an empty scenario           %10.3f ms\n",
           (double)ns / 1e6);
    ns = cpu_of(
        bench,
        (const char *const[]){dcsim, "-q", "--seeds", seeds, "scenarios/partition.scn", NULL},
        bench->quick ? 1 : 3);
    printf("  partition.scn, one core               %10.0f seeds/s\n",
           ns > 0 ? (double)last / seconds(ns) : 0);
}

static const struct {
    const char *name;
    void (*print)(struct bench *bench);
} sections[] = {
    {"w1", w1},
    {"runs", runs},
};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static bool wanted(const char *name, char **names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: table BUILD [--quick] [SECTION...]\nsections:");
    for (size_t i = 0; i < SECTIONS; i++)
        fprintf(stderr, " %s", sections[i].name);
    fprintf(stderr, "\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct bench bench = {.build = argc > 1 ? argv[1] : NULL};
    int first = 2, known = 0;

    if (argc < 2)
        return usage();
    if (argc > 2 && strcmp(argv[2], "--quick") == 0) {
        bench.quick = true;
        first = 3;
    }
    for (size_t i = 0; i < SECTIONS; i++)
        known += wanted(sections[i].name, argv + first, argc - first);
    if (argc > first && known != argc - first)
        return usage();
    /* A row is seen when it is there. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < SECTIONS; i++)
        if (wanted(sections[i].name, argv + first, argc - first))
            sections[i].print(&bench);
    return bench.failed ? 1 : 0;
}
