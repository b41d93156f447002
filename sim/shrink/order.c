/* What a reader expects first comes first. */
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/shrink/shrink.h"

/* Kinds of statements, in their order. */
static const char *const kinds[] = {"scn",    "seed",   "param", "nodes",     "group", "node",
                                    "net",    "link",   "load",  "at",        "quiet", "show",
                                    "expect", "always", "never", "sometimes", "stop",  "fix"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/*
 * Lines that move together: a "+" counts from what stands before it, and a block holds what
 * stands in it.
 */
struct unit {
    size_t at, len, kind;
    uint64_t time_ns;
};

static size_t kind_of(const char *line)
{
    const char *word = line_is(line, "every") || line_is(line, "repeat") ? "at" : line;

    for (size_t i = 0; i < KINDS; i++)
        if (line_is(word, kinds[i]))
            return i;
    return KINDS;
}

/* When what the line says happens first. */
static uint64_t time_of(const char *line)
{
    const char *name = line_is(line, "at") ? "at" : "from";
    char problem[VALUE_PROBLEM_MAX];
    struct word words[WORDS_MAX];
    size_t count = line_words(line, words);
    struct value value;

    for (size_t i = 0; i + 1 < count; i++) {
        const char *text = line + words[i + 1].at;
        size_t len = 0;

        if (words[i].len != strlen(name) || memcmp(line + words[i].at, name, words[i].len) != 0)
            continue;
        while (len < words[i + 1].len && strncmp(text + len, "..", 2) != 0)
            len++;
        if (value_parse(text, len, VALUE_TIME, &value, problem) == 0)
            return value.amount;
    }
    return 0;
}

/* Lines from @at on that move together. */
static size_t unit_len(const struct story *story, size_t at)
{
    size_t end = at, depth = 0;

    do {
        depth += line_is(story->lines[end], "repeat");
        depth -= line_is(story->lines[end], "end") && depth > 0;
        end++;
    } while (end < story->len && (depth > 0 || story->lines[end][0] == '+'));
    return end - at;
}

static bool comes_before(const struct unit *a, const struct unit *b)
{
    return a->kind != b->kind ? a->kind < b->kind : a->time_ns < b->time_ns;
}

/* The units of @story, to be freed, in the order in which they stand. */
static struct unit *units_of(const struct story *story, size_t *ret_len)
{
    struct unit *units = fatal_calloc(story->len + 1, sizeof(*units));
    size_t len = 0;

    for (size_t at = 0; at < story->len; at += units[len++].len)
        units[len] = (struct unit){
            .at = at,
            .len = unit_len(story, at),
            .kind = kind_of(story->lines[at]),
            .time_ns = time_of(story->lines[at]),
        };
    *ret_len = len;
    return units;
}

void story_order(struct story *story)
{
    size_t len, count = 0;
    struct unit *units = units_of(story, &len);
    char **lines = fatal_calloc(story->len + 1, sizeof(*lines));

    for (size_t i = 1; i < len; i++)
        for (size_t k = i; k > 0 && comes_before(&units[k], &units[k - 1]); k--) {
            struct unit unit = units[k];

            units[k] = units[k - 1];
            units[k - 1] = unit;
        }
    for (size_t i = 0; i < len; i++)
        for (size_t k = 0; k < units[i].len; k++)
            lines[count++] = story->lines[units[i].at + k];
    free(units);
    free(story->lines);
    story->lines = lines;
    story->cap = story->len + 1;
}

/* The unit @unit goes to before that which begins at line @to, which is before it. */
static void move_unit(struct story *story, const struct unit *unit, size_t to)
{
    for (size_t k = 0; k < unit->len; k++) {
        char *line = story->lines[unit->at + k];

        memmove(story->lines + to + k + 1, story->lines + to + k,
                (unit->at - to) * sizeof(*story->lines));
        story->lines[to + k] = line;
    }
}

/* Takes @candidate over: as the best story, if it fails with as many seeds. */
static bool keep(struct shrink *shrink, struct story *candidate)
{
    unsigned fails =
        shrink->judge.fails(shrink->judge.ctx, candidate, &shrink->breach, shrink->fails);
    bool good = fails >= shrink->fails && fails > 0;

    story_release(good ? &shrink->best : candidate);
    if (good)
        shrink->best = *candidate;
    return good;
}

/* The unit that is number @i goes to before the first one that it comes before, if it may. */
static void try_move(struct shrink *shrink, size_t i)
{
    size_t len;
    struct unit *units = units_of(&shrink->best, &len);
    bool moved = false;

    for (size_t to = 0; to < i && !moved && !shrink_stops(shrink); to++) {
        struct story candidate;

        if (!comes_before(&units[i], &units[to]))
            continue;
        story_copy(&candidate, &shrink->best);
        move_unit(&candidate, &units[i], units[to].at);
        moved = keep(shrink, &candidate);
    }
    free(units);
}

void shrink_order(struct shrink *shrink)
{
    struct story candidate;
    size_t len;

    story_copy(&candidate, &shrink->best);
    story_order(&candidate);
    if (keep(shrink, &candidate))
        return;
    /* Something hangs on the order of some of them: that of the others can be mended. */
    free(units_of(&shrink->best, &len));
    for (size_t i = 1; i < len && !shrink_stops(shrink); i++)
        try_move(shrink, i);
}
