/* Grouping by fingerprint; the largest group first, then by its first node. */
#include "sim/groups.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/pncounter.h"
#include "sim/fatal.h"
#include "sim/text.h"

struct member {
    struct fingerprint print;
    uint32_t node;
};

struct group {
    uint32_t first; /* index of its first member in the sorted list */
    uint32_t count;
    uint32_t node; /* its first node */
};

i128 groups_value(const struct run *run, uint32_t node)
{
    const struct pncounter *state = &run->cluster.hosts[node].node.counter;
    i128 value = 0;

    for (uint32_t i = 0; i < state->len; i++)
        value += (i128)state->inc[i] - (i128)state->dec[i];
    return value;
}

static int member_compare(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;

    if (a->print.hi != b->print.hi)
        return a->print.hi < b->print.hi ? -1 : 1;
    if (a->print.lo != b->print.lo)
        return a->print.lo < b->print.lo ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static int group_compare(const void *left, const void *right)
{
    const struct group *a = left;
    const struct group *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* Sorted members and groups of the nodes that are up. Returns how many groups. */
static uint32_t group_up(const struct run *run, struct member *members, struct group *groups)
{
    uint32_t len = 0, groups_len = 0;

    NODESET_EACH(node, &run->cluster.up)
    {
        members[len].print = run->checks.prints[node];
        members[len++].node = node;
    }
    qsort(members, len, sizeof(*members), member_compare);
    for (uint32_t i = 0; i < len; i++) {
        if (i == 0 || !fingerprint_equal(members[i].print, members[i - 1].print))
            groups[groups_len++] = (struct group){.first = i, .node = members[i].node};
        groups[groups_len - 1].count++;
    }
    qsort(groups, groups_len, sizeof(*groups), group_compare);
    return groups_len;
}

static void print_group_nodes(FILE *out, const struct run *run, const struct member *members,
                              const struct group *group)
{
    struct nodeset set;

    nodeset_init(&set, run->scn->nodes);
    for (uint32_t i = 0; i < group->count; i++)
        nodeset_add(&set, members[group->first + i].node);
    text_nodes(out, &set);
    nodeset_release(&set);
}

static void print_lacking_half(FILE *out, const struct run *run, dc_name id, char sign,
                               uint64_t all, uint64_t has, uint32_t *shown)
{
    char name[TEXT_NAME_MAX];

    if (all <= has)
        return;
    if (++*shown > GROUPS_LACKS_SHOWN)
        return;
    fprintf(out, "%s%s %c%" PRIu64, *shown == 1 ? " lacks " : ", ",
            text_name(name, &run->cluster.names, id), sign, all - has);
}

static void print_lacks(FILE *out, const struct run *run, const struct pncounter *all,
                        const struct member *members, const struct group *group)
{
    const struct pncounter *state = &run->cluster.hosts[group->node].node.counter;
    uint32_t shown = 0;

    if (pncounter_compare(state, all) == PNCOUNTER_EQUAL)
        return;
    fputs("  ", out);
    print_group_nodes(out, run, members, group);
    for (uint32_t i = 0; i < all->len; i++) {
        print_lacking_half(out, run, all->ids[i], '+', all->inc[i],
                           pncounter_total(state, all->ids[i], DC_INC), &shown);
        print_lacking_half(out, run, all->ids[i], '-', all->dec[i],
                           pncounter_total(state, all->ids[i], DC_DEC), &shown);
    }
    if (shown > GROUPS_LACKS_SHOWN)
        fprintf(out, " and %" PRIu32 " more", shown - GROUPS_LACKS_SHOWN);
    fputc('\n', out);
}

/* The join of what all nodes that are up hold. */
static void join_up(const struct run *run, struct pncounter *ret_all)
{
    pncounter_init(ret_all, mem_heap(), &run->cluster.names);
    NODESET_EACH(node, &run->cluster.up)
    if (pncounter_merge(ret_all, &run->cluster.hosts[node].node.counter, NULL) < 0)
        fatal("out of memory");
}

void groups_print(FILE *out, const struct run *run)
{
    struct member *members = fatal_calloc(run->scn->nodes, sizeof(*members));
    struct group *groups = fatal_calloc(run->scn->nodes, sizeof(*groups));
    uint32_t len = group_up(run, members, groups);
    uint32_t shown = len < GROUPS_SHOWN ? len : GROUPS_SHOWN;
    struct pncounter all;
    char value[TEXT_WIDE_MAX];

    for (uint32_t i = 0; i < shown; i++) {
        fputs(i == 0 ? "  " : "   ", out);
        print_group_nodes(out, run, members, &groups[i]);
        fprintf(out, " %s", text_wide(value, groups_value(run, groups[i].node)));
    }
    if (len > shown)
        fprintf(out, "   and %" PRIu32 " more states", len - shown);
    fputc('\n', out);
    join_up(run, &all);
    for (uint32_t i = 0; i < shown && len > 1; i++)
        print_lacks(out, run, &all, members, &groups[i]);
    pncounter_release(&all);
    free(members);
    free(groups);
}
