/*
 * The disk of a host: what the node asks of it, when its syncs end, and what the
 * oracle must be told when it loses something.
 */
#include <string.h>

#include "core/contract.h"
#include "core/err.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/conduct.h"
#include "sim/fatal.h"
#include "sim/marks.h"
#include "sim/oracle.h"
#include "sim/sayings.h"
#include "sim/world.h"

/* So often states are compared in full: it takes longer than to keep them. */
#define ORDER_VERSIONS 16u
/* Of files that are none of a log. */
#define STRAY_BYTES 10u

/* ---- what is on the disk ---- */

static void set_shown(struct host *host, struct carried **shown, struct carried *state)
{
    carried_unref(&host->cluster->shown, *shown);
    *shown = state;
}

static void set_written(struct host *host)
{
    struct cluster *cluster = host->cluster;
    struct carried *state =
        carried_copy(&cluster->shown, &host->node.counter, cluster->checks->prints[host->index].lo);

    if (!state)
        fatal_memory(0);
    if (host->shown.written && host->node.version % ORDER_VERSIONS == 0)
        conduct_order(host, &host->shown.written->counter, &state->counter);
    set_shown(host, &host->shown.written, state);
    host->shown.version = host->node.version;
}

/*
 * A node writes down all that it shows whenever it writes (core/ledger.h). So
 * what it shows at a write is on the disk once that is synced.
 */
static void note_written(struct host *host, int rc)
{
    struct host_shown *shown = &host->shown;

    if (rc == 0)
        durable_wrote(&host->durable);
    if (!host->cluster->looks_at_disks)
        return;
    if (rc < 0) /* perhaps in part: not to be relied on */
        set_shown(host, &shown->written, NULL);
    else if (!shown->written || shown->version != host->node.version)
        set_written(host);
}

/* It takes back what it wrote last: that was part of something that came to nothing. */
static void take_back(struct host *host)
{
    set_shown(host, &host->shown.written, NULL);
    logbook_cut(host);
}

/* Files are numbered upwards, and the last one is written to. */
static bool is_newest(const struct disk *disk, const char *file)
{
    return disk->files_len > 0 && strcmp(disk->files[disk->files_len - 1].name, file) == 0;
}

void host_disk_init(struct host *host)
{
    struct cluster *cluster = host->cluster;

    disk_init(&host->disk, &cluster->world->choose, key_with(key_root(CAUSE_DISK), host->index));
    host->disk.blank = !nodeset_has(&cluster->mortal, host->index);
    host->disk.remembers = cluster->loses_writes && !host->disk.blank;
}

void host_disk_release(struct host *host)
{
    disk_release(&host->disk);
    logbook_release(&host->book);
    durable_release(&host->durable);
    set_shown(host, &host->shown.written, NULL);
    set_shown(host, &host->shown.syncing, NULL);
    set_shown(host, &host->shown.synced, NULL);
    set_shown(host, &host->shown.saved, NULL);
}

/* What @fault acts on has come, if it is in force. */
static void meet(struct host *host, enum scn_disk fault)
{
    met_add(host->cluster->met, host->disk_stmts[fault]);
}

/* ---- what the node asks ---- */

int host_disk_append(void *ctx, const char *file, const void *bytes, size_t len)
{
    struct host *host = ctx;
    int rc = disk_append(&host->disk, file, bytes, len);

    sayings_look_back(host);
    if (!host->disk.blank)
        logbook_appended(host, file, bytes, len, rc);
    meet(host, SCN_DISK_FULL);
    if (rc < 0) {
        SIM_MARK(DISK_FULL);
        host->failures++;
        sayings_write_fails(host);
    }
    note_written(host, rc);
    return rc;
}

void host_disk_sync(void *ctx, uint64_t token)
{
    struct host *host = ctx;
    struct world *world = host->cluster->world;
    uint64_t key = key_with(key_with(key_root(CAUSE_SYNC), host->index), ++host->syncs);
    uint64_t takes_ns = dc_time_add(host->fsync_ns, disk_sync_begin(&host->disk, token));

    meet(host, SCN_DISK_SLOW);
    set_shown(host, &host->shown.syncing, carried_ref(host->shown.written));
    logbook_sync_begins(host);
    durable_sync_begins(&host->durable);
    world_push(world, dc_time_add(world->now_ns, takes_ns), EVENT_SYNCED, key, host->index,
               host->syncs);
}

int host_disk_read(void *ctx, const char *file, uint64_t offset, void *bytes, size_t len,
                   size_t *ret_len)
{
    struct host *host = ctx;

    logbook_file(host, file);
    meet(host, SCN_DISK_READFAIL);
    return disk_read(&host->disk, file, offset, bytes, len, ret_len);
}

