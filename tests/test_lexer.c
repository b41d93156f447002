/* Text to tokens: blanks, comments, continuation, parameters, places. */
#include "sim/scenario/lexer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lexed {
    struct arena arena;
    struct diags diags;
    struct params params;
    struct lexer lexer;
    char *file;  /* owned; exactly as long as the text */
    char *shown; /* owned */
};

/* k is 3, w is halves, t is 5ms, s is a text. */
static void declare(struct params *params, const char *name, enum value_type type,
                    const char *value)
{
    int index = params_declare(params, name, strlen(name), (struct scn_pos){.line = 1});

    cr_assert(index >= 0);
    params_set(params, (size_t)index, type, value, strlen(value));
}

static void lexed_init(struct lexed *lexed, const char *text, size_t len)
{
    *lexed = (struct lexed){.file = malloc(len ? len : 1)};
    memcpy(lexed->file, text, len);
    diags_init(&lexed->diags, "a.scn", lexed->file, len);
    params_init(&lexed->params, &lexed->arena, &lexed->diags, NULL, 0);
    declare(&lexed->params, "k", VALUE_NUMBER, "3");
    declare(&lexed->params, "w", VALUE_WORD, "halves");
    declare(&lexed->params, "t", VALUE_TIME, "5ms");
    declare(&lexed->params, "s", VALUE_STRING, "a b");
    lexer_init(&lexed->lexer, &lexed->arena, &lexed->diags, &lexed->params, 0);
}

static void lexed_release(struct lexed *lexed)
{
    arena_release(&lexed->arena);
    diags_release(&lexed->diags);
    free(lexed->file);
    free(lexed->shown);
}

/* All tokens, as "line:col-end text", one a line; "bad" for what is none; errors at the end. */
static const char *lex(struct lexed *lexed, const char *text, size_t len)
{
    size_t shown_len = 0;
    FILE *out;

    lexed_init(lexed, text, len);
    out = open_memstream(&lexed->shown, &shown_len);
    cr_assert(out != NULL);
    while (lexer_start(&lexed->lexer)) {
        struct token token = lexer_next(&lexed->lexer);

        for (; token.kind != TOKEN_END; token = lexer_next(&lexed->lexer)) {
            fprintf(out, "%u:%u-%u ", token.pos.line, token.pos.col, token.pos.col_end);
            if (token.kind == TOKEN_BAD)
                fputs("bad", out);
            else
                fwrite(token.text, 1, token.len, out);
            fputc('\n', out);
        }
        fputs("end\n", out);
    }
    fclose(out);
    return lexed->shown;
}

static void expect_tokens(const char *text, const char *expected)
{
    struct lexed lexed;
    const char *found = lex(&lexed, text, strlen(text));

    cr_expect(strcmp(found, expected) == 0, "expected:\n%sfound:\n%s", expected, found);
    lexed_release(&lexed);
}

Test(lexer, statements_are_lines)
{
    expect_tokens("at 1s\n\n  \t\n# nothing\nstop", "1:1-3 at\n1:4-6 1s\nend\n5:1-5 stop\nend\n");
    expect_tokens("", "");
    expect_tokens("\n\n", "");
    expect_tokens("# only a comment", "");
}

Test(lexer, a_comment_goes_to_the_end_of_its_line)
{
    expect_tokens("a # b \\\nc#d\n", "1:1-2 a\nend\n2:1-2 c\nend\n");
    expect_tokens("\"a#b\"", "1:1-6 a#b\nend\n");
}

