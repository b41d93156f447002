/* Files that dcsim makes: strangers' links, files of others, folders, empty names. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib_cli.h"

TestSuite(files, .init = cli_make_folder, .fini = cli_remove_folder);

#define BROKEN "scn 1\nnodes 3\nat 100ms inc n1 x5\nexpect value == 6 on all at end\nstop 2s\n"
#define PRECIOUS "what nobody may touch\n"

/* Runs a command line of the shell in the folder of the test; "$DCSIM" is absolute there. */
static void run_here(const char *command, int code, const char *err)
{
    char all[1024];
    struct result r;

    snprintf(all, sizeof(all),
             "--version >/dev/null; (DCSIM=$(realpath $DCSIM); cd $DCSIM_DIR || exit 99; %s)",
             command);
    r = dcsim(all);
    cr_assert(eq(int, r.code, code), "%s: %s%s", command, r.out, r.err);
    if (err)
        expect_part(r.err, err);
    release(&r);
}

static void expect_file(const char *name, const char *text)
{
    char *is = read_whole(name);

    cr_expect(eq(str, is, (char *)text), "%s", name);
    free(is);
}

static bool exists(const char *name)
{
    char path[512];
    struct stat there;

    snprintf(path, sizeof(path), "%s/%s", cli_folder(), name);
    return lstat(path, &there) == 0;
}

/* A repository of a stranger has links where our files would be. */
Test(files, no_link_is_followed_for_artifacts)
{
    write_scenario("x.scn", BROKEN);
    write_scenario("precious", PRECIOUS);
    run_here("$DCSIM x.scn; ln -sf ../../precious dcsim-out/x-1/scenario.scn && $DCSIM x.scn", 1,
             "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': what stands there is no plain "
             "file, and not written through; remove it\n");
    expect_file("precious", PRECIOUS);
    run_here("rm -r dcsim-out && mkdir other && mkdir dcsim-out && ln -s ../other dcsim-out/x-1 && "
             "$DCSIM x.scn",
             1,
             "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': a part of that path is a link");
    run_here("rm -r dcsim-out && ln -s other dcsim-out && $DCSIM x.scn", 1,
             "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': a part of that path is a link");
    run_here("rmdir other", 0, NULL); /* nothing is in it */
    /* A folder that a person typed may be one. */
    run_here("mkdir mine && ln -s mine link && $DCSIM -o link x.scn", 1, NULL);
    cr_expect(exists("mine/x-1/scenario.scn"));
}

Test(files, no_link_is_followed_for_sources_and_stories)
{
    write_scenario("i.scn", "scn 1\nat 100ms inc n1 x5\n");
    write_scenario("x.scn",
                   "scn 1\nnodes 3\ninclude \"i.scn\"\nexpect value == 6 on all at end\nstop 2s\n");
    write_scenario("precious", PRECIOUS);
    run_here("$DCSIM x.scn; ln -sf ../../../precious dcsim-out/x-1/files/i.scn && $DCSIM x.scn", 1,
             "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': what stands there");
    run_here("ln -s ../precious dcsim-out/x-1-expectation.scn; $DCSIM shrink x.scn --seed 1", 3,
             "dcsim: cannot write 'dcsim-out/x-1-expectation.scn': what stands there is no plain");
    run_here("rm dcsim-out/x-1-expectation.scn; cp precious dcsim-out/x-1-expectation.scn; "
             "$DCSIM shrink x.scn --seed 1",
             3, "dcsim: cannot write 'dcsim-out/x-1-expectation.scn': it is no story that was");
    expect_file("precious", PRECIOUS);
    expect_file("dcsim-out/x-1-expectation.scn", PRECIOUS);
    /* One that is ours is replaced. */
    run_here("rm -r dcsim-out; $DCSIM shrink -q x.scn; $DCSIM shrink -q x.scn", 0, NULL);
    run_here("rm -r dcsim-out; mkdir o; ln -s o dcsim-out; $DCSIM shrink -q x.scn", 2,
             "dcsim: cannot write into 'dcsim-out/': a part of that path is a link");
    run_here("rm dcsim-out; mkdir scenarios; ln -s ../o scenarios/regress; "
             "$DCSIM shrink --keep -q x.scn",
             2, "dcsim: cannot write into 'scenarios/regress/': a part of that path is a link");
    run_here("rmdir o", 0, NULL);
}

