/*
 * A trace runs again from itself alone, and the first line that is not what
 * the run does is found, whatever was done to it.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_sim.h"
#include "tests/lib_trace.h"

#define STORY                                                                                      \
    "scn 1\nparam many = 7\nnodes 3\nnode sync 100ms\nnode n3 service 1ms\n"                       \
    "net delay 1ms..9ms loss 5%\nat 500ms inc n2 by $many\n"                                       \
    "at 600ms partition n1 | n2,n3 as wall\nat 700ms heal wall\n"                                  \
    "at 900ms hold n1 <-> n2 as jam\nat 1s release jam\nexpect converged at end\nstop 2s\n"

static struct replayed replay(const char *trace)
{
    return trace_replay(trace, strlen(trace));
}

static void expect_same(const char *trace)
{
    struct replayed r = replay(trace);

    cr_assert(eq(int, r.result, REPLAY_SAME), "%s%s", r.out, r.err);
    cr_assert(eq(str, r.err, (char *)""));
    replayed_release(&r);
}

/* The replay must stop at line @line, and nowhere else. */
static void expect_differs(const char *trace, size_t line)
{
    struct replayed r = replay(trace);
    char expected[64];

    snprintf(expected, sizeof(expected), "differs  t.jsonl:%zu  test.scn  seed ", line);
    cr_assert(eq(int, r.result, REPLAY_DIFFERS), "line %zu: %s%s", line, r.out, r.err);
    cr_assert(strncmp(r.out, expected, strlen(expected)) == 0, "expected '%s' in: %s", expected,
              r.out);
    cr_assert(strstr(r.out, "\n  * ") != NULL, "what differs is marked: %s", r.out);
    cr_assert(eq(str, r.err, (char *)""));
    replayed_release(&r);
}

/* The trace must be refused with a message that holds @part. */
static void expect_refused(const char *bytes, size_t len, const char *part)
{
    struct replayed r = trace_replay(bytes, len);

    cr_assert(eq(int, r.result, REPLAY_NO_TRACE), "%s%s", r.out, r.err);
    cr_assert(strstr(r.err, part) != NULL, "expected '%s' in: %s", part, r.err);
    cr_assert(eq(str, r.out, (char *)""));
    replayed_release(&r);
}

static void expect_refused_text(const char *trace, const char *part)
{
    expect_refused(trace, strlen(trace), part);
}

Test(replay, a_trace_repeats_itself)
{
    static const uint64_t seeds[] = {1, 2, 77, UINT64_MAX};

    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        char *trace = trace_of(STORY, seeds[i], 0, 0, NULL);
        struct replayed r = replay(trace);

        cr_assert(eq(int, r.result, REPLAY_SAME), "%s%s", r.out, r.err);
        cr_assert(strncmp(r.out, "same  t.jsonl  test.scn  seed ", 30) == 0);
        replayed_release(&r);
        free(trace);
    }
}

/* Goal: any one number is enough. In each line in turn its last digit is another one. */
Test(replay, one_number_in_one_line_stops_it_there)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t lines = trace_lines(trace);

    cr_assert(ge(sz, lines, 150));
    for (size_t number = 2; number <= lines; number++) {
        size_t len;
        char *line = (char *)trace_line(trace, number, &len);
        char *digit = line + len;

        do
            digit--;
        while (*digit < '0' || *digit > '9');
        *digit = *digit == '9' ? '0' : (char)(*digit + 1);
        expect_differs(trace, number);
        *digit = *digit == '0' ? '9' : (char)(*digit - 1);
    }
    expect_same(trace);
    free(trace);
}

Test(replay, a_line_too_few_or_too_many_stops_it_there)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t lines = trace_lines(trace);

    for (size_t number = 2; number <= lines; number += 7) {
        char copy[4096], *edited;
        size_t len;
        const char *line = trace_line(trace, number, &len);

        snprintf(copy, sizeof(copy), "%.*s\n", (int)len, line);
        edited = trace_edit(trace, number + 1, 0, copy);
        expect_differs(edited, number + 1);
        free(edited);
        if (number == lines)
            continue;
        edited = trace_edit(trace, number, 1, "");
        expect_differs(edited, number);
        free(edited);
    }
    free(trace);
}

