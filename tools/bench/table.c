/*
 * The table of tools/bench/run.sh: runs the programs of this folder, and dcsim
 * itself, and prints what they took. CPU seconds are those of whole processes;
 * what is compared is run in turn, one after the other and again, because
 * machines are not the same from minute to minute. Each figure is the median.
 *
 *   table BUILD [--quick] [SECTION...]     from the root of the sources
 */
#include <stdbool.h>
#include <stdio.h>
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

/* ---- W1 ---- */

enum w1_who {
    W1_BARE,
    W1_FULL,
    W1_SAMPLED,
    W1_ALL,
};

static void w1_row(struct bench *bench, const char *nodes, size_t rounds)
{
    char bare[PATH_LEN], dcsim[PATH_LEN], define[32];
    const char *const commands[W1_ALL][8] = {
        {program(bench, "tools/bench_bare", bare), nodes},
        {program(bench, "dcsim", dcsim), "-q", "-D", define, "tools/bench/w1.scn"},
        {dcsim, "-q", "-D", define, "--codec", "sampled", "tools/bench/w1.scn"},
    };
    struct series cpu[W1_ALL] = {0}, peak[W1_ALL] = {0};
    double seconds[W1_ALL];
    struct measure measure;

    snprintf(define, sizeof(define), "nodes=%s", nodes);
    for (size_t round = 0; round < rounds; round++)
        for (size_t who = 0; who < W1_ALL; who++)
            if (run(bench, commands[who], &measure)) {
                series_add(&cpu[who], (double)measure.cpu_ns / 1e9);
                series_add(&peak[who], (double)measure.peak_kib / 1024);
            }
    printf("  %-8s", nodes);
    for (size_t who = 0; who < W1_ALL; who++) {
        seconds[who] = series_median(&cpu[who]);
        printf("  %9.4f", seconds[who]);
        if (who != W1_BARE && seconds[W1_BARE] > 0)
            printf("  %6.2f", seconds[who] / seconds[W1_BARE]);
    }
    for (size_t who = 0; who < W1_ALL; who++)
        printf("  %7.1f", series_median(&peak[who]));
    printf("\n");
}

static void w1(struct bench *bench)
{
    printf("W1, CPU s        bare       full   times    sampled   times"
           "  MiB bare     full  sampled\n");
    w1_row(bench, "10", bench->quick ? 1 : 9);
    w1_row(bench, "100", bench->quick ? 1 : 9);
    if (bench->quick)
        return;
    w1_row(bench, "300", 5);
    w1_row(bench, "1000", 3);
}

/* ---- whole processes ---- */

static double seconds_of(struct bench *bench, const char *const argv[], size_t rounds)
{
    struct series cpu = {0};
    struct measure measure;

    for (size_t round = 0; round < rounds; round++)
        if (run(bench, argv, &measure))
            series_add(&cpu, (double)measure.cpu_ns / 1e9);
    return series_median(&cpu);
}

static void runs(struct bench *bench)
{
    char dcsim[PATH_LEN];
    double took;

    program(bench, "dcsim", dcsim);
    printf("whole processes\n");
    took = seconds_of(bench, (const char *const[]){dcsim, "-q", "tools/bench/empty.scn", NULL},
                      bench->quick ? 1 : 21);
    printf("  start-up, an empty scenario     %9.3f ms\n", took * 1e3);
    took =
        seconds_of(bench,
                   (const char *const[]){dcsim, "-q", "--seeds", bench->quick ? "1..10" : "1..2000",
                                         "scenarios/partition.scn", NULL},
                   bench->quick ? 1 : 3);
    printf("  partition.scn, one core         %9.0f seeds/s\n",
           took > 0 ? (bench->quick ? 10 : 2000) / took : 0);
    took =
        seconds_of(bench,
                   (const char *const[]){dcsim, "-q", "-D", bench->quick ? "stop=10s" : "stop=1h",
                                         "tools/bench/quiet.scn", NULL},
                   1);
    printf("  100 quiet nodes for an hour     %9.3f s\n", bench->quick ? took * 360 : took);
}

/* ---- growth ---- */

static double field_of(const char *json, const char *name)
{
    const char *at = strstr(json, name);
    double value = 0;

    if (at)
        sscanf(at + strlen(name), "%lf", &value);
    return value;
}

