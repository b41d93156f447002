/* The man pages are true: their options are those of --help, their words those of the language. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/met.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/words.h"
#include "tests/lib_cli.h"
#include "tests/lib_sim.h"

TestSuite(manual, .init = cli_make_folder, .fini = cli_remove_folder);

#define MANUAL "docs/dcsim.1.scd"
#define LANGUAGE "docs/dcsim-scenario.5.scd"
/* Where the texts of --help begin. */
#define COLUMN 28

/* "  -s, --seed N" as the page writes it: "*-s*, *--seed* _N_". */
static void head_of(char *ret, size_t size, const char *left)
{
    size_t len = 0;

    ret[0] = '\0';
    while (*left) {
        size_t word = strcspn(left, ", ");
        bool is_name = left[0] == '-';

        if (word > 0)
            len += (size_t)snprintf(ret + len, size - len, "%s%c%.*s%c",
                                    len == 0  ? ""
                                    : is_name ? ", "
                                              : " ",
                                    is_name ? '*' : '_', (int)word, left, is_name ? '*' : '_');
        left += word;
        left += strspn(left, ", ");
    }
}

/* Each option of --help stands in the page with the same words. Returns how many. */
static size_t expect_options(const char *help, const char *page)
{
    size_t count = 0;

    for (const char *line = help; *line; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        char left[COLUMN + 1], head[128], entry[512];

        if (strncmp(line, "  -", 3) != 0 && strncmp(line, "      --", 8) != 0)
            continue;
        cr_assert(len > COLUMN, "%.*s", (int)len, line);
        snprintf(left, sizeof(left), "%.*s", COLUMN, line);
        head_of(head, sizeof(head), left);
        snprintf(entry, sizeof(entry), "\n%s\n\t%c%.*s.\n", head, toupper(line[COLUMN]),
                 (int)len - COLUMN - 1, line + COLUMN + 1);
        cr_expect(strstr(page, entry) != NULL, "%s does not say:%s", MANUAL, entry);
        count++;
    }
    return count;
}

Test(manual, the_options_are_those_of_help)
{
    struct result r = dcsim("--help");
    char *page = sim_read_file(MANUAL);
    const char *section = strstr(page, "\n# OPTIONS\n"), *end;
    size_t count = expect_options(r.out, page), entries = 0;

    cr_assert(section != NULL && count > 10);
    end = strstr(section + 1, "\n# ");
    for (const char *line = section; line && line < end; line = strchr(line + 1, '\n'))
        entries += strncmp(line, "\n*-", 3) == 0;
    cr_assert(eq(sz, entries, count), "the page has an option that --help does not have");
    free(page);
    release(&r);
}

/* What the argument of an option may be. */
static const char *argument_of(const char *kind)
{
    static const char *const samples[][2] = {
        {"", ""},          {"N", "1"},
        {"A..B", "3..5"},  {"T", "1s"},
        {"SEL", "n1"},     {"FILE", "$DCSIM_DIR/file"},
        {"WHICH", "full"}, {"PATH", "$DCSIM_DIR/out"},
        {"LEVEL", "info"}, {"name=value", "a=1"},
        {"WHEN", "never"}, {"SHELL", "bash"},
    };

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        if (strcmp(samples[i][0], kind) == 0)
            return samples[i][1];
    cr_assert(false, "an option takes %s, which is new: add it to samples", kind);
    return NULL;
}

/* With @option each command does something, or says that it is none of its own. */
static void expect_taken(const char *option, const char *argument)
{
    static const char *const commands[] = {"run", "check", "fmt", "replay", "fuzz", "shrink"};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        char arguments[256];
        struct result r;

        snprintf(arguments, sizeof(arguments), "%s %s %s no-such-file", commands[i], option,
                 argument);
        r = dcsim(arguments);
        cr_expect(r.out[0] || r.err[0],
                  "'%s' does nothing with %s: see its set_option(), or settings_option()",
                  commands[i], option);
        release(&r);
    }
}

