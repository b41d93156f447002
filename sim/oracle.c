/* Sums of what clients asked for and what they were told. */
#include "sim/oracle.h"

#include <stdlib.h>

#include "core/contract.h"
#include "sim/fatal.h"

/* Ids are those of nodes first; between them and incarnations lie names that are no ids. */
static void ids_reserve(struct oracle *oracle, uint32_t len)
{
    if (len > oracle->ids_cap) {
        oracle->ids_cap = len > oracle->ids_cap * 2 ? len : oracle->ids_cap * 2;
        oracle->ids = fatal_realloc_array(oracle->ids, oracle->ids_cap, sizeof(*oracle->ids));
        oracle->last = fatal_realloc_array(oracle->last, oracle->ids_cap, sizeof(*oracle->last));
    }
    for (; oracle->ids_len < len; oracle->ids_len++) {
        oracle->ids[oracle->ids_len] = (struct oracle_id){.owner = ORACLE_NOBODY};
        oracle->last[oracle->ids_len] = (struct oracle_last){0};
    }
}

void oracle_init(struct oracle *oracle, uint32_t nodes)
{
    *oracle = (struct oracle){.nodes = nodes, .spans_max = SUMS_SPANS_MAX};
    oracle->current = fatal_calloc(nodes, sizeof(*oracle->current));
    oracle->waits = fatal_calloc(nodes, sizeof(*oracle->waits));
    ids_reserve(oracle, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        oracle_incarnation(oracle, i, i);
}

void oracle_release(struct oracle *oracle)
{
    for (uint32_t i = 0; i < 2 * oracle->ids_len; i++) {
        struct oracle_half *half = &oracle->ids[i / 2].half[i % 2];

        amounts_release(&half->open);
        amounts_release(&half->unsynced);
        sums_release(&half->unknown);
        totals_release(&half->shown);
    }
    free(oracle->ids);
    free(oracle->last);
    free(oracle->current);
    free(oracle->waits);
    *oracle = (struct oracle){0};
}

void oracle_waits(struct oracle *oracle, uint32_t node)
{
    oracle->waits[node] = true;
}

void oracle_incarnation(struct oracle *oracle, uint32_t node, dc_name id)
{
    ids_reserve(oracle, id + 1);
    oracle->ids[id].owner = node;
    oracle->current[node] = id;
}

uint32_t oracle_owner(const struct oracle *oracle, dc_name id)
{
    return id < oracle->ids_len ? oracle->ids[id].owner : ORACLE_NOBODY;
}

static struct oracle_half *half_of(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    return &oracle->ids[id].half[side];
}

/* ---- what becomes of requests ---- */

dc_name oracle_asked(struct oracle *oracle, uint32_t node, enum dc_side side, uint64_t amount)
{
    dc_name id = oracle->current[node];
    struct oracle_half *half = half_of(oracle, id, side);

    half->asked += amount;
    half->step = sums_gcd(half->step, amount);
    amounts_put(oracle->waits[node] ? &half->unsynced : &half->open, amount);
    oracle->open++;
    return id;
}

/* From now on nobody ever learns whether it counts. */
static void becomes_unknown(const struct oracle *oracle, struct oracle_half *half, uint64_t amount)
{
    if (!half->unknown.spans)
        sums_init(&half->unknown, oracle->spans_max, 0);
    sums_add(&half->unknown, amount, 1);
}

/* So much of what others hold has been counted again, and nobody can tell. */
static void lose_excused(struct oracle_half *half, u128 amount)
{
    if (!half->blind)
        return;
    half->lost += amount;
    half->excused -= amount;
}

void oracle_answered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                     enum env_answer answer, bool covered)
{
    struct oracle_half *half = half_of(oracle, id, side);

    PRE(oracle->open > 0, "a request is answered once");
    oracle->open--;
    if (answer == ENV_UNKNOWN && !covered)
        return; /* it still waits for a sync */
    amounts_take(covered ? &half->open : &half->unsynced, amount);
    switch (answer) {
    case ENV_OK:
        half->ok += amount;
        half->since += amount;
        if (half->since >= half->excused)
            lose_excused(half, half->excused);
        break;
    case ENV_REFUSED:
        half->refused += amount;
        break;
    case ENV_UNKNOWN:
        becomes_unknown(oracle, half, amount);
        break;
    }
}

void oracle_covered(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t amount,
                    bool waits)
{
    struct oracle_half *half = half_of(oracle, id, side);

    amounts_take(&half->unsynced, amount);
    if (waits)
        amounts_put(&half->open, amount);
    else
        becomes_unknown(oracle, half, amount);
}

/*
 * Where somebody holds durably the largest total that was ever shown, nothing is
 * lost. Otherwise what is left may be any that was shown, with or without what was
 * confirmed after it.
 */
