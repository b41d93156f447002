/* Each check is made from what a node shows, and by other means than its own. */
#include "sim/conduct.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/claims.h"
#include "core/ledger.h"
#include "core/message.h"
#include "core/names.h"
#include "core/node.h"
#include "core/pncounter.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/oracle.h"

/* More peers than that are not all looked at when one is told of them. */
#define TOLD_NODES_MAX 32u

/* ---- versions ---- */

void conduct_starts(struct host *host)
{
    host->conduct.version = host->node.version;
    host->conduct.raised = false;
}

void conduct_version(struct host *host)
{
    struct conduct *conduct = &host->conduct;
    bool raised = conduct->raised, moved = host->node.version != conduct->version;

    conduct->raised = false;
    if (!host_is_there(host))
        return;
    conduct->version = host->node.version;
    if (moved == raised)
        return;
    checks_fail(host->cluster->checks, CHECK_LOG, host->index,
                moved ? "has a new version of a state that did not change"
                      : "has the old version of a state that changed",
                moved ? "expected the version before, found another"
                      : "expected another version, found the one before");
}

/* ---- words for the host ---- */

void conduct_refused(struct host *host, const struct env_fields *fields)
{
    const struct cluster_request *request = &host->cluster->requests[host->conduct.request];
    char found[CHECKS_TEXT_MAX];

    if (fields->side == (enum dc_side)request->side && fields->old == request->amount &&
        fields->err < 0)
        return;
    snprintf(found, sizeof(found),
             "expected side %" PRIu32 " and amount %" PRIu64 " with an error, found side %d and "
             "amount %" PRIu64 " with %d",
             request->side, request->amount, (int)fields->side, fields->old, fields->err);
    checks_fail(host->cluster->checks, CHECK_ANSWER, host->index,
                "says of a client that it refused what that did not ask", found);
}

uint32_t conduct_clients_max(const struct host *host)
{
    return host->config.clients_max > 0 ? host->config.clients_max : LEDGER_WAITING_MAX;
}

/*
 * A node refuses for one of a few reasons, and each is the doing of somebody whom the
 * simulator knows. It does not know what became of a request only when something fails.
 */
static bool has_reason(const struct host *host, const struct cluster_request *request,
                       enum env_answer answer)
{
    if (host->failures + host->memory.refused != host->failures_before)
        return true;
    return answer == ENV_REFUSED &&
           (host->ends || host->asked > conduct_clients_max(host) ||
            host->node.counter.len >= DC_ENTRIES_MAX ||
            oracle_overflows(host->cluster->oracle, request->id, (enum dc_side)request->side));
}

void conduct_answers(const struct host *host, const struct cluster_request *request,
                     enum env_answer answer)
{
    bool refuses = answer == ENV_REFUSED;

    if (has_reason(host, request, answer))
        return;
    checks_fail(host->cluster->checks, CHECK_ANSWER, host->index,
                refuses ? "refuses a client, and nothing has failed"
                        : "tells a client that it does not know, and nothing has failed",
                refuses ? "expected ok, found refused" : "expected ok, found unknown");
}

/* core/ledger.h: who is not answered at once waits for a sync. */
void conduct_waits(const struct host *host)
{
    if (host->state != HOST_UP || host->waiting_first != UINT32_MAX || host->disk.syncing)
        return;
    checks_fail(host->cluster->checks, CHECK_ANSWER, host->index, "lets a client wait for nothing",
                "expected an answer or a sync, found neither");
}

void conduct_counts_lost(const struct host *host, dc_name id)
{
    const struct oracle *oracle = host->cluster->oracle;

    for (int side = DC_INC; side <= DC_DEC; side++)
        if (pncounter_total(&host->node.counter, id, (enum dc_side)side) >
            oracle_present(oracle, id, (enum dc_side)side))
            return;
    checks_fail(host->cluster->checks, CHECK_FALL, host->index,
                "takes a new id, and nobody knows more of its counts",
                "expected it to keep its id, found that it says that counts were lost");
}

