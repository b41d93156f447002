/*
 * Whoever adds an action, a fault or a rule forgets something. Each word of the language
 * with which something happens is put through all that there is: it is documented and
 * reserved, drawn by the swarm, used by a scenario that is shipped; it has a form here,
 * which meets something, has bounds, counts as a fault or is none, and is over when it
 * gets quiet. What is missing is said by name.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/clock.h"
#include "sim/scenario/words.h"
#include "sim/swarm/swarm.h"
#include "sim/timeline.h"
#include "tests/lib_golden.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"
#include "tests/lib_words.h"

#define LANGUAGE "docs/dcsim-scenario.5.scd"
#define SEEDS 3000u

/* ---- forms ---- */

enum effect {
    NO_FAULT, /* it does something, and that is it */
    FAULT,    /* it is in force from then on */
    PASSING,  /* a fault that has met what it is for, and is over, before the quiet */
};

/* An action as it fires at 1s, in a story in which something happens: STORY. */
static const struct form {
    const char *text;
    enum effect effect;
    const char *others; /* statements that it needs to meet something; NULL: none */
} forms[] = {
    {"inc n1 by 3 x2", NO_FAULT, NULL},
    {"dec n1 by 3 x2", NO_FAULT, NULL},
    {"meet n4 n1", NO_FAULT, "node n4 peers none"},
    {"partition n1 | rest", FAULT, NULL},
    {"partition n1 -> n2", FAULT, NULL},
    {"partition halves", FAULT, NULL},
    {"partition majority", FAULT, NULL},
    {"partition thirds", FAULT, NULL},
    {"partition ring", FAULT, NULL},
    {"partition bridge n1", FAULT, NULL},
    {"partition isolate n1", FAULT, NULL},
    {"partition random for 100ms", PASSING, NULL},
    {"heal", NO_FAULT, "at 900ms partition halves"},
    {"hold n1 -> n2", FAULT, NULL},
    {"hold n1 <-> n2 for 100ms", PASSING, NULL},
    {"release n1 -> n2", NO_FAULT, "at 900ms hold n1 -> n2"},
    {"net delay 10ms 5ms 10% uniform", FAULT, NULL},
    {"net delay 10ms 5ms normal", FAULT, NULL},
    {"net delay 10ms 5ms exp", FAULT, NULL},
    {"net delay 10ms 5ms pareto", FAULT, NULL},
    {"net delay 10ms..20ms", FAULT, NULL},
    {"net loss 10%", FAULT, NULL},
    {"net loss gemodel 10% 20% 90% 5%", FAULT, NULL},
    {"net dup 10%", FAULT, NULL},
    {"net corrupt 10%", FAULT, NULL},
    {"net reorder 50% gap 3", FAULT, NULL},
    {"net rate 100kbit queue 4KiB", FAULT, NULL},
    {"net loss 10% for 100ms", PASSING, NULL},
    {"link n1 -> n2 down", FAULT, NULL},
    {"net reset", NO_FAULT, "at 900ms net loss 10%"},
    {"link n1 <-> n2 reset", NO_FAULT, "at 900ms link n1 <-> n2 loss 10%"},
    {"drop next 1 n1 -> n2", PASSING, NULL},
    {"drop while 100ms n1 -> n2", PASSING, NULL},
    {"dup next 1 n1 -> n2", PASSING, NULL},
    {"corrupt next 1 n1 -> n2", PASSING, NULL},
    {"delay next 1 n1 -> n2 by 100ms", PASSING, NULL},
    {"delay while 100ms n1 -> n2 by 100ms", PASSING, NULL},
    {"forge random n1 -> n2", NO_FAULT, NULL},
    {"crash n2", FAULT, NULL},
    {"crash n2 lose state for 100ms", PASSING, NULL},
    {"restart n2", NO_FAULT, "at 900ms crash n2"},
    {"pause n2", FAULT, NULL},
    {"pause n2 for 100ms", PASSING, NULL},
    {"resume n2", NO_FAULT, "at 900ms pause n2"},
    {"join n4", NO_FAULT, NULL},
    {"leave n2", NO_FAULT, NULL},
    {"stopnode n2", NO_FAULT, "at 1300ms restart n2"},
    {"clock n1 skew +50ms", FAULT, NULL},
    {"clock n1 jump +50ms", FAULT, NULL},
    {"clock n1 drift +100ppm", FAULT, NULL},
    {"clock n1 skew -50ms", FAULT, NULL},
    {"clock n1 drift -10%", FAULT, NULL},
    {"clock n1 skew +50ms for 100ms", PASSING, NULL},
    {"clock n1 drift +100ppm for 100ms", PASSING, NULL},
    {"disk n1 torn 50%", FAULT, "at 1203ms crash n1 for 100ms"},
    {"disk n1 bitrot 1%", FAULT, "at 1.2s crash n1 for 100ms"},
    {"disk n1 zeroed 1%", FAULT, "at 1.2s crash n1 for 100ms"},
    {"disk n1 full", FAULT, NULL},
    {"disk n1 syncfail 50%", FAULT, NULL},
    {"disk n1 readfail 1%", FAULT, "at 1.2s crash n1 for 100ms"},
    {"disk n1 slow 20ms", FAULT, NULL},
    {"disk n1 torn 50% for 400ms", PASSING, "at 1203ms crash n1 for 100ms"},
    {"disk n1 bitrot 1% for 400ms", PASSING, "at 1.2s crash n1 for 100ms"},
    {"disk n1 zeroed 1% for 400ms", PASSING, "at 1.2s crash n1 for 100ms"},
    {"disk n1 full for 100ms", PASSING, NULL},
    {"disk n1 syncfail 50% for 100ms", PASSING, NULL},
    {"disk n1 readfail 1% for 400ms", PASSING, "at 1.2s crash n1 for 100ms"},
    {"disk n1 slow 20ms for 100ms", PASSING, NULL},
    {"disk n1 backup", NO_FAULT, NULL},
    {"disk n1 restore", FAULT, "at 900ms disk n1 backup\nat 1.7s crash n1 for 100ms"},
    {"disk n1 lose 2", FAULT, "at 1.7s crash n1 for 100ms"},
    {"disk n1 ok", NO_FAULT, "at 900ms disk n1 full"},
    {"memory n1 fail 10%", FAULT, NULL},
    {"memory n1 fail 10% for 100ms", PASSING, NULL},
    {"memory n1 ok", NO_FAULT, "at 900ms memory n1 fail 1%"},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

#define STORY "scn 1\nnodes 4\nnode sync 50ms fsync 5ms\nnet delay 5ms\n"
#define CLIENTS "every 10ms from 100ms to 1.9s inc n1,n2\n"

static void write_story(char *ret, size_t size, const struct form *form, const char *text,
                        const char *end)
{
    snprintf(ret, size, STORY "%s%s" CLIENTS "at 1s %s\n%s", form->others ? form->others : "",
             form->others ? "\n" : "", text, end);
}

/* Each word with which something happens has a form. */
Test(forms, each_word_has_one)
{
    static const char *const whats[] = {"action", "disk",      "memory",      "clock",
                                        "rule",   "partition", "distribution"};
    struct words_used used = {0};

    for (size_t i = 0; i < FORMS; i++) {
        struct sim_case c;
        char story[1024];

        write_story(story, sizeof(story), &forms[i], forms[i].text, "stop 2s\n");
        sim_case_parse(&c, story);
        words_note(&used, &c.scn);
        sim_case_release(&c);
    }
    for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
        const struct word_list *list = word_lists;

        while (strcmp(list->what, whats[i]) != 0)
            list++;
        for (size_t at = 0; list->words[at]; at++)
            cr_expect(used.of[words_first(list->what) + at],
                      "%s '%s' has no form: add a row to forms in tests/test_forms.c", list->what,
                      list->words[at]);
    }
}

