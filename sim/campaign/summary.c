/* Sums over runs. */
#include "sim/campaign/summary.h"

#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"

void summary_release(struct summary *summary)
{
    for (size_t i = 0; i < summary->causes_len; i++)
        free(summary->causes[i].text);
    free(summary->causes);
    free(summary->converged);
    *summary = (struct summary){0};
}

size_t summary_find(const struct summary *summary, const char *cause)
{
    for (size_t i = 0; i < summary->causes_len; i++)
        if (strcmp(summary->causes[i].text, cause) == 0)
            return i;
    return SIZE_MAX;
}

static size_t add_cause(struct summary *summary, const struct runinfo *info)
{
    size_t len = strlen(info->cause) + 1;
    struct summary_cause *cause;

    if (summary->causes_len == summary->causes_cap) {
        summary->causes_cap = summary->causes_cap ? summary->causes_cap * 2 : 16;
        summary->causes =
            fatal_realloc_array(summary->causes, summary->causes_cap, sizeof(*summary->causes));
    }
    cause = &summary->causes[summary->causes_len];
    *cause = (struct summary_cause){.text = fatal_alloc(len),
                                    .verdict = info->verdict,
                                    .outside = info->outside,
                                    .shrinks = runinfo_shrinks(info)};
    memcpy(cause->text, info->cause, len);
    return summary->causes_len++;
}

static bool is_before(const struct summary_seed *a, const struct summary_seed *b)
{
    if (a->sim_ns != b->sim_ns)
        return a->sim_ns < b->sim_ns;
    if (a->events != b->events)
        return a->events < b->events;
    if (a->subject != b->subject)
        return a->subject < b->subject;
    return a->seed < b->seed;
}

static void add_seed(struct summary_cause *cause, struct summary_seed seed)
{
    unsigned at = cause->seeds_len;

    while (at > 0 && is_before(&seed, &cause->seeds[at - 1]))
        at--;
    if (at == SUMMARY_SEEDS_MAX)
        return;
    if (cause->seeds_len < SUMMARY_SEEDS_MAX)
        cause->seeds_len++;
    memmove(&cause->seeds[at + 1], &cause->seeds[at],
            (cause->seeds_len - at - 1) * sizeof(cause->seeds[0]));
    cause->seeds[at] = seed;
}

void summary_add_time(struct summary *summary, uint64_t ns)
{
    if (summary->converged_len == summary->converged_cap) {
        summary->converged_cap = summary->converged_cap ? summary->converged_cap * 2 : 1024;
        summary->converged = fatal_realloc_array(summary->converged, summary->converged_cap,
                                                 sizeof(*summary->converged));
    }
    summary->converged[summary->converged_len++] = ns;
}

size_t summary_add(struct summary *summary, const struct runinfo *info, uint32_t subject,
                   uint64_t seed)
{
    struct summary_seed failed = {.sim_ns = info->ended ? info->sim_ns : UINT64_MAX,
                                  .events = info->ended ? info->events : UINT64_MAX,
                                  .subject = subject,
                                  .seed = seed};
    size_t number;

    summary->of[info->verdict]++;
    if (info->verdict == RUNINFO_HELD && info->together)
        summary_add_time(summary, info->converged_ns);
    if (info->verdict == RUNINFO_HELD)
        return SIZE_MAX;
    number = summary_find(summary, info->cause);
    if (number == SIZE_MAX)
        number = add_cause(summary, info);
    summary->causes[number].runs++;
    add_seed(&summary->causes[number], failed);
    return number;
}

uint64_t summary_runs(const struct summary *summary)
{
    return summary->of[RUNINFO_HELD] + summary_failed(summary);
}

uint64_t summary_failed(const struct summary *summary)
{
    return summary->of[RUNINFO_BROKE] + summary->of[RUNINFO_UNKNOWN] +
           summary->of[RUNINFO_INTERNAL];
}

static int compare_ns(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

const uint64_t *summary_times(struct summary *summary, size_t *ret_len)
{
    *ret_len = summary->converged_len;
    if (summary->converged_len > 0)
        qsort(summary->converged, summary->converged_len, sizeof(*summary->converged), compare_ns);
    return summary->converged;
}

bool summary_converged(struct summary *summary, unsigned percent, uint64_t *ret_ns)
{
    size_t len, rank;
    const uint64_t *times = summary_times(summary, &len);

    if (len == 0)
        return false;
    rank = (len / 100) * percent + ((len % 100) * percent + 99) / 100;
    *ret_ns = times[rank > 0 ? rank - 1 : 0];
    return true;
}
