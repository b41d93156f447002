/* XML by hand: a few elements, and every byte that can occur. */
#include "sim/cmd_junit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/utf8.h"
#include "sim/text.h"

/* Is it a character that XML 1.0 can hold? */
static bool is_allowed(uint32_t c)
{
    return c == '\t' || c == '\n' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

/* @len bytes as text or as the value of an attribute. What XML cannot hold becomes U+FFFD. */
static void print_escaped(FILE *out, const char *text, size_t len)
{
    while (len > 0) {
        uint32_t c = 0;
        size_t step = utf8_next(text, len, &c);

        if (step == 0 || !is_allowed(c))
            fputs("\xEF\xBF\xBD", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else
            fwrite(text, 1, step, out);
        text += step ? step : 1;
        len -= step ? step : 1;
    }
}

static void print_text(FILE *out, const char *text)
{
    print_escaped(out, text, strlen(text));
}

static struct junit_suite *current(struct junit *junit)
{
    return &junit->suites[junit->len - 1];
}

void junit_suite_begin(struct junit *junit, const char *name)
{
    struct junit_suite *suite;
    size_t size = strlen(name) + 1;

    if (junit->len == junit->cap) {
        junit->cap = junit->cap ? junit->cap * 2 : 4;
        /* An open stream points into its suite: suites are closed before the next begins. */
        junit->suites = fatal_realloc_array(junit->suites, junit->cap, sizeof(*junit->suites));
    }
    junit->len++;
    suite = current(junit);
    *suite = (struct junit_suite){.name = fatal_alloc(size)};
    memcpy(suite->name, name, size);
    suite->out = fatal_memstream(&suite->cases, &suite->len);
}

void junit_suite_end(struct junit *junit)
{
    struct junit_suite *suite = current(junit);

    fatal_memstream_close(suite->out, &suite->cases);
    suite->out = NULL;
}

void junit_add(struct junit *junit, const struct junit_case *it)
{
    struct junit_suite *suite = current(junit);
    const char *element = it->result == JUNIT_FAILED ? "failure" : "error";
    size_t first_line = 0;

    suite->tests++;
    suite->failures += it->result == JUNIT_FAILED;
    suite->errors += it->result == JUNIT_ERROR;
    fputs("    <testcase classname=\"", suite->out);
    print_text(suite->out, suite->name);
    fputs("\" name=\"", suite->out);
    print_text(suite->out, it->name);
    if (it->result == JUNIT_PASSED) {
        fputs("\"/>\n", suite->out);
        return;
    }
    while (first_line < it->text_len && it->text[first_line] != '\n')
        first_line++;
    fprintf(suite->out, "\">\n      <%s type=\"%s\" message=\"", element, it->type);
    print_escaped(suite->out, it->text, first_line);
    fputs("\">", suite->out);
    print_escaped(suite->out, it->text, it->text_len);
    fprintf(suite->out, "</%s>\n    </testcase>\n", element);
}

int junit_open(struct junit *junit, const char *path)
{
    const char *why = outfile_begin(&junit->to, path, OUTFILE_JUNIT);

    junit->path = path;
    if (why)
        text_print(stderr, "dcsim: cannot write '%s': %s\n", path, why);
    return why ? -1 : 0;
}

int junit_write(struct junit *junit)
{
    struct junit_suite all = {0};
    FILE *out = junit->to.out;
    unsigned number;
    const char *why;

    for (size_t i = 0; i < junit->len; i++) {
        all.tests += junit->suites[i].tests;
        all.failures += junit->suites[i].failures;
        all.errors += junit->suites[i].errors;
    }
    fprintf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dcsim\" tests=\"%" PRIu64
        "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\">\n",
        all.tests, all.failures, all.errors);
    for (size_t i = 0; i < junit->len; i++) {
        const struct junit_suite *suite = &junit->suites[i];

        fputs("  <testsuite name=\"", out);
        print_text(out, suite->name);
        fprintf(out, "\" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\">\n",
                suite->tests, suite->failures, suite->errors);
        fwrite(suite->cases, 1, suite->len, out);
        fputs("  </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
    why = outfile_end_or_keep(&junit->to, &number);
    if (why && number > 0)
        text_print(stderr, "dcsim: cannot write '%s': %s; the results are in '%s.%u'\n",
                   junit->path, why, junit->path, number);
    else if (why)
        text_print(stderr, "dcsim: cannot write '%s': %s\n", junit->path, why);
    return why ? -1 : 0;
}

void junit_release(struct junit *junit)
{
    outfile_drop(&junit->to);
    for (size_t i = 0; i < junit->len; i++) {
        free(junit->suites[i].name);
        free(junit->suites[i].cases);
    }
    free(junit->suites);
    *junit = (struct junit){0};
}
