/* Of plants.h: what is spoilt between a node, its ledger and its log. */
#include <string.h>

#include "core/env.h"
#include "core/err.h"
#include "core/ledger.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/wal.h"
#include "sim/poison.h"
#include "tests/plants.h"

int __real_ledger_ask(struct ledger *ledger, struct pncounter *counter, uint64_t client,
                      enum dc_side side, uint64_t amount, const struct pncounter_watch *watch);
int __wrap_ledger_ask(struct ledger *ledger, struct pncounter *counter, uint64_t client,
                      enum dc_side side, uint64_t amount, const struct pncounter_watch *watch);
bool __real_ledger_on_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token,
                           bool ok, const struct pncounter_watch *watch);
bool __wrap_ledger_on_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token,
                           bool ok, const struct pncounter_watch *watch);
void __real_ledger_check_own(struct ledger *ledger, struct pncounter *counter,
                             const struct pncounter_watch *watch);
void __wrap_ledger_check_own(struct ledger *ledger, struct pncounter *counter,
                             const struct pncounter_watch *watch);
void __real_ledger_raised(struct ledger *ledger, dc_name id);
void __wrap_ledger_raised(struct ledger *ledger, dc_name id);
void __real_ledger_flush(struct ledger *ledger, const struct pncounter *counter);
void __wrap_ledger_flush(struct ledger *ledger, const struct pncounter *counter);
bool __real_ledger_is_busy(const struct ledger *ledger);
bool __wrap_ledger_is_busy(const struct ledger *ledger);
bool __real_ledger_is_safe(const struct ledger *ledger);
bool __wrap_ledger_is_safe(const struct ledger *ledger);
int __real_ledger_open(struct ledger *ledger, struct pncounter *counter, bool first_start,
                       const struct pncounter_watch *watch);
int __wrap_ledger_open(struct ledger *ledger, struct pncounter *counter, bool first_start,
                       const struct pncounter_watch *watch);
int __real_wal_open(struct wal *wal, struct pncounter *state, const struct pncounter_watch *watch,
                    struct wal_opening *ret);
int __wrap_wal_open(struct wal *wal, struct pncounter *state, const struct pncounter_watch *watch,
                    struct wal_opening *ret);
int __real_wal_begin(struct wal *wal, dc_name id, const struct pncounter *state,
                     const uint64_t own[2]);
int __wrap_wal_begin(struct wal *wal, dc_name id, const struct pncounter *state,
                     const uint64_t own[2]);

int __wrap_ledger_ask(struct ledger *ledger, struct pncounter *counter, uint64_t client,
                      enum dc_side side, uint64_t amount, const struct pncounter_watch *watch)
{
    if (plant == PLANT_ASK_REFUSES)
        return DC_EIO;
    if (plant == PLANT_ASK_SILENT)
        return 0;

    uint32_t limit = ledger->waiting_max;
    int rc;

    ledger->asked[side] += plant == PLANT_ASK_WRITES_MORE;
    ledger->waiting_max += plant == PLANT_ASK_LATE;
    ledger->waiting_max -= plant == PLANT_ASK_EARLY;
    rc = __real_ledger_ask(ledger, counter, client, side, amount, watch);
    ledger->waiting_max = limit;

    /* Each leads to the one before: a sanitizer must not see the leaks, dcsim must. */
    static uint8_t *leaked;
    uint8_t *block = NULL;

    if (plant == PLANT_ASK_LEAKS || plant == PLANT_ASK_OVERRUNS)
        block = mem_alloc(ledger->mem, 10);
    if (block && plant == PLANT_ASK_LEAKS) {
        memcpy(block, &leaked, sizeof(leaked));
        leaked = block;
    }
    if (block && plant == PLANT_ASK_OVERRUNS) {
        unpoison(block + 10, 1);
        block[10] = 1;
        mem_free(ledger->mem, block, 10);
    }
    if (rc == 0 && plant == PLANT_ASK_SHOWS)
        rc = pncounter_add(counter, ledger->id, side, amount, watch);
    if (rc == 0 && plant == PLANT_ASK_CONFIRMS)
        ledger->env->ops->reply(ledger->env->ctx, client, ENV_OK);
    return rc;
}

static void say_nothing(void *ctx, enum env_level level, enum env_event event,
                        const struct env_fields *fields)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
}

/* Whatever it is, it has failed, and nobody says so. */
static bool doubt_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token,
                       const struct pncounter_watch *watch)
{
    const struct env *kept = ledger->env;
    struct env_ops ops = *kept->ops;
    struct env env = {.ops = &ops, .ctx = kept->ctx};
    bool changed;

    ops.log = say_nothing;
    ledger->env = &env;
    changed = __real_ledger_on_sync(ledger, counter, token, false, watch);
    ledger->env = kept;
    return changed;
}

bool __wrap_ledger_on_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token,
                           bool ok, const struct pncounter_watch *watch)
{
    if (plant == PLANT_SYNC_IGNORED && ledger->waiting_len > 0)
        return false;
    if (plant == PLANT_SYNC_ANY)
        token = ledger->wal.token;

    bool is_last = token == ledger->wal.token;
    bool waited = ledger->waiting_len > 0;
    uint64_t client = waited ? ledger->waiting[ledger->waiting_at].client : 0;
    bool changed = plant == PLANT_SYNC_DOUBTS
                       ? doubt_sync(ledger, counter, token, watch)
                       : __real_ledger_on_sync(ledger, counter, token, ok, watch);

    if (ok && plant == PLANT_SYNC_BREAKS)
        ledger->wal.broken = true;
    if (changed && waited && plant == PLANT_SYNC_CONFIRMS)
        ledger->env->ops->reply(ledger->env->ctx, client, ENV_OK);
    if (changed && waited && plant == PLANT_SYNC_TELLS_ALL)
        ledger->env->ops->reply(ledger->env->ctx, client + 1000, ENV_OK);
    return plant == PLANT_SYNC_REVERSED && is_last ? !changed : changed;
}

