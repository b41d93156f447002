/*
 * The life of an own count: asked, written, durable, shown. Totals are written,
 * not amounts, so what is read back twice is counted once.
 */
#include "core/ledger.h"

#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/banned.h"

void ledger_init(struct ledger *ledger, const struct mem *mem, const struct env *env,
                 struct names *names, dc_name name, bool durable, uint64_t segment_bytes)
{
    *ledger = (struct ledger){
        .mem = mem,
        .env = env,
        .names = names,
        .durable = durable,
        .name = name,
        .id = name,
        .next = DC_NAME_NONE,
        .waiting_max = LEDGER_WAITING_MAX,
    };
    wal_init(&ledger->wal, mem, env, names, segment_bytes);
}

void ledger_release(struct ledger *ledger)
{
    if (ledger->waiting != NULL)
        mem_free(ledger->mem, ledger->waiting, ledger->waiting_cap * sizeof(*ledger->waiting));
    if (ledger->dirty != NULL)
        mem_free(ledger->mem, ledger->dirty, ledger->dirty_len * sizeof(*ledger->dirty));
    wal_release(&ledger->wal);
    *ledger = (struct ledger){0};
}

static void say(const struct ledger *ledger, enum env_level level, enum env_event event,
                dc_name name, int err)
{
    struct env_fields fields = {.name = name, .peer = DC_NAME_NONE, .err = err};

    ledger->env->ops->log(ledger->env->ctx, level, event, &fields);
}

/* ---- incarnations ---- */

#define ID_DIGITS 16u

/* "n3#0123456789abcdef": nobody ever held counts under it. */
static int new_id(struct ledger *ledger, dc_name *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = ledger->env->ops->random(ledger->env->ctx);
    uint32_t len;
    const uint8_t *name = names_bytes(ledger->names, ledger->name, &len);

    if (len > DC_NAME_BYTES_MAX - ID_DIGITS - 1)
        return DC_ELIMIT;
    uint8_t *text = mem_alloc(ledger->mem, (size_t)len + 1 + ID_DIGITS);
    if (text == NULL)
        return DC_ENOMEM;
    memcpy(text, name, len);
    text[len] = '#';
    for (unsigned i = 0; i < ID_DIGITS; i++)
        text[len + 1 + i] = (uint8_t)digits[bits >> (60 - 4 * i) & 0xF];
    int rc = names_intern(ledger->names, text, (size_t)len + 1 + ID_DIGITS, ret);
    mem_free(ledger->mem, text, (size_t)len + 1 + ID_DIGITS);
    return rc;
}

/* Goes on under @id; what the counter holds of it is all our own doing. */
static void count_as(struct ledger *ledger, const struct pncounter *counter, dc_name id)
{
    ledger->id = id;
    for (int side = DC_INC; side <= DC_DEC; side++) {
        ledger->own[side] = pncounter_total(counter, id, (enum dc_side)side);
        ledger->asked[side] = ledger->began_at[side] = ledger->own[side];
    }
}

static int make_next(struct ledger *ledger)
{
    return ledger->next == DC_NAME_NONE ? new_id(ledger, &ledger->next) : 0;
}

static int become_new(struct ledger *ledger, const struct pncounter *counter)
{
    int rc = make_next(ledger);

    if (rc < 0)
        return rc;
    MARK(LEDGER_NEW_ID);
    count_as(ledger, counter, ledger->next);
    ledger->next = DC_NAME_NONE;
    say(ledger, ENV_WARN, ENV_INCARNATION, ledger->id, 0);
    return 0;
}

/* ---- the start ---- */

/* It is all written, and durable with what is before @seq. */
static void forget_dirty(struct ledger *ledger, uint64_t seq)
{
    if (ledger->merged)
        ledger->merged_seq = seq;
    ledger->merged = false;
    ledger->all_dirty = ledger->some_dirty = false;
    if (ledger->dirty != NULL)
        memset(ledger->dirty, 0, ledger->dirty_len * sizeof(*ledger->dirty));
}

