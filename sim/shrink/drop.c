/* Statements that it does not take. */
#include <string.h>

#include "sim/scenario/value.h"
#include "sim/shrink/edit.h"
#include "sim/shrink/shrink.h"

/* Stories with fewer lines are tried without each pair of them. */
#define PAIRS_LINES_MAX 16u

/* What a person would write for as short a time as can be. */
#define SHORTEST_NS UINT64_C(1000000)

/* "at 1s drop next 3 n1 -> n2", "every 1s partition halves for 300ms": it is over by itself. */
static bool ends_by_itself(const char *line)
{
    static const char *const words[] = {"for", "while", "next"};

    if (!line_is(line, "at") && !line_is(line, "every") && line[0] != '+')
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (line_has_name(line, words[i], strlen(words[i])))
            return true;
    return false;
}

static bool stands_before(const struct story *story, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(story->lines[i], story->lines[at]) == 0)
            return true;
    return false;
}

/*
 * May line @at go? When what broke is about this very file only what makes it easier to
 * meet: a fault that ends by itself, a worse network, claims that are met.
 */
static bool may_go(const struct shrink *shrink, const struct story *story, size_t at)
{
    const char *line = story->lines[at];

    if (line_is(line, "scn") || line_is(line, "nodes") || line_is(line, "stop"))
        return false;
    if (breach_is_general(&shrink->breach))
        return true;
    if (line_claims(line))
        return strcmp(line, shrink->breach.text) != 0 || stands_before(story, at);
    return line_is(line, "net") || line_is(line, "link") || line_is(line, "param") ||
           line_is(line, "group") || line_is(line, "fix") || ends_by_itself(line);
}

/* Tries the best story without those of its lines @at to @at + @len - 1 that may go. */
static bool try_without(struct shrink *shrink, size_t at, size_t len)
{
    struct story candidate;

    story_copy(&candidate, &shrink->best);
    for (size_t i = at + len; i-- > at;)
        if (may_go(shrink, &candidate, i))
            story_remove(&candidate, i, 1);
    return shrink_try(shrink, &candidate);
}

/* Delta debugging, from the end: what comes later matters less. */
static bool drop_chunks(struct shrink *shrink)
{
    bool found = false;

    for (size_t chunk = (shrink->best.len + 1) / 2; chunk > 0; chunk /= 2) {
        for (size_t at = shrink->best.len; at > 0 && !shrink_stops(shrink);) {
            at = at > chunk ? at - chunk : 0;
            if (at < shrink->best.len)
                found =
                    try_without(shrink, at,
                                chunk < shrink->best.len - at ? chunk : shrink->best.len - at) ||
                    found;
        }
    }
    return found;
}

/* ---- what belongs together ---- */

/* The NAME that the line gives: "as NAME", or a group. */
static const char *name_given(const char *line, size_t *ret_len)
{
    const char *at = strstr(line, " as ");

    if (at)
        at += strlen(" as ");
    else if (line_is(line, "group") || line_is(line, "param"))
        at = line + strlen("group ");
    else
        return NULL;
    *ret_len = 0;
    while (value_is_name_char(at[*ret_len]))
        ++*ret_len;
    return at;
}

static bool drop_names(struct shrink *shrink)
{
    bool found = false;

    for (size_t i = shrink->best.len; i-- > 0 && !shrink_stops(shrink);) {
        struct story candidate;
        const char *name;
        size_t len;

        if (i >= shrink->best.len)
            continue;
        name = name_given(shrink->best.lines[i], &len);
        if (!name)
            continue;
        story_copy(&candidate, &shrink->best);
        for (size_t k = candidate.len; k-- > 0;)
            if (line_has_name(candidate.lines[k], name, len) && !line_claims(candidate.lines[k]))
                story_remove(&candidate, k, 1);
        found = shrink_try(shrink, &candidate) || found;
    }
    return found;
}

static bool is_named(const struct story *story, size_t except, const char *name, size_t len)
{
    for (size_t i = 0; i < story->len; i++)
        if (i != except && line_has_name(story->lines[i], name, len))
            return true;
    return false;
}

/* "as NAME" that nobody says any more: it changes no run, and a scenario with it warns. */
static bool drop_unused_names(struct shrink *shrink)
{
    bool found = false;

    for (size_t i = 0; i < shrink->best.len && !shrink_stops(shrink); i++) {
        const char *line = shrink->best.lines[i], *as = strstr(line, " as "), *name;
        size_t len;

        if (!as)
            continue;
        name = name_given(line, &len);
        if (!is_named(&shrink->best, i, name, len))
            found = edit_replace(shrink, i, (size_t)(as - line), (size_t)(name + len - as), "") ||
                    found;
    }
    return found;
}

/* The "end" of the block that begins at @at; the length of the story when there is none. */
static size_t end_of(const struct story *story, size_t at)
{
    size_t depth = 0;

    for (; at < story->len; at++) {
        depth += line_is(story->lines[at], "repeat");
        if (line_is(story->lines[at], "end") && --depth == 0)
            break;
    }
    return at;
}