int host_disk_truncate(void *ctx, const char *file, uint64_t len)
{
    struct host *host = ctx;

    int rc = disk_truncate(&host->disk, file, len);

    logbook_file(host, file);
    take_back(host);
    host->failures += rc < 0;
    return rc;
}

int host_disk_remove(void *ctx, const char *file)
{
    struct host *host = ctx;

    logbook_file(host, file);
    if (is_newest(&host->disk, file))
        take_back(host);
    return disk_remove(&host->disk, file);
}

int host_disk_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx)
{
    /* What others leave in a folder, in the order of names, and nearly names of its own. */
    static const char *const before[] = {"LOG.0000000000000001", "backup", "log", "log.",
                                         "log.0000000000000000"};
    static const char *const behind[] = {"log.000000000000zz01", "log.0000000000zz0002x",
                                         "log.8000000000000001", "log.ffffffffffffffff",
                                         "lost+found"};
    struct host *host = ctx;
    int rc;

    for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
        each(each_ctx, before[i], STRAY_BYTES);
    rc = disk_list(&host->disk, each, each_ctx);
    for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++)
        each(each_ctx, behind[i], STRAY_BYTES);
    return rc;
}

/* ---- syncs ---- */

void host_disk_answer(struct host *host)
{
    uint64_t covered = host->book.covered;
    uint64_t token;
    bool ok = disk_sync_end(&host->disk, &token);

    meet(host, SCN_DISK_SYNCFAIL);

    world_record(host->cluster->world, RECORD_SYNC, ok, host->cluster->world->key, host->index,
                 RECORD_NO_NODE, host->syncs, 0);
    if (ok && host->shown.syncing)
        set_shown(host, &host->shown.synced, carried_ref(host->shown.syncing));
    durable_sync_ends(&host->durable, host->cluster->oracle, ok);
    if (ok && covered >= host->moves_base)
        oracle_moved(host->cluster->oracle, host->index);
    host->sync_late = false;
    host_enter(host);
    host->failures += !ok;
    if (!ok)
        sayings_sync_fails(host);
    if (ok)
        logbook_sync_counts(host);
    node_on_sync(&host->node, token, ok);
    if (!ok)
        sayings_due(host, ENV_DISK_FAILED);
    if (!host->disk.blank)
        logbook_sync_ended(host, ok, covered);
    host_touch(host);
}

void cluster_on_synced(struct cluster *cluster, const struct event *event)
{
    struct host *host = &cluster->hosts[event->node];

    if (event->payload != host->syncs || !host->disk.syncing) {
        SIM_MARK(HOST_SYNC_LOST);
        return; /* a crash came before */
    }
    if (host->state == HOST_PAUSED) {
        SIM_MARK(HOST_SYNC_LATE);
        host->sync_late = true; /* the node hears of it when it goes on */
    } else {
        host_disk_answer(host);
    }
}

/* ---- faults ---- */

/* A share of 0 is one, too: no write is torn then. */
static void set_fault(struct disk_faults *faults, enum scn_disk fault, bool is, uint64_t amount)
{
    switch (fault) {
    case SCN_DISK_TORN:
        faults->has_torn = is;
        faults->torn_ppb = amount;
        break;
    case SCN_DISK_BITROT:
        faults->bitrot_ppb = amount;
        break;
    case SCN_DISK_FULL:
        faults->full = is;
        break;
    case SCN_DISK_SYNCFAIL:
        faults->syncfail_ppb = amount;
        break;
    case SCN_DISK_SLOW:
        faults->slow_ns = amount;
        break;
    case SCN_DISK_RESTORE:
        faults->restore = is;
        break;
    case SCN_DISK_LOSE:
        faults->cut = amount;
        break;
    case SCN_DISK_ZEROED:
        faults->zeroed_ppb = amount;
        break;
    case SCN_DISK_READFAIL:
        faults->readfail_ppb = amount;
        break;
    case SCN_DISK_BACKUP:
    case SCN_DISK_OK:
        break; /* no faults */
    }
}

void host_disk_mend(struct host *host, enum scn_disk fault)
{
    set_fault(&host->disk.faults, fault, false, 0);
    host->disk_stmts[fault] = MET_NO_STMT;
}

void host_disk_ok(struct host *host, uint32_t stmt)
{
    for (int fault = 0; fault < SCN_DISK_OK; fault++) {
        if (host->disk_stmts[fault] != MET_NO_STMT)
            met_add(host->cluster->met, stmt);
        host_disk_mend(host, (enum scn_disk)fault);
    }
}

