/*
 * Any bytes as the days of a node with a disk: what somebody put there, what
 * rotted, its starts, counts, syncs and crashes, one after another. No log is
 * too broken to start from. From the first sync on that succeeds, until the
 * disk lies again: nothing that was ok is lost, nothing is read back that was
 * never written or was refused, and the node keeps its id.
 *
 *   fuzz_wal -max_len=16384 NEW tests/logs
 *
 * An input is a seed for what chance leaves, and then steps: a byte of enum
 * step with bits of its own above, and what that step reads.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/env.h"
#include "core/err.h"
#include "core/ledger.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "core/wal_file.h"
#include "core/wal_record.h"
#include "sim/choose.h"
#include "sim/disk.h"
#include "sim/disk_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define STEPS_MAX 2000u
#define CERTAIN UINT64_C(1000000000)
#define EVENTS 16u

enum step {
    /* The disk lies; a node that runs crashes first. */
    STEP_BYTES,  /* file 1, length 2, bytes: behind what is there */
    STEP_RECORD, /* file 1, type 1, seq, claim, length 2, payload: one with a right checksum */
    STEP_HEAD,   /* file 1, seq, claim, length 2, id: likewise, a head that makes sense */
    STEP_FLIP,   /* file 1, at 2: one bit */
    STEP_CUT,    /* file 1, at 2 */
    STEP_GONE,   /* file 1 */
    /* The node runs; one that does not starts first. */
    STEP_ASK,   /* amount 1: of as many bits */
    STEP_SYNC,  /* the sync on its way succeeds; with a flag, and those that follow */
    STEP_FAIL,  /* it fails */
    STEP_MERGE, /* id 1, total 1: others know of that */
    STEP_OWN,   /* others know more of what the node counted than it does */
    STEP_FLUSH, /* what others know is written down */
    /* And comes to an end. */
    STEP_CRASH,
    STEP_END, /* in order */
    /* Other. */
    STEP_FULL,  /* the disk is full from now on, or is not any more */
    STEP_TORN,  /* share 1: of the writes that a crash meets */
    STEP_SMALL, /* segments are small from the next start on, or not */
    STEPS,
};

struct days {
    struct disk disk; /* first (sim/disk_ops.h) */
    struct names names;
    struct choose choose;
    struct env_ops ops;
    struct env env;
    struct ledger ledger;
    struct pncounter counter;
    struct pncounter sure; /* must be found again */
    struct pncounter may;  /* and no more than that */
    bool runs;
    bool trusted;    /* a base is durable since the disk last lied */
    bool all_noted;  /* all that others brought has been written */
    bool small;      /* segments */
    dc_name id;      /* that it must keep; DC_NAME_NONE: any */
    uint64_t starts; /* so far */
    uint64_t draws;
    uint64_t clients, open;
    uint64_t events[EVENTS];
};

static void need(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "fuzz_wal: %s\n", what);
        abort();
    }
}

/* ---- what the node asks of its host ---- */

static uint64_t on_now(void *ctx)
{
    (void)ctx;
    return 0;
}

static uint64_t on_random(void *ctx)
{
    struct days *days = ctx;

    return choose_bits(&days->choose, key_with(1, ++days->draws), PURPOSE_NODE);
}

static void on_send(void *ctx, dc_name to, const struct message *msg)
{
    (void)ctx;
    (void)to;
    (void)msg;
    need(false, "a ledger sends nothing");
}

static void on_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    struct days *days = ctx;

    (void)client;
    need(days->open > 0, "a client is answered once");
    days->open--;
    if (answer != ENV_OK)
        return;
    for (int side = DC_INC; side <= DC_DEC; side++) {
        dc_name id = days->ledger.id;
        uint64_t total = pncounter_total(&days->counter, id, (enum dc_side)side);

        need(total == 0 || pncounter_raise(&days->sure, id, (enum dc_side)side, total, NULL) >= 0,
             "memory");
    }
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct days *days = ctx;

    (void)level;
    (void)fields;
    need((unsigned)event < EVENTS, "an event is one of those there are");
    days->events[event]++;
}

