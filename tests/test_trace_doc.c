/*
 * docs/trace.md is complete and says nothing that is not so: the fields of its
 * tables are those that traces have, in that order.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/report.h"
#include "tests/lib_sim.h"
#include "tests/lib_trace.h"

#define FIELDS_MAX 200

struct field {
    char kinds[96]; /* "tick client load arrive": the headings it stands under */
    char name[32];
    bool maybe, seen;
};

static struct field fields[FIELDS_MAX];
static size_t fields_len;

/* The words in backquotes of @line, with a blank before and after each. */
static void quoted(char *ret, size_t size, const char *line)
{
    size_t len = strcspn(line, "\n"), at = 0;
    bool inside = false;

    ret[at++] = ' ';
    for (size_t i = 0; i < len && at + 2 < size; i++) {
        if (line[i] == '`') {
            inside = !inside;
            if (!inside)
                ret[at++] = ' ';
        } else if (inside) {
            ret[at++] = line[i] == ' ' ? '_' : line[i];
        }
    }
    ret[at] = '\0';
}

/* The tables of the page: "head" and "every" are those without an event in their heading. */
static void read_page(const char *page)
{
    char kinds[96] = "";

    for (const char *line = page; *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, "## ", 3) == 0)
            snprintf(kinds, sizeof(kinds), "%s",
                     strncmp(line, "## The first", 12) == 0     ? " head "
                     : strncmp(line, "## Every other", 14) == 0 ? " every "
                                                                : "");
        else if (strncmp(line, "### `", 5) == 0)
            quoted(kinds, sizeof(kinds), line);
        else if (strncmp(line, "| `", 3) == 0 && kinds[0]) {
            struct field *field = &fields[fields_len++];
            const char *cell = strchr(line + 3, '|');

            cr_assert(fields_len < FIELDS_MAX);
            snprintf(field->kinds, sizeof(field->kinds), "%s", kinds);
            snprintf(field->name, sizeof(field->name), "%.*s", (int)strcspn(line + 3, "`"),
                     line + 3);
            field->maybe = strncmp(cell, "| *(maybe)*", 11) == 0;
        }
    }
}

static struct field *find(const char *kind, const char *name)
{
    char word[48];