/* Says what the log was found to be. Returns whether its id can be used again. */
static bool judge(const struct ledger *ledger, const struct wal_opening *opening, bool first_start)
{
    switch (opening->found) {
    case WAL_EMPTY:
        if (!first_start) {
            MARK(LEDGER_LOG_EMPTY);
            say(ledger, ENV_ERROR, ENV_LOG_EMPTY, DC_NAME_NONE, 0);
        }
        return first_start;
    case WAL_DAMAGED:
        MARK(LEDGER_LOG_DAMAGED);
        say(ledger, ENV_ERROR, ENV_LOG_DAMAGED, opening->id, 0);
        return false;
    case WAL_TORN:
        MARK(LEDGER_LOG_TORN);
        say(ledger, ENV_WARN, ENV_LOG_TORN, opening->id, 0);
        return true;
    case WAL_WHOLE:
        break;
    }
    return true;
}

int ledger_open(struct ledger *ledger, struct pncounter *counter, bool first_start,
                const struct pncounter_watch *watch)
{
    struct wal_opening opening = {.found = WAL_EMPTY, .id = DC_NAME_NONE};
    int rc = ledger->durable ? wal_open(&ledger->wal, counter, watch, &opening) : 0;

    if (rc == DC_EIO) { /* a later try may succeed: nothing is given up */
        MARK(LEDGER_UNREADABLE);
        say(ledger, ENV_ERROR, ENV_LOG_UNREADABLE, DC_NAME_NONE, rc);
    }
    if (rc < 0)
        return rc;
    if (judge(ledger, &opening, first_start))
        count_as(ledger, counter, opening.id == DC_NAME_NONE ? ledger->name : opening.id);
    else
        rc = become_new(ledger, counter);
    if (rc < 0 || !ledger->durable)
        return rc;
    /* A disk that takes nothing refuses clients later; gossip goes on. */
    rc = wal_begin(&ledger->wal, ledger->id, counter, ledger->asked);
    if (rc < 0) {
        MARK(LEDGER_NO_BASE);
        say(ledger, ENV_ERROR, ENV_DISK_FAILED, DC_NAME_NONE, rc);
    } else {
        forget_dirty(ledger, ledger->wal.durable_seq); /* the base says all that was read */
        ledger_flush(ledger, counter); /* the id that it goes on under is durable soon */
    }

    return 0;
}

/* ---- what merges brought ---- */

static int dirty_grow(struct ledger *ledger, uint32_t words)
{
    size_t len = mem_grow(ledger->dirty_len, words, DC_NAMES_MAX / 64);
    uint64_t *dirty = mem_resize(ledger->mem, ledger->dirty,
                                 ledger->dirty_len * sizeof(*ledger->dirty), len * sizeof(*dirty));

    if (dirty == NULL)
        return DC_ENOMEM;
    memset(dirty + ledger->dirty_len, 0, (len - ledger->dirty_len) * sizeof(*dirty));
    ledger->dirty = dirty;
    ledger->dirty_len = (uint32_t)len;
    return 0;
}

void ledger_raised(struct ledger *ledger, dc_name id)
{
    if (!ledger->durable)
        return;
    ledger->some_dirty = true;
    ledger->merged = ledger->merged || id != ledger->id; /* our own is written before it rises */
    if (id / 64 >= ledger->dirty_len && dirty_grow(ledger, id / 64 + 1) < 0) {
        ledger->all_dirty = true;
        return;
    }
    ledger->dirty[id / 64] |= UINT64_C(1) << (id % 64);
}

static inline bool is_dirty(const struct ledger *ledger, dc_name id)
{
    return ledger->all_dirty ||
           (id / 64 < ledger->dirty_len && (ledger->dirty[id / 64] >> (id % 64) & 1) != 0);
}

static int note(struct ledger *ledger, dc_name id, enum dc_side side, uint64_t total)
{
    return total > 0 ? wal_note(&ledger->wal, id, side, total) : 0;
}