static void on_raised(void *ctx, dc_name id, enum dc_side side, uint64_t old, uint64_t now)
{
    struct days *days = ctx;

    (void)side;
    (void)old;
    (void)now;
    ledger_raised(&days->ledger, id);
}

static struct pncounter_watch watch_of(struct days *days)
{
    return (struct pncounter_watch){.raised = on_raised, .ctx = days};
}

static dc_name intern(struct days *days, const void *bytes, size_t len)
{
    dc_name id;

    need(names_intern(&days->names, bytes, len, &id) == 0, "memory");
    return id;
}

static bool contains(const struct pncounter *large, const struct pncounter *small)
{
    enum pncounter_order order = pncounter_compare(small, large);

    return order == PNCOUNTER_EQUAL || order == PNCOUNTER_BEHIND;
}

/* ---- starts and ends ---- */

static void start(struct days *days)
{
    struct pncounter_watch watch = watch_of(days);
    uint64_t damaged = days->events[ENV_LOG_DAMAGED] + days->events[ENV_LOG_EMPTY];

    if (days->runs)
        return;
    ledger_init(&days->ledger, mem_heap(), &days->env, &days->names, intern(days, "n3", 2), true,
                WAL_SEGMENT_BYTES);
    if (days->small)
        days->ledger.wal.segment_max = 300;
    need(ledger_open(&days->ledger, &days->counter, days->starts == 0, &watch) == 0,
         "a node starts from any disk");
    days->starts++;
    days->runs = days->all_noted = true;
    for (int side = DC_INC; side <= DC_DEC; side++)
        need(pncounter_total(&days->counter, days->ledger.id, (enum dc_side)side) ==
                 days->ledger.own[side],
             "it knows what it counted");
    if (!days->trusted)
        return;
    need(contains(&days->counter, &days->sure), "what was ok is there");
    need(contains(&days->may, &days->counter), "nothing is there but what was written");
    need(days->events[ENV_LOG_DAMAGED] + days->events[ENV_LOG_EMPTY] == damaged,
         "the log is not damaged");
    need(days->id == DC_NAME_NONE || days->id == days->ledger.id, "it goes on under its id");
}

static void end(struct days *days, bool crashed)
{
    if (!days->runs)
        return;
    if (crashed)
        disk_crash(&days->disk, days->starts);
    else
        disk_settle(&days->disk);
    ledger_release(&days->ledger);
    pncounter_clear(&days->counter);
    days->runs = false;
    days->open = 0;
}

/* From here on nothing may be expected of what is on the disk. */
static void lie(struct days *days)
{
    end(days, true);
    days->trusted = false;
    days->id = DC_NAME_NONE;
    pncounter_clear(&days->sure);
    pncounter_clear(&days->may);
}

/* ---- steps of a node that runs ---- */

static void merge(struct pncounter *to, const struct pncounter *from)
{
    need(pncounter_merge(to, from, NULL) >= 0, "memory");
}

static void ask(struct days *days, unsigned bits, enum dc_side side)
{
    struct pncounter_watch watch = watch_of(days);
    uint64_t amount = UINT64_C(1) << (bits % 64);
    int rc;

    days->open++;
    rc = ledger_ask(&days->ledger, &days->counter, ++days->clients, side, amount, &watch);
    need(rc <= 0, "with a disk nothing is done at once");
    if (rc < 0) {
        need(rc == DC_EOVERFLOW || rc == DC_ELIMIT || (rc == DC_EFULL && days->disk.faults.full),
             "it is refused for a reason");
        days->open--;
        return;
    }
    days->all_noted = true;
    merge(&days->may, &days->counter);
    need(pncounter_raise(&days->may, days->ledger.id, side, days->ledger.asked[side], NULL) >= 0,
         "memory");
}

/* The sync on its way ends. */
static void sync_ends(struct days *days, bool ok)
{
    struct pncounter_watch watch = watch_of(days);
    const struct wal *wal = &days->ledger.wal;
    uint64_t token;

    days->disk.faults.syncfail_ppb = ok ? 0 : CERTAIN;
    need(disk_sync_end(&days->disk, &token) == ok, "a sync ends as it is told");
    ledger_on_sync(&days->ledger, &days->counter, token, ok, &watch);
    if (!ok || wal->broken || wal->oldest < wal->segment)
        return;
    if (!days->trusted)
        merge(&days->may, &days->counter);
    days->trusted = true;
    days->id = days->ledger.id;
    if (days->all_noted && wal->durable_seq == wal->next_seq)
        merge(&days->sure, &days->counter);
}

