/*
 * The PN-counter over three sorted columns in one block of memory. Ids are
 * handles: equal handles are equal ids, so bytes are compared only where two
 * states differ in whom they know, and hardly ever once a cluster has met.
 */
#include "core/pncounter.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pack.h"
#include "core/banned.h"

/* Entries that a merge looks at in one go: bits of a uint32_t. */
#define STRETCH 16u

/* Up to here capacities double. */
#define SMALL_ENTRIES 64u

/* One entry in all three columns. */
#define ENTRY_BYTES (2 * sizeof(uint64_t) + sizeof(dc_name))

/*
 * The wide columns come first, so that a block as malloc() aligns it suits all
 * three.
 */
static void columns_place(struct pncounter *counter, void *block, uint32_t cap)
{
    counter->inc = block;
    counter->dec = counter->inc + cap;
    counter->ids = (dc_name *)(void *)(counter->dec + cap);
    counter->cap = cap;
}

static void columns_free(struct pncounter *counter)
{
    if (counter->cap > 0)
        mem_free(counter->mem, counter->inc, counter->cap * ENTRY_BYTES);
}

/* Copies entries without looking at what @to held; the columns never overlap. */
static void columns_copy(struct pncounter *to, const struct pncounter *from)
{
    if (from->len == 0)
        return;
    memcpy(to->inc, from->inc, from->len * sizeof(*to->inc));
    memcpy(to->dec, from->dec, from->len * sizeof(*to->dec));
    memcpy(to->ids, from->ids, from->len * sizeof(*to->ids));
}

/* Moves @count entries from index @from to index @to; they may overlap. */
static void columns_move(struct pncounter *counter, uint32_t to, uint32_t from, uint32_t count)
{
    if (count == 0 || to == from)
        return;
    memmove(counter->inc + to, counter->inc + from, count * sizeof(*counter->inc));
    memmove(counter->dec + to, counter->dec + from, count * sizeof(*counter->dec));
    memmove(counter->ids + to, counter->ids + from, count * sizeof(*counter->ids));
}

static bool same_ids(const struct pncounter *a, const struct pncounter *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->ids, b->ids, a->len * sizeof(*a->ids)) == 0);
}

static void tell(const struct pncounter_watch *watch, dc_name id, enum dc_side side, uint64_t old,
                 uint64_t now)
{
    if (watch != NULL && old < now)
        watch->raised(watch->ctx, id, side, old, now);
}

void pncounter_init(struct pncounter *counter, const struct mem *mem, const struct names *names)
{
    *counter = (struct pncounter){.mem = mem, .names = names};
}

void pncounter_release(struct pncounter *counter)
{
    columns_free(counter);
    *counter = (struct pncounter){0};
}

void pncounter_clear(struct pncounter *counter)
{
    counter->len = 0;
    counter->extents[DC_INC] = counter->extents[DC_DEC] = (struct pncounter_extent){0};
}

/* A new block of exactly @cap entries that holds what the old one held. */
static int columns_grow(struct pncounter *counter, uint32_t cap)
{
    void *block = mem_alloc(counter->mem, cap * ENTRY_BYTES);
    if (block == NULL)
        return DC_ENOMEM;

    struct pncounter grown = *counter;
    columns_place(&grown, block, cap);
    columns_copy(&grown, counter);
    columns_free(counter);
    *counter = grown;

    return 0;
}

/*
 * The capacity to grow to. Small states double; of large ones there is one in
 * each of many nodes, so they leave at most an eighth idle.
 */
static uint32_t grown(uint32_t cap, uint32_t entries)
{
    uint32_t more = cap + cap / 8;

    if (cap < SMALL_ENTRIES)
        return (uint32_t)mem_grow(cap, entries, DC_ENTRIES_MAX);
    MARK(COUNTER_LARGE);
    if (more > DC_ENTRIES_MAX)
        more = DC_ENTRIES_MAX;
    return entries > more ? entries : more;
}

int pncounter_reserve(struct pncounter *counter, uint32_t entries)
{
    INVARIANT(counter->len <= counter->cap, "a counter holds no more than it has");

    if (entries <= counter->cap)
        return 0;
    if (entries > DC_ENTRIES_MAX)
        return DC_ELIMIT;

    return columns_grow(counter, grown(counter->cap, entries));
}

