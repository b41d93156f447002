/*
 * Members as bytes. Everything is checked before the first address is taken
 * over into the table of names.
 */
#include "core/claims.h"

#include <string.h>

#include <xxhash.h>

#include "core/contract.h"
#include "core/err.h"
#include "core/mark.h"
#include "core/names.h"
#include "core/pack.h"
#include "core/unpack.h"
#include "core/banned.h"

/* One claim but for its address: [address, ce and 4 bytes, state]. */
#define CLAIM_BYTES (1u + 5u + 1u)
/* Header and sum. */
#define HEAD_BYTES (1u + PACK_TOTAL_BYTES)

enum state {
    STATE_ALIVE = 0,
    STATE_LEFT = 1,
};

bool claims_can_tell(const struct names *names, dc_name address)
{
    uint32_t len;

    (void)names_bytes(names, address, &len);
    return len > 0 && len <= DC_ADDRESS_BYTES_MAX;
}

size_t claims_bytes(const struct names *names, const struct claim *claims, uint32_t len)
{
    size_t bytes = HEAD_BYTES;

    for (uint32_t i = 0; i < len; i++) {
        uint32_t address_len;
        (void)names_bytes(names, claims[i].address, &address_len);
        bytes += CLAIM_BYTES + pack_str_head_len(address_len) + address_len;
    }

    return bytes;
}

uint8_t *claims_put(uint8_t *at, const struct names *names, const struct claim *claims,
                    uint32_t len)
{
    PRE(len > 0, "there is something to tell");
    PRE(len <= DC_CLAIMS_MAX, "a message tells of few claims");

    uint8_t *head = at;
    uint8_t *first = at + HEAD_BYTES;

    at = first;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t address_len;
        const uint8_t *address = names_bytes(names, claims[i].address, &address_len);
        *at++ = 0x93;
        at = pack_str_head(at, address_len);
        memcpy(at, address, address_len);
        at += address_len;
        *at++ = 0xce;
        for (unsigned shift = 32; shift > 0; shift -= 8)
            *at++ = (uint8_t)(claims[i].incarnation >> (shift - 8));
        *at++ = claims[i].left ? STATE_LEFT : STATE_ALIVE;
    }
    *head++ = (uint8_t)(0x90 | (1 + len));
    *head++ = 0xcf;
    (void)pack_u64(head, XXH64(first, (size_t)(at - first), 0));

    return at;
}

/* A claim as it stands in a frame. */
struct raw {
    const uint8_t *address;
    uint32_t address_len;
    uint64_t incarnation;
    uint64_t state;
};

static int take_raw(struct unpack *unpack, struct raw *ret)
{
    uint32_t len;

    if (unpack_array(unpack, &len) < 0 || len != 3 ||
        unpack_bytes(unpack, &ret->address, &ret->address_len) < 0 ||
        unpack_uint(unpack, &ret->incarnation) < 0 || unpack_uint(unpack, &ret->state) < 0)
        return DC_EMSG_UNMARSHAL;
    if (ret->address_len == 0 || ret->address_len > DC_ADDRESS_BYTES_MAX ||
        ret->incarnation > UINT32_MAX || ret->state > STATE_LEFT)
        return DC_EMSG_UNMARSHAL;

    return 0;
}

static bool is_among(const struct raw *raws, uint32_t len, const struct raw *raw)
{
    for (uint32_t i = 0; i < len; i++) {
        if (raws[i].address_len == raw->address_len &&
            memcmp(raws[i].address, raw->address, raw->address_len) == 0)
            return true;
    }

    return false;
}

int claims_scan(struct unpack *unpack)
{
    struct raw raws[DC_CLAIMS_MAX];
    bool twice = false;
    uint32_t len;
    uint64_t sum;

    if (unpack_array(unpack, &len) < 0 || len < 2 || len > 1 + DC_CLAIMS_MAX ||
        unpack_uint(unpack, &sum) < 0)
        return DC_EMSG_UNMARSHAL;

    const uint8_t *first = unpack->at;
    for (uint32_t i = 0; i + 1 < len; i++) {
        int rc = take_raw(unpack, &raws[i]);
        if (rc < 0) {
            MARK(CLAIM_BAD_FORM);
            return rc;
        }
        twice |= is_among(raws, i, &raws[i]);
    }

    if (!twice && XXH64(first, (size_t)(unpack->at - first), 0) == sum)
        return 0;
    MARK(CLAIM_BAD_SUM);
    return DC_EMSG_VALIDATION;
}

/* Its handle. A new one only within the share of claims. */
static int read_address(struct names *names, const struct raw *raw, dc_name *ret_address)
{
    if (names_has_room(names, NAMES_OF_CLAIMS))
        return names_intern(names, raw->address, raw->address_len, ret_address);

    dc_name known = names_find(names, raw->address, raw->address_len);
    if (known == DC_NAME_NONE)
        return DC_ELIMIT;
    *ret_address = known;
    return 0;
}

int claims_read(struct unpack unpack, struct names *names, struct claim ret_claims[DC_CLAIMS_MAX],
                uint32_t *ret_len)
{
    uint32_t len = 0, taken = 0;
    uint64_t sum;

    (void)unpack_array(&unpack, &len);
    (void)unpack_uint(&unpack, &sum);
    for (uint32_t i = 0; i + 1 < len; i++) {
        struct raw raw = {0};
        struct claim *claim = &ret_claims[taken];
        (void)take_raw(&unpack, &raw);
        int rc = read_address(names, &raw, &claim->address);
        if (rc == DC_ELIMIT) {
            MARK(CLAIM_NO_ROOM);
            continue;
        }
        if (rc < 0)
            return rc;
        claim->incarnation = (uint32_t)raw.incarnation;
        claim->left = raw.state == STATE_LEFT;
        taken++;
    }
    *ret_len = taken;

    return 0;
}
