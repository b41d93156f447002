/* Files of a broken run. */
#include "sim/artifacts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_outfile.h"
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

/* A scenario that includes others needs all of them, at their places. */
static const char *write_source(const struct outdir *files, const struct diag_source *source)
{
    const char *slash = strrchr(source->path, '/'), *why;
    size_t folder_len = slash ? (size_t)(slash - source->path) : 0;
    char *folder = fatal_calloc(1, folder_len + 1);
    struct outfile file;
    struct outdir dir;

    memcpy(folder, source->path, folder_len);
    why = outdir_enter(&dir, files, folder);
    free(folder);
    if (!why)
        why = outfile_begin_in(&file, &dir, slash ? slash + 1 : source->path, OUTFILE_PART);
    outdir_close(&dir);
    if (why)
        return why;
    fwrite(source->text, 1, source->len, file.out);
    return outfile_end(&file);
}

static const char *write_sources(const struct outdir *dir, const struct diags *sources)
{
    struct outdir files;
    const char *why;

    if (sources->sources_len <= 1)
        return NULL;
    why = outdir_enter(&files, dir, "files");
    for (size_t i = 0; !why && i < sources->sources_len; i++)
        why = write_source(&files, &sources->sources[i]);
    outdir_close(&files);
    return why;
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

static const char *write_part(const struct outdir *dir, enum part part, const struct report *report,
                              const struct run *run)
{
    static const char *const names[PARTS] = {
        [PART_SCENARIO] = "scenario.scn", [PART_REPORT] = "report.txt", [PART_JSON] = "run.json",
        [PART_COMMAND] = "command",       [PART_TRACE] = "trace.jsonl",
    };
    struct outfile file;
    const char *why = outfile_begin_in(&file, dir, names[part], OUTFILE_PART);

    if (why)
        return why;
    print_part(file.out, part, report, run);
    return outfile_end(&file);
}

static const char *write_parts(const struct outdir *dir, const struct report *report,
                               const struct run *run)
{
    struct report plain = *report;
    const char *why = NULL;

    plain.color = false;
    for (int i = 0; !why && i < PARTS; i++)
        if (i != PART_TRACE || can_repeat(run))
            why = write_part(dir, (enum part)i, &plain, run);
    return why ? why : write_sources(dir, report->source);
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
    struct outdir results, dir;
    char *name = NULL;
    size_t size;
    FILE *memory = open_memstream(&name, &size);
    const char *why;

    if (!memory)
        fatal("out of memory");
    artifacts_name(memory, report, run->options.seed);
    fclose(memory);
    why = outdir_open_results(&results, path);
    if (!why) {
        why = outdir_enter(&dir, &results, name);
        if (!why)
            why = write_parts(&dir, report, run);
        outdir_close(&dir);
    }
    outdir_close(&results);
    if (!path)
        path = OUTDIR_DEFAULT;
    if (why)
        fprintf(stderr, "dcsim: no artifacts: cannot write '%s/%s/': %s\n", path, name, why);
    else
        fprintf(out, "artifacts:  %s/%s/\n", path, name);
    free(name);
}
