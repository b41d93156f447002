/* Rows by handle, sorted as the entries of a frame are (core/pairs.h). */
#include "core/found.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pairs.h"
#include "core/pncounter.h"
#include "core/banned.h"

void found_init(struct found *found, const struct mem *mem, const struct names *names)
{
    *found = (struct found){.mem = mem, .names = names};
}

void found_release(struct found *found)
{
    if (found->rows != NULL)
        mem_free(found->mem, found->rows, found->cap * sizeof(*found->rows));
    if (found->places != NULL)
        mem_free(found->mem, found->places, found->places_len * sizeof(*found->places));
    *found = (struct found){0};
}

/* Room for the place of @id. */
static int places_reserve(struct found *found, dc_name id)
{
    if (id < found->places_len)
        return 0;

    /* For all that are known: mostly nothing is read that the table had not before. */
    size_t len = mem_grow(found->places_len, found->names->len, DC_NAMES_MAX);
    uint32_t *places = mem_resize(found->mem, found->places, found->places_len * sizeof(*places),
                                  len * sizeof(*places));
    if (places == NULL)
        return DC_ENOMEM;
    memset(places + found->places_len, 0, (len - found->places_len) * sizeof(*places));
    found->places = places;
    found->places_len = (uint32_t)len;

    return 0;
}

static int rows_reserve(struct found *found)
{
    if (found->len < found->cap)
        return 0;
    if (found->len == DC_ENTRIES_MAX)
        return DC_ELIMIT;

    size_t cap = mem_grow(found->cap, (size_t)found->len + 1, DC_ENTRIES_MAX);
    struct found_row *rows =
        mem_resize(found->mem, found->rows, found->cap * sizeof(*rows), cap * sizeof(*rows));
    if (rows == NULL)
        return DC_ENOMEM;
    found->rows = rows;
    found->cap = (uint32_t)cap;

    return 0;
}

/* The row of @id, which begins with what @state says. */
static int row_of(struct found *found, const struct pncounter *state, dc_name id,
                  struct found_row **ret_row)
{
    int rc = places_reserve(found, id);

    if (rc == 0 && found->places[id] == 0) {
        rc = rows_reserve(found);
        if (rc < 0)
            return rc;
        struct found_row row = {.id = id};
        for (int side = DC_INC; side <= DC_DEC; side++)
            row.totals[side] = pncounter_total(state, id, (enum dc_side)side);
        found->rows[found->len++] = row;
        found->places[id] = found->len;
    }
    if (rc == 0)
        *ret_row = &found->rows[found->places[id] - 1];
    return rc;
}

int found_raise(struct found *found, struct pncounter *state, dc_name id, enum dc_side side,
                uint64_t total, const struct pncounter_watch *watch)
{
    struct found_row *row;

    if (found->len == 0 && state->len < FOUND_FEW)
        return pncounter_raise(state, id, side, total, watch);
    int rc = row_of(found, state, id, &row);

    if (rc < 0)
        return rc;
    uint64_t old = row->totals[side];
    if (total <= old)
        return 0;
    row->totals[side] = total;
    if (watch != NULL)
        watch->raised(watch->ctx, id, side, old, total);

    return 1;
}

/* One side of all rows, sorted. */
static int pairs_of(const struct found *found, enum dc_side side, struct pairs *pairs)
{
    int rc = pairs_begin(pairs, found->len);

    for (uint32_t i = 0; rc == 0 && i < found->len; i++)
        pairs_add(pairs, found->rows[i].id, found->rows[i].totals[side], false);
    return rc < 0 ? rc : pairs_finish(pairs, found->names);
}

int found_join(struct found *found, struct pncounter *state)
{
    PRE(found->names == state->names, "handles compare only within one table");

    struct pncounter sorted;
    struct pairs maps[2];

    if (found->len == 0)
        return 0;
    const struct mem *mem = found->mem;

    pncounter_init(&sorted, mem, found->names);
    for (int side = DC_INC; side <= DC_DEC; side++)
        pairs_init(&maps[side], mem);
    int rc = pairs_of(found, DC_INC, &maps[DC_INC]);
    if (rc == 0)
        rc = pairs_of(found, DC_DEC, &maps[DC_DEC]);
    if (rc == 0)
        rc = pairs_join(&maps[DC_INC], &maps[DC_DEC], &sorted);
    if (rc == 0)
        rc = pncounter_merge(state, &sorted, NULL);
    for (int side = DC_INC; side <= DC_DEC; side++)
        pairs_release(&maps[side]);
    pncounter_release(&sorted);
    if (rc < 0)
        return rc;
    found_release(found);
    found_init(found, mem, state->names);

    return 0;
}
