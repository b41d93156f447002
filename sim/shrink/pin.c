/* What no statement says: draws, and what is owed in the end. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/types.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/shrink/edit.h"

/* What a run of @story was like, to be freed; NULL: nothing can be said. */
static char *looked(struct shrink *shrink, const struct story *story, enum shrink_look look)
{
    char *text = NULL;
    size_t size;
    FILE *out = fatal_memstream(&text, &size);
    int rc;

    rc = shrink->judge.look(shrink->judge.ctx, story, &shrink->breach, look, out);
    fatal_memstream_close(out, &text);
    if (rc == 0)
        return text;
    free(text);
    return NULL;
}

/* For qsort(). A draw that comes twice comes to the same. */
static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_same_draw(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");

    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* The story with @draws, lines in any order, in the place of those that are pinned. */
static void with_draws(const struct story *story, const char *draws, struct story *ret)
{
    struct story lines = {0};

    for (const char *at = draws, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        story_add(&lines, at, (size_t)(end - at));
    if (lines.len > 0)
        qsort(lines.lines, lines.len, sizeof(*lines.lines), compare_lines);
    story_copy(ret, story);
    for (size_t i = ret->len; i-- > 0;)
        if (line_is(ret->lines[i], "fix"))
            story_remove(ret, i, 1); /* it is among the draws */
    for (size_t i = 0; i < lines.len; i++)
        if (i == 0 || !is_same_draw(lines.lines[i], lines.lines[i - 1]))
            story_add(ret, lines.lines[i], strlen(lines.lines[i]));
    story_release(&lines);
}

bool shrink_pin(struct shrink *shrink)
{
    struct story candidate;
    char *text = looked(shrink, &shrink->best, SHRINK_LOOK_DRAWS);

    if (!text)
        return false;
    with_draws(&shrink->best, text, &candidate);
    free(text);
    if (story_pins(&candidate) > SHRINK_PINS_MAX) {
        story_release(&candidate);
        return false;
    }
    return shrink_try_surer(shrink, &candidate);
}

/* ---- what happens every now and then ---- */

/* With so many more lines a story is not cut to the end by anybody. */
#define UNROLLED_MAX 600u

/* Puts "at @time" in the place of "every ... " up to the action of @line, behind line @at. */
static void add_firing(struct story *story, size_t at, const char *line, const char *time)
{
    const char *action = line;
    char text[1024], ns_text[VALUE_TIME_TEXT_MAX];
    struct word words[WORDS_MAX];
    size_t count = line_words(line, words);

    for (size_t i = count; i-- > 1;)
        if (edit_starts_action(line + words[i].at, words[i].len))
            action = line + words[i].at;
    snprintf(text, sizeof(text), "at %s %s", value_time_text(ns_text, strtoull(time, NULL, 10)),
             action);
    story_insert(story, at, text, strlen(text));
}

/* The story with the @firings, which are in the order of time, in the place of "every" lines. */
static void unroll(const struct story *story, const char *firings, struct story *ret)
{
    story_copy(ret, story);
    for (size_t i = story->len; i-- > 0;) {
        size_t at = i + 1;

        if (!line_is(story->lines[i], "every"))
            continue;
        for (const char *it = firings, *end; (end = strchr(it, '\n')) != NULL; it = end + 1) {
            char *time;

            if (strtoull(it, &time, 10) == i + 1)
                add_firing(ret, at++, story->lines[i], time + 1);
        }
        story_remove(ret, i, 1);
    }
}

/* Takes away faults that touch nothing in a run of @story. Returns whether there were any. */
static bool remove_idle(struct shrink *shrink, struct story *story)
{
    struct breach any = shrink->breach;
    char *text;
    size_t removed = 0;

    shrink->breach.sober = false; /* it is not, yet */
    text = looked(shrink, story, SHRINK_LOOK_IDLE);
    shrink->breach = any;
    for (char *at = text, *end; at && (end = strchr(at, '\n')) != NULL; at = end + 1) {
        size_t line = (size_t)strtoull(at, NULL, 10);

        story_remove(story, line - 1 - removed, 1);
        removed++;
    }
    free(text);
    return removed > 0;
}

/* The first step of a way: @candidate, if it fails with any seed. It is taken over. */
static bool begin_way(struct shrink *shrink, struct story *candidate)
{
    unsigned fails = 0;

    if (candidate->len <= shrink->best.len + UNROLLED_MAX)
        fails = shrink->judge.fails(shrink->judge.ctx, candidate, &shrink->breach, 1);
    while (fails == 0 && candidate->len <= shrink->best.len + UNROLLED_MAX &&
           remove_idle(shrink, candidate))
        fails = shrink->judge.fails(shrink->judge.ctx, candidate, &shrink->breach, 1);
    if (fails == 0) {
        story_release(candidate);
        return false;
    }
    story_release(&shrink->best);
    shrink->best = *candidate;
    shrink->fails = fails;
    return true;
}

bool shrink_unroll(struct shrink *shrink)
{
    struct story candidate;
    char *text = looked(shrink, &shrink->best, SHRINK_LOOK_FIRINGS);
    bool any = text && *text;

    if (any)
        unroll(&shrink->best, text, &candidate);
    free(text);
    return any && begin_way(shrink, &candidate);
}

/* ---- losses ---- */

static bool is_rule(const char *word, size_t len)
{
    static const char *const words[] = {"delay", "dup",  "corrupt", "reorder",
                                        "rate",  "down", "reset",   "for"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return true;
    return false;
}

/* Takes "loss 5%" out of line @i, and the line if nothing else was in it. */
static void without_loss(struct story *story, size_t i)
{
    char *line = story->lines[i];
    struct word words[WORDS_MAX];
    size_t count = line_words(line, words), first = 0, last;

    while (first < count && (words[first].len != 4 || memcmp(line + words[first].at, "loss", 4)))
        first++;
    if (first == 0 || first == count)
        return;
    for (last = first + 1; last < count && !is_rule(line + words[last].at, words[last].len); last++)
        ;
    if (last == count)
        line[words[first].at - 1] = '\0';
    else
        memmove(line + words[first].at, line + words[last].at, strlen(line + words[last].at) + 1);
    if (strcmp(line, "net") == 0)
        story_remove(story, i, 1);
}

bool shrink_drops(struct shrink *shrink)
{
    struct story candidate;
    char *text = looked(shrink, &shrink->best, SHRINK_LOOK_LOSSES);
    bool any = text && *text;

    if (!any) {
        free(text);
        return false;
    }
    story_copy(&candidate, &shrink->best);
    for (size_t i = candidate.len; i-- > 0;)
        without_loss(&candidate, i);
    for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        char line[128], time[VALUE_TIME_TEXT_MAX], *rest;
        uint64_t ns = strtoull(at, &rest, 10), from = strtoull(rest, &rest, 10);

        snprintf(line, sizeof(line), "at %s drop next 1 n%" PRIu64 " -> n%.*s",
                 value_time_text(time, ns), from, (int)(end - rest - 1), rest + 1);
        story_add(&candidate, line, strlen(line));
    }
    free(text);
    return begin_way(shrink, &candidate);
}

/* ---- from an expectation of the file to what always holds ---- */

/* Reads @story with a stop far away. Returns 0 with what its stop was, or is to be at least. */
static int earliest_stop(const struct story *story, struct scn_quiet *ret)
{
    struct diags diags;
    struct scenario scn;
    char *text = NULL;
    size_t size;
    FILE *out = fatal_memstream(&text, &size);
    int rc;

    story_print(out, story);
    fatal_memstream_close(out, &text);
    diags_init(&diags, "story", text, size);
    rc = scenario_parse(&scn, &diags, NULL);
    if (rc == 0)
        *ret = scn.quiet;
    scenario_release(&scn);
    diags_release(&diags);
    free(text);
    return rc;
}

static void add_time(struct story *story, const char *word, uint64_t ns)
{
    char time[VALUE_TIME_TEXT_MAX], line[VALUE_TIME_TEXT_MAX + 16];

    snprintf(line, sizeof(line), "%s %s", word, value_time_text(time, ns));
    story_add(story, line, strlen(line));
}

/* The story without claims, quiet from when it stopped. Returns 0 or -1. */
static int quieten(const struct story *story, struct story *ret)
{
    struct scn_quiet quiet = {0};
    char *time = NULL;
    int rc = -1;

    story_copy(ret, story);
    for (size_t i = ret->len; i-- > 0;) {
        if (line_is(ret->lines[i], "stop") && !time)
            time = fatal_strdup(ret->lines[i] + strlen("stop "));
        if (line_claims(ret->lines[i]) || line_is(ret->lines[i], "stop") ||
            line_is(ret->lines[i], "quiet"))
            story_remove(ret, i, 1);
    }
    if (time) {
        char line[128];

        snprintf(line, sizeof(line), "quiet %s", time);
        story_add(ret, line, strlen(line));
        story_add(ret, "stop 1000000h", strlen("stop 1000000h"));
        rc = earliest_stop(ret, &quiet);
        story_remove(ret, ret->len - 1, 1);
        add_time(ret, "stop", quiet.at_ns + quiet.bound_ns);
    }
    free(time);
    return rc;
}

bool shrink_sober(struct shrink *shrink)
{
    struct breach sober = shrink->breach;
    struct story candidate;
    unsigned fails;

    sober.sober = true;
    story_copy(&candidate, &shrink->best);
    fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &sober, 1);
    while (fails == 0 && remove_idle(shrink, &candidate))
        fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &sober, 1);
    if (fails == 0) {
        story_release(&candidate);
        return false;
    }
    story_release(&shrink->best);
    shrink->best = candidate;
    shrink->breach = sober;
    shrink->fails = fails;
    return true;
}

bool shrink_generalise(struct shrink *shrink)
{
    struct story candidate;
    struct breach breach;
    unsigned fails = 0;
    bool found = quieten(&shrink->best, &candidate) == 0 &&
                 shrink->judge.breaks(shrink->judge.ctx, &candidate, &breach);

    breach.sober = true;
    if (found && breach_is_general(&breach))
        fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &breach, 1);
    if (fails == 0) {
        story_release(&candidate);
        return false;
    }
    story_release(&shrink->best);
    shrink->best = candidate;
    shrink->breach = breach;
    shrink->fails = fails;
    return true;
}
