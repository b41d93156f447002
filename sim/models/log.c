/*
 * The ledger and its log on a disk of their own, through crashes, full disks and syncs
 * that fail: what a start reads is what sim/logread.h reads, what was safe is there, and
 * what was counted is what was answered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "core/err.h"
#include "core/mem.h"
#include "sim/disk_ops.h"
#include "sim/logread.h"
#include "sim/memory.h"
#include "sim/models/log_inner.h"

/* Of a record whose bytes are drawn. */
#define STRANGE_HEAD 32u
#define STRANGE_MAX 64u
/* A node with a longer name cannot take a new id. */
#define NEW_ID_MAX (DC_NAME_BYTES_MAX - 17u)
/* So many rounds, with nothing in the way, settle all. */
#define SETTLED_ROUNDS 4u

/* ---- what it sees of the world ---- */

static uint64_t on_random(void *ctx)
{
    struct log_model *log = ctx;

    return model_draw(log->it, 0, UINT64_MAX);
}

static void on_reply(void *ctx, uint64_t number, enum env_answer answer)
{
    struct log_model *log = ctx;
    struct log_client *client;

    if (number >= log->clients_len || !log->clients[number].waits) {
        model_wrong(log->it, CHECK_ANSWER, "answers a client that does not wait", log->clients_len,
                    number);
        return;
    }
    client = &log->clients[number];
    client->waits = false;
    log->own[client->side].least += answer == ENV_OK ? client->amount : 0;
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct log_model *log = ctx;

    (void)level;
    (void)fields;
    log->said |= 1u << event;
}

static int on_truncate(void *ctx, const char *file, uint64_t len)
{
    struct log_model *log = ctx;

    return log->is_sticky ? DC_EIO : disk_truncate(&log->disk, file, len);
}

static int on_remove(void *ctx, const char *file)
{
    struct log_model *log = ctx;

    return log->is_sticky ? DC_EIO : disk_remove(&log->disk, file);
}

static void on_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct log_model *log = ctx;

    (void)side;
    (void)old;
    (void)now;
    ledger_raised(&log->ledger, id);
}

struct pncounter_watch log_watch(struct log_model *log)
{
    return (struct pncounter_watch){.raised = on_raised, .ctx = log};
}

/* ---- a start ---- */

static uint64_t bytes_of(const struct disk *disk)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < disk->files_len; i++)
        bytes += disk->files[i].there ? disk->files[i].len + 1 : 0;
    return bytes;
}

static void drop(struct log_model *log)
{
    ledger_release(&log->ledger);
    pncounter_release(&log->counter);
    names_release(&log->names);
}

void log_count_from(struct log_model *log, const uint64_t totals[2])
{
    for (int side = DC_INC; side <= DC_DEC; side++) {
        log->own[side] = (struct log_span){.least = totals[side], .most = totals[side]};
        log->began_at[side] = totals[side];
        log->moving[side] = 0;
    }
}

/* Is another try worth it? */
static bool is_worth_another(struct log_model *log, int rc)
{
    struct disk_faults *faults = &log->disk.faults;
    bool unread = rc == DC_EIO && faults->readfail_ppb > 0;

    if (unread != ((log->said & 1u << ENV_LOG_UNREADABLE) != 0))
        model_wrong(log->it, CHECK_LOG, "says of a disk that it can be read, or the reverse",
                    unread, log->said);
    if (unread && model_draw(log->it, 0, 2) == 0)
        faults->readfail_ppb = 0;
    return model_again(log->it, rc) || unread;
}