/* An option eats no input: what is there, and not ours, stays as it is. */
Test(files, what_is_not_ours_is_refused)
{
    static const char *const lines[][2] = {
        {"$DCSIM --junit v.scn w.scn", "dcsim: cannot write 'v.scn': it is no JUnit file of dcsim"},
        {"$DCSIM --trace v.scn w.scn",
         "dcsim: cannot write the trace 'v.scn': it is no trace of dcsim"},
        {"$DCSIM fuzz --seed 1 --jsonl v.scn w.scn",
         "dcsim: cannot write 'v.scn': it is no JSONL file of dcsim"},
        {"$DCSIM fuzz --swarm --seed 1 --junit v.scn",
         "dcsim: cannot write 'v.scn': it is no JUnit"},
        {"$DCSIM --junit l w.scn", "dcsim: cannot write 'l': it is a link; name the file itself"},
        {"$DCSIM --trace l w.scn",
         "dcsim: cannot write the trace 'l': it is a link; name the file itself"},
        {"$DCSIM fuzz --seed 1 --jsonl dangling w.scn",
         "dcsim: cannot write 'dangling': it is a link; name the file itself"},
        {"$DCSIM --junit no/x w.scn", "dcsim: cannot write 'no/x': No such file or directory"},
        {"$DCSIM fuzz --seed 1 --junit no/x w.scn",
         "dcsim: cannot write 'no/x': No such file or directory"},
        {"$DCSIM --junit . w.scn", "dcsim: cannot write '.': Is a directory"},
        {"$DCSIM --junit j --trace j w.scn", "dcsim: --junit and --trace need a file each"},
        {"$DCSIM fuzz --seed 1 --jsonl j --seeds-file j w.scn",
         "dcsim: --jsonl and --seeds-file need a file each;"},
        {"$DCSIM fuzz --seed 1 --jsonl other.json w.scn",
         "dcsim: cannot write 'other.json': it is no JSONL file of dcsim"},
        {"$DCSIM -o . v.scn; test $? = 1 && (exit 2)",
         "dcsim: no artifacts: cannot write './v-1/': dcsim did not make what is in that folder"},
        {"$DCSIM fuzz --seed 1 --junit j --jsonl ./j w.scn",
         "dcsim: --junit and --jsonl need a file each: './j' is 'j'"},
    };

    write_scenario("v.scn", BROKEN);
    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    write_scenario("other.json", "{\"schema\":\"of somebody else\"}\n");
    run_here("ln -s v.scn l && ln -s nowhere dangling; mkdir v-1; echo mine >v-1/scenario.scn", 0,
             NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[256];

        /* 3 where the run has begun, 2 before it. */
        snprintf(command, sizeof(command), "%s; test $? -ge 2", lines[i][0]);
        run_here(command, 0, lines[i][1]);
        expect_file("v.scn", BROKEN);
    }
    cr_expect(not(exists("nowhere")));
    cr_expect(not(exists("j")));
    expect_file("v-1/scenario.scn", "mine\n");
    expect_file("other.json", "{\"schema\":\"of somebody else\"}\n");
}

/* One file has many names. No two options may write to it, and none to what is read. */
Test(files, no_file_has_two_uses)
{
    static const char *const lines[][2] = {
        {"fuzz --seeds 1..2 --jsonl x --seeds-file ./x w.scn",
         "dcsim: --jsonl and --seeds-file need a file each: './x' is 'x'"},
        {"fuzz --seeds 1..2 --junit $PWD/x --seeds-file loop/x w.scn",
         "dcsim: --junit and --seeds-file need a file each: 'loop/x' is '/"},
        {"fuzz --seeds 1..2 --junit a --jsonl b w.scn", /* two names on the disk */
         "dcsim: --junit and --jsonl need a file each: 'b' is 'a'"},
        {"--trace y --junit loop/y w.scn", "dcsim: --junit and --trace need a file each: 'y' is"},
        {"--trace 'y-{seed}' --junit ./y-3 --seeds 1..4 w.scn",
         "dcsim: --junit and --trace need a file each: 'y-3' is './y-3'"},
        {"--trace 'y-{run}' --junit y-w-3 --seeds 1..4 w.scn",
         "dcsim: --junit and --trace need a file each;"},
        {"fuzz --seeds 1..2 --seeds-file loop/i.scn w.scn",
         "dcsim: --seeds-file needs a file of its own: 'loop/i.scn' is read;"},
        {"fuzz --seeds 1..2 --jsonl i.scn w.scn",
         "dcsim: --jsonl needs a file of its own: 'i.scn' is read;"},
        {"--trace ./i.scn w.scn", "dcsim: --trace needs a file of its own: './i.scn' is read;"},
        /* What the shell has opened may be a file of those. */
        {"--junit /dev/stdin w.scn <i.scn",
         "dcsim: cannot write '/dev/stdin': it was opened for reading only"},
        {"fuzz --seeds 1..2 --jsonl /dev/fd/7 w.scn 7<old",
         "dcsim: cannot write '/dev/fd/7': it was opened for reading only"},
        {"--trace /proc/self/fd/7 w.scn 7<old",
         "dcsim: cannot write the trace '/proc/self/fd/7': it was opened for reading only"},
        {"--junit /dev/fd/9 w.scn", "dcsim: cannot write '/dev/fd/9': Bad file descriptor"},
        {"--junit /dev/fd/7 w.scn 7>>i.scn",
         "dcsim: --junit needs a file of its own: '/dev/fd/7' is read"},
        {"fuzz --seeds 1..2 --jsonl b --junit /dev/fd/7 w.scn 7>>a",
         "dcsim: --junit and --jsonl need a file each: 'b' is '/dev/fd/7'"},
        {"fuzz --seeds 1..2 --jsonl b w.scn 2>>a; code=$?; cat a >&2; : >a; (exit $code)",
         "dcsim: --jsonl and standard error need a file each: '/dev/stderr' is 'b'"},
        /* Artifacts would take its place. */
        {"fuzz --seeds 1..2 -o loop --jsonl there/run.json w.scn",
         "dcsim: --jsonl needs a file of its own: 'there/run.json' could be one of artifacts"},
        {"--trace there/trace.jsonl -o . w.scn",
         "dcsim: --trace needs a file of its own: 'there/trace.jsonl' could be one of artifacts"},
    };

    write_scenario("i.scn", "scn 1\n");
    write_scenario("w.scn", "scn 1\nnodes 2\ninclude \"i.scn\"\nat 1s inc n1\nstop 3s\n");
    run_here("ln -s . loop; : >a; ln a b; : >old; mkdir there", 0, NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[256];

        snprintf(command, sizeof(command),
                 "$DCSIM %s >said; code=$?; test ! -s said && "
                 "test $(wc -l <i.scn) = 1 && test ! -e x && test ! -e y && test $code = 2",
                 lines[i][0]);
        run_here(command, 0, lines[i][1]);
    }
    /* Nothing of a pipe or a device is lost. */
    run_here("$DCSIM -q --junit /dev/null --trace /dev/null w.scn && "
             "$DCSIM fuzz -q --seeds 1..2 --jsonl /dev/stderr --junit /dev/stderr w.scn",
             0, "<testsuites");
}

