/* What a node makes of claims when it lacks memory: it keeps them, or says that it cannot. */
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
