/* repeat ... end: which statements stand in it, and what its turns come to. */
#include "sim/scenario/parse.h"

#include <inttypes.h>

#include "sim/wide.h"

int parse_repeat(struct parser *p, struct scn_stmt *stmt)
{
    static const struct amount amount = {.type = VALUE_NUMBER,
                                         .other = VALUE_NUMBER,
                                         .key = "repeat",
                                         .nonzero = true,
                                         .max = SCN_FIRINGS_MAX};
    struct scn_range turns;

    if (parse_amount(p, &amount, &turns) < 0)
        return -1;
    stmt->turns = turns.lo;
    return 0;
}

/* NULL when it is too deep: then it is only counted, so that it takes its own end. */
static struct block *block_push(struct parser *p, struct scn_pos pos)
{
    struct block *block = &p->blocks[p->blocks_len];

    if (p->blocks_len == SCN_REPEAT_DEPTH_MAX) {
        p->blocks_deeper++;
        return NULL;
    }
    *block = (struct block){
        .stmt = UINT32_MAX,
        .pos = pos,
        .turns = 1,
        .firings = p->blocks_len > 0 ? p->blocks[p->blocks_len - 1].firings : 1,
        .after_ns = p->after_ns,
        .outer_latest_ns = p->latest_ns,
        .misplaced = p->misplaced_len,
    };
    p->blocks_len++;
    return block;
}

static int block_open(struct parser *p, const struct scn_stmt *stmt)
{
    struct block *block = block_push(p, stmt->pos);

    if (!block)
        return parse_fail(p, stmt->pos, "repeats stand at most %u deep", SCN_REPEAT_DEPTH_MAX);
    if (block->firings * stmt->turns > SCN_FIRINGS_MAX)
        return parse_fail(p, stmt->pos,
                          "with the repeats around it, this comes to more than %" PRIu64 " turns",
                          SCN_FIRINGS_MAX);
    block->stmt = (uint32_t)p->stmts_len;
    block->turns = stmt->turns;
    block->firings *= stmt->turns;
    p->latest_ns = 0;
    return 0;
}

void blocks_misplaced(struct parser *p, bool is_at)
{
    if (p->blocks_len == p->blocks_from)
        return;
    p->misplaced = arena_grow(p->arena, p->misplaced, p->misplaced_len, &p->misplaced_cap,
                              sizeof(*p->misplaced));
    p->misplaced[p->misplaced_len++] = (struct misplaced){.pos = p->last.pos, .is_at = is_at};
}

static void say_misplaced(struct parser *p, const struct block *block)
{
    char place[DIAG_PLACE_MAX];

    for (size_t i = block->misplaced; i < p->misplaced_len; i++)
        diag_error(p->diags, p->misplaced[i].pos,
                   "only '+', 'every' and 'repeat' stand in a repeat (here from %s on)%s",
                   diags_place(place, p->diags, block->pos, p->misplaced[i].pos),
                   p->misplaced[i].is_at ? "; write +TIME" : "");
    p->misplaced_len = block->misplaced;
}

static struct block *block_pop(struct parser *p)
{
    struct block *block = &p->blocks[--p->blocks_len];

    say_misplaced(p, block);
    return block;
}

static int block_close(struct parser *p, struct scn_stmt *stmt)
{
    struct block *block;
    u128 more, after;

    if (p->blocks_deeper > 0) {
        p->blocks_deeper--;
        return 0;
    }
    if (p->blocks_len == p->blocks_from)
        return parse_fail(p, stmt->pos, "this 'end' has no 'repeat' before it");
    block = block_pop(p);
    more = (u128)(p->after_ns - block->after_ns) * (block->turns - 1);
    after = more + (p->latest_ns > p->after_ns ? p->latest_ns : p->after_ns);
    if (after > UINT64_MAX)
        return parse_fail(p, stmt->pos, "the turns of this repeat come to a time over 2^64-1 ns");
    p->after_ns += (uint64_t)more;
    p->latest_ns = (uint64_t)after;
    if (block->outer_latest_ns > p->latest_ns)
        p->latest_ns = block->outer_latest_ns;
    if (block->stmt == UINT32_MAX)
        return 0;
    stmt->block = block->stmt;
    p->stmts[block->stmt].block = (uint32_t)p->stmts_len;
    return 0;
}

int blocks_keep(struct parser *p, struct scn_stmt *stmt)
{
    if (stmt->kind == SCN_STMT_REPEAT)
        return block_open(p, stmt);
    if (stmt->kind == SCN_STMT_END)
        return block_close(p, stmt);
    if (p->blocks_len == 0)
        return 0;
    stmt->in_repeat = true;
    p->firings += p->blocks[p->blocks_len - 1].firings;
    if (p->firings > SCN_FIRINGS_MAX)
        return parse_fail(p, stmt->pos,
                          "the repeats of this file come to more than %" PRIu64
                          " firings with this statement",
                          SCN_FIRINGS_MAX);
    return 0;
}

void blocks_open_broken(struct parser *p, struct scn_pos pos)
{
    block_push(p, pos);
}

void blocks_close_broken(struct parser *p)
{
    if (p->blocks_deeper > 0)
        p->blocks_deeper--;
    else if (p->blocks_len > p->blocks_from)
        block_pop(p);
}

void blocks_check(struct parser *p)
{
    p->blocks_deeper = 0;
    while (p->blocks_len > p->blocks_from) {
        const struct block *block = &p->blocks[--p->blocks_len];

        diag_error(p->diags, block->pos, "this 'repeat' has no 'end' in its file");
        p->misplaced_len = block->misplaced;
    }
}