bool host_disk_is_wrong(const struct host *host, enum scn_disk fault)
{
    const struct disk_faults *faults = &host->disk.faults;

    switch (fault) {
    case SCN_DISK_TORN:
        return faults->has_torn && faults->torn_ppb > 0;
    case SCN_DISK_BITROT:
        return faults->bitrot_ppb > 0;
    case SCN_DISK_FULL:
        return faults->full;
    case SCN_DISK_SYNCFAIL:
        return faults->syncfail_ppb > 0;
    case SCN_DISK_SLOW:
        return faults->slow_ns > 0;
    case SCN_DISK_RESTORE:
        return faults->restore;
    case SCN_DISK_LOSE:
        return faults->cut > 0;
    case SCN_DISK_ZEROED:
        return faults->zeroed_ppb > 0;
    case SCN_DISK_READFAIL:
        return faults->readfail_ppb > 0;
    case SCN_DISK_BACKUP:
    case SCN_DISK_OK:
        break;
    }
    return false;
}

static void back_up(struct host *host, uint32_t stmt)
{
    if (!host->config.durable)
        return; /* there is no disk */
    disk_backup(&host->disk);
    set_shown(host, &host->shown.saved, carried_ref(host->shown.synced));
    met_add(host->cluster->met, stmt);
}

void cluster_disk(struct cluster *cluster, uint32_t node, uint32_t stmt)
{
    const struct scn_action *action = &cluster->scn->stmts[stmt].action;
    struct host *host = &cluster->hosts[node];
    /* Without a backup there is nothing to put back. */
    bool is = action->disk != SCN_DISK_RESTORE || host->disk.backup.taken;

    if (action->disk == SCN_DISK_OK) {
        host_disk_ok(host, stmt);
    } else if (action->disk == SCN_DISK_BACKUP) {
        back_up(host, stmt);
    } else {
        host->disk_stmts[action->disk] = stmt;
        set_fault(&host->disk.faults, action->disk, is, action->disk_amount);
    }
    host_note_wrongs(host, stmt);
}

/* ---- losses ---- */

/* What somebody is sure to hold of one half, when no node has it in memory. */
static uint64_t held_of(const struct cluster *cluster, dc_name id, enum dc_side side)
{
    uint64_t held = 0;

    for (uint32_t i = 0; i < cluster->nodes; i++) {
        const struct carried *synced = cluster->hosts[i].shown.synced;
        uint64_t total = synced ? pncounter_total(&synced->counter, id, side) : 0;

        if (total > held)
            held = total;
    }
    return held;
}

/* Another node that runs: what it counted under its present id is on its own disk. */
static bool holds_itself(const struct host *lost, uint32_t owner, dc_name id)
{
    const struct oracle *oracle = lost->cluster->oracle;

    return owner != lost->index && cluster_is_there(lost->cluster, owner) &&
           oracle->current[owner] == id && lost->cluster->hosts[owner].config.durable &&
           !oracle_is_excused(oracle, id);
}

/* @left, which is taken over, is what its disk is sure to have yet; NULL: nothing. */
static void lost(struct host *host, struct carried *left)
{
    struct cluster *cluster = host->cluster;
    struct oracle *oracle = cluster->oracle;

    set_shown(host, &host->shown.synced, left);
    host->lost = host->bare = true;
    host->lost_last = ++cluster->disks_lost;
    /* What others lost before may have been nowhere else but here. */
    for (dc_name id = 0; id < oracle->ids_len; id++) {
        uint32_t owner = oracle_owner(oracle, id);

        if (owner == ORACLE_NOBODY || !cluster->hosts[owner].lost || holds_itself(host, owner, id))
            continue;
        oracle_lower(oracle, id, DC_INC, held_of(cluster, id, DC_INC));
        oracle_lower(oracle, id, DC_DEC, held_of(cluster, id, DC_DEC));
    }
}

static void crash(struct host *host)
{
    if (disk_has_unsynced(&host->disk))
        meet(host, SCN_DISK_TORN);
    disk_crash(&host->disk, host->starts);
}

/*
 * What is on the disk of a node that does not run. What it showed last of its own id
 * is, as long as nothing of its disk was lost: it was synced before it was shown, so
 * what it showed when it wrote lacks the last of that.
 */
static u128 held_on_disk(const struct host *host, dc_name id, enum dc_side side)
{
    const struct carried *synced = host->shown.synced;

    if (host->state == HOST_DOWN && !host->bare &&
        host->cluster->oracle->current[host->index] == id)
        return oracle_present(host->cluster->oracle, id, side);
    return synced ? pncounter_total(&synced->counter, id, side) : 0;
}

/* What it has of one half, in memory or on its disk. */
static u128 held_by(const struct host *host, dc_name id, enum dc_side side)
{
    return host_is_there(host) ? pncounter_total(&host->node.counter, id, side)
                               : held_on_disk(host, id, side);
}

/* What another node than @host has of one half; NULL: what any has. It stops at @enough. */
static u128 held_elsewhere(const struct cluster *cluster, const struct host *host, dc_name id,
                           enum dc_side side, u128 enough)
{
    u128 held = 0;