/* Whether @id has an entry; *ret_at is where it is, or where it belongs. */
static bool find(const struct pncounter *counter, dc_name id, uint32_t *ret_at)
{
    uint32_t low = 0;
    uint32_t high = counter->len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = names_compare(counter->names, counter->ids[middle], id);
        if (order == 0) {
            *ret_at = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_at = low;

    return false;
}

/* A zero entry at @at; the caller raises one of its halves at once. */
static int insert(struct pncounter *counter, uint32_t at, dc_name id)
{
    int rc = pncounter_reserve(counter, counter->len + 1);
    if (rc < 0)
        return rc;

    columns_move(counter, at + 1, at, counter->len - at);
    counter->ids[at] = id;
    counter->inc[at] = 0;
    counter->dec[at] = 0;
    counter->len++;

    return 0;
}

static uint64_t *column(const struct pncounter *counter, enum dc_side side)
{
    return side == DC_INC ? counter->inc : counter->dec;
}

/* A total of @id is not 0 any more. */
static void extent_add(struct pncounter *counter, enum dc_side side, dc_name id)
{
    uint32_t len = counter->names->entries[id].len;

    counter->extents[side].entries++;
    counter->extents[side].bytes += pack_str_head_len(len) + len;
}

static void raise_half(struct pncounter *counter, uint32_t at, enum dc_side side, uint64_t total,
                       const struct pncounter_watch *watch)
{
    uint64_t old = column(counter, side)[at];

    if (total <= old)
        return;
    column(counter, side)[at] = total;
    if (old == 0)
        extent_add(counter, side, counter->ids[at]);
    tell(watch, counter->ids[at], side, old, total);
}

/* @id is at @at, if @found, or belongs there. */
static int raise_found(struct pncounter *counter, bool found, uint32_t at, dc_name id,
                       enum dc_side side, uint64_t total, const struct pncounter_watch *watch)
{
    uint64_t old = found ? column(counter, side)[at] : 0;

    if (total <= old)
        return 0;
    if (!found) {
        int rc = insert(counter, at, id);
        if (rc < 0)
            return rc;
    }
    raise_half(counter, at, side, total, watch);

    return 1;
}

int pncounter_raise(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t total,
                    const struct pncounter_watch *watch)
{
    uint32_t at;
    bool found = find(counter, id, &at);

    return raise_found(counter, found, at, id, side, total, watch);
}

void pncounter_append(struct pncounter *counter, dc_name id, uint64_t inc, uint64_t dec)
{
    INVARIANT(counter->len < counter->cap, "room was made for all of them");

    counter->ids[counter->len] = id;
    counter->inc[counter->len] = inc;
    counter->dec[counter->len] = dec;
    counter->len++;
    if (inc > 0)
        extent_add(counter, DC_INC, id);
    if (dec > 0)
        extent_add(counter, DC_DEC, id);
}

int pncounter_add(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t amount,
                  const struct pncounter_watch *watch)
{
    uint32_t at;
    bool found = find(counter, id, &at);
    uint64_t old = found ? column(counter, side)[at] : 0;

    if (amount > UINT64_MAX - old)
        return DC_EOVERFLOW;

    int rc = raise_found(counter, found, at, id, side, old + amount, watch);
    return rc < 0 ? rc : 0;
}

bool pncounter_has(const struct pncounter *counter, dc_name id, uint32_t *at)
{
    return (*at < counter->len && counter->ids[*at] == id) || find(counter, id, at);
}

uint64_t pncounter_total(const struct pncounter *counter, dc_name id, enum dc_side side)
{
    uint32_t at;

    return find(counter, id, &at) ? column(counter, side)[at] : 0;
}

/*
 * A sum of at most DC_ENTRIES_MAX totals, which 64 bits may not hold: the low
 * and the high word.
 */
struct wide {
    uint64_t low;
    uint64_t high;
};

static void wide_add(struct wide *sum, uint64_t number)
{
    sum->low += number;
    sum->high += sum->low < number;
}

/* @a - @b, for a >= b. */
static struct wide wide_less(struct wide a, struct wide b)
{
    return (struct wide){.low = a.low - b.low, .high = a.high - b.high - (a.low < b.low)};
}

static bool wide_below(struct wide a, struct wide b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static int difference(struct wide inc, struct wide dec, int64_t *ret_value)
{
    bool negative = wide_below(inc, dec);
    struct wide distance = negative ? wide_less(dec, inc) : wide_less(inc, dec);
    uint64_t max = (uint64_t)INT64_MAX + negative; /* INT64_MIN has one more */

    if (distance.high != 0 || distance.low > max)
        return DC_ERANGE;
    if (!negative)
        *ret_value = (int64_t)distance.low;
    else /* -distance, in steps that never leave int64 */
        *ret_value = -(int64_t)(distance.low - 1) - 1;

    return 0;
}

int pncounter_value(const struct pncounter *counter, int64_t *ret_value)
{
    struct wide inc = {0};
    struct wide dec = {0};

    for (uint32_t i = 0; i < counter->len; i++) {
        wide_add(&inc, counter->inc[i]);
        wide_add(&dec, counter->dec[i]);
    }

    return difference(inc, dec, ret_value);
}

int pncounter_local_value(const struct pncounter *counter, dc_name id, int64_t *ret_value)
{
    struct wide inc = {.low = pncounter_total(counter, id, DC_INC)};
    struct wide dec = {.low = pncounter_total(counter, id, DC_DEC)};

    return difference(inc, dec, ret_value);
}

/*
 * Which of @count <= STRETCH totals are above @than: bit i for number i. Without
 * branches, and of a fixed length nearly always: inline.
 */
static inline uint32_t above(const uint64_t *totals, const uint64_t *than, uint32_t count)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < count; i++)
        bits |= (uint32_t)(totals[i] > than[i]) << i;

    return bits;
}

