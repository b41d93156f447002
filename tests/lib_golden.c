/* Golden files. */
#include "tests/lib_golden.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines shown before and after those that differ. */
#define AROUND 3
/* Lines shown of each side. */
#define SHOWN_MAX 40

char *golden_read(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0, cap = 0;

    if (!file)
        return NULL;
    do {
        cap = cap ? cap * 2 : 4096;
        text = realloc(text, cap + 1);
        cr_assert(text != NULL);
        len += fread(text + len, 1, cap - len, file);
    } while (len == cap);
    fclose(file);
    text[len] = '\0';
    *ret_len = len;
    return text;
}

/* Whole or not at all: a test that is stopped leaves no half of a golden file. */
static void rewrite(const char *path, const char *text, size_t len)
{
    char temporary[4096];
    FILE *file;
    bool fine;

    snprintf(temporary, sizeof(temporary), "%s.new", path);
    file = fopen(temporary, "wb");
    cr_assert(file != NULL, "cannot write %s: %s", temporary, strerror(errno));
    fine = fwrite(text, 1, len, file) == len;
    fine = fclose(file) == 0 && fine;
    fine = fine && rename(temporary, path) == 0;
    cr_assert(fine, "cannot write %s: %s", path, strerror(errno));
}

/* ---- the difference ---- */

struct lines {
    const char **starts; /* of each line, and the end of the text */
    size_t len;
};

static struct lines lines_of(const char *text, size_t len)
{
    struct lines lines = {.starts = calloc(len + 2, sizeof(*lines.starts))};

    cr_assert(lines.starts != NULL);
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);

        lines.starts[lines.len++] = text + at;
        at = newline ? (size_t)(newline - text) + 1 : len;
    }
    lines.starts[lines.len] = text + len;
    return lines;
}

static bool is_same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
    size_t len = (size_t)(a->starts[i + 1] - a->starts[i]);

    return len == (size_t)(b->starts[j + 1] - b->starts[j]) &&
           memcmp(a->starts[i], b->starts[j], len) == 0;
}

static void print_lines(const char *sign, const struct lines *lines, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < from + SHOWN_MAX; i++) {
        int len = (int)(lines->starts[i + 1] - lines->starts[i]);
        bool ends = len > 0 && lines->starts[i][len - 1] == '\n';

        fprintf(stderr, "%s%.*s%s", sign, len, lines->starts[i], ends ? "" : "\\no line end\n");
    }
    if (to > from + SHOWN_MAX)
        fprintf(stderr, "%s... %zu more lines\n", sign, to - from - SHOWN_MAX);
}

/* What is between the lines that both begin with and those that both end with. */
static void print_difference(const char *path, const struct lines *expected,
                             const struct lines *found)
{
    size_t same = 0, tail = 0, from;

    while (same < expected->len && same < found->len && is_same(expected, same, found, same))
        same++;
    while (tail < expected->len - same && tail < found->len - same &&
           is_same(expected, expected->len - tail - 1, found, found->len - tail - 1))
        tail++;
    from = same > AROUND ? same - AROUND : 0;
    fprintf(stderr, "--- %s\n+++ found\n@@ line %zu @@\n", path, same + 1);
    print_lines(" ", expected, from, same);
    print_lines("-", expected, same, expected->len - tail);
    print_lines("+", found, same, found->len - tail);
    print_lines(" ", expected, expected->len - tail,
                expected->len - tail + (tail < AROUND ? tail : AROUND));
}

void expect_golden(const char *path, const char *found, size_t len)
{
    const char *wish = getenv("DCSIM_REWRITE");
    size_t expected_len = 0;
    char *expected = golden_read(path, &expected_len);
    bool is_equal = expected && expected_len == len && memcmp(expected, found, len) == 0;

    if (!is_equal && wish && strcmp(wish, "1") == 0) {
        rewrite(path, found, len);
        is_equal = true;
    }
    if (!is_equal) {
        struct lines a = lines_of(expected ? expected : "", expected_len);
        struct lines b = lines_of(found, len);

        print_difference(path, &a, &b);
        free(a.starts);
        free(b.starts);
    }
    free(expected);
    cr_assert(is_equal, "%s does not hold what was found; tools/rewrite.sh writes it anew", path);
}
