/* Files that a scenario includes: as if their text stood there, and nothing from outside. */
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib_scenario.h"

static void expect_errors(struct parsed parsed, const char *expected)
{
    cr_expect(strcmp(parsed.errors, expected) == 0, "expected:\n%s\nfound:\n%s", expected,
              parsed.errors);
    parsed_release(&parsed);
}

Test(include, stands_for_its_text)
{
    static const struct parsed_file files[] = {
        {"lib/net.scn", "scn 1\nparam loss = 5%\nnet loss $loss\ninclude \"../more.scn\"\n"},
        {"more.scn", "\xEF\xBB\xBFscn 1\r\ngroup eu = n1,n2\r\n+1s inc @eu\r\n"},
        {0}};
    static const char text[] = "scn 1\nnodes 3\nat 2s inc n3\ninclude \"lib/net.scn\"\n"
                               "+500ms dec @eu\nstop 5s\n";
    static const char plain[] = "scn 1\nnodes 3\nat 2s inc n3\nparam loss = 5%\nnet loss $loss\n"
                                "group eu = n1,n2\n+1s inc @eu\n+500ms dec @eu\nstop 5s\n";
    struct parsed parsed = parsed_with(text, files, NULL), same = parsed_whole(plain);

    cr_assert(parsed.rc == 0, "%s", parsed.errors);
    cr_assert(parsed.scn.stmts_len == same.scn.stmts_len);
    for (size_t i = 0; i < same.scn.stmts_len; i++)
        cr_expect(parsed.scn.stmts[i].key == same.scn.stmts[i].key, "statement %zu", i);
    cr_expect(parsed.diags.sources_len == 3);
    cr_expect(strcmp(diags_name(&parsed.diags, parsed.scn.stmts[1].pos), "lib/net.scn") == 0);
    cr_expect(parsed.scn.stmts[1].pos.line == 3);
    cr_expect(parsed.scn.stmts[2].pos.line == 3 && parsed.scn.stmts[2].pos.file == 2);
    parsed_release(&parsed);
    parsed_release(&same);
}

Test(include, parameters_of_included_files_can_be_set)
{
    static const struct parsed_file files[] = {{"a.scn", "scn 1\nparam n = 2\n"}, {0}};
    static const char *const defines[] = {"n=7", NULL};
    struct parsed parsed =
        parsed_with("scn 1\ninclude \"a.scn\"\nnodes $n\nstop 1s\n", files, defines);

    cr_expect(parsed.rc == 0 && parsed.scn.nodes == 7, "%s", parsed.errors);
    parsed_release(&parsed);
}

Test(include, an_error_names_its_file_and_line)
{
    static const struct parsed_file files[] = {
        {"a.scn", "scn 1\nat 1s inc n9\n# fine\nat 1s partiton halves\n"}, {0}};

    expect_errors(
        parsed_with("scn 1\nnodes 3\ninclude \"a.scn\"\nat 1s inc n4\nstop 1s\n", files, NULL),
        "main.scn:4:11: error: node n4 does not exist: nodes go from n1 to n3\n"
        "    4 | at 1s inc n4\n      |           ^~\n"
        "a.scn:2:11: error: node n9 does not exist: nodes go from n1 to n3\n"
        "    2 | at 1s inc n9\n      |           ^~\n"
        "a.scn:4:7: error: unknown action 'partiton'; did you mean 'partition'?\n"
        "    4 | at 1s partiton halves\n      |       ^~~~~~~~\n");
}

Test(include, a_second_declaration_names_the_file_of_the_first)
{
    static const struct parsed_file files[] = {
        {"a.scn", "scn 1\nparam x = 1\nat 1s partition halves for 1s as p\n"}, {0}};

    expect_errors(parsed_with("scn 1\nnodes 3\ninclude \"a.scn\"\nparam x = 2\n"
                              "at 2s partition halves as p\nstop 3s\n",
                              files, NULL),
                  "main.scn:4:7: error: parameter 'x' is already declared in line 2 of a.scn\n"
                  "    4 | param x = 2\n      |       ^\n"
                  "main.scn:5:27: error: the NAME 'p' is already given in line 3 of a.scn\n"
                  "    5 | at 2s partition halves as p\n      |                           ^\n");
}