/* Until there is memory for it, and the disk can be read; what fails before has written nothing. */
static void open_ledger(struct log_model *log, bool is_first)
{
    struct pncounter_watch watch = log_watch(log);
    uint64_t bytes = bytes_of(&log->disk), totals[2];
    struct model *it = log->it;
    bool is_long = it->ids[0].len > NEW_ID_MAX;
    int rc;

    do {
        if (log->is_open)
            drop(log);
        log->is_open = true;
        log->said = 0;
        names_init(&log->names, &it->memory.mem);
        pncounter_init(&log->counter, &it->memory.mem, &log->names);
        ledger_init(&log->ledger, &it->memory.mem, &log->env, &log->names,
                    log_name(log, &it->ids[0]), log->durable, log->segment_bytes);
        log->ledger.waiting_max = log->waiting_max;
        rc = ledger_open(&log->ledger, &log->counter, is_first, &watch);
        if (rc < 0 && bytes_of(&log->disk) != bytes)
            model_wrong(it, CHECK_LOG, "fails to start, and writes to its disk", bytes,
                        bytes_of(&log->disk));
    } while (is_worth_another(log, rc));
    if (rc < 0 && !(rc == DC_ELIMIT && is_long))
        model_wrong(it, CHECK_LOG, "fails to start with a disk that can be read", 0, (uint64_t)-rc);
    log->is_dead = rc < 0;
    for (int side = DC_INC; side <= DC_DEC; side++)
        totals[side] = pncounter_total(&log->counter, log->ledger.id, (enum dc_side)side);
    log_count_from(log, totals);
}

static bool counts_under(const struct log_model *log, dc_name id)
{
    return pncounter_total(&log->counter, id, DC_INC) > 0 ||
           pncounter_total(&log->counter, id, DC_DEC) > 0;
}

static void compare(struct log_model *log, const struct pncounter *found,
                    const struct logread *read)
{
    unsigned words =
        1u << ENV_LOG_EMPTY | 1u << ENV_LOG_TORN | 1u << ENV_LOG_DAMAGED | 1u << ENV_INCARNATION;
    static const unsigned due[] = {
        [LOGREAD_NONE] = 1u << ENV_LOG_EMPTY | 1u << ENV_INCARNATION,
        [LOGREAD_WHOLE] = 0,
        [LOGREAD_TORN] = 1u << ENV_LOG_TORN,
        [LOGREAD_HURT] = 1u << ENV_LOG_DAMAGED | 1u << ENV_INCARNATION,
    };
    bool keeps = read->found == LOGREAD_WHOLE || read->found == LOGREAD_TORN;
    dc_name own = log->ledger.id, id = log_kept_name(log, own);

    if (read->is_strange)
        return;
    if (read->totals.len != log->counter.len ||
        pncounter_compare(&read->totals, found) != PNCOUNTER_EQUAL)
        model_wrong(log->it, CHECK_LOG, "starts with something else than its log says",
                    read->totals.len, found->len);
    if ((read->id != DC_NAME_NONE && (id == read->id) != keeps) ||
        (!keeps && (!log_is_new(log, own) || counts_under(log, own))))
        model_wrong(log->it, CHECK_LOG, "keeps an id that it must not use, or the reverse",
                    read->id, id);
    if ((log->said & words) != due[read->found])
        model_wrong(log->it, CHECK_LOG, "says of its log what is not so", due[read->found],
                    log->said & words);
}

/* What was safe is there; own counts are those that were answered, and some that were not. */
static void look_back(const struct log_model *log, const struct pncounter *found, dc_name id,
                      const struct log_span own[2])
{
    enum pncounter_order order = pncounter_compare(&log->safe, found);

    if (order != PNCOUNTER_EQUAL && order != PNCOUNTER_BEHIND)
        model_wrong(log->it, CHECK_FALL, "lacks what it said is safe", log->safe.len, found->len);
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t total = pncounter_total(found, id, (enum dc_side)side);

        if (total < own[side].least || total > own[side].most)
            model_wrong(log->it, CHECK_OK,
                        "starts with own counts that were not asked for, or lacks some",
                        own[side].least, total);
    }
}

