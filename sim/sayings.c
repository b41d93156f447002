/* A table of what each event carries, and what is known of those that it names. */
#include "sim/sayings.h"

#include <stdio.h>

#include "core/err.h"
#include "core/peers.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/oracle.h"
#include "sim/world.h"

/* A state of so many entries may be too much for a limit of its node. */
#define LONG_STATE 4096u

struct form {
    enum env_level level;
    bool has_name, has_peer, has_error;
    bool is_once; /* in a life */
};

static const struct form forms[] = {
    [ENV_MERGE_FAILED] = {.level = ENV_ERROR, .has_peer = true, .has_error = true},
    [ENV_CLIENT_REFUSED] = {.level = ENV_WARN, .has_error = true},
    [ENV_PEER_LEARNED] = {.level = ENV_INFO, .has_peer = true},
    [ENV_PEER_REFUSED] = {.level = ENV_WARN, .has_peer = true, .has_error = true},
    [ENV_STARTED] = {.level = ENV_INFO, .is_once = true},
    [ENV_STOPPED] = {.level = ENV_INFO, .is_once = true},
    [ENV_LOG_EMPTY] = {.level = ENV_ERROR, .is_once = true},
    [ENV_LOG_TORN] = {.level = ENV_WARN, .has_name = true, .is_once = true},
    [ENV_LOG_DAMAGED] = {.level = ENV_ERROR, .has_name = true, .is_once = true},
    [ENV_LOG_UNREADABLE] = {.level = ENV_ERROR, .has_error = true, .is_once = true},
    [ENV_COUNTS_LOST] = {.level = ENV_ERROR, .has_name = true},
    [ENV_INCARNATION] = {.level = ENV_WARN, .has_name = true},
    [ENV_DISK_FAILED] = {.level = ENV_ERROR, .has_error = true},
    [ENV_LEFT] = {.level = ENV_INFO, .is_once = true},
    [ENV_PEER_LEFT] = {.level = ENV_INFO, .has_peer = true},
};

static void fail(const struct host *host, enum env_event event, const char *label)
{
    char what[CHECKS_TEXT_MAX];

    snprintf(what, sizeof(what), "says '%s', which is not so", env_event_text(event));
    checks_fail(host->cluster->checks, CHECK_LOG, host->index, what, label);
}

/* ---- fields ---- */

/* The name is that of a log, which is looked at when the node has started, or of itself. */
static bool is_name(const struct host *host, enum env_event event, dc_name name)
{
    if (event == ENV_COUNTS_LOST)
        return name == host->cluster->oracle->current[host->index];
    return event == ENV_LOG_DAMAGED || name != DC_NAME_NONE; /* a damaged one may have none */
}

/* Another node, of which is known what the event says. */
static bool is_peer(const struct host *host, enum env_event event, dc_name peer)
{
    if (peer >= host->cluster->nodes || peer == host->index)
        return false;
    if (event == ENV_PEER_LEARNED)
        return peers_know(&host->node.peers, peer);
    return event != ENV_PEER_LEFT || peers_left(&host->node.peers, peer);
}

static bool fails_by(const struct host *host, enum env_event event, int err)
{
    bool has_failed = host->failures + host->memory.refused != host->failures_before;
    bool is_long = err == DC_ELIMIT && host->node.counter.len >= LONG_STATE;

    if (event == ENV_LOG_UNREADABLE)
        return err == DC_EIO && host->disk.faults.readfail_ppb > 0;
    if (event == ENV_MERGE_FAILED || event == ENV_PEER_REFUSED)
        return (err == DC_ENOMEM && has_failed) || is_long;
    if (event == ENV_DISK_FAILED)
        return (err < 0 && has_failed) || is_long;
    return err < 0; /* a client's is looked at when it is answered */
}

static const char *wrong_field(const struct host *host, enum env_event event,
                               const struct env_fields *fields)
{
    const struct form *form = &forms[event];

    if (form->has_name ? !is_name(host, event, fields->name) : fields->name != DC_NAME_NONE)
        return form->has_name ? "expected its name, found another" : "expected no name, found one";
    if (form->has_peer ? !is_peer(host, event, fields->peer) : fields->peer != DC_NAME_NONE)
        return form->has_peer ? "expected a peer of which that is true, found another"
                              : "expected no peer, found one";
    if (form->has_error ? !fails_by(host, event, fields->err) : fields->err != 0)
        return form->has_error ? "expected an error that something has caused, found another"
                               : "expected no error, found one";
    if (fields->now != 0 ||
        (event != ENV_CLIENT_REFUSED && (fields->old != 0 || fields->side != 0)))
        return "expected no counts, found some";
    return NULL;
}

void sayings_hear(struct host *host, enum env_level level, enum env_event event,
                  const struct env_fields *fields)
{
    unsigned bit = 1u << event;
    const char *wrong = wrong_field(host, event, fields);

    if (wrong)
        fail(host, event, wrong);
    if (level != forms[event].level)
        fail(host, event, "expected the level of that event, found another");
    if (forms[event].is_once && (host->book.said & bit) != 0)
        fail(host, event, "expected it once, found it again");
    host->book.said |= bit;
    if (event == ENV_DISK_FAILED || event == ENV_CLIENT_REFUSED)
        host->book.owes = 0;
    if (event == ENV_LOG_TORN || event == ENV_LOG_DAMAGED)
        host->book.said_name = fields->name;
}

/* ---- what has to be said ---- */

void sayings_due(const struct host *host, enum env_event event)
{
    char what[CHECKS_TEXT_MAX];

    if ((host->book.said & 1u << event) != 0)
        return;
    snprintf(what, sizeof(what), "does not say '%s'", env_event_text(event));
    checks_fail(host->cluster->checks, CHECK_LOG, host->index, what,
                "expected a word on that, found none");
}

void sayings_started(const struct host *host, const struct logread *log)
{
    sayings_due(host, ENV_STARTED);
    if (!log || log->is_strange)
        return;
    if ((host->book.said & 1u << ENV_LOG_TORN) != 0 && host->book.said_name != log->id)
        fail(host, ENV_LOG_TORN, "expected the id of its log, found another");
    if ((host->book.said & 1u << ENV_LOG_DAMAGED) != 0 && host->book.said_name != log->id)
        fail(host, ENV_LOG_DAMAGED, "expected the id of its log, found another");
}

void sayings_write_fails(struct host *host)
{
    host->book.owes = host->cluster->world->events;
}

void sayings_look_back(struct host *host)
{
    uint64_t owes = host->book.owes;

    if (owes == 0 || owes == host->cluster->world->events)
        return;
    host->book.owes = 0;
    checks_fail(host->cluster->checks, CHECK_LOG, host->index, "does not say 'disk failed'",
                "expected a word on a write that failed, found none");
}

void sayings_sync_fails(struct host *host)
{
    host->book.said &= ~(1u << ENV_DISK_FAILED);
}