/* What dcsim made, it makes anew; others keep what they have of the old one. */
Test(files, what_is_ours_is_made_anew)
{
    char *old, *new;

    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    for (int i = 0; i < 2; i++) {
        run_here("$DCSIM --junit j --trace t w.scn && $DCSIM fuzz --seeds 1..2 --jsonl l w.scn", 0,
                 NULL);
        run_here("test -e old || ln l old", 0, NULL); /* another name of that file */
    }
    run_here("$DCSIM fuzz --seeds 5..5 --jsonl l w.scn && : >e && $DCSIM --junit e w.scn", 0, NULL);
    old = read_whole("old");
    new = read_whole("l");
    expect_part(old, "\"seed\":2,");
    expect_part(new, "\"seed\":5,");
    free(old);
    free(new);
    run_here("chmod 600 j && $DCSIM --junit j w.scn && test $(stat -c %a j) = 600", 0, NULL);
    run_here("test -z \"$(ls -A | grep '^\\.')\"", 0, NULL); /* nothing is left behind */
}

/* A file that is mounted where it is cannot be replaced. It is ours, so it is written over. */
Test(files, what_cannot_be_replaced_is_written_over)
{
    char *text;

    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    write_scenario("x.scn", BROKEN);
    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("$DCSIM fuzz -q --seeds 1..9 --junit j --jsonl l x.scn >said; "
             "$DCSIM -q --trace t w.scn; : >e; ls -i e j l t >before; export DCSIM_NO_RENAME=1; "
             "$DCSIM fuzz -q --seeds 1..2 --junit j --jsonl l w.scn && "
             "$DCSIM -q --trace t -s 5 --junit e w.scn && ls -i e j l t | cmp - before && "
             "test -z \"$(ls -A | grep '^\\.')\"",
             0, NULL);
    text = read_whole("j");
    expect_part(text, "<testsuites name=\"dcsim\" tests=\"2\" failures=\"0\" errors=\"0\">");
    cr_expect(eq(str, (char *)strstr(text, "</testsuites>"), (char *)"</testsuites>\n"));
    free(text);
    run_here("test $(wc -l <l) = 2 && $DCSIM replay -q t && grep -q testsuites e", 0, NULL);
    /* A person's own file is never half written. */
    run_here("echo 'scn  1' >f; cp f old; export DCSIM_NO_RENAME=1; $DCSIM fmt -i f", 2,
             "Device or resource busy");
    run_here("cmp f old && test -z \"$(ls -A | grep '^\\.')\"", 0, NULL);
}

/* Somebody else's file takes the place while the campaign runs: both are whole afterwards. */
Test(files, results_are_kept_when_their_place_is_taken)
{
    char *text;

    write_scenario("x.scn", BROKEN);
    /* The place of the results is looked at before the pipe is opened; they wait when it is full.
     */
    for (int i = 0; i < 2; i++)
        run_here("rm -f j; test -p f || mkfifo f; "
                 "$DCSIM fuzz -q --seeds 1..600 --junit j --jsonl f x.scn >said & "
                 "exec 3<f; echo mine >j; cat <&3 >/dev/null; wait $!; code=$?; "
                 "test \"$(cat j)\" = mine && test $code = 3",
                 0,
                 i == 0 ? "dcsim: cannot write 'j': it is no JUnit file of dcsim; the results are "
                          "in 'j.1'\n"
                        : "the results are in 'j.2'\n");
    text = read_whole("j.1");
    expect_part(text, "<testsuites name=\"dcsim\" tests=\"600\"");
    cr_expect(eq(str, (char *)strstr(text, "</testsuites>"), (char *)"</testsuites>\n"));
    free(text);
    run_here("cmp j.1 j.2 && test -z \"$(ls -A | grep '^\\.')\"", 0, NULL);
}

