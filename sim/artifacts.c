/* Files of a broken run. */
#include "sim/artifacts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/cmd_outfile.h"
#include "sim/fatal.h"
#include "sim/run.h"
#include "sim/text.h"
#include "sim/tracefile.h"

/* Others put something behind a name, and 255 bytes is what a file system takes. */
#define NAME_BYTES_MAX 200u
#define NAME_CUT_BYTES 182 /* before "~~" and a hash */

/* A scenario that includes others needs all of them, at their places; or could they be there? */
static const char *write_source(const struct outdir *files, const struct diag_source *source,
                                bool only_look)
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
    if (only_look) {
        outfile_drop(&file);
        return NULL;
    }
    fwrite(source->text, 1, source->len, file.out);
    return outfile_end(&file);
}

static const char *write_sources(const struct outdir *dir, const struct diags *sources,
                                 bool only_look)
{
    struct outdir files;
    const char *why;

    if (sources->sources_len <= 1)
        return NULL;
    why = outdir_enter(&files, dir, "files");
    for (size_t i = 0; !why && i < sources->sources_len; i++)
        why = write_source(&files, &sources->sources[i], only_look);
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

static const char *const part_names[PARTS] = {
    [PART_SCENARIO] = "scenario.scn", [PART_REPORT] = "report.txt", [PART_JSON] = "run.json",
    [PART_COMMAND] = "command",       [PART_TRACE] = "trace.jsonl",
};

bool artifacts_have(const char *name)
{
    bool found = false;

    for (int i = 0; i < PARTS; i++)
        found = found || strcmp(part_names[i], name) == 0;
    return found;
}

/* All parts as texts; NULL: there is none. Owned. */
struct texts {
    char *bytes[PARTS];
    size_t len[PARTS];
};

/* Before there is any file: the last one takes as long as the run did. */
static void print_parts(struct texts *ret, const struct report *report, const struct run *run)
{
    *ret = (struct texts){0};
    for (int i = 0; i < PARTS; i++) {
        FILE *out;

        if (i == PART_TRACE && !can_repeat(run))
            continue;
        out = fatal_memstream(&ret->bytes[i], &ret->len[i]);
        print_part(out, (enum part)i, report, run);
        fatal_memstream_close(out, &ret->bytes[i]);
    }
}

static void texts_release(struct texts *texts)
{
    for (int i = 0; i < PARTS; i++)
        free(texts->bytes[i]);
}

static const char *write_part(const struct outdir *dir, enum part part, const struct texts *texts)
{
    struct outfile file;
    const char *why;

    if (!texts->bytes[part]) { /* one that is there is of an older run */
        unlinkat(dir->fd, part_names[part], 0);
        return NULL;
    }
    why = outfile_begin_in(&file, dir, part_names[part],
                           part == PART_JSON ? OUTFILE_JSONL : OUTFILE_PART);
    if (why)
        return why;
    fwrite(texts->bytes[part], 1, texts->len[part], file.out);
    return outfile_end(&file);
}

/* Before the first is written: could all be? Else the folder would be part old, part new. */
static const char *look_at_parts(const struct outdir *dir, const struct diags *sources)
{
    const char *why = outdir_has_only(dir, part_names[PART_JSON], OUTFILE_JSONL);
    struct outfile file;

    for (int i = 0; !why && i < PARTS; i++) {
        why = outfile_begin_in(&file, dir, part_names[i],
                               i == PART_JSON ? OUTFILE_JSONL : OUTFILE_PART);
        if (!why)
            outfile_drop(&file);
    }
    return why ? why : write_sources(dir, sources, true);
}

/* The first one that is written shows whose the folder is: nobody else has such a file. */
static const char *write_parts(const struct outdir *dir, const struct texts *texts,
                               const struct diags *sources)
{
    static const enum part order[] = {PART_JSON, PART_SCENARIO, PART_REPORT, PART_COMMAND,
                                      PART_TRACE};
    const char *why = look_at_parts(dir, sources);

    for (int i = 0; !why && i < PARTS; i++)
        why = write_part(dir, order[i], texts);
    return why ? why : write_sources(dir, sources, false);
}

/* A folder of that name has all parts already. What else somebody put there stays. */
static const char *write_again(const struct outdir *results, const char *name,
                               const struct texts *texts, const struct diags *sources)
{
    struct outdir dir;
    const char *why = outdir_enter(&dir, results, name);

    if (!why)
        why = write_parts(&dir, texts, sources);
    outdir_close(&dir);
    return why;
}

static const char *write_new(const struct outdir *results, const char *name,
                             const struct texts *texts, const struct diags *sources)
{
    struct outdir_new dir;
    const char *why = outdir_begin(&dir, results, name);

    if (why)
        return why;
    why = write_parts(&dir.dir, texts, sources);
    if (!why)
        why = outdir_end(&dir);
    outdir_drop(&dir);
    return why;
}

static const char *write_texts(const struct outdir *results, const char *name,
                               const struct texts *texts, const struct diags *sources)
{
    const char *why = NULL;

    if (!outdir_is_taken(results, name)) {
        why = write_new(results, name, texts, sources);
        if (!why || !outdir_is_taken(results, name))
            return why; /* else another dcsim has made it meanwhile */
    }
    return write_again(results, name, texts, sources);
}

static const char *write_folder(const char *path, const char *name, const struct report *report,
                                const struct run *run)
{
    struct report plain = *report;
    struct outdir results;
    struct texts texts;
    const char *why = outdir_open_results(&results, path);

    if (!why) {
        plain.color = false;
        plain.lines = 0;
        print_parts(&texts, &plain, run);
        why = write_texts(&results, name, &texts, report->source);
        texts_release(&texts);
    }
    outdir_close(&results);
    return why;
}

static void print_odd(FILE *out, unsigned char c)
{
    fprintf(out, "~%02X", c);
}

/* What stands in a name as it is; all else is ~XX there, so that no two texts look alike. */
static void print_plain(FILE *out, const char *text, size_t len, const char *also)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c != '\0' && strchr("=._%,", c)) || (c != '\0' && strchr(also, c));

        if (plain)
            fputc(c, out);
        else
            print_odd(out, c);
    }
}