void conduct_ticks(const struct host *host, uint64_t due, uint64_t found)
{
    char label[CHECKS_TEXT_MAX];

    snprintf(label, sizeof(label), "expected %" PRIu64 ", found %" PRIu64, due, found);
    checks_fail(host->cluster->checks, CHECK_ANSWER, host->index,
                "does not count each time that a timer fires", label);
}

void conduct_goes(const struct host *host, enum node_timer timer, uint32_t sent)
{
    struct checks *checks = host->cluster->checks;

    if (timer != NODE_TIMER_SYNC)
        checks_fail(checks, CHECK_ANSWER, host->index, "leaves, and is woken for full pushes",
                    "expected its rounds only, found others");
    if (sent > 0 && host->open > 0 && host->waiting_first == UINT32_MAX)
        checks_fail(checks, CHECK_ANSWER, host->index,
                    "hands over what it has while clients wait for more",
                    "expected silence until they are answered, found messages");
}

/* ---- words for peers ---- */

/* Whom it knows and can name to @to. */
static uint32_t to_be_told(const struct host *host, uint32_t to)
{
    const struct cluster *cluster = host->cluster;
    uint32_t count = 0;

    for (uint32_t i = 0; i < cluster->nodes; i++)
        count += i != to && i != host->index && peers_know(&host->node.peers, i) &&
                 claims_can_tell(&cluster->names, i);
    return count;
}

void conduct_tells(const struct host *host, uint32_t to, const struct message *msg)
{
    struct cluster *cluster = host->cluster;
    bool of_self = host->node.phase == NODE_LEAVING || host->node.peers.incarnation > 0;
    uint32_t due, most = host->node.peers.claims_len + of_self;
    char found[CHECKS_TEXT_MAX];

    if (host->config.peers_fixed && msg->mem_len > most) {
        snprintf(found, sizeof(found), "expected claims of at most %" PRIu32 ", found %" PRIu32,
                 most, msg->mem_len);
        checks_fail(cluster->checks, CHECK_MEMBER, host->index,
                    "tells whom it has on a list that is fixed", found);
    }
    if (!cluster->hosts[to].joined || msg->kind == MESSAGE_PUSH || host->config.peers_fixed ||
        cluster->nodes > TOLD_NODES_MAX || host->node.peers.own_len == 0)
        return;
    due = to_be_told(host, to);
    due = due < DC_CLAIMS_MAX ? due : DC_CLAIMS_MAX;
    if (msg->mem_len >= due)
        return;
    snprintf(found, sizeof(found), "expected claims of %" PRIu32 ", found %" PRIu32, due,
             msg->mem_len);
    checks_fail(cluster->checks, CHECK_MEMBER, host->index,
                "does not tell one that came later whom there is", found);
}

void conduct_hands_over(const struct host *host)
{
    const struct carried *synced = host->shown.synced;
    const struct pncounter *state = &host->node.counter;

    if (!host->config.durable || !host->cluster->looks_at_disks || host->starts != 1 ||
        host->failures > 0 || host->memory.refused > 0)
        return;
    for (uint32_t i = 0; i < state->len; i++) {
        dc_name id = state->ids[i];
        uint64_t inc = synced ? pncounter_total(&synced->counter, id, DC_INC) : 0;
        uint64_t dec = synced ? pncounter_total(&synced->counter, id, DC_DEC) : 0;

        if (id == host->node.ledger.id || (state->inc[i] <= inc && state->dec[i] <= dec))
            continue;
        checks_fail(host->cluster->checks, CHECK_DURABLE, host->index,
                    "lets one go whose counts it has not made durable",
                    "expected all that others gave it on its disk, found less");
        return;
    }
}

