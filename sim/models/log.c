/*
 * The ledger and its log on a disk of their own, through crashes, full disks and syncs
 * that fail: what a start reads is what sim/logread.h reads, what was safe is there, and
 * what was counted is what was answered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "core/env.h"
#include "core/err.h"
#include "core/ledger.h"
#include "sim/disk.h"
#include "sim/logread.h"
#include "sim/models/model_inner.h"

#define CLIENTS_MAX 64u
/* Of a record whose bytes are drawn. */
#define STRANGE_HEAD 32u
#define STRANGE_MAX 64u

struct client {
    enum dc_side side;
    uint64_t amount;
    bool waits;
};

/* What it counted itself: what was there at the start, and was answered with ok since. */
struct span {
    uint64_t least;
    uint64_t most; /* likewise, and what it was asked for and nobody knows of */
};

struct log_model {
    struct model *it;
    struct env env;
    struct disk disk;
    struct ledger ledger;
    struct pncounter counter;
    struct pncounter safe; /* what it said that a crash will not take */
    struct client clients[CLIENTS_MAX];
    uint32_t clients_len;
    struct span own[2]; /* by side */
    uint64_t segment_bytes;
    unsigned said; /* events, as bits */
    bool is_open, is_dead;
};

/* ---- what it sees of the world ---- */

static uint64_t on_random(void *ctx)
{
    struct log_model *log = ctx;

    return model_draw(log->it, 0, UINT64_MAX);
}

static void on_reply(void *ctx, uint64_t number, enum env_answer answer)
{
    struct log_model *log = ctx;
    struct client *client;

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

static int on_append(void *ctx, const char *file, const void *bytes, size_t len)
{
    return disk_append(&((struct log_model *)ctx)->disk, file, bytes, len);
}

static void on_sync(void *ctx, uint64_t token)
{
    (void)disk_sync_begin(&((struct log_model *)ctx)->disk, token);
}

static int on_read(void *ctx, const char *file, uint64_t offset, void *bytes, size_t len,
                   size_t *ret_len)
{
    return disk_read(&((struct log_model *)ctx)->disk, file, offset, bytes, len, ret_len);
}

static int on_truncate(void *ctx, const char *file, uint64_t len)
{
    return disk_truncate(&((struct log_model *)ctx)->disk, file, len);
}

static int on_remove(void *ctx, const char *file)
{
    return disk_remove(&((struct log_model *)ctx)->disk, file);
}

static int on_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx)
{
    return disk_list(&((struct log_model *)ctx)->disk, each, each_ctx);
}

static void on_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct log_model *log = ctx;

    (void)side;
    (void)old;
    (void)now;
    ledger_raised(&log->ledger, id);
}

static struct pncounter_watch watch_of(struct log_model *log)
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
}

/* Until there is memory for it; what fails before has written nothing. */
static void open_ledger(struct log_model *log, bool is_first)
{
    struct pncounter_watch watch = watch_of(log);
    uint64_t bytes = bytes_of(&log->disk);
    struct model *it = log->it;
    int rc;

    do {
        if (log->is_open)
            drop(log);
        log->is_open = true;
        log->said = 0;
        pncounter_init(&log->counter, &it->memory.mem, &it->names);
        ledger_init(&log->ledger, &it->memory.mem, &log->env, &it->names, it->ids[0].name, true,
                    log->segment_bytes);
        rc = ledger_open(&log->ledger, &log->counter, is_first, &watch);
        if (rc < 0 && bytes_of(&log->disk) != bytes)
            model_wrong(it, CHECK_LOG, "fails to start, and writes to its disk", bytes,
                        bytes_of(&log->disk));
    } while (model_again(it, rc));
    if (rc < 0) {
        model_wrong(it, CHECK_LOG, "fails to start with a disk that can be read", 0, (uint64_t)-rc);
        log->is_dead = true;
    }
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t total = pncounter_total(&log->counter, log->ledger.id, (enum dc_side)side);

        log->own[side] = (struct span){.least = total, .most = total};
    }
}

static bool is_same(const struct pncounter *a, const struct pncounter *b)
{
    return a->len == b->len && pncounter_compare(a, b) == PNCOUNTER_EQUAL;
}

static void compare(const struct log_model *log, const struct logread *read)
{
    unsigned words = 1u << ENV_LOG_EMPTY | 1u << ENV_LOG_TORN | 1u << ENV_LOG_DAMAGED;
    static const unsigned due[] = {
        [LOGREAD_NONE] = 1u << ENV_LOG_EMPTY,
        [LOGREAD_WHOLE] = 0,
        [LOGREAD_TORN] = 1u << ENV_LOG_TORN,
        [LOGREAD_HURT] = 1u << ENV_LOG_DAMAGED,
    };
    bool keeps = read->found == LOGREAD_WHOLE || read->found == LOGREAD_TORN;
    dc_name id = log->ledger.id;

    if (read->is_strange)
        return;
    if (!is_same(&read->totals, &log->counter))
        model_wrong(log->it, CHECK_LOG, "starts with something else than its log says",
                    read->totals.len, log->counter.len);
    if (read->id != DC_NAME_NONE && (id == read->id) != keeps)
        model_wrong(log->it, CHECK_LOG, "keeps an id that it must not use, or the reverse",
                    read->id, id);
    if ((log->said & words) != due[read->found])
        model_wrong(log->it, CHECK_LOG, "says of its log what is not so", due[read->found],
                    log->said & words);
}