void oracle_lower(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t held)
{
    struct oracle_half *half = half_of(oracle, id, side);

    u128 least = half->ok - half->lost, less = least > held ? least - held : 0;

    if (held < totals_largest(&half->shown) || less > 0)
        half->ranged = true;
    half->lost += less;
    half->excused = half->excused > less ? half->excused - less : 0;
}

void oracle_begins(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t found,
                   enum oracle_log log)
{
    u128 least = oracle_least(oracle, id, side);
    struct oracle_half *half = &oracle->ids[id].half[side];

    half->found = found;
    half->since = 0;
    if (log != ORACLE_LOG_KEPT) {
        /* Damage that looks like a torn write changes nothing of what a short log has excused. */
        half->blind = log == ORACLE_LOG_SHORT || (half->blind && half->excused > 0);
        half->excused = least > found ? least - found : 0;
    }
    half->ranged = half->ranged || half->excused > 0;
}

void oracle_ends(struct oracle *oracle, uint32_t node)
{
    for (int side = DC_INC; side <= DC_DEC; side++) {
        struct oracle_half *half = half_of(oracle, oracle->current[node], (enum dc_side)side);

        lose_excused(half, half->since < half->excused ? half->since : half->excused);
        half->found += half->since;
        half->since = 0;
        if (half->moving == 0)
            continue;
        amounts_take(&half->unsynced, half->moving); /* it stays lost, but may be read one day */
        becomes_unknown(oracle, half, half->moving);
        half->moving = 0;
    }
}

void oracle_move(struct oracle *oracle, dc_name from, dc_name to, enum dc_side side, uint64_t total)
{
    struct oracle_half *old = half_of(oracle, from, side), *now = half_of(oracle, to, side);
    u128 own = old->found + old->since;
    uint64_t amount = total > own ? (uint64_t)old->since : 0;

    oracle->ids[to].from = from;
    if (old->moving > 0) { /* lost where it was; perhaps it comes along as well */
        amounts_take(&old->unsynced, old->moving);
        old->asked -= old->moving;
        now->asked += old->moving;
        now->step = sums_gcd(now->step, old->moving);
        becomes_unknown(oracle, now, old->moving);
        old->moving = 0;
    }
    if (amount == 0) /* it looks at this id no more, and others may know more of it */
        lose_excused(old, old->since < old->excused ? old->since : old->excused);
    old->since = 0;
    if (amount == 0)
        return;
    old->ranged = true;
    old->lost += amount;
    old->asked -= amount;
    now->asked += amount;
    now->step = sums_gcd(now->step, amount);
    amounts_put(&now->unsynced, amount);
    now->moving = amount;
}

void oracle_moved(struct oracle *oracle, uint32_t node)
{
    dc_name id = oracle->current[node];

    for (int side = DC_INC; side <= DC_DEC; side++) {
        struct oracle_half *now = half_of(oracle, id, (enum dc_side)side), *old;
        uint64_t amount = now->moving;

        if (amount == 0)
            continue;
        old = half_of(oracle, oracle->ids[id].from, (enum dc_side)side);
        amounts_take(&now->unsynced, amount);
        now->moving = 0;
        now->ok += amount;
        now->since += amount;
        old->ok -= amount;
        old->lost -= amount;
    }
}

u128 oracle_lost(const struct oracle *oracle)
{
    u128 lost = 0;

    for (dc_name id = 0; id < oracle->ids_len; id++)
        lost += oracle->ids[id].half[DC_INC].lost + oracle->ids[id].half[DC_DEC].lost;
    return lost;
}

u128 oracle_done(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    uint32_t owner = oracle_owner(oracle, id);
    u128 done;

    if (owner == ORACLE_NOBODY)
        return 0;
    done = half_of(oracle, id, side)->ok;
    if (oracle->ids[oracle->current[owner]].from == id && oracle->current[owner] != id)
        done -= half_of(oracle, oracle->current[owner], side)->moving; /* not there yet */
    return done;
}

u128 oracle_present(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    return half_of(oracle, id, side)->found + half_of(oracle, id, side)->since;
}

bool oracle_overflows(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    const struct oracle_half *half = half_of(oracle, id, side);

    return half->asked - half->refused > UINT64_MAX;
}

bool oracle_is_excused(const struct oracle *oracle, dc_name id)
{
    return half_of(oracle, id, DC_INC)->excused > 0 || half_of(oracle, id, DC_DEC)->excused > 0;
}

/* ---- what may be shown ---- */

void oracle_shows(struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total)
{
    totals_add(&half_of(oracle, id, side)->shown, total);
    oracle->last[id].half[side] = total;
}

bool oracle_has_shown(const struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total)
{
    return totals_has(&half_of(oracle, id, side)->shown, total);
}