/* Its statement meets something, so that the tests below say something. */
Test(forms, each_meets_something)
{
    for (size_t i = 0; i < FORMS; i++) {
        struct sim_case c;
        char story[1024];

        write_story(story, sizeof(story), &forms[i], forms[i].text, "stop 1950ms\n");
        sim_case_run(&c, story, 1);
        for (uint32_t at = 0; at < c.scn.stmts_len; at++)
            cr_expect(!scn_acts(&c.scn.stmts[at]) || c.run.met[at].count > 0,
                      "'%s': '%s' meets nothing", forms[i].text, c.scn.stmts[at].text);
        sim_case_release(&c);
    }
}

/* ---- what it begins, and whether it ends ---- */

static bool is_in_force(const struct run *run)
{
    return timeline_unended(&run->timeline) != MET_NO_STMT;
}

/* "last fault" and the reports know of it, and only of what is a fault. */
Test(forms, a_fault_is_known_as_one_while_it_is_in_force)
{
    for (size_t i = 0; i < FORMS; i++) {
        struct sim_case c;
        char story[1024];

        write_story(story, sizeof(story), &forms[i], forms[i].text,
                    "expect converged within 1ms of last fault\nstop 1001ms\n");
        sim_case_run(&c, story, 1);
        if (forms[i].effect == NO_FAULT)
            cr_expect(!is_in_force(&c.run), "'%s' is taken for a fault that is in force",
                      forms[i].text);
        else
            cr_expect(is_in_force(&c.run),
                      "'%s' is no fault for 'last fault': see timeline_fault_begin(), and "
                      "host_note_wrongs() for what is wrong with a node",
                      forms[i].text);
        sim_case_release(&c);
    }
}