/* Pipes and devices are written to as they are. */
Test(files, pipes_and_devices)
{
    struct result r;

    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("$DCSIM -q --junit /dev/null --trace /dev/null w.scn", 0, NULL);
    r = dcsim("-q --junit /dev/stderr $DCSIM_DIR/w.scn 2>&1 | cat");
    expect_part(r.out, "<testsuites name=\"dcsim\" tests=\"1\"");
    release(&r);
    /* Those of the system may be files that somebody has opened for us. */
    run_here("echo first >got; $DCSIM -q --junit /dev/stdout w.scn >>got; grep -q first got && "
             "grep -q testsuites got",
             0, NULL);
    /* What was printed before stands before it. */
    write_scenario("x.scn", BROKEN);
    run_here(
        "$DCSIM --junit /dev/stdout x.scn >got; test \"$(tail -n 1 got)\" = '</testsuites>' && "
        "test $(grep -c '^minimise:' got) = 1",
        0, NULL);
    run_here("mkfifo p; cat p >got & $DCSIM -q --junit p w.scn; wait; grep -q testsuites got", 0,
             NULL);
}

/* Only a descriptor has a path that is a link for the system; what begins like one may be any. */
Test(files, no_link_is_followed_below_dev)
{
    static const char *const lines[] = {
        "$DCSIM -q --trace $SHM w.scn",
        "$DCSIM -q --junit $SHM w.scn",
        "$DCSIM fuzz -q --seeds 1..2 --jsonl $SHM w.scn",
        "$DCSIM fuzz -q --seeds 1..2 --junit /dev/../$PWD/l w.scn",
        "$DCSIM -q --trace /proc/self/fd/../cwd/l w.scn",
        "$DCSIM -q --junit /dev/fd/../cwd/l w.scn",
        "$DCSIM -q --junit null w.scn",
        "$DCSIM -q --junit fifo w.scn",
    };

    write_scenario("v.scn", "precious\n");
    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("ln -s v.scn l; ln -s /dev/null null; mkfifo f; ln -s f fifo", 0, NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[512];

        snprintf(command, sizeof(command),
                 "SHM=$(mktemp -u /dev/shm/dcsim-XXXXXX); ln -s $PWD/v.scn $SHM; timeout 20 %s; "
                 "code=$?; rm $SHM; test $code -ge 2",
                 lines[i]);
        run_here(command, 0, ": it is a link; name the file itself\n");
        expect_file("v.scn", "precious\n");
    }
    /* What whoever started us has opened may be a file. */
    run_here("$DCSIM -q --junit /dev/fd/7 w.scn 7>>got && $DCSIM -q --trace /proc/self/fd/7 w.scn "
             "7>>got && grep -q testsuites got && grep -q dcsim_trace got",
             0, NULL);
}

Test(files, an_empty_value_is_an_error)
{
    static const char *const options[] = {"-o",      "--junit", "--trace",      "-D",
                                          "--until", "--jsonl", "--seeds-file", "--seed"};

    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        char command[128], error[128];
        bool fuzz = strstr(options[i], "-file") || strstr(options[i], "jsonl");

        snprintf(command, sizeof(command), "$DCSIM %s %s '' w.scn", fuzz ? "fuzz" : "run",
                 options[i]);
        snprintf(error, sizeof(error), "dcsim: '%s' takes a value, which is empty here",
                 options[i]);
        run_here(command, 2, error);
    }
}

/* Seeds are added to the file, so it is not made anew; but no link is followed either. */
Test(files, a_seeds_file)
{
    char *text;

    write_scenario("x.scn", BROKEN);
    write_scenario("v.scn", "x.scn 7 3");
    run_here("ln -s v.scn l; $DCSIM fuzz --seeds 1..2 --seeds-file l x.scn", 2,
             "dcsim: cannot use 'l' as a seeds file: it is a link; name the file itself\n");
    run_here("$DCSIM fuzz --seeds 1..2 --seeds-file /dev/null x.scn", 2,
             "dcsim: cannot use '/dev/null' as a seeds file: it is no plain file\n");
    run_here("$DCSIM fuzz --seeds 1..2 --seeds-file no/s x.scn", 2,
             "dcsim: cannot use 'no/s' as a seeds file: No such file or directory\n");
    run_here("$DCSIM fuzz --seeds 1..2 --seeds-file x.scn x.scn", 2,
             "dcsim: --seeds-file needs a file of its own: 'x.scn' is read;");
    expect_file("x.scn", BROKEN);
    expect_file("v.scn", "x.scn 7 3");
    run_here("$DCSIM fuzz --seeds 1..2 --seeds-file s x.scn", 1, NULL);
    run_here("$DCSIM fuzz --seeds 1..2 --seeds-file v.scn x.scn", 1, NULL);
    text = read_whole("v.scn");
    cr_expect(eq(int, strncmp(text, "x.scn 7 3\nx.scn 1 3  # ", 22), 0), "%s", text);
    free(text);
    text = read_whole("s");
    cr_expect(eq(int, strncmp(text, "x.scn 1 3  # ", 13), 0), "%s", text);
    free(text);
    /* A disk that is full: what was there stays whole. */
    run_here("ulimit -f 8; trap '' XFSZ; yes '# 2345678' | cat >>v.scn 2>/dev/null; cp v.scn old; "
             "$DCSIM fuzz --seeds 20..21 --seeds-file v.scn x.scn >/dev/null",
             3, "dcsim: cannot write 'v.scn': File too large\n");
    run_here("cmp v.scn old", 0, NULL);
}

