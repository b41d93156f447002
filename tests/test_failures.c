/*
 * Scenarios that fail, each for a reason of its own: all that the command says,
 * as a golden file. Whoever reads only that can name the cause.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report.h"
#include "tests/lib_cli.h"
#include "tests/lib_golden.h"

#define FOLDER "tests/failures"
#define FILES_MAX 128
#define NAME_MAX_BYTES 64

/* ---- what is run ---- */

/* Scenarios that are not simply run. */
struct way {
    const char *name;
    const char *options; /* NULL: none */
    const char *plant;   /* what is wrong with the program, tests/plants.h; NULL: nothing */
};

static const struct way ways[] = {
    {"check-fall", NULL, "merge-lowers"},
    {"check-log", NULL, "merge-forgets"},
    {"check-invented", NULL, "merge-invents"},
    {"quiet-missed", NULL, "merge-nothing"},
    {"check-ok", NULL, "add-forgets"},
    {"check-ok-open", NULL, "add-mixes"},
    {"check-invented-sum", NULL, "add-miscounts"},
    {"check-durable", NULL, "ask-shows"},
    {"check-durable-answer", NULL, "ask-confirms"},
    {"check-answer-twice", NULL, "sync-confirms"},
    {"check-answer-nobody", NULL, "sync-tells-all"},
    {"check-answer-refused", NULL, "ask-refuses"},
    {"check-answer-unknown", NULL, "sync-doubts"},
    {"check-answer-unheard", NULL, "ask-silent"},
    {"check-ok-restart", NULL, "open-drops-own"},
    {"check-fall-restart", NULL, "open-drops-others"},
    {"check-fall-id", NULL, "open-doubts"},
    {"reissued", NULL, "open-trusts"},
    {"check-digest", NULL, "digest-constant"},
    {"check-frame-unreadable", NULL, "encode-flips"},
    {"check-frame-other", NULL, "decode-changes"},
    {"check-forged", NULL, "decode-trailing"},
    {"check-limit", NULL, "encode-grows"},
    {"contract", NULL, "merge-contract"},
    {"unrepeatable", NULL, "merge-skips"},
    {"unrepeatable-verify", "--verify", "merge-skips"},
    {"signal-seeds", "--seeds 1..2 -j 2", "signal"},
    {"until", "--until 2s", NULL},
};

static struct way way_of(const char *name)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].name, name) == 0)
            return ways[i];
    return (struct way){.name = name};
}

struct failing {
    char name[NAME_MAX_BYTES]; /* without ".scn" */
};

static struct failing files[FILES_MAX];

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct failing *)left)->name, ((const struct failing *)right)->name);
}

/* The names of all files in the folder that end with @suffix, in order. */
static size_t list(const char *suffix, struct failing *ret)
{
    DIR *folder = opendir(FOLDER);
    size_t len = 0, suffix_len = strlen(suffix);
    struct dirent *entry;

    if (!folder)
        return 0;
    while ((entry = readdir(folder)) != NULL) {
        size_t name_len = strlen(entry->d_name);

        if (name_len <= suffix_len || name_len - suffix_len >= NAME_MAX_BYTES ||
            strcmp(entry->d_name + name_len - suffix_len, suffix) != 0 || len == FILES_MAX)
            continue;
        memcpy(ret[len].name, entry->d_name, name_len - suffix_len);
        ret[len++].name[name_len - suffix_len] = '\0';
    }
    closedir(folder);
    qsort(ret, len, sizeof(*ret), compare);
    return len;
}

/* ---- what is not the same everywhere ---- */

/* @text with every @from replaced by @to; @text is freed. */
static char *replaced(char *text, const char *from, const char *to)
{
    size_t len = 0;
    char *result = NULL;
    FILE *out = open_memstream(&result, &len);
    const char *at = text, *next;

    cr_assert(out != NULL);
    for (; (next = strstr(at, from)) != NULL; at = next + strlen(from))
        fprintf(out, "%.*s%s", (int)(next - at), at, to);
    fputs(at, out);
    fclose(out);
    free(text);
    return result;
}

