/* Grouping by fingerprint; the largest group first, then by its first node. */
#include "sim/groups.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/pncounter.h"
#include "sim/diagnose.h"
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

struct lacks {
    struct lack list[GROUPS_SHOWN * GROUPS_LACKS_SHOWN];
    size_t len;
    uint32_t more[GROUPS_SHOWN]; /* by group: what is lacking beyond those listed */
};

static void add_half(struct lacks *lacks, struct lack lack, uint32_t *shown)
{
    if (lack.all <= lack.has)
        return;
    if (*shown == GROUPS_LACKS_SHOWN) {
        lacks->more[lack.group]++;
        return;
    }
    (*shown)++;
    lacks->list[lacks->len++] = lack;
}

/* What the first node of a group lacks of @all; the others of its group lack the same. */
static void find_lacks(const struct run *run, const struct pncounter *all, uint32_t group,
                       uint32_t node, struct lacks *lacks)
{
    const struct pncounter *state = &run->cluster.hosts[node].node.counter;
    uint32_t shown = 0;

    for (uint32_t i = 0; i < all->len; i++) {
        struct lack lack = {.node = node, .group = group, .id = all->ids[i]};

        lack.side = DC_INC;
        lack.all = all->inc[i];
        lack.has = pncounter_total(state, lack.id, DC_INC);
        add_half(lacks, lack, &shown);
        lack.side = DC_DEC;
        lack.all = all->dec[i];
        lack.has = pncounter_total(state, lack.id, DC_DEC);
        add_half(lacks, lack, &shown);
    }
}

static void print_carrier(FILE *out, const struct run *run, const struct lack *lack)
{
    char time[TEXT_TIME_MAX];

    if (!lack->carried) {
        fprintf(out, "no push to n%" PRIu32 " ever carried it", lack->node + 1);
        return;
    }
    fprintf(out, "last carried by n%" PRIu32 " -> n%" PRIu32 " at %s, %s", lack->from + 1,
            lack->node + 1, text_time(time, lack->sent_ns), net_fate_text(lack->fate));
    if (lack->fate == NET_ON_ITS_WAY)
        fprintf(out, ", to arrive at %s", text_time(time, lack->arrives_ns));
    if (lack->stmt != NET_NO_STMT)
        fprintf(out, " by line %" PRIu32 ": %s", run->scn->stmts[lack->stmt].pos.line,
                run->scn->stmts[lack->stmt].text);
}

/* "  n298 lacks n3 +5: last carried by n40 -> n298 at 4.981s, lost (loss) by line 6: ..." */
static void print_lack(FILE *out, const struct run *run, const struct member *members,
                       const struct group *group, const struct lack *lack)
{
    char name[TEXT_NAME_MAX];

    fputs("  ", out);
    print_group_nodes(out, run, members, group);
    fprintf(out, " %s %s %c%" PRIu64 ": ", group->count == 1 ? "lacks" : "lack",
            text_name(name, &run->cluster.names, lack->id), lack->side == DC_INC ? '+' : '-',
            lack->all - lack->has);
    print_carrier(out, run, lack);
    fputc('\n', out);
}

static void print_lacks(FILE *out, const struct run *run, const struct member *members,
                        const struct group *groups, struct lacks *lacks)
{
    if (lacks->len > 0 && !diagnose(run, lacks->list, lacks->len)) {
        fputs("  the run does not repeat itself: see --verify\n", out);
        return;
    }
    for (size_t i = 0; i < lacks->len; i++) {
        const struct lack *lack = &lacks->list[i];
        const struct group *group = &groups[lack->group];

        print_lack(out, run, members, group, lack);
        if (lacks->more[lack->group] == 0 ||
            (i + 1 < lacks->len && lacks->list[i + 1].group == lack->group))
            continue;
        fputs("  ", out);
        print_group_nodes(out, run, members, group);
        fprintf(out, " and %" PRIu32 " more\n", lacks->more[lack->group]);
    }
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
        fprintf(out, " %s", text_wide(value, cluster_value(&run->cluster, groups[i].node, NULL)));
    }
    if (len > shown)
        fprintf(out, "   and %" PRIu32 " more states", len - shown);
    fputc('\n', out);
    if (len > 1) {
        struct lacks lacks = {0};

        join_up(run, &all);
        for (uint32_t i = 0; i < shown; i++)
            find_lacks(run, &all, i, groups[i].node, &lacks);
        print_lacks(out, run, members, groups, &lacks);
        pncounter_release(&all);
    }
    free(members);
    free(groups);
}