/* A record that is right but for what is drawn of it, behind the others. */
static void write_strange(struct log_model *log)
{
    struct model *it = log->it;
    uint8_t bytes[STRANGE_MAX] = {0};
    uint64_t segment = log->ledger.wal.segment, seq = log->ledger.wal.next_seq;
    uint64_t seqs[] = {seq, seq + model_draw(it, 0, 2), model_draw(it, 0, seq),
                       (UINT64_C(1) << 63) + model_draw(it, 0, 1)};
    uint64_t claims[] = {0, log->ledger.wal.durable_seq, seq + model_draw(it, 0, 2),
                         (UINT64_C(1) << 63) + 1};
    uint64_t seq_at = model_draw(it, 0, 9), claim_at = model_draw(it, 0, 9);
    uint64_t type = model_draw(it, 0, 7), sum;
    const struct model_id *id = &it->ids[model_draw(it, 0, it->len - 1)];
    size_t len = STRANGE_HEAD;
    char file[DISK_NAME_MAX];

    if (id->len <= 20) { /* one total */
        bytes[len] = (uint8_t)model_draw(it, 0, 2);
        bytes[len + 1] = (uint8_t)id->len;
        memcpy(bytes + len + 3, id->bytes, id->len);
        bytes[len + 3 + id->len] = 7;
        len += 11 + id->len;
        len -= model_draw(it, 0, 3) == 0;
    }
    for (unsigned i = 0; i < 8; i++) {
        bytes[8 + i] = (uint8_t)(seqs[seq_at < 4 ? seq_at : 0] >> (8 * i));
        bytes[16 + i] = (uint8_t)(claims[claim_at < 4 ? claim_at : 1] >> (8 * i));
    }
    bytes[24] = (uint8_t)(len - STRANGE_HEAD);
    bytes[28] = (uint8_t)type;
    bytes[29 + model_draw(it, 0, 2)] = model_draw(it, 0, 7) == 0;
    sum = XXH64(bytes + 8, len - 8, segment);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(sum >> (8 * i));
    snprintf(file, sizeof(file), "log.%016" PRIx64, segment);
    (void)disk_append(&log->disk, file, bytes, len);
}

static void restart(struct log_model *log, uint64_t number)
{
    struct model *it = log->it;
    dc_name id = log_kept_name(log, log->ledger.id);
    bool strange = model_draw(it, 0, 3) == 0;
    struct log_span own[2] = {log->own[DC_INC], log->own[DC_DEC]};
    struct pncounter found;
    struct logread read;

    if (model_draw(it, 0, 1))
        disk_crash(&log->disk, number);
    else
        disk_settle(&log->disk);
    log->disk.faults = (struct disk_faults){0};
    if (model_draw(it, 0, 7) == 0)
        log->disk.faults.readfail_ppb = 500000000;
    log->clients_len = 0; /* nobody will be answered any more */
    if (strange) {
        write_strange(log);
        disk_settle(&log->disk);
        pncounter_clear(&log->safe); /* whoever writes to its disk may take it away */
    }
    drop(log);
    log->is_open = false;
    logread_all(&read, &log->disk, &it->names);
    open_ledger(log, false);
    pncounter_init(&found, memory_heap(), &it->names);
    log_keep(log, &found);
    if (!log->is_dead)
        compare(log, &found, &read);
    if (!log->is_dead && !strange && log->durable)
        look_back(log, &found, id, own);
    pncounter_release(&found);
    logread_release(&read);
}

/* ---- what happens to it ---- */

uint32_t log_waiting(const struct log_model *log)
{
    uint32_t waiting = 0;

    for (uint32_t i = 0; i < log->clients_len; i++)
        waiting += log->clients[i].waits;
    return waiting;
}