/* Nothing is left of what was wrong with a node. */
static void expect_well(const struct form *form, const struct host *host)
{
    const struct disk_faults none = {0};

    cr_expect(memcmp(&host->disk.faults, &none, sizeof(none)) == 0,
              "'%s': the quiet leaves a fault of the disk of n%" PRIu32 ": see cluster_quiet()",
              form->text, host->index + 1);
    cr_expect(host->memory.fail_ppb == 0, "'%s': the quiet leaves requests for memory that fail",
              form->text);
    cr_expect(host->clock.drift_ppb == 0, "'%s': the quiet leaves a clock that drifts", form->text);
    cr_expect(host->state == HOST_UP || host->state == HOST_LEFT,
              "'%s': n%" PRIu32 " does not run after the quiet: see timeline_on_quiet()",
              form->text, host->index + 1);
}

static uint64_t lost_of(const struct run *run)
{
    uint64_t sum = 0;

    for (int fate = 0; fate < NET_FATES; fate++)
        sum += run->cluster.stats.lost[fate];
    return sum;
}

static void run_to(struct run *run, uint64_t at_ns)
{
    while (run->world.now_ns < at_ns && run_step(run))
        ;
}

/* All is as if nothing had been, but for what was lost until then. */
Test(forms, the_quiet_ends_it)
{
    for (size_t i = 0; i < FORMS; i++) {
        struct sim_case c;
        char story[1024];
        uint64_t lost;

        write_story(story, sizeof(story), &forms[i], forms[i].text, "quiet 2s\nstop 30s\n");
        sim_case_start(&c, story, 1);
        run_to(&c.run, UINT64_C(20000000000));
        lost = lost_of(&c.run);
        run_all(&c.run);
        cr_expect(c.run.outcome.verdict != VERDICT_BROKE, "'%s': %s", forms[i].text,
                  sim_case_verdict(&c));
        cr_expect(!is_in_force(&c.run), "'%s' is in force after the quiet", forms[i].text);
        cr_expect(lost_of(&c.run) == lost, "'%s' loses messages after the quiet", forms[i].text);
        for (uint32_t node = 0; node < c.scn.nodes; node++)
            expect_well(&forms[i], &c.run.cluster.hosts[node]);
        sim_case_release(&c);
    }
}

/* ---- amounts ---- */

/* @text with the largest amount in the place of each: 2^64-1, in units as small as there are. */
static void write_largest(char *ret, size_t size, const char *text)
{
    size_t len = 0;

    while (*text && len + 64 < size) {
        size_t digits = 0;

        if (isdigit((unsigned char)*text) && (len == 0 || strchr(" +-.", ret[len - 1])))
            while (isalnum((unsigned char)text[digits]) || text[digits] == '%')
                digits++;
        if (digits == 0) {
            ret[len++] = *text++;
            continue;
        }
        len += (size_t)snprintf(ret + len, size - len, "%s",
                                memchr(text, '%', digits) ? "100%"
                                : text[digits - 1] == 's' ? "18446744073709551615ns"
                                : text[digits - 1] == 'm' ? "1000000ppm"
                                : text[digits - 1] == 'B' ? "18446744073709551615B"
                                : isdigit((unsigned char)text[digits - 1]) ? "18446744073709551615"
                                                                           : "1000000mbit");
        text += digits;
    }
    ret[len] = '\0';
}

#define EVENTS_MAX 200000u
/* Far more than any of these runs takes: one that is in an event then does not end. */
#define SECONDS_MAX 1200u

static const char *volatile running;

static void on_alarm(int signal)
{
    static const char what[] = " has no bound: one event of it does not end\n";

    (void)signal;
    (void)!write(STDERR_FILENO, running, strlen(running));
    (void)!write(STDERR_FILENO, what, sizeof(what) - 1);
    _exit(1);
}

/* It is refused with a word, or a run with it comes to its end. */
static void expect_bounded(const struct form *form, const char *text)
{
    char story[1024];
    struct parsed parsed;
    struct sim_case c;
    uint64_t events = 0;

    write_story(story, sizeof(story), form, text, "stop 3s\n");
    parsed = parsed_of("test.scn", story, strlen(story), NULL);
    if (parsed.rc < 0) {
        cr_expect(parsed.errors_len > 0);
        parsed_release(&parsed);
        return;
    }
    parsed_release(&parsed);
    sim_case_start(&c, story, 1);
    while (events < EVENTS_MAX && run_step(&c.run))
        events++;
    cr_expect(c.run.over, "'%s' has no bound: %u events and no end", text, EVENTS_MAX);
    cr_expect(c.run.outcome.verdict != VERDICT_BROKE || c.run.outcome.reason == REASON_EXPECT,
              "'%s': %s", text, sim_case_verdict(&c));
    sim_case_release(&c);
}