/* Blocks as a whole, and what is in them once. */
static bool drop_blocks(struct shrink *shrink)
{
    bool found = false;

    for (size_t i = shrink->best.len; i-- > 0 && !shrink_stops(shrink);) {
        size_t end;
        struct story candidate;

        if (i >= shrink->best.len || !line_is(shrink->best.lines[i], "repeat"))
            continue;
        end = end_of(&shrink->best, i);
        if (end == shrink->best.len)
            continue;
        if (try_without(shrink, i, end - i + 1)) {
            found = true;
            continue;
        }
        story_copy(&candidate, &shrink->best);
        story_remove(&candidate, end, 1);
        story_remove(&candidate, i, 1);
        found = shrink_try(shrink, &candidate) || found;
    }
    return found;
}

/* A crash and its restart, two faults of which one stands in for the other. */
static bool drop_pairs(struct shrink *shrink)
{
    bool found = false;

    if (shrink->best.len > PAIRS_LINES_MAX)
        return false;
    for (size_t i = 0; i < shrink->best.len; i++) {
        for (size_t k = i + 1; k < shrink->best.len && !shrink_stops(shrink); k++) {
            struct story candidate;

            if (!may_go(shrink, &shrink->best, i) || !may_go(shrink, &shrink->best, k))
                continue;
            story_copy(&candidate, &shrink->best);
            story_remove(&candidate, k, 1);
            story_remove(&candidate, i, 1);
            found = shrink_try(shrink, &candidate) || found;
        }
    }
    return found;
}

/* ---- what begins in one statement and ends in another ---- */

/* An action of some nodes, what else it says, and another that ends it. */
struct ended {
    const char *begin, *end;
    const char *end_rest; /* behind the nodes of the one that ends */
};

/* "at TIME ACTION SEL REST": when, whose, and what follows. */
struct story_action {
    uint64_t at_ns;
    const char *sel, *rest;
    size_t sel_len;
};

static bool action_of(const char *line, const char *action, struct story_action *ret)
{
    char problem[VALUE_PROBLEM_MAX];
    struct word words[WORDS_MAX];
    struct value time;

    if (!line_is(line, "at") || line_words(line, words) < 4 || words[2].len != strlen(action) ||
        memcmp(line + words[2].at, action, words[2].len) != 0 ||
        value_parse(line + words[1].at, words[1].len, VALUE_TIME, &time, problem) < 0)
        return false;
    *ret = (struct story_action){
        .at_ns = time.amount,
        .sel = line + words[3].at,
        .rest = line + words[3].at + words[3].len,
        .sel_len = words[3].len,
    };
    return true;
}

/*
 * "at 1s crash n1" and "at 3s restart n1" become "at 1s crash n1 for 2s". Whether what begins
 * takes a 'for' is not asked here: it is no scenario if not.
 */
static bool try_join(struct shrink *shrink, size_t i, size_t k, const struct ended *ended)
{
    struct story_action begin, end;
    char time[VALUE_TIME_TEXT_MAX], line[256];
    struct story candidate;

    if (!action_of(shrink->best.lines[i], ended->begin, &begin) ||
        !action_of(shrink->best.lines[k], ended->end, &end) ||
        strcmp(end.rest, ended->end_rest) != 0 || begin.sel_len != end.sel_len ||
        memcmp(begin.sel, end.sel, end.sel_len) != 0 || end.at_ns < begin.at_ns)
        return false;
    if (end.at_ns == begin.at_ns)
        end.at_ns += SHORTEST_NS;
    snprintf(line, sizeof(line), "%s for %s", shrink->best.lines[i],
             value_time_text(time, end.at_ns - begin.at_ns));
    story_copy(&candidate, &shrink->best);
    story_set(&candidate, i, line, strlen(line));
    story_remove(&candidate, k, 1);
    return shrink_try(shrink, &candidate);
}

static bool drop_end(struct shrink *shrink, const struct ended *ended)
{
    bool found = false;

    for (size_t i = 0; i < shrink->best.len; i++)
        for (size_t k = 0; k < shrink->best.len && !shrink_stops(shrink); k++)
            if (i != k && try_join(shrink, i, k, ended)) {
                found = true;
                i -= k < i;
                break;
            }
    return found;
}

static bool drop_ends(struct shrink *shrink)
{
    static const struct ended ended[] = {
        {"crash", "restart", ""},        {"pause", "resume", ""},
        {"disk", "disk", " ok"},         {"memory", "memory", " ok"},
        {"clock", "clock", " skew +0s"}, {"clock", "clock", " drift +0%"},
    };
    bool found = false;

    for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]); i++)
        found = drop_end(shrink, &ended[i]) || found;
    return found;
}

bool shrink_drop(struct shrink *shrink)
{
    bool general = breach_is_general(&shrink->breach), found = drop_chunks(shrink);

    found = drop_names(shrink) || found;
    found = drop_unused_names(shrink) || found;
    if (general)
        found = drop_blocks(shrink) || found;
    if (general)
        found = drop_ends(shrink) || found;
    if (general && !found)
        found = drop_pairs(shrink);
    return found;
}