/* An option that is in the table, and that no code takes, would end the program in silence. */
Test(manual, each_option_is_taken)
{
    struct result r = dcsim("--help");
    size_t count = 0;

    for (const char *line = r.out; *line; line += strcspn(line, "\n") + 1) {
        char left[COLUMN + 1], option[32], argument[32] = "";
        const char *name;

        if (strncmp(line, "  -", 3) != 0 && strncmp(line, "      --", 8) != 0)
            continue;
        snprintf(left, sizeof(left), "%.*s", COLUMN, line);
        name = strstr(left, "--") ? strstr(left, "--") : strchr(left, '-');
        cr_assert(sscanf(name, "%31s %31s", option, argument) >= 1);
        expect_taken(option, argument_of(argument));
        count++;
    }
    cr_expect(ge(sz, count, 30));
    release(&r);
}

/* ---- what a statement meets ---- */

/* The row of @section that speaks of "*@word*"; how long it is in *ret_len. */
static const char *row_of(const char *section, const char *word, size_t *ret_len)
{
    char name[64];

    snprintf(name, sizeof(name), "*%s*", word);
    for (const char *row = strstr(section, "\n|"); row; row = strstr(row + 1, "\n|")) {
        const char *at = strstr(row, name), *body = strstr(row, "\n:");

        *ret_len = strcspn(row + 2, "|") + 2;
        if (at && at < body)
            return row;
    }
    return NULL;
}

/* The row of @word says what @action has to meet. */
static void expect_row(const char *section, const char *word, const struct scn_action *action)
{
    const struct scn_stmt stmt = {.kind = SCN_STMT_AT, .action = *action};
    size_t len = 0;
    const char *row = row_of(section, word, &len), *what = met_what(&stmt), *at;

    cr_assert(row != NULL, "%s does not say what '%s' has to meet", LANGUAGE, word);
    cr_assert(what != NULL, "nobody asks what '%s' has met", word);
    at = strstr(row, what);
    cr_expect(at && at < row + len, "%s: '%s' has to meet '%s'", LANGUAGE, word, what);
}

/* Those of one action, "disk full" and so on. Returns how many. */
static size_t expect_rows(const char *section, enum scn_action_kind kind, const char *const *words)
{
    size_t count = 0;

    for (; words[count]; count++) {
        char word[64];

        snprintf(word, sizeof(word), "%s %s", words_actions[kind], words[count]);
        expect_row(section, word,
                   &(struct scn_action){.kind = kind,
                                        .disk = (enum scn_disk)count,
                                        .memory = (enum scn_memory)count});
    }
    return count;
}

Test(manual, what_a_statement_meets_is_what_is_asked)
{
    char *page = sim_read_file(LANGUAGE);
    char *section = strstr(page, "*What a statement meets.*");
    size_t count, found = 0;

    cr_assert(section != NULL);
    strstr(section, "\n# ")[0] = '\0';
    count = expect_rows(section, SCN_DISK, words_disks);
    count += expect_rows(section, SCN_MEMORY, words_memories);
    for (size_t i = 0; words_actions[i]; i++) {
        if (i == SCN_DISK || i == SCN_MEMORY)
            continue;
        expect_row(section, words_actions[i],
                   &(struct scn_action){.kind = (enum scn_action_kind)i});
        count++;
    }
    /* "net reset", "link reset", "load" and "node" are no actions of their own. */
    for (const char *row = strstr(section, "\n|"); row; row = strstr(row + 1, "\n|"))
        for (const char *at = row + 2; *at != '\n'; at++)
            found += *at == '*';
    cr_expect(eq(sz, found / 2, count + 4));
    free(page);
}

/* ---- JSON ---- */

/* Each word of @text between "_" and "_", with a blank behind it, up to @end. */
static void words_between(char *ret, size_t size, const char *text, const char *end)
{
    size_t len = 0;
    bool inside = false;

    for (; text < end && len + 2 < size; text++) {
        if (*text == '_' && !(inside && isalnum((unsigned char)text[1]))) {
            inside = !inside;
            if (!inside)
                ret[len++] = ' ';
        } else if (inside) {
            ret[len++] = *text == '\n' ? ' ' : *text;
        }
    }
    ret[len] = '\0';
}

/* The names of the fields of the object in @line, with a blank behind each. */
static void fields_of(char *ret, size_t size, const char *line)
{
    json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL), *value;
    const char *name;
    size_t len = 0;

    cr_assert(object != NULL, "%s", line);
    json_object_foreach(object, name, value) len +=
        (size_t)snprintf(ret + len, size - len, "%s ", name);
    json_decref(object);
}