static void settle(struct days *days)
{
    while (days->disk.syncing)
        sync_ends(days, true);
}

static void learn(struct days *days, dc_name id, uint64_t total)
{
    struct pncounter_watch watch = watch_of(days);

    need(pncounter_raise(&days->counter, id, DC_INC, total, &watch) >= 0, "memory");
    days->all_noted = false;
    merge(&days->may, &days->counter);
    ledger_check_own(&days->ledger, &days->counter, &watch);
    /* What comes along to a new id is written, and shown later. */
    for (int side = DC_INC; side <= DC_DEC; side++)
        need(pncounter_raise(&days->may, days->ledger.id, (enum dc_side)side,
                             days->ledger.asked[side], NULL) >= 0,
             "memory");
    if (days->id != days->ledger.id)
        days->id = DC_NAME_NONE; /* the new one is not durable yet */
}

/* ---- reading the input ---- */

struct input {
    const uint8_t *at, *end;
};

static uint64_t take(struct input *input, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes && input->at < input->end; i++)
        number |= (uint64_t)*input->at++ << (8 * i);
    return number;
}

/* As many bytes as the next two say, or as are left. */
static size_t take_bytes(struct input *input, const uint8_t **ret)
{
    size_t len = (size_t)take(input, 2), left = (size_t)(input->end - input->at);

    *ret = input->at;
    len = len < left ? len : left;
    input->at += len;
    return len;
}

/* A segment; those from 0xF0 on are the last there can be. */
static const char *take_file(struct input *input, char buf[WAL_FILE_BYTES], uint64_t *ret)
{
    uint64_t number = take(input, 1);

    *ret = number < 0xF0 ? number + 1 : UINT64_MAX - (0xFF - number);
    return wal_file_name(buf, *ret);
}

/* @wide: all 8 bytes of them. */
static void put_record(struct days *days, struct input *input, bool wide, bool head)
{
    struct wal_record record = {.type = WAL_HEAD};
    uint8_t bytes[WAL_RECORD_HEAD_BYTES + 12 + UINT16_MAX] = {0};
    uint8_t *payload = bytes + WAL_RECORD_HEAD_BYTES;
    char buf[WAL_FILE_BYTES];
    const uint8_t *from;
    uint64_t segment;
    const char *file = take_file(input, buf, &segment);
    size_t len;

    if (!head)
        record.type = (enum wal_type)take(input, 1);
    record.seq = take(input, wide ? 8 : 1);
    record.claim = take(input, wide ? 8 : 1);
    if (head) {
        payload[0] = 1;
        for (unsigned i = 0; i < 8; i++)
            payload[4 + i] = (uint8_t)(record.seq >> (8 * i));
        payload += 12;
    }
    len = take_bytes(input, &from);
    memcpy(payload, from, len);
    record.payload_len = (uint32_t)(len + (head ? 12 : 0));
    wal_record_seal(bytes, segment, &record);
    disk_append(&days->disk, file, bytes, WAL_RECORD_HEAD_BYTES + record.payload_len);
}

static void flip(struct days *days, struct input *input, const char *name)
{
    size_t at = (size_t)take(input, 2);

    for (size_t i = 0; i < days->disk.files_len; i++) {
        struct disk_file *file = &days->disk.files[i];

        if (strcmp(file->name, name) == 0 && file->len > 0)
            file->bytes[at / 8 % file->len] ^= (uint8_t)(1u << at % 8);
    }
}