Test(lexer, marks_are_the_longest_that_fit)
{
    expect_tokens("n1->n2<->n3", "1:1-3 n1\n1:3-5 ->\n1:5-7 n2\n1:7-10 <->\n1:10-12 n3\nend\n");
    expect_tokens("1..5", "1:1-2 1\n1:2-4 ..\n1:4-5 5\nend\n");
    expect_tokens("<=>=<>!===!", "1:1-3 <=\n1:3-5 >=\n1:5-6 <\n1:6-7 >\n1:7-9 !=\n1:9-11 ==\n"
                                 "1:11-12 !\nend\n");
    expect_tokens("+-5%", "1:1-3 +-\n1:3-5 5%\nend\n");
    expect_tokens("+5-", "1:1-2 +\n1:2-3 5\n1:3-4 -\nend\n");
    expect_tokens("<-5", "1:1-2 <\n1:2-3 -\n1:3-4 5\nend\n");
    expect_tokens("(@a,*)|!b=", "1:1-2 (\n1:2-3 @\n1:3-4 a\n1:4-5 ,\n1:5-6 *\n1:6-7 )\n1:7-8 |\n"
                                "1:8-9 !\n1:9-10 b\n1:10-11 =\nend\n");
}

Test(lexer, a_decimal_needs_a_digit_after_its_point)
{
    expect_tokens("1.5s..2.25s", "1:1-5 1.5s\n1:5-7 ..\n1:7-12 2.25s\nend\n");
    expect_tokens("1.s", "1:1-2 bad\n1:2-3 bad\n1:3-4 s\nend\n");
}

Test(lexer, a_number_takes_its_unit)
{
    expect_tokens("5% 200ppm 4k/s 10mbit 5KiB 5x",
                  "1:1-3 5%\n1:4-10 200ppm\n1:11-15 4k/s\n1:16-22 10mbit\n1:23-27 5KiB\n"
                  "1:28-30 5x\nend\n");
}

Test(lexer, a_backslash_that_only_blanks_follow_continues_the_line)
{
    expect_tokens("a \\\n b\\ \t\r\n c\nd", "1:1-2 a\n2:2-3 b\n3:2-3 c\nend\n4:1-2 d\nend\n");
    expect_tokens("a \\\n\nb", "1:1-2 a\nend\n3:1-2 b\nend\n");
    expect_tokens("a \\", "1:1-2 a\nend\n");
    expect_tokens("\\\na", "2:1-2 a\nend\n");
    expect_tokens("a \\ b", "1:1-2 a\n1:3-4 bad\n1:5-6 b\nend\n");
}

Test(lexer, a_byte_order_mark_and_cr_before_line_ends_are_skipped)
{
    expect_tokens("\xEF\xBB\xBF"
                  "a b\r\nc\r\n\r\nd\r",
                  "1:1-2 a\n1:3-4 b\nend\n2:1-2 c\nend\n4:1-2 d\nend\n");
}

/* The text before may be of many bytes, and a tab is one column. */
Test(lexer, columns_count_characters)
{
    expect_tokens("\t\t\"\xC3\xA9\xE5\x90\x8D\xF0\x9F\x8E\xB2\" x",
                  "1:3-8 \xC3\xA9\xE5\x90\x8D\xF0\x9F\x8E\xB2\n1:9-10 x\nend\n");
}

Test(lexer, a_parameter_stands_for_its_value)
{
    expect_tokens("$k $w $t $s", "1:1-3 3\n1:4-6 halves\n1:7-9 5ms\n1:10-12 a b\nend\n");
    expect_tokens("$k..$k", "1:1-3 3\n1:3-5 ..\n1:5-7 3\nend\n");
}

Test(lexer, a_parameter_is_glued_to_a_name)
{
    expect_tokens("n$k,x$k @$w n$k$k", "1:1-4 n3\n1:4-5 ,\n1:5-8 x3\n1:9-10 @\n1:10-12 halves\n"
                                       "1:13-18 n33\nend\n");
    expect_tokens("$w$k", "1:1-5 halves3\nend\n");
    expect_tokens("a_$w", "1:1-5 a_halves\nend\n");
    expect_tokens("n$t", "1:1-4 n5ms\nend\n");
}