static void expect_one(const char *statement, const struct parsed_file *files, const char *message)
{
    char text[512];
    struct parsed parsed;

    snprintf(text, sizeof(text), "scn 1\nnodes 3\n%s\nstop 1s\n", statement);
    parsed = parsed_with(text, files, NULL);
    cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                  strcmp(parsed.diags.list[0].text, message) == 0,
              "%s\nexpected: %s\nfound:\n%s", statement, message, parsed.errors);
    parsed_release(&parsed);
}

Test(include, only_from_the_folder_and_below)
{
    static const struct parsed_file files[] = {{"a.scn", "scn 1\n"},
                                               {"d/b.scn", "scn 1\ninclude \"../../a.scn\"\n"},
                                               {"e/c.scn", "scn 1\ninclude \"../a.scn\"\n"},
                                               {0}};
    static const char leaves[] =
        "this leaves the folder of main.scn; included files lie there or below";
    struct parsed fine;

    expect_one("include \"../a.scn\"", files, leaves);
    expect_one("include \"d/../../a.scn\"", files, leaves);
    expect_one("include \"d/b.scn\"", files, leaves);
    expect_one("include \"/etc/passwd\"", files,
               "an included file is named relative to this one, not by an absolute path");
    expect_one("include \"\"", files, "the name of a file is empty");
    expect_one("include \".\"", files, "this is no file");
    expect_one("include \"z.scn\"", files, "cannot read 'z.scn': not there");
    expect_one("include a.scn", files,
               "expected the file in double quotes: include \"net.scn\", found 'a'");
    fine = parsed_with("scn 1\nnodes 3\ninclude \"./d/../e//c.scn\"\nstop 1s\n", files, NULL);
    cr_expect(fine.rc == 0, "%s", fine.errors);
    parsed_release(&fine);
}

Test(include, neither_cycles_nor_depth_without_end)
{
    static const struct parsed_file files[] = {{"a.scn", "scn 1\ninclude \"b.scn\"\n"},
                                               {"b.scn", "scn 1\ninclude \"a.scn\"\n"},
                                               {"m.scn", "scn 1\ninclude \"main.scn\"\n"},
                                               {0}};
    struct parsed_file deep[SCN_INCLUDE_DEPTH_MAX + 2] = {0};
    char texts[SCN_INCLUDE_DEPTH_MAX + 1][64], paths[SCN_INCLUDE_DEPTH_MAX + 1][16];

    expect_one("include \"a.scn\"", files, "a.scn would include itself without end");
    expect_one("include \"m.scn\"", files, "main.scn would include itself without end");
    for (unsigned i = 0; i <= SCN_INCLUDE_DEPTH_MAX; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%u.scn", i);
        snprintf(texts[i], sizeof(texts[i]), "scn 1\ninclude \"%u.scn\"\n", i + 1);
        deep[i] = (struct parsed_file){paths[i], texts[i]};
    }
    expect_one("include \"0.scn\"", deep, "files include each other at most 16 deep");
}

Test(include, twice_is_no_cycle)
{
    static const struct parsed_file files[] = {{"a.scn", "scn 1\n+1s inc n1\n"}, {0}};
    struct parsed parsed =
        parsed_with("scn 1\nnodes 3\ninclude \"a.scn\"\ninclude \"a.scn\"\nstop 5s\n", files, NULL);

    cr_assert(parsed.rc == 0, "%s", parsed.errors);
    cr_expect(parsed.scn.stmts[0].key != parsed.scn.stmts[1].key);
    parsed_release(&parsed);
}

Test(include, the_main_file_says_who_and_how_long)
{
    static const struct parsed_file files[] = {
        {"a.scn", "scn 1\nnodes 3\n"}, {"b.scn", "scn 1\nstop 3s\n"},  {"c.scn", ""},
        {"d.scn", "at 1s inc n1\n"},   {"e.scn", "scn 1\nrepeat 2\n"}, {0}};

    expect_one("include \"a.scn\"", files, "an included file has no 'nodes'; main.scn says it");
    expect_one("include \"b.scn\"", files, "an included file has no 'stop'; main.scn says it");
    expect_one("include \"c.scn\"", files, "nothing in it; a scenario begins with 'scn 1'");
    expect_one("include \"d.scn\"", files, "the first statement must be 'scn 1'");
    expect_one("include \"e.scn\"", files, "this 'repeat' has no 'end' in its file");
    expect_one("repeat 2\ninclude \"e.scn\"\nend",
               (struct parsed_file[]){{"e.scn", "scn 1\n"}, {0}},
               "only '+', 'every' and 'repeat' stand in a repeat (here from line 3 on)");
}
