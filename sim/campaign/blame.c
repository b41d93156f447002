/* Traits, counted among runs that failed and runs that held. */
#include "sim/campaign/blame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/wide.h"

void blame_release(struct blame *blame)
{
    for (size_t i = 0; i < blame->len; i++)
        free(blame->list[i].name);
    free(blame->list);
    *blame = (struct blame){0};
}

static struct blame_trait *find(struct blame *blame, const char *name, size_t len)
{
    struct blame_trait *trait;

    for (size_t i = 0; i < blame->len; i++)
        if (strlen(blame->list[i].name) == len && memcmp(blame->list[i].name, name, len) == 0)
            return &blame->list[i];
    if (blame->len == blame->cap) {
        blame->cap = blame->cap ? blame->cap * 2 : 64;
        blame->list = fatal_realloc_array(blame->list, blame->cap, sizeof(*blame->list));
    }
    trait = &blame->list[blame->len++];
    *trait = (struct blame_trait){.name = fatal_calloc(len + 1, 1)};
    memcpy(trait->name, name, len);
    return trait;
}

void blame_add(struct blame *blame, const char *text, bool failed)
{
    blame->failed += failed;
    blame->held += !failed;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        struct blame_trait *trait = find(blame, text, (size_t)(end - text));

        trait->failed += failed;
        trait->held += !failed;
    }
}

/* Its share of the failed runs less that of the others, times both numbers. */
static i128 strength_of(const struct blame *blame, const struct blame_trait *trait)
{
    return (i128)trait->failed * blame->held - (i128)trait->held * blame->failed;
}

/* The strongest of those that are weaker than @last (NULL: of all); NULL: there is none. */
static const struct blame_trait *next(const struct blame *blame, const struct blame_trait *last)
{
    const struct blame_trait *best = NULL;

    for (size_t i = 0; i < blame->len; i++) {
        const struct blame_trait *it = &blame->list[i];
        i128 strength = strength_of(blame, it);

        if (last && (strength > strength_of(blame, last) ||
                     (strength == strength_of(blame, last) && strcmp(it->name, last->name) <= 0)))
            continue;
        if (!best || strength > strength_of(blame, best) ||
            (strength == strength_of(blame, best) && strcmp(it->name, best->name) < 0))
            best = it;
    }
    return best;
}

void blame_print(FILE *out, struct blame *blame)
{
    const struct blame_trait *trait = next(blame, NULL);
    i128 least = (i128)blame->failed * blame->held / 4;

    if (blame->failed == 0 || blame->held == 0)
        return;
    for (unsigned line = 0; line < BLAME_LINES_MAX && trait; line++) {
        if (strength_of(blame, trait) < least)
            break;
        if (line == 0)
            fprintf(out, "goes with failure       of %" PRIu64 " failed  of %" PRIu64 " held\n",
                    blame->failed, blame->held);
        fprintf(out, "  %-20s  %8" PRIu64 "  %8" PRIu64 "\n", trait->name, trait->failed,
                trait->held);
        trait = next(blame, trait);
    }
}
