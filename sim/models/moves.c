/*
 * Others know more of a ledger's own counts than it does: it goes on under a new id, and
 * what it counted in this life comes along, once it is durable.
 */
#include <string.h>

#include "core/err.h"
#include "sim/models/log_inner.h"

#define DIGITS 16u

bool log_is_new(const struct log_model *log, dc_name id)
{
    uint32_t len, due = log->it->ids[0].len;
    const uint8_t *bytes = names_bytes(&log->names, id, &len);

    if (len != due + 1 + DIGITS || memcmp(bytes, log->it->ids[0].bytes, due) != 0 ||
        bytes[due] != '#')
        return false;
    for (uint32_t i = due + 1; i < len; i++)
        if (!(bytes[i] >= '0' && bytes[i] <= '9') && !(bytes[i] >= 'a' && bytes[i] <= 'f'))
            return false;
    return true;
}

/* What others say: its own counts, some more or as many, and a total of somebody. */
static int make_told(struct log_model *log, struct pncounter *told, uint64_t totals[2])
{
    struct model *it = log->it;
    dc_name name;
    int rc = 0;

    for (int side = DC_INC; rc >= 0 && side <= DC_DEC; side++) {
        uint64_t more = model_draw(it, 0, 5);

        more = more > 3 ? 0 : more;
        totals[side] = log->own[side].least;
        totals[side] += more > UINT64_MAX - totals[side] ? 0 : more;
        if (totals[side] > 0)
            rc = pncounter_raise(told, log->ledger.id, (enum dc_side)side, totals[side], NULL);
    }
    name = log_name(log, &it->ids[model_draw(it, 0, it->len - 1)]);
    if (rc >= 0 && name != log->ledger.id)
        rc = pncounter_raise(told, name, DC_INC, model_draw(it, 1, 9), NULL);
    return rc < 0 ? rc : 0;
}

/* It has gone on under another id; @totals are those that others knew of the one before. */
static void moved(struct log_model *log, dc_name before, const uint64_t totals[2])
{
    static const uint64_t none[2] = {0, 0};
    unsigned words = 1u << ENV_COUNTS_LOST | 1u << ENV_INCARNATION;
    uint64_t moving[2];

    if (log->ledger.id == before || !log_is_new(log, log->ledger.id))
        model_wrong(log->it, CHECK_OK, "goes on under an id that is not new", before,
                    log->ledger.id);
    if (log_waiting(log) > 0)
        model_wrong(log->it, CHECK_ANSWER, "takes a new id, and lets its clients wait", 0,
                    log_waiting(log));
    if ((log->said & words) != words)
        model_wrong(log->it, CHECK_LOG, "says nothing of its new id", words, log->said & words);
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t shown = log->own[side].least;

        moving[side] = log->moving[side];
        moving[side] += totals[side] > shown ? shown - log->began_at[side] : 0;
    }
    (void)log_kept_name(log, log->ledger.id); /* so that it is known to who reads the log */
    log_count_from(log, none);
    for (int side = DC_INC; side <= DC_DEC; side++) {
        log->moving[side] = moving[side];
        log->own[side].most = moving[side];
    }
}

void log_be_told(struct log_model *log)
{
    struct pncounter_watch watch = log_watch(log);
    dc_name before = log->ledger.id;
    struct pncounter told;
    uint64_t totals[2];
    bool more;
    int rc;

    pncounter_init(&told, &log->it->memory.mem, &log->names);
    rc = make_told(log, &told, totals);
    more = totals[DC_INC] > log->own[DC_INC].least || totals[DC_DEC] > log->own[DC_DEC].least;
    log->said = 0;
    if (rc == 0)
        rc = ledger_foresee(&log->ledger, &log->counter, &told);
    if (rc >= 0)
        rc = pncounter_merge(&log->counter, &told, &watch);
    if (rc >= 0)
        ledger_check_own(&log->ledger, &log->counter, &watch);
    pncounter_release(&told);
    if (rc >= 0 && more)
        moved(log, before, totals);
    else if (log->ledger.id != before)
        model_wrong(log->it, CHECK_OK, "goes on under another id without need", before,
                    log->ledger.id);
}

bool log_see_moved(struct log_model *log)
{
    bool any = false;

    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t found = pncounter_total(&log->counter, log->ledger.id, (enum dc_side)side);
        uint64_t *moving = &log->moving[side], *least = &log->own[side].least;

        if (*moving == 0 || found != *least + *moving)
            continue;
        *least += *moving;
        *moving = 0;
        any = true;
    }
    return any;
}