    snprintf(word, sizeof(word), " %s ", kind);
    for (char *at = word + 1; at < word + strlen(word) - 1; at++)
        if (*at == ' ')
            *at = '_';
    for (size_t i = 0; i < fields_len; i++)
        if (strstr(fields[i].kinds, word) && strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

/* Each field of @line is documented and in its place, and none that must be there is missing. */
static void expect_documented(json_t *line, const char *kind)
{
    const struct field *last = NULL;
    char word[48];
    const char *name;
    json_t *value;

    snprintf(word, sizeof(word), " %s ", kind);
    json_object_foreach(line, name, value)
    {
        bool common = strcmp(kind, "head") != 0 && find("every", name);
        struct field *field = common ? find("every", name) : find(kind, name);

        cr_assert(field != NULL, "'%s' of '%s' is not in docs/trace.md", name, kind);
        cr_assert(last == NULL || field > last, "'%s' of '%s' is not in its place", name, kind);
        field->seen = true;
        last = field;
    }
    for (size_t i = 0; i < fields_len; i++)
        if (strstr(fields[i].kinds, word) && !fields[i].maybe)
            cr_assert(json_object_get(line, fields[i].name) != NULL, "a '%s' without '%s'", kind,
                      fields[i].name);
}

/* Events that a trace tells of by what follows from them, and by no line of their own. */
static bool has_no_line(uint32_t event)
{
    return event == EVENT_SERVED || event == EVENT_START;
}

static bool events_seen[EVENT_KINDS];

static void note_event(const char *ev)
{
    for (uint32_t i = 0; i < EVENT_KINDS; i++)
        events_seen[i] |= strcmp(event_text(i), ev) == 0;
}

static void expect_trace(const char *trace)
{
    bool head = true;

    for (const char *at = trace; *at; at = strchr(at, '\n') + 1) {
        json_t *line = json_loadb(at, strcspn(at, "\n"), JSON_DECODE_INT_AS_REAL, NULL);

        cr_assert(line != NULL);
        if (!head)
            note_event(json_string_value(json_object_get(line, "ev")));
        expect_documented(line, head ? "head" : json_string_value(json_object_get(line, "ev")));
        head = false;
        json_decref(line);
    }
}

/* Goal: nothing undocumented, nothing made up. These stories have every field between them. */
Test(trace_doc, every_field_is_documented_and_none_is_made_up)
{
    static const char *const stories[] = {
        "scn 1\nnodes 3\nnode sync 100ms\nnode n3 service 30ms inbox 1\nnet delay 1ms..9ms loss "
        "5%\n"
        "load 20/s poisson inc 100% on all\nload 5/s even each inc 100% on all\n"
        "at 500ms inc n2 by 7\nat 600ms partition n1 | n2,n3 as wall\nat 700ms heal wall\n"
        "at 900ms hold n1 <-> n2 as jam\nat 1s release jam\nat 1200ms drop next 2 n1 <-> n2\n"
        "at 1300ms link n1 <-> n2 down for 100ms\nexpect converged within 1s of wall\n"
        "expect value > 0 on all at 1500ms\nstop 3s\n",
        "scn 1\nnodes 2\nnode peers none\nat 10ms meet n1 n2\nat 20ms dec n1 by 5\nat 30ms inc "
        "all\n"
        "at 40ms inc n1 by 18446744073709551615\nshow values at 1s\nstop 2s\n",
        "scn 1\nnodes 2\nparam x = 1\nat 10ms inc n1\nquiet 500ms\nexpect value == 7\nstop 20s\n",
        "scn 1\nnodes 3\nat 100ms inc n1\nat 200ms crash n1 for 100ms\nat 200ms pause n2 for "
        "100ms\nnet dup 100%\nat 900ms net dup 100% rate 1kbit queue 200B\nat 300ms hold n1 <-> n2 "
        "for 90ms\nat 650ms net rate 8kbit queue 100B for 99ms\nat 400ms join n3\nat 500ms crash "
        "n1 lose state for 100ms\nat 800ms leave n2\n"
        "at 900ms stopnode n3\nstop 2s\n",
        "scn 1\nnodes 2\nnode disk off\nat 100ms inc n1\nat 1s crash all for 1s\nstop 4s\n",
        "scn 1\nnodes 3\nnet corrupt 50%\nat 100ms inc n1\nstop 2s\n",
        "scn 1\nnodes 3\nnode n3 service 9ms\nnet loss 30%\nat 100ms hold n1 -> n2 for 100ms\n"
        "every 50ms from 100ms to 1s forge random n1 -> n2,n3\n"
        "every 50ms to 1s forge state n2 -> n1\nstop 2s\n",
        "scn 1\nnodes 3\nat 10ms inc n1\nquiet 100ms\nstop 20s\n",
    };
    char *page = sim_read_file("docs/trace.md");

    read_page(page);
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
        char *trace = trace_of(stories[i], 1, i == 2 ? 5 : 0, 0, NULL);

        expect_trace(trace);
        free(trace);
    }
    find("head", "until")->seen = true; /* test_cli_trace.c replays one */
    for (size_t i = 0; i < fields_len; i++)
        cr_expect(fields[i].seen, "no trace has '%s' of%s", fields[i].name, fields[i].kinds);
    for (uint32_t i = 0; i < EVENT_KINDS; i++)
        cr_expect(events_seen[i] != has_no_line(i),
                  "event '%s': no trace here has it; add a story, and '### `%s`' to docs/trace.md",
                  event_text(i), event_text(i));
    free(page);
}