/* Campaigns may share a file: what another has written meanwhile is not written once more. */
Test(files, a_seeds_file_of_two_campaigns)
{
    write_scenario("x.scn", BROKEN);
    /* The first has read the file when its pipe is open, and waits when that is full. */
    run_here("mkfifo f; : >s; $DCSIM fuzz -q --seeds 1..600 --seeds-file s --jsonl f x.scn >said & "
             "exec 3<f; $DCSIM fuzz -q --seeds 1..600 --seeds-file s ./x.scn >said2; "
             "wc -l <s >first; cat <&3 >/dev/null; wait $!; cmp -s /dev/null s; test $? = 1 && "
             "wc -l <s | cmp - first",
             0, NULL);
}

/* A file that may not grow: lines and folders stay whole, and what is wrong is told. */
Test(files, a_limit_of_file_size_is_an_error)
{
    write_scenario("x.scn", BROKEN);
    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("(ulimit -f 8; $DCSIM fuzz --seeds 1..300 -q w.scn --jsonl j >said)", 3,
             "dcsim: cannot write 'j': File too large\n");
    run_here("test -s j && test \"$(tail -c 2 j)\" = '}' && ! grep -v '^{.*}$' j", 0, NULL);
    run_here("(ulimit -f 1; $DCSIM -q x.scn; $DCSIM --trace t w.scn >>said; test $? = 3)", 0,
             "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': File too large\n");
    run_here("test -z \"$(ls -A dcsim-out)\"", 0, NULL);
    run_here("(ulimit -f 1; $DCSIM fuzz --seeds 1..20 --junit u w.scn -q)", 3,
             "dcsim: cannot write 'u': File too large\n");
    run_here("test ! -e u && test -z \"$(ls -A | grep '^\\.')\"", 0, NULL);
}

/* A reader that goes away takes nothing from the others. */
Test(files, a_reader_that_goes_away_is_an_error)
{
    write_scenario("x.scn", BROKEN);
    run_here("mkfifo f; (head -c 10 f >/dev/null &); "
             "$DCSIM fuzz --seeds 1..300 x.scn --jsonl f --junit ju --seeds-file sf >said",
             3, "dcsim: cannot write 'f': Broken pipe\n");
    run_here("grep -q 'tests=\"300\"' ju && test -s sf && grep -q 'broke 300' said", 0, NULL);
    run_here("rm ju sf; ($DCSIM fuzz --seeds 1..300 x.scn --junit ju --seeds-file sf; "
             "echo $? >code) | head -n 1 >/dev/null; test $(cat code) = 3",
             0, "dcsim: cannot write the results: Broken pipe\n");
    run_here("grep -q 'tests=\"300\"' ju && test -s sf", 0, NULL);
    /* Nobody waits for these: they have no end. */
    run_here("(timeout 60 $DCSIM fuzz x.scn --seeds-file sf; echo $? >code) | head -n 1 >/dev/null;"
             "test $(cat code) = 3",
             0, "dcsim: cannot write the results: Broken pipe\n");
    run_here("(timeout 60 $DCSIM x.scn --seeds 1..1000000 -j 2; echo $? >code) | head -n 1 "
             ">/dev/null; test $(cat code) = 3",
             0, "dcsim: cannot write the results: Broken pipe\n");
}

/* Two runs share no folder unless file, values and seed are the same. */
Test(files, each_run_has_a_folder_of_its_own)
{
    static const char *const names[] = {
        "x-1",        "x-1-nodes=4", "x-1-nodes=5", "a+x-1",         "b+x-1",    "a~2Bx-1",
        "~2E.+a+x-1", "x-2",         "x~0Aat-1",    "x-1-nodes=4-1", "x.txt~-1", "x~-1",
    };
    char *text;

    write_scenario("x.scn", "scn 1\nparam nodes = 3\nnodes $nodes\nat 100ms inc n1 x5\n"
                            "expect value == 6 on all at end\nstop 2s\n");
    run_here("mkdir a b; cp x.scn a; cp x.scn b; cp x.scn a+x.scn; cp x.scn x-1-nodes=4.scn; "
             "cp x.scn x.txt; cp x.scn x; cp x.scn \"$(printf 'x\\nat.scn')\"; "
             "$DCSIM x.scn; $DCSIM -D nodes=7 -D nodes=4 x.scn; $DCSIM -D nodes=5 ./x.scn; "
             "$DCSIM a/x.scn .//b//x.scn a+x.scn; cd a; $DCSIM ../a/x.scn -o ../dcsim-out; cd ..; "
             "$DCSIM -s 2 x.scn; $DCSIM x?at.scn x-1-nodes=4.scn x.txt x; ls dcsim-out >names",
             0, NULL);
    text = read_whole("names");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[64];

        snprintf(line, sizeof(line), "%s\n", names[i]);
        expect_part(text, line);
    }
    free(text);
    run_here("test $(ls dcsim-out | wc -l) = 12", 0, NULL);
    /* Names that a file system does not take are cut, and stay different. */
    run_here("rm -r dcsim-out; L=$(yes a | head -240 | tr -d '\\n'); cp x.scn $L.scn; "
             "cp x.scn ${L}b.scn; $DCSIM $L.scn ${L}b.scn; $DCSIM shrink -q $L.scn; "
             "test $(ls dcsim-out | wc -l) = 3",
             0, NULL);
}

