/*
 * The canonical layout: what it looks like, that laying out twice is laying out
 * once, and that it never changes a token, a key, a hash or a run.
 */
#include "sim/scenario/format.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/lexer.h"
#include "tests/lib_golden.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

/* ---- helpers ---- */

struct formatted {
    char *text; /* owned; what was printed */
    size_t len;
    char *errors; /* owned */
    int rc;
};

static struct formatted formatted_of(const char *text, size_t len)
{
    struct formatted formatted = {0};
    char *file = malloc(len ? len : 1); /* exactly as long: a read past it is found */
    FILE *out = open_memstream(&formatted.text, &formatted.len);
    struct diags diags;
    size_t errors_len;

    cr_assert(file != NULL && out != NULL);
    memcpy(file, text, len);
    diags_init(&diags, "a.scn", file, len);
    formatted.rc = format_scenario(out, &diags);
    fclose(out);
    out = open_memstream(&formatted.errors, &errors_len);
    cr_assert(out != NULL);
    diags_print(out, &diags);
    fclose(out);
    cr_assert_eq(formatted.rc == 0, diags.errors == 0);
    diags_release(&diags);
    free(file);
    return formatted;
}

static void formatted_release(struct formatted *formatted)
{
    free(formatted->text);
    free(formatted->errors);
}

/* @text is laid out as @expected, and that as itself. */
static void expect_layout(const char *text, const char *expected)
{
    struct formatted once = formatted_of(text, strlen(text));
    struct formatted twice = formatted_of(once.text, once.len);

    cr_expect(once.rc == 0, "%s", once.errors);
    cr_expect(strcmp(once.text, expected) == 0, "expected:\n%s\nfound:\n%s", expected, once.text);
    cr_expect(twice.rc == 0 && strcmp(once.text, twice.text) == 0, "twice:\n%s\nonce:\n%s",
              twice.text, once.text);
    formatted_release(&once);
    formatted_release(&twice);
}

static void expect_errors(const char *text, size_t len, const char *expected)
{
    struct formatted formatted = formatted_of(text, len);

    cr_expect(formatted.rc == -1);
    cr_expect(formatted.len == 0, "something was printed: %s", formatted.text);
    cr_expect(strcmp(formatted.errors, expected) == 0, "expected:\n%s\nfound:\n%s", expected,
              formatted.errors);
    formatted_release(&formatted);
}

/* Every token as it is written, and every golden line, one a line; terminated, to be freed. */
static char *tokens_of(const char *text, size_t len)
{
    char *tokens = NULL;
    size_t tokens_len;
    FILE *out = open_memstream(&tokens, &tokens_len);
    struct diags diags;
    struct lexer lexer;

    cr_assert(out != NULL);
    diags_init(&diags, "a.scn", text, len);
    lexer_init(&lexer, NULL, &diags, NULL, 0);
    lexer.as_written = true;
    while (lexer_start(&lexer)) {
        const char *golden;
        size_t golden_len;
        struct scn_pos pos;
        struct token token = lexer_next(&lexer);

        for (; token.kind != TOKEN_END; token = lexer_next(&lexer))
            fprintf(out, "%d %.*s\n", (int)token.kind, (int)token.source_len, token.source);
        fputs("end\n", out);
        while (lexer_golden(&lexer, &golden, &golden_len, &pos))
            fprintf(out, "golden %.*s\n", (int)golden_len, golden);
    }
    fclose(out);
    diags_release(&diags);
    return tokens;
}

/* Keys and the hash: what a run depends on. The lines of an include are not known here. */
static void expect_same_meaning(const char *a_text, size_t a_len, const char *b_text, size_t b_len)
{
    struct parsed a = parsed_of("a.scn", a_text, a_len, NULL);
    struct parsed b = parsed_of("a.scn", b_text, b_len, NULL);

    cr_expect(a.rc == b.rc, "%s%s", a.errors, b.errors);
    cr_expect(a.scn.hash == b.scn.hash && a.scn.stmts_len == b.scn.stmts_len);
    for (size_t i = 0; i < a.scn.stmts_len && i < b.scn.stmts_len; i++) {
        cr_expect(a.scn.stmts[i].key == b.scn.stmts[i].key);
        cr_expect(strcmp(a.scn.stmts[i].text, b.scn.stmts[i].text) == 0);
    }
    parsed_release(&a);
    parsed_release(&b);
}

