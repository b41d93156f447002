/* What no statement says: draws, and what is owed in the end. */
#include <stdlib.h>
#include <string.h>

#include "core/types.h"
#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/shrink/edit.h"

/* Runs with more draws are not pinned: nobody would wait for it. */
#define PINS_MAX 20000u

bool shrink_pin(struct shrink *shrink)
{
    struct story candidate;
    char *text = NULL;
    size_t size, count = 0;
    FILE *out = open_memstream(&text, &size);
    int rc;

    if (!out)
        fatal("out of memory");
    rc = shrink->judge.pins(shrink->judge.ctx, &shrink->best, &shrink->breach, out);
    if (fclose(out) != 0)
        fatal("out of memory");
    story_copy(&candidate, &shrink->best);
    for (char *at = text, *end; rc == 0 && (end = strchr(at, '\n')) != NULL; at = end + 1) {
        story_add(&candidate, at, (size_t)(end - at));
        if (++count > PINS_MAX)
            rc = -1;
    }
    free(text);
    if (rc < 0) {
        story_release(&candidate);
        return false;
    }
    return shrink_try_surer(shrink, &candidate);
}

/* ---- what happens every now and then ---- */

/* Longer stories are not cut to the end by anybody. */
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

bool shrink_unroll(struct shrink *shrink)
{
    struct story candidate;
    char *text = NULL;
    size_t size;
    unsigned fails = 0;
    FILE *out = open_memstream(&text, &size);
    int rc;

    if (!out)
        fatal("out of memory");
    rc = shrink->judge.firings(shrink->judge.ctx, &shrink->best, &shrink->breach, out);
    if (fclose(out) != 0)
        fatal("out of memory");
    if (rc == 0 && size > 0) {
        unroll(&shrink->best, text, &candidate);
        if (candidate.len <= UNROLLED_MAX)
            fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &shrink->breach, 1);
        if (fails == 0) {
            story_release(&candidate);
        } else {
            story_release(&shrink->best);
            shrink->best = candidate;
            shrink->fails = fails;
        }
    }
    free(text);
    return fails > 0;
}

/* ---- from an expectation of the file to what always holds ---- */

/* Reads @story with a stop far away. Returns 0 with what its stop was, or is to be at least. */
static int earliest_stop(const struct story *story, struct scn_quiet *ret)
{
    struct diags diags;
    struct scenario scn;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int rc;

    if (!out)
        fatal("out of memory");
    story_print(out, story);
    if (fclose(out) != 0)
        fatal("out of memory");
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
            time = strdup(ret->lines[i] + strlen("stop "));
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

/* The number of the line of a fault that touches nothing; 0: there is none. */
static size_t idle_line(struct shrink *shrink, const struct story *story)
{
    char *text = NULL;
    size_t size, line = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        fatal("out of memory");
    if (shrink->judge.idle(shrink->judge.ctx, story, &shrink->breach, out) < 0)
        fputs("0", out);
    if (fclose(out) != 0)
        fatal("out of memory");
    line = (size_t)strtoull(text, NULL, 10);
    free(text);
    return line <= story->len ? line : 0;
}

bool shrink_sober(struct shrink *shrink)
{
    struct breach sober = shrink->breach;
    struct story candidate;
    unsigned fails;
    size_t line;

    sober.sober = true;
    story_copy(&candidate, &shrink->best);
    fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &sober, 1);
    while (fails == 0 && (line = idle_line(shrink, &candidate)) != 0) {
        story_remove(&candidate, line - 1, 1);
        fails = shrink->judge.fails(shrink->judge.ctx, &candidate, &sober, 1);
    }
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
