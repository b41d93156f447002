/*
 * Broken scenarios: each file of tests/broken with all that is said about it, and
 * texts too large or too odd to be kept as files.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_golden.h"
#include "tests/lib_scenario.h"

#define FOLDER "tests/broken"
#define FILES_MAX 512
#define NAME_MAX_BYTES 96

/* ---- golden ---- */

struct broken {
    char name[NAME_MAX_BYTES]; /* without ".scn" */
};

static struct broken files[FILES_MAX];

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct broken *)left)->name, ((const struct broken *)right)->name);
}

/* The names of all files in the folder that end with @suffix, in order. */
static size_t list(const char *suffix, struct broken *ret)
{
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;
    size_t len = 0;

    if (!folder)
        return 0;
    while ((entry = readdir(folder)) != NULL) {
        size_t name_len = strlen(entry->d_name), suffix_len = strlen(suffix);

        if (name_len <= suffix_len || name_len - suffix_len >= NAME_MAX_BYTES ||
            strcmp(entry->d_name + name_len - suffix_len, suffix) != 0 || len == FILES_MAX)
            continue;
        memcpy(ret[len].name, entry->d_name, name_len - suffix_len);
        ret[len].name[name_len - suffix_len] = '\0';
        len++;
    }
    closedir(folder);
    qsort(ret, len, sizeof(*ret), compare);
    return len;
}

ParameterizedTestParameters(broken, file)
{
    size_t len = list(".scn", files);

    return cr_make_param_array(struct broken, files, len);
}

/* The whole error output, to the byte, under the bare name of the file. */
ParameterizedTest(struct broken *broken, broken, file)
{
    char path[sizeof(FOLDER) + NAME_MAX_BYTES + 8], name[NAME_MAX_BYTES + 8];
    struct parsed parsed;
    size_t len = 0;
    char *text;

    snprintf(path, sizeof(path), FOLDER "/%s.scn", broken->name);
    snprintf(name, sizeof(name), "%s.scn", broken->name);
    text = golden_read(path, &len);
    cr_assert(text != NULL, "cannot read %s", path);

    parsed = parsed_in(FOLDER, name, text, len);

    cr_expect(parsed.rc == -1, "%s has no error", path);
    cr_expect(parsed.scn.stmts == NULL && parsed.scn.arena.blocks == NULL);
    snprintf(path, sizeof(path), FOLDER "/%s.err", broken->name);
    expect_golden(path, parsed.errors, parsed.errors_len);
    parsed_release(&parsed);
    free(text);
}

/* No golden file is left behind by a scenario that is gone, and none is missing. */
Test(broken, each_file_has_its_errors)
{
    static struct broken errors[FILES_MAX];
    size_t files_len = list(".scn", files), errors_len = list(".err", errors);

    cr_assert(files_len >= 100, "found %zu files; run from the root of the source", files_len);
    cr_assert(files_len == errors_len);
    for (size_t i = 0; i < files_len; i++)
        cr_expect(strcmp(files[i].name, errors[i].name) == 0, "%s", files[i].name);
}

/* ---- text that grows ---- */

struct text {
    char *bytes; /* owned */
    size_t len, cap;
};

