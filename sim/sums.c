/* Spans are brought to a common step, added pair by pair, and merged again. */
#include "sim/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/text.h"

/* Pairs of spans that are added, for each span that may be left. */
#define PAIRS_EACH 16u
/* Spans that a text names before it leaves some out. */
#define SPANS_TOLD 4u

u128 sums_gcd(u128 a, u128 b)
{
    while (b > 0) {
        u128 rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

void sums_init(struct sums *sums, uint32_t spans_max, i128 number)
{
    *sums = (struct sums){.len = 1, .spans_max = spans_max, .exact = true};
    sums->spans = fatal_realloc_array(NULL, 1, sizeof(*sums->spans));
    sums->spans[0] = (struct sums_span){number, number};
}

void sums_copy(struct sums *sums, const struct sums *from)
{
    *sums = *from;
    sums->spans = fatal_realloc_array(NULL, from->len, sizeof(*sums->spans));
    memcpy(sums->spans, from->spans, from->len * sizeof(*sums->spans));
}

void sums_release(struct sums *sums)
{
    free(sums->spans);
    *sums = (struct sums){0};
}

i128 sums_least(const struct sums *sums)
{
    return sums->spans[0].lo;
}

i128 sums_most(const struct sums *sums)
{
    return sums->spans[sums->len - 1].hi;
}

void sums_range(struct sums *sums, i128 least, i128 most, u128 step)
{
    sums->len = 1;
    sums->spans[0] = (struct sums_span){least, most};
    sums->step = least == most ? 0 : step;
    sums->exact = least == most;
}

void sums_shift(struct sums *sums, i128 by)
{
    for (uint32_t i = 0; i < sums->len; i++) {
        sums->spans[i].lo += by;
        sums->spans[i].hi += by;
    }
}

void sums_cap(struct sums *sums, i128 most)
{
    struct sums_span *last;

    while (sums->len > 1 && sums->spans[sums->len - 1].lo > most)
        sums->len--;
    last = &sums->spans[sums->len - 1];
    if (last->hi > most)
        last->hi -= (i128)(((u128)(last->hi - most) + sums->step - 1) / sums->step * sums->step);
    if (sums->len == 1 && last->lo == last->hi) {
        sums->step = 0;
        sums->exact = true;
    }
}

void sums_negate(struct sums *sums)
{
    for (uint32_t i = 0, k = sums->len - 1; i <= k && k < sums->len; i++, k--) {
        struct sums_span low = sums->spans[i], high = sums->spans[k];

        sums->spans[i] = (struct sums_span){-high.hi, -high.lo};
        sums->spans[k] = (struct sums_span){-low.hi, -low.lo};
    }
}

/* How many numbers a span stands for. */
static u128 span_count(const struct sums *sums, struct sums_span span)
{
    return span.lo == span.hi ? 1 : (u128)(span.hi - span.lo) / sums->step + 1;
}

static bool all_single(const struct sums *sums)
{
    for (uint32_t i = 0; i < sums->len; i++)
        if (sums->spans[i].lo != sums->spans[i].hi)
            return false;
    return true;
}

/* Its spans in the @step given, which divides its own. Returns false when these are too many. */
static bool refine(struct sums *sums, u128 step)
{
    struct sums_span *spans;
    u128 count = 0;
    uint32_t len = 0;

    if (sums->step == step || all_single(sums)) {
        sums->step = step;
        return true;
    }
    for (uint32_t i = 0; i < sums->len; i++)
        count += span_count(sums, sums->spans[i]);
    if (count > sums->spans_max)
        return false;
    spans = fatal_realloc_array(NULL, (size_t)count, sizeof(*spans));
    for (uint32_t i = 0; i < sums->len; i++)
        for (u128 k = 0, all = span_count(sums, sums->spans[i]); k < all; k++) {
            i128 number = sums->spans[i].lo + (i128)(k * sums->step);

            spans[len++] = (struct sums_span){number, number};
        }
    free(sums->spans);
    sums->spans = spans;
    sums->len = len;
    sums->step = step;
    return true;
}

/* Equal spans are the same in every order. */
static int span_compare(const void *left, const void *right)
{
    const struct sums_span *a = left, *b = right;

    if (a->lo != b->lo)
        return a->lo < b->lo ? -1 : 1;
    return a->hi < b->hi ? -1 : a->hi > b->hi;
}

/* In order, and those that touch become one. */
static uint32_t merge(struct sums_span *spans, uint32_t len, u128 step)
{
    uint32_t kept = 0;

    qsort(spans, len, sizeof(*spans), span_compare);
    for (uint32_t i = 1; i < len; i++) {
        if (spans[i].lo > spans[kept].hi + (i128)step)
            spans[++kept] = spans[i];
        else if (spans[i].hi > spans[kept].hi)
            spans[kept].hi = spans[i].hi;
    }
    return kept + 1;
}

/* The spans of both, pair by pair, in the same step. Returns false when they are too many. */
static bool add_pairs(struct sums *sums, const struct sums *other)
{
    uint64_t pairs = (uint64_t)sums->len * other->len;
    struct sums_span *spans;
    uint32_t len = 0;

    if (pairs > (uint64_t)sums->spans_max * PAIRS_EACH)
        return false;
    spans = fatal_realloc_array(NULL, (size_t)pairs, sizeof(*spans));
    for (uint32_t i = 0; i < sums->len; i++)
        for (uint32_t k = 0; k < other->len; k++)
            spans[len++] = (struct sums_span){sums->spans[i].lo + other->spans[k].lo,
                                              sums->spans[i].hi + other->spans[k].hi};
    free(sums->spans);
    sums->spans = spans;
    sums->len = merge(spans, len, sums->step);
    return sums->len <= sums->spans_max;
}

void sums_join(struct sums *sums, const struct sums *other)
{
    i128 least = sums_least(sums) + sums_least(other), most = sums_most(sums) + sums_most(other);
    u128 step = sums_gcd(sums->step, other->step);
    bool exact = sums->exact && other->exact;
    struct sums fine;

    sums_copy(&fine, other);
    fine.spans_max = sums->spans_max;
    exact = exact && refine(sums, step) && refine(&fine, step) && add_pairs(sums, &fine);
    sums_release(&fine);
    if (!exact)
        sums_range(sums, least, most, step);
}

void sums_add(struct sums *sums, u128 amount, u128 count)
{
    struct sums_span span = {0, (i128)(amount * count)};
    struct sums other = {.spans = &span, .len = 1, .spans_max = 1, .exact = true};

    other.step = span.hi == 0 ? 0 : amount;
    sums_join(sums, &other);
}

bool sums_has(const struct sums *sums, i128 number)
{
    uint32_t from = 0, to = sums->len;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (sums->spans[middle].hi < number)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == sums->len || number < sums->spans[from].lo)
        return false;
    return number == sums->spans[from].lo ||
           (sums->step > 0 && (u128)(number - sums->spans[from].lo) % sums->step == 0);
}

/* ---- text ---- */

struct writer {
    char *buf;
    size_t len;
    bool steps; /* a range was written */
};

static void put(struct writer *writer, const char *text)
{
    int len = snprintf(writer->buf + writer->len, SUMS_TEXT_MAX - writer->len, "%s", text);

    writer->len += (size_t)len;
    if (writer->len >= SUMS_TEXT_MAX)
        writer->len = SUMS_TEXT_MAX - 1;
}

static void put_number(struct writer *writer, i128 number)
{
    char text[TEXT_WIDE_MAX];

    put(writer, text_wide(text, number));
}

/* "7", "1..9", and of two numbers both. @last: nothing follows. */
static void put_span(struct writer *writer, const struct sums *sums, struct sums_span span,
                     bool last)
{
    bool two = span.lo != span.hi && span.hi - span.lo == (i128)sums->step;

    put_number(writer, span.lo);
    if (span.lo == span.hi)
        return;
    put(writer, !two ? ".." : last ? " or " : ", ");
    put_number(writer, span.hi);
    writer->steps = writer->steps || !two;
}

static void put_steps(struct writer *writer, const struct sums *sums)
{
    if (!writer->steps || sums->step <= 1)
        return;
    put(writer, " in steps of ");
    put_number(writer, (i128)sums->step);
}

char *sums_text(char buf[static SUMS_TEXT_MAX], const struct sums *sums)
{
    struct writer writer = {.buf = buf};
    bool cut = sums->len > SPANS_TOLD + 1;

    buf[0] = '\0';
    if (!sums->exact && sums->step > 0 && span_count(sums, sums->spans[0]) > 2)
        put(&writer, "some of ");
    for (uint32_t i = 0; i < sums->len; i++) {
        bool last = i == sums->len - 1;

        if (cut && i >= SPANS_TOLD && !last)
            continue;
        if (last && cut)
            put(&writer, ", ... or ");
        else if (last && i > 0 && span_count(sums, sums->spans[i]) != 2)
            put(&writer, " or ");
        else if (i > 0)
            put(&writer, ", ");
        put_span(&writer, sums, sums->spans[i], last && !cut);
    }
    put_steps(&writer, sums);
    return buf;
}