/*
 * The same for entries of two states with the same ids, from @from on. Many states
 * count in one direction only: a side without totals is above nothing.
 */
static uint32_t above_in_stretch(const struct pncounter *src, const struct pncounter *dst,
                                 uint32_t from)
{
    uint32_t left = src->len - from;
    uint32_t bits = 0;

    for (int side = DC_INC; side <= DC_DEC; side++) {
        const uint64_t *totals = column(src, (enum dc_side)side) + from;
        const uint64_t *than = column(dst, (enum dc_side)side) + from;
        if (src->extents[side].entries > 0)
            bits |= left < STRETCH ? above(totals, than, left) : above(totals, than, STRETCH);
    }

    return bits;
}

static void raise_entry(struct pncounter *dst, uint32_t at, const struct pncounter *src,
                        uint32_t from, const struct pncounter_watch *watch)
{
    raise_half(dst, at, DC_INC, src->inc[from], watch);
    raise_half(dst, at, DC_DEC, src->dec[from], watch);
}

/* The join of two states with the same ids, in place. Most entries bring nothing new. */
static bool raise_all(struct pncounter *dst, const struct pncounter *src,
                      const struct pncounter_watch *watch)
{
    bool changed = false;

    for (uint32_t from = 0; from < dst->len; from += STRETCH) {
        uint32_t bits = above_in_stretch(src, dst, from);
        changed |= bits != 0;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t at = from + (uint32_t)__builtin_ctz(bits);
            raise_entry(dst, at, src, at, watch);
        }
    }

    return changed;
}

/* Whether any entry of @src is above that of @dst, which has the same ids. */
static bool any_above(const struct pncounter *src, const struct pncounter *dst)
{
    for (uint32_t from = 0; from < src->len; from += STRETCH)
        if (above_in_stretch(src, dst, from) != 0)
            return true;

    return false;
}

/* How the ids at the heads of two runs compare; a run that is used up is last. */
static inline int heads(const struct pncounter *a, uint32_t i, uint32_t a_len,
                        const struct pncounter *b, uint32_t k)
{
    if (i == a_len)
        return 1;
    if (k == b->len)
        return -1;
    return a->ids[i] == b->ids[k] ? 0 : names_compare(a->names, a->ids[i], b->ids[k]);
}

/* How many ids of @src are new to @dst; *ret_rises: does a known one rise? */
static uint32_t survey(const struct pncounter *dst, const struct pncounter *src, bool *ret_rises)
{
    uint32_t missing = 0;
    bool rises = false;

    for (uint32_t i = 0, k = 0; k < src->len;) {
        int order = heads(dst, i, dst->len, src, k);
        if (order == 0) {
            rises |= src->inc[k] > dst->inc[i] || src->dec[k] > dst->dec[i];
            i++;
            k++;
        } else if (order < 0) {
            i++;
        } else {
            missing++;
            k++;
        }
    }
    *ret_rises = rises;

    return missing;
}

