/* Seeds that failed before: their file is read and written, and they come first. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/campaign/known.h"
#include "tests/lib_cli.h"

TestSuite(known, .init = cli_make_folder, .fini = cli_remove_folder);

static size_t count_of_part(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* ---- the file ---- */

static int read_known(const char *text, struct known *ret, uint32_t *ret_line, char *problem)
{
    return known_read(ret, strdup(text), strlen(text), ret_line, problem);
}

Test(known_file, lines_are_read_as_they_are_written)
{
    char problem[KNOWN_PROBLEM_MAX], *text = NULL;
    struct known known;
    uint32_t line;
    size_t len;
    FILE *out;

    cr_assert(eq(int,
                 read_known("# all\n\n a.scn 3 2 # x\nb.scn 18446744073709551615 2 -D n=5 -Dk=x\n"
                            "swarm 7 2 --nodes 3..12",
                            &known, &line, problem),
                 0));
    cr_assert(eq(sz, known.len, 3));
    cr_expect(eq(str, (char *)known.list[0].file, (char *)"a.scn"));
    cr_expect(eq(u64, known.list[1].seed, UINT64_MAX));
    cr_expect(eq(sz, known.list[1].defines_len, 2));
    cr_expect(eq(u64, known.list[2].nodes.hi, 12));
    cr_expect(eq(u32, known.list[2].line, 5));
    out = open_memstream(&text, &len);
    known_print(out, &known.list[1], "2026-01-02", "expect: x", "abc");
    known_print(out, &known.list[2], "2026-01-02", "check: y", "abc");
    fclose(out);
    cr_expect(
        eq(str, text,
           (char *)"b.scn 18446744073709551615 2 -D n=5 -D k=x  # 2026-01-02 expect: x (abc)\n"
                   "swarm 7 2 --nodes 3..12  # 2026-01-02 check: y (abc)\n"));
    free(text);
    known_release(&known);
}

Test(known_file, a_bad_line_is_named)
{
    static const struct {
        const char *text, *problem;
        uint32_t line;
    } cases[] = {
        {"a.scn", "behind the file stands a seed, not 'nothing'", 1},
        {"a.scn 1 2\na.scn x 2", "behind the file stands a seed, not 'x'", 2},
        {"a.scn 1", "behind the seed stands the number of a model, not 'nothing'", 1},
        {"a.scn 1 2 -D", "-D takes name=value, not 'nothing'", 1},
        {"a.scn 1 2 -D n", "-D takes name=value, not 'n'", 1},
        {"\n\nswarm 1 2 --nodes 9..3", "--nodes takes a range such as 3..12, not '9'", 3},
        {"a.scn 1 2 broke", "expected -D name=value or a '#', found 'broke'", 1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char problem[KNOWN_PROBLEM_MAX];
        struct known known;
        uint32_t line;

        cr_expect(eq(int, read_known(cases[i].text, &known, &line, problem), -1));
        cr_expect(eq(str, problem, (char *)cases[i].problem));
        cr_expect(eq(u32, line, cases[i].line));
        known_release(&known);
    }
}

/* ---- the campaign ---- */

#define LOSSY                                                                                      \
    "scn 1\nparam n = 3\nnodes $n\nnet loss 20%\nat 1s inc n1 x5\nexpect converged at 1100ms\n"    \
    "stop 3s\n"

/* What fails is written down, and comes first the next time, with its values. */
Test(known, known_seeds_come_first)
{
    struct result r;
    char *text;

    write_scenario("a.scn", LOSSY);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seeds 1..30 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
    cr_assert(eq(int, r.code, 1), "%s", r.err);
    expect_part(r.out, ": held 20, broke 10\n");
    release(&r);
    text = read_whole("k");
    expect_part(text, "/a.scn 25 3  # 20");
    expect_part(text, " expect: not converged at # (line 6) (");
    free(text);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seeds 100..100 -o $DCSIM_DIR/o --jsonl $DCSIM_DIR/j "
              "--seeds-file $DCSIM_DIR/k");
    cr_assert(eq(int, r.code, 1));
    expect_part(r.out, ", broke 8\n");
    release(&r);
    text = read_whole("j");
    cr_expect(strstr(text, "\"seed\":25") < strchr(text, '\n'), "%s", text);
    free(text);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 100 -q -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/l");
    cr_assert(eq(int, r.code, 0), "%s", r.out);
    release(&r);
}

