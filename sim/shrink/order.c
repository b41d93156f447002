/* What a reader expects first comes first. */
#include <string.h>

#include "sim/scenario/value.h"
#include "sim/shrink/shrink.h"

/* Kinds of statements, in their order. */
static const char *const kinds[] = {"scn",   "param",     "nodes", "group", "node",   "net",
                                    "link",  "load",      "at",    "quiet", "expect", "always",
                                    "never", "sometimes", "stop",  "fix"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t kind_of(const char *line)
{
    const char *word = line_is(line, "every") ? "at 0s" : line; /* it begins then */

    for (size_t i = 0; i < KINDS; i++)
        if (strncmp(word, kinds[i], strlen(kinds[i])) == 0 &&
            !value_is_name_char(word[strlen(kinds[i])]))
            return i;
    return KINDS;
}

static uint64_t time_of(const char *line)
{
    char problem[VALUE_PROBLEM_MAX];
    struct word words[WORDS_MAX];
    struct value value;
    size_t len;

    if (!line_is(line, "at") || line_words(line, words) < 2)
        return 0;
    for (len = 0; len < words[1].len && line[words[1].at + len] != '.'; len++)
        ;
    if (value_parse(line + words[1].at, len, VALUE_TIME, &value, problem) < 0)
        return 0;
    return value.amount;
}

static bool comes_before(const char *a, const char *b)
{
    size_t x = kind_of(a), y = kind_of(b);

    return x != y ? x < y : time_of(a) < time_of(b);
}

/* A "+" counts from what stands before it, and a block holds what stands in it. */
static bool may_move(const struct story *story)
{
    for (size_t i = 0; i < story->len; i++)
        if (story->lines[i][0] == '+' || line_is(story->lines[i], "repeat"))
            return false;
    return true;
}

void shrink_order(struct shrink *shrink)
{
    struct story candidate;

    if (!may_move(&shrink->best))
        return;
    story_copy(&candidate, &shrink->best);
    for (size_t i = 1; i < candidate.len; i++) {
        for (size_t k = i; k > 0 && comes_before(candidate.lines[k], candidate.lines[k - 1]); k--) {
            char *line = candidate.lines[k];

            candidate.lines[k] = candidate.lines[k - 1];
            candidate.lines[k - 1] = line;
        }
    }
    if (shrink->judge.fails(shrink->judge.ctx, &candidate, &shrink->breach, shrink->fails) >=
        shrink->fails) {
        story_release(&shrink->best);
        shrink->best = candidate;
    } else {
        story_release(&candidate);
    }
}
