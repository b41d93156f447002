/* Words, ranges and numbers that it does not take, and plainer ways of saying the rest. */
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/shrink/edit.h"
#include "sim/shrink/numbers.h"
#include "sim/shrink/shrink.h"

/* Words that are taken out together. */
#define SPAN_MAX 9u

/* ---- words ---- */

static bool trim_words(struct shrink *shrink, size_t i)
{
    bool found = false;

    for (size_t len = SPAN_MAX; len > 0; len--) {
        struct word words[WORDS_MAX];
        size_t count = line_words(shrink->best.lines[i], words);

        for (size_t at = 1; at + len <= count && !shrink_stops(shrink);) {
            size_t from = words[at].at - 1, to = words[at + len - 1].at + words[at + len - 1].len;

            if (!edit_replace(shrink, i, from, to - from, "")) {
                at++;
                continue;
            }
            found = true;
            count = line_words(shrink->best.lines[i], words);
        }
    }
    return found;
}

/* Bytes of the selector that begins with word @at: "random(2) of up" is three of them. */
static size_t selector_len(const char *line, const struct word *words, size_t count, size_t at)
{
    size_t last = at;

    while (last + 2 < count && strncmp(line + words[last].at, "random(", strlen("random(")) == 0 &&
           words[last + 1].len == 2 && memcmp(line + words[last + 1].at, "of", 2) == 0)
        last += 2;
    return words[last].at + words[last].len - words[at].at;
}

/* Plainer words, for each word of the line. What is no cheaper, or no scenario, is not run. */
static bool trim_plainer(struct shrink *shrink, size_t i)
{
    static const char *const plain[] = {"n1",   "n2",         "n3",         "all",
                                        "even", "isolate n1", "isolate n2", "halves"};
    struct word words[WORDS_MAX];
    size_t count = line_words(shrink->best.lines[i], words);
    bool found = false;

    for (size_t at = count; at-- > 1 && !shrink_stops(shrink);) {
        size_t len = selector_len(shrink->best.lines[i], words, count, at);

        for (size_t k = 0; k < sizeof(plain) / sizeof(plain[0]); k++) {
            if (!edit_replace(shrink, i, words[at].at, len, plain[k]))
                continue;
            found = true;
            break;
        }
    }
    return found;
}

/* "a..b" becomes a, or b. */
static bool trim_ranges(struct shrink *shrink, size_t i)
{
    bool found = false;

    for (size_t from = 0; !shrink_stops(shrink);) {
        const char *line = shrink->best.lines[i];
        const char *dots = strstr(line + from, "..");
        size_t at, begin, end;

        if (!dots)
            break;
        at = begin = (size_t)(dots - line);
        end = at + 2;
        while (begin > 0 && !strchr(" (,!", line[begin - 1]))
            begin--;
        while (line[end] && !strchr(" ),", line[end]))
            end++;
        if (edit_replace(shrink, i, at, end - at, "") ||
            edit_replace(shrink, i, begin, at + 2 - begin, "")) {
            found = true;
            from = 0;
        } else {
            from = at + 2;
        }
    }
    return found;
}

static bool try_number(struct shrink *shrink, size_t i, const struct number *number,
                       struct value value)
{
    char text[VALUE_TEXT_MAX];

    return !numbers_too_often(shrink->best.lines[i], number, value) &&
           edit_replace(shrink, i, number->at, number->len, value_text(text, value));
}

static bool trim_numbers(struct shrink *shrink, size_t i)
{
    struct number number;
    bool found = false;
    size_t from = 0;

    while (number_find(shrink->best.lines[i], from, &number) && !shrink_stops(shrink)) {
        struct value values[NUMBERS_SIMPLER];
        size_t count = numbers_simpler(number.value, values), k = 0;

        while (k < count && !try_number(shrink, i, &number, values[k]))
            k++;
        found = found || k < count;
        from = k < count ? number.at : number.at + number.len;
    }
    return found;
}