/* What rose since the last commit goes along with this one. */
static int note_dirty(struct ledger *ledger, const struct pncounter *counter)
{
    const dc_name *ids = counter->ids;
    int rc = 0;

    if (!ledger->some_dirty)
        return 0; /* a cluster at rest */
    for (uint32_t i = 0; rc == 0 && i < counter->len; i++) {
        if (!is_dirty(ledger, ids[i]) || ids[i] == ledger->id)
            continue;
        rc = note(ledger, counter->ids[i], DC_INC, counter->inc[i]);
        if (rc == 0)
            rc = note(ledger, counter->ids[i], DC_DEC, counter->dec[i]);
    }
    return rc;
}

void ledger_flush(struct ledger *ledger, const struct pncounter *counter)
{
    uint64_t seq;
    int rc;

    if (!ledger->durable)
        return;
    rc = note_dirty(ledger, counter);
    if (rc < 0) {
        wal_drop(&ledger->wal);
    } else if (ledger->wal.batch.len > 0 || ledger->merged ||
               ledger->wal.next_seq > ledger->wal.durable_seq) {
        rc = wal_commit(&ledger->wal, counter, ledger->asked, &seq);
        if (rc == 0)
            forget_dirty(ledger, seq);
    }
    if (rc < 0)
        say(ledger, ENV_ERROR, ENV_DISK_FAILED, DC_NAME_NONE, rc);
}

bool ledger_is_safe(const struct ledger *ledger)
{
    return !ledger->durable || (!ledger->merged && ledger->merged_seq <= ledger->wal.durable_seq);
}

/* ---- operations ---- */

/* So many are worth a mark. */
#define LEDGER_WAITING_MANY 1000u

static int waiting_reserve(struct ledger *ledger)
{
    if (ledger->waiting_len == ledger->waiting_max) {
        MARK(LEDGER_WAITING_FULL);
        return DC_ELIMIT;
    }
    if (ledger->waiting_len < ledger->waiting_cap)
        return 0;

    if (ledger->waiting_len >= LEDGER_WAITING_MANY)
        MARK(LEDGER_WAITING_MANY);
    size_t cap =
        mem_grow(ledger->waiting_cap, (size_t)ledger->waiting_len + 1, ledger->waiting_max);
    struct ledger_op *ring = mem_alloc(ledger->mem, cap * sizeof(*ring));
    if (ring == NULL)
        return DC_ENOMEM;
    for (uint32_t i = 0; i < ledger->waiting_len; i++)
        ring[i] = ledger->waiting[(ledger->waiting_at + i) % ledger->waiting_cap];
    if (ledger->waiting != NULL)
        mem_free(ledger->mem, ledger->waiting, ledger->waiting_cap * sizeof(*ring));
    ledger->waiting = ring;
    ledger->waiting_cap = (uint32_t)cap;
    ledger->waiting_at = 0;
    return 0;
}

static struct ledger_op *first_waiting(struct ledger *ledger)
{
    return &ledger->waiting[ledger->waiting_at];
}

static void drop_first(struct ledger *ledger)
{
    ledger->waiting_at = (ledger->waiting_at + 1) % ledger->waiting_cap;
    ledger->waiting_len--;
}

/*
 * Writes the total that @op leads to. Returns 1 if that has failed, and may be read back
 * one day all the same.
 */
static int write(struct ledger *ledger, const struct pncounter *counter, struct ledger_op *op)
{
    int rc = note_dirty(ledger, counter);

    if (rc == 0)
        rc = note(ledger, ledger->id, op->side, ledger->asked[op->side] + op->amount);
    if (rc < 0) {
        wal_drop(&ledger->wal);
        return rc;
    }
    rc = wal_commit(&ledger->wal, counter, ledger->asked, &op->seq);
    if (rc == 0)
        forget_dirty(ledger, op->seq);
    return rc < 0 && ledger->wal.uncut ? 1 : rc;
}