static void count(struct log_model *log)
{
    struct pncounter_watch watch = log_watch(log);
    enum dc_side side = (enum dc_side)model_draw(log->it, DC_INC, DC_DEC);
    uint64_t amount = model_draw(log->it, 1, 3);
    uint32_t number = log->clients_len, waiting = log_waiting(log);
    int rc;

    if (number == LOG_CLIENTS_MAX || amount > UINT64_MAX - log->own[side].most)
        return;
    log->clients[log->clients_len++] =
        (struct log_client){.side = side, .amount = amount, .waits = true};
    rc = ledger_ask(&log->ledger, &log->counter, number, side, amount, &watch);
    if (log->durable && waiting == log->waiting_max && rc != DC_ELIMIT)
        model_wrong(log->it, CHECK_ANSWER, "lets more clients wait than it may", waiting,
                    (uint64_t)-rc);
    if (rc != 0)
        log->clients[number].waits = false;
    if (rc == 1)
        log->own[side].least += amount;
    if (rc >= 0)
        log->own[side].most += amount;
}

/* Another's total comes. */
static void hear(struct log_model *log)
{
    struct model *it = log->it;
    struct pncounter_watch watch = log_watch(log);
    struct pncounter told;
    dc_name name = log_name(log, &it->ids[model_draw(it, 0, it->len - 1)]);
    enum dc_side side = (enum dc_side)model_draw(it, DC_INC, DC_DEC);
    uint64_t total = model_draw(it, 1, 9);

    if (name == log->ledger.id)
        return;
    pncounter_init(&told, &it->memory.mem, &log->names);
    if (pncounter_raise(&told, name, side, total, NULL) > 0)
        (void)pncounter_merge(&log->counter, &told, &watch);
    pncounter_release(&told);
}

static void own_totals(const struct log_model *log, uint64_t totals[2])
{
    for (int side = DC_INC; side <= DC_DEC; side++)
        totals[side] = pncounter_total(&log->counter, log->ledger.id, (enum dc_side)side);
}

static void end_sync(struct log_model *log)
{
    struct pncounter_watch watch = log_watch(log);
    uint64_t token, before[2], after[2];
    bool ok, changed, due;

    if (!log->disk.syncing)
        return;
    ok = disk_sync_end(&log->disk, &token);
    own_totals(log, before);
    changed = ledger_on_sync(&log->ledger, &log->counter, token + 1, ok, &watch);
    own_totals(log, after);
    if (changed || memcmp(before, after, sizeof(before)) != 0 || log->disk.syncing) {
        model_wrong(log->it, CHECK_ANSWER, "takes the answer to another sync", token, token + 1);
        return;
    }
    changed = ledger_on_sync(&log->ledger, &log->counter, token, ok, &watch);
    own_totals(log, after);
    due = memcmp(before, after, sizeof(before)) != 0;
    if (changed != due)
        model_wrong(log->it, CHECK_LOG, "says of a sync what is not so", due, changed);
}

/*
 * What it shows of its own is what was answered, and what moved; what it says is safe is
 * kept in mind. Does it show what moved since it was looked at last?
 */
static bool look(struct log_model *log)
{
    bool has_moved = log_see_moved(log);
    bool moves = log->moving[DC_INC] > 0 || log->moving[DC_DEC] > 0;
    bool busy = log_waiting(log) > 0 || (moves && log->disk.syncing);
    uint64_t found[2];

    own_totals(log, found);
    for (int side = DC_INC; side <= DC_DEC; side++)
        if (found[side] != log->own[side].least)
            model_wrong(log->it, CHECK_OK, "counts something else than it answered",
                        log->own[side].least, found[side]);
    if (log->ledger.wal.batch.len > 0)
        model_wrong(log->it, CHECK_LOG, "leaves behind what it was to write", 0,
                    log->ledger.wal.batch.len);
    if (log->ledger.waiting_cap > LOG_CLIENTS_MAX)
        model_wrong(log->it, CHECK_MEMORY, "has room for more clients than ever wait",
                    LOG_CLIENTS_MAX, log->ledger.waiting_cap);
    if (ledger_is_busy(&log->ledger) != busy)
        model_wrong(log->it, CHECK_ANSWER, "is done before it has answered, or the reverse", busy,
                    !busy);
    if (log->durable && ledger_is_safe(&log->ledger))
        log_keep(log, &log->safe);
    return has_moved;
}

