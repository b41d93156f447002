/*
 * The lines of a trace: JSON, complete, and without a part in the run.
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
    "scn 1\nnodes 3\nnode sync 100ms\nnode n3 service 1ms\nnet delay 5ms loss 5%\n"                \
    "at 500ms inc n2 by 7\nat 600ms partition n1 | n2,n3 as wall\nat 700ms heal wall\n"            \
    "at 900ms hold n1 <-> n2 as jam\nat 1s release jam\nexpect converged at end\nstop 2s\n"

/* Every line is an object, numbered from 1 behind the header, in the order of time. */
Test(tracelines, every_line_is_json_and_numbered)
{
    char *trace = trace_of(STORY, 1, 0, 0, NULL);
    json_int_t number = 0, before = 0;
    const char *ev = NULL;
    json_t *line = NULL;

    for (char *at = trace; *at; number++) {
        char *end = strchr(at, '\n');
        json_error_t err;

        cr_assert(end != NULL);
        json_decref(line);
        line = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, &err);
        cr_assert(line != NULL, "line %d: %s", (int)number + 1, err.text);
        if (number == 0) {
            cr_assert(eq(int, (int)json_integer_value(json_object_get(line, "dcsim_trace")), 1));
        } else {
            json_int_t at_ns = json_integer_value(json_object_get(line, "t"));

            cr_assert(json_integer_value(json_object_get(line, "n")) == number);
            cr_assert(at_ns >= before, "time goes on");
            before = at_ns;
            ev = json_string_value(json_object_get(line, "ev"));
        }
        at = end + 1;
    }
    cr_assert(eq(str, (char *)ev, (char *)"end"));
    json_decref(line);
    free(trace);
}

/* The hash of a run is the same with and without a trace, and the trace names it. */
Test(tracelines, writing_a_trace_changes_no_hash)
{
    struct sim_case c;
    uint64_t hash;
    char expected[64];
    char *trace = trace_of(STORY, 7, 0, 0, &hash);

    sim_case_run(&c, STORY, 7);
    cr_assert(eq(u64, c.run.world.trace.hash, hash));
    snprintf(expected, sizeof(expected), "\"trace_hash\":\"%016llx\"", (unsigned long long)hash);
    cr_assert(strstr(trace, expected) != NULL);
    sim_case_release(&c);
    free(trace);
}

/* The last lines of a trace are the last lines of the whole one, header and end apart. */
Test(tracelines, the_last_lines_are_those_of_the_whole)
{
    static const uint64_t lasts[] = {1, 2, 3, 7, 100, 1000000};
    char *whole = trace_of(STORY, 1, 0, 0, NULL);
    size_t lines = trace_lines(whole);

    for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++) {
        char *some = trace_of(STORY, 1, lasts[i], 0, NULL);
        size_t want = lasts[i] + 2 < lines ? (size_t)lasts[i] + 2 : lines;
        const char *body = strchr(some, '\n') + 1;
        size_t len = strlen(body);

        cr_assert(eq(sz, trace_lines(some), want), "--trace-last %d", (int)lasts[i]);
        cr_assert(eq(str, (char *)body, whole + strlen(whole) - len));
        free(some);
    }
    free(whole);
}

/* The exact lines of a short story: what docs/trace.md promises, field by field. */
Test(tracelines, a_story_as_lines)
{
    char *trace = trace_of("scn 1\nnodes 2\nnode sync 100ms\nnode n2 service 1ms\n"
                           "net delay 5ms\nat 10ms inc n1 by 3\nat 20ms hold n1 -> n2 for 5ms\n"
                           "stop 1s\n",
                           1, 0, 0, NULL);

    cr_assert(strstr(trace, "\"ev\":\"answer\",\"key\":\"") != NULL);
    cr_assert(strstr(trace, "\"node\":1,\"op\":\"inc\",\"amount\":3,\"answer\":\"ok\"}\n") != NULL);
    cr_assert(strstr(trace, "\"raised\":[[\"n1\",\"inc\",0,3]]}\n") != NULL);
    cr_assert(strstr(trace, "\"ev\":\"arrive\",") != NULL);
    cr_assert(strstr(trace, "\"waited\":true}\n") != NULL);
    cr_assert(strstr(trace, "\"what\":\"begins\",\"stmt\":4,\"turn\":0}\n") != NULL);
    cr_assert(strstr(trace, "\"what\":\"ends\",\"stmt\":4,\"turn\":0}\n") != NULL);
    free(trace);
}