/* What a message costs once nothing happens any more: the second half of a run less the first. */
static double quiet_message_ns(struct bench *bench, const char *nodes)
{
    char dcsim[PATH_LEN], define[32];
    const char *stops[] = {bench->quick ? "stop=5s" : "stop=20s",
                           bench->quick ? "stop=10s" : "stop=40s"};
    struct series each = {0};
    struct measure half, whole;

    snprintf(define, sizeof(define), "nodes=%s", nodes);
    program(bench, "dcsim", dcsim);
    for (size_t round = 0; round < (bench->quick ? 1 : 3); round++) {
        const char *argv[] = {
            dcsim, "--json", "-D", define, "-D", stops[0], "tools/bench/quiet.scn", NULL};
        double sent;

        if (!run(bench, argv, &half))
            continue;
        argv[5] = stops[1];
        if (!run(bench, argv, &whole))
            continue;
        sent = field_of(whole.out, "\"sent\":") - field_of(half.out, "\"sent\":");
        if (sent > 0)
            series_add(&each, ((double)whole.cpu_ns - (double)half.cpu_ns) / sent);
    }
    return series_median(&each);
}

static void growth(struct bench *bench)
{
    double small, large;

    printf("growth, a quiet cluster                100      1,000  times\n");
    small = quiet_message_ns(bench, "100");
    large = quiet_message_ns(bench, bench->quick ? "200" : "1000");
    printf("  CPU of a message, ns            %9.0f  %9.0f  %5.2f\n", small, large,
           small > 0 ? large / small : 0);
}

/* ---- programs that say their figures themselves (tools/bench/cell.h) ---- */

#define NAME_LEN 48
#define CELLS_MAX 48

struct cell {
    char row[NAME_LEN], column[NAME_LEN];
    struct series series;
};

struct cells {
    struct cell list[CELLS_MAX];
    size_t len;
};

static void cells_add(struct cells *cells, const char *row, const char *column, double value)
{
    size_t at = 0;

    while (at < cells->len &&
           (strcmp(cells->list[at].row, row) != 0 || strcmp(cells->list[at].column, column) != 0))
        at++;
    if (at == CELLS_MAX)
        return;
    if (at == cells->len) {
        snprintf(cells->list[at].row, NAME_LEN, "%s", row);
        snprintf(cells->list[at].column, NAME_LEN, "%s", column);
        cells->len++;
    }
    series_add(&cells->list[at].series, value);
}

static void cells_read(struct cells *cells, const char *text)
{
    char row[NAME_LEN], column[NAME_LEN];
    double value;

    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (sscanf(text, "%47[^\t\n]\t%47[^\t\n]\t%lf", row, column, &value) == 3)
            cells_add(cells, row, column, value);
}

/* A line for each row, in the order in which a program said them first. */
static void cells_print(struct cells *cells, const char *title)
{
    const char *first = cells->len > 0 ? cells->list[0].row : "";

    printf("%-32s", title);
    for (size_t i = 0; i < cells->len; i++)
        if (strcmp(cells->list[i].row, first) == 0)
            printf("  %9s", cells->list[i].column);
    printf("\n");
    for (size_t i = 0; i < cells->len; i++) {
        bool seen = false;

        for (size_t k = 0; k < i; k++)
            seen |= strcmp(cells->list[k].row, cells->list[i].row) == 0;
        if (seen)
            continue;
        printf("  %-30s", cells->list[i].row);
        for (size_t k = i; k < cells->len; k++)
            if (strcmp(cells->list[k].row, cells->list[i].row) == 0)
                printf("  %9.1f", series_median(&cells->list[k].series));
        printf("\n");
    }
}

static void figures(struct bench *bench, const char *name, const char *title)
{
    char path[PATH_LEN];
    const char *const argv[] = {program(bench, name, path), bench->quick ? "--quick" : NULL, NULL};
    struct cells cells = {0};
    struct measure measure;

    for (size_t round = 0; round < (bench->quick ? 1 : 5); round++)
        if (run(bench, argv, &measure))
            cells_read(&cells, measure.out);
    cells_print(&cells, title);
}

static void w2(struct bench *bench)
{
    figures(bench, "tools/bench_w2", "W2, ns a delivery; actors");
}

static void queue(struct bench *bench)
{
    figures(bench, "tools/bench_queue", "queue, ns an event; pending");
}

static void codec(struct bench *bench)
{
    figures(bench, "tools/bench_codec", "codec, an entry; entries");
}

static const struct {
    const char *name;
    void (*print)(struct bench *bench);
} sections[] = {
    {"w1", w1}, {"w2", w2}, {"queue", queue}, {"codec", codec}, {"runs", runs}, {"growth", growth},
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
