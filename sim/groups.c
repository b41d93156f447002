/* Grouping by fingerprint; the largest group first, then by its first node. */
#include "sim/groups.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/pncounter.h"
#include "sim/explain.h"
#include "sim/fatal.h"
#include "sim/logread.h"
#include "sim/memory.h"
#include "sim/text.h"

struct member {
    struct fingerprint print;
    uint32_t node;
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

static void print_group_nodes(FILE *out, const struct run *run, const struct groups *groups,
                              const struct group *group)
{
    struct nodeset set;

    nodeset_init(&set, run->scn->nodes);
    for (uint32_t i = 0; i < group->count; i++)
        nodeset_add(&set, groups->members[group->first + i]);
    text_nodes(out, &set);
    nodeset_release(&set);
}

/* The same half is lacking at the first nodes of the group. */
static void add_half(const struct groups *groups, struct lacks *lacks, struct lack lack,
                     uint32_t *shown)
{
    const struct group *group = &groups->list[lack.group];

    if (lack.all <= lack.has)
        return;
    if (*shown == GROUPS_LACKS_SHOWN) {
        lacks->more[lack.group]++;
        return;
    }
    (*shown)++;
    for (uint32_t i = 0; i < group->count && i < GROUPS_ASKED; i++) {
        lack.node = groups->members[group->first + i];
        lacks->list[lacks->len++] = lack;
    }
}

/* What the nodes of a group lack of @all. */
static void find_lacks(const struct run *run, const struct pncounter *all, uint32_t group,
                       struct groups *groups)
{
    const struct pncounter *state = &run->cluster.hosts[groups->list[group].node].node.counter;
    uint32_t shown = 0;

