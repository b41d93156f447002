/* Each check states what it expected and what it saw. */
#include "sim/checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/checks_inner.h"
#include "sim/fatal.h"
#include "sim/memory.h"
#include "sim/text.h"

const char *checks_name(enum check check)
{
    static const char *const names[CHECKS] = {
        [CHECK_FALL] = "fall",       [CHECK_LOG] = "log",       [CHECK_INVENTED] = "invented",
        [CHECK_DURABLE] = "durable", [CHECK_OK] = "ok",         [CHECK_DIGEST] = "digest",
        [CHECK_FRAME] = "frame",     [CHECK_LIMIT] = "limit",   [CHECK_ANSWER] = "answer",
        [CHECK_MEMBER] = "member",   [CHECK_MEMORY] = "memory", [CHECK_VALUE] = "value",
        [CHECK_FORGED] = "forged",
    };

    return names[check];
}

void checks_init(struct checks *checks, struct oracle *oracle, const struct names *names,
                 uint32_t nodes)
{
    *checks =
        (struct checks){.oracle = oracle, .names = names, .nodes = nodes, .starting = UINT32_MAX};
    checks->prints = fatal_calloc(nodes, sizeof(*checks->prints));
    checks->counted = fatal_calloc(nodes, sizeof(*checks->counted));
    checks->sums = fatal_calloc(nodes, sizeof(*checks->sums));
    census_init(&checks->census, nodes);
    checks->digests_cap = 1024;
    checks->digests = fatal_calloc(checks->digests_cap, sizeof(*checks->digests));
}

void checks_release(struct checks *checks)
{
    free(checks->prints);
    free(checks->counted);
    free(checks->sums);
    weights_release(&checks->weights);
    free(checks->digests);
    census_release(&checks->census);
    *checks = (struct checks){0};
}

void checks_up(struct checks *checks, uint32_t node)
{
    checks->counted[node] = checks->prints[node];
    census_add(&checks->census, checks->counted[node]);
}

void checks_down(struct checks *checks, uint32_t node)
{
    census_remove(&checks->census, checks->counted[node]);
}

void checks_moved(struct checks *checks, uint32_t node)
{
    checks_down(checks, node);
    checks_up(checks, node);
}

void checks_forget(struct checks *checks, uint32_t node)
{
    checks->prints[node] = (struct fingerprint){0};
    checks->sums[node] = 0;
}

bool checks_violate(struct checks *checks, const char *check, uint32_t node, const char *format,
                    ...)
{
    struct violation *violation = &checks->violation;
    va_list args;

    if (violation->check)
        return false;
    violation->check = check;
    violation->node = node;
    va_start(args, format);
    vsnprintf(violation->headline, sizeof(violation->headline), format, args);
    va_end(args);
    return true;
}

void checks_expect(struct checks *checks, const char *format, ...)
{
    struct violation *violation = &checks->violation;
    va_list args;

    va_start(args, format);
    vsnprintf(violation->label, sizeof(violation->label), format, args);
    va_end(args);
}

static const char *side_text(enum dc_side side)
{
    return side == DC_INC ? "increments" : "decrements";
}

/* The label of a half of @id: the sums that are possible, and what was found. */
static void expect_sums(struct checks *checks, dc_name id, enum dc_side side, enum oracle_view view,
                        uint64_t found)
{
    char text[SUMS_TEXT_MAX];
    struct sums sums;

    oracle_sums(checks->oracle, id, side, view, &sums);
    checks_expect(checks, "expected %s, found %" PRIu64, sums_text(text, &sums), found);
    sums_release(&sums);
}

/* Has its node counted under others as well? Then what belongs to it is not all that was asked. */
static bool is_one_of_several(const struct checks *checks, dc_name id)
{
    uint32_t owner = oracle_owner(checks->oracle, id);

    return owner != ORACLE_NOBODY && (id != owner || checks->oracle->current[owner] != id);
}

/* @node shows more of an id than was ever asked for. Returns whether that is so. */
static bool too_much(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                     uint64_t now, const char *name)
{
    char most[TEXT_WIDE_MAX];

    if (now <= oracle_most(checks->oracle, id, side))
        return false;
    if (checks_violate(checks, "invented", node,
                       is_one_of_several(checks, id)
                           ? "n%" PRIu32 " shows more %s of %s than belong to that id"
                           : "n%" PRIu32 " shows %s of %s that no client asked for",
                       node + 1, side_text(side), name))
        checks_expect(checks, "expected at most %s, found %" PRIu64,
                      text_wide(most, (i128)oracle_most(checks->oracle, id, side)), now);
    return true;
}