/* What has sound tokens keeps them and its meaning, and comes out the same the second time. */
static bool expect_laws(const char *text, size_t len)
{
    struct formatted once = formatted_of(text, len), twice;
    char *before, *after;

    if (once.rc < 0) {
        formatted_release(&once);
        return false;
    }
    twice = formatted_of(once.text, once.len);
    before = tokens_of(text, len);
    after = tokens_of(once.text, once.len);
    cr_expect(twice.rc == 0 && strcmp(once.text, twice.text) == 0, "once:\n%s\ntwice:\n%s",
              once.text, twice.text);
    cr_expect(strcmp(before, after) == 0, "other tokens:\n%.*s\nlaid out as:\n%s", (int)len, text,
              once.text);
    expect_same_meaning(text, len, once.text, once.len);
    free(before);
    free(after);
    formatted_release(&once);
    formatted_release(&twice);
    return true;
}

/* ---- the look ---- */

Test(format, statements_are_their_canonical_text)
{
    expect_layout("scn   1\nparam\tk=3\nnodes  5 \t \ngroup  g=n1 , n2\n"
                  "load 1/s even inc 10% on random ( 2 ) of ( n1,n2 ) to 1s\n"
                  "at 1s disk n1 , n2 slow   5ms for  1s .. 2s   as  a\n"
                  "at 1s clock  n1 drift  + 5% for\t1s\n",
                  "scn 1\nparam k = 3\nnodes 5\ngroup g = n1,n2\n"
                  "load 1/s even inc 10% on random(2) of (n1,n2) to 1s\n"
                  "at 1s  disk n1,n2 slow 5ms for 1s..2s as a\n"
                  "at 1s  clock n1 drift +5% for 1s\n");
}

Test(format, parameters_are_not_filled_in)
{
    expect_layout("scn 1\nparam k = 3\nnodes   $nodes\nat 1s inc n$k , @ $g x$k\n",
                  "scn 1\nparam k = 3\nnodes $nodes\nat 1s  inc n$k,@$g x$k\n");
}

Test(format, actions_of_adjacent_lines_begin_in_one_column)
{
    expect_layout("at 1s inc n1\nat 10ms..20ms inc n1\n+ 5ms inc n2\nevery 1s inc n1\n"
                  "at 1s inc n1\n\nat 100ms inc n1\n# here\n+1s heal\n",
                  "at 1s          inc n1\nat 10ms..20ms  inc n1\n+5ms           inc n2\n"
                  "every 1s inc n1\n"
                  "at 1s  inc n1\n\nat 100ms  inc n1\n# here\n+1s  heal\n");
}

/* What is no action is not set apart, and what stands in quotes is not torn. */
Test(format, odd_heads_are_no_columns)
{
    expect_layout("at\nat 1s\nat \"a b\"  \"c  d\"\nat   1s inc\n+\n",
                  "at\nat 1s\nat \"a b\" \"c  d\"\nat 1s  inc\n+\n");
    expect_layout("at 1s inc n1\nat 123456789012345678901234567890ns inc n1\n",
                  "at 1s  inc n1\nat 123456789012345678901234567890ns inc n1\n");
}

Test(format, comments_keep_their_place)
{
    expect_layout("#first \t\r\n   # indented\tby a tab\nscn 1#one\nnodes 5   #   five  \n"
                  "stop 1s\n# last",
                  "#first\n# indented by a tab\nscn 1    #one\nnodes 5  #   five\nstop 1s\n"
                  "# last\n");
}

#define FAR "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

Test(format, comments_of_adjacent_lines_stand_in_one_column)
{
    expect_layout("scn 1 # a\nnodes 300 # b\nstop 1s\nseed 5 # c\n\nseed 66 # d\n",
                  "scn 1      # a\nnodes 300  # b\nstop 1s\nseed 5  # c\n\nseed 66  # d\n");
    /* one that is far out does not take the others with it */
    expect_layout("a # a\n" FAR " # b\nccc # c\n", "a    # a\n" FAR "  # b\nccc  # c\n");
}

Test(format, empty_lines_are_one_at_a_time_and_never_first_or_last)
{
    expect_layout("\n \t\n\r\n\nscn 1\n\n\n\t\nnodes 5\n\n# c\n\n\nstop 1s\n\n\n \n\n",
                  "scn 1\n\nnodes 5\n\n# c\n\nstop 1s\n");
    expect_layout("", "");
    expect_layout(" \n\t\n\r\n", "");
    expect_layout("\xEF\xBB\xBF", "");
    expect_layout("# only", "# only\n");
}

Test(format, a_byte_order_mark_and_carriage_returns_go)
{
    expect_layout("\xEF\xBB\xBFscn 1\r\n\r\nnodes 5 # five\r\nshow net at end\r\n|  a\t b \r\n"
                  "stop \\\r\n 1s\r\n",
                  "scn 1\n\nnodes 5  # five\nshow net at end\n|  a\t b \nstop 1s\n");
}