/* What was safe is there; own counts are those that were answered, and some that were not. */
static void look_back(const struct log_model *log, dc_name id, const struct span own[2])
{
    enum pncounter_order order = pncounter_compare(&log->safe, &log->counter);

    if (order != PNCOUNTER_EQUAL && order != PNCOUNTER_BEHIND)
        model_wrong(log->it, CHECK_FALL, "lacks what it said is safe", log->safe.len,
                    log->counter.len);
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t found = pncounter_total(&log->counter, id, (enum dc_side)side);

        if (found < own[side].least || found > own[side].most)
            model_wrong(log->it, CHECK_OK,
                        "starts with own counts that were not asked for, or lacks some",
                        own[side].least, found);
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
    dc_name id = log->ledger.id;
    bool strange = model_draw(it, 0, 3) == 0;
    struct span own[2] = {log->own[DC_INC], log->own[DC_DEC]};
    struct logread read;

    if (model_draw(it, 0, 1))
        disk_crash(&log->disk, number);
    else
        disk_settle(&log->disk);
    log->disk.faults = (struct disk_faults){0};
    log->clients_len = 0; /* nobody will be answered any more */
    if (strange) {
        write_strange(log);
        disk_settle(&log->disk);
    }
    drop(log);
    log->is_open = false;
    logread_all(&read, &log->disk, &it->names);
    open_ledger(log, false);
    if (!log->is_dead)
        compare(log, &read);
    if (!log->is_dead && !strange)
        look_back(log, id, own);
    logread_release(&read);
}

/* ---- what happens to it ---- */

static void count(struct log_model *log)
{
    struct pncounter_watch watch = watch_of(log);
    enum dc_side side = (enum dc_side)model_draw(log->it, DC_INC, DC_DEC);
    uint64_t amount = model_draw(log->it, 1, 3);
    uint32_t number = log->clients_len;
    int rc;

    if (number == CLIENTS_MAX || amount > UINT64_MAX - log->own[side].most)
        return;
    log->clients[log->clients_len++] =
        (struct client){.side = side, .amount = amount, .waits = true};
    rc = ledger_ask(&log->ledger, &log->counter, number, side, amount, &watch);
    if (rc == 0)
        log->own[side].most += amount;
    else
        log->clients[number].waits = false;
}

/* Another's total comes, as in a merge. */
static void hear(struct log_model *log)
{
    struct model *it = log->it;
    struct pncounter_watch watch = watch_of(log);
    const struct model_id *id = &it->ids[model_draw(it, 0, it->len - 1)];
    enum dc_side side = (enum dc_side)model_draw(it, DC_INC, DC_DEC);
    uint64_t total = model_draw(it, 1, 9);

    if (id->name != log->ledger.id)
        (void)pncounter_raise(&log->counter, id->name, side, total, &watch);
}

static void end_sync(struct log_model *log)
{
    struct pncounter_watch watch = watch_of(log);
    uint64_t token;
    bool ok;

    if (!log->disk.syncing)
        return;
    ok = disk_sync_end(&log->disk, &token);
    (void)ledger_on_sync(&log->ledger, &log->counter, token, ok, &watch);
}

/* What it shows of its own is what was answered, and what it says is safe is kept in mind. */
static void look(struct log_model *log)
{
    for (int side = DC_INC; side <= DC_DEC; side++) {
        uint64_t found = pncounter_total(&log->counter, log->ledger.id, (enum dc_side)side);

        if (found != log->own[side].least)
            model_wrong(log->it, CHECK_OK, "counts something else than it answered",
                        log->own[side].least, found);
    }
    if (ledger_is_safe(&log->ledger))
        (void)pncounter_copy(&log->safe, &log->counter); /* without memory it stays as it was */
}

static void step(struct log_model *log, uint64_t number)
{
    struct model *it = log->it;

    switch (model_draw(it, 0, 11)) {
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
        log->disk.faults.full = model_draw(it, 0, 2) == 0;
        break;
    case 10:
        log->disk.faults.syncfail_ppb = model_draw(it, 0, 1) * 500000000;
        break;
    default:
        restart(log, number);
    }
    if (!log->is_dead)
        look(log);
}

void model_ask_log(struct model *it)
{
    static const struct env_ops ops = {
        .random = on_random,
        .reply = on_reply,
        .log = on_log,
        .disk_append = on_append,
        .disk_sync = on_sync,
        .disk_read = on_read,
        .disk_truncate = on_truncate,
        .disk_remove = on_remove,
        .disk_list = on_list,
    };
    static const uint64_t sizes[] = {1, 100, 1000, 10000};
    struct log_model log = {.it = it};
    uint64_t steps = model_draw(it, 4, it->len < 16 ? 24 : 150);

    log.env = (struct env){.ops = &ops, .ctx = &log};
    log.segment_bytes = sizes[model_draw(it, 0, 3)];
    disk_init(&log.disk, &it->choose, key_with(it->key, UINT64_MAX - 1));
    pncounter_init(&log.safe, &it->memory.mem, &it->names);
    model_starve(it, model_draw(it, 0, 1));
    open_ledger(&log, true);
    for (uint64_t number = 1; number <= steps && !log.is_dead; number++)
        step(&log, number);
    if (!log.is_dead)
        restart(&log, 0);
    model_starve(it, false);
    drop(&log);
    pncounter_release(&log.safe);
    disk_release(&log.disk);
}
