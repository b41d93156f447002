/* What a node owes those whom it hears: a word on claims that it cannot keep, and its answers. */
#include "sim/hearing.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/names.h"
#include "core/peers.h"
#include "sim/checks.h"
#include "sim/oracle.h"

#define NODES 3u

static const dc_name everybody[NODES] = {0, 1, 2};

Test(hearing, who_cannot_keep_a_claim_says_so)
{
    const struct message msg = {
        .kind = MESSAGE_ACK, .mem_len = 1, .mem = {{.address = 2, .incarnation = 1, .left = true}}};

    for (uint32_t said = 0; said < 2; said++) {
        struct hearing_seen seen = {.starved = true, .refused = said};
        struct names names;
        struct oracle oracle;
        struct checks checks;
        struct node node = {.phase = NODE_RUNNING};
        struct hearing hearing;

        names_init(&names, mem_heap());
        oracle_init(&oracle, NODES);
        checks_init(&checks, &oracle, &names, NODES);
        peers_init(&node.peers, mem_heap(), 0, everybody, NODES);
        hearing_begin(&hearing, &node, 1, &msg);
        hearing_end(&hearing, &checks, &node, 0, 1, &seen);
        if (said) {
            cr_expect(checks.violation.check == NULL, "%s", checks.violation.headline);
        } else {
            cr_assert(checks.violation.check != NULL);
            cr_expect(eq(str, (char *)checks.violation.check, (char *)"member"));
            cr_expect(strstr(checks.violation.headline, "n1 forgets what it hears of others, "
                                                        "and is silent") != NULL,
                      "%s", checks.violation.headline);
        }
        peers_release(&node.peers);
        checks_release(&checks);
        oracle_release(&oracle);
        names_release(&names);
    }
}

/* It says that it leaves: it is answered, and asked for what only it has, once all is durable. */
Test(hearing, who_leaves_is_asked_besides)
{
    for (unsigned turn = 0; turn < 8; turn++) {
        bool has_counts = turn & 1, same = turn & 2, durable = turn & 4;
        uint32_t due = has_counts && !same && durable ? 2 : 1;

        for (uint32_t sent = 1; sent <= 2; sent++) {
            struct hearing_seen seen = {.messages = sent};
            struct message msg = {
                .kind = MESSAGE_PULL, .mem_len = 1, .mem = {{.address = 1, .left = true}}};
            struct names names;
            struct oracle oracle;
            struct checks checks;
            struct node node = {.phase = NODE_RUNNING};
            struct hearing hearing;
            dc_name id;

            names_init(&names, mem_heap());
            cr_assert(names_intern(&names, "n1", 2, &id) == 0);
            oracle_init(&oracle, NODES);
            checks_init(&checks, &oracle, &names, NODES);
            peers_init(&node.peers, mem_heap(), 0, everybody, NODES);
            pncounter_init(&node.counter, mem_heap(), &names);
            node.ledger.durable = !durable;
            node.ledger.merged = !durable;
            if (has_counts)
                cr_assert(pncounter_raise(&node.counter, id, DC_INC, 1, NULL) >= 0);
            node.version = 1;
            msg.digest = node_digest(&node) + !same;
            hearing_begin(&hearing, &node, 1, &msg);
            node.peers.claims_len = 0;
            seen.sent = same ? MESSAGE_ACK : has_counts ? MESSAGE_PUSH : MESSAGE_PULL;
            seen.starved = true; /* of its claim this test has nothing to say */
            seen.refused = 1;
            hearing_end(&hearing, &checks, &node, 0, 1, &seen);
            bool holds = checks.violation.check == NULL;
            cr_expect(holds == (sent == due), "turn %u, sent %u", turn, sent);
            pncounter_release(&node.counter);
            peers_release(&node.peers);
            checks_release(&checks);
            oracle_release(&oracle);
            names_release(&names);
        }
    }
}
