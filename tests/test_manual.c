/* The man pages are true: their options are those of --help, their examples run. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ctype.h>
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

/* Every fenced scenario of @path holds. Returns how many. */
static size_t expect_scenarios(const char *path)
{
    char *text = sim_read_file(path);
    size_t count = 0;

    for (char *at = strstr(text, "\n```\n"), *end; at; at = strstr(end + 5, "\n```\n")) {
        struct result r;

        end = strstr(at + 5, "\n```\n");
        cr_assert(end != NULL, "%s: a block without end", path);
        if (strncmp(at + 5, "scn 1", 5) != 0)
            continue;
        end[1] = '\0';
        write_scenario("example.scn", at + 5);
        end[1] = '`';
        r = dcsim("-q $DCSIM_DIR/example.scn");
        cr_expect(eq(int, r.code, 0), "%s:\n%s%s%s", path, at, r.out, r.err);
        release(&r);
        count++;
    }
    free(text);
    return count;
}

Test(manual, every_scenario_in_it_holds)
{
    cr_expect(ge(sz, expect_scenarios(LANGUAGE), 2));
}

/* The rest of @line behind "dcsim ", with what it writes in the folder of the test. */
static void arguments_of(char *ret, size_t size, const char *line)
{
    static const char file[] = " trace", moved[] = " $DCSIM_DIR/trace";
    size_t len = 0;

    while (*line && *line != '\n' && len + sizeof(moved) < size) {
        if (strncmp(line, file, strlen(file)) == 0) {
            memcpy(ret + len, moved, strlen(moved));
            len += strlen(moved);
            line += strlen(file);
        } else {
            ret[len++] = *line++;
        }
    }
    ret[len] = '\0';
}

/* A command line in a page is one that dcsim takes: nothing is said about its use. */
Test(manual, every_command_line_in_it_is_one)
{
    char *text = sim_read_file(MANUAL);
    size_t count = 0;

    for (char *line = strstr(text, "\ndcsim "); line; line = strstr(line + 1, "\ndcsim ")) {
        char arguments[256];
        struct result r;

        if (line[7] == '-') /* the name of the page */
            continue;
        arguments_of(arguments, sizeof(arguments) - 32, line + 7);
        strcat(arguments, strncmp(arguments, "replay ", 7) == 0 ? " -q" : " -q -o $DCSIM_DIR/o");
        r = dcsim(arguments);
        /* Those of the examples hold, and there is nothing to shrink. */
        cr_expect(eq(int, r.code, strncmp(arguments, "shrink ", 7) == 0 ? 4 : 0), "%s: %s",
                  arguments, r.err);
        release(&r);
        count++;
    }
    cr_expect(ge(sz, count, 3));
    free(text);
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