u128 oracle_least(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    if (oracle_owner(oracle, id) == ORACLE_NOBODY)
        return 0;
    return half_of(oracle, id, side)->ok - half_of(oracle, id, side)->lost;
}

u128 oracle_most(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    if (oracle_owner(oracle, id) == ORACLE_NOBODY)
        return 0;
    return half_of(oracle, id, side)->asked - half_of(oracle, id, side)->refused;
}

u128 oracle_own(const struct oracle *oracle, dc_name id, enum dc_side side)
{
    u128 least = oracle_least(oracle, id, side), excused = half_of(oracle, id, side)->excused;

    return least > excused ? least - excused : 0;
}

/* After a loss: the bounds, and the first multiple of the step between them. */
static void range_of(const struct oracle *oracle, dc_name id, enum dc_side side,
                     enum oracle_view view, struct sums *ret)
{
    const struct oracle_half *half = half_of(oracle, id, side);
    u128 step = half->step ? half->step : 1;
    u128 least =
        view == ORACLE_NODE ? oracle_own(oracle, id, side) : oracle_least(oracle, id, side);
    u128 most = oracle_most(oracle, id, side);

    if (view == ORACLE_NODE)
        most -= half->unsynced.total;
    least = (least + step - 1) / step * step;
    sums_range(ret, (i128)least, (i128)(least < most ? most : least), step);
}

/* Is no more known than bounds? */
static bool is_range(const struct oracle_half *half, enum oracle_view view)
{
    return half->ranged || (view == ORACLE_NODE && half->excused > 0);
}

void oracle_sums(const struct oracle *oracle, dc_name id, enum dc_side side, enum oracle_view view,
                 struct sums *ret)
{
    const struct oracle_half *half = half_of(oracle, id, side);

    if (half->unknown.spans)
        sums_copy(ret, &half->unknown);
    else
        sums_init(ret, oracle->spans_max, 0);
    if (is_range(half, view)) {
        range_of(oracle, id, side, view, ret);
    } else {
        amounts_join(&half->open, ret);
        if (view == ORACLE_CLIENTS)
            amounts_join(&half->unsynced, ret);
        sums_shift(ret, (i128)half->ok);
    }
    /* A node refuses what its counter does not hold, also where nobody knows what that is. */
    if (sums_most(ret) > (i128)UINT64_MAX && sums_least(ret) <= (i128)UINT64_MAX)
        sums_cap(ret, (i128)UINT64_MAX);
}

bool oracle_possible(const struct oracle *oracle, dc_name id, enum dc_side side,
                     enum oracle_view view, uint64_t total)
{
    const struct oracle_half *half = half_of(oracle, id, side);
    struct sums sums;
    bool has;

    if (!is_range(half, view)) {
        if (total == half->ok)
            return true;
        if (total < half->ok)
            return false;
        /* The usual case: what is shown now is what is being counted. */
        if (half->open.len == 1 && half->open.list[0].amount == total - half->ok)
            return true;
    }
    oracle_sums(oracle, id, side, view, &sums);
    has = sums_has(&sums, total);
    sums_release(&sums);
    return has;
}

bool oracle_leaves(const struct oracle *oracle, dc_name id, enum dc_side side, uint64_t total)
{
    const struct oracle_half *half = half_of(oracle, id, side);

    return total <= oracle_most(oracle, id, side) && (half->step == 0 || total % half->step == 0);
}

/* Is there only one sum? */
static bool is_settled(const struct oracle_half *half)
{
    return !half->ranged && !half->unknown.spans && half->open.len == 0 && half->unsynced.len == 0;
}

/* One half of @id is part of the value; *sure is what needs no set. */
static void join_half(const struct oracle *oracle, dc_name id, enum dc_side side, i128 *sure,
                      struct sums *ret)
{
    const struct oracle_half *half = half_of(oracle, id, side);
    struct sums sums;

    if (is_settled(half)) {
        *sure += side == DC_INC ? (i128)half->ok : -(i128)half->ok;
        return;
    }
    oracle_sums(oracle, id, side, ORACLE_CLIENTS, &sums);
    if (side == DC_DEC)
        sums_negate(&sums);
    sums_join(ret, &sums);
    sums_release(&sums);
}

void oracle_value(const struct oracle *oracle, const struct nodeset *of, struct sums *ret)
{
    i128 sure = 0;

    sums_init(ret, oracle->spans_max, 0);
    for (dc_name id = 0; id < oracle->ids_len; id++) {
        uint32_t owner = oracle->ids[id].owner;

        if (owner == ORACLE_NOBODY || (of && !nodeset_has(of, owner)))
            continue;
        join_half(oracle, id, DC_INC, &sure, ret);
        join_half(oracle, id, DC_DEC, &sure, ret);
    }
    sums_shift(ret, sure);
}