    for (uint32_t i = 0; i < cluster->nodes && held < enough; i++) {
        const struct host *other = &cluster->hosts[i];
        u128 total = other == host ? 0 : held_by(other, id, side);

        if (total > held)
            held = total;
    }
    return held;
}

/*
 * It goes when another told it that all is there. Who told that may have lost its disk
 * since, while the word was on its way: then the counts went with that disk. Or it has
 * left as well, and gave them to one that did. What others lose is no reason.
 */
static bool heir_lost(const struct host *host)
{
    const struct cluster *cluster = host->cluster;
    dc_name heir = host->heir;

    for (uint32_t i = 0; i < cluster->nodes && heir < cluster->nodes; i++) {
        const struct host *it = &cluster->hosts[heir];

        if (it->lost_last > host->lost_before)
            return true;
        if (it->state != HOST_LEFT)
            return false;
        heir = it->heir;
    }
    return false;
}

void host_disk_leaves(struct host *host)
{
    struct cluster *cluster = host->cluster;
    const struct pncounter *counter = &host->node.counter;
    bool is_lost;

    host->heir = host->node.heir;
    is_lost = heir_lost(host);
    for (uint32_t i = 0; i < counter->len; i++) {
        for (int side = DC_INC; side <= DC_DEC; side++) {
            dc_name id = counter->ids[i];
            uint64_t has = pncounter_total(counter, id, (enum dc_side)side);
            u128 least = oracle_least(cluster->oracle, id, (enum dc_side)side);
            uint64_t done = least < has ? (uint64_t)least : has;
            u128 held = held_elsewhere(cluster, host, id, (enum dc_side)side, done);

            if (done > held && is_lost)
                oracle_lower(cluster->oracle, id, (enum dc_side)side, (uint64_t)held);
            else if (done > 0)
                checks_gone(cluster->checks, host->index, id, (enum dc_side)side, done, held);
        }
    }
}

u128 cluster_lost(const struct cluster *cluster)
{
    u128 lost = 0;

    for (dc_name id = 0; id < cluster->names.len; id++) {
        for (int side = DC_INC; side <= DC_DEC; side++) {
            u128 done = oracle_done(cluster->oracle, id, (enum dc_side)side);
            u128 held = held_elsewhere(cluster, NULL, id, (enum dc_side)side, done);

            lost += done > held ? done - held : 0;
        }
    }
    return lost;
}

void host_disk_gone(struct host *host)
{
    host->sync_late = false;
    set_shown(host, &host->shown.written, NULL);
    set_shown(host, &host->shown.syncing, NULL);
    set_shown(host, &host->shown.synced, NULL);
    durable_ended(&host->durable, host->cluster->oracle);
    disk_wipe(&host->disk);
    (void)disk_take_hurt(&host->disk);
    host->lost = true; /* others may lose it from now on */
}

void host_disk_end(struct host *host, bool crashed, bool wiped)
{
    host->sync_late = false;
    set_shown(host, &host->shown.written, NULL);
    set_shown(host, &host->shown.syncing, NULL);
    durable_ended(&host->durable, host->cluster->oracle);
    if (wiped)
        disk_wipe(&host->disk);
    else if (crashed)
        crash(host);
    else
        disk_settle(&host->disk);
    /* Without a disk the memory was all there was. */
    if (disk_take_hurt(&host->disk) || !host->config.durable)
        lost(host, NULL);
}

/* A backup in the place of what was there: what was synced then is there again. */
static void put_back(struct host *host)
{
    if (host->disk.faults.restore) {
        meet(host, SCN_DISK_RESTORE);
        host->disk_stmts[SCN_DISK_RESTORE] = MET_NO_STMT; /* done */
    }
    disk_put_back(&host->disk);
    if (!disk_take_hurt(&host->disk))
        return;
    host->is_log_short = host->disk.files_len > 0;
    lost(host, carried_ref(host->shown.saved));
}

/* What is gone, has rotted or was zeroed: whatever that was. */
static void find_hurt(struct host *host)
{
    struct disk *disk = &host->disk;
    uint64_t cut = disk->counts.cut, zeroed = disk->counts.zeroed;

    disk_cut_off(disk);
    if (disk->counts.cut > cut) {
        meet(host, SCN_DISK_LOSE);
        host->disk_stmts[SCN_DISK_LOSE] = MET_NO_STMT; /* done */
    }
    if (disk_has_bytes(disk)) {
        meet(host, SCN_DISK_BITROT);
        meet(host, SCN_DISK_ZEROED);
    }
    disk_rot(disk, host->starts);
    if (disk->counts.cut > cut || disk->counts.zeroed > zeroed)
        host->is_log_short = disk->files_len > 0;
    if (disk_take_hurt(disk))
        lost(host, NULL);
}

bool host_disk_begin(struct host *host)
{
    bool bare;

    put_back(host);
    find_hurt(host);
    bare = host->bare;
    host->bare = false;
    return !bare;
}
