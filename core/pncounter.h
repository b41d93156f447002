/*
 * A PN-counter: for each node id a total of increments and one of decrements.
 * The value is the sum of all increments less the sum of all decrements.
 *
 * Shape: entries in ascending byte order of their ids, one per id, at most
 * DC_ENTRIES_MAX, in three columns (20 bytes an entry). An entry whose halves
 * are both 0 is never stored, so two equal states have equal columns.
 *
 * Source: Shapiro, Preguiça, Baquero, Zawirski, "A comprehensive study of
 * Convergent and Commutative Replicated Data Types", INRIA RR-7506 (2011),
 * state-based PN-Counter.
 */
#ifndef DC_CORE_PNCOUNTER_H
#define DC_CORE_PNCOUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

struct mem;
struct names;
struct names_sweep;

/* One side of a state, as it is to be sent. */
struct pncounter_extent {
    uint32_t entries; /* whose total is not 0 */
    size_t bytes;     /* of their ids as strings, headers included */
};

struct pncounter {
    const struct mem *mem;              /* borrowed */
    const struct names *names;          /* borrowed; gives the order of ids */
    dc_name *ids;                       /* ascending by bytes */
    uint64_t *inc;                      /* operations, never falls */
    uint64_t *dec;                      /* operations, never falls */
    uint32_t len;                       /* entries in use */
    uint32_t cap;                       /* entries allocated, the same for all columns */
    struct pncounter_extent extents[2]; /* by side; kept up with each total */
};

/* How two states relate in the lattice. */
enum pncounter_order {
    PNCOUNTER_EQUAL,
    PNCOUNTER_BEHIND,     /* the first is contained in the second */
    PNCOUNTER_AHEAD,      /* the first contains the second */
    PNCOUNTER_CONCURRENT, /* each has what the other lacks */
};

/*
 * Told of each half that rises, after it rose: old < new. May be NULL.
 * Must not touch the counter that is being changed.
 */
struct pncounter_watch {
    void (*raised)(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t new_total);
    void *ctx;
};

/* An empty counter. Cannot fail. */
void pncounter_init(struct pncounter *counter, const struct mem *mem, const struct names *names);

/* Frees the columns and leaves @counter zeroed; a second call does nothing. */
void pncounter_release(struct pncounter *counter);

/*
 * Appends an entry whose id is above all others, while there is room. Totals as
 * in the columns, not both 0.
 */
void pncounter_append(struct pncounter *counter, dc_name id, uint64_t inc, uint64_t dec);

/* No entries; keeps the memory. */
void pncounter_clear(struct pncounter *counter);

/*
 * Makes room for @entries entries in all, so that nothing up to that number
 * needs memory. Never shrinks. Returns 0, DC_ELIMIT or DC_ENOMEM.
 */
int pncounter_reserve(struct pncounter *counter, uint32_t entries);

/*
 * Adds @amount operations to one half of @id. 0 changes nothing and stores
 * nothing. Returns 0 or DC_EOVERFLOW, DC_ELIMIT, DC_ENOMEM; on error the
 * counter is as it was.
 */
int pncounter_add(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t amount,
                  const struct pncounter_watch *watch);

/*
 * Raises one half of @id to at least @total (a merge of a single half).
 * Returns 1 if it rose, 0 if it already stood there, DC_ELIMIT or DC_ENOMEM.
 */
int pncounter_raise(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t total,
                    const struct pncounter_watch *watch);

/* The total of one half of @id; 0 where there is no entry. */
uint64_t pncounter_total(const struct pncounter *counter, dc_name id, enum dc_side side);

/*
 * Whether @id has an entry. *at is a guess where, and then the place: who asks again of
 * states that are alike need not search.
 */
bool pncounter_has(const struct pncounter *counter, dc_name id, uint32_t *at);

/*
 * Sum of increments less sum of decrements, over all ids, or of @id alone
 * (pncounter_local_value). Returns 0 and *ret_value, or DC_ERANGE when it does
 * not fit into an int64 (then *ret_value is untouched).
 */
int pncounter_value(const struct pncounter *counter, int64_t *ret_value);
int pncounter_local_value(const struct pncounter *counter, dc_name id, int64_t *ret_value);

/*
 * Join @src into @dst: for each id the larger of the two increment totals and
 * the larger of the two decrement totals. Commutative, associative,
 * idempotent; no half ever falls. So a message may be lost, repeated or late
 * without harm.
 *
 * Shape: both use the same struct names. @dst == @src changes nothing.
 * Ownership: @src is only read and nothing of it is kept.
 * Cost: one pass over both; at most one allocation, and none when no id is new
 *     or the capacity suffices.
 * @watch hears of every half that rose, ids ascending, increments first; only
 *     when the merge can no longer fail.
 * Room: who reserved one entry more than there are still has it afterwards, unless
 *     that is above DC_ENTRIES_MAX.
 *
 * Returns 1 if @dst changed, 0 if it contained @src already, or DC_ELIMIT,
 * DC_ENOMEM; on error @dst is as it was.
 */
int pncounter_merge(struct pncounter *dst, const struct pncounter *src,
                    const struct pncounter_watch *watch);

/* Shows the ids of all entries (core/names.h). Their order is that of bytes, and stays. */
void pncounter_show_names(struct pncounter *counter, struct names_sweep *sweep);

/* How @a stands to @b. */
enum pncounter_order pncounter_compare(const struct pncounter *a, const struct pncounter *b);

/*
 * Makes @dst equal to @src. Returns 0, or DC_ENOMEM with @dst as it was.
 */
int pncounter_copy(struct pncounter *dst, const struct pncounter *src);

#endif