    for (uint32_t i = 0; i < all->len; i++) {
        struct lack lack = {.group = group, .id = all->ids[i]};

        lack.side = DC_INC;
        lack.all = all->inc[i];
        lack.has = pncounter_total(state, lack.id, DC_INC);
        add_half(groups, &groups->lacks, lack, &shown);
        lack.side = DC_DEC;
        lack.all = all->dec[i];
        lack.has = pncounter_total(state, lack.id, DC_DEC);
        add_half(groups, &groups->lacks, lack, &shown);
    }
}

/* Does any node that is up and holds what @lack speaks of know the one that lacks it? */
static bool is_known(const struct run *run, const struct lack *lack)
{
    NODESET_EACH(node, &run->cluster.up)
    {
        const struct node *holder = &run->cluster.hosts[node].node;

        if (pncounter_total(&holder->counter, lack->id, lack->side) > lack->has &&
            peers_know(&holder->peers, lack->node))
            return true;
    }
    return false;
}

/* No push brought it: then perhaps what would have asked for one was stopped. */
static void print_uncarried(FILE *out, const struct report *report, const struct run *run,
                            const struct lack *lack)
{
    const struct node *node = &run->cluster.hosts[lack->node].node;
    const struct blocked *blocked = &lack->blocked;
    char time[TEXT_TIME_MAX];

    fprintf(out, "no push to n%" PRIu32 " ever carried it", lack->node + 1);
    if (peers_count(&node->peers) == 0)
        fprintf(out, "; n%" PRIu32 " knows no peer", lack->node + 1);
    if (!is_known(run, lack))
        fprintf(out, "; nobody who holds it knows n%" PRIu32, lack->node + 1);
    if (!blocked->known)
        return;
    fprintf(out, "; %s %s n%" PRIu32 " -> n%" PRIu32 " was %s at %s",
            text_article(message_kind_text(blocked->kind)), message_kind_text(blocked->kind),
            blocked->from + 1, blocked->to + 1, net_fate_text(blocked->fate),
            text_time(time, blocked->at_ns));
    if (blocked->stmt != NET_NO_STMT) {
        fputs(" by ", out);
        explain_stmt(out, report, run, blocked->stmt);
    }
}

/* "arrived at 1.000s, where 3 messages wait in the inbox, 10ms each" */
static void print_inbox(FILE *out, const struct host *host, const char *arrived)
{
    char each[TEXT_TIME_MAX];

    fprintf(out, "arrived at %s, where %" PRIu32 " message%s in the inbox", arrived,
            host->inbox_len, host->inbox_len == 1 ? " waits" : "s wait");
    if (host->service_ns > 0)
        fprintf(out, ", %s each", text_time_scn(each, host->service_ns));
}

/* Nothing stopped it; perhaps it has come, and waits, or the node made nothing of it. */
static void print_on_its_way(FILE *out, const struct run *run, const struct lack *lack)
{
    const struct host *host = &run->cluster.hosts[lack->node];
    char time[TEXT_TIME_MAX], each[TEXT_TIME_MAX];

    text_time(time, lack->arrives_ns);
    if (lack->arrives_ns > run->world.now_ns)
        fprintf(out, "on its way, to arrive at %s", time);
    else if (host->inbox_len > 0)
        print_inbox(out, host, time);
    else if (lack->ended_ns >= lack->arrives_ns)
        fprintf(out, "arrived at %s; n%" PRIu32 " ended at %s", time, lack->node + 1,
                text_time(each, lack->ended_ns));
    else
        fprintf(out, "arrived at %s, but was not merged", time);
}

static void print_carrier(FILE *out, const struct report *report, const struct run *run,
                          const struct lack *lack)
{
    char time[TEXT_TIME_MAX];

    if (!lack->carried) {
        print_uncarried(out, report, run, lack);
        return;
    }
    fprintf(out, "last carried by n%" PRIu32 " -> n%" PRIu32 " at %s, ", lack->from + 1,
            lack->node + 1, text_time(time, lack->sent_ns));
    if (lack->fate == NET_ON_ITS_WAY)
        print_on_its_way(out, run, lack);
    else
        fputs(net_fate_text(lack->fate), out);
    if (lack->stmt != NET_NO_STMT) {
        fputs(" by ", out);
        explain_stmt(out, report, run, lack->stmt);
    }
}

/* "  n298 lacks n3 +5: last carried by n40 -> n298 at 4.981s, lost (loss) by line 6: ..." */
static void print_lack(FILE *out, const struct report *report, const struct run *run,
                       const struct groups *groups, const struct lack *lack, bool alone)
{
    const struct group *group = &groups->list[lack->group];
    char name[TEXT_NAME_MAX];

    if (alone) {
        fprintf(out, "  n%" PRIu32, lack->node + 1);
    } else {
        fputs("  ", out);
        print_group_nodes(out, run, groups, group);
    }
    fprintf(out, " %s %s %c%" PRIu64 ": ", alone || group->count == 1 ? "lacks" : "lack",
            text_name(name, &run->cluster.names, lack->id), lack->side == DC_INC ? '+' : '-',
            lack->all - lack->has);
    print_carrier(out, report, run, lack);
    fputc('\n', out);
}

/* What stands behind it, whether it took the push or what would have asked for one. */
static bool same_reason(const struct lack *a, const struct lack *b)
{
    enum net_fate fate_a = a->carried ? a->fate : a->blocked.fate;
    enum net_fate fate_b = b->carried ? b->fate : b->blocked.fate;
    uint32_t stmt_a = a->carried ? a->stmt : a->blocked.stmt;
    uint32_t stmt_b = b->carried ? b->stmt : b->blocked.stmt;

    if (!(a->carried || a->blocked.known) || !(b->carried || b->blocked.known))
        return !a->carried && !a->blocked.known && !b->carried && !b->blocked.known;
    return fate_a == fate_b && stmt_a == stmt_b;
}

/* What the nodes of one group lack of one half. */
static void print_same_lacks(FILE *out, const struct report *report, const struct run *run,
                             const struct groups *groups, const struct lack *lacks, size_t len)
{
    uint32_t count = groups->list[lacks[0].group].count;
    size_t carried = 0;
    bool same = true;

    for (size_t i = 1; i < len; i++)
        same = same && same_reason(&lacks[0], &lacks[i]);
    while (carried + 1 < len && !lacks[carried].carried)
        carried++;
    if (same) {
        print_lack(out, report, run, groups, &lacks[lacks[carried].carried ? carried : 0], false);
        return;
    }
    for (size_t i = 0; i < len; i++)
        print_lack(out, report, run, groups, &lacks[i], true);
    if (count > len)
        fprintf(out, "  and %zu more nodes that hold the same\n", count - len);
}

static void print_lacks(FILE *out, const struct report *report, const struct run *run,
                        const struct groups *groups)
{
    const struct lacks *lacks = &groups->lacks;
    size_t next;

    for (size_t i = 0; i < lacks->len; i = next) {
        const struct lack *lack = &lacks->list[i];

        next = i + 1;
        while (next < lacks->len && lacks->list[next].group == lack->group &&
               lacks->list[next].id == lack->id && lacks->list[next].side == lack->side)
            next++;
        print_same_lacks(out, report, run, groups, lack, next - i);
        if (lacks->more[lack->group] == 0 ||
            (next < lacks->len && lacks->list[next].group == lack->group))
            continue;
        fputs("  ", out);
        print_group_nodes(out, run, groups, &groups->list[lack->group]);
        fprintf(out, " %s %" PRIu32 " more totals\n",
                groups->list[lack->group].count == 1 ? "lacks" : "lack", lacks->more[lack->group]);
    }
}

/* ---- clocks ---- */

/* Below half its speed: a node does in a minute what others do in less than half of it. */
#define SLOW_PPB (-500000000)

/* Whose doing is it that the clock of @host hardly moves? NET_NO_STMT: it moves. */
static uint32_t clock_stmt(const struct host *host, uint64_t now_ns)
{
    if (clock_stands(&host->clock, now_ns))
        return host->back_stmt;
    return host->clock.drift_ppb < SLOW_PPB ? host->drift_stmt : NET_NO_STMT;
}

/* "  the clock of n2 stands still since 1.000s, set back by line 8: at 1s clock n2 jump -1h" */
static void print_clock(FILE *out, const struct report *report, const struct run *run,
                        const struct nodeset *set, uint32_t stmt)
{
    const struct host *first = &run->cluster.hosts[nodeset_next(set, 0)];
    bool one = nodeset_count(set) == 1, back = first->back_stmt == stmt;
    char time[TEXT_TIME_MAX];

    fprintf(out, "  the clock%s of ", one ? "" : "s");
    text_nodes(out, set);
    fprintf(out, back ? " stand%s still" : one ? " is slow" : " are slow", one ? "s" : "");
    if (one)
        fprintf(out, " since %s", text_time(time, back ? first->back_ns : first->drift_ns));
    fputs(back ? ", set back by " : ", by ", out);
    explain_stmt(out, report, run, stmt);
    fputc('\n', out);
}

/* A node whose clock hardly moves asks nobody, and pushes nothing by itself. */
static void print_clocks(FILE *out, const struct report *report, const struct run *run)
{
    struct nodeset set;

    nodeset_init(&set, run->scn->nodes);
    for (uint32_t stmt = 0; stmt < run->scn->stmts_len; stmt++) {
        nodeset_clear(&set);
        NODESET_EACH(node, &run->cluster.up)
        if (clock_stmt(&run->cluster.hosts[node], run->world.now_ns) == stmt)
            nodeset_add(&set, node);
        if (nodeset_count(&set) > 0)
            print_clock(out, report, run, &set, stmt);
    }
    nodeset_release(&set);
}

/* The join of what the nodes of @who hold. */
static void join(const struct run *run, const struct nodeset *who, struct pncounter *ret_all)
{
    pncounter_init(ret_all, memory_heap(), &run->cluster.names);
    NODESET_EACH(node, who)
    if (pncounter_merge(ret_all, &run->cluster.hosts[node].node.counter, NULL) < 0)
        fatal_memory(0);
}

static uint32_t shown_of(const struct groups *groups)
{
    return groups->len < GROUPS_SHOWN ? groups->len : GROUPS_SHOWN;
}

/* Those who are looked at, sorted by state. */
static void group_who(const struct run *run, struct groups *ret)
{
    struct member *members = fatal_calloc(run->scn->nodes, sizeof(*members));
    uint32_t len = 0;

    NODESET_EACH(node, &ret->who)
    {
        members[len].print = run->checks.prints[node];
        members[len++].node = node;
    }
    qsort(members, len, sizeof(*members), member_compare);
    for (uint32_t i = 0; i < len; i++) {
        if (i == 0 || !fingerprint_equal(members[i].print, members[i - 1].print))
            ret->list[ret->len++] = (struct group){.first = i, .node = members[i].node};
        ret->list[ret->len - 1].count++;
        ret->members[i] = members[i].node;
    }
    qsort(ret->list, ret->len, sizeof(*ret->list), group_compare);
    free(members);
}

static void find_who(struct nodeset *ret, const struct run *run, bool paused)
{
    nodeset_init(ret, run->scn->nodes);
    nodeset_copy(ret, &run->cluster.up);
    for (uint32_t i = 0; paused && i < run->scn->nodes; i++)
        if (run->cluster.hosts[i].state == HOST_PAUSED)
            nodeset_add(ret, i);
}

void groups_find(struct groups *ret, const struct run *run, bool paused, bool lacks)
{
    struct pncounter all;

    *ret = (struct groups){
        .members = fatal_calloc(run->scn->nodes, sizeof(*ret->members)),
        .list = fatal_calloc(run->scn->nodes, sizeof(*ret->list)),
        .looks = lacks,
    };
    find_who(&ret->who, run, paused);
    group_who(run, ret);
    if (!lacks || ret->len < 2)
        return;
    join(run, &ret->who, &all);
    for (uint32_t i = 0; i < shown_of(ret); i++)
        find_lacks(run, &all, i, ret);
    pncounter_release(&all);
}

void groups_release(struct groups *groups)
{
    free(groups->members);
    free(groups->list);
    nodeset_release(&groups->who);
    *groups = (struct groups){0};
}

/* "  n3 is down, and its disk has n3 +1, which nobody has who is up"; returns how many of these. */
static uint32_t print_kept(FILE *out, const struct host *host, const struct pncounter *kept,
                           const struct pncounter *all, uint32_t most)
{
    char name[TEXT_NAME_MAX];
    uint32_t lines = 0;

    for (uint32_t k = 0; k < 2 * kept->len && lines < most; k++) {
        dc_name id = kept->ids[k / 2];
        enum dc_side side = k % 2 == 0 ? DC_INC : DC_DEC;
        uint64_t has = pncounter_total(kept, id, side), up = pncounter_total(all, id, side);

        if (has <= up)
            continue;
        lines++;
        fprintf(out, "  n%" PRIu32 " is %s %s %c%" PRIu64 ", which nobody has who is up\n",
                host->index + 1,
                host->state == HOST_PAUSED ? "paused, and has" : "down, and its disk has",
                text_name(name, &host->cluster->names, id), side == DC_INC ? '+' : '-', has - up);
    }
    return lines;
}

static void print_absent(FILE *out, const struct run *run, const struct nodeset *who)
{
    uint32_t left = GROUPS_ABSENT;
    struct pncounter all;

    join(run, who, &all);
    for (uint32_t i = 0; i < run->scn->nodes && left > 0; i++) {
        const struct host *host = &run->cluster.hosts[i];

        if (nodeset_has(who, i))
            continue;
        if (host->state == HOST_PAUSED) {
            left -= print_kept(out, host, &host->node.counter, &all, left);
        } else if (host->state == HOST_DOWN && !host->disk.blank) {
            struct logread log;

            logread_all(&log, &host->disk, &run->cluster.names);
            left -= print_kept(out, host, &log.totals, &all, left);
            logread_release(&log);
        }
    }
    pncounter_release(&all);
}

/* "  n1 is paused": of those who are looked at. */
static void print_paused(FILE *out, const struct run *run, const struct nodeset *who)
{
    struct nodeset paused;

    nodeset_init(&paused, run->scn->nodes);
    NODESET_EACH(node, who)
    if (run->cluster.hosts[node].state == HOST_PAUSED)
        nodeset_add(&paused, node);
    if (nodeset_count(&paused) > 0) {
        fputs("  ", out);
        text_nodes(out, &paused);
        fputs(nodeset_count(&paused) == 1 ? " is paused\n" : " are paused\n", out);
    }
    nodeset_release(&paused);
}

void groups_print(FILE *out, const struct report *report, const struct run *run,
                  const struct groups *groups, const struct diagnosis *found)
{
    uint32_t shown = shown_of(groups);
    char value[TEXT_WIDE_MAX];

    for (uint32_t i = 0; i < shown; i++) {
        fputs(i == 0 ? "  " : "   ", out);
        print_group_nodes(out, run, groups, &groups->list[i]);
        fprintf(out, " %s",
                text_wide(value, cluster_value(&run->cluster, groups->list[i].node, NULL)));
    }
    if (groups->len > shown)
        fprintf(out, "   and %" PRIu32 " more states", groups->len - shown);
    if (groups->len == 0)
        fputs("  no node is up", out);
    fputc('\n', out);
    print_paused(out, run, &groups->who);
    if (groups->lacks.len > 0 && !found->same)
        fputs("  run again to see why, it came out differently: it does not repeat itself; see "
              "--verify\n",
              out);
    else
        print_lacks(out, report, run, groups);
    if (groups->looks)
        print_absent(out, run, &groups->who);
    if (groups->len > 1)
        print_clocks(out, report, run);
}