Test(known, a_seed_of_another_model_is_not_run)
{
    struct result r;
    char line[512];

    write_scenario("a.scn", LOSSY);
    snprintf(line, sizeof(line), "%s/a.scn 25 1\n%s/a.scn 77 3 -D n=5\nother.scn 3 3\n",
             cli_folder(), cli_folder());
    write_scenario("k", line);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 1 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
    cr_assert(eq(int, r.code, 1), "%s%s", r.out, r.err);
    expect_part(r.err, "/k:1: warning: other model: seed 25 of ");
    expect_part(r.err, "is one of model 1, this is model 3; it is not run\n");
    expect_part(r.out, "a.scn --seed 77 -D n=5\n");
    expect_part(r.out, ": held 1, broke 1\n");
    release(&r);
    write_scenario("k", "a.scn 1 2 what\n");
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 1 --seeds-file $DCSIM_DIR/k");
    cr_assert(eq(int, r.code, 2));
    expect_part(r.err, "/k:1: error: expected -D name=value or a '#', found 'what'\n");
    release(&r);
}

Test(known_file, a_byte_of_0_hides_nothing)
{
    static const char text[] = "a.scn 1 2\nb.scn 1 2 \0-D n=4\nc.scn 1 2\n";
    char problem[KNOWN_PROBLEM_MAX], *copy = malloc(sizeof(text));
    struct known known;
    uint32_t line;

    memcpy(copy, text, sizeof(text));
    cr_assert(eq(int, known_read(&known, copy, sizeof(text) - 1, &line, problem), -1));
    cr_expect(eq(str, problem, (char *)"here is a byte of 0, which hides what is behind it"));
    cr_expect(eq(u32, line, 2));
    known_release(&known);
}

Test(known_file, what_editors_leave_is_read)
{
    char problem[KNOWN_PROBLEM_MAX];
    struct known known;
    uint32_t line;

    cr_assert(eq(int,
                 read_known("\xef\xbb\xbf"
                            "a.scn 1 2\r\nb.scn 2 2\r\n",
                            &known, &line, problem),
                 0));
    cr_assert(eq(sz, known.len, 2));
    cr_expect(eq(str, (char *)known.list[0].file, (char *)"a.scn"));
    cr_expect(eq(str, (char *)known.list[1].file, (char *)"b.scn"));
    known_release(&known);
}

/* Breaks with every seed. */
#define NEVER "scn 1\nnodes 2\nat 1s inc n1\nexpect value == 7\nstop 3s\n"

/* What is written stands on lines of its own, and is read by the next campaign. */
Test(known, a_last_line_without_an_end_stays_a_line)
{
    struct result r;
    char *text;

    write_scenario("a.scn", NEVER);
    write_scenario("k", "other.scn 4 3");
    for (int i = 0; i < 2; i++) {
        r = dcsim("fuzz $DCSIM_DIR/a.scn --seeds 1..2 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
        cr_assert(eq(int, r.code, 1), "%s", r.err);
        expect_part(r.err, "dcsim: 1 of the seeds in '");
        expect_part(r.err, "/k' is of other scenarios, and not run\n");
        expect_part(r.out, ": held 0, broke 2\n");
        release(&r);
        text = read_whole("k");
        cr_assert(strncmp(text, "other.scn 4 3\n", 14) == 0, "%s", text);
        cr_expect(eq(sz, count_of_part(text, "\n"), 3), "%s", text);
        free(text);
    }
}

/* However a file is called, it is that file; and its seeds are not written once more. */
Test(known, a_file_may_have_several_names)
{
    static const char *const marks[] = {"", "\xef\xbb\xbf"};
    char line[512];
    struct result r;
    char *text;

    write_scenario("a.scn", NEVER);
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        snprintf(line, sizeof(line), "%s%s/.//a.scn 77 3\n", marks[i], cli_folder());
        write_scenario("k", line);
        r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 77 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
        cr_assert(eq(int, r.code, 1), "%s", r.err);
        expect_part(r.out, "a.scn seeds 77..77: held 0, broke 1\n");
        release(&r);
        r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 78 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
        expect_part(r.out, "a.scn seeds 78..78, and 1 known: held 0, broke 2\n");
        release(&r);
        text = read_whole("k");
        cr_expect(eq(sz, count_of_part(text, "a.scn 77 3"), 1), "%s", text);
        cr_expect(eq(sz, count_of_part(text, "a.scn 78 3"), 1), "%s", text);
        free(text);
    }
}

