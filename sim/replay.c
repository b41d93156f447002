/* One run, and a file beside it. */
#include "sim/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/json.h"
#include "sim/run.h"
#include "sim/sides.h"
#include "sim/text.h"
#include "sim/tracehead.h"
#include "sim/tracelines.h"
#include "sim/tracereader.h"

/* Events between two looks at whether to stop. */
#define EVENTS_A_LOOK 1024u
/* Within so many bytes a line says what it is. */
#define KIND_WITHIN 128u

struct replay {
    const struct replay_options *options;
    FILE *out, *err;
    struct tracereader in;
    struct tracehead head;
    struct diags diags;
    struct scenario scn;
    struct report_command command;
    struct report report;
    struct run run;
    struct tracelines lines;
    bool parsed, running;
    uint64_t made;  /* lines of the run so far */
    uint64_t first; /* the first of them that the trace has */
    bool done;
    enum replay_result result; /* valid when done */
};

static void finish(struct replay *replay, enum replay_result result)
{
    replay->done = true;
    replay->result = result;
}

/* ---- what is wrong with the trace ---- */

__attribute__((format(printf, 3, 4))) static void no_trace(struct replay *replay, uint64_t line,
                                                           const char *format, ...)
{
    va_list args;

    if (line > 0)
        text_print(replay->err, "%s:%" PRIu64 ": error: ", replay->options->name, line);
    else
        text_print(replay->err, "%s: error: ", replay->options->name);
    va_start(args, format);
    text_vprint(replay->err, format, args);
    va_end(args);
    fputc('\n', replay->err);
    finish(replay, REPLAY_NO_TRACE);
}

/* A line was needed, and that is what came instead. */
static void no_line(struct replay *replay, enum tracereader_result result)
{
    uint64_t line = replay->in.line + 1;

    switch (result) {
    case TRACEREADER_LINE:
        break;
    case TRACEREADER_END:
        if (line == 1)
            no_trace(replay, 0, "this is no trace of dcsim: it is empty");
        else
            no_trace(replay, 0,
                     "the trace is cut off after line %" PRIu64
                     ": its last line, with what the run came to, is missing; up to there the run "
                     "repeats itself",
                     line - 1);
        break;
    case TRACEREADER_CUT:
        no_trace(replay, line, "%s",
                 line == 1 ? "this is no trace of dcsim, or it is cut off in its first line"
                           : "the trace is cut off within this line; up to there the run repeats "
                             "itself");
        break;
    case TRACEREADER_LONG:
        no_trace(replay, line, "a line of more than %u bytes: this is no trace of dcsim",
                 TRACEREADER_LINE_BYTES_MAX);
        break;
    case TRACEREADER_ERROR:
        no_trace(replay, 0, "cannot read the trace: %s", strerror(errno ? errno : EIO));
        break;
    }
}

/* Is @line one that a trace could have? Else that is said. */
static bool is_line(struct replay *replay, const char *line, size_t len)
{
    struct arena arena = {0};
    struct json_error err;
    const struct json *value = json_read(&arena, line, len, &err);
    bool fine = value && value->kind == JSON_OBJECT;

    if (!value)
        no_trace(replay, replay->in.line, "no line of a trace: byte %zu: %s", err.at + 1, err.text);
    else if (!fine)
        no_trace(replay, replay->in.line, "no line of a trace: it is no object");
    arena_release(&arena);
    return fine;
}

/* ---- comparing ---- */

/* The line that was taken last is not @made; either text may be NULL: nothing more. */
static void differ(struct replay *replay, const char *recorded, size_t recorded_len,
                   const char *made, size_t made_len)
{
    struct sides_line left = {"recorded", recorded, recorded_len};
    struct sides_line right = {"replayed", made, made_len};
    struct sides_event event = sides_event_of(made ? &right : &left);
    char time[TEXT_TIME_MAX];

    if (recorded && !is_line(replay, recorded, recorded_len))
        return;
    if (sides_differ(&left, &right) == 0) {
        no_trace(replay, replay->in.line,
                 "what this line says is right, but not how it is written; a trace is compared "
                 "byte for byte, just as dcsim wrote it");
        return;
    }
    text_print(replay->out, "differs  %s:%" PRIu64 "  %s  seed %" PRIu64 ": ",
               replay->options->name, replay->in.line, replay->head.scenario, replay->head.seed);
    if (replay->running)
        fprintf(replay->out, "event %" PRIu64 " at %s did not come out as recorded\n", event.number,
                text_time(time, event.at_ns));
    else
        fputs("the first line does not follow from its own scenario and parameters\n", replay->out);
    sides_show(replay->out, &replay->report, &left, &right);
    finish(replay, REPLAY_DIFFERS);
}

