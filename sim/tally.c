/* Short lists: a run has few ways to lose a message, and few statements that ask. */
#include "sim/tally.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

void tally_release(struct tally *tally)
{
    for (size_t i = 0; i < tally->told_len; i++)
        nodeset_release(&tally->told[i].nodes);
    free(tally->told);
    free(tally->lost);
    *tally = (struct tally){0};
}

void tally_lose(struct tally *tally, enum net_fate fate, uint32_t stmt, uint32_t to)
{
    uint32_t node = fate == NET_LOST_INBOX ? to : UINT32_MAX;
    size_t i = 0;

    while (i < tally->lost_len && (tally->lost[i].fate != fate || tally->lost[i].stmt != stmt ||
                                   tally->lost[i].node != node))
        i++;
    if (i == tally->lost_len) {
        if (tally->lost_len == tally->lost_cap) {
            tally->lost_cap = tally->lost_cap ? tally->lost_cap * 2 : 16;
            tally->lost = fatal_realloc_array(tally->lost, tally->lost_cap, sizeof(*tally->lost));
        }
        tally->lost[tally->lost_len++] =
            (struct tally_lost){.fate = fate, .stmt = stmt, .node = node};
    }
    tally->lost[i].count++;
}

static struct tally_told *told_of(struct tally *tally, uint32_t stmt, enum dc_side side)
{
    for (size_t i = 0; i < tally->told_len; i++)
        if (tally->told[i].stmt == stmt && tally->told[i].side == side)
            return &tally->told[i];
    return NULL;
}

void tally_ask(struct tally *tally, uint32_t stmt, enum dc_side side, uint32_t node, uint32_t nodes,
               uint64_t amount)
{
    struct tally_told *told = told_of(tally, stmt, side);

    if (!told) {
        if (tally->told_len == tally->told_cap) {
            tally->told_cap = tally->told_cap ? tally->told_cap * 2 : 16;
            tally->told = fatal_realloc_array(tally->told, tally->told_cap, sizeof(*tally->told));
        }
        told = &tally->told[tally->told_len++];
        *told = (struct tally_told){.stmt = stmt, .side = side};
        nodeset_init(&told->nodes, nodes);
    }
    told->asked += amount;
    nodeset_add(&told->nodes, node);
}

void tally_tell(struct tally *tally, uint32_t stmt, enum dc_side side, uint64_t amount,
                enum env_answer answer, uint64_t at_ns)
{
    struct tally_told *told = told_of(tally, stmt, side);

    PRE(told, "who is answered has asked");
    told->told[answer] += amount;
    if (answer != ENV_OK || at_ns < tally->lately_ns)
        return;
    told->times += told->times == 0 || told->last_ns != at_ns;
    told->lately += amount;
    told->last_ns = at_ns;
}

u128 tally_goes_on(const struct tally *tally, uint32_t stmt, uint64_t now_ns)
{
    uint64_t times = 0, last_ns = 0;
    u128 lately = 0;

    for (size_t i = 0; i < tally->told_len; i++) {
        const struct tally_told *told = &tally->told[i];

        if (told->stmt != stmt || told->times == 0)
            continue;
        times += told->times;
        lately += told->lately;
        last_ns = told->last_ns > last_ns ? told->last_ns : last_ns;
    }
    /* Of a chance load a gap of 8 usual ones is one in 3,000. */
    if (times < 2 || (u128)(now_ns - last_ns) * times > (u128)8 * (now_ns - tally->lately_ns))
        return 0;
    return lately;
}

static int lost_compare(const void *left, const void *right)
{
    const struct tally_lost *a = left;
    const struct tally_lost *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->fate != b->fate)
        return a->fate < b->fate ? -1 : 1;
    if (a->stmt != b->stmt)
        return a->stmt < b->stmt ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static int told_compare(const void *left, const void *right)
{
    const struct tally_told *a = left;
    const struct tally_told *b = right;

    if (a->stmt != b->stmt)
        return a->stmt < b->stmt ? -1 : 1;
    return a->side < b->side ? -1 : a->side > b->side;
}

void tally_sort(struct tally *tally)
{
    if (tally->lost_len > 0)
        qsort(tally->lost, tally->lost_len, sizeof(*tally->lost), lost_compare);
    if (tally->told_len > 0)
        qsort(tally->told, tally->told_len, sizeof(*tally->told), told_compare);
}
