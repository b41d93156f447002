/* dcsim fmt as a script sees it: what it prints, what it rewrites, and what it leaves alone. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib_golden.h"

#define PLAIN "scn 1\nnodes 3\nat 1s  inc n1\nstop 5s\n"
#define PADDED "scn  1\nnodes   3\nat  1s inc n1\n\n\nstop 5s"
#define PADDED_LAID "scn 1\nnodes 3\nat 1s  inc n1\n\nstop 5s\n"
#define UNSOUND "scn 1\nnodes \"3\nstop 5s ;\n"

static char folder[] = "/tmp/dcsim-fmt-XXXXXX";
static char path_text[128];

static const char *path(const char *name)
{
    snprintf(path_text, sizeof(path_text), "%s/%s", folder, name);
    return path_text;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "w");

    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void make_folder(void)
{
    cr_assert(mkdtemp(folder) != NULL);
    write_file("plain.scn", PLAIN);
    write_file("padded.scn", PADDED);
    write_file("unsound.scn", UNSOUND);
}

static void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(fmt, .init = make_folder, .fini = remove_folder);

static void expect_file(const char *name, const char *expected)
{
    size_t len;
    char *found = golden_read(path(name), &len);

    cr_assert(found != NULL, "%s cannot be read", name);
    cr_expect(strcmp(found, expected) == 0, "%s: expected:\n%s\nfound:\n%s", name, expected, found);
    free(found);
}

/* "dcsim fmt @arguments" in the folder, with its exit code, and all that it says. */
static void expect_fmt(const char *arguments, int code, const char *out, const char *err)
{
    char command[1024];
    int status;

    snprintf(command, sizeof(command), "cd %s && { \"$DCSIM\" fmt %s; } >.out 2>.err", folder,
             arguments);
    status = system(command);
    status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    cr_expect(status == code, "%s: exit %d", arguments, status);
    expect_file(".out", out);
    expect_file(".err", err);
}

Test(fmt, prints_one_file)
{
    expect_fmt("padded.scn", 0, PADDED_LAID, "");
    expect_fmt("- <padded.scn", 0, PADDED_LAID, "");
    expect_fmt("<padded.scn", 2, "",
               "dcsim: fmt needs a scenario file, or - for standard input; try 'dcsim --help'\n");
    expect_fmt("plain.scn padded.scn", 2, "",
               "dcsim: fmt prints one file; several go with -i or --check; try 'dcsim --help'\n");
    expect_file("padded.scn", PADDED);
}

Test(fmt, check_names_the_files_that_would_change)
{
    expect_fmt("--check plain.scn", 0, "", "");
    expect_fmt("--check plain.scn padded.scn", 1, "padded.scn\n", "");
    expect_fmt("--check - <padded.scn", 1, "-\n", "");
    expect_file("padded.scn", PADDED);
}

Test(fmt, rewrites_in_place)
{
    struct stat before, after;

    cr_assert(eq(int, chmod(path("padded.scn"), 0640), 0));
    cr_assert(eq(int, stat(path("plain.scn"), &before), 0));
    expect_fmt("-i plain.scn padded.scn", 0, "", "");
    expect_file("plain.scn", PLAIN);
    expect_file("padded.scn", PADDED_LAID);
    /* what had the layout already is the same file as before */
    cr_assert(eq(int, stat(path("plain.scn"), &after), 0));
    cr_expect(before.st_ino == after.st_ino);
    cr_assert(eq(int, stat(path("padded.scn"), &after), 0));
    cr_expect(eq(int, after.st_mode & 07777, 0640));
    /* nothing else was left behind */
    expect_fmt("--check plain.scn; ls", 0, "padded.scn\nplain.scn\nunsound.scn\n", "");
}

Test(fmt, does_not_touch_a_file_with_errors)
{
    static const char errors[] =
        "unsound.scn:2:7: error: this quote is not closed in its line\n"
        "    2 | nodes \"3\n"
        "      |       ^\n"
        "unsound.scn:3:9: error: unexpected character ';'; a statement ends with its line\n"
        "    3 | stop 5s ;\n"
        "      |         ^\n";

    expect_fmt("unsound.scn", 2, "", errors);
    /* the others are looked at all the same */
    expect_fmt("--check unsound.scn padded.scn", 2, "padded.scn\n", errors);
    expect_fmt("-i unsound.scn padded.scn", 2, "", errors);
    expect_file("unsound.scn", UNSOUND);
    expect_file("padded.scn", PADDED_LAID);
    expect_fmt("none.scn", 2, "", "dcsim: cannot read 'none.scn': No such file or directory\n");
}

Test(fmt, does_not_replace_what_is_no_plain_file)
{
    cr_assert(eq(int, symlink("padded.scn", path("link.scn")), 0));
    expect_fmt("link.scn", 0, PADDED_LAID, "");
    expect_fmt("-i link.scn", 2, "",
               "dcsim: cannot write 'link.scn': it is no plain file; name the file itself\n");
    expect_file("padded.scn", PADDED);
    expect_fmt("-i - <padded.scn", 2, "",
               "dcsim: -i needs files, and '-' is standard input; try 'dcsim --help'\n");
    expect_fmt(".", 2, "", "dcsim: cannot read '.': Is a directory\n");
}

Test(fmt, options)
{
    expect_fmt("-i --check plain.scn", 2, "",
               "dcsim: -i rewrites and --check only compares: one of them; try 'dcsim --help'\n");
    expect_fmt("--check --nonsense plain.scn 2>&1 | grep -c 'not an option of .fmt.'", 0, "1\n",
               "");
}

/* Our own scenarios have the layout. */
Test(fmt, the_scenarios_are_laid_out)
{
    int status = system("\"$DCSIM\" fmt --check $(find scenarios tools/bench -name '*.scn')");

    cr_expect(status == 0);
}
