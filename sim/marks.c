/* Counters of marks, and their table. */
#include "sim/marks.h"

#include <inttypes.h>
#include <stddef.h>

#include "core/contract.h"

/* How far a count grows. */
#define TIMES_MAX UINT64_MAX
/* More that were never reached are not named in one line. */
#define MARKS_NAMED_MAX 24u

static struct marks counted;

static const struct {
    const char *name;
    const char *text;
} known[MARKS_COUNT] = {
#define MARK_ROW(name, text) {#name, text},
    CORE_MARKS(MARK_ROW) SIM_MARKS(MARK_ROW)
#undef MARK_ROW
};

/* Takes the place of the one in core/mark.c. */
void mark_reached(unsigned mark)
{
    counted.times[mark]++;
}

const char *marks_name(unsigned mark, char name[static MARKS_NAME_MAX])
{
    size_t len = 0;

    PRE(mark < MARKS_COUNT, "there is such a mark");
    for (const char *at = known[mark].name; *at && len + 1 < MARKS_NAME_MAX; at++)
        name[len++] = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    name[len] = '\0';
    return name;
}

const char *marks_text(unsigned mark)
{
    PRE(mark < MARKS_COUNT, "there is such a mark");
    return known[mark].text;
}

struct marks marks_take(void)
{
    struct marks taken = counted;

    counted = (struct marks){0};
    return taken;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > TIMES_MAX - b ? TIMES_MAX : a + b;
}

void marks_add(struct marks_sum *sum, const struct marks *run)
{
    sum->all_runs++;
    for (unsigned mark = 0; mark < MARKS_COUNT; mark++) {
        sum->times[mark] = plus(sum->times[mark], run->times[mark]);
        sum->runs[mark] += run->times[mark] > 0;
    }
}

unsigned marks_reached_count(const struct marks_sum *sum)
{
    unsigned reached = 0;

    for (unsigned mark = 0; mark < MARKS_COUNT; mark++)
        reached += sum->runs[mark] > 0;
    return reached;
}

void marks_print_short(FILE *out, const struct marks_sum *sum)
{
    const char *before = "; never: ";
    char name[MARKS_NAME_MAX];

    fprintf(out, "marks: %u of %u reached", marks_reached_count(sum), (unsigned)MARKS_COUNT);
    if (MARKS_COUNT - marks_reached_count(sum) > MARKS_NAMED_MAX) {
        fprintf(out, "; %u of them never (--coverage lists them)\n",
                (unsigned)MARKS_COUNT - marks_reached_count(sum));
        return;
    }
    for (unsigned mark = 0; mark < MARKS_COUNT; mark++) {
        if (sum->runs[mark] > 0)
            continue;
        fprintf(out, "%s%s", before, marks_name(mark, name));
        before = ", ";
    }
    fputc('\n', out);
}

void marks_print_table(FILE *out, const struct marks_sum *sum)
{
    char name[MARKS_NAME_MAX];

    fprintf(out, "%-24s %12s %10s  of %" PRIu64 " runs\n", "mark", "times", "in runs",
            sum->all_runs);
    for (unsigned mark = 0; mark < MARKS_COUNT; mark++) {
        fprintf(out, "%-24s ", marks_name(mark, name));
        if (sum->runs[mark] > 0)
            fprintf(out, "%12" PRIu64 " %10" PRIu64, sum->times[mark], sum->runs[mark]);
        else
            fprintf(out, "%12s %10s", "never", "-");
        fprintf(out, "  %s\n", marks_text(mark));
    }
}