/* "a+b+" of "a/b/x.scn". Returns what stands behind them: "x.scn". */
static const char *print_folders(FILE *out, const char *file)
{
    if (*file == '/')
        fputc('+', out);
    for (const char *slash; (slash = strchr(file, '/')) != NULL; file = slash + 1) {
        size_t len = (size_t)(slash - file);

        if (len == 0 || (len == 1 && *file == '.'))
            continue;
        print_plain(out, file, len, "-");
        fputc('+', out);
    }
    return file;
}

/* Is the value at @at given once more behind it? Then the later one counts. */
static bool is_given_later(const struct report_command *command, size_t at)
{
    const struct scn_define *define = &command->defines[at];

    for (size_t i = at + 1; i < command->defines_len; i++)
        if (command->defines[i].name_len == define->name_len &&
            memcmp(command->defines[i].name, define->name, define->name_len) == 0)
            return true;
    return false;
}

/* "-n=5" for each value that was given or is swept. */
static void print_values(FILE *out, const struct report_command *command)
{
    for (size_t i = 0; i < command->defines_len; i++) {
        if (is_given_later(command, i))
            continue;
        fputc('-', out);
        print_plain(out, command->defines[i].name, strlen(command->defines[i].name), "");
    }
}

static void print_name(FILE *out, const struct report *report, uint64_t seed)
{
    const char *last = print_folders(out, report->command->file), *dot = strrchr(last, '.');
    bool cut = dot && dot != last && strcmp(dot, ".scn") == 0;

    print_plain(out, last, cut ? (size_t)(dot - last) : strlen(last), "-");
    fputs(cut ? "" : "~", out);
    fprintf(out, "-%" PRIu64, seed);
    if (report->command->nodes.hi > 0)
        fprintf(out, "-nodes=%" PRIu64 "..%" PRIu64, report->command->nodes.lo,
                report->command->nodes.hi);
    print_values(out, report->command);
}

void artifacts_name(FILE *out, const struct report *report, uint64_t seed)
{
    char *name = NULL;
    size_t len;
    FILE *memory = fatal_memstream(&name, &len);
    bool hidden;

    print_name(memory, report, seed);
    fatal_memstream_close(memory, &name);
    hidden = name[0] == '.';
    if (hidden)
        print_odd(out, '.');
    if (len <= NAME_BYTES_MAX)
        fputs(name + hidden, out);
    else
        fprintf(out, "%.*s~~%016" PRIx64, NAME_CUT_BYTES, name + hidden,
                (uint64_t)XXH3_64bits(name, len));
    free(name);
}

bool artifacts_write(FILE *out, const char *path, const struct report *report,
                     const struct run *run, size_t more)
{
    char *name = NULL;
    size_t size;
    FILE *memory = fatal_memstream(&name, &size);
    const char *why;

    artifacts_name(memory, report, run->options.seed);
    fatal_memstream_close(memory, &name);
    why = write_folder(path, name, report, run);
    if (!path)
        path = OUTDIR_DEFAULT;
    if (why)
        text_print(stderr, "dcsim: no artifacts: cannot write '%s/%s/': %s\n", path, name, why);
    else
        text_print(out, "artifacts:  %s/%s/", path, name);
    if (!why && more > 0)
        fprintf(out, "  (report.txt: %zu more line%s)", more, more == 1 ? "" : "s");
    if (!why)
        fputc('\n', out);
    free(name);
    return why == NULL;
}