/* Into the counter; both it and the ledger know it then. */
static int apply(struct ledger *ledger, struct pncounter *counter, enum dc_side side,
                 uint64_t amount, const struct pncounter_watch *watch)
{
    int rc = pncounter_add(counter, ledger->id, side, amount, watch);

    if (rc == 0)
        ledger->own[side] += amount;
    return rc;
}

static void answer(const struct ledger *ledger, const struct ledger_op *op, enum env_answer answer)
{
    ledger->env->ops->reply(ledger->env->ctx, op->client, answer);
}

int ledger_ask(struct ledger *ledger, struct pncounter *counter, uint64_t client, enum dc_side side,
               uint64_t amount, const struct pncounter_watch *watch)
{
    struct ledger_op op = {.client = client, .amount = amount, .side = side};
    int rc;

    PRE(amount > 0, "there is something to count");
    if (amount > UINT64_MAX - ledger->asked[side]) {
        MARK(LEDGER_OVERFLOW);
        return DC_EOVERFLOW;
    }
    if (!ledger->durable) {
        rc = apply(ledger, counter, side, amount, watch);
        if (rc == 0)
            ledger->asked[side] += amount;
        return rc < 0 ? rc : 1;
    }
    rc = waiting_reserve(ledger);
    if (rc == 0) /* the entry it will need, so that what is durable can be shown */
        rc = pncounter_reserve(counter, counter->len + 1);
    if (rc == 0)
        rc = write(ledger, counter, &op);
    if (rc < 0)
        return rc;
    if (rc > 0) {
        answer(ledger, &op, ENV_UNKNOWN);
        return 0;
    }
    ledger->asked[side] += amount;
    ledger->waiting[(ledger->waiting_at + ledger->waiting_len++) % ledger->waiting_cap] = op;

    return 0;
}

/* Nobody knows what becomes of what waits: the disk may give it back one day. */
static void give_up_waiting(struct ledger *ledger)
{
    while (ledger->waiting_len > 0) {
        MARK(LEDGER_GIVEN_UP);
        answer(ledger, first_waiting(ledger), ENV_UNKNOWN);
        drop_first(ledger);
    }
    for (int side = DC_INC; side <= DC_DEC; side++)
        ledger->asked[side] = ledger->own[side] + ledger->moving[side];
}

/* ---- counts that others know better ---- */

/*
 * Goes on under a new id; @moving is what comes along. It is in asked, and so in each
 * base from now on: the first of them that is durable has it.
 */
static int move_on(struct ledger *ledger, struct pncounter *counter, const uint64_t moving[2])
{
    int rc = become_new(ledger, counter);

    if (rc < 0)
        return rc;
    for (int side = DC_INC; side <= DC_DEC; side++) {
        ledger->moving[side] = moving[side];
        ledger->asked[side] += moving[side];
    }
    if (!ledger->durable)
        return 0;
    rc = wal_begin(&ledger->wal, ledger->id, counter, ledger->asked);
    ledger->moving_base = ledger->wal.segment; /* or, when it failed, the next */
    return rc;
}

/* What came along is shown when it is durable. Returns whether it was. */
static bool show_moved(struct ledger *ledger, struct pncounter *counter,
                       const struct pncounter_watch *watch)
{
    bool changed = false;

    if (ledger->durable && ledger->wal.durable_base < ledger->moving_base)
        return false;
    for (int side = DC_INC; side <= DC_DEC; side++) {
        if (ledger->moving[side] == 0 ||
            apply(ledger, counter, (enum dc_side)side, ledger->moving[side], watch) < 0)
            continue;
        MARK(LEDGER_MOVED);
        ledger->moving[side] = 0;
        changed = true;
    }
    return changed;
}

/* All that a move needs memory for: the id, and the entry that it will have. */
static int prepare_move(struct ledger *ledger, struct pncounter *counter)
{
    int rc = pncounter_reserve(counter, counter->len + 1);

    return rc < 0 ? rc : make_next(ledger);
}