/* @node shows what nobody has shown of it, under an id of its own: is it right? */
static void own_total(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                      uint64_t now, const char *name)
{
    bool known, less = now < oracle_own(checks->oracle, id, side);
    const char *why;

    if (oracle_possible(checks->oracle, id, side, ORACLE_NODE, now) ||
        too_much(checks, node, id, side, now, name))
        return;
    known = oracle_possible(checks->oracle, id, side, ORACLE_CLIENTS, now);
    why = less                            ? "than clients were told are done"
          : !known                        ? "that are no sum of what clients asked for"
          : is_one_of_several(checks, id) ? "that no sync has covered under that id"
                                          : "that no sync has covered";
    if (checks_violate(checks,
                       less    ? "ok"
                       : known ? "durable"
                               : "invented",
                       node, "n%" PRIu32 " shows %s%s of %s %s", node + 1, less ? "fewer " : "",
                       side_text(side), name, why))
        expect_sums(checks, id, side, known || less ? ORACLE_NODE : ORACLE_CLIENTS, now);
}

/* @node shows of another's what that has never shown. */
static void others_total(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                         uint64_t now, const char *name)
{
    if (!too_much(checks, node, id, side, now, name) &&
        checks_violate(checks, "invented", node,
                       "n%" PRIu32 " shows %s of %s that it never showed itself", node + 1,
                       side_text(side), name))
        checks_expect(checks, "expected what it has shown, at last %" PRIu64 ", found %" PRIu64,
                      oracle_last(checks->oracle, id, side), now);
}

/* A half that is not what its own node has shown last: it fell, or is new, or old, or wrong. */
static void look_closer(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                        uint64_t old, uint64_t now)
{
    uint32_t owner = oracle_owner(checks->oracle, id);
    char name[TEXT_NAME_MAX];

    text_name(name, checks->names, id);
    if (now <= old && checks_violate(checks, "fall", node, "n%" PRIu32 ": %s of %s fell", node + 1,
                                     side_text(side), name))
        checks_expect(checks, "expected at least %" PRIu64 ", found %" PRIu64, old, now);
    if (owner == ORACLE_NOBODY) {
        if (checks_violate(checks, "invented", node,
                           "n%" PRIu32 " shows %s of %s, which is no node", node + 1,
                           side_text(side), name))
            checks_expect(checks, "expected only ids of the cluster, found %" PRIu64 " %s of %s",
                          now, side_text(side), name);
        return;
    }
    if (oracle_has_shown(checks->oracle, id, side, now) ||
        (owner == node && checks->starting == node))
        return;
    if (owner != node || checks->oracle->current[node] != id) {
        others_total(checks, node, id, side, now, name);
        return;
    }
    own_total(checks, node, id, side, now, name);
    oracle_shows(checks->oracle, id, side, now);
}

void checks_raised(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                   uint64_t old, uint64_t now)
{
    checks->asked[CHECK_FALL]++;
    checks->asked[CHECK_INVENTED]++;
    checks->asked[CHECK_DURABLE]++;
    if (now <= old || now != oracle_last(checks->oracle, id, side))
        look_closer(checks, node, id, side, old, now);
    checks->sums[node] += (now - old) * weights_at(&checks->weights, id, side);
    fingerprint_raise(&checks->prints[node], id, side, old, now);
}

/* What @node did under @id and clients were told is done, or not. */
static void check_own(struct checks *checks, uint32_t node, dc_name id,
                      const struct pncounter *state)
{
    checks->asked[CHECK_OK]++;
    for (int i = DC_INC; i <= DC_DEC; i++) {
        enum dc_side side = (enum dc_side)i;
        uint64_t found = pncounter_total(state, id, side);

        if (oracle_possible(checks->oracle, id, side, ORACLE_NODE, found))
            continue;
        if (checks_violate(checks, "ok", node,
                           found < oracle_own(checks->oracle, id, side)
                               ? "n%" PRIu32 " lacks %s of its own that clients were told are done"
                               : "n%" PRIu32
                                 " shows %s of its own that do not fit what clients were told",
                           node + 1, side_text(side)))
            expect_sums(checks, id, side, ORACLE_NODE, found);
    }
}

/* ---- starts ---- */

void checks_starting(struct checks *checks, uint32_t node)
{
    checks->starting = node;
}