Test(format, blocks_are_indented)
{
    expect_layout("repeat 2 # twice\n# why\n+1s inc n1\n   repeat 3\n+10ms inc n2 # a\n"
                  "+2s inc n3 x5 # b\nend\n# last\n  end # twice\n# after\nat 1s inc n1\n",
                  "repeat 2  # twice\n    # why\n    +1s  inc n1\n    repeat 3\n"
                  "        +10ms  inc n2     # a\n        +2s    inc n3 x5  # b\n"
                  "    end\n    # last\nend  # twice\n# after\nat 1s  inc n1\n");
}

/* An "end" too many and a block that stays open are errors of a scenario, not of a layout. */
Test(format, blocks_need_not_be_whole)
{
    expect_layout("end\nend\nrepeat 2\n+1s inc n1\n", "end\nend\nrepeat 2\n    +1s  inc n1\n");
}

Test(format, blocks_are_indented_only_so_far)
{
    struct formatted formatted;
    char text[4096] = "";
    size_t deepest = 0;

    for (int i = 0; i < 64; i++)
        strcat(text, "repeat 2\n");
    strcat(text, "+1s inc n1 # deep\n");
    cr_expect(expect_laws(text, strlen(text)));
    formatted = formatted_of(text, strlen(text));
    for (const char *line = formatted.text; *line; line = strchr(line, '\n') + 1)
        if (strspn(line, " ") > deepest)
            deepest = strspn(line, " ");
    cr_expect(eq(sz, deepest, 32));
    formatted_release(&formatted);
}

Test(format, golden_lines_stay_as_they_are)
{
    expect_layout("repeat 2\nshow values   at end # now\n|  n1   1 \t \n|\n| # \"no token\n"
                  "end\n",
                  "repeat 2\n    show values at end  # now\n|  n1   1 \t \n|\n| # \"no token\n"
                  "end\n");
}

Test(format, continued_statements_are_joined)
{
    expect_layout("at 1s \\\n  partition n1 \\  \n| n2\n", "at 1s  partition n1 | n2\n");
    expect_layout("at 1s \\\n  inc n1 \\  \n\nstop 2s", "at 1s  inc n1\nstop 2s\n");
    expect_layout("\\\nat 1s \\\n\\\n inc n1 \\\n # why\n\\\n\\\n\n", "at 1s  inc n1  # why\n");
}

#define SIDES "n1,n2,n3,n4,n5,n6,n7,n8,n9 | n10,n11,n12,n13,n14,n15,n16,n17,n18,n19 | rest"

Test(format, long_statements_go_on_in_the_next_line)
{
    /* 100 columns, 101, and one more level of indentation */
    expect_layout("at 1s partition " SIDES " for 10s\n", "at 1s  partition " SIDES " for 10s\n");
    expect_layout("at 1s partition " SIDES " for 100s # why\n",
                  "at 1s  partition " SIDES " for \\\n    100s  # why\n");
    expect_layout("repeat 2\n+1s partition " SIDES " for 100s\nend\n",
                  "repeat 2\n    +1s  partition " SIDES " for \\\n        100s\nend\n");
    /* a list goes on after a comma, a text in quotes goes on nowhere */
    expect_layout("expect value == 1 on " SIDES "," SIDES " at end",
                  "expect value == 1 on " SIDES ", \\\n    " SIDES " at end\n");
}

/* ---- errors ---- */

Test(format, all_bad_tokens_are_said_and_nothing_is_printed)
{
    static const char text[] = "scn 1\nat 1s inc n1 ; n2\nnodes \"5\nstop 5$x $ # \x01\n";

    expect_errors(text, sizeof(text) - 1,
                  "a.scn:2:14: error: unexpected character ';'; a statement ends with its line\n"
                  "    2 | at 1s inc n1 ; n2\n"
                  "      |              ^\n"
                  "a.scn:3:7: error: this quote is not closed in its line\n"
                  "    3 | nodes \"5\n"
                  "      |       ^\n"
                  "a.scn:4:7: error: a '$' can be glued to a name, not to a number\n"
                  "    4 | stop 5$x $ # ?\n"
                  "      |       ^\n"
                  "a.scn:4:10: error: a '$' goes before the name of a parameter\n"
                  "    4 | stop 5$x $ # ?\n"
                  "      |          ^\n"
                  "a.scn:4:14: error: control character U+0001\n"
                  "    4 | stop 5$x $ # ?\n"
                  "      |              ^\n");
}

