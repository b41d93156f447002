/* Checks of what a node knows of its peers: what it expected and what it saw. */
#include <inttypes.h>

#include "core/claims.h"
#include "sim/checks_inner.h"
#include "sim/text.h"

void checks_peers(struct checks *checks, uint32_t node, uint32_t due, uint32_t found)
{
    if (checks_violate(checks, "member", node,
                       "n%" PRIu32 " does not say whom it came to know or lost", node + 1))
        checks_expect(checks, "expected %" PRIu32 " peers by what it said, found %" PRIu32, due,
                      found);
}

static const char *claim_text(const struct claim *claim)
{
    return claim->left ? "left" : "alive";
}

void checks_member(struct checks *checks, uint32_t node, const struct claim *due,
                   const struct claim *found)
{
    char name[TEXT_NAME_MAX];

    text_name(name, checks->names, due->address);
    if (checks_violate(checks, "member", node, "n%" PRIu32 " has heard of %s what it does not keep",
                       node + 1, name))
        checks_expect(checks,
                      "expected %s in incarnation %" PRIu32 ", found %s in incarnation %" PRIu32,
                      claim_text(due), due->incarnation, claim_text(found), found->incarnation);
}

void checks_left(struct checks *checks, uint32_t node, uint32_t from)
{
    checks->asked[CHECK_MEMBER]++;
    if (checks_violate(checks, "member", node,
                       "n%" PRIu32 " has left, and n%" PRIu32 " has something else", node + 1,
                       from + 1))
        checks_expect(checks, "expected a peer with its digest, found another digest");
}

void checks_unknown(struct checks *checks, uint32_t node, uint32_t other)
{
    if (checks_violate(checks, "member", node, "n%" PRIu32 " does not know n%" PRIu32, node + 1,
                       other + 1))
        checks_expect(checks, "expected all that are there, in the end of a quiet");
}
