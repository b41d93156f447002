/* Files with names made of what is run, and what goes wrong in writing them. */
#include "sim/cmd_trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/artifacts.h"
#include "sim/cmd.h"
#include "sim/fatal.h"
#include "sim/text.h"

bool cmd_trace_to_stdout(const struct cmd_trace_options *options)
{
    return options->path && strcmp(options->path, "-") == 0;
}

int cmd_trace_check(const struct cmd_trace_options *options, const struct report_command *command)
{
    if (options->last > 0 && !options->path)
        return cmd_usage("--trace-last says how much of --trace FILE to keep: name that file");
    if (cmd_trace_to_stdout(options) && command->json)
        return cmd_usage("--trace - and --json both want standard output: give the trace a file");
    return -1;
}

int cmd_trace_check_runs(const struct cmd_trace_options *options, bool many_seeds,
                         bool many_scenarios)
{
    bool run = options->path && strstr(options->path, "{run}");
    bool seed = options->path && strstr(options->path, "{seed}");

    if (!options->path || run || (!many_scenarios && (!many_seeds || seed)))
        return 0;
    if (cmd_trace_to_stdout(options))
        cmd_usage("--trace - takes the trace of one run only; name a file with {run} in it");
    else if (many_scenarios)
        cmd_usage("all of these runs would write to '%s': put {run} into the name, which stands "
                  "for scenario, seed and swept values",
                  options->path);
    else
        cmd_usage("every seed would write to '%s': put {seed} into the name", options->path);
    return -1;
}

/* The name with what stands in braces filled in; to be freed. */
static char *path_of(const char *path, const struct report *report, uint64_t seed)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = fatal_memstream(&text, &len);

    while (*path) {
        if (strncmp(path, "{seed}", 6) == 0) {
            fprintf(out, "%" PRIu64, seed);
            path += 6;
        } else if (strncmp(path, "{run}", 5) == 0) {
            artifacts_name(out, report, seed);
            path += 5;
        } else {
            fputc(*path++, out);
        }
    }
    fatal_memstream_close(out, &text);
    return text;
}

static void complain(const char *path, const char *why)
{
    text_print(stderr, "dcsim: cannot write the trace '%s': %s\n", path, why);
}

int cmd_trace_may_open(const struct cmd_trace_options *options, const struct places *places,
                       const struct report *report, uint64_t seed)
{
    char *path = path_of(options->path, report, seed);
    int rc = places_check_output(places, "--trace", path);
    const char *why = rc < 0 ? NULL : outfile_may_begin(path, OUTFILE_TRACE);

    if (why)
        complain(path, why);
    free(path);
    return why ? -1 : rc;
}

int cmd_trace_open(struct cmd_trace *trace, const struct cmd_trace_options *options,
                   const struct report *report, const struct run *run,
                   const struct run_options *run_options, struct trace_tee *tee)
{
    *trace = (struct cmd_trace){0};
    if (!options->path)
        return 0;
    trace->path = path_of(options->path, report, run_options->seed);
    if (cmd_trace_to_stdout(options)) {
        trace->out = stdout;
    } else {
        const char *why = outfile_begin(&trace->to, trace->path, OUTFILE_TRACE);

        if (!why)
            why = outfile_place(&trace->to); /* others may read it from now on */
        if (why) {
            complain(trace->path, why);
            outfile_drop(&trace->to);
            free(trace->path);
            return -1;
        }
        trace->out = trace->to.out;
    }
    setvbuf(trace->out, NULL, _IONBF, 0);
    tracefile_init(&trace->file, trace->out, report, run, run_options, options->last);
    trace_tee_add(tee, tracefile_sink(&trace->file));
    trace->open = true;
    return 0;
}

int cmd_trace_close(struct cmd_trace *trace)
{
    const char *why = NULL;
    int err;

    if (!trace->open)
        return 0;
    err = tracefile_end(&trace->file);
    if (trace->out != stdout)
        why = outfile_end(&trace->to);
    if (err)
        why = strerror(err);
    if (why)
        text_print(stderr, "dcsim: the trace '%s' is not complete: %s\n",
                   trace->out == stdout ? "-" : trace->path, why);
    if (trace->out == stdout)
        clearerr(stdout); /* that has been said */
    tracefile_release(&trace->file);
    free(trace->path);
    *trace = (struct cmd_trace){0};
    return why ? -1 : 0;
}
