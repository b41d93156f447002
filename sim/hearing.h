/*
 * What a node has to make of a message, whatever its state is (core/node.h,
 * core/claims.h):
 *
 *   answer   a pull is answered by an ack if both have the same, else by a push,
 *            or by a pull if there is nothing to push; once, and who is back from
 *            leaving is asked besides
 *   member   of two claims about a node the newer one stays; one that says that a
 *            running node has left is refuted by it; and a node that leaves does
 *            so only once it has heard of somebody who has what it has
 *
 * They are built-in checks (sim/checks.h): a fault in them hardly ever keeps a
 * cluster from agreeing in the end.
 */
#ifndef DC_SIM_HEARING_H
#define DC_SIM_HEARING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/claims.h"
#include "core/message.h"
#include "core/node.h"

struct checks;

/* How things stand before a message is handed over. */
struct hearing {
    bool leaving;
    enum message_kind due; /* the answer to a pull; 0: none is due */
    bool is_counted;       /* a pull that says nothing of who sent it, or farewell: */
    uint32_t messages_due; /* so many are sent to it */
    bool is_farewell;      /* a pull whose sender says that it leaves */
    uint64_t digest;       /* of the message */
    uint32_t peers;        /* that it has */
    uint32_t len;
    struct {
        struct claim known, heard;
        bool is_known;
    } claims[DC_CLAIMS_MAX];
};

/* Has a node to make something of it, whatever its state is? Not of most acks. */
static inline bool hearing_matters(const struct node *node, const struct message *msg)
{
    return node->phase == NODE_LEAVING ||
           (node->phase == NODE_RUNNING && (msg->kind == MESSAGE_PULL || msg->mem_len > 0));
}

/* Of one that matters. */
void hearing_begin(struct hearing *hearing, struct node *node, uint32_t from,
                   const struct message *msg);

/* What a node did meanwhile. */
struct hearing_seen {
    uint32_t messages;      /* that it sent */
    enum message_kind sent; /* the last of them, or 0 */
    uint32_t learned, left; /* peers that came and went, as it says */
    bool confirms;          /* it told somebody that it is known to have left */
    uint32_t refused;       /* peers, or claims, that it says it could not keep */
    bool unmerged;          /* it says that it could not merge */
    bool starved;           /* a request for memory was refused: it could not keep all */
};

/* @node, of index @index, has taken the message, which came from node @from. */
void hearing_end(const struct hearing *hearing, struct checks *checks, struct node *node,
                 uint32_t index, uint32_t from, const struct hearing_seen *seen);

#endif