static void step_lie(struct days *days, enum step step, bool wide, struct input *input)
{
    char buf[WAL_FILE_BYTES];
    const uint8_t *from;
    uint64_t segment;
    size_t len;

    lie(days);
    days->disk.faults.full = false;
    if (step == STEP_RECORD || step == STEP_HEAD) {
        put_record(days, input, wide, step == STEP_HEAD);
        disk_settle(&days->disk);
        return;
    }
    take_file(input, buf, &segment);
    if (step == STEP_BYTES) {
        len = take_bytes(input, &from);
        disk_append(&days->disk, buf, from, len);
    } else if (step == STEP_FLIP) {
        flip(days, input, buf);
    } else if (step == STEP_CUT) {
        disk_truncate(&days->disk, buf, take(input, 2));
    } else {
        disk_remove(&days->disk, buf);
    }
    disk_settle(&days->disk);
}

static void step_run(struct days *days, enum step step, bool flag, struct input *input)
{
    uint8_t id;

    start(days);
    switch ((int)step) {
    case STEP_ASK:
        ask(days, (unsigned)take(input, 1), flag ? DC_DEC : DC_INC);
        break;
    case STEP_SYNC:
        if (flag)
            settle(days);
        else if (days->disk.syncing)
            sync_ends(days, true);
        break;
    case STEP_FAIL:
        if (days->disk.syncing)
            sync_ends(days, false);
        break;
    case STEP_MERGE:
        id = (uint8_t)take(input, 1);
        learn(days, intern(days, &id, 1), take(input, 1) + 1);
        break;
    case STEP_OWN:
        if (days->ledger.own[DC_INC] < UINT64_MAX)
            learn(days, days->ledger.id, days->ledger.own[DC_INC] + 1);
        break;
    case STEP_FLUSH:
        ledger_flush(&days->ledger, &days->counter);
        days->all_noted = days->all_noted || !days->disk.faults.full;
        break;
    default:
        break;
    }
}

static void one_step(struct days *days, struct input *input)
{
    uint64_t byte = take(input, 1);
    enum step step = (enum step)(byte % STEPS);
    bool flag = byte / STEPS % 2;

    if (step <= STEP_GONE)
        step_lie(days, step, flag, input);
    else if (step <= STEP_FLUSH)
        step_run(days, step, flag, input);
    else if (step <= STEP_END)
        end(days, step == STEP_CRASH);
    else if (step == STEP_FULL)
        days->disk.faults.full = !days->disk.faults.full;
    else if (step == STEP_TORN)
        days->disk.faults.torn_ppb = take(input, 1) * (CERTAIN / UINT8_MAX);
    else
        days->small = !days->small;
    days->disk.faults.has_torn = days->disk.faults.torn_ppb > 0;
}

/* In the end the disk works: a count is kept, and what is there is there again. */
static void last_day(struct days *days)
{
    struct pncounter before;

    days->disk.faults.full = false;
    start(days);
    ask(days, 0, DC_INC); /* refused when there is no number left; what others brought */
    ledger_flush(&days->ledger, &days->counter); /* is written down all the same */
    settle(days);
    need(days->open == 0, "everybody is answered");
    pncounter_init(&before, mem_heap(), &days->names);
    merge(&before, &days->counter);
    for (int i = 0; i < 2; i++) {
        end(days, true);
        start(days);
        need(!days->trusted || pncounter_compare(&before, &days->counter) == PNCOUNTER_EQUAL,
             "what was written is read back, and no more");
    }
    end(days, false);
    pncounter_release(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct input input = {bytes, bytes + len};
    struct days days = {.id = DC_NAME_NONE};

    names_init(&days.names, mem_heap());
    choose_init(&days.choose, take(&input, 1));
    disk_init(&days.disk, &days.choose, 1);
    days.ops = (struct env_ops){
        .now = on_now, .random = on_random, .send = on_send, .reply = on_reply, .log = on_log};
    disk_ops(&days.ops);
    days.env = (struct env){.ops = &days.ops, .ctx = &days};
    pncounter_init(&days.counter, mem_heap(), &days.names);
    pncounter_init(&days.sure, mem_heap(), &days.names);
    pncounter_init(&days.may, mem_heap(), &days.names);
    for (unsigned i = 0; i < STEPS_MAX && input.at < input.end; i++)
        one_step(&days, &input);
    last_day(&days);
    pncounter_release(&days.may);
    pncounter_release(&days.sure);
    pncounter_release(&days.counter);
    disk_release(&days.disk);
    names_release(&days.names);
    return 0;
}
