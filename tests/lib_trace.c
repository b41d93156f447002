/* Traces in memory. */
#include "tests/lib_trace.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tracefile.h"
#include "tests/lib_sim.h"

char *trace_of(const char *text, uint64_t seed, uint64_t last, uint64_t events, uint64_t *ret_hash)
{
    struct run_options options = {.seed = seed, .until_ns = UINT64_MAX, .compares = true};
    struct report_command command = {.program = "dcsim", .file = "test.scn"};
    struct tracefile file;
    struct trace_sink sink;
    struct sim_case c;
    char *trace = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&trace, &len);

    cr_assert(out != NULL);
    sim_case_parse(&c, text);
    struct report report = {.command = &command, .scn = &c.scn, .source = &c.diags};
    tracefile_init(&file, out, &report, &c.run, &options, last);
    sink = tracefile_sink(&file);
    run_init(&c.run, &c.scn, &options, &sink);
    while ((events == 0 || c.run.world.events < events) && run_step(&c.run))
        ;
    if (!c.run.over) {
        snprintf(c.run.outcome.headline, sizeof(c.run.outcome.headline), "interrupted");
        run_abandon(&c.run, REASON_SIGNAL);
    }
    cr_assert(tracefile_end(&file) == 0);
    tracefile_release(&file);
    fclose(out);
    if (ret_hash)
        *ret_hash = c.run.world.trace.hash;
    sim_case_release(&c);
    return trace;
}

size_t trace_lines(const char *trace)
{
    size_t lines = 0;

    for (; *trace; trace++)
        lines += *trace == '\n';
    return lines;
}

const char *trace_line(const char *trace, size_t number, size_t *ret_len)
{
    for (; number > 1; number--) {
        trace = strchr(trace, '\n');
        cr_assert(trace != NULL);
        trace++;
    }
    *ret_len = strcspn(trace, "\n");
    return trace;
}

char *trace_edit(const char *trace, size_t number, size_t count, const char *text)
{
    size_t len;
    const char *from = trace_line(trace, number, &len);
    const char *to = trace_line(trace, number + count, &len);
    size_t size = strlen(trace) + strlen(text) + 1;
    char *edited = malloc(size);

    cr_assert(edited != NULL);
    snprintf(edited, size, "%.*s%s%s", (int)(from - trace), trace, text, to);
    return edited;
}

struct replayed trace_replay(const char *bytes, size_t len)
{
    struct replay_options options = {.name = "t.jsonl", .command = "dcsim"};
    struct replayed replayed = {0};
    size_t out_len = 0, err_len = 0;
    FILE *out = open_memstream(&replayed.out, &out_len);
    FILE *err = open_memstream(&replayed.err, &err_len);
    FILE *in = tmpfile(); /* fmemopen() has no empty files */

    cr_assert(out != NULL && err != NULL && in != NULL);
    fwrite(bytes, 1, len, in);
    rewind(in);
    replayed.result = replay_trace(out, err, in, &options);
    fclose(in);
    fclose(out);
    fclose(err);
    return replayed;
}

void replayed_release(struct replayed *replayed)
{
    free(replayed->out);
    free(replayed->err);
}