Test(lexer, what_is_glued_must_be_one_name)
{
    expect_tokens("$k$k", "1:1-5 bad\nend\n");
    expect_tokens("n$s", "1:1-4 bad\nend\n");
    expect_tokens("5$k", "1:1-2 bad\n1:2-4 3\nend\n");
    expect_tokens("$", "1:1-2 bad\nend\n");
    expect_tokens("$5", "1:1-2 bad\n1:2-3 5\nend\n");
    expect_tokens("$nobody", "1:1-8 bad\nend\n");
}

/* The source of a token is kept beside what it comes to. */
Test(lexer, a_token_knows_how_it_was_written)
{
    struct lexed lexed;
    struct token token;
    char text[TOKEN_TEXT_MAX];

    lexed_init(&lexed, "n$k n3", 6);
    cr_assert(lexer_start(&lexed.lexer));
    token = lexer_next(&lexed.lexer);

    cr_assert(token.kind == TOKEN_WORD && token_is(&token, "n3") && token_is_filled(&token));
    cr_assert(token.source_len == 3 && memcmp(token.source, "n$k", 3) == 0);
    cr_assert(strcmp(token_text(text, &token), "'n3' (that is n$k)") == 0);
    token = lexer_next(&lexed.lexer);
    cr_assert(token_is(&token, "n3") && !token_is_filled(&token));
    lexed_release(&lexed);
}

Test(lexer, the_end_comes_again_and_again)
{
    struct lexed lexed;

    lexed_init(&lexed, "a\nb", 3);
    cr_assert(lexer_start(&lexed.lexer));
    cr_assert(lexer_next(&lexed.lexer).kind == TOKEN_WORD);
    for (int i = 0; i < 3; i++)
        cr_assert(lexer_next(&lexed.lexer).kind == TOKEN_END);
    cr_assert(lexer_start(&lexed.lexer));
    cr_assert(lexer_next(&lexed.lexer).kind == TOKEN_WORD);
    cr_assert(!lexer_start(&lexed.lexer));
    lexed_release(&lexed);
}

/* Every byte that is no text is an error, one for each line, also in a comment. */
Test(lexer, bytes_that_are_no_text_are_errors)
{
    static const char *const bad[] = {
        "\x01",         "\x7F",         "\xC2\x80",         "\xFF", "\x80", "\xC0\x80",
        "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8", "\xC3", "a\rb",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[64];
        struct lexed lexed;

        snprintf(text, sizeof(text), "a # %s%s\n%s\nb\n", bad[i], bad[i], bad[i]);
        lex(&lexed, text, strlen(text));
        cr_expect(lexed.diags.errors == 2, "text %zu: %zu errors", i, lexed.diags.errors);
        lexed_release(&lexed);
    }
}

Test(lexer, a_nul_byte_does_not_end_the_file)
{
    struct lexed lexed;

    cr_expect(strcmp(lex(&lexed, "a \0 b", 5), "1:1-2 a\n1:3-4 bad\n1:5-6 b\nend\n") == 0);
    lexed_release(&lexed);
}

/* The second token of lookahead: blanks and continued lines are passed over. */
Test(lexer, sees_the_next_character)
{
    struct lexed lexed;
    const char text[] = "random \\\n \t(3) random";

    lexed_init(&lexed, text, strlen(text));
    cr_assert(lexer_start(&lexed.lexer));
    lexer_next(&lexed.lexer);
    cr_assert(lexer_sees(&lexed.lexer, '('));
    lexer_next(&lexed.lexer);
    cr_assert(!lexer_sees(&lexed.lexer, '('));
    lexed_release(&lexed);
}

/* Every start of a text is lexed to its end, and nothing behind it is read. */
Test(lexer, any_prefix_of_a_text_is_lexed)
{
    const char text[] = "\xEF\xBB\xBF"
                        "at $t..1.5s n$k <-> \"\xC3\xA9\" \\ \r\n +- @$w # \xE2\x82\xAC\r\n";

    for (size_t len = 0; len <= strlen(text); len++) {
        struct lexed lexed;

        lex(&lexed, text, len);
        lexed_release(&lexed);
    }
}
