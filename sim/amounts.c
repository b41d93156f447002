/* A sorted list with a count for each amount. */
#include "sim/amounts.h"

#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "sim/fatal.h"

void amounts_release(struct amounts *amounts)
{
    free(amounts->list);
    *amounts = (struct amounts){0};
}

/* The first that is not smaller. */
static uint32_t find(const struct amounts *amounts, uint64_t amount)
{
    uint32_t from = 0, to = amounts->len;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (amounts->list[middle].amount < amount)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void insert(struct amounts *amounts, uint32_t at, uint64_t amount)
{
    if (amounts->len == amounts->cap) {
        amounts->cap = amounts->cap ? amounts->cap * 2 : 2;
        amounts->list = fatal_realloc_array(amounts->list, amounts->cap, sizeof(*amounts->list));
    }
    memmove(&amounts->list[at + 1], &amounts->list[at],
            (amounts->len - at) * sizeof(*amounts->list));
    amounts->list[at] = (struct amount){.amount = amount};
    amounts->len++;
}

void amounts_put(struct amounts *amounts, uint64_t amount)
{
    uint32_t at = find(amounts, amount);

    if (amount == 0)
        return;
    if (at == amounts->len || amounts->list[at].amount != amount)
        insert(amounts, at, amount);
    amounts->list[at].count++;
    amounts->total += amount;
    amounts->step = sums_gcd(amounts->step, amount);
}

void amounts_take(struct amounts *amounts, uint64_t amount)
{
    uint32_t at = find(amounts, amount);

    if (amount == 0)
        return;
    PRE(at < amounts->len && amounts->list[at].amount == amount, "what is taken is there");
    amounts->total -= amount;
    if (--amounts->list[at].count > 0)
        return;
    amounts->len--;
    memmove(&amounts->list[at], &amounts->list[at + 1],
            (amounts->len - at) * sizeof(*amounts->list));
    if (amounts->len == 0)
        amounts->step = 0;
}

void amounts_join(const struct amounts *amounts, struct sums *sums)
{
    struct sums all;

    if (amounts->len <= AMOUNTS_EXACT_MAX) {
        for (uint32_t i = 0; i < amounts->len; i++)
            sums_add(sums, amounts->list[i].amount, amounts->list[i].count);
        return;
    }
    sums_init(&all, 1, 0);
    sums_range(&all, 0, (i128)amounts->total, amounts->step);
    sums_join(sums, &all);
    sums_release(&all);
}
