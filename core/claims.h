/*
 * What a pull or an ack tells of membership, and its form in a frame: the
 * value of the key mem,
 *
 *   [sum, [address, incarnation, state], ...]
 *
 * with 1 to DC_CLAIMS_MAX claims, sum the XXH64 (seed 0) of all bytes of the
 * claims as they stand there, state 0 for alive and 1 for left. The sum is
 * what keeps a flipped bit from teaching an address that nobody has.
 *
 * A claim is newer than another of the same address when its incarnation is
 * higher, or equal and only it says left. Only the address itself raises its
 * incarnation, when it hears that it left and has not.
 *
 * Source: Das, Gupta, Motivala, "SWIM: scalable weakly-consistent
 * infection-style process group membership protocol", DSN 2002, section 4.2.
 */
#ifndef DC_CORE_CLAIMS_H
#define DC_CORE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/types.h"

struct names;
struct unpack;

struct claim {
    dc_name address;
    uint32_t incarnation;
    bool left;
};

/* Is @claim newer than what @known says of the same address? */
static inline bool claim_newer(const struct claim *claim, const struct claim *known)
{
    if (claim->incarnation != known->incarnation)
        return claim->incarnation > known->incarnation;
    return claim->left && !known->left;
}

/* Can @address be told? It has 1..DC_ADDRESS_BYTES_MAX bytes. */
bool claims_can_tell(const struct names *names, dc_name address);

/* Length of the value for @len claims, 1..DC_CLAIMS_MAX. */
size_t claims_bytes(const struct names *names, const struct claim *claims, uint32_t len);

/* Writes the value, claims_bytes() long, to @at. Returns its end. */
uint8_t *claims_put(uint8_t *at, const struct names *names, const struct claim *claims,
                    uint32_t len);

/*
 * Takes a value and checks all of it. Returns 0, or
 *
 * DC_EMSG_UNMARSHAL   not of this form: other types, no claim or too many, an
 *                     address of 0 or over DC_ADDRESS_BYTES_MAX bytes, an
 *                     incarnation over 2^32-1, a state that is none of the two
 * DC_EMSG_VALIDATION  the sum is another, or an address is there twice
 */
int claims_scan(struct unpack *unpack);

/*
 * Reads a value that claims_scan() has accepted, but for claims of a new address for which
 * @names has no room: who is known is heard all the same. Returns 0 or DC_ENOMEM.
 */
int claims_read(struct unpack unpack, struct names *names, struct claim ret_claims[DC_CLAIMS_MAX],
                uint32_t *ret_len);

#endif