/* The first cells of the table that @text begins. */
static void first_cells(char *ret, size_t size, const char *text)
{
    const char *end = strstr(text + 1, "\n# ");
    size_t len = 0;

    ret[0] = '\0';
    for (const char *row = strstr(text, "\n|"); row && row < end; row = strstr(row + 1, "\n|")) {
        words_between(ret + len, size - len, row + 3, strchr(row + 3, '\n'));
        len = strlen(ret);
    }
}

Test(manual, the_fields_of_json_are_those_that_it_names)
{
    char *page = sim_read_file(MANUAL), *at = strstr(page, "\n# JSON\n");
    struct result r = dcsim("--json scenarios/hello.scn");
    char said[1024], found[1024];

    cr_assert(at != NULL);
    first_cells(said, sizeof(said), at);
    fields_of(found, sizeof(found), r.out);
    cr_expect(eq(str, said, found), "the page: %s\nthe program: %s", said, found);
    release(&r);

    at = strstr(page, "A line of *--jsonl* has ");
    cr_assert(at != NULL);
    words_between(said, sizeof(said), at, strstr(at, ", each as in"));
    r = dcsim("fuzz scenarios/hello.scn --seeds 1..1 --jsonl -");
    fields_of(found, sizeof(found), r.out);
    cr_expect(eq(str, said, found), "the page: %s\nthe program: %s", said, found);
    free(page);
    release(&r);
}

/* ---- predicates ---- */

/* Does @statement take it? */
static bool is_taken(const char *statement, const char *pred)
{
    char text[256];
    struct result r;
    bool taken;

    snprintf(text, sizeof(text), "scn 1\nnodes 3\nat 1s inc n1\n%s %s\nstop 3s\n", statement, pred);
    write_scenario("pred.scn", text);
    r = dcsim("check -q $DCSIM_DIR/pred.scn");
    taken = r.code == 0;
    release(&r);
    return taken;
}

/* What is asked after each event is said in one sentence: "They take *converged*, ...". */
Test(manual, what_is_asked_all_the_time_is_what_it_says)
{
    static const char *const statements[] = {"always", "never", "sometimes"};
    static const char *const preds[][2] = {
        {"converged", ""},    {"value", "== 1"},    {"queue", "< 3"},     {"distinct", "< 3"},
        {"messages", "> 3"},  {"bytes", "< 4MiB"},  {"pushes", "> 1"},    {"dropped", "> 1"},
        {"p50 delay", "<1s"}, {"p99 delay", "<1s"}, {"max delay", "<1s"},
    };
    char *page = sim_read_file(LANGUAGE), *at = strstr(page, "\n*always* _PRED_"), *end;

    cr_assert(at != NULL);
    at = strstr(at, "They take ");
    cr_assert(at != NULL);
    end = strchr(at, '.');
    for (size_t i = 0; i < sizeof(preds) / sizeof(preds[0]); i++) {
        char word[32], pred[64];
        const char *named;

        snprintf(word, sizeof(word), "*%s*", preds[i][0]);
        snprintf(pred, sizeof(pred), "%s %s", preds[i][0], preds[i][1]);
        named = strstr(at, word);
        cr_expect(is_taken("expect", pred), "expect %s", pred);
        for (size_t k = 0; k < sizeof(statements) / sizeof(statements[0]); k++)
            cr_expect(eq(int, is_taken(statements[k], pred), named &&named < end), "%s %s",
                      statements[k], pred);
    }
    free(page);
}

/* Each word of the language is in the page. */
Test(manual, names_every_statement)
{
    static const char *const words[] = {
        "scn 1",     "param",   "sweep",    "seed",      "seeds",   "include", "nodes",
        "group",     "fix",     "stop",     "node",      "net",     "link",    "at",
        "every",     "repeat",  "load",     "quiet",     "inc",     "dec",     "meet",
        "partition", "heal",    "hold",     "release",   "expect",  "always",  "never",
        "sometimes", "value",   "distinct", "messages",  "bytes",   "dropped", "pushes",
        "queue",     "p50",     "p99",      "max delay", "halves",  "thirds",  "ring",
        "bridge",    "isolate", "rest",     "random",    "uniform", "pareto",  "oracle",
    };
    char *text = sim_read_file(LANGUAGE);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        cr_expect(strstr(text, words[i]) != NULL, "%s", words[i]);
    free(text);
}