Test(forms, amounts_have_bounds)
{
    signal(SIGALRM, on_alarm);
    for (size_t i = 0; i < FORMS; i++) {
        char largest[256];

        write_largest(largest, sizeof(largest), forms[i].text);
        running = largest;
        alarm(SECONDS_MAX);
        expect_bounded(&forms[i], largest);
    }
    alarm(0);
}

/* ---- words ---- */

/* What stands between '*' and '*' in the section of the page that begins with @section. */
static bool is_documented(const char *page, const char *section, const char *word)
{
    const char *at = strstr(page, section), *end = at ? strstr(at + 1, "\n# ") : NULL;
    size_t len = strlen(word);
    bool bold = false;

    cr_assert(at && end, "%s has no section '%s'", LANGUAGE, section);
    for (; at < end; at++) {
        if (*at == '*' && at[-1] != '\\')
            bold = !bold;
        else if (bold && strncmp(at, word, len) == 0 && !isalnum((unsigned char)at[-1]) &&
                 !isalnum((unsigned char)at[len]))
            return true;
    }
    return false;
}

Test(forms, each_word_is_documented_and_reserved)
{
    char *page = sim_read_file(LANGUAGE);

    for (const struct word_list *list = word_lists; list->what; list++)
        for (size_t i = 0; list->words[i]; i++) {
            const char *word = list->words[i];

            cr_expect(is_documented(page, list->section, word),
                      "%s '%s': no *%s* in the section %s of %s", list->what, word, word,
                      list->section + 2, LANGUAGE);
            cr_expect(word_is_keyword(word, strlen(word)),
                      "%s '%s' is not among keywords in sim/scenario/words.c", list->what, word);
        }
    free(page);
}

/* ---- who uses it ---- */

/* "disk ok" of @list; "distribution" is the same in all of them. */
struct left_out {
    const char *what, *word;
    const char *why;
};

static void expect_used(const struct words_used *used, const struct left_out *left_out,
                        const char *whats, const char *who)
{
    for (const struct word_list *list = word_lists; list->what; list++)
        for (size_t i = 0; strstr(whats, list->what) && list->words[i]; i++) {
            const struct left_out *it = left_out;
            bool is = used->of[words_first(list->what) + i];

            while (it->what &&
                   (strcmp(it->what, list->what) != 0 || strcmp(it->word, list->words[i]) != 0))
                it++;
            cr_expect(is || it->what, "%s '%s': %s", list->what, list->words[i], who);
            cr_expect(!is || !it->what, "%s '%s' is used: it need not be left out", list->what,
                      list->words[i]);
        }
}

Test(forms, the_swarm_draws_each)
{
    static const struct left_out undrawn[] = {
        {"rule", "reset", "it would leave nothing of other rules, which have to meet something"},
        {"peers", "all", "that is what a cluster has when nothing is said"},
        {NULL, NULL, NULL},
    };
    struct words_used used = {0};

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct swarm_input input = {.seed = seed, .nodes_min = 3, .nodes_max = 12};
        struct sim_case c;
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);

        cr_assert(out != NULL);
        swarm_write(out, &input);
        fclose(out);
        sim_case_parse(&c, text);
        words_note(&used, &c.scn);
        sim_case_release(&c);
        free(text);
    }
    expect_used(&used, undrawn,
                "action disk memory clock forge partition rule distribution node peers",
                "the swarm never draws it: add a row to a list of sim/swarm/fault_*.c, or say in "
                "tests/test_forms.c why not");
}

/* Adds what the files of a folder, and of those in it, have. */
static void note_folder(struct words_used *used, const char *folder, size_t *files)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    cr_assert(dir != NULL, "cannot open %s from the root of the source", folder);
    while ((entry = readdir(dir)) != NULL) {
        char path[512], *text;
        size_t len = strlen(entry->d_name);

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (!strchr(entry->d_name, '.')) {
            note_folder(used, path, files);
        } else if (len > 4 && strcmp(entry->d_name + len - 4, ".scn") == 0) {
            text = golden_read(path, &len);
            struct parsed parsed = parsed_in(folder, entry->d_name, text, len);

            if (parsed.rc == 0)
                words_note(used, &parsed.scn);
            *files += parsed.rc == 0;
            parsed_release(&parsed);
            free(text);
        }
    }
    closedir(dir);
}

Test(forms, a_scenario_that_is_shipped_has_each)
{
    static const struct left_out unused[] = {
        {NULL, NULL, NULL},
    };
    struct words_used used = {0};
    size_t files = 0;

    note_folder(&used, "scenarios", &files);
    cr_assert(files >= 50);
    expect_used(&used, unused,
                "action disk memory clock forge partition rule distribution node peers metric "
                "condition show",
                "no scenario has it: let one in scenarios/ tell its story, or say in "
                "tests/test_forms.c why not");
}