/* Of many runs that broke the first leave artifacts, with any number of workers. */
Test(files, artifacts_have_a_limit)
{
    char *one, *three;

    write_scenario("x.scn", BROKEN);
    run_here("$DCSIM --seeds 1..70 x.scn >one; ls dcsim-out >>one; rm -r dcsim-out; "
             "$DCSIM --seeds 1..70 -j 3 x.scn >three; ls dcsim-out >>three",
             0, NULL);
    one = read_whole("one");
    three = read_whole("three");
    cr_expect(eq(str, one, three));
    expect_part(one, "artifacts:  dcsim-out/x-20/\n");
    expect_part(one, "seed 21  at 2.000s\n");
    expect_part(one, "artifacts:  none from here on, for --artifacts is 20\n");
    cr_expect(eq(ptr, strstr(strstr(one, "none from") + 1, "none from"), NULL), "said once");
    free(one);
    free(three);
    run_here("rm -r dcsim-out; $DCSIM --seeds 1..9 -j 2 --artifacts 2 x.scn x.scn >one; "
             "ls dcsim-out | wc -l >>one",
             0, NULL);
    one = read_whole("one");
    expect_part(one, "\n2\n");
    expect_part(one, "artifacts:  dcsim-out/x-2/\n");
    free(one);
    run_here("rm -r dcsim-out; $DCSIM --artifacts 0 x.scn; test ! -e dcsim-out", 0, NULL);
    run_here("$DCSIM --artifacts -1 x.scn", 2, "dcsim: --artifacts takes a number of runs");
}

/* ---- what strangers wrote ---- */

/* Nothing that a terminal takes for an order, and no line that we have not ended. */
static void expect_shown(const char *command, int code, const char *part)
{
    char all[1024];
    struct result r;

    snprintf(
        all, sizeof(all),
        "--version >/dev/null; (DCSIM=$(realpath $DCSIM); cd $DCSIM_DIR || exit 99; exec 2>&1; %s)",
        command);
    r = dcsim(all);
    cr_assert(eq(int, r.code, code), "%s: %s", command, r.out);
    for (const char *at = r.out; *at; at++) {
        unsigned char c = (unsigned char)at[0];
        bool fine = c == '\n' || (c >= 0x20 && c != 0x7f);

        cr_assert(fine, "%s: %s", command, r.out);
    }
    cr_assert(strstr(r.out, "\nat 7s") == NULL && strncmp(r.out, "at 7s", 5) != 0, "%s: %s",
              command, r.out);
    expect_part(r.out, part);
    release(&r);
}

Test(files, names_of_strangers_are_shown_and_not_obeyed)
{
    static const char *const lines[][2] = {
        {"$DCSIM \"$N\"", "a\\x0Aat 7s inc n1\\x1B[2J\\x07\\xFF.scn:4:8: error: not value == 6"},
        {"$DCSIM -v --log debug --until 1s \"$N\"", "$'a\\012at 7s inc n1\\033[2J\\007\\377.scn'"},
        {"$DCSIM --seeds 1..2 -j 2 \"$N\" x.scn", "seeds 1..2 of a\\x0Aat"},
        {"$DCSIM --verify \"$N\"", "verified  a\\x0Aat"},
        {"$DCSIM fuzz --seeds 1..3 --seeds-file s \"$N\" x.scn; cat s; exit 1",
         "\n$'a\\012at 7s inc n1\\033[2J\\007\\377.scn' 1 3  # 20"},
        {"$DCSIM shrink \"$N\"", "# Shrunk from a\\x0Aat 7s inc n1\\x1B[2J\\x07\\xFF.scn, seed 1;"},
        {"$DCSIM fmt --check \"$N\" || true", "a\\x0Aat"},
        {"$DCSIM check \"$N\"", ""},
        {"$DCSIM check \"$N.no\" || true", "dcsim: cannot read 'a\\x0Aat"},
        {"$DCSIM \"--x$N\" || true", "dcsim: '--xa\\x0Aat"},
        {"$DCSIM \"$N$N\" --trace \"no/$N\" x.scn || true", "cannot read"},
        {"$DCSIM --trace \"no/$N\" x.scn || true", "cannot write the trace 'no/a\\x0A"},
        {"$DCSIM --junit \"no/$N\" x.scn || true", "cannot write 'no/a\\x0A"},
        {"$DCSIM -o \"$N\" x.scn || true", "no artifacts: cannot write 'a\\x0A"},
        {"$DCSIM -D \"$N\" x.scn || true", "-D takes name=value, not 'a\\x0A"},
        {"$DCSIM -D \"n=$N\" x.scn || true", "error"},
        {"$DCSIM -o \"o$N\" x.scn || true", "artifacts:  oa\\x0A"},
        {"$DCSIM replay \"$N\" || true", "a\\x0A"},
        {"$DCSIM check i.scn || true", "error"},
    };

    write_scenario("x.scn", BROKEN);
    write_scenario("i.scn", "scn 1\nnodes 2\ninclude \"a\033b.scn\"\nstop 2s\n");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[512];
        bool may_fail = strstr(lines[i][0], "||") || strstr(lines[i][0], "check") ||
                        strstr(lines[i][0], "shrink");

        snprintf(command, sizeof(command),
                 "N=$(printf 'a\\nat 7s inc n1\\033[2J\\007\\377.scn'); cp x.scn \"$N\"; %s",
                 lines[i][0]);
        expect_shown(command, may_fail ? 0 : strstr(command, "--until") ? 4 : 1, lines[i][1]);
    }
}