/* Does @state know more of our counts than we do? */
static bool knows_more(struct ledger *ledger, const struct pncounter *state)
{
    uint32_t *at = &ledger->own_at;

    return pncounter_has(state, ledger->id, at) &&
           (state->inc[*at] > ledger->own[DC_INC] || state->dec[*at] > ledger->own[DC_DEC]);
}

int ledger_foresee(struct ledger *ledger, struct pncounter *counter, const struct pncounter *src)
{
    return knows_more(ledger, src) ? prepare_move(ledger, counter) : 0;
}

void ledger_check_own(struct ledger *ledger, struct pncounter *counter,
                      const struct pncounter_watch *watch)
{
    uint64_t moving[2];

    if (!knows_more(ledger, counter))
        return;
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t own = ledger->own[side];
        uint64_t total = pncounter_total(counter, ledger->id, (enum dc_side)side);

        moving[side] = ledger->moving[side] + (total > own ? own - ledger->began_at[side] : 0);
    }
    MARK(LEDGER_OWN_LOST);
    ledger->merged = true; /* what others know of the id before: it rose as our own */
    say(ledger, ENV_ERROR, ENV_COUNTS_LOST, ledger->id, 0);
    give_up_waiting(ledger);
    int rc = move_on(ledger, counter, moving);
    if (rc < 0)
        say(ledger, ENV_ERROR, ENV_DISK_FAILED, DC_NAME_NONE, rc);
    else if (ledger->durable)
        ledger_flush(ledger, counter);
    else
        show_moved(ledger, counter, watch);
}

/*
 * Bits are by handle, so they move along: upwards, and each to a place at or before its
 * own, where what stood there has moved before.
 */
static void show_dirty(struct ledger *ledger, struct names_sweep *sweep)
{
    for (uint32_t at = 0; at < ledger->dirty_len; at++) {
        for (uint64_t bits = ledger->dirty[at]; bits != 0; bits &= bits - 1) {
            dc_name id = at * 64 + (uint32_t)__builtin_ctzll(bits);

            ledger->dirty[at] &= ~(UINT64_C(1) << (id % 64));
            names_show(sweep, &id);
            ledger->dirty[id / 64] |= UINT64_C(1) << (id % 64);
        }
    }
}

void ledger_show_names(struct ledger *ledger, struct names_sweep *sweep)
{
    names_show(sweep, &ledger->name);
    names_show(sweep, &ledger->id);
    names_show(sweep, &ledger->next);
    names_show(sweep, &ledger->wal.id);
    show_dirty(ledger, sweep);
}

bool ledger_is_busy(const struct ledger *ledger)
{
    bool moves = ledger->moving[DC_INC] > 0 || ledger->moving[DC_DEC] > 0;

    return ledger->waiting_len > 0 || (moves && ledger->wal.syncing);
}

bool ledger_on_sync(struct ledger *ledger, struct pncounter *counter, uint64_t token, bool ok,
                    const struct pncounter_watch *watch)
{
    bool changed = false;

    if (!wal_on_sync(&ledger->wal, token, ok))
        return false;
    if (!ok) {
        say(ledger, ENV_ERROR, ENV_DISK_FAILED, DC_NAME_NONE, DC_EIO);
        give_up_waiting(ledger);
        return false;
    }
    changed = show_moved(ledger, counter, watch);
    while (ledger->waiting_len > 0 && first_waiting(ledger)->seq <= ledger->wal.durable_seq) {
        struct ledger_op op = *first_waiting(ledger);
        int rc = apply(ledger, counter, op.side, op.amount, watch);

        drop_first(ledger);
        /* Durable, but there is no memory to show it: the next start will. */
        answer(ledger, &op, rc < 0 ? ENV_UNKNOWN : ENV_OK);
        changed = changed || rc == 0;
    }
    return changed;
}
