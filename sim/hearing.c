/* What is known before a message, and whether that and the message make what is known behind it. */
#include "sim/hearing.h"

#include "core/peers.h"
#include "sim/checks.h"

/* As core/claims.h says, but not by its function: that may be what is wrong. */
static bool is_newer(const struct claim *claim, const struct claim *known)
{
    return claim->incarnation == known->incarnation ? claim->left && !known->left
                                                    : claim->incarnation > known->incarnation;
}

/* The claim that @peers keep of @address; false, and nobody has claimed anything, when none. */
static bool look_up(const struct peers *peers, dc_name address, struct claim *ret)
{
    uint32_t low = 0, high = peers->claims_len;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (peers->claims[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    *ret = (struct claim){.address = address};
    if (low < peers->claims_len && peers->claims[low].address == address) {
        *ret = peers->claims[low];
        return true;
    }
    return false;
}

/*
 * How many messages a pull is worth. Who leaves is asked besides for what it has and
 * this node lacks, once all is durable here. One that says something else of its
 * sender may be worth more.
 */
static void count_due(struct hearing *hearing, const struct node *node, uint32_t from,
                      const struct message *msg)
{
    struct claim known = {.left = false};

    hearing->is_counted =
        msg->kind == MESSAGE_PULL && node->phase == NODE_RUNNING && from != node->peers.self;
    hearing->is_farewell = false;
    for (uint32_t i = 0; i < msg->mem_len; i++) {
        if (msg->mem[i].address != from)
            continue;
        hearing->is_farewell = hearing->is_counted && msg->mem[i].left;
        hearing->is_counted = hearing->is_farewell;
    }
    if (node->peers.claims_len > 0)
        (void)look_up(&node->peers, from, &known);
    hearing->messages_due = known.left ? 2 : 1;
    if (hearing->is_farewell)
        hearing->messages_due =
            hearing->due == MESSAGE_PUSH && ledger_is_safe(&node->ledger) ? 2 : 1;
}

void hearing_begin(struct hearing *hearing, struct node *node, uint32_t from,
                   const struct message *msg)
{
    hearing->leaving = node->phase == NODE_LEAVING;
    hearing->digest = msg->digest;
    hearing->peers = peers_count(&node->peers);
    hearing->due = (enum message_kind)0;
    if (msg->kind == MESSAGE_PULL)
        hearing->due = msg->digest == node_digest(node) ? MESSAGE_ACK
                       : node->counter.len > 0          ? MESSAGE_PUSH
                                                        : MESSAGE_PULL;
    count_due(hearing, node, from, msg);
    hearing->len = msg->mem_len;
    for (uint32_t i = 0; i < msg->mem_len; i++) {
        hearing->claims[i].heard = msg->mem[i];
        hearing->claims[i].is_known =
            look_up(&node->peers, msg->mem[i].address, &hearing->claims[i].known) ||
            peers_know(&node->peers, msg->mem[i].address);
    }
}

/* It has heard that it left, or of an incarnation of its own. */
static void check_self(const struct hearing *hearing, struct checks *checks,
                       const struct node *node, uint32_t index, const struct claim *heard)
{
    struct claim least = *heard, found = {.address = heard->address};

    if (hearing->leaving || heard->incarnation == UINT32_MAX)
        return;
    found.incarnation = node->peers.incarnation;
    if (least.left)
        least.incarnation++;
    least.left = false;
    if (found.incarnation < least.incarnation)
        checks_member(checks, index, &least, &found);
}

/* Nothing was known of it: it may be of no interest, but if it is learned, then as it was told. */
static void check_first(struct checks *checks, const struct node *node, uint32_t index,
                        const struct claim *heard)
{
    struct claim found;

    (void)look_up(&node->peers, heard->address, &found);
    if (peers_know(&node->peers, heard->address) && found.incarnation < heard->incarnation)
        checks_member(checks, index, heard, &found);
}

/* It has heard @heard of one that it knows: has it made of that what it has to? */
static bool is_taken(const struct node *node, const struct claim *due, const struct claim *heard,
                     struct claim *ret_found)
{
    (void)look_up(&node->peers, heard->address, ret_found);
    return ret_found->incarnation == due->incarnation && ret_found->left == due->left &&
           (due != heard || peers_know(&node->peers, heard->address) != due->left);
}

static void check_claims(const struct hearing *hearing, struct checks *checks,
                         const struct node *node, uint32_t index)
{
    for (uint32_t i = 0; i < hearing->len; i++) {
        const struct claim *known = &hearing->claims[i].known, *heard = &hearing->claims[i].heard;
        const struct claim *due = is_newer(heard, known) ? heard : known;
        struct claim found;

        checks_asked(checks, CHECK_MEMBER);
        if (heard->address == node->peers.self) {
            check_self(hearing, checks, node, index, heard);
            continue;
        }
        if (!hearing->claims[i].is_known) {
            check_first(checks, node, index, heard);
            continue;
        }
        if (!is_taken(node, due, heard, &found))
            checks_member(checks, index, due, &found);
    }
}

/* Without memory it may not keep what it hears, but it says so each time. */
static void check_refused(const struct hearing *hearing, struct checks *checks,
                          const struct node *node, uint32_t index, uint32_t refused)
{
    uint32_t lost = 0;

    for (uint32_t i = 0; i < hearing->len; i++) {
        const struct claim *known = &hearing->claims[i].known, *heard = &hearing->claims[i].heard;
        struct claim found;

        if (heard->address != node->peers.self && hearing->claims[i].is_known)
            lost += !is_taken(node, is_newer(heard, known) ? heard : known, heard, &found);
    }
    checks_asked(checks, CHECK_MEMBER);
    if (lost > refused)
        checks_fail(checks, CHECK_MEMBER, index, "forgets what it hears of others, and is silent",
                    "expected a word on each claim that it cannot keep, found fewer");
}

/* Who reads what a node says of itself knows whom it knows. */
static void check_said(const struct hearing *hearing, struct checks *checks,
                       const struct node *node, uint32_t index, const struct hearing_seen *seen)
{
    uint32_t due = hearing->peers + seen->learned - seen->left, found = peers_count(&node->peers);

    if (found != due)
        checks_peers(checks, index, due, found);
}

void hearing_end(const struct hearing *hearing, struct checks *checks, struct node *node,
                 uint32_t index, uint32_t from, const struct hearing_seen *seen)
{
    if (hearing->due != 0)
        checks_answer(checks, index, from, hearing->due, seen->sent);
    if (hearing->due != 0 && hearing->is_counted && seen->messages != hearing->messages_due)
        checks_answers(checks, index, from, hearing->messages_due, seen->messages);
    if (!seen->starved)
        check_claims(hearing, checks, node, index);
    else
        check_refused(hearing, checks, node, index, seen->refused);
    check_said(hearing, checks, node, index, seen);
    if (hearing->leaving && node->phase == NODE_LEFT && hearing->digest != node_digest(node))
        checks_left(checks, index, from);
}