/* What @node has read of one half of an id of its own. */
static void check_read(struct checks *checks, uint32_t node, dc_name id, enum dc_side side,
                       uint64_t total, bool kept)
{
    char name[TEXT_NAME_MAX];

    if (total == 0 || oracle_has_shown(checks->oracle, id, side, total))
        return;
    text_name(name, checks->names, id);
    if (kept || !oracle_leaves(checks->oracle, id, side, total))
        own_total(checks, node, id, side, total, name);
    oracle_shows(checks->oracle, id, side, total);
}

void checks_started(struct checks *checks, uint32_t node, const struct pncounter *state, bool kept)
{
    checks->starting = UINT32_MAX;
    for (uint32_t i = 0; i < state->len; i++) {
        dc_name id = state->ids[i];

        if (oracle_owner(checks->oracle, id) != node)
            continue;
        check_read(checks, node, id, DC_INC, state->inc[i], kept);
        check_read(checks, node, id, DC_DEC, state->dec[i], kept);
    }
}

static void check_half_kept(struct checks *checks, uint32_t node, const struct pncounter *state,
                            dc_name id, enum dc_side side, uint64_t synced)
{
    uint64_t found = pncounter_total(state, id, side);
    char name[TEXT_NAME_MAX];

    if (found < synced &&
        checks_violate(checks, "fall", node,
                       "n%" PRIu32
                       ": %s of %s, which a sync had confirmed, are gone after a restart",
                       node + 1, side_text(side), text_name(name, checks->names, id)))
        checks_expect(checks, "expected at least %" PRIu64 ", found %" PRIu64, synced, found);
}

void checks_kept(struct checks *checks, uint32_t node, const struct pncounter *state,
                 const struct pncounter *synced)
{
    checks->asked[CHECK_FALL]++;
    for (uint32_t i = 0; i < synced->len; i++) {
        check_half_kept(checks, node, state, synced->ids[i], DC_INC, synced->inc[i]);
        check_half_kept(checks, node, state, synced->ids[i], DC_DEC, synced->dec[i]);
    }
}

void checks_restart(struct checks *checks, uint32_t node, dc_name id, const struct pncounter *state,
                    const struct pncounter *synced)
{
    check_own(checks, node, id, state);
    checks_kept(checks, node, state, synced);
}

void checks_same_id(struct checks *checks, uint32_t node, bool renamed)
{
    checks->asked[CHECK_FALL]++;
    if (renamed &&
        checks_violate(checks, "fall", node,
                       "n%" PRIu32 " has given up its id, and its disk has lost nothing", node + 1))
        checks_expect(checks, "expected the id that a sync had confirmed, found a new one");
}

void checks_new_id(struct checks *checks, uint32_t node, dc_name id, bool drawn)
{
    char name[TEXT_NAME_MAX];

    if (!drawn && checks_violate(checks, "fall", node,
                                 "n%" PRIu32 " goes on under an id that may come again", node + 1))
        checks_expect(checks, "expected its name and all of what it drew, found %s",
                      text_name(name, checks->names, id));
}

void checks_durable(struct checks *checks, uint32_t node, bool covered)
{
    checks->asked[CHECK_DURABLE]++;
    if (!covered &&
        checks_violate(checks, "durable", node,
                       "n%" PRIu32 " told a client ok before a sync had covered what it asked",
                       node + 1))
        checks_expect(checks, "expected a sync that began when it was written, found none");
}

void checks_ok(struct checks *checks, uint32_t node, const struct pncounter *state)
{
    check_own(checks, node, checks->oracle->current[node], state);
}

/* One more of the counts that went, behind those before. */
static void add_gone(struct violation *violation, const char *name, enum dc_side side,
                     uint64_t missing)
{
    size_t len = strlen(violation->label);

    snprintf(violation->label + len, sizeof(violation->label) - len, "%s%s %s%" PRIu64,
             len > 0 ? ", " : "expected nothing to go with it, found ", name,
             side == DC_INC ? "+" : "-", missing);
}

void checks_gone(struct checks *checks, uint32_t node, dc_name id, enum dc_side side, uint64_t done,
                 u128 held)
{
    struct violation *violation = &checks->violation;
    char name[TEXT_NAME_MAX];

    checks->asked[CHECK_OK]++;
    if (held >= done)
        return;
    if (checks_violate(checks, "ok", node,
                       "n%" PRIu32 " has left with counts that clients were told are done",
                       node + 1))
        checks->gone = true;
    if (checks->gone && violation->node == node)
        add_gone(violation, text_name(name, checks->names, id), side, done - (uint64_t)held);
}

