/* Less luck: what makes a story fail with more seeds. */
#include <string.h>

#include "sim/shrink/edit.h"
#include "sim/shrink/numbers.h"

static bool surer_numbers(struct shrink *shrink, size_t i)
{
    struct number number;

    for (size_t from = 0; number_find(shrink->best.lines[i], from, &number);
         from = number.at + number.len) {
        struct value values[NUMBERS_OTHER];
        size_t count = numbers_other(number.value, values);

        for (size_t k = 0; k < count && !shrink_stops(shrink); k++) {
            char text[VALUE_TEXT_MAX];

            if (!numbers_too_often(shrink->best.lines[i], &number, values[k]) &&
                edit_surer(shrink, i, number.at, number.len, value_text(text, values[k])))
                return true;
        }
    }
    return false;
}

static bool surer_words(struct shrink *shrink, size_t i)
{
    static const char *const words_of[] = {"all", "n1", "n2", "n3"};
    struct word words[WORDS_MAX];
    size_t count = line_words(shrink->best.lines[i], words);

    for (size_t at = 1; at < count; at++)
        for (size_t k = 0; k < sizeof(words_of) / sizeof(words_of[0]) && !shrink_stops(shrink); k++)
            if (edit_surer(shrink, i, words[at].at, words[at].len, words_of[k]))
                return true;
    return false;
}

/* "at 1s crash n1" becomes "every 100ms crash n1"; an inc happens more than once. */
static bool surer_often(struct shrink *shrink, size_t i)
{
    static const char *const often[] = {"every 50ms", "every 100ms", "every 300ms"};
    static const char *const times[] = {" x9", " x90"};
    struct word words[WORDS_MAX];
    size_t count = line_words(shrink->best.lines[i], words);

    if (count < 3 || !line_is(shrink->best.lines[i], "at"))
        return false;
    for (size_t k = 0; k < sizeof(often) / sizeof(often[0]) && !shrink_stops(shrink); k++)
        if (edit_surer(shrink, i, 0, words[1].at + words[1].len, often[k]))
            return true;
    for (size_t k = 0; k < sizeof(times) / sizeof(times[0]) && !shrink_stops(shrink); k++)
        if (edit_surer(shrink, i, strlen(shrink->best.lines[i]), 0, times[k]))
            return true;
    return false;
}

bool shrink_sure(struct shrink *shrink)
{
    bool found = false;

    for (size_t i = 0; i < shrink->best.len && !shrink_stops(shrink); i++) {
        const char *line = shrink->best.lines[i];

        if (line_claims(line) || line_is(line, "scn") || line_is(line, "nodes") ||
            line_is(line, "fix"))
            continue;
        while (shrink->fails < shrink->judge.seeds &&
               (surer_numbers(shrink, i) || surer_often(shrink, i) || surer_words(shrink, i)))
            found = true;
    }
    return found;
}