/* With nothing in its way it answers all, shows what moved, and all of it is safe. */
static void settle(struct log_model *log)
{
    model_starve(log->it, false);
    log->disk.faults = (struct disk_faults){0};
    log->is_sticky = false;
    for (unsigned round = 0; round < SETTLED_ROUNDS; round++) {
        end_sync(log);
        (void)look(log);
        ledger_flush(&log->ledger, &log->counter);
    }
    if (log_waiting(log) > 0)
        model_wrong(log->it, CHECK_ANSWER, "does not answer all its clients", 0, log_waiting(log));
    for (int side = DC_INC; side <= DC_DEC; side++)
        if (log->moving[side] > 0)
            model_wrong(log->it, CHECK_OK, "does not show what it counted under an id before",
                        log->moving[side], 0);
    if (!ledger_is_safe(&log->ledger))
        model_wrong(log->it, CHECK_FALL, "does not come to a state that is safe", 1, 0);
    model_starve(log->it, log->is_starved);
}

static void fail_disk(struct log_model *log)
{
    struct model *it = log->it;

    switch (model_draw(it, 0, 3)) {
    case 0:
        log->is_sticky = model_draw(it, 0, 1);
        break;
    case 1:
        log->disk.faults.syncfail_ppb = model_draw(it, 0, 1) * 500000000;
        break;
    default:
        log->disk.faults.full = model_draw(it, 0, 2) == 0;
    }
}

static bool is_well(const struct log_model *log)
{
    return !log->is_dead && !model_is_wrong(log->it);
}

static void step(struct log_model *log, uint64_t number)
{
    struct model *it = log->it;

    switch (model_draw(it, 0, 13)) {
    case 0:
    case 1:
    case 2:
        count(log);
        break;
    case 3:
    case 4:
    case 5:
        hear(log);
        break;
    case 6:
        ledger_flush(&log->ledger, &log->counter);
        break;
    case 7:
    case 8:
        end_sync(log);
        break;
    case 9:
    case 10:
        fail_disk(log);
        break;
    case 11:
        settle(log);
        break;
    case 12:
        log_be_told(log);
        break;
    default:
        restart(log, number);
    }
    if (is_well(log) && look(log) && model_draw(it, 0, 1))
        restart(log, number);
}

void model_ask_log(struct model *it)
{
    struct env_ops ops = {.random = on_random, .reply = on_reply, .log = on_log};
    static const uint64_t sizes[] = {1, 100, 1000, 10000};
    struct log_model log = {.it = it};
    uint64_t steps = model_draw(it, 4, it->len < 16 ? 24 : 150);

    disk_ops(&ops);
    ops.disk_truncate = on_truncate;
    ops.disk_remove = on_remove;
    log.env = (struct env){.ops = &ops, .ctx = &log};
    log.segment_bytes = sizes[model_draw(it, 0, 3)];
    log.durable = model_draw(it, 0, 7) > 0;
    log.waiting_max = model_draw(it, 0, 1) ? LEDGER_WAITING_MAX : (uint32_t)model_draw(it, 1, 20);
    log.is_starved = model_draw(it, 0, 1);
    disk_init(&log.disk, &it->choose, key_with(it->key, UINT64_MAX - 1));
    pncounter_init(&log.safe, memory_heap(), &it->names);
    model_starve(it, log.is_starved);
    open_ledger(&log, true);
    for (uint64_t number = 1; number <= steps && is_well(&log); number++)
        step(&log, number);
    if (is_well(&log))
        restart(&log, 0);
    if (is_well(&log))
        settle(&log);
    model_starve(it, false);
    drop(&log);
    pncounter_release(&log.safe);
    disk_release(&log.disk);
}