Test(replay, nothing_stands_behind_the_end)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t lines = trace_lines(trace);
    char *edited = trace_edit(trace, lines + 1, 0, "{\"n\":1,\"t\":5,\"e\":9,\"ev\":\"tick\"}\n");
    struct replayed r = replay(edited);

    expect_differs(edited, lines + 1);
    cr_assert(strstr(r.out, "replayed (nothing more)") != NULL, "%s", r.out);
    replayed_release(&r);
    free(edited);
    edited = trace_edit(trace, lines + 1, 0, "and so on\n");
    expect_refused_text(edited, ": error: no line of a trace: byte 1: ");
    free(edited);
    free(trace);
}

/* "from" once, "to" in its place, in the first line of @trace. */
static char *edit_head(const char *trace, const char *from, const char *to)
{
    const char *at = strstr(trace, from);
    size_t size = strlen(trace) + strlen(to) + 1;
    char *edited = malloc(size);

    cr_assert(at != NULL && at < strchr(trace, '\n') && edited != NULL, "%s", from);
    snprintf(edited, size, "%.*s%s%s", (int)(at - trace), trace, to, at + strlen(from));
    return edited;
}

/* Another seed is another run, from its first event on; the version is only told. */
Test(replay, the_header_decides_the_run)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    char *edited = edit_head(trace, "\"seed\":1,", "\"seed\":2,");

    expect_differs(edited, 5); /* behind the header and three starts */
    free(edited);
    edited = edit_head(trace, "by $many", "by $mand");
    expect_refused_text(edited, "t.jsonl:1: error: the scenario in the trace has errors");
    free(edited);
    edited = edit_head(trace, "param many = 7", "param many = 8");
    expect_differs(edited, 1);
    free(edited);
    edited = edit_head(trace, "\"line\":7", "\"line\":8");
    expect_differs(edited, 1);
    free(edited);
    edited = edit_head(trace, "\"defines\":[]",
                       "\"defines\":[{\"name\":\"many\",\"value\":\"8\",\"swept\":false}]");
    expect_differs(edited, 1); /* "params" does not know of it */
    free(edited);
    edited = edit_head(trace, "\"version\":\"", "\"version\":\"an older ");
    expect_same(edited);
    free(edited);
    free(trace);
}

Test(replay, another_schema_or_model_is_refused_with_what_to_do)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    char *edited = edit_head(trace, "\"dcsim_trace\":1", "\"dcsim_trace\":2");

    expect_refused_text(edited, "t.jsonl:1: error: a trace of schema 2; this dcsim (");
    free(edited);
    edited = edit_head(trace, "\"model\":3", "\"model\":9");
    expect_refused_text(edited, "t.jsonl:1: error: a run of model 9; this dcsim (");
    expect_refused_text(edited, "use the dcsim that wrote it");
    free(edited);
    free(trace);
}

/* Wherever a trace is cut off, that is said, with the line; it never passes for whole. */
Test(replay, a_trace_that_is_cut_off_is_refused)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t len = strlen(trace);

    for (size_t cut = 0; cut < len; cut += cut + 120 < len ? 119 : 1)
        expect_refused(trace, cut,
                       cut == 0                      ? "it is empty"
                       : cut <= strcspn(trace, "\n") ? "t.jsonl:1: error: "
                                                     : "is cut off");
    free(trace);
}

/* Any of the last lines can be all there is; one that is gone is missed. */
Test(replay, the_last_lines_are_enough)
{
    static const uint64_t lasts[] = {1, 2, 3, 4, 5, 50, 100000};

    for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++) {
        char *trace = trace_of(STORY, 1, lasts[i], 0, NULL);
        char *edited = trace_edit(trace, 2, 1, "");

        expect_same(trace);
        expect_refused_text(edited, "t.jsonl:2: error: lines are missing here");
        free(edited);
        free(trace);
    }
}

/* Ctrl-C ends a run between two events: so does its replay. */
Test(replay, an_interrupted_run_ends_where_it_was_interrupted)
{
    static const uint64_t events[] = {1, 2, 60};

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        char *trace = trace_of(STORY, 1, 0, events[i], NULL);
        char *last = trace_of(STORY, 1, 3, events[i], NULL);

        cr_assert(strstr(trace, "\"reason\":\"signal\"") != NULL);
        expect_same(trace);
        expect_same(last);
        free(trace);
        free(last);
    }
}