/* "dcsim 0.1.0 (1a2b3c4) model 1  ..." begins the output: version and commit go. */
static char *without_version(char *text)
{
    char *end = strstr(text, ") model ");
    size_t len = 0;
    char *result = NULL;
    FILE *out;

    if (strncmp(text, "dcsim ", 6) != 0 || !end)
        return text;
    out = open_memstream(&result, &len);
    cr_assert(out != NULL);
    fprintf(out, "dcsim VERSION (COMMIT%s", end);
    fclose(out);
    free(text);
    return result;
}

/* The program, and the folder of the test, under the names that a person would use. */
static char *normal(char *text)
{
    text = replaced(text, getenv("DCSIM"), "dcsim");
    text = replaced(text, cli_folder(), "OUT");
    return without_version(text);
}

/* ---- what is said ---- */

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

/* What stands behind the first screen: "artifacts:  OUT/FOLDER/  (report.txt: 2 more lines)". */
static void print_whole(FILE *out, const char *said)
{
    const char *more = strstr(said, "/  (report.txt: "), *folder = more;
    char name[256], *report;

    if (!more)
        return;
    while (folder > said && folder[-1] != '/')
        folder--;
    snprintf(name, sizeof(name), "%.*s/report.txt", (int)(more - folder), folder);
    report = normal(read_whole(name));
    fprintf(out, "--- report.txt ---\n%s", report);
    free(report);
}

/* ---- the tests ---- */

ParameterizedTestParameters(failures, file)
{
    size_t len = list(".scn", files);

    return cr_make_param_array(struct failing, files, len);
}

/* Standard output, standard error if there is any, and how the program ended. */
ParameterizedTest(struct failing *failing, failures, file, .init = cli_make_folder,
                  .fini = cli_remove_folder)
{
    struct way way = way_of(failing->name);
    const char *options = way.options ? way.options : "";
    char arguments[256], path[128];
    char *found = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&found, &len);

    if (way.plant) {
        setenv("DCSIM", getenv("DCSIM_PLANTED"), 1);
        setenv("DCSIM_PLANT", way.plant, 1);
    }
    snprintf(arguments, sizeof(arguments), "-o $DCSIM_DIR %s%s" FOLDER "/%s.scn", options,
             *options ? " " : "", failing->name);
    struct result r = dcsim(arguments);
    r.out = normal(r.out);
    r.err = normal(r.err);

    fprintf(out, "$ dcsim %s%s" FOLDER "/%s.scn\n%s", options, *options ? " " : "", failing->name,
            r.out);
    if (r.err[0])
        fprintf(out, "--- standard error ---\n%s", r.err);
    print_whole(out, r.out);
    fprintf(out, "--- exit %d ---\n", r.code);
    fclose(out);
    cr_expect(r.code != 0, "%s holds", failing->name);
    cr_expect(lines_of(r.out) <= REPORT_LINES || strstr(options, "--seeds"), "%s", r.out);
    snprintf(path, sizeof(path), FOLDER "/%s.out", failing->name);
    expect_golden(path, found, len);
    free(found);
    release(&r);
}

/* No golden file is left behind by a scenario that is gone, and none is missing. */
Test(failures, each_file_has_its_output)
{
    static struct failing outputs[FILES_MAX];
    size_t files_len = list(".scn", files), outputs_len = list(".out", outputs);

    cr_assert(files_len >= 40, "found %zu files; run from the root of the source", files_len);
    cr_assert(files_len == outputs_len);
    for (size_t i = 0; i < files_len; i++)
        cr_expect(strcmp(files[i].name, outputs[i].name) == 0, "%s", files[i].name);
}

/* A golden file is written anew when that is wished, whole, and only if it differs. */
Test(failures, a_golden_file_is_written_anew, .init = cli_make_folder, .fini = cli_remove_folder)
{
    char path[256], *text;
    size_t len = 0;

    snprintf(path, sizeof(path), "%s/new.out", cli_folder());
    setenv("DCSIM_REWRITE", "1", 1);
    expect_golden(path, "first\n", 6);
    expect_golden(path, "second\n", 7);
    unsetenv("DCSIM_REWRITE");
    expect_golden(path, "second\n", 7);
    text = golden_read(path, &len);
    cr_assert(len == 7 && strcmp(text, "second\n") == 0);
    free(text);
}
