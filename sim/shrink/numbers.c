/* Numbers that are easier to read. */
#include "sim/shrink/numbers.h"

#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/shrink/story.h"

static bool is_part(char c)
{
    return value_is_name_char(c) || c == '%' || c == '/';
}

/* Bytes of the number at @text; its point is not one of "..". */
static size_t number_len(const char *text)
{
    size_t len = 0;

    while (is_part(text[len]) || (text[len] == '.' && value_is_digit(text[len + 1])))
        len++;
    return len;
}

static bool begins(const char *line, size_t at)
{
    char before = at > 0 ? line[at - 1] : ' ';

    if (!value_is_digit(line[at]))
        return false;
    if (before == 'x')
        return at >= 2 && line[at - 2] == ' ';
    return !is_part(before) && before != '$' && before != '@' &&
           !(before == '.' && at >= 2 && value_is_digit(line[at - 2]));
}

bool number_find(const char *line, size_t from, struct number *ret)
{
    char problem[VALUE_PROBLEM_MAX];
    bool quoted = false;

    for (size_t at = 0; line[at]; at++) {
        quoted ^= line[at] == '"';
        if (quoted || at < from || !begins(line, at))
            continue;
        *ret = (struct number){.at = at, .len = number_len(line + at)};
        if (value_parse(line + at, ret->len, VALUE_WORD, &ret->value, problem) == 0)
            return true;
    }
    return false;
}

/* The largest power of ten that is not larger. */
static uint64_t power_below(uint64_t amount)
{
    uint64_t power = 1;

    while (amount / 10 >= power)
        power *= 10;
    return power;
}

struct list {
    struct value *values;
    size_t len, cap;
    struct value is;
};

static void add(struct list *list, uint64_t amount)
{
    if (amount == list->is.amount || list->len == list->cap)
        return;
    for (size_t i = 0; i < list->len; i++)
        if (list->values[i].amount == amount)
            return;
    list->values[list->len++] = (struct value){.type = list->is.type, .amount = amount};
}

/* What counts as one: a millisecond, a percent. */
static uint64_t unit_of(enum value_type type)
{
    if (type == VALUE_TIME)
        return 1000000;
    return type == VALUE_SHARE ? SCN_PPB / 100 : 1;
}

size_t numbers_simpler(struct value value, struct value ret[static NUMBERS_SIMPLER])
{
    struct list list = {.values = ret, .cap = NUMBERS_SIMPLER, .is = value};
    uint64_t amount = value.amount, power = power_below(amount);

    add(&list, 0);
    add(&list, unit_of(value.type));
    if (value.type == VALUE_TIME)
        add(&list, UINT64_C(1000000000));
    add(&list, power / 10 * (amount / power));
    add(&list, power);
    add(&list, amount / 2 / power_below(amount / 2 + 1) * power_below(amount / 2 + 1));
    add(&list, amount / power * power);
    if (amount <= UINT64_MAX - power)
        add(&list, (amount / power + 1) * power); /* 980ms is no simpler than 1s */
    if (amount / power > 1)
        add(&list, (amount / power - 1) * power);
    if (power >= 10)
        add(&list, amount / (power / 10) * (power / 10));
    return list.len;
}

size_t numbers_other(struct value value, struct value ret[static NUMBERS_OTHER])
{
    struct list list = {.values = ret, .cap = NUMBERS_OTHER, .is = value};

    if (value.type == VALUE_SHARE) {
        add(&list, SCN_PPB);
        add(&list, SCN_PPB / 10 * 9);
        add(&list, SCN_PPB / 2);
        add(&list, SCN_PPB / 10);
    } else if (value.amount <= UINT64_MAX / 100) {
        add(&list, value.amount * 2);
        add(&list, value.amount * 4);
        add(&list, value.amount * 10);
        add(&list, value.amount * 50);
    }
    add(&list, value.amount / 2);
    add(&list, value.amount / 4);
    add(&list, value.amount / 10);
    return list.len;
}

bool numbers_too_often(const char *line, const struct number *number, struct value value)
{
    return strncmp(line, "every ", strlen("every ")) == 0 && number->at == strlen("every ") &&
           value.amount < NUMBERS_EVERY_LEAST_NS && value.amount < number->value.amount;
}

/* Is the number at @at the time at which something begins? "at 0s", "+0s", "from 0s..1s". */
static bool is_instant(const char *line, size_t at)
{
    static const char *const words[] = {"at", "from", "quiet"};
    size_t end, begin;

    if (at == 1 && line[0] == '+')
        return true;
    while (at > 0 && line[at - 1] != ' ')
        at--;
    end = at > 0 ? at - 1 : 0;
    for (begin = end; begin > 0 && line[begin - 1] != ' ';)
        begin--;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (end - begin == strlen(words[i]) && memcmp(line + begin, words[i], end - begin) == 0)
            return true;
    return false;
}

size_t numbers_idle(const char *line)
{
    struct number number;
    size_t count = 0;

    if (line_claims(line) || line_is(line, "fix"))
        return 0;
    for (size_t from = 0; number_find(line, from, &number); from = number.at + number.len)
        count += number.value.amount == 0 && !is_instant(line, number.at);
    return count;
}