void conduct_meets(const struct host *host, uint32_t whom, bool was_active, uint32_t sent)
{
    uint32_t due = was_active && peers_left(&host->node.peers, whom) ? 1 : 0;
    char found[CHECKS_TEXT_MAX];

    if (sent == due)
        return;
    snprintf(found, sizeof(found), "expected %" PRIu32 " pulls, found %" PRIu32, due, sent);
    checks_fail(host->cluster->checks, CHECK_MEMBER, host->index,
                "does not ask whom it was told of, and takes for gone", found);
}

void conduct_leaves(const struct host *host)
{
    const struct node *node = &host->node;

    if (node->phase != NODE_LEAVING || peers_count(&node->peers) > 0 || node->counter.len > 0 ||
        host->open > 0 || host->disk.syncing)
        return;
    checks_fail(host->cluster->checks, CHECK_MEMBER, host->index,
                "leaves, has nothing to give and nobody to tell, and does not go",
                "expected it to be gone at once, found it there");
}

static bool stays(const struct cluster *cluster, uint32_t node)
{
    return cluster->hosts[node].state == HOST_UP && cluster->hosts[node].node.phase == NODE_RUNNING;
}

void conduct_leaver(const struct cluster *cluster, uint32_t node)
{
    const struct host *host = &cluster->hosts[node];
    bool is_heard = false;

    if (host->state != HOST_UP || host->node.phase != NODE_LEAVING)
        return;
    for (uint32_t i = 0; i < cluster->nodes && !is_heard; i++)
        is_heard = i != node && stays(cluster, i) && peers_know(&host->node.peers, i);
    checks_asked(cluster->checks, CHECK_MEMBER);
    if (is_heard)
        checks_fail(cluster->checks, CHECK_MEMBER, node, "leaves, and does not go",
                    "expected it to be gone in the end of a quiet, found it there");
}

/* ---- orders ---- */

/* Has @a more of something than @b? */
static bool has_more(const struct pncounter *a, const struct pncounter *b)
{
    for (uint32_t i = 0; i < a->len; i++)
        if (a->inc[i] > pncounter_total(b, a->ids[i], DC_INC) ||
            a->dec[i] > pncounter_total(b, a->ids[i], DC_DEC))
            return true;
    return false;
}

static enum pncounter_order order_of(const struct pncounter *a, const struct pncounter *b)
{
    bool more = has_more(a, b), less = has_more(b, a);

    return more ? (less ? PNCOUNTER_CONCURRENT : PNCOUNTER_AHEAD)
                : (less ? PNCOUNTER_BEHIND : PNCOUNTER_EQUAL);
}

static void check_order(const struct host *host, const struct pncounter *a,
                        const struct pncounter *b)
{
    if (pncounter_compare(a, b) != order_of(a, b))
        checks_fail(host->cluster->checks, CHECK_VALUE, host->index,
                    "compares its state wrongly with another",
                    "expected the order of their totals, found another");
}

void conduct_order(const struct host *host, const struct pncounter *earlier,
                   const struct pncounter *later)
{
    const struct cluster *cluster = host->cluster;
    const struct carried *other = cluster->hosts[(host->index + 1) % cluster->nodes].shown.written;

    if (has_more(earlier, later))
        checks_fail(cluster->checks, CHECK_FALL, host->index, "shows less than when it wrote last",
                    "expected all of that, found less");
    check_order(host, earlier, later);
    check_order(host, later, earlier);
    if (!other)
        return;
    check_order(host, later, &other->counter);
    check_order(host, &other->counter, later);
}

/* ---- memory ---- */

void conduct_starved(const struct host *host, uint32_t from, const struct message *msg)
{
    if (host->node.phase != NODE_RUNNING || from == host->index || host->seen.unmerged ||
        !has_more(msg->state, &host->node.counter))
        return;
    checks_fail(host->cluster->checks, CHECK_LOG, host->index,
                "does not say 'merge failed', and has not merged",
                "expected all that it was given, or a word on that, found neither");
}