/* Each text in a trace may be anything. */
Test(files, traces_of_strangers_are_shown_and_not_obeyed)
{
    static const char *const edits[] = {
        "s/x.scn/\\\\u001b[2J\\\\u000aat 7s/g",
        "s/\"n1\"/\"\\\\u001b[2Jn1\\\\u009b\"/g",
        "s/held/he\\\\u001b[2J/",
        "s/\"ev\"/\"e\\\\u001bv\"/",
        "s/dcsim_trace/dcsim_trace\\\\u001b/",
        "s/inc/i\\\\u001bnc/g",
        "s/nodes/\\\\u001bnodes/g",
        "s/\"reason\":null/\"reason\":\"\\\\u001b\"/",
        "s/key/k\\\\u001bey/g",
        "2s/^/\\x1b/",
        "1s/^/\\x1b/",
        "s/version\":\"/&\\\\u001b/",
        "s/\"text\":\"/&\\\\u001b/",
        "s/\"name\":\"/&\\\\u001b/g",
        "s/\"value\":\"/&\\\\u001b/g",
        "s/headline\":[^,]*/headline\":\"\\\\u001b[2J\"/",
    };

    write_scenario("x.scn", "scn 1\nparam k = 2\nnodes $k\nat 1s inc n1\nstop 3s\n");
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        char command[512];

        snprintf(
            command, sizeof(command),
            "$DCSIM -q x.scn -D k=3 --trace t; sed '%s' t >u; $DCSIM replay u || test $? -ge 2",
            edits[i]);
        expect_shown(command, 0, "");
    }
}

/* Two commands at once make the same file: one of them is there, whole, and both have written it.
 */
Test(files, two_at_once)
{
    write_scenario("x.scn", BROKEN);
    run_here("for i in 1 2 3 4 5 6 7 8; do $DCSIM --junit j$i x.scn & $DCSIM --junit j$i x.scn; "
             "echo $? >>codes; wait $!; echo $? >>codes; rm -r dcsim-out; done; "
             "sort -u codes >one; ls j? | wc -l >>one",
             0, NULL);
    expect_file("one", "1\n8\n");
}

/* Whatever ends dcsim: as soon as artifacts have their name, nothing is missing. */
Test(files, artifacts_take_their_name_with_all_parts)
{
    write_scenario("x.scn", "scn 1\nnodes 20\nnode sync 2ms\nevery 50ms inc n1\n"
                            "expect value == 1 on n1 at end\nstop 3s\n");
    run_here("for i in 1 2 3; do $DCSIM x.scn >/dev/null 2>&1 & until [ -e dcsim-out/x-1 ]; do "
             ":; done; kill -KILL $!; ls dcsim-out/x-1 >>parts; wait $! || :; rm -r dcsim-out; "
             "done; sort parts | uniq -c | tr -s ' ' >one",
             0, NULL);
    expect_file("one", " 3 command\n 3 report.txt\n 3 run.json\n 3 scenario.scn\n"
                       " 3 trace.jsonl\n");
}

/* A folder that is there keeps what somebody else put into it, and no part of an older run. */
Test(files, artifacts_are_replaced_part_by_part)
{
    write_scenario("x.scn", BROKEN);
    run_here("$DCSIM x.scn; cp -r dcsim-out/x-1 first; echo mine >dcsim-out/x-1/notes; "
             "echo old >dcsim-out/x-1/report.txt; $DCSIM x.scn; rm dcsim-out/x-1/notes && "
             "diff -r first dcsim-out/x-1 && [ -z \"$(ls -A dcsim-out | grep -v '^x-1$')\" ]",
             0, NULL);
    run_here("rm dcsim-out/x-1/run.json; touch dcsim-out/x-1/notes; $DCSIM x.scn", 1,
             "dcsim did not make what is in that folder");
}

/* When one part cannot be written, all stay as they are: a folder is of one run. */
Test(files, artifacts_are_replaced_all_or_none)
{
    static const char *const spoilers[] = {
        "rm r/report.txt && ln -s ../../mine r/report.txt",
        "rm r/trace.jsonl && mkdir r/trace.jsonl",
        "rm r/command && mkfifo r/command",
        "rm r/files/i.scn && ln -s ../../mine r/files/i.scn",
        "rm -r r/files && ln -s .. r/files",
    };

    write_scenario("i.scn", "scn 1\nat 100ms inc n1 x5\n");
    write_scenario("x.scn",
                   "scn 1\nnodes 3\ninclude \"i.scn\"\nexpect value == 6 on all at end\nstop 2s\n");
    for (size_t i = 0; i < sizeof(spoilers) / sizeof(spoilers[0]); i++) {
        char command[512];

        snprintf(
            command, sizeof(command),
            "cp x.scn old.scn; $DCSIM -q x.scn; ln -s dcsim-out/x-1 r; %s; ls -lR r/ >before; "
            "cat r/run.json >json; sleep 0.01; echo '# new' >>x.scn; $DCSIM -q x.scn; code=$?; "
            "ls -lR r/ >after; cat r/run.json | cmp - json && cmp before after && "
            "cmp old.scn r/scenario.scn && rm -r dcsim-out r && test $code = 1",
            spoilers[i]);
        run_here(command, 0, "dcsim: no artifacts: cannot write 'dcsim-out/x-1/': ");
    }
}