void checks_state(struct checks *checks, uint32_t node, const struct pncounter *state)
{
    checks->asked[CHECK_LOG]++;
    if (weights_sum(&checks->weights, state) != checks->sums[node] &&
        checks_violate(checks, "log", node, "n%" PRIu32 " changed its state without a word",
                       node + 1))
        checks_expect(checks,
                      "expected the sum of all that it reported as raised, found another state");
    checks_ok(checks, node, state);
}

static struct digest_slot *digest_slot_of(struct checks *checks, uint64_t digest)
{
    size_t mask = checks->digests_cap - 1;
    size_t at = (size_t)digest & mask;

    while (checks->digests[at].used && checks->digests[at].digest != digest)
        at = (at + 1) & mask;
    return &checks->digests[at];
}

static void digests_grow(struct checks *checks)
{
    struct digest_slot *old = checks->digests;
    size_t old_cap = checks->digests_cap;

    checks->digests_cap *= 2;
    checks->digests = fatal_calloc(checks->digests_cap, sizeof(*checks->digests));
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].used)
            *digest_slot_of(checks, old[i].digest) = old[i];
    free(old);
}

void checks_digest(struct checks *checks, uint32_t node, uint64_t digest, struct fingerprint print)
{
    struct digest_slot *slot = digest_slot_of(checks, digest);

    checks->asked[CHECK_DIGEST]++;
    if (!slot->used) {
        *slot = (struct digest_slot){.digest = digest, .print = print, .used = true};
        if (++checks->digests_len * 2 > checks->digests_cap)
            digests_grow(checks);
        return;
    }
    if (!fingerprint_equal(slot->print, print) &&
        checks_violate(checks, "digest", node,
                       "n%" PRIu32 " gives a digest that another state has: %016" PRIx64, node + 1,
                       digest)) {
        checks_expect(checks, "expected 1 state with this digest, found 2");
        checks->violation.digest = digest;
    }
}

void checks_form(struct checks *checks, uint32_t node, uint64_t found, uint64_t due)
{
    checks->asked[CHECK_DIGEST]++;
    if (found != due &&
        checks_violate(checks, "digest", node,
                       "n%" PRIu32 " gives a digest that its state does not have", node + 1))
        checks_expect(checks, "expected %016" PRIx64 ", found %016" PRIx64, due, found);
}

void checks_frame(struct checks *checks, uint32_t node, int err, bool same, uint64_t sent,
                  const struct pncounter *got)
{
    checks->asked[CHECK_FRAME]++;
    if (err < 0) {
        if (checks_violate(checks, "frame", node, "n%" PRIu32 " sent a frame that cannot be read",
                           node + 1))
            checks_expect(checks,
                          "expected a frame that decodes to what it meant, found an error: %s",
                          err_text(err));
    } else if (!same) {
        if (checks_violate(checks, "frame", node,
                           "n%" PRIu32 " sent a frame that says something else", node + 1))
            checks_expect(checks,
                          "expected a frame that decodes to what it meant, found another sender, "
                          "digest or claim");
    } else if (got && weights_sum(&checks->weights, got) != sent) {
        if (checks_violate(checks, "frame", node,
                           "n%" PRIu32 " sent a frame that decodes to another state", node + 1))
            checks_expect(checks,
                          "expected a frame that decodes to what it meant, found another state");
    }
}

static const char *taken_text(int err)
{
    return err == 0 ? "a message" : err_text(err);
}

void checks_forged(struct checks *checks, uint32_t node, uint32_t from,
                   const struct checks_forged *seen)
{
    checks->asked[CHECK_FORGED]++;
    if (seen->found == seen->due && !seen->left_names && !seen->misread && !seen->changed)
        return;
    if (!checks_violate(checks, "forged", node,
                        "n%" PRIu32 " is taken in by a forged frame of n%" PRIu32 ": %s", node + 1,
                        from + 1, seen->wrong))
        return;
    if (seen->found != seen->due)
        checks_expect(checks, "expected %s, found %s", taken_text(seen->due),
                      taken_text(seen->found));
    else if (seen->left_names)
        checks_expect(checks, "expected nothing that is left of it, found names");
    else if (seen->misread)
        checks_expect(checks, "expected what it says, found something else");
    else
        checks_expect(checks, "expected nothing to come of it, found another state or an answer");
}