/* Whatever a file is called and a value is, the next campaign finds its seeds. */
Test(known, a_name_with_blanks_is_read_again)
{
    static const char *const names[] = {"a b.scn", "a#b.scn", "a\nb.scn", "$'it's.scn", " \\"};
    char path[512];
    struct result r;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *text;

        snprintf(path, sizeof(path), "%s/%s", cli_folder(), names[i]);
        write_scenario(names[i], NEVER);
        write_scenario("k", "");
        setenv("NAME", path, 1);
        for (int again = 0; again < 2; again++) {
            r = dcsim("fuzz \"$NAME\" --seeds 1..3 -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
            cr_assert(eq(int, r.code, 1), "%s", r.err);
            expect_part(r.out, ": held 0, broke 3\n");
            release(&r);
            text = read_whole("k");
            cr_expect(eq(sz, count_of_part(text, "\n"), 3), "%s", text);
            free(text);
        }
        r = dcsim("fuzz \"$NAME\" --seed 9 -q -o $DCSIM_DIR/o --seeds-file $DCSIM_DIR/k");
        expect_part(r.out, ", and 3 known: held 0, broke 4\n");
        release(&r);
    }
}

/* A byte that cannot be shown is not written as it is. */
Test(known_file, only_what_can_be_shown_stands_plain)
{
    static const char *const words[][2] = {{"a\xff.scn", "$'a\\377.scn' 7 3"},
                                           {"\xc3\xa9.scn", "\xc3\xa9.scn 7 3"},
                                           {"\xe2\x80\xae.scn", "$'\\342\\200\\256.scn' 7 3"},
                                           {"a\x7f", "$'a\\177' 7 3"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct known_seed seed = {.file = words[i][0], .seed = 7, .model = 3};
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);

        known_print(out, &seed, "2026-01-02", "check: y", "abc");
        fclose(out);
        cr_expect(eq(int, strncmp(text, words[i][1], strlen(words[i][1])), 0), "%s", text);
        free(text);
    }
}

/* A seed that stands there twice is run once; one of another model is none of ours. */
Test(known, lines_that_say_the_same)
{
    static const char *const list[] = {
        "a.scn 77 1", "a.scn 77 3 -D n=5", "a.scn 25 3", "./a.scn 77 3 -D n=5",
        "a.scn 77 3", "a.scn 25 3 -D n=3", "a.scn 25 3", "a.scn 9 3 -D n=5",
    };
    struct result r;
    char lines[1024];
    size_t used = 0;
    char *text;

    write_scenario("a.scn", LOSSY);
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        used +=
            (size_t)snprintf(lines + used, sizeof(lines) - used, "%s/%s\n", cli_folder(), list[i]);
    write_scenario("k", lines);
    r = dcsim("fuzz $DCSIM_DIR/a.scn --seed 1 -q -o $DCSIM_DIR/o --jsonl $DCSIM_DIR/j "
              "--seeds-file $DCSIM_DIR/k");
    expect_part(r.err, "/k:1: warning: other model: seed 77 of ");
    release(&r);
    text = read_whole("j");
    cr_expect(eq(sz, count_of_part(text, "\n"), 6), "%s", text);
    for (size_t i = 0, from = 0; i < 5; i++) { /* in the order of the file */
        static const unsigned seeds[] = {77, 25, 77, 25, 9};
        const char *at = strstr(text + from, "\"seed\":");

        cr_assert(at != NULL);
        cr_expect(eq(uint, (unsigned)strtoul(at + 7, NULL, 10), seeds[i]), "%s", at);
        from = (size_t)(at - text) + 7;
    }
    free(text);
}