static void compare_line(struct replay *replay, const char *made, size_t len)
{
    const char *recorded;
    size_t recorded_len;
    enum tracereader_result result = tracereader_take(&replay->in, &recorded, &recorded_len);

    if (result != TRACEREADER_LINE)
        no_line(replay, result);
    else if (recorded_len != len || memcmp(recorded, made, len) != 0)
        differ(replay, recorded, recorded_len, made, len);
}

/* The number of the next line of the trace; 0 when it says none. */
static uint64_t next_number(struct replay *replay)
{
    struct arena arena = {0};
    struct json_error err;
    const struct json *number = NULL;
    const char *line;
    size_t len;
    uint64_t ret;

    if (tracereader_peek(&replay->in, &line, &len) == TRACEREADER_LINE)
        number = json_get_kind(json_read(&arena, line, len, &err), "n", JSON_NUMBER);
    ret = number ? number->number : 0;
    arena_release(&arena);
    return ret;
}

/* All lines that the run has made since the last time. */
static void compare_made(struct replay *replay)
{
    const char *at = replay->lines.len > 0 ? replay->lines.bytes : "";
    const char *end = at + replay->lines.len;

    while (!replay->done && at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));

        if (++replay->made >= replay->first)
            compare_line(replay, at, (size_t)(feed - at));
        at = feed + 1;
    }
    tracelines_taken(&replay->lines);
}

/* ---- the header ---- */

static void read_head(struct replay *replay)
{
    char problem[TRACEHEAD_PROBLEM_MAX];
    const char *line;
    size_t len;
    enum tracereader_result result = tracereader_take(&replay->in, &line, &len);

    if (result != TRACEREADER_LINE)
        no_line(replay, result);
    else if (tracehead_read(&replay->head, line, len, problem) < 0)
        no_trace(replay, 1, "%s", problem);
}

static void parse(struct replay *replay)
{
    struct tracehead *head = &replay->head;
    int rc = tracehead_parse(head, &replay->scn, &replay->diags);

    replay->parsed = true;
    if (rc < 0) {
        diags_print(replay->err, &replay->diags);
        no_trace(replay, 1, "the scenario in the trace has errors");
        return;
    }
    replay->command = (struct report_command){
        .program = replay->options->command,
        .file = head->scenario,
        .defines = head->defines,
        .defines_len = head->defines_len,
    };
    replay->report =
        (struct report){.command = &replay->command, .scn = &replay->scn, .source = &replay->diags};
}

/* Does the header say of its scenario what we say of it? It is written once more. */
static void compare_head(struct replay *replay, const struct run_options *options)
{
    char *line = NULL;
    size_t len = 0;
    FILE *out = fatal_memstream(&line, &len);

    tracehead_write(out, &replay->report, options, replay->head.last, replay->head.version);
    fatal_memstream_close(out, &line);
    if (len - 1 != replay->head.line_len || memcmp(line, replay->head.line, len - 1) != 0)
        differ(replay, replay->head.line, replay->head.line_len, line, len - 1);
    free(line);
}

/* ---- the run ---- */