/* Every field of the header, missing and of each kind that it is not. */
Test(replay, a_header_of_wrong_types_is_refused)
{
    static const char *const names[] = {"dcsim_trace", "model",   "version", "scenario", "seed",
                                        "defines",     "sources", "until",   "last"};
    static const char *const values[] = {"null", "true", "[]", "{}", "-1", "1.5", "\"x\"", "[3]"};
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    char *body = strchr(trace, '\n');

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t v = 0; v <= sizeof(values) / sizeof(values[0]); v++) {
            json_t *head = json_loadb(trace, (size_t)(body - trace), 0, NULL);
            bool gone = v == sizeof(values) / sizeof(values[0]);
            json_t *value = gone ? NULL : json_loads(values[v], JSON_DECODE_ANY, NULL);
            const json_t *old = json_object_get(head, names[i]);
            bool fine = gone ? !old : old && json_typeof(old) == json_typeof(value);
            char *text, *edited;

            if (gone)
                json_object_del(head, names[i]);
            else
                json_object_set(head, names[i], value);
            text = json_dumps(head, JSON_COMPACT | JSON_PRESERVE_ORDER);
            edited = malloc(strlen(text) + strlen(body) + 1);
            strcat(strcpy(edited, text), body);
            if (!fine || json_is_array(value))
                if (!(json_is_array(value) && json_array_size(value) == 0 && i == 5))
                    expect_refused_text(edited, "t.jsonl:1: error: ");
            free(edited);
            free(text);
            json_decref(value);
            json_decref(head);
        }
    }
    free(trace);
}

/* Bytes that nobody would call a trace. */
Test(replay, garbage_is_refused_with_its_line)
{
    static const char *const lines[] = {
        "",
        "garbage",
        "[1,2]",
        "7",
        "{\"n\":1",
        "{\"n\":1}}",
        "{\"n\":01}",
        "{\"n\":1.5}",
        "{\"n\":-1}",
        "{\"n\":99999999999999999999}",
        "{\"n\":1,\"n\":1}",
        "{\"n\":\"\\ud800\"}",
        "{\"n\":\"\\u0000\"}",
        "{\"n\":\"\xff\"}",
        "{\"n\":\"\x01\"}",
        "{\"n\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}",
    };
    char *trace = trace_of(STORY, 1, 0, 0, NULL);

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char line[128], *edited;

        snprintf(line, sizeof(line), "%s\n", lines[i]);
        edited = trace_edit(trace, 20, 1, line);
        expect_refused_text(edited, "t.jsonl:20: error: no line of a trace: ");
        free(edited);
        edited = trace_edit(trace, 1, 1, line);
        expect_refused_text(edited, "t.jsonl:1: error: ");
        free(edited);
    }
    free(trace);
}

/* NULs are bytes like others. */
Test(replay, a_nul_is_refused_with_its_line)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t size = strlen(trace), len;
    char *line = (char *)trace_line(trace, 30, &len);

    line[3] = '\0';
    expect_refused(trace, size, "t.jsonl:30: error: no line of a trace: byte 4: ");
    line[0] = '\0';
    line = (char *)trace_line(trace, 1, &len);
    line[len / 2] = '\0';
    expect_refused(trace, size, "t.jsonl:1: error: ");
    free(trace);
}

/* The same words with other blanks are not the same bytes; that is told apart from a difference. */
Test(replay, another_layout_is_refused)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    size_t len;
    const char *line = trace_line(trace, 40, &len);
    char text[1024], *edited;

    snprintf(text, sizeof(text), " %.*s\n", (int)len, line);
    edited = trace_edit(trace, 40, 1, text);
    expect_refused_text(edited, "t.jsonl:40: error: what this line says is right, but not how");
    free(edited);
    free(trace);
}

/*
 * Traces of some day replay as long as neither model nor schema rises: a change
 * of draws, records or lines that forgot to say so stops here. If it is one that
 * was meant, DCSIM_MODEL or TRACE_SCHEMA rises and the files are written anew.
 */
Test(replay, old_traces_repeat_themselves)
{
    static const char *const paths[] = {"tests/traces/whole.jsonl", "tests/traces/last.jsonl"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char *trace = sim_read_file(paths[i]);

        expect_same(trace);
        free(trace);
    }
}