void __wrap_ledger_check_own(struct ledger *ledger, struct pncounter *counter,
                             const struct pncounter_watch *watch)
{
    const struct env *kept = ledger->env;
    uint32_t waiting = ledger->waiting_len;
    struct env_ops ops = *kept->ops;
    struct env env = {.ops = &ops, .ctx = kept->ctx};
    dc_name before = ledger->id;

    if (plant == PLANT_OWN_DOUBTS && ledger->own[DC_INC] > 0)
        ledger->own[DC_INC]--;
    if (plant == PLANT_MOVE_MUTE)
        ledger->waiting_len = 0;
    ops.log = plant == PLANT_MOVE_SILENT ? say_nothing : ops.log;
    ledger->env = &env;
    __real_ledger_check_own(ledger, counter, watch);
    ledger->env = kept;
    if (ledger->id == before)
        ledger->waiting_len = waiting;
    if (plant == PLANT_MOVE_ALWAYS && ledger->id == before && counter->len > 1)
        ledger->id = counter->ids[counter->ids[0] == before];
    if (plant == PLANT_MOVE_HIDES && ledger->id != before)
        ledger->moving_base = UINT64_MAX;
    if (plant == PLANT_MOVE_STAYS)
        ledger->id = before;
}

void __wrap_ledger_raised(struct ledger *ledger, dc_name id)
{
    for (dc_name i = 0; plant == PLANT_RAISED_ALL && i < ledger->names->len; i++)
        __real_ledger_raised(ledger, i);
    __real_ledger_raised(ledger, id);
}

void __wrap_ledger_flush(struct ledger *ledger, const struct pncounter *counter)
{
    __real_ledger_flush(ledger, counter);
    if (ledger->durable && plant == PLANT_FLUSH_LEAVES)
        (void)wal_note(&ledger->wal, ledger->id, DC_INC, 1);
}

bool __wrap_ledger_is_busy(const struct ledger *ledger)
{
    return plant != PLANT_NEVER_BUSY && __real_ledger_is_busy(ledger);
}

bool __wrap_ledger_is_safe(const struct ledger *ledger)
{
    if (plant == PLANT_ALWAYS_SAFE || plant == PLANT_NEVER_SAFE)
        return plant == PLANT_ALWAYS_SAFE;
    return __real_ledger_is_safe(ledger);
}

int __wrap_ledger_open(struct ledger *ledger, struct pncounter *counter, bool first_start,
                       const struct pncounter_watch *watch)
{
    static const struct env_fields nothing = {.name = DC_NAME_NONE, .peer = DC_NAME_NONE};

    if (plant == PLANT_START_WRITES)
        (void)ledger->env->ops->disk_append(ledger->env->ctx, "x", "x", 1);
    if (plant == PLANT_OPEN_UNREAD)
        ledger->env->ops->log(ledger->env->ctx, ENV_ERROR, ENV_LOG_UNREADABLE, &nothing);
    return __real_ledger_open(ledger, counter, first_start, watch);
}

/* Reads the log, and passes on only the entries of its own id, or only those of others. */
static int open_in_part(struct wal *wal, struct pncounter *state,
                        const struct pncounter_watch *watch, struct wal_opening *ret)
{
    struct pncounter all;
    int rc;

    pncounter_init(&all, wal->mem, wal->names);
    rc = __real_wal_open(wal, &all, NULL, ret);
    for (uint32_t i = 0; rc >= 0 && i < all.len; i++) {
        if ((all.ids[i] == ret->id) == (plant == PLANT_OPEN_DROPS_OWN))
            continue;
        rc = pncounter_raise(state, all.ids[i], DC_INC, all.inc[i], watch);
        if (rc >= 0 && all.dec[i] > 0)
            rc = pncounter_raise(state, all.ids[i], DC_DEC, all.dec[i], watch);
    }
    pncounter_release(&all);
    return rc;
}

int __wrap_wal_open(struct wal *wal, struct pncounter *state, const struct pncounter_watch *watch,
                    struct wal_opening *ret)
{
    int rc;

    if (plant == PLANT_OPEN_DROPS_OWN || plant == PLANT_OPEN_DROPS_OTHERS)
        return open_in_part(wal, state, watch, ret);
    rc = __real_wal_open(wal, state, watch, ret);
    if (plant == PLANT_OPEN_CLAIMS)
        wal->durable_seq = 0;
    if (plant == PLANT_OPEN_TRUSTS && ret->found == WAL_EMPTY)
        ret->found = WAL_WHOLE;
    if (plant == PLANT_OPEN_DOUBTS && ret->found == WAL_WHOLE)
        ret->found = WAL_DAMAGED;
    if (plant == PLANT_OPEN_SILENT && ret->found == WAL_TORN)
        ret->found = WAL_WHOLE;
    if (plant == PLANT_OPEN_FAILS && rc >= 0 && ret->found == WAL_WHOLE)
        return DC_ELIMIT;
    return rc;
}

int __wrap_wal_begin(struct wal *wal, dc_name id, const struct pncounter *state,
                     const uint64_t own[2])
{
    int rc = __real_wal_begin(wal, id, state, own);

    for (uint32_t i = 0; rc == 0 && plant == PLANT_BEGINS_TWICE && i < state->len; i++)
        rc = state->inc[i] > 0 ? wal_note(wal, state->ids[i], DC_INC, state->inc[i]) : 0;
    return rc;
}