/* The end of a run that somebody interrupted: it ends where the trace does. */
static bool was_interrupted(struct replay *replay)
{
    static const char word[] = "\"ev\":\"end\"";
    struct arena arena = {0};
    struct json_error err;
    const struct json *end = NULL, *reason, *headline;
    struct outcome *outcome = &replay->run.outcome;
    const char *line;
    size_t len;
    bool found = false;

    if (tracereader_peek(&replay->in, &line, &len) != TRACEREADER_LINE)
        return false;
    for (size_t i = 0; i < KIND_WITHIN && i + sizeof(word) <= len && !found; i++)
        found = memcmp(line + i, word, sizeof(word) - 1) == 0;
    if (found)
        end = json_read(&arena, line, len, &err);
    reason = json_get_kind(end, "reason", JSON_STRING);
    headline = json_get_kind(end, "headline", JSON_STRING);
    found = reason && strcmp(reason->string, reason_text(REASON_SIGNAL)) == 0;
    if (found && headline)
        snprintf(outcome->headline, sizeof(outcome->headline), "%s", headline->string);
    arena_release(&arena);
    return found;
}

static bool must_stop(const struct replay *replay, uint64_t events)
{
    return events % EVENTS_A_LOOK == 0 && replay->options->stop && replay->options->stop();
}

static void step_all(struct replay *replay)
{
    struct run *run = &replay->run;

    compare_made(replay);
    while (!replay->done && !run->over) {
        if (must_stop(replay, run->world.events)) {
            finish(replay, REPLAY_INTERRUPTED);
        } else if (replay->made + 1 >= replay->first && was_interrupted(replay)) {
            run_abandon(run, REASON_SIGNAL);
        } else {
            run_step(run);
            tracelines_flush(&replay->lines);
            compare_made(replay);
        }
    }
}

/* The last line, and that nothing stands behind it or lacks before it. */
static void compare_end(struct replay *replay)
{
    uint64_t kept;
    const char *line;
    size_t len;
    enum tracereader_result result;

    tracelines_end(&replay->lines);
    compare_made(replay);
    if (replay->done)
        return;
    result = tracereader_take(&replay->in, &line, &len);
    if (result == TRACEREADER_LINE)
        differ(replay, line, len, NULL, 0);
    else if (result != TRACEREADER_END)
        no_line(replay, result);
    kept = replay->made - replay->first; /* the last line does not count */
    if (!replay->done && replay->head.last > 0 && replay->first > 1 && kept != replay->head.last)
        no_trace(replay, 2,
                 "lines are missing here: the last %" PRIu64 " were kept, and %" PRIu64
                 " are there; the run repeats itself from here on",
                 replay->head.last, kept);
}

static void run_again(struct replay *replay)
{
    struct run_options options = {
        .seed = replay->head.seed,
        .until_ns = replay->head.until_ns,
        .compares = true,
    };
    struct trace_sink sink;

    compare_head(replay, &options);
    if (replay->done)
        return;
    tracelines_init(&replay->lines, &replay->run, &replay->scn);
    sink = tracelines_sink(&replay->lines);
    run_init(&replay->run, &replay->scn, &options, &sink);
    replay->running = true;
    replay->first = replay->head.last > 0 ? next_number(replay) : 1;
    step_all(replay);
    if (!replay->done)
        compare_end(replay);
    if (!replay->done)
        finish(replay, REPLAY_SAME);
}

static void release(struct replay *replay)
{
    run_release(&replay->run);
    tracelines_release(&replay->lines);
    if (replay->parsed) {
        scenario_release(&replay->scn);
        diags_release(&replay->diags);
    }
    tracehead_release(&replay->head);
    tracereader_release(&replay->in);
}

enum replay_result replay_trace(FILE *out, FILE *err, FILE *in,
                                const struct replay_options *options)
{
    struct replay replay = {.options = options, .out = out, .err = err};

    tracereader_init(&replay.in, in);
    read_head(&replay);
    if (!replay.done)
        parse(&replay);
    if (!replay.done)
        run_again(&replay);
    if (replay.result == REPLAY_SAME && !options->quiet)
        text_print(out,
                   "same  %s  %s  seed %" PRIu64 "  events %" PRIu64 "  lines %" PRIu64
                   "  trace_hash %016" PRIx64 "\n",
                   options->name, replay.head.scenario, replay.head.seed, replay.run.world.events,
                   replay.in.line, replay.run.world.trace.hash);
    release(&replay);
    return replay.result;
}
