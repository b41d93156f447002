/* Messages with their source line, and the nearest word. */
#include "sim/scenario/diag.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(const char *found, const char *expected)
{
    cr_expect(strcmp(found, expected) == 0, "expected:\n%s\nfound:\n%s", expected, found);
}

/* What diag_show() writes about one place of @text. To be freed. */
static char *shown(const char *text, struct scn_pos pos, const char *label)
{
    struct diags diags;
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);

    cr_assert(file != NULL);
    diags_init(&diags, "a.scn", text, strlen(text));
    diag_show(file, &diags, pos, "error", "no", label);
    fclose(file);
    diags_release(&diags);
    return out;
}

static void expect_shown(const char *text, struct scn_pos pos, const char *label,
                         const char *expected)
{
    char *found = shown(text, pos, label);

    expect_text(found, expected);
    free(found);
}

Test(diag_show, a_place_is_underlined_under_its_line)
{
    struct scn_pos pos = {.line = 2, .col = 4, .col_end = 7};

    expect_shown("one\nat inc n1\nthree\n", pos, NULL,
                 "a.scn:2:4: error: no\n"
                 "    2 | at inc n1\n"
                 "      |    ^~~\n");
}

Test(diag_show, a_label_follows_the_caret)
{
    struct scn_pos pos = {.line = 1, .col = 1, .col_end = 2};

    expect_shown("x", pos, "expected 1 state, found 3",
                 "a.scn:1:1: error: no\n"
                 "    1 | x\n"
                 "      | ^ expected 1 state, found 3\n");
}

Test(diag_show, line_zero_concerns_the_file)
{
    struct scn_pos pos = {0};

    expect_shown("x", pos, NULL, "a.scn: error: no\n");
    expect_shown("x", pos, "why", "a.scn: error: no; why\n");
}

/* A tab is one column and one blank; what is no text becomes '?', CR and BOM vanish. */
Test(diag_show, odd_bytes_take_one_column_each)
{
    struct scn_pos pos = {.line = 1, .col = 9, .col_end = 10};

    expect_shown("\xEF\xBB\xBF"
                 "\ta\xFF\x01\xC3\xA9\xE2\x80\xAE#\tb\r\n",
                 pos, NULL,
                 "a.scn:1:9: error: no\n"
                 "    1 |  a?\?\xC3\xA9?# b\n"
                 "      |         ^\n");
}

Test(diag_show, a_place_past_the_end_of_the_line_is_after_it)
{
    struct scn_pos pos = {.line = 1, .col = 3, .col_end = 4};

    expect_shown("ab", pos, NULL,
                 "a.scn:1:3: error: no\n"
                 "    1 | ab\n"
                 "      |   ^\n");
}

Test(diag_show, a_line_that_does_not_exist_is_empty)
{
    struct scn_pos pos = {.line = 7, .col = 1, .col_end = 2};

    expect_shown("ab\n", pos, NULL,
                 "a.scn:7:1: error: no\n"
                 "    7 |\n"
                 "      | ^\n");
}

/* Ten thousand characters, the place in the middle: a window with "..." on both sides. */
Test(diag_show, a_long_line_is_cut_around_the_place)
{
    struct scn_pos pos = {.line = 1, .col = 5001, .col_end = 5004};
    char *text = malloc(10001), *found, *line, *caret;

    memset(text, 'a', 10000);
    memcpy(text + 5000, "XYZ", 3);
    text[10000] = '\0';

    found = shown(text, pos, NULL);

    line = strchr(found, '\n') + 1;
    caret = strchr(line, '\n') + 1;
    cr_assert(strlen(found) < 600);
    cr_assert(memcmp(line, "    1 | ...a", 12) == 0);
    cr_assert(memcmp(caret - 4, "...", 3) == 0);
    cr_assert(memcmp(line + (strchr(caret, '^') - caret), "XYZ", 3) == 0);
    cr_assert(strcmp(strchr(caret, '^'), "^~~\n") == 0);
    free(found);
    free(text);
}

/* Given out of order; two at one place stay in the order in which they came. */
Test(diags_print, errors_are_shown_in_file_order)
{
    struct diags diags;
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);

    diags_init(&diags, "a.scn", "ab\ncd\n", 6);
    diag_error(&diags, (struct scn_pos){.line = 2, .col = 1, .col_end = 2}, "third");
    diag_warning(&diags, (struct scn_pos){.line = 1, .col = 2, .col_end = 3}, "first");
    diag_error(&diags, (struct scn_pos){.line = 2, .col = 1, .col_end = 2}, "fourth %d", 4);
    diag_error(&diags, (struct scn_pos){.line = 1, .col = 2, .col_end = 3}, "second");
    diags_print(file, &diags);
    fclose(file);

    cr_assert(diags.errors == 3);
    expect_text(out, "a.scn:1:2: warning: first\n    1 | ab\n      |  ^\n"
                     "a.scn:1:2: error: second\n    1 | ab\n      |  ^\n"
                     "a.scn:2:1: error: third\n    2 | cd\n      | ^\n"
                     "a.scn:2:1: error: fourth 4\n    2 | cd\n      | ^\n");
    free(out);
    diags_release(&diags);
    diags_release(&diags);
}

Test(diags_print, more_than_the_limit_are_counted)
{
    struct diags diags;
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);

    diags_init(&diags, "a.scn", "", 0);
    for (unsigned i = 0; i < DIAG_MAX + 7; i++)
        diag_error(&diags, (struct scn_pos){0}, "again");
    diags_print(file, &diags);
    fclose(file);

    cr_assert(diags.len == DIAG_MAX);
    cr_assert(diags.errors == DIAG_MAX + 7);
    cr_assert(strstr(out, "a.scn: 7 more errors are not shown\n") != NULL);
    free(out);
    diags_release(&diags);
}

/* ---- the nearest word ---- */

static const char *nearest(const char *word)
{
    static const char *const words[] = {"partition", "inc", "dec", "heal", "hold", "at", NULL};
    const char *found = diag_nearest(word, strlen(word), words);

    return found ? found : "none";
}

Test(diag_nearest, one_slip_is_forgiven)
{
    expect_text(nearest("partiton"), "partition");   /* left out */
    expect_text(nearest("partittion"), "partition"); /* put in */
    expect_text(nearest("partixion"), "partition");  /* changed */
    expect_text(nearest("patrition"), "partition");  /* swapped */
    expect_text(nearest("ta"), "at");
    expect_text(nearest("inc"), "inc");
}

Test(diag_nearest, a_third_of_the_word_may_differ_and_no_more)
{
    expect_text(nearest("paXXXtion"), "partition");
    expect_text(nearest("paXXXXion"), "none");
    expect_text(nearest("ind"), "inc");
    expect_text(nearest("ixd"), "none");
}

Test(diag_nearest, the_first_of_equally_near_words_is_taken)
{
    static const char *const words[] = {"hold", "held", "hell", NULL};

    expect_text(diag_nearest("hXld", 4, words), "hold");
    expect_text(diag_nearest("helX", 4, words), "held");
}

Test(diag_nearest, what_shares_no_letter_or_is_very_long_is_near_to_nothing)
{
    char word[1000];

    memset(word, 'a', sizeof(word));

    expect_text(nearest("q"), "none");
    expect_text(nearest(""), "none");
    cr_expect(diag_nearest(word, sizeof(word), (const char *const[]){"inc", NULL}) == NULL);
}