/* Found by fuzz_scenario: nothing is left of this statement. */
Test(format, a_line_of_one_bad_byte)
{
    expect_errors("\xC9\n", 2,
                  "a.scn:1:1: error: byte 0xC9 is no valid UTF-8\n    1 | ?\n      | ^\n");
}

/* At the start of its line it would be golden, so that laying it out would change what it is. */
Test(format, a_statement_does_not_begin_with_a_bar)
{
    static const char text[] = "show net at end\n\n| late\nstop 1s\n  | n1\n";

    expect_errors(text, sizeof(text) - 1,
                  "a.scn:3:1: error: golden lines stand right after a 'show', each with its '|' "
                  "at the start of the line\n"
                  "    3 | | late\n"
                  "      | ^\n"
                  "a.scn:5:3: error: golden lines stand right after a 'show', each with its '|' "
                  "at the start of the line\n"
                  "    5 |   | n1\n"
                  "      |   ^\n");
}

Test(format, words_and_names_are_not_judged)
{
    expect_layout("at 1s partiton halfs as split\nnodes 5\nnodes 6 apples\nheal @nobody $nothing",
                  "at 1s  partiton halfs as split\nnodes 5\nnodes 6 apples\n"
                  "heal @nobody $nothing\n");
}

/* An included file has no nodes and no stop; one that uses a parameter of the other has it not. */
Test(format, a_file_for_include_is_a_file)
{
    expect_layout("scn 1\nnet   delay $delay\n", "scn 1\nnet delay $delay\n");
}

Test(format, a_file_that_is_too_large_is_not_laid_out)
{
    size_t len = SCN_FILE_BYTES_MAX + 1;
    char *text = calloc(len, 1);

    cr_assert(text != NULL);
    memset(text, '\n', len);
    expect_errors(text, len, "a.scn: error: the file is larger than 16 MiB\n");
    free(text);
}

/* ---- laws ---- */

/* A file of the source, if it has sound tokens. Returns whether it has. */
static bool expect_laws_of_file(const char *path)
{
    size_t len;
    char *text = golden_read(path, &len);
    bool sound;

    cr_assert(text != NULL, "cannot read %s", path);
    sound = expect_laws(text, len);
    free(text);
    return sound;
}

/* How many scenarios of @folder have sound tokens. */
static size_t expect_laws_of_folder(const char *folder)
{
    DIR *files = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    cr_assert(files != NULL, "cannot read %s; run from the root of the source", folder);
    while ((entry = readdir(files)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');
        char path[512];

        if (!end || strcmp(end, ".scn") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count += expect_laws_of_file(path);
    }
    closedir(files);
    return count;
}

Test(format, what_is_there_keeps_its_tokens_and_its_meaning)
{
    cr_expect(expect_laws_of_folder("scenarios") >= 10);
    cr_expect(expect_laws_of_folder("scenarios/stories") >= 3);
    cr_expect(expect_laws_of_folder("tests/broken") >= 40);
}

/* A number below @bound; the same ones in every run. */
static uint32_t below(uint64_t *state, uint32_t bound)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % bound);
}

static const char *pick(uint64_t *state, const char *const *list, size_t len)
{
    return list[below(state, (uint32_t)len)];
}

#define PICK(state, list) pick(state, list, sizeof(list) / sizeof((list)[0]))

static void add_blanks(FILE *out, uint64_t *state)
{
    static const char *const blanks[] = {"",   "",     " ",     " ",          " ",   "  ",
                                         "\t", " \t ", " \\\n", " \\ \r\n\t", "\\\n"};

    fputs(PICK(state, blanks), out);
}

static void add_line_end(FILE *out, uint64_t *state)
{
    static const char *const ends[] = {"\n",        "\n",          "\n",         "\r\n",
                                       " \n\n",     "# x\n",       " #\ty \r\n", "\n#z\n",
                                       "\n\n \n\n", "\n\n# w\n\n", "\n\\\n"};

    add_blanks(out, state);
    fputs(PICK(state, ends), out);
}

/* Tokens of every kind in no order. Words are kept apart by a blank, so that they stay words. */
static void add_soup(FILE *out, uint64_t *state)
{
    static const char *const tokens[] = {
        "at ",   "+",    "1s ",    "n1 ",  "repeat ", "end ",    "show ",     "random ", "(",
        ")",     ",",    "..",     "-> ",  "<-> ",    "+- ",     "== ",       "! ",      "@",
        "* ",    "| ",   "$p ",    "n$k ", "- ",      "= ",      "\"a  b\" ", "5% ",     "20/s ",
        "stop ", "inc ", "every ", "x5 ",  "1.5s ",   "\"\t\" ", "<= ",       "!= ",     "fix "};
    uint32_t len = 1 + below(state, below(state, 8) == 0 ? 60 : 9);

    if (below(state, 8) == 0)
        fputs("show net at end\r\n|  g\t \n| \"h\n|\r\n", out);
    add_blanks(out, state);
    for (uint32_t i = 0; i < len; i++) {
        fputs(PICK(state, tokens), out);
        add_blanks(out, state);
    }
    add_line_end(out, state);
}

