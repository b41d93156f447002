/* Files of a broken run. */
#include "sim/artifacts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/tracefile.h"

/* "partition" of "scenarios/partition.scn". */
static void stem(const char *file, const char **ret_start, size_t *ret_len)
{
    const char *slash = strrchr(file, '/');
    const char *start = slash ? slash + 1 : file;
    const char *dot = strrchr(start, '.');

    *ret_start = start;
    *ret_len = dot && dot != start ? (size_t)(dot - start) : strlen(start);
}

int artifacts_make_folders(char *folder)
{
    int rc = 0;

    for (char *at = folder + 1; rc == 0 && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        rc = mkdir(folder, 0777) < 0 && errno != EEXIST ? -1 : 0;
        *at = '/';
    }
    return rc;
}

/* A scenario that includes others needs all of them, at their places. */
static int write_sources(const char *folder, const struct diags *sources)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && sources->sources_len > 1 && i < sources->sources_len; i++) {
        const struct diag_source *source = &sources->sources[i];
        size_t size = strlen(folder) + strlen(source->path) + sizeof("files/");
        char *path = fatal_alloc(size);
        FILE *file = NULL;

        snprintf(path, size, "%sfiles/%s", folder, source->path);
        if (artifacts_make_folders(path) == 0)
            file = fopen(path, "wb");
        if (file)
            fwrite(source->text, 1, source->len, file);
        rc = file && fclose(file) == 0 ? 0 : -1;
        free(path);
    }
    return rc;
}

static FILE *open_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 1;
    char *path = fatal_alloc(size);
    FILE *file;

    snprintf(path, size, "%s%s", folder, name);
    file = fopen(path, "wb");
    free(path);
    return file;
}

enum part {
    PART_SCENARIO,
    PART_REPORT,
    PART_JSON,
    PART_COMMAND,
    PART_TRACE,
    PARTS
};

/*
 * How it came to that. The run is made once more for it, so that one that holds
 * pays nothing for a trace that nobody wanted.
 */
static void print_trace(FILE *file, const struct report *report, const struct run *run)
{
    struct run_options options = {
        .seed = run->options.seed,
        .until_ns = run->options.until_ns,
        .compares = run->options.compares,
        .codec_sampled = run->options.codec_sampled,
    };
    struct run again = {0};
    struct tracefile trace;
    struct trace_sink sink;

    tracefile_init(&trace, file, report, &again, &options, ARTIFACTS_TRACE_LINES);
    sink = tracefile_sink(&trace);
    run_init(&again, report->scn, &options, &sink);
    run_all(&again);
    tracefile_end(&trace); /* what cannot be written is seen by whoever closes the file */
    tracefile_release(&trace);
    run_release(&again);
}

/* What ended the process, or was ended with it, must not be done again. */
static bool can_repeat(const struct run *run)
{
    return run->outcome.reason == REASON_EXPECT || run->outcome.reason == REASON_CHECK;
}

static void print_part(FILE *file, enum part part, const struct report *report,
                       const struct run *run)
{
    switch (part) {
    case PART_SCENARIO:
        fwrite(report->source->sources[0].text, 1, report->source->sources[0].len, file);
        break;
    case PART_REPORT:
        report_header(file, report, (struct scn_range){run->options.seed, run->options.seed});
        report_verdict(file, report, run);
        break;
    case PART_JSON:
        report_json(file, report, run, 0);
        break;
    case PART_COMMAND:
        report_command_line(file, report, run->options.seed);
        fputc('\n', file);
        break;
    case PART_TRACE:
        print_trace(file, report, run);
        break;
    case PARTS:
        break;
    }
}

static int write_parts(char *folder, const struct report *report, const struct run *run)
{
    static const char *const names[PARTS] = {
        [PART_SCENARIO] = "scenario.scn", [PART_REPORT] = "report.txt", [PART_JSON] = "run.json",
        [PART_COMMAND] = "command",       [PART_TRACE] = "trace.jsonl",
    };
    struct report plain = *report;

    plain.color = false;
    if (artifacts_make_folders(folder) < 0)
        return -1;
    for (int i = 0; i < PARTS; i++) {
        FILE *file;
        bool failed;

        if (i == PART_TRACE && !can_repeat(run))
            continue;
        file = open_in(folder, names[i]);
        if (!file)
            return -1;
        print_part(file, (enum part)i, &plain, run);
        failed = ferror(file) != 0;
        if (fclose(file) != 0 || failed)
            return -1;
    }
    return write_sources(folder, report->source);
}

/* "-n=5" for each value that is swept, as far as it can be part of a name. */
static void print_swept(FILE *out, const struct report_command *command)
{
    for (size_t i = 0; i < command->defines_len; i++) {
        if (!command->defines[i].swept)
            continue;
        fputc('-', out);
        for (const char *at = command->defines[i].name; *at; at++) {
            bool plain = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                         (*at >= 'A' && *at <= 'Z') || strchr("=._%", *at);

            fputc(plain ? *at : '_', out);
        }
    }
}

void artifacts_name(FILE *out, const struct report *report, uint64_t seed)
{
    const char *start;
    size_t len;

    stem(report->command->file, &start, &len);
    fprintf(out, "%.*s-%" PRIu64, (int)len, start, seed);
    print_swept(out, report->command);
}

void artifacts_write(FILE *out, const char *path, const struct report *report,
                     const struct run *run)
{
    char *folder = NULL;
    size_t size;
    FILE *name = open_memstream(&folder, &size);

    if (!name)
        fatal("out of memory");
    fprintf(name, "%s/", path);
    artifacts_name(name, report, run->options.seed);
    fputc('/', name);
    fclose(name);
    if (write_parts(folder, report, run) < 0)
        fprintf(stderr, "dcsim: no artifacts: cannot write '%s': %s\n", folder, strerror(errno));
    else
        fprintf(out, "artifacts:  %s\n", folder);
    free(folder);
}