void checks_unsteady(struct checks *checks, uint32_t node, uint32_t from)
{
    if (checks_violate(checks, "frame", node,
                       "n%" PRIu32 " reads behind the end of a strange frame of n%" PRIu32,
                       node + 1, from + 1))
        checks_expect(checks, "expected the same whatever lies behind it, found something else");
}

void checks_untidy(struct checks *checks, uint32_t node, uint32_t from)
{
    if (checks_violate(checks, "frame", node,
                       "n%" PRIu32 " refuses a strange frame of n%" PRIu32 ", and keeps part of it",
                       node + 1, from + 1))
        checks_expect(checks, "expected an empty state and no message, found something");
}

void checks_over(struct checks *checks, uint32_t node, const char *what, uint64_t found,
                 uint64_t limit)
{
    if (checks_violate(checks, "limit", node, "n%" PRIu32 ": %s is past its limit", node + 1, what))
        checks_expect(checks, "expected at most %" PRIu64 ", found %" PRIu64, limit, found);
}

void checks_asked(struct checks *checks, enum check check)
{
    checks->asked[check]++;
}

void checks_answer(struct checks *checks, uint32_t node, uint32_t from, enum message_kind due,
                   enum message_kind found)
{
    checks->asked[CHECK_ANSWER]++;
    if (found != due && checks_violate(checks, "answer", node,
                                       "n%" PRIu32 " does not answer n%" PRIu32 " as it has to",
                                       node + 1, from + 1))
        checks_expect(checks, "expected %s, found %s", message_kind_text(due),
                      found == 0 ? "no answer" : message_kind_text(found));
}

void checks_answers(struct checks *checks, uint32_t node, uint32_t from, uint32_t due,
                    uint32_t found)
{
    if (checks_violate(checks, "answer", node,
                       "n%" PRIu32 " does not answer n%" PRIu32 " as often as it has to", node + 1,
                       from + 1))
        checks_expect(checks, "expected %" PRIu32 " messages, found %" PRIu32, due, found);
}

void checks_asks(struct checks *checks, uint32_t node, const char *what, uint32_t due,
                 uint32_t found)
{
    if (checks_violate(checks, "answer", node,
                       "n%" PRIu32 " does not ask or tell its peers as it has to", node + 1))
        checks_expect(checks, "expected %" PRIu32 " %s, found %" PRIu32, due, what, found);
}

void checks_reply(struct checks *checks, uint32_t node, bool known, bool waits)
{
    const char *what = !known  ? "a client that never asked"
                       : waits ? "a client of another node"
                               : "a client twice";

    checks->asked[CHECK_ANSWER]++;
    if (!checks_violate(checks, "answer", node, "n%" PRIu32 " answered %s", node + 1, what))
        return;
    checks_expect(checks, known && !waits ? "expected 1 answer to a request, found 2"
                                          : "expected a request of its own that waits, found none");
}

void checks_memory(struct checks *checks, uint32_t node, const struct memory *memory)
{
    checks->asked[CHECK_MEMORY]++;
    if (memory->spoilt &&
        checks_violate(checks, "memory", node, "n%" PRIu32 " wrote behind a block of its memory",
                       node + 1))
        checks_expect(checks, "expected what lies behind to stay as it is, found it changed");
    if (memory->in_use > 0 && checks_violate(checks, "memory", node,
                                             "n%" PRIu32 " has ended, and holds memory", node + 1))
        checks_expect(checks, "expected 0 bytes in use, found %" PRIu64, memory->in_use);
}

void checks_value(struct checks *checks, uint32_t node, const char *what, int err, int64_t found,
                  i128 due)
{
    bool fits = due >= INT64_MIN && due <= INT64_MAX;
    char wide[TEXT_WIDE_MAX];

    checks->asked[CHECK_VALUE]++;
    if (err == (fits ? 0 : DC_ERANGE) && (!fits || found == due))
        return;
    if (checks_violate(checks, "value", node, "n%" PRIu32 " gives a value of %s that is another",
                       node + 1, what))
        checks_expect(checks, "expected %s, found %" PRId64 " and the error %d",
                      text_wide(wide, due), found, err);
}

void checks_fail(struct checks *checks, enum check check, uint32_t node, const char *what,
                 const char *label)
{
    if (checks_violate(checks, checks_name(check), node, "n%" PRIu32 " %s", node + 1, what))
        checks_expect(checks, "%s", label);
}