/* The pass that changes @dst. It has room for @missing more entries. */
static void join(struct pncounter *dst, const struct pncounter *src, uint32_t missing,
                 const struct pncounter_watch *watch)
{
    /*
     * Move our entries to the end of the room, then write from the front. The
     * write index never passes the read index, because the gap between them is
     * as wide as what is still to be inserted. So no second buffer (a second
     * way to run out of memory) is needed, and @watch hears of rises in the
     * order of ids, which filling from the back could not give.
     */
    uint32_t end = dst->len + missing;
    uint32_t read = missing;
    uint32_t write = 0;

    columns_move(dst, missing, 0, dst->len);
    dst->len = end;
    for (uint32_t k = 0; k < src->len;) {
        int order = heads(dst, read, end, src, k);
        if (order <= 0) {
            dst->ids[write] = dst->ids[read];
            dst->inc[write] = dst->inc[read];
            dst->dec[write] = dst->dec[read];
            read++;
        } else {
            dst->ids[write] = src->ids[k];
            dst->inc[write] = 0;
            dst->dec[write] = 0;
        }
        if (order >= 0)
            raise_entry(dst, write, src, k++, watch);
        write++;
    }

    POST(write == read, "the gap is closed when all of src is in");
}

int pncounter_merge(struct pncounter *dst, const struct pncounter *src,
                    const struct pncounter_watch *watch)
{
    PRE(dst->names == src->names, "handles compare only within one table");

    bool rises;
    if (dst == src)
        return 0;
    if (same_ids(dst, src))
        return raise_all(dst, src, watch);
    uint32_t missing = survey(dst, src, &rises);
    if (missing == 0 && !rises) {
        MARK(MERGE_NOTHING);
        return 0;
    }

    /*
     * Reserve before touching anything: past this point nothing can fail, so
     * the caller never sees half a merge.
     */
    uint32_t len = dst->len + missing;
    int rc = pncounter_reserve(dst, missing > 0 && len < DC_ENTRIES_MAX ? len + 1 : len);
    if (rc < 0)
        return rc;
    join(dst, src, missing, watch);

    return 1;
}

void pncounter_show_names(struct pncounter *counter, struct names_sweep *sweep)
{
    for (uint32_t i = 0; i < counter->len; i++)
        names_show(sweep, &counter->ids[i]);
}

/* The answer for what was found above and below so far. */
static enum pncounter_order order_of(bool ahead, bool behind)
{
    if (ahead && behind)
        return PNCOUNTER_CONCURRENT;
    if (ahead)
        return PNCOUNTER_AHEAD;
    return behind ? PNCOUNTER_BEHIND : PNCOUNTER_EQUAL;
}

enum pncounter_order pncounter_compare(const struct pncounter *a, const struct pncounter *b)
{
    PRE(a->names == b->names, "handles compare only within one table");

    if (a == b)
        return PNCOUNTER_EQUAL;
    if (same_ids(a, b))
        return order_of(any_above(a, b), any_above(b, a));

    /* An entry that one side lacks is never zero, so it alone puts it ahead. */
    bool ahead = false;
    bool behind = false;
    for (uint32_t i = 0, k = 0; i < a->len || k < b->len;) {
        int order = heads(a, i, a->len, b, k);
        if (order == 0) {
            ahead |= a->inc[i] > b->inc[k] || a->dec[i] > b->dec[k];
            behind |= a->inc[i] < b->inc[k] || a->dec[i] < b->dec[k];
        } else {
            ahead |= order < 0;
            behind |= order > 0;
        }
        i += order <= 0;
        k += order >= 0;
    }

    return order_of(ahead, behind);
}

int pncounter_copy(struct pncounter *dst, const struct pncounter *src)
{
    PRE(dst->names == src->names, "handles compare only within one table");

    if (dst == src)
        return 0;
    if (src->len > dst->cap) {
        /* What @dst holds is about to be replaced: nothing to carry over. */
        void *block = mem_alloc(dst->mem, src->len * ENTRY_BYTES);
        if (block == NULL)
            return DC_ENOMEM;
        columns_free(dst);
        columns_place(dst, block, src->len);
    }
    columns_copy(dst, src);
    dst->len = src->len;
    dst->extents[DC_INC] = src->extents[DC_INC];
    dst->extents[DC_DEC] = src->extents[DC_DEC];

    return 0;
}