/* Thousands of lines of another model are no thousands of words. */
Test(known, many_lines_of_another_model_are_counted)
{
    struct result r;
    char text[2048];
    size_t len = 0;

    write_scenario("x.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    for (unsigned i = 1; i <= 25; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "x.scn %u 1 # old\n", i);
    write_scenario("k", text);
    r = dcsim("fuzz $DCSIM_DIR/x.scn --seeds 1..1 --seeds-file $DCSIM_DIR/k");
    cr_expect(eq(sz, count_of_part(r.err, ": warning: other model: seed "), 20), "%s", r.err);
    expect_part(r.err, "/k: warning: 5 more lines are of another model, and not run\n");
    release(&r);
}

/* What is written is one word, and what is read is what was written; old lines stay as they were.
 */
Test(known_file, any_word_comes_back)
{
    static const char *const words[] = {"a b",
                                        "a#b",
                                        "a\nb",
                                        "'",
                                        "$'",
                                        "$'a",
                                        "\\",
                                        "a\\ 'b'\t",
                                        "\x7f\xff\x01 1",
                                        "\xc3\xa9 \xc3\xa9",
                                        "it's",
                                        "$x"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char problem[KNOWN_PROBLEM_MAX], *text = NULL, define[64];
        struct scn_define value = {.name = define, .name_len = 1};
        struct known_seed seed = {
            .file = words[i], .seed = 7, .model = 2, .defines = &value, .defines_len = 1};
        struct known known;
        uint32_t line;
        size_t len;
        FILE *out = open_memstream(&text, &len);

        snprintf(define, sizeof(define), "n=%s", words[i]);
        known_print(out, &seed, "2026-01-02", "check: y", "abc");
        known_print(out, &seed, "2026-01-02", "check: y", "abc");
        fclose(out);
        cr_assert(eq(int, known_read(&known, text, len, &line, problem), 0), "%s", problem);
        cr_assert(eq(sz, known.len, 2));
        cr_expect(eq(str, (char *)known.list[1].file, (char *)words[i]));
        cr_expect(eq(str, (char *)known.list[1].defines[0].name, define));
        cr_expect(eq(u64, known.list[1].seed, 7));
        known_release(&known);
    }
}

Test(known_file, old_words_mean_what_they_did)
{
    char problem[KNOWN_PROBLEM_MAX];
    struct known known;
    uint32_t line;

    cr_assert(
        eq(int,
           read_known("it's\\.scn 1 2#x\n'a 3 2 -D n='x' # 'y\n#\n$a 4 2", &known, &line, problem),
           0),
        "%s", problem);
    cr_assert(eq(sz, known.len, 3));
    cr_expect(eq(str, (char *)known.list[0].file, (char *)"it's\\.scn"));
    cr_expect(eq(u64, known.list[0].model, 2));
    cr_expect(eq(str, (char *)known.list[1].file, (char *)"'a"));
    cr_expect(eq(str, (char *)known.list[1].defines[0].value, (char *)"'x'"));
    cr_expect(eq(str, (char *)known.list[2].file, (char *)"$a"));
    known_release(&known);
    cr_assert(eq(int, read_known("$'a 1 2\n", &known, &line, problem), -1));
    cr_expect(eq(str, problem, (char *)"behind the file stands a seed, not 'nothing'"));
    known_release(&known);
}

/* Another dcsim that writes is waited for; one that stands still does not hold a stop. */
Test(known, who_writes_is_waited_for)
{
    static const char held[] =
        "--version >/dev/null; (DCSIM=$(realpath $DCSIM); cd $DCSIM_DIR; rm -f go held; : >s; "
        "python3 -c 'import fcntl, os, "
        "time\nf = open(\"s\", \"r+\")\nfcntl.lockf(f, fcntl.LOCK_EX)\nopen(\"held\", \"w\")\n"
        "while not os.path.exists(\"go\"): time.sleep(0.05)' & "
        "until [ -e held ]; do sleep 0.05; done; "
        "$DCSIM fuzz -q x.scn --seeds 1..2 --seeds-file s 2>err & x=$!; "
        "until grep -q 'waiting for another process, which writes .s.' err; do sleep 0.05; done; ";
    char command[1024];
    struct result r;

    write_scenario("x.scn", "scn 1\nnodes 2\nat 1s inc n1\nexpect value == 2\nstop 3s\n");
    snprintf(command, sizeof(command),
             "%s echo before $(grep -c scn s); : >go; wait $x; echo after $(grep -c scn s))", held);
    r = dcsim(command);
    expect_part(r.out, "before 0\n");
    expect_part(r.out, "after 2\n");
    release(&r);
    snprintf(command, sizeof(command), "%s kill -INT $x; wait $x; cat err; : >go; wait)", held);
    r = dcsim(command);
    expect_part(r.out, "dcsim: cannot write 's': another process writes it, and has not ended\n");
    release(&r);
}