static void add(struct text *text, const char *bytes, size_t len)
{
    if (len > text->cap - text->len) {
        text->cap = text->cap * 2 + len;
        text->bytes = realloc(text->bytes, text->cap);
        cr_assert(text->bytes != NULL);
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

static void add_text(struct text *text, const char *more)
{
    add(text, more, strlen(more));
}

static void add_times(struct text *text, const char *more, size_t times)
{
    for (size_t i = 0; i < times; i++)
        add_text(text, more);
}

static struct parsed parsed_text(const struct text *text)
{
    return parsed_of("a.scn", text->bytes, text->len, NULL);
}

static void expect_first_line(const struct parsed *parsed, const char *expected)
{
    size_t len = strlen(expected);

    cr_expect(strncmp(parsed->errors, expected, len) == 0 && parsed->errors[len] == '\n',
              "expected: %s\nfound: %.200s", expected, parsed->errors);
}

/* ---- hostile sizes ---- */

/* One line of a megabyte: one error, and of the line what is around it. */
Test(hostile, a_line_of_a_megabyte)
{
    struct text text = {0};
    struct parsed parsed;

    add_text(&text, "scn 1\nnodes 5\nat 1s inc n1");
    add_times(&text, ",n1", 1 << 18);
    add_times(&text, " ", 1 << 18);
    add_text(&text, "bye 5\nstop 10s\n");

    parsed = parsed_text(&text);

    expect_first_line(&parsed, "a.scn:3:1048589: error: unknown word 'bye'; did you mean 'by'?");
    cr_expect(parsed.diags.errors == 1);
    cr_expect(parsed.errors_len < 1000);
    parsed_release(&parsed);
    free(text.bytes);
}

Test(hostile, a_word_a_number_and_a_text_of_a_megabyte)
{
    struct text text = {0};
    struct parsed parsed;

    add_text(&text, "scn 1\nnodes 5\nstop 10s\nat 1s ");
    add_times(&text, "a", 1 << 20);
    add_text(&text, "\nat ");
    add_times(&text, "9", 1 << 20);
    add_text(&text, "s inc n1\nparam s = \"");
    add_times(&text, "x", 1 << 20);
    add_text(&text, "\"\nat 0.");
    add_times(&text, "1", 1 << 20);
    add_text(&text, "s inc n1\nat 1");
    add_times(&text, "z", 1 << 20);
    add_text(&text, " inc n1\n");

    parsed = parsed_text(&text);

    cr_expect(parsed.diags.errors == 5, "%zu", parsed.diags.errors);
    cr_expect(parsed.errors_len < 3000, "%zu", parsed.errors_len);
    parsed_release(&parsed);
    free(text.bytes);
}

Test(hostile, a_file_over_the_limit)
{
    struct text text = {0};
    struct parsed parsed;

    add_text(&text, "scn 1\n");
    add_times(&text, "################################################################\n", 260000);

    parsed = parsed_text(&text);

    expect_first_line(&parsed, "a.scn: error: the file is larger than 16 MiB");
    cr_expect(parsed.diags.errors == 1);
    parsed_release(&parsed);
    free(text.bytes);
}

/* As many statements as allowed, each with a NAME, a parameter and a group of its own. */
Test(hostile, many_names)
{
    struct text text = {0};
    struct parsed parsed;
    char line[128];

    add_text(&text, "scn 1\nnodes 5\nstop 10s\n");
    for (int i = 0; i < 24000; i++) {
        snprintf(line, sizeof(line), "param p%d = %d\ngroup g%d = n1\n", i, i, i);
        add_text(&text, line);
        snprintf(line, sizeof(line), "at 1s partition @g%d | n2 as s%d\nat 2s heal s%d\n", i, i, i);
        add_text(&text, line);
    }

    parsed = parsed_text(&text);

    cr_assert(parsed.rc == 0, "%.300s", parsed.errors);
    cr_expect(parsed.scn.names_len == 24000);
    parsed_release(&parsed);

    for (int i = 0; i < 10000; i++)
        add_text(&text, "at 1s inc n1\n");
    parsed = parsed_text(&text);

    expect_first_line(&parsed, "a.scn:100001:1: error: more than 100000 statements");
    parsed_release(&parsed);
    free(text.bytes);
}

/* A hundred thousand errors, each with thousands of names that could have been meant. */
Test(hostile, many_errors_and_many_near_names)
{
    struct text text = {0};
    struct parsed parsed;
    char line[128];

    add_text(&text, "scn 1\nnodes 5\nstop 10s\n");
    for (int i = 0; i < 40000; i++) {
        snprintf(line, sizeof(line), "param aaaaaaaaaaaaaaaaaaaaaaa%05d = 1\n", i);
        add_text(&text, line);
    }
    for (int i = 0; i < 40000; i++) {
        snprintf(line, sizeof(line), "node inbox $baaaaaaaaaaaaaaaaaaaaaa%05d\n", i);
        add_text(&text, line);
    }

    parsed = parsed_text(&text);

    cr_expect(parsed.diags.errors == 40000);
    cr_expect(strstr(parsed.errors, "a.scn: 39900 more errors are not shown\n") != NULL);
    parsed_release(&parsed);
    free(text.bytes);
}

Test(hostile, more_terms_than_a_file_may_have)
{
    struct text text = {0};
    struct parsed parsed;

    add_text(&text, "scn 1\nnodes 5\nstop 10s\nat 1s inc n1");
    add_times(&text, ",n1", 1000000);

    parsed = parsed_text(&text);

    expect_first_line(
        &parsed, "a.scn:4:3000011: error: the selectors of this file have more than 1000000 terms");
    parsed_release(&parsed);
    free(text.bytes);
}

/* Sides of many thousand terms that take away and give back. */
Test(hostile, a_partition_that_is_hard_to_judge)
{
    struct text text = {0};
    struct parsed parsed;
    char term[64];

    add_text(&text, "scn 1\nnodes 100000\nstop 10s\nat 1s partition n1");
    for (int i = 1; i < 40000; i++) {
        snprintf(term, sizeof(term), ",n%d,!n%d", 2 * i + 1, 2 * i - 1);
        add_text(&text, term);
    }
    add_text(&text, " | n2");
    for (int i = 2; i < 40000; i++) {
        snprintf(term, sizeof(term), " | n%d", 2 * i);
        add_text(&text, term);
    }
    add_times(&text, " | rest", 20000);
    add_text(&text, "\n");

    parsed = parsed_text(&text);

    cr_expect(parsed.rc == 0, "%.300s", parsed.errors);
    parsed_release(&parsed);
    free(text.bytes);
}

/* Brackets, continued lines, and marks without end. */
Test(hostile, much_of_one_thing)
{
    static const char *const things[] = {
        "(",  ")", "!", "random(1) of (", "random(1) of ", "\\\n",           "$", "@", "\"",
        "..", "+", "#", "\xFF",           "\xE2\x82\xAC",  "at 1s inc n1 | "};

    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        struct text text = {0};
        struct parsed parsed;

        add_text(&text, "scn 1\nnodes 5\nstop 10s\nat 1s inc ");
        add_times(&text, things[i], 200000);
        parsed = parsed_text(&text);
        cr_expect(parsed.rc == -1 && parsed.diags.errors <= 3, "%s: %zu errors", things[i],
                  parsed.diags.errors);
        parsed_release(&parsed);
        free(text.bytes);
    }
}

/* Every start of a scenario is parsed without a read past its end. */
Test(hostile, any_prefix_of_a_scenario)
{
    const char text[] =
        "scn 1\nparam k = 2\nnodes 5\ngroup g = n1..n$k,!n2\n"
        "load 5/s even each inc 60% dec 40% on @g from 1s to 2s..3s\n"
        "link random(2) of (n1,n2) <-> rest delay 5ms 1ms 10% exp loss 1%..2%\n"
        "at 1s partition random(1) | rest for 1s as s\n+1s heal s\n"
        "every 1s..2s delay next 2 n1 -> n2 by 5ms\n"
        "expect value of @g == -5 +- 5% on all at 3s\n"
        "expect converged within 1s of last fault\nnever value decrease\nstop 10s\n";
    size_t fine = 0;

    for (size_t len = 0; len <= strlen(text); len++) {
        struct parsed parsed = parsed_of("a.scn", text, len, NULL);

        fine += parsed.rc == 0;
        parsed_release(&parsed);
    }
    cr_expect(fine == 2, "%zu", fine); /* with and without the last line feed */
}

/* ---- -D ---- */

static void expect_define_error(const char *define, const char *expected)
{
    static const char text[] = "scn 1\nparam nodes = 5\nparam loss = 5%\nparam shape = halves\n"
                               "param s = \"a\"\nnodes $nodes\nat 1s partition $shape\n"
                               "net loss $loss\nstop 10s\n";
    const char *const defines[] = {define, NULL};
    struct parsed parsed = parsed_of("a.scn", text, strlen(text), defines);

    if (expected)
        cr_expect(parsed.rc == -1 && strcmp(parsed.errors, expected) == 0,
                  "%s\nexpected: %s\nfound: %s", define, expected, parsed.errors);
    else
        cr_expect(parsed.rc == 0, "%s: %s", define, parsed.errors);
    parsed_release(&parsed);
}

Test(define, has_the_type_of_the_parameter)
{
    expect_define_error("nodes=300", NULL);
    expect_define_error("nodes=2k", NULL);
    expect_define_error("loss=200ppm", NULL);
    expect_define_error("shape=thirds", NULL);
    expect_define_error("s=any text, even 5", NULL);
    expect_define_error("s=", NULL);
    expect_define_error("nodes=5s", "a.scn: error: -D nodes=5s: 'nodes' is a number in line 2, "
                                    "this is a time\n");
    expect_define_error("nodes=many", "a.scn: error: -D nodes=many: 'nodes' is a number in line 2, "
                                      "this is a word\n");
    expect_define_error("shape=5", "a.scn: error: -D shape=5: 'shape' is a word in line 4, this is "
                                   "a number\n");
}

Test(define, must_be_a_value)
{
    expect_define_error("nodes=", "a.scn: error: -D nodes: '' is no value of a parameter\n");
    expect_define_error("nodes=-5", "a.scn: error: -D nodes: '-5' is no value of a parameter\n");
    expect_define_error("nodes=1..5", "a.scn: error: -D nodes: '1..5' has an unknown unit; a "
                                      "number can have k or M\n");
    expect_define_error("nodes=99999999999999999999",
                        "a.scn: error: -D nodes: '99999999999999999999' is over 2^64-1\n");
    expect_define_error("shape=a b", "a.scn: error: -D shape: 'a b' is no value of a parameter\n");
    expect_define_error("s=a\"b", "a.scn: error: -D s: byte 2, a '\"', cannot stand in quotes\n");
    expect_define_error("s=$", "a.scn: error: -D s: byte 1, a '$', cannot stand in quotes\n");
    expect_define_error("s=ab\xFF", "a.scn: error: -D s: byte 3, 0xFF, is no valid UTF-8\n");
    expect_define_error("s=\xC3\xA4\x1B[0m", "a.scn: error: -D s: byte 3, a control character "
                                             "U+001B, cannot stand in quotes\n");
    expect_define_error("s=\n", "a.scn: error: -D s: byte 1, a control character U+000A, cannot "
                                "stand in quotes\n");
}

Test(define, must_be_declared)
{
    expect_define_error("nods=5", "a.scn: error: -D nods: no such parameter; did you mean "
                                  "'nodes'?\n");
    expect_define_error("other=5", "a.scn: error: -D other: no such parameter; -D sets what a "
                                   "'param' declares\n");
}

/* What the value does where it is used is an error there. */
Test(define, is_judged_where_it_is_used)
{
    expect_define_error("nodes=0", "a.scn:6:7: error: 'nodes' cannot be 0\n"
                                   "    6 | nodes $nodes\n"
                                   "      |       ^~~~~~\n");
    expect_define_error("shape=halvs",
                        "a.scn:7:17: error: unknown shape of a partition 'halvs' (that is $shape); "
                        "did you mean 'halves'?\n"
                        "    7 | at 1s partition $shape\n"
                        "      |                 ^~~~~~\n");
}

Test(define, the_last_of_two_counts)
{
    static const char text[] = "scn 1\nparam nodes = 5\nnodes $nodes\nstop 10s\n";
    const char *const defines[] = {"nodes=6", "nodes=7", NULL};
    struct parsed parsed = parsed_of("a.scn", text, strlen(text), defines);

    cr_assert(parsed.rc == 0, "%s", parsed.errors);
    cr_expect(parsed.scn.nodes == 7);
    parsed_release(&parsed);
}