/* ---- statements ---- */

/* "every 300ms from 1s to 4s inc n1" becomes "at 1s inc n1". */
static bool trim_every(struct shrink *shrink, size_t i)
{
    static const char *const times[] = {"0s", "100ms", "1s", "500ms", "2s", "5s"};
    const char *line = shrink->best.lines[i];
    struct word words[WORDS_MAX];
    size_t count = line_words(line, words), action = 1;

    if (!line_is(line, "every"))
        return false;
    while (action < count && !edit_starts_action(line + words[action].at, words[action].len))
        action++;
    if (action == count)
        return false;
    for (size_t k = 1; k < action; k++)
        if (edit_line(shrink, i, "at %.*s %s", (int)words[k].len, line + words[k].at,
                      line + words[action].at))
            return true;
    for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
        if (edit_line(shrink, i, "at %s %s x9", times[k], line + words[action].at))
            return true;
    for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
        if (edit_line(shrink, i, "at %s %s", times[k], line + words[action].at))
            return true;
    return false;
}

/* "load 40/s poisson inc 80% on n1" becomes "at 1s inc n1". */
static bool trim_load(struct shrink *shrink, size_t i)
{
    static const char *const ops[] = {"at 0s inc",    "at 0s dec",    "at 1s inc",
                                      "at 1s dec",    "at 2s inc",    "at 500ms inc",
                                      "at 100ms inc", "at 100ms dec", "every 100ms inc"};
    static const char *const nodes[] = {"n1", "n2", "all"};

    if (!line_is(shrink->best.lines[i], "load"))
        return false;
    for (size_t k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
        for (size_t n = 0; n < sizeof(nodes) / sizeof(nodes[0]); n++)
            if (edit_line(shrink, i, "%s %s", ops[k], nodes[n]) ||
                edit_line(shrink, i, "%s %s x5", ops[k], nodes[n]))
                return true;
    return false;
}

/* A parameter, or a group, gives way to what it stands for. */
static bool trim_name(struct shrink *shrink, size_t i)
{
    const char *line = shrink->best.lines[i];
    bool is_param = line_is(line, "param");
    struct word words[WORDS_MAX];
    size_t count = line_words(line, words);
    struct story candidate;
    char *name, *value;

    if ((!is_param && !line_is(line, "group")) || count < 4)
        return false;
    name = fatal_calloc(words[1].len + 2, 1);
    name[0] = is_param ? '$' : '@';
    memcpy(name + 1, line + words[1].at, words[1].len);
    value = fatal_calloc(strlen(line) + 1, 1);
    strcpy(value, line + words[3].at);
    story_copy(&candidate, &shrink->best);
    story_remove(&candidate, i, 1);
    for (size_t k = 0; k < candidate.len; k++)
        edit_fill_in(&candidate, k, name, value);
    free(name);
    free(value);
    return shrink_try(shrink, &candidate);
}

/* ---- all ---- */

static bool trim_line(struct shrink *shrink, size_t i)
{
    bool found = trim_every(shrink, i);

    found = trim_load(shrink, i) || found;
    found = trim_words(shrink, i) || found;
    found = trim_plainer(shrink, i) || found;
    found = trim_ranges(shrink, i) || found;
    return trim_numbers(shrink, i) || found;
}

/* A claim stays as it is, or goes; draws are what they are. */
static bool may_change(const char *line)
{
    return !line_claims(line) && !line_is(line, "scn") && !line_is(line, "fix");
}

bool shrink_trim(struct shrink *shrink)
{
    bool found = false;

    for (size_t i = shrink->best.len; i-- > 0 && !shrink_stops(shrink);)
        found = trim_name(shrink, i) || found;
    for (size_t i = shrink->best.len; i-- > 0 && !shrink_stops(shrink);)
        if (may_change(shrink->best.lines[i]))
            found = trim_line(shrink, i) || found;
    return found;
}