Test(format, tokens_in_no_order_stay_as_they_are)
{
    uint64_t state = 1;
    size_t sound = 0;

    for (int i = 0; i < 2000; i++) {
        char *text;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        uint32_t lines = below(&state, 12);

        cr_assert(out != NULL);
        fputs(below(&state, 4) == 0 ? "\xEF\xBB\xBF" : "", out);
        for (uint32_t line = 0; line < lines; line++)
            add_soup(out, &state);
        fclose(out);
        sound += expect_laws(text, len);
        free(text);
    }
    cr_expect(sound >= 1000, "only %zu of 2000 had sound tokens", sound);
}

/* Statements of a scenario that is none the less valid, torn and padded in every way. */
static void add_torn(FILE *out, uint64_t *state, const char *statement)
{
    for (const char *c = statement; *c; c++) {
        if (*c == ' ' || *c == ',') {
            add_blanks(out, state);
            fputs(*c == ' ' ? " " : ",", out);
            add_blanks(out, state);
        } else {
            fputc(*c, out);
        }
    }
    add_line_end(out, state);
}

Test(format, scenarios_keep_their_meaning)
{
    static const char *const statements[] = {
        "at 1s inc n1,n2 by 10 x2",
        "+5ms partition n1,n2 | n3,n4 for 1s",
        "at 2s..3s partition halves for 1s",
        "every 1s from 2s to 8s inc random(2) of (n1,n2,n3)",
        "expect converged within 2s of last fault",
        "expect value of (n1,n2) >= 0 on all at 9s",
        "load 20/s poisson inc 70% dec 30% on n$k,@g from 100ms to 4s",
        "link n1,n2 -> n3 delay 80ms 20ms 25% exp loss 10%",
        "at 3s link n1 <-> n2,n3,n4,n5 down for 1s",
        "node n1 inbox 4 service 40ms",
        "repeat 2",
        ("expect not converged on n1,n2,n3,n4,n5,n1,n2,n3,n4,n5,n1,n2,n3,n4,n5,n1,n2,n3,n4,n5,"
         "n1,n2,n3,n4,n5 at 1ms"),
    };
    uint64_t state = 2;
    size_t valid = 0;

    for (int i = 0; i < 300; i++) {
        char *text;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        uint32_t lines = below(&state, 12);
        struct parsed parsed;

        cr_assert(out != NULL);
        fputs("scn 1\nparam k = 3\nnodes 5\ngroup g = n4\n", out);
        for (uint32_t line = 0; line < lines; line++) {
            const char *statement = PICK(&state, statements);

            add_torn(out, &state, statement);
            if (statement[0] == 'r')
                fputs("  +  10ms inc n1 # in it\nend\n", out);
        }
        fputs("stop 10s", out);
        fclose(out);
        parsed = parsed_of("a.scn", text, len, NULL);
        valid += parsed.rc == 0;
        parsed_release(&parsed);
        cr_expect(expect_laws(text, len), "a token is not sound:\n%s", text);
        free(text);
    }
    cr_expect(valid >= 50, "only %zu of 300 were valid", valid);
}

/* Not only keys and hash: every record of the run. */
Test(format, a_run_is_the_same_before_and_after)
{
    static const char text[] =
        "scn 1\r\nparam p=halves\nnodes   5\nnet delay 1ms .. 20ms   loss 5ppm # some\n"
        "repeat 3\n  +100ms  partition  $p for 200ms\n+ 10ms inc random ( 2 )\nend\n"
        "load 10/s poisson inc 50% on all to 2s\nstop 5s";
    struct formatted formatted = formatted_of(text, sizeof(text) - 1);
    struct sim_case before, after;

    cr_assert(formatted.rc == 0, "%s", formatted.errors);
    cr_assert(strcmp(text, formatted.text) != 0);
    sim_case_run(&before, text, 7);
    sim_case_run(&after, formatted.text, 7);
    cr_expect(eq(u64, before.run.world.trace.hash, after.run.world.trace.hash));
    cr_expect(eq(u64, before.run.world.choose.unseed, after.run.world.choose.unseed));
    cr_expect(eq(u64, before.scn.hash, after.scn.hash));
    sim_case_release(&before);
    sim_case_release(&after);
    formatted_release(&formatted);
}