/* The names of all traces are known: one that cannot be written is told before the first run. */
Test(files, foreign_files_in_the_places_of_traces_are_found_first)
{
    write_scenario("x.scn", "scn 1\nparam n = 2\nnodes $n\nat 1s inc n1\nstop 3s\n");
    write_scenario("s.scn", "scn 1\nsweep n = 2, 3\nnodes $n\nat 1s inc n1\nstop 3s\n");
    write_scenario("t-3", PRECIOUS);
    run_here("$DCSIM x.scn --seeds 1..4 --trace 't-{seed}' >out", 2,
             "dcsim: cannot write the trace 't-3': it is no trace of dcsim\n");
    run_here("cp t-3 u-s-2-n=3; $DCSIM x.scn s.scn --seeds 1..2 --trace 'u-{run}' >>out", 2,
             "dcsim: cannot write the trace 'u-s-2-n=3': it is no trace of dcsim\n");
    cr_expect(not(exists("t-1")));
    cr_expect(not(exists("u-x-1")));
    expect_file("out", "");
    expect_file("t-3", PRECIOUS);
    run_here("rm t-3; $DCSIM x.scn --seeds 1..4 --trace 't-{seed}' && "
             "$DCSIM x.scn --seeds 1..4 --trace 't-{seed}'",
             0, NULL); /* our own are replaced */
}

/* A trace that cannot be made is a wrong use, told once, and before anything is printed. */
Test(files, a_trace_without_a_place_is_found_first)
{
    static const char *const lines[][2] = {
        {"nodir/x", "dcsim: cannot write the trace 'nodir/x': No such file or directory\n"},
        {"dir/", "dcsim: cannot write the trace 'dir/': Is a directory\n"},
        {"dir", "dcsim: cannot write the trace 'dir': Is a directory\n"},
        {"'{run}/x'", "dcsim: cannot write the trace 'w-1/x': No such file or directory\n"},
        {"dangling", "dcsim: cannot write the trace 'dangling': it is a link; name"},
    };

    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("mkdir dir; ln -s nowhere dangling", 0, NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[256];

        snprintf(command, sizeof(command),
                 "$DCSIM --trace %s w.scn >said 2>why; code=$?; "
                 "cat why >&2; test ! -s said && test $(wc -l <why) = 1 && test $code = 2",
                 lines[i][0]);
        run_here(command, 0, lines[i][1]);
    }
    run_here("$DCSIM --seeds 1..3 --trace 'nodir/{seed}' w.scn 2>why; test $(wc -l <why) = 1", 0,
             NULL);
    run_here("$DCSIM --junit - w.scn", 2, "dcsim: --junit takes a file, for reports go to");
    run_here("$DCSIM fuzz --seed 1 --seeds-file - w.scn", 2, "dcsim: --seeds-file takes a file to");
    cr_expect(not(exists("-")));
}

/* Whoever waits for a pipe to be read can be told to stop, as anybody else. */
Test(files, a_pipe_that_nobody_reads_can_be_interrupted)
{
    static const char *const lines[] = {
        "--trace p w.scn",
        "--junit p w.scn",
        "fuzz --seeds 1..2 --jsonl p w.scn",
        "fuzz --seeds 1..2 --junit p w.scn",
        "fuzz --seeds 1..2 p",
        "p",
    };

    write_scenario("w.scn", "scn 1\nnodes 2\nat 1s inc n1\nstop 3s\n");
    run_here("mkfifo p", 0, NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char command[256];

        /* It hears SIGTERM, and sleeps: nothing else there waits. */
        snprintf(command, sizeof(command),
                 "$DCSIM %s >said & until grep -q '^SigCgt:.*[4-7c-f][0-9a-f]\\{3\\}$' "
                 "/proc/$!/status && grep -q '^State:.S' /proc/$!/status; do :; done; "
                 "kill -TERM $!; wait $!",
                 lines[i]);
        run_here(command, 130, "");
    }
}

/* Two swarms have two scenarios for one seed. */
Test(files, artifacts_of_a_swarm_name_its_nodes)
{
    setenv("DCSIM_PLANT", "merge-nothing", 1);
    setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
    run_here("$DCSIM fuzz --swarm --seed 1 --nodes 3..4; $DCSIM fuzz --swarm --seed 1 --nodes 9..9;"
             "ls dcsim-out >one",
             0, NULL);
    expect_file("one", "swarm-1-nodes=3..4\nswarm-1-nodes=9..9\n");
}
